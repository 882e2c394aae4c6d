"""OperationOutcome: faults of a record, and what an assessment says of its input."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Literal, NamedTuple

from crampdx.assessment import Assessment, Clarification, Level, NotUsed, RecordWarning, WarningCode
from crampdx.errors import RecordError, RecordIssue, printable
from crampdx.outputs.fhir.elements import Element, finished
from crampdx.outputs.labels import Labels, counted, spoken

__all__ = ["OutcomeIssue", "issues_of", "operation_outcome"]

Severity = Literal["fatal", "error", "warning", "information"]

_PATH = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\[[0-9]+\])?(\.[A-Za-z_][A-Za-z0-9_]*(\[[0-9]+\])?)*")
"""FHIRPath's simple subset: names, dots and indexes."""

MAX_EXPRESSION = 400
"""The most characters of an expression; a longer one is left out."""

MAX_DIAGNOSTICS = 4_000
"""The most characters of diagnostics."""

_TYPES: Mapping[WarningCode, str] = {
    "calculated": "informational",
    "complaint_absent": "business-rule",
    "contradictory": "conflict",
    "derived_finding": "business-rule",
    "implausible": "value",
    "in_the_future": "value",
    "no_as_of": "incomplete",
    "outranked": "conflict",
    "read_from_name": "informational",
    "stale": "business-rule",
    "taken_for": "informational",
    "unit": "value",
    "unknown_id": "code-invalid",
    "values_differ": "conflict",
}
"""FHIR's issue type of each of our warnings."""


class OutcomeIssue(NamedTuple):
    """An issue of an OperationOutcome.

    Attributes:
        severity: How grave it is.
        code: A code of FHIR's issue types.
        diagnostics: What is wrong, for people.
        expression: Where, as a path; it is left out if it is not a path in FHIRPath's simple form.
        word: A stable word of ours for the kind of issue; may be empty.
    """

    severity: Severity
    code: str
    diagnostics: str
    expression: str = ""
    word: str = ""


def operation_outcome(
    issues: RecordError | Iterable[OutcomeIssue | tuple[Severity, str, str, str]],
) -> Element:
    """An OperationOutcome.

    Args:
        issues: A refused record, or issues as (severity, code, diagnostics, expression). Without
            any, the outcome says so, since FHIR asks for one at least.

    >>> operation_outcome([("error", "required", "the patient is missing", "Bundle.entry")])
    ... # doctest: +NORMALIZE_WHITESPACE
    {'resourceType': 'OperationOutcome', 'issue': [{'severity': 'error', 'code': 'required',
     'diagnostics': 'the patient is missing', 'expression': ['Bundle.entry']}]}
    """
    if isinstance(issues, RecordError):
        given = [_refused(issue) for issue in issues.issues]
    else:
        given = [OutcomeIssue(*issue) for issue in issues]
    if not given:
        given = [OutcomeIssue("information", "informational", "No issue.")]
    return finished({"resourceType": "OperationOutcome", "issue": [_issue(one) for one in given]})


def _refused(issue: RecordIssue) -> OutcomeIssue:
    return OutcomeIssue("error", "invalid", str(issue), issue.path)


def _issue(issue: OutcomeIssue) -> Element:
    is_path = len(issue.expression) <= MAX_EXPRESSION and _PATH.fullmatch(issue.expression)
    return {
        "severity": issue.severity,
        "code": issue.code,
        "details": {"text": issue.word},
        "diagnostics": printable(issue.diagnostics, MAX_DIAGNOSTICS),
        "expression": [issue.expression] if is_path else [],
    }


def issues_of(assessment: Assessment, labels: Labels) -> list[OutcomeIssue]:
    """What an assessment says of its record: what is open, could not be read, or was not used."""
    return [
        *(_open(item, labels) for item in assessment.clarify),
        *(_warning(warning) for warning in assessment.warnings),
        *(_not_used(item) for item in assessment.not_used),
    ]


def _open(item: Clarification, labels: Labels) -> OutcomeIssue:
    kind = "red flag" if item.kind == "red_flag" else "caution"
    check = labels.findings(item.findings)
    message = f"The {kind} '{item.name}' stays open, since the record is unclear. Check: {check}."
    return OutcomeIssue("warning", "incomplete", message, word="clarify")


def _warning(warning: RecordWarning) -> OutcomeIssue:
    severity: Severity = "warning" if warning.level is Level.WARNING else "information"
    place = f"{warning.place}: " if warning.place else ""
    code = _TYPES.get(warning.code, "processing")
    return OutcomeIssue(severity, code, place + warning.message, warning.place, warning.code)


def _not_used(item: NotUsed) -> OutcomeIssue:
    entries = counted(item.count, "entry", "entries")
    more = ", …" if item.count > len(item.places) else ""
    reason = spoken(item.reason)
    message = f"{entries} not used ({reason}): {', '.join(item.places)}{more}"
    return OutcomeIssue("information", "informational", message, word=item.reason)
