"""Medicines that are taken, were taken, are not taken, or are only ordered."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from crampdx.inputs.fhir.collecting import Concept
from crampdx.inputs.fhir.desk import ReadContext, day_among
from crampdx.inputs.fhir.documents import Located
from crampdx.inputs.fhir.statuses import (
    ADHERENCE,
    ADMINISTRATION,
    MEDICATION_REQUEST,
    MEDICATION_STATEMENT,
    EntryStatus,
    Reason,
    standing_of,
)
from crampdx.inputs.fhir.tree import (
    Node,
    codes_at,
    day_at,
    days_named,
    filled,
    is_true,
    node_at,
    nodes_at,
    text_at,
    word_at,
)

__all__ = ["medicines_of", "read_administration", "read_request", "read_statement"]

GIVEN_LATELY = timedelta(days=1)
"""For how long after it was given a dose says that the medicine is taken."""

_GIVEN_DURING = ("effectivePeriod", "occurencePeriod", "occurrencePeriod")
_GIVEN_ON = ("effectiveDateTime", "occurenceDateTime", "occurrenceDateTime")
"""R5 spells the field with one r; corrected spellings are met as well."""

_ONLY_PROPOSED = frozenset({"proposal", "option"})

RXNORM = "RxNorm"
"""The system of codes in which rules name medicines."""

MAX_INGREDIENTS = 30
"""How many ingredients of a product are read; what is beyond counts as one that is not named."""

_UNNAMED = Concept((), "ingredient that is not named")

_FIELDS: dict[EntryStatus, dict[str, Any]] = {
    EntryStatus.PRESENT: {},
    EntryStatus.PROVISIONAL: {},
    EntryStatus.ABSENT: {"status": "absent"},
    EntryStatus.PAST: {"status": "past"},
    EntryStatus.ORDERED: {"context": "ordered"},
}


def read_request(located: Located, desk: ReadContext) -> None:
    """A prescription: what is active counts as taken, unless it is only proposed."""
    resource = located.resource
    standing = standing_of(codes_at(resource, "status"), MEDICATION_REQUEST)
    is_current = standing in (EntryStatus.PRESENT, EntryStatus.PROVISIONAL)
    if is_true(resource, "doNotPerform") and not isinstance(standing, Reason):
        standing = EntryStatus.ABSENT if is_current else Reason.CANCELLED
    elif is_current and word_at(resource, "intent").lower() in _ONLY_PROPOSED:
        standing = EntryStatus.ORDERED
    dosages = nodes_at(resource, "dosageInstruction")
    start, stop = _bounds(dosages)
    authored = day_at(resource, "authoredOn")
    _add(located, desk, standing, dosages, start=start or authored, stop=stop)


def read_statement(located: Located, desk: ReadContext) -> None:
    """What somebody said of a medicine (R5: its status is `recorded`, with an adherence)."""
    resource = located.resource
    standing = standing_of(codes_at(resource, "status"), MEDICATION_STATEMENT)
    adherence = codes_at(node_at(resource, "adherence"), "code")
    if standing is EntryStatus.PRESENT and adherence:
        standing = standing_of(adherence, ADHERENCE)
    dosages = nodes_at(resource, "dosage")
    period = node_at(resource, "effectivePeriod")
    start = day_at(resource, "effectiveDateTime") or day_at(period, "start")
    _add(located, desk, standing, dosages, start=start, stop=day_at(period, "end"))


def read_administration(located: Located, desk: ReadContext) -> None:
    """A dose that was given. It is over, unless it was given within a day before `as_of`."""
    resource = located.resource
    standing = standing_of(codes_at(resource, "status"), ADMINISTRATION)
    period = next(filter(None, (node_at(resource, name) for name in _GIVEN_DURING)), {})
    day = day_among(resource, *_GIVEN_ON)
    start, end = day_at(period, "start") or day, day_at(period, "end") or day
    is_finished = "completed" in codes_at(resource, "status")
    if standing is EntryStatus.PRESENT and is_finished and not _given_lately(end, desk):
        standing = EntryStatus.PAST
    _add(located, desk, standing, nodes_at(resource, "dosage"), start=start)


def _given_lately(day: str | None, desk: ReadContext) -> bool:
    """Whether a dose was given shortly before the assessment, or is dated after it."""
    if day is None or desk.as_of is None:
        return False
    return days_named(day).first >= desk.as_of.last - GIVEN_LATELY


def _bounds(dosages: list[Node]) -> tuple[str | None, str | None]:
    """From when to when a medicine is to be taken: its dosages may follow one another.

    It has no end where one of them has none.
    """
    timings = [node_at(node_at(dosage, "timing"), "repeat") for dosage in dosages]
    periods = [node_at(timing, "boundsPeriod") for timing in timings]
    starts = [start for period in periods if (start := day_at(period, "start"))]
    ends = [end for period in periods if (end := day_at(period, "end"))]
    start = min(starts, key=lambda day: days_named(day).first, default=None)
    end = max(ends, key=lambda day: days_named(day).last, default=None)
    return start, end if len(ends) == len(periods) else None


def _add(
    located: Located,
    desk: ReadContext,
    standing: EntryStatus | Reason,
    dosages: list[Node],
    **dates: str | None,
) -> None:
    if not desk.admits(standing, located.place) or isinstance(standing, Reason):
        return
    medicines = medicines_of(located, desk)
    if isinstance(medicines, Reason):
        desk.collection.leave_out(medicines, located.place)
        return
    dose = text_at(dosages[0], "text") if len(dosages) == 1 else None
    for medicine in medicines:
        fields = {**medicine.fields(), **_FIELDS[standing], **dates, "dose": dose}
        desk.collection.add("medications", located.place, **fields)


def medicines_of(located: Located, desk: ReadContext) -> list[Concept] | Reason:
    """The medicine by its code; or the medicine, or its ingredients, that a reference names."""
    resource = located.resource
    for field in ("medicationCodeableConcept", "medication"):
        concept = desk.collection.concept_at(resource, field)
        if concept:
            return [concept]
    given = node_at(resource, "medicationReference") or node_at(resource, "medication")
    given = node_at(given, "reference") or given
    reference = word_at(given, "reference")
    medication = desk.resolve(reference, located) if reference else None
    if medication is not None:
        return _of_medication(medication, located, desk)
    display = text_at(given, "display")
    if display:
        return [Concept((), display)]
    return Reason.UNRESOLVED_REFERENCE if reference else Reason.UNNAMED


def _of_medication(medication: Node, located: Located, desk: ReadContext) -> list[Concept] | Reason:
    """By its code, if that is one of RxNorm or there is nothing else; or by its ingredients."""
    if filled(medication.get("modifierExtension")):
        return Reason.MODIFIER_EXTENSION
    if filled(medication.get("implicitRules")):
        return Reason.IMPLICIT_RULES
    if "entered-in-error" in codes_at(medication, "status"):
        return Reason.ENTERED_IN_ERROR
    product = desk.collection.concept_at(medication, "code")
    ingredients = _ingredients(medication, located, desk)
    is_known = any(coding.system == RXNORM for coding in product.codes)
    if ingredients and not is_known and any(part is not _UNNAMED for part in ingredients):
        return ingredients
    return [product] if product else Reason.UNNAMED


def _ingredients(medication: Node, located: Located, desk: ReadContext) -> list[Concept]:
    """The ingredients by their codes, or as the substances that they refer to are called."""
    holders = (Located(medication, "Medication", located.place), located)
    given_parts = nodes_at(medication, "ingredient")
    found = [_UNNAMED] if len(given_parts) > MAX_INGREDIENTS else []
    for part in given_parts[:MAX_INGREDIENTS]:
        concept = desk.collection.concept_at(part, "itemCodeableConcept")
        concept = concept or desk.collection.concept_at(part, "item")
        if not concept:
            given = node_at(part, "itemReference") or node_at(node_at(part, "item"), "reference")
            concept = _of_substance(given, holders, desk)
        found.append(concept)
    return found


def _of_substance(given: Node, holders: tuple[Located, Located], desk: ReadContext) -> Concept:
    reference = word_at(given, "reference")
    for holder in holders if reference else ():
        substance = desk.resolve(reference, holder)
        concept = desk.collection.concept_at(substance or {}, "code")
        if concept:
            return concept
    display = text_at(given, "display")
    return Concept((), display) if display else _UNNAMED
