"""The patient record: what a caller says of a patient.

Everything may be named by our own id or by codes of HPO, ICD-10-CM, SNOMED CT, LOINC or RxNorm.
The record is strict: a field it does not know is refused, with a suggestion. It is frozen, its
sizes are bounded, and it reads and writes JSON. The smallest useful one:

>>> PatientRecord.model_validate({"age": 58, "findings": {"muscle_cramp": True}}).age
58.0

Nothing that a record leaves out is taken for absent.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from functools import lru_cache, partial
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    model_validator,
)

from crampdx.errors import printable
from crampdx.record.dates import PartialDate
from crampdx.text.durations import Duration

__all__ = [
    "Coding",
    "Comparator",
    "Context",
    "CrampHistory",
    "FamilyStatement",
    "FindingEntry",
    "LeftOut",
    "Measurement",
    "Medication",
    "PatientRecord",
    "Status",
    "TestResult",
    "words_of",
]

MAX_ENTRIES = 5_000
"""The most entries of any one list of a record."""

MAX_NOTE = 4_000
"""The most characters of a note."""

MAX_LEFT_OUT = 1_000_000_000
"""The most parts of a document that a record says were left out, for each reason."""

MAX_PLACES = 20
"""How many places a record or a result names of what was not used, for each reason."""

# ---------------------------------------------------------------------------- building blocks

_NO_CONTROL = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
Text = Annotated[str, Field(max_length=400, pattern=_NO_CONTROL)]
Note = Annotated[str, Field(max_length=MAX_NOTE, pattern=_NO_CONTROL)]
_ID = re.compile(r"[a-z][a-z0-9_]{0,79}")
ConceptId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=80)]
Origin = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9][-A-Za-z0-9._:/#\[\]]*$",
        max_length=200,
        description="Where the entry came from, such as the reference of a FHIR resource.",
    ),
]

_SYSTEMS = {
    "hpo": "HPO",
    "hp": "HPO",
    "http://human-phenotype-ontology.org": "HPO",
    "http://purl.obolibrary.org/obo/hp.owl": "HPO",
    "icd-10-cm": "ICD-10-CM",
    "icd10cm": "ICD-10-CM",
    "http://hl7.org/fhir/sid/icd-10-cm": "ICD-10-CM",
    "urn:oid:2.16.840.1.113883.6.90": "ICD-10-CM",
    "snomed-ct": "SNOMED-CT",
    "snomed ct": "SNOMED-CT",
    "snomed": "SNOMED-CT",
    "sct": "SNOMED-CT",
    "http://snomed.info/sct": "SNOMED-CT",
    "urn:oid:2.16.840.1.113883.6.96": "SNOMED-CT",
    "loinc": "LOINC",
    "http://loinc.org": "LOINC",
    "urn:oid:2.16.840.1.113883.6.1": "LOINC",
    "rxnorm": "RxNorm",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "RxNorm",
    "urn:oid:2.16.840.1.113883.6.88": "RxNorm",
    "mondo": "MONDO",
    "omim": "OMIM",
    "orpha": "ORPHA",
}
_PREFIXES = {"HPO": "HP", "MONDO": "MONDO", "OMIM": "OMIM", "ORPHA": "ORPHA"}
"""The systems whose codes carry a prefix of their own, and that prefix."""


def _whole_code(system: str, code: str) -> str:
    """The code with the prefix that belongs to it, however it was given."""
    prefix = _PREFIXES.get(system)
    return code if prefix is None else f"{prefix}:{code.rpartition(':')[2]}"


class RecordModel(BaseModel):
    """A frozen part of a record that refuses unknown fields."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
        hide_input_in_errors=True,
        defer_build=True,
    )


