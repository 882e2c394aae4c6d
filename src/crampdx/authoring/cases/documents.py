"""The document that is the record of a case: of any input format, beside the case file."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from crampdx.authoring.cases.models import CaseDocument
from crampdx.errors import UNREADABLE, RecordError, RecordIssue, printable
from crampdx.inputs.detection import read
from crampdx.record.models import MAX_PLACES, Entry, LeftOut, PatientRecord

__all__ = ["MAX_DOCUMENT", "bytes_of", "read_document"]

MAX_DOCUMENT = 16 * 1024 * 1024
"""The most bytes of one document."""

_SECTIONS = (
    "findings",
    "diagnoses",
    "exposures",
    "measurements",
    "medications",
    "family_history",
    "test_results",
)
"""The lists of entries of a record."""


def read_document(document: CaseDocument, folder: Path) -> PatientRecord:
    """The record that a document holds, without the entries that give the diagnosis away.

    Args:
        document: The document, as the case names it.
        folder: The folder of the case file.

    Raises:
        RecordError: The document is outside of the folder, cannot be read or is refused, or has
            nothing at a place that is to be left out.
    """
    record = read(bytes_of(_path_below(folder, document.file)), document.as_of)
    return _without(record, document.without)


def bytes_of(path: Path) -> bytes:
    """The bytes of a document of bounded size.

    Raises:
        RecordError: It cannot be read, or is too large.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_DOCUMENT + 1)
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or "no such path"
        raise _refused("file", f"{UNREADABLE}: {reason.lower()}") from None
    if len(data) > MAX_DOCUMENT:
        raise _refused("file", f"larger than the {MAX_DOCUMENT >> 20} MiB that one may have")
    return data


def _path_below(folder: Path, name: str) -> Path:
    try:
        path = (folder / name).resolve()
        is_below = path.is_relative_to(folder.resolve())
    except (OSError, ValueError, RuntimeError):
        is_below = False
    if not is_below:
        raise _refused("file", "give a path below the folder of the case file")
    return path


def _without(record: PatientRecord, places: Collection[str]) -> PatientRecord:
    if not places:
        return record
    kept: dict[str, tuple[Entry, ...]] = {}
    found: list[str] = []
    for section in _SECTIONS:
        entries: tuple[Entry, ...] = getattr(record, section)
        kept[section] = tuple(entry for entry in entries if entry.origin not in places)
        found += [entry.origin for entry in entries if entry.origin in places and entry.origin]
    missing = sorted(set(places).difference(found))
    if missing:
        raise RecordError(_nothing_at(place) for place in missing)
    left_out = LeftOut(reason="known_diagnosis", count=len(found), places=tuple(found[:MAX_PLACES]))
    return record.model_copy(update={**kept, "left_out": (*record.left_out, left_out)})


def _nothing_at(place: str) -> RecordIssue:
    return RecordIssue("without", f"the record has nothing that came from '{printable(place)}'")


def _refused(field: str, message: str) -> RecordError:
    return RecordError([RecordIssue(field, message)])
