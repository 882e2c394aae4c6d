"""A patient in any form that crampdx reads: our record, FHIR or a Phenopacket.

The form is recognized by the content, not by a file's name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import islice
from typing import Any, Literal

from crampdx.errors import RecordError, RecordIssue, did_you_mean
from crampdx.inputs.texts import data_of_text, decoded
from crampdx.record.dates import parse_as_of
from crampdx.record.models import PatientRecord
from crampdx.record.parsing import parse_record
from crampdx.text.json import read_json

__all__ = ["Form", "form_of", "read"]

Form = Literal["record", "fhir", "phenopacket"]

_NAMES: Mapping[Form, str] = {
    "record": "a record of crampdx",
    "fhir": "FHIR",
    "phenopacket": "a Phenopacket",
}
_EXPECTED = (
    "give a record of crampdx (such as 'findings'), FHIR (a Bundle, a list of resources or NDJSON:"
    " 'resourceType') or a Phenopacket ('phenotypicFeatures', 'subject', 'metaData', 'proband')"
)
_MAX_LOOKED_AT = 50
"""So many resources of a list, or keys of a mapping, are looked at."""


class _Ndjson(str):
    """Text of which each line is a resource of FHIR."""

    __slots__ = ()


def form_of(document: Any) -> Form:
    """The form of a document.

    Args:
        document: A mapping, a list, JSON, NDJSON or YAML as text or bytes, a message of the
            package `phenopackets`, or a record.

    Raises:
        RecordError: It is of no form that is known, or of several.

    >>> form_of({"resourceType": "Bundle"}), form_of("subject: {sex: MALE}")
    ('fhir', 'phenopacket')
    """
    return _form(_opened(document))


def read(document: Any, as_of: str | None = None) -> PatientRecord:
    """Read a patient in whatever form the document is.

    Args:
        document: See `form_of`.
        as_of: The day of the assessment. It stands before what the document says of that.

    Raises:
        RecordError: The form is not recognized, the document is refused, or `as_of` is no date.

    >>> read({"findings": {"muscle_cramp": True}}, as_of="2026-03-01").as_of
    '2026-03-01'
    """
    day = parse_as_of(as_of)
    data = _opened(document)
    match _form(data):
        case "fhir":
            from crampdx.inputs.fhir import read_fhir

            return read_fhir(data, day)
        case "phenopacket":
            from crampdx.inputs.phenopackets import read_phenopacket

            return read_phenopacket(data, day)
        case _:
            record = parse_record(data)
            return record if day is None else record.model_copy(update={"as_of": day})


def _opened(document: Any) -> Any:
    """The data of text, or the text itself where it is NDJSON."""
    if not isinstance(document, str | bytes):
        return document
    text = decoded(document)
    return _Ndjson(text) if _is_ndjson(text) else data_of_text(text)


def _is_ndjson(text: str) -> bool:
    """Whether the first of several lines is a whole FHIR resource."""
    line, _, rest = text.strip().partition("\n")
    if not rest:
        return False
    try:
        return _is_resource(read_json(line))
    except RecordError:
        return False


def _is_resource(data: Any) -> bool:
    return isinstance(data, Mapping) and "resourceType" in data


def _form(data: Any) -> Form:
    if isinstance(data, PatientRecord):
        return "record"
    if isinstance(data, _Ndjson):
        return "fhir"
    forms = [form for form, holds in _found(data) if holds]
    if len(forms) > 1:
        both = " and ".join(_NAMES[form] for form in forms)
        raise _refused(f"this could be {both}; {_EXPECTED}")
    if not forms:
        raise _unrecognized(data)
    return forms[0]


def _found(data: Any) -> tuple[tuple[Form, bool], ...]:
    fhir = _is_fhir(data)
    packet = _is_packet(data)
    record = _has_field(data) or (not (packet or fhir) and _is_nearly_record(data))
    return (("record", record), ("fhir", fhir), ("phenopacket", packet))


def _is_fhir(data: Any) -> bool:
    if isinstance(data, list | tuple):
        return any(_is_resource(item) for item in data[:_MAX_LOOKED_AT])
    return _is_resource(data)


def _is_packet(data: Any) -> bool:
    from crampdx.inputs.phenopackets import is_message, is_phenopacket

    # resources of FHIR have a subject too
    without = {"subject"} if _is_resource(data) else set()
    return is_message(data) or is_phenopacket(data, without)


_FIELDS = frozenset(PatientRecord.model_fields)
_SHARED_FIELDS = frozenset({"measurements"})
"""Fields that other forms have too."""


def _has_field(data: Any) -> bool:
    return isinstance(data, Mapping) and not (_FIELDS - _SHARED_FIELDS).isdisjoint(data)


def _is_nearly_record(data: Any) -> bool:
    """Whether a mapping is empty, or has a field of a record, if perhaps misspelt."""
    if not isinstance(data, Mapping):
        return False
    keys = [str(key) for key in islice(data, _MAX_LOOKED_AT)]
    return not keys or any(key in _FIELDS or did_you_mean(key, _FIELDS) for key in keys)


def _refused(message: str) -> RecordError:
    return RecordError([RecordIssue("", message)])


def _unrecognized(data: Any) -> RecordError:
    """What is wrong with it as a record, and what else could have been given."""
    if not isinstance(data, Mapping):
        return _refused(f"a mapping of fields is expected (in JSON, an object): {_EXPECTED}")
    try:
        parse_record(data)
    except RecordError as error:
        first, *others = error.issues
        return RecordError([replace(first, suggestion=first.suggestion or _EXPECTED), *others])
    return _refused(_EXPECTED)
