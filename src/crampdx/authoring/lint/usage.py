"""Which findings can make a rule count, directly or through `implies`, `derived` and `shown_by`."""

from __future__ import annotations

from collections.abc import Iterator

from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.criteria import Atom, findings_in
from crampdx.knowledge.models import (
    FamilyHistoryOf,
    Finding,
    HistoryOf,
    OnsetAfter,
    QualifiedFinding,
    ShownBy,
)

__all__ = ["bases_of", "bearing"]


def bearing(knowledge: KnowledgeBase) -> frozenset[str]:
    """The findings of which something, if the record says it, can decide a criterion.

    What makes a finding present is the presence of one that implies it; what makes it absent is
    the absence of one that it implies. The complaint always bears on the result.
    """
    above = {finding.id: finding.implies for finding in knowledge.findings.values()}
    below: dict[str, list[str]] = {name: [] for name in above}
    for name, implied in above.items():
        for other in implied:
            below[other].append(name)
    todo = [Atom(name, state) for name in _named(knowledge) for state in (True, False)]
    seen: set[Atom] = set()
    while todo:
        atom = todo.pop()
        if atom not in seen:
            seen.add(atom)
            nearer = below if atom.present else above
            todo += (Atom(name, atom.present) for name in nearer[atom.finding])
            todo += _grounds(knowledge.findings[atom.finding])
    return frozenset(atom.finding for atom in seen)


def _named(knowledge: KnowledgeBase) -> Iterator[str]:
    """The findings that rules other than derived findings name."""
    for kind, _, criterion in knowledge.criteria():
        if kind != "finding":
            yield from findings_in(criterion)
    for _, criterion in knowledge.exceptions():
        yield from findings_in(criterion)
    if knowledge.complaint is not None:
        yield knowledge.complaint


def _grounds(finding: Finding) -> Iterator[Atom]:
    """What a finding is read from: the criterion of a derived one, what others say of it."""
    if finding.derived is not None:
        for name in findings_in(finding.derived):
            yield from (Atom(name, True), Atom(name, False))
    for form in finding.shown_by:
        yield from (Atom(name, True) for name in bases_of(form))


def bases_of(form: ShownBy) -> tuple[str, ...]:
    """The findings from which another is shown."""
    match form:
        case QualifiedFinding(finding=name) | HistoryOf(past=name) | FamilyHistoryOf(family=name):
            return (name,)
        case OnsetAfter(began=name, after=other):
            return (name, other)
        case _:
            return ()
