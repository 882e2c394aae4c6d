"""What is paid once: importing, loading the rules, compiling them. Each in fresh interpreters."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence

from benchmarks.timing import Clock, Spread, table, us

_PACKAGE = """
from time import {clock} as now
start = now(); import crampdx; imported = now()
knowledge = crampdx.KnowledgeBase.load(*{packs}); loaded = now()
assessor = crampdx.Assessor(knowledge); compiled = now()
assessor.assess({{"findings": {{"muscle_cramp": True}}}}); assessed = now()
print(imported - start, loaded - imported, compiled - loaded, assessed - compiled)
"""
_PYDANTIC = """
from time import {clock} as now
start = now(); from pydantic import BaseModel, Field; print(now() - start)
"""
_STEPS = (
    ("import crampdx", 250_000),
    ("load the rules", 200_000),
    ("compile an Assessor", None),
    ("the first assessment", None),
)


def _printed(code: str, clock: Clock, packs: Sequence[str] = ()) -> list[int]:
    command = [sys.executable, "-c", code.format(clock=clock.__name__, packs=tuple(packs))]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    return [int(word) for word in done.stdout.split()]


def measure(packs: Sequence[str], runs: int, clock: Clock) -> str:
    """The table of medians over fresh interpreters; the goals are for the article pack."""
    (
        _printed(_PACKAGE, clock, packs),
        _printed(_PYDANTIC, clock),
    )  # the files are cached from here on
    package, pydantic = [], []
    for _ in range(runs):
        package.append(_printed(_PACKAGE, clock, packs))
        pydantic.append(_printed(_PYDANTIC, clock)[0])
    rows: list[tuple[str, Spread, int | None]] = [
        ("import pydantic alone, for scale", Spread.of_runs(pydantic), None)
    ]
    for (step, goal), times in zip(_STEPS, zip(*package, strict=True), strict=True):
        rows.append((step, Spread.of_runs(times), goal))
    return table(
        ("step", "median, ms", "quartiles, ms", "fastest, ms", "goal, ms"),
        [
            (step, _ms(s.median), f"{_ms(s.low)} to {_ms(s.high)}", _ms(s.quietest), _goal(s, g))
            for step, s, g in rows
        ],
    )


def _ms(microseconds: float) -> str:
    return us(microseconds / 1_000)


def _goal(spread: Spread, goal: int | None) -> str:
    if goal is None:
        return ""
    return f"{goal / 1_000:g}, {'met' if spread.median <= goal else 'missed'}"
