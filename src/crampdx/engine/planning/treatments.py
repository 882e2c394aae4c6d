"""Treatments with what speaks against them, and prevention."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from crampdx.assessment import CautionNote, TreatmentOption
from crampdx.engine.evaluators.protocol import Verdict
from crampdx.engine.planning.context import Codes, CriterionNumbers, PlanningContext
from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.criteria import findings_in
from crampdx.knowledge.models import (
    Caution,
    CautionLevel,
    Indication,
    Prevention,
    TreatmentKind,
)

__all__ = ["Treatments"]

_LEVEL_ORDER = {level: number for number, level in enumerate(CautionLevel)}


class Condition(NamedTuple):
    """When an indication or a preventive measure holds.

    Attributes:
        causes: One of these has to be leading or plausible; without any, none has to.
        criterion: The number of its criterion; without one it holds for everyone.
    """

    causes: frozenset[str]
    criterion: int | None

    def holds(self, verdicts: Sequence[Verdict], causes: Iterable[str]) -> bool:
        """Tell whether it holds for these leading and plausible causes."""
        if self.causes and self.causes.isdisjoint(causes):
            return False
        return self.criterion is None or verdicts[self.criterion] is True


class CompiledCaution(NamedTuple):
    """A caution with what planning needs of it.

    Attributes:
        caution: The caution.
        criterion: The number of its criterion.
        findings: The findings of its criterion, sorted.
        to_check: What is said of it where none of its findings is known.
    """

    caution: Caution
    criterion: int
    findings: tuple[str, ...]
    to_check: CautionNote


class Treatments:
    """The treatments and preventive measures of a knowledge base, by when they hold."""

    def __init__(self, knowledge: KnowledgeBase, numbers: CriterionNumbers, codes: Codes) -> None:
        """Arrange.

        Args:
            knowledge: The rules.
            numbers: Where the verdicts of their criteria are.
            codes: The codes of treatments, for output.
        """

        def condition(kind: str, item: Indication | Prevention) -> Condition:
            return Condition(frozenset(item.causes), numbers.get((kind, item.id)))

        self._treatments = knowledge.treatments
        self._codes = codes
        self._drugs = tuple(sorted(t.id for t in self._treatments.values() if _is_drug(t.kind)))
        self._indications = tuple(
            (treatment.id, indication, condition("indication", indication))
            for treatment in knowledge.treatments.values()
            for indication in treatment.indications
        )
        self._measures = tuple(
            (measure, condition("prevention", measure)) for measure in knowledge.prevention.values()
        )
        self._cautions = {
            treatment.id: tuple(
                _compiled(caution, numbers["caution", caution.id])
                for caution in sorted(treatment.cautions, key=gravest_first)
            )
            for treatment in knowledge.treatments.values()
        }

    def propose(
        self, context: PlanningContext, *, is_outside: bool
    ) -> tuple[tuple[TreatmentOption, ...], tuple[str, ...]]:
        """List what a leading or plausible cause, or a finding, indicates.

        Args:
            context: The record and its candidates.
            is_outside: Whether the person is outside the population of the rules, so that drugs
                are not assessed.

        Returns:
            The options, by the rank of what they are for; and the drugs that are not assessed.
        """
        positions, verdicts = context.positions, context.verdicts
        holding: dict[str, list[Indication]] = defaultdict(list)
        for treatment, indication, condition in self._indications:
            if condition.holds(verdicts, positions):
                holding[treatment].append(indication)
        if is_outside:
            for drug in self._drugs:
                holding.pop(drug, None)
        options = [self._option(name, found, context) for name, found in holding.items()]
        last = len(positions)
        options.sort(
            key=lambda option: (
                positions[option.for_causes[0]] if option.for_causes else last,
                option.treatment,
            )
        )
        return tuple(options), self._drugs if is_outside else ()

    def _option(
        self, name: str, indications: Sequence[Indication], context: PlanningContext
    ) -> TreatmentOption:
        treatment, positions = self._treatments[name], context.positions
        causes = {cause for i in indications for cause in i.causes if cause in positions}
        return TreatmentOption(
            treatment=name,
            name=treatment.name,
            kind=treatment.kind,
            indications=tuple(indications),
            for_causes=tuple(sorted(causes, key=positions.__getitem__)),
            cautions=self.caution_notes(name, context),
            about=treatment.about,
            interactions_not_checked=(
                context.intake.unread_medicines if _is_drug(treatment.kind) else 0
            ),
            codes=self._codes.get(("treatment", name), ()),
        )

    def caution_notes(self, treatment: str, context: PlanningContext) -> tuple[CautionNote, ...]:
        """List the cautions of a treatment: what applies, then what is to be checked before.

        The gravest first of either.
        """
        applies: list[CautionNote] = []
        to_check: list[CautionNote] = []
        verdicts, known = context.verdicts, context.states.keys()
        for caution, number, findings, all_to_check in self._cautions[treatment]:
            verdict = verdicts[number]
            if verdict:
                applies.append(CautionNote(caution, "applies", context.observe(findings), ()))
            elif verdict is None:
                unknown = tuple([name for name in findings if name not in known])
                is_all = len(unknown) == len(findings)
                to_check.append(all_to_check if is_all else _to_check(caution, unknown))
        return tuple(applies + to_check)

    def prevention(self, context: PlanningContext) -> tuple[Prevention, ...]:
        """List the preventive measures that hold."""
        verdicts, positions = context.verdicts, context.positions
        return tuple([m for m, condition in self._measures if condition.holds(verdicts, positions)])


def gravest_first(caution: Caution) -> tuple[int, str]:
    """Order cautions: by level, then by id."""
    return _LEVEL_ORDER[caution.level], caution.id


def _to_check(caution: Caution, unknown: tuple[str, ...]) -> CautionNote:
    return CautionNote(caution, "check_before", (), unknown)


def _compiled(caution: Caution, criterion: int) -> CompiledCaution:
    findings = tuple(sorted(findings_in(caution.when)))
    return CompiledCaution(caution, criterion, findings, _to_check(caution, findings))


def _is_drug(kind: TreatmentKind) -> bool:
    return kind is TreatmentKind.MEDICATION
