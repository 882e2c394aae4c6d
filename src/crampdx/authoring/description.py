"""All that the rules say of one entry: facts, what they rest on, its place, and what uses it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import Any

from crampdx.authoring.statement_coverage import (
    Reference,
    citations,
    reference_items,
    reference_to,
)
from crampdx.engine.scoring import PRETEST, weight_of
from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.criteria import findings_in
from crampdx.knowledge.models import (
    AttributeValue,
    Bounds,
    Cause,
    Caution,
    CitedSentence,
    Evidence,
    FamilyHistoryOf,
    Finding,
    Group,
    HistoryOf,
    Indication,
    MeasuredValue,
    MedicineNamed,
    OneOf,
    OnsetAfter,
    Prevention,
    QualifiedFinding,
    RedFlag,
    ShownBy,
    Source,
    Test,
    Treatment,
)
from crampdx.knowledge.places import ShownPlace
from crampdx.outputs.blocks import Block, Heading, Item, Listing, Paragraph, Span, Style, inline
from crampdx.outputs.labels import Labels, citation, counted, source_item, spoken, weight
from crampdx.text.suggestions import NameIndex

__all__ = ["Description", "Fact", "describe", "description_blocks", "suggestion"]

SHOWN_CODES = 12
"""How many codes of each match a description names; the rest are counted."""

_UNITS = {"a": "years", "d": "days", "s": "seconds", "/wk": "times a week"}


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that an entry says, with the sources it rests on."""

    label: str
    text: str
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Description:
    """All that an entry says, in words.

    Attributes:
        entry: The entry.
        name: Its name, or for a line what it belongs to.
        facts: What it says; facts of one label follow each other.
        sources: The sources that it cites anywhere.
        used_by: The entries that refer to it.
    """

    entry: Reference
    name: str
    facts: tuple[Fact, ...]
    sources: tuple[str, ...] = ()
    used_by: tuple[Reference, ...] = ()


def describe(knowledge: KnowledgeBase, name: str) -> tuple[Description, ...]:
    """Every entry with this id: a finding and a cause may share one. None where there is none.

    >>> [d.entry.kind for d in describe(KnowledgeBase.load("article"), "hypokalemia")]
    ['cause', 'finding']
    """
    labels = Labels(knowledge)
    return tuple(
        Description(
            entry=reference_to(knowledge, kind, name),
            name=title,
            facts=(*_facts(item, labels), *_codes(kind, name, knowledge)),
            sources=_cited(kind, name, knowledge),
            used_by=tuple(
                reference_to(knowledge, *use) for use in sorted(set(_uses(kind, name, knowledge)))
            ),
        )
        for kind, entry, title, item in _entries(knowledge)
        if entry == name
    )


_NAMED_BY_OWNER = frozenset({"evidence", "indication", "caution"})
"""Kinds of entries that have an id and no name of their own."""


def suggestion(knowledge: KnowledgeBase, name: str) -> str:
    """'did you mean …', for an id that nothing has; may be empty."""
    names: dict[str, list[str]] = defaultdict(list)
    for kind, entry, title, item in _entries(knowledge):
        own = () if kind in _NAMED_BY_OWNER else (title, *getattr(item, "synonyms", ()))
        names[entry] += own
    return NameIndex(names.items()).suggest(name)


def _entries(knowledge: KnowledgeBase) -> Iterator[tuple[str, str, str, Any]]:
    """Every entry and every line with an id, as (kind, id, name, item)."""
    named: tuple[tuple[str, Mapping[str, Any]], ...] = (
        ("cause", knowledge.causes),
        ("finding", knowledge.findings),
        ("test", knowledge.tests),
        ("treatment", knowledge.treatments),
        ("prevention", knowledge.prevention),
        ("red_flag", knowledge.red_flags),
        ("group", knowledge.groups),
    )
    for kind, items in named:
        for item in items.values():
            yield kind, item.id, item.name, item
    owners: tuple[Cause | Group, ...] = (*knowledge.causes.values(), *knowledge.groups.values())
    for owner in owners:
        for line in owner.evidence:
            yield "evidence", line.id, f"Evidence of {owner.name}", line
    for treatment in knowledge.treatments.values():
        for indication in treatment.indications:
            yield "indication", indication.id, f"Indication of {treatment.name}", indication
        for caution in treatment.cautions:
            yield "caution", caution.id, f"Caution of {treatment.name}", caution
    for source in knowledge.sources.values():
        yield "source", source.id, source.title, source


