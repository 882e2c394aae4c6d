"""Coverage as one page of HTML: no script, nothing loaded, all text escaped."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from crampdx.authoring.coverage.measure import Coverage, RuleCoverage
from crampdx.authoring.coverage.report import (
    FileCoverage,
    branch_lack,
    by_file,
    in_sum,
    lack,
    percent,
)
from crampdx.errors import printable
from crampdx.knowledge.places import ShownPlace
from crampdx.outputs.labels import spoken

__all__ = ["page_of"]

_STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 75rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1.5rem; }
caption { text-align: left; font-weight: 600; padding: .5rem 0; }
th, td { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0;
         border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent); }
.number { text-align: right; font-variant-numeric: tabular-nums; }
code { font: .9em ui-monospace, monospace; overflow-wrap: anywhere; }
summary { cursor: pointer; padding: .25rem 0; }
summary h2 { display: inline; font-size: 1.1rem; }
.lacking { font-weight: 600; color: light-dark(#a11100, #ff9c8f); }
.scrolled { overflow-x: auto; }
"""

_HEAD = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
<h1>{title}</h1>
"""

_FOOT = """</main>
</body>
</html>
"""


def page_of(found: Coverage, title: str, shown: ShownPlace = str) -> str:
    """The page: the sums, a table of files, and for each file a table of its rules.

    Args:
        found: The coverage.
        title: What it is of.
        shown: How to write a place.
    """
    files = by_file(found, shown)
    parts = [_HEAD.format(title=_text(title), style=_STYLE), *_sums(found), *_overview(files)]
    for number, file in enumerate(files):
        parts += _file(number, file)
    return "".join(parts) + _FOOT


def _text(text: str) -> str:
    """Text made safe: control characters shown as escapes, markup escaped."""
    return escape(printable(text, max(len(text), 1)))


def _sums(found: Coverage) -> Iterator[str]:
    yield (
        f"<p>{in_sum(found)}</p>\n"
        "<p>A rule is covered when it was true in some case and false in some case. Each part of a"
        " condition has two branches: it decides by being true, and by being false.</p>\n"
    )


def _overview(files: tuple[FileCoverage, ...]) -> Iterator[str]:
    yield (
        "<table><caption>Files</caption><thead><tr>"
        '<th scope="col">File</th><th scope="col" class="number">Rules</th>'
        '<th scope="col" class="number">Covered</th><th scope="col" class="number">Share</th>'
        '<th scope="col" class="number">Branches</th></tr></thead><tbody>\n'
    )
    for number, file in enumerate(files):
        sums = file.as_coverage
        lacking = "" if sums.covered == len(sums.rules) else " lacking"
        yield (
            f'<tr><th scope="row"><a href="#file-{number}">{_text(file.file)}</a></th>'
            f'<td class="number">{len(sums.rules)}</td><td class="number">{sums.covered}</td>'
            f'<td class="number{lacking}">{percent(sums.covered, len(sums.rules))}</td>'
            f'<td class="number">{sums.branches_reached} of {sums.branches}</td></tr>\n'
        )
    yield "</tbody></table>\n"


def _file(number: int, file: FileCoverage) -> Iterator[str]:
    is_open = " open" if any(_words(rule) for rule in file.rules) else ""
    yield (
        f'<details id="file-{number}"{is_open}><summary><h2>{_text(file.file)}</h2></summary>\n'
        f'<div class="scrolled"><table><caption>Rules of {_text(file.file)}</caption><thead><tr>'
        '<th scope="col" class="number">Line</th><th scope="col">Rule</th>'
        '<th scope="col" class="number">True</th><th scope="col" class="number">False</th>'
        '<th scope="col" class="number">Unknown</th><th scope="col">Not covered</th>'
        "</tr></thead><tbody>\n"
    )
    for rule in file.rules:
        yield _row(rule)
    yield "</tbody></table></div></details>\n"


def _row(rule: RuleCoverage) -> str:
    counts = "".join(
        f'<td class="number">{rule.counts[outcome]}</td>'
        for outcome in ("fired", "not_fired", "unknown")
    )
    return (
        f'<tr><td class="number">{rule.place.line if rule.place else ""}</td>'
        f'<th scope="row">{_text(spoken(rule.kind))} <code>{_text(rule.id)}</code></th>'
        f"{counts}<td>{'<br>'.join(_words(rule))}</td></tr>\n"
    )


def _words(rule: RuleCoverage) -> list[str]:
    """What is not covered of a rule, one line each."""
    lines = [f'<span class="lacking">{_text(lack(rule))}</span>'] if not rule.is_covered else []
    for branch in rule.branches:
        if branch.reached < 2:
            where = f"{_text(branch.where)} <code>{_text(branch.part)}</code>"
            lines.append(f"{where}: {_text(branch_lack(branch))}")
    return lines
