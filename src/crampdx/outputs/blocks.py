"""A small document model, and its two forms: wrapped text for a terminal, and Markdown.

What is shown is written once, as blocks; neither form knows what the blocks are about. All text is
made safe here: control characters are escaped in both forms, and what could be read as Markdown or
HTML is escaped in Markdown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import groupby
from typing import NamedTuple

from crampdx.errors import printable

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
    "inline",
    "markdown_of",
    "text_of",
]

MIN_WIDTH = 50
"""Text is never wrapped narrower than this."""


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
    """A piece of text in one style."""

    text: str
    style: Style = Style.PLAIN


Inline = tuple[Span, ...]
"""Spans that follow each other on a line. Spaces between them are part of their text."""


def inline(*parts: str | Span | Inline) -> Inline:
    """Put text and spans one after the other; text is plain.

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
        label: What stands before it, such as a number; a bullet where none is given, and nothing
            (in text) where it is empty.
        children: What stands below it, further in.
    """

    text: Inline
    label: Span | None = None
    children: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class Listing:
    """A list. Labels of its items stand in a column of their own, perhaps set to the right."""

    items: tuple[Item, ...]
    right: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a head. The column `flexible` is wrapped where the width does not suffice."""

    head: tuple[str, ...]
    rows: tuple[tuple[Inline, ...], ...]
    right: frozenset[int] = frozenset()
    flexible: int = 0


Block = Heading | Paragraph | Listing | Table


# ------------------------------------------------------------------------------------------ text


def text_of(blocks: Iterable[Block], *, color: bool = False, width: int = 80) -> str:
    """The document as text.

    Args:
        blocks: The document.
        color: Use ANSI styles.
        width: No line is longer than this, unless it is less than `MIN_WIDTH`.

    >>> print(text_of([Heading(inline("Ask next")), Paragraph(inline("Is it cold?"))]), end="")
    ASK NEXT
      Is it cold?
    """
    return _Text(color, max(width, MIN_WIDTH)).render(blocks)


class _Text:
    """Writes blocks as lines of text."""

    def __init__(self, color: bool, width: int) -> None:
        self.color = color
        self.width = width
        self.lines: list[str] = []

    def render(self, blocks: Iterable[Block]) -> str:
        indent = 0
        for block in blocks:
            match block:
                case Heading(level=level):
                    indent = 0 if level == 1 else 2 * (level - 1)
                    self.heading(block)
                case Paragraph(text=text):
                    self.paragraph(text, " " * indent, " " * indent)
                case Listing(items=items, right=right):
                    if indent == 0 and self.lines:
                        self.lines.append("")
                    self.items(items, indent, right=right)
                case Table():
                    self.table(block, indent)
        return "\n".join(self.lines) + "\n"

    def heading(self, heading: Heading) -> None:
        if self.lines:
            self.lines.append("")
        indent = " " * max(0, 2 * (heading.level - 2))
        spans = heading.text
        if heading.level == 2:
            spans = tuple(Span(span.text.upper(), span.style) for span in spans)
        strong = tuple(
            Span(s.text, Style.STRONG if s.style is Style.PLAIN else s.style) for s in spans
        )
        self.paragraph(strong, indent, indent)

    def paragraph(self, spans: Inline, first: str, rest: str) -> None:
        for number, line in enumerate(_filled(spans, self.width - len(rest))):
            self.lines.append((rest if number else first) + self.paint(line))

    def items(self, items: Sequence[Item], indent: int, *, right: bool = False) -> None:
        bullet = Span("•", Style.FAINT)
        given = [bullet if item.label is None else item.label for item in items]
        labels = [Span(_safe(label.text), label.style) for label in given]
        column = max((len(label.text) for label in labels), default=0)
        for item, label in zip(items, labels, strict=True):
            gap = " " * (column - len(label.text))
            mark = gap + self.paint([label]) if right else self.paint([label]) + gap
            first = " " * indent + (mark + " " if column else "")
            rest = " " * (indent + column + (1 if column else 0))
            self.paragraph(item.text, first, rest)
            self.items(item.children, len(rest))

    def table(self, table: Table, indent: int) -> None:
        head = tuple(inline(Span(cell, Style.FAINT)) for cell in table.head)
        rows = (head, *table.rows)
        widths = [max(_length(row[column]) for row in rows) for column in range(len(head))]
        spare = self.width - indent - sum(widths) - 2 * (len(widths) - 1)
        widths[table.flexible] = max(10, widths[table.flexible] + min(0, spare))
        for row in rows:
            self.row(row, widths, table.right, indent)

    def row(
        self, row: tuple[Inline, ...], widths: list[int], right: frozenset[int], indent: int
    ) -> None:
        cells = [_filled(cell, width) or [[]] for cell, width in zip(row, widths, strict=True)]
        for number in range(max(map(len, cells))):
            parts = []
            for column, cell in enumerate(cells):
                line = cell[number] if number < len(cell) else []
                gap = " " * (widths[column] - sum(len(span.text) for span in line))
                painted = self.paint(line)
                parts.append(gap + painted if column in right else painted + gap)
            self.lines.append((" " * indent + "  ".join(parts)).rstrip())

    def paint(self, line: Iterable[Span]) -> str:
        if not self.color:
            return "".join(span.text for span in line)
        return "".join(
            f"\x1b[{span.style.value}m{span.text}\x1b[0m"
            if span.style.value and span.text
            else span.text
            for span in line
        )


