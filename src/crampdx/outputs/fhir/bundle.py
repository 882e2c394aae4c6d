"""The Bundle: all that an assessment says, as resources that refer to each other."""

from __future__ import annotations

from collections.abc import Iterator

from crampdx.assessment import Assessment
from crampdx.knowledge.base import KnowledgeBase
from crampdx.outputs.fhir.elements import (
    Element,
    checked_date_time,
    checked_reference,
    finished,
)
from crampdx.outputs.fhir.evaluation import DEVICE, Evaluation, device
from crampdx.outputs.fhir.guidance import GUIDANCE, guidance_response
from crampdx.outputs.fhir.impression import (
    IMPRESSION,
    RISK,
    clinical_impression,
    risk_assessment,
)
from crampdx.outputs.fhir.issues import detected_issues
from crampdx.outputs.fhir.outcomes import issues_of, operation_outcome
from crampdx.outputs.fhir.proposals import GROUP, request_group, test_requests

__all__ = ["assessment_bundle"]

OUTCOME = "OperationOutcome"


def assessment_bundle(
    assessment: Assessment,
    knowledge: KnowledgeBase,
    *,
    patient: str,
    occurred: str | None = None,
    request_id: str | None = None,
    encounter: str | None = None,
) -> Element:
    """An assessment as a FHIR R4 Bundle, of type collection.

    The same arguments give the same bundle, addresses included.

    Args:
        assessment: The assessment.
        knowledge: The rules that gave it; names and sources come from there.
        patient: The reference to the patient: `Patient/1`, an address that ends so, or a
            `urn:uuid:`.
        occurred: When the evaluation took place, as FHIR writes a time. Without it no resource has
            a time of its own.
        request_id: The id of the request, such as the hook instance.
        encounter: The reference to the encounter.

    Raises:
        ValueError: A reference or the time is not of its form.
    """
    evaluation = Evaluation(
        assessment=assessment,
        knowledge=knowledge,
        patient=checked_reference(patient, "Patient"),
        encounter=checked_reference(encounter, "Encounter") if encounter is not None else None,
        occurred=checked_date_time(occurred),
        request_id=request_id,
    )
    return {
        "resourceType": "Bundle",
        "id": str(evaluation.identity),
        "type": "collection",
        "entry": [
            {"fullUrl": evaluation.address(name), "resource": finished(resource)}
            for name, resource in _resources(evaluation)
        ],
    }


def _resources(evaluation: Evaluation) -> Iterator[tuple[str, Element]]:
    """The resources with their names, from what is most urgent to what it rests on."""
    issues = list(detected_issues(evaluation))
    messages = issues_of(evaluation.assessment, evaluation.labels)
    requests = test_requests(evaluation)
    outcomes = [(OUTCOME, operation_outcome(messages))] if messages else []
    groups = [(GROUP, request_group(evaluation))] if requests else []
    yield from issues
    yield IMPRESSION, clinical_impression(evaluation, [RISK, *(name for name, _ in issues)])
    yield RISK, risk_assessment(evaluation)
    yield (
        GUIDANCE,
        guidance_response(evaluation, [name for name, _ in outcomes], [name for name, _ in groups]),
    )
    yield from groups
    yield from requests
    yield from outcomes
    yield DEVICE, device(evaluation)
