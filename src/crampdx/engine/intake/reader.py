"""Intake: what a record says, in the words of the vocabulary.

Every entry of the record makes claims: this finding is present, or absent, by this value or
assertion, on this day. `crampdx.engine.intake.claims` weighs them. What no claim decides is
unknown; what cannot be read becomes a warning; what is outside the vocabulary is counted.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import NamedTuple

from crampdx.assessment import Level, NotUsed, RecordWarning, WarningCode
from crampdx.engine.hypotheticals import Hypothesis, assume
from crampdx.engine.intake.claims import Claim, ClaimStrength, ResolvedFindings, resolve
from crampdx.engine.intake.intervals import Interval
from crampdx.engine.intake.medicines import Product
from crampdx.engine.intake.vocabulary import Match, Scale, ValueReader, Vocabulary
from crampdx.errors import SHOWN_ISSUES, did_you_mean, printable
from crampdx.knowledge.models import (
    Attribute,
    AttributeValue,
    Bounds,
    Calculation,
    FindingKind,
    Lasting,
    OneOf,
    OnsetAfter,
)
from crampdx.record.dates import Days, PartialDate
from crampdx.record.models import (
    MAX_PLACES,
    Context,
    Entry,
    FamilyStatement,
    FindingEntry,
    LeftOut,
    Measurement,
    Medication,
    PatientRecord,
    Status,
    TestResult,
)
from crampdx.text.name_keys import name_key

__all__ = ["Intake", "Vocabulary", "interpret_record"]


@dataclass(slots=True)
class Intake:
    """What the record says: the state of each known finding, and all that could not be read.

    Attributes:
        settled: The states of the findings, and the claims that stand behind them.
        contested: Findings that are unknown because the record contradicts itself, or because
            what it holds of them could not be read.
        warnings: What concerns our findings and could not be read, or not simply; gravest first.
        not_used: Entries that were not used, counted by reason.
        unread_medicines: How many medicines that are taken are unknown to the rules.
        tests_done: The tests that the record holds as done.
        tests_ordered: The tests that it holds as ordered.
    """

    settled: ResolvedFindings
    unresolved: frozenset[str]
    warnings: tuple[RecordWarning, ...]
    not_used: tuple[NotUsed, ...]
    unread_medicines: int
    tests_done: frozenset[str]
    tests_ordered: frozenset[str]


def interpret_record(
    record: PatientRecord, vocabulary: Vocabulary, supposing: Hypothesis | None = None
) -> Intake:
    """Read a record: what is present, what is absent, what is unclear, and what is not used.

    Args:
        record: The record.
        vocabulary: The findings, and how records say them.
        supposing: Findings that are taken to be other than the record says.

    Raises:
        HypothesisError: What is supposed cannot be.
    """
    reader = _Reader(record, vocabulary)
    reader.read()
    settled = resolve(reader.claims, vocabulary)
    if supposing:
        settled = assume(settled, supposing, vocabulary)
    warnings = [*reader.warnings, *settled.warnings, *_complaint_absent(settled, vocabulary)]
    return Intake(
        settled=settled,
        unresolved=frozenset(reader.unresolved | settled.unresolved),
        warnings=tuple(sorted(_once(warnings), key=RecordWarning.order)),
        not_used=_not_used(reader.all_not_used(), record.left_out),
        unread_medicines=reader.unread_medicines,
        tests_done=frozenset(reader.tests_done),
        tests_ordered=frozenset(reader.tests_ordered - reader.tests_done),
    )


def _not_used(found: Mapping[str, list[str]], left_out: Iterable[LeftOut]) -> tuple[NotUsed, ...]:
    """What was not used of the record, and of the document from which it was read."""
    counts = Counter({reason: len(places) for reason, places in found.items()})
    places = defaultdict(list, {reason: list(places) for reason, places in found.items()})
    for item in left_out:
        counts[item.reason] += item.count
        places[item.reason] += item.places
    return tuple(
        NotUsed(reason, count, tuple(places[reason][:MAX_PLACES]))
        for reason, count in sorted(counts.items())
    )


def _once(warnings: Iterable[RecordWarning]) -> Iterator[RecordWarning]:
    """What is said of one place for several findings, said once for all of them."""
    found: dict[tuple[Level, WarningCode, str, str], list[RecordWarning]] = {}
    for warning in warnings:
        key = (warning.level, warning.code, warning.place, warning.message)
        found.setdefault(key, []).append(warning)
    for first, *others in found.values():
        findings = {name for same in (first, *others) for name in same.findings}
        yield replace(first, findings=tuple(sorted(findings))) if others else first


def _complaint_absent(settled: ResolvedFindings, vocabulary: Vocabulary) -> Iterator[RecordWarning]:
    complaint = vocabulary.complaint
    if complaint is not None and settled.states.get(complaint) is False:
        name = vocabulary.findings[complaint].name
        direct = settled.direct.get(complaint)
        place = ", ".join(direct.places) if direct else ""
        message = f"{name} is absent, and this differential is of causes of it"
        yield RecordWarning(Level.WARNING, "complaint_absent", place, message, (complaint,))


class _Onset(NamedTuple):
    finding: str
    days: Days


class _Operand(NamedTuple):
    """An exact value in the unit of its measurement, from which others are calculated."""

    value: float
    day: date | None
    place: str

    def distance(self, other: _Operand) -> timedelta:
        """How far apart in time they are; what has no date is of the day of the other."""
        days = self.day, other.day
        return abs(days[0] - days[1]) if days[0] and days[1] else timedelta(0)

    def is_near(self, other: _Operand, within: timedelta) -> bool:
        """Whether they are of about the same time."""
        return self.distance(other) <= within


class _Unreadable(NamedTuple):
    """Why a value cannot be read."""

    code: WarningCode
    message: str


_PLAIN = frozenset({"id", "status", "origin"})
"""The fields of a statement that says no more than that a finding is present or absent."""


class _Reader:
    """Walks through a record once and collects claims and warnings."""

    def __init__(self, record: PatientRecord, vocabulary: Vocabulary) -> None:
        self.record = record
        self.vocabulary = vocabulary
        self.claims: dict[str, list[Claim]] = defaultdict(list)
        self.onsets: list[_Onset] = []
        self.operands: dict[str, list[_Operand]] = defaultdict(list)
        self.warnings: list[RecordWarning] = []
        self.unresolved: set[str] = set()
        self.not_used: dict[str, list[str]] = defaultdict(list)
        self.in_vocabulary: list[str] = []
        self.outside_vocabulary: list[str] = []
        self.unknown_ids = 0
        self.unread_medicines = 0
        self.tests_done: set[str] = set()
        self.tests_ordered: set[str] = set()
        self.as_of = record.as_of.last if record.as_of else None

    def read(self) -> None:
        record = self.record
        for section in ("findings", "diagnoses", "exposures"):
            for index, statement in enumerate(getattr(record, section)):
                self.statement(statement, statement.origin or f"{section}[{index}]")
        for index, result in enumerate(record.test_results):
            self.test_result(result, result.origin or f"test_results[{index}]")
        for index, measurement in enumerate(record.measurements):
            self.measurement(measurement, measurement.origin or f"measurements[{index}]")
        for name, calculation in self.vocabulary.calculations.items():
            self.calculation(name, calculation)
        for index, medication in enumerate(record.medications):
            self.medication(medication, medication.origin or f"medications[{index}]")
        for index, relative in enumerate(record.family_history):
            self.relative(relative, relative.origin or f"family_history[{index}]")
        for attribute, readers in self.vocabulary.attributes.items():
            self.attribute(attribute, readers)
        if self.onsets:
            for finding, began in self.vocabulary.began:
                self.sequence(finding, began)

    # ---- what an entry names

    def warn(
        self, level: Level, code: WarningCode, place: str, message: str, *findings: str
    ) -> None:
        self.warnings.append(RecordWarning(level, code, place, message, findings))

    def matches(self, entry: Entry, place: str) -> tuple[Match, ...]:
        """The findings that the entry names; where it names none, it is counted as not used."""
        found = self.coded(entry, place) or self.called(entry, place)
        self.note_vocabulary(place, is_in=bool(found))
        return found

    def note_vocabulary(self, place: str, *, is_in: bool) -> None:
        """Note whether an entry names something that the rules know."""
        (self.in_vocabulary if is_in else self.outside_vocabulary).append(place)

    def all_not_used(self) -> dict[str, list[str]]:
        """The places of what was not used, by reason.

        Two entries of one origin, such as a procedure that may be a test and a finding, are outside
        the vocabulary only where both are.
        """
        known = set(self.in_vocabulary)
        outside = [place for place in dict.fromkeys(self.outside_vocabulary) if place not in known]
        return {**self.not_used, "outside_vocabulary": outside} if outside else self.not_used

    def coded(self, entry: Entry, place: str) -> tuple[Match, ...]:
        """The findings that the entry names by our id or by codes."""
        vocabulary = self.vocabulary
        found: tuple[Match, ...] = ()
        if entry.id is not None:
            found = vocabulary.by_id.get(entry.id, ())
            if not found:
                self.unknown_finding(entry.id, place)
        for coding in entry.code:
            found += vocabulary.by_code.get((coding.system, coding.code), ())
        return found

    def called(self, entry: Entry, place: str) -> tuple[Match, ...]:
        """The findings that an entry names by a name of theirs, where it has no id."""
        if entry.id is not None:
            return ()
        for name in _names_of(entry):
            found = self.vocabulary.by_name.get(name_key(name), ())
            if found:
                findings = sorted({match.finding for match in found})
                message = "the finding was read from its name"
                self.warn(Level.INFO, "read_from_name", place, message, *findings)
                return found
        return ()

    def unknown_finding(self, name: str, place: str) -> None:
        if name in self.vocabulary.findings:
            message = "is derived; record the findings it derives from"
            self.warn(Level.WARNING, "derived_finding", place, message, name)
        else:
            self.unknown_id("finding", name, self.vocabulary.findings, place)

    def unknown_id(self, kind: str, name: str, known: Iterable[str], place: str) -> None:
        self.unknown_ids += 1
        hint = did_you_mean(name, known) if self.unknown_ids <= SHOWN_ISSUES else ""
        message = f"no {kind} has the id '{printable(name)}'"
        self.warn(Level.WARNING, "unknown_id", place, f"{message}; {hint}" if hint else message)

    # ---- time

    def is_past(self, end: PartialDate | None) -> bool:
        """Whether what ended on this day is over; without `as_of`, what has an end is over."""
        return end is not None and (self.as_of is None or end.first <= self.as_of)

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
        if day.is_after(self.as_of):
            self.contest("in_the_future", place, "is dated after the record's 'as_of'", finding)
            return False
        if within is not None and self.as_of - day.first > within:
            message = f"is older than the {within.days} days for which it counts"
            self.contest("stale", place, message, finding)
            return False
        return True

    def contest(self, code: WarningCode, place: str, message: str, finding: str) -> None:
        self.warn(Level.WARNING, code, place, message, finding)
        self.unresolved.add(finding)

    # ---- entries

    def statement(self, entry: FindingEntry, place: str) -> None:
        is_plain = entry.model_fields_set <= _PLAIN and entry.status is not Status.PAST
        if is_plain and entry.id in self.vocabulary.by_id:
            present = entry.status is Status.PRESENT
            self.claims[entry.id].append(Claim(present, ClaimStrength.ASSERTION, None, place))
            self.qualifiers(entry.id, entry, place, present=present)
            return
        matches = self.matches(entry, place)
        if not matches:
            return
        if entry.context is Context.FAMILY:
            self.of_others(matches, self.vocabulary.family, entry.status, place, "family")
            return
        if entry.context is Context.ORDERED:
            self.not_used["only_ordered"].append(place)
            return
        if entry.status is Status.PAST or (
            entry.status is Status.PRESENT and self.is_past(entry.end)
        ):
            self.of_others(matches, self.vocabulary.past, Status.PRESENT, place, "past")
            return
        present = entry.status is Status.PRESENT
        for finding in self.assertions(matches, entry, entry.onset, present=present, place=place):
            self.qualifiers(finding, entry, place, present=present)
            if present:
                self.note_onset(finding, entry)

    def assertions(
        self,
        matches: Iterable[Match],
        entry: FindingEntry | Medication,
        began: PartialDate | None,
        *,
        present: bool,
        place: str,
    ) -> list[str]:
        """Claim what the entry says, where its codes can show that; the findings claimed."""
        shown = [m for m in matches if (m.shows_present if present else m.shows_absent)]
        if not shown:
            reason = "says_too_little" if present else "excludes_too_little"
            self.not_used[reason].append(place)
        day = entry.date.days if entry.date else None
        onset = began.days if present and began and self.as_of else None
        claimed: list[str] = []
        for match in shown:
            finding = match.finding
            within = self.vocabulary.within.get(finding)
            if self.in_time(day, within, place, finding) and self.in_time(
                onset, None, place, finding
            ):
                self.claim(match, present, day, place)
                claimed.append(finding)
        return claimed

    def claim(self, match: Match, present: bool, day: Days | None, place: str) -> None:
        if match.note and present:
            self.warn(Level.INFO, "taken_for", place, match.note, match.finding)
        claim = Claim(present, ClaimStrength.ASSERTION, day.last if day else None, place)
        self.claims[match.finding].append(claim)

    def qualifiers(self, finding: str, entry: FindingEntry, place: str, *, present: bool) -> None:
        """Claim what the entry's qualifiers show; what is absent has not lasted."""
        day = entry.date.last if entry.date else None
        for qualified, form in self.vocabulary.qualified.get(finding, ()):
            shown = (
                _allows(form.site, entry.body_site)
                and _allows(form.laterality, entry.laterality)
                and _allows(form.severity, entry.severity)
                and self.lasts(entry, form.lasting)
                if present
                else form.lasting is not None and form.finding == finding
            )
            if shown:
                self.claims[qualified].append(Claim(present, ClaimStrength.ASSERTION, day, place))

    def lasts(self, entry: FindingEntry, lasting: Lasting | None) -> bool:
        """Whether what the entry says has lasted so long or, where that counts too, may have."""
        if lasting is None:
            return True
        lasted = self.lasted(entry)
        if lasting.or_unknown:
            return lasted.clipped(lasting.days) is not None
        return lasted.within(lasting.days)

    def lasted(self, entry: FindingEntry) -> Interval:
        """The days for which what the entry says has lasted: up to `as_of`, or to its own date.

        What says neither when it began nor for how long is at least as old as its date.
        """
        start = entry.onset or entry.date
        until = Days(self.as_of, self.as_of) if self.as_of else (entry.date and entry.date.days)
        since = start and start.days
        if since is None or until is None:
            shortest = longest = timedelta(0)
        else:
            shortest = max(until.first - since.last, timedelta(0))
            longest = max(until.last - since.first, timedelta(0))
        if entry.onset is None and entry.duration is not None:
            return Interval.days(shortest + entry.duration, longest + entry.duration)
        is_known = entry.onset is not None and until is not None
        return Interval.days(shortest, longest if is_known else None)

    def note_onset(self, finding: str, entry: FindingEntry) -> None:
        if entry.onset is not None:
            self.onsets.append(_Onset(finding, entry.onset.days))
        elif entry.duration is not None:
            until = entry.date.last if entry.date else self.as_of
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
            self.not_used[reason].append(place)
        for finding in sorted(reached):
            self.claims[finding].append(Claim(True, ClaimStrength.ASSERTION, None, place))

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
            entry.context == "taken"
            and entry.status is Status.PRESENT
            and not self.is_past(entry.stop)
        )
        medicine = self.medicine(entry, place)
        matches = medicine.meanings
        if current and not medicine.complete:
            self.unread_medicines += 1
        self.note_vocabulary(place, is_in=bool(matches))
        if not matches:
            return
        if entry.context == "ordered":
            self.not_used["only_ordered"].append(place)
            return
        present = entry.status is not Status.ABSENT
        if present and not current:
            self.of_others(matches, self.vocabulary.past, Status.PRESENT, place, "past")
            return
        for finding in self.assertions(matches, entry, entry.start, present=present, place=place):
            if present and entry.start is not None:
                self.onsets.append(_Onset(finding, entry.start.days))

    def medicine(self, entry: Medication, place: str) -> Product[Match]:
        """What the entry names: by our id or codes or, where those say nothing, by its name."""
        coded = self.coded(entry, place)
        if coded:
            return Product(coded, any(match.shows_present for match in coded))
        if entry.id is None:
            for name in _names_of(entry):
                product = self.vocabulary.ingredients.of(name)
                if product.meanings:
                    findings = sorted({match.finding for match in product.meanings})
                    message = "the medicine was read from its name"
                    self.warn(Level.INFO, "read_from_name", place, message, *findings)
                    return product
        return Product((), False)

    def test_result(self, entry: TestResult, place: str) -> None:
        tests = self.vocabulary.tests_named(entry)
        if entry.id is not None and not tests:
            self.unknown_id("test", entry.id, self.vocabulary.tests, place)
        self.note_vocabulary(place, is_in=bool(tests))
        if entry.status == "ordered":
            self.tests_ordered |= tests
        if entry.status != "done":
            reason = "only_ordered" if entry.status == "ordered" else "not_done"
            self.not_used[reason].append(place)
            return
        self.tests_done |= tests
        for index, statement in enumerate(entry.shows):
            if statement.date is None and entry.date is not None:
                statement = statement.model_copy(update={"date": entry.date})
            self.statement(statement, statement.origin or f"{place}.shows[{index}]")

    # ---- values

    def measurement(self, entry: Measurement, place: str) -> None:
        vocabulary = self.vocabulary
        readers: list[ValueReader] = []
        for coding in entry.code:
            readers += vocabulary.values_by_code.get((coding.system, coding.code), ())
        if entry.id is not None:
            readers += vocabulary.values_by_name.get(entry.id, ())
        tests = vocabulary.tests_coded(entry)
        self.tests_done |= tests
        self.note_vocabulary(place, is_in=bool(readers or tests))
        if entry.id is not None and not readers:
            self.unknown_id("measurement", entry.id, vocabulary.values_by_name, place)
        for reader in {(r.finding, id(r.form)): r for r in readers}.values():
            self.value(reader, entry, place)
        self.operand(entry, place)

    def operand(self, entry: Measurement, place: str) -> None:
        """Keep a value from which others are calculated, where it is exact and can be read."""
        vocabulary = self.vocabulary
        coded = (vocabulary.operands_by_code.get((c.system, c.code)) for c in entry.code)
        for name in {name for name in (entry.id, *coded) if name is not None}:
            scale = vocabulary.operands.get(name)
            value = _interval(entry, scale) if scale else None
            if isinstance(value, Interval) and value.low == value.high:
                day = entry.date.last if entry.date else None
                self.operands[name].append(_Operand(value.low, day, place))

    def calculation(self, name: str, calculation: Calculation) -> None:
        """Claim what a measurement shows that is calculated from others of about the same day."""
        first, *others = calculation.from_
        for base in self.operands[first]:
            operands = {first: base}
            for other in others:
                near = [o for o in self.operands[other] if o.is_near(base, calculation.within)]
                if near:
                    operands[other] = min(near, key=lambda o: (o.distance(base), o.value))
            if len(operands) < len(calculation.from_) or not all(
                bounds.contains(operands[of].value) for of, bounds in calculation.when.items()
            ):
                continue
            parts = [calculation.from_[of] * o.value for of, o in operands.items()]
            value = _rounded(calculation.plus + sum(parts))
            place = " and ".join(o.place for o in operands.values())
            readers = self.vocabulary.values_by_name[name]
            message = f"'{name}' was calculated from these values"
            self.warn(Level.INFO, "calculated", place, message, *(r.finding for r in readers))
            day = Days(base.day, base.day) if base.day else None
            for reader in readers:
                interval = Interval.of(value, None).clipped(reader.scale.plausible)
                if interval is not None and self.in_time(
                    day, reader.form.within, base.place, reader.finding
                ):
                    self.claim_value(reader, interval, base.day, base.place)

    def value(self, reader: ValueReader, entry: Measurement, place: str) -> None:
        day = entry.date.days if entry.date else None
        if not self.in_time(day, reader.form.within, place, reader.finding):
            return
        interval = _interval(entry, reader.scale)
        if isinstance(interval, _Unreadable):
            self.contest(interval.code, place, interval.message, reader.finding)
            return
        is_open = entry.comparator is not None
        self.claim_value(reader, interval, day.last if day else None, place, is_open=is_open)

    def claim_value(
        self,
        reader: ValueReader,
        interval: Interval,
        day: date | None,
        place: str,
        *,
        is_open: bool = False,
    ) -> None:
        """Claim what a value shows; of one with a comparator, what it leaves open is not said."""
        state: bool | None = None
        if reader.form.present is not None and interval.within(reader.form.present):
            state = True
        elif reader.form.absent is not None and interval.within(reader.form.absent):
            state = False
        elif is_open:
            return
        self.claims[reader.finding].append(
            Claim(state, ClaimStrength.VALUE, day, place, reader.scale.precedence)
        )

    def attribute(self, attribute: Attribute, readers: list[tuple[str, AttributeValue]]) -> None:
        reader, place = _ATTRIBUTES[attribute]
        value = reader(self.record)
        if value is None or value == ():
            return
        if isinstance(value, float):
            for finding, form in readers:
                state = _by_bounds(value, form)
                self.claims[finding].append(Claim(state, ClaimStrength.VALUE, None, place))
            return
        words = value if isinstance(value, tuple) else (value,)
        for finding, form in readers:
            state = _by_words(words, form)
            if state is not None:
                self.claims[finding].append(Claim(state, ClaimStrength.ASSERTION, None, place))

    # ---- order in time

    def sequence(self, finding: str, form: OnsetAfter) -> None:
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
            self.claims[finding].append(Claim(state, ClaimStrength.ASSERTION, None, "onset"))

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
    return not allowed or (
        given is not None and given.casefold() in {word.casefold() for word in allowed}
    )


