"""`crampdx replay`: assess again what decision records say was assessed."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from crampdx.cli.extras import service_extra
from crampdx.cli.records import MAX_RECORD
from crampdx.cli.terminal import DONE, REFUSED, Packs, UsageError, command, load, reason_of
from crampdx.errors import RecordError, printable
from crampdx.inputs.registry import titles
from crampdx.record.models import PatientRecord

__all__ = ["replay_decisions"]

MAX_NAME = 400


@command("all the same", "something differs, or an input was not found")
def replay_decisions(
    audit_file: Annotated[
        Path, typer.Argument(metavar="AUDIT_FILE", help="Decision records, one JSON object a line.")
    ],
    inputs: Annotated[
        list[Path] | None,
        typer.Option(
            "--input",
            metavar="FOLDER|FILE",
            help=f"Where the inputs are, each {titles()}. Repeat it for several.",
        ),
    ] = None,
    key: Annotated[
        str, typer.Option(envvar="CRAMPDX_AUDIT_KEY", help="The secret of the digests, if any.")
    ] = "",
    pack: Packs = None,
) -> int:
    """Assess again what decision records say was assessed, and say what differs.

    An input is found by its digest; a line that holds the whole record needs none.
    """
    with service_extra():
        from crampdx.service.audit.replay import Replay, lines_of
    try:
        lines = list(lines_of(audit_file.read_bytes()))
    except OSError as error:
        raise UsageError(
            f"cannot read '{printable(str(audit_file))}': {reason_of(error)}"
        ) from None
    replay = Replay(load(pack or ()), key)
    days = sorted({str(line["day"]) for line in lines if isinstance(line, dict) and "day" in line})
    for path in inputs or ():
        _offer(replay, path, days)
    same = True
    for number, line in enumerate(lines, 1):
        verdict = replay.again(line)
        same = same and verdict.is_same
        sys.stdout.write(f"line {number}: {verdict.says}\n")
    return DONE if same else REFUSED


def _offer(replay: Any, path: Path, days: Sequence[str]) -> None:
    """Let every file of a folder, or one file, be an input."""
    if not path.exists():
        raise UsageError(f"there is no '{printable(str(path))}'")
    files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    for file in files:
        found = list(_records(file, days))
        if not found:
            name = printable(str(file), MAX_NAME)
            said = f"is not {titles()}; skipped"
            sys.stderr.write(f"crampdx: '{name}' {said}\n")
        for record in found:
            replay.offer(record)


def _records(file: Path, days: Sequence[str]) -> Iterator[PatientRecord]:
    """What a file may have been read as: with its own day, and on each day of the decisions."""
    from crampdx.inputs.detection import read

    with file.open("rb") as stream:
        data = stream.read(MAX_RECORD)
    for day in (None, *days):
        try:
            yield read(data, day)
        except RecordError:
            return
