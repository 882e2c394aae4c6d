"""Entries of a record that are built without the model's validation.

Nearly every field that a reader gives an entry is of a plain form: a day, a word of a list, text
that was cleaned. Where all fields of an entry are, it is built here, as validation would build it,
in a fraction of the time. Where one is not, nothing is built, and the model decides. The tests
compare the two.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from crampdx.interop.fhir.tree import Node
from crampdx.record import Entry, Measurement, Status, days_of, entry_models

__all__ = ["plain_entry"]

_ORIGIN = re.compile(r"[A-Za-z0-9][-A-Za-z0-9._:/#\[\]]{0,199}")

MAX_TEXT = 400
MAX_UNIT = 40
MAX_DAY = 40
MAX_NUMBER = 1e12

Form = Callable[[Any], Any]
"""Gives a value as the model holds it, or None where it is not of the plain form."""


class _Plain(NamedTuple):
    """How the entries of a list are built: from a copy of this one, with fields of these forms.

    Attributes:
        prototype: An entry that says nothing.
        forms: The fields that a reader gives, and their forms.
        needs: The field that has to be given, beside a name.
    """

    prototype: Entry
    forms: Mapping[str, Form]
    needs: str = ""


def plain_entry(section: str, place: str, fields: Node) -> Entry | None:
    """An entry of which every field is of its plain form, or None where one is not.

    Args:
        section: The list of the record.
        place: Where the entry came from.
        fields: The fields; those that are None say nothing.
    """
    plain = _plain().get(section)
    if plain is None or not _ORIGIN.fullmatch(place):
        return None
    given: Node = {}
    for name, value in fields.items():
        if value is not None:
            form = plain.forms.get(name)
            taken = None if form is None else form(value)
            if taken is None:
                return None
            given[name] = taken
    if not ("code" in given or "text" in given) or (plain.needs and plain.needs not in given):
        return None
    given["origin"] = place
    return plain.prototype.model_copy(update=given)


# --------------------------------------------------------------------------------------- forms


def _text(most: int) -> Form:
    def form(value: Any) -> Any:
        return value if type(value) is str and len(value) <= most and value.isprintable() else None

    return form


def _word(*words: str) -> Form:
    known = frozenset(words)

    def form(value: Any) -> Any:
        return value if type(value) is str and value in known else None

    return form


def _status(value: Any) -> Any:
    return _STATUSES.get(value) if type(value) is str else None


def _day(value: Any) -> Any:
    return value if type(value) is str and len(value) <= MAX_DAY and _is_day(value) else None


@lru_cache(maxsize=4_096)
def _is_day(value: str) -> bool:
    try:
        days_of(value)
    except ValueError:
        return False
    return True


def _codes(value: Any) -> Any:
    return value if type(value) is tuple and value else None


def _number(value: Any) -> Any:
    return value if type(value) is float and -MAX_NUMBER <= value <= MAX_NUMBER else None


_STATUSES = {str(status): status for status in Status}
_NAME = {"code": _codes, "text": _text(MAX_TEXT), "date": _day}
_STATEMENT: Mapping[str, Form] = {
    **_NAME,
    "status": _status,
    "onset": _day,
    "end": _day,
    "body_site": _text(MAX_TEXT),
    "laterality": _word("left", "right", "bilateral"),
    "severity": _word("mild", "moderate", "severe"),
}
_FORMS: Mapping[str, Mapping[str, Form]] = {
    "findings": _STATEMENT,
    "diagnoses": _STATEMENT,
    "measurements": {
        **_NAME,
        "value": _number,
        "comparator": _word("<", "<=", ">=", ">"),
        "unit": _text(MAX_UNIT),
    },
    "medications": {
        **_NAME,
        "status": _status,
        "context": _word("taken", "ordered"),
        "start": _day,
        "stop": _day,
        "dose": _text(MAX_TEXT),
    },
    "family_history": {**_NAME, "relation": _text(MAX_TEXT), "status": _status},
    "test_results": {**_NAME, "status": _word("done", "ordered", "not_done")},
}
"""The fields that a reader gives, and their plain forms, for each list of a record."""


@lru_cache(maxsize=1)
def _plain() -> Mapping[str, _Plain]:
    return {section: _plain_of(entry_models()[section], forms) for section, forms in _FORMS.items()}


def _plain_of(model: type[Entry], forms: Mapping[str, Form]) -> _Plain:
    """The prototype has all fields of the model, in their order."""
    if model is Measurement:
        return _Plain(Measurement.model_construct(set(), value=0.0), forms, "value")
    return _Plain(model.model_construct(set()), forms)
