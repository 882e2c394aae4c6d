"""Checks of what refers to something else: what it names exists."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from crampdx.errors import KnowledgeIssue
from crampdx.knowledge.checks.context import Context
from crampdx.knowledge.criteria import Absent, Criterion, parts_of
from crampdx.knowledge.criterion_parts import parts_key
from crampdx.knowledge.loading.entries import SourceLocation, field_of
from crampdx.knowledge.models import (
    Cause,
    Evidence,
    FamilyHistoryOf,
    HistoryOf,
    OnsetAfter,
    QualifiedFinding,
    SourceKind,
)

__all__ = [
    "check_codes",
    "check_criteria_name_findings",
    "check_entries_that_were_refused",
    "check_findings_refer_to_findings",
    "check_other_references",
    "check_sources",
]


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
