"""Two sets of rules compared by what they state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from crampdx.authoring.comparison.statements import Entry, changed_parts, statements
from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.models import Code

__all__ = ["Difference", "EntryChange", "FieldChange", "compare"]

WORDING = frozenset(
    {"about", "ask", "because", "consider", "name", "reason", "sources", "status", "title"}
)
"""The fields that no rank and no list of an answer depends on: words, and what they rest on."""

KINDS = (
    "pack",
    "finding",
    "group",
    "cause",
    "evidence",
    "test",
    "treatment",
    "indication",
    "caution",
    "prevention",
    "red_flag",
    "source",
)
"""The kinds of entries in the order in which changes are listed."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """What one field of an entry no longer says, and what it says instead, in words.

    Of a list, only the parts that went or came.
    """

    field: str
    removed: tuple[str, ...]
    added: tuple[str, ...]

    @property
    def is_wording(self) -> bool:
        """Whether no rank and no list of an answer can depend on it."""
        return self.field in WORDING

    def inverse(self) -> FieldChange:
        """The change the other way around."""
        return FieldChange(self.field, self.added, self.removed)


@dataclass(frozen=True, slots=True)
class EntryChange:
    """An entry that was added, removed or changed.

    Attributes:
        kind: Such as `cause` or `evidence`.
        id: Its id.
        before: What it was, in one line; None if it was added.
        after: What it is, in one line; None if it was removed.
        fields: What changed in it; empty if it was added or removed.
    """

    kind: str
    id: str
    before: str | None
    after: str | None
    fields: tuple[FieldChange, ...] = ()

    @property
    def is_wording(self) -> bool:
        """Whether it changed in what it says to people alone."""
        return bool(self.fields) and all(field.is_wording for field in self.fields)

    def inverse(self) -> EntryChange:
        """The change the other way around."""
        fields = tuple(field.inverse() for field in self.fields)
        return EntryChange(self.kind, self.id, self.after, self.before, fields)


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed from one set of rules to another.

    Attributes:
        old_digest: The digest of the rules before.
        new_digest: The digest of the rules after. Digests may differ though nothing changed: a
            criterion that is written in another way means the same.
        entries: The entries that changed, by kind and id.
        codes_added: Codes that only the new rules have; a changed label counts as another code.
        codes_removed: Codes that only the old rules have.
    """

    old_digest: str
    new_digest: str
    entries: tuple[EntryChange, ...]
    codes_added: tuple[Code, ...]
    codes_removed: tuple[Code, ...]

    def __bool__(self) -> bool:
        return bool(self.entries or self.codes_added or self.codes_removed)

    def inverse(self) -> Difference:
        """The difference the other way around."""
        return Difference(
            self.new_digest,
            self.old_digest,
            tuple(entry.inverse() for entry in self.entries),
            self.codes_removed,
            self.codes_added,
        )


def compare(old: KnowledgeBase, new: KnowledgeBase) -> Difference:
    """What changed in meaning from old to new.

    >>> rules = KnowledgeBase.load("article")
    >>> bool(compare(rules, rules))
    False
    """
    before, after = statements(old), statements(new)
    changes = (
        _change(before.get(key), after.get(key)) for key in sorted({*before, *after}, key=_order)
    )
    return Difference(
        old_digest=old.digest,
        new_digest=new.digest,
        entries=tuple(change for change in changes if change is not None),
        codes_added=_only(new.codes, old.codes),
        codes_removed=_only(old.codes, new.codes),
    )


def _order(key: tuple[str, str]) -> tuple[int, str]:
    kind, name = key
    return KINDS.index(kind), name


def _change(old: Entry | None, new: Entry | None) -> EntryChange | None:
    some = new or old
    if some is None:
        return None
    before = old.title() if old else None
    after = new.title() if new else None
    if old is None or new is None:
        return EntryChange(some.kind, some.id, before, after)
    fields = _changed_fields(old, new)
    return EntryChange(some.kind, some.id, before, after, fields) if fields else None


def _changed_fields(old: Entry, new: Entry) -> tuple[FieldChange, ...]:
    names = sorted({*old.fields, *new.fields})
    return tuple(
        FieldChange(name, *changed_parts(old.field(name), new.field(name)))
        for name in names
        if old.field(name).meaning != new.field(name).meaning
    )


def _only(codes: Iterable[Code], others: Iterable[Code]) -> tuple[Code, ...]:
    known = set(others)
    return tuple(code for code in codes if code not in known)


def counted(changes: Iterable[EntryChange]) -> Mapping[str, int]:
    """How many entries were added, removed, changed in meaning, and changed in wording."""
    found = dict.fromkeys(("added", "removed", "changed in meaning", "changed in wording"), 0)
    for change in changes:
        found[_kind_of_change(change)] += 1
    return found


def _kind_of_change(change: EntryChange) -> str:
    if change.before is None:
        return "added"
    if change.after is None:
        return "removed"
    return "changed in wording" if change.is_wording else "changed in meaning"
