"""The plan as a whole: flags, questions, tests and treatments for one record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from crampdx.assessment import (
    Clarification,
    Note,
    ProposedTest,
    Question,
    RaisedFlag,
    TreatmentOption,
)
from crampdx.engine.planning.context import (
    Codes,
    PlanningContext,
    numbers_by_owner,
    related_findings,
)
from crampdx.engine.planning.flags import Flags
from crampdx.engine.planning.questions import Questions
from crampdx.engine.planning.tests import Tests
from crampdx.engine.planning.treatments import Treatments
from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.criteria import Criterion
from crampdx.knowledge.models import Prevention
from crampdx.record.models import PatientRecord

__all__ = ["Plan", "Planner"]


@dataclass(frozen=True, slots=True)
class Plan:
    """The parts of an assessment that follow from the ranking."""

    notes: tuple[Note, ...]
    red_flags: tuple[RaisedFlag, ...]
    clarify: tuple[Clarification, ...]
    questions: tuple[Question, ...]
    tests: tuple[ProposedTest, ...]
    treatments: tuple[TreatmentOption, ...]
    treatments_not_assessed: tuple[str, ...]
    prevention: tuple[Prevention, ...]


class Planner:
    """The parts of planning, each arranged for a knowledge base. Built once; not changed after."""

    def __init__(
        self, knowledge: KnowledgeBase, numbers: Mapping[Criterion, int], codes: Codes
    ) -> None:
        """Arrange.

        Args:
            knowledge: The rules.
            numbers: The number of each criterion in the list of verdicts.
            codes: The codes of concepts, for output.
        """
        related = related_findings(knowledge)
        self._packs = knowledge.packs
        self.flags = Flags(knowledge, numbers, related)
        self.questions = Questions(knowledge, related)
        self.tests = Tests(knowledge, codes)
        self.treatments = Treatments(knowledge, numbers_by_owner(knowledge, numbers), codes)

    @property
    def obtainable(self) -> frozenset[str]:
        """The findings that can be asked for, or that a test shows."""
        return frozenset(self.questions.askable.keys() | self.tests.showing.keys())

    def plan(self, context: PlanningContext) -> Plan:
        """Plan everything that follows from the ranking."""
        notes, is_outside = self._population(context.record)
        treatments, not_assessed = self.treatments.propose(context, is_outside=is_outside)
        return Plan(
            notes=notes,
            red_flags=self.flags.raised(context),
            clarify=self.flags.to_clarify(context),
            questions=self.questions.propose(context),
            tests=self.tests.propose(context),
            treatments=treatments,
            treatments_not_assessed=not_assessed,
            prevention=self.treatments.prevention(context),
        )

    def _population(self, record: PatientRecord) -> tuple[tuple[Note, ...], bool]:
        """Remarks on the population of the packs, and whether the person is outside one."""
        notes: list[Note] = []
        outside = False
        for pack in self._packs:
            age, sex = pack.population.age, pack.population.sex
            if age is not None and record.age is None:
                message = (
                    f"The age is not known; the rules of pack '{pack.name}' are for people"
                    f" aged {age.text()} years."
                )
                notes.append(Note("age_unknown", message))
            is_outside = age is not None and record.age is not None and not age.contains(record.age)
            if is_outside or (sex is not None and record.sex not in (None, sex)):
                outside = True
                message = (
                    f"This person is outside the population of pack '{pack.name}'. Its ranking may"
                    " not hold, and drug treatments are not assessed for this person."
                )
                notes.insert(0, Note("outside_population", message))
        return tuple(notes), outside
