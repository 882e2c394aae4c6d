"""How the rules cover the statements of an article: what rests on what, in both directions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.models import Cause, CitedSentence, Group, SourceKind
from crampdx.knowledge.places import Place, ShownPlace
from crampdx.outputs.blocks import Block, Heading, Item, Listing, Paragraph, Span, Style, inline
from crampdx.outputs.labels import spoken

__all__ = [
    "Reference",
    "Trace",
    "citations",
    "reference_items",
    "reference_to",
    "trace",
    "trace_blocks",
]


@dataclass(frozen=True, slots=True)
class Reference:
    """An entry of the knowledge base, and its place, as far as that is known."""

    kind: str
    id: str
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Trace:
    """How rules and sources belong together.

    Attributes:
        statements: Each source of kind `article`, in order of ids, with the rules that cite it.
        rules: Each rule, in order of kinds and ids, with the sources that it cites.
    """

    statements: Mapping[str, tuple[Reference, ...]]
    rules: Mapping[Reference, tuple[str, ...]]

    @property
    def uncovered(self) -> tuple[str, ...]:
        """The statements that no rule cites."""
        return tuple(name for name, rules in self.statements.items() if not rules)

    def as_json(self) -> dict[str, Any]:
        """The trace as plain lists and mappings."""
        return {
            "statements": [
                {"id": name, "rules": [_reference_json(rule) for rule in rules]}
                for name, rules in self.statements.items()
            ],
            "rules": [
                {**_reference_json(rule), "sources": list(sources)}
                for rule, sources in self.rules.items()
            ],
            "uncovered": list(self.uncovered),
        }


def _reference_json(reference: Reference) -> dict[str, Any]:
    place = reference.place
    return {
        "kind": reference.kind,
        "id": reference.id,
        "file": place.file if place else None,
        "line": place.line if place else None,
    }


def trace(knowledge: KnowledgeBase) -> Trace:
    """Find which rules rest on which statements, and the other way around.

    >>> trace(KnowledgeBase.load("article")).uncovered
    ()
    """
    rules: dict[Reference, tuple[str, ...]] = {}
    for kind, name, sources in sorted(citations(knowledge)):
        reference = reference_to(knowledge, kind, name)
        rules[reference] = tuple(sorted({*rules.get(reference, ()), *sources}))
    citing: dict[str, list[Reference]] = defaultdict(list)
    for reference, cited in rules.items():
        for source in cited:
            citing[source].append(reference)
    statements = {
        source.id: tuple(citing[source.id])
        for source in knowledge.sources.values()
        if source.kind is SourceKind.ARTICLE
    }
    return Trace(statements, rules)


def reference_to(knowledge: KnowledgeBase, kind: str, name: str) -> Reference:
    """Refer to an entry, with its place as far as that is known."""
    return Reference(kind, name, knowledge.places.get((kind, name)))


def citations(knowledge: KnowledgeBase) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """List everything that cites, as (kind, id, sources); its owner cites background."""
    for finding in knowledge.findings.values():
        yield "finding", finding.id, finding.sources
    for kind, owners in (("group", knowledge.groups), ("cause", knowledge.causes)):
        for owner in owners.values():
            yield kind, owner.id, _sources_of(_background(owner))
            for line in owner.evidence:
                yield "evidence", line.id, line.sources
    for test in knowledge.tests.values():
        yield "test", test.id, test.sources
    for treatment in knowledge.treatments.values():
        yield "treatment", treatment.id, _sources_of(treatment.about)
        for indication in treatment.indications:
            yield "indication", indication.id, indication.sources
        for caution in treatment.cautions:
            yield "caution", caution.id, caution.sources
    for measure in knowledge.prevention.values():
        yield "prevention", measure.id, measure.sources
    for flag in knowledge.red_flags.values():
        yield "red_flag", flag.id, flag.sources


def _background(owner: Cause | Group) -> tuple[CitedSentence, ...]:
    imitates = owner.imitates_complaint if isinstance(owner, Cause) else ()
    return (*owner.about, *imitates)


def _sources_of(about: Iterable[CitedSentence]) -> tuple[str, ...]:
    return tuple(source for statement in about for source in statement.sources)


# ------------------------------------------------------------------------------------- to show it


def trace_blocks(found: Trace, knowledge: KnowledgeBase, shown: ShownPlace = str) -> list[Block]:
    """Arrange a trace as a document: what is covered and by what, and what is not.

    Args:
        found: The trace.
        knowledge: Where it is of, for the titles.
        shown: How to write a place.
    """
    covered = len(found.statements) - len(found.uncovered)
    blocks: list[Block] = [Heading(inline("Statements and the rules that cite them"))]
    blocks.append(
        Listing(
            tuple(
                Item(
                    inline(Span(name, Style.STRONG), f" {knowledge.sources[name].title}"),
                    children=reference_items(rules, shown),
                )
                for name, rules in found.statements.items()
            )
        )
    )
    blocks.append(Heading(inline("Rules and what they rest on")))
    blocks.append(
        Listing(
            tuple(
                Item(inline(f"{_head(rule)}: ", Span(", ".join(sources), Style.CODE)))
                for rule, sources in found.rules.items()
                if sources
            )
        )
    )
    blocks.append(Heading(inline("Coverage")))
    blocks.append(
        Paragraph(inline(f"{covered} of {len(found.statements)} statements are cited by a rule."))
    )
    if found.uncovered:
        blocks.append(Paragraph(inline(Span("Not covered:", Style.ALERT))))
        blocks.append(Listing(tuple(Item(inline(name)) for name in found.uncovered)))
    return blocks


def reference_items(references: Iterable[Reference], shown: ShownPlace) -> tuple[Item, ...]:
    """Write references as lines of a list, each with its place."""
    return tuple(
        Item(
            inline(
                _head(reference),
                Span(f" {shown(reference.place)}" if reference.place else "", Style.FAINT),
            )
        )
        for reference in references
    )


def _head(reference: Reference) -> str:
    return f"{spoken(reference.kind)} {reference.id}"