class Coding(RecordModel):
    """A code of a terminology. May be given as text: ``HP:0003394``, ``LOINC:2823-3``.

    The usual names and addresses of the systems we know are brought to one name each; others are
    kept as they are.

    >>> Coding.model_validate("HP:0003394")
    Coding(system='HPO', code='HP:0003394', display=None)
    >>> Coding(system="http://loinc.org", code="2823-3").system
    'LOINC'
    """

    system: Annotated[str, Field(min_length=1, max_length=200, pattern=_NO_CONTROL)]
    """The terminology, by its usual name or address."""
    code: Annotated[str, Field(min_length=1, max_length=100, pattern=_NO_CONTROL)]
    """The code."""
    display: Text | None = None
    """How the sender words it."""

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        if isinstance(value, str):
            prefix, colon, code = value.partition(":")
            system = _SYSTEMS.get(prefix.lower(), prefix)
            if not (colon and prefix and code):
                raise ValueError("give a code as 'SYSTEM:code' or {'system': ..., 'code': ...}")
            return {"system": system, "code": _whole_code(system, code)}
        if isinstance(value, Mapping):
            named, given = value.get("system"), value.get("code")
            if isinstance(named, str) and isinstance(given, str):
                system = _SYSTEMS.get(named.lower(), named)
                return {**value, "system": system, "code": _whole_code(system, given)}
        return value


def _at_most(most: int) -> Callable[[Any], Any]:
    """Refuse a longer list before its items are looked at, each of which may be a fault."""

    def checked(value: Any) -> Any:
        if isinstance(value, list | tuple) and len(value) > most:
            raise ValueError(f"at most {most:,} may be given")
        return value

    return checked


def _as_tuple(value: Any) -> Any:
    return (value,) if isinstance(value, str | Mapping | Coding) else value


MAX_CODES = 30
"""The most codes of one entry."""

Codes = Annotated[
    tuple[Coding, ...],
    Field(max_length=MAX_CODES, description="One code, or several that say the same."),
    BeforeValidator(_at_most(MAX_CODES)),
    BeforeValidator(_as_tuple),
]


class Status(StrEnum):
    """What the record says of an entry."""

    PRESENT = "present"
    ABSENT = "absent"
    PAST = "past"


_STATUSES = frozenset(Status)


class Context(StrEnum):
    """Of whom, or in what sense, an entry speaks."""

    PATIENT = "patient"
    FAMILY = "family"
    ORDERED = "ordered"
    TAKEN = "taken"


class Entry(RecordModel):
    """What all entries have: a name, by our id, by codes, or by text alone."""

    id: ConceptId | None = None
    """Our id of the concept."""
    code: Codes = ()
    text: Text | None = None
    """The name as written. It is read whole, where neither id nor codes say more."""
    date: PartialDate | None = None
    """When it was observed or recorded."""
    note: Note | None = None
    """Stored, not interpreted."""
    origin: Origin | None = None
    """Where it came from, such as 'Condition/12'. Results name it as the place."""

    @model_validator(mode="after")
    def _named(self) -> Entry:
        if self.id is None and not self.code and self.text is None:
            raise ValueError("name the entry by 'id', 'code' or 'text'")
        return self


def _status(value: Any) -> Any:
    if isinstance(value, bool):
        return Status.PRESENT if value else Status.ABSENT
    if isinstance(value, str) and value in _STATUSES:
        return value
    raise ValueError("give true, false, 'present', 'absent' or 'past'")


AnyStatus = Annotated[
    Status, BeforeValidator(_status), Field(description="present (true), absent (false) or past")
]


class FindingEntry(Entry):
    """A finding, a diagnosis or an exposure, and what is said of it."""

    status: AnyStatus = Status.PRESENT
    context: Context = Context.PATIENT
    """Of whom, or in what sense, it speaks."""
    onset: PartialDate | None = None
    """When it began."""
    end: PartialDate | None = None
    """When it ended."""
    duration: Duration | None = None
    """Up to `date`, or to `as_of`."""
    body_site: Text | None = None
    """Where on the body."""
    laterality: Literal["left", "right", "bilateral"] | None = None
    """On which side."""
    severity: Literal["mild", "moderate", "severe"] | None = None
    """How severe it is."""


