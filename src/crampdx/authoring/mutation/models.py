"""A changed rule, and what came of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from crampdx.knowledge.models import Model
from crampdx.knowledge.places import Place

__all__ = ["DEFAULT_OPERATORS", "Change", "Mutant", "MutantOutcome", "Operator", "RuleKey"]


class Operator(StrEnum):
    """What is changed in a rule."""

    STRENGTH = "strength"
    DIRECTION = "direction"
    THRESHOLD = "threshold"
    QUANTIFIER = "quantifier"
    PART = "part"
    NEGATION = "negation"
    RULE = "rule"
    IMPLIES = "implies"
    PRETEST = "pretest"
    DO_NOT_MISS = "do_not_miss"
    BECAUSE_OF = "because_of"
    CAUSES = "causes"
    SHOWS = "shows"
    LEVEL = "level"
    URGENCY = "urgency"

    @property
    def meaning(self) -> str:
        """What the operator does, in words."""
        return _MEANINGS[self]


_MEANINGS: Mapping[Operator, str] = {
    Operator.STRENGTH: "a line of evidence weighs a step more, or less",
    Operator.DIRECTION: "a line of evidence speaks for its cause instead of against it, or back",
    Operator.THRESHOLD: "a limit moves by one unit of its last digit, or takes in or leaves out"
    " the limit itself",
    Operator.QUANTIFIER: "'all' becomes 'any', or back; 'at_least' asks for one more, or less",
    Operator.PART: "a part of a condition, or a word of a list, is dropped",
    Operator.NEGATION: "a finding is asked to be absent instead of present, or back",
    Operator.RULE: "a rule is dropped",
    Operator.IMPLIES: "a finding no longer implies another",
    Operator.PRETEST: "a cause is a class more common, or rarer",
    Operator.DO_NOT_MISS: "a cause must not be missed, or may be",
    Operator.BECAUSE_OF: "a possible origin of a cause is dropped",
    Operator.CAUSES: "a cause for which a treatment or measure is meant is dropped",
    Operator.SHOWS: "a finding that a test shows is dropped",
    Operator.LEVEL: "a caution is a level graver, or milder",
    Operator.URGENCY: "a red flag is more urgent, or less",
}

DEFAULT_OPERATORS = frozenset(Operator) - {Operator.LEVEL, Operator.URGENCY}
"""The operators that are used where none is named: those whose changes a case can notice."""


class RuleKey(NamedTuple):
    """What names a rule: its kind and its id."""

    kind: str
    id: str


class Change(NamedTuple):
    """A change of a rule by itself.

    Attributes:
        operator: What was changed.
        where: The place inside the rule, such as ``when.all[1]``.
        before: What stood there.
        after: What stands there instead.
        shows: What a case has to show to notice it.
        item: The changed rule; None where it was dropped.
    """

    operator: Operator
    where: str
    before: str
    after: str
    shows: str
    item: Model | None


@dataclass(frozen=True)
class Mutant:
    """A change of one rule, ready to be made in a knowledge base.

    Attributes:
        rule: The rule.
        place: Where it stands.
        change: What is changed in it.
        collection: The mapping of the knowledge base that its entry is in.
        key: The id of the entry.
        entry: The entry with the change; None where the entry itself was dropped.
        owner: The id of the cause, group or treatment of a line; else that of the rule.
    """

    rule: RuleKey
    place: Place | None
    change: Change
    collection: str
    key: str
    entry: Model | None
    owner: str

    @cached_property
    def digest(self) -> str:
        """The same for the same change of the same rule, in whatever order and place."""
        change = self.change
        parts = (*self.rule, change.operator, change.where, change.before, change.after)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class MutantOutcome:
    """What came of a mutant.

    Attributes:
        mutant: The mutant.
        killed_by: The case that noticed it first; None where none did.
    """

    mutant: Mutant
    killed_by: str | None