def _facts(item: Any, labels: Labels) -> Iterator[Fact]:
    match item:
        case Finding():
            facts = _finding(item, labels)
        case Cause() | Group():
            facts = _cause(item, labels)
        case Evidence():
            facts = iter([_evidence(item, labels)])
        case Test():
            facts = _test(item, labels)
        case Treatment():
            facts = _treatment(item, labels)
        case Indication():
            facts = iter([_indication(item, labels)])
        case Caution():
            facts = iter([_caution(item, labels)])
        case Prevention() | RedFlag():
            facts = _advice(item, labels)
        case Source():
            facts = _source(item)
        case _:  # pragma: no cover
            raise TypeError(type(item).__name__)
    return (fact for fact in facts if fact.text)


def _finding(finding: Finding, labels: Labels) -> Iterator[Fact]:
    yield Fact("kind", spoken(finding.kind))
    yield Fact("also called", ", ".join(finding.synonyms))
    yield Fact("ask", finding.ask or "")
    for form in finding.shown_by:
        yield Fact("shown by", _shown_by(form, labels))
    yield Fact("implies", labels.findings(finding.implies))
    if finding.derived is not None:
        yield Fact("follows from", labels.criterion(finding.derived))
    if finding.within is not None:
        yield Fact("counts for", _time(finding.within))
    yield Fact("because", finding.because or "", finding.sources)


def _cause(owner: Cause | Group, labels: Labels) -> Iterator[Fact]:
    if isinstance(owner, Cause):
        pretest = f"{spoken(owner.pretest)} ({weight(PRETEST[owner.pretest])})"
        yield Fact("group", labels.name("group", owner.group))
        yield Fact("pretest class", pretest)
        yield Fact("do not miss", "yes" if owner.do_not_miss else "")
        yield Fact("population", owner.population.text())
        mimics = owner.mimics
        named = mimics if isinstance(mimics, str) else ", ".join(labels.names("cause", mimics))
        yield Fact("looks like", named)
        yield Fact("may be due to", ", ".join(labels.names("cause", owner.because_of)))
        yield Fact("review", owner.status)
        for statement in owner.imitates_complaint:
            yield Fact("taken for the complaint", statement.says, statement.sources)
    yield from _about(owner.about)
    for line in sorted(owner.evidence, key=lambda line: (-weight_of(line), line.id)):
        yield _evidence(line, labels)


def _about(about: Iterable[CitedSentence]) -> Iterator[Fact]:
    return (Fact("about", statement.says, statement.sources) for statement in about)


def _evidence(line: Evidence, labels: Labels) -> Fact:
    decibans = weight_of(line)
    word = spoken(str(line.favors or line.opposes))
    given = f"measured ratio {line.lr:g}" if line.lr is not None else word
    cluster = f"; cluster {line.cluster}" if line.cluster else ""
    when = labels.criterion(line.when)
    text = f"{weight(decibans)} ({given}{cluster}) when {when}. {line.because}"
    return Fact("against" if decibans < 0 else "for", text, line.sources)


def _test(test: Test, labels: Labels) -> Iterator[Fact]:
    yield Fact("kind", test.kind)
    yield Fact("population", test.population.text())
    yield Fact("shows", labels.findings(test.shows))
    yield Fact("because", test.because, test.sources)


def _treatment(treatment: Treatment, labels: Labels) -> Iterator[Fact]:
    yield Fact("kind", treatment.kind)
    yield from _about(treatment.about)
    for indication in treatment.indications:
        yield _indication(indication, labels)
    for caution in treatment.cautions:
        yield _caution(caution, labels)
    if not treatment.cautions:
        yield Fact("cautions", "none in these rules, which does not establish safety")


def _indication(indication: Indication, labels: Labels) -> Fact:
    where = _where(indication, labels)
    return Fact("indicated", f"{where}. {indication.because}", indication.sources)


