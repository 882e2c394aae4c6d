"""Medicines by name: the ingredients of a product, as RxNorm writes them.

RxNorm names a product by its ingredients, each with its strength, and separates them by slashes:
``24 HR potassium chloride 8 MEQ Extended Release Oral Tablet``, ``hydrochlorothiazide 12.5 MG /
lisinopril 10 MG Oral Tablet [Zestoretic]``. The codes of our findings, and the names that they
list, tell how ingredients are called. A part of a name is read only where it starts with such an
ingredient, whole words alone, so that words around a name (*stopped*, *allergic to*) keep it from
being read. What tells how a medicine is taken (*oral*, *inhaled*) may stand before it; what may
tell that it does not reach the blood (*topical*) may not. A name with a word that may say that the
medicine is not taken (*simvastatin, stopped in May*) is not read at all: words are not weighed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Generic, NamedTuple, TypeVar

__all__ = ["Ingredients", "Product"]

_WORD = re.compile(r"[a-z0-9]+")
_PART = re.compile(r"\s/\s|(?<=[a-z]{5})/(?=[a-z]{5})", re.IGNORECASE)
"""Between ingredients. Without spaces only between long words: units have short ones."""

_ROUTES = frozenset(
    {
        "inhaled",
        "intramuscular",
        "intravenous",
        "iv",
        "nebulised",
        "nebulized",
        "oral",
        "subcutaneous",
    }
)
"""How a medicine may be said to be taken, before its name."""

_BEFORE = re.compile(r"^\d[\d.]*\s*(?:hr|ml|actuat|unt)\s+", re.IGNORECASE)
"""What RxNorm may write before an ingredient: the hours of release, or what a unit holds."""

_NOT_TAKEN = frozenset(
    {
        "allergic",
        "allergy",
        "ceased",
        "completed",
        "declined",
        "discontinued",
        "finished",
        "former",
        "formerly",
        "held",
        "intolerance",
        "intolerant",
        "longer",
        "never",
        "not",
        "past",
        "planned",
        "previous",
        "previously",
        "refused",
        "stopped",
        "suspended",
        "until",
        "withdrawn",
    }
)
"""Words that may say that a medicine is not taken, wherever they stand in what names it."""

Meaning = TypeVar("Meaning")


class Product(NamedTuple, Generic[Meaning]):
    """What is known of a product: what its ingredients mean, and whether all of them are known."""

    meanings: tuple[Meaning, ...]
    complete: bool


class Ingredients(Generic[Meaning]):
    """The names of ingredients and what each means. Built once; not changed after.

    >>> known = Ingredients([("hydrochlorothiazide", "a diuretic"), ("simvastatin", "a statin")])
    >>> known.of("hydrochlorothiazide 12.5 MG / lisinopril 10 MG Oral Tablet")
    Product(meanings=('a diuretic',), complete=False)
    >>> known.of("Simvastatin 20 MG Oral Tablet [Zocor]").complete
    True
    >>> known.of("Oral simvastatin").meanings
    ('a statin',)
    >>> known.of("stopped simvastatin").meanings
    ()
    """

    def __init__(self, named: Iterable[tuple[str, Meaning]]) -> None:
        self._meanings: dict[tuple[str, ...], dict[Meaning, None]] = {}
        for name, meaning in named:
            words = _words(name)
            if words:
                self._meanings.setdefault(words, {})[meaning] = None
        self._longest = max(map(len, self._meanings), default=0)

    def of(self, name: str) -> Product[Meaning]:
        """Read the name of a product. What may say that it is not taken is not read."""
        if "?" in name or not _NOT_TAKEN.isdisjoint(_words(name)):
            return Product((), False)
        parts = [self._part(part) for part in _PART.split(name)]
        return Product(
            tuple(dict.fromkeys(meaning for part in parts for meaning in part)), all(parts)
        )

    def _part(self, part: str) -> tuple[Meaning, ...]:
        """What the ingredient means by which the part starts, after the route if one is said."""
        words = _words(_BEFORE.sub("", part.strip(), count=1))
        while words:
            meanings = self._starting(words)
            if meanings or words[0] not in _ROUTES:
                return meanings
            words = words[1:]
        return ()

    def _starting(self, words: tuple[str, ...]) -> tuple[Meaning, ...]:
        """What the longest name means by which the words start."""
        for length in range(min(self._longest, len(words)), 0, -1):
            meanings = self._meanings.get(words[:length])
            if meanings is not None:
                return tuple(meanings)
        return ()


def _words(name: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(name.lower()))
