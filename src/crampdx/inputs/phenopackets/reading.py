"""A Phenopacket, read part by part into a record."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from crampdx.inputs.draft import Draft
from crampdx.inputs.phenopackets.names import (
    SEVERITIES,
    SIDES,
    STATES,
    clean,
    named,
    one_of,
    unit_of,
)
from crampdx.inputs.phenopackets.parts import Part, Unread
from crampdx.inputs.phenopackets.times import Calendar, time_key, years_of
from crampdx.record.dates import PartialDate
from crampdx.record.models import MAX_NOTE, PatientRecord
from crampdx.text.json import number_of

__all__ = ["record_of"]

_SEXES: Mapping[str | int, str] = {
    "FEMALE": "female",
    "MALE": "male",
    "OTHER_SEX": "other",
    1: "female",
    2: "male",
    3: "other",
}
"""The words and numbers of the protobuf enumeration."""

_UNKNOWN_SEXES = ("UNKNOWN_SEX", 0)
_DECEASED = ("DECEASED", 2)


def record_of(document: Part, as_of: PartialDate | None) -> PatientRecord:
    """The record of a Phenopacket, or of the proband of a family.

    Args:
        document: The packet or family.
        as_of: The day of the assessment; without it, that of the last encounter, if it is a date.
    """
    draft = Draft()
    packet = document.part("proband") or document
    reader = _Reader(packet, draft, as_of)
    reader.read()
    for relative in document.parts("relatives"):
        _Relative(relative, draft).read(reader.subject)
    for pedigree in document.parts("pedigree"):
        draft.leave_out("not_read", pedigree.place)
    return draft.record(reader.person())


def _each(draft: Draft, parts: Iterable[Part], read: Callable[[Part], None]) -> None:
    """Read each part; what cannot be read is left out."""
    for part in parts:
        try:
            read(part)
        except Unread as error:
            draft.leave_out(error.reason, part.place)


def _leave_out_unread(draft: Draft, packet: Part, *names: str) -> None:
    for name in names:
        for part in packet.parts(name):
            draft.leave_out("not_read", part.place)
    for part in packet.parts("interpretations"):
        draft.leave_out("interpretation", part.place)


class _Reader:
    """Reads the packet of the patient."""

    def __init__(self, packet: Part, draft: Draft, as_of: PartialDate | None) -> None:
        self.packet = packet
        self.draft = draft
        self.subject = packet.part("subject")
        self.encounter = self.subject.part("timeAtLastEncounter") if self.subject else None
        self.calendar = Calendar.of(self.subject)
        self.as_of = as_of or self._day_of_encounter()

    def read(self) -> None:
        """Read all lists of the packet."""
        packet, draft = self.packet, self.draft
        _each(draft, packet.parts("phenotypicFeatures"), self.feature)
        _each(draft, packet.parts("measurements"), self.measurement)
        _each(draft, packet.parts("diseases"), self.disease)
        _each(draft, packet.parts("medicalActions"), self.action)
        _leave_out_unread(draft, packet, "biosamples")

    # ---- the person

    def _day_of_encounter(self) -> PartialDate | None:
        date = self.calendar.certain_date(self.encounter)
        return date if date and date.first == date.last else None

    def person(self) -> dict[str, Any]:
        """The attributes of the person. What of them is not read is left out."""
        found = {"as_of": self.as_of, "age": self._age(), "sex": self._sex()}
        vital = self.subject.part("vitalStatus") if self.subject else None
        status = vital.part("status") if vital else None
        if status and status.data in _DECEASED:
            self.draft.leave_out("not_read", status.place)
        return {name: value for name, value in found.items() if value is not None}

    def _sex(self) -> str | None:
        sex = self.subject.part("sex") if self.subject else None
        if sex is None or sex.data in _UNKNOWN_SEXES:
            return None
        is_word = isinstance(sex.data, str | int) and not isinstance(sex.data, bool)
        known = _SEXES.get(sex.data) if is_word else None
        if known is None:
            self.draft.leave_out("malformed", sex.place)
        return known

    def _age(self) -> float | None:
        day = self.as_of.last if self.as_of else None
        age = self.calendar.age_at(day) if day else None
        if age is not None or self.encounter is None:
            return age
        age = years_of(self.encounter)
        if age is not None and age <= 130:
            return age
        if not self.calendar.days(self.encounter):
            self.draft.leave_out("uncertain_time", self.encounter.place)
        return None

    # ---- times

    def date(self, part: Part, name: str) -> PartialDate | None:
        """A time as a date; where it is none for certain, the time is left out."""
        element = part.part(name)
        date = self.calendar.certain_date(element)
        if element and date is None:
            self.draft.leave_out("uncertain_time", element.place)
        return date

    def span(self, part: Part) -> dict[str, Any]:
        """Since when, and whether and when it was over."""
        resolution = part.part("resolution")
        end = self.date(part, "resolution")
        past = {"status": "past"} if resolution and end is None else {}
        return {"onset": self.date(part, "onset"), "end": end, **past}

    # ---- entries

    def feature(self, part: Part) -> None:
        """A phenotypic feature: a finding, present or absent."""
        if part.part("negated"):
            raise Unread("malformed")  # a word of version 1, where it turns the meaning round
        name = named(part.part("type"))
        severity, modifiers = part.part("severity"), part.parts("modifiers")
        note = clean(part.text("description"), MAX_NOTE)
        if part.flag("excluded"):
            if severity or modifiers:
                raise Unread("qualified_exclusion")
            self.draft.add("findings", part.place, **name, status="absent", note=note)
            return
        said = {**self.span(part), **self._qualities(severity, modifiers)}
        self.draft.add("findings", part.place, **name, **said, note=note)

    def _qualities(self, severity: Part | None, modifiers: tuple[Part, ...]) -> dict[str, Any]:
        """Severity and side. What else is said of a feature is left out."""
        qualities = (severity, *modifiers) if severity else modifiers
        said = {
            "severity": one_of(SEVERITIES, qualities),
            "laterality": one_of(SIDES, qualities),
        }
        for quality in qualities:
            term = quality.text("id") or ""
            word = SEVERITIES.get(term) or SIDES.get(term)
            if word is None or word not in said.values():
                self.draft.leave_out("modifier", quality.place)
        return said

    def disease(self, part: Part) -> None:
        """A disease: a diagnosis, present or absent."""
        name = named(part.part("term"))
        side, site = part.part("laterality"), part.part("primarySite")
        if part.flag("excluded"):
            if side or site or part.parts("diseaseStage"):
                raise Unread("qualified_exclusion")
            self.draft.add("diagnoses", part.place, **name, status="absent")
            return
        laterality = one_of(SIDES, [side]) if side else None
        if side and laterality is None:
            self.draft.leave_out("modifier", side.place)
        where = {"laterality": laterality, "body_site": clean(site.text("label")) if site else None}
        self.draft.add("diagnoses", part.place, **name, **self.span(part), **where)

    def measurement(self, part: Part) -> None:
        """A measurement: a value, several values, or what the test showed."""
        date = self._observed(part)
        value, complex_value = part.part("value"), part.part("complexValue")
        quantity = value.part("quantity") if value else None
        shown = value.part("ontologyClass") if value else None
        if quantity:
            self._quantity(part, part.part("assay"), quantity, date)
        elif shown:
            self._shown(part, shown, date)
        elif complex_value and complex_value.parts("typedQuantities"):
            _each(
                self.draft,
                complex_value.parts("typedQuantities"),
                lambda item: self._quantity(item, item.part("type"), item.part("quantity"), date),
            )
        else:
            raise Unread("no_value")

    def _observed(self, part: Part) -> PartialDate | None:
        """When it was measured. What was measured at an unknown time must not pass for current."""
        element = part.part("timeObserved")
        date = self.calendar.certain_date(element)
        if element is None or date is not None:
            return date
        key = time_key(element)
        if key is None or self.encounter is None or key != time_key(self.encounter):
            raise Unread("undated_value")
        return self.as_of

    def _quantity(
        self, part: Part, assay: Part | None, quantity: Part | None, date: PartialDate | None
    ) -> None:
        name = named(assay)
        value = _number(quantity.part("value")) if quantity else None
        if quantity is None or value is None:
            raise Unread("no_value")
        unit = unit_of(quantity.part("unit"))
        said = {**name, "value": value, "unit": unit, "date": date}
        self.draft.add("measurements", part.place, **said)

    def _shown(self, part: Part, shown: Part, date: PartialDate | None) -> None:
        assay = named(part.part("assay"))
        state = STATES.get(shown.text("id") or "")
        what = {**assay, "status": state} if state else named(shown)
        shows = [{**what, "origin": shown.place}]
        self.draft.add("test_results", part.place, **assay, date=date, shows=shows)

    def action(self, part: Part) -> None:
        """A medical action: a medicine, or a procedure that was done."""
        for event in part.parts("adverseEvents"):
            self.draft.leave_out("not_read", event.place)
        treatment, procedure = part.part("treatment"), part.part("procedure")
        if treatment:
            self._medicine(part, treatment)
        elif procedure:
            date = self.date(procedure, "performed")
            done = {**named(procedure.part("code")), "date": date}
            self.draft.add("test_results", part.place, **done)
        else:
            raise Unread("not_read")

    def _medicine(self, part: Part, treatment: Part) -> None:
        given = [dose.part("interval") for dose in treatment.parts("doseIntervals")]
        starts = [_end_of(interval, "start") for interval in given]
        stops = [_end_of(interval, "end") for interval in given]
        start = min((day for day in starts if day), default=None)
        stop = max(filter(None, stops), default=None) if all(stops) else None
        ended = stop is None and part.part("treatmentTerminationReason")
        status = {"status": "past"} if ended else {}
        said = {**named(treatment.part("agent")), "start": start, "stop": stop, **status}
        self.draft.add("medications", part.place, **said)


class _Relative:
    """Reads the packet of a relative: what the relative has."""

    def __init__(self, packet: Part, draft: Draft) -> None:
        self.packet = packet
        self.draft = draft

    def read(self, patient: Part | None) -> None:
        """Read features and diseases, unless the relative is the patient once more."""
        packet, draft = self.packet, self.draft
        subject = packet.part("subject")
        name = subject.text("id") if subject else None
        if name is not None and patient is not None and name == patient.text("id"):
            draft.leave_out("same_person", packet.place)
            return
        _each(draft, packet.parts("phenotypicFeatures"), lambda part: self.has(part, "type"))
        _each(draft, packet.parts("diseases"), lambda part: self.has(part, "term"))
        _leave_out_unread(draft, packet, "measurements", "medicalActions", "biosamples")

    def has(self, part: Part, name: str) -> None:
        """A feature or disease of the relative."""
        if part.part("negated"):
            raise Unread("malformed")
        if part.flag("excluded"):
            raise Unread("excluded_in_relative")
        self.draft.add("family_history", part.place, **named(part.part(name)))


def _number(part: Part | None) -> float | None:
    """A number, also where it is written as text, as JSON of protobuf allows."""
    value = part.data if part else None
    if isinstance(value, str):
        return number_of(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value)
    except OverflowError:
        return None


def _end_of(interval: Part | None, end: str) -> str | None:
    """The first day that an end of an interval may mean."""
    said = interval.text(end) if interval else None
    try:
        return PartialDate(said).first.isoformat() if said else None
    except ValueError:
        return None
