"""Walks through JSON values, for tests of what is sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def members(value: Any) -> Iterator[Any]:
    """A value and everything in it, at any depth."""
    yield value
    for part in value.values() if isinstance(value, dict) else value:
        if isinstance(part, dict | list):
            yield from members(part)
        else:
            yield part
