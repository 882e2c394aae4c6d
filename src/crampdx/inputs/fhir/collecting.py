"""What is collected on the way through a document: entries of a record, and what is left out."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from pydantic import ValidationError

from crampdx.inputs.draft import Draft
from crampdx.inputs.fhir.statuses import Reason
from crampdx.inputs.fhir.tree import Node, node_at, nodes_at, text_at, word_at
from crampdx.record.models import Coding, Entry

__all__ = ["Collection", "Concept", "coding_of", "codings_of"]

MAX_CODINGS = 30
"""How many codings of one concept are taken."""

MAX_DIFFERENT_CODINGS = 50_000
"""How many different codings of one document are read, which bounds the time that it takes."""

MAX_SHARED = 400
"""How many characters a coding may have together that is kept for the documents to come."""


class Concept(NamedTuple):
    """What a CodeableConcept names: its codings, and its text where it has no display."""

    codes: tuple[Coding, ...] = ()
    text: str | None = None

    def __bool__(self) -> bool:
        return bool(self.codes or self.text)

    @property
    def name(self) -> str | None:
        """Its text, or else the first display among its codings."""
        return self.text or next((code.display for code in self.codes if code.display), None)

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
        self._codings: dict[tuple[Any, Any, Any], Coding | None] = {}

    @property
    def is_full(self) -> bool:
        """Whether the document named more different codings than are read of one."""
        return len(self._codings) >= MAX_DIFFERENT_CODINGS

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
        given, codings = codings_of(given)
        found = [self._coding(coding) for coding in codings]
        codes = tuple([coding for coding in found if coding is not None])
        return Concept(codes, text_at(given, "text") or _display(codings, codes))

    def _coding(self, given: Node) -> Coding | None:
        key = (given.get("system"), given.get("code"), given.get("display"))
        try:
            is_new = key not in self._codings
        except TypeError:  # an object or a list stands where text belongs
            key = (word_at(given, "system"), word_at(given, "code"), word_at(given, "display"))
            is_new = key not in self._codings
        if is_new:
            self._codings[key] = coding_of(
                word_at(given, "system"), word_at(given, "code"), text_at(given, "display")
            )
        return self._codings[key]


def codings_of(given: Node) -> tuple[Node, list[Node]]:
    """The concept of a CodeableReference, or what was given, and its codings."""
    if "concept" in given:
        given = node_at(given, "concept")
    codings = nodes_at(given, "coding") or ([given] if "code" in given else [])
    return given, codings[:MAX_CODINGS] if len(codings) > MAX_CODINGS else codings


def _display(codings: list[Node], codes: tuple[Coding, ...]) -> str | None:
    """A display, where no code could be taken with its own."""
    if codes:
        return None
    return next((text for text in (text_at(coding, "display") for coding in codings) if text), None)


def coding_of(system: str, code: str, display: str | None) -> Coding | None:
    """A coding of the record, or None where it has no system or no code."""
    is_short = len(system) + len(code) + len(display or "") <= MAX_SHARED
    return (_shared if is_short else _built)(system, code, display)


def _built(system: str, code: str, display: str | None) -> Coding | None:
    try:
        return Coding(system=system.strip().rstrip("/"), code=code.strip(), display=display)
    except ValidationError:
        return None


_shared = lru_cache(maxsize=4_096)(_built)
"""The same, for codings that documents may share; it is frozen, and hospitals reuse few codes."""
