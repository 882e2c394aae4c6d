"""Changes of a criterion that change what it means.

Two criteria mean the same when no states of findings tell them apart. Of the states that could,
the smallest are the conjunctions of their disjunctive forms, each with what follows from it along
`implies`. What follows along derived findings is not looked at: a changed part that only a derived
finding makes pointless is a mutant all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from crampdx.authoring.mutation.models import Operator
from crampdx.engine.evaluators.reference import Verdict, evaluate
from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.criteria import (
    Absent,
    AllOf,
    AnyOf,
    AtLeast,
    Atom,
    Criterion,
    parts_of,
)
from crampdx.knowledge.criterion_parts import Steps, flow, steps_text, with_part, with_parts, within
from crampdx.knowledge.normal_forms import Conjunction, TooLarge, disjunctive_form

__all__ = ["ChangedCriterion", "Implications", "changed_criteria"]


class ChangedCriterion(NamedTuple):
    """A criterion with one part changed.

    Attributes:
        operator: What was changed.
        where: The way to the part; empty for the whole.
        before: The part as it stands in the rule file.
        after: What stands there instead; empty where it was dropped.
        criterion: The whole, changed.
        witness: States of findings that tell it apart from what it was.
        verdicts: What the criterion was for these states, and what it is.
    """

    operator: Operator
    where: str
    before: str
    after: str
    criterion: Criterion
    witness: tuple[Atom, ...]
    verdicts: tuple[Verdict, Verdict]


class Implications:
    """What follows from states of findings along `implies`, in one knowledge base."""

    def __init__(self, knowledge: KnowledgeBase) -> None:
        self._ancestors = knowledge.ancestors()
        self.descendants = knowledge.descendants()

    def states(self, atoms: Iterable[Atom]) -> dict[str, bool] | None:
        """Join atoms with what follows from them; None where that contradicts itself."""
        states: dict[str, bool] = {}
        for name, present in atoms:
            following = (self._ancestors if present else self.descendants).get(name, ())
            for finding in (name, *following):
                if states.setdefault(finding, present) is not present:
                    return None
        return states


def changed_criteria(
    criterion: Criterion, implications: Implications
) -> Iterator[ChangedCriterion]:
    """Find every changed criterion that can hold and that some record tells apart from this one."""
    for operator, steps, before, after, changed in _changes(criterion):
        try:
            witness = _witness(criterion, changed, implications)
        except TooLarge:
            continue
        if witness is not None:
            where = steps_text(criterion, steps)
            yield ChangedCriterion(operator, where, before, after, changed, *witness)


def _witness(
    old: Criterion, new: Criterion, implications: Implications
) -> tuple[tuple[Atom, ...], tuple[Verdict, Verdict]] | None:
    """Find few states for which the verdicts differ, if possible from true or to true.

    None where there are no such states, or where the new criterion can never hold.
    """
    if not any(implications.states(atoms) is not None for atoms in disjunctive_form(new)):
        return None
    found: tuple[tuple[Atom, ...], tuple[Verdict, Verdict]] | None = None
    for atoms in sorted(_smallest(old) | _smallest(new), key=lambda c: (len(c), sorted(c))):
        states = implications.states(atoms)
        if states is None:
            continue
        verdicts = evaluate(old, states), evaluate(new, states)
        if verdicts[0] is not verdicts[1]:
            found = found or (tuple(sorted(atoms)), verdicts)
            if True in verdicts:
                return tuple(sorted(atoms)), verdicts
    return found


def _smallest(criterion: Criterion) -> frozenset[Conjunction]:
    """List the smallest states that make a criterion true, and that make it false."""
    return disjunctive_form(criterion) | disjunctive_form(criterion, negation=True)


def _changes(
    criterion: Criterion,
) -> Iterator[tuple[Operator, Steps, str, str, Criterion]]:
    for steps, part in within(criterion):
        for operator, other in _instead(part):
            changed = with_part(criterion, steps, other)
            yield operator, steps, flow(part), flow(other), changed
        for number, dropped in enumerate(parts_of(part)):
            rest = tuple(p for n, p in enumerate(parts_of(part)) if n != number)
            if len(rest) >= (part.at_least if isinstance(part, AtLeast) else 1):
                changed = with_part(criterion, steps, with_parts(part, rest))
                yield Operator.PART, (*steps, number), flow(dropped), "", changed


def _instead(part: Criterion) -> Iterator[tuple[Operator, Criterion]]:
    """What may stand in the place of a part."""
    match part:
        case str():
            yield Operator.NEGATION, Absent.model_construct(absent=part)
        case Absent(absent=finding):
            yield Operator.NEGATION, finding
        case AllOf(all=parts):
            yield Operator.QUANTIFIER, AnyOf.model_construct(any=parts)
        case AnyOf(any=parts):
            yield Operator.QUANTIFIER, AllOf.model_construct(all=parts)
        case AtLeast(at_least=needed, of=parts):
            for count in (needed - 1, needed + 1):
                if 1 <= count <= len(parts):
                    other = AtLeast.model_construct(at_least=count, of=parts)
                    yield Operator.QUANTIFIER, other
