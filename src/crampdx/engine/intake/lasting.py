"""How long what an entry says has lasted."""

from __future__ import annotations

from datetime import date, timedelta

from crampdx.engine.intake.intervals import Interval
from crampdx.knowledge.models import Lasting
from crampdx.record.dates import Days
from crampdx.record.models import FindingEntry

__all__ = ["has_lasted"]


def has_lasted(entry: FindingEntry, lasting: Lasting | None, as_of: date | None) -> bool:
    """Tell whether what an entry says has lasted so long or, where that counts too, may have.

    Args:
        entry: The entry.
        lasting: For how long; None for any time.
        as_of: The day of the assessment.
    """
    if lasting is None:
        return True
    lasted = _lasted(entry, as_of)
    if lasting.or_unknown:
        return lasted.clipped(lasting.days) is not None
    return lasted.within(lasting.days)


def _lasted(entry: FindingEntry, as_of: date | None) -> Interval:
    """The days for which what the entry says has lasted: up to `as_of`, or to its own date.

    What says neither when it began nor for how long is at least as old as its date.
    """
    start = entry.onset or entry.date
    until = Days(as_of, as_of) if as_of else entry.date
    if start is None or until is None:
        shortest = longest = timedelta(0)
    else:
        shortest = max(until.first - start.last, timedelta(0))
        longest = max(until.last - start.first, timedelta(0))
    if entry.onset is None and entry.duration is not None:
        return Interval.days(shortest + entry.duration, longest + entry.duration)
    is_known = entry.onset is not None and until is not None
    return Interval.days(shortest, longest if is_known else None)
