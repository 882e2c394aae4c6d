"""How well an answer would tell the causes in question apart.

For an unknown finding, each line of evidence that it leaves undecided could become true. What the
line would then add to its cause, beyond what its cluster counts already, is a shift in decibans.
An answer *separates* the causes by the difference between the largest and the smallest shift, where
'none of these' always has a shift of 0; a finding separates by the better of its two answers.

The shift is the most that the answer can do: parts of the line that are unknown too are taken to
turn out as it needs them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from crampdx.assessment import CauseShift
from crampdx.engine.ranking import CompiledCause, CompiledLine, ScoredCause
from crampdx.engine.scoring import ClusterKey, gain_over, strongest_first
from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.criteria import Criterion, atoms_of

__all__ = ["AnswerEffects", "Discrimination", "separation"]

Shifts = tuple[CauseShift, ...]

Answer = int
"""A finding found present or absent: twice its number, and one more for present."""

Gains = Mapping[Answer, int]
"""By how many decibans answers would shift a cause."""


class Discrimination:
    """What the answers to each unknown finding would do to the causes in question."""

    __slots__ = ("_gains", "_influence", "_parted", "ordered")

    def __init__(
        self, influence: AnswerEffects, gains: Mapping[str, Gains], parted: Spread
    ) -> None:
        """Arrange.

        Args:
            influence: The findings and their numbers.
            gains: By how many decibans which answers would shift each cause.
            parted: What the answers to each finding would part.
        """
        self._influence = influence
        self._gains = gains
        self._parted = parted
        count = parted.count
        parting = [(-apart, -count[n], n) for n, apart in parted.separates.items() if apart]
        parting.sort()
        self.ordered: list[str] = [influence.names[number] for _, _, number in parting]
        """The findings that separate: by how much, then by how many shifts, then by id."""

    @property
    def findings(self) -> list[str]:
        """The unknown findings of which an answer shifts a cause."""
        return [self._influence.names[number] for number in self._parted.separates]

    def separates(self, finding: str) -> int:
        """By how many decibans the better answer to the finding parts the causes."""
        return self._parted.separates.get(self._number(finding), 0)

    def order(self, finding: str) -> tuple[int, int]:
        """The key by which findings are ordered: what they separate, then how many shifts."""
        number = self._number(finding)
        return -self._parted.separates.get(number, 0), -self._parted.count.get(number, 0)

    def shifts(self, finding: str) -> tuple[Shifts, Shifts]:
        """What happens if it is present, and if absent, in decibans; the largest shift first."""
        number = self._number(finding)
        return self._after(2 * number + 1), self._after(2 * number)

    def _number(self, finding: str) -> int:
        return self._influence.numbers.get(finding, -1)

    def _after(self, answer: Answer) -> Shifts:
        gains = self._gains
        moved = [
            (cause, shift)
            for cause in self._influence.causes_of.get(answer, ())
            if cause in gains and (shift := gains[cause][answer])
        ]
        moved.sort(key=_largest_first)
        return tuple([_shift(cause, decibans) for cause, decibans in moved])


@dataclass(frozen=True, slots=True)
class Spread:
    """What the answers to each finding would part, by the number of the finding.

    Attributes:
        separates: By how many decibans its better answer parts the causes.
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
        self._answers = [self._helping(criterion) for criterion in criteria]
        self._causes = {compiled.cause.id: self._standing(compiled) for compiled in causes}
        self.causes_of: dict[Answer, list[str]] = {}
        for cause, standing in self._causes.items():
            for answer in standing.unknown:
                self.causes_of.setdefault(answer, []).append(cause)
        self._of_unknown = _parted([standing.unknown for standing in self._causes.values()])

    def _standing(self, compiled: CompiledCause) -> _Standing:
        clusters: list[_Cluster] = []
        members_of: dict[ClusterKey, list[CompiledLine]] = {}
        for line in sorted(compiled.lines, key=strongest_first, reverse=True):
            members_of.setdefault(line.cluster, []).append(line)
        for key, members in members_of.items():
            lines = tuple((m.criterion, m.weight, self._answers[m.criterion]) for m in members)
            criteria = frozenset(member.criterion for member in members)
            clusters.append(_Cluster(key, criteria, lines, _gained(lines, 0)))
        return _Standing(tuple(clusters), _added_up(cluster.unknown for cluster in clusters))

    def _helping(self, criterion: Criterion) -> tuple[Answer, ...]:
        """The answers that bring a criterion nearer to being true."""
        found: set[Answer] = set()
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
                found.update(2 * number + present for number in numbers if number is not None)
        return tuple(sorted(found))

    def gains(self, ranked: ScoredCause, decided: Collection[int], changed: set[int]) -> Gains:
        """By how much each answer could shift one cause: the best of each cluster, added up.

        Most records decide little of most causes. So what holds where nothing is known is worked
        out beforehand, and only the clusters of which something is known are worked out anew.

        Args:
            ranked: The cause.
            decided: The criteria whose verdict is known.
            changed: Gets the numbers of the findings whose gains that changes.
        """
        clusters, unknown = self._causes[ranked.cause.id]
        counting = ranked.counted_by_cluster
        gains: dict[Answer, int] | None = None
        for key, criteria, lines, of_unknown in clusters:
            if criteria.isdisjoint(decided):
                continue
            if gains is None:
                gains = dict(unknown)
            for answer, gain in of_unknown.items():
                gains[answer] -= gain
                changed.add(answer >> 1)
            undecided = [line for line in lines if line[0] not in decided]
            counted = counting.get(key)
            for answer, gain in _gained(undecided, counted.weight if counted else 0).items():
                gains[answer] += gain
        return unknown if gains is None else gains

    def parted(self, gains: Mapping[str, Gains], changed: Iterable[int]) -> Spread:
        """What each answer would part, of these causes.

        Args:
            gains: Their gains.
            changed: The findings whose gains are not those of a record that says nothing.
        """
        if len(gains) < len(self._causes):
            return _parted(gains.values())
        separates, count = dict(self._of_unknown.separates), dict(self._of_unknown.count)
        for number in changed:
            spans = [self._span(answer, gains) for answer in (2 * number, 2 * number + 1)]
            separates[number] = max(apart for apart, _ in spans)
            count[number] = sum(shifts for _, shifts in spans)
            if not count[number]:
                del separates[number], count[number]
        return Spread(separates, count)

    def _span(self, answer: Answer, gains: Mapping[str, Gains]) -> tuple[int, int]:
        """What an answer parts of all causes, and how many of them it shifts."""
        most = least = count = 0
        for cause in self.causes_of.get(answer, ()):
            shift = gains[cause][answer]
            if not shift:
                continue
            count += 1
            if shift > most:
                most = shift
            elif shift < least:
                least = shift
        return most - least, count


