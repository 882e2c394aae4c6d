"""What checks look at: the assembled knowledge, and what each derived finding comes to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from crampdx.errors import KnowledgeIssue, did_you_mean
from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.criteria import Atom, Criterion
from crampdx.knowledge.loading.entries import Entry, SourceLocation, field_of
from crampdx.knowledge.loading.files import Reading
from crampdx.knowledge.normal_forms import (
    Conjunction,
    TooLarge,
    disjunctive_form,
)

__all__ = ["Check", "Context", "conjunctions", "following"]


@dataclass(frozen=True)
class Context:
    """What the checks look at: the assembled knowledge, and the entries with their places."""

    knowledge: KnowledgeBase
    reading: Reading

    @property
    def entries(self) -> Sequence[Entry]:
        """The entries of all packs, in the order of reading."""
        return self.reading.entries

    def unknown(
        self, origin: SourceLocation, kind: str, name: str, known: Container[str], *steps: str | int
    ) -> Iterator[KnowledgeIssue]:
        """An issue where a name is not known, unless what may define it could not be read."""
        if name not in known and not self.reading.is_unread(kind, name):
            hint = did_you_mean(name, known if isinstance(known, Iterable) else ())
            yield origin.issue(f"{kind} '{name}' is not defined", *steps, hint=hint)

    @cached_property
    def ancestors(self) -> dict[str, frozenset[str]]:
        """For each finding, all that its presence implies."""
        return self.knowledge.ancestors()

    @cached_property
    def descendants(self) -> dict[str, frozenset[str]]:
        """For each finding, all whose presence implies it."""
        return self.knowledge.descendants()

    @cached_property
    def derived(self) -> dict[Atom, frozenset[Conjunction]]:
        """The conjunctions that make each derived finding present, and absent."""
        return {
            Atom(finding.id, present): conjunctions(finding.derived, negation=not present)
            for finding in self.knowledge.findings.values()
            if finding.derived is not None
            for present in (True, False)
        }

    @cached_property
    def leads_to(self) -> dict[Atom, list[tuple[Conjunction, Atom]]]:
        """The conjunctions that an atom is part of, and what derived finding each makes so."""
        found: dict[Atom, list[tuple[Conjunction, Atom]]] = defaultdict(list)
        for derived, ways in self.derived.items():
            for conjunction in ways:
                for atom in conjunction:
                    found[atom].append((conjunction, derived))
        return found

    @cached_property
    def origins(self) -> dict[tuple[str, str], SourceLocation]:
        """Where each entry is, by kind and id."""
        return {
            (kind, item_id): origin
            for entry in self.entries
            for kind, item_id, origin in entry.named()
        }

    def criteria(self) -> Iterator[tuple[Any, str, Criterion, SourceLocation]]:
        """Every criterion: the entry or line it is of, its key, itself, and its origin."""
        for entry in self.entries:
            for item, origin in [
                (entry.item, entry.origin),
                *entry.lines("evidence"),
                *entry.lines("indications"),
                *entry.lines("cautions"),
            ]:
                for key in ("when", "unless", "derived"):
                    criterion = field_of(item, key)
                    if criterion is not None:
                        yield item, key, criterion, origin.at(key)


def conjunctions(criterion: Criterion, *, negation: bool = False) -> frozenset[Conjunction]:
    """The disjunctive form; of a criterion that is too large, which another check reports, none."""
    try:
        return disjunctive_form(criterion, negation=negation)
    except TooLarge:
        return frozenset()


def following(known: set[Atom], context: Context) -> set[Atom]:
    """What derived findings are where the known atoms hold."""
    holding = set(known)
    waiting = list(known)
    while waiting:
        for conjunction, atom in context.leads_to.get(waiting.pop(), ()):
            if atom not in holding and conjunction <= holding:
                holding.add(atom)
                waiting.append(atom)
    return holding - known


Check = Callable[[Context], Iterator[KnowledgeIssue]]
"""A check: every issue that it finds."""
