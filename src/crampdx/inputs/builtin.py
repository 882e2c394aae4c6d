"""The formats that crampdx reads by itself. Each reader is imported when it is first needed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crampdx.errors import RecordError
from crampdx.inputs.formats import InputFormat
from crampdx.record.dates import PartialDate
from crampdx.record.models import PatientRecord
from crampdx.record.parsing import parse_record
from crampdx.text.json import read_json

__all__ = ["FHIR", "PHENOPACKET", "RECORD"]

_JSON = "application/json"
_YAML = "application/yaml"
_MAX_LOOKED_AT = 50
"""So many resources of a list are looked at."""

# ------------------------------------------------------------------------------------ our record

_SHARED_FIELDS = frozenset({"measurements"})
"""Fields that other formats have too."""

_OWN_FIELDS = frozenset(PatientRecord.model_fields) - _SHARED_FIELDS


def _is_record(document: Any) -> bool:
    if isinstance(document, PatientRecord):
        return True
    return isinstance(document, Mapping) and not _OWN_FIELDS.isdisjoint(document)


def _read_record(document: Any, as_of: PartialDate | None) -> PatientRecord:
    return parse_record(document)


RECORD = InputFormat(
    name="record",
    title="a record of crampdx",
    marks="such as 'findings'",
    media_types=(_JSON, _YAML),
    suffixes=(".json", ".yaml", ".yml"),
    recognizes=_is_record,
    read=_read_record,
)

# ------------------------------------------------------------------------------------------ FHIR


def _is_fhir(document: Any) -> bool:
    if isinstance(document, str):
        return _is_ndjson(document)
    if isinstance(document, list | tuple):
        return any(_is_resource(item) for item in document[:_MAX_LOOKED_AT])
    return _is_resource(document)


def _is_ndjson(text: str) -> bool:
    """Whether the first of several lines is a whole FHIR resource."""
    line, _, rest = text.strip().partition("\n")
    if not rest:
        return False
    try:
        return _is_resource(read_json(line))
    except RecordError:
        return False


def _is_resource(document: Any) -> bool:
    return isinstance(document, Mapping) and "resourceType" in document


def _read_fhir(document: Any, as_of: PartialDate | None) -> PatientRecord:
    from crampdx.inputs.fhir import read_fhir

    return read_fhir(document, as_of)


_RESOURCE: Mapping[str, Any] = {
    "title": "FHIR",
    "description": "FHIR R4 or R5: a Bundle of any type or a single resource.",
    "type": "object",
    "required": ["resourceType"],
    "properties": {"resourceType": {"type": "string"}},
}

FHIR = InputFormat(
    name="fhir",
    title="FHIR",
    marks="a Bundle, a list of resources or NDJSON: 'resourceType'",
    media_types=(
        _JSON,
        "application/fhir+json",
        "application/x-ndjson",
        "application/fhir+ndjson",
        _YAML,
    ),
    suffixes=(".json", ".ndjson"),
    recognizes=_is_fhir,
    read=_read_fhir,
    default_as_of=True,
    schemas={
        "FHIR": _RESOURCE,
        "FHIRList": {"type": "array", "minItems": 1, "contains": _RESOURCE},
    },
)

# ---------------------------------------------------------------------------------- Phenopackets


def _is_packet(document: Any) -> bool:
    from crampdx.inputs.phenopackets import is_message, is_phenopacket

    # resources of FHIR have a subject too
    without = {"subject"} if _is_resource(document) else set()
    return is_message(document) or is_phenopacket(document, without)


def _read_packet(document: Any, as_of: PartialDate | None) -> PatientRecord:
    from crampdx.inputs.phenopackets import read_phenopacket

    return read_phenopacket(document, as_of)


PHENOPACKET = InputFormat(
    name="phenopacket",
    title="a Phenopacket",
    marks="'phenotypicFeatures', 'subject', 'metaData', 'proband'",
    media_types=(_JSON, _YAML),
    suffixes=(".json",),
    recognizes=_is_packet,
    read=_read_packet,
    schemas={
        "Phenopacket": {
            "title": "Phenopacket",
            "description": "A Phenopacket of version 2, or a Family, as JSON.",
            "type": "object",
            "anyOf": [
                {"required": [name]}
                for name in (
                    "subject",
                    "phenotypicFeatures",
                    "phenotypic_features",
                    "metaData",
                    "proband",
                )
            ],
        }
    },
)