class FamilyStatement(Entry):
    """What is said of a relative."""

    relation: Text | None = None
    """Which relative."""
    status: AnyStatus = Status.PRESENT


class Medication(Entry):
    """A medicine: ``taken`` (the default) or only ``ordered``."""

    status: AnyStatus = Status.PRESENT
    context: Literal["taken", "ordered"] = "taken"
    """Whether it is taken or only ordered."""
    start: PartialDate | None = None
    """When it was begun."""
    stop: PartialDate | None = None
    """When it was stopped."""
    dose: Text | None = None
    """Stored, not interpreted."""


Comparator = Literal["<", "<=", ">=", ">"]


class Measurement(Entry):
    """A measured value with its UCUM unit, named by LOINC code or by our id."""

    value: Annotated[float, Field(strict=True, ge=-1e12, le=1e12)]
    """The number."""
    comparator: Comparator | None = None
    """The value lies on this side of the number."""
    unit: Annotated[str, Field(max_length=40, pattern=_NO_CONTROL)] | None = None
    """The UCUM unit."""


def _by_name(value: Any, entry_of: Callable[[Any, Any], Any]) -> Any:
    """Entries may be given as a mapping from id or code to what is said; None says nothing."""
    if not isinstance(value, Mapping):
        if value is None or isinstance(value, str | bytes | int | float):
            raise ValueError("give a list of entries, or a mapping from id or code to what is said")
        return _at_most(MAX_ENTRIES)(value)
    if len(value) > MAX_ENTRIES:
        raise ValueError(f"at most {MAX_ENTRIES:,} entries may be given")
    return [entry_of(name, said) for name, said in value.items() if said is not None]


def _entry(name: Any, said: Any) -> Any:
    """The entry's fields, with its name among them."""
    if not isinstance(said, Mapping):
        return said
    key = "code" if isinstance(name, str) and ":" in name else "id"
    if "id" in said or "code" in said:
        raise ValueError(
            f"the entry '{printable(str(name))}' is named by its key; leave out 'id' and 'code'"
        )
    return {key: name, **said}


def _entry_or_status(name: Any, said: Any) -> Any:
    """The entry's fields, or its status alone."""
    return _entry(name, said if isinstance(said, Mapping) else {"status": said})


def _statement(name: Any, said: Any) -> Any:
    """As `_entry_or_status`; the plainest statements are taken ready-made."""
    if isinstance(said, bool) and isinstance(name, str) and _ID.fullmatch(name):
        return _plain(name, said)
    return _entry_or_status(name, said)


@lru_cache(maxsize=4_096)
def _plain(name: str, present: bool) -> FindingEntry:
    """A statement of an id and a status alone; it is frozen, so that records may share it."""
    return FindingEntry(id=name, status=Status.PRESENT if present else Status.ABSENT)


_entries_by_name = partial(_by_name, entry_of=_entry)
_statuses_by_name = partial(_by_name, entry_of=_entry_or_status)
_statements_by_name = partial(_by_name, entry_of=_statement)


class TestResult(Entry):
    """A test that was ordered or done, and what it showed."""

    __test__ = False

    status: Literal["done", "ordered", "not_done"] = "done"
    """Whether it was done."""
    shows: Annotated[
        tuple[FindingEntry, ...],
        BeforeValidator(_statements_by_name),
        Field(max_length=MAX_ENTRIES),
    ] = ()
    """The findings that it showed, present or absent."""


Location = Literal[
    "calf",
    "thigh",
    "foot",
    "leg",
    "hand",
    "arm",
    "trunk",
    "neck",
    "face",
    "jaw",
    "generalized",
]
Trigger = Literal[
    "exercise",
    "rest",
    "sitting",
    "standing",
    "cold",
    "heat",
    "dehydration",
    "stress",
    "touch",
    "swallowing",
    "medication",
    "other",
]


