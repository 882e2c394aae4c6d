"""The transparency sheet: what ONC HTI-1 asks of evidence-based decision support, for each pack."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from crampdx.assessment import INTENDED_USE
from crampdx.authoring.reference_pages.common import fact_bullets, section
from crampdx.authoring.reference_pages.links import Links, Names
from crampdx.authoring.statement_coverage import Trace
from crampdx.knowledge.models import Attributes, Pack, SourceKind
from crampdx.outputs.labels import spoken
from crampdx.outputs.markdown import anchor, code, document, escaped, heading, table

__all__ = ["pages"]

_USES = {
    "race": "Use of race",
    "ethnicity": "Use of ethnicity",
    "language": "Use of language",
    "sexual_orientation": "Use of sexual orientation",
    "gender_identity": "Use of gender identity",
    "sex": "Use of sex",
    "date_of_birth": "Use of date of birth",
    "social_determinants": "Use of social determinants of health data",
    "health_status_assessments": "Use of health status assessments data",
}
"""Source attributes 5 to 13, in the order of the regulation."""

_NOT_GIVEN = "not available"


def pages(names: Names) -> dict[str, str]:
    """The page of the transparency sheet."""
    return {"transparency.md": _page(Links(names, "transparency.md"))}


def _page(links: Links) -> str:
    knowledge = links.names.knowledge
    counts = _counts(links.names.trace, [pack.name for pack in knowledge.packs], links)
    return document(
        heading("Transparency", 1),
        links.trail(),
        "The source attributes that 45 CFR 170.315(b)(11)(iv)(A) (ONC HTI-1) asks of"
        " evidence-based decision support. The rules are written by hand and cite their sources;"
        " no weight is fitted to data.",
        section("Intended use", escaped(INTENDED_USE)),
        *(_pack(pack, counts.get(pack.name, Counter())) for pack in knowledge.packs),
        section("Rules of no known pack", _count_table(counts[""]) if "" in counts else ""),
    )


def _pack(pack: Pack, counts: Mapping[tuple[str, SourceKind], int]) -> str:
    facts = (
        ("Id", code(pack.name)),
        ("Version", escaped(pack.version)),
        ("Status", escaped(pack.status)),
        ("Builds upon", ", ".join(code(name) for name in pack.requires)),
        ("Population", pack.population.text() or "not restricted"),
        ("Reviewed", str(pack.reviewed)),
        ("Next review", str(pack.next_review)),
    )
    return "\n\n".join(
        block
        for block in (
            heading(escaped(f"Pack: {pack.title}"), place=anchor("pack", pack.name)),
            fact_bullets(facts),
            section("Source attributes", _attributes(pack.attributes), level=3),
            section("Rules by kind of source", _count_table(counts), level=3),
        )
        if block
    )


def _attributes(given: Attributes) -> str:
    dates = f"released {given.released}; revised {given.revised or _NOT_GIVEN}"
    values = [
        ("Bibliographic citation", escaped(given.citation)),
        ("Developer", escaped(given.developer)),
        ("Funding source of the technical implementation", escaped(given.funding)),
        ("Release and revision dates", dates),
    ]
    uses = given.uses.model_dump()
    values += [(title, "yes" if uses[name] else "no") for name, title in _USES.items()]
    return table(
        ("No.", "Attribute", "Value"),
        ((str(number), title, value) for number, (title, value) in enumerate(values, 1)),
        frozenset({0}),
    )


# ------------------------------------------------------------------------- rules by kind of source

_RULES = (
    "finding", "cause", "group", "evidence", "test", "treatment", "indication", "caution",
    "prevention", "red_flag",
)  # fmt: skip
"""The kinds of rules, in the order in which they are shown."""


def _counts(
    trace: Trace, packs: list[str], links: Links
) -> dict[str, Counter[tuple[str, SourceKind]]]:
    """By pack: how many rules of each kind cite sources of each kind."""
    sources, known = links.names.knowledge.sources, links.names.knowledge.pack_of
    counts: dict[str, Counter[tuple[str, SourceKind]]] = {}
    for rule, cited in trace.rules.items():
        pack = packs[0] if len(packs) == 1 else known.get((rule.kind, rule.id), "")
        kinds = {sources[name].kind for name in cited if name in sources}
        for kind in kinds:
            counts.setdefault(pack, Counter())[rule.kind, kind] += 1
    return counts


def _count_table(counts: Mapping[tuple[str, SourceKind], int]) -> str:
    shown = [kind for kind in SourceKind if any(counts.get((rule, kind)) for rule in _RULES)]
    rows = [
        (spoken(rule).capitalize(), *(str(counts.get((rule, kind), 0)) for kind in shown))
        for rule in _RULES
        if any(counts.get((rule, kind)) for kind in shown)
    ]
    head = ("Rule", *(spoken(kind).capitalize() for kind in shown))
    return table(head, rows, frozenset(range(1, len(head))))
