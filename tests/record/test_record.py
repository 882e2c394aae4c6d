"""The patient record: what it takes, what it refuses, and what its errors say."""

from __future__ import annotations

import json
import pickle
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

import crampdx
from crampdx import PatientRecord, RecordError, parse_record
from crampdx.record import parsing
from crampdx.record.dates import Days
from crampdx.record.models import Coding

MARKER = "Marker7391"


def refusal(document: Any) -> RecordError:
    """The error by which a document is refused."""
    with pytest.raises(RecordError) as error:
        parse_record(document)
    return error.value


def faults(document: Any) -> list[str]:
    """The faults of a document that is refused, as shown."""
    return [str(issue) for issue in refusal(document).issues]


def nested(depth: int, *, as_list: bool = False) -> Any:
    """Something that is nested so deep."""
    inner: Any = []
    for _ in range(depth):
        inner = [inner] if as_list else {"findings": inner}
    return inner


# ------------------------------------------------------------------------- what it takes


def test_the_smallest_useful_call_is_assessed():
    """An age and two findings by id are a record."""
    answer = crampdx.assess({"age": 58, "findings": {"muscle_cramp": True, "sensory_loss": False}})

    assert answer.conclusion == "not_enough_to_rank"


def test_an_empty_record_is_a_record():
    """Nothing is required."""
    assert parse_record({}) == PatientRecord()


def test_a_record_is_taken_as_it_is():
    """A record that is one already is not read again."""
    record = parse_record({"age": 58})

    assert parse_record(record) is record


@pytest.mark.parametrize("text", ['{"age": 58}', b'{"age": 58}'], ids=["text", "bytes"])
def test_json_is_read(text):
    """A record may be given as its JSON."""
    assert parse_record(text).age == 58


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({"sensory_loss": False}, id="mapping to a truth value"),
        pytest.param({"sensory_loss": "absent"}, id="mapping to a status"),
        pytest.param({"sensory_loss": {"status": "absent"}}, id="mapping to fields"),
        pytest.param([{"id": "sensory_loss", "status": "absent"}], id="list with a status"),
        pytest.param([{"id": "sensory_loss", "status": False}], id="list with a truth value"),
    ],
)
def test_mapping_and_list_say_the_same(given):
    """A finding by id may be said in five ways."""
    assert parse_record({"findings": given}).findings == (
        parse_record({"findings": [{"id": "sensory_loss", "status": "absent"}]}).findings
    )


def test_a_mapping_to_none_says_nothing():
    """A finding of which nothing is known may be written as null."""
    assert parse_record({"findings": {"a": None, "b": True}}) == parse_record(
        {"findings": {"b": True}}
    )


def test_present_is_what_an_entry_says_by_itself():
    """An entry without a status is present, of the patient."""
    (entry,) = parse_record({"findings": [{"id": "fever"}]}).findings

    assert (entry.status, entry.context) == ("present", "patient")


def test_a_mapping_takes_every_field_of_an_entry():
    """Under its id, an entry of a mapping holds what an entry of a list holds."""
    fields = {"status": "present", "onset": "2025-03", "laterality": "left", "severity": "mild"}

    assert parse_record({"findings": {"fever": fields}}) == parse_record(
        {"findings": [{"id": "fever", **fields}]}
    )


@pytest.mark.parametrize(
    ("text", "system", "code"),
    [
        ("HP:0003394", "HPO", "HP:0003394"),
        ("MONDO:0004976", "MONDO", "MONDO:0004976"),
        ("OMIM:105400", "OMIM", "OMIM:105400"),
        ("ORPHA:803", "ORPHA", "ORPHA:803"),
        ("ICD-10-CM:R25.2", "ICD-10-CM", "R25.2"),
        ("icd10cm:R25.2", "ICD-10-CM", "R25.2"),
        ("SNOMED-CT:55300003", "SNOMED-CT", "55300003"),
        ("LOINC:2823-3", "LOINC", "2823-3"),
        ("RxNorm:8591", "RxNorm", "8591"),
        ("local:17", "local", "17"),
    ],
)
def test_a_code_may_be_given_as_text(text, system, code):
    """SYSTEM:code is read with the system's usual prefixes; other systems are kept."""
    assert Coding.model_validate(text) == Coding(system=system, code=code)


