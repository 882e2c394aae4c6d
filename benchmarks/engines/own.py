"""crampdx itself: its rule network, and its reference evaluator."""

from __future__ import annotations

from benchmarks.engines.base import Rules, States
from crampdx.engine.evaluators.durable import Network, strata
from crampdx.engine.evaluators.reference import Verdict, evaluate


class RuleNetwork:
    """The network as `Assessor` uses it."""

    name = "crampdx (durable_rules, C module)"

    def __init__(self, rules: Rules) -> None:
        self._network = Network(rules.criteria, rules.derived)

    def verdicts(self, states: States) -> list[Verdict]:
        """The verdict of each criterion, in order."""
        return self._network.verdicts(states)[0]


class Reference:
    """The criteria language's definition, in plain Python: what is right, and a scale."""

    name = "reference evaluator (Python)"

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._layers = strata(rules.derived)

    def verdicts(self, states: States) -> list[Verdict]:
        """The verdict of each criterion, in order."""
        known = dict(states)
        for layer in self._layers:
            for name in layer:
                verdict = evaluate(self._rules.derived[name], known)
                if verdict is not None:
                    known[name] = verdict
        return [evaluate(criterion, known) for criterion in self._rules.criteria]
