"""`crampdx show`: all that the rules say of an id."""

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from crampdx.authoring.description import describe, description_blocks, suggestion
from crampdx.cli.terminal import DONE, Packs, UsageError, finish, load, print_blocks, shown_place
from crampdx.errors import printable

__all__ = ["command"]


def command(
    name: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            help="Of a cause, finding, line of evidence, test, treatment, prevention, red"
            " flag, group or source.",
        ),
    ],
    pack: Packs = None,
) -> None:
    """Show all that the rules say of an id, with sources, place and what uses it."""
    finish(_show, name, pack or ())


def _show(name: str, packs: Sequence[str]) -> int:
    knowledge = load(packs)
    found = describe(knowledge, name)
    if not found:
        hint = suggestion(knowledge, name)
        raise UsageError(f"nothing has the id '{printable(name)}'{f'; {hint}' if hint else ''}")
    for number, description in enumerate(found):
        if number:
            sys.stdout.write("\n")
        print_blocks(description_blocks(description, knowledge, shown_place))
    return DONE
