"""What a reader of one resource has at hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from crampdx.interop.fhir.collecting import Collection
from crampdx.interop.fhir.documents import Located
from crampdx.interop.fhir.statuses import Reason, Standing
from crampdx.interop.fhir.tree import Node, day_at, nodes_at, word_at
from crampdx.record import Days

__all__ = ["CrampAnswer", "Desk", "Pregnancy", "day_among", "index_of"]

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
class Desk:
    """What a reader of one resource has at hand, and where it puts what it reads.

    Attributes:
        collection: The entries so far.
        as_of: The day of the assessment.
        resources: The resources of the document, by the references that name them.
        questionnaires: What the questions of each questionnaire ask for, by its address.
        pregnancies: What was said of pregnancy.
        answers: What was answered of the cramps.
    """

    collection: Collection
    as_of: Days | None
    resources: Mapping[str, Located]
    questionnaires: Mapping[str, Targets]
    pregnancies: list[Pregnancy] = field(default_factory=list)
    answers: list[CrampAnswer] = field(default_factory=list)
    _contained: dict[int, dict[str, Node]] = field(default_factory=dict)

    def admits(self, standing: Standing | Reason, place: str, status: str = "status") -> bool:
        """Whether an entry of this standing enters the record; else it is counted as left out.

        What is not final enters, and that it is not final is counted.
        """
        if isinstance(standing, Reason):
            self.collection.leave_out(standing, place)
            return False
        if standing is Standing.PROVISIONAL:
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

    Raises:
        Unreadable: The field is given, and is no date.
    """
    for name in fields:
        if name.endswith("Period"):
            for period in nodes_at(parent, name):
                day = day_at(period, "end") or day_at(period, "start")
                if day:
                    return day
        else:
            day = day_at(parent, name)
            if day:
                return day
    return None