@pytest.mark.parametrize(
    ("address", "system"),
    [
        ("http://human-phenotype-ontology.org", "HPO"),
        ("http://purl.obolibrary.org/obo/hp.owl", "HPO"),
        ("http://hl7.org/fhir/sid/icd-10-cm", "ICD-10-CM"),
        ("urn:oid:2.16.840.1.113883.6.90", "ICD-10-CM"),
        ("http://snomed.info/sct", "SNOMED-CT"),
        ("urn:oid:2.16.840.1.113883.6.96", "SNOMED-CT"),
        ("http://loinc.org", "LOINC"),
        ("urn:oid:2.16.840.1.113883.6.1", "LOINC"),
        ("http://www.nlm.nih.gov/research/umls/rxnorm", "RxNorm"),
        ("urn:oid:2.16.840.1.113883.6.88", "RxNorm"),
        ("SNOMED CT", "SNOMED-CT"),
        ("https://example.org/codes", "https://example.org/codes"),
    ],
)
def test_the_usual_addresses_of_a_system_are_known(address, system):
    """A system is brought to one name, from the addresses that records use for it."""
    assert Coding.model_validate({"system": address, "code": "1"}).system == system


def test_an_entry_may_carry_several_codes():
    """Codes that say the same stand side by side, in either form."""
    mixed = ["HP:0003394", {"system": "http://snomed.info/sct", "code": "55300003"}]
    (entry,) = parse_record({"findings": [{"code": mixed}]}).findings

    assert [(c.system, c.code) for c in entry.code] == [
        ("HPO", "HP:0003394"),
        ("SNOMED-CT", "55300003"),
    ]


def test_the_key_of_a_mapping_may_be_a_code():
    """A key with a colon is a code, any other is an id."""
    (entry,) = parse_record({"findings": {"HP:0003394": True}}).findings

    assert (entry.id, entry.code) == (None, (Coding(system="HPO", code="HP:0003394"),))


@pytest.mark.parametrize(
    ("partial", "first", "last"),
    [
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
        ("2026-02", date(2026, 2, 1), date(2026, 2, 28)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2026-02-03", date(2026, 2, 3), date(2026, 2, 3)),
        ("2026-02-03T23:59:00Z", date(2026, 2, 3), date(2026, 2, 3)),
    ],
)
def test_a_date_may_be_partial(partial, first, last):
    """A year or a month means each of its days; a time of day is passed over."""
    assert parse_record({"as_of": partial}).as_of.days == Days(first, last)


@pytest.mark.parametrize("day", [date(2026, 2, 3), datetime(2026, 2, 3, 4, 5)])
def test_python_dates_are_taken(day):
    """A date or a datetime of Python is kept as its ISO text."""
    assert parse_record({"as_of": day}).as_of == day.isoformat()


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("PT30S", timedelta(seconds=30)),
        ("PT2M", timedelta(minutes=2)),
        ("P3D", timedelta(days=3)),
        ("P2W", timedelta(weeks=2)),
        ("P9M", timedelta(days=270)),
        ("P1Y", timedelta(days=365)),
    ],
)
def test_durations_are_iso_8601(text, duration):
    """A month counts thirty days and a year 365."""
    assert parse_record({"cramps": {"duration": text}}).cramps.duration == duration


def test_the_cramp_history_holds_what_is_asked_of_cramps():
    """Duration, episodes, frequency, places, triggers, times of day and what remedies do."""
    history = {
        "duration": "P90D",
        "episode_duration": "PT2M",
        "per_week": 3.5,
        "locations": ["calf", "foot"],
        "triggers": ["exercise", "cold"],
        "times_of_day": ["night"],
        "response_to_remedies": "partly_relieved",
    }

    record = parse_record({"cramps": history})

    assert record.cramps.model_dump(mode="json") == history


# ---------------------------------------------------------------------- frozen, round trip


def test_a_record_is_frozen():
    """No field of a record can be set."""
    record = parse_record({"age": 58})

    with pytest.raises(ValidationError, match="frozen"):
        record.age = 59  # type: ignore[misc]


def test_the_parts_of_a_record_are_frozen():
    """No field of an entry can be set."""
    (entry,) = parse_record({"findings": {"fever": True}}).findings

    with pytest.raises(ValidationError, match="frozen"):
        entry.status = "absent"  # type: ignore[assignment]


