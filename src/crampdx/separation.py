"""How well an answer would tell the causes in question apart.

For an unknown finding, each line of evidence that it leaves undecided could become true. What the
line would then add to its cause, beyond what its cluster counts already, is a shift in decibans.
An answer *separates* the causes by the difference between the largest and the smallest shift, where
'none of these' always has a shift of 0; a finding separates by the better of its two answers.

The shift is the most that the answer can do: parts of the line that are unknown too are taken to
turn out as it needs them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache

from crampdx.assessment import CauseShift
from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.criteria import Criterion, atoms_of
from crampdx.ranking import Ranked

__all__ = ["Influence", "Separation", "separation"]

Shifts = tuple[CauseShift, ...]

Answer = int
"""A finding found present or absent: twice its number, and one more for present."""


class Separation:
    """What the answers to each unknown finding would do to the causes in question."""

    __slots__ = ("_count", "_influence", "_moved", "_separates", "ordered")

    def __init__(
        self,
        influence: Influence,
        moved: Mapping[Answer, Sequence[tuple[str, int]]],
        separates: Mapping[int, int],
        count: Mapping[int, int],
    ) -> None:
        """Arrange.

        Args:
            influence: The findings and their numbers.
            moved: By how many decibans each answer would shift which causes.
            separates: Of each finding, by how many decibans its better answer parts the causes.
            count: Of each finding, how many shifts its answers make.
        """
        self._influence = influence
        self._moved = moved
        self._separates = separates
        self._count = count
        parting = [(-apart, -count[number], number) for number, apart in separates.items() if apart]
        parting.sort()
        self.ordered: list[str] = [influence.names[number] for _, _, number in parting]
        """The findings that separate: by how much, then by how many shifts, then by id."""

    @property
    def findings(self) -> list[str]:
        """The unknown findings of which an answer shifts a cause."""
        return [self._influence.names[number] for number in self._separates]

    def separates(self, finding: str) -> int:
        """By how many decibans the better answer to the finding parts the causes."""
        return self._separates.get(self._number(finding), 0)

    def order(self, finding: str) -> tuple[int, int]:
        """The key by which findings are ordered: what they separate, then how many shifts."""
        number = self._number(finding)
        return -self._separates.get(number, 0), -self._count.get(number, 0)

    def shifts(self, finding: str) -> tuple[Shifts, Shifts]:
        """What happens if it is present, and if absent, in decibans; the largest shift first."""
        number = self._number(finding)
        return self._after(2 * number + 1), self._after(2 * number)

    def _number(self, finding: str) -> int:
        return self._influence.numbers.get(finding, -1)

    def _after(self, answer: Answer) -> Shifts:
        moved = self._moved.get(answer, ())
        if len(moved) > 1:
            moved = sorted(moved, key=_largest_first)
        return tuple([_shift(cause, decibans) for cause, decibans in moved])


def _largest_first(moved: tuple[str, int]) -> tuple[int, str]:
    return -abs(moved[1]), moved[0]


@lru_cache(maxsize=10_000)
def _shift(cause: str, decibans: int) -> CauseShift:
    """A shift; it is frozen, so that results may share it."""
    return CauseShift(cause, decibans)


class Influence:
    """Which answers could make which line of evidence true. Built once; not changed after."""

    def __init__(
        self,
        knowledge: KnowledgeBase,
        criteria: Sequence[Criterion],
        obtainable: Collection[str],
    ) -> None:
        """Arrange.

        Args:
            knowledge: The findings.
            criteria: The criteria, by their number.
            obtainable: The findings that can be asked for or that a test shows.
        """
        self._ancestors = knowledge.ancestors()
        self._descendants = knowledge.descendants()
        self._derived = knowledge.derived()
        self.names = tuple(sorted(obtainable))
        self.numbers = {name: number for number, name in enumerate(self.names)}
        self._answers = [self._helping(criterion) for criterion in criteria]

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

    def of(self, criterion: int) -> tuple[Answer, ...]:
        """The answers that help the criterion of this number to become true."""
        return self._answers[criterion]


def separation(
    causes: Sequence[Ranked], influence: Influence, states: Mapping[str, bool]
) -> Separation:
    """What each unknown finding could do to the causes in question.

    Args:
        causes: The causes to tell apart.
        influence: Which answers help which line.
        states: The findings that are known.
    """
    moved: dict[Answer, list[tuple[str, int]]] = {}
    for ranked in causes:
        cause = ranked.cause.id
        for answer, shift in _gains(ranked, influence).items():
            if answer in moved:
                moved[answer].append((cause, shift))
            else:
                moved[answer] = [(cause, shift)]
    known = {influence.numbers.get(name) for name in states}
    separates: dict[int, int] = {}
    count: dict[int, int] = {}
    for answer, shifts in moved.items():
        number = answer >> 1
        if number in known:
            continue
        apart = abs(shifts[0][1]) if len(shifts) == 1 else _span(shifts)
        if number in separates:
            separates[number] = max(separates[number], apart)
            count[number] += len(shifts)
        else:
            separates[number] = apart
            count[number] = len(shifts)
    return Separation(influence, moved, separates, count)


def _span(shifts: Sequence[tuple[str, int]]) -> int:
    """From the smallest to the largest shift, that of 'none of these' among them."""
    decibans = [shift for _, shift in shifts]
    return max(0, *decibans) - min(0, *decibans)


def _gains(ranked: Ranked, influence: Influence) -> dict[Answer, int]:
    """By how much each answer could shift one cause: the best of each cluster, added up."""
    gains: dict[Answer, int] = {}
    verdicts = ranked.verdicts
    for cluster, lines in ranked.compiled.clusters:
        counted = ranked.best.get(cluster)
        weight = 0 if counted is None else counted.weight
        best: dict[Answer, int] = {}
        for line in lines:
            if verdicts[line.criterion] is None and abs(line.weight) > abs(weight):
                best.update(dict.fromkeys(influence.of(line.criterion), line.weight - weight))
        if not gains:
            gains = best
        else:
            for answer, gain in best.items():
                gains[answer] = gains.get(answer, 0) + gain
    return gains
