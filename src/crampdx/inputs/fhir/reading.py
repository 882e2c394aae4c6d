"""From a document of FHIR to a patient record."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from crampdx.inputs.fhir.collecting import Collection
from crampdx.inputs.fhir.conditions import (
    read_allergy,
    read_condition,
    read_encounter,
    read_family_member_history,
)
from crampdx.inputs.fhir.desk import CrampAnswer, Pregnancy, ReadContext, Targets, index_of
from crampdx.inputs.fhir.documents import Located, Resource, locate, parsed, resources_of
from crampdx.inputs.fhir.medications import read_administration, read_request, read_statement
from crampdx.inputs.fhir.observations import read_observation
from crampdx.inputs.fhir.people import Person, the_patient
from crampdx.inputs.fhir.procedures import read_procedure, read_report, read_service_request
from crampdx.inputs.fhir.questionnaires import LISTS, check_targets, read_response
from crampdx.inputs.fhir.relevance import Relevance
from crampdx.inputs.fhir.statuses import Reason
from crampdx.inputs.fhir.tree import (
    Unreadable,
    UnreadDate,
    codes_at,
    days_at,
    filled,
    is_true,
    word_at,
)
from crampdx.record.dates import Days, PartialDate, parse_as_of
from crampdx.record.models import CrampHistory, PatientRecord
from crampdx.record.parsing import parse_record
from crampdx.text.name_keys import KnownConcepts

__all__ = ["READERS", "read_fhir", "read_resources"]

Reader = Callable[[Located, ReadContext], None]

READERS: Mapping[str, Reader] = {
    "AllergyIntolerance": read_allergy,
    "Condition": read_condition,
    "DiagnosticReport": read_report,
    "Encounter": read_encounter,
    "FamilyMemberHistory": read_family_member_history,
    "MedicationAdministration": read_administration,
    "MedicationRequest": read_request,
    "MedicationStatement": read_statement,
    "Observation": read_observation,
    "Procedure": read_procedure,
    "QuestionnaireResponse": read_response,
    "ServiceRequest": read_service_request,
}
"""The types of resources that say something of the patient, and how each is read."""

_SILENT = frozenset({"Medication", "Patient", "Questionnaire"})
"""Types that are read where others refer to them, or apart."""

PREGNANCY_COUNTS_FOR = timedelta(weeks=42)
"""For how long it counts that somebody is pregnant or not."""

MAX_AGE = 130
"""The greatest age of a record, in years."""

_SEXES = frozenset({"female", "male", "other"})


def read_fhir(
    document: Any,
    as_of: str | None = None,
    *,
    questionnaires: Mapping[str, Targets] | None = None,
    known: KnownConcepts | None = None,
) -> PatientRecord:
    """Read FHIR R4, or R5 where it differs, into a patient record.

    Nothing that the document leaves out is taken for absent. What cannot be used is left out and
    listed in the record's `left_out`, by reason; docs/fhir.md explains the reasons.

    Args:
        document: A Bundle of any type, a list of resources and Bundles, or one resource: as parsed
            JSON, as JSON text, or as NDJSON text.
        as_of: The day of the assessment. Without it there is no age.
        questionnaires: What the questions of other questionnaires ask for: by the address of each,
            a map from linkId to a target such as `findings.muscle_cramp` or `cramps.per_week`.
        known: What the rules know: `assessor.vocabulary.known`. Where it is given, a resource of
            which no code and no name is known is counted as `outside_vocabulary`, and not read: the
            assessment is the same, and takes less time.

    Raises:
        RecordError: The document is not of FHIR, or holds two patients, or none.

    >>> record = read_fhir(
    ...     {
    ...         "resourceType": "Observation",
    ...         "id": "k",
    ...         "status": "final",
    ...         "subject": {"reference": "Patient/1"},
    ...         "code": {"coding": [{"system": "http://loinc.org", "code": "2823-3"}]},
    ...         "valueQuantity": {"value": 2.9, "code": "mmol/L"},
    ...     }
    ... )
    >>> record.measurements[0].value, record.measurements[0].origin
    (2.9, 'Observation/k')
    """
    maps = dict(questionnaires or {})
    check_targets(maps)
    day = parse_as_of(as_of)
    relevance = None if known is None else Relevance(known)
    collection = Collection()
    return _read(resources_of(parsed(document), collection), collection, day, relevance, maps)


def read_resources(
    resources: Iterable[Resource], as_of: str | None = None, relevance: Relevance | None = None
) -> PatientRecord:
    """Read resources that were taken out of their Bundles; see `read_fhir`.

    Args:
        resources: The resources, those that are outside among them.
        as_of: The day of the assessment. Without it there is no age.
        relevance: That by which it was found out which of them are outside.

    Raises:
        RecordError: They are of two patients, or of none.
    """
    day, collection = parse_as_of(as_of), Collection()
    return _read(locate(resources, collection), collection, day, relevance, {})


def _read(
    found: list[Located],
    collection: Collection,
    day: PartialDate | None,
    relevance: Relevance | None,
    questionnaires: Mapping[str, Targets],
) -> PatientRecord:
    about = (located for located in found if located.kind in READERS)
    person = the_patient(found, about)
    desk = ReadContext(collection, day.days if day else None, index_of(found), questionnaires)
    _read_all(found, person, desk, relevance)
    return _record(day, person, desk)


def _read_all(
    found: Iterable[Located], person: Person, desk: ReadContext, relevance: Relevance | None
) -> None:
    for located in found:
        reader = READERS.get(located.kind)
        if reader is None:
            if located.kind not in _SILENT:
                desk.collection.leave_out(Reason.UNREAD_TYPE, located.place)
            continue
        obstacle = _skip_reason(located, desk.collection, relevance) or _refusal_reason(
            located, person
        )
        if obstacle is not None:
            desk.collection.leave_out(obstacle, located.place)
            continue
        try:
            reader(located, desk)
        except UnreadDate as error:
            desk.collection.leave_out(Reason.UNREAD_PART, f"{located.place}#{error}")
        except Unreadable:
            desk.collection.leave_out(Reason.MALFORMED, located.place)


def _skip_reason(
    located: Located, collection: Collection, relevance: Relevance | None
) -> Reason | None:
    """Why it is no use to read a resource: nothing it names is known, or all is full."""
    if collection.is_full or (relevance is not None and relevance.is_full):
        return Reason.TOO_MANY
    outside = located.outside
    if outside is None and relevance is not None:
        outside = relevance.is_outside(located.kind, located.resource)
    return Reason.OUTSIDE_VOCABULARY if outside else None


def _refusal_reason(located: Located, person: Person) -> Reason | None:
    """Why a resource must not be read, whatever it says; or that which contains it."""
    resource = located.resource
    if located.container is not None:
        obstacle = _refusal_reason(located.container, person) or _error(located.container)
        if obstacle is not None:
            return obstacle
    if filled(resource.get("implicitRules")):
        return Reason.IMPLICIT_RULES
    if filled(resource.get("modifierExtension")):
        return Reason.MODIFIER_EXTENSION
    if located.kind == "Patient":
        return None
    if not person.is_subject_of(located) or filled(resource.get("focus")):
        return Reason.OTHER_PATIENT
    return None


def _error(container: Located) -> Reason | None:
    """What was contained in an error is one."""
    is_error = "entered-in-error" in codes_at(container.resource, "status")
    return Reason.ENTERED_IN_ERROR if is_error else None


# ------------------------------------------------------------------------------------ the person


def _record(as_of: PartialDate | None, person: Person, desk: ReadContext) -> PatientRecord:
    fields: dict[str, Any] = {
        "as_of": as_of,
        **_of_patient(person, desk),
        "pregnant": _pregnant(desk),
        "cramps": _cramps(desk),
    }
    for section, entries in desk.collection.entries.items():
        fields[section] = tuple(entries)
    return parse_record({**fields, "left_out": desk.collection.left_out()})


def _of_patient(person: Person, desk: ReadContext) -> dict[str, Any]:
    resource, place = person.resource, person.place
    for field, reason in (
        ("implicitRules", Reason.IMPLICIT_RULES),
        ("modifierExtension", Reason.MODIFIER_EXTENSION),
    ):
        if filled(resource.get(field)):
            desk.collection.leave_out(reason, place)
            return {}
    if is_true(resource, "deceasedBoolean") or filled(resource.get("deceasedDateTime")):
        desk.collection.leave_out(Reason.DECEASED, f"{place}#deceased")
    gender = word_at(resource, "gender").strip().lower()
    sex = gender if gender in _SEXES else None
    try:
        born = days_at(resource, "birthDate")
    except Unreadable:
        desk.collection.leave_out(Reason.MALFORMED, f"{place}#birthDate")
        return {"sex": sex}
    return {"sex": sex, "age": None if born is None else _age(born, place, desk)}


def _age(born: Days, place: str, desk: ReadContext) -> float | None:
    """The completed years. A partial date is taken for the middle of the days that it may mean.

    Whatever is partial, the age is certain to a year.
    """
    if desk.as_of is None:
        desk.collection.leave_out(Reason.NO_AS_OF, f"{place}#birthDate")
        return None
    years = _years(_middle(born), _middle(desk.as_of))
    if not 0 <= years <= MAX_AGE:
        desk.collection.leave_out(Reason.MALFORMED, f"{place}#birthDate")
        return None
    return float(years)


def _middle(days: Days) -> date:
    return days.first + (days.last - days.first) // 2


def _years(born: date, day: date) -> int:
    """Completed years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _pregnant(desk: ReadContext) -> bool | None:
    """The latest that was said of pregnancy, if it counts on the day of the assessment."""
    usable = [said for said in desk.pregnancies if _counts(said, desk)]
    if not usable:
        return None
    latest = max(map(_when, usable))
    last = [said for said in usable if _when(said) == latest]
    if len({said.pregnant for said in last}) > 1:
        for said in last:
            desk.collection.leave_out(Reason.AMBIGUOUS, said.place)
        return None
    return last[0].pregnant


