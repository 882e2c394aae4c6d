"""`crampdx trace`: which rules rest on which statements of the article."""

from crampdx.authoring.statement_coverage import trace, trace_blocks
from crampdx.cli.terminal import (
    DONE,
    REFUSED,
    Form,
    Packs,
    command,
    complain,
    load,
    print_answer,
    shown_place,
)

__all__ = ["trace_statements"]


@command("all covered", "a statement uncovered, or rules that do not load")
def trace_statements(
    output: Form = "text",
    pack: Packs = None,
) -> int:
    """Show which rules rest on which statements of the article, and the other way around."""
    knowledge = load(pack or ())
    found = trace(knowledge)
    print_answer(output, lambda: trace_blocks(found, knowledge, shown_place), found.as_json)
    if found.uncovered:
        complain(f"no rule cites {', '.join(found.uncovered)}")
        return REFUSED
    return DONE
