"""The patient record: what a caller says of a patient.

Everything may be named by our own id or by codes of HPO, ICD-10-CM, SNOMED CT, LOINC or RxNorm.
The record is strict: a field it does not know is refused, with a suggestion. It is frozen, its
sizes are bounded, and it reads and writes JSON. The smallest useful one:

>>> PatientRecord.model_validate({"age": 58, "findings": {"muscle_cramp": True}}).age
58.0

Nothing that a record leaves out is taken for absent.
"""

from __future__ import annotations

import calendar
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache, partial
from itertools import islice
from typing import Annotated, Any, Literal, NamedTuple, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    ValidationError,
    model_validator,
)

from crampdx.errors import SHOWN_ISSUES, RecordError, RecordIssue, did_you_mean, printable
from crampdx.text.durations import Duration
from crampdx.text.json import read_json

__all__ = [
    "Coding",
    "Comparator",
    "Context",
    "CrampHistory",
    "Days",
    "FamilyStatement",
    "FindingEntry",
    "LeftOut",
    "Measurement",
    "Medication",
    "PartialDate",
    "PatientRecord",
    "Status",
    "TestResult",
    "days_of",
    "entry_models",
    "is_after",
    "parse_record",
    "words_of",
]

MAX_ENTRIES = 5_000
"""The most entries of any one list of a record."""

MAX_ISSUES = 1_000
"""The most faults that a refusal lists."""

MAX_NOTE = 4_000
"""The most characters of a note."""

MAX_LEFT_OUT = 1_000_000_000
"""The most parts of a document that a record says were left out, for each reason."""

MAX_PLACES = 20
"""How many places a record or a result names of what was not used, for each reason."""

# ---------------------------------------------------------------------------- building blocks

_PRINTABLE = "text without control characters is expected"
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

_PARTIAL_DATE = re.compile(
    r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})"
    r"(?:T(?:[01][0-9]|2[0-4]):[0-5][0-9](?::[0-6][0-9](?:\.[0-9]{1,9})?)?"
    r"(?:Z|[-+][01][0-9]:[0-5][0-9])?)?)?)?"
)


class Days(NamedTuple):
    """The days that a partial date may mean: from the first to the last, both included."""

    first: date
    last: date


ELSEWHERE = timedelta(days=1)
"""How much later the date of a place may be than that of another at the same time."""


def is_after(days: Days, as_of: date) -> bool:
    """Whether days lie after the day of an assessment.

    Dates are those of the place where they were written, which is not known: the day after that of
    the assessment may be today there.

    >>> [is_after(days_of(day), date(2026, 3, 1)) for day in ("2026-03-02", "2026-03-03")]
    [False, True]
    """
    return days.first - as_of > ELSEWHERE


@lru_cache(maxsize=4_096)
def days_of(partial: str) -> Days:
    """The first and the last day that a partial date may mean.

    >>> days_of("2026-02")
    Days(first=datetime.date(2026, 2, 1), last=datetime.date(2026, 2, 28))

    Raises:
        ValueError: The text is not a date of the form YYYY, YYYY-MM or YYYY-MM-DD.
    """
    match = _PARTIAL_DATE.fullmatch(partial)
    if match is None:
        raise ValueError("give a date as YYYY, YYYY-MM or YYYY-MM-DD")
    year, month, day = match.groups()
    try:
        if day is not None:
            one = date(int(year), int(month), int(day))
            return Days(one, one)
        if month is None:
            return Days(date(int(year), 1, 1), date(int(year), 12, 31))
        _, last = calendar.monthrange(int(year), int(month))
        return Days(date(int(year), int(month), 1), date(int(year), int(month), last))
    except (ValueError, calendar.IllegalMonthError):
        raise ValueError("there is no such day in the calendar") from None


