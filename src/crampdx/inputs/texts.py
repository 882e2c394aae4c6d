"""What callers give as text: documents, as JSON or as YAML."""

from __future__ import annotations

import re
from typing import Any

from crampdx.errors import RecordError, RecordIssue
from crampdx.text.json import read_json
from crampdx.text.yaml import read_yaml

__all__ = ["data_of_text", "decoded"]

_KEY_IN_FIRST_COLUMN = re.compile(r"^\w+[ \t]*:(?:\s|$)", re.MULTILINE | re.ASCII)


def decoded(text: str | bytes) -> str:
    """Text without a byte order mark.

    Raises:
        RecordError: It is not UTF-8.
    """
    if isinstance(text, str):
        return text.removeprefix("\ufeff")
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"not valid UTF-8 at byte {error.start + 1}"
        raise RecordError([RecordIssue("", message)]) from None


def data_of_text(text: str | bytes) -> Any:
    """The data of JSON text, or of YAML that has keys in its first column.

    Raises:
        RecordError: It is neither. The message holds no values.

    >>> data_of_text("subject: {sex: MALE}")
    {'subject': {'sex': 'MALE'}}
    """
    text = decoded(text)
    begins = text.lstrip()[:1]
    if begins in ("{", "[", '"') or not _KEY_IN_FIRST_COLUMN.search(text):
        return read_json(text)
    return _data_of_yaml(text)


def _data_of_yaml(text: str) -> Any:
    document = read_yaml(text)
    if document.faults:
        raise RecordError(
            RecordIssue("", f"line {fault.mark.line}, column {fault.mark.column}: {fault.message}")
            for fault in document.faults
        )
    return document.data