FULL = {
    "as_of": "2026-03-01",
    "age": 58.5,
    "sex": "female",
    "pregnant": False,
    "cramps": {"duration": "P3M", "locations": ["calf"], "per_week": 2},
    "findings": {"fever": {"onset": "2025", "body_site": "leg", "note": "naïve\n\t≥ 3"}},
    "diagnoses": [{"code": "ICD-10-CM:E87.6", "status": "past", "end": "2020"}],
    "exposures": [{"text": "solvents", "duration": "P2W"}],
    "measurements": {"LOINC:2823-3": {"value": 2.4, "comparator": "<", "unit": "mmol/L"}},
    "medications": [{"code": "RxNorm:1", "start": "2024-05", "dose": "5 mg"}],
    "family_history": [{"id": "als", "relation": "father"}],
    "test_results": [{"id": "electromyography", "shows": {"abnormal_emg": True}}],
}


def test_a_record_makes_the_round_trip_through_json():
    """What is written as JSON is read as the same record."""
    record = parse_record(FULL)

    assert parse_record(record.model_dump_json()) == record


def test_a_record_makes_the_round_trip_through_plain_data():
    """What is dumped as plain data, through any JSON library, is read as the same record."""
    record = parse_record(FULL)

    assert parse_record(json.loads(json.dumps(record.model_dump(mode="json")))) == record


def test_a_record_can_be_pickled():
    """A record can be handed to another process."""
    record = parse_record(FULL)

    assert pickle.loads(pickle.dumps(record)) == record  # noqa: S301


# -------------------------------------------------------------------------- what it refuses


@pytest.mark.parametrize(
    ("document", "message"),
    [
        pytest.param({"agee": 58}, "agee: unknown field; did you mean 'age'?", id="of the record"),
        pytest.param(
            {"cramps": {"durations": "P3M"}},
            "cramps.durations: unknown field; did you mean 'duration'?",
            id="of the cramp history",
        ),
        pytest.param(
            {"findings": [{"id": "a"}, {"id": "b", "statuss": True}]},
            "findings[1].statuss: unknown field; did you mean 'status'?",
            id="in a list",
        ),
        pytest.param(
            {"findings": {"a": True, "b": None, "c": {"sevrity": "mild"}}},
            "findings.c.sevrity: unknown field; did you mean 'severity'?",
            id="in a mapping",
        ),
        pytest.param(
            {"findings": {"HP:0003394": {"sevrity": "mild"}}},
            "findings.HP:0003394.sevrity: unknown field; did you mean 'severity'?",
            id="in a mapping by code",
        ),
        pytest.param(
            {"test_results": {"emg": {"shows": {"abnormal_emg": {"sevrity": "mild"}}}}},
            "test_results.emg.shows.abnormal_emg.sevrity: unknown field; did you mean 'severity'?",
            id="in a mapping in a mapping",
        ),
        pytest.param({"zebra": 1}, "zebra: unknown field", id="like no other"),
    ],
)
def test_a_misspelt_field_is_refused_with_a_suggestion(document, message):
    """The message names the path as the caller wrote it, and the field that is meant."""
    assert faults(document) == [message]


def test_json_text_gets_the_path_that_its_data_gets():
    """The path names the key of a mapping also where the record came as JSON text."""
    document = {"findings": {"muscle_cramp": {"sevrity": "mild"}}}

    assert faults(json.dumps(document)) == faults(document)


def test_a_field_is_not_suggested_for_itself():
    """A field that exists elsewhere, but not here, is not offered as the remedy."""
    (fault,) = refusal({"family_history": [{"id": "als", "context": "family"}]}).issues

    assert fault.suggestion != "did you mean 'context'?"


def test_a_measurement_without_a_value_is_told_so_alone():
    """A measurement is not a truth value; the message speaks of no field that was not written."""
    assert "measurements.serum_potassium.status" not in str(
        refusal({"measurements": {"serum_potassium": 2.4}})
    )