def _where(item: Indication | Prevention, labels: Labels) -> str:
    causes = " or ".join(", ".join(labels.names("cause", (cause,))) for cause in item.causes)
    parts = [f"where {causes} leads or is plausible" if causes else ""]
    parts.append(f"when {labels.criterion(item.when)}" if item.when is not None else "")
    return ", and ".join(part for part in parts if part) or "for everyone"


def _caution(caution: Caution, labels: Labels) -> Fact:
    words = labels.criterion(caution.when)
    return Fact("caution", f"{caution.level} when {words}. {caution.because}", caution.sources)


def _advice(item: Prevention | RedFlag, labels: Labels) -> Iterator[Fact]:
    if isinstance(item, RedFlag):
        yield Fact("urgency", item.urgency)
        yield Fact("raised", f"when {labels.criterion(item.when)}")
        if item.unless is not None:
            yield Fact("unless", labels.criterion(item.unless))
        yield Fact("consider", item.consider)
    else:
        yield Fact("kind", spoken(item.kind))
        yield Fact("given", _where(item, labels))
    yield Fact("because", item.because, item.sources)


def _source(source: Source) -> Iterator[Fact]:
    yield Fact("kind", source.kind)
    yield Fact("section", source.section or "")
    yield Fact("cites", citation(source))


def _codes(kind: str, name: str, knowledge: KnowledgeBase) -> Iterator[Fact]:
    codes = [c for c in knowledge.codes if (c.concept_kind, c.concept) == (kind, name)]
    codes.sort(key=lambda code: (code.match != "exact", code.match, code.system, code.code))
    for match, group in groupby(codes, key=lambda code: code.match):
        found = list(group)
        shown = [f"{code.system} {code.code} {code.display}" for code in found[:SHOWN_CODES]]
        more = [f"and {len(found) - len(shown)} more"] if len(found) > len(shown) else []
        text = "; ".join([*shown, *more])
        yield Fact(f"codes, {spoken(match)}", text)


def _cited(kind: str, name: str, knowledge: KnowledgeBase) -> tuple[str, ...]:
    wanted = {(kind, name)}
    if kind == "cause":
        wanted |= {("evidence", line.id) for line in knowledge.causes[name].evidence}
    if kind == "group":
        wanted |= {("evidence", line.id) for line in knowledge.groups[name].evidence}
    if kind == "treatment":
        treatment = knowledge.treatments[name]
        wanted |= {("indication", line.id) for line in treatment.indications}
        wanted |= {("caution", line.id) for line in treatment.cautions}
    cited = {s for k, n, sources in citations(knowledge) if (k, n) in wanted for s in sources}
    return tuple(sorted(cited))


# -------------------------------------------------------------------------------- what refers to it


def _uses(kind: str, name: str, knowledge: KnowledgeBase) -> Iterator[tuple[str, str]]:
    """The entries that refer to one, as (kind, id)."""
    match kind:
        case "source":
            yield from ((k, n) for k, n, cited in citations(knowledge) if name in cited)
        case "finding":
            yield from _uses_of_finding(name, knowledge)
        case "cause":
            yield from _uses_of_cause(name, knowledge)
        case "group":
            yield from (("cause", c.id) for c in knowledge.causes.values() if c.group == name)
        case _:
            pass


def _uses_of_finding(name: str, knowledge: KnowledgeBase) -> Iterator[tuple[str, str]]:
    for kind, user, criterion in knowledge.criteria():
        if name in findings_in(criterion):
            yield kind, user
    for flag, criterion in knowledge.exceptions():
        if name in findings_in(criterion):
            yield "red_flag", flag
    for test in knowledge.tests.values():
        if name in test.shows:
            yield "test", test.id
    for finding in knowledge.findings.values():
        named = {finding_of for form in finding.shown_by for finding_of in _findings_of(form)}
        if name in named or name in finding.implies:
            yield "finding", finding.id


def _findings_of(form: ShownBy) -> tuple[str, ...]:
    match form:
        case (
            QualifiedFinding(finding=finding)
            | HistoryOf(past=finding)
            | FamilyHistoryOf(family=finding)
        ):
            return (finding,)
        case OnsetAfter(began=began, after=after):
            return began, after
        case _:
            return ()


