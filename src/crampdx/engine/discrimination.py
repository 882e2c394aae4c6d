"""How well an answer would tell the causes in question apart.

For an unknown finding, each line of evidence that it leaves undecided could become true. What the
line would then add to its cause, beyond what its cluster counts already, is a shift in decibans.
An answer *separates* the causes by the difference between the largest and the smallest shift, where
'none of these' always has a shift of 0; a finding separates by the better of its two answers.

The shift is the most that the answer can do: parts of the line that are unknown too are taken to
turn out as it needs them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, starmap
from operator import itemgetter
from typing import NamedTuple, NewType

from crampdx.assessment import CauseShift
from crampdx.engine.ranking import CompiledCause, CompiledLine, ScoredCause
from crampdx.engine.scoring import ClusterKey, gain_over, strongest_first
from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.criteria import Criterion, atoms_of

__all__ = ["AnswerEffects", "AnswerIndex", "Discrimination", "measure_discrimination"]

Shifts = tuple[CauseShift, ...]

AnswerIndex = NewType("AnswerIndex", int)
"""A finding found present or absent: twice its number, and one more for present."""

Gains = Mapping[AnswerIndex, int]
"""By how many decibans answers would shift a cause."""

NEVER_NUMBERED = -1
"""The number of a finding that can be neither asked for nor shown by a test."""


def answers_to(number: int) -> tuple[AnswerIndex, AnswerIndex]:
    """Index the two answers to a finding: absent, then present."""
    return AnswerIndex(2 * number), AnswerIndex(2 * number + 1)


class Discrimination:
    """What the answers to each unknown finding would do to the causes in question."""

    __slots__ = ("_effects", "_gains", "_order", "_spread")

    def __init__(self, effects: AnswerEffects, gains: Mapping[str, Gains], spread: Spread) -> None:
        """Arrange.

        Args:
            effects: The findings and their numbers.
            gains: By how many decibans which answers would shift each cause.
            spread: How far the answers to each finding would spread the causes.
        """
        self._effects = effects
        self._gains = gains
        self._spread = spread
        count = spread.count
        self._order = sorted([(-by, -count[n], n) for n, by in spread.separates.items() if by])

    @property
    def ordered(self) -> list[str]:
        """The findings that separate: by how much, then by how many shifts, then by id."""
        names = self._effects.names
        return [names[number] for _, _, number in self._order]

    def equals(self) -> Iterator[list[str]]:
        """Yield the findings that separate equally, those that separate most first."""
        names = self._effects.names
        for _, equal in groupby(self._order, itemgetter(0)):
            yield [names[number] for _, _, number in equal]

    @property
    def findings(self) -> list[str]:
        """The unknown findings of which an answer shifts a cause."""
        return [self._effects.names[number] for number in self._spread.separates]

    def separates(self, finding: str) -> int:
        """Tell by how many decibans the better answer to the finding separates the causes."""
        return self._spread.separates.get(self._number(finding), 0)

    def order(self, finding: str) -> tuple[int, int]:
        """Order findings: by what they separate, then by how many shifts they make."""
        number = self._number(finding)
        return -self._spread.separates.get(number, 0), -self._spread.count.get(number, 0)

    def shifts(self, finding: str) -> tuple[Shifts, Shifts]:
        """List what happens if it is present, and if absent; the largest shift first."""
        number = self._effects.numbers.get(finding)
        if number is None:
            return (), ()
        absent, present = self._effects.answers[number]
        return self._shifts_after(present), self._shifts_after(absent)

    def _number(self, finding: str) -> int:
        return self._effects.numbers.get(finding, NEVER_NUMBERED)

    def _shifts_after(self, answer: AnswerIndex) -> Shifts:
        gains = self._gains
        shifted = self._effects.causes_of.get(answer, ())
        causes = gains if len(gains) <= len(shifted) else shifted
        moved: list[tuple[str, int]] = []
        for cause in causes:  # mostly one or two: a comprehension would cost more than it does
            if cause in gains and (shift := gains[cause].get(answer)):
                moved.append((cause, shift))  # noqa: PERF401
        if len(moved) > 1:
            moved.sort(key=_largest_first)
        return tuple(starmap(_shift, moved))


@dataclass(frozen=True, slots=True)
class Spread:
    """How far the answers to each finding would spread the causes, by the number of the finding.

    Attributes:
        separates: By how many decibans its better answer separates the causes.
        count: How many shifts its answers make.
    """

    separates: dict[int, int]
    count: dict[int, int]


def _largest_first(moved: tuple[str, int]) -> tuple[int, str]:
    return -abs(moved[1]), moved[0]


@lru_cache(maxsize=10_000)
def _shift(cause: str, decibans: int) -> CauseShift:
    """A shift; it is frozen, so that results may share it."""
    return CauseShift(cause, decibans)


class AnswerEffects:
    """Which answers could make which line of evidence true. Built once; not changed after."""

    def __init__(
        self,
        knowledge: KnowledgeBase,
        criteria: Sequence[Criterion],
        causes: Iterable[CompiledCause],
        obtainable: Collection[str],
    ) -> None:
        """Arrange.

        Args:
            knowledge: The findings.
            criteria: The criteria, by their number.
            causes: The causes with their lines.
            obtainable: The findings that can be asked for or that a test shows.
        """
        self._ancestors = knowledge.ancestors()
        self._descendants = knowledge.descendants()
        self._derived = knowledge.derived()
        self.names = tuple(sorted(obtainable))
        self.numbers = {name: number for number, name in enumerate(self.names)}
        self.answers = tuple([answers_to(number) for number in range(len(self.names))])
        """Of each finding, by its number, the two answers: absent, then present."""
        self.helping = tuple([self._answers_helping(criterion) for criterion in criteria])
        """Of each criterion, the answers that bring it nearer to being true."""
        self._causes = {c.cause.id: self._effects_on(c) for c in causes}
        self.causes_of: dict[AnswerIndex, list[str]] = {}
        """Of each answer, the causes that it could shift where nothing is known."""
        for cause, effects in self._causes.items():
            for answer in effects.where_unknown:
                self.causes_of.setdefault(answer, []).append(cause)
        self._where_unknown = spreads([on.where_unknown for on in self._causes.values()])

    @property
    def number_of_causes(self) -> int:
        """How many causes there are."""
        return len(self._causes)

    def _effects_on(self, compiled: CompiledCause) -> _CauseEffects:
        members_of: dict[ClusterKey, list[CompiledLine]] = {}
        for line in sorted(compiled.lines, key=strongest_first, reverse=True):
            members_of.setdefault(line.cluster, []).append(line)
        clusters: list[_ClusterEffects] = []
        for key, members in members_of.items():
            lines = tuple((m.criterion, m.weight, self.helping[m.criterion]) for m in members)
            criteria = frozenset(member.criterion for member in members)
            clusters.append(_ClusterEffects(key, criteria, lines, marginal_gains(lines, 0)))
        return _CauseEffects(
            tuple(clusters),
            tuple({line.criterion for line in compiled.lines}),
            _add_up(on.where_unknown for on in clusters),
        )

    def _answers_helping(self, criterion: Criterion) -> tuple[AnswerIndex, ...]:
        found: set[AnswerIndex] = set()
        seen: set[tuple[str, bool]] = set()
        stack: list[tuple[str, bool]] = list(atoms_of(criterion))
        while stack:
            name, present = stack.pop()
            if (name, present) in seen:
                continue
            seen.add((name, present))
            if name in self._derived:
                stack += [
                    (atom.finding, atom.present is present)
                    for atom in atoms_of(self._derived[name])
                ]
            else:
                others = self._descendants[name] if present else self._ancestors[name]
                numbers = (self.numbers.get(other) for other in (name, *others))
                found.update(self.answers[n][present] for n in numbers if n is not None)
        return tuple(sorted(found))

    def gains(self, scored: ScoredCause, changed: set[int] | None = None) -> Gains:
        """Tell by how much each answer could shift a cause: the best of each cluster, added up.

        Most records decide little of most causes. So what holds where nothing is known is worked
        out beforehand, and only the clusters of which something is known are worked out anew.

        Args:
            scored: The cause.
            changed: Gets the numbers of the findings whose gains that changes.
        """
        clusters, criteria_of_cause, where_unknown = self._causes[scored.cause.id]
        verdicts = scored.verdicts
        decided = {number for number in criteria_of_cause if verdicts[number] is not None}
        if not decided:
            return where_unknown
        counted_by_cluster = scored.counted_by_cluster
        gains: dict[AnswerIndex, int] | None = None
        for key, criteria, lines, gains_where_unknown in clusters:
            if criteria.isdisjoint(decided):
                continue
            if gains is None:
                gains = dict(where_unknown)
            for answer, gain in gains_where_unknown.items():
                gains[answer] -= gain
            if changed is not None:
                changed.update([answer >> 1 for answer in gains_where_unknown])
            undecided = [line for line in lines if line[0] not in decided]
            if undecided:
                counted = counted_by_cluster.get(key)
                weight = counted.weight if counted else 0
                for answer, gain in marginal_gains(undecided, weight).items():
                    gains[answer] += gain
        return where_unknown if gains is None else gains

    def spread(self, gains: Mapping[str, Gains], changed: Iterable[int] | None) -> Spread:
        """Tell how far each answer would spread these causes.

        Args:
            gains: Their gains.
            changed: Where these are all causes, the findings whose gains are not those of a record
                that says nothing.
        """
        if changed is None:
            return spreads(gains.values())
        where_unknown = self._where_unknown
        separates, shifts = dict(where_unknown.separates), dict(where_unknown.count)
        for number in changed:
            spans = [self._span(answer, gains) for answer in self.answers[number]]
            separates[number] = max(apart for apart, _ in spans)
            shifts[number] = sum(number_of for _, number_of in spans)
            if not shifts[number]:
                del separates[number], shifts[number]
        return Spread(separates, shifts)

    def _span(self, answer: AnswerIndex, gains: Mapping[str, Gains]) -> tuple[int, int]:
        """How far an answer spreads all causes, and how many of them it shifts."""
        shifts = [s for c in self.causes_of.get(answer, ()) if (s := gains[c][answer])]
        return (max(0, *shifts) - min(0, *shifts), len(shifts)) if shifts else (0, 0)


class _ClusterEffects(NamedTuple):
    """The lines of a cluster, the weakest first, each with the answers that help it.

    Attributes:
        key: The cluster and its direction.
        criteria: The criteria of its lines.
        lines: Of each line the criterion, the weight and the answers.
        where_unknown: By how much each answer could shift the cause where nothing is known.
    """

    key: ClusterKey
    criteria: frozenset[int]
    lines: tuple[tuple[int, int, tuple[AnswerIndex, ...]], ...]
    where_unknown: Gains


class _CauseEffects(NamedTuple):
    """The clusters of a cause, its criteria, and all its gains where nothing is known."""

    clusters: tuple[_ClusterEffects, ...]
    criteria: tuple[int, ...]
    where_unknown: Gains


def marginal_gains(
    lines: Iterable[tuple[int, int, tuple[AnswerIndex, ...]]], counted: int
) -> dict[AnswerIndex, int]:
    """Tell what the best line that an answer helps adds to what its cluster counts.

    Args:
        lines: The undecided lines of the cluster, the weakest first: criterion, weight, answers.
        counted: The weight that counts for the cluster, in decibans.
    """
    best: dict[AnswerIndex, int] = {}
    for _, weight, answers in lines:
        if gain := gain_over(weight, counted):
            best.update(dict.fromkeys(answers, gain))
    return best


def _add_up(parts: Iterable[Gains]) -> dict[AnswerIndex, int]:
    total: dict[AnswerIndex, int] = {}
    for part in parts:
        for answer, gain in part.items():
            total[answer] = total.get(answer, 0) + gain
    return total


def measure_discrimination(
    causes: Sequence[ScoredCause], effects: AnswerEffects, states: Mapping[str, bool]
) -> Discrimination:
    """Measure what each unknown finding could do to the causes in question.

    Args:
        causes: The causes to tell apart.
        effects: Which answers help which line.
        states: The findings that are known.
    """
    changed: set[int] | None = set() if len(causes) == effects.number_of_causes else None
    gains = {scored.cause.id: effects.gains(scored, changed) for scored in causes}
    spread = effects.spread(gains, changed)
    for name in effects.numbers.keys() & states.keys():
        number = effects.numbers[name]
        spread.separates.pop(number, None)
        spread.count.pop(number, None)
    return Discrimination(effects, gains, spread)


def spreads(gains: Iterable[Gains]) -> Spread:
    """Tell how far each answer spreads causes: from the smallest shift to the largest.

    The shift of 'none of these' is 0, and is always among them.
    """
    largest: dict[AnswerIndex, int] = {}
    smallest: dict[AnswerIndex, int] = {}
    numbers: list[int] = []
    for gained in gains:
        for answer, shift in gained.items():
            if shift > 0:
                if shift > largest.get(answer, 0):
                    largest[answer] = shift
            elif shift < 0:
                if shift < smallest.get(answer, 0):
                    smallest[answer] = shift
            else:
                continue
            numbers.append(answer >> 1)
    separates = dict.fromkeys(numbers, 0)
    for answer, shift in largest.items():
        by = shift - smallest.pop(answer, 0)
        if by > separates[answer >> 1]:
            separates[answer >> 1] = by
    for answer, shift in smallest.items():
        if -shift > separates[answer >> 1]:
            separates[answer >> 1] = -shift
    return Spread(separates, dict(Counter(numbers)))
