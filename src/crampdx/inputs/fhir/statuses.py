"""What each status of FHIR means for the record, and why parts of a document are left out."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, StrEnum, auto

__all__ = ["REASONS", "TABLES", "EntryStatus", "Reason", "Table", "standing_of"]


class Reason(StrEnum):
    """Why a part of a document is not in the record."""

    ALLERGY = "allergy"
    AMBIGUOUS = "ambiguous"
    CANCELLED = "cancelled"
    DECEASED = "deceased"
    DELETED = "deleted"
    DUPLICATE = "duplicate"
    ENTERED_IN_ERROR = "entered_in_error"
    IMPLICIT_RULES = "implicit_rules"
    INCOMPLETE_SEARCH = "incomplete_search"
    IN_THE_FUTURE = "in_the_future"
    MALFORMED = "malformed"
    MODIFIER_EXTENSION = "modifier_extension"
    NOT_DONE = "not_done"
    NOT_FINISHED = "not_finished"
    NOT_MAPPED = "not_mapped"
    NOT_RELATED = "not_related"
    NO_AS_OF = "no_as_of"
    NO_VALUE = "no_value"
    OTHER_PATIENT = "other_patient"
    OUTDATED = "outdated"
    OUTSIDE_VOCABULARY = "outside_vocabulary"
    PLANNED = "planned"
    PROVISIONAL = "provisional"
    TOO_DEEP = "too_deep"
    TOO_MANY = "too_many"
    UNKNOWN_STATUS = "unknown_status"
    UNNAMED = "unnamed"
    UNREAD_PART = "unread_part"
    UNREAD_TYPE = "unread_type"
    UNRESOLVED_REFERENCE = "unresolved_reference"


REASONS: Mapping[Reason, str] = {
    Reason.ALLERGY: "an allergy or intolerance; the record has no place for it",
    Reason.AMBIGUOUS: "says two things at once, or the opposite of what its code names",
    Reason.CANCELLED: "was cancelled, revoked or abandoned",
    Reason.DECEASED: "the patient has died; the rest is read",
    Reason.DELETED: "was deleted, by an entry of the same document",
    Reason.DUPLICATE: "another version of the same resource is read, the one last updated",
    Reason.ENTERED_IN_ERROR: "was entered in error",
    Reason.IMPLICIT_RULES: "`implicitRules` may change its meaning in ways that are not known",
    Reason.INCOMPLETE_SEARCH: "a search did not give all: a page follows, or an OperationOutcome",
    Reason.IN_THE_FUTURE: "is dated after `as_of`, and the record has no place for its date",
    Reason.MALFORMED: "malformed, for example an invalid date",
    Reason.MODIFIER_EXTENSION: "a `modifierExtension` may change its meaning",
    Reason.NOT_DONE: "a dose that was not given",
    Reason.NOT_FINISHED: "has no result yet, or answers that are not complete",
    Reason.NOT_MAPPED: "an answer to a question that no map knows",
    Reason.NOT_RELATED: "about a relative who is not a blood relative",
    Reason.NO_AS_OF: "needs the day of the assessment, and none was given",
    Reason.NO_VALUE: "has no value, says why there is none, or that it is not known",
    Reason.OTHER_PATIENT: "is about somebody or something else than the patient",
    Reason.OUTDATED: "is older than the time for which it counts",
    Reason.OUTSIDE_VOCABULARY: "names nothing that the rules know",
    Reason.PLANNED: "is planned or proposed",
    Reason.PROVISIONAL: "**is used**; only that it is not final, not certain or paused is left out",
    Reason.TOO_DEEP: "nested too deeply",
    Reason.TOO_MANY: "is beyond the number that is read",
    Reason.UNKNOWN_STATUS: "its status is unknown, or is not a status of FHIR",
    Reason.UNNAMED: "has neither a code with its system nor a text",
    Reason.UNREAD_PART: "a part that is not read, such as `onsetAge` or `valueString`",
    Reason.UNREAD_TYPE: "a type of resource that is not read",
    Reason.UNRESOLVED_REFERENCE: "refers to what the document does not hold",
}
"""The reasons, as a reader of a result sees them explained."""


class EntryStatus(Enum):
    """How an entry stands in the record."""

    PRESENT = auto()
    PROVISIONAL = auto()
    ABSENT = auto()
    PAST = auto()
    ORDERED = auto()
    NOT_DONE = auto()


Table = Mapping[str, EntryStatus | Reason]
"""What each code of a status means."""

VERIFICATION: Table = {
    "confirmed": EntryStatus.PRESENT,
    "unconfirmed": EntryStatus.PROVISIONAL,
    "provisional": EntryStatus.PROVISIONAL,
    "differential": EntryStatus.PROVISIONAL,
    "refuted": EntryStatus.ABSENT,
    "entered-in-error": Reason.ENTERED_IN_ERROR,
}

CLINICAL: Table = {
    "active": EntryStatus.PRESENT,
    "recurrence": EntryStatus.PRESENT,
    "relapse": EntryStatus.PRESENT,
    "inactive": EntryStatus.PAST,
    "remission": EntryStatus.PAST,
    "resolved": EntryStatus.PAST,
    "unknown": Reason.UNKNOWN_STATUS,
}

OBSERVATION: Table = {
    "final": EntryStatus.PRESENT,
    "amended": EntryStatus.PRESENT,
    "corrected": EntryStatus.PRESENT,
    "preliminary": EntryStatus.PROVISIONAL,
    "registered": Reason.NOT_FINISHED,
    "cancelled": Reason.CANCELLED,
    "entered-in-error": Reason.ENTERED_IN_ERROR,
    "unknown": Reason.UNKNOWN_STATUS,
}

REPORT: Table = {
    **OBSERVATION,
    "appended": EntryStatus.PRESENT,
    "partial": EntryStatus.PROVISIONAL,
    "modified": EntryStatus.PRESENT,
}

MEDICATION_REQUEST: Table = {
    "active": EntryStatus.PRESENT,
    "on-hold": EntryStatus.PROVISIONAL,
    "stopped": EntryStatus.PAST,
    "ended": EntryStatus.PAST,
    "completed": EntryStatus.PAST,
    "cancelled": Reason.CANCELLED,
    "draft": EntryStatus.ORDERED,
    "entered-in-error": Reason.ENTERED_IN_ERROR,
    "unknown": Reason.UNKNOWN_STATUS,
}

MEDICATION_STATEMENT: Table = {
    "active": EntryStatus.PRESENT,
    "recorded": EntryStatus.PRESENT,
    "on-hold": EntryStatus.PROVISIONAL,
    "completed": EntryStatus.PAST,
    "stopped": EntryStatus.PAST,
    "intended": EntryStatus.ORDERED,
    "draft": EntryStatus.ORDERED,
    "not-taken": EntryStatus.ABSENT,
    "entered-in-error": Reason.ENTERED_IN_ERROR,
    "unknown": Reason.UNKNOWN_STATUS,
}

ADHERENCE: Table = {
    "taking": EntryStatus.PRESENT,
    "taking-as-directed": EntryStatus.PRESENT,
    "taking-not-as-directed": EntryStatus.PRESENT,
    "not-taking": EntryStatus.ABSENT,
    "on-hold": EntryStatus.PROVISIONAL,
    "on-hold-as-directed": EntryStatus.PROVISIONAL,
    "on-hold-not-as-directed": EntryStatus.PROVISIONAL,
    "stopped": EntryStatus.PAST,
    "stopped-as-directed": EntryStatus.PAST,
    "stopped-not-as-directed": EntryStatus.PAST,
    "unknown": Reason.UNKNOWN_STATUS,
}

ADMINISTRATION: Table = {
    "in-progress": EntryStatus.PRESENT,
    "completed": EntryStatus.PRESENT,
    "on-hold": EntryStatus.PROVISIONAL,
    "stopped": EntryStatus.PAST,
    "not-done": Reason.NOT_DONE,
    "entered-in-error": Reason.ENTERED_IN_ERROR,
    "unknown": Reason.UNKNOWN_STATUS,
}

FAMILY: Table = {
    "completed": EntryStatus.PRESENT,
    "partial": EntryStatus.PRESENT,
    "health-unknown": Reason.NO_VALUE,
    "entered-in-error": Reason.ENTERED_IN_ERROR,
}

PROCEDURE: Table = {
    "completed": EntryStatus.PRESENT,
    "in-progress": EntryStatus.PROVISIONAL,
    "preparation": EntryStatus.ORDERED,
    "on-hold": EntryStatus.ORDERED,
    "stopped": EntryStatus.NOT_DONE,
    "not-done": EntryStatus.NOT_DONE,
    "entered-in-error": Reason.ENTERED_IN_ERROR,
    "unknown": Reason.UNKNOWN_STATUS,
}

SERVICE_REQUEST: Table = {
    "active": EntryStatus.ORDERED,
    "on-hold": EntryStatus.ORDERED,
    "completed": EntryStatus.PRESENT,
    "draft": Reason.PLANNED,
    "revoked": Reason.CANCELLED,
    "entered-in-error": Reason.ENTERED_IN_ERROR,
    "unknown": Reason.UNKNOWN_STATUS,
}

ANSWERS: Table = {
    "completed": EntryStatus.PRESENT,
    "amended": EntryStatus.PRESENT,
    "in-progress": Reason.NOT_FINISHED,
    "stopped": Reason.NOT_FINISHED,
    "entered-in-error": Reason.ENTERED_IN_ERROR,
}

ENCOUNTER: Table = {
    "arrived": EntryStatus.PRESENT,
    "triaged": EntryStatus.PRESENT,
    "in-progress": EntryStatus.PRESENT,
    "onleave": EntryStatus.PRESENT,
    "on-hold": EntryStatus.PRESENT,
    "finished": EntryStatus.PRESENT,
    "discharged": EntryStatus.PRESENT,
    "completed": EntryStatus.PRESENT,
    "discontinued": EntryStatus.PRESENT,
    "planned": Reason.PLANNED,
    "cancelled": Reason.CANCELLED,
    "entered-in-error": Reason.ENTERED_IN_ERROR,
    "unknown": Reason.UNKNOWN_STATUS,
}

ALLERGY: Table = {
    "confirmed": Reason.ALLERGY,
    "unconfirmed": Reason.ALLERGY,
    "presumed": Reason.ALLERGY,
    "refuted": Reason.ALLERGY,
    "entered-in-error": Reason.ENTERED_IN_ERROR,
}

TABLES: Mapping[str, Table] = {
    "Condition.verificationStatus": VERIFICATION,
    "Condition.clinicalStatus": CLINICAL,
    "Observation.status": OBSERVATION,
    "DiagnosticReport.status": REPORT,
    "MedicationRequest.status": MEDICATION_REQUEST,
    "MedicationStatement.status": MEDICATION_STATEMENT,
    "MedicationStatement.adherence.code": ADHERENCE,
    "MedicationAdministration.status": ADMINISTRATION,
    "FamilyMemberHistory.status": FAMILY,
    "Procedure.status": PROCEDURE,
    "ServiceRequest.status": SERVICE_REQUEST,
    "QuestionnaireResponse.status": ANSWERS,
    "Encounter.status": ENCOUNTER,
    "AllergyIntolerance.verificationStatus": ALLERGY,
}
"""All statuses that are read."""


def standing_of(
    codes: list[str], table: Table, when_missing: EntryStatus | Reason = EntryStatus.PROVISIONAL
) -> EntryStatus | Reason:
    """What the codes of a status mean: the first that the table knows counts.

    >>> standing_of(["refuted"], VERIFICATION)
    <EntryStatus.ABSENT: 3>
    """
    if not codes:
        return when_missing
    for code in codes:
        if code in table:
            return table[code]
    return Reason.UNKNOWN_STATUS
