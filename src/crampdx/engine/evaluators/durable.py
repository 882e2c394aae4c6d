"""Every criterion at once, on the Rete network of durable_rules.

The network holds one rule for each distinct conjunction of the disjunctive form of every criterion
and of its negation, so that each verdict is true, false or unknown, as in
`crampdx.engine.evaluators.reference`. A conjunction of one atom or two needs no matching and is
looked up.
Only atoms that are already true reach the network, as one message for each patient and shard: no
comparison and no negation is left to the engine. A shard is asked where the three rarest atoms of
one of its rules hold.

What durable_rules 2.0.28 does not survive shapes the rest; `docs/decisions/0003-durable-rules.md`
has the measurements:

- Its `Host` starts threads. Only the C module is used here, which has none.
- More than 64 nodes waiting on its matching stack are an error. Rules are split into shards of at
  most `MAX_FINDINGS` findings, and atoms are in one fixed order, in each rule and each message.
- Property names are compared by a 32-bit hash alone. Names are chosen so that none collide.
- Making and deleting the state of a session costs more than matching. Sessions are used again, by
  one thread at a time; the message is retracted, and nothing of a patient stays in one.
- Deleting a state in which no action ever started frees a pointer that was never set, and the
  process dies. One rule fires for every message, and a new session is used once before the rest.
"""

from __future__ import annotations

import json
import weakref
from collections import Counter, defaultdict, deque
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any, NamedTuple

import durable_rules_engine as engine

from crampdx.engine.evaluators.decisions import NOTHING, Decisions, decisions_of
from crampdx.engine.evaluators.protocol import Inference, Verdict
from crampdx.engine.evaluators.strata import strata
from crampdx.errors import InferenceError
from crampdx.knowledge.criteria import Atom, Criterion, findings_in
from crampdx.knowledge.normal_forms import MAX_FINDINGS, Conjunction

__all__ = ["DurableRulesEvaluator"]

MAX_RULES = 1_000
"""The most rules of one shard; the engine refuses a ruleset of more than 4,096."""

SMALLEST_RULE = 3
"""The fewest atoms of a rule: a message with fewer fires none."""

_FACT = "m"
"""The id of the one message that a session holds at a time."""

_ALWAYS = "a"
"""The property that every message has, and its rule, which every message fires."""
_ALWAYS_RULE = -1

_session_ids = count()
_ruleset_ids = count()


def fnv1_32(name: str) -> int:
    """The hash by which durable_rules compares property names: 32-bit FNV-1a.

    >>> fnv1_32("a") == 0xE40C292C
    True
    """
    value = 0x811C9DC5
    for byte in name.encode("utf-8"):
        value = ((value ^ byte) * 16777619) & 0xFFFFFFFF
    return value


class Shard:
    """Some of the rules: a ruleset of durable_rules over at most `MAX_FINDINGS` findings."""

    def __init__(self, rules: Mapping[int, Conjunction], numbers: Mapping[str, int]) -> None:
        """Compile rules.

        Args:
            rules: Conjunctions by their number.
            numbers: A number for each finding, which fixes the order of atoms.
        """
        findings = sorted({a.finding for c in rules.values() for a in c}, key=numbers.__getitem__)
        if len(findings) > MAX_FINDINGS:
            raise InferenceError(f"a shard of {len(findings)} findings is too large")
        self.properties = _property_names(findings)
        order = {atom: index for index, atom in enumerate(self.properties)}
        definition: dict[str, Any] = {
            str(number): {
                "all": [
                    {
                        "m": {
                            "$and": [
                                {self.properties[atom]: 1}
                                for atom in sorted(conjunction, key=order.__getitem__)
                            ]
                        }
                    }
                ]
            }
            for number, conjunction in sorted(rules.items())
        }
        definition[str(_ALWAYS_RULE)] = {"all": [{"m": {_ALWAYS: 1}}]}
        self.findings = tuple(findings)
        self.present = {f: f'"{self.properties[Atom(f, True)]}":1' for f in findings}
        self.absent = {f: f'"{self.properties[Atom(f, False)]}":1' for f in findings}
        try:
            self.handle = engine.create_ruleset(
                f"crampdx{next(_ruleset_ids)}", json.dumps(definition)
            )
        except Exception as error:
            raise InferenceError(f"a ruleset does not compile: {error}") from error
        self._sessions: deque[str] = deque()
        weakref.finalize(self, _discard, self.handle, self._sessions).atexit = False

    def fired(self, states: Mapping[str, bool]) -> list[int]:
        """The numbers of the rules whose atoms are all true."""
        atoms = [
            self.present[finding] if states[finding] else self.absent[finding]
            for finding in self.findings
            if finding in states
        ]
        if len(atoms) < SMALLEST_RULE:
            return []
        session = self._free_session()
        try:
            numbers = self._activations(session, ",".join(atoms))
            engine.retract_fact(self.handle, f'{{"sid":"{session}","id":"{_FACT}"}}')
        except BaseException:
            engine.delete_state(self.handle, session)
            raise
        self._sessions.append(session)
        return numbers

    def _activations(self, session: str, atoms: str) -> list[int]:
        """The rules that fire for a message of these atoms; the message stays."""
        message = f'{{"sid":"{session}","id":"{_FACT}","{_ALWAYS}":1,{atoms}}}'
        _, state = engine.assert_fact(self.handle, message)
        activation: str | None = engine.start_action_for_state(self.handle, state)[1]
        numbers: list[int] = []
        while activation:
            numbers.append(int(activation[2 : activation.index('"', 2)]))
            activation = engine.complete_and_start_action(self.handle, state)
        numbers.remove(_ALWAYS_RULE)
        return numbers

    def _free_session(self) -> str:
        """A session that no other thread uses; a new one is used once before it may fail."""
        try:
            return self._sessions.pop()
        except IndexError:
            session = str(next(_session_ids))
        fact = f'{{"sid":"{session}","id":"{_FACT}","{_ALWAYS}":1}}'
        _, state = engine.assert_fact(self.handle, fact)
        engine.start_action_for_state(self.handle, state)
        engine.complete_and_start_action(self.handle, state)
        engine.retract_fact(self.handle, fact)
        return session


