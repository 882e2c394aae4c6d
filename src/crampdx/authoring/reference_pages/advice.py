"""Prevention, red flags, and the groups that causes stand in."""

from __future__ import annotations

from crampdx.authoring.reference_pages.common import (
    about,
    evidence_table,
    fact_bullets,
    reviewed,
    section,
)
from crampdx.authoring.reference_pages.links import Links, Names
from crampdx.knowledge.governance import governance
from crampdx.knowledge.models import Group, Prevention, PreventionKind, RedFlag, Urgency
from crampdx.outputs.labels import spoken
from crampdx.outputs.markdown import anchor, code, document, escaped, heading

__all__ = ["pages"]


def pages(names: Names) -> dict[str, str]:
    """The pages of prevention, red flags and groups."""
    return {
        "prevention.md": _prevention(Links(names, "prevention.md")),
        "red-flags.md": _red_flags(Links(names, "red-flags.md")),
        "groups.md": _groups(Links(names, "groups.md")),
    }


def _prevention(links: Links) -> str:
    measures = links.names.knowledge.prevention.values()
    return document(
        heading("Prevention", 1),
        links.trail(),
        "Measures of prevention, and when to seek care.",
        *(
            "\n\n".join(_measure(measure, links) for measure in measures if measure.kind is kind)
            for kind in PreventionKind
        ),
    )


def _measure(measure: Prevention, links: Links) -> str:
    causes = " or ".join(links.to("cause", cause) for cause in measure.causes)
    when = links.criterion(measure.when) if measure.when is not None else ""
    parts = [f"{causes} leads or is plausible" if causes else "", when]
    facts = (
        ("Id", code(measure.id)),
        ("Kind", spoken(measure.kind)),
        ("Given when", ", and ".join(part for part in parts if part) or "always"),
        ("Because", f"{escaped(measure.because)} ({links.sources(measure.sources)})"),
    )
    title = heading(escaped(measure.name), place=anchor("prevention", measure.id))
    return f"{title}\n\n{fact_bullets(facts)}"


def _red_flags(links: Links) -> str:
    flags = list(links.names.knowledge.red_flags.values())
    return document(
        heading("Red flags", 1),
        links.trail(),
        "Patterns that should not wait. Not for emergencies: in one, call for help."
        if flags
        else "These rules hold none. That does not establish that nothing is urgent.",
        *(
            "\n\n".join(_red_flag(flag, links) for flag in flags if flag.urgency is urgency)
            for urgency in Urgency
        ),
    )


def _red_flag(flag: RedFlag, links: Links) -> str:
    facts = (
        ("Urgency", spoken(flag.urgency)),
        ("Raised when", links.criterion(flag.when)),
        ("Unless", links.criterion(flag.unless) if flag.unless is not None else ""),
        ("Consider", escaped(flag.consider)),
        ("Because", f"{escaped(flag.because)} ({links.sources(flag.sources)})"),
        ("Review", reviewed(governance(flag, links.names.knowledge))),
        ("Id", code(flag.id)),
    )
    title = heading(escaped(flag.name), place=anchor("red_flag", flag.id))
    return f"{title}\n\n{fact_bullets(facts)}"


def _groups(links: Links) -> str:
    return document(
        heading("Groups", 1),
        links.trail(),
        "Causes that stand together. What favors a group favors each of them, weakly at most.",
        *(_group(group, links) for group in links.names.knowledge.groups.values()),
    )


def _group(group: Group, links: Links) -> str:
    causes = [c.id for c in links.names.knowledge.causes.values() if c.group == group.id]
    blocks = (
        heading(escaped(group.name), place=anchor("group", group.id)),
        fact_bullets((("Id", code(group.id)), ("Causes", links.all("cause", causes) or "none"))),
        about(group.about, links),
        section("Evidence", evidence_table(group.evidence, links), level=3),
    )
    return "\n\n".join(block for block in blocks if block)
