"""The picture of a cause's associations: an SVG drawn by simple arithmetic.

What speaks for and against stands on the left, with bars as long as it weighs; the cause in the
middle; tests and treatments on the right. Nothing is said by color alone. The colors follow the
reader's preference of light or dark.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape

from crampdx.errors import printable
from crampdx.outputs.labels import signed

__all__ = ["Association", "Picture"]

SHOWN = 12
"""How many entries of each list are drawn; the rest are counted."""

WIDTH = 920
ROW = 26
TOP = 16
LEFT_END = 300
BAR_START = 348
BAR_PER_DECIBAN = 3
CENTER_START, CENTER_END = 456, 626
RIGHT_START = 660
LETTERS_LEFT, LETTERS_CENTER, LETTERS_RIGHT = 37, 15, 32
"""How many letters fit into a line of each column."""

STYLE = """
:root { color-scheme: light dark; --ink: #1f2933; --faint: #5b6770; --line: #9aa5b1;
  --for: #1b7f5c; --against: #b4540a; --box: #eef2f7; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e7eb; --faint: #a9b4c0; --line: #66727f;
  --for: #4cc38a; --against: #f2a65a; --box: #2b333d; } }
text { font: 13px system-ui, sans-serif; fill: var(--ink); }
.head { font-weight: 600; }
.faint { fill: var(--faint); }
.name { font-size: 15px; font-weight: 600; text-anchor: middle; }
.end { text-anchor: end; }
.favors { fill: var(--for); }
.opposes { fill: var(--against); }
.box { fill: var(--box); stroke: var(--line); }
.tie { fill: none; stroke: var(--line); stroke-width: 1.2; }
.tie.favors { fill: none; stroke: var(--for); }
.tie.opposes { fill: none; stroke: var(--against); stroke-dasharray: 5 4; }
"""


@dataclass(frozen=True, slots=True)
class Association:
    """Something that speaks for or against a cause, and how much, in decibans."""

    words: str
    decibans: int


@dataclass(frozen=True, slots=True)
class Picture:
    """What a picture of a cause shows; each list the most important first."""

    title: str
    favoring: tuple[Association, ...]
    opposing: tuple[Association, ...]
    tests: tuple[str, ...]
    treatments: tuple[str, ...]

    def svg(self) -> str:
        """The picture as the text of an SVG file."""
        left = _parted(
            _associations("Speaks for", self.favoring, "favors"),
            _associations("Speaks against", self.opposing, "opposes"),
        )
        right = _parted(
            _names("Tests that tell", self.tests), _names("To consider", self.treatments)
        )
        height = 2 * TOP + ROW * max(len(left), len(right), 3)
        middle = height / 2
        drawn = [
            *(part for row, entry in enumerate(left) for part in entry.left(_line(row), middle)),
            *(part for row, entry in enumerate(right) for part in entry.right(_line(row), middle)),
            *_center(self.title, middle),
        ]
        return "\n".join([*_opening(self, height), *drawn, "</svg>", ""])


@dataclass(frozen=True, slots=True)
class _Entry:
    """A line of a column. A head, or the count of what is not drawn, has no tie to the cause."""

    text: str
    style: str
    decibans: int = 0
    tied: bool = True

    def left(self, y: float, middle: float) -> Iterator[str]:
        if not self.tied:
            yield _text(self.text, LEFT_END, y, f"{self.style} end", LETTERS_LEFT)
            return
        length = BAR_PER_DECIBAN * abs(self.decibans)
        yield _text(self.text, LEFT_END, y, "end", LETTERS_LEFT)
        yield _text(signed(self.decibans), BAR_START - 8, y, f"{self.style} end head", 8)
        yield (
            f'<rect x="{BAR_START}" y="{y - 6:g}" width="{length}" height="12"'
            f' class="{self.style}"/>'
        )
        yield _tie(BAR_START + length + 2, y, CENTER_START, middle, self.style)

    def right(self, y: float, middle: float) -> Iterator[str]:
        if self.tied:
            yield _tie(CENTER_END, middle, RIGHT_START - 6, y, "")
        yield _text(self.text, RIGHT_START, y, self.style, LETTERS_RIGHT)


def _line(row: int) -> float:
    return TOP + ROW * (row + 0.5)


def _associations(head: str, given: Sequence[Association], style: str) -> Iterator[_Entry]:
    if not given:
        return
    yield _Entry(head, f"head {style}", tied=False)
    for one in given[:SHOWN]:
        yield _Entry(one.words, style, one.decibans)
    yield from _rest(len(given))


def _names(head: str, given: Sequence[str]) -> Iterator[_Entry]:
    if not given:
        return
    yield _Entry(head, "head", tied=False)
    for name in given[:SHOWN]:
        yield _Entry(name, "")
    yield from _rest(len(given))


def _parted(*lists: Iterable[_Entry]) -> list[_Entry]:
    """Lists below each other, with a free row between them; empty lists take no room."""
    entries: list[_Entry] = []
    for part in map(list, lists):
        entries += [_Entry("", "", tied=False)] if entries and part else []
        entries += part
    return entries


def _rest(count: int) -> Iterator[_Entry]:
    if count > SHOWN:
        yield _Entry(f"and {count - SHOWN} more", "faint", tied=False)


def _opening(picture: Picture, height: float) -> Iterator[str]:
    counts = (
        f"{len(picture.favoring)} lines of evidence for it, {len(picture.opposing)} against it,"
        f" {len(picture.tests)} tests, {len(picture.treatments)} treatments to consider."
    )
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:g}"'
        f' width="{WIDTH}" height="{height:g}" role="img" aria-labelledby="title description">'
    )
    yield f'<title id="title">Associations of {_safe(picture.title)}</title>'
    yield f'<desc id="description">{counts} Weights are in decibans.</desc>'
    yield f"<style>{STYLE}</style>"


def _center(title: str, middle: float) -> Iterator[str]:
    lines = _broken(_plain(title), LETTERS_CENTER)
    height = 24 * len(lines) + 20
    yield (
        f'<rect x="{CENTER_START}" y="{middle - height / 2:g}" width="{CENTER_END - CENTER_START}"'
        f' height="{height}" rx="8" class="box"/>'
    )
    for number, line in enumerate(lines):
        y = middle + 24 * (number - (len(lines) - 1) / 2)
        yield _text(line, (CENTER_START + CENTER_END) / 2, y, "name", LETTERS_CENTER)


def _broken(text: str, width: int, most: int = 4) -> list[str]:
    """Words in lines of at most so many letters; what does not fit is cut off."""
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return lines if len(lines) <= most else [*lines[: most - 1], f"{lines[most - 1]} …"]


def _text(text: str, x: float, y: float, style: str, letters: int) -> str:
    """Text in the middle of a row, cut where it is too long; its whole is then a tooltip."""
    plain = _plain(text)
    shown = plain if len(plain) <= letters else plain[: letters - 1].rstrip() + "…"
    whole = f"<title>{escape(plain)}</title>" if shown != plain else ""
    return (
        f'<text x="{x:g}" y="{y:g}" dy="0.35em" class="{style.strip()}">'
        f"{whole}{escape(shown)}</text>"
    )


def _tie(x1: float, y1: float, x2: float, y2: float, style: str) -> str:
    bend = (x1 + x2) / 2
    path = f"M{x1:g} {y1:g} C{bend:g} {y1:g} {bend:g} {y2:g} {x2:g} {y2:g}"
    return f'<path d="{path}" class="{f"tie {style}".strip()}"/>'


def _plain(text: str) -> str:
    line = " ".join(text.split())
    return printable(line, max(len(line), 1))


def _safe(text: str) -> str:
    return escape(_plain(text))
