"""Names of findings as records write them: which spellings are one name, and which names are known.

A name is read only whole. `name_key` makes one of spellings that differ in nothing that a clinician
would notice: case, marks, the genitive of an eponym, plurals, British and American English, and the
tag by which SNOMED CT says of what kind a concept is.

>>> name_key("Parkinson's Disease") == name_key("parkinson disease")
True
>>> name_key("Motor neurone disease") == name_key("motor neuron disease")
True
>>> name_key("Leg cramps") == name_key("leg cramp (finding)")
True
>>> name_key("no tremor") == name_key("tremor")
False

Marks that may doubt or deny what they stand by leave no name at all:

>>> name_key("?multiple sclerosis"), name_key("Fever (-)")
('', '')
"""

from __future__ import annotations

import re
from collections.abc import Set
from typing import NamedTuple

__all__ = ["KnownConcepts", "name_key"]

_PLAIN = re.compile(r"(?:[\w\s,.;:'\u2019()\[\]/&]++|(?<=\w)-(?=\w))*+")
_WORD = re.compile(r"[^\W_]+")
_TAG = re.compile(r"\((?:disorder|event|finding|morphologic abnormality|situation)\)$")
_GENITIVE = re.compile(r"['\u2019]s\b")
_SPELLING = re.compile(r"ae|oe|our\b|neurone|(?<=[a-z]{3})(?<!s)s\b")
_COMMON = {"ae": "e", "oe": "e", "our": "or", "neurone": "neuron", "s": ""}


def name_key(name: str) -> str:
    """What all spellings of a name have in common. Empty where a text is no plain name."""
    if not _PLAIN.fullmatch(name):
        return ""
    plain = _GENITIVE.sub("", _TAG.sub("", name.casefold()))
    return _SPELLING.sub(lambda found: _COMMON[found.group()], " ".join(_WORD.findall(plain)))


class KnownConcepts(NamedTuple):
    """What rules can read of a concept.

    Attributes:
        codes: Codes, each as system and code.
        names: Names, each as its `name_key`.
    """

    codes: Set[tuple[str, str]]
    names: Set[str]
