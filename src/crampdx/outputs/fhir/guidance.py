"""GuidanceResponse: that an evaluation took place, by which rules, and what would change it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from uuid import UUID

from crampdx.assessment import Assessment, ProposedTest, Question
from crampdx.errors import printable
from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.models import CodeSystem, MeasuredValue, TestKind
from crampdx.outputs.fhir.codings import codings, exact_codes, loinc
from crampdx.outputs.fhir.elements import Element, narrative, notes
from crampdx.outputs.fhir.evaluation import DEVICE, Evaluation, module_name
from crampdx.outputs.fhir.words import basis_of_test, question_asked

__all__ = ["GUIDANCE", "guidance_response"]

GUIDANCE = "GuidanceResponse"

MAX_REQUEST_ID = 200
"""The most characters of the id of a request."""

_PATHS = {"FamilyMemberHistory": "condition.code", "MedicationStatement": "medication"}
"""Where the code is, if not in `code`."""

_REPORTS = {TestKind.NEUROPHYSIOLOGY, TestKind.IMAGING}
"""The kinds of tests that are reported in a DiagnosticReport; the others are in an Observation."""


def guidance_response(
    evaluation: Evaluation, messages: Iterable[str], result: Iterable[str]
) -> Element:
    """The evaluation and what data would change its answer.

    Args:
        evaluation: What to write.
        messages: The names of OperationOutcomes of the bundle.
        result: The names of RequestGroups of the bundle, one at most.
    """
    assessment = evaluation.assessment
    asked = [question_asked(question, evaluation.labels) for question in assessment.questions]
    status = "data-requested" if _wants_more(assessment) else "success"
    return {
        "resourceType": "GuidanceResponse",
        "text": narrative(f"Evaluation by crampdx {assessment.version}: {status}.", asked),
        "requestIdentifier": _request(evaluation.request_id),
        "moduleUri": module_name(assessment),
        "status": status,
        "subject": evaluation.patient,
        "encounter": evaluation.encounter,
        "occurrenceDateTime": evaluation.occurred,
        "performer": evaluation.reference(DEVICE),
        "reasonCode": evaluation.complaint(),
        "note": notes(
            *(f"Ask: {text}" for text in asked),
            *(f"Test: {test.name}. {basis_of_test(test)}" for test in assessment.tests),
            *_settled(evaluation),
            assessment.intended_use,
        ),
        "evaluationMessage": [evaluation.reference(name) for name in messages],
        "result": next((evaluation.reference(name) for name in result), None),
        "dataRequirement": [
            *(_of_question(question, evaluation.knowledge) for question in assessment.questions),
            *(_of_test(test, evaluation.knowledge) for test in assessment.tests),
        ],
    }


def _settled(evaluation: Evaluation) -> Iterator[str]:
    """The tests that the record holds already, which are not proposed again."""
    assessment = evaluation.assessment
    for said, tests in (("done", assessment.tests_done), ("ordered", assessment.tests_ordered)):
        if tests:
            yield f"Already {said}: {', '.join(evaluation.labels.names('test', tests))}."


def _wants_more(assessment: Assessment) -> bool:
    return bool(assessment.questions or assessment.tests or assessment.clarify)


def _request(request_id: str | None) -> Element | None:
    """The id of the request; one that is a UUID is given as the URN that it is."""
    if request_id is None:
        return None
    try:
        return {"system": "urn:ietf:rfc:3986", "value": UUID(request_id).urn}
    except ValueError:
        return {"value": printable(request_id, MAX_REQUEST_ID)}


def _of_question(question: Question, knowledge: KnowledgeBase) -> Element:
    known = knowledge.findings.get(question.finding)
    kind = known.kind.traits.fhir_output_type if known else "Observation"
    codes = exact_codes(knowledge).get(("finding", question.finding), ())
    return _requirement(f"finding.{question.finding}", kind, codings(codes))


def _of_test(test: ProposedTest, knowledge: KnowledgeBase) -> Element:
    """LOINC names what a test shows; the codes of other systems name what is done."""
    shown = codings(code for code in test.codes if code.system is CodeSystem.LOINC)
    shown += [loinc(code) for code in _measured(test, knowledge)]
    if test.codes and not shown:
        return _requirement(f"test.{test.test}", "Procedure", codings(test.codes))
    kind = "DiagnosticReport" if test.kind in _REPORTS else "Observation"
    return _requirement(f"test.{test.test}", kind, shown)


def _requirement(name: str, kind: str, codes: list[Element]) -> Element:
    path = _PATHS.get(kind, "code")
    return {
        "id": name,
        "type": kind,
        "codeFilter": [{"path": path, "code": codes}] if codes else [],
    }


def _measured(test: ProposedTest, knowledge: KnowledgeBase) -> list[str]:
    """The LOINC codes of the measurements that show the findings of a test, but not its own."""
    findings = (knowledge.findings.get(outcome.finding) for outcome in test.would_show)
    forms = (form for finding in findings if finding for form in finding.shown_by)
    values = [form for form in forms if isinstance(form, MeasuredValue)]
    by_name = _loinc_of(knowledge) if values else {}
    codes = (c for form in values for c in form.loinc or by_name.get(form.measurement or "", ()))
    own = {code.code for code in test.codes}
    return [code for code in dict.fromkeys(codes) if code not in own]


@lru_cache(maxsize=8)
def _loinc_of(knowledge: KnowledgeBase) -> Mapping[str, tuple[str, ...]]:
    """The LOINC codes of each measurement, by our id."""
    return {
        form.measurement: form.loinc
        for form in knowledge.measurements().values()
        if form.measurement
    }