class _Cluster(NamedTuple):
    """The lines of a cluster, the weakest first, each with the answers that help it.

    Attributes:
        key: The cluster and its direction.
        criteria: The criteria of its lines.
        lines: Of each line the criterion, the weight and the answers.
        unknown: By how much each answer could shift the cause where nothing is known.
    """

    key: ClusterKey
    criteria: frozenset[int]
    lines: tuple[tuple[int, int, tuple[Answer, ...]], ...]
    unknown: Gains


class _Standing(NamedTuple):
    """The clusters of a cause, and their gains added up where nothing is known."""

    clusters: tuple[_Cluster, ...]
    unknown: Gains


def _gained(
    lines: Iterable[tuple[int, int, tuple[Answer, ...]]], counted: int
) -> dict[Answer, int]:
    """What the best undecided line that an answer helps adds to what its cluster counts."""
    best: dict[Answer, int] = {}
    for _, weight, answers in lines:
        if gain := gain_over(weight, counted):
            best.update(dict.fromkeys(answers, gain))
    return best


def _added_up(parts: Iterable[Gains]) -> dict[Answer, int]:
    total: dict[Answer, int] = {}
    for part in parts:
        for answer, gain in part.items():
            total[answer] = total.get(answer, 0) + gain
    return total


def separation(
    causes: Sequence[ScoredCause], influence: AnswerEffects, states: Mapping[str, bool]
) -> Discrimination:
    """What each unknown finding could do to the causes in question.

    Args:
        causes: The causes to tell apart.
        influence: Which answers help which line.
        states: The findings that are known.
    """
    verdicts = causes[0].verdicts if causes else ()
    decided = frozenset([number for number, verdict in enumerate(verdicts) if verdict is not None])
    changed: set[int] = set()
    gains = {ranked.cause.id: influence.gains(ranked, decided, changed) for ranked in causes}
    parted = influence.parted(gains, changed)
    for name in states:
        number = influence.numbers.get(name, -1)
        parted.separates.pop(number, None)
        parted.count.pop(number, None)
    return Discrimination(influence, gains, parted)


def _parted(gains: Iterable[Gains]) -> Spread:
    """What each answer parts: from the smallest to the largest shift, that of 'none' being 0."""
    most: dict[Answer, int] = {}
    least: dict[Answer, int] = {}
    count: dict[int, int] = {}
    for gained in gains:
        for answer, shift in gained.items():
            if shift > 0:
                if shift > most.get(answer, 0):
                    most[answer] = shift
            elif shift < 0:
                if shift < least.get(answer, 0):
                    least[answer] = shift
            else:
                continue
            number = answer >> 1
            count[number] = count.get(number, 0) + 1
    top, low = most.get, least.get
    separates = {
        n: max(top(2 * n, 0) - low(2 * n, 0), top(2 * n + 1, 0) - low(2 * n + 1, 0)) for n in count
    }
    return Spread(separates, count)
