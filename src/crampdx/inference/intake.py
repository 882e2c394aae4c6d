"""Intake: what a record says, in the words of the vocabulary.

Every entry of the record makes *claims*: this finding is present, or absent, by this value or
assertion, on this day. For each finding the claims are weighed, then presence is passed up and
absence down along `implies`. What no claim decides is unknown.

Weighing the claims of one finding, in this order:

1. A value outranks an assertion.
2. Among values, the latest in date; values of one date that differ: the abnormal one, with a
   warning.
3. Among assertions that differ, the latest dated; where dates do not tell, the finding is unknown,
   with a warning.

The same order decides between a finding that is present and what it implies, if that is absent.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import IntEnum
from typing import NamedTuple

from crampdx.assessment import Level, NotUsed, RecordWarning
from crampdx.errors import did_you_mean, printable
from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.models import (
    Attribute,
    AttributeValue,
    Began,
    Bounds,
    CodeMatch,
    FindingKind,
    MeasuredValue,
    OfFamily,
    OfPast,
    OneOf,
    Qualified,
)
from crampdx.record import (
    Context,
    Days,
    Entry,
    FamilyStatement,
    Measurement,
    Medication,
    PatientRecord,
    Statement,
    Status,
    TestResult,
    days_of,
)

__all__ = ["Intake", "Vocabulary", "take_in"]


class Rank(IntEnum):
    """What kind of claim outranks what other."""

    ASSERTION = 1
    VALUE = 2


class Claim(NamedTuple):
    """What one entry of the record says of one finding. State None: a value that leaves it open."""

    state: bool | None
    rank: Rank
    day: date | None
    place: str


class Direct(NamedTuple):
    """The state of a finding by its own claims."""

    state: bool
    rank: Rank
    day: date | None
    places: tuple[str, ...]


class Match(NamedTuple):
    """A finding that a code or id stands for, and what the code can show of it."""

    finding: str
    shows_present: bool
    shows_absent: bool
    note: str


class ValueReader(NamedTuple):
    """A finding that reads a measurement: its own bounds, and the measurement's definition."""

    finding: str
    form: MeasuredValue
    unit: str
    convert: Mapping[str, float]
    plausible: Bounds | None


# ------------------------------------------------------------------------------------ vocabulary

_SHOWS = {
    CodeMatch.EXACT: (True, True),
    CodeMatch.NARROWER: (True, False),
    CodeMatch.BROADER: (False, True),
    CodeMatch.USED_AS: (True, True),
}


class Vocabulary:
    """The knowledge base, arranged for intake. Built once; not changed after."""

    def __init__(self, knowledge: KnowledgeBase) -> None:
        self.findings = knowledge.findings
        self.tests = knowledge.tests
        self.complaint = knowledge.complaint
        above = knowledge.ancestors()
        self.ancestors = {name: tuple(sorted(above[name])) for name in above}
        below: dict[str, list[str]] = defaultdict(list)
        for name, ancestors in self.ancestors.items():
            for ancestor in ancestors:
                below[ancestor].append(name)
        self.descendants = {name: tuple(sorted(below[name])) for name in above}
        self.within = {
            finding.id: finding.within
            for finding in self.findings.values()
            if finding.within is not None
        }
        self.by_id = {
            finding.id: (Match(finding.id, True, True, ""),)
            for finding in self.findings.values()
            if finding.derived is None
        }
        self.by_code = self._codes(knowledge)
        self.tests_by_code = {
            (str(code.system), code.code): code.concept
            for code in knowledge.codes
            if code.concept_kind == "test"
        }
        self.values: dict[str, list[ValueReader]] = defaultdict(list)
        self.attributes: dict[Attribute, list[tuple[str, AttributeValue]]] = defaultdict(list)
        self.qualified: dict[str, list[tuple[str, Qualified]]] = defaultdict(list)
        self.began: list[tuple[str, Began]] = []
        self.past: dict[str, list[str]] = defaultdict(list)
        self.family: dict[str, list[str]] = defaultdict(list)
        self._read_forms(knowledge)

    def _codes(self, knowledge: KnowledgeBase) -> dict[tuple[str, str], tuple[Match, ...]]:
        found: dict[tuple[str, str], list[Match]] = defaultdict(list)
        for code in knowledge.codes:
            if code.concept_kind != "finding" or code.match is CodeMatch.RELATED:
                continue
            present, absent = _SHOWS[code.match]
            name = self.findings[code.concept].name
            note = (
                f"{code.code} ({code.display}) says less than '{name}', and is taken for it"
                if code.match is CodeMatch.USED_AS
                else ""
            )
            found[str(code.system), code.code].append(Match(code.concept, present, absent, note))
        return {key: tuple(matches) for key, matches in found.items()}

    def _read_forms(self, knowledge: KnowledgeBase) -> None:
        definitions = knowledge.measurements()
        for finding in self.findings.values():
            for form in finding.shown_by:
                match form:
                    case MeasuredValue():
                        self._read_value(finding.id, form, definitions)
                    case AttributeValue():
                        self.attributes[form.attribute].append((finding.id, form))
                    case Qualified(finding=base):
                        for name in (base, *self.descendants[base]):
                            self.qualified[name].append((finding.id, form))
                    case Began():
                        self.began.append((finding.id, form))
                    case OfPast(past=base):
                        for name in (base, *self.descendants[base]):
                            self.past[name].append(finding.id)
                    case OfFamily(family=base):
                        for name in (base, *self.descendants[base]):
                            self.family[name].append(finding.id)

    def _read_value(
        self, finding: str, form: MeasuredValue, definitions: Mapping[str, MeasuredValue]
    ) -> None:
        definition = form if form.defines_measurement else definitions[str(form.measurement)]
        reader = ValueReader(
            finding, form, str(definition.unit), definition.convert, definition.plausible
        )
        names = {f"LOINC {code}" for code in definition.loinc}
        if definition.measurement is not None:
            names.add(definition.measurement)
        for name in sorted(names):
            self.values[name].append(reader)


