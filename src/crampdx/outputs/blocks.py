"""A small document model: what is shown is written once, as blocks, and in two forms.

`crampdx.outputs.terminal` writes blocks as wrapped text, `crampdx.outputs.markdown` as Markdown.
Neither knows what the blocks are about; both make all text safe.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

__all__ = [
    "Block",
    "Heading",
    "Inline",
    "Item",
    "Listing",
    "Paragraph",
    "Span",
    "Style",
    "Table",
    "below",
    "inline",
    "lines",
    "plain",
]


class Style(Enum):
    """How a span is set off. The value is its ANSI code, used where colors are wanted."""

    PLAIN = ""
    STRONG = "1"
    FAINT = "2"
    CODE = "2;36"
    FAVORS = "32"
    OPPOSES = "33"
    ALERT = "1;31"


class Span(NamedTuple):
    """A piece of text in one style.

    Attributes:
        text: What it says.
        style: How it is set off.
        link: An address on the web that it leads to, where the form has links; may be empty.
    """

    text: str
    style: Style = Style.PLAIN
    link: str = ""


Inline = tuple[Span, ...]
"""Spans that follow each other on a line. Spaces between them are part of their text."""


def inline(*parts: str | Span | Inline) -> Inline:
    """Join text and spans to one line; text is plain.

    >>> inline("a ", Span("b", Style.STRONG)) == (Span("a "), Span("b", Style.STRONG))
    True
    """
    spans: list[Span] = []
    for part in parts:
        if isinstance(part, str):
            spans.append(Span(part))
        elif isinstance(part, Span):
            spans.append(part)
        else:
            spans.extend(part)
    return tuple(span for span in spans if span.text)


def plain(spans: Inline) -> str:
    """Return the text of spans without their styles.

    >>> plain(inline("a ", Span("b", Style.STRONG)))
    'a b'
    """
    return "".join(span.text for span in spans)


@dataclass(frozen=True, slots=True)
class Heading:
    """A title: level 1 for the document, 2 for a section, 3 inside one."""

    text: Inline
    level: int = 2


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text."""

    text: Inline


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a list, perhaps with lines below it.

    Attributes:
        text: What it says.
        label: What is before it, such as a number; a bullet by default, and nothing (in text) if
            it is empty.
        children: What is below it, further in.
    """

    text: Inline
    label: Span | None = None
    children: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class Listing:
    """A list. The labels of its items have a column of their own, perhaps set to the right."""

    items: tuple[Item, ...]
    right: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a head. The column `flexible` is wrapped if the width does not suffice."""

    head: tuple[str, ...]
    rows: tuple[tuple[Inline, ...], ...]
    right: frozenset[int] = frozenset()
    flexible: int = 0


Block = Heading | Paragraph | Listing | Table


def lines(*texts: Inline) -> tuple[Item, ...]:
    """Make lines of a list of texts; those that are empty are left out."""
    return tuple(Item(text) for text in texts if text)


def below(*texts: Inline) -> tuple[Item, ...]:
    """Make lines that continue the one above them, and have no bullet."""
    return tuple(Item(text, Span("")) for text in texts if text)
