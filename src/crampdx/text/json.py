"""JSON text to plain data, strictly: what a record says is never dropped in silence."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import jiter

from crampdx.errors import RecordError, RecordIssue, printable

__all__ = ["read_json"]


def _no_double(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        counts = Counter(key for key, _ in pairs)
        double = next(key for key, count in counts.items() if count > 1)
        raise ValueError(f"the key '{printable(double)}' stands twice in one object")
    return found


def read_json(data: str | bytes) -> Any:
    """The data of JSON text. No key may stand twice in one object.

    Args:
        data: The text, or its bytes in UTF-8, with or without a byte order mark.

    Raises:
        RecordError: It is not JSON. The message holds no values.

    >>> read_json('{"age": 58}')
    {'age': 58}
    """
    try:
        return _read_quickly(data)
    except ValueError:
        pass  # the slower reader takes some texts more, and says what is wrong and where
    return _read_slowly(data)


def _read_quickly(data: str | bytes) -> Any:
    """The data of JSON text that is wholly in order.

    Of its strings only the keys are kept for the texts to come: the others may be a patient's.
    """
    text = data if isinstance(data, bytes) else data.encode()
    return jiter.from_json(text, allow_inf_nan=False, cache_mode="keys", catch_duplicate_keys=True)


def _read_slowly(data: str | bytes) -> Any:
    try:
        text = data.decode("utf-8-sig") if isinstance(data, bytes) else data.removeprefix("\ufeff")
        return json.loads(text, object_pairs_hook=_no_double)
    except UnicodeDecodeError as error:
        problem = f"not valid UTF-8 at byte {error.start + 1}"
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        problem = f"not valid JSON at {where}: {error.msg[:1].lower()}{error.msg[1:]}"
    except RecursionError:
        problem = "nested too deeply"
    except ValueError as error:
        problem = "holds a number with too many digits" if "digits" in str(error) else str(error)
    raise RecordError([RecordIssue("", problem)]) from None
