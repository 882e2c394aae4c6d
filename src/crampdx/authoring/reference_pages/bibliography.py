"""The bibliography: each source, where to find it, and what cites it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from crampdx.authoring.reference_pages.common import section, used_by
from crampdx.authoring.reference_pages.links import Links, Names
from crampdx.authoring.statement_coverage import Reference
from crampdx.knowledge.models import Source, SourceKind
from crampdx.outputs.markdown import (
    anchor,
    code,
    document,
    escaped,
    heading,
    strong,
    web_link,
)

__all__ = ["pages"]

_TITLES = {
    SourceKind.ARTICLE: "Statements of the article",
    SourceKind.PUBLICATION: "Publications",
    SourceKind.GUIDELINE: "Guidelines",
    SourceKind.LABEL: "Product labels",
    SourceKind.TERMINOLOGY: "Terminologies",
    SourceKind.JUDGEMENT: "Judgement",
}


def pages(names: Names) -> dict[str, str]:
    """The page of the bibliography."""
    return {"bibliography.md": _page(Links(names, "bibliography.md"))}


def _page(links: Links) -> str:
    citing: dict[str, list[Reference]] = defaultdict(list)
    for rule, cited in links.names.trace.rules.items():
        for source in cited:
            citing[source].append(rule)
    sources = links.names.knowledge.sources.values()
    return document(
        heading("Bibliography", 1),
        links.trail(),
        "What the rules rest on. Each source has its identifiers, and what cites it.",
        *(
            section(
                _TITLES[kind],
                "\n\n".join(_source(s, citing[s.id], links) for s in sources if s.kind is kind),
            )
            for kind in SourceKind
        ),
    )


def _source(source: Source, rules: Sequence[Reference], links: Links) -> str:
    parts = [f"{anchor('source', source.id)}{code(source.id)}", f"{strong(escaped(source.title))}"]
    parts += [f"Section {escaped(source.section)}."] if source.section else []
    parts += [escaped(source.citation)] if source.citation else []
    parts += [", ".join(_identifiers(source))]
    entry = "- " + " ".join(part for part in parts if part)
    uses = used_by(rules, links) or "- Cited by no rule."
    return "\n".join([entry, *(f"    {line}" for line in uses.splitlines())])


def _identifiers(source: Source) -> Iterator[str]:
    if source.doi:
        yield web_link(f"doi:{source.doi}", f"https://doi.org/{source.doi}")
    if source.pmid:
        yield web_link(f"PMID {source.pmid}", f"https://pubmed.ncbi.nlm.nih.gov/{source.pmid}/")
    if source.url:
        yield web_link(source.url, source.url)
