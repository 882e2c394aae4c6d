"""From a mapping or JSON text to a record, or to the one error that names every fault."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from functools import lru_cache
from itertools import islice
from typing import Any

from pydantic import ValidationError

from crampdx.errors import RecordError, RecordIssue, printable
from crampdx.record.issues import issues_of
from crampdx.record.models import (
    Coding,
    CrampHistory,
    Entry,
    FamilyStatement,
    FindingEntry,
    LeftOut,
    Measurement,
    Medication,
    PatientRecord,
    RecordModel,
    TestResult,
)
from crampdx.text.json import read_json
from crampdx.text.sizes import check_size

__all__ = ["entry_models", "parse_record"]

MAX_FIELDS = 100
"""With more fields, known or not, a document is not looked at further."""

MAX_PARTS = 500_000
"""The most values that a record may hold, each entry, field and code counted as one."""

MAX_DEPTH = 10
"""How deep a record may be nested: codes of what a test result shows are six deep."""

_FIELDS = frozenset(PatientRecord.model_fields)
_SHOWN_FIELDS = 5

_building = threading.Lock()
"""Held while pydantic builds the model, which it does not do safely in several threads."""


@lru_cache(maxsize=1)
def _model() -> type[PatientRecord]:
    """The model of a record, built on first use."""
    with _building:
        PatientRecord.model_rebuild()
    return PatientRecord


@lru_cache(maxsize=1)
def entry_models() -> Mapping[str, type[Entry]]:
    """The model of the entries of each list of a record; all models of a record are built then."""
    entries: Mapping[str, type[Entry]] = {
        "findings": FindingEntry,
        "diagnoses": FindingEntry,
        "exposures": FindingEntry,
        "measurements": Measurement,
        "medications": Medication,
        "family_history": FamilyStatement,
        "test_results": TestResult,
    }
    _model()
    others: tuple[type[RecordModel], ...] = (Coding, CrampHistory, LeftOut)
    with _building:
        for model in (*others, *entries.values()):
            model.model_rebuild()
    return entries


def _check_size(data: Any) -> None:
    """Refuse what is certainly not a record before pydantic makes a fault of each of its parts."""
    if not isinstance(data, Mapping):
        return
    if len(data) > MAX_FIELDS:
        unknown = [str(key) for key in islice(data, MAX_FIELDS) if key not in _FIELDS]
        named = ", ".join(f"'{printable(key)}'" for key in unknown[:_SHOWN_FIELDS])
        message = f"unknown fields {named} and others: {len(data):,} fields, where a record has"
        raise RecordError([RecordIssue("", f"{message} at most {len(_FIELDS)}")])
    check_size(tuple(data.values()), parts=MAX_PARTS, depth=MAX_DEPTH)


def parse_record(document: PatientRecord | Mapping[str, Any] | str | bytes) -> PatientRecord:
    """Read a record from a mapping, or from JSON text.

    Args:
        document: A mapping of the record's form, its JSON as text or bytes, or a record.

    Raises:
        RecordError: The document is not of the record's form; names every field at fault. Neither
            the message nor what caused it holds a value of the record.
    """
    if isinstance(document, PatientRecord):
        return document
    try:
        data = read_json(document) if isinstance(document, str | bytes) else document
        _check_size(data)
        return _model().model_validate(data)
    except ValidationError as error:
        issues = tuple(issues_of(error, data))
    except (RecursionError, UnicodeError):
        issues = (RecordIssue("", "the record is nested too deeply or is not valid text"),)
    raise RecordError(issues)
