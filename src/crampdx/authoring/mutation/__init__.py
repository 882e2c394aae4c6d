"""Rules changed one at a time, to find those whose change no case notices.

`operators` makes the changes, with `criteria` and `bounds`; `selection` chooses among them;
`detection` runs the cases; `report` shows what came of it.
"""

from crampdx.authoring.mutation.detection import (
    MutationRunner,
    failing_cases,
    mutated,
    run_mutants,
)
from crampdx.authoring.mutation.models import (
    DEFAULT_OPERATORS,
    Change,
    Mutant,
    MutantOutcome,
    Operator,
    RuleKey,
)
from crampdx.authoring.mutation.operators import mutants
from crampdx.authoring.mutation.report import Mutation
from crampdx.authoring.mutation.selection import changed_rules, changed_since, sample

__all__ = [
    "DEFAULT_OPERATORS",
    "Change",
    "Mutant",
    "MutantOutcome",
    "Mutation",
    "MutationRunner",
    "Operator",
    "RuleKey",
    "changed_rules",
    "changed_since",
    "failing_cases",
    "mutants",
    "mutated",
    "run_mutants",
    "sample",
]