# ----------------------------------------------------------------------------------------- result


@dataclass(slots=True)
class Intake:
    """What the record says: the state of each known finding, and all that could not be read.

    Attributes:
        states: True for present, False for absent; a finding that is not in it is unknown.
        direct: The findings that the record itself speaks of, with the places.
        contested: Findings that are unknown because the record contradicts itself, or because
            what it holds of them could not be read.
        warnings: What concerns our findings and could not be read, or not simply.
        not_used: Places of entries outside the vocabulary, by reason.
        unread_medicines: How many medicines that are taken are unknown to the rules.
        tests_done: The tests that the record holds as done.
    """

    states: dict[str, bool] = field(default_factory=dict)
    direct: dict[str, Direct] = field(default_factory=dict)
    contested: set[str] = field(default_factory=set)
    warnings: list[RecordWarning] = field(default_factory=list)
    not_used: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    unread_medicines: int = 0
    tests_done: set[str] = field(default_factory=set)

    def unused(self) -> tuple[NotUsed, ...]:
        """The entries that were not used, counted by reason, with the first places of each."""
        return tuple(
            NotUsed(reason, len(places), tuple(places[:NOT_USED_PLACES]))
            for reason, places in sorted(self.not_used.items())
        )


NOT_USED_PLACES = 20
"""How many places of entries that were not used a result names, for each reason."""


def take_in(record: PatientRecord, vocabulary: Vocabulary) -> Intake:
    """Read a record: what is present, what is absent, what is unclear, and what is not used."""
    reader = _Reader(record, vocabulary)
    reader.read()
    intake = reader.intake
    for finding, claims in reader.claims.items():
        direct = _weigh(finding, claims, intake)
        if direct is not None:
            intake.direct[finding] = direct
    _settle_contradictions(intake, vocabulary)
    _pass_on(intake, vocabulary)
    _note_complaint(intake, vocabulary)
    intake.warnings.sort(key=RecordWarning.order)
    return intake


# ---------------------------------------------------------------------------------------- reading


