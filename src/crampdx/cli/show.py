"""`crampdx show`: all that the rules say of an id."""

import sys
from typing import Annotated

import typer

from crampdx.authoring.description import describe, description_blocks, suggestion
from crampdx.cli.terminal import DONE, Packs, UsageError, command, load, print_blocks, shown_place
from crampdx.errors import printable

__all__ = ["show"]


@command("shown", "rules that do not load", usage="usage, or nothing with this id")
def show(
    name: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            help="Of a cause, finding, line of evidence, test, treatment, prevention, red"
            " flag, group or source.",
        ),
    ],
    pack: Packs = None,
) -> int:
    """Show all that the rules say of an id, with sources, place and what uses it."""
    knowledge = load(pack or ())
    found = describe(knowledge, name)
    if not found:
        hint = suggestion(knowledge, name)
        raise UsageError(f"nothing has the id '{printable(name)}'{f'; {hint}' if hint else ''}")
    for number, description in enumerate(found):
        if number:
            sys.stdout.write("\n")
        print_blocks(description_blocks(description, knowledge, shown_place))
    return DONE
