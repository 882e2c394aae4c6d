"""What criteria mean for the states that a record can bring about.

Two criteria mean the same when no record tells them apart. Presence goes up along `implies` and
absence down, and derived findings follow from others, so criteria that are written differently may
mean the same. A meaning is the set of the smallest states of findings that make the criterion true,
and of those that make it false, each with all that follows from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import prod

from crampdx.engine.evaluators.reference import Verdict
from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.criteria import Atom, Criterion
from crampdx.knowledge.normal_forms import MAX_CONJUNCTIONS, Conjunction, TooLarge, disjunctive_form

__all__ = ["Meaning", "Meanings"]

MAX_EXPANDED = 4 * MAX_CONJUNCTIONS
"""The most conjunctions of a meaning; a criterion that means more is not compared."""


@dataclass(frozen=True)
class Meaning:
    """The smallest states that make a criterion true, and that make it false."""

    true: frozenset[Conjunction]
    false: frozenset[Conjunction]

    def verdict(self, states: Conjunction) -> Verdict:
        """The verdict for states that hold all that follows from them."""
        if any(smallest <= states for smallest in self.true):
            return True
        return False if any(smallest <= states for smallest in self.false) else None

    @cached_property
    def states(self) -> tuple[Conjunction, ...]:
        """All of the smallest states, the shortest first."""
        return tuple(sorted(self.true | self.false, key=lambda c: (len(c), sorted(c))))


class Meanings:
    """Criteria to meanings, for the findings of one knowledge base."""

    def __init__(self, knowledge: KnowledgeBase) -> None:
        self._ancestors = knowledge.ancestors()
        self._descendants = knowledge.descendants()
        self._derived = knowledge.derived()

    def of(self, criterion: Criterion) -> Meaning:
        """The meaning of a criterion.

        Raises:
            TooLarge: It is too large to be compared.
        """
        return Meaning(
            self._smallest(criterion, negation=False), self._smallest(criterion, negation=True)
        )

    def closed(self, atoms: Iterable[Atom]) -> Conjunction:
        """The atoms with all that follows from them along `implies`."""
        found = set(atoms)
        for atom in tuple(found):
            others = self._ancestors if atom.present else self._descendants
            found.update(Atom(name, atom.present) for name in others.get(atom.finding, ()))
        return frozenset(found)

    def reduced(self, states: Conjunction) -> tuple[Atom, ...]:
        """Of closed states, those that do not follow from others of them."""
        implied = {atom for other in states for atom in self.closed([other]) - {other}}
        return tuple(sorted(states - implied))

    def _smallest(self, criterion: Criterion, *, negation: bool) -> frozenset[Conjunction]:
        conjunctions = disjunctive_form(criterion, negation=negation)
        expanded = {
            self.closed(atoms)
            for conjunction in conjunctions
            for atoms in self._without_derived(conjunction, criterion)
        }
        if len(expanded) > MAX_EXPANDED:
            raise TooLarge(criterion, negation)
        possible = [c for c in expanded if not any(Atom(a.finding, not a.present) in c for a in c)]
        return frozenset(c for c in possible if not any(other < c for other in possible))

    def _without_derived(self, atoms: Conjunction, whole: Criterion) -> Iterator[Conjunction]:
        """The ways to make the atoms hold, derived findings replaced by what they rest on."""
        ways = [self._ways(atom) for atom in sorted(atoms)]
        if prod(map(len, ways)) > MAX_EXPANDED:
            raise TooLarge(whole, negation=False)
        return (frozenset().union(*chosen) for chosen in product(*ways))

    def _ways(self, atom: Atom) -> frozenset[Conjunction]:
        criterion = self._derived.get(atom.finding)
        if criterion is None:
            return frozenset({frozenset({atom})})
        return self._smallest(criterion, negation=not atom.present)
