"""The question that every engine answers, and what they share in asking it.

The question: of each criterion, is it true, false or unknown, given the findings that are known.
An engine gets the criteria once, as `Rules`, and is then asked patient by patient.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol
from unittest.mock import patch

from crampdx.engine.evaluators.protocol import Verdict
from crampdx.knowledge import normal_forms
from crampdx.knowledge.criteria import Absent, AllOf, AnyOf, AtLeast, Atom, Criterion, findings_in
from crampdx.knowledge.normal_forms import Conjunction

States = Mapping[str, bool]
"""The known findings of a patient: True for present, False for absent."""


def form_of(criterion: Criterion, *, negation: bool = False) -> frozenset[Conjunction]:
    """The disjunctive form of a criterion in which derived findings are expanded.

    Expanded, a criterion may exceed the bounds that rule files are held to.
    """
    with (
        patch.object(normal_forms, "MAX_CONJUNCTIONS", 10_000),
        patch.object(normal_forms, "MAX_GROWTH", 100_000),
    ):
        return normal_forms.disjunctive_form(criterion, negation=negation)


class Engine(Protocol):
    """Answers, for one patient at a time, every criterion."""

    name: str

    def verdicts(self, states: States) -> list[Verdict]:
        """The verdict of each criterion, in order."""
        ...


@dataclass(frozen=True)
class Rules:
    """Criteria, and the criteria of derived findings."""

    criteria: tuple[Criterion, ...]
    derived: Mapping[str, Criterion]

    @property
    def findings(self) -> list[str]:
        """Every finding that a record may state."""
        everything = (*self.criteria, *self.derived.values())
        return sorted({name for c in everything for name in findings_in(c)} - self.derived.keys())

    @cached_property
    def flat(self) -> Conjunctions:
        """Derived findings replaced by what they mean, so that one pass answers everything."""
        return Conjunctions([_expanded(c, self.derived) for c in self.criteria])

    @cached_property
    def chained(self) -> Conjunctions:
        """The criteria as they are, for engines that conclude derived findings on the way."""
        return Conjunctions(self.criteria)


class Conjunctions:
    """The distinct conjunctions that make criteria true or false, each in one fixed order."""

    def __init__(self, criteria: Sequence[Criterion]) -> None:
        true_for: dict[tuple[Atom, ...], list[int]] = defaultdict(list)
        false_for: dict[tuple[Atom, ...], list[int]] = defaultdict(list)
        for index, criterion in enumerate(criteria):
            for conjunction in form_of(criterion):
                true_for[tuple(sorted(conjunction))].append(index)
            for conjunction in form_of(criterion, negation=True):
                false_for[tuple(sorted(conjunction))].append(index)
        self.criteria = criteria
        self.all: list[tuple[Atom, ...]] = sorted({*true_for, *false_for})
        self.findings = sorted({atom.finding for c in self.all for atom in c})
        self._true_for = [tuple(true_for[c]) for c in self.all]
        self._false_for = [tuple(false_for[c]) for c in self.all]

    def verdicts(self, fired: Iterable[int]) -> list[Verdict]:
        """The verdicts that follow from the numbers of the conjunctions that hold."""
        verdicts: list[Verdict] = [None] * len(self.criteria)
        for number in fired:
            for index in self._true_for[number]:
                verdicts[index] = True
            for index in self._false_for[number]:
                verdicts[index] = False
        return verdicts


def _expanded(
    criterion: Criterion, derived: Mapping[str, Criterion], *, positive: bool = True
) -> Criterion:
    """The criterion, or its negation, with derived findings replaced by what they mean."""

    def expand(parts: tuple[Criterion, ...]) -> tuple[Criterion, ...]:
        return tuple(_expanded(part, derived, positive=positive) for part in parts)

    match criterion:
        case str() if criterion in derived:
            return _expanded(derived[criterion], derived, positive=positive)
        case str():
            return criterion if positive else Absent(absent=criterion)
        case Absent(absent=name):
            return _expanded(name, derived, positive=not positive)
        case AllOf(all=parts):
            return AllOf(all=expand(parts)) if positive else AnyOf(any=expand(parts))
        case AnyOf(any=parts):
            return AnyOf(any=expand(parts)) if positive else AllOf(all=expand(parts))
        case AtLeast(at_least=needed, of=parts):
            enough = needed if positive else len(parts) - needed + 1
            return AtLeast(at_least=enough, of=expand(parts))
