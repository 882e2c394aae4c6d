"""`crampdx trace`: which rules rest on which statements of the article."""

import json
import sys
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

import typer

from crampdx import trace
from crampdx.cli.terminal import (
    DONE,
    REFUSED,
    Packs,
    complain,
    finish,
    load,
    print_blocks,
    shown_place,
)

__all__ = ["command"]


class Output(StrEnum):
    """How a trace is written."""

    TEXT = "text"
    JSON = "json"


def command(
    output: Annotated[Output, typer.Option("--output", "-o", help="The form.")] = Output.TEXT,
    pack: Packs = None,
) -> None:
    """Show which rules rest on which statements of the article, and the other way around.

    Exit status: 0 all covered; 1 a statement uncovered, or rules that do not load; 2 usage.
    """
    finish(_trace, output, pack or ())


def _trace(output: Output, packs: Sequence[str]) -> int:
    knowledge = load(packs)
    found = trace.trace(knowledge)
    if output is Output.JSON:
        sys.stdout.write(json.dumps(found.as_json(), indent=2, ensure_ascii=False) + "\n")
    else:
        print_blocks(trace.trace_blocks(found, knowledge, shown_place))
    if found.uncovered:
        complain(f"no rule cites {', '.join(found.uncovered)}")
        return REFUSED
    return DONE