def _discard(handle: int, sessions: deque[str]) -> None:
    """Give back what the engine holds for a ruleset; its states are not freed with it."""
    for session in sessions:
        engine.delete_state(handle, session)
    engine.delete_ruleset(handle)


def _property_names(findings: Sequence[str]) -> dict[Atom, str]:
    """A short name for each atom, in order, no two alike by the engine's hash."""
    names: dict[Atom, str] = {}
    taken = {fnv1_32(reserved) for reserved in ("sid", "id", "$s", _ALWAYS)}
    numbers = count()
    for finding in findings:
        for present in (True, False):
            name = next(n for n in (f"p{i}" for i in numbers) if fnv1_32(n) not in taken)
            taken.add(fnv1_32(name))
            names[Atom(finding, present)] = name
    return names


def _sharded(conjunctions: Sequence[Conjunction], numbers: Mapping[str, int]) -> list[list[int]]:
    """Split conjunctions, by their index, so that each part has at most `MAX_FINDINGS` findings.

    Conjunctions are taken in the order of their findings, each into the shard where it adds the
    fewest findings, so that what belongs together stays together.
    """
    keys = [sorted({numbers[a.finding] for a in c}) for c in conjunctions]
    shards: list[tuple[set[int], list[int]]] = []
    for index in sorted(range(len(conjunctions)), key=lambda i: (-len(keys[i]), keys[i])):
        wanted = set(keys[index])
        best: tuple[set[int], list[int]] | None = None
        fewest = MAX_FINDINGS + 1
        for shard in shards:
            added = len(wanted - shard[0])
            if (
                len(shard[1]) < MAX_RULES
                and len(shard[0]) + added <= MAX_FINDINGS
                and added < fewest
            ):
                best, fewest = shard, added
        if best is None:
            best = (set(), [])
            shards.append(best)
        best[0].update(wanted)
        best[1].append(index)
    return [indexes for _, indexes in shards]


class Consequences(NamedTuple):
    """What follows where an atom holds, alone or with others.

    Attributes:
        alone: What the atom decides.
        pairs: Another finding, its state, and what both together decide.
        wakes: Two other atoms, each a finding and its state, and the number of the shard with a
            rule that may fire where they hold too.
    """

    alone: Decisions
    pairs: tuple[tuple[str, bool, Decisions], ...]
    wakes: tuple[tuple[str, bool, str, bool, int], ...]


