"""What pydantic finds wrong with a record, as issues: the path as it was written, no values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

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
from crampdx.text.validation import describe_fault

__all__ = ["issues_of"]

MAX_ISSUES = 1_000
"""The most faults that a refusal lists."""

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


MAX_DESCRIBED = 20_000
"""With more faults none is described: pydantic describes all or none, in a kilobyte each."""


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
            if document is not None and not isinstance(document, Mapping):
                break  # written in short, such as a status alone or a code as text
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


_NAMES = {
    "id": "an id is lower-case letters, digits and '_'",
    "reason": "a reason is lower-case letters and '_'",
    "origin": "an origin is a reference such as 'Condition/12'",
    "places": "a place is a reference such as 'Condition/12'",
}
"""What text of a form is expected to be, by the field that holds it."""


def _message(fault: ErrorDetails) -> str:
    if fault["type"] == "string_pattern_mismatch":
        field = next((step for step in reversed(fault["loc"]) if isinstance(step, str)), "")
        return _NAMES.get(field, "text without control characters is expected")
    return describe_fault(fault).message


def issues_of(error: ValidationError, document: Any) -> Iterator[RecordIssue]:
    """Translate what pydantic found wrong with a document.

    Args:
        error: What pydantic found.
        document: The document; no issue holds a value of it.
    """
    if error.error_count() > MAX_DESCRIBED:
        yield RecordIssue("", f"{error.error_count():,} faults, too many to list them")
        return
    faults = error.errors(include_url=False, include_input=False)
    for number, fault in enumerate(faults[:MAX_ISSUES]):
        location = fault["loc"]
        message = _message(fault)
        suggestion = ""
        if fault["type"] == "extra_forbidden" and number < SHOWN_ISSUES:
            suggestion = did_you_mean(str(location[-1]), _fields_at(location))
        yield RecordIssue(_path(location, document), message, suggestion)
    if len(faults) > MAX_ISSUES:
        yield RecordIssue("", f"and {len(faults) - MAX_ISSUES} faults more, which are not listed")
