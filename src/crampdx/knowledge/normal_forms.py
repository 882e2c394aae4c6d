"""Criteria as disjunctive normal forms, from which the fast evaluators are built."""

from __future__ import annotations

from collections.abc import Sequence

from crampdx.knowledge.criteria import Absent, AllOf, AnyOf, AtLeast, Atom, Criterion, parts_of

__all__ = ["MAX_CONJUNCTIONS", "MAX_FINDINGS", "Conjunction", "TooLarge", "disjunctive_form"]

MAX_CONJUNCTIONS = 128
"""The most conjunctions a criterion, or its negation, may have in disjunctive normal form."""

MAX_GROWTH = 8 * MAX_CONJUNCTIONS
"""The most conjunctions on the way to a disjunctive form, before those covered are dropped."""

MAX_FINDINGS = 60
"""The most distinct findings one criterion may name: the bound of one shard of durable_rules."""

Conjunction = frozenset[Atom]
"""A set of atoms that must all hold."""


class TooLarge(ValueError):
    """A clause whose disjunctive form exceeds `MAX_CONJUNCTIONS`."""

    def __init__(self, clause: Criterion, negation: bool) -> None:
        self.clause = clause
        self.negation = negation
        super().__init__(
            f"{'the negation of ' if negation else ''}this clause has more than"
            f" {MAX_CONJUNCTIONS} conjunctions in disjunctive form"
        )


def _minimal(conjunctions: set[Conjunction]) -> frozenset[Conjunction]:
    """Drop what can never hold (a finding both ways) and what a shorter conjunction covers."""
    possible = sorted(
        (c for c in conjunctions if len({atom.finding for atom in c}) == len(c)), key=len
    )
    kept: list[Conjunction] = []
    for conjunction in possible:
        if not any(shorter <= conjunction for shorter in kept):
            kept.append(conjunction)
    return frozenset(kept)


def disjunctive_form(criterion: Criterion, *, negation: bool = False) -> frozenset[Conjunction]:
    """The conjunctions of which at least one must hold for the criterion to be true.

    A conjunction that asks a finding to be both present and absent is left out, and so is one
    that a shorter one covers; neither changes a verdict. An empty result means that the
    criterion can never hold.

    Args:
        criterion: What to convert.
        negation: Convert the criterion's negation instead.

    Raises:
        TooLarge: More than `MAX_CONJUNCTIONS` conjunctions; names the smallest clause at fault.

    >>> sorted(sorted(c) for c in disjunctive_form(AllOf(all=("a", AnyOf(any=("b", "c"))))))
    ... # doctest: +NORMALIZE_WHITESPACE
    [[Atom(finding='a', present=True), Atom(finding='b', present=True)],
     [Atom(finding='a', present=True), Atom(finding='c', present=True)]]
    """
    match criterion:
        case str():
            return frozenset({frozenset({Atom(criterion, not negation)})})
        case Absent(absent=finding):
            return frozenset({frozenset({Atom(finding, negation)})})
    parts = parts_of(criterion)
    forms = [disjunctive_form(part, negation=negation) for part in parts]
    match criterion:
        case AllOf():
            needed = 1 if negation else len(parts)
        case AnyOf():
            needed = len(parts) if negation else 1
        case AtLeast(at_least=count):
            needed = len(parts) - count + 1 if negation else count
    if needed > len(parts):
        return frozenset()
    if needed <= 0:
        return frozenset({frozenset()})
    minimal = _minimal(_chosen(forms, needed, criterion, negation))
    if len(minimal) > MAX_CONJUNCTIONS:
        raise TooLarge(criterion, negation)
    return minimal


def _chosen(
    forms: Sequence[frozenset[Conjunction]], needed: int, clause: Criterion, negation: bool
) -> set[Conjunction]:
    """The conjunctions that make at least so many of the forms hold, built up form by form."""
    chosen: dict[int, set[Conjunction]] = {0: {frozenset()}}
    for left, form in zip(range(len(forms) - 1, -1, -1), forms, strict=True):
        grown = {count: set(conjunctions) for count, conjunctions in chosen.items()}
        for count, conjunctions in chosen.items():
            if count < needed:
                more = grown.setdefault(count + 1, set())
                more.update(one | other for one in conjunctions for other in form)
        chosen = {count: found for count, found in grown.items() if count + left >= needed}
        if any(len(found) > MAX_GROWTH for found in chosen.values()):
            raise TooLarge(clause, negation)
    return chosen.get(needed, set())
