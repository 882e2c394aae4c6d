"""The bodies of requests: their media types, and the patient that they hold."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from datetime import date
from functools import cache
from itertools import islice
from typing import Any, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError

from crampdx.errors import SHOWN_ISSUES, RecordError, printable
from crampdx.inputs.detection import open_document
from crampdx.inputs.registry import is_json, media_types
from crampdx.record.dates import PartialDate
from crampdx.record.models import Coding, CrampHistory, LeftOut, PatientRecord
from crampdx.record.parsing import entry_models
from crampdx.service.api.problems import Problem, ProblemIssue, below, of_fields, of_record
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

MAX_UNKNOWN = 10_000
"""The most names of a record that are not those of fields: ids of findings, and mistakes."""


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
    if isinstance(data, dict) and len(data) > MAX_UNKNOWN:  # of no format that is known
        _check_names(data, under)
    try:
        document = open_document(data)
        if as_of is None and document.format.default_as_of:
            as_of = today().isoformat()
        if document.format.name == "record":
            _check_names(document.data, under)
        record = document.read(as_of)
    except RecordError as error:
        raise of_record(error, 400 if isinstance(data, bytes) else 422, under) from None
    except RecursionError:
        raise Problem(400, "structure", "the document is nested too deeply", under) from None
    if record.as_of is None:
        return record.model_copy(update={"as_of": PartialDate(today().isoformat())})
    return record


def _check_names(data: Any, under: str) -> None:
    """Make sure that not too many names of a record have to be refused, which takes room for each.

    Raises:
        Problem: There are too many; names the first of them.
    """
    unknown = list(islice(_unknown_names(data), MAX_UNKNOWN + 1))
    if len(unknown) > MAX_UNKNOWN:
        message = f"the record has more than {MAX_UNKNOWN} names that are not fields of a record"
        first = [
            ProblemIssue("structure", "unknown field", below(under, path))
            for path in unknown[:SHOWN_ISSUES]
        ]
        raise Problem(422, "too-long", message, under, more=first)


def _unknown_names(data: Any) -> Iterator[str]:
    """The paths of members that are named as no field is, the ids of findings among them."""
    left = [("", data)]
    while left:
        path, part = left.pop()
        if isinstance(part, list):
            left += [(f"{path}[{index}]", inner) for index, inner in enumerate(part)]
        elif isinstance(part, dict):
            for name, inner in part.items():
                step = below(path, printable(str(name)))
                if name not in _field_names():
                    yield step
                if isinstance(inner, dict | list):
                    left.append((step, inner))


@cache
def _field_names() -> frozenset[str]:
    models: tuple[type[BaseModel], ...] = (
        PatientRecord,
        CrampHistory,
        Coding,
        LeftOut,
        *entry_models().values(),
    )
    return frozenset(name for model in models for name in model.model_fields)


def json_of(body: bytes) -> Any:
    """The data of a body that has to be JSON.

    Raises:
        Problem: It is not JSON in UTF-8, or a key is twice in one object (400).
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
        under: The field of the request where the data is.

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
