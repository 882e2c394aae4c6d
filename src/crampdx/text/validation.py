"""What pydantic finds wrong, in the words of this library: what is expected, and no Python.

Records and rule files are refused in one voice. Whether a message may show the value that is at
fault is the caller's to say: an author's value may be shown, a patient's never.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from pydantic_core import ErrorDetails

from crampdx.errors import did_you_mean, printable

__all__ = ["HIDDEN", "Description", "describe_fault"]

HIDDEN: Any = object()
"""The value at fault where no message may show it."""


class Description(NamedTuple):
    """What is wrong, and perhaps the next step."""

    message: str
    hint: str = ""


def describe_fault(fault: Mapping[str, Any] | ErrorDetails, value: Any = HIDDEN) -> Description:
    """Describe a fault that pydantic found.

    Args:
        fault: The fault, with its context.
        value: The value at fault, where the message may show it.

    >>> from pydantic import TypeAdapter, ValidationError
    >>> try:
    ...     TypeAdapter(float).validate_python("old")
    ... except ValidationError as error:
    ...     describe_fault(error.errors()[0]).message
    'a number is expected'
    """
    kind = fault["type"]
    context = fault.get("ctx", {})
    match kind:
        case "enum" | "literal_error" if isinstance(value, str):
            words = context["expected"].split("'")[1::2]
            message = f"'{printable(value)}' is not one of {', '.join(words)}"
            return Description(message, did_you_mean(value, words))
        case "enum" | "literal_error":
            return Description(f"{context['expected']} is expected")
        case "string_pattern_mismatch" if isinstance(value, str):
            message = f"'{printable(value)}' does not have the form {context['pattern']}"
            return Description(message)
        case "string_pattern_mismatch":
            return Description(f"must have the form {context['pattern']}")
        case "string_type" if isinstance(value, int | float):
            return Description(f"text is expected; put {json.dumps(value)} in quotes")
        case "tuple_type" | "list_type" if value is not HIDDEN:
            return Description("a list is expected: one entry a line, or [a, b]")
        case kind if kind.startswith("date_") and isinstance(value, str):
            return Description(f"'{printable(value)}' is not a date such as 2027-01-31")
    limited = next((limit for limit in _LIMITS if limit in context), None)
    if limited is not None and kind in _LIMITED:
        return Description(_LIMITED[kind](_shown(context[limited])))
    return Description(_EXPECTED.get(kind) or fault["msg"].removeprefix("Value error, "))


def _shown(limit: Any) -> str:
    """A bound as text: a number without an exponent, or what pydantic writes of a duration."""
    if not isinstance(limit, int | float):
        return str(limit)
    return f"{int(limit):,}" if limit == int(limit) else f"{limit:,}"


def _many(limit: str, what: str) -> str:
    return f"{limit} {what}{'' if limit == '1' else 's'}"


_LIMITS = ("ge", "gt", "le", "lt", "max_length", "min_length")

_LIMITED: Mapping[str, Callable[[str], str]] = {
    "greater_than_equal": "must be at least {}".format,
    "greater_than": "must be more than {}".format,
    "less_than_equal": "must be at most {}".format,
    "less_than": "must be less than {}".format,
    "string_too_long": lambda limit: f"at most {_many(limit, 'character')} may be given",
    "string_too_short": lambda limit: f"at least {_many(limit, 'character')} must be given",
    "too_long": lambda limit: f"at most {limit} may be given",
    "too_short": lambda limit: f"at least {limit} must be given",
}

_A_NUMBER = "a number is expected"
_A_WHOLE_NUMBER = "a whole number is expected"
_YES_OR_NO = "true or false is expected"
_TEXT = "text is expected"
_A_LIST = "a list is expected"
_A_MAPPING = "a mapping of fields is expected (in JSON, an object)"

_EXPECTED: Mapping[str, str] = {
    "missing": "this field is required",
    "extra_forbidden": "unknown field",
    "float_type": _A_NUMBER,
    "float_parsing": _A_NUMBER,
    "finite_number": "a finite number is expected",
    "int_type": _A_WHOLE_NUMBER,
    "int_parsing": _A_WHOLE_NUMBER,
    "int_parsing_size": _A_WHOLE_NUMBER,
    "int_from_float": _A_WHOLE_NUMBER,
    "bool_type": _YES_OR_NO,
    "bool_parsing": _YES_OR_NO,
    "string_type": _TEXT,
    "string_sub_type": _TEXT,
    "string_unicode": "valid text is expected",
    "tuple_type": _A_LIST,
    "list_type": _A_LIST,
    "dict_type": _A_MAPPING,
    "mapping_type": _A_MAPPING,
    "model_type": _A_MAPPING,
    "model_attributes_type": _A_MAPPING,
    "recursion_loop": "it contains itself",
}
