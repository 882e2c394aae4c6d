"""Where an entry of a rule file is, for messages, reports and pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

__all__ = ["Place", "ShownPlace"]


class Place(NamedTuple):
    """Where an entry is: the file, as it was found, and the line, from 1."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


ShownPlace = Callable[[Place], str]
"""How a place is written for whoever reads it: `str`, or with a path from where they are."""
