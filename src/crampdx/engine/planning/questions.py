"""What to ask next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from crampdx.assessment import Question
from crampdx.engine.discrimination import Discrimination
from crampdx.engine.planning.context import PlanningContext
from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.models import Finding

__all__ = ["MAX_QUESTIONS", "Questions"]

MAX_QUESTIONS = 5
"""How many questions an assessment proposes."""


class Questions:
    """The findings of a knowledge base that can be asked for."""

    def __init__(self, knowledge: KnowledgeBase, related: Mapping[str, frozenset[str]]) -> None:
        """Arrange.

        Args:
            knowledge: The rules.
            related: The findings that each finding implies, and those that imply it.
        """
        self.askable = {f.id: f for f in knowledge.findings.values() if f.can_be_asked}
        self._related = related
        self._complaint = knowledge.findings[knowledge.complaint] if knowledge.complaint else None

    def propose(self, context: PlanningContext) -> tuple[Question, ...]:
        """Choose what separates most, then what needs no examination; one of related findings.

        The complaint comes first where it is unknown.
        """
        discrimination = context.discrimination
        chosen: list[Finding] = []
        ids: list[str] = []
        for finding in self._best_first(discrimination):
            if len(chosen) == MAX_QUESTIONS:
                break
            if self._related[finding.id].isdisjoint(ids):
                chosen.append(finding)
                ids.append(finding.id)
        complaint = self._complaint
        if complaint is not None and complaint.id not in context.states:
            chosen = [complaint, *(finding for finding in chosen if finding is not complaint)]
        return tuple([_question(finding, discrimination) for finding in chosen[:MAX_QUESTIONS]])

    def _best_first(self, discrimination: Discrimination) -> Iterator[Finding]:
        """What can be asked for: what separates most first; of equals, signs last."""
        for names in discrimination.equals():
            alike = [finding for name in names if (finding := self.askable.get(name)) is not None]
            yield from sorted(alike, key=lambda finding: finding.kind.traits.is_examined)


def _question(finding: Finding, discrimination: Discrimination) -> Question:
    ask = finding.ask or f"Is this present: {finding.name}?"
    separates, shifts = discrimination.separates(finding.id), discrimination.shifts(finding.id)
    return Question(finding.id, finding.name, ask, separates, *shifts)
