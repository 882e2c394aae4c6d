"""Checks of criteria: each is small enough to be compiled, and can hold."""

from __future__ import annotations

from collections.abc import Iterator

from crampdx.errors import KnowledgeIssue
from crampdx.knowledge.checks.context import Context, following
from crampdx.knowledge.criteria import AtLeast, Atom, Criterion, findings_in, parts_of
from crampdx.knowledge.criterion_parts import parts_key
from crampdx.knowledge.normal_forms import (
    MAX_CONJUNCTIONS,
    MAX_FINDINGS,
    Conjunction,
    TooLarge,
    disjunctive_form,
)

__all__ = ["check_criteria_are_usable"]


def check_criteria_are_usable(context: Context) -> Iterator[KnowledgeIssue]:
    """Criteria are small enough to be compiled, and can hold."""
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


def _holds_never(criterion: Criterion, context: Context) -> bool:
    """Whether every conjunction asks for what something else that it asks for excludes."""
    return all(_is_impossible(conjunction, context) for conjunction in disjunctive_form(criterion))


def _is_impossible(conjunction: Conjunction, context: Context) -> bool:
    known = set(conjunction)
    for atom in conjunction:
        others = context.ancestors if atom.present else context.descendants
        known |= {Atom(name, atom.present) for name in others.get(atom.finding, ())}
    if any(atom in context.derived for atom in conjunction):
        known |= following(known, context)
    return any(Atom(atom.finding, not atom.present) in known for atom in known)


def _described(clause: Criterion) -> str:
    parts = len(parts_of(clause))
    if isinstance(clause, AtLeast):
        return f"'at_least: {clause.at_least}' of {parts}"
    return f"'{parts_key(clause)}' of {parts}"
