"""What the checks of the linter look at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from crampdx.authoring.lint.entailment import Entailment
from crampdx.authoring.lint.usage import bearing
from crampdx.knowledge.checks import Context
from crampdx.knowledge.loading.entries import LINE_KINDS, Entry, SourceLocation, field_of

__all__ = ["LintContext", "Subject"]


class Subject(NamedTuple):
    """An entry of a rule file, or a line of one, that is in force.

    Attributes:
        kind: What it is.
        id: Its id; of an extension, the id of what it extends.
        item: The entry as it stands in the file (nothing of a later pack is in it).
        origin: Where it stands.
        pack: The pack, by its position in the stack.
    """

    kind: str
    id: str
    item: Any
    origin: SourceLocation
    pack: int

    def order(self) -> tuple[int, str, str]:
        """A key that depends on the order of packs, but not on files."""
        return (self.pack, self.kind, self.id)


@dataclass(frozen=True)
class LintContext(Context):
    """Rules that load, with the places of their entries, and what the checks ask of them.

    Attributes:
        today: The day that dates are compared with.
    """

    today: date

    @cached_property
    def subjects(self) -> tuple[Subject, ...]:
        """Every entry and line that no other replaced, in an order without regard to files."""
        packs = {pack.name: number for number, (pack, _) in enumerate(self.reading.packs)}
        found = [
            subject
            for entry in self.entries
            for subject in _subjects_of(entry, packs[entry.pack])
            if self._is_in_force(subject)
        ]
        return tuple(sorted(found, key=Subject.order))

    def _is_in_force(self, subject: Subject) -> bool:
        key = (subject.kind, subject.id)
        if field_of(subject.item, "extends") is not None:
            return True
        last = self.origins[key]
        is_last = (last.file, last.path) == (subject.origin.file, subject.origin.path)
        return is_last and key in self.known

    @cached_property
    def known(self) -> frozenset[tuple[str, str]]:
        """The kind and id of every entry and line of the knowledge base."""
        knowledge = self.knowledge
        entries: Mapping[str, Mapping[str, Any]] = {
            "source": knowledge.sources,
            "finding": knowledge.findings,
            "group": knowledge.groups,
            "cause": knowledge.causes,
            "test": knowledge.tests,
            "treatment": knowledge.treatments,
            "prevention": knowledge.prevention,
            "red_flag": knowledge.red_flags,
        }
        return frozenset(
            key
            for kind, items in entries.items()
            for name, item in items.items()
            for key in ((kind, name), *_lines_of(item))
        )

    @cached_property
    def ids(self) -> frozenset[str]:
        """All that an issue can be about: ids of entries, codes, and names of packs."""
        ids = {name for _, name in self.known}
        codes = {code.code for code in self.knowledge.codes}
        return frozenset(ids | codes | {pack.name for pack in self.knowledge.packs})

    @cached_property
    def _defined(self) -> Mapping[tuple[str, str], Subject]:
        return {
            (subject.kind, subject.id): subject
            for subject in self.subjects
            if field_of(subject.item, "extends") is None
        }

    def subject(self, kind: str, entry: str) -> Subject:
        """The entry or line of this id, where it is defined."""
        return self._defined[kind, entry]

    @cached_property
    def entailment(self) -> Entailment:
        """What follows from what."""
        return Entailment(self)

    @cached_property
    def bearing(self) -> frozenset[str]:
        """The findings that can make some rule count or not count."""
        return bearing(self.knowledge)


def _subjects_of(entry: Entry, pack: int) -> Iterator[Subject]:
    name = field_of(entry.item, "id") or field_of(entry.item, "extends")
    yield Subject(entry.kind, name, entry.item, entry.origin, pack)
    for field, kind in LINE_KINDS.items():
        for line, origin in entry.lines(field):
            yield Subject(kind, field_of(line, "id"), line, origin, pack)


def _lines_of(item: Any) -> Iterator[tuple[str, str]]:
    for field, kind in LINE_KINDS.items():
        for line in field_of(item, field, ()):
            yield kind, line.id
