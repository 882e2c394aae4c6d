"""What an input format is: how documents of it are recognized, read and spoken of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from crampdx.record.dates import PartialDate
from crampdx.record.models import PatientRecord

__all__ = ["InputFormat", "Reader", "Recognizer"]

Recognizer = Callable[[Any], bool]
"""Tells whether a document is of a format; fails for no document, and reads little of it."""

Reader = Callable[[Any, PartialDate | None], PatientRecord]
"""Makes a record of a document, given the day of the assessment if that is known."""


@dataclass(frozen=True, slots=True)
class InputFormat:
    """A format in which patients come.

    A document is offered to `recognizes` and `read` in this form: text that is neither JSON nor
    YAML as `str`; any other text as the plain data that it holds; what is not text as it is.
    Text is offered to `recognizes` once as `str` before anything else is made of it, so that a
    format may claim text that only looks like JSON or YAML.

    Attributes:
        name: Its id, such as ``fhir``.
        title: How a sentence names a document of it, such as "a Phenopacket".
        marks: What a document of it has, for whoever gave one that was not recognized.
        media_types: The media types by which the service takes it.
        suffixes: How files of it usually end, in lower case.
        recognizes: Whether a document is of this format.
        read: The record of a document that was recognized. Refuses by `RecordError`, and puts
            what it does not read into `left_out`.
        default_as_of: Whether to read on the day of today where nobody named a day, if there is
            a clock: its documents name none, and ages are counted from it. Without a clock the
            reader is given None.
        schemas: JSON Schemas of its documents in JSON, by the names that OpenAPI gives them.
    """

    name: str
    title: str
    marks: str
    media_types: tuple[str, ...]
    suffixes: tuple[str, ...]
    recognizes: Recognizer
    read: Reader
    default_as_of: bool = False
    schemas: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
