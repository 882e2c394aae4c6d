"""The parts of a criterion: each with the way to it, taken out, put in, and written as in YAML."""

from __future__ import annotations

from collections.abc import Iterator

from crampdx.knowledge.criteria import Absent, AllOf, AnyOf, AtLeast, Criterion, parts_of

__all__ = ["Steps", "flow", "parts_key", "steps_text", "with_part", "with_parts", "within"]

Steps = tuple[int, ...]
"""The way to a part: the number of the part at each clause, from 0."""

MAX_FLOW = 100
"""A longer text of a criterion is cut."""


def within(criterion: Criterion, steps: Steps = ()) -> Iterator[tuple[Steps, Criterion]]:
    """The criterion and all parts below it, in the order of writing, each with the way to it.

    >>> [steps for steps, _ in within(AllOf(all=("a", AnyOf(any=("b", "c")))))]
    [(), (0,), (1,), (1, 0), (1, 1)]
    """
    yield steps, criterion
    for number, part in enumerate(parts_of(criterion)):
        yield from within(part, (*steps, number))


def with_parts(clause: Criterion, parts: tuple[Criterion, ...]) -> Criterion:
    """The same clause over other parts. They are not checked again."""
    match clause:
        case AllOf():
            return clause.model_copy(update={"all": parts})
        case AnyOf():
            return clause.model_copy(update={"any": parts})
        case AtLeast():
            return clause.model_copy(update={"of": parts})
        case _:
            return clause


def with_part(criterion: Criterion, steps: Steps, part: Criterion) -> Criterion:
    """The criterion with another part at one place.

    >>> flow(with_part(AllOf(all=("a", AnyOf(any=("b", "c")))), (1, 0), "d"))
    '{all: [a, {any: [d, c]}]}'
    """
    if not steps:
        return part
    number, *rest = steps
    parts = list(parts_of(criterion))
    parts[number] = with_part(parts[number], tuple(rest), part)
    return with_parts(criterion, tuple(parts))


def steps_text(criterion: Criterion, steps: Steps) -> str:
    """The way to a part, as in messages about rule files.

    >>> steps_text(AllOf(all=("a", AnyOf(any=("b", "c")))), (1, 0))
    'all[1].any[0]'
    """
    words: list[str] = []
    for number in steps:
        words.append(f"{parts_key(criterion)}[{number}]")
        criterion = parts_of(criterion)[number]
    return ".".join(words)


def flow(criterion: Criterion) -> str:
    """A criterion on one line, as it stands in a rule file; a very long one is cut.

    >>> flow(AtLeast(at_least=2, of=("a", Absent(absent="b"), "c")))
    '{at_least: 2, of: [a, {absent: b}, c]}'
    """
    text = _flow(criterion)
    return text if len(text) <= MAX_FLOW else text[: MAX_FLOW - 1] + "…"


def _flow(criterion: Criterion) -> str:
    match criterion:
        case str():
            return criterion
        case Absent(absent=finding):
            return f"{{absent: {finding}}}"
    needed = f"at_least: {criterion.at_least}, " if isinstance(criterion, AtLeast) else ""
    return f"{{{needed}{parts_key(criterion)}: [{', '.join(map(_flow, parts_of(criterion)))}]}}"


def parts_key(clause: Criterion) -> str:
    """The key under which a clause has its parts."""
    match clause:
        case AllOf():
            return "all"
        case AnyOf():
            return "any"
        case _:
            return "of"
