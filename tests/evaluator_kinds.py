"""The evaluators by name, for tests of what holds for each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module

import pytest

from crampdx.assessment import EvaluatorName
from crampdx.engine.evaluators.builtin import BuiltinEvaluator
from crampdx.engine.evaluators.protocol import Evaluator
from crampdx.engine.evaluators.reference import ReferenceEvaluator
from crampdx.engine.evaluators.selection import EVALUATORS
from crampdx.knowledge.criteria import Criterion

__all__ = ["EVERY", "FAST", "HAS_DURABLE_RULES", "compiled", "needs_durable_rules"]

try:
    import_module("durable_rules_engine")
except ImportError:  # not installed, or C code that this Python does not load
    HAS_DURABLE_RULES = False
else:
    HAS_DURABLE_RULES = True

needs_durable_rules = pytest.mark.skipif(
    not HAS_DURABLE_RULES, reason="this Python cannot import durable_rules"
)

EVERY = [
    pytest.param(name, marks=needs_durable_rules if name == "durable_rules" else ())
    for name in EVALUATORS
]
"""The names of all evaluators, as parameters of a test."""

FAST = EVERY[:-1]
"""All but the reference."""


def compiled(
    name: EvaluatorName, criteria: Sequence[Criterion], derived: Mapping[str, Criterion]
) -> Evaluator:
    """An evaluator of these criteria."""
    if name == "durable_rules":
        from crampdx.engine.evaluators.durable import DurableRulesEvaluator

        return DurableRulesEvaluator(criteria, derived)
    kind = BuiltinEvaluator if name == "builtin" else ReferenceEvaluator
    return kind(criteria, derived)
