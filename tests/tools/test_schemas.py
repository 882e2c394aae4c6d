"""The published JSON Schemas: as the models say, and as strict and as generous as the library."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import crampdx
import schemas
from crampdx.text.yaml import read_yaml

ROOT = Path(__file__).resolve().parents[2]
RULE_FILES = sorted((ROOT / "rules").rglob("*.yaml"))
SCHEMA_COMMENT = re.compile(r"# yaml-language-server: \$schema=(\S+)")


@cache
def validator(name: str) -> Draft202012Validator:
    path = ROOT / "schemas" / f"{name}.schema.json"
    return Draft202012Validator(json.loads(path.read_text(encoding="utf-8")))


def rule_file(text: str) -> Any:
    document = read_yaml(text.encode())
    assert not document.faults
    return document.data


@pytest.mark.parametrize("file", schemas.FILES, ids=lambda file: file.name)
def test_each_schema_is_a_schema_with_a_name(file: Any) -> None:
    """A schema is valid in its dialect and says what it is of."""
    schema = schemas.schema_of(file)
    Draft202012Validator.check_schema(schema)
    assert list(schema)[:4] == ["$schema", "$id", "title", "description"]
    assert schema["$id"] == f"urn:crampdx:schema:{file.name}"


def test_the_schemas_are_those_of_the_models() -> None:
    """`make schemas` would change nothing."""
    assert list(schemas.differing(ROOT / "schemas")) == []


def test_a_difference_is_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A schema that was changed by hand, or is not one of ours, fails the check."""
    assert schemas.main(["--folder", str(tmp_path)]) == 0
    assert schemas.main(["--check", "--folder", str(tmp_path)]) == 0
    (tmp_path / "pack.schema.json").write_text("{}", encoding="utf-8")
    (tmp_path / "other.json").write_text("{}", encoding="utf-8")
    assert schemas.main(["--check", "--folder", str(tmp_path)]) == 1
    assert "pack.schema.json differs" in capsys.readouterr().err


@pytest.mark.parametrize("path", RULE_FILES, ids=lambda p: str(p.relative_to(ROOT / "rules")))
def test_each_rule_file_names_its_schema_and_is_valid(path: Path) -> None:
    """The first line of a rule file leads to a schema, and the file is valid by it."""
    text = path.read_text(encoding="utf-8")
    comment = SCHEMA_COMMENT.match(text)
    assert comment is not None
    schema = (path.parent / comment[1]).resolve()
    assert schema.parent == ROOT / "schemas"
    faults = validator(schema.name.removesuffix(".schema.json")).iter_errors(rule_file(text))
    assert [fault.message for fault in faults] == []


FINDING = """
- id: hypokalemia
  name: Low potassium
  kind: laboratory
  because: It is low.
  sources: [judgement]
  shown_by: [{loinc: ["2823-3"], unit: mmol/L, present: {below: 3.5}}]
"""
CAUSE = """
id: hypokalemia
name: Low potassium
group: common
pretest: common
evidence:
  - {id: k.low, when: {all: [hypokalemia, {absent: fever}]}, favors: strong,
     because: It is low., sources: [judgement]}
"""
BROKEN = [
    ("findings", FINDING.replace("kind: laboratory", "kind: lab"), "an unknown kind"),
    ("findings", FINDING.replace("name:", "title:"), "an unknown key"),
    ("findings", FINDING.replace("  because: It is low.\n", ""), "values without a reason"),
    ("findings", FINDING.replace("{below: 3.5}", "{}"), "bounds without a bound"),
    ("findings", FINDING.replace("present: {below", "dose: {below"), "a reserved form"),
    ("findings", FINDING.replace("2823-3", "2823"), "a code of the wrong shape"),
    ("findings", FINDING.replace("- id", "  id"), "an entry outside of a list"),
    ("cause", CAUSE.replace("favors: strong", "favors: rules_out"), "a word of the other side"),
    ("cause", CAUSE.replace("favors: strong,", ""), "a line without a weight"),
    ("cause", CAUSE.replace("favors: strong", "favors: weak, lr: 3"), "a line with two weights"),
    ("cause", CAUSE.replace("{absent: fever}", "{missing: fever}"), "an unknown clause"),
    ("cause", CAUSE.replace("sources: [judgement]", "sources: []"), "a line without a source"),
    ("cause", CAUSE + "replaces: other\n", "a replacement without a reason"),
    ("sources", "- {id: a, kind: guideline, title: A guideline}", "a guideline without address"),
    ("red_flag", "{id: a, name: A, urgency: now}", "an unknown urgency"),
]