class _Interval(NamedTuple):
    """A range of numbers, from a value with or without a comparator."""

    low: float
    low_open: bool
    high: float
    high_open: bool

    @classmethod
    def of(cls, value: float, comparator: str | None) -> _Interval:
        match comparator:
            case "<" | "<=":
                return cls(-math.inf, False, value, comparator == "<")
            case ">" | ">=":
                return cls(value, comparator == ">", math.inf, False)
            case _:
                return cls(value, False, value, False)

    def within(self, bounds: Bounds) -> bool:
        """Whether all of the range lies within the bounds."""
        if bounds.from_ is not None and self.low < bounds.from_:
            return False
        if bounds.above is not None and not (
            self.low > bounds.above or (self.low == bounds.above and self.low_open)
        ):
            return False
        if bounds.up_to is not None and self.high > bounds.up_to:
            return False
        return bounds.below is None or (
            self.high < bounds.below or (self.high == bounds.below and self.high_open)
        )

    def clipped(self, bounds: Bounds | None) -> _Interval | None:
        """The part of the range that lies within the bounds, or None where none does."""
        if bounds is None:
            return self
        low, low_open, high, high_open = self
        for limit, is_open in ((bounds.from_, False), (bounds.above, True)):
            if limit is not None and (limit > low or (limit == low and is_open)):
                low, low_open = limit, is_open
        for limit, is_open in ((bounds.up_to, False), (bounds.below, True)):
            if limit is not None and (limit < high or (limit == high and is_open)):
                high, high_open = limit, is_open
        if low > high or (low == high and (low_open or high_open)):
            return None
        return _Interval(low, low_open, high, high_open)


class _Onset(NamedTuple):
    finding: str
    days: Days


