"""What is collected on the way through a document: entries of a record, and what is left out."""

from __future__ import annotations

from typing import Any, NamedTuple

from pydantic import ValidationError

from crampdx.interop.draft import Draft
from crampdx.interop.fhir.statuses import Reason
from crampdx.interop.fhir.tree import Node, node_at, nodes_at, text_at, word_at
from crampdx.record import Coding, Entry

__all__ = ["Collection", "Concept"]

MAX_CODINGS = 30
"""How many codings of one concept are taken."""


class Concept(NamedTuple):
    """What a CodeableConcept names: its codings, and its text where it has no display."""

    codes: tuple[Coding, ...] = ()
    text: str | None = None

    def __bool__(self) -> bool:
        return bool(self.codes or self.text)

    def fields(self) -> dict[str, Any]:
        """The fields of an entry that is named so."""
        return (
            {"code": self.codes} if self.text is None else {"code": self.codes, "text": self.text}
        )


_NOTHING = Concept()


class Collection(Draft):
    """The entries of one record in the making, and what was left out of it, by reason."""

    def __init__(self) -> None:
        super().__init__()
        self._codings: dict[tuple[str, str, str], Coding | None] = {}

    def entry(self, section: str, place: str, **fields: Any) -> Entry | None:
        """An entry as it stands in a list of the record, or None where it is left out."""
        if not (fields.get("code") or fields.get("text") or fields.get("id")):
            self.leave_out(Reason.UNNAMED, place)
            return None
        return super().entry(section, place, **fields)

    # ---- concepts

    def concept_at(self, parent: Node, field: str) -> Concept:
        """The concept of a field: a CodeableConcept, a Coding, or the concept of a reference."""
        value = parent.get(field)
        if value is None:
            return _NOTHING
        if isinstance(value, str):
            return Concept((), text_at(parent, field))
        return self.concept(node_at(parent, field))

    def concept(self, given: Node) -> Concept:
        """What a CodeableConcept, a Coding or a CodeableReference of R5 names."""
        if "concept" in given:
            given = node_at(given, "concept")
        codings = nodes_at(given, "coding") or ([given] if "code" in given else [])
        found = (self._coding(coding) for coding in codings[:MAX_CODINGS])
        codes = tuple(coding for coding in found if coding is not None)
        return Concept(codes, text_at(given, "text") or _display(codings, codes))

    def _coding(self, given: Node) -> Coding | None:
        key = (word_at(given, "system"), word_at(given, "code"), word_at(given, "display"))
        if key not in self._codings:
            system, code, _ = key
            display = text_at(given, "display")
            self._codings[key] = _built(system.strip().rstrip("/"), code.strip(), display)
        return self._codings[key]


def _display(codings: list[Node], codes: tuple[Coding, ...]) -> str | None:
    """A display, where no code could be taken with its own."""
    if codes:
        return None
    return next((text for text in (text_at(coding, "display") for coding in codings) if text), None)


def _built(system: str, code: str, display: str | None) -> Coding | None:
    try:
        return Coding(system=system, code=code, display=display)
    except ValidationError:
        return None
