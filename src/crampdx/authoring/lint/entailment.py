"""What follows from a criterion being true, by `implies` and `derived`.

A criterion holds in one of several ways: the conjunctions of its disjunctive form. Each is closed
here, that is, joined by all that follows from it; then one criterion entails another when each
way of the first contains a way of the second, and two are equal when their ways are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from crampdx.knowledge.checks import Context
from crampdx.knowledge.criteria import Atom, Criterion
from crampdx.knowledge.normal_forms import Conjunction, disjunctive_form

__all__ = ["Entailment", "Form", "covers"]

Form = frozenset[Conjunction]
"""The ways in which a criterion can hold: closed, possible, and none containing another."""


class Entailment:
    """What follows from what in a knowledge base. Remembers what it has worked out."""

    def __init__(self, context: Context) -> None:
        self._closed: dict[Conjunction, Conjunction] = {}
        self._forms: dict[Criterion, Form] = {}
        self._next: defaultdict[Atom, list[Atom]] = defaultdict(list)
        """What follows from an atom alone."""
        self._ways: defaultdict[Atom, list[tuple[Conjunction, Atom]]] = defaultdict(list)
        """The conjunctions that an atom is a part of, with the derived atom that each makes so."""
        for finding in context.knowledge.findings.values():
            for parent in finding.implies:
                self._next[Atom(finding.id, True)].append(Atom(parent, True))
                self._next[Atom(parent, False)].append(Atom(finding.id, False))
        for atom, ways in context.derived.items():
            self._next[atom] += frozenset.intersection(*ways) if ways else ()
            for way in ways:
                for part in way:
                    self._ways[part].append((way, atom))

    def form(self, criterion: Criterion) -> Form:
        """The ways in which the criterion can hold; none where it never can."""
        if criterion not in self._forms:
            closed = {self.closed(atoms) for atoms in disjunctive_form(criterion)}
            self._forms[criterion] = _minimal(closed)
        return self._forms[criterion]

    def entails(self, first: Criterion, second: Criterion) -> bool:
        """Whether the second criterion holds wherever the first does."""
        return covers(self.form(second), self.form(first))

    def can_hold_with(self, first: Criterion, second: Criterion) -> bool:
        """Whether some patient meets both criteria."""
        for one in self.form(first):
            excluded = _negated(one)
            for other in self.form(second):
                if excluded.isdisjoint(other) and not _contradicts(self.closed(one | other)):
                    return True
        return False

    def closed(self, atoms: Conjunction) -> Conjunction:
        """The atoms, and all that follows from them."""
        if atoms not in self._closed:
            known, todo = set(atoms), list(atoms)
            while todo:
                new = [atom for atom in self._following(todo.pop(), known) if atom not in known]
                known.update(new)
                todo += new
            self._closed[atoms] = frozenset(known)
        return self._closed[atoms]

    def _following(self, atom: Atom, known: set[Atom]) -> Iterator[Atom]:
        """What follows in one step from an atom together with what else is known."""
        yield from self._next.get(atom, ())
        for way, derived in self._ways.get(atom, ()):
            if way <= known:
                yield derived


def covers(weaker: Form, stronger: Form) -> bool:
    """Whether each way of the stronger form contains a way of the weaker one."""
    return all(any(way <= other for way in weaker) for other in stronger)


def _negated(atoms: Conjunction) -> frozenset[Atom]:
    return frozenset(Atom(atom.finding, not atom.present) for atom in atoms)


def _contradicts(atoms: Conjunction) -> bool:
    return not atoms.isdisjoint(_negated(atoms))


def _minimal(ways: set[Conjunction]) -> Form:
    possible = [way for way in ways if not _contradicts(way)]
    return frozenset(way for way in possible if not any(other < way for other in possible))