@pytest.mark.parametrize(("name", "text"), [("findings", FINDING), ("cause", CAUSE)])
def test_a_sound_entry_is_valid(name: str, text: str) -> None:
    """What the broken files are made from is valid itself."""
    assert validator(name).is_valid(rule_file(text))


@pytest.mark.parametrize(
    ("name", "text"), [case[:2] for case in BROKEN], ids=[case[2] for case in BROKEN]
)
def test_a_broken_rule_file_is_not_valid(name: str, text: str) -> None:
    """An editor marks the faults of form that the loader would report."""
    assert not validator(name).is_valid(rule_file(text))


@pytest.mark.parametrize("name", ["findings", "cause", "tests", "treatments"])
def test_a_later_pack_may_extend(name: str) -> None:
    """Where the format knows `extends`, so does the schema."""
    entry = {
        "findings": {"extends": "a", "implies": ["b"], "because": "So.", "sources": ["judgement"]},
        "cause": {"extends": "a", "mimics": ["b"]},
        "tests": {"extends": "a", "shows": ["b"], "because": "So.", "sources": ["judgement"]},
        "treatments": {"extends": "a", "cautions": []},
    }[name]
    assert validator(name).is_valid(entry if name == "cause" else [entry])


RECORDS: list[dict[str, Any]] = [
    {},
    {"age": 58, "findings": {"muscle_cramp": True, "sensory_loss": False, "fatigue": None}},
    {"findings": {"HP:0003394": "present"}, "diagnoses": {"ICD-10-CM:E11.9": {"status": "past"}}},
    {"findings": [{"code": "HP:0003394"}, {"text": "restless"}, {"id": "fatigue", "status": True}]},
    {"findings": [{"code": [{"system": "SNOMED-CT", "code": "55300003"}, "HP:0003394"]}]},
    {"findings": [{"id": "muscle_cramp", "duration": "P9M", "severity": "mild", "onset": "2026"}]},
    {"measurements": [{"code": "LOINC:2823-3", "value": 2.4, "unit": "mmol/L", "date": "2026-03"}]},
    {"measurements": {"LOINC:2823-3": {"value": 3, "comparator": "<", "unit": "mmol/L"}}},
    {"medications": {"RxNorm:36567": True}, "family_history": {"known_charcot_marie_tooth": True}},
    {"medications": [{"text": "simvastatin", "context": "ordered", "start": "2026-01-02"}]},
    {"test_results": {"electromyography": {"shows": {"abnormal_emg": True}}}},
    {"test_results": [{"id": "electromyography", "shows": [{"id": "abnormal_emg"}]}]},
    {"test_results": {"electromyography": {"status": "ordered"}, "brain_mri": None}},
    {"cramps": {"duration": "P3M", "per_week": 2, "locations": ["calf"], "times_of_day": ["any"]}},
    {"as_of": "2026-11-23T08:00:00Z", "sex": "other", "pregnant": False, "cramps": {}},
]
REFUSED: list[dict[str, Any]] = [
    {"finding": {"muscle_cramp": True}},
    {"age": -1},
    {"age": "58"},
    {"sex": "f"},
    {"pregnant": "no"},
    {"findings": [{"status": "present"}]},
    {"findings": {"muscle_cramp": "yes"}},
    {"findings": {"Muscle cramp": True}},
    {"findings": [{"code": "3394"}]},
    {"findings": {"muscle_cramp": {"severty": "mild"}}},
    {"measurements": {"LOINC:2823-3": 2.4}},
    {"measurements": [{"code": "LOINC:2823-3"}]},
    {"test_results": {"electromyography": True}},
    {"test_results": {"electromyography": "ordered"}},
    {"findings": {"muscle_cramp": {"id": "fatigue"}}},
    {"medications": [{"text": "simvastatin", "context": "family"}]},
    {"cramps": {"duration": "9 months"}},
    {"cramps": {"duration": 9}},
    {"cramps": {"locations": ["toe"]}},
    {"as_of": "23 November 2026"},
]


@pytest.mark.parametrize("record", RECORDS, ids=str)
def test_a_record_that_is_accepted_is_valid(record: dict[str, Any]) -> None:
    """Every form that the record's validators take, the short ones too, is valid by the schema."""
    crampdx.parse_record(json.dumps(record))
    assert [fault.message for fault in validator("record").iter_errors(record)] == []


