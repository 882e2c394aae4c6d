"""Markdown in which text of rules and records stays text: pieces of it, and whole blocks.

What a character could start, in CommonMark or in the dialects of code hosts and site generators, is
written as a character reference: all of them read it the same way, which backslashes are not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import quote

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
)

__all__ = [
    "anchor",
    "bullets",
    "code",
    "document",
    "escaped",
    "heading",
    "inline_markdown",
    "link",
    "markdown_of",
    "paragraph",
    "strong",
    "table",
    "web_link",
    "wide",
]

_MARKUP = re.compile(
    r"[\\`*\[\]<>&|~${}@#\"]"
    r"|(?<![^\W_])_|_(?![^\W_])"  # between letters or digits an underscore is one
    r"|:(?=//)|(?<=[wW]{3})\."  # an address that is not linked by us is not linked at all
)
_NAMED = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}
_BLOCK_START = re.compile(r"^(?:(\d+)(?=[.)](?:\s|$))|(?=[+:-](?:\s|$)|[=-]+$|!!!|\?\?\?))(.)")
"""What would begin a list, a definition, a rule or an admonition."""
_PLAIN_CODE = re.compile(r"[\w.:/+\[\]()#=, -]+", re.ASCII)
_IN_ADDRESS = ":/?#@!$&,;=%~+-._"


def _reference(character: str) -> str:
    return _NAMED.get(character, f"&#{ord(character)};")


def escaped(text: str) -> str:
    """Escape text, on one line, so that nothing in it is read as markup.

    >>> escaped("a | <b>, *c*")
    'a &#124; &lt;b&gt;, &#42;c&#42;'
    """
    line = " ".join(text.split())
    return _MARKUP.sub(lambda found: _reference(found[0]), printable(line, max(len(line), 1)))


def paragraph(text: str) -> str:
    """Escape the beginning of Markdown that would be taken for a list, a definition or a rule.

    >>> paragraph("1. of all"), paragraph("- so")
    ('1&#46; of all', '&#45; so')
    """
    return _BLOCK_START.sub(lambda found: (found[1] or "") + _reference(found[2]), text)


def strong(markdown: str) -> str:
    """Markdown set off from its surroundings."""
    return f"**{markdown}**"


def code(text: str) -> str:
    """An id or a code, in a font of fixed width.

    >>> code("als.known"), code("a`b")
    ('`als.known`', '<code>a&#96;b</code>')
    """
    return f"`{text}`" if _PLAIN_CODE.fullmatch(text) else f"<code>{escaped(text)}</code>"


def link(markdown: str, target: str) -> str:
    """A link to a page or an anchor of ours."""
    return f"[{markdown}]({target})"


def web_link(text: str, address: str) -> str:
    """A link to an address on the web; only http and https are linked.

    >>> web_link("doi:10.1/a(b)", "https://doi.org/10.1/a(b)")
    '[doi:10.1/a(b)](https://doi.org/10.1/a%28b%29)'
    >>> web_link("here", "javascript:alert(1)")
    'here'
    """
    return _linked(escaped(text), address)


def _linked(markdown: str, address: str) -> str:
    if not address.startswith(("https://", "http://")):
        return markdown
    return link(markdown, quote(address, safe=_IN_ADDRESS, errors="replace").replace("&", "&amp;"))


def anchor(kind: str, name: str) -> str:
    """A place that can be linked to as ``#kind:name``; ids need no escaping."""
    return f'<a id="{kind}:{name}"></a>'


def heading(markdown: str, level: int = 2, place: str = "") -> str:
    """A heading, perhaps with an anchor before it."""
    title = f"{'#' * level} {markdown}"
    return f"{place}\n\n{title}" if place else title


def bullets(items: Iterable[str]) -> str:
    """Write a list; empty if there are no items."""
    return "\n".join(f"- {paragraph(item)}" for item in items)


def table(
    head: Sequence[str], rows: Iterable[Iterable[str]], right: frozenset[int] = frozenset()
) -> str:
    """Write a table; empty if it has no rows.

    Args:
        head: The titles of the columns.
        rows: The cells, as Markdown.
        right: The columns that are set to the right.
    """
    lines = [_row(row) for row in rows]
    rule = ["---:" if column in right else "---" for column in range(len(head))]
    return "\n".join([_row(head), _row(rule), *lines]) if lines else ""


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def wide(markdown: str, name: str) -> str:
    """Markdown that may be wider than the page: a site lets it scroll inside of itself."""
    return f'<div class="{name}" markdown>\n\n{markdown}\n\n</div>'


def document(*blocks: str) -> str:
    """A page of blocks; those that are empty are left out."""
    return "\n\n".join(block for block in blocks if block) + "\n"


# ---------------------------------------------------------------------------------- whole blocks


def markdown_of(blocks: Iterable[Block]) -> str:
    """Write blocks as Markdown (CommonMark with tables).

    >>> from crampdx.outputs.blocks import inline
    >>> print(markdown_of([Heading(inline("Ask next")), Paragraph(inline("Is a < b?"))]), end="")
    ## Ask next
    <BLANKLINE>
    Is a &lt; b?
    """
    return document(*map(_markdown, blocks))


def inline_markdown(spans: Inline) -> str:
    """Write spans as Markdown within a line.

    >>> inline_markdown((Span("2 * 2 = "), Span("4", Style.STRONG)))
    '2 &#42; 2 = **4**'
    """
    return "".join(map(_span, spans)).strip()


def _markdown(block: Block) -> str:
    match block:
        case Heading(text=text, level=level):
            return heading(inline_markdown(text), level)
        case Paragraph(text=text):
            return paragraph(inline_markdown(text))
        case Listing(items=items):
            return "\n".join(_items(items, ""))
        case Table(head=head, rows=rows, right=right):
            return table(
                [escaped(cell) for cell in head], (map(inline_markdown, row) for row in rows), right
            )


def _items(items: Sequence[Item], indent: str) -> Iterator[str]:
    for item in items:
        label = _span(Span(item.label.text.strip(), Style.STRONG)) if item.label else ""
        text = paragraph(inline_markdown(item.text))
        yield f"{indent}- {label} {text}" if label else f"{indent}- {text}"
        yield from _items(item.children, indent + "  ")


def _span(span: Span) -> str:
    """A span as Markdown. White space at its ends is outside of what sets it off."""
    core = " ".join(span.text.split())
    if not core:
        return " " if span.text else ""
    before = " " if span.text[0].isspace() else ""
    after = " " if span.text[-1].isspace() else ""
    shown = code(core) if span.style is Style.CODE else escaped(core)
    if span.link:
        shown = _linked(shown, span.link)
    if span.style in (Style.STRONG, Style.ALERT):
        shown = strong(shown)
    return before + shown + after
