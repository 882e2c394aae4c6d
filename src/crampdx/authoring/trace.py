"""What rests on what: statement → rules, rule → sources, and all that one entry says.

`trace` tells how the rules cover the statements of an article; `describe` shows one entry of a
knowledge base with where it stands, what it rests on, and what uses it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import Any

from crampdx.engine.scoring import PRETEST, weight_of
from crampdx.errors import did_you_mean
from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.criteria import Absent, AllOf, AtLeast, Criterion, findings_in, parts_of
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
    SourceKind,
    Test,
    Treatment,
)
from crampdx.knowledge.places import Place, ShownPlace
from crampdx.outputs.blocks import Block, Heading, Item, Listing, Paragraph, Span, Style, inline
from crampdx.outputs.labels import citation, source_item, weight

__all__ = [
    "Description",
    "Fact",
    "Reference",
    "Trace",
    "describe",
    "describe_criterion",
    "description_blocks",
    "suggestion",
    "trace",
    "trace_blocks",
]

SHOWN_CODES = 12
"""How many codes of each match a description names; the rest are counted."""

_UNITS = {"a": "years", "d": "days", "s": "seconds", "/wk": "times a week"}


@dataclass(frozen=True, slots=True)
class Reference:
    """An entry of the knowledge base, and where it stands, as far as that is known."""

    kind: str
    id: str
    place: Place | None = None


# ---------------------------------------------------------------------------------------- tracing


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
    """Which rules rest on which statements, and the other way around.

    >>> trace(KnowledgeBase.load("article")).uncovered
    ()
    """
    rules: dict[Reference, tuple[str, ...]] = {}
    for kind, name, sources in sorted(_citations(knowledge)):
        reference = _reference(knowledge, kind, name)
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


def _reference(knowledge: KnowledgeBase, kind: str, name: str) -> Reference:
    return Reference(kind, name, knowledge.places.get((kind, name)))


def _citations(knowledge: KnowledgeBase) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Everything that cites, as (kind, id, sources); background is cited by its owner."""
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


# -------------------------------------------------------------------------------------- in words


def describe_criterion(criterion: Criterion, knowledge: KnowledgeBase) -> str:
    """A criterion in words, findings by their names.

    >>> rules = KnowledgeBase.load("article")
    >>> describe_criterion(AllOf(all=("muscle_cramp", Absent(absent="sensory_loss"))), rules)
    '"Muscle cramp" and no "Loss of sensation"'
    """
    match criterion:
        case str():
            return _quoted(criterion, knowledge)
        case Absent(absent=finding):
            return f"no {_quoted(finding, knowledge)}"
        case AtLeast(at_least=needed, of=parts):
            return f"at least {needed} of: {', '.join(_part(p, knowledge) for p in parts)}"
    word = " and " if isinstance(criterion, AllOf) else " or "
    return word.join(_part(part, knowledge) for part in parts_of(criterion))


def _part(criterion: Criterion, knowledge: KnowledgeBase) -> str:
    words = describe_criterion(criterion, knowledge)
    return f"({words})" if len(parts_of(criterion)) > 1 else words


def _quoted(finding: str, knowledge: KnowledgeBase) -> str:
    known = knowledge.findings.get(finding)
    return f'"{known.name if known else finding}"'


def _time(within: timedelta) -> str:
    days = within.total_seconds() / 86_400
    return f"{days:g} {'day' if days == 1 else 'days'}"


def _shown_by(form: ShownBy, knowledge: KnowledgeBase) -> str:
    """One way in which a record shows a finding, in words."""
    match form:
        case MeasuredValue():
            return _value(form, knowledge)
        case AttributeValue(attribute=attribute, unit=unit, present=present, absent=absent):
            named = f"{attribute}, in {_UNITS.get(unit, unit)}" if unit else attribute
            return f"{named}: {_ranges(present, absent)}"
        case QualifiedFinding(finding=finding, site=site, laterality=laterality, severity=severity):
            words = ", ".join((*site, *laterality, *severity))
            given = [f"given as {words}"] if words else []
            given += [form.lasting.text()] if form.lasting else []
            return f"{_quoted(finding, knowledge)}, {', '.join(given)}: present"
        case OnsetAfter(began=began, after=after, within=within):
            first, second = _quoted(began, knowledge), _quoted(after, knowledge)
            return f"{first} began within {_time(within)} after {second}"
        case HistoryOf(past=finding):
            return f"{_quoted(finding, knowledge)} in the past: present"
        case FamilyHistoryOf(family=finding):
            return f"{_quoted(finding, knowledge)} of a relative: present"
        case MedicineNamed(medicine_names=names):
            named = " or ".join(names)
            return f"a medicine without a known code, whose name begins with {named}: present"


def _value(form: MeasuredValue, knowledge: KnowledgeBase) -> str:
    defined = knowledge.measurements().get(form.measurement or "", form)
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


