"""Tests, and treatments with what speaks against them."""

from __future__ import annotations

from collections.abc import Iterator

from crampdx.authoring.reference_pages.common import about, codes, fact_bullets, reviewed
from crampdx.authoring.reference_pages.links import Links, Names
from crampdx.knowledge.governance import governance
from crampdx.knowledge.models import Caution, CautionLevel, Indication, Test, TestKind, Treatment
from crampdx.outputs.labels import spoken
from crampdx.outputs.markdown import (
    anchor,
    bullets,
    code,
    document,
    escaped,
    heading,
    paragraph,
    strong,
    table,
)

__all__ = ["pages"]


def pages(names: Names) -> dict[str, str]:
    """The page of tests and the page of treatments."""
    return {
        "tests.md": _tests(Links(names, "tests.md")),
        "treatments.md": _treatments(Links(names, "treatments.md")),
    }


def _tests(links: Links) -> str:
    kinds = list(TestKind)
    tests = sorted(
        links.names.knowledge.tests.values(), key=lambda test: (kinds.index(test.kind), test.id)
    )
    return document(
        heading("Tests", 1),
        links.trail(),
        "What can be done to show findings present or absent.",
        *(_test(test, links) for test in tests),
    )


def _test(test: Test, links: Links) -> str:
    return "\n\n".join(
        block
        for block in (
            heading(escaped(test.name), place=anchor("test", test.id)),
            fact_bullets(_test_facts(test, links)),
            codes("test", test.id, links),
        )
        if block
    )


def _test_facts(test: Test, links: Links) -> Iterator[tuple[str, str]]:
    yield "Id", code(test.id)
    yield "Kind", spoken(test.kind)
    yield "Population", test.population.text()
    yield "Shows", links.all("finding", test.shows)
    yield "Because", f"{escaped(test.because)} ({links.sources(test.sources)})"
    yield "Review", reviewed(governance(test, links.names.knowledge))


def _treatments(links: Links) -> str:
    treatments = links.names.knowledge.treatments.values()
    return document(
        heading("Treatments", 1),
        links.trail(),
        "Options to consider, never orders. If no caution is listed, the rules hold none that"
        " applies; this does not establish safety.",
        *(_treatment(treatment, links) for treatment in treatments),
    )


def _treatment(treatment: Treatment, links: Links) -> str:
    review = reviewed(governance(treatment, links.names.knowledge))
    blocks = (
        heading(escaped(treatment.name), place=anchor("treatment", treatment.id)),
        paragraph(f"{code(treatment.id)} · {spoken(treatment.kind)} · {review}"),
        about(treatment.about, links),
        f"{strong('Indicated')}\n\n{_indications(treatment, links)}",
        f"{strong('Cautions')}\n\n{_cautions(treatment, links)}",
        codes("treatment", treatment.id, links),
    )
    return "\n\n".join(block for block in blocks if block)


def _indications(treatment: Treatment, links: Links) -> str:
    return bullets(_indication(line, links) for line in treatment.indications)


def _indication(line: Indication, links: Links) -> str:
    causes = " or ".join(links.to("cause", cause) for cause in line.causes)
    parts = [f"where {causes} leads or is plausible" if causes else ""]
    parts.append(f"when {links.criterion(line.when)}" if line.when is not None else "")
    where = ", and ".join(part for part in parts if part)
    return (
        f"{anchor('indication', line.id)}{where[:1].upper()}{where[1:]}. {escaped(line.because)}"
        f" ({links.sources(line.sources)})"
    )


def _cautions(treatment: Treatment, links: Links) -> str:
    levels = list(CautionLevel)
    ordered = sorted(treatment.cautions, key=lambda c: (levels.index(c.level), c.id))
    return (
        table(("Level", "When", "Because", "Sources"), (_caution(line, links) for line in ordered))
        or "None in these rules, which does not establish safety."
    )


def _caution(line: Caution, links: Links) -> tuple[str, ...]:
    return (
        anchor("caution", line.id) + strong(spoken(line.level)),
        links.criterion(line.when),
        escaped(line.because),
        links.sources(line.sources),
    )
