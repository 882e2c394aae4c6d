"""The whole of `assess`, and its steps apart.

The total is timed on the untouched library. For the steps, the functions that `assess` calls are
wrapped by a clock, which gives each step the time that is its own; wrapping costs under 1 µs a step.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import wraps
from time import perf_counter_ns
from typing import Any
from unittest.mock import patch

from benchmarks.timing import Spread, block, over_rounds, quartiles, table, us
from crampdx import Assessor, _pipeline
from crampdx.plan import Planner
from crampdx.ranking import Ranker

GOAL = 600.0
"""Microseconds that an assessment may take, by the median."""

STEPS: tuple[tuple[str, Any, str], ...] = (
    ("reading the record", _pipeline, "parse_record"),
    ("intake", _pipeline, "take_in"),
    ("inference", Assessor, "_infer"),
    ("ranking", Ranker, "score"),
    ("ranking", _pipeline, "rank"),
    ("plan: what would tell causes apart", _pipeline, "separation"),
    ("plan: tests, treatments, prevention, flags", Planner, "plan"),
    ("building the result", Assessor, "_assembled"),
)
"""The steps of `Assessor.assess`: what each is called here, and where its function is."""


class _Clock:
    """Gives each step its own time: what a step calls is taken off it."""

    def __init__(self) -> None:
        self.spent: dict[str, int] = defaultdict(int)
        self._within: list[int] = [0]

    def around(self, step: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def timed(*args: Any, **named: Any) -> Any:
            self._within.append(0)
            start = perf_counter_ns()
            try:
                return function(*args, **named)
            finally:
                passed = perf_counter_ns() - start
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
    assessor: Assessor, records: Sequence[dict[str, Any]], rounds: int
) -> dict[str, Spread]:
    """The times of the whole, of its steps and of writing JSON, over the records."""
    for record in records:  # warm up
        assessor.assess(record).model_dump_json()
    times: dict[str, list[list[int]]] = defaultdict(list)
    for _ in range(rounds):
        times["assess, whole"].append(block(assessor.assess, records))
        for step, spent in _steps(assessor, records).items():
            times[step].append(spent)
        answers = [assessor.assess(record) for record in records]
        times["to JSON, apart"].append(block(lambda a: a.model_dump_json(), answers))
    return {step: Spread.of(over_rounds(taken)) for step, taken in times.items()}


def _steps(assessor: Assessor, records: Sequence[dict[str, Any]]) -> dict[str, list[int]]:
    spent: dict[str, list[int]] = {step: [] for step, _, _ in STEPS}
    clock = _Clock()
    with _clocked(clock):
        for record in records:
            clock.spent.clear()
            assessor.assess(record)
            for step in spent:
                spent[step].append(clock.spent[step])
    return spent


def text(about: str, spreads: dict[str, Spread]) -> str:
    """The table, with the goal below it."""
    whole = spreads["assess, whole"].median
    rows = [
        (step, us(spread.median), quartiles(spread), f"{spread.median / whole:.0%}")
        for step, spread in spreads.items()
    ]
    verdict = "met" if whole <= GOAL else "missed"
    goal = f"Median {us(whole)} µs; goal {GOAL:g} µs, {verdict}."
    return f"{about}\n\n{table(('step', 'median, µs', 'quartiles, µs', 'of the whole'), rows)}\n\n{goal}"
