"""The record in the making: entries that are valid, and what is left out, by reason."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from crampdx.record.models import MAX_ENTRIES, MAX_PLACES, Entry, LeftOut, PatientRecord
from crampdx.record.parsing import entry_models, parse_record

__all__ = ["Draft"]

MAX_PLACE = 200
"""How long a place may be; longer ones are cut."""


class Draft:
    """Collects what becomes of a document of another format."""

    def __init__(self) -> None:
        self.entries: dict[str, list[Entry]] = defaultdict(list)
        self._models = entry_models()
        self._counts: Counter[str] = Counter()
        self._places: dict[str, list[str]] = defaultdict(list)

    def add(self, section: str, place: str, **fields: Any) -> None:
        """Add an entry to a list of the record, or leave out what cannot be one.

        Args:
            section: The list of the record.
            place: Where the entry came from.
            fields: The fields of the entry; those that are None say nothing.
        """
        entries = self.entries[section]
        if len(entries) >= MAX_ENTRIES:
            self.leave_out("too_many", place)
            return
        entry = self.entry(section, place, **fields)
        if entry is not None:
            entries.append(entry)

    def entry(self, section: str, place: str, **fields: Any) -> Entry | None:
        """An entry as it stands in a list of the record, or None where it is left out."""
        given = {name: value for name, value in fields.items() if value is not None}
        try:
            return self._models[section].model_validate({**given, "origin": place[:MAX_PLACE]})
        except ValidationError:
            self.leave_out("malformed", place)
            return None

    def leave_out(self, reason: str, place: str) -> None:
        """Count a part of the document that the record does not hold."""
        self._counts[reason] += 1
        if len(self._places[reason]) < MAX_PLACES:
            self._places[reason].append(place[:MAX_PLACE])

    def left_out(self) -> tuple[LeftOut, ...]:
        """All that was left out, by reason."""
        return tuple(
            LeftOut(reason=reason, count=count, places=tuple(self._places[reason]))
            for reason, count in sorted(self._counts.items())
        )

    def record(self, attributes: Mapping[str, Any]) -> PatientRecord:
        """The record, with attributes of the person beside the entries."""
        return parse_record({**attributes, **self.entries, "left_out": self.left_out()})
