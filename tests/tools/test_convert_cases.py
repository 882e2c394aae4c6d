"""The converter of published cases: what it takes over, what it leaves out, and its report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import convert_cases as cases
import pytest

import crampdx

ROOT = Path(__file__).resolve().parents[2]


CASE: dict[str, Any] = {
    "id": "als-1m",
    "source": {"citation": "None", "url": "https://example.org/case"},
    "gold": {"slug": "als", "label": "amyotrophic lateral sclerosis"},
    "cramps": "chief",
    "age_years": 39,
    "sex": "male",
    "duration_days": 270,
    "observed": [
        {"id": "HP:0003323", "label": "Progressive muscle weakness", "quote_fact": "x"},
        {"id": "HP:0002380", "label": "Fasciculations", "quote_fact": "x"},
    ],
    "excluded": [{"id": "HP:0003487", "label": "Babinski sign", "quote_fact": "x"}],
    "measurements": [
        {"name": "Potassium, serum", "loinc": "2823-3", "value": 4.1, "unit": "mmol/L"},
        {"name": "Calcium, serum", "loinc": None, "value": 9.2, "unit": "mEq/L (as printed)"},
        {"name": "Triglycerides", "loinc": None, "value": 227, "unit": "mg/dL"},
        {"name": "Index", "loinc": None, "value": 1.2, "unit": None},
    ],
    "conditions": [
        {"label": "Hypertension", "icd10cm": "I10"},
        {"label": "Operation", "icd10cm": None},
    ],
    "medications": [{"label": "aspirin"}],
    "family_history": [{"label": "Stroke", "relation": "father"}, {"label": "Tremor"}],
    "exposures_triggers": ["golf"],
    "locations": ["forearm", "arm", "lower limb", "elsewhere"],
    "workup": [{"test": "EMG", "result": "abnormal: denervation"}],
    "notes": None,
}


def test_a_case_becomes_a_record() -> None:
    """Every field goes where the record has a place for it."""
    assert cases.record_of(CASE) == {
        "age": 39,
        "sex": "male",
        "cramps": {"duration": "P270D", "locations": ["arm", "leg"]},
        "findings": [
            {"code": "HP:0003323", "text": "Progressive muscle weakness"},
            {"code": "HP:0002380", "text": "Fasciculations"},
            {"code": "HP:0003487", "text": "Babinski sign", "status": "absent"},
        ],
        "diagnoses": [{"code": "ICD-10-CM:I10", "text": "Hypertension"}, {"text": "Operation"}],
        "measurements": [
            {"code": "LOINC:2823-3", "text": "Potassium, serum", "value": 4.1, "unit": "mmol/L"},
            {"id": "serum_calcium", "text": "Calcium, serum", "value": 9.2, "unit": "mEq/L"},
            {"text": "Triglycerides", "value": 227, "unit": "mg/dL"},
            {"text": "Index", "value": 1.2},
        ],
        "medications": [{"text": "aspirin"}],
        "family_history": [{"text": "Stroke", "relation": "father"}, {"text": "Tremor"}],
        "exposures": [{"text": "golf"}],
    }


def test_the_record_is_accepted() -> None:
    """The library takes what the converter makes, and that of an empty case."""
    crampdx.parse_record(cases.record_of(CASE))
    assert cases.record_of({}) == {}


def test_what_was_found_later_is_never_used() -> None:
    """`workup` has no part in the record."""
    assert "denervation" not in json.dumps(cases.record_of(CASE))


@pytest.mark.parametrize(
    ("cramps", "expected"),
    [
        ("chief", {"duration": "P270D", "locations": ["arm", "leg"]}),
        ("present", {"locations": ["arm", "leg"]}),
        ("absent", None),
        ("unstated", None),
    ],
)
def test_places_and_duration_are_those_of_cramps(
    cramps: str, expected: dict[str, Any] | None
) -> None:
    """Without cramps nothing is said of them; their duration is known for a chief complaint."""
    assert cases.record_of({**CASE, "cramps": cramps}).get("cramps") == expected


def test_ids_of_measurements_exist() -> None:
    """Every id that a name is mapped to is a measurement of the packs that ship."""
    known = crampdx.KnowledgeBase.load("article", "extended").measurements()
    assert set(cases.MEASUREMENT_IDS.values()) <= known.keys()


@pytest.mark.parametrize(
    ("slug", "label", "cause", "right"),
    [
        ("peripheral-neuropathy", "neuropathy", "diabetic_neuropathy", True),
        ("charcot-marie-tooth", "CMT1A", "peripheral_neuropathy", False),
        ("diabetes", "diabetes", "diabetic_neuropathy", True),
        ("electrolyte-imbalance", "hypomagnesaemia with hypokalaemia", "hypomagnesemia", True),
        ("electrolyte-imbalance", "hypomagnesaemia with hypokalaemia", "hypokalemia", False),
        ("electrolyte-imbalance", "unspecified", "hypocalcemia", True),
        ("parkinsons-disease", "Parkinson's disease", "parkinson_disease", True),
    ],
)
def test_what_counts_as_right(slug: str, label: str, cause: str, right: bool) -> None:
    """A more specific cause counts, another electrolyte and a less specific cause do not."""
    assert (cause in cases.accepted({"slug": slug, "label": label})) is right


def test_the_report_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The report tells hits from misses and from what the packs cannot say."""
    missed = {**CASE, "id": "als-2m", "observed": []}
    unsayable = {**CASE, "id": "x", "gold": {"slug": "stiff-person", "label": "x"}}
    for case in (CASE, missed, unsayable):
        (tmp_path / f"{case['id']}.json").write_text(json.dumps(case), encoding="utf-8")
    (tmp_path / "other.json").write_text("[]", encoding="utf-8")
    assert cases.main([str(tmp_path), "--report", "--pack", "article"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[2].startswith("| als-1m | als | amyotrophic_lateral_sclerosis")
    assert lines[2].endswith("| hit, rank 1 |")
    assert lines[3].startswith("| als-2m | als | ")
    assert lines[3].endswith("| missed |")
    assert lines[4].endswith("| not in packs |")
    assert lines[-1] == "1 of 2 among the first 3; 1 not in packs."


def test_records_are_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each case becomes a file of its name; a folder without cases is an error."""
    (tmp_path / "als-1m.json").write_text(json.dumps(CASE), encoding="utf-8")
    out = tmp_path / "out"
    assert cases.main([str(tmp_path), "--out", str(out)]) == 0
    assert json.loads((out / "als-1m.json").read_text(encoding="utf-8")) == cases.record_of(CASE)
    assert cases.main([str(tmp_path / "nothing")]) == 1
    assert "no cases in" in capsys.readouterr().err