class _Reader:
    """Walks through a record once and collects claims and warnings."""

    def __init__(self, record: PatientRecord, vocabulary: Vocabulary) -> None:
        self.record = record
        self.vocabulary = vocabulary
        self.intake = Intake()
        self.claims: dict[str, list[Claim]] = defaultdict(list)
        self.onsets: list[_Onset] = []
        self.as_of = days_of(record.as_of).last if record.as_of else None

    def read(self) -> None:
        record = self.record
        for section in ("findings", "diagnoses", "exposures"):
            for index, statement in enumerate(getattr(record, section)):
                self.statement(statement, f"{section}[{index}]")
        for index, result in enumerate(record.test_results):
            self.test_result(result, f"test_results[{index}]")
        for index, measurement in enumerate(record.measurements):
            self.measurement(measurement, f"measurements[{index}]")
        for index, medication in enumerate(record.medications):
            self.medication(medication, f"medications[{index}]")
        for index, relative in enumerate(record.family_history):
            self.relative(relative, f"family_history[{index}]")
        for attribute, readers in self.vocabulary.attributes.items():
            self.attribute(attribute, readers)
        for finding, began in self.vocabulary.began:
            self.sequence(finding, began)

    # ---- what an entry names

    def warn(self, level: Level, code: str, place: str, message: str, *findings: str) -> None:
        self.intake.warnings.append(RecordWarning(level, code, place, message, findings))

    def matches(self, entry: Entry, place: str) -> tuple[Match, ...]:
        """The findings that the entry names; where it names none, it is counted as not used."""
        vocabulary = self.vocabulary
        found: tuple[Match, ...] = ()
        if entry.id is not None:
            found = vocabulary.by_id.get(entry.id, ())
            if not found:
                self.unknown_finding(entry.id, place)
        for coding in entry.code:
            found += vocabulary.by_code.get((coding.system, coding.code), ())
        if not found:
            self.intake.not_used["outside_vocabulary"].append(place)
        return found

    def unknown_finding(self, name: str, place: str) -> None:
        if name in self.vocabulary.findings:
            message = "follows from other findings and is not read; give those instead"
            self.warn(Level.WARNING, "derived_finding", place, message, name)
        else:
            self.unknown_id("finding", name, self.vocabulary.findings, place)

    def unknown_id(self, kind: str, name: str, known: Iterable[str], place: str) -> None:
        hint = did_you_mean(name, known)
        message = f"no {kind} has the id '{printable(name)}'"
        self.warn(Level.WARNING, "unknown_id", place, f"{message}; {hint}" if hint else message)

    # ---- time

    def is_past(self, end: str | None) -> bool:
        """Whether what ended on this day is over; without `as_of`, what has an end is over."""
        return end is not None and (self.as_of is None or days_of(end).first <= self.as_of)

    def in_time(self, day: Days | None, within: timedelta | None, place: str, finding: str) -> bool:
        """Whether a dated value or assertion may be used at `as_of`; else a warning says why."""
        if day is None:
            return True
        if self.as_of is None:
            if within is None:
                return True
            message = "the record has no 'as_of', so it is not known whether this is still valid"
            self.contest("no_as_of", place, message, finding)
            return False
        if day.first > self.as_of:
            self.contest("in_the_future", place, "is dated after the record's 'as_of'", finding)
            return False
        if within is not None and self.as_of - day.first > within:
            message = f"is older than the {within.days} days for which it counts"
            self.contest("stale", place, message, finding)
            return False
        return True

    def contest(self, code: str, place: str, message: str, finding: str) -> None:
        self.warn(Level.WARNING, code, place, message, finding)
        self.intake.contested.add(finding)

    # ---- entries

    def statement(self, entry: Statement, place: str) -> None:
        matches = self.matches(entry, place)
        if not matches:
            return
        if entry.context is Context.FAMILY:
            self.of_others(matches, self.vocabulary.family, entry.status, place, "family")
            return
        if entry.context is Context.ORDERED:
            self.intake.not_used["only_ordered"].append(place)
            return
        if entry.status is Status.PAST or (
            entry.status is Status.PRESENT and self.is_past(entry.end)
        ):
            self.of_others(matches, self.vocabulary.past, Status.PRESENT, place, "past")
            return
        self.assertion(matches, entry, place)

    def assertion(self, matches: Iterable[Match], entry: Statement, place: str) -> None:
        present = entry.status is Status.PRESENT
        day = days_of(entry.date) if entry.date else None
        used = False
        for match in matches:
            if not (match.shows_present if present else match.shows_absent):
                continue
            used = True
            finding = match.finding
            if not self.in_time(day, self.vocabulary.within.get(finding), place, finding):
                continue
            self.claim(match, present, day, place)
            if present:
                if finding in self.vocabulary.qualified:
                    self.qualifiers(finding, entry, day, place)
                if entry.onset is not None or entry.duration is not None:
                    self.note_onset(finding, entry, day)
        if not used:
            reason = "says_too_little" if present else "excludes_too_little"
            self.intake.not_used[reason].append(place)

    def claim(self, match: Match, present: bool, day: Days | None, place: str) -> None:
        if match.note and present:
            self.warn(Level.INFO, "taken_for", place, match.note, match.finding)
        claim = Claim(present, Rank.ASSERTION, day.last if day else None, place)
        self.claims[match.finding].append(claim)

    def qualifiers(self, finding: str, entry: Statement, day: Days | None, place: str) -> None:
        for qualified, form in self.vocabulary.qualified[finding]:
            if (
                _allows(form.site, entry.body_site)
                and _allows(form.laterality, entry.laterality)
                and _allows(form.severity, entry.severity)
            ):
                claim = Claim(True, Rank.ASSERTION, day.last if day else None, place)
                self.claims[qualified].append(claim)

    def note_onset(self, finding: str, entry: Statement, day: Days | None) -> None:
        if entry.onset is not None:
            self.onsets.append(_Onset(finding, days_of(entry.onset)))
        elif entry.duration is not None:
            until = day.last if day else self.as_of
            if until is not None:
                self.add_onset_before(finding, until, entry.duration)

    def add_onset_before(self, finding: str, until: date, duration: timedelta) -> None:
        try:
            began = until - duration
        except OverflowError:
            return
        self.onsets.append(_Onset(finding, Days(began, began)))

    def of_others(
        self,
        matches: Iterable[Match],
        targets: Mapping[str, list[str]],
        status: Status,
        place: str,
        reason: str,
    ) -> None:
        """What is past, or a relative's, reaches only the findings that are declared for it.

        A relative's absence shows nothing: another relative may be affected.
        """
        reached = {
            target
            for match in matches
            if match.shows_present and status is not Status.ABSENT
            for target in targets.get(match.finding, ())
        }
        reached.update(
            match.finding
            for match in matches
            if reason == "family"
            and self.vocabulary.findings[match.finding].kind is FindingKind.FAMILY
            and status is Status.PRESENT
        )
        if not reached:
            self.intake.not_used[reason].append(place)
        for finding in sorted(reached):
            self.claims[finding].append(Claim(True, Rank.ASSERTION, None, place))

    def relative(self, entry: FamilyStatement, place: str) -> None:
        matches = self.matches(entry, place)
        if not matches:
            return
        declared = [
            match
            for match in matches
            if self.vocabulary.findings[match.finding].kind is FindingKind.FAMILY
        ]
        if declared and entry.status is Status.ABSENT:
            for match in declared:
                self.claim(match, False, None, place)
            return
        self.of_others(matches, self.vocabulary.family, entry.status, place, "family")

    def medication(self, entry: Medication, place: str) -> None:
        current = (
            entry.context is Context.TAKEN
            and entry.status is Status.PRESENT
            and not self.is_past(entry.stop)
        )
        matches = self.matches(entry, place)
        if current and not any(match.shows_present for match in matches):
            self.intake.unread_medicines += 1
        if not matches:
            return
        if entry.context is Context.ORDERED:
            self.intake.not_used["only_ordered"].append(place)
            return
        day = days_of(entry.date) if entry.date else None
        statement_status = Status.ABSENT if entry.status is Status.ABSENT else Status.PRESENT
        if entry.status is not Status.ABSENT and not current:
            self.of_others(matches, self.vocabulary.past, Status.PRESENT, place, "past")
            return
        for match in matches:
            present = statement_status is Status.PRESENT
            if not (match.shows_present if present else match.shows_absent):
                continue
            if not self.in_time(
                day, self.vocabulary.within.get(match.finding), place, match.finding
            ):
                continue
            self.claim(match, present, day, place)
            if present and entry.start is not None:
                self.onsets.append(_Onset(match.finding, days_of(entry.start)))

    def test_result(self, entry: TestResult, place: str) -> None:
        tests: set[str] = {name for name in (entry.id or "",) if name in self.vocabulary.tests}
        for coding in entry.code:
            test = self.vocabulary.tests_by_code.get((coding.system, coding.code))
            if test is not None:
                tests.add(test)
        if entry.id is not None and not tests:
            self.unknown_id("test", entry.id, self.vocabulary.tests, place)
        if not tests:
            self.intake.not_used["outside_vocabulary"].append(place)
        if entry.status != "done":
            return
        self.intake.tests_done |= tests
        for index, statement in enumerate(entry.shows):
            if statement.date is None and entry.date is not None:
                statement = statement.model_copy(update={"date": entry.date})
            self.statement(statement, f"{place}.shows[{index}]")

    # ---- values

    def measurement(self, entry: Measurement, place: str) -> None:
        names = [f"LOINC {c.code}" for c in entry.code if c.system == "LOINC"]
        if entry.id is not None:
            names.append(entry.id)
        readers = [reader for name in names for reader in self.vocabulary.values.get(name, ())]
        if not readers:
            if entry.id is not None:
                known = [name for name in self.vocabulary.values if not name.startswith("LOINC ")]
                self.unknown_id("measurement", entry.id, known, place)
            self.intake.not_used["outside_vocabulary"].append(place)
            return
        for reader in {(r.finding, id(r.form)): r for r in readers}.values():
            self.value(reader, entry, place)

    def value(self, reader: ValueReader, entry: Measurement, place: str) -> None:
        factor = 1.0 if entry.unit == reader.unit else reader.convert.get(entry.unit or "")
        if factor is None:
            unit = f"the unit '{printable(entry.unit)}'" if entry.unit else "a value without unit"
            known = ", ".join(sorted({reader.unit, *reader.convert}))
            message = f"{unit} cannot be converted to {reader.unit} (known: {known})"
            self.contest("unit", place, message, reader.finding)
            return
        interval = _Interval.of(entry.value * factor, entry.comparator).clipped(reader.plausible)
        if interval is None:
            message = "the value is not plausible in its unit and is taken for a mistake"
            self.contest("implausible", place, message, reader.finding)
            return
        day = days_of(entry.date) if entry.date else None
        if not self.in_time(day, reader.form.within, place, reader.finding):
            return
        state: bool | None = None
        if reader.form.present is not None and interval.within(reader.form.present):
            state = True
        elif reader.form.absent is not None and interval.within(reader.form.absent):
            state = False
        self.claims[reader.finding].append(
            Claim(state, Rank.VALUE, day.last if day else None, place)
        )

    def attribute(self, attribute: Attribute, readers: list[tuple[str, AttributeValue]]) -> None:
        reader, place = _ATTRIBUTES[attribute]
        value = reader(self.record)
        if value is None or value == ():
            return
        if isinstance(value, float):
            for finding, form in readers:
                state = _by_bounds(value, form)
                self.claims[finding].append(Claim(state, Rank.VALUE, None, place))
            return
        words = value if isinstance(value, tuple) else (value,)
        for finding, form in readers:
            state = _by_words(words, form)
            if state is not None:
                self.claims[finding].append(Claim(state, Rank.ASSERTION, None, place))

    # ---- order in time

    def sequence(self, finding: str, form: Began) -> None:
        """Present where `began` certainly followed `after` within the time; absent where not."""
        began = self.onset_of(form.began)
        after = self.onset_of(form.after)
        if began is None or after is None:
            return
        shortest = began.first - after.last
        longest = began.last - after.first
        state: bool | None = None
        if shortest >= timedelta(0) and longest <= form.within:
            state = True
        elif longest < timedelta(0) or shortest > form.within:
            state = False
        if state is not None:
            self.claims[finding].append(Claim(state, Rank.ASSERTION, None, "onset"))

    def onset_of(self, finding: str) -> Days | None:
        """The earliest onset of the finding, or of one that implies it."""
        names = {finding, *self.vocabulary.descendants.get(finding, ())}
        days = [onset.days for onset in self.onsets if onset.finding in names]
        history = self.record.cramps.duration
        if finding == self.vocabulary.complaint and history is not None and self.as_of is not None:
            try:
                began = self.as_of - history
                days.append(Days(began, began))
            except OverflowError:
                pass
        return min(days) if days else None


