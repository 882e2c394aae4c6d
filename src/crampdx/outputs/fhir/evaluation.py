"""One evaluation: what all resources of a bundle have in common."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID, uuid5

from crampdx.assessment import Assessment, Observed
from crampdx.knowledge.base import KnowledgeBase
from crampdx.outputs.fhir.codings import concept, exact_codes
from crampdx.outputs.fhir.elements import Element, origin_of
from crampdx.outputs.fhir.words import Words

__all__ = ["Evaluation"]

_NAMESPACE = UUID("6f3d2f0a-5a0e-5d6b-9c57-3f8f3b1f8f11")
"""The namespace of the names of resources; it must never change."""


@dataclass(frozen=True)
class Evaluation:
    """An assessment, of whom and when it was made, and how its resources refer to each other.

    Attributes:
        assessment: The assessment.
        knowledge: The rules that gave it.
        patient: The reference to the patient.
        encounter: The reference to the encounter.
        occurred: When the evaluation took place.
        request_id: The id of the request that asked for it.
    """

    assessment: Assessment
    knowledge: KnowledgeBase
    patient: Element
    encounter: Element | None
    occurred: str | None
    request_id: str | None

    @cached_property
    def words(self) -> Words:
        """The names of what the rules know."""
        return Words(self.knowledge)

    @cached_property
    def identity(self) -> UUID:
        """The same for the same content, and another for any other."""
        context = (self.patient, self.encounter, self.occurred, self.request_id)
        return uuid5(_NAMESPACE, f"{context!r}{self.assessment.model_dump_json()}")

    def address(self, name: str) -> str:
        """The address of a resource of the bundle, by its name within the bundle."""
        return uuid5(self.identity, name).urn

    def reference(self, name: str) -> Element:
        """The reference to a resource of the bundle."""
        return {"reference": self.address(name)}

    def observed(self, seen: Observed) -> Element:
        """What was observed, as a concept. An absent finding has no codes: they would assert it."""
        codes = exact_codes(self.knowledge).get(("finding", seen.finding), ())
        return concept(self.words.observed(seen), codes if seen.present else ())

    def complaint(self) -> list[Element]:
        """What the differential is of, as a list of concepts."""
        name = self.knowledge.complaint
        if name is None:
            return []
        codes = exact_codes(self.knowledge).get(("finding", name), ())
        return [concept(self.words.finding(name), codes)]

    def origins(self, observed: Iterable[Observed]) -> list[Element]:
        """References to the resources that findings came from, each once, in their order."""
        found = (origin_of(place) for seen in observed for place in seen.places)
        return [{"reference": origin} for origin in dict.fromkeys(found) if origin]
