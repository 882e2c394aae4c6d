"""Checks over all entries together: what one file alone cannot show.

Each check is a function from a `Context` to issues. All of them run, on whatever did load, so that
an author sees every fault at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from pathlib import PurePosixPath
from typing import Any

from crampdx.errors import KnowledgeIssue, did_you_mean
from crampdx.knowledge.base import KnowledgeBase, closure
from crampdx.knowledge.criteria import (
    MAX_CONJUNCTIONS,
    MAX_FINDINGS,
    Absent,
    AtLeast,
    Atom,
    Conjunction,
    Criterion,
    TooLarge,
    disjunctive_form,
    findings_in,
    parts_of,
)
from crampdx.knowledge.criterion_parts import parts_key
from crampdx.knowledge.loading.entries import Entry, SourceLocation, field_of
from crampdx.knowledge.loading.files import Reading
from crampdx.knowledge.models import (
    NUMERIC_ATTRIBUTES,
    AttributeValue,
    Bounds,
    Cause,
    Evidence,
    FamilyHistoryOf,
    Finding,
    FindingKind,
    HistoryOf,
    MeasuredValue,
    MedicineNamed,
    OneOf,
    OnsetAfter,
    QualifiedFinding,
    SourceKind,
    Strength,
)

__all__ = ["CHECKS", "check"]


@dataclass(frozen=True)
class Context:
    """What the checks look at: the assembled knowledge, and the entries with their places."""

    knowledge: KnowledgeBase
    reading: Reading

    @property
    def entries(self) -> Sequence[Entry]:
        return self.reading.entries

    def unknown(
        self, origin: SourceLocation, kind: str, name: str, known: Container[str], *steps: str | int
    ) -> Iterator[KnowledgeIssue]:
        """An issue where a name is not known, unless what may define it could not be read."""
        if name not in known and not self.reading.is_unread(kind, name):
            hint = did_you_mean(name, known if isinstance(known, Iterable) else ())
            yield origin.issue(f"{kind} '{name}' is not defined", *steps, hint=hint)

    @cached_property
    def ancestors(self) -> dict[str, frozenset[str]]:
        return self.knowledge.ancestors()

    @cached_property
    def descendants(self) -> dict[str, frozenset[str]]:
        return self.knowledge.descendants()

    @cached_property
    def derived(self) -> dict[Atom, frozenset[Conjunction]]:
        """The conjunctions that make each derived finding present, and absent."""
        return {
            Atom(finding.id, present): _conjunctions(finding.derived, negation=not present)
            for finding in self.knowledge.findings.values()
            if finding.derived is not None
            for present in (True, False)
        }

    @cached_property
    def leads_to(self) -> dict[Atom, list[tuple[Conjunction, Atom]]]:
        """The conjunctions that an atom is part of, and what derived finding each makes so."""
        found: dict[Atom, list[tuple[Conjunction, Atom]]] = defaultdict(list)
        for derived, conjunctions in self.derived.items():
            for conjunction in conjunctions:
                for atom in conjunction:
                    found[atom].append((conjunction, derived))
        return found

    @cached_property
    def origins(self) -> dict[tuple[str, str], SourceLocation]:
        return {
            (kind, item_id): origin
            for entry in self.entries
            for kind, item_id, origin in entry.named()
        }

    def criteria(self) -> Iterator[tuple[Any, str, Criterion, SourceLocation]]:
        """Every criterion: the entry or line it is of, its key, itself, and its origin."""
        for entry in self.entries:
            for item, origin in [
                (entry.item, entry.origin),
                *entry.lines("evidence"),
                *entry.lines("indications"),
                *entry.lines("cautions"),
            ]:
                for key in ("when", "derived"):
                    criterion = field_of(item, key)
                    if criterion is not None:
                        yield item, key, criterion, origin.at(key)


Check = Callable[[Context], Iterator[KnowledgeIssue]]


def check(knowledge: KnowledgeBase, reading: Reading) -> list[KnowledgeIssue]:
    """Run every check."""
    context = Context(knowledge, reading)
    return [issue for one in CHECKS for issue in one(context)]


# ---------------------------------------------------------------------------- what refers to what


def _atom_places(criterion: Criterion, path: tuple[str | int, ...]) -> Iterator[tuple[str, Any]]:
    """Each finding that a criterion names, with its path below the criterion."""
    match criterion:
        case str():
            yield criterion, path
        case Absent(absent=finding):
            yield finding, (*path, "absent")
        case _:
            field = parts_key(criterion)
            for index, part in enumerate(parts_of(criterion)):
                yield from _atom_places(part, (*path, field, index))


def check_criteria_name_findings(context: Context) -> Iterator[KnowledgeIssue]:
    """Criteria name findings of the vocabulary."""
    for _, _, criterion, origin in context.criteria():
        for finding, path in _atom_places(criterion, ()):
            yield from context.unknown(
                origin, "finding", finding, context.knowledge.findings, *path
            )


def check_findings_refer_to_findings(context: Context) -> Iterator[KnowledgeIssue]:
    """`implies` and `shown_by` name findings of the vocabulary, and none that is derived."""
    known = context.knowledge.findings
    for entry in context.entries:
        if entry.kind != "finding":
            continue
        named: list[tuple[str, tuple[str | int, ...]]] = [
            (name, ("implies", i)) for i, name in enumerate(field_of(entry.item, "implies", ()))
        ]
        for i, form in enumerate(field_of(entry.item, "shown_by", ())):
            match form:
                case QualifiedFinding(finding=name):
                    named.append((name, ("shown_by", i, "finding")))
                case OnsetAfter(began=name, after=other):
                    named.append((name, ("shown_by", i, "began")))
                    named.append((other, ("shown_by", i, "after")))
                case HistoryOf(past=name):
                    named.append((name, ("shown_by", i, "past")))
                case FamilyHistoryOf(family=name):
                    named.append((name, ("shown_by", i, "family")))
        own = field_of(entry.item, "id") or field_of(entry.item, "extends")
        for name, path in named:
            yield from context.unknown(entry.origin, "finding", name, known, *path)
            if name in known and known[name].derived is not None:
                message = f"finding '{name}' is derived: it follows from its criterion alone"
                yield entry.origin.issue(message, *path)
            if name == own:
                yield entry.origin.issue("a finding cannot refer to itself", *path)


def check_medicine_names(context: Context) -> Iterator[KnowledgeIssue]:
    """Names of medicines show findings on medicines alone."""
    for entry in context.entries:
        if entry.kind != "finding":
            continue
        own = field_of(entry.item, "id") or field_of(entry.item, "extends")
        finding = context.knowledge.findings.get(own)
        if finding is None or finding.kind is FindingKind.MEDICATION:
            continue
        message = (
            f"names of medicines show no finding of kind '{finding.kind}';"
            " they show those of kind 'medication'"
        )
        for i, form in enumerate(field_of(entry.item, "shown_by", ())):
            if isinstance(form, MedicineNamed):
                yield entry.origin.issue(message, "shown_by", i, "medicine_names")


def check_other_references(context: Context) -> Iterator[KnowledgeIssue]:
    """Causes, groups and findings that entries name exist."""
    knowledge = context.knowledge
    for entry in context.entries:
        item, origin = entry.item, entry.origin
        if isinstance(item, Cause):
            yield from context.unknown(origin, "group", item.group, knowledge.groups, "group")
        for key in ("mimics", "because_of", "causes"):
            names = field_of(item, key, ())
            for i, name in enumerate(() if isinstance(names, str) else names):
                yield from context.unknown(origin, "cause", name, knowledge.causes, key, i)
        for line, line_origin in entry.lines("indications"):
            for i, name in enumerate(line.causes):  # type: ignore[attr-defined]
                yield from context.unknown(
                    line_origin, "cause", name, knowledge.causes, "causes", i
                )
        for i, name in enumerate(field_of(item, "shows", ())):
            yield from context.unknown(origin, "finding", name, knowledge.findings, "shows", i)


def check_sources(context: Context) -> Iterator[KnowledgeIssue]:
    """Every citation points to a source, and a measured ratio to one that is not judgement."""
    known = context.knowledge.sources
    for entry in context.entries:
        parts = [
            (entry.item, entry.origin),
            *entry.lines("evidence"),
            *entry.lines("indications"),
            *entry.lines("cautions"),
            *entry.lines("about"),
            *entry.lines("imitates_complaint"),
        ]
        for item, origin in parts:
            sources = field_of(item, "sources", ())
            for i, name in enumerate(sources):
                yield from context.unknown(origin, "source", name, known, "sources", i)
            if isinstance(item, Evidence) and item.lr is not None:
                kinds = {known[name].kind for name in sources if name in known}
                if kinds <= {SourceKind.JUDGEMENT, SourceKind.ARTICLE}:
                    message = "a measured 'lr' needs a publication or guideline as its source"
                    yield origin.issue(message, "lr")


def check_codes(context: Context) -> Iterator[KnowledgeIssue]:
    """Codes stand for concepts that exist, once each, and not for derived findings."""
    knowledge = context.knowledge
    concepts: dict[str, Mapping[str, object]] = {
        "finding": knowledge.findings,
        "cause": knowledge.causes,
        "test": knowledge.tests,
        "treatment": knowledge.treatments,
    }
    seen: dict[tuple[str, ...], SourceLocation] = {}
    for code, origin in context.reading.codes:
        yield from context.unknown(
            origin, code.concept_kind, code.concept, concepts[code.concept_kind]
        )
        finding = knowledge.findings.get(code.concept)
        if code.concept_kind == "finding" and finding and finding.derived is not None:
            yield origin.issue(f"finding '{code.concept}' is derived and has no codes")
        key = (code.system, code.code, code.concept_kind, code.concept)
        if key in seen:
            message = f"{code.system} {code.code} already stands for it in {seen[key].place()}"
            yield origin.issue(f"{code.concept_kind} '{code.concept}': {message}")
        seen.setdefault(key, origin)


_REFERENCES: Mapping[str, str] = {
    "sources": "source",
    "implies": "finding",
    "shows": "finding",
    "finding": "finding",
    "began": "finding",
    "after": "finding",
    "past": "finding",
    "family": "finding",
    "when": "finding",
    "derived": "finding",
    "mimics": "cause",
    "because_of": "cause",
    "causes": "cause",
    "group": "group",
}
"""What the names below each key refer to."""


def check_entries_that_were_refused(context: Context) -> Iterator[KnowledgeIssue]:
    """What an entry refers to exists, also where the entry has a fault of form."""
    knowledge = context.knowledge
    known: dict[str, Mapping[str, object]] = {
        "source": knowledge.sources,
        "finding": knowledge.findings,
        "cause": knowledge.causes,
        "group": knowledge.groups,
    }
    for data, origin in context.reading.refused:
        for kind, name, path in _names_in(data, ()):
            yield from context.unknown(origin, kind, name, known[kind], *path)


def _names_in(
    data: Any, path: tuple[str | int, ...], kind: str = ""
) -> Iterator[tuple[str, str, tuple[str | int, ...]]]:
    """Each name below data that refers to something: what kind it is of, itself, and its path."""
    if isinstance(data, str) and kind:
        yield kind, data, path
    elif isinstance(data, list):
        for index, part in enumerate(data):
            yield from _names_in(part, (*path, index), kind)
    elif isinstance(data, dict):
        for key, part in data.items():
            yield from _names_in(part, (*path, key), _REFERENCES.get(key, _inherited(kind, key)))


def _inherited(kind: str, key: str) -> str:
    """Inside a criterion names are findings; below any other key, names of nothing."""
    return kind if key in {"absent", "all", "any", "of"} else ""


def check_bare_findings(context: Context) -> Iterator[KnowledgeIssue]:
    """A finding that asserts nothing has a code or a source."""
    coded = {code.concept for code, _ in context.reading.codes if code.concept_kind == "finding"}
    for entry in context.entries:
        item = entry.item
        if isinstance(item, Finding) and not item.sources and item.id not in coded:
            message = f"finding '{item.id}' has neither a code nor a source"
            yield entry.origin.issue(message, "id", hint="add 'sources', or a row in codes/*.csv")


def check_packs(context: Context) -> Iterator[KnowledgeIssue]:
    """Packs come after those they require, once each, and name one complaint between them."""
    before: list[str] = []
    complaint: str | None = None
    for pack, origin in context.reading.packs:
        for i, name in enumerate(pack.requires):
            if name not in before:
                message = f"pack '{name}' is to be loaded before this one"
                yield origin.issue(message, "requires", i)
        if pack.name in before:
            yield origin.issue(f"pack '{pack.name}' is loaded twice", "name")
        before.append(pack.name)
        if pack.complaint is None:
            continue
        yield from context.unknown(
            origin, "finding", pack.complaint, context.knowledge.findings, "complaint"
        )
        if complaint is not None and complaint != pack.complaint:
            yield origin.issue(f"an earlier pack has the complaint '{complaint}'", "complaint")
        complaint = pack.complaint


def check_ids_are_unique(context: Context) -> Iterator[KnowledgeIssue]:
    """Lines of evidence, indications and cautions have ids of their own, over all packs."""
    seen: dict[tuple[str, str], SourceLocation] = {}
    replaced = {(r.kind, r.replaced) for r in context.knowledge.replacements}
    for entry in context.entries:
        for kind, item_id, origin in entry.named():
            if kind == entry.kind or (kind, item_id) in replaced:
                continue
            if (kind, item_id) in seen:
                message = f"{kind} '{item_id}' is already defined in {seen[kind, item_id].place()}"
                yield origin.issue(message, "id")
            seen.setdefault((kind, item_id), origin)


def check_cause_files(context: Context) -> Iterator[KnowledgeIssue]:
    """A cause's file is named after it."""
    for entry in context.entries:
        if entry.kind == "cause":
            name = field_of(entry.item, "id") or field_of(entry.item, "extends", "")
            stem = PurePosixPath(entry.origin.file).stem
            if name != stem:
                message = f"cause '{name}' stands in a file named '{stem}'"
                yield entry.origin.issue(message, "id", hint=f"name the file '{name}.yaml'")


