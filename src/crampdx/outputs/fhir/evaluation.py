"""One evaluation: what all resources of a bundle have in common, and the Device that made it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID, uuid5

from crampdx.assessment import Assessment, Observed
from crampdx.knowledge.base import KnowledgeBase
from crampdx.outputs.fhir.codings import concept, exact_codes
from crampdx.outputs.fhir.elements import Element, notes, origin_of
from crampdx.outputs.fhir.words import state_of
from crampdx.outputs.labels import Labels

__all__ = ["DEVICE", "Evaluation", "device", "module_name"]

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
    def labels(self) -> Labels:
        """The names of what the rules know."""
        return Labels(self.knowledge)

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
        return concept(state_of(seen, self.labels), codes if seen.present else ())

    def complaint(self) -> list[Element]:
        """What the differential is of, as a list of concepts."""
        name = self.knowledge.complaint
        if name is None:
            return []
        codes = exact_codes(self.knowledge).get(("finding", name), ())
        return [concept(self.labels.finding(name), codes)]

    def origins(self, observed: Iterable[Observed]) -> list[Element]:
        """References to the resources that findings came from, each once, in their order."""
        found = (origin_of(place) for seen in observed for place in seen.places)
        return [{"reference": origin} for origin in dict.fromkeys(found) if origin]


# -------------------------------------------------------------------------------------- the Device

DEVICE = "Device"


def module_name(assessment: Assessment) -> str:
    """The name of the rules that answered: packs, versions, digest. A name, not an address.

    >>> import crampdx
    >>> answer = crampdx.assess({"findings": {"hypokalemia": True}})
    >>> module_name(answer).partition("@")[0]
    'urn:crampdx:article'
    """
    stamp = assessment.knowledge
    packs = "+".join(f"{pack.name}@{pack.version}" for pack in stamp.packs)
    return f"urn:crampdx:{packs}:sha-256:{stamp.digest}"


def device(evaluation: Evaluation) -> Element:
    """The software with its version, and the rules with theirs."""
    assessment = evaluation.assessment
    stamp = assessment.knowledge
    return {
        "resourceType": "Device",
        "status": "active",
        "deviceName": [{"name": "crampdx", "type": "model-name"}],
        "type": {"text": "Software that supports the differential diagnosis of muscle cramps"},
        "version": [
            {"type": {"text": "software"}, "value": assessment.version},
            *(
                {"type": {"text": f"rules: {pack.name} ({pack.status})"}, "value": pack.version}
                for pack in stamp.packs
            ),
            {"type": {"text": "SHA-256 of the rules"}, "value": stamp.digest},
        ],
        "note": notes(assessment.intended_use),
    }
