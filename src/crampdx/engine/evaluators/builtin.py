"""Every criterion at once, in plain Python, without a compiler.

Most of what a patient could have is not known, so little is looked at: each conjunction is filed
once, under one of its atoms, and only those filed under an atom that holds are looked at. They are
filed under the atom that is settled last, because the others are settled by then, and among those
under the rarest, because that one holds least often.

The findings of the record are settled first, then each stratum of derived findings. So a finding is
walked once, when its state is final.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from crampdx.engine.evaluators.decisions import NOTHING, Decisions, decisions_of
from crampdx.engine.evaluators.protocol import Inference, Verdict
from crampdx.engine.evaluators.strata import strata
from crampdx.knowledge.criteria import Atom, Criterion
from crampdx.knowledge.normal_forms import Conjunction

__all__ = ["BuiltinEvaluator"]

# Plain tuples, since Python unpacks those a good deal faster than named ones.

Longer = tuple[tuple[Atom, ...], tuple[int, ...], tuple[int, ...]]
"""A conjunction of three atoms or more: those beside the first two; what it makes true, and false.

What is made true or false are criteria, by their index."""

Pair = tuple[str, bool, tuple[int, ...], tuple[int, ...], tuple[Longer, ...]]
"""A second atom, its finding and state: what both make true, and false; what asks for more."""

Filed = tuple[tuple[int, ...], tuple[int, ...], tuple[Pair, ...]]
"""Under an atom: what it makes true, and false; what asks for more."""

Derived = tuple[str, int, Filed | None, Filed | None]
"""A derived finding, the index of its verdict, and what is filed under its presence and absence."""


class BuiltinEvaluator:
    """All criteria of a knowledge base, filed under the atoms that decide them."""

    def __init__(self, criteria: Sequence[Criterion], derived: Mapping[str, Criterion]) -> None:
        """Compile.

        Args:
            criteria: What is to be evaluated.
            derived: The criteria of derived findings, by the finding's id.

        Raises:
            InferenceError: Derived findings go in a circle.
        """
        layers = strata(derived)
        depths = {name: depth for depth, layer in enumerate(layers, 1) for name in layer}
        indexes = {name: index for index, name in enumerate(depths, len(criteria))}
        decisions = decisions_of(
            {**dict(enumerate(criteria)), **{indexes[name]: derived[name] for name in depths}}
        )
        self._size = len(criteria)
        self._at_first: list[Verdict] = [None] * (len(criteria) + len(depths))
        _put(*decisions.pop(frozenset(), NOTHING), self._at_first)
        filed = _filed(decisions, depths)
        self._layers: list[list[Derived]] = [
            [
                (
                    name,
                    indexes[name],
                    filed.pop(Atom(name, True), None),
                    filed.pop(Atom(name, False), None),
                )
                for name in layer
            ]
            for layer in layers
        ]
        self._present = {atom.finding: found for atom, found in filed.items() if atom.present}
        self._absent = {atom.finding: found for atom, found in filed.items() if not atom.present}

    def infer(self, states: Mapping[str, bool]) -> Inference:
        """Evaluate; see `crampdx.engine.evaluators.protocol.Evaluator`."""
        known = dict(states)
        verdicts = self._at_first.copy()
        present, absent = self._present.get, self._absent.get
        settled = [
            found
            for name, state in known.items()
            if (found := present(name) if state else absent(name)) is not None
        ]
        _decide(settled, known, verdicts)
        for layer in self._layers:
            settled = []
            for name, index, if_present, if_absent in layer:
                if (verdict := verdicts[index]) is not None:
                    known[name] = verdict
                elif (verdict := known.get(name)) is None:
                    continue
                if (found := if_present if verdict else if_absent) is not None:
                    settled.append(found)
            _decide(settled, known, verdicts)
        del verdicts[self._size :]
        return Inference(verdicts, known)


def _decide(settled: Iterable[Filed], known: Mapping[str, bool], verdicts: list[Verdict]) -> None:
    """Put into the list what the conjunctions decide that are filed under these atoms and hold."""
    state_of = known.get
    true: list[int] = []
    false: list[int] = []
    for made_true, made_false, pairs in settled:
        true += made_true
        false += made_false
        for finding, present, made_true, made_false, longer in pairs:
            if state_of(finding) is not present:
                continue
            true += made_true
            false += made_false
            for others, made_true, made_false in longer:
                for finding, present in others:
                    if state_of(finding) is not present:
                        break
                else:
                    true += made_true
                    false += made_false
    _put(true, false, verdicts)


def _put(true: Iterable[int], false: Iterable[int], verdicts: list[Verdict]) -> None:
    for index in true:
        verdicts[index] = True
    for index in false:
        verdicts[index] = False


def _filed(
    decisions: Mapping[Conjunction, Decisions], depths: Mapping[str, int]
) -> dict[Atom, Filed]:
    """File each conjunction under the atom that is settled last and, among those, is rarest."""
    frequency = Counter(atom for conjunction in decisions for atom in conjunction)
    alone: dict[Atom, Decisions] = {}
    pairs: dict[Atom, dict[Atom, Decisions]] = defaultdict(dict)
    longer: dict[Atom, dict[Atom, list[Longer]]] = defaultdict(lambda: defaultdict(list))
    for conjunction, decided in decisions.items():
        rarest_first = sorted(conjunction, key=lambda atom: (frequency[atom], atom))
        last = max(rarest_first, key=lambda atom: depths.get(atom.finding, 0))
        match [atom for atom in rarest_first if atom != last]:
            case []:
                alone[last] = decided
            case [second]:
                pairs[last][second] = decided
            case [second, *others]:
                longer[last][second].append((tuple(others), *decided))
    return {
        first: (
            *alone.get(first, NOTHING),
            tuple(
                (
                    *second,
                    *pairs[first].get(second, NOTHING),
                    tuple(longer[first].get(second, ())),
                )
                for second in sorted({*pairs[first], *longer[first]})
            ),
        )
        for first in sorted({*alone, *pairs, *longer})
    }
