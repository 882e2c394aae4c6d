"""Durations as ISO 8601 text, as records and rule files give them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

__all__ = ["Duration"]

_ISO = re.compile(
    r"-?P(?=[0-9T])([0-9]+Y)?([0-9]+M)?([0-9]+W)?([0-9]+D)?"
    r"(T(?=[0-9])([0-9]+H)?([0-9]+M)?([0-9]+(\.[0-9]+)?S)?)?"
)


def _iso(value: Any) -> Any:
    if isinstance(value, timedelta) or (isinstance(value, str) and _ISO.fullmatch(value)):
        return value
    bare = ", not a bare number" if isinstance(value, int | float) else ""
    raise ValueError(f"give an ISO 8601 duration such as P9M or PT2M{bare}")


Duration = Annotated[
    timedelta,
    Field(
        ge=timedelta(0),
        le=timedelta(days=150 * 366),
        description="An ISO 8601 duration such as P9M; a month counts 30 days, a year 365.",
    ),
    BeforeValidator(_iso),
]
"""A duration from nothing to 150 years, given as ISO 8601 text or as a `timedelta`."""
