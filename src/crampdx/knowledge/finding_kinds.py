"""What kinds of findings there are, and what follows from the kind of a finding.

All that the library does differently for one kind or another is a field of `FindingKindTraits`. A
new kind needs one row of `_traits_of`; mypy and the import of this module fail without it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, assert_never

__all__ = ["FindingKind", "FindingKindTraits"]


class FindingKind(StrEnum):
    """What kind of fact a finding is."""

    SYMPTOM = "symptom"
    SIGN = "sign"
    HISTORY = "history"
    LABORATORY = "laboratory"
    EXPOSURE = "exposure"
    MEDICATION = "medication"
    TEST_RESULT = "test_result"
    ATTRIBUTE = "attribute"
    FAMILY = "family"

    @property
    def traits(self) -> FindingKindTraits:
        """What follows from the kind.

        >>> FindingKind.SIGN.traits.is_examined
        True
        """
        return _TRAITS[self]


FhirOutputType = Literal[
    "Condition",
    "FamilyMemberHistory",
    "MedicationStatement",
    "Observation",
    "QuestionnaireResponse",
]
"""The types of FHIR resources in which findings are asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingKindTraits:
    """What follows from the kind of a finding."""

    label: str
    """What findings of the kind are called together, as a heading."""

    is_asked: bool
    """Whether it can be asked for at the visit; the others take a test."""

    is_self_reported: bool
    """Whether the person is asked for it. A sign is examined, a medicine is on a list."""

    is_examined: bool
    """Whether it takes an examination of the person."""

    is_objective: bool
    """Whether it does not rest on what a person reports."""

    needs_explaining: bool
    """Whether a diagnosis is expected to explain it."""

    fhir_input_paths: tuple[str, ...]
    """The paths of FHIR from which it is read."""

    fhir_output_type: FhirOutputType
    """The type of FHIR resource in which it is usually recorded."""


_ASSERTED = (
    "Condition.code",
    "Observation.code",
    "Observation.component.code",
    "Observation.value[x]",
    "Encounter.reasonCode",
    "QuestionnaireResponse.item",
)


def _traits_of(kind: FindingKind) -> FindingKindTraits:
    match kind:
        case FindingKind.SYMPTOM:
            return FindingKindTraits(
                label="Symptoms",
                is_asked=True,
                is_self_reported=True,
                is_examined=False,
                is_objective=False,
                needs_explaining=True,
                fhir_input_paths=_ASSERTED,
                fhir_output_type="Observation",
            )
        case FindingKind.SIGN:
            return FindingKindTraits(
                label="Signs",
                is_asked=True,
                is_self_reported=False,
                is_examined=True,
                is_objective=True,
                needs_explaining=True,
                fhir_input_paths=_ASSERTED,
                fhir_output_type="Observation",
            )
        case FindingKind.HISTORY:
            return FindingKindTraits(
                label="History",
                is_asked=True,
                is_self_reported=True,
                is_examined=False,
                is_objective=False,
                needs_explaining=False,
                fhir_input_paths=(*_ASSERTED, "Procedure.code"),
                fhir_output_type="Condition",
            )
        case FindingKind.LABORATORY:
            return FindingKindTraits(
                label="Laboratory",
                is_asked=False,
                is_self_reported=False,
                is_examined=False,
                is_objective=True,
                needs_explaining=True,
                fhir_input_paths=(*_ASSERTED, "Observation.valueQuantity"),
                fhir_output_type="Observation",
            )
        case FindingKind.EXPOSURE:
            return FindingKindTraits(
                label="Exposures",
                is_asked=True,
                is_self_reported=True,
                is_examined=False,
                is_objective=False,
                needs_explaining=False,
                fhir_input_paths=_ASSERTED,
                fhir_output_type="Observation",
            )
        case FindingKind.MEDICATION:
            return FindingKindTraits(
                label="Medicines",
                is_asked=True,
                is_self_reported=False,
                is_examined=False,
                is_objective=False,
                needs_explaining=False,
                fhir_input_paths=(
                    "MedicationRequest.medication[x]",
                    "MedicationStatement.medication[x]",
                    "MedicationAdministration.medication[x]",
                ),
                fhir_output_type="MedicationStatement",
            )
        case FindingKind.TEST_RESULT:
            return FindingKindTraits(
                label="Test results",
                is_asked=False,
                is_self_reported=False,
                is_examined=False,
                is_objective=True,
                needs_explaining=True,
                fhir_input_paths=(*_ASSERTED, "DiagnosticReport.conclusionCode"),
                fhir_output_type="Observation",
            )
        case FindingKind.ATTRIBUTE:
            return FindingKindTraits(
                label="Person and cramps",
                is_asked=True,
                is_self_reported=False,
                is_examined=False,
                is_objective=False,
                needs_explaining=False,
                fhir_input_paths=("Patient", "QuestionnaireResponse.item"),
                fhir_output_type="QuestionnaireResponse",
            )
        case FindingKind.FAMILY:
            return FindingKindTraits(
                label="Family",
                is_asked=True,
                is_self_reported=True,
                is_examined=False,
                is_objective=False,
                needs_explaining=False,
                fhir_input_paths=("FamilyMemberHistory.condition.code", "Observation.value[x]"),
                fhir_output_type="FamilyMemberHistory",
            )
        case _:
            assert_never(kind)


_TRAITS = {kind: _traits_of(kind) for kind in FindingKind}