# -------------------------------------------------------------------------------- one entry, whole


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
    return tuple(
        Description(
            entry=_reference(knowledge, kind, name),
            name=title,
            facts=(*_facts(item, knowledge), *_codes(kind, name, knowledge)),
            sources=_cited(kind, name, knowledge),
            used_by=tuple(
                _reference(knowledge, *use) for use in sorted(set(_uses(kind, name, knowledge)))
            ),
        )
        for kind, entry, title, item in _entries(knowledge)
        if entry == name
    )


def suggestion(knowledge: KnowledgeBase, name: str) -> str:
    """'did you mean …', for an id that nothing has; may be empty."""
    known = sorted({entry for _, entry, _, _ in _entries(knowledge)})
    plain = name.lower().replace(" ", "_").replace("-", "_")
    for entry in known:
        if plain == entry or name == entry.partition(":")[2]:  # but for its spelling, or a prefix
            return f"did you mean '{entry}'?"
    return did_you_mean(plain, known)


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


def _facts(item: Any, knowledge: KnowledgeBase) -> Iterator[Fact]:
    match item:
        case Finding():
            facts = _finding(item, knowledge)
        case Cause() | Group():
            facts = _cause(item, knowledge)
        case Evidence():
            facts = iter([_evidence(item, knowledge)])
        case Test():
            facts = _test(item, knowledge)
        case Treatment():
            facts = _treatment(item, knowledge)
        case Indication():
            facts = iter([_indication(item, knowledge)])
        case Caution():
            facts = iter([_caution(item, knowledge)])
        case Prevention() | RedFlag():
            facts = _advice(item, knowledge)
        case Source():
            facts = _source(item)
        case _:  # pragma: no cover
            raise TypeError(type(item).__name__)
    return (fact for fact in facts if fact.text)


def _finding(finding: Finding, knowledge: KnowledgeBase) -> Iterator[Fact]:
    yield Fact("kind", finding.kind.replace("_", " "))
    yield Fact("also called", ", ".join(finding.synonyms))
    yield Fact("ask", finding.ask or "")
    for form in finding.shown_by:
        yield Fact("shown by", _shown_by(form, knowledge))
    yield Fact("implies", _names(finding.implies, knowledge.findings))
    if finding.derived is not None:
        yield Fact("follows from", describe_criterion(finding.derived, knowledge))
    if finding.within is not None:
        yield Fact("counts for", _time(finding.within))
    yield Fact("because", finding.because or "", finding.sources)


def _cause(owner: Cause | Group, knowledge: KnowledgeBase) -> Iterator[Fact]:
    if isinstance(owner, Cause):
        group = knowledge.groups.get(owner.group)
        pretest = f"{owner.pretest.replace('_', ' ')} ({weight(PRETEST[owner.pretest])})"
        yield Fact("group", group.name if group else owner.group)
        yield Fact("pretest class", pretest)
        yield Fact("do not miss", "yes" if owner.do_not_miss else "")
        yield Fact("population", owner.population.text())
        mimics = owner.mimics
        named = mimics if isinstance(mimics, str) else _names(mimics, knowledge.causes)
        yield Fact("looks like", named)
        yield Fact("may be due to", _names(owner.because_of, knowledge.causes))
        yield Fact("review", owner.status)
        for statement in owner.imitates_complaint:
            yield Fact("taken for the complaint", statement.says, statement.sources)
    yield from _about(owner.about)
    for line in sorted(owner.evidence, key=lambda line: (-weight_of(line), line.id)):
        yield _evidence(line, knowledge)


def _about(about: Iterable[CitedSentence]) -> Iterator[Fact]:
    return (Fact("about", statement.says, statement.sources) for statement in about)


def _evidence(line: Evidence, knowledge: KnowledgeBase) -> Fact:
    decibans = weight_of(line)
    word = str(line.favors or line.opposes).replace("_", " ")
    given = f"measured ratio {line.lr:g}" if line.lr is not None else word
    cluster = f"; cluster {line.cluster}" if line.cluster else ""
    when = describe_criterion(line.when, knowledge)
    text = f"{weight(decibans)} ({given}{cluster}) when {when}. {line.because}"
    return Fact("against" if decibans < 0 else "for", text, line.sources)


def _test(test: Test, knowledge: KnowledgeBase) -> Iterator[Fact]:
    yield Fact("kind", test.kind)
    yield Fact("population", test.population.text())
    yield Fact("shows", _names(test.shows, knowledge.findings))
    yield Fact("because", test.because, test.sources)


def _treatment(treatment: Treatment, knowledge: KnowledgeBase) -> Iterator[Fact]:
    yield Fact("kind", treatment.kind)
    yield from _about(treatment.about)
    for indication in treatment.indications:
        yield _indication(indication, knowledge)
    for caution in treatment.cautions:
        yield _caution(caution, knowledge)
    if not treatment.cautions:
        yield Fact("cautions", "none in these rules, which is no proof of safety")


