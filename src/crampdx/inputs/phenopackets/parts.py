"""A part of a Phenopacket, with the place where it stands.

The keys of a Phenopacket are written in camel case or in snake case. Places are in camel case.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

__all__ = ["Part", "Unread"]


class Unread(Exception):
    """A part that is left out of the record.

    Attributes:
        reason: Why, in one word.
    """

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@lru_cache(maxsize=256)
def _snake(name: str) -> str:
    return re.sub(r"[A-Z]", lambda letter: f"_{letter.group().lower()}", name)


@dataclass(frozen=True, slots=True)
class Part:
    """Any value of the document, of whatever type it is, and where it stands.

    >>> packet = Part({"phenotypic_features": [{"excluded": True}]}, "")
    >>> packet.parts("phenotypicFeatures")[0].place
    'phenotypicFeatures[0]'
    """

    data: Any
    place: str

    def part(self, name: str) -> Part | None:
        """The part of this name; None where there is none, or null."""
        if not isinstance(self.data, Mapping):
            return None
        value = self.data.get(name)
        if value is None:
            value = self.data.get(_snake(name))
        return None if value is None else Part(value, self._at(name))

    def parts(self, name: str) -> tuple[Part, ...]:
        """The items of the list of this name. What is no list counts as its only item."""
        found = self.part(name)
        if found is None:
            return ()
        if not isinstance(found.data, list | tuple):
            return (found,)
        return tuple(Part(item, f"{found.place}[{i}]") for i, item in enumerate(found.data))

    def text(self, name: str) -> str | None:
        """The text of this name, unless it is empty or of another type."""
        found = self.part(name)
        return found.data if found and isinstance(found.data, str) and found.data else None

    def flag(self, name: str) -> bool:
        """Whether the flag of this name is set.

        Raises:
            Unread: It is neither true nor false.
        """
        found = self.part(name)
        if found is not None and not isinstance(found.data, bool):
            raise Unread("malformed")
        return found is not None and found.data

    def _at(self, name: str) -> str:
        return f"{self.place}.{name}" if self.place else name
