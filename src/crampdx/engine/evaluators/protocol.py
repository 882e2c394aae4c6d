"""What every evaluator does: known findings in, a verdict on every criterion out.

There are three. `reference` defines the meaning, `builtin` is fast in plain Python, and `durable`
asks the Rete network of durable_rules. They give the same answers; `selection` says which of them
is used, and which answers where one fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol

__all__ = ["Evaluator", "Inference", "Verdict"]

Verdict = bool | None
"""True, False, or None for unknown."""


class Inference(NamedTuple):
    """What follows from the known findings of a patient.

    Attributes:
        verdicts: The verdict of each criterion, in the order in which the criteria were given.
        states: The known findings, those included that are derived from others: True for present,
            False for absent.
    """

    verdicts: list[Verdict]
    states: dict[str, bool]


class Evaluator(Protocol):
    """Criteria, compiled once, then asked about one patient after another, from any thread.

    A class of evaluators is called with the criteria and with the criteria of derived findings by
    the finding's id. It raises `InferenceError` where it cannot be built.
    """

    def infer(self, states: Mapping[str, bool]) -> Inference:
        """Give the verdict of each criterion, and the states with derived findings added.

        A derived finding has the state that its criterion gives it; where that is unknown, the
        state that it was given, if any.

        Args:
            states: True for present, False for absent; a finding that is not in it is unknown.
                It is left as it is.

        Raises:
            InferenceError: The evaluator failed. Nothing of the patient stays behind.
        """
        ...
