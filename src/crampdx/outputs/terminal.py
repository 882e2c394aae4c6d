"""Blocks as text for a terminal: wrapped, perhaps in color, without control characters.

The wrapping is our own, since it is part of the core, and `rich` is in the extra of the command
line. It also breaks words over spans of different styles, and keeps what a no-break space joins.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from crampdx.errors import printable
from crampdx.outputs.blocks import (
    Block,
    Heading,
    Inline,
    Item,
    Listing,
    Paragraph,
    Span,
    Style,
    Table,
    inline,
    plain,
)

__all__ = ["text_of"]

MIN_WIDTH = 50
"""Text is never wrapped narrower than this."""


def text_of(blocks: Iterable[Block], *, color: bool = False, width: int = 80) -> str:
    """Write blocks as text.

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
        Span(plain(tuple(group)), style)
        for style, group in groupby(line, key=lambda span: span.style)
    ]
