"""Checks of evidence: nothing counts twice, and the complaint does not count."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from crampdx.errors import KnowledgeIssue
from crampdx.knowledge.checks.context import Context, conjunctions, following
from crampdx.knowledge.criteria import Atom, Criterion, findings_in
from crampdx.knowledge.models import (
    NUMERIC_ATTRIBUTES,
    AttributeValue,
    Evidence,
    MeasuredValue,
    Strength,
)

__all__ = ["check_clusters", "check_complaint_is_no_evidence", "check_group_evidence_is_weak"]


def check_complaint_is_no_evidence(context: Context) -> Iterator[KnowledgeIssue]:
    """No line favors a cause for the complaint alone: the pretest class assumes it already."""
    complaint = context.knowledge.complaint
    if complaint is None:
        return
    known = {Atom(name, True) for name in (complaint, *context.ancestors.get(complaint, ()))}
    known |= following(known, context)
    for item, _, criterion, origin in context.criteria():
        favors = isinstance(item, Evidence) and (item.favors is not None or (item.lr or 0) > 1)
        if favors and any(atoms <= known for atoms in conjunctions(criterion)):
            message = f"'{complaint}' alone makes this line true, and the complaint is not evidence"
            yield origin.issue(message, hint="cite the association in 'about' instead")


def check_group_evidence_is_weak(context: Context) -> Iterator[KnowledgeIssue]:
    """A group's evidence favors, and at most weakly."""
    for entry in context.entries:
        if entry.kind == "group":
            for line, origin in entry.lines("evidence"):
                if line.favors is not Strength.WEAK:  # type: ignore[attr-defined]
                    yield origin.issue("a group's evidence is 'favors: weak'")


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


def _listed(shared: frozenset[str]) -> str:
    names = sorted(shared)
    more = f" and {len(names) - 2} more" if len(names) > 2 else ""
    return ", ".join(f"'{name}'" for name in names[:2]) + more


def _is_for(line: Evidence) -> bool:
    return line.favors is not None or (line.lr is not None and line.lr > 1)
