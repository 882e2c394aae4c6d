"""The bodies of requests: their media types, and the patient that they hold."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError

from crampdx.errors import SHOWN_ISSUES, RecordError, printable
from crampdx.interop.documents import form_of, read
from crampdx.json_reader import read_json
from crampdx.record import PatientRecord
from crampdx.service.problems import Problem, ProblemIssue, of_record

__all__ = [
    "DOCUMENT_TYPES",
    "JSON_TYPES",
    "accepts",
    "model_of",
    "patient_of",
    "patient_of_data",
    "refused_fields",
]

JSON_TYPES = ("application/json", "application/fhir+json")
DOCUMENT_TYPES = (
    *JSON_TYPES,
    "application/x-ndjson",
    "application/fhir+ndjson",
    "application/yaml",
)

T = TypeVar("T", bound=BaseModel)


def accepts(*types: str) -> Callable[[Request], None]:
    """A dependency of a route that refuses bodies of other media types.

    Args:
        types: The media types that it reads, without parameters.
    """

    def checked(request: Request) -> None:
        if request.method not in ("POST", "PUT", "PATCH"):
            return
        given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if given not in types:
            message = f"Content-Type: one of {', '.join(types)} is expected"
            raise Problem(415, "not-supported", message, headers={"accept": ", ".join(types)})

    return checked


def patient_of(body: bytes, as_of: str | None, today: Callable[[], date]) -> PatientRecord:
    """The patient of a document that is given as text.

    Args:
        body: A record, FHIR or a Phenopacket.
        as_of: The day of the assessment, where the request names one.
        today: Gives the day, where neither the request nor the document names one.

    Raises:
        Problem: The document is refused.
    """
    try:
        data = read_json(body)
    except RecordError:
        data = body  # NDJSON or YAML, or else refused
    return patient_of_data(data, as_of, today)


def patient_of_data(
    data: Any, as_of: str | None, today: Callable[[], date], under: str = ""
) -> PatientRecord:
    """The patient of a document; see `patient_of`.

    Args:
        data: The document as plain data, or as bytes that are not plain JSON.
        as_of: The day of the assessment, where the request names one.
        today: Gives the day, where neither names one.
        under: The field of the request that holds the document.

    Raises:
        Problem: The document is refused.
    """
    try:
        if as_of is None and form_of(data) == "fhir":
            as_of = today().isoformat()
        record = read(data, as_of)
    except RecordError as error:
        raise of_record(error, 400 if isinstance(data, bytes) else 422, under) from None
    except RecursionError:
        raise Problem(400, "structure", "the document is nested too deeply", under) from None
    if record.as_of is None:
        return record.model_copy(update={"as_of": today().isoformat()})
    return record


def model_of(model: type[T], body: bytes) -> T:
    """The body of a request as a model.

    Raises:
        Problem: It is not JSON, or not of the model's form: every field at once.
    """
    try:
        data = read_json(body)
    except RecordError as error:
        raise of_record(error, 400) from None
    try:
        return model.model_validate(data)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)
        raise refused_fields(faults) from None


def refused_fields(faults: Any) -> Problem:
    """The refusal of fields by pydantic, without their values."""
    issues = [
        ProblemIssue(_CODES.get(fault["type"], "value"), _message(fault), _path(fault["loc"]))
        for fault in faults[:SHOWN_ISSUES]
    ]
    first, *more = issues
    return Problem(422, first.code, first.message, first.expression, more=more)


_CODES = {"missing": "required", "extra_forbidden": "structure"}


def _message(fault: Any) -> str:
    if fault["type"] == "extra_forbidden":
        return "there is no such field"
    if fault["type"] == "union_tag_invalid":  # its own message holds the value
        return f"one of {fault['ctx']['expected_tags']} is expected"
    return str(fault["msg"]).removeprefix("Value error, ")


def _path(location: tuple[int | str, ...]) -> str:
    path = ""
    for step in location:
        path += f"[{step}]" if isinstance(step, int) else f".{printable(step)}"
    return path.removeprefix(".")