# ------------------------------------------------------------------------------- findings' graphs


def check_no_cycles(context: Context) -> Iterator[KnowledgeIssue]:
    """Neither `implies` nor `derived` leads back to where it began."""
    derived = {
        finding.id: findings_in(finding.derived)
        for finding in context.knowledge.findings.values()
        if finding.derived is not None
    }
    for key, reached in (("implies", context.ancestors), ("derived", closure(derived))):
        for finding, above in reached.items():
            if finding in above and ("finding", finding) in context.origins:
                members = sorted(f for f in above if finding in reached.get(f, ()))
                message = f"'{key}' goes in a circle: {', '.join(members)}"
                yield context.origins["finding", finding].issue(message, key)


def _bounds_overlap(first: Bounds, second: Bounds) -> bool:
    limits = [
        limit
        for bounds in (first, second)
        for limit in (bounds.from_, bounds.above, bounds.up_to, bounds.below)
        if limit is not None
    ]
    samples = {limit + step for limit in limits for step in (-1e-9, 0.0, 1e-9)}
    return any(first.contains(value) and second.contains(value) for value in samples)


def check_measurements(context: Context) -> Iterator[KnowledgeIssue]:
    """A measurement is defined once, where it is read it is defined, and its bounds are apart."""
    definitions: dict[str, tuple[MeasuredValue, SourceLocation]] = {}
    references: list[tuple[str, SourceLocation]] = []
    for entry in context.entries:
        for form, origin in entry.lines("shown_by"):
            if isinstance(form, MeasuredValue | AttributeValue):
                present, absent = form.present, form.absent
                both = (
                    _bounds_overlap(present, absent)
                    if isinstance(present, Bounds) and isinstance(absent, Bounds)
                    else isinstance(present, OneOf)
                    and isinstance(absent, OneOf)
                    and bool(set(present.one_of) & set(absent.one_of))
                )
                if both:
                    yield origin.issue("some value is both 'present' and 'absent'", "absent")
            if not isinstance(form, MeasuredValue):
                continue
            if not form.defines_measurement:
                references.append((str(form.measurement), origin))
                continue
            for name in (form.measurement, *form.loinc):
                if name is None:
                    continue
                if name in definitions:
                    first = definitions[name][1].place()
                    yield origin.issue(
                        f"measurement '{name}' is already defined in {first}",
                        hint="name it by 'measurement', without 'loinc', 'unit', 'convert'"
                        " and 'plausible'",
                    )
                definitions.setdefault(name, (form, origin))
    known = dict.fromkeys(definitions)
    for name, origin in references:
        yield from context.unknown(origin, "measurement", name, known, "measurement")


