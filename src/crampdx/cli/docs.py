"""`crampdx docs`: the knowledge base as pages to read."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from crampdx.authoring.reference_pages import pages
from crampdx.authoring.reference_pages.folder import ForeignFiles, write_pages
from crampdx.cli.terminal import DONE, Packs, UsageError, finish, load, reason_of
from crampdx.errors import printable

__all__ = ["command"]

SHOWN_FILES = 5
"""How many files that stand in the way are named; the rest are counted."""


def command(
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            metavar="DIR",
            help="The folder to write into: a new or empty one, or one written by this before.",
        ),
    ],
    pack: Packs = None,
    force: Annotated[
        bool,
        typer.Option(
            "--force",
            help="Write also where other files are. Pages overwrite files of the same name;"
            " nothing else is touched.",
        ),
    ] = False,
) -> None:
    """Write the rules as pages: causes, findings, tests, treatments, matrix, bibliography.

    Exit status: 0 written; 1 rules that do not load; 2 usage, or a folder that is not to be used.
    """
    finish(_docs, out, pack or (), force)


def _docs(out: Path, packs: Sequence[str], force: bool) -> int:
    shown = printable(str(out), 400)
    written = pages(load(packs))
    try:
        write_pages(out, written, force=force)
    except ForeignFiles as refusal:
        raise UsageError(_refused(shown, refusal.files, force)) from None
    except OSError as error:
        raise UsageError(f"cannot write into '{shown}': {reason_of(error)}") from None
    sys.stdout.write(f"{len(written)} files in {shown}; start with index.md\n")
    return DONE


def _refused(folder: str, files: Sequence[str], force: bool) -> str:
    named = ", ".join(f"'{printable(file)}'" for file in files[:SHOWN_FILES])
    more = f" and {len(files) - SHOWN_FILES} more" if len(files) > SHOWN_FILES else ""
    if force:
        return f"'{folder}' has in the way of pages: {named}{more}; move them away"
    return (
        f"'{folder}' holds what crampdx docs did not write, or what was changed since:"
        f" {named}{more}; choose another folder, or write there all the same with --force"
    )
