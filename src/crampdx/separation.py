"""How well an answer would tell the causes in question apart.

For an unknown finding, each line of evidence that it leaves undecided could become true. What the
line would then add to its cause, beyond what its cluster counts already, is a shift in decibans.
An answer *separates* the causes by the difference between the largest and the smallest shift, where
'none of these' always has a shift of 0; a finding separates by the better of its two answers.

The shift is the most that the answer can do: parts of the line that are unknown too are taken to
turn out as it needs them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from crampdx.assessment import CauseShift
from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.criteria import Criterion, atoms_of
from crampdx.ranking import CompiledLine, Ranked

__all__ = ["Answers", "Influence", "separation"]

Shifts = tuple[CauseShift, ...]


class Answers:
    """What the two answers to a finding would do: the shift of each cause, in decibans.

    Attributes:
        separates: By how many decibans the better answer parts the causes.
        order: The key by which findings are ordered: what they separate, then how many shifts.
    """

    __slots__ = ("_shifted", "_shifts", "order", "separates")

    def __init__(self, if_absent: Mapping[str, int], if_present: Mapping[str, int]) -> None:
        self._shifted = if_absent, if_present
        self._shifts: tuple[Shifts, Shifts] | None = None
        self.separates = max(_spread(if_absent), _spread(if_present))
        self.order = (-self.separates, -len(if_absent) - len(if_present))

    def shifts(self) -> tuple[Shifts, Shifts]:
        """What happens if present, and if absent; the largest shift first."""
        if self._shifts is None:
            absent, present = self._shifted
            self._shifts = _ordered(present), _ordered(absent)
        return self._shifts


def _spread(shifts: Mapping[str, int]) -> int:
    if not shifts:
        return 0
    values = shifts.values()
    return max(0, *values) - min(0, *values)


def _ordered(shifts: Mapping[str, int]) -> Shifts:
    ordered = list(shifts.items())
    if len(ordered) > 1:
        ordered.sort(key=lambda item: (-abs(item[1]), item[0]))
    return tuple([CauseShift(cause, decibans) for cause, decibans in ordered])


Answer = tuple[str, bool]
"""A finding, and whether it is found present."""


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
        self._derived = {
            finding.id: finding.derived
            for finding in knowledge.findings.values()
            if finding.derived is not None
        }
        self._answers: list[tuple[Answer, ...]] = [
            tuple(sorted(a for a in set(self._helping(c, wanted=True)) if a[0] in obtainable))
            for c in criteria
        ]

    def _helping(self, criterion: Criterion, *, wanted: bool) -> Iterator[Answer]:
        """The answers that bring a criterion nearer to what is wanted of it."""
        for atom in atoms_of(criterion):
            present = atom.present is wanted
            if atom.finding in self._derived:
                yield from self._helping(self._derived[atom.finding], wanted=present)
            else:
                yield atom.finding, present
                below, above = self._descendants[atom.finding], self._ancestors[atom.finding]
                for other in below if present else above:
                    yield other, present

    def of(self, line: CompiledLine) -> tuple[Answer, ...]:
        """The answers that help the line to become true."""
        return self._answers[line.criterion]


def separation(
    causes: Sequence[Ranked], influence: Influence, states: Mapping[str, bool]
) -> dict[str, Answers]:
    """What each unknown finding could do to the causes in question.

    Args:
        causes: The causes to tell apart.
        influence: Which answers help which line.
        states: The findings that are known.
    """
    shifted: dict[str, tuple[dict[str, int], dict[str, int]]] = {}
    for ranked in causes:
        cause = ranked.cause.id
        for (finding, present), shift in _gains(ranked, influence, states).items():
            answers = shifted.get(finding)
            if answers is None:
                answers = shifted[finding] = {}, {}
            answers[present][cause] = shift
    return {finding: Answers(*answers) for finding, answers in shifted.items()}


def _gains(ranked: Ranked, influence: Influence, states: Mapping[str, bool]) -> dict[Answer, int]:
    """By how much each answer could shift one cause: the best of each cluster, added up."""
    gains: dict[Answer, int] = {}
    clustered: dict[tuple[Answer, tuple[str, bool]], int] = {}
    for line in ranked.undecided:
        counted = ranked.best.get(line.cluster)
        gain = line.weight - counted.weight if counted else line.weight
        if gain * line.weight <= 0:
            continue
        for answer in influence.of(line):
            if answer[0] in states:
                continue
            before = clustered.get((answer, line.cluster), 0)
            if abs(gain) > abs(before):
                clustered[answer, line.cluster] = gain
                gains[answer] = gains.get(answer, 0) + gain - before
    return gains
