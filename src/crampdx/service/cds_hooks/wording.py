"""What cards say, in words: evidence, places, sources and what was not seen, as safe Markdown."""

from __future__ import annotations

from collections.abc import Iterable

from crampdx.assessment import Assessment, Level, Line, Observed
from crampdx.knowledge.base import KnowledgeBase
from crampdx.outputs.labels import Labels, listed, spoken
from crampdx.outputs.markdown import bullets, code, document, escaped, heading, inline_markdown

__all__ = [
    "basis",
    "evidence",
    "not_seen",
    "observed",
    "section",
    "sources",
]

MAX_PLACES = 5
"""The most places of the record that are named for one finding."""

MAX_WARNINGS = 10
"""The most warnings that a card lists; the rest are counted."""


def section(title: str, items: Iterable[str]) -> str:
    """Write a titled list of Markdown items; empty if there are none."""
    lines = bullets(item for item in items if item)
    return document(heading(escaped(title), 4), lines).rstrip() if lines else ""


def observed(seen: Iterable[Observed], knowledge: KnowledgeBase) -> str:
    """Write what the record says, and where; empty if it says nothing."""
    return inline_markdown(Labels(knowledge).observed(seen, MAX_PLACES))


def evidence(line: Line, knowledge: KnowledgeBase) -> str:
    """Write a line of evidence: why, what of the record it rests on, and its sources."""
    seen = observed(line.observed, knowledge)
    parts = [escaped(line.evidence.because), f"Record: {seen}." if seen else ""]
    parts.append(sources(line.evidence.sources, knowledge))
    return " ".join(part for part in parts if part)


def sources(names: Iterable[str], knowledge: KnowledgeBase) -> str:
    """Write sources in brackets, each a link if it has an address; judgement is called so."""
    return inline_markdown(Labels(knowledge).sources(names))


def not_seen(sentences: Iterable[str], assessment: Assessment) -> str:
    """Write what was not supplied, not readable or not used, as a section."""
    return section("Not seen", [*map(escaped, sentences), *_unread(assessment)])


def _unread(assessment: Assessment) -> Iterable[str]:
    grave = [w for w in assessment.warnings if w.level is Level.WARNING]
    for warning in grave[:MAX_WARNINGS]:
        place = f"{code(warning.place)}: " if warning.place else ""
        yield f"{place}{escaped(warning.message)}"
    if len(grave) > MAX_WARNINGS:
        yield f"and {len(grave) - MAX_WARNINGS} warnings more"
    for item in assessment.not_used:
        reason = escaped(spoken(item.reason))
        where = ", ".join(code(place) for place in item.places[:MAX_PLACES])
        more = ", …" if item.count > MAX_PLACES and where else ""
        yield f"not used, {reason}: {item.count}" + (f" ({where}{more})" if where else "")


def basis(assessment: Assessment) -> str:
    """Write which rules answered, and for whom they are meant."""
    packs = listed([f"{p.name} {p.version} ({p.status})" for p in assessment.knowledge.packs])
    return document(
        f"Rules: {escaped(packs)}, digest {code(assessment.knowledge.digest[:16])}.",
        escaped(assessment.intended_use),
    ).rstrip()