def _allows(allowed: tuple[str, ...], given: str | None) -> bool:
    return not allowed or (given is not None and given.casefold() in allowed)


def _by_bounds(value: float, form: AttributeValue) -> bool | None:
    if isinstance(form.present, Bounds) and form.present.contains(value):
        return True
    if isinstance(form.absent, Bounds) and form.absent.contains(value):
        return False
    return None


def _by_words(words: tuple[str, ...], form: AttributeValue) -> bool | None:
    for state, wanted in ((True, form.present), (False, form.absent)):
        if isinstance(wanted, OneOf) and any(word in wanted.one_of for word in words):
            return state
    return None


def _seconds(duration: timedelta | None) -> float | None:
    return None if duration is None else duration.total_seconds()


def _in_days(duration: timedelta | None) -> float | None:
    return None if duration is None else duration.total_seconds() / 86_400


def _yes_no(value: bool | None) -> str | None:
    return None if value is None else "yes" if value else "no"


AttributeReader = Callable[[PatientRecord], "float | str | tuple[str, ...] | None"]

_ATTRIBUTES: dict[Attribute, tuple[AttributeReader, str]] = {
    Attribute.AGE: (lambda r: r.age, "age"),
    Attribute.SEX: (lambda r: r.sex, "sex"),
    Attribute.PREGNANT: (lambda r: _yes_no(r.pregnant), "pregnant"),
    Attribute.COMPLAINT_DURATION: (lambda r: _in_days(r.cramps.duration), "cramps.duration"),
    Attribute.EPISODE_DURATION: (
        lambda r: _seconds(r.cramps.episode_duration),
        "cramps.episode_duration",
    ),
    Attribute.FREQUENCY: (lambda r: r.cramps.per_week, "cramps.per_week"),
    Attribute.LOCATION: (lambda r: r.cramps.locations, "cramps.locations"),
    Attribute.TRIGGER: (lambda r: r.cramps.triggers, "cramps.triggers"),
    Attribute.TIME_OF_DAY: (lambda r: r.cramps.times_of_day, "cramps.times_of_day"),
    Attribute.RESPONSE: (lambda r: r.cramps.response_to_remedies, "cramps.response_to_remedies"),
}