@pytest.mark.parametrize(
    ("coding", "message"),
    [
        (
            {"system": "HPO"},
            "findings[0].code.code: this field is required",
        ),
        (
            {"system": "HPO", "code": "HP:0003394", "displya": "Cramp"},
            "findings[0].code.displya: unknown field; did you mean 'display'?",
        ),
    ],
    ids=["missing", "misspelt"],
)
def test_a_fault_in_a_single_code_is_named_by_its_path(coding, message):
    """A code that stands alone, outside a list, is named as it was written."""
    assert faults({"findings": [{"code": coding}]}) == [message]


def test_json_that_says_a_thing_twice_is_refused():
    """Of two truth values of one finding, none is dropped in silence."""
    assert refusal('{"findings": {"numbness": true, "numbness": false}}').issues


def test_every_fault_is_named_at_once():
    """A record is refused whole, with each field at fault."""
    document = {"age": -1, "sex": "f", "findings": {"a": {"status": "maybe"}}}

    assert str(refusal(document)) == (
        "the patient record is refused (3 faults):\n"
        "  age: must be at least 0\n"
        "  sex: 'female', 'male' or 'other' is expected\n"
        "  findings.a.status: give true, false, 'present', 'absent' or 'past'"
    )


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"age": float("nan")}, "age: a finite number is expected"),
        ({"age": float("inf")}, "age: a finite number is expected"),
        ({"age": -1}, "age: must be at least 0"),
        ({"age": 131}, "age: must be at most 130"),
        ({"age": "58"}, "age: a number is expected"),
        ({"age": True}, "age: a number is expected"),
        ({"age": 10**400}, "age: a number is expected"),
        ('{"age": NaN}', "age: a finite number is expected"),
        ('{"age": 1e999}', "age: a finite number is expected"),
        (
            {"measurements": {"k": {"value": float("nan")}}},
            "measurements.k.value: a finite number is expected",
        ),
        (
            {"measurements": {"k": {"value": float("-inf")}}},
            "measurements.k.value: a finite number is expected",
        ),
        (
            {"cramps": {"per_week": float("inf")}},
            "cramps.per_week: a finite number is expected",
        ),
        ({"pregnant": "yes"}, "pregnant: true or false is expected"),
        ({"as_of": "2026-13"}, "as_of: there is no such day in the calendar"),
        ({"as_of": "2026-02-30"}, "as_of: there is no such day in the calendar"),
        ({"as_of": "0000"}, "as_of: there is no such day in the calendar"),
        ({"as_of": "1.2.2026"}, "as_of: give a date as YYYY, YYYY-MM or YYYY-MM-DD"),
        (
            {"cramps": {"duration": "-P1D"}},
            "cramps.duration: must be at least 0 seconds",
        ),
        (
            {"findings": [{"note": "of what?"}]},
            "findings[0]: name the entry by 'id', 'code' or 'text'",
        ),
        (
            {"findings": [{"code": "R25.2"}]},
            "findings[0].code: give a code as 'SYSTEM:code' or {'system': ..., 'code': ...}",
        ),
        ("[]", "record: a mapping of fields is expected (in JSON, an object)"),
    ],
)
def test_a_value_that_cannot_be_is_refused(document, message):
    """The message names the field and what is expected."""
    assert faults(document) == [message]


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01T99:99",
        "2026-03-01T10:00:00 or so",
        "2026-03-01T10:00:00\x1b[31m",
        "\uff12\uff10\uff12\uff16",
    ],
    ids=["no such time", "words", "control characters", "foreign digits"],
)
def test_a_date_with_more_than_a_time_behind_it_is_refused(text):
    """What follows the day is a time of day, since an assessment shows the date again."""
    assert refusal({"as_of": text}).issues[0].path == "as_of"


@pytest.mark.parametrize(
    "text", ["9 months", "9 days", "12:30", "9", "P", "", "P1D2H", 9, 9.5, True]
)
def test_a_duration_of_another_form_is_refused(text):
    """Nothing is guessed: a duration is of ISO 8601, and the message says so."""
    (fault,) = faults({"cramps": {"duration": text}})

    assert fault.startswith("cramps.duration: give an ISO 8601 duration such as P9M or PT2M")


def test_a_medicine_is_taken_or_ordered():
    """The choices are named by the words that a record uses."""
    assert faults({"medications": [{"id": "a", "context": "family"}]}) == [
        "medications[0].context: 'taken' or 'ordered' is expected"
    ]


