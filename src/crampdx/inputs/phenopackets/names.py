"""Ontology classes as the codes and words of a record."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from crampdx.inputs.phenopackets.parts import Part, Unread

__all__ = ["SEVERITIES", "SIDES", "STATES", "clean", "code_of", "named", "unit_of"]

SEVERITIES: Mapping[str, str] = {
    "HP:0012825": "mild",
    "HP:0012826": "moderate",
    "HP:0012828": "severe",
}
"""The terms of HPO for a severity that a record can say."""

SIDES: Mapping[str, str] = {
    "HP:0012832": "bilateral",
    "HP:0012834": "right",
    "HP:0012835": "left",
}
"""The terms of HPO for a side that a record can say."""

STATES: Mapping[str, str] = {"NCIT:C25626": "present", "NCIT:C48190": "absent"}
"""The terms that the Phenopacket documentation gives for what a test shows present or absent."""

_CURIE = re.compile(r"([A-Za-z][A-Za-z0-9._-]{0,60}):([^\s\x00-\x1f\x7f]{1,100})")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_MAX_TEXT = 400
_SYSTEMS: Mapping[str, str] = {
    "orphanet": "ORPHA",
    "rxcui": "RxNorm",
    "sctid": "SNOMED-CT",
    "snomedct": "SNOMED-CT",
}
"""Prefixes that a record does not know, and the system that it knows them by."""


def clean(text: str | None, limit: int = _MAX_TEXT) -> str | None:
    """Text without control characters, cut to a length; None where nothing is left."""
    return _CONTROL.sub(" ", text or "").strip()[:limit] or None


def code_of(concept: Part) -> dict[str, str] | None:
    """The code of an ontology class; None where its id is no CURIE.

    >>> code_of(Part({"id": "Orphanet:803", "label": "ALS"}, ""))
    {'system': 'ORPHA', 'code': '803', 'display': 'ALS'}
    """
    match = _CURIE.fullmatch(concept.text("id") or "")
    if match is None:
        return None
    prefix, code = match.groups()
    label = clean(concept.text("label"))
    display = {"display": label} if label else {}
    return {"system": _SYSTEMS.get(prefix.lower(), prefix), "code": code, **display}


def named(concept: Part | None) -> dict[str, Any]:
    """The fields of an entry that name it: the code or, without one, the label as text.

    Raises:
        Unread: It has neither.
    """
    code = code_of(concept) if concept else None
    if code is not None:
        return {"code": code}
    label = clean(concept.text("label")) if concept else None
    if label is None:
        raise Unread("no_name")
    return {"text": label}


def unit_of(concept: Part | None) -> str | None:
    """The UCUM unit that an ontology class names.

    >>> unit_of(Part({"id": "UCUM:mmol/L"}, ""))
    'mmol/L'
    """
    prefix, _, unit = (concept.text("id") or "" if concept else "").partition(":")
    return unit if prefix.lower() == "ucum" and unit else None


def one_of(words: Mapping[str, str], concepts: Iterable[Part]) -> str | None:
    """The one word that the concepts say; None where they say none, or several."""
    found = {words[name] for part in concepts if (name := part.text("id") or "") in words}
    return found.pop() if len(found) == 1 else None
