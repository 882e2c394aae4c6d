"""Parts of a JSON tree, taken as they come: what is not of the expected form is not there.

Senders break FHIR in small ways: an object where a list belongs, a list where an object belongs, a
number as text. These functions never fail, whatever stands in the tree.
"""

from __future__ import annotations

import re
from typing import Any

from crampdx.record.dates import Days, PartialDate

__all__ = [
    "Node",
    "UnreadDate",
    "Unreadable",
    "codes_at",
    "day_at",
    "days_at",
    "days_named",
    "filled",
    "is_true",
    "node_at",
    "nodes_at",
    "number_at",
    "text_at",
    "word_at",
]

Node = dict[str, Any]
"""An object of JSON."""

_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_NUMBER = re.compile(r"[-+]?[0-9]{1,15}(\.[0-9]{1,15})?([eE][-+]?[0-9]{1,3})?")
_DAY = re.compile(r"\s*([0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?)(?:T|\s*$)")
_EMPTY: Node = {}


class Unreadable(Exception):
    """A field holds something, but not of its form."""


class UnreadDate(Unreadable):
    """A field says when something was, in a form that is not read."""


def nodes_at(parent: Node, field: str) -> list[Node]:
    """The objects of a list; an object alone is a list of one."""
    value = parent.get(field)
    if value is None:
        return []
    if isinstance(value, list):
        if len(value) == 1 and isinstance(value[0], dict):  # as is usual
            return value
        return [part for part in value if isinstance(part, dict)]
    return [value] if isinstance(value, dict) else []


def node_at(parent: Node, field: str) -> Node:
    """An object, or the first of a list; without one, an empty object."""
    value = parent.get(field, _EMPTY)
    if isinstance(value, dict):
        return value
    if isinstance(value, list):
        return next((part for part in value if isinstance(part, dict)), _EMPTY)
    return _EMPTY


def word_at(parent: Node, field: str) -> str:
    """A code or an address: text as it is, or nothing."""
    value = parent.get(field)
    return value if isinstance(value, str) else ""


def text_at(parent: Node, field: str, limit: int = 400) -> str | None:
    """Text for a person to read: without control characters, and cut at a limit."""
    value = parent.get(field)
    if not isinstance(value, str):
        return None
    if not value.isprintable():
        value = _UNPRINTABLE.sub("", value)
    return value[:limit].strip() or None


def number_at(parent: Node, field: str) -> float | None:
    """A number, also one that was written as text.

    Raises:
        Unreadable: There is a value, and it is no number.
    """
    value = parent.get(field)
    if value is None:
        return None
    if type(value) is float:
        return value
    is_written = isinstance(value, str) and _NUMBER.fullmatch(value.strip())
    if is_written or (isinstance(value, int) and not isinstance(value, bool)):
        try:
            return float(value)
        except OverflowError:
            raise Unreadable(field) from None
    raise Unreadable(field)


def day_at(parent: Node, field: str) -> str | None:
    """The day of a date or a time, as far as it is given: YYYY, YYYY-MM or YYYY-MM-DD.

    Whether there is such a day in the calendar is asked where the day is used.

    Raises:
        Unreadable: There is a value, and it has not the form of a date.
    """
    value = parent.get(field)
    if value is None:
        return None
    match = _DAY.match(value) if isinstance(value, str) else None
    if match is None:
        raise Unreadable(field)
    return match[1]


def days_named(day: str) -> Days:
    """The days that a date may mean.

    Raises:
        Unreadable: There is no such day.
    """
    try:
        return PartialDate(day).days
    except ValueError:
        raise Unreadable(day) from None


def days_at(parent: Node, field: str) -> Days | None:
    """The days that the date of a field may mean.

    Raises:
        Unreadable: There is a value, and there is no such day.
    """
    day = day_at(parent, field)
    return None if day is None else days_named(day)


def is_true(parent: Node, field: str) -> bool:
    """Whether a field says yes."""
    value = parent.get(field)
    return value is True or value == "true"


def filled(value: Any) -> bool:
    """Whether a field holds anything at all."""
    return value is not None and (bool(value) or not isinstance(value, (str, list, dict)))


def codes_at(parent: Node, field: str) -> list[str]:
    """The codes of a status, in lower case: of a plain code, or of all codings of a concept."""
    value = parent.get(field)
    if isinstance(value, str):
        return [value.strip().lower()] if value.strip() else []
    found = []
    for concept in nodes_at(parent, field):
        codings = nodes_at(concept, "coding") or [concept]
        given = [word_at(coding, "code") for coding in codings]
        found += [code for code in given if code] or [word_at(concept, "text")]
    return [code.strip().lower() for code in found if code.strip()]
