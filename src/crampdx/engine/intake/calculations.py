"""Calculations: values that follow from others of about the same day, such as adjusted calcium."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import date, timedelta

from crampdx.assessment import Level
from crampdx.engine.intake.context import Operand, ReadContext
from crampdx.engine.intake.intervals import Interval
from crampdx.engine.intake.measurements import claim_value, rounded
from crampdx.knowledge.models import Calculation
from crampdx.record.dates import Days

__all__ = ["read_calculations"]


def read_calculations(context: ReadContext) -> None:
    """Claim what measurements show that are calculated from others of about the same day."""
    for name, calculation in context.vocabulary.calculations.items():
        first, *others = calculation.from_
        timelines = {other: _Timeline(context.operands[other]) for other in others}
        for base in context.operands[first]:
            nearest = {other: line.nearest(base) for other, line in timelines.items()}
            operands = {first: base, **{other: o for other, o in nearest.items() if o}}
            if _can_be_calculated(calculation, operands, base):
                _claim_calculated(name, calculation, operands, base, context)


def _can_be_calculated(
    calculation: Calculation, operands: dict[str, Operand], base: Operand
) -> bool:
    """Whether all values are there, of about the same time, and within their bounds."""
    return (
        len(operands) == len(calculation.from_)
        and all(base.distance(o) <= calculation.within for o in operands.values())
        and all(bounds.contains(operands[of].value) for of, bounds in calculation.when.items())
    )


class _Timeline:
    """The values of a measurement in time, so that the nearest is found without looking at all."""

    def __init__(self, operands: Sequence[Operand]) -> None:
        self._operands = operands
        self._lowest: dict[date | None, int] = {}
        for number in sorted(range(len(operands)), key=lambda n: operands[n].value):
            self._lowest.setdefault(operands[number].day, number)
        self._lowest_of_all = next(iter(self._lowest.values()), None)
        self._days = sorted(day for day in self._lowest if day is not None)

    def nearest(self, base: Operand) -> Operand | None:
        """Find the value nearest in time; of several equally near the lowest, then the first."""
        if base.day is None:
            number = self._lowest_of_all
            return None if number is None else self._operands[number]
        here = bisect_left(self._days, base.day)
        days = (None, *self._days[max(here - 1, 0) : here + 1])
        found = [self._lowest[day] for day in days if day in self._lowest]

        def rank(number: int) -> tuple[timedelta, float, int]:
            operand = self._operands[number]
            return operand.distance(base), operand.value, number

        return self._operands[min(found, key=rank)] if found else None


def _claim_calculated(
    name: str,
    calculation: Calculation,
    operands: dict[str, Operand],
    base: Operand,
    context: ReadContext,
) -> None:
    parts = [calculation.from_[of] * operand.value for of, operand in operands.items()]
    value = rounded(calculation.plus + sum(parts))
    place = " and ".join(operand.place for operand in operands.values())
    readers = context.vocabulary.values_by_name[name]
    message = f"'{name}' was calculated from these values"
    context.warn(Level.INFO, "calculated", place, message, *(r.finding for r in readers))
    days = Days(base.day, base.day) if base.day else None
    for reader in readers:
        interval = Interval.of(value, None).clipped(reader.scale.plausible)
        if interval is not None and context.is_current(
            days, reader.form.within, base.place, reader.finding
        ):
            claim_value(reader, interval, base.day, base.place, context)