@pytest.mark.parametrize(
    "document",
    [
        {"findings": {"fever": {"id": "chills"}}},
        {"findings": {"HP:0001945": {"code": "HP:0003394"}}},
    ],
    ids=["id", "code"],
)
def test_an_entry_that_is_named_otherwise_than_its_key_is_refused(document):
    """A name is never dropped in silence for the key beside it."""
    assert refusal(document).issues


# --------------------------------------------------------------------------- sizes, hostility


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (
            {"findings": {f"f{number}": True for number in range(100_000)}},
            "findings: at most 5,000 entries may be given",
        ),
        (
            {"findings": [{"id": "fever"}] * 100_000},
            "findings: at most 5,000 may be given",
        ),
        (
            {"findings": {"fever": {"note": "x" * 10_000_000}}},
            "findings.fever.note: at most 4,000 characters may be given",
        ),
        (
            {"findings": [{"code": ["HP:0003394"] * 31}]},
            "findings[0].code: at most 30 may be given",
        ),
        (
            {"findings": [{"text": "x" * 401}]},
            "findings[0].text: at most 400 characters may be given",
        ),
        (
            {"measurements": {"k": {"value": 1e13}}},
            "measurements.k.value: must be at most 1,000,000,000,000",
        ),
        (
            {"cramps": {"duration": "P999Y"}},
            "cramps.duration: must be at most 54900 days",
        ),
        (
            {"left_out": [{"reason": "x", "count": 10**4_299}]},
            "left_out[0].count: must be at most 1,000,000,000",
        ),
    ],
    ids=["mapping", "list", "note", "codes", "text", "value", "duration", "left out"],
)
def test_what_is_too_large_is_refused(document, message):
    """Every size of a record is bounded."""
    assert faults(document) == [message]


def test_as_many_entries_as_are_allowed_are_taken():
    """The bound itself is within the bounds."""
    assert len(parse_record({"findings": [{"id": "fever"}] * 5_000}).findings) == 5_000


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(nested(100_000), id="mappings"),
        pytest.param({"findings": nested(100_000, as_list=True)}, id="lists"),
        pytest.param("[" * 100_000, id="open lists as JSON"),
        pytest.param('{"findings":' * 5_000, id="open mappings as JSON"),
    ],
)
def test_deep_nesting_is_refused(document):
    """Depth ends in a refusal, not in a crash."""
    assert len(refusal(document).issues) == 1


def test_a_document_that_contains_itself_is_refused():
    """A circle ends in a refusal, not in a hang."""
    circle: dict[str, Any] = {}
    circle["findings"] = circle

    assert len(refusal(circle).issues) == 1


@pytest.mark.parametrize("field", ["text", "note", "body_site"])
@pytest.mark.parametrize("character", ["\x00", "\x1b", "\x7f", "\ud800"])
def test_control_characters_are_refused(field, character):
    """Text of a record holds no control characters and no halves of characters."""
    issues = refusal({"findings": [{"id": "fever", field: f"a{character}b"}]}).issues

    assert [issue.path for issue in issues] == [f"findings[0].{field}"]


def test_lines_and_tabs_of_a_note_are_kept():
    """A note may have several lines."""
    (entry,) = parse_record({"findings": {"fever": {"note": "one\n\ttwo\r\n"}}}).findings

    assert entry.note == "one\n\ttwo\r\n"


def test_a_key_with_control_characters_is_shown_escaped():
    """An error can be shown on a terminal."""
    assert refusal({"fev\x1b[31mer": 1}).issues[0].path == "fev\\x1b[31mer"


@pytest.mark.parametrize("document", [None, 5, [1], "", "{", b"\xff", "null", object()])
def test_what_is_no_record_is_refused(document):
    """Anything else than a record ends in the one error that says so."""
    assert refusal(document).issues[0].path == ""


# ------------------------------------------------------------------- no values in the error


def chain(error: BaseException | None) -> list[BaseException]:
    """An error with all that caused it or was handled when it was raised."""
    if error is None:
        return []
    return [error, *chain(error.__cause__), *chain(error.__context__)]