def _indication(indication: Indication, knowledge: KnowledgeBase) -> Fact:
    where = _where(indication, knowledge)
    return Fact("indicated", f"{where}. {indication.because}", indication.sources)


def _where(item: Indication | Prevention, knowledge: KnowledgeBase) -> str:
    causes = " or ".join(_names((cause,), knowledge.causes) for cause in item.causes)
    parts = [f"where {causes} leads or is plausible" if causes else ""]
    parts.append(
        f"when {describe_criterion(item.when, knowledge)}" if item.when is not None else ""
    )
    return ", and ".join(part for part in parts if part) or "for everyone"


def _caution(caution: Caution, knowledge: KnowledgeBase) -> Fact:
    words = describe_criterion(caution.when, knowledge)
    return Fact("caution", f"{caution.level} when {words}. {caution.because}", caution.sources)


def _advice(item: Prevention | RedFlag, knowledge: KnowledgeBase) -> Iterator[Fact]:
    if isinstance(item, RedFlag):
        yield Fact("urgency", item.urgency)
        yield Fact("raised", f"when {describe_criterion(item.when, knowledge)}")
        yield Fact("consider", item.consider)
    else:
        yield Fact("kind", item.kind.replace("_", " "))
        yield Fact("given", _where(item, knowledge))
    yield Fact("because", item.because, item.sources)


def _source(source: Source) -> Iterator[Fact]:
    yield Fact("kind", source.kind)
    yield Fact("section", source.section or "")
    yield Fact("cites", citation(source))


def _names(ids: Iterable[str], items: Mapping[str, Any]) -> str:
    return ", ".join(items[name].name if name in items else name for name in ids)


def _codes(kind: str, name: str, knowledge: KnowledgeBase) -> Iterator[Fact]:
    codes = [c for c in knowledge.codes if (c.concept_kind, c.concept) == (kind, name)]
    codes.sort(key=lambda code: (code.match != "exact", code.match, code.system, code.code))
    for match, group in groupby(codes, key=lambda code: code.match):
        found = list(group)
        shown = [f"{code.system} {code.code} {code.display}" for code in found[:SHOWN_CODES]]
        more = len(found) - len(shown)
        text = "; ".join(shown) + (f"; and {more} more" if more else "")
        yield Fact(f"codes, {match.replace('_', ' ')}", text)


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
    cited = {s for k, n, sources in _citations(knowledge) if (k, n) in wanted for s in sources}
    return tuple(sorted(cited))


# -------------------------------------------------------------------------------- what refers to it


def _uses(kind: str, name: str, knowledge: KnowledgeBase) -> Iterator[tuple[str, str]]:
    """The entries that refer to one, as (kind, id)."""
    match kind:
        case "source":
            yield from ((k, n) for k, n, cited in _citations(knowledge) if name in cited)
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


# ------------------------------------------------------------------------------------- to show it


def trace_blocks(found: Trace, knowledge: KnowledgeBase, shown: ShownPlace = str) -> list[Block]:
    """A trace as a document: what is covered, by what; what each rule rests on; what is not.

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
                    children=_references(rules, shown),
                )
                for name, rules in found.statements.items()
            )
        )
    )
    blocks.append(Heading(inline("Rules and what they rest on")))
    blocks.append(
        Listing(
            tuple(
                Item(inline(_head(rule), Span(f": {', '.join(sources)}", Style.CODE)))
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
    head = [f"{entry.kind.replace('_', ' ')} {entry.id}"]
    head += [shown(entry.place)] if entry.place else []
    blocks: list[Block] = [
        Heading(inline(Span(description.name, Style.STRONG)), 1),
        Paragraph(inline(Span(" · ".join(head), Style.FAINT))),
    ]
    blocks.append(Listing(tuple(_facts_shown(description.facts))))
    known = knowledge.sources
    if description.sources:
        blocks.append(Heading(inline("Sources"), 3))
        blocks.append(
            Listing(tuple(source_item(known[n]) for n in description.sources if n in known))
        )
    if description.used_by:
        blocks.append(Heading(inline("Used by"), 3))
        blocks.append(Listing(_references(description.used_by, shown)))
    return blocks


def _facts_shown(facts: Iterable[Fact]) -> Iterator[Item]:
    """Facts as lines, each label once."""
    for label, group in groupby(facts, key=lambda fact: fact.label):
        for number, fact in enumerate(group):
            cited = Span(f" [{', '.join(fact.sources)}]" if fact.sources else "", Style.CODE)
            yield Item(inline(fact.text, cited), Span("" if number else label, Style.FAINT))


def _references(references: Iterable[Reference], shown: ShownPlace) -> tuple[Item, ...]:
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
    return f"{reference.kind.replace('_', ' ')} {reference.id}"
