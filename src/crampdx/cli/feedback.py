"""`crampdx feedback`: what users said of cards, for whoever has to report it."""

import csv
import json
import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from crampdx.cli.extras import service_extra
from crampdx.cli.terminal import DONE, UsageError, command
from crampdx.errors import printable

if TYPE_CHECKING:
    from crampdx.service.cds_hooks.feedback import Exported

__all__ = ["export_feedback"]


@command("exported")
def export_feedback(
    database: Annotated[
        Path, typer.Argument(metavar="DATABASE", help="The service's feedback_database.")
    ],
    form: Annotated[
        Literal["ndjson", "csv"], typer.Option("--format", help="One JSON object a line, or CSV.")
    ] = "ndjson",
    since: Annotated[
        str, typer.Option("--since", metavar="DAY", help="Only outcomes of YYYY-MM-DD and later.")
    ] = "",
) -> int:
    """Export feedback: intervention, action taken, user feedback, user, date, location, card.

    The database is only read; the service may go on writing.
    """
    import sqlite3

    with service_extra():
        from crampdx.service.cds_hooks.feedback import exported
    shown = printable(str(database), 400)
    if not database.is_file():
        raise UsageError(f"there is no file '{shown}'")
    try:
        rows = exported(database, _beginning(since))
        _write_csv(rows) if form == "csv" else _write_lines(rows)
    except sqlite3.Error:
        raise UsageError(f"'{shown}' is not a feedback database, or cannot be read") from None
    return DONE


def _beginning(since: str) -> str:
    try:
        return date.fromisoformat(since).isoformat() if since else ""
    except ValueError:
        raise UsageError("--since: give a day as YYYY-MM-DD") from None


def _write_lines(rows: "Iterable[Exported]") -> None:
    for row in rows:
        sys.stdout.write(json.dumps(row._asdict(), ensure_ascii=False) + "\n")


def _write_csv(rows: "Iterable[Exported]") -> None:
    from crampdx.service.cds_hooks.feedback import COLUMNS

    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow(_no_formula(value) for value in row)


def _no_formula(value: str) -> str:
    """Text that a spreadsheet would take for a formula, with an apostrophe before it."""
    value = value.replace("\0", "")
    return f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
