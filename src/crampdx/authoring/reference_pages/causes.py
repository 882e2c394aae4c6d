"""A page of each cause: its evidence, sources, tests, treatments and picture; and their list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from crampdx.authoring.reference_pages.common import (
    about,
    by_weight,
    codes,
    evidence_table,
    fact_bullets,
    reviewed,
    section,
    sources_in_full,
)
from crampdx.authoring.reference_pages.links import Links, Names
from crampdx.authoring.reference_pages.picture import Association, Picture
from crampdx.engine.scoring import PRETEST, weight_of
from crampdx.knowledge.governance import governance
from crampdx.knowledge.models import Cause, Evidence
from crampdx.outputs.labels import Labels, spoken, weight
from crampdx.outputs.markdown import (
    bullets,
    code,
    document,
    escaped,
    heading,
    paragraph,
    table,
    wide,
)

__all__ = ["pages"]


def pages(names: Names) -> dict[str, str]:
    """The list of causes, and the page and picture of each."""
    written = {"causes.md": _list(Links(names, "causes.md"))}
    for cause in names.knowledge.causes.values():
        path = f"causes/{cause.id}.md"
        written[path] = _page(cause, Links(names, path))
        written[f"causes/{cause.id}.svg"] = _picture(cause, names).svg()
    return written


def _list(links: Links) -> str:
    knowledge = links.names.knowledge
    rows = [
        (
            links.to("cause", cause.id),
            links.to("group", cause.group),
            f"{spoken(cause.pretest)} ({weight(PRETEST[cause.pretest])})",
            "yes" if cause.do_not_miss else "",
            str(len(cause.evidence)),
        )
        for cause in knowledge.causes.values()
    ]
    return document(
        heading("Causes", 1),
        links.trail(),
        "Each diagnosis that can stand behind muscle cramps. The pretest class is compressed on "
        "purpose; it is not a prevalence.",
        table(("Cause", "Group", "Pretest", "Do not miss", "Lines of evidence"), rows, _LAST),
    )


_LAST = frozenset({4})


def _page(cause: Cause, links: Links) -> str:
    group = links.names.knowledge.groups.get(cause.group)
    return document(
        heading(escaped(cause.name), 1),
        f"{links.trail(('Causes', 'causes.md'))} / {code(cause.id)}",
        fact_bullets(_facts(cause, links)),
        section("About", about(cause.about, links)),
        section("Picture", wide(f"![{_alternative(cause)}]({cause.id}.svg)", "picture")),
        section(
            "Evidence for", evidence_table([e for e in cause.evidence if weight_of(e) >= 0], links)
        ),
        section(
            "Evidence against",
            evidence_table([e for e in cause.evidence if weight_of(e) < 0], links),
        ),
        section("Evidence of its group", _of_group(group.evidence if group else (), links)),
        section("Tests", _tests(cause, links)),
        section("Treatments", _treatments(cause, links)),
        section("Prevention", _prevention(cause, links)),
        section("Codes", codes("cause", cause.id, links)),
        section("Sources", sources_in_full(_cited(cause), links)),
    )


def _facts(cause: Cause, links: Links) -> Iterator[tuple[str, str]]:
    knowledge = links.names.knowledge
    later = [c.id for c in knowledge.causes.values() if cause.id in c.because_of]
    yield "Group", links.to("group", cause.group)
    yield "Pretest class", f"{spoken(cause.pretest)} ({weight(PRETEST[cause.pretest])})"
    yield "Do not miss", "yes, it is shown apart whatever its rank" if cause.do_not_miss else ""
    yield "Population", cause.population.text()
    mimics = cause.mimics
    yield "Looks like", mimics if isinstance(mimics, str) else links.all("cause", mimics)
    yield "May be due to", links.all("cause", cause.because_of)
    yield "May be the origin of", links.all("cause", later)
    answers = governance(cause, knowledge)
    yield "Pack", code(answers.pack) if answers.pack else ""
    yield "Review", reviewed(answers)
    yield "Reads of the person", ", ".join(spoken(use) for use in answers.uses) or "nothing"
    if cause.reason is not None:
        yield "Replaces", f"{code(cause.replaces or '')}: {escaped(cause.reason)}"


def _of_group(lines: Iterable[Evidence], links: Links) -> str:
    return bullets(
        f"{weight(weight_of(line))} when {links.criterion(line.when)}. {escaped(line.because)}"
        f" ({links.to('evidence', line.id)})"
        for line in lines
    )


# ------------------------------------------------------------------------------- tests, treatments


def _weights(cause: Cause, names: Names) -> dict[str, int]:
    """The heaviest weight, for or against, of the lines that rest on each finding."""
    weights: dict[str, int] = {}
    for line in cause.evidence:
        for finding in names.knowledge.rests_on(line.when):
            weights[finding] = max(weights.get(finding, 0), abs(weight_of(line)))
    return weights


def _telling_tests(cause: Cause, names: Names) -> list[tuple[str, list[str]]]:
    """The tests that show findings of the evidence, the most telling first, with those findings."""
    weights = _weights(cause, names)
    telling: list[tuple[int, str, list[str]]] = []
    for test in names.knowledge.tests.values():
        shown = sorted(set(test.shows) & weights.keys(), key=lambda f: (-weights[f], f))
        if shown:
            telling.append((-weights[shown[0]], test.id, shown))
    return [(test, shown) for _, test, shown in sorted(telling)]


def _tests(cause: Cause, links: Links) -> str:
    return table(
        ("Test", "Shows, of the evidence here"),
        (
            (links.to("test", test), links.all("finding", shown))
            for test, shown in _telling_tests(cause, links.names)
        ),
    )


def _treatments(cause: Cause, links: Links) -> str:
    rows = []
    for treatment in links.names.knowledge.treatments.values():
        for line in treatment.indications:
            if cause.id in line.causes:
                when = links.criterion(line.when) if line.when is not None else ""
                cautions = len(treatment.cautions)
                rows.append(
                    (
                        links.to("treatment", treatment.id),
                        f"{f'When {when}. ' if when else ''}{escaped(line.because)}",
                        str(cautions) if cautions else "none here, which does not establish safety",
                        links.sources(line.sources),
                    )
                )
    return table(("Option to consider", "Because", "Cautions", "Sources"), rows)


def _prevention(cause: Cause, links: Links) -> str:
    return bullets(
        f"{links.to('prevention', measure.id)}. {escaped(measure.because)}"
        f" ({links.sources(measure.sources)})"
        for measure in links.names.knowledge.prevention.values()
        if cause.id in measure.causes
    )


def _cited(cause: Cause) -> Iterator[str]:
    for statement in cause.about:
        yield from statement.sources
    for line in cause.evidence:
        yield from line.sources


# ----------------------------------------------------------------------------------- the picture


def _picture(cause: Cause, names: Names) -> Picture:
    ordered = by_weight(cause.evidence)
    lines = [Association(_words(line, names), weight_of(line)) for line in ordered]
    knowledge = names.knowledge
    return Picture(
        title=cause.name,
        favoring=tuple(line for line in lines if line.decibans >= 0),
        opposing=tuple(line for line in lines if line.decibans < 0),
        tests=tuple(knowledge.tests[test].name for test, _ in _telling_tests(cause, names)),
        treatments=tuple(
            treatment.name
            for treatment in knowledge.treatments.values()
            if any(cause.id in line.causes for line in treatment.indications)
        ),
    )


def _words(line: Evidence, names: Names) -> str:
    return Labels(names.knowledge).criterion(line.when).replace('"', "")


def _alternative(cause: Cause) -> str:
    return paragraph(
        f"What speaks for and against {escaped(cause.name)}, the tests that tell, and the "
        "treatments to consider. The tables on this page say the same."
    )
