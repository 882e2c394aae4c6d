"""What several chapters write alike: facts, statements, codes, sources, uses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from crampdx.authoring.reference_pages.links import Links
from crampdx.authoring.statement_coverage import Reference
from crampdx.engine.scoring import weight_of
from crampdx.knowledge.governance import Governance
from crampdx.knowledge.models import CitedSentence, Code, CodeSystem, Evidence
from crampdx.outputs.labels import spoken, weight
from crampdx.outputs.markdown import (
    anchor,
    bullets,
    code,
    escaped,
    heading,
    strong,
    table,
    web_link,
)

__all__ = [
    "about",
    "by_weight",
    "codes",
    "evidence_table",
    "fact_bullets",
    "reviewed",
    "section",
    "sources_in_full",
    "strength",
    "used_by",
]

_CODE_PAGES = {
    CodeSystem.HPO: "https://hpo.jax.org/browse/term/{code}",
    CodeSystem.LOINC: "https://loinc.org/{code}",
    CodeSystem.MONDO: "https://monarchinitiative.org/{code}",
}
"""Where a code can be looked up openly; the other systems ask for a licence or have no page."""


def reviewed(answers: Governance) -> str:
    """How far an entry has been reviewed, when, and until when that holds."""
    dates = f"; reviewed {answers.reviewed}, next by {answers.next_review}"
    return f"{escaped(answers.status)}{dates if answers.reviewed else ''}"


def section(title: str, *blocks: str, level: int = 2) -> str:
    """Write a heading with what is below it; empty if there is nothing."""
    given = [block for block in blocks if block]
    return "\n\n".join([heading(title, level), *given]) if given else ""


def fact_bullets(facts: Iterable[tuple[str, str]]) -> str:
    """Labels and what they say (as Markdown), those that say nothing left out."""
    return bullets(f"{strong(f'{label}:')} {text}" for label, text in facts if text)


def about(statements: Iterable[CitedSentence], links: Links) -> str:
    """Background, each statement with its sources."""
    return bullets(f"{escaped(s.says)} ({links.sources(s.sources)})" for s in statements)


# --------------------------------------------------------------------------------------- evidence


def by_weight(lines: Iterable[Evidence]) -> list[Evidence]:
    """Lines of evidence, those that weigh most in their direction first."""
    return sorted(lines, key=lambda line: (-abs(weight_of(line)), line.id))


def strength(line: Evidence) -> str:
    """The weight of a line, how it was given (as a word, or measured), and its cluster."""
    given = line.favors or line.opposes
    how = f"measured ratio {line.lr:g}" if given is None else spoken(given)
    cluster = f"; cluster {spoken(line.cluster)}" if line.cluster else ""
    return f"{weight(weight_of(line))} ({how}{cluster})"


def evidence_table(lines: Iterable[Evidence], links: Links) -> str:
    """Lines of evidence, each with an anchor."""
    return table(
        ("Weight", "When", "Because", "Sources"),
        (
            (
                anchor("evidence", line.id) + strength(line),
                links.criterion(line.when),
                escaped(line.because),
                links.sources(line.sources),
            )
            for line in by_weight(lines)
        ),
    )


# ------------------------------------------------------------------------------ codes and sources


def codes(kind: str, name: str, links: Links) -> str:
    """The codes that stand for an entry, exact ones first."""
    found = sorted(
        links.names.codes[kind, name],
        key=lambda c: (c.match != "exact", c.match, c.system, c.code),
    )
    return table(
        ("Match", "System", "Code", "Display"),
        ((spoken(c.match), escaped(c.system), _code(c), escaped(c.display)) for c in found),
    )


def _code(given: Code) -> str:
    page = _CODE_PAGES.get(given.system)
    return web_link(given.code, page.format(code=given.code)) if page else code(given.code)


def sources_in_full(cited: Iterable[str], links: Links) -> str:
    """Sources with their titles, each a link into the bibliography."""
    known = links.names.knowledge.sources
    return bullets(
        f"{links.sources([name])}: {escaped(known[name].title)}"
        for name in sorted(set(cited))
        if name in known
    )


# -------------------------------------------------------------------------------- what refers to it


def used_by(references: Iterable[Reference], links: Links) -> str:
    """The entries that refer to one, by kind; lines of one owner are named once."""
    return bullets(
        f"{strong(f'{spoken(kind).capitalize()}:')} {', '.join(_owners(group, links))}"
        for kind, group in groupby(references, key=lambda reference: reference.kind)
    )


def _owners(references: Iterable[Reference], links: Links) -> Iterator[str]:
    ordered = sorted(references, key=lambda r: (links.names.owner(r.kind, r.id), r.id))
    for (_, _), group in groupby(ordered, key=lambda r: links.names.owner(r.kind, r.id)):
        lines = list(group)
        more = f" ({len(lines)})" if len(lines) > 1 else ""
        yield links.to(lines[0].kind, lines[0].id) + more
