"""Laws of the shards of durable_rules: none asks more of the engine than it survives."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import FEW, ORDERS, shuffled

from crampdx.engine.evaluators.reference import evaluate
from crampdx.knowledge.criteria import (
    Absent,
    AllOf,
    AnyOf,
    AtLeast,
    Criterion,
)
from crampdx.knowledge.normal_forms import MAX_FINDINGS

pytest.importorskip("durable_rules_engine", exc_type=ImportError)

from crampdx.engine.evaluators.durable import (
    DurableRulesEvaluator,
    Shard,
    fnv1_32,
)

FULL = tuple(f"f{number:03}" for number in range(MAX_FINDINGS))


def literal(name: str, present: bool) -> Criterion:
    return name if present else Absent(absent=name)


def random_rules(
    names: Sequence[str], count: int, order: random.Random, widest: int = 4
) -> list[Criterion]:
    """Conjunctions, disjunctions and choices of up to so many findings each."""
    made: list[Criterion] = []
    for _ in range(count):
        parts = tuple(
            literal(name, order.random() < 0.6)
            for name in order.sample(names, order.randint(1, widest))
        )
        kind = order.choice(("all", "all", "any", "at_least"))
        made.append(
            AllOf(all=parts)
            if kind == "all"
            else AnyOf(any=parts)
            if kind == "any"
            else AtLeast(at_least=order.randint(1, len(parts)), of=parts)
        )
    return made


def full_states(names: Sequence[str], order: random.Random) -> dict[str, bool]:
    """Every finding known, in shuffled order: all present, all absent, or mixed."""
    share = order.choice((1.0, 0.0, 0.5, 0.9, 0.1))
    return {name: order.random() < share for name in shuffled(names, order)}


def prefixes() -> list[Criterion]:
    """Conjunctions of the first 1, 2, 3, ... findings, and of the last: the deepest chains."""
    longest = range(len(FULL))
    return [AllOf(all=FULL[: n + 1]) for n in longest] + [AllOf(all=FULL[n:]) for n in longest]


def pairs() -> list[Criterion]:
    """Every pair of findings: the widest tree."""
    return [AllOf(all=(a, b)) for n, a in enumerate(FULL) for b in FULL[n + 1 :]]


class TestShards:
    @FEW
    @given(ORDERS)
    def test_filled_completely(self, order: random.Random) -> None:
        """A shard of 60 findings and hundreds of rules answers when every finding is known."""
        rules = random_rules(FULL, 460, order)
        evaluator = DurableRulesEvaluator(rules, {})
        states = full_states(FULL, order)
        assert evaluator.infer(states).verdicts == [evaluate(rule, states) for rule in rules]

    @FEW
    @pytest.mark.parametrize("shape", [prefixes, pairs])
    @given(order=ORDERS)
    def test_filled_completely_by_extreme_rules(self, shape: Any, order: random.Random) -> None:
        """The deepest and the widest trees of rules answer when every finding is known."""
        rules = shape()
        states = full_states(FULL, order)
        assert DurableRulesEvaluator(rules, {}).infer(states).verdicts == [
            evaluate(r, states) for r in rules
        ]

    @FEW
    @given(ORDERS, st.integers(1, 250), st.integers(1, 300))
    def test_every_shard_of_many_filled(
        self, order: random.Random, findings: int, count: int
    ) -> None:
        """All shards of a larger evaluator answer when every finding is known."""
        names = [f"f{number}" for number in range(findings)]
        rules = random_rules(names, count, order, widest=min(4, findings))
        states = full_states(names, order)
        assert DurableRulesEvaluator(rules, {}).infer(states).verdicts == [
            evaluate(r, states) for r in rules
        ]

    @FEW
    @given(ORDERS, st.integers(1, 400), st.integers(1, 60))
    def test_never_over_60_findings(self, order: random.Random, findings: int, widest: int) -> None:
        """No shard names more findings than the engine's stack can hold."""
        names = [f"f{number}" for number in range(findings)]
        rules = [
            AllOf(all=tuple(order.sample(names, order.randint(1, min(widest, findings)))))
            for _ in range(60)
        ]
        evaluator = DurableRulesEvaluator(rules, {})
        assert all(len(shard.findings) <= MAX_FINDINGS for shard in shards_of(evaluator))

    @FEW
    @given(ORDERS, st.integers(1, 250))
    def test_property_names_do_not_collide(self, order: random.Random, findings: int) -> None:
        """Within a shard no two names, reserved ones included, have one hash of the engine's."""
        names = [f"f{number}" for number in range(findings)]
        evaluator = DurableRulesEvaluator(
            random_rules(names, 100, order, widest=min(3, findings)), {}
        )
        for shard in shards_of(evaluator):
            used = [*shard.properties.values(), "sid", "id", "$s", "a"]
            assert len({fnv1_32(name) for name in used}) == len(used)

    @FEW
    @given(ORDERS)
    def test_each_distinct_conjunction_is_one_rule(self, order: random.Random) -> None:
        """Rules that are repeated, or that are another's negation, cost nothing more."""
        rules = random_rules(FULL, 50, order)
        once, twice = (
            DurableRulesEvaluator(rules, {}),
            DurableRulesEvaluator([*rules, *reversed(rules)], {}),
        )
        assert _rules_in(once) == _rules_in(twice)


def shards_of(evaluator: DurableRulesEvaluator) -> list[Shard]:
    return [shard for layer in evaluator.layers for shard in layer.stratum.shards]


def _rules_in(evaluator: DurableRulesEvaluator) -> int:
    return sum(len(layer.stratum.by_rule) for layer in evaluator.layers)
