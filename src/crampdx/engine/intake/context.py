"""What the readers of a record's entries have at hand, and where they put what they read."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import NamedTuple

from crampdx.assessment import Level, RecordWarning, WarningCode
from crampdx.engine.intake.claims import Claim, ClaimStrength
from crampdx.engine.intake.vocabulary import Vocabulary
from crampdx.record.dates import Days, PartialDate
from crampdx.record.models import PatientRecord

__all__ = ["Onset", "Operand", "ReadContext"]


class Operand(NamedTuple):
    """An exact value in the unit of its measurement, from which others are calculated."""

    value: float
    day: date | None
    place: str

    def distance(self, other: Operand) -> timedelta:
        """How far apart in time they are; what has no date is of the day of the other."""
        days = self.day, other.day
        return abs(days[0] - days[1]) if days[0] and days[1] else timedelta(0)


class Onset(NamedTuple):
    """When a finding began."""

    finding: str
    days: Days


@dataclass(slots=True)
class ReadContext:
    """One record on its way through the readers.

    Attributes:
        record: The record.
        vocabulary: The findings, and how records say them.
        as_of: The last day that the day of the assessment may mean.
        claims: What the entries claim, by finding.
        onsets: When findings began, as far as the record says.
        operands: The values from which others are calculated, by measurement.
        warnings: What could not be read, or not simply.
        unresolved: Findings of which something could not be read.
        not_used: The places of entries that were not used, by reason.
        in_vocabulary: The places of entries that name something that the rules know.
        outside_vocabulary: The places of the others.
        unknown_ids: How many ids named nothing.
        unread_medicines: How many medicines that are taken are unknown to the rules.
        tests_done: The tests that the record holds as done.
        tests_ordered: The tests that it holds as ordered.
    """

    record: PatientRecord
    vocabulary: Vocabulary
    as_of: date | None
    claims: defaultdict[str, list[Claim]] = field(default_factory=lambda: defaultdict(list))
    onsets: list[Onset] = field(default_factory=list)
    operands: defaultdict[str, list[Operand]] = field(default_factory=lambda: defaultdict(list))
    warnings: list[RecordWarning] = field(default_factory=list)
    unresolved: set[str] = field(default_factory=set)
    not_used: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    in_vocabulary: list[str] = field(default_factory=list)
    outside_vocabulary: list[str] = field(default_factory=list)
    unknown_ids: int = 0
    unread_medicines: int = 0
    tests_done: set[str] = field(default_factory=set)
    tests_ordered: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, record: PatientRecord, vocabulary: Vocabulary) -> ReadContext:
        """Begin to read a record."""
        return cls(record, vocabulary, record.as_of.last if record.as_of else None)

    def warn(
        self, level: Level, code: WarningCode, place: str, message: str, *findings: str
    ) -> None:
        """Note what could not be read, or not simply."""
        self.warnings.append(RecordWarning(level, code, place, message, findings))

    def leave_unresolved(self, code: WarningCode, place: str, message: str, finding: str) -> None:
        """Note what could not be read of a finding: that it is unknown is not for want of data."""
        self.warn(Level.WARNING, code, place, message, finding)
        self.unresolved.add(finding)

    def leave_out(self, reason: str, place: str) -> None:
        """Count an entry that is not used."""
        self.not_used[reason].append(place)

    def note_vocabulary(self, place: str, *, is_in: bool) -> None:
        """Note whether an entry names something that the rules know."""
        (self.in_vocabulary if is_in else self.outside_vocabulary).append(place)

    def all_not_used(self) -> dict[str, list[str]]:
        """Give the places of what was not used, by reason.

        Two entries of one origin, such as a procedure that may be a test and a finding, are outside
        the vocabulary only where both are.
        """
        known = set(self.in_vocabulary)
        outside = [place for place in dict.fromkeys(self.outside_vocabulary) if place not in known]
        return {**self.not_used, "outside_vocabulary": outside} if outside else self.not_used

    # ---- claims

    def assert_state(
        self, finding: str, state: bool, place: str, day: PartialDate | None = None
    ) -> None:
        """Claim that a finding is present or absent, since an entry says so."""
        claim = Claim(state, ClaimStrength.ASSERTION, day.last if day else None, place)
        self.claims[finding].append(claim)

    def measure_state(
        self,
        finding: str,
        state: bool | None,
        place: str,
        day: date | None = None,
        precedence: int = 0,
    ) -> None:
        """Claim a state by a value, or None where the value leaves it open."""
        claim = Claim(state, ClaimStrength.VALUE, day, place, precedence)
        self.claims[finding].append(claim)

    # ---- time

    def is_over(self, end: PartialDate | None) -> bool:
        """Tell whether what ended on a day is over; without `as_of`, what has an end is over."""
        return end is not None and (self.as_of is None or end.first <= self.as_of)

    def is_current(
        self, days: Days | None, within: timedelta | None, place: str, finding: str
    ) -> bool:
        """Tell whether what is dated so may be used at `as_of`; if not, a warning says why."""
        if days is None:
            return True
        if self.as_of is None:
            if within is None:
                return True
            message = "the record has no 'as_of', so it is not known whether this is still valid"
            self.leave_unresolved("no_as_of", place, message, finding)
            return False
        if days.is_after(self.as_of):
            message = "is dated after the record's 'as_of'"
            self.leave_unresolved("in_the_future", place, message, finding)
            return False
        if within is not None and self.as_of - days.first > within:
            message = f"is older than the {within.days} days for which it counts"
            self.leave_unresolved("stale", place, message, finding)
            return False
        return True
