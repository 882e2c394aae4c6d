"""How large plain data may be: how deep, and of how many parts.

Text is bounded by its length. Data of Python is not: a list may hold itself, or one list a thousand
times, so that a few objects are as large as one likes.
"""

from __future__ import annotations

from itertools import count
from typing import Any

from crampdx.errors import RecordError, RecordIssue

__all__ = ["check_size"]


_CONTAINERS = (dict, list, tuple)


def check_size(document: Any, *, parts: int, depth: int | None = None) -> None:
    """Refuse data with too many parts, or nested too deeply.

    Args:
        document: Plain data: dicts, lists and tuples, and what stands in them.
        parts: The most values that it may have, each counted as often as it stands somewhere.
        depth: The most dicts, lists and tuples that may stand in each other; None for any.

    Raises:
        RecordError: It is larger.
    """
    level = [document] if isinstance(document, _CONTAINERS) else []
    for number in count():
        if depth is not None and number > depth:
            raise _refused("nested too deeply")
        below: list[Any] = []
        for container in level:
            parts -= len(container)
            if parts < 0:
                raise _refused("it has too many parts")
            values = container.values() if isinstance(container, dict) else container
            below += [value for value in values if isinstance(value, _CONTAINERS)]
        if not below:
            return
        level = below


def _refused(message: str) -> RecordError:
    return RecordError([RecordIssue("", message)])
