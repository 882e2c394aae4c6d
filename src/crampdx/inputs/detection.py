"""A patient in any format that is read here. The format is recognized by content, not by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import islice
from typing import Any, NamedTuple

from crampdx.errors import RecordError, RecordIssue, did_you_mean
from crampdx.inputs.builtin import RECORD
from crampdx.inputs.formats import InputFormat
from crampdx.inputs.registry import expected, input_formats
from crampdx.inputs.texts import data_of_text, decoded
from crampdx.record.dates import parse_as_of
from crampdx.record.models import PatientRecord
from crampdx.record.parsing import parse_record

__all__ = ["OpenDocument", "form_of", "open_document", "read"]

_MAX_LOOKED_AT = 50
"""So many keys of a mapping are looked at."""


class OpenDocument(NamedTuple):
    """A document whose format is known.

    Attributes:
        format: Its format.
        data: Its data, or its text where the format reads text.
    """

    format: InputFormat
    data: Any

    def read(self, as_of: str | None = None) -> PatientRecord:
        """Read the patient; see `read`."""
        day = parse_as_of(as_of)
        record = self.format.read(self.data, day)
        if day is None or record.as_of == day:
            return record
        return record.model_copy(update={"as_of": day})


def open_document(document: Any) -> OpenDocument:
    """Recognize the format of a document, and read its text if it is text.

    Args:
        document: A mapping, a list, text or bytes of a format (JSON, NDJSON, YAML), a message of
            the package `phenopackets`, or a record.

    Raises:
        RecordError: It is of no format that is known, or of several.
    """
    if isinstance(document, str | bytes):
        text = decoded(document)
        claimed = _claimed(text)
        if claimed is not None:
            return OpenDocument(claimed, text)
        document = data_of_text(text)
        if isinstance(document, str):
            raise _unrecognized(document)  # text in JSON is not read once more
    found = _claimed(document)
    if found is not None:
        return OpenDocument(found, document)
    if _is_nearly_record(document):
        return OpenDocument(RECORD, document)
    raise _unrecognized(document)


def form_of(document: Any) -> str:
    """Name the format of a document.

    Args:
        document: See `open_document`.

    Raises:
        RecordError: It is of no format that is known, or of several.

    >>> form_of({"resourceType": "Bundle"}), form_of("subject: {sex: MALE}")
    ('fhir', 'phenopacket')
    """
    return open_document(document).format.name


def read(document: Any, as_of: str | None = None) -> PatientRecord:
    """Read a patient in whatever format the document is.

    Args:
        document: See `open_document`.
        as_of: The day of the assessment. It comes before what the document says of that.

    Raises:
        RecordError: The format is not recognized, the document is refused, or `as_of` is not a
            date.

    >>> read({"findings": {"muscle_cramp": True}}, as_of="2026-03-01").as_of
    '2026-03-01'
    """
    day = parse_as_of(as_of)
    return open_document(document).read(day)


def _claimed(document: Any) -> InputFormat | None:
    """The one format that recognizes a document."""
    found = [known for known in input_formats() if known.recognizes(document)]
    if len(found) > 1:
        several = " and ".join(known.title for known in found)
        raise _refused(f"this could be {several}; {expected()}")
    return found[0] if found else None


_FIELDS = frozenset(PatientRecord.model_fields)


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
        return _refused(f"a mapping of fields is expected (in JSON, an object): {expected()}")
    try:
        parse_record(data)
    except RecordError as error:
        first, *others = error.issues
        return RecordError([replace(first, suggestion=first.suggestion or expected()), *others])
    return _refused(expected())
