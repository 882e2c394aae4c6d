"""A page of each finding: how it is shown, its codes, where it is used; and their list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from crampdx.authoring.description import Fact, describe
from crampdx.authoring.reference_pages.common import (
    codes,
    fact_bullets,
    section,
    sources_in_full,
    used_by,
)
from crampdx.authoring.reference_pages.links import Links, Names
from crampdx.engine.scoring import weight_of
from crampdx.knowledge.models import Finding, FindingKind
from crampdx.outputs.labels import spoken, weight
from crampdx.outputs.markdown import code, document, escaped, heading, table

__all__ = ["pages"]


def pages(names: Names) -> dict[str, str]:
    """The list of findings, and the page of each."""
    written = {"findings.md": _list(Links(names, "findings.md"))}
    for finding in names.knowledge.findings.values():
        path = f"findings/{finding.id}.md"
        written[path] = _page(finding, Links(names, path))
    return written


def _list(links: Links) -> str:
    knowledge = links.names.knowledge
    sections = []
    for kind in FindingKind:
        rows = [
            (links.to("finding", f.id), code(f.id), str(len(links.names.codes["finding", f.id])))
            for f in knowledge.findings.values()
            if f.kind is kind
        ]
        sections.append(
            section(spoken(kind).capitalize(), table(("Finding", "Id", "Codes"), rows, _LAST))
        )
    return document(
        heading("Findings", 1),
        links.trail(),
        "The vocabulary: all that can be present, absent or unknown in a record.",
        *sections,
    )


_LAST = frozenset({2})


def _page(finding: Finding, links: Links) -> str:
    description = describe(links.names.vocabulary, finding.id)[0]
    uses = [*description.used_by, *links.names.uses_of_finding[finding.id]]
    return document(
        heading(escaped(finding.name), 1),
        f"{links.trail(('Findings', 'findings.md'))} / {code(finding.id)}",
        fact_bullets(_facts(finding, description.facts, links)),
        section("Causes that it speaks for or against", _evidence(finding.id, links)),
        section("Also used by", used_by(sorted(uses, key=lambda use: use.kind), links)),
        section("Codes", codes("finding", finding.id, links)),
        section("Sources", sources_in_full(finding.sources, links)),
    )


def _facts(finding: Finding, facts: Iterable[Fact], links: Links) -> Iterator[tuple[str, str]]:
    for fact in facts:
        if fact.label not in ("implies", "follows from"):
            yield fact.label.capitalize(), escaped(fact.text)
    yield "Implies", links.all("finding", finding.implies)
    if finding.derived is not None:
        yield "Follows from", links.criterion(finding.derived)
    if finding.reason is not None:
        yield "Replaces", f"{code(finding.replaces or '')}: {escaped(finding.reason)}"


def _evidence(name: str, links: Links) -> str:
    lines = sorted(
        links.names.evidence_with[name],
        key=lambda given: (-weight_of(given[1]), given[0], given[1].id),
    )
    return table(
        ("Cause or group", "Weight", "When"),
        (
            (
                links.to("evidence", line.id),
                weight(weight_of(line)),
                links.criterion(line.when),
            )
            for _, line in lines
        ),
    )
