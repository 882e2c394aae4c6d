"""`crampdx trace`: which rules rest on which statements of the article."""

from collections.abc import Sequence

from crampdx.authoring.statement_coverage import trace, trace_blocks
from crampdx.cli.terminal import (
    DONE,
    REFUSED,
    Form,
    Output,
    Packs,
    complain,
    finish,
    load,
    print_blocks,
    print_json,
    shown_place,
)

__all__ = ["command"]


def command(
    output: Form = Output.TEXT,
    pack: Packs = None,
) -> None:
    """Show which rules rest on which statements of the article, and the other way around.

    Exit status: 0 all covered; 1 a statement uncovered, or rules that do not load; 2 usage.
    """
    finish(_trace, output, pack or ())


def _trace(output: Output, packs: Sequence[str]) -> int:
    knowledge = load(packs)
    found = trace(knowledge)
    if output is Output.JSON:
        print_json(found.as_json())
    else:
        print_blocks(trace_blocks(found, knowledge, shown_place), output)
    if found.uncovered:
        complain(f"no rule cites {', '.join(found.uncovered)}")
        return REFUSED
    return DONE
