"""What cards say, in words: evidence, places, sources and what was not seen, as safe Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from crampdx.assessment import Assessment, Level, Line, Observed
from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.models import SourceKind
from crampdx.outputs.fhir.words import address_of
from crampdx.outputs.markdown import bullets, code, document, escaped, heading, web_link

__all__ = [
    "basis",
    "evidence",
    "listed",
    "not_seen",
    "observed",
    "section",
    "sources",
]

MAX_PLACES = 5
"""The most places of the record that are named for one finding."""

MAX_WARNINGS = 10
"""The most warnings that a card lists; the rest are counted."""


def listed(names: Sequence[str]) -> str:
    """Names as a list in a sentence.

    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    return " and ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)


def section(title: str, items: Iterable[str]) -> str:
    """A titled list of Markdown items; nothing where there are none."""
    lines = bullets(item for item in items if item)
    return document(heading(escaped(title), 4), lines).rstrip() if lines else ""


def observed(seen: Iterable[Observed], knowledge: KnowledgeBase) -> str:
    """What the record says, and where; nothing where it says nothing."""
    return "; ".join(_seen(one, knowledge) for one in seen)


def _seen(one: Observed, knowledge: KnowledgeBase) -> str:
    known = knowledge.findings.get(one.finding)
    name = escaped(known.name if known else one.finding)
    places = [code(place) for place in one.places[:MAX_PLACES]]
    more = ["…"] if len(one.places) > MAX_PLACES else []
    where = f" ({', '.join(places + more)})" if places else ""
    return f"{name if one.present else f'no {name}'}{where}"


def evidence(line: Line, knowledge: KnowledgeBase) -> str:
    """A line of evidence: why, what of the record it rests on, and its sources."""
    seen = observed(line.observed, knowledge)
    parts = [escaped(line.evidence.because), f"Record: {seen}." if seen else ""]
    parts.append(sources(line.evidence.sources, knowledge))
    return " ".join(part for part in parts if part)


def sources(names: Iterable[str], knowledge: KnowledgeBase) -> str:
    """Sources in brackets, linked where they have an address; judgement is called so."""
    shown = [_source(name, knowledge) for name in names]
    return f"[{'; '.join(shown)}]" if shown else ""


def _source(name: str, knowledge: KnowledgeBase) -> str:
    source = knowledge.sources.get(name)
    if source is None:
        return escaped(name)
    if source.kind is SourceKind.JUDGEMENT:
        return "judgement"
    address = address_of(source)
    return web_link(name, address) if address else escaped(name)


def not_seen(sentences: Iterable[str], assessment: Assessment) -> str:
    """What was not supplied, not readable or not used, as a section."""
    return section("Not seen", [*map(escaped, sentences), *_unread(assessment)])


def _unread(assessment: Assessment) -> Iterable[str]:
    grave = [w for w in assessment.warnings if w.level is Level.WARNING]
    for warning in grave[:MAX_WARNINGS]:
        place = f"{code(warning.place)}: " if warning.place else ""
        yield f"{place}{escaped(warning.message)}"
    if len(grave) > MAX_WARNINGS:
        yield f"and {len(grave) - MAX_WARNINGS} warnings more"
    for item in assessment.not_used:
        reason = escaped(item.reason.replace("_", " "))
        where = ", ".join(code(place) for place in item.places[:MAX_PLACES])
        more = ", …" if item.count > MAX_PLACES and where else ""
        yield f"not used, {reason}: {item.count}" + (f" ({where}{more})" if where else "")


def basis(assessment: Assessment) -> str:
    """Which rules answered, and for whom they are meant."""
    packs = listed([f"{p.name} {p.version} ({p.status})" for p in assessment.knowledge.packs])
    return document(
        f"Rules: {escaped(packs)}, digest {code(assessment.knowledge.digest[:16])}.",
        escaped(assessment.intended_use),
    ).rstrip()
