"""Inference only: the same criteria and the same patients, asked of every engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from benchmarks.engines.asp import Grounded
from benchmarks.engines.base import Engine, Rules, States
from benchmarks.engines.cel import ListOfValues
from benchmarks.engines.clips import FactPerFinding, FactPerPatient
from benchmarks.engines.manual import Remote, can_be_as_the_manual
from benchmarks.engines.own import Builtin, DurableRules, Reference
from benchmarks.engines.zen import DecisionTable, Expressions
from benchmarks.timing import Clock, Spread, block, quartiles, table, us
from crampdx.engine.evaluators.protocol import Verdict

GOAL = 10.0
"""How many times as fast as the best of the others the faster of our evaluators is to be."""

OWN: tuple[Callable[[Rules], Engine], ...] = (Builtin, DurableRules, Reference)
OTHERS: tuple[Callable[[Rules], Engine], ...] = (
    FactPerPatient,
    FactPerFinding,
    DecisionTable,
    Expressions,
    ListOfValues,
    Grounded,
)


class Disagreement(Exception):
    """An engine does not answer as the reference does."""


@dataclass(frozen=True)
class Asked:
    """The engines' times on one set of rules."""

    about: str
    spreads: dict[str, Spread]
    others: tuple[str, ...]

    def ratio(self, name: str, own: str = Builtin.name) -> float:
        """How many times as long as ours this engine takes, by the medians."""
        return self.spreads[name].median / self.spreads[own].median

    def text(self) -> str:
        """The table, with the goal below it."""
        rows = [
            (
                name,
                us(spread.median),
                quartiles(spread),
                us(spread.quietest),
                f"{self.ratio(name):.1f}",
                f"{self.ratio(name, DurableRules.name):.1f}",
            )
            for name, spread in self.spreads.items()
        ]
        head = (
            "engine",
            "median, µs",
            "quartiles, µs",
            "quietest round, µs",
            "times builtin",
            "times durable_rules",
        )
        best = min(self.others, key=self.ratio)
        builtin, durable = self.ratio(best), self.ratio(best, DurableRules.name)
        verdict = (
            f"The best of the others is {best}: {builtin:.1f} times as long as the built-in"
            f" evaluator, {durable:.1f} times as long as durable_rules; goal {GOAL:g},"
            f" {'met' if max(builtin, durable) >= GOAL else 'missed'}."
        )
        return f"{self.about}\n\n{table(head, rows)}\n\n{verdict}"


def measure(
    title: str, rules: Rules, patients: Sequence[States], rounds: int, clock: Clock
) -> Asked:
    """Check that all engines agree, then time them in interleaved rounds.

    Raises:
        Disagreement: An engine answers otherwise than the reference evaluator.
    """
    engines = [make(rules) for make in (*OWN, *OTHERS)]
    remote = Remote(rules, patients, clock) if can_be_as_the_manual(rules) else None
    try:
        expected = [Reference(rules).verdicts(states) for states in patients]
        for engine in engines:
            _check(engine.name, [engine.verdicts(states) for states in patients], expected)
        if remote is not None:
            _check(remote.name, remote.answers(), expected)
        blocks: list[tuple[str, Callable[[], list[int]]]] = [
            (e.name, partial(block, e.verdicts, patients, clock)) for e in engines
        ]
        if remote is not None:
            blocks.append((remote.name, remote.block))
        times: dict[str, list[list[int]]] = {name: [] for name, _ in blocks}
        for number in range(rounds):
            turn = number % len(blocks)
            for name, run in blocks[turn:] + blocks[:turn]:
                times[name].append(run())
    finally:
        if remote is not None:
            remote.close()
    known = sorted(map(len, patients))
    about = (
        f"{title}: {len(rules.criteria)} distinct criteria, {len(rules.derived)} derived findings,"
        f" {len(rules.flat.all)} conjunctions (for true and for false, derived findings"
        f" expanded) over {len(rules.findings)} findings; {len(patients)} patients of whom"
        f" {known[0]} to {known[-1]} findings are known, {known[len(known) // 2]} in the median;"
        f" {rounds} rounds."
    )
    spreads = {name: Spread.of_rounds(times[name]) for name in times}
    return Asked(about, spreads, tuple(engine.name for engine in engines[len(OWN) :]))


def _check(name: str, answers: list[list[Verdict]], expected: list[list[Verdict]]) -> None:
    wrong = sum(one != other for one, other in zip(answers, expected, strict=True))
    if wrong:
        raise Disagreement(f"{name} answers {wrong} of {len(expected)} patients otherwise")
