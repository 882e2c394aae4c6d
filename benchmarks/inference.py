"""Inference alone: the same criteria and the same patients, asked of every engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from benchmarks.engines.base import Engine, Rules, States
from benchmarks.engines.clips import FactPerFinding, FactPerPatient
from benchmarks.engines.manual import Remote
from benchmarks.engines.own import Reference, RuleNetwork
from benchmarks.engines.zen import DecisionTable, Expressions
from benchmarks.timing import Clock, Spread, block, quartiles, table, us
from crampdx.engine.evaluators.reference import Verdict

GOAL = 3.0
"""How many times faster than the others crampdx is to be."""

ENGINES: tuple[Callable[[Rules], Engine], ...] = (
    RuleNetwork,
    FactPerPatient,
    FactPerFinding,
    DecisionTable,
    Expressions,
    Reference,
)
_JUDGED = ("clipspy", "zen-engine")


class Disagreement(Exception):
    """An engine does not answer as the reference does."""


@dataclass(frozen=True)
class Asked:
    """The engines' times on one set of rules."""

    about: str
    spreads: dict[str, Spread]

    def ratio(self, name: str) -> float:
        """How many times longer than crampdx this engine takes, by the medians."""
        return self.spreads[name].median / self.spreads[RuleNetwork.name].median

    def text(self) -> str:
        """The table, with the goal below it."""
        rows = [
            (
                name,
                us(spread.median),
                quartiles(spread),
                us(spread.quietest),
                f"{self.ratio(name):.1f}",
            )
            for name, spread in self.spreads.items()
        ]
        head = ("engine", "median, µs", "quartiles, µs", "quietest round, µs", "times crampdx")
        goals = [
            f"against the fastest design of {judged}: {ratio:.1f} times,"
            f" goal {GOAL:g}, {'met' if ratio >= GOAL else 'missed'}"
            for judged in _JUDGED
            for ratio in (min(self.ratio(n) for n in self.spreads if n.startswith(judged)),)
        ]
        return f"{self.about}\n\n{table(head, rows)}\n\n" + "; ".join(goals).capitalize() + "."


def measure(
    title: str, rules: Rules, patients: Sequence[States], rounds: int, clock: Clock
) -> Asked:
    """Check that all engines agree, then time them in interleaved rounds.

    Raises:
        Disagreement: An engine answers otherwise than the reference evaluator.
    """
    engines = [make(rules) for make in ENGINES]
    remote = Remote(rules, patients, clock)
    try:
        expected = [Reference(rules).verdicts(states) for states in patients]
        for engine in engines:
            _check(engine.name, [engine.verdicts(states) for states in patients], expected)
        _check(remote.name, remote.answers(), expected)
        blocks: list[tuple[str, Callable[[], list[int]]]] = [
            (e.name, partial(block, e.verdicts, patients, clock)) for e in engines
        ]
        blocks.insert(-1, (remote.name, remote.block))
        times: dict[str, list[list[int]]] = {name: [] for name, _ in blocks}
        for number in range(rounds):
            turn = number % len(blocks)
            for name, run in blocks[turn:] + blocks[:turn]:
                times[name].append(run())
    finally:
        remote.close()
    conjunctions = rules.flat
    about = (
        f"{title}: {len(rules.criteria)} distinct criteria, {len(rules.derived)} derived findings,"
        f" {len(conjunctions.all)} conjunctions (for true and for false, derived findings"
        f" expanded) over {len(rules.findings)} findings; {len(patients)} patients,"
        f" {rounds} rounds."
    )
    return Asked(about, {name: Spread.of_rounds(times[name]) for name in times})


def _check(name: str, answers: list[list[Verdict]], expected: list[list[Verdict]]) -> None:
    wrong = sum(one != other for one, other in zip(answers, expected, strict=True))
    if wrong:
        raise Disagreement(f"{name} answers {wrong} of {len(expected)} patients otherwise")
