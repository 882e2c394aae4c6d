"""Which evaluator answers: the one that is chosen and, where that fails, the next.

The order is that of `EvaluatorName`: durable_rules, then the built-in evaluator, then the
reference. All give the same answer, so a failure costs only speed; it is logged, and the result
says who answered. The module of durable_rules is imported only where that evaluator is to answer.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import get_args

from crampdx.assessment import EvaluatorName
from crampdx.engine.evaluators.builtin import BuiltinEvaluator
from crampdx.engine.evaluators.protocol import Evaluator, Inference
from crampdx.engine.evaluators.reference import ReferenceEvaluator
from crampdx.errors import InferenceError, did_you_mean, printable
from crampdx.knowledge.criteria import Criterion

__all__ = ["EVALUATORS", "EvaluatorChain", "default_evaluator"]

EVALUATORS: tuple[EvaluatorName, ...] = get_args(EvaluatorName)
"""The names of all evaluators, in the order in which one takes the place of another."""

_log = logging.getLogger("crampdx")


def default_evaluator() -> EvaluatorName:
    """Name the evaluator that is used where none is chosen.

    It is durable_rules where that is installed with crampdx: on CPython before 3.13.
    """
    is_installed = sys.implementation.name == "cpython" and sys.version_info < (3, 13)
    return "durable_rules" if is_installed else "builtin"


class EvaluatorChain:
    """The chosen evaluator, compiled, and those that answer where it fails.

    The others are compiled when they are first needed. Used from any thread.

    >>> EvaluatorChain(["numbness"], {}, "builtin").infer({"numbness": False})
    (Inference(verdicts=[False], states={'numbness': False}), 'builtin')
    """

    def __init__(
        self,
        criteria: Sequence[Criterion],
        derived: Mapping[str, Criterion],
        chosen: EvaluatorName | None = None,
    ) -> None:
        """Compile the chosen evaluator, or the next one that can be compiled.

        Args:
            criteria: What is to be evaluated.
            derived: The criteria of derived findings, by the finding's id.
            chosen: The evaluator; `default_evaluator` where none is given.

        Raises:
            ValueError: There is no evaluator of this name.
            InferenceError: None can be compiled, since derived findings go in a circle.
        """
        first = default_evaluator() if chosen is None else chosen
        if first not in EVALUATORS:
            hint = did_you_mean(first, EVALUATORS) or f"choose one of {', '.join(EVALUATORS)}"
            raise ValueError(f"there is no evaluator '{printable(first)}'; {hint}")
        self._criteria, self._derived = criteria, derived
        self._names = EVALUATORS[EVALUATORS.index(first) :]
        self._compiled: dict[EvaluatorName, Evaluator | None] = {}
        if all(self._evaluator(name) is None for name in self._names):
            raise InferenceError("no evaluator can be compiled from these rules")

    def infer(self, states: Mapping[str, bool]) -> tuple[Inference, EvaluatorName]:
        """Evaluate, and name the evaluator that answered.

        Args:
            states: True for present, False for absent; a finding that is not in it is unknown.

        Raises:
            InferenceError: Every evaluator failed.
        """
        for name in self._names:
            evaluator = self._evaluator(name)
            if evaluator is None:
                continue
            try:
                return evaluator.infer(states), name
            except Exception as error:
                _log.error("the evaluator %s failed, the next one answers: %s", name, _told(error))
        raise InferenceError("every evaluator failed")

    def _evaluator(self, name: EvaluatorName) -> Evaluator | None:
        """The evaluator of this name, compiled once; None where that is not possible."""
        if name not in self._compiled:
            self._compiled[name] = self._compile(name)
        return self._compiled[name]

    def _compile(self, name: EvaluatorName) -> Evaluator | None:
        kind = _KINDS[name]()
        if kind is None:
            return None
        try:
            return kind(self._criteria, self._derived)
        except Exception as error:
            _log.error("the evaluator %s cannot be compiled: %s", name, _told(error))
            return None


def _told(error: Exception) -> str:
    """What may be logged of an error: of one that is not ours, only what it is."""
    return str(error) if isinstance(error, InferenceError) else type(error).__name__


_Kind = Callable[[Sequence[Criterion], Mapping[str, Criterion]], Evaluator]


@cache
def _durable_rules() -> _Kind | None:
    """The evaluator on durable_rules; None, with one warning in a process, where it is unusable."""
    try:
        from crampdx.engine.evaluators.durable import DurableRulesEvaluator
    except Exception as error:  # not installed, or C code that this Python does not load
        _log.warning(
            "durable_rules cannot be imported (%s: %s), the built-in evaluator answers in its"
            " place; %s, or choose the evaluator 'builtin'",
            type(error).__name__,
            error,
            "install a C compiler and Python's headers, then the package durable-rules"
            if default_evaluator() == "durable_rules"
            else "use CPython before 3.13",
        )
        return None
    return DurableRulesEvaluator


_KINDS: dict[EvaluatorName, Callable[[], _Kind | None]] = {
    "durable_rules": _durable_rules,
    "builtin": lambda: BuiltinEvaluator,
    "reference": lambda: ReferenceEvaluator,
}
