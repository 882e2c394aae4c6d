"""crampdx itself: its three evaluators, as `Assessor` uses them."""

from __future__ import annotations

from benchmarks.engines.base import Rules, States
from crampdx.engine.evaluators.builtin import BuiltinEvaluator
from crampdx.engine.evaluators.protocol import Evaluator, Verdict
from crampdx.engine.evaluators.reference import ReferenceEvaluator


class _Own:
    """An evaluator, asked for verdicts only."""

    name: str
    evaluator: Evaluator

    def verdicts(self, states: States) -> list[Verdict]:
        """The verdict of each criterion, in order."""
        return self.evaluator.infer(states).verdicts


class Builtin(_Own):
    """The built-in evaluator: plain Python."""

    name = "crampdx, builtin"

    def __init__(self, rules: Rules) -> None:
        self.evaluator = BuiltinEvaluator(rules.criteria, rules.derived)


class DurableRules(_Own):
    """The Rete network of durable_rules, through its C module."""

    name = "crampdx, durable_rules"

    def __init__(self, rules: Rules) -> None:
        from crampdx.engine.evaluators.durable import DurableRulesEvaluator

        self.evaluator = DurableRulesEvaluator(rules.criteria, rules.derived)


class Reference(_Own):
    """The criteria language's definition: what is right, and a scale."""

    name = "crampdx, reference"

    def __init__(self, rules: Rules) -> None:
        self.evaluator = ReferenceEvaluator(rules.criteria, rules.derived)
