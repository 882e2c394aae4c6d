"""The examples: sound records with a source each, whose diagnosis is among the first candidates."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import crampdx
from crampdx.inputs.detection import form_of

FOLDER = Path(__file__).resolve().parents[2] / "examples"
EXAMPLES = sorted(p for p in FOLDER.glob("*.json") if form_of(p.read_bytes()) == "record")
TOP = 3

DIAGNOSES = {
    "als_cramps_and_weakness": {"amyotrophic_lateral_sclerosis"},
    "charcot_marie_tooth_high_arches": {"charcot_marie_tooth"},
    "dehydration_canoe_trip": {"dehydration"},
    "electrolytes_gitelman": {"hypokalemia", "hypomagnesemia", "hypocalcemia"},
    "neuropathy_burning_feet": {"diabetic_neuropathy", "peripheral_neuropathy"},
    "parkinson_slow_gait": {"parkinson_disease"},
    "peripheral_artery_disease_treadmill": {"peripheral_artery_disease"},
}


@pytest.fixture(scope="module")
def assessor() -> crampdx.Assessor:
    return crampdx.Assessor(crampdx.KnowledgeBase.load("article"))


def test_every_example_has_a_diagnosis_and_a_row() -> None:
    """The records, the diagnoses above and the table of sources name the same examples."""
    table = (FOLDER / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| \[(\w+)\]\(\1\.json\) \| .* \| .*(?:https?://|doi:).* \|$", table, re.M)
    assert rows == [path.stem for path in EXAMPLES] == list(DIAGNOSES)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_diagnosis_is_among_the_first_candidates(
    path: Path, assessor: crampdx.Assessor
) -> None:
    """What the source diagnosed is one of the first three candidates."""
    answer = assessor.assess(path.read_bytes())
    first = {candidate.cause for candidate in answer.candidates[:TOP]}
    assert first & DIAGNOSES[path.stem], f"the first candidates are {sorted(first)}"


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_uses_the_vocabulary(path: Path, assessor: crampdx.Assessor) -> None:
    """No id of an example is unknown, and no two entries contradict each other."""
    codes = {warning.code for warning in assessor.assess(path.read_bytes()).warnings}
    assert not codes & {"unknown_id", "derived_finding", "contradictory", "outranked"}


def test_the_impossible_unit_is_told(assessor: crampdx.Assessor) -> None:
    """The calcium of the Gitelman case is implausible in its printed unit: unknown, and said so."""
    answer = assessor.assess((FOLDER / "electrolytes_gitelman.json").read_bytes())
    assert [(w.code, w.findings) for w in answer.warnings if w.code == "implausible"] == [
        ("implausible", ("hypocalcemia",))
    ]


def test_a_person_under_18_is_outside_the_population(assessor: crampdx.Assessor) -> None:
    """The Gitelman case is 17: the note comes first, and no medicine is proposed."""
    answer = assessor.assess((FOLDER / "electrolytes_gitelman.json").read_bytes())
    assert answer.notes[0].code == "outside_population"
    assert all(option.kind != "medication" for option in answer.treatments)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_makes_the_round_trip(path: Path) -> None:
    """A record that was written and read again is the same."""
    record = crampdx.parse_record(json.loads(path.read_text(encoding="utf-8")))
    assert crampdx.parse_record(record.model_dump_json()) == record
