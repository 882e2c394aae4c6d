"""Markdown: whatever rules and records say is read as text, in every place and by every reader."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from crampdx.errors import printable
from crampdx.outputs.blocks import Heading, Item, Listing, Paragraph, Span, Style, Table, inline
from crampdx.outputs.markdown import escaped, inline_markdown, markdown_of

READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
LINKED = re.compile(r"@|://|www\.", re.IGNORECASE)
"""What GitHub's dialect makes a link or a mention of."""

MARKUP = [
    *"\\`*_[](){}<>&#|~$!@:.+-=^\"'/ \t\n1a",
    "www.evil.example",
    "https://evil.example",
    "@octocat",
    "<script>",
    "<!--",
    "&lt;",
    "![x](y)",
    "[x]: y",
    "1. ",
    "- ",
    "    ",
    "```",
    "---",
    "===",
    "\x1b[2J",
    "\u202e",
    "\u00a0",
]
HOSTILE = st.lists(st.sampled_from(MARKUP) | st.characters(), max_size=30).map("".join)
PLACES = {
    "paragraph": lambda text: [Paragraph(inline(text))],
    "item": lambda text: [Listing((Item(inline(text), children=(Item(inline(text)),)),))],
    "label": lambda text: [Listing((Item(inline("x"), Span(text)),))],
    "heading": lambda text: [Heading(inline(text), 3)],
    "head of a table": lambda text: [Table((text, "x"), ((inline("x"), inline("x")),))],
    "cell": lambda text: [Table(("x", "x"), ((inline(text), inline("x")),))],
    "strong": lambda text: [Paragraph(inline("x ", Span(text, Style.STRONG), " x"))],
    "code": lambda text: [Paragraph(inline("x ", Span(text, Style.CODE), " x"))],
    "link": lambda text: [Paragraph(inline(Span(text, Style.CODE, "https://rules.example")))],
    "cell of code": lambda text: [Table(("x", "x"), ((inline(Span(text, Style.CODE)),) * 2,))],
}
OURS = {"strong_open", "strong_close", "link_open", "link_close"}


def shown_as(text):
    """How text is shown: on one line, its control characters escaped."""
    line = " ".join(text.split())
    return printable(line, max(len(line), 1))


def read(markdown):
    """The texts that a reader shows, and the kinds of markup that it saw inside of lines."""
    texts, kinds = [], set()
    for token in READER.parse(markdown):
        if token.type != "inline":
            assert token.type not in ("html_block", "fence", "code_block", "hr"), markdown
            continue
        parts = [part for part in token.children if part.type in ("text", "code_inline")]
        texts.append(" ".join("".join(part.content for part in parts).split()))
        kinds |= {p.type if p.type != "html_inline" else p.content for p in token.children}
    return texts, kinds - {"text", "code_inline"}


@pytest.mark.parametrize("place", PLACES)
@given(text=HOSTILE)
@example(text="# a #")
@example(text="_ _ _")
@example(text="a`b|c")
def test_hostile_text_is_read_as_text(place, text):
    """In every place a reader of CommonMark shows the very text, and sees only markup of ours."""
    texts, kinds = read(markdown_of(PLACES[place](text)))
    shown = shown_as(text)
    assert kinds <= OURS | {"<code>", "</code>"}
    assert any(shown in one for one in texts) or not shown
    assert {*texts} - {"", "x", "x x"} <= {shown, f"x {shown} x", f"{shown} x"}


@given(text=HOSTILE)
def test_hostile_text_mentions_nobody_and_links_nothing(text):
    """Neither a mention nor an address is left as dialects of Markdown look for them."""
    assert not LINKED.search(escaped(text))
    assert not LINKED.search(inline_markdown((Span(text, Style.STRONG),)))


@given(address=HOSTILE)
def test_only_addresses_of_the_web_are_linked(address):
    """A link leads to http or https, and its address ends nothing."""
    for scheme in ("", "javascript:", "https://rules.example/"):
        markdown = inline_markdown((Span("x", link=scheme + address),))
        (line,) = [token for token in READER.parse(markdown) if token.type == "inline"]
        links = [part for part in line.children if part.type == "link_open"]
        assert all(re.match("https?://", part.attrs["href"]) for part in links)
        assert "".join(part.content for part in line.children) == "x"
