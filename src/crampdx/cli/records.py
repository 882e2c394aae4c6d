"""One record from a file or from standard input, of bounded size."""

import sys
from pathlib import Path

from crampdx.cli.terminal import UsageError, reason_of
from crampdx.errors import RecordError, RecordIssue, printable
from crampdx.record import PatientRecord, parse_record

__all__ = ["MAX_RECORD", "read_record", "too_large"]

MAX_RECORD = 16 * 1024 * 1024
"""The most bytes of one record."""


def read_record(name: str) -> PatientRecord:
    """The record in a file, or on standard input for `-`.

    Raises:
        UsageError: The file cannot be read.
        RecordError: It holds no record, or more than one may have.
    """
    data = _read(name)
    if len(data) > MAX_RECORD:
        raise too_large()
    return parse_record(data)


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
