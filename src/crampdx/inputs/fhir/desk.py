"""What a reader of one resource has at hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from crampdx.inputs.fhir.collecting import Collection
from crampdx.inputs.fhir.documents import Located
from crampdx.inputs.fhir.statuses import EntryStatus, Reason
from crampdx.inputs.fhir.tree import (
    Node,
    UnreadDate,
    day_at,
    filled,
    node_at,
    nodes_at,
    word_at,
)
from crampdx.record.dates import Days

__all__ = ["CrampAnswer", "Pregnancy", "ReadContext", "day_among", "index_of"]

_UNREAD_FORMS = ("String", "Age", "Range")
"""How the fields end that say when something was, in forms that are not read."""

Targets = Mapping[str, str]
"""The linkIds of a questionnaire, and what of the record each of them asks for."""


class Pregnancy(NamedTuple):
    """What was said of pregnancy, and when."""

    days: Days | None
    pregnant: bool
    place: str


class CrampAnswer(NamedTuple):
    """What was answered of the cramps: the field, the value, and when."""

    days: Days | None
    field: str
    value: object
    place: str


@dataclass
class ReadContext:
    """What a reader of one resource has at hand, and where it puts what it reads.

    Attributes:
        collection: The entries so far.
        as_of: The day of the assessment.
        resources: The resources of the document, by the references that name them.
        questionnaires: What the questions of each questionnaire ask for, by its address.
        pregnancies: What was said of pregnancy.
        answers: What was answered of the cramps.
        items: How many items of questionnaires were looked at.
    """

    collection: Collection
    as_of: Days | None
    resources: Mapping[str, Located]
    questionnaires: Mapping[str, Targets]
    pregnancies: list[Pregnancy] = field(default_factory=list)
    answers: list[CrampAnswer] = field(default_factory=list)
    items: int = 0
    _contained: dict[int, dict[str, Node]] = field(default_factory=dict)

    def admits(self, standing: EntryStatus | Reason, place: str, status: str = "status") -> bool:
        """Whether an entry of this standing enters the record; else it is counted as left out.

        What is not final enters, and that it is not final is counted.
        """
        if isinstance(standing, Reason):
            self.collection.leave_out(standing, place)
            return False
        if standing is EntryStatus.PROVISIONAL:
            self.collection.leave_out(Reason.PROVISIONAL, f"{place}#{status}")
        return True

    def resolve(self, reference: str, located: Located) -> Node | None:
        """The resource that a reference names, or None where the document does not hold it."""
        if reference.startswith("#"):
            return self._contained_in(located.container or located).get(reference)
        found = self.resources.get(reference) or self.resources.get(
            "/".join(reference.partition("/_history/")[0].rsplit("/", 2)[-2:])
        )
        return None if found is None else found.resource

    def _contained_in(self, holder: Located) -> dict[str, Node]:
        """What a resource contains, by the references that name it."""
        key = id(holder.resource)
        if key not in self._contained:
            parts = nodes_at(holder.resource, "contained")
            self._contained[key] = {f"#{word_at(part, 'id')}": part for part in parts}
        return self._contained[key]


def index_of(found: Iterable[Located]) -> dict[str, Located]:
    """The resources by the references that name them."""
    index: dict[str, Located] = {}
    for located in found:
        if located.container is None:
            for name in (located.tail, located.full_url):
                if name:
                    index[name] = located
            if not located.full_url:
                index.setdefault(f"urn:uuid:{located.tail.rpartition('/')[2]}", located)
    return index


def day_among(parent: Node, *fields: str) -> str | None:
    """The first day that is given among some fields; of a period its end, or else its start.

    Of a timing it is the last of its events, or the day of its bounds. Ages, ranges and words are
    not read: what has no other date than such a one is not undated, and would seem to be of today.

    Raises:
        UnreadDate: No day is given, but something that is not read.
        Unreadable: A field is given, and is no date.
    """
    for name in fields:
        day = _day_in(parent, name)
        if day:
            return day
    for name in fields:
        if not name.endswith("Period") and filled(parent.get(name)):
            raise UnreadDate(name)
    return None


def _day_in(parent: Node, field: str) -> str | None:
    if field.endswith(_UNREAD_FORMS):
        return None
    if field.endswith("Timing"):
        timing = node_at(parent, field)
        return _last_event(timing) or _day_in(node_at(timing, "repeat"), "boundsPeriod")
    if field.endswith("Period"):
        days = (day_at(part, "end") or day_at(part, "start") for part in nodes_at(parent, field))
        return next(filter(None, days), None)
    return day_at(parent, field)


def _last_event(timing: Node) -> str | None:
    events = timing.get("event")
    days = [day_at({"event": event}, "event") for event in _several(events)]
    return max(filter(None, days), default=None)


def _several(value: object) -> list[object]:
    return value if isinstance(value, list) else [] if value is None else [value]
