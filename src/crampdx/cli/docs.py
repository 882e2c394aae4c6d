"""`crampdx docs`: the knowledge base as pages to read."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from crampdx.authoring.reference_pages import pages
from crampdx.authoring.reference_pages.folder import ForeignFiles, write_pages
from crampdx.cli.terminal import DONE, Packs, UsageError, command, load, reason_of
from crampdx.errors import printable
from crampdx.outputs.labels import first_of

__all__ = ["write_docs"]

SHOWN_FILES = 5
"""How many files that stand in the way are named; the rest are counted."""


@command("written", "rules that do not load", usage="usage, or a folder that is not to be used")
def write_docs(
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
) -> int:
    """Write the rules as pages: causes, findings, tests, treatments, matrix, bibliography."""
    shown = printable(str(out), 400)
    written = pages(load(pack or ()))
    try:
        write_pages(out, written, force=force)
    except ForeignFiles as refusal:
        raise UsageError(_refused(shown, refusal.files, force)) from None
    except OSError as error:
        raise UsageError(f"cannot write into '{shown}': {reason_of(error)}") from None
    sys.stdout.write(f"{len(written)} files in {shown}; start with index.md\n")
    return DONE


def _refused(folder: str, files: Sequence[str], force: bool) -> str:
    named = first_of([f"'{printable(file)}'" for file in files], SHOWN_FILES)
    if force:
        return f"'{folder}' has in the way of pages: {named}; move them away"
    return (
        f"'{folder}' holds what crampdx docs did not write, or what was changed since:"
        f" {named}; choose another folder, or write there all the same with --force"
    )