# --------------------------------------------------------------------------------------- weighing


def _weigh(finding: str, claims: list[Claim], intake: Intake) -> Direct | None:
    """The state of a finding by its claims, or None where they leave it unknown."""
    if len(claims) == 1:
        state, rank, day, place = claims[0]
        return None if state is None else Direct(state, rank, day, (place,))
    rank = max(claim.rank for claim in claims)
    top = [claim for claim in claims if claim.rank == rank]
    states = {claim.state for claim in top}
    if len(states) > 1:
        top = _latest(top)
        states = {claim.state for claim in top}
    if len(states) > 1:
        places = ", ".join(sorted({claim.place for claim in top}))
        if rank is Rank.VALUE and True in states:
            message = "values of one date differ; the abnormal one is used"
            intake.warnings.append(
                RecordWarning(Level.WARNING, "values_differ", places, message, (finding,))
            )
            top = [claim for claim in top if claim.state is True]
        elif rank is Rank.ASSERTION:
            _contest_assertions(finding, places, intake)
            return None
    state = top[0].state
    if state is None or len({claim.state for claim in top}) > 1:
        return None
    agreeing = [claim for claim in claims if claim.state is state]
    if any(claim.state is not state and claim.state is not None for claim in claims):
        places = ", ".join(sorted({c.place for c in claims if c.state is not state}))
        message = "is contradicted by a value, or by what is later, and is not used"
        intake.warnings.append(RecordWarning(Level.INFO, "outranked", places, message, (finding,)))
    days = [claim.day for claim in top if claim.day is not None]
    return Direct(
        state,
        rank,
        max(days) if days else None,
        tuple(sorted({claim.place for claim in agreeing})),
    )


