"""Our codes as codings of FHIR."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.models import Code, CodeMatch, CodeSystem
from crampdx.outputs.fhir.elements import Element

__all__ = ["SYSTEM_ADDRESSES", "codings", "concept", "exact_codes", "loinc"]

SYSTEM_ADDRESSES: Mapping[CodeSystem, str] = {
    CodeSystem.HPO: "http://human-phenotype-ontology.org",
    CodeSystem.ICD_10_CM: "http://hl7.org/fhir/sid/icd-10-cm",
    CodeSystem.LOINC: "http://loinc.org",
    CodeSystem.MONDO: "http://purl.obolibrary.org/obo/mondo.owl",
    CodeSystem.ORPHA: "https://www.orpha.net",
    CodeSystem.RXNORM: "http://www.nlm.nih.gov/research/umls/rxnorm",
    CodeSystem.SNOMED_CT: "http://snomed.info/sct",
}
"""The address of each code system, as FHIR and HL7's terminology registry give it.

OMIM is left out: the registry has no address for it, so its numbers are not sent.
"""


def codings(codes: Iterable[Code]) -> list[Element]:
    """Codes as codings, those of systems without an address left out.

    >>> codings([Code(system="ORPHA", code="ORPHA:803", match="exact", concept_kind="cause",
    ...     concept="als", display="Amyotrophic lateral sclerosis")])[0]["code"]
    '803'
    """
    return [
        {
            "system": SYSTEM_ADDRESSES[code.system],
            "code": _as_registered(code),
            "display": code.display,
        }
        for code in codes
        if code.system in SYSTEM_ADDRESSES
    ]


def _as_registered(code: Code) -> str:
    """The code as its system writes it: Orphanet's are numbers, our prefix is not part of them."""
    return code.code.removeprefix("ORPHA:") if code.system is CodeSystem.ORPHA else code.code


def concept(text: str, codes: Iterable[Code] = ()) -> Element:
    """A CodeableConcept: our words, and the codes that mean the same."""
    return {"coding": codings(codes), "text": text}


def loinc(code: str) -> Element:
    """A coding of LOINC, without display."""
    return {"system": SYSTEM_ADDRESSES[CodeSystem.LOINC], "code": code}


@lru_cache(maxsize=8)
def exact_codes(knowledge: KnowledgeBase) -> Mapping[tuple[str, str], tuple[Code, ...]]:
    """The codes that mean the same as a concept of ours, by its kind and id."""
    found: dict[tuple[str, str], list[Code]] = {}
    for code in knowledge.codes:
        if code.match is CodeMatch.EXACT:
            found.setdefault((code.concept_kind, code.concept), []).append(code)
    return {concept: tuple(codes) for concept, codes in found.items()}
