"""Ranges of numbers: what a value says that is given with a comparator."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import NamedTuple

from crampdx.knowledge.models import Bounds

__all__ = ["Interval"]


class Interval(NamedTuple):
    """A range of numbers, from a value with or without a comparator.

    >>> Interval.of(5, "<").within(Bounds(below=5))
    True
    >>> Interval.of(5, "<=").within(Bounds(below=5))
    False
    """

    low: float
    low_open: bool
    high: float
    high_open: bool

    @classmethod
    def of(cls, value: float, comparator: str | None) -> Interval:
        """The range that a value stands for: itself, or all that its comparator leaves open."""
        match comparator:
            case "<" | "<=":
                return cls(-math.inf, False, value, comparator == "<")
            case ">" | ">=":
                return cls(value, comparator == ">", math.inf, False)
            case _:
                return cls(value, False, value, False)

    @classmethod
    def days(cls, shortest: timedelta, longest: timedelta | None) -> Interval:
        """The days of a time between two durations; without the longer one, of any longer time.

        >>> Interval.days(timedelta(days=3), timedelta(days=9)).within(Bounds(up_to=9))
        True
        """
        day = timedelta(days=1)
        return cls(shortest / day, False, math.inf if longest is None else longest / day, False)

    def within(self, bounds: Bounds) -> bool:
        """Whether all of the range lies within the bounds."""
        if bounds.from_ is not None and self.low < bounds.from_:
            return False
        if bounds.above is not None and not (
            self.low > bounds.above or (self.low == bounds.above and self.low_open)
        ):
            return False
        if bounds.up_to is not None and self.high > bounds.up_to:
            return False
        return bounds.below is None or (
            self.high < bounds.below or (self.high == bounds.below and self.high_open)
        )

    def clipped(self, bounds: Bounds | None) -> Interval | None:
        """The part of the range that lies within the bounds, or None where none does."""
        if bounds is None:
            return self
        low, low_open, high, high_open = self
        for limit, is_open in ((bounds.from_, False), (bounds.above, True)):
            if limit is not None and (limit > low or (limit == low and is_open)):
                low, low_open = limit, is_open
        for limit, is_open in ((bounds.up_to, False), (bounds.below, True)):
            if limit is not None and (limit < high or (limit == high and is_open)):
                high, high_open = limit, is_open
        if low > high or (low == high and (low_open or high_open)):
            return None
        return Interval(low, low_open, high, high_open)
