"""Folders of rule files to a `KnowledgeBase`, or to every fault in them at once.

Three steps: read the files into entries, each with its place (`crampdx.knowledge.loading.files`);
put the entries of all packs together (`extends`, `replaces`, duplicates); check what refers to what
(`crampdx.knowledge.checks`).
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from crampdx.errors import KnowledgeError, did_you_mean
from crampdx.knowledge import checks
from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.loading.entries import LINE_KINDS, Entry, field_of
from crampdx.knowledge.loading.files import FILE_KINDS, Reading, read_pack
from crampdx.knowledge.models import (
    CauseExtension,
    Finding,
    FindingExtension,
    Model,
    Replacement,
    TestExtension,
    TreatmentExtension,
)
from crampdx.knowledge.places import Place

__all__ = ["assembled", "read_packs"]

_building = threading.Lock()
"""Held while pydantic builds the models, which it does not do safely in several threads."""

_EXTENDED_FIELDS: dict[type[Model], tuple[str, ...]] = {
    FindingExtension: ("synonyms", "shown_by", "implies", "sources"),
    CauseExtension: ("mimics", "because_of", "imitates_complaint", "about", "evidence"),
    TestExtension: ("shows", "sources"),
    TreatmentExtension: ("about", "indications", "cautions"),
}
"""What each kind of extension adds to."""


def read_packs(packs: Sequence[str | Path]) -> Reading:
    """Read all files of packs, in the order of the packs, with what is wrong with them."""
    with _building:
        for kind in FILE_KINDS:
            kind.model.model_rebuild()
    reading = Reading()
    for pack in packs:
        read_pack(pack, reading)
    return reading


def assembled(reading: Reading) -> KnowledgeBase:
    """Put what was read together and check it.

    Args:
        reading: The packs. What is found wrong while they are put together is added to it.

    Raises:
        KnowledgeError: They do not load: every fault with file, line and column.
    """
    assembly = Assembly(reading)
    for entry in reading.entries:
        assembly.add(entry)
    assembly.replace_lines()
    items = assembly.items
    knowledge = KnowledgeBase(
        packs=tuple(pack for pack, _ in reading.packs),
        sources=items["source"],
        findings=items["finding"],
        groups=items["group"],
        causes=items["cause"],
        tests=items["test"],
        treatments=items["treatment"],
        prevention=items["prevention"],
        red_flags=items["red_flag"],
        codes=tuple(code for code, _ in reading.codes),
        replacements=tuple(assembly.replacements),
        places=_places(reading.entries),
        pack_of=_packs(reading.entries),
    )
    issues = {*reading.issues, *checks.check(knowledge, reading)}
    if issues:
        raise KnowledgeError(sorted(issues, key=lambda i: (i.file, i.line, i.column, i.message)))
    return knowledge


def _places(entries: Iterable[Entry]) -> dict[tuple[str, str], Place]:
    return {
        (kind, item_id): origin.place()
        for entry in entries
        for kind, item_id, origin in entry.named()
    }


def _packs(entries: Iterable[Entry]) -> dict[tuple[str, str], str]:
    return {(kind, item_id): entry.pack for entry in entries for kind, item_id, _ in entry.named()}


class Assembly:
    """Puts the entries of all packs together; what does not fit becomes an issue of the reading."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.items: dict[str, dict[str, Any]] = defaultdict(dict)
        self.replacements: list[Replacement] = []
        self._entries: dict[tuple[str, str], Entry] = {}
        self._lines: dict[tuple[str, str], Entry] = {}

    def add(self, entry: Entry) -> None:
        """Add an entry: a new one, an extension, or one that replaces another."""
        for kind, item_id, _ in entry.named():
            self._lines[kind, item_id] = entry
        if field_of(entry.item, "extends") is not None:
            self._extend(entry)
        elif field_of(entry.item, "replaces") is None or self._replace(entry):
            self._define(entry)

    def _extend(self, entry: Entry) -> None:
        name = field_of(entry.item, "extends")
        known = self.items[entry.kind]
        if name not in known:
            self._unknown(entry, name, "extends", f"no earlier pack has a {entry.kind} '{name}'")
            return
        item = known[name]
        if isinstance(item, Finding) and item.derived is not None:
            adds = [key for key in ("shown_by", "implies") if field_of(entry.item, key)]
            for key in adds:
                message = f"finding '{name}' is derived: it follows from its criterion alone"
                self.reading.issues.append(entry.origin.issue(message, key))
            if adds:
                return
        known[name] = _extended(item, entry.item)

    def _replace(self, entry: Entry) -> bool:
        """Take away the entry of an earlier pack that this one replaces, if it is there."""
        name = field_of(entry.item, "replaces")
        replaced = self._entries.get((entry.kind, name))
        if replaced is None or replaced.pack == entry.pack:
            message = f"no earlier pack has a {entry.kind} '{name}' to replace"
            self._unknown(entry, name, "replaces", message)
            return False
        del self._entries[entry.kind, name]
        del self.items[entry.kind][name]
        self._note(entry.kind, entry.item, entry.pack)
        return True

    def _define(self, entry: Entry) -> None:
        item_id = field_of(entry.item, "id")
        first = self._entries.setdefault((entry.kind, item_id), entry)
        if first is entry:
            self.items[entry.kind][item_id] = entry.item
            return
        message = f"{entry.kind} '{item_id}' is already defined in {first.origin.place()}"
        hint = "use 'extends' to add to it, or 'replaces' with a 'reason'"
        self.reading.issues.append(entry.origin.issue(message, "id", hint=hint))

    def _unknown(self, entry: Entry, name: str, key: str, message: str) -> None:
        if not self.reading.is_unread(entry.kind, name):
            hint = did_you_mean(name, self.items[entry.kind])
            self.reading.issues.append(entry.origin.issue(message, key, hint=hint))

    def _note(self, kind: str, item: Any, pack: str) -> None:
        self.replacements.append(
            Replacement(
                kind=kind, replaced=item.replaces, by=item.id, pack=pack, reason=item.reason
            )
        )

    def replace_lines(self) -> None:
        """Let lines (evidence, indications, cautions) replace lines of the same entry."""
        for items in self.items.values():
            for item_id, item in items.items():
                for field, kind in LINE_KINDS.items():
                    if any(line.replaces for line in field_of(item, field, ())):
                        items[item_id] = item = self._with_lines_replaced(item, field, kind)

    def _with_lines_replaced(self, item: Any, field: str, kind: str) -> Any:
        lines = getattr(item, field)
        gone = {line.replaces for line in lines if line.replaces is not None}
        for line in lines:
            if line.replaces is None:
                continue
            entry = self._lines[kind, line.id]
            earlier = self._lines.get((kind, line.replaces))
            if earlier is None or line.replaces not in {other.id for other in lines}:
                message = f"'{item.id}' has no line '{line.replaces}' to replace"
                self.reading.issues.append(entry.origin.issue(message, field))
            else:
                self._note(kind, line, entry.pack)
        kept = tuple(
            line
            for number, line in enumerate(lines, 1)
            if line.id not in {later.replaces for later in lines[number:]}
            and (line.replaces is not None or line.id not in gone)
        )
        return _validated(item, {field: kept})


def _extended(item: Model, extension: Model) -> Model:
    """The item with the extension's lists appended to its own.

    What a bare finding asserts only through an extension, it asserts for the extension's reason.
    """
    changes: dict[str, Any] = {}
    for name in _EXTENDED_FIELDS[type(extension)]:
        own, added = getattr(item, name), getattr(extension, name)
        if added:
            base = () if isinstance(own, str) else own
            changes[name] = (*base, *(part for part in added if part not in base))
    if isinstance(item, Finding) and isinstance(extension, FindingExtension) and not item.because:
        changes["because"] = extension.because
    return _validated(item, changes)


def _validated(item: Model, changes: Mapping[str, Any]) -> Model:
    """The item with other fields; unlike `model_copy` it is checked as a whole again."""
    given = {name: getattr(item, name) for name in item.model_fields_set}
    return type(item).model_validate({**given, **changes})
