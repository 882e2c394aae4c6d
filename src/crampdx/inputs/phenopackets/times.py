"""Times of a Phenopacket: a date where it is certain, and nothing else.

A time element is a timestamp, an interval, an age, a range of ages, a gestational age, or a class
such as 'adult onset'. A record has dates, so that an age needs the date of birth. A time that
cannot be said as one day, month or year is not read.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from crampdx.inputs.phenopackets.parts import Part
from crampdx.record.dates import Days, PartialDate

__all__ = ["Age", "Calendar", "age_of", "partial_date", "time_key", "years_of"]

_AGE = re.compile(
    r"P(?=[0-9T])(?:([0-9]{1,3})Y)?(?:([0-9]{1,4})M)?(?:([0-9]{1,5})W)?(?:([0-9]{1,6})D)?"
    r"(T(?=[0-9])(?:[0-9]{1,9}H)?(?:[0-9]{1,9}M)?(?:[0-9]{1,9}(?:\.[0-9]{1,9})?S)?)?"
)


class Age(NamedTuple):
    """An age as it is said: completed years, months and days, and how exact that is."""

    years: int
    months: int
    days: int
    exact_to: str

    @property
    def in_years(self) -> float:
        """The age in years."""
        return round(self.years + self.months / 12 + self.days / 365.25, 3)


def age_of(said: str) -> Age | None:
    """An age given as an ISO 8601 duration.

    >>> age_of("P25Y3M")
    Age(years=25, months=3, days=0, exact_to='month')
    """
    match = _AGE.fullmatch(said)
    if match is None:
        return None
    years, months, weeks, days = (int(group or 0) for group in match.groups()[:4])
    if match[4] or match[5]:
        exact_to = "day"
    elif match[3]:
        exact_to = "week"
    else:
        exact_to = "month" if match[2] else "year"
    return Age(years, months, 7 * weeks + days, exact_to)


_NEXT = {"year": (12, 0), "month": (1, 0), "week": (0, 7), "day": (0, 1)}
"""The months and days until an age that is exact to so much is another."""


def _later(day: date, months: int, days: int) -> date:
    """A day so many months and days later; the last of a month where it has fewer days."""
    year, month = divmod(12 * day.year + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last)) + timedelta(days=days)


def partial_date(days: Days) -> PartialDate | None:
    """The days as one day, month or year; None where they are part of more than one year.

    >>> partial_date(Days(date(2020, 2, 3), date(2020, 2, 9)))
    '2020-02'
    """
    first, last = days
    if first > last or first.year != last.year:
        return None
    if first == last:
        return PartialDate(first.isoformat())
    year = f"{first.year:04}"
    return PartialDate(f"{year}-{first.month:02}" if first.month == last.month else year)


def years_of(element: Part) -> float | None:
    """The age in years, where the element is an age, or a range within one year of age."""
    age = _age_in(element.part("age"))
    if age is not None:
        return age.in_years
    start, end = _age_range(element)
    if start is None or end is None or int(start.in_years) != int(end.in_years):
        return None
    return start.in_years


def _age_range(element: Part) -> tuple[Age | None, Age | None]:
    ages = element.part("ageRange")
    return (_age_in(ages.part("start")), _age_in(ages.part("end"))) if ages else (None, None)


def _age_in(part: Part | None) -> Age | None:
    said = part.text("iso8601duration") if part else None
    return age_of(said) if said else None


def _timestamp(element: Part, name: str) -> Days | None:
    said = element.text(name)
    try:
        return PartialDate(said).days if said else None
    except ValueError:
        return None


def time_key(element: Part) -> tuple[str, ...] | None:
    """What tells an age or a class of times from another; None for any other time."""
    age, kind = element.part("age"), element.part("ontologyClass")
    said = age.text("iso8601duration") if age else kind.text("id") if kind else None
    return None if said is None else ("age" if age else "class", said)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days of a person's life, as far as they are known.

    Attributes:
        birth: The day of birth.
    """

    birth: Days | None = None

    @classmethod
    def of(cls, subject: Part | None) -> Calendar:
        """The calendar of the subject of a packet."""
        return cls(_timestamp(subject, "dateOfBirth") if subject else None)

    def days(self, element: Part) -> Days | None:
        """The days that a time element may mean; None where that is not known."""
        timestamp = _timestamp(element, "timestamp")
        if timestamp is not None:
            return timestamp
        interval = element.part("interval")
        if interval is not None:
            return self.interval(interval)
        age = _age_in(element.part("age"))
        if age is not None:
            return self._at(age, age)
        start, end = _age_range(element)
        return self._at(start, end) if start and end else None

    @staticmethod
    def interval(interval: Part) -> Days | None:
        """The days of an interval."""
        start, end = _timestamp(interval, "start"), _timestamp(interval, "end")
        return Days(start.first, end.last) if start and end else None

    def certain_date(self, element: Part | None) -> PartialDate | None:
        """A time element as a date of the record; None where it is none for certain."""
        days = self.days(element) if element else None
        return partial_date(days) if days else None

    def _at(self, first: Age, last: Age) -> Days | None:
        if self.birth is None:
            return None
        months, days = _NEXT[last.exact_to]
        try:
            begin = _later(self.birth.first, 12 * first.years + first.months, first.days)
            end = _later(
                self.birth.last, 12 * last.years + last.months + months, last.days + days - 1
            )
        except (ValueError, OverflowError, calendar.IllegalMonthError):
            return None
        return Days(begin, end)

    def age_at(self, day: date) -> float | None:
        """The completed years of age on a day; None where that is not certain."""
        if self.birth is None or self.birth.first != self.birth.last:
            return None
        born = self.birth.first
        before = (day.month, day.day) < (born.month, born.day)
        years = day.year - born.year - before
        return float(years) if 0 <= years <= 130 else None
