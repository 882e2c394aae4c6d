"""FHIR R4 out: an assessment as a Bundle, a test as a draft, faults as an OperationOutcome.

Resources are plain dicts, ready for `json.dumps`. They are deterministic: no clock is read, and
what has an identity gets it from the content. Nothing is an order and nothing is a probability;
docs/fhir-output.md says which resource says what.

>>> import crampdx
>>> rules = crampdx.KnowledgeBase.load("article")
>>> answer = crampdx.assess({"findings": {"hypokalemia": True}}, rules)
>>> bundle = assessment_bundle(answer, rules, patient="Patient/1")
>>> bundle["entry"][0]["resource"]["finding"][0]["itemCodeableConcept"]["text"]
'Low potassium'
"""

from __future__ import annotations

from crampdx.outputs.fhir.bundle import assessment_bundle
from crampdx.outputs.fhir.codings import SYSTEM_ADDRESSES
from crampdx.outputs.fhir.elements import reference_pattern
from crampdx.outputs.fhir.outcomes import OutcomeIssue, operation_outcome
from crampdx.outputs.fhir.proposals import service_request

__all__ = [
    "SYSTEM_ADDRESSES",
    "OutcomeIssue",
    "assessment_bundle",
    "operation_outcome",
    "reference_pattern",
    "service_request",
]