class CrampHistory(RecordModel):
    """What is asked of a complaint of cramps."""

    duration: Duration | None = None
    """Since when there are cramps."""
    episode_duration: Duration | None = None
    """How long one cramp lasts."""
    per_week: Annotated[float, Field(ge=0, le=100_000, strict=True)] | None = None
    """How many cramps a week."""
    locations: Annotated[
        tuple[Location, ...], Field(max_length=20), BeforeValidator(_at_most(20))
    ] = ()
    """Where the cramps are."""
    triggers: Annotated[
        tuple[Trigger, ...], Field(max_length=20), BeforeValidator(_at_most(20))
    ] = ()
    """What brings them on."""
    times_of_day: Annotated[
        tuple[Literal["day", "night", "morning", "any"], ...],
        Field(max_length=4),
        BeforeValidator(_at_most(4)),
    ] = ()
    """When they come."""
    response_to_remedies: Literal["relieved", "partly_relieved", "not_relieved"] | None = None
    """Response to stretching, fluids, rest and the like."""


class LeftOut(RecordModel):
    """What a document of another format held and its reader left out of the record."""

    reason: Annotated[str, Field(pattern=r"^[a-z][a-z_]*$", max_length=80)]
    """Why, in one word."""
    count: Annotated[int, Field(ge=1, le=MAX_LEFT_OUT, strict=True)]
    """How many parts of the document."""
    places: Annotated[
        tuple[Origin, ...], Field(max_length=MAX_PLACES), BeforeValidator(_at_most(MAX_PLACES))
    ] = ()
    """The first of them."""


_Statements = Annotated[
    tuple[FindingEntry, ...], BeforeValidator(_statements_by_name), Field(max_length=MAX_ENTRIES)
]


class PatientRecord(RecordModel):
    """What is known of one patient at one time. What is left out is unknown."""

    as_of: PartialDate | None = None
    """The day of the assessment. No clock is read."""
    age: Annotated[float, Field(ge=0, le=130, strict=True)] | None = None
    """Age in years."""
    sex: Literal["female", "male", "other"] | None = None
    """The sex that the knowledge needs: that of biology where it matters."""
    pregnant: StrictBool | None = None
    """Whether the person is pregnant."""
    cramps: CrampHistory = CrampHistory()
    """What was asked of the cramps."""
    findings: _Statements = ()
    """Symptoms, signs, and all else of our vocabulary."""
    diagnoses: _Statements = ()
    """Diagnoses that were made."""
    exposures: _Statements = ()
    """What the person was exposed to."""
    measurements: Annotated[
        tuple[Measurement, ...], BeforeValidator(_entries_by_name), Field(max_length=MAX_ENTRIES)
    ] = ()
    """Measured values."""
    medications: Annotated[
        tuple[Medication, ...], BeforeValidator(_statuses_by_name), Field(max_length=MAX_ENTRIES)
    ] = ()
    """Medicines."""
    family_history: Annotated[
        tuple[FamilyStatement, ...],
        BeforeValidator(_statuses_by_name),
        Field(max_length=MAX_ENTRIES),
    ] = ()
    """What is known of relatives."""
    test_results: Annotated[
        tuple[TestResult, ...], BeforeValidator(_entries_by_name), Field(max_length=MAX_ENTRIES)
    ] = ()
    """Tests, and what they showed."""
    left_out: Annotated[
        tuple[LeftOut, ...], Field(max_length=100), BeforeValidator(_at_most(100))
    ] = ()
    """What the document from which the record was read held besides; results name it."""


def words_of(model: type[RecordModel], field: str) -> frozenset[str]:
    """The words that a field of words admits.

    >>> sorted(words_of(PatientRecord, "sex"))
    ['female', 'male', 'other']
    """

    def words(form: Any) -> Iterator[str]:
        for part in get_args(form):
            if isinstance(part, str):
                yield part
            else:
                yield from words(part)

    return frozenset(words(model.model_fields[field].annotation))
