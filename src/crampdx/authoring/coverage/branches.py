"""Which parts of a criterion decide its verdict for a patient.

A part decides when the criterion would come out otherwise if that part alone were turned over, from
true to false or from false to true. A part that is unknown decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from crampdx.engine.evaluators.reference import evaluate
from crampdx.knowledge.criteria import Criterion
from crampdx.knowledge.criterion_parts import Steps, flow, steps_text, with_part, within

__all__ = ["Decider", "deciders"]

_TURNED = ""
"""Stands in the criterion for the part that is turned over; no finding has this id."""


@dataclass(frozen=True, slots=True)
class Decider:
    """A part of a criterion, with what is needed to turn it over.

    Attributes:
        steps: The way to the part.
        where: The same as text.
        text: The part as it stands in a rule file.
        criterion: The whole.
        part: The part.
        around: The whole with a place kept for the part.
    """

    steps: Steps
    where: str
    text: str
    criterion: Criterion
    part: Criterion
    around: Criterion

    def decided(self, states: Mapping[str, bool]) -> bool | None:
        """The verdict of the part, if it decides that of the criterion; else None.

        >>> from crampdx.knowledge.criteria import AllOf
        >>> a, b = deciders(AllOf(all=("a", "b")))
        >>> a.decided({"a": False, "b": True}), a.decided({"a": False, "b": False})
        (False, None)
        """
        verdict = evaluate(self.part, states)
        if verdict is None:
            return None
        turned = evaluate(self.around, {**states, _TURNED: not verdict})
        return None if turned is evaluate(self.criterion, states) else verdict


def deciders(criterion: Criterion) -> Iterator[Decider]:
    """Every part below a criterion; of a single finding, none."""
    for steps, part in within(criterion):
        if steps:
            where = steps_text(criterion, steps)
            around = with_part(criterion, steps, _TURNED)
            yield Decider(steps, where, flow(part), criterion, part, around)