def _safe(text: str) -> str:
    """Text without control characters, of any length, its white space as single spaces."""
    return printable(" ".join(text.split()), max(len(text), 1))


def _length(spans: Inline) -> int:
    return sum(len(span.text) for line in _filled(spans, 10_000) for span in line)


def _filled(spans: Inline, width: int) -> list[list[Span]]:
    """Lines of at most `width` characters, broken at spaces; longer words are broken too."""
    lines: list[list[Span]] = []
    line: list[Span] = []
    used = 0
    for word in _words(spans, width):
        length = sum(len(span.text) for span in word)
        if line and used + 1 + length > width:
            lines.append(line)
            line, used = [], 0
        if line:
            line.append(
                Span(" ", word[0].style if line[-1].style is word[0].style else Style.PLAIN)
            )
            used += 1
        line.extend(word)
        used += length
    if line:
        lines.append(line)
    return [_merged(line) for line in lines]


_PIECES = re.compile(r"[^\S\xa0]+|[\S\xa0]+")
"""White space, or what is none. A no-break space keeps words together and is shown as a space."""


def _words(spans: Inline, width: int) -> Iterator[list[Span]]:
    """Words as spans; a word may go over several of the given spans."""
    word: list[Span] = []
    for span in spans:
        for piece in _PIECES.findall(span.text):
            if not piece.isspace():
                word.append(Span(_safe(piece), span.style))
            elif word:
                yield from _broken(word, width)
                word = []
    if word:
        yield from _broken(word, width)


def _broken(word: list[Span], width: int) -> Iterator[list[Span]]:
    if sum(len(span.text) for span in word) <= width:
        yield word
        return
    for span in word:
        for start in range(0, len(span.text), width):
            yield [Span(span.text[start : start + width], span.style)]


def _merged(line: list[Span]) -> list[Span]:
    return [
        Span("".join(span.text for span in group), style)
        for style, group in groupby(line, key=lambda span: span.style)
    ]


# -------------------------------------------------------------------------------------- Markdown


def markdown_of(blocks: Iterable[Block]) -> str:
    """The document as Markdown (CommonMark with tables).

    >>> print(markdown_of([Heading(inline("Ask next")), Paragraph(inline("Is a < b?"))]), end="")
    ## Ask next
    <BLANKLINE>
    Is a &lt; b?
    """
    return "\n\n".join(_markdown(block) for block in blocks) + "\n"


def _markdown(block: Block) -> str:
    match block:
        case Heading(text=text, level=level):
            return "#" * level + " " + _marked(text)
        case Paragraph(text=text):
            return _guarded(_marked(text))
        case Listing(items=items):
            return "\n".join(_bullets(items, ""))
        case Table(head=head, rows=rows, right=right):
            rule = ["---:" if column in right else "---" for column in range(len(head))]
            cells = [[_escaped(cell) for cell in head], rule]
            cells += [[_marked(cell) for cell in row] for row in rows]
            return "\n".join("| " + " | ".join(row) + " |" for row in cells)


def _bullets(items: Sequence[Item], indent: str) -> Iterator[str]:
    for item in items:
        named = item.label is not None and item.label.text
        label = inline(Span(str(named), Style.STRONG), " ") if named else ()
        text = _marked((*label, *item.text))
        yield f"{indent}- {_guarded(text)}"
        yield from _bullets(item.children, indent + "  ")


_STRONG = {Style.STRONG, Style.ALERT}
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_MARKUP = re.compile(r"[\\`*_\[|~$&<>]|:(?=//)")
_BLOCK_START = re.compile(r"^([#+=-]|\d+(?=[.)]))")


def _escaped(text: str) -> str:
    """Text of which nothing is read as Markdown or HTML, nor as an address to link."""
    return _MARKUP.sub(
        lambda found: "&#58;" if found[0] == ":" else _ENTITIES.get(found[0], "\\" + found[0]),
        printable(text, max(len(text), 1)),
    )


def _guarded(text: str) -> str:
    """Text whose beginning is not taken for a heading, a list or a rule."""
    found = _BLOCK_START.match(text)
    if found is None:
        return text
    head, rest = found[0], text[found.end() :]
    return f"\\{head}{rest}" if not head.isdigit() else f"{head}\\{rest}"


def _marked(spans: Inline) -> str:
    return "".join(_mark(span) for span in spans).strip()


def _mark(span: Span) -> str:
    core = " ".join(span.text.split())
    if not core:
        return " " if span.text else ""
    before = " " if span.text[0].isspace() else ""
    after = " " if span.text[-1].isspace() else ""
    if span.style is Style.CODE and not set(core) & {"`", "|"}:
        shown = f"`{printable(core, len(core))}`"
    elif span.style in _STRONG:
        shown = f"**{_escaped(core)}**"
    else:
        shown = _escaped(core)
    return before + shown + after
