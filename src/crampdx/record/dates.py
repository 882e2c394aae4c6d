"""Dates of records: partial ones, the days that they may mean, and the day of an assessment."""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from crampdx.errors import RecordError, RecordIssue

__all__ = ["Days", "PartialDate", "parse_as_of"]

MAX_DATE = 40
"""The most characters of a date."""

PARTIAL_DATE = re.compile(
    r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})"
    r"(?:T(?:[01][0-9]|2[0-4]):[0-5][0-9](?::[0-6][0-9](?:\.[0-9]{1,9})?)?"
    r"(?:Z|[-+][01][0-9]:[0-5][0-9])?)?)?)?"
)

_ELSEWHERE = timedelta(days=1)
"""How much later the date of a place may be than that of another at the same time."""


class Days(NamedTuple):
    """The days that a partial date may mean: from the first to the last, both included."""

    first: date
    last: date

    def is_after(self, as_of: date) -> bool:
        """Whether the days lie after the day of an assessment.

        Dates are those of the place where they were written, which is not known: the day after
        that of the assessment may be today there.

        >>> days = [PartialDate(day).days for day in ("2026-03-02", "2026-03-03")]
        >>> [day.is_after(date(2026, 3, 1)) for day in days]
        [False, True]
        """
        return self.first - as_of > _ELSEWHERE


class PartialDate(str):
    """A date as it was written, which may be a year or a month, and the days that it may mean.

    It is the text that was written, and is compared and written as that.

    >>> PartialDate("2026-02").last, PartialDate("2026-02") == "2026-02"
    (datetime.date(2026, 2, 28), True)
    """

    __slots__ = ("_days",)

    _days: Days

    def __new__(cls, text: str) -> PartialDate:
        """Read a date.

        Args:
            text: YYYY, YYYY-MM or YYYY-MM-DD, the last perhaps with a time of day.

        Raises:
            ValueError: It is none.
        """
        self = super().__new__(cls, text)
        self._days = _days_of(text)
        return self

    @property
    def days(self) -> Days:
        """The first and the last day that it may mean."""
        return self._days

    @property
    def first(self) -> date:
        """The first day that it may mean."""
        return self._days.first

    @property
    def last(self) -> date:
        """The last day that it may mean."""
        return self._days.last

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: type[Any], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Validate text, or a date of Python; write text."""
        return core_schema.no_info_before_validator_function(
            _as_text,
            core_schema.no_info_after_validator_function(
                cls, core_schema.str_schema(max_length=MAX_DATE)
            ),
            serialization=core_schema.plain_serializer_function_ser_schema(
                str, return_schema=core_schema.str_schema(), when_used="always"
            ),
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Describe the text."""
        description = "A date: YYYY, YYYY-MM, YYYY-MM-DD, or with a time of day."
        return {**handler(schema), "description": description}


def parse_as_of(given: str | None) -> PartialDate | None:
    """Read what was given as the day of an assessment; None where nothing was.

    Raises:
        RecordError: It is given, and is not a date.
    """
    if given is None or isinstance(given, PartialDate):
        return given
    try:
        return PartialDate(given)
    except TypeError:
        problem = "give a date as YYYY-MM-DD, as text"
    except ValueError as error:
        problem = str(error)
    raise RecordError([RecordIssue("as_of", problem)])


def _as_text(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


@lru_cache(maxsize=4_096)
def _days_of(text: str) -> Days:
    match = PARTIAL_DATE.fullmatch(text)
    if match is None:
        raise ValueError("give a date as YYYY, YYYY-MM or YYYY-MM-DD")
    year, month, day = match.groups()
    try:
        if day is not None:
            one = date(int(year), int(month), int(day))
            return Days(one, one)
        if month is None:
            return Days(date(int(year), 1, 1), date(int(year), 12, 31))
        _, last = calendar.monthrange(int(year), int(month))
        return Days(date(int(year), int(month), 1), date(int(year), int(month), last))
    except (ValueError, calendar.IllegalMonthError):
        raise ValueError("there is no such day in the calendar") from None
