"""Which resources name something that the rules know; the others need not be read.

The assessment is the same with and without them: they are counted as `outside_vocabulary`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from crampdx.inputs.fhir.collecting import MAX_DIFFERENT_CODINGS, MAX_SHARED, coding_of, codings_of
from crampdx.inputs.fhir.observations import PREGNANCY_STATUS
from crampdx.inputs.fhir.tree import Node, nodes_at, text_at, word_at
from crampdx.text.name_keys import KnownConcepts, name_key

__all__ = ["Relevance"]


class _Places(NamedTuple):
    """Where the concepts are that decide what a resource is: fields of it, and of its parts."""

    fields: tuple[str, ...]
    parts: tuple[tuple[str, tuple[str, ...]], ...] = ()


_PLACES: Mapping[str, _Places] = {
    "Condition": _Places(("code",), (("evidence", ("code", "concept")),)),
    "DiagnosticReport": _Places(("code", "conclusionCode")),
    "FamilyMemberHistory": _Places((), (("condition", ("code",)),)),
    "Observation": _Places(
        ("code", "valueCodeableConcept"), (("component", ("code", "valueCodeableConcept")),)
    ),
    "Procedure": _Places(("code",)),
    "ServiceRequest": _Places(("code",)),
}
"""Only of types that are read by those alone: medicines have ingredients, and answers questions."""


class Relevance:
    """Tells which resources of one document to read."""

    def __init__(self, known: KnownConcepts) -> None:
        """Begin a document.

        Args:
            known: What the rules know: `assessor.vocabulary.known`.
        """
        self._known = KnownConcepts(frozenset(known.codes), frozenset(known.names))
        self._codings: dict[tuple[Any, Any, Any], bool] = {}
        self._names: dict[str, bool] = {}

    @property
    def is_full(self) -> bool:
        """Whether the document named more different codings than are looked at in one."""
        return len(self._codings) >= MAX_DIFFERENT_CODINGS

    def is_outside(self, kind: str, resource: Node) -> bool:
        """Whether a resource names nothing that the rules know, so that it need not be read.

        Args:
            kind: Its type.
            resource: The resource.
        """
        places = _PLACES.get(kind)
        if places is None or self.is_full:
            return False
        for field in places.fields:
            if field in resource and self._knows_one_at(resource, field):
                return False
        return not any(
            field in node and self._knows_one_at(node, field)
            for part, fields in places.parts
            if part in resource
            for node in nodes_at(resource, part)
            for field in fields
        )

    def _knows_one_at(self, parent: Node, field: str) -> bool:
        given = parent[field]
        if type(given) is dict:  # as is usual
            return self._knows(given)
        return any(self._knows(node) for node in nodes_at(parent, field))

    def _knows(self, given: Node) -> bool:
        """Whether a concept has a code, or a name, that is known."""
        given, codings = codings_of(given)
        text = given.get("text")
        is_new = isinstance(text, str)
        for coding in codings:
            if self._knows_coding(coding):
                return True
            is_new = is_new and coding.get("display") != text
        return is_new and self._knows_name(text_at(given, "text") or "")

    def _knows_coding(self, given: Node) -> bool:
        key = (given.get("system"), given.get("code"), given.get("display"))
        try:
            known = self._codings.get(key)
        except TypeError:  # an object or a list is where text belongs
            key = (word_at(given, "system"), word_at(given, "code"), word_at(given, "display"))
            known = self._codings.get(key)
        if known is None:
            known = self._codings[key] = self._decide(given)
        return known

    def _decide(self, given: Node) -> bool:
        system, code = word_at(given, "system"), word_at(given, "code")
        display = text_at(given, "display")
        is_short = len(system) + len(code) + len(display or "") <= MAX_SHARED
        return (_shared if is_short else _is_known)(self._known, system, code, display)

    def _knows_name(self, name: str) -> bool:
        known = self._names.get(name)
        if known is None:
            known = self._names[name] = name_key(name) in self._known.names
        return known


def _is_known(known: KnownConcepts, system: str, code: str, display: str | None) -> bool:
    """Whether the rules know a coding, by its code or by its name."""
    coding = coding_of(system, code, display)
    if coding is not None:
        key = (coding.system, coding.code)
        if key in known.codes or key == PREGNANCY_STATUS:
            return True
    return display is not None and name_key(display) in known.names


_shared = lru_cache(maxsize=8_192)(_is_known)
"""The same, for codings that documents may share."""