# --------------------------------------------------------------------------------------- criteria


def _holds_never(criterion: Criterion, context: Context) -> bool:
    """Whether every conjunction asks for what something else that it asks for excludes."""
    return all(_is_impossible(conjunction, context) for conjunction in disjunctive_form(criterion))


def _is_impossible(conjunction: Conjunction, context: Context) -> bool:
    known = set(conjunction)
    for atom in conjunction:
        others = context.ancestors if atom.present else context.descendants
        known |= {Atom(name, atom.present) for name in others.get(atom.finding, ())}
    if any(atom in context.derived for atom in conjunction):
        known |= _following(known, context)
    return any(Atom(atom.finding, not atom.present) in known for atom in known)


def check_criteria_are_usable(context: Context) -> Iterator[KnowledgeIssue]:
    """Criteria are small enough for the network, and can hold."""
    for _, _, criterion, origin in context.criteria():
        if len(findings_in(criterion)) > MAX_FINDINGS:
            message = f"names more than {MAX_FINDINGS} findings"
            yield origin.issue(message, hint="put a part of it into a derived finding")
            continue
        try:
            disjunctive_form(criterion, negation=True)
            never = _holds_never(criterion, context)
        except TooLarge as error:
            yield origin.issue(
                f"{_described(error.clause)} needs more than {MAX_CONJUNCTIONS} conjunctions"
                f" in disjunctive form{' when negated' if error.negation else ''}",
                hint="ask for fewer parts, or put groups of them into derived findings",
            )
            continue
        if never:
            yield origin.issue("this criterion can never hold")


