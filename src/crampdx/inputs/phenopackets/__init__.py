"""Phenopackets of GA4GH, version 2, to records.

The packet is read tolerantly: as plain JSON or YAML, with keys in camel case or snake case, or as
a message of the official package `phenopackets`. A part that cannot be read is left out, and the
record says so; docs/phenopackets.md lists the reasons.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from importlib import import_module
from typing import Any

from crampdx.errors import RecordError, RecordIssue
from crampdx.inputs.phenopackets.parts import Part
from crampdx.inputs.phenopackets.reading import record_of
from crampdx.inputs.texts import data_of_text
from crampdx.record.dates import parse_as_of
from crampdx.record.models import PatientRecord
from crampdx.text.sizes import check_size

__all__ = ["MARKS", "is_message", "is_phenopacket", "packet_of", "read_phenopacket"]

MARKS = ("phenotypicFeatures", "metaData", "proband", "subject")
"""The fields of which a Phenopacket or Family has at least one."""

MAX_PARTS = 2_000_000
"""The most values of a packet."""

_HUMAN = "NCBITaxon:9606"


def read_phenopacket(document: Any, as_of: str | None = None) -> PatientRecord:
    """Read a Phenopacket, or a Family with the patient as its proband.

    Interpretations are never read: they hold the answer.

    Args:
        document: The packet: a mapping, JSON or YAML as text or bytes, or a message of the
            official package.
        as_of: The day of the assessment. Without it, the time of the last encounter counts, where
            that is a day.

    Raises:
        RecordError: It is no Phenopacket of version 2, or none of one human being; or `as_of` is
            no date.

    >>> feature = {"type": {"id": "HP:0002380", "label": "Fasciculations"}, "excluded": True}
    >>> record = read_phenopacket({"subject": {}, "phenotypicFeatures": [feature]})
    >>> record.findings[0].status.value, record.findings[0].origin
    ('absent', 'phenotypicFeatures[0]')
    """
    day = parse_as_of(as_of)
    return record_of(packet_of(document), day)


def packet_of(document: Any) -> Part:
    """The packet or family, checked to be of a kind that can be read.

    Raises:
        RecordError: It is not.
    """
    data = _plain(document)
    check_size([data], parts=MAX_PARTS)
    if not is_phenopacket(data):
        marks = ", ".join(f"'{mark}'" for mark in MARKS)
        raise _refused("", f"not a Phenopacket: it has none of {marks}")
    packet = Part(data, "")
    _check(packet)
    return packet


def is_message(document: Any) -> bool:
    """Whether this is a message of protobuf."""
    return hasattr(type(document), "DESCRIPTOR") and hasattr(document, "ListFields")


def is_phenopacket(data: Any, without: Collection[str] = ()) -> bool:
    """Whether plain data has a mark of a Phenopacket, Family or Cohort.

    Args:
        data: The data.
        without: Marks that say nothing here.
    """
    document = Part(data, "")
    return any(document.part(mark) for mark in MARKS if mark not in without)


def _plain(document: Any) -> Any:
    if isinstance(document, str | bytes):
        return data_of_text(document)
    return _data_of_message(document) if is_message(document) else document


def _data_of_message(message: Any) -> Any:
    json_format = import_module("google.protobuf.json_format")
    try:
        return json_format.MessageToDict(message)
    except (json_format.Error, ValueError, TypeError, OverflowError, RecursionError):
        raise _refused("", "the message cannot be written as JSON") from None


def _check(document: Part) -> None:
    packet = document.part("proband") or document
    if document.part("members") and packet is document:
        message = "this is a cohort of several patients; give each packet by itself"
        raise _refused("members", message)
    if packet is not document and not isinstance(packet.data, Mapping):
        raise _refused("proband", "a Phenopacket is expected")
    for part in (document, packet):
        meta = part.part("metaData")
        version = meta.text("phenopacketSchemaVersion") if meta else None
        if version and version.startswith("1"):
            place = f"{meta.place if meta else ''}.phenopacketSchemaVersion"
            raise _refused(place, "version 1 is not read; convert the packet to version 2")
    subject = packet.part("subject")
    taxonomy = subject.part("taxonomy") if subject else None
    if taxonomy and (taxonomy.text("id") or _HUMAN) != _HUMAN:
        raise _refused(taxonomy.place, "only human patients are supported")


def _refused(place: str, message: str) -> RecordError:
    return RecordError([RecordIssue(place, message)])