class Stratum:
    """Criteria that can be evaluated together.

    A conjunction of one atom or two is looked up by the rarer of them; the others are rules.
    """

    def __init__(self, criteria: Mapping[int, Criterion], numbers: Mapping[str, int]) -> None:
        """Compile.

        Args:
            criteria: Criteria by their index in the list of verdicts.
            numbers: A number for each finding, which fixes the order of atoms.
        """
        decisions = decisions_of(criteria)
        self.always = decisions.pop(frozenset(), NOTHING)
        rules = [conjunction for conjunction in decisions if len(conjunction) >= SMALLEST_RULE]
        self.by_rule = [decisions[conjunction] for conjunction in rules]
        parts = _sharded(rules, numbers)
        self.shards = [Shard({index: rules[index] for index in part}, numbers) for part in parts]
        shard_of = {rules[index]: shard for shard, part in enumerate(parts) for index in part}
        self.present, self.absent = _consequences(decisions, shard_of)

    def decide(self, states: Mapping[str, bool], verdicts: list[Verdict]) -> None:
        """Put the verdict of each criterion that is not unknown into the list, at its index."""
        holding = [self.always]
        awake: set[int] = set()
        of_present, of_absent, state_of = self.present, self.absent, states.get
        for finding, state in states.items():
            found = (of_present if state else of_absent).get(finding)
            if found is None:
                continue
            alone, pairs, wakes = found
            holding.append(alone)
            for other, wanted, decided in pairs:
                if state_of(other) is wanted:
                    holding.append(decided)
            for other, wanted, third, wanted_of_third, shard in wakes:
                if state_of(other) is wanted and state_of(third) is wanted_of_third:
                    awake.add(shard)
        by_rule = self.by_rule
        for number in sorted(awake):
            holding += [by_rule[rule] for rule in self.shards[number].fired(states)]
        for true, false in holding:
            for index in true:
                verdicts[index] = True
            for index in false:
                verdicts[index] = False


def _consequences(
    decisions: Mapping[Conjunction, Decisions], shard_of: Mapping[Conjunction, int]
) -> tuple[dict[str, Consequences], dict[str, Consequences]]:
    """What follows from each finding where it is present, and where it is absent.

    A conjunction stands with its rarest atom, the one that fewest conjunctions have.
    """
    common = Counter(atom for conjunction in decisions for atom in conjunction)
    alone: dict[Atom, Decisions] = {}
    pairs: dict[Atom, list[tuple[str, bool, Decisions]]] = defaultdict(list)
    wakes: dict[Atom, set[tuple[str, bool, str, bool, int]]] = defaultdict(set)
    for conjunction, decided in decisions.items():
        rarest, *others = sorted(conjunction, key=lambda atom: (common[atom], atom))
        if not others:
            alone[rarest] = decided
        elif conjunction in shard_of:
            wakes[rarest].add((*others[0], *others[1], shard_of[conjunction]))
        else:
            pairs[rarest].append((*others[0], decided))
    found: dict[bool, dict[str, Consequences]] = {True: {}, False: {}}
    for atom in sorted({*alone, *pairs, *wakes}):
        found[atom.present][atom.finding] = Consequences(
            alone.get(atom, NOTHING),
            tuple(pairs.get(atom, ())),
            tuple(sorted(wakes.get(atom, ()))),
        )
    return found[True], found[False]


class Layer(NamedTuple):
    """A stratum, and the derived findings that it decides, with their indexes in the verdicts."""

    derived: tuple[tuple[str, int], ...]
    stratum: Stratum


class DurableRulesEvaluator:
    """All criteria of a knowledge base, compiled. Thread-safe; keeps nothing of a patient.

    Derived findings are evaluated in strata, each from those before it, and each criterion with
    the first stratum in which all that it names is known.
    """

    def __init__(self, criteria: Sequence[Criterion], derived: Mapping[str, Criterion]) -> None:
        """Compile.

        Args:
            criteria: What is to be evaluated.
            derived: The criteria of derived findings, by the finding's id.

        Raises:
            InferenceError: The network cannot be built.
        """
        self.size = len(criteria)
        names = {*derived, *(f for c in (*criteria, *derived.values()) for f in findings_in(c))}
        numbers = {name: number for number, name in enumerate(sorted(names))}
        layers = strata(derived)
        known_after = {name: depth for depth, layer in enumerate(layers, 1) for name in layer}
        ready: dict[int, dict[int, Criterion]] = defaultdict(dict)
        for number, criterion in enumerate(criteria):
            depth = max((known_after.get(name, 0) for name in findings_in(criterion)), default=0)
            ready[depth][number] = criterion
        index_of = {name: number for number, name in enumerate(known_after, len(criteria))}
        self.size_with_derived = len(criteria) + len(index_of)
        self.layers: list[Layer] = []
        for depth, names_of in enumerate([*layers, ()]):
            wanted = {index_of[name]: derived[name] for name in names_of} | ready[depth]
            decided = tuple((name, index_of[name]) for name in names_of)
            self.layers.append(Layer(decided, Stratum(wanted, numbers)))

    def infer(self, states: Mapping[str, bool]) -> Inference:
        """Evaluate; see `crampdx.engine.evaluators.protocol.Evaluator`."""
        known = dict(states)
        verdicts: list[Verdict] = [None] * self.size_with_derived
        try:
            for derived, stratum in self.layers:
                stratum.decide(known, verdicts)
                for name, index in derived:
                    if (verdict := verdicts[index]) is not None:
                        known[name] = verdict
        except InferenceError:
            raise
        except Exception as error:
            raise InferenceError(f"the rule network failed: {type(error).__name__}") from error
        del verdicts[self.size :]
        return Inference(verdicts, known)
