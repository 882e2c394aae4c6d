"""Codes of terminologies, and the concepts of ours that they stand for."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from crampdx.knowledge.models.common import Id, Model

__all__ = [
    "CODE_SHAPES",
    "Code",
    "CodeMatch",
    "CodeSystem",
]


class CodeSystem(StrEnum):
    """The code systems that rule files and records may use."""

    HPO = "HPO"
    ICD_10_CM = "ICD-10-CM"
    SNOMED_CT = "SNOMED-CT"
    LOINC = "LOINC"
    RXNORM = "RxNorm"
    MONDO = "MONDO"
    OMIM = "OMIM"
    ORPHA = "ORPHA"


class CodeMatch(StrEnum):
    """How a code relates to the concept.

    ``exact`` works both ways. ``narrower`` shows present only. ``broader`` shows absent only.
    ``used_as`` is a broader code by which records usually say the concept: it works both ways,
    with a note. ``related`` shows nothing.
    """

    EXACT = "exact"
    NARROWER = "narrower"
    BROADER = "broader"
    USED_AS = "used_as"
    RELATED = "related"


CODE_SHAPES: dict[CodeSystem, str] = {
    CodeSystem.HPO: r"HP:\d{7}",
    CodeSystem.ICD_10_CM: r"[A-Z]\d[0-9A-Z](\.[0-9A-Z]{1,4})?",
    CodeSystem.SNOMED_CT: r"\d{6,18}",
    CodeSystem.LOINC: r"\d{1,7}-\d",
    CodeSystem.RXNORM: r"\d{1,8}",
    CodeSystem.MONDO: r"MONDO:\d{7}",
    CodeSystem.OMIM: r"OMIM:\d{6}",
    CodeSystem.ORPHA: r"ORPHA:\d{1,6}",
}
"""What a code of each system looks like (a regular expression for the whole code)."""


class Code(Model):
    """A row of ``codes/*.csv``: a code and the concept of ours that it stands for."""

    system: CodeSystem
    """The terminology."""
    code: str
    """The code."""
    match: CodeMatch
    """How it relates to the concept."""
    concept_kind: Literal["finding", "cause", "test", "treatment"]
    """What kind of thing the concept is."""
    concept: Id
    """The id of the concept."""
    display: str
    """How the terminology words the code."""