def _partial_date(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return value


def _is_date(value: str) -> str:
    days_of(value)
    return value


PartialDate = Annotated[
    str,
    Field(max_length=40, description="A date: YYYY, YYYY-MM, YYYY-MM-DD, or with a time of day."),
    BeforeValidator(_partial_date),
    AfterValidator(_is_date),
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

    Attributes:
        system: The terminology, by its usual name or address.
        code: The code.
        display: How the sender words it.
    """

    system: Annotated[str, Field(min_length=1, max_length=200, pattern=_NO_CONTROL)]
    code: Annotated[str, Field(min_length=1, max_length=100, pattern=_NO_CONTROL)]
    display: Text | None = None

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


def _as_tuple(value: Any) -> Any:
    return (value,) if isinstance(value, str | Mapping | Coding) else value


Codes = Annotated[
    tuple[Coding, ...],
    Field(max_length=30, description="One code, or several that say the same."),
    BeforeValidator(_as_tuple),
]


class Status(StrEnum):
    """What the record says of an entry."""

    PRESENT = "present"
    ABSENT = "absent"
    PAST = "past"


class Context(StrEnum):
    """Of whom, or in what sense, an entry speaks."""

    PATIENT = "patient"
    FAMILY = "family"
    ORDERED = "ordered"
    TAKEN = "taken"


class Entry(RecordModel):
    """What all entries have: a name, by our id, by codes, or by text alone."""

    id: ConceptId | None = Field(default=None, description="Our id of the concept.")
    code: Codes = ()
    text: Text | None = Field(
        default=None,
        description="The name as written. It is read whole, where neither id nor codes say more.",
    )
    date: PartialDate | None = Field(default=None, description="When it was observed or recorded.")
    note: Note | None = Field(default=None, description="Kept with the record. It is not read.")
    origin: Origin | None = Field(
        default=None,
        description="Where it came from, such as 'Condition/12'. Results name it as the place.",
    )

    @model_validator(mode="after")
    def _named(self) -> Entry:
        if self.id is None and not self.code and self.text is None:
            raise ValueError("name the entry by 'id', 'code' or 'text'")
        return self


def _status(value: Any) -> Any:
    if isinstance(value, bool):
        return Status.PRESENT if value else Status.ABSENT
    return value


AnyStatus = Annotated[
    Status, BeforeValidator(_status), Field(description="present (true), absent (false) or past")
]


class FindingEntry(Entry):
    """A finding, a diagnosis or an exposure, and what is said of it.

    Attributes:
        context: Of whom, or in what sense, it speaks.
        onset: When it began.
        end: When it ended.
        body_site: Where on the body.
        laterality: On which side.
        severity: How severe it is.
    """

    status: AnyStatus = Status.PRESENT
    context: Context = Context.PATIENT
    onset: PartialDate | None = None
    end: PartialDate | None = None
    duration: Duration | None = Field(default=None, description="Up to `date`, or to `as_of`.")
    body_site: Text | None = None
    laterality: Literal["left", "right", "bilateral"] | None = None
    severity: Literal["mild", "moderate", "severe"] | None = None


class FamilyStatement(Entry):
    """What is said of a relative.

    Attributes:
        relation: Which relative.
    """

    relation: Text | None = None
    status: AnyStatus = Status.PRESENT


class Medication(Entry):
    """A medicine: ``taken`` (the default) or only ``ordered``.

    Attributes:
        context: Whether it is taken or only ordered.
        start: When it was begun.
        stop: When it was stopped.
    """

    status: AnyStatus = Status.PRESENT
    context: Literal["taken", "ordered"] = "taken"
    start: PartialDate | None = None
    stop: PartialDate | None = None
    dose: Text | None = Field(default=None, description="Kept with the record. It is not read.")


Comparator = Literal["<", "<=", ">=", ">"]


class Measurement(Entry):
    """A measured value with its UCUM unit, named by LOINC code or by our id.

    Attributes:
        value: The number.
        comparator: The value lies on this side of the number.
        unit: The UCUM unit.
    """

    value: Annotated[float, Field(strict=True, ge=-1e12, le=1e12)]
    comparator: Comparator | None = None
    unit: Annotated[str, Field(max_length=40, pattern=_NO_CONTROL)] | None = None


def _by_name(value: Any, entry_of: Callable[[Any, Any], Any]) -> Any:
    """Entries may be given as a mapping from id or code to what is said; None says nothing."""
    if not isinstance(value, Mapping):
        return value
    if len(value) > MAX_ENTRIES:
        raise ValueError(f"at most {MAX_ENTRIES} entries")
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
    """A test that was ordered or done, and what it showed.

    Attributes:
        status: Whether it was done.
        shows: The findings that it showed, present or absent.
    """

    __test__ = False

    status: Literal["done", "ordered", "not_done"] = "done"
    shows: Annotated[
        tuple[FindingEntry, ...],
        BeforeValidator(_statements_by_name),
        Field(max_length=MAX_ENTRIES),
    ] = ()


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
    """What is asked of a complaint of cramps.

    Attributes:
        per_week: How many cramps a week.
        locations: Where the cramps are.
        triggers: What brings them on.
        times_of_day: When they come.
    """

    duration: Duration | None = Field(default=None, description="Since when there are cramps.")
    episode_duration: Duration | None = Field(default=None, description="How long one cramp lasts.")
    per_week: Annotated[float, Field(ge=0, le=100_000, strict=True)] | None = None
    locations: Annotated[tuple[Location, ...], Field(max_length=20)] = ()
    triggers: Annotated[tuple[Trigger, ...], Field(max_length=20)] = ()
    times_of_day: Annotated[
        tuple[Literal["day", "night", "morning", "any"], ...], Field(max_length=4)
    ] = ()
    response_to_remedies: Literal["relieved", "partly_relieved", "not_relieved"] | None = Field(
        default=None, description="Response to stretching, fluids, rest and the like."
    )


class LeftOut(RecordModel):
    """What a document of another format held and its reader left out of the record.

    Attributes:
        reason: Why, in one word.
        count: How many parts of the document.
        places: The first of them.
    """

    reason: Annotated[str, Field(pattern=r"^[a-z][a-z_]*$", max_length=80)]
    count: Annotated[int, Field(ge=1, le=MAX_LEFT_OUT, strict=True)]
    places: Annotated[tuple[Origin, ...], Field(max_length=MAX_PLACES)] = ()


_Statements = Annotated[
    tuple[FindingEntry, ...], BeforeValidator(_statements_by_name), Field(max_length=MAX_ENTRIES)
]


class PatientRecord(RecordModel):
    """What is known of one patient at one time. What is left out is unknown.

    Attributes:
        sex: The sex that the knowledge needs: that of biology where it matters.
        pregnant: Whether the person is pregnant.
        cramps: What was asked of the cramps.
        findings: Symptoms, signs, and all else of our vocabulary.
        diagnoses: Diagnoses that were made.
        exposures: What the person was exposed to.
        measurements: Measured values.
        medications: Medicines.
        family_history: What is known of relatives.
        test_results: Tests, and what they showed.
        left_out: What the document from which the record was read held besides; results name it.
    """

    as_of: PartialDate | None = Field(
        default=None, description="The day of the assessment. No clock is read."
    )
    age: Annotated[float, Field(ge=0, le=130, strict=True)] | None = Field(
        default=None, description="Age in years."
    )
    sex: Literal["female", "male", "other"] | None = None
    pregnant: StrictBool | None = None
    cramps: CrampHistory = CrampHistory()
    findings: _Statements = ()
    diagnoses: _Statements = ()
    exposures: _Statements = ()
    measurements: Annotated[
        tuple[Measurement, ...], BeforeValidator(_entries_by_name), Field(max_length=MAX_ENTRIES)
    ] = ()
    medications: Annotated[
        tuple[Medication, ...], BeforeValidator(_statuses_by_name), Field(max_length=MAX_ENTRIES)
    ] = ()
    family_history: Annotated[
        tuple[FamilyStatement, ...],
        BeforeValidator(_statuses_by_name),
        Field(max_length=MAX_ENTRIES),
    ] = ()
    test_results: Annotated[
        tuple[TestResult, ...], BeforeValidator(_entries_by_name), Field(max_length=MAX_ENTRIES)
    ] = ()
    left_out: Annotated[tuple[LeftOut, ...], Field(max_length=100)] = ()


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


# ------------------------------------------------------------------------------------- errors


_MODELS: Mapping[str, type[RecordModel]] = {
    "cramps": CrampHistory,
    "findings": FindingEntry,
    "diagnoses": FindingEntry,
    "exposures": FindingEntry,
    "shows": FindingEntry,
    "measurements": Measurement,
    "medications": Medication,
    "family_history": FamilyStatement,
    "test_results": TestResult,
    "code": Coding,
    "left_out": LeftOut,
}
"""The model of what stands below each field."""


def _fields_at(location: tuple[int | str, ...]) -> Iterable[str]:
    """The fields of the model in which the last step of a location stands."""
    above = [step for step in location[:-1] if isinstance(step, str) and step in _MODELS]
    return (_MODELS[above[-1]] if above else PatientRecord).model_fields


def _path(location: tuple[int | str, ...], document: Any) -> str:
    """The path as the caller wrote it: the key, where entries were given as a mapping."""
    path = ""
    before: int | str = ""
    for step in location:
        if isinstance(step, str):
            path += f".{printable(step)}"
            document = document.get(step) if isinstance(document, Mapping) else None
        elif isinstance(document, Mapping) and before != "code":
            given = (key for key, said in document.items() if said is not None)
            key = next(islice(given, max(step, 0), None), step)
            path += f".{printable(str(key))}"
            document = document.get(key)
        elif isinstance(document, list | tuple):
            path += f"[{step}]"
            document = document[step] if step < len(document) else None
        before = step
    return path.removeprefix(".")


def _issues(error: ValidationError, document: Any) -> Iterator[RecordIssue]:
    faults = error.errors(include_url=False, include_context=False, include_input=False)
    for number, fault in enumerate(faults[:MAX_ISSUES]):
        location = fault["loc"]
        message = fault["msg"].removeprefix("Value error, ")
        suggestion = ""
        if fault["type"] == "string_pattern_mismatch":
            asks_for_id = location[-1] == "id"
            message = "an id is lower-case letters, digits and '_'" if asks_for_id else _PRINTABLE
        elif fault["type"] == "model_type":
            message = "a mapping of fields is expected (in JSON, an object)"
        elif fault["type"] == "extra_forbidden":
            message = "there is no such field"
            if number < SHOWN_ISSUES:
                suggestion = did_you_mean(str(location[-1]), _fields_at(location))
        yield RecordIssue(_path(location, document), message, suggestion)
    if len(faults) > MAX_ISSUES:
        yield RecordIssue("", f"and {len(faults) - MAX_ISSUES} faults more, which are not listed")


_building = threading.Lock()
"""Held while pydantic builds the model, which it does not do safely in several threads."""


@lru_cache(maxsize=1)
def _model() -> type[PatientRecord]:
    """The model of a record, built on first use."""
    with _building:
        PatientRecord.model_rebuild()
    return PatientRecord


@lru_cache(maxsize=1)
def entry_models() -> Mapping[str, type[Entry]]:
    """The model of the entries of each list of a record; all models of a record are built then."""
    entries: Mapping[str, type[Entry]] = {
        "findings": FindingEntry,
        "diagnoses": FindingEntry,
        "exposures": FindingEntry,
        "measurements": Measurement,
        "medications": Medication,
        "family_history": FamilyStatement,
        "test_results": TestResult,
    }
    _model()
    others: tuple[type[RecordModel], ...] = (Coding, CrampHistory, LeftOut)
    with _building:
        for model in (*others, *entries.values()):
            model.model_rebuild()
    return entries


def parse_record(document: PatientRecord | Mapping[str, Any] | str | bytes) -> PatientRecord:
    """Read a record from a mapping, or from JSON text.

    Args:
        document: A mapping of the record's form, its JSON as text or bytes, or a record.

    Raises:
        RecordError: The document is not of the record's form; names every field at fault. Neither
            the message nor what caused it holds a value of the record.
    """
    if isinstance(document, PatientRecord):
        return document
    try:
        data = read_json(document) if isinstance(document, str | bytes) else document
        return _model().model_validate(data)
    except ValidationError as error:
        issues = tuple(_issues(error, data))
    except (RecursionError, UnicodeError):
        issues = (RecordIssue("", "the record is nested too deeply or is not valid text"),)
    raise RecordError(issues)
