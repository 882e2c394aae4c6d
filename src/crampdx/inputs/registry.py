"""The formats that can be read here: our own, and those of other packages.

A package adds a format by an entry point of the group ``crampdx.inputs`` that names an
`InputFormat`; see docs/how-to/add-an-input-format.md. Whatever is wrong with it, our own formats
are read as before: what cannot be loaded is logged and left out, and what fails while it reads
refuses the one document that it was given.
"""

from __future__ import annotations

import logging
import traceback
from dataclasses import replace
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from crampdx.errors import RecordError, RecordIssue
from crampdx.inputs.builtin import FHIR, PHENOPACKET, RECORD
from crampdx.inputs.formats import InputFormat
from crampdx.record.dates import PartialDate
from crampdx.record.models import PatientRecord
from crampdx.record.parsing import parse_record

__all__ = ["BUILT_IN", "GROUP", "expected", "input_formats", "is_json", "media_types", "titles"]

GROUP = "crampdx.inputs"
"""The group of entry points by which other packages add formats."""

BUILT_IN = (RECORD, FHIR, PHENOPACKET)

_log = logging.getLogger("crampdx")


@lru_cache(maxsize=1)
def input_formats() -> tuple[InputFormat, ...]:
    """List every format: our own first, then those of other packages by name.

    The entry points are looked up once in a process.
    """
    formats = {known.name: known for known in BUILT_IN}
    for entry_point in sorted(entry_points(group=GROUP), key=lambda one: (one.name, one.value)):
        added = _loaded(entry_point)
        if added is None:
            continue
        if added.name in formats:
            _log.warning(
                "input format '%s' (%s) is left out: there is one of that name already",
                added.name,
                entry_point.value,
            )
            continue
        formats[added.name] = _guarded(added)
    return tuple(formats.values())


def titles() -> str:
    """Name a document of any format in a sentence.

    >>> titles()
    'a record of crampdx, FHIR or a Phenopacket'
    """
    return _any_of([known.title for known in input_formats()])


def expected() -> str:
    """Say what may be given, and what each format is recognized by."""
    return f"give {_any_of([f'{known.title} ({known.marks})' for known in input_formats()])}"


def media_types() -> tuple[str, ...]:
    """List the media types of all formats, those of JSON first.

    >>> media_types()[:2]
    ('application/json', 'application/fhir+json')
    """
    named = dict.fromkeys(kind for known in input_formats() for kind in known.media_types)
    return tuple(sorted(named, key=lambda kind: not is_json(kind)))


def is_json(media_type: str) -> bool:
    """Tell whether bodies of a media type are JSON.

    >>> is_json("application/fhir+json"), is_json("application/x-ndjson")
    (True, False)
    """
    return media_type.endswith(("/json", "+json"))


def _any_of(words: list[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} or {last}" if others else last


def _loaded(entry_point: EntryPoint) -> InputFormat | None:
    """The format that an entry point names, or None where that cannot be loaded or is none."""
    try:
        found = entry_point.load()
    except Exception as error:
        _log.warning(
            "input format '%s' (%s) is left out: it cannot be loaded (%s: %s)",
            entry_point.name,
            entry_point.value,
            type(error).__name__,
            error,
        )
        return None
    if isinstance(found, InputFormat):
        return found
    _log.warning(
        "input format '%s' (%s) is left out: it is not a crampdx.inputs.formats.InputFormat",
        entry_point.name,
        entry_point.value,
    )
    return None


def _guarded(added: InputFormat) -> InputFormat:
    """The same format; what fails in it fails for the document in hand only."""

    def recognizes(document: Any) -> bool:
        try:
            return bool(added.recognizes(document))
        except Exception as error:
            _log_failure(added, error)
            return False

    def read(document: Any, as_of: PartialDate | None) -> PatientRecord:
        try:
            return parse_record(added.read(document, as_of))
        except RecordError:
            raise
        except Exception as error:
            _log_failure(added, error)
            message = f"the reader of the format '{added.name}' failed; the log says where"
        raise RecordError([RecordIssue("", message)])

    return replace(added, recognizes=recognizes, read=read)


def _log_failure(added: InputFormat, error: Exception) -> None:
    """Log what failed and where. Its message may hold what a document says, and is left out."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    _log.error(
        "input format '%s' failed: %s in %s, %s:%s",
        added.name,
        type(error).__name__,
        last.name,
        last.filename,
        last.lineno,
    )
