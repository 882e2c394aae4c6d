"""Elements that all resources share: references, dates, notes, narrative; and no empty members."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import Any

from crampdx.record.dates import PartialDate

__all__ = [
    "RESOURCE_TYPES",
    "Element",
    "checked_date_time",
    "checked_reference",
    "date_time",
    "finished",
    "narrative",
    "notes",
    "origin_of",
    "reference_pattern",
]

Element = dict[str, Any]
"""A resource or a part of one."""

RESOURCE_TYPES = frozenset(
    {
        "AllergyIntolerance",
        "Condition",
        "DiagnosticReport",
        "Encounter",
        "FamilyMemberHistory",
        "Immunization",
        "Medication",
        "MedicationAdministration",
        "MedicationDispense",
        "MedicationRequest",
        "MedicationStatement",
        "Observation",
        "Patient",
        "Procedure",
        "QuestionnaireResponse",
        "ServiceRequest",
        "Specimen",
    }
)
"""The resources that an entry of a record can come from, and be referred to by."""

_ID = r"[A-Za-z0-9\-.]{1,64}"
_ORIGIN = re.compile(rf"(?P<reference>(?P<type>[A-Z][A-Za-z]+)/{_ID})(?:#.*)?")
_UUID = r"urn:uuid:[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_DATE_TIME = re.compile(
    r"[0-9]{4}(-[0-9]{2}(-[0-9]{2}"
    r"(T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?(Z|[-+](0[0-9]|1[0-3]):[0-5][0-9]))?"
    r")?)?"
)


def finished(resource: Element) -> Element:
    """The resource without empty members, and without characters that neither JSON nor XHTML bears.

    >>> finished({"code": {"coding": [], "text": "x"}, "note": [{"text": ""}], "detail": None})
    {'code': {'text': 'x'}}
    """
    content: Element = _filled(resource) or {}
    return content


def _filled(value: Any) -> Any:
    """The value without its empty parts; None where nothing is left."""
    if isinstance(value, dict):
        return {
            name: part for name, given in value.items() if (part := _filled(given)) is not None
        } or None
    if isinstance(value, list):
        return [part for given in value if (part := _filled(given)) is not None] or None
    if isinstance(value, str):
        return _UNFIT.sub("\N{REPLACEMENT CHARACTER}", value) if value.strip() else None
    return value


def reference_pattern(resource_type: str) -> str:
    """How a reference to a resource is written: relative, as an address, or as a `urn:uuid:`."""
    return rf"(?:(?:https?://[^\s<>\"']{{1,400}}/)?{resource_type}/{_ID}|{_UUID})"


def checked_reference(reference: str, resource_type: str) -> Element:
    """A reference that a caller gave, to a resource of one type.

    >>> checked_reference("Patient/1", "Patient")
    {'reference': 'Patient/1'}

    Raises:
        ValueError: It is none. The message does not hold it.
    """
    if not re.fullmatch(reference_pattern(resource_type), reference):
        raise ValueError(
            f"{resource_type.lower()}: give a reference such as '{resource_type}/1', an address"
            f" that ends so, or 'urn:uuid:…'"
        )
    return {"reference": reference}


def origin_of(place: str) -> str | None:
    """The reference to the resource that a place of a record names, if it names one.

    >>> origin_of("Observation/7#component[1]"), origin_of("entry[4]"), origin_of("Script/1")
    ('Observation/7', None, None)
    """
    match = _ORIGIN.fullmatch(place)
    return match["reference"] if match and match["type"] in RESOURCE_TYPES else None


def checked_date_time(value: str | None) -> str | None:
    """A time that a caller gave, as FHIR writes it.

    Raises:
        ValueError: It is none. The message does not hold it.
    """
    if value is not None and (not _DATE_TIME.fullmatch(value) or date_time(value) is None):
        raise ValueError(
            "occurred: give a date, or a date and time with seconds and zone,"
            " such as '2026-11-23T08:30:00Z'"
        )
    return value


def date_time(partial: str | None) -> str | None:
    """Write the time of a record as FHIR does: only the date if seconds or zone are missing.

    >>> date_time("2026-11-23T08:30"), date_time("2026-11-23T08:30:00Z"), date_time("soon")
    ('2026-11-23', '2026-11-23T08:30:00Z', None)
    """
    if partial is None:
        return None
    try:
        PartialDate(partial)
    except ValueError:
        return None
    return partial if _DATE_TIME.fullmatch(partial) else partial[:10]


def notes(*texts: str) -> list[Element]:
    """Notes, one for each text."""
    return [{"text": text} for text in texts]


def narrative(title: str, lines: Iterable[str] = ()) -> Element:
    """The text of a resource for people: a title and perhaps a list, all of it escaped.

    >>> narrative("a < b")["div"]
    '<div xmlns="http://www.w3.org/1999/xhtml"><p>a &lt; b</p></div>'
    """
    items = "".join(f"<li>{html.escape(line)}</li>" for line in lines)
    listing = f"<ul>{items}</ul>" if items else ""
    div = f'<div xmlns="http://www.w3.org/1999/xhtml"><p>{html.escape(title)}</p>{listing}</div>'
    return {"status": "generated", "div": div}