def _described(clause: Criterion) -> str:
    parts = len(parts_of(clause))
    if isinstance(clause, AtLeast):
        return f"'at_least: {clause.at_least}' of {parts}"
    return f"'{parts_key(clause)}' of {parts}"


def check_complaint_is_no_evidence(context: Context) -> Iterator[KnowledgeIssue]:
    """No line favors a cause for the complaint alone: the pretest class assumes it already."""
    complaint = context.knowledge.complaint
    if complaint is None:
        return
    known = {Atom(name, True) for name in (complaint, *context.ancestors.get(complaint, ()))}
    known |= _following(known, context)
    for item, _, criterion, origin in context.criteria():
        favors = isinstance(item, Evidence) and (item.favors is not None or (item.lr or 0) > 1)
        if favors and any(atoms <= known for atoms in _conjunctions(criterion)):
            message = f"'{complaint}' alone makes this line true, and the complaint is not evidence"
            yield origin.issue(message, hint="cite the association in 'about' instead")


def _following(known: set[Atom], context: Context) -> set[Atom]:
    """What derived findings are where the known atoms hold."""
    holding = set(known)
    waiting = list(known)
    while waiting:
        for conjunction, atom in context.leads_to.get(waiting.pop(), ()):
            if atom not in holding and conjunction <= holding:
                holding.add(atom)
                waiting.append(atom)
    return holding - known


