"""What a refused request is answered: an OperationOutcome where FHIR is spoken, else problem JSON.

Messages name the field and the next step. They hold no value of the request.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, NamedTuple

from starlette.responses import JSONResponse

from crampdx.errors import SHOWN_ISSUES, RecordError, printable
from crampdx.outputs.fhir import operation_outcome
from crampdx.text.validation import describe_fault

__all__ = [
    "FHIR_TYPE",
    "PROBLEM_TYPE",
    "Problem",
    "ProblemIssue",
    "below",
    "of_fields",
    "of_record",
    "outcome",
    "problem_json",
    "response",
]

FHIR_TYPE = "application/fhir+json"
PROBLEM_TYPE = "application/problem+json"
FHIR_PATHS = ("/cds-services", "/assess/fhir")
"""The paths, with all below them, whose refusals are resources of FHIR."""

_CODES = {
    400: "invalid",
    401: "security",
    403: "security",
    404: "not-found",
    405: "not-supported",
    408: "timeout",
    412: "incomplete",
    413: "too-long",
    415: "not-supported",
    422: "value",
    429: "throttled",
    431: "too-long",
    503: "transient",
    504: "timeout",
}

_MESSAGES = {
    404: "not found; see /openapi.json",
    405: "method not allowed; see the Allow header",
    503: "the service cannot answer now; send it again later",
}


class ProblemIssue(NamedTuple):
    """One fault of a request.

    Attributes:
        code: FHIR's issue type, such as `required`, `value`, `structure` or `not-found`.
        message: What is wrong and what is expected, without any value of the request.
        expression: The path of the field, such as `context.userId`; may be empty.
    """

    code: str
    message: str
    expression: str = ""


class Problem(Exception):
    """A request that is refused. Raised anywhere below a route; answered by `response`.

    Attributes:
        status: The HTTP status.
        issues: Every fault.
        headers: Further headers of the answer.

    >>> Problem(400, "required", "give the user", "context.userId").issues[0].expression
    'context.userId'
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        expression: str = "",
        *,
        more: Iterable[ProblemIssue] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Describe the refusal.

        Args:
            status: The HTTP status.
            code: FHIR's issue type.
            message: What is wrong and what is expected, without any value of the request.
            expression: The path of the field.
            more: Further faults of the same request.
            headers: Further headers of the answer.
        """
        super().__init__(message)
        self.status = status
        self.issues = (ProblemIssue(code, message, expression), *more)
        self.headers = dict(headers or {})

    @classmethod
    def of(cls, status: int, headers: Mapping[str, str] | None = None) -> Problem:
        """The problem of a status that says all there is to say."""
        code = _CODES.get(status, "exception" if status >= 500 else "processing")
        return cls(status, code, _MESSAGES.get(status, _phrase(status)), headers=headers)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"


def of_record(error: RecordError, status: int = 422, under: str = "") -> Problem:
    """The refusal of a record: one issue for each field.

    Args:
        error: Why the record is refused.
        status: The HTTP status.
        under: The field of the request that holds the record.
    """
    issues = [
        ProblemIssue("value", str_of(issue.message, issue.suggestion), below(under, issue.path))
        for issue in error.issues[:SHOWN_ISSUES]
    ] or [ProblemIssue("value", "the record is refused", under)]
    first, *more = issues
    return Problem(status, first.code, first.message, first.expression, more=more)


def str_of(message: str, suggestion: str) -> str:
    """A message with its suggestion."""
    return f"{message}; {suggestion}" if suggestion else message


def of_fields(faults: Sequence[Mapping[str, Any]], status: int = 422, under: str = "") -> Problem:
    """The refusal of fields by pydantic: one issue for each, without its value.

    Args:
        faults: What pydantic says of them.
        status: The HTTP status.
        under: The field of the request that holds them.
    """
    first, *more = [_of_field(fault, under) for fault in faults[:SHOWN_ISSUES]]
    return Problem(status, first.code, first.message, first.expression, more=more)


_FIELD_CODES = {"missing": "required", "extra_forbidden": "structure"}
_FIELD_MESSAGES = {
    "dict_type": "a JSON object is expected",
    "model_attributes_type": "a JSON object is expected",
    "model_type": "a JSON object is expected",
}
_NO_FIELDS = frozenset({"[key]", "function-after", "why", "why_not", "what_if", "next_questions"})
"""Steps by which pydantic says which part of a model, or which of several models, it speaks of."""


def _of_field(fault: Mapping[str, Any], under: str) -> ProblemIssue:
    kind = fault["type"]
    message = describe_fault(fault).message
    path = _path(fault["loc"])
    field, colon, said = message.partition(": ")
    if kind == "value_error" and colon and field.isalpha():  # a model names the field at fault
        path, message = below(path, field), said
    if kind == "union_tag_invalid":  # its own message holds the value
        message = f"one of {fault['ctx']['expected_tags']} is expected"
    message = _FIELD_MESSAGES.get(kind, message)
    return ProblemIssue(_FIELD_CODES.get(kind, "value"), message, below(under, path))


def _path(location: Iterable[int | str]) -> str:
    path = ""
    for step in location:
        if isinstance(step, int):
            path += f"[{step}]"
        elif step not in _NO_FIELDS:
            path = below(path, printable(step))
    return path


def below(under: str, path: str) -> str:
    """The path of a field that is below another."""
    return ".".join(part for part in (under, path) if part).replace(".[", "[")


def outcome(problem: Problem) -> dict[str, Any]:
    """The OperationOutcome of a problem."""
    return operation_outcome(("error", *issue) for issue in problem.issues)


def problem_json(problem: Problem) -> dict[str, Any]:
    """Problem details of RFC 9457, with every fault in `errors`."""
    return {
        "type": "about:blank",
        "title": _phrase(problem.status),
        "status": problem.status,
        "detail": problem.issues[0].message,
        "errors": [
            {"path": issue.expression, "code": issue.code, "message": issue.message}
            for issue in problem.issues
        ],
    }


def response(problem: Problem, path: str) -> JSONResponse:
    """The answer to a refused request, in the form that its path asks for.

    Args:
        problem: Why it is refused.
        path: The path of the request.
    """
    fhir = any(path == spoken or path.startswith(f"{spoken}/") for spoken in FHIR_PATHS)
    return JSONResponse(
        outcome(problem) if fhir else problem_json(problem),
        problem.status,
        problem.headers,
        FHIR_TYPE if fhir else PROBLEM_TYPE,
    )
