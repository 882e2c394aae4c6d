"""One patient from a file or from standard input, in any form that is known, of bounded size."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from crampdx.cli.terminal import UsageError, reason_of
from crampdx.errors import RecordError, RecordIssue, printable
from crampdx.inputs.detection import read
from crampdx.record.dates import parse_as_of
from crampdx.record.models import PatientRecord

__all__ = ["MAX_RECORD", "AsOf", "check_as_of", "read_record", "too_large"]

AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar="DATE",
        help="The day of the assessment, as YYYY-MM-DD. Default: what the document says.",
    ),
]
"""The option of the day of the assessment."""

MAX_RECORD = 16 * 1024 * 1024
"""The most bytes of one record."""


def read_record(name: str, as_of: str | None = None) -> PatientRecord:
    """The document of any format in a file, or on standard input for `-`.

    Raises:
        UsageError: The file cannot be read, or the day is not a date.
        RecordError: It holds no record, or more than one may have.
    """
    check_as_of(as_of)
    data = _read(name)
    if len(data) > MAX_RECORD:
        raise too_large()
    return read(data, as_of)


def check_as_of(as_of: str | None) -> None:
    """Check what was given as the day of the assessment.

    Raises:
        UsageError: It is not a date.
    """
    try:
        parse_as_of(as_of)
    except RecordError as error:
        raise UsageError(f"--as-of: {error.issues[0].message}") from None


def too_large() -> RecordError:
    """What is said of a record that is larger than `MAX_RECORD`."""
    limit = MAX_RECORD // (1024 * 1024)
    return RecordError([RecordIssue("", f"larger than the {limit} MiB that one record may have")])


def _read(name: str) -> bytes:
    if name == "-":
        return sys.stdin.buffer.read(MAX_RECORD + 1)
    try:
        with Path(name).open("rb") as stream:
            return stream.read(MAX_RECORD + 1)
    except (OSError, ValueError) as error:
        reason = reason_of(error) if isinstance(error, OSError) else "not a path"
        raise UsageError(f"cannot read '{printable(name, 400)}': {reason}") from None
