"""CEL by common-expression-language (a Rust implementation), compiled once.

One program gives a list with a value for each criterion. A finding is a variable, a number: 1
present, 2 absent, 0 unknown. One map in place of the variables was a sixth slower, a program for
each criterion more than a hundred times, and a value for each conjunction no faster.
"""

from __future__ import annotations

import cel

from benchmarks.engines.base import Rules, States, form_of
from crampdx.engine.evaluators.protocol import Verdict
from crampdx.knowledge.criteria import Criterion

_VERDICTS: tuple[Verdict, ...] = (False, True, None)


class ListOfValues:
    """One expression with the value of each criterion."""

    name = "CEL, one program"

    def __init__(self, rules: Rules) -> None:
        criteria = rules.flat.criteria
        values = ", ".join(
            f"({_any(c)}) ? 1 : (({_any(c, negation=True)}) ? 0 : 2)" for c in criteria
        )
        self._program = cel.compile(f"[{values}]")
        self._unknown = dict.fromkeys(rules.flat.findings, 0)

    def verdicts(self, states: States) -> list[Verdict]:
        """The verdict of each criterion, in order."""
        numbers = self._unknown | {name: 1 if state else 2 for name, state in states.items()}
        return [_VERDICTS[int(value)] for value in self._program.execute(numbers)]


def _any(criterion: Criterion, *, negation: bool = False) -> str:
    form = sorted(map(sorted, form_of(criterion, negation=negation)))
    return (
        " || ".join(
            "(" + " && ".join(f"{a.finding} == {1 if a.present else 2}" for a in conjunction) + ")"
            for conjunction in form
        )
        or "false"
    )