def _latest(claims: list[Claim]) -> list[Claim]:
    """The claims of the latest date.

    Undated values count as of the latest date. Undated assertions cannot be ordered: all stay.
    """
    days = [claim.day for claim in claims if claim.day is not None]
    undated = [claim for claim in claims if claim.day is None]
    if not days or (undated and claims[0].rank is Rank.ASSERTION):
        return claims
    return undated + [claim for claim in claims if claim.day == max(days)]


def _contest_assertions(finding: str, places: str, intake: Intake) -> None:
    message = "the record says that it is present and that it is absent; it is taken for unknown"
    intake.warnings.append(
        RecordWarning(Level.WARNING, "contradictory", places, message, (finding,))
    )
    intake.contested.add(finding)


def _settle_contradictions(intake: Intake, vocabulary: Vocabulary) -> None:
    """Where a finding is present and what it implies is absent, let the stronger claim stand."""
    direct = intake.direct
    losers: set[str] = set()
    for finding in sorted(direct):
        if not direct[finding].state:
            continue
        for ancestor in vocabulary.ancestors[finding]:
            other = direct.get(ancestor)
            if other is None or other.state:
                continue
            beaten = _weaker(finding, ancestor, direct)
            losers.update(beaten)
            places = ", ".join(sorted({*direct[finding].places, *other.places}))
            if len(beaten) > 1:
                intake.contested.update(beaten)
                message = f"'{finding}' is present, yet '{ancestor}', which it implies, is absent"
                intake.warnings.append(
                    RecordWarning(
                        Level.WARNING, "contradictory", places, message, (ancestor, finding)
                    )
                )
            else:
                (loser,) = beaten
                message = f"'{loser}' is contradicted by a stronger or later entry and is not used"
                intake.warnings.append(
                    RecordWarning(Level.WARNING, "outranked", places, message, (loser,))
                )
    for loser in losers:
        direct.pop(loser, None)


def _weaker(finding: str, ancestor: str, direct: Mapping[str, Direct]) -> tuple[str, ...]:
    """Which of two that contradict each other gives way; both, where nothing decides."""
    one, two = direct[finding], direct[ancestor]
    if one.rank != two.rank:
        return (finding,) if one.rank < two.rank else (ancestor,)
    if one.day is not None and two.day is not None and one.day != two.day:
        return (finding,) if one.day < two.day else (ancestor,)
    return (finding, ancestor)


def _pass_on(intake: Intake, vocabulary: Vocabulary) -> None:
    """Presence goes up along `implies`, absence goes down."""
    states = intake.states
    for finding, direct in intake.direct.items():
        states[finding] = direct.state
    for finding, direct in intake.direct.items():
        others = vocabulary.ancestors if direct.state else vocabulary.descendants
        for other in others[finding]:
            states[other] = direct.state


def _note_complaint(intake: Intake, vocabulary: Vocabulary) -> None:
    complaint = vocabulary.complaint
    if complaint is not None and intake.states.get(complaint) is False:
        name = vocabulary.findings[complaint].name
        place = ", ".join(_places_of(complaint, intake, vocabulary))
        message = f"{name} is absent, and this differential is of causes of it"
        intake.warnings.append(
            RecordWarning(Level.WARNING, "complaint_absent", place, message, (complaint,))
        )


def _places_of(finding: str, intake: Intake, vocabulary: Vocabulary) -> Iterator[str]:
    """Where in the record the state of a finding comes from."""
    own = intake.direct.get(finding)
    if own is not None:
        yield from own.places
        return
    state = intake.states.get(finding)
    others = vocabulary.descendants if state else vocabulary.ancestors
    for other in others.get(finding, ()):
        direct = intake.direct.get(other)
        if direct is not None and direct.state is state:
            yield from direct.places
