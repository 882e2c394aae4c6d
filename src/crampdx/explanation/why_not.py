"""Which lines of evidence of a cause did not fire, and the nearest change that would make them.

The nearest change is the fewest findings that would make a criterion true, if they were otherwise.
A criterion is resolved into its ways: sets of findings, each with the state it needs, that make it
true together. Derived findings are resolved into what they follow from, since no record can state
them. A way that asks for both a finding and the absence of what it implies is none. A way is the
nearer, the fewer of its findings are the opposite of what it needs, then the fewer are unknown.

The ways are built up part by part. Of more than `KEPT_WAYS` at a step the nearest are kept, so that
large criteria cost bounded time. What is found does make the criterion true, whatever was left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from crampdx.engine.evaluators.reference import Verdict, add_derived, evaluate
from crampdx.engine.evaluators.strata import in_order
from crampdx.engine.hypotheticals import Hypothesis, assume
from crampdx.engine.intake.claims import ResolvedFindings
from crampdx.engine.intake.vocabulary import Vocabulary
from crampdx.engine.ranking import CompiledLine, ScoredCause
from crampdx.engine.scoring import marginal
from crampdx.engine.trace import AssessmentTrace
from crampdx.explanation.parts import part_of, rule_of
from crampdx.explanation.positions import standing_of
from crampdx.explanation.results import Need, UnfiredLine, WhyNot
from crampdx.knowledge.criteria import AllOf, AtLeast, Atom, Criterion, atoms_of, parts_of
from crampdx.knowledge.normal_forms import Conjunction

__all__ = ["KEPT_WAYS", "MinimalChange", "find_unfired"]

KEPT_WAYS = 32
"""How many ways of making a part of a criterion true are kept, the nearest ones."""

NO_WAY = f"its conditions contradict one another (the {KEPT_WAYS} nearest ways were tried)"
"""Why nothing would make a line true."""

Cost = tuple[int, int, int, tuple[Atom, ...]]


def find_unfired(cause: str, trace: AssessmentTrace, nearest: MinimalChange) -> WhyNot:
    """Find the lines of a cause and of its group that did not fire, nearest first."""
    ranked = trace.scored[cause]
    lines = [
        _unfired(line, ranked, trace, nearest)
        for line in ranked.compiled.lines
        if ranked.verdicts[line.criterion] is not True
    ]
    return WhyNot(
        cause, ranked.cause.name, standing_of(cause, trace), tuple(sorted(lines, key=_order))
    )


def _unfired(
    line: CompiledLine, ranked: ScoredCause, trace: AssessmentTrace, nearest: MinimalChange
) -> UnfiredLine:
    criterion = line.evidence.when
    needs = _open_needs(criterion, trace)
    change = nearest.change(criterion)
    return UnfiredLine(
        rule=rule_of(line, trace.knowledge),
        adds=marginal(line, ranked.counted_by_cluster),
        verdict=ranked.verdicts[line.criterion],
        criterion=part_of(criterion, trace),
        false=tuple([need for need in needs if need.state is not None]),
        unknown=tuple([need for need in needs if need.state is None]),
        change=None if change is None else tuple(_needs(change.items(), trace)),
        obstacle=NO_WAY if change is None else "",
    )


def _needs(change: Iterable[tuple[str, bool]], trace: AssessmentTrace) -> Iterator[Need]:
    for name, present in change:
        yield Need(name, trace.knowledge.findings[name].name, present, trace.states.get(name))


def _order(line: UnfiredLine) -> tuple[bool, tuple[int, int], int, str]:
    """Nearest first, then heaviest; what nothing could make true is last."""
    return (line.change is None, line.distance, -abs(line.rule.weight), line.rule.id)


def _open_needs(criterion: Criterion, trace: AssessmentTrace) -> tuple[Need, ...]:
    """What keeps a criterion from being true: the findings of the parts that do not hold.

    Derived findings are resolved into those that a record can state. In the order of writing.
    """
    findings, states = trace.knowledge.findings, trace.states
    atoms = dict.fromkeys(_open_atoms(criterion, True, trace))
    return tuple(
        [Need(name, findings[name].name, present, states.get(name)) for name, present in atoms]
    )


def _open_atoms(criterion: Criterion, wanted: bool, trace: AssessmentTrace) -> Iterator[Atom]:
    """The atoms below all that is not yet as it is wanted."""
    todo = [(criterion, wanted)]
    done: set[Atom] = set()
    while todo:
        part, wish = todo.pop()
        parts = parts_of(part)
        if evaluate(part, trace.states) is wish:
            continue
        if parts:
            todo += [(below, wish) for below in reversed(parts)]
            continue
        written = next(atoms_of(part))
        atom = Atom(written.finding, written.present is wish)
        derived = trace.knowledge.findings[atom.finding].derived
        if derived is None:
            yield atom
        elif atom not in done:
            done.add(atom)
            todo.append((derived, atom.present))


# ---------------------------------------------------------------------------- the nearest change


class MinimalChange:
    """Finds the nearest change of one record's findings that makes a criterion true."""

    def __init__(self, resolved: ResolvedFindings, vocabulary: Vocabulary) -> None:
        """Arrange.

        Args:
            resolved: What the claims of the record come to.
            vocabulary: The findings, and what implies what.
        """
        self._resolved = resolved
        self._vocabulary = vocabulary
        self._derived = vocabulary.derived
        self._in_order = in_order(self._derived)
        self._ways_of_atom: dict[Atom, list[Conjunction]] = {}

    def change(self, criterion: Criterion) -> dict[str, bool] | None:
        """The findings to suppose, and as what; None where no way was found.

        Leaving any of them out does not make the criterion true.
        """
        changes = [self._change(way, criterion) for way in self._nearest(criterion)]
        return min(changes, key=lambda change: (len(change), sorted(change.items())), default=None)

    def verdict(self, criterion: Criterion, supposing: Hypothesis) -> Verdict:
        """The verdict of a criterion under a supposition."""
        states = assume(self._resolved, supposing, self._vocabulary).states
        add_derived(states, self._in_order)
        return evaluate(criterion, states)

    def _nearest(self, criterion: Criterion) -> list[Conjunction]:
        """The ways that are equally near, and nearer than all others."""
        ways = self._ways(criterion, True)
        return [way for way in ways if self._cost(way)[:2] == self._cost(ways[0])[:2]]

    def _change(self, way: Conjunction, criterion: Criterion) -> dict[str, bool]:
        """What of a way has to be supposed.

        What holds already is supposed too where it would be lost: where it rests on a finding
        that the change makes absent.
        """
        change = dict(way)
        for atom in sorted(way, key=lambda atom: (self._effort(atom), atom)):
            fewer = {name: state for name, state in change.items() if name != atom.finding}
            if self.verdict(criterion, fewer) is True:
                change = fewer
        return dict(sorted(change.items()))

    # ---- ways

    def _ways(self, criterion: Criterion, wanted: bool) -> list[Conjunction]:
        """The ways of making a criterion true, or false; the nearest first."""
        parts = parts_of(criterion)
        if not parts:
            atom = next(atoms_of(criterion))
            return self._ways_to(Atom(atom.finding, atom.present is wanted))
        needed = _needed(criterion, len(parts))
        needed = needed if wanted else len(parts) - needed + 1
        return self._chosen([self._ways(part, wanted) for part in parts], needed)

    def _ways_to(self, atom: Atom) -> list[Conjunction]:
        derived = self._derived.get(atom.finding)
        if derived is None:
            return [frozenset({atom})]
        if atom not in self._ways_of_atom:
            self._ways_of_atom[atom] = self._ways(derived, atom.present)
        return self._ways_of_atom[atom]

    def _chosen(self, forms: Sequence[list[Conjunction]], needed: int) -> list[Conjunction]:
        """The ways of making at least so many parts hold, built up part by part."""
        if needed <= 0:
            return [frozenset()]
        chosen: dict[int, list[Conjunction]] = {0: [frozenset()]}
        for left, form in zip(range(len(forms) - 1, -1, -1), forms, strict=True):
            grown: dict[int, set[Conjunction]] = {n: set(ways) for n, ways in chosen.items()}
            for count, ways in chosen.items():
                if count < needed:
                    more = (one | other for one in ways for other in form)
                    grown.setdefault(count + 1, set()).update(more)
            chosen = {n: self._kept(ways) for n, ways in grown.items() if n + left >= needed}
        return chosen.get(needed, [])

    def _kept(self, ways: Iterable[Conjunction]) -> list[Conjunction]:
        """The nearest ways that are possible, without those that a shorter one covers."""
        possible = {self._reduced(way) for way in ways if self._is_possible(way)}
        kept: list[Conjunction] = []
        for way in sorted(possible, key=self._cost):
            if len(kept) == KEPT_WAYS:
                break
            if not any(shorter <= way for shorter in kept):
                kept.append(way)
        return kept

    def _is_possible(self, way: Conjunction) -> bool:
        ancestors = self._vocabulary.ancestors
        absent = {atom.finding for atom in way if not atom.present}
        return not any(
            atom.finding in absent or not absent.isdisjoint(ancestors[atom.finding])
            for atom in way
            if atom.present
        )

    def _reduced(self, way: Conjunction) -> Conjunction:
        """A way without what its other findings imply."""
        above, below = self._vocabulary.ancestors, self._vocabulary.descendants
        implied = {
            Atom(name, atom.present)
            for atom in way
            for name in (above if atom.present else below)[atom.finding]
        }
        return way - implied

    def _cost(self, way: Conjunction) -> Cost:
        efforts = [self._effort(atom) for atom in way]
        return (efforts.count(2), efforts.count(1), len(way), tuple(sorted(way)))

    def _effort(self, atom: Atom) -> int:
        """0 for what holds, 1 for what is unknown, 2 for what is the opposite."""
        state = self._states.get(atom.finding)
        return 1 if state is None else 0 if state is atom.present else 2

    @property
    def _states(self) -> Mapping[str, bool]:
        return self._resolved.states


def _needed(criterion: Criterion, size: int) -> int:
    """How many of its parts a clause needs."""
    match criterion:
        case AllOf():
            return size
        case AtLeast(at_least=needed):
            return needed
        case _:
            return 1
