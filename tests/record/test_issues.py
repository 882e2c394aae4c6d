"""What is wrong with a record: in one voice, at the path that the caller wrote."""

from __future__ import annotations

import re
from typing import Any

import pytest

from crampdx import PatientRecord, RecordError, parse_record
from crampdx.record.models import Entry, LeftOut
from crampdx.record.parsing import entry_models

PYDANTIC = re.compile(
    r"Input should|Field required|(String|Tuple|Value|List) should|Extra inputs|validation error"
)
WRONG: list[Any] = [
    None,
    True,
    5,
    -1,
    1e300,
    float("nan"),
    10**400,
    "",
    "no such word",
    "x" * 5_000,
    "a\x1bb",
    "\ud800",
    b"bytes",
    [],
    [5],
    ["no such word"] * 50,
    [[]],
    {},
    {"a": 5},
    {"a": "no such word"},
    {5: {}},
    object(),
]
ENTRIES = [
    (section, name) for section, model in entry_models().items() for name in model.model_fields
]
CRAMPS = sorted(PatientRecord.model_fields["cramps"].default.__class__.model_fields)


def faults(document: Any) -> list[str]:
    """The faults of a document, as shown; none where it is taken."""
    try:
        parse_record(document)
    except RecordError as error:
        return [str(issue) for issue in error.issues]
    return []


def with_entry(section: str, **fields: Any) -> dict[str, Any]:
    return {
        section: [
            {"text": "a name", **({"value": 1.0} if section == "measurements" else {}), **fields}
        ]
    }


def documents() -> dict[str, Any]:
    """A document for each place of a record, as a function of what stands there."""
    places: dict[str, Any] = {
        name: lambda value, name=name: {name: value} for name in PatientRecord.model_fields
    }
    for section in entry_models():
        places[f"{section}[0]"] = lambda value, section=section: {section: [value]}
        places[f"{section}.a"] = lambda value, section=section: {section: {"a": value}}
    for section, name in ENTRIES:
        places[f"{section}[0].{name}"] = lambda value, section=section, name=name: with_entry(
            section, **{name: value}
        )
    for name in CRAMPS:
        places[f"cramps.{name}"] = lambda value, name=name: {"cramps": {name: value}}
    for name in LeftOut.model_fields:
        places[f"left_out[0].{name}"] = lambda value, name=name: {
            "left_out": [{"reason": "a", "count": 1, name: value}]
        }
    return places


DOCUMENTS = documents()


@pytest.mark.parametrize("place", DOCUMENTS)
def test_no_fault_is_in_the_voice_of_pydantic(place: str) -> None:
    """Whatever stands in whatever field, what is expected is said in our words."""
    for value in WRONG:
        for fault in faults(DOCUMENTS[place](value)):
            assert not PYDANTIC.search(fault), fault


@pytest.mark.parametrize("place", DOCUMENTS)
def test_every_fault_is_at_or_below_the_place_that_is_wrong(place: str) -> None:
    """A path leads to what the caller wrote, and not past it."""
    for value in WRONG:
        for fault in faults(DOCUMENTS[place](value)):
            path = fault.partition(": ")[0]
            assert path.startswith(place) or place.startswith(path), fault


@pytest.mark.parametrize(
    ("document", "fault"),
    [
        (
            {"findings": {"muscle_cramp": "maybe"}},
            "findings.muscle_cramp: give true, false, 'present', 'absent' or 'past'",
        ),
        (
            {"findings": {"muscle_cramp": {"status": "maybe"}}},
            "findings.muscle_cramp.status: give true, false, 'present', 'absent' or 'past'",
        ),
        (
            {"test_results": {"emg": {"shows": {"HP:0003457": 5}}}},
            "test_results.emg.shows.HP:0003457: give true, false, 'present', 'absent' or 'past'",
        ),
        (
            {"findings": [{"code": "cramp"}]},
            "findings[0].code: give a code as 'SYSTEM:code' or {'system': ..., 'code': ...}",
        ),
        (
            {"findings": [{"code": "x" * 300 + ":1"}]},
            "findings[0].code: at most 200 characters may be given",
        ),
        (
            {"measurements": [{"code": "LOINC:2823-3"}]},
            "measurements[0].value: this field is required",
        ),
        (
            {"findings": "muscle_cramp"},
            "findings: give a list of entries, or a mapping from id or code to what is said",
        ),
        ({"sexe": 1}, "sexe: unknown field; did you mean 'sex'?"),
    ],
)
def test_the_path_is_the_one_that_was_written(document: Any, fault: str) -> None:
    """A short form is named by its own path, and the message says what may be written there."""
    assert faults(document) == [fault]


def test_every_entry_may_be_written_in_short() -> None:
    """The short forms that messages name are taken."""
    said = {"a": True, "b": False, "c": "present", "d": "absent", "e": "past"}
    entries: tuple[Entry, ...] = parse_record({"findings": said}).findings

    assert [entry.id for entry in entries] == list(said)
