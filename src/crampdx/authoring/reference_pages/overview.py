"""The overview: what the knowledge base is, how much it holds, and where each part is."""

from __future__ import annotations

from crampdx.assessment import INTENDED_USE
from crampdx.authoring.reference_pages.common import fact_bullets, section
from crampdx.authoring.reference_pages.links import Links, Names
from crampdx.knowledge.base import KnowledgeBase
from crampdx.outputs.markdown import (
    bullets,
    code,
    document,
    escaped,
    heading,
    link,
    table,
)

__all__ = ["pages"]


def pages(names: Names) -> dict[str, str]:
    """The page that a reader sees first."""
    return {"index.md": _page(Links(names, "index.md"))}


def _page(links: Links) -> str:
    knowledge = links.names.knowledge
    packs = table(
        ("Pack", "Title", "Version", "Status", "Next review"),
        (
            (
                links.page_link(code(pack.name), f"transparency.md#pack:{pack.name}"),
                escaped(pack.title),
                escaped(pack.version),
                escaped(pack.status),
                str(pack.next_review),
            )
            for pack in knowledge.packs
        ),
    )
    return document(
        heading("Reference", 1),
        _complaint(links),
        table(("Page", "Entries", "What it shows"), _contents(knowledge), frozenset({1})),
        section("Packs", packs, fact_bullets([("Digest of the rules", code(knowledge.digest))])),
        section("Replaced", _replacements(knowledge)),
        section("Intended use", escaped(INTENDED_USE)),
    )


def _complaint(links: Links) -> str:
    complaint = links.names.knowledge.complaint
    of = f" The differential is of {links.to('finding', complaint)}." if complaint else ""
    return f"All that the rules say, and what each line rests on.{of}"


def _contents(knowledge: KnowledgeBase) -> list[tuple[str, str, str]]:
    lines = sum(1 for _ in knowledge.evidence())
    cautions = sum(len(t.cautions) for t in knowledge.treatments.values())
    contents: tuple[tuple[str, str, int | str, str], ...] = (
        ("Causes", "causes.md", len(knowledge.causes), f"with {lines} lines of evidence"),
        ("Groups", "groups.md", len(knowledge.groups), "of causes"),
        ("Findings", "findings.md", len(knowledge.findings), f"with {len(knowledge.codes)} codes"),
        ("Tests", "tests.md", len(knowledge.tests), "and what they show"),
        ("Treatments", "treatments.md", len(knowledge.treatments), f"with {cautions} cautions"),
        ("Prevention", "prevention.md", len(knowledge.prevention), "and when to seek care"),
        ("Red flags", "red-flags.md", len(knowledge.red_flags), "that should not wait"),
        ("Matrix", "matrix.md", "", "causes against findings"),
        ("FHIR", "fhir.md", "", "the paths and codes from which findings are read"),
        ("Bibliography", "bibliography.md", len(knowledge.sources), "sources, and what cites them"),
        ("Transparency", "transparency.md", len(knowledge.packs), "source attributes of each pack"),
    )
    return [(link(title, page), str(count), what) for title, page, count, what in contents]


def _replacements(knowledge: KnowledgeBase) -> str:
    return bullets(
        f"{escaped(r.kind)} {code(r.replaced)} by {code(r.by)} of pack {code(r.pack)}:"
        f" {escaped(r.reason)}"
        for r in knowledge.replacements
    )