def _conjunctions(criterion: Criterion, *, negation: bool = False) -> frozenset[Conjunction]:
    """The disjunctive form; of a criterion that is too large, which another check tells, none."""
    try:
        return disjunctive_form(criterion, negation=negation)
    except TooLarge:
        return frozenset()


def check_group_evidence_is_weak(context: Context) -> Iterator[KnowledgeIssue]:
    """A group's evidence favors, and at most weakly."""
    for entry in context.entries:
        if entry.kind == "group":
            for line, origin in entry.lines("evidence"):
                if line.favors is not Strength.WEAK:  # type: ignore[attr-defined]
                    yield origin.issue("a group's evidence is 'favors: weak'")


# --------------------------------------------------------------------------------------- clusters


def _support(criterion: Criterion, context: Context) -> frozenset[str]:
    """What can make a line's findings known: the findings that it and another may both rest on."""
    knowledge = context.knowledge
    support: set[str] = set()
    todo = list(findings_in(criterion))
    while todo:
        name = todo.pop()
        if name in support:
            continue
        support.add(name)
        finding = knowledge.findings.get(name)
        if finding is None:
            continue
        todo += context.descendants.get(name, ())
        if finding.derived is not None:
            todo += findings_in(finding.derived)
        for form in finding.shown_by:
            if isinstance(form, MeasuredValue):
                support.add(f"measurement {form.measurement or form.loinc[0]}")
            elif isinstance(form, AttributeValue) and form.attribute in NUMERIC_ATTRIBUTES:
                support.add(f"attribute {form.attribute}")
    return frozenset(support)


def check_clusters(context: Context) -> Iterator[KnowledgeIssue]:
    """Two lines of one cause and direction that share a finding share a cluster."""
    for cause in context.knowledge.causes.values():
        lines = [(line, _support(line.when, context)) for line in cause.evidence]
        for (first, one), (second, two) in combinations(lines, 2):
            if _is_for(first) is not _is_for(second):
                continue
            if first.cluster is not None and first.cluster == second.cluster:
                continue
            shared = one & two
            if shared and ("evidence", second.id) in context.origins:
                message = (
                    f"rests on {_listed(shared)} like '{first.id}', so both would count it:"
                    " name the same 'cluster' for both"
                )
                yield context.origins["evidence", second.id].issue(message, "when")


def _listed(shared: frozenset[str]) -> str:
    names = sorted(shared)
    more = f" and {len(names) - 2} more" if len(names) > 2 else ""
    return ", ".join(f"'{name}'" for name in names[:2]) + more


def _is_for(line: Evidence) -> bool:
    return line.favors is not None or (line.lr is not None and line.lr > 1)


CHECKS: tuple[Check, ...] = (
    check_packs,
    check_criteria_name_findings,
    check_findings_refer_to_findings,
    check_medicine_names,
    check_other_references,
    check_sources,
    check_entries_that_were_refused,
    check_codes,
    check_bare_findings,
    check_ids_are_unique,
    check_cause_files,
    check_no_cycles,
    check_measurements,
    check_criteria_are_usable,
    check_complaint_is_no_evidence,
    check_group_evidence_is_weak,
    check_clusters,
)
"""Every check, in the order in which they run."""
