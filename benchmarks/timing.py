"""Taking times, and what is said of them."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Sequence
from statistics import median, quantiles
from time import perf_counter_ns
from typing import Any, NamedTuple


def block(call: Callable[[Any], object], arguments: Sequence[Any]) -> list[int]:
    """The nanoseconds of each call, one after another, garbage collection on."""
    gc.collect()  # what others left behind is not charged here
    times = []
    for argument in arguments:
        start = perf_counter_ns()
        call(argument)
        times.append(perf_counter_ns() - start)
    return times


class Spread(NamedTuple):
    """Median and quartiles, in microseconds."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, nanoseconds: Iterable[float]) -> Spread:
        """The spread of times."""
        low, middle, high = quantiles(nanoseconds, n=4, method="inclusive")
        return cls(middle / 1_000, low / 1_000, high / 1_000)


def over_rounds(rounds: Sequence[Sequence[int]]) -> list[float]:
    """For each patient, the median of its times over all rounds."""
    return [median(times) for times in zip(*rounds, strict=True)]


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; all columns but the first are aligned right."""
    lines = [" | ".join(head), " | ".join(["---"] + ["---:"] * (len(head) - 1))]
    lines += [" | ".join(row) for row in rows]
    return "\n".join(f"| {line} |" for line in lines)


def us(value: float) -> str:
    """Microseconds as text."""
    return f"{value:,.1f}" if value < 100 else f"{value:,.0f}"


def quartiles(spread: Spread) -> str:
    """The two quartiles as text."""
    return f"{us(spread.low)} to {us(spread.high)}"
