"""The whole of `assess`, and its steps apart.

The total is timed on the untouched library. For the steps, the functions that `assess` calls are
wrapped by a clock, which gives each step the time that is its own; the clock costs about 1 µs a
step. The medians of steps do not add up to the median of the whole.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import wraps
from typing import Any
from unittest.mock import patch

from benchmarks.timing import Clock, Spread, block, quartiles, table, us
from crampdx import Assessor
from crampdx.engine import assessor as calls
from crampdx.engine.assembly import Assembler
from crampdx.engine.planning import Planner
from crampdx.engine.ranking import Ranker

GOAL = {"article": 600.0, "article and extended": 1_000.0}
"""Microseconds that an assessment may take, by the median, with these packs."""

STEPS: tuple[tuple[str, Any, str], ...] = (
    ("reading the record", calls, "parse_record"),
    ("intake", calls, "interpret_record"),
    ("inference", Assessor, "_infer"),
    ("ranking", Ranker, "candidates"),
    ("ranking", Ranker, "with_others"),
    ("ranking", calls, "rank"),
    ("plan: what would tell causes apart", calls, "measure_discrimination"),
    ("plan: tests, treatments, prevention, flags", Planner, "plan"),
    ("building the result", Assembler, "assemble"),
)
"""The steps of `Assessor.assess`: what each is called here, and where its function is."""


class _Clock:
    """Gives each step its own time: what a step calls is taken off it."""

    def __init__(self, clock: Clock) -> None:
        self._now = clock
        self.spent: dict[str, int] = defaultdict(int)
        self._within: list[int] = [0]

    def around(self, step: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def timed(*args: Any, **named: Any) -> Any:
            self._within.append(0)
            start = self._now()
            try:
                return function(*args, **named)
            finally:
                passed = self._now() - start
                self.spent[step] += passed - self._within.pop()
                self._within[-1] += passed

        return timed


@contextmanager
def _clocked(clock: _Clock) -> Iterator[None]:
    with ExitStack() as patches:
        for step, place, name in STEPS:
            function = clock.around(step, getattr(place, name))
            patches.enter_context(patch.object(place, name, function))
        yield


def measure(
    assessor: Assessor, records: Sequence[dict[str, Any]], rounds: int, clock: Clock
) -> dict[str, Spread]:
    """The times of the whole, of its steps and of writing JSON, over the records."""
    for record in records:  # warm up
        assessor.assess(record).model_dump_json()
    times: dict[str, list[list[int]]] = defaultdict(list)
    for _ in range(rounds):
        times["assess, whole"].append(block(assessor.assess, records, clock))
        for step, spent in _steps(assessor, records, clock).items():
            times[step].append(spent)
        answers = [assessor.assess(record) for record in records]
        times["to JSON, apart"].append(block(lambda a: a.model_dump_json(), answers, clock))
    return {step: Spread.of_rounds(taken) for step, taken in times.items()}


def _steps(
    assessor: Assessor, records: Sequence[dict[str, Any]], clock: Clock
) -> dict[str, list[int]]:
    spent: dict[str, list[int]] = {step: [] for step, _, _ in STEPS}
    stopwatch = _Clock(clock)
    with _clocked(stopwatch):
        for record in records:
            stopwatch.spent.clear()
            assessor.assess(record)
            for step in spent:
                spent[step].append(stopwatch.spent[step])
    return spent


def text(about: str, spreads: dict[str, Spread], goal: float) -> str:
    """The table, with the goal below it."""
    whole = spreads["assess, whole"].median
    rows = [
        (
            step,
            us(spread.median),
            quartiles(spread),
            us(spread.quietest),
            f"{spread.median / whole:.0%}",
        )
        for step, spread in spreads.items()
    ]
    verdict = "met" if whole <= goal else "missed"
    steps = table(
        ("step", "median, µs", "quartiles, µs", "quietest round, µs", "of the whole"), rows
    )
    return f"{about}\n\n{steps}\n\nMedian {us(whole)} µs; goal {goal:g} µs, {verdict}."
