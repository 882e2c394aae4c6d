"""Orders that are being written: the medicines and the tests that drafts name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from crampdx.inputs.fhir.collecting import Collection, Concept
from crampdx.inputs.fhir.desk import ReadContext, index_of
from crampdx.inputs.fhir.documents import Located, resources_of
from crampdx.inputs.fhir.medications import medicines_of
from crampdx.inputs.fhir.statuses import Reason
from crampdx.inputs.fhir.tree import Node
from crampdx.record.models import Medication, TestResult

__all__ = ["UNNAMED", "Orders"]

UNNAMED = "unnamed order"
"""What an order is called that names nothing that can be read."""


class Orders:
    """Reads drafts, and what they refer to.

    >>> simvastatin = {"resourceType": "Medication", "id": "s", "code": {"text": "simvastatin"}}
    >>> orders = Orders([{"resource": simvastatin}])
    >>> draft = {"medicationReference": {"reference": "Medication/s"}}
    >>> [medicine.text for medicine in orders.medicines(draft, "MedicationRequest/1")]
    ['simvastatin']
    """

    def __init__(self, entries: Iterable[Any]) -> None:
        """Keep what drafts may refer to.

        Args:
            entries: Entries of Bundles.
        """
        self._collection = Collection()
        document = {"resourceType": "Bundle", "entry": list(entries)}
        held = index_of(resources_of(document, self._collection))
        self._desk = ReadContext(self._collection, None, held, {})

    def medicines(self, draft: Node, place: str) -> tuple[Medication, ...]:
        """The medicine of a MedicationRequest; several, where it is known by its ingredients.

        Args:
            draft: The draft.
            place: What results call it.
        """
        found = medicines_of(Located(draft, "MedicationRequest", place), self._desk)
        concepts = [Concept()] if isinstance(found, Reason) else found
        return tuple(
            Medication(
                code=concept.codes, text=concept.name or UNNAMED, context="ordered", origin=place
            )
            for concept in concepts
        )

    def test(self, draft: Node, place: str) -> TestResult:
        """The test of a ServiceRequest; see `medicines`."""
        concept = self._collection.concept_at(draft, "code")
        return TestResult(
            code=concept.codes, text=concept.name or UNNAMED, status="ordered", origin=place
        )
