"""Every field of an assessment reaches whoever reads it, or it is said here why not.

A field that is added, and then forgotten in one of the forms, fails here.
"""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from rendering import TYPICAL, rules

import crampdx
from crampdx import Assessment, assessment
from crampdx.authoring.cases.expectations import failures
from crampdx.authoring.cases.models import Expectations
from crampdx.authoring.comparison.effects import shifts
from crampdx.engine.assessor import Assessor
from crampdx.outputs.assessment import to_markdown, to_text
from crampdx.outputs.fhir import assessment_bundle

ROOT = Path(crampdx.__file__).parents[2]
PAGE = Path(crampdx.__file__).parent / "service" / "web"

RECORDS = (
    {**TYPICAL, "test_results": {"needle_test": {"status": "ordered"}}},
    {"age": 9, "findings": {"low_salt": True}},
    {"findings": [{"id": "numbness", "status": s} for s in ("present", "absent")]},
    {"findings": {"twitching": True}},
)

OTHER = {
    "conclusion": "not_enough_to_rank",
    "as_of": "2020-02-02",
    "inference": "reference",
    "version": "9.9.9",
    "intended_use": "For nothing.",
}
"""Another value of each field that is not a list."""

OF_RECORD = "it says what the record is, which no rule changes"
OF_RUN = "it says what answered, not what the answer is"
NOT_SAID = {
    "text": {"conclusion": "the text says it by the bands of the candidates"},
    "fhir": {
        "conclusion": "the summary says it by the bands of the candidates",
        "prevention": "advice for everybody, and no resource of FHIR R4 holds it unasked",
        "treatments_not_assessed": "no treatment is written but for the cautions that apply",
        "inference": "both evaluators give the same answer; it is for whoever runs the service",
    },
    "cases": {
        "not_used": OF_RECORD,
        "as_of": OF_RECORD,
        "knowledge": OF_RUN,
        "inference": OF_RUN,
        "version": OF_RUN,
        "intended_use": OF_RUN,
    },
    "difference": {
        "questions": "they are at most five, and any change of a weight chooses others",
        "warnings": OF_RECORD,
        "not_used": OF_RECORD,
        "as_of": OF_RECORD,
        "knowledge": "the head of the report has both digests",
        "inference": OF_RUN,
        "version": OF_RUN,
        "intended_use": OF_RUN,
    },
    "page": {
        "conclusion": "the page says it by the bands of the candidates",
        "intended_use": "it is in the page itself, which has it before there is an answer",
    },
    "documentation": {},
}
"""The fields that a consumer does not say, each with the reason."""


@pytest.fixture(scope="module")
def full() -> Assessment:
    """An assessment in which no field is empty."""
    answers = [crampdx.assess(record, rules()) for record in RECORDS]
    fields = {
        name: next((v for v in (getattr(a, name) for a in answers) if v), None)
        for name in Assessment.model_fields
    }
    assert [name for name, value in fields.items() if not value] == []
    return answers[0].model_copy(update=fields)


def without(answer: Assessment, field: str) -> Assessment:
    """The assessment with another value of a field."""
    value = OTHER.get(field, ())
    if field == "knowledge":
        value = dataclasses.replace(answer.knowledge, digest="0" * 64)
    assert getattr(answer, field) != value
    return answer.model_copy(update={field: value})


# ------------------------------------------------------------------------------------- consumers


def in_text(answer: Assessment) -> str:
    return to_text(answer, rules())


def in_markdown(answer: Assessment) -> str:
    return to_markdown(answer, rules())


def in_fhir(answer: Assessment) -> str:
    """The bundle without its addresses, which differ for any other content."""
    bundle = assessment_bundle(answer, rules(), patient="Patient/1")
    written = json.dumps([entry["resource"] for entry in bundle["entry"]])
    return re.sub(r"urn:uuid:[-0-9a-f]{36}", "", written)


