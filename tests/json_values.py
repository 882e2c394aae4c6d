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


def places(value: Any, *above: Any) -> list[tuple[Any, ...]]:
    """The paths of all parts of a document, but of the whole."""
    parts: Any = ()
    if isinstance(value, dict):
        parts = value.items()
    elif isinstance(value, list):
        parts = enumerate(value)
    return [path for key, part in parts for path in ((*above, key), *places(part, *above, key))]


def holder(document: Any, path: tuple[Any, ...]) -> Any:
    """What holds the part of a document at a path."""
    for step in path[:-1]:
        document = document[step]
    return document


def put(document: Any, path: tuple[Any, ...], value: Any) -> None:
    """Put a value in place of the part at a path."""
    holder(document, path)[path[-1]] = value
