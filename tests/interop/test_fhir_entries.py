"""Entries that are built without validation are those that validation builds."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from crampdx.interop.fhir.entries import plain_entry
from crampdx.record import Coding, entry_models

CODES = st.lists(
    st.builds(Coding, system=st.sampled_from(["LOINC", "x"]), code=st.sampled_from(["1", "2"])),
    max_size=3,
).map(tuple)
TEXTS = st.text(max_size=12) | st.sampled_from(["a" * 400, "a" * 401, "a\tb", "\x7f", "\ud800", ""])
DAYS = st.sampled_from(
    ["2026", "2026-02", "2026-02-28", "2026-02-30", "0000", "9999-12-31", "2026-1-1", "yesterday"]
)
WORDS = st.sampled_from(
    [
        *("present", "absent", "past", "done", "ordered", "not_done", "taken", "left", "bilateral"),
        *("mild", "severe", "<", ">=", "=", "true", "Present"),
    ]
)
NUMBERS = st.floats() | st.sampled_from([1e12, -1e12, 1.1e12, 0, 5, True])
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "code": CODES,
    "text": TEXTS,
    "date": DAYS,
    "status": WORDS | st.booleans(),
    "context": WORDS,
    "onset": DAYS,
    "end": DAYS,
    "start": DAYS,
    "stop": DAYS,
    "body_site": TEXTS,
    "relation": TEXTS,
    "dose": TEXTS,
    "unit": TEXTS,
    "laterality": WORDS,
    "severity": WORDS,
    "value": NUMBERS,
    "comparator": WORDS,
    "note": TEXTS,
}
PLACES = TEXTS | st.sampled_from(["Condition/1", "Condition/1#code[0]", "a" * 200, "a" * 201])


def validated(section: str, place: str, fields: dict[str, Any]) -> Any:
    given_fields = {name: value for name, value in fields.items() if value is not None}
    return entry_models()[section].model_validate({**given_fields, "origin": place})


@st.composite
def entries(draw: st.DrawFn) -> tuple[str, str, dict[str, Any]]:
    section = draw(st.sampled_from(sorted(entry_models())))
    known = [name for name in entry_models()[section].model_fields if name in FIELDS]
    chosen = draw(st.lists(st.sampled_from(known), unique=True))
    usual = ("code", "value") if section == "measurements" else ("code",)
    names = dict.fromkeys([*(name for name in usual if draw(st.booleans())), *chosen])
    fields = {name: draw(st.none() | FIELDS[name] | TEXTS) for name in names}
    return section, draw(PLACES), fields


@given(entries())
def test_an_entry_without_validation_is_that_of_validation(
    drawn: tuple[str, str, dict[str, Any]],
) -> None:
    """Whatever is built is sound, and equal in fields, order, fields that are set, and JSON."""
    section, place, fields = drawn
    built = plain_entry(section, place, fields)
    if built is None:
        return
    sound = validated(section, place, fields)
    assert built == sound
    assert type(built) is type(sound)
    assert list(vars(built).items()) == list(vars(sound).items())
    assert built.model_fields_set == sound.model_fields_set
    assert built.model_dump_json() == sound.model_dump_json()


ORDINARY = [
    ("measurements", {"value": 2.9, "unit": "mmol/L", "date": "2026-03-01"}),
    ("findings", {"status": "absent", "date": "2026", "body_site": "calf", "severity": "mild"}),
    ("diagnoses", {"status": "past", "onset": "2020-01", "end": None, "laterality": "left"}),
    ("medications", {"status": "past", "context": "ordered", "start": "2026-01-02", "dose": "1"}),
    ("family_history", {"relation": "Mother", "status": "present"}),
    ("test_results", {"status": "done", "date": "2026-03-01", "text": "Biopsy"}),
]


@pytest.mark.parametrize(("section", "fields"), ORDINARY)
def test_an_ordinary_entry_is_built_without_validation(
    section: str, fields: dict[str, Any]
) -> None:
    """The short way is taken, and leads to the same."""
    fields = {"code": (Coding(system="LOINC", code="1"),), **fields}
    built = plain_entry(section, "Condition/1", fields)
    assert built == validated(section, "Condition/1", fields)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("value", float("nan")),
        ("value", float("inf")),
        ("value", 2e12),
        ("date", "2026-02-30"),
        ("unit", "\x00"),
        ("comparator", "about"),
    ],
)
def test_what_validation_refuses_is_not_built(field: str, value: Any) -> None:
    """It is left to validation, which refuses it."""
    fields = {"code": (Coding(system="LOINC", code="1"),), "value": 1.0, field: value}
    assert plain_entry("measurements", "Observation/1", fields) is None
    with pytest.raises(ValidationError):
        validated("measurements", "Observation/1", fields)
