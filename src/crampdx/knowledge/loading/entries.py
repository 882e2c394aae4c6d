"""Entries of rule files together with the place they came from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from crampdx.errors import KnowledgeIssue
from crampdx.knowledge.models import Model
from crampdx.knowledge.places import Place
from crampdx.text.yaml import Document, Mark, Path

__all__ = ["Entry", "SourceLocation", "field_of"]


@dataclass(frozen=True, slots=True)
class SourceLocation:
    """Where an entry, or a part of one, stands in a file."""

    file: str
    document: Document
    path: Path

    @classmethod
    def of_row(cls, file: str, line: int) -> SourceLocation:
        """The origin of a row of a CSV file."""
        return cls(file, Document(marks={(): Mark(line, 1)}), ())

    def at(self, *steps: str | int) -> SourceLocation:
        """The origin of a part of this."""
        return SourceLocation(self.file, self.document, (*self.path, *steps))

    def place(self) -> Place:
        """File and line."""
        return Place(self.file, self.document.mark(self.path).line)

    def issue(self, message: str, *steps: str | int, hint: str = "") -> KnowledgeIssue:
        """An issue at a part of this."""
        path = (*self.path, *steps)
        mark = self.document.mark(path)
        where = self.document.path(path)
        return KnowledgeIssue(self.file, mark.line, mark.column, where, message, hint)


def field_of(item: Model, name: str, default: Any = None) -> Any:
    """A field of an entry of any kind, or the default where its kind has no such field."""
    return item.__dict__.get(name, default)


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a rule file: what it is, which pack it is of, and where it stands."""

    pack: str
    kind: str
    item: Model
    origin: SourceLocation

    def lines(self, field: str) -> Iterator[tuple[Model, SourceLocation]]:
        """The parts of a list of the entry, each with its own origin."""
        for index, line in enumerate(field_of(self.item, field, ())):
            yield line, self.origin.at(field, index)

    def named(self) -> Iterator[tuple[str, str, SourceLocation]]:
        """The entry and its lines that have ids, as (kind, id, origin)."""
        item_id = field_of(self.item, "id")
        if item_id is not None:
            yield self.kind, item_id, self.origin
        for field, kind in LINE_KINDS.items():
            for line, origin in self.lines(field):
                yield kind, line.id, origin  # type: ignore[attr-defined]


LINE_KINDS = {"evidence": "evidence", "indications": "indication", "cautions": "caution"}
"""The lists whose parts have ids of their own, and the kind of each."""
