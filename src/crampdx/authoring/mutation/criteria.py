"""Changes of a criterion that change what it means."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from crampdx.authoring.mutation.meaning import Meaning, Meanings
from crampdx.authoring.mutation.models import Operator
from crampdx.engine.evaluators.reference import Verdict
from crampdx.knowledge.criteria import Absent, AllOf, AnyOf, AtLeast, Atom, Criterion, parts_of
from crampdx.knowledge.criterion_parts import Steps, flow, steps_text, with_part, with_parts, within
from crampdx.knowledge.normal_forms import TooLarge

__all__ = ["ChangedCriterion", "changed_criteria"]


class ChangedCriterion(NamedTuple):
    """A criterion with one part changed.

    Attributes:
        operator: What was changed.
        where: The way to the part; empty for the whole.
        before: The part as it stands in the rule file.
        after: What stands there instead; empty where it was dropped.
        criterion: The whole, changed.
        meaning: What it means.
        witness: States of findings that tell it apart from what it was.
        verdicts: What the criterion was for these states, and what it is.
    """

    operator: Operator
    where: str
    before: str
    after: str
    criterion: Criterion
    meaning: Meaning
    witness: tuple[Atom, ...]
    verdicts: tuple[Verdict, Verdict]


def changed_criteria(criterion: Criterion, meanings: Meanings) -> Iterator[ChangedCriterion]:
    """Every changed criterion that can hold and that some record tells apart from what it was."""
    try:
        meaning = meanings.of(criterion)
    except TooLarge:
        return
    for operator, steps, before, after, changed in _changes(criterion):
        try:
            new = meanings.of(changed)
        except TooLarge:
            continue
        witness = _witness(meaning, new)
        if new.true and witness is not None:
            where = steps_text(criterion, steps)
            atoms = meanings.reduced(witness)
            verdicts = meaning.verdict(witness), new.verdict(witness)
            yield ChangedCriterion(operator, where, before, after, changed, new, atoms, verdicts)


def _witness(old: Meaning, new: Meaning) -> frozenset[Atom] | None:
    """States for which the verdicts differ, if possible from true or to true, and few of them."""
    both = sorted({*old.states, *new.states}, key=lambda c: (len(c), sorted(c)))
    apart = [states for states in both if old.verdict(states) is not new.verdict(states)]
    plain = (states for states in apart if old.verdict(states) or new.verdict(states))
    return next(plain, apart[0] if apart else None)


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