def _when(said: Pregnancy | CrampAnswer) -> date:
    """When something was said; what has no date comes before all that has one."""
    return date.min if said.days is None else said.days.first


def _counts(said: Pregnancy, desk: ReadContext) -> bool:
    if said.days is None:
        return True
    reason: Reason | None = None
    if desk.as_of is None:
        reason = Reason.NO_AS_OF
    elif said.days.is_after(desk.as_of.last):
        reason = Reason.IN_THE_FUTURE
    elif desk.as_of.last - said.days.first > PREGNANCY_COUNTS_FOR:
        reason = Reason.OUTDATED
    if reason is not None:
        desk.collection.leave_out(reason, said.place)
    return reason is None


def _cramps(desk: ReadContext) -> CrampHistory:
    """The answers of the cramps: of each field those that were given last."""
    usable = [answer for answer in desk.answers if not _is_later(answer, desk)]
    fields: dict[str, Any] = {}
    for field in dict.fromkeys(answer.field for answer in usable):
        given = [answer for answer in usable if answer.field == field]
        latest = max(map(_when, given))
        values = [answer.value for answer in given if _when(answer) == latest]
        fields[field] = tuple(dict.fromkeys(values)) if field in LISTS else values[-1]
    return CrampHistory(**fields)


def _is_later(answer: CrampAnswer, desk: ReadContext) -> bool:
    """Whether an answer was given after the day of the assessment."""
    if answer.days is None or desk.as_of is None or not answer.days.is_after(desk.as_of.last):
        return False
    desk.collection.leave_out(Reason.IN_THE_FUTURE, answer.place)
    return True
