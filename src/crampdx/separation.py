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

from crampdx.assessment import CauseShift
from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.criteria import Criterion, atoms_of
from crampdx.ranking import CompiledLine, Ranked

__all__ = ["Answers", "Influence", "separation"]

Shifts = tuple[CauseShift, ...]

Answer = tuple[str, bool]
"""A finding, and whether it is found present."""

Gains = Sequence[tuple[str, Mapping[Answer, int]]]
"""Of each cause in question, by how many decibans each answer would shift it."""


class Answers:
    """What the two answers to a finding would do to the causes in question.

    Attributes:
        separates: By how many decibans the better answer parts the causes.
        order: The key by which findings are ordered: what they separate, then how many shifts.
    """

    __slots__ = ("_finding", "_gains", "_shifts", "order", "separates")

    def __init__(self, finding: str, gains: Gains, separates: int, shifts: int) -> None:
        self._finding = finding
        self._gains = gains
        self._shifts: tuple[Shifts, Shifts] | None = None
        self.separates = separates
        self.order = (-separates, -shifts)

    def shifts(self) -> tuple[Shifts, Shifts]:
        """What happens if present, and if absent, in decibans; the largest shift first."""
        if self._shifts is None:
            self._shifts = self._if(present=True), self._if(present=False)
        return self._shifts

    def _if(self, *, present: bool) -> Shifts:
        answer = (self._finding, present)
        return _ordered({cause: gains[answer] for cause, gains in self._gains if answer in gains})


def _ordered(shifts: Mapping[str, int]) -> Shifts:
    ordered = list(shifts.items())
    if len(ordered) > 1:
        ordered.sort(key=lambda item: (-abs(item[1]), item[0]))
    return tuple([CauseShift(cause, decibans) for cause, decibans in ordered])


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
            tuple(sorted(answer for answer in self._helping(c) if answer[0] in obtainable))
            for c in criteria
        ]

    def _helping(self, criterion: Criterion) -> set[Answer]:
        """The answers that bring a criterion nearer to being true."""
        found: set[Answer] = set()
        seen: set[Answer] = set()
        stack: list[Answer] = list(atoms_of(criterion))
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
                found.update((other, present) for other in (name, *others))
        return found

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
    gains = [(ranked.cause.id, _gains(ranked, influence, states)) for ranked in causes]
    spans: dict[Answer, tuple[int, int, int]] = {}
    for _, shifts in gains:
        for answer, shift in shifts.items():
            low, high, count = spans.get(answer, (0, 0, 0))
            spans[answer] = min(low, shift), max(high, shift), count + 1
    best: dict[str, tuple[int, int]] = {}
    for (finding, _), (low, high, count) in spans.items():
        separates, others = best.get(finding, (0, 0))
        best[finding] = max(separates, high - low), others + count
    return {finding: Answers(finding, gains, *found) for finding, found in best.items()}


def _gains(ranked: Ranked, influence: Influence, states: Mapping[str, bool]) -> dict[Answer, int]:
    """By how much each answer could shift one cause: the best of each cluster, added up."""
    gaining: dict[tuple[str, bool], list[tuple[int, CompiledLine]]] = {}
    for line in ranked.undecided:
        counted = ranked.best.get(line.cluster)
        gain = line.weight - counted.weight if counted else line.weight
        if gain * line.weight > 0:
            gaining.setdefault(line.cluster, []).append((abs(gain), line))
    gains: dict[Answer, int] = {}
    for (_, favors), lines in gaining.items():
        best: dict[Answer, int] = {}
        for gain, line in sorted(lines, key=_by_gain):
            best.update(dict.fromkeys(influence.of(line), gain if favors else -gain))
        for answer, gain in best.items():
            if answer[0] not in states:
                gains[answer] = gains.get(answer, 0) + gain
    return gains


def _by_gain(gaining: tuple[int, CompiledLine]) -> int:
    return gaining[0]
