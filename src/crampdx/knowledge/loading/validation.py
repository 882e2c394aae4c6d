"""What pydantic finds wrong with an entry, in the words of an author of rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from crampdx.errors import KnowledgeIssue, did_you_mean, printable
from crampdx.knowledge.loading.entries import SourceLocation
from crampdx.knowledge.models import RESERVED_FORMS, Model
from crampdx.text.validation import describe_fault

__all__ = ["validation_issues"]

Location = tuple[str | int, ...]


def validation_issues(
    error: ValidationError, data: Any, origin: SourceLocation, model: type[Model]
) -> Iterator[KnowledgeIssue]:
    """An issue for each fault of an entry, without those that only follow from another."""
    faults = error.errors(include_url=False, include_input=False)
    keys = _keys_of(model)
    meant = {
        (fault["loc"][:-1], key)
        for fault in faults
        if fault["type"] == "extra_forbidden" and (key := _nearest(fault, keys))
    }
    for fault in faults:
        if not _follows(fault, faults, meant):
            yield _issue(fault, data, origin, keys)


def _follows(
    fault: ErrorDetails, faults: Iterable[ErrorDetails], meant: set[tuple[Location, str]]
) -> bool:
    """Whether a fault is there only because of another: a misspelt key, or a part that failed."""
    location = fault["loc"]
    if fault["type"] == "missing":
        return (location[:-1], str(location[-1])) in meant
    return fault["type"] == "too_short" and any(
        other["loc"][: len(location)] == location and len(other["loc"]) > len(location)
        for other in faults
    )


def _nearest(fault: ErrorDetails, keys: Iterable[str]) -> str:
    hint = did_you_mean(str(fault["loc"][-1]), keys)
    return hint.split("'")[1] if hint else ""


def _issue(
    fault: ErrorDetails, data: Any, origin: SourceLocation, keys: Iterable[str]
) -> KnowledgeIssue:
    location = fault["loc"]
    word = str(location[-1]) if location else ""
    match fault["type"]:
        case "extra_forbidden" if word in RESERVED_FORMS:
            message = f"'{word}' is reserved for a later form of shown_by"
            return origin.issue(message, *location)
        case "extra_forbidden":
            message = f"there is no key '{printable(word)}' here"
            return origin.issue(message, *location, hint=did_you_mean(word, keys))
        case "missing":
            return origin.issue(f"the key '{word}' is missing", *location[:-1])
        case _:
            described = describe_fault(fault, _value_at(data, location))
            return origin.issue(described.message, *location, hint=described.hint)


def _value_at(data: Any, location: Location) -> Any:
    """The value at a location; steps that are not in the data (union members) are passed over."""
    for step in location:
        if isinstance(data, list):
            data = dict(enumerate(data))
        if isinstance(data, Mapping) and step in data:
            data = data[step]
    return data


def _keys_of(model: type[Model]) -> set[str]:
    """Every key that the model or a model inside it knows."""
    schema = model.model_json_schema()
    parts = [schema, *schema.get("$defs", {}).values()]
    return {key for part in parts for key in part.get("properties", {})}