def _uses_of_cause(name: str, knowledge: KnowledgeBase) -> Iterator[tuple[str, str]]:
    for cause in knowledge.causes.values():
        mimics = () if isinstance(cause.mimics, str) else cause.mimics
        if name in (*mimics, *cause.because_of):
            yield "cause", cause.id
    for treatment in knowledge.treatments.values():
        for indication in treatment.indications:
            if name in indication.causes:
                yield "indication", indication.id
    for measure in knowledge.prevention.values():
        if name in measure.causes:
            yield "prevention", measure.id


# ------------------------------------------------------------------------- what shows a finding


def _time(within: timedelta) -> str:
    days = within.total_seconds() / 86_400
    return counted(days, "day")


def _shown_by(form: ShownBy, labels: Labels) -> str:
    """One way in which a record shows a finding, in words."""
    match form:
        case MeasuredValue():
            return _value(form, labels)
        case AttributeValue(attribute=attribute, unit=unit, present=present, absent=absent):
            named = f"{attribute}, in {_UNITS.get(unit, unit)}" if unit else attribute
            return f"{named}: {_ranges(present, absent)}"
        case QualifiedFinding(finding=finding, site=site, laterality=laterality, severity=severity):
            words = ", ".join((*site, *laterality, *severity))
            given = [f"given as {words}"] if words else []
            given += [form.lasting.text()] if form.lasting else []
            return f"{labels.criterion(finding)}, {', '.join(given)}: present"
        case OnsetAfter(began=began, after=after, within=within):
            first, second = labels.criterion(began), labels.criterion(after)
            return f"{first} began within {_time(within)} after {second}"
        case HistoryOf(past=finding):
            return f"{labels.criterion(finding)} in the past: present"
        case FamilyHistoryOf(family=finding):
            return f"{labels.criterion(finding)} of a relative: present"
        case MedicineNamed(medicine_names=names):
            named = " or ".join(names)
            return f"a medicine without a known code, whose name begins with {named}: present"


def _value(form: MeasuredValue, labels: Labels) -> str:
    defined = labels.knowledge.measurements().get(form.measurement or "", form)
    names = [form.measurement or "", *(f"LOINC {code}" for code in form.loinc)]
    parts = [_ranges(form.present, form.absent)]
    if form.plausible is not None:
        parts.append(f"plausible when {form.plausible.text()}")
    if form.within is not None:
        parts.append(f"counts for {_time(form.within)}")
    named = ", ".join(name for name in names if name)
    return f"{named}, in {defined.unit}: {'; '.join(parts)}"


def _ranges(present: Bounds | OneOf | None, absent: Bounds | OneOf | None) -> str:
    shown = [
        f"{state} when {_range(given)}"
        for state, given in (("present", present), ("absent", absent))
        if given is not None
    ]
    return "; ".join(shown)


def _range(given: Bounds | OneOf) -> str:
    return given.text() if isinstance(given, Bounds) else " or ".join(given.one_of)


# ------------------------------------------------------------------------------------- to show it


def description_blocks(
    description: Description, knowledge: KnowledgeBase, shown: ShownPlace = str
) -> list[Block]:
    """A description as a document.

    Args:
        description: What to show.
        knowledge: Where it is of, for the titles of sources.
        shown: How to write a place.
    """
    entry = description.entry
    head = [f"{spoken(entry.kind)} {entry.id}"]
    head += [shown(entry.place)] if entry.place else []
    blocks: list[Block] = [
        Heading(inline(Span(description.name, Style.STRONG)), 1),
        Paragraph(inline(Span(" · ".join(head), Style.FAINT))),
    ]
    blocks.append(Listing(tuple(_facts_shown(description.facts))))
    if description.sources:
        cited = Labels(knowledge).known_sources(description.sources)
        blocks.append(Heading(inline("Sources"), 3))
        blocks.append(Listing(tuple(map(source_item, cited))))
    if description.used_by:
        blocks.append(Heading(inline("Used by"), 3))
        blocks.append(Listing(reference_items(description.used_by, shown)))
    return blocks


def _facts_shown(facts: Iterable[Fact]) -> Iterator[Item]:
    """Facts as lines, each label once."""
    for label, group in groupby(facts, key=lambda fact: fact.label):
        for number, fact in enumerate(group):
            cited = Span(f" [{', '.join(fact.sources)}]" if fact.sources else "", Style.CODE)
            yield Item(inline(fact.text, cited), Span("" if number else label, Style.FAINT))
