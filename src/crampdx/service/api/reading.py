"""The bodies of requests: their media types, and the patient that they hold."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError

from crampdx.errors import RecordError
from crampdx.inputs.detection import open_document
from crampdx.inputs.registry import is_json, media_types
from crampdx.record.dates import PartialDate
from crampdx.record.models import PatientRecord
from crampdx.service.api.problems import Problem, of_fields, of_record
from crampdx.text.json import read_json

__all__ = [
    "DOCUMENT_TYPES",
    "JSON_TYPES",
    "accepts",
    "json_of",
    "model_of",
    "patient_of",
    "patient_of_data",
]

DOCUMENT_TYPES = media_types()
"""The media types of documents: those of every input format."""

JSON_TYPES = tuple(filter(is_json, DOCUMENT_TYPES))

T = TypeVar("T", bound=BaseModel)


def accepts(*types: str) -> Callable[[Request], Awaitable[None]]:
    """A dependency of a route that refuses bodies of other media types.

    Args:
        types: The media types that it reads, without parameters.
    """

    async def checked(request: Request) -> None:
        given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if given not in types:
            message = f"Content-Type: one of {', '.join(types)} is expected"
            raise Problem(415, "not-supported", message, headers={"accept": ", ".join(types)})

    return checked


def patient_of(body: bytes, as_of: str | None, today: Callable[[], date]) -> PatientRecord:
    """The patient of a document that is given as text.

    Args:
        body: A document of any input format.
        as_of: The day of the assessment, where the request names one.
        today: Gives the day, where neither the request nor the document names one.

    Raises:
        Problem: The document is refused.
    """
    try:
        data = read_json(body)
    except RecordError:
        data = body  # NDJSON or YAML, or else refused
    if isinstance(data, str):  # text in JSON is not read once more
        raise Problem(422, "structure", "an object or an array is expected, not text in JSON")
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
        document = open_document(data)
        if as_of is None and document.format.default_as_of:
            as_of = today().isoformat()
        record = document.read(as_of)
    except RecordError as error:
        raise of_record(error, 400 if isinstance(data, bytes) else 422, under) from None
    except RecursionError:
        raise Problem(400, "structure", "the document is nested too deeply", under) from None
    if record.as_of is None:
        return record.model_copy(update={"as_of": PartialDate(today().isoformat())})
    return record


def json_of(body: bytes) -> Any:
    """The data of a body that has to be JSON.

    Raises:
        Problem: It is not JSON in UTF-8, or a key stands twice in one object (400).
    """
    try:
        return read_json(body)
    except RecordError as error:
        raise of_record(error, 400) from None


def model_of(model: type[T], data: Any, status: int = 422, under: str = "") -> T:
    """Plain data as a model.

    Args:
        model: The model.
        data: The data.
        status: The status of a refusal.
        under: The field of the request where the data stands.

    Raises:
        Problem: It is not of the model's form: every field at once.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise of_fields(
            error.errors(include_url=False, include_input=False), status, under
        ) from None
    except RecursionError:
        raise Problem(400, "structure", "the body is nested too deeply", under) from None
