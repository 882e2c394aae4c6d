"""Taking times, and what is said of them."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Sequence
from statistics import median, quantiles
from time import perf_counter_ns, process_time_ns
from typing import Any, NamedTuple

Clock = Callable[[], int]
"""Nanoseconds from some start."""

CLOCKS: dict[str, Clock] = {"cpu": process_time_ns, "wall": perf_counter_ns}
"""Processor time of the whole process, which other jobs do not lengthen; and elapsed time."""


def block(call: Callable[[Any], object], arguments: Sequence[Any], clock: Clock) -> list[int]:
    """The nanoseconds of each call, one after another, garbage collection on."""
    gc.collect()  # what others left behind is not charged here
    times = []
    for argument in arguments:
        start = clock()
        call(argument)
        times.append(clock() - start)
    return times


class Spread(NamedTuple):
    """Times in microseconds.

    Attributes:
        median: The median.
        low: The lower quartile.
        high: The upper quartile.
        quietest: The median of the fastest round; of single runs, the fastest.
    """

    median: float
    low: float
    high: float
    quietest: float

    @classmethod
    def of_runs(cls, nanoseconds: Sequence[int]) -> Spread:
        """The spread over single runs."""
        return cls._of(nanoseconds, min(nanoseconds))

    @classmethod
    def of_rounds(cls, rounds: Sequence[Sequence[int]]) -> Spread:
        """The spread over patients, each with the median of its times over all rounds."""
        patients = [median(times) for times in zip(*rounds, strict=True)]
        return cls._of(patients, min(median(times) for times in rounds))

    @classmethod
    def _of(cls, nanoseconds: Iterable[float], quietest: float) -> Spread:
        low, middle, high = quantiles(nanoseconds, n=4, method="inclusive")
        return cls(middle / 1_000, low / 1_000, high / 1_000, quietest / 1_000)


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
