"""What pydantic finds wrong with a record, as issues: the path as it was written, no values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from pydantic import ValidationError

from crampdx.errors import SHOWN_ISSUES, RecordIssue, did_you_mean, printable
from crampdx.record.models import (
    Coding,
    CrampHistory,
    FamilyStatement,
    FindingEntry,
    LeftOut,
    Measurement,
    Medication,
    PatientRecord,
    RecordModel,
    TestResult,
)

__all__ = ["issues_of"]

MAX_ISSUES = 1_000
"""The most faults that a refusal lists."""

_PRINTABLE = "text without control characters is expected"

_MODELS: Mapping[str, type[RecordModel]] = {
    "cramps": CrampHistory,
    "findings": FindingEntry,
    "diagnoses": FindingEntry,
    "exposures": FindingEntry,
    "shows": FindingEntry,
    "measurements": Measurement,
    "medications": Medication,
    "family_history": FamilyStatement,
    "test_results": TestResult,
    "code": Coding,
    "left_out": LeftOut,
}
"""The model of what stands below each field."""


def _fields_at(location: tuple[int | str, ...]) -> Iterable[str]:
    """The fields of the model in which the last step of a location stands."""
    above = [step for step in location[:-1] if isinstance(step, str) and step in _MODELS]
    return (_MODELS[above[-1]] if above else PatientRecord).model_fields


def _path(location: tuple[int | str, ...], document: Any) -> str:
    """The path as the caller wrote it: the key, where entries were given as a mapping."""
    path = ""
    before: int | str = ""
    for step in location:
        if isinstance(step, str):
            path += f".{printable(step)}"
            document = document.get(step) if isinstance(document, Mapping) else None
        elif isinstance(document, Mapping) and before != "code":
            given = (key for key, said in document.items() if said is not None)
            key = next(islice(given, max(step, 0), None), step)
            path += f".{printable(str(key))}"
            document = document.get(key)
        elif isinstance(document, list | tuple):
            path += f"[{step}]"
            document = document[step] if step < len(document) else None
        before = step
    return path.removeprefix(".")


def issues_of(error: ValidationError, document: Any) -> Iterator[RecordIssue]:
    """Translate what pydantic found wrong with a document.

    Args:
        error: What pydantic found.
        document: The document; no issue holds a value of it.
    """
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    for number, fault in enumerate(faults[:MAX_ISSUES]):
        location = fault["loc"]
        message = fault["msg"].removeprefix("Value error, ")
        suggestion = ""
        if fault["type"] == "string_pattern_mismatch":
            asks_for_id = location[-1] == "id"
            message = "an id is lower-case letters, digits and '_'" if asks_for_id else _PRINTABLE
        elif fault["type"] == "model_type":
            message = "a mapping of fields is expected (in JSON, an object)"
        elif fault["type"] == "extra_forbidden":
            message = "there is no such field"
            if number < SHOWN_ISSUES:
                suggestion = did_you_mean(str(location[-1]), _fields_at(location))
        yield RecordIssue(_path(location, document), message, suggestion)
    if len(faults) > MAX_ISSUES:
        yield RecordIssue("", f"and {len(faults) - MAX_ISSUES} faults more, which are not listed")
