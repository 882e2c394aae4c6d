"""Red flags, and what a flaw of the record leaves open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from crampdx.assessment import Clarification, RaisedFlag
from crampdx.engine.evaluators.protocol import Verdict
from crampdx.engine.planning.context import PlanningContext
from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.criteria import Criterion, findings_in
from crampdx.knowledge.models import Caution, RedFlag, Urgency

__all__ = ["Flags"]

_URGENCY_ORDER = {urgency: number for number, urgency in enumerate(Urgency)}


class Clarifiable(NamedTuple):
    """A red flag or a caution that a flaw of the record can leave open.

    Attributes:
        kind: What it is.
        id: Its id.
        name: Its name; of a caution, that of the treatment.
        criterion: The number of its criterion.
        unless: The number of the criterion that holds it back.
        deciding: The findings that can decide it.
    """

    kind: Literal["red_flag", "caution"]
    id: str
    name: str
    criterion: int
    unless: int | None
    deciding: frozenset[str]


class Flags:
    """The red flags of a knowledge base, the most urgent first, and all that may need clearing."""

    def __init__(
        self,
        knowledge: KnowledgeBase,
        numbers: Mapping[Criterion, int],
        related: Mapping[str, frozenset[str]],
    ) -> None:
        """Arrange.

        Args:
            knowledge: The rules.
            numbers: The number of each criterion in the list of verdicts.
            related: The findings that each finding implies, and those that imply it.
        """
        self._flags = tuple(
            (
                flag,
                numbers[flag.when],
                None if flag.unless is None else numbers[flag.unless],
                tuple(sorted(findings_in(flag.when))),
            )
            for flag in sorted(knowledge.red_flags.values(), key=most_urgent_first)
        )
        self._clarifiable = tuple(_clarifiable(knowledge, numbers, related))

    def raised(self, context: PlanningContext) -> tuple[RaisedFlag, ...]:
        """List the red flags whose criterion is true, and that nothing known holds back."""
        verdicts = context.verdicts
        return tuple(
            [
                RaisedFlag(flag, context.observe(findings))
                for flag, number, unless, findings in self._flags
                if verdicts[number] and not _is_held_back(unless, verdicts)
            ]
        )

    def to_clarify(self, context: PlanningContext) -> tuple[Clarification, ...]:
        """List red flags, and cautions, that only a flaw of the record leaves open."""
        unresolved = context.intake.unresolved - context.states.keys()
        if not unresolved:
            return ()
        verdicts = context.verdicts
        return tuple(
            Clarification(kind, item, name, tuple(sorted(deciding & unresolved)))
            for kind, item, name, criterion, unless, deciding in self._clarifiable
            if verdicts[criterion] is None
            and not deciding.isdisjoint(unresolved)
            and not _is_held_back(unless, verdicts)
        )


def _is_held_back(unless: int | None, verdicts: Sequence[Verdict]) -> bool:
    """Whether what a flag is not raised with is known to hold."""
    return unless is not None and verdicts[unless] is True


def most_urgent_first(flag: RedFlag) -> tuple[int, str]:
    """Order red flags: by urgency, then by id."""
    return _URGENCY_ORDER[flag.urgency], flag.id


def _clarifiable(
    knowledge: KnowledgeBase,
    numbers: Mapping[Criterion, int],
    related: Mapping[str, frozenset[str]],
) -> Iterator[Clarifiable]:
    def arranged(
        kind: Literal["red_flag", "caution"], item: RedFlag | Caution, name: str
    ) -> Clarifiable:
        rests_on = knowledge.rests_on(item.when)
        deciding = rests_on.union(*(related[finding] for finding in rests_on))
        unless = item.unless if isinstance(item, RedFlag) else None
        return Clarifiable(
            kind,
            item.id,
            name,
            numbers[item.when],
            None if unless is None else numbers[unless],
            frozenset(deciding),
        )

    for flag in knowledge.red_flags.values():
        yield arranged("red_flag", flag, flag.name)
    for treatment in knowledge.treatments.values():
        for caution in sorted(treatment.cautions, key=lambda caution: caution.id):
            yield arranged("caution", caution, treatment.name)