WAYS = {"text": in_text, "markdown": in_markdown, "fhir": in_fhir}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("field", Assessment.model_fields)
def test_a_field_changes_what_is_written(field, way, full):
    """Text, Markdown and FHIR differ where any field does, unless it is said why not."""
    written = WAYS[way]
    differs = written(without(full, field)) != written(full)
    assert differs is (field not in NOT_SAID["text" if way == "markdown" else way])


@pytest.mark.parametrize("field", Assessment.model_fields)
def test_a_field_is_compared_by_a_difference(field, full):
    """A difference of rules shows where any field of an answer differs, unless it is said why."""
    differs = shifts(full, without(full, field)) != ()
    assert differs is (field not in NOT_SAID["difference"])


EXPECTED = {
    "conclusion": "ranked",
    "top": ["salt_loss"],
    "top_n": {"salt_loss": 1},
    "ahead_of": {"salt_loss": ["nerve_failure"]},
    "band": {"salt_loss": "leading"},
    "score": {"salt_loss": 1},
    "candidates": ["salt_loss"],
    "not_candidates": ["salt_loss"],
    "because_of": {"salt_loss": ["nerve_failure"]},
    "do_not_miss": ["salt_loss"],
    "not_do_not_miss": ["salt_loss"],
    "fired": ["salt_loss.low"],
    "not_fired": ["salt_loss.low"],
    "undecided": ["salt_loss.low"],
    "findings": {"low_salt": "present"},
    "red_flags": ["falling"],
    "no_red_flags": ["falling"],
    "clarify": ["falling"],
    "questions": ["vomiting"],
    "tests": ["look"],
    "not_tests": ["look"],
    "tests_done": ["look"],
    "tests_ordered": ["look"],
    "treatments": ["calming"],
    "not_treatments": ["calming"],
    "treatments_not_assessed": ["calming"],
    "cautions": {"applies": ["calming.weak"]},
    "prevention": ["drinking"],
    "not_prevention": ["drinking"],
    "unexplained": ["weakness"],
    "explained": ["weakness"],
    "warnings": ["unit"],
    "no_warnings": ["unit"],
    "notes": ["age_unknown"],
    "no_notes": ["age_unknown"],
}
"""Each expectation that a case can state."""


class Watched:
    """An assessment that remembers which of its fields were read."""

    def __init__(self, answer: Assessment) -> None:
        self.answer = answer
        self.read: set[str] = set()

    def __getattr__(self, name: str) -> object:
        self.read.add(name)
        return getattr(self.answer, name)


def test_a_field_can_be_expected_by_a_case(full):
    """The expectations of cases, all together, read every field, unless it is said why not."""
    trace = Assessor(rules()).trace(crampdx.parse_record(TYPICAL))
    watched = Watched(full)
    stand_in = SimpleNamespace(
        assessment=watched,
        knowledge=trace.knowledge,
        scored=trace.scored,
        states=trace.states,
        verdicts=trace.verdicts,
    )
    list(failures(Expectations.model_validate(EXPECTED), stand_in))
    assert set(Assessment.model_fields) - watched.read == set(NOT_SAID["cases"])


@pytest.mark.parametrize("field", Assessment.model_fields)
def test_a_field_is_on_the_page(field):
    """The page's code names every field, unless it is said why not."""
    code = "\n".join(file.read_text(encoding="utf-8") for file in sorted(PAGE.glob("*.js")))
    named = re.search(rf"\b{field}\b", code) is not None
    assert named is (field not in NOT_SAID["page"])


# The parts of an assessment that are dataclasses of our own, from which it is built.
PARTS = {
    name: [field.name for field in dataclasses.fields(part)]
    for name in assessment.__all__
    if dataclasses.is_dataclass(part := getattr(assessment, name))
}


@pytest.mark.parametrize("part", ["Assessment", *PARTS])
def test_a_field_is_documented(part):
    """docs/assessment.md names every field of an assessment and of its parts."""
    page = (ROOT / "docs" / "assessment.md").read_text(encoding="utf-8")
    fields = Assessment.model_fields if part == "Assessment" else PARTS[part]
    assert [field for field in fields if f"`{field}`" not in page] == []
