"""Draft proposals for tests: ServiceRequests, and the RequestGroup that holds them."""

from __future__ import annotations

from collections.abc import Iterable

from crampdx.assessment import ProposedTest
from crampdx.outputs.fhir.codings import concept
from crampdx.outputs.fhir.elements import (
    Element,
    checked_reference,
    finished,
    narrative,
    notes,
    origin_of,
)
from crampdx.outputs.fhir.evaluation import DEVICE, Evaluation
from crampdx.outputs.fhir.words import artifacts, basis_of_test

__all__ = ["GROUP", "name_of_request", "request_group", "service_request", "test_requests"]

GROUP = "RequestGroup"

PROPOSAL = "A rule-based suggestion to consider, not an order."


def service_request(
    test: ProposedTest,
    patient: str,
    encounter: str | None = None,
    reason: str | None = None,
    *,
    supporting: Iterable[str] = (),
) -> Element:
    """A proposed test as a draft: status `draft`, intent `proposal`, never an order.

    Args:
        test: The test.
        patient: The reference to the patient, such as `Patient/1`.
        encounter: The reference to the encounter.
        reason: Why, in words; becomes the reason's text.
        supporting: Places of the record; those that refer to resources are referred to.

    Raises:
        ValueError: A reference is none.
    """
    origins = (origin_of(place) for place in supporting)
    return finished(
        {
            "resourceType": "ServiceRequest",
            "text": narrative(f"Proposed test: {test.name}. {PROPOSAL}"),
            "status": "draft",
            "intent": "proposal",
            "code": concept(test.name, test.codes),
            "subject": checked_reference(patient, "Patient"),
            "encounter": _encounter(encounter),
            "reasonCode": [{"text": reason}],
            "supportingInfo": [{"reference": o} for o in dict.fromkeys(origins) if o],
            "note": notes(basis_of_test(test), PROPOSAL),
        }
    )


def _encounter(reference: str | None) -> Element | None:
    return None if reference is None else checked_reference(reference, "Encounter")


def name_of_request(test: ProposedTest) -> str:
    """The name of a proposed test's ServiceRequest within a bundle."""
    return f"ServiceRequest/{test.test}"


def test_requests(evaluation: Evaluation) -> list[tuple[str, Element]]:
    """The ServiceRequests of all proposed tests, with their names in the bundle."""
    encounter = evaluation.encounter
    return [
        (
            name_of_request(test),
            {
                **service_request(
                    test,
                    evaluation.patient["reference"],
                    encounter["reference"] if encounter else None,
                ),
                "authoredOn": evaluation.occurred,
                "requester": evaluation.reference(DEVICE),
                "reasonCode": evaluation.complaint(),
            },
        )
        for test in evaluation.assessment.tests
    ]


def request_group(evaluation: Evaluation) -> Element:
    """The proposed tests as one group of which any may be chosen, the most telling first."""
    tests = evaluation.assessment.tests
    return {
        "resourceType": "RequestGroup",
        "text": narrative(f"Tests to consider. {PROPOSAL}", [test.name for test in tests]),
        "status": "draft",
        "intent": "proposal",
        "subject": evaluation.patient,
        "encounter": evaluation.encounter,
        "authoredOn": evaluation.occurred,
        "author": evaluation.reference(DEVICE),
        "reasonCode": evaluation.complaint(),
        "note": notes(PROPOSAL),
        "action": [
            {
                "title": "Tests to consider",
                "selectionBehavior": "any",
                "action": [_action(test, evaluation) for test in tests],
            }
        ],
    }


def _action(test: ProposedTest, evaluation: Evaluation) -> Element:
    return {
        "title": test.name,
        "description": basis_of_test(test),
        "code": [concept(test.name, test.codes)],
        "documentation": artifacts(test.sources, evaluation.labels),
        "resource": evaluation.reference(name_of_request(test)),
    }
