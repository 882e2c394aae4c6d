"""Coded and written answers: which of them say yes, which no, and which that nothing is known."""

from __future__ import annotations

from enum import Enum, auto

from crampdx.inputs.fhir.collecting import Concept
from crampdx.inputs.fhir.tree import Node, codes_at

__all__ = ["ABSENT", "PRESENT", "UNKNOWN", "Answer", "answer_of", "interpretation_of"]


class Answer(Enum):
    """What an answer says of that which was asked for."""

    PRESENT = auto()
    ABSENT = auto()
    UNKNOWN = auto()
    OTHER = auto()


_YES_NO = "http://terminology.hl7.org/CodeSystem/v2-0136"
_EXPANDED_YES_NO = "http://terminology.hl7.org/CodeSystem/v2-0532"

PRESENT = {
    ("SNOMED-CT", "373066001"): "Yes",
    ("SNOMED-CT", "260373001"): "Detected",
    ("SNOMED-CT", "10828004"): "Positive",
    ("SNOMED-CT", "52101004"): "Present",
    ("LOINC", "LA33-6"): "Yes",
    ("LOINC", "LA11882-0"): "Detected",
    ("LOINC", "LA6576-8"): "Positive",
    (_YES_NO, "Y"): "Yes",
    (_EXPANDED_YES_NO, "Y"): "Yes",
}
"""Codes of answers that say that what was asked for is there."""

ABSENT = {
    ("SNOMED-CT", "373067005"): "No",
    ("SNOMED-CT", "260415000"): "Not detected",
    ("SNOMED-CT", "260385009"): "Negative",
    ("SNOMED-CT", "2667000"): "Absent",
    ("LOINC", "LA32-8"): "No",
    ("LOINC", "LA11883-8"): "Not detected",
    ("LOINC", "LA6577-6"): "Negative",
    (_YES_NO, "N"): "No",
    (_EXPANDED_YES_NO, "N"): "No",
}
"""Codes of answers that say that it is not."""

UNKNOWN = {
    ("SNOMED-CT", "261665006"): "Unknown",
    ("SNOMED-CT", "82334004"): "Indeterminate",
    ("SNOMED-CT", "419984006"): "Inconclusive",
    ("LOINC", "LA4489-6"): "Unknown",
    ("LOINC", "LA11884-6"): "Indeterminate",
    ("LOINC", "LA9663-1"): "Inconclusive",
    ("LOINC", "LA11885-3"): "Equivocal",
}
"""Codes of answers that say that it is not known."""

_UNKNOWN_SYSTEMS = frozenset(
    {
        _EXPANDED_YES_NO,
        "http://terminology.hl7.org/CodeSystem/data-absent-reason",
        "http://hl7.org/fhir/data-absent-reason",
        "http://terminology.hl7.org/CodeSystem/v3-NullFlavor",
    }
)
"""Systems of which every other code says that nothing is known."""

_WORDS = {
    Answer.PRESENT: ("yes", "y", "true", "present", "positive", "detected"),
    Answer.ABSENT: ("no", "n", "false", "absent", "negative", "not detected", "none detected"),
    Answer.UNKNOWN: ("unknown", "not known", "indeterminate", "inconclusive", "not asked"),
}
_BY_WORD = {word: answer for answer, words in _WORDS.items() for word in words}

_INTERPRETATIONS = {
    "pos": Answer.PRESENT,
    "det": Answer.PRESENT,
    "neg": Answer.ABSENT,
    "nd": Answer.ABSENT,
}


def answer_of(given: Concept) -> Answer:
    """What a coded or written answer says; its codes are read before its text.

    >>> answer_of(Concept((), "Not detected"))
    <Answer.ABSENT: 2>
    """
    for coding in given.codes:
        key = (coding.system, coding.code)
        if key in PRESENT:
            return Answer.PRESENT
        if key in ABSENT:
            return Answer.ABSENT
        if key in UNKNOWN or coding.system in _UNKNOWN_SYSTEMS:
            return Answer.UNKNOWN
    if given.codes:
        return Answer.OTHER
    return _BY_WORD.get((given.text or "").casefold(), Answer.OTHER)


def interpretation_of(observation: Node) -> Answer:
    """What the interpretation of an observation says; high and low say neither.

    Both at once say that it is not known.
    """
    said = {_INTERPRETATIONS.get(code) for code in codes_at(observation, "interpretation")}
    found = said & {Answer.PRESENT, Answer.ABSENT}
    if len(found) > 1:
        return Answer.UNKNOWN
    return next((answer for answer in found if answer), Answer.OTHER)
