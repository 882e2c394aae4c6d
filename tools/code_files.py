"""What the tools that write code files of rule packs share: their form, and how they are kept."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

COLUMNS = ("system", "code", "match", "finding", "display")


def read_csv(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a CSV file with a header, without comment lines."""
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(line for line in file if not line.startswith("#"))


def rendered(comments: str, rows: Iterable[tuple[str, ...]]) -> str:
    """The text of a code file: comment lines, the header, and rows in the order of `COLUMNS`."""
    text = io.StringIO()
    text.write(comments)
    table = csv.writer(text, lineterminator="\n")
    table.writerow(COLUMNS)
    table.writerows(rows)
    return text.getvalue()


def keep(target: Path, text: str, *, tool: str, check: bool) -> None:
    """Write a file, or exit with what to run where it is to be checked and differs."""
    if not check:
        target.write_text(text, encoding="utf-8", newline="\n")
    elif not target.exists() or target.read_text(encoding="utf-8") != text:
        sys.exit(f"{target} is out of date: run python tools/{tool}")
