"""`crampdx why`, `why-not`, `what-if` and `next`: questions on the assessment of one record."""

import sys
from collections.abc import Callable, Sequence
from typing import Annotated

import typer

from crampdx.cli.records import AsOf, read_record
from crampdx.cli.terminal import (
    DONE,
    Form,
    Output,
    Packs,
    UsageError,
    command,
    load,
    print_blocks,
)
from crampdx.engine.assessor import assessor_of
from crampdx.errors import printable
from crampdx.explanation import (
    Explanation,
    HypothesisError,
    Query,
    UnknownCause,
    WhatIf,
    Why,
    WhyNot,
    to_json,
)
from crampdx.inputs.registry import titles
from crampdx.knowledge.base import KnowledgeBase
from crampdx.outputs.blocks import Block
from crampdx.outputs.explanation import (
    query_blocks,
    what_if_blocks,
    why_blocks,
    why_not_blocks,
)

__all__ = ["next_questions", "what_if", "why", "why_not"]

MOST_QUESTIONS = 100
"""The most questions that may be asked for."""

Result = Why | WhyNot | WhatIf | tuple[Query, ...]


answers = command("answered", "a record refused, or rules that do not load")
"""Makes a command of a question."""

Cause = Annotated[str, typer.Argument(metavar="CAUSE", help="The id of a cause.")]
Record = Annotated[
    str,
    typer.Argument(metavar="RECORD", help=f"The patient: {titles()}; '-' for standard input."),
]


@answers
def why(
    cause: Cause,
    record: Record,
    output: Form = "text",
    pack: Packs = None,
    as_of: AsOf = None,
) -> int:
    """Show what the score of a cause is made of: each line, its weight and where it was read."""
    return _answer(record, as_of, lambda asked: asked.why(cause), output, pack)


@answers
def why_not(
    cause: Cause,
    record: Record,
    output: Form = "text",
    pack: Packs = None,
    as_of: AsOf = None,
) -> int:
    """Show the lines of a cause that did not fire, nearest first, and what would make them."""
    return _answer(record, as_of, lambda asked: asked.why_not(cause), output, pack)


@answers
def what_if(
    record: Record,
    findings: Annotated[
        list[str],
        typer.Argument(
            metavar="FINDING=STATE...",
            help="What to suppose: a finding's id with 'present', 'absent' or 'unknown'.",
        ),
    ],
    output: Form = "text",
    pack: Packs = None,
    as_of: AsOf = None,
) -> int:
    """Show what the assessment would be if findings were other than the record says."""
    return _answer(record, as_of, lambda asked: asked.what_if(*_supposed(findings)), output, pack)


@answers
def next_questions(
    record: Record,
    number: Annotated[
        int, typer.Option("-n", min=1, max=MOST_QUESTIONS, help="How many, at most.")
    ] = 5,
    output: Form = "text",
    pack: Packs = None,
    as_of: AsOf = None,
) -> int:
    """Show the unknown findings that would most change the leading order, and how."""
    return _answer(record, as_of, lambda asked: asked.next_questions(number), output, pack)


def _answer(
    record: str,
    as_of: str | None,
    question: Callable[[Explanation], Result],
    output: Output,
    packs: Sequence[str] | None,
) -> int:
    try:
        patient = read_record(record, as_of)
        knowledge = load(packs or ())
        result = question(Explanation(patient, assessor_of(knowledge)))
    except (UnknownCause, HypothesisError) as error:
        raise UsageError(str(error)) from None
    _write(result, output, knowledge)
    return DONE


def _write(result: Result, output: Output, knowledge: KnowledgeBase) -> None:
    if output == "json":
        sys.stdout.write(to_json(result, indent=2) + "\n")
    else:
        print_blocks(_blocks(result, knowledge), output)


def _blocks(result: Result, knowledge: KnowledgeBase) -> list[Block]:
    match result:
        case Why():
            return why_blocks(result, knowledge)
        case WhyNot():
            return why_not_blocks(result, knowledge)
        case WhatIf():
            return what_if_blocks(result, knowledge)
        case _:
            return query_blocks(result, knowledge)


_STATES = {"present": True, "absent": False, "unknown": None}


def _supposed(findings: Sequence[str]) -> list[dict[str, bool | None]]:
    """What the arguments suppose, one by one.

    Raises:
        UsageError: Arguments that are not of the form FINDING=STATE; all of them are named.
    """
    pairs = [finding.rpartition("=") for finding in findings]
    wrong = [
        printable(given)
        for given, (name, _, state) in zip(findings, pairs, strict=True)
        if not name or state not in _STATES
    ]
    if wrong:
        named = ", ".join(f"'{given}'" for given in wrong)
        raise UsageError(f"{named}: give FINDING=present, FINDING=absent or FINDING=unknown")
    return [{name: _STATES[state]} for name, _, state in pairs]