@pytest.mark.parametrize("record", RECORDS, ids=str)
def test_a_record_that_was_read_and_written_is_valid(record: dict[str, Any]) -> None:
    """The record's own JSON is valid by the schema."""
    written = json.loads(crampdx.parse_record(record).model_dump_json())
    assert [fault.message for fault in validator("record").iter_errors(written)] == []


@pytest.mark.parametrize("record", REFUSED, ids=str)
def test_a_record_that_is_refused_is_not_valid(record: dict[str, Any]) -> None:
    """The common mistakes are found by the schema and by the library alike."""
    with pytest.raises(crampdx.RecordError):
        crampdx.parse_record(record)
    assert not validator("record").is_valid(record)


@pytest.mark.parametrize("record", RECORDS, ids=str)
def test_an_assessment_is_valid(record: dict[str, Any]) -> None:
    """What is answered is of the published form."""
    answer = json.loads(crampdx.assess(record).model_dump_json())
    assert [fault.message for fault in validator("assessment").iter_errors(answer)] == []


# ------------------------------------------------------------------------------ what editors show


@pytest.mark.parametrize("file", schemas.FILES, ids=lambda file: file.name)
def test_every_field_is_described(file: Any) -> None:
    """Whoever writes a file in an editor sees what each key means, in one line."""
    schema = schemas.schema_of(file)
    parts = {"": schema, **schema.get("$defs", {})}
    lacking = [
        f"{name}.{key}"
        for name, part in parts.items()
        for key, field in part.get("properties", {}).items()
        if not field.get("description") or "\n" in field["description"]
    ]
    assert lacking == []


@pytest.mark.parametrize(
    "file", [f for f in schemas.FILES if f.example is not None], ids=lambda file: file.name
)
def test_every_schema_has_an_example_that_is_valid(file: Any) -> None:
    """The example that an editor shows is accepted by the schema that shows it."""
    (example,) = schemas.schema_of(file)["examples"]
    assert list(validator(file.name).iter_errors(example)) == []


# ------------------------------------------------------------------------ an independent validator

CHECK = [sys.executable, "-m", "check_jsonschema", "--no-cache"]


def checked(schema: str, *paths: Path) -> subprocess.CompletedProcess[str]:
    path = ROOT / "schemas" / f"{schema}.schema.json"
    command = [*CHECK, "--schemafile", str(path), *map(str, paths)]
    return subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603


def by_schema() -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = {}
    for path in [*RULE_FILES, *sorted((ROOT / "tests" / "cases").rglob("*.case.yaml"))]:
        comment = SCHEMA_COMMENT.match(path.read_text(encoding="utf-8"))
        assert comment is not None, path
        found.setdefault(Path(comment[1]).name.removesuffix(".schema.json"), []).append(path)
    return found


@pytest.mark.parametrize(
    ("schema", "paths"), by_schema().items(), ids=lambda value: str(value)[:20]
)
def test_an_independent_validator_accepts_all_files(schema: str, paths: list[Path]) -> None:
    """check-jsonschema, which reads YAML and schemas by itself, accepts what we accept."""
    ended = checked(schema, *paths)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_an_independent_validator_refuses_broken_files(tmp_path: Path) -> None:
    """Each kind of file with one key misspelt or missing is refused, each by name."""
    broken = {
        "pack": "name: own\n",
        "sources": "- {id: a, kind: publication, title: A}\n",
        "findings": "- {id: a, name: A, kind: sgn}\n",
        "cause": "{id: a, name: A, group: g, pretest: common, evidence: []}\n",
        "groups": "- {id: a, nam: A}\n",
        "tests": "- {id: a, name: A, kind: blood, shows: [x], because: b}\n",
        "treatments": "- {id: a, name: A, kind: medication, indications: [{id: a.x}]}\n",
        "prevention": "- {id: a, name: A, because: b, source: [x]}\n",
        "red_flag": "{id: a, name: A, urgency: now, when: x, consider: c, because: b}\n",
        "case": "- {name: a, record: {}, expect: {topp: [a]}}\n",
    }
    for schema, text in broken.items():
        path = tmp_path / f"{schema}.yaml"
        path.write_text(text, encoding="utf-8")
        ended = checked(schema, path)
        assert ended.returncode == 1, schema
        assert path.name in ended.stdout