def _interval(entry: Measurement, scale: Scale) -> Interval | _Unreadable:
    """The range that a value stands for in the unit of its measurement."""
    factor = 1.0 if entry.unit == scale.unit else scale.factor(entry.unit or "")
    if factor is None:
        unit = f"the unit '{printable(entry.unit)}'" if entry.unit else "a value without unit"
        known = ", ".join(sorted({scale.unit, *scale.convert}))
        message = f"{unit} cannot be converted to {scale.unit} (known: {known})"
        return _Unreadable("unit", message)
    code = scale.disagreeing(entry)
    if code is not None:
        kinds = ("substance", "mass") if code in scale.molar else ("mass", "substance")
        message = (
            f"the code {code} is of {kinds[0]} and the unit '{printable(entry.unit or '')}' of"
            f" {kinds[1]}: which of the two is meant is not known"
        )
        return _Unreadable("unit", message)
    value = Interval.of(_rounded(entry.value * factor), entry.comparator)
    clipped = value.clipped(scale.plausible)
    message = "the value is implausible for this unit; ignored"
    return clipped or _Unreadable("implausible", message)


def _rounded(value: float) -> float:
    """Without the error of a conversion, so that a value on a limit stays on it."""
    return float(f"{value:.12g}")


def _by_bounds(value: float, form: AttributeValue) -> bool | None:
    if isinstance(form.present, Bounds) and form.present.contains(value):
        return True
    if isinstance(form.absent, Bounds) and form.absent.contains(value):
        return False
    return None


def _names_of(entry: Entry) -> list[str]:
    """The names in words of an entry: those of its codes, then its own."""
    names = [*(coding.display for coding in entry.code), entry.text]
    return [name for name in names if name is not None]


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
