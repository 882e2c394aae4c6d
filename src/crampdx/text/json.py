"""JSON text to plain data, strictly: what a record says is never dropped in silence."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

import msgspec

from crampdx.errors import RecordError, RecordIssue, printable

__all__ = ["JsonParts", "NotRead", "number_of", "read_json"]

_decode = msgspec.json.Decoder().decode
_encode_into = msgspec.json.Encoder().encode_into
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,308})(?:\.[0-9]{1,400})?(?:[eE][-+]?[0-9]{1,4})?")


def number_of(text: str) -> float | None:
    """Read a number that is written as text, by the syntax of JSON and no other.

    >>> number_of("10.5"), number_of("1_0.5"), number_of(" 5"), number_of("inf")
    (10.5, None, None, None)
    """
    return float(text) if _NUMBER.fullmatch(text) else None


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
    text = data if isinstance(data, bytes) else data.encode("utf-8", "surrogatepass")
    parts = JsonParts(text)
    try:
        found = parts.read(text)
        parts.check()
    except NotRead:  # the slower reader takes some texts more, and says what is wrong and where
        return _read_slowly(data)
    return found


class NotRead(Exception):
    """JSON text that was not read: it is faulty, or of a kind that only a slower reader takes."""


class JsonParts:
    """Reads JSON text part by part, so that what is not needed need not be kept.

    Each part is read once. What the parts hold is reliable only after `check`: a key that is twice
    in one object is seen by the text holding more strings than all that was read of it.

    >>> parts = JsonParts(b'{"a": [1, 2], "a": 3}')
    >>> parts.read(b'{"a": [1, 2], "a": 3}')
    {'a': 3}
    >>> parts.check()
    Traceback (most recent call last):
    crampdx.text.json.NotRead
    """

    def __init__(self, text: bytes) -> None:
        self._text = text
        self._quotes = 0
        self._written = bytearray()

    def read(self, part: bytes | msgspec.Raw) -> Any:
        """Read the data of a part.

        Raises:
            NotRead: It is not JSON in UTF-8, or nested deeply, or holds numbers out of range.
        """
        try:
            found = _decode(part)
            _encode_into(found, self._written)
            self._quotes += _quotes(self._written)
        except (msgspec.MsgspecError, RecursionError, ValueError) as error:
            raise NotRead from error
        return found

    def note_keys(self, number: int) -> None:
        """Count the keys of an object whose values are read apart."""
        self._quotes += 2 * number

    def check(self) -> None:
        """Make sure that the text is the parts that were read and nothing else.

        Raises:
            NotRead: It holds more: a key is twice in one object.
        """
        if _quotes(self._text) != self._quotes:
            raise NotRead


def _quotes(text: bytes | bytearray) -> int:
    """How many quotation marks begin and end the strings of JSON text."""
    if b"\\" in text:
        text = text.replace(b"\\\\", b"").replace(b'\\"', b"")
    return text.count(b'"')


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
