"""Rules changed one at a time, to find those whose change no case notices."""

from crampdx.authoring.mutation.changes import changed_rules, changed_since
from crampdx.authoring.mutation.models import (
    DEFAULT_OPERATORS,
    Change,
    Judged,
    Mutant,
    Operator,
    RuleKey,
)
from crampdx.authoring.mutation.noticing import failing, mutated
from crampdx.authoring.mutation.operators import mutants
from crampdx.authoring.mutation.report import Mutation
from crampdx.authoring.mutation.running import chosen, judged

__all__ = [
    "DEFAULT_OPERATORS",
    "Change",
    "Judged",
    "Mutant",
    "Mutation",
    "Operator",
    "RuleKey",
    "changed_rules",
    "changed_since",
    "chosen",
    "failing",
    "judged",
    "mutants",
    "mutated",
]