@pytest.mark.parametrize(
    "document",
    [
        {"age": MARKER},
        {"sex": MARKER},
        {"as_of": MARKER},
        {"pregnant": MARKER},
        {"cramps": MARKER},
        {"cramps": {"duration": MARKER, "locations": [MARKER], "per_week": MARKER}},
        {"findings": MARKER},
        {"findings": [MARKER]},
        {"findings": {"fever": MARKER}},
        {"findings": {"fever": {"note": MARKER * 1000, "body_site": MARKER + "\x00"}}},
        {"findings": [{"code": MARKER}]},
        {"findings": [{"code": {"system": MARKER, "code": MARKER, "display": MARKER * 90}}]},
        {"measurements": {"k": {"value": MARKER, "unit": MARKER * 20}}},
        {"medications": [{"id": "a", "dose": 5, "start": MARKER, "text": MARKER}]},
        {"family_history": [{"relation": MARKER}]},
        {"agee": MARKER},
        json.dumps({"age": MARKER}),
        json.dumps({"age": 5, "note": MARKER}),
        '{"note": "' + MARKER,
        MARKER,
        MARKER.encode() + b"\xff",
    ],
    ids=lambda document: str(document)[:60],
)
def test_an_error_holds_no_value_of_the_record(document):
    """An error can be logged: neither it nor its causes hold what the record says."""
    error = refusal(document)

    assert MARKER not in "".join(
        f"{part!s}{part!r}{vars(part)!r}{part.args!r}" for part in chain(error)
    )


def test_the_error_can_be_pickled():
    """An error crosses processes with its issues."""
    error = refusal({"age": -1})

    assert pickle.loads(pickle.dumps(error)).issues == error.issues  # noqa: S301


def test_a_long_list_of_faults_is_shown_in_part():
    """The text shows fifty faults and counts the others; the issues hold all of them."""
    error = refusal({"findings": [{"id": "Fever"}] * 60})

    assert str(error).splitlines()[-1] == "  and 10 more"


# ------------------------------------------------------------------ what would take all memory


def test_unknown_fields_are_counted_before_they_are_looked_at(monkeypatch):
    """A million of them is one fault, which names the first, and pydantic sees none."""
    monkeypatch.setattr(parsing, "_model", lambda: pytest.fail("pydantic was asked"))

    assert faults({f"k{number}": 1 for number in range(1_000_000)}) == [
        "record: unknown fields 'k0', 'k1', 'k2', 'k3', 'k4' and others:"
        " 1,000,000 fields, where a record has at most 13"
    ]


@pytest.mark.parametrize(
    ("place", "document"),
    [
        ("findings", {"findings": [5] * 6_000}),
        ("findings[0].code", {"findings": [{"code": [5] * 6_000}]}),
        ("test_results[0].shows", {"test_results": [{"id": "emg", "shows": [5] * 6_000}]}),
        ("cramps.locations", {"cramps": {"locations": [5] * 6_000}}),
        ("left_out", {"left_out": [5] * 6_000}),
        ("left_out[0].places", {"left_out": [{"reason": "a", "count": 1, "places": [5] * 6_000}]}),
    ],
)
def test_a_list_that_is_too_long_is_one_fault(place, document):
    """Its items are not looked at, each of which would be a fault."""
    (fault,) = faults(document)

    assert fault.startswith(f"{place}: at most ")


def wide(breadth: int) -> dict[str, Any]:
    """A document that holds itself many times over."""
    circle: dict[str, Any] = {}
    circle["findings"] = [circle] * breadth
    return circle


@pytest.mark.parametrize("breadth", [1, 10, 5_000])
def test_a_document_that_contains_itself_many_times_is_refused(breadth):
    """Breadth to the power of depth is never walked."""
    assert len(faults(wide(breadth))) == 1


def test_what_is_shared_is_counted_as_often_as_it_stands_there():
    """A few objects of Python are not a record of millions of entries."""
    shown = [{"id": "fever"}] * 5_000
    results = [{"id": "emg", "shows": shown}] * 5_000

    assert faults({"test_results": results}) == ["record: it has too many parts"]


def test_so_many_faults_are_not_described():
    """Their number is the message: to describe each takes a kilobyte."""
    entry = dict.fromkeys(("id", "date", "onset", "end", "note"), 5)
    document = {section: [entry] * 5_000 for section in ("findings", "diagnoses")}

    assert faults(document) == ["record: 50,000 faults, too many to list them"]
