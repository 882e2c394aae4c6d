"""The meaning of the criteria language, in plain Python.

A finding is True (present), False (absent) or, where the states do not name it, unknown. The
verdict of a criterion is True, False or None for unknown, by Kleene's strong logic:

======================  ===========================================================
``finding``             its state
``{absent: finding}``   the opposite of its state; unknown stays unknown
``{all: parts}``        False if any part is False, else None if any is None, else True
``{any: parts}``        True if any part is True, else None if any is None, else False
``{at_least: k, of:}``  True if k parts are True, False if k parts no longer can be
======================  ===========================================================

The other evaluators have to agree with this on every criterion, and this answers where they fail.

Source: Kleene SC. Introduction to Metamathematics, 1952, section 64.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from crampdx.engine.evaluators.protocol import Inference, Verdict
from crampdx.engine.evaluators.strata import in_order
from crampdx.knowledge.criteria import Absent, AllOf, AnyOf, AtLeast, Criterion

__all__ = ["ReferenceEvaluator", "Verdict", "add_derived", "evaluate"]


def evaluate(criterion: Criterion, states: Mapping[str, bool]) -> Verdict:
    """The verdict of a criterion.

    Args:
        criterion: What is asked.
        states: The findings that are known: True for present, False for absent.

    >>> evaluate(AllOf(all=("numbness", "rigidity")), {"numbness": True}) is None
    True
    >>> evaluate(AllOf(all=("numbness", "rigidity")), {"numbness": False})
    False
    """
    match criterion:
        case str():
            return states.get(criterion)
        case Absent(absent=finding):
            state = states.get(finding)
            return None if state is None else not state
        case AllOf(all=parts):
            needed = len(parts)
        case AnyOf(any=parts):
            needed = 1
        case AtLeast(at_least=needed, of=parts):
            pass
    verdicts = [evaluate(part, states) for part in parts]
    true = verdicts.count(True)
    if true >= needed:
        return True
    return None if true + verdicts.count(None) >= needed else False


def add_derived(states: dict[str, bool], derived: Iterable[tuple[str, Criterion]]) -> None:
    """Add to the states what derived findings come to; those that stay unknown are left out.

    Args:
        states: The findings that are known.
        derived: Derived findings with their criteria, each after those that it rests on.
    """
    for name, criterion in derived:
        verdict = evaluate(criterion, states)
        if verdict is not None:
            states[name] = verdict


class ReferenceEvaluator:
    """Criteria as they are, each evaluated whenever it is asked for."""

    def __init__(self, criteria: Sequence[Criterion], derived: Mapping[str, Criterion]) -> None:
        """Put derived findings in order.

        Args:
            criteria: What is to be evaluated.
            derived: The criteria of derived findings, by the finding's id.

        Raises:
            InferenceError: Derived findings go in a circle.
        """
        self._criteria = tuple(criteria)
        self._derived = in_order(derived)

    def infer(self, states: Mapping[str, bool]) -> Inference:
        """Evaluate; see `crampdx.engine.evaluators.protocol.Evaluator`."""
        known = dict(states)
        add_derived(known, self._derived)
        return Inference([evaluate(criterion, known) for criterion in self._criteria], known)
