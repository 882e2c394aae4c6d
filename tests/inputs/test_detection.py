"""Documents: recognized by what they hold, read into one record, and assessed by the commands."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import crampdx
from crampdx import cli
from crampdx.authoring.cases.packets import read_packets
from crampdx.authoring.cases.reading import read_cases
from crampdx.errors import RecordError
from crampdx.inputs.detection import form_of, read

ROOT = Path(__file__).parents[2]
CRAMP = {"type": {"id": "HP:0003394", "label": "Muscle spasm"}}
PACKET = {"id": "p", "subject": {"id": "s"}, "phenotypicFeatures": [CRAMP], "metaData": {}}
PATIENT = {"resourceType": "Patient", "id": "1", "gender": "male"}
CONDITION = {
    "resourceType": "Condition",
    "id": "2",
    "subject": {"reference": "Patient/1"},
    "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "R25.2"}]},
}
BUNDLE = {
    "resourceType": "Bundle",
    "type": "collection",
    "entry": [{"resource": PATIENT}, {"resource": CONDITION}],
}
NDJSON = "\n".join(json.dumps(resource) for resource in (PATIENT, CONDITION))
YAML = "id: p\nsubject: {sex: MALE}\nphenotypic_features:\n- type: {id: 'HP:0003394'}\n"


@pytest.mark.parametrize(
    ("document", "form"),
    [
        ({}, "record"),
        ({"age": 58}, "record"),
        ({"agee": 58}, "record"),
        ({"measurements": []}, "record"),
        ('{"findings": {"muscle_cramp": true}}', "record"),
        (crampdx.PatientRecord(), "record"),
        (BUNDLE, "fhir"),
        (json.dumps(BUNDLE, indent=2), "fhir"),
        ([PATIENT, CONDITION], "fhir"),
        ([None, PATIENT], "fhir"),
        (NDJSON, "fhir"),
        (("\ufeff" + NDJSON + "\n").encode(), "fhir"),
        (CONDITION, "fhir"),
        (PACKET, "phenopacket"),
        ({"proband": PACKET}, "phenopacket"),
        ({"metaData": {}, "measurements": []}, "phenopacket"),
        ({"meta_data": {}, "phenotypic_features": []}, "phenopacket"),
        (json.dumps(PACKET).encode(), "phenopacket"),
        (YAML, "phenopacket"),
        ("---\n" + YAML, "phenopacket"),
        ("# of a clinic\nage: 58\nfindings:\n  muscle_cramp: true\n", "record"),
    ],
)
def test_form(document: Any, form: str) -> None:
    """A document is recognized by its fields."""
    assert form_of(document) == form


@pytest.mark.parametrize("document", [{"foo": 1}, [], [1], 5, None, True, "[]", "5", {1: 2}])
def test_unknown_form(document: Any) -> None:
    """What has no mark of any form is refused, and the forms are named."""
    with pytest.raises(RecordError, match=r"resourceType.*phenotypicFeatures"):
        form_of(document)


@pytest.mark.parametrize(
    ("document", "forms"),
    [
        ({**PACKET, "findings": []}, "a record of crampdx and a Phenopacket"),
        ({**BUNDLE, "age": 5}, "a record of crampdx and FHIR"),
        ({**BUNDLE, "phenotypicFeatures": []}, "FHIR and a Phenopacket"),
    ],
)
def test_two_forms(document: Any, forms: str) -> None:
    """What could be of two forms is refused: to read it as one would drop the rest."""
    with pytest.raises(RecordError, match=forms):
        read(document)


@pytest.mark.parametrize("document", ["", "nothing", "{", '{"a": b}', "a: [b", b"\xff\xfe"])
def test_no_document(document: Any) -> None:
    """Text that is neither JSON nor YAML is refused with its place."""
    with pytest.raises(RecordError, match="not valid"):
        read(document)


@pytest.mark.parametrize(
    "text", ["subject: &a {}", "subject: !!python/object:os {}", "id: 1\nid: 2"]
)
def test_unsafe_yaml(text: str) -> None:
    """Anchors, tags and keys that stand twice are refused."""
    with pytest.raises(RecordError, match="line"):
        read(text)


def test_a_record_in_yaml_is_the_same_as_in_json() -> None:
    """As the cases of rules hold records."""
    text = "age: 58\nfindings: {muscle_cramp: true, fatigue: {status: absent, date: 2026-03-01}}"
    ours = {"muscle_cramp": True, "fatigue": {"status": "absent", "date": "2026-03-01"}}
    assert read(text) == read({"age": 58, "findings": ours})


@pytest.mark.parametrize("document", [{"age": 5}, PACKET, BUNDLE, YAML, NDJSON])
def test_as_of(document: Any) -> None:
    """The caller's day is that of the record, in every form."""
    assert read(document, "2024-05-01").as_of == "2024-05-01"


def test_callers_day_stands_first() -> None:
    """The caller's day stands before the record's own."""
    assert read({"as_of": "2020-01-01"}, "2024-05-01").as_of == "2024-05-01"
    assert read({"as_of": "2020-01-01"}).as_of == "2020-01-01"


@pytest.mark.parametrize("as_of", ["", "today", 5])
def test_no_day(as_of: Any) -> None:
    """A day that is none is refused."""
    with pytest.raises(RecordError, match="as_of"):
        read({}, as_of)


def test_one_name_for_all_forms() -> None:
    """`crampdx.read` reads each form into a record that can be assessed."""
    for document in ({"findings": {"muscle_cramp": True}}, PACKET, BUNDLE):
        assert isinstance(crampdx.assess(crampdx.read(document)), crampdx.Assessment)


def test_example_is_read() -> None:
    """The example packet leads to what its potassium shows."""
    record = crampdx.read((ROOT / "examples/phenopacket.json").read_bytes())
    assert crampdx.assess(record).candidates[0].cause == "hypokalemia"


LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
KEYS = st.text(max_size=5) | st.sampled_from(
    ["resourceType", "subject", "metaData", "proband", "findings", "entry", "resource", "code"]
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=15,
)


@given(TREES)
def test_any_data(document: Any) -> None:
    """Whatever the data, and as JSON too, it is read or refused."""
    for given_as in (document, json.dumps(document)):
        with contextlib.suppress(RecordError):
            read(given_as)


@given(st.text() | st.binary() | st.text(alphabet="subject:[]{}&*!-\n \t'\"").map("id: ".__add__))
def test_any_text(text: str | bytes) -> None:
    """Whatever the text, it is read or refused."""
    with contextlib.suppress(RecordError):
        read(text)


# ----------------------------------------------------------------------------------- the commands

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the command line: the exit status, standard output and standard error."""

    def running(*arguments: str) -> tuple[int, str, str]:
        status = cli.run([*arguments, "--pack", "article"])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return running


def written(folder: Path, name: str, document: Any) -> str:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return str(path)


@pytest.mark.parametrize(
    ("name", "document"),
    [("a.json", PACKET), ("a.yaml", YAML), ("a.json", BUNDLE), ("a.ndjson", NDJSON)],
)
def test_assess_recognizes(tmp_path: Path, run: Run, name: str, document: Any) -> None:
    """`assess` reads each form by itself, and the day from its option."""
    path = written(tmp_path, name, document)
    status, out, _ = run("assess", path, "-o", "json", "--as-of", "2024-05-01")
    assert (status, json.loads(out)["as_of"]) == (0, "2024-05-01")


def test_lines_of_any_form(tmp_path: Path, run: Run) -> None:
    """Each line is a patient, of whatever form."""
    lines = "\n".join(json.dumps(document) for document in ({"age": 5}, PACKET, BUNDLE, {"x": 1}))
    status, out, err = run("assess", written(tmp_path, "a.jsonl", lines))
    assert (status, len(out.splitlines())) == (1, 3)
    assert "line 4" in err


@pytest.mark.parametrize(
    "arguments",
    [
        ("assess", "{}"),
        ("why", "hypokalemia", "{}"),
        ("why-not", "hypokalemia", "{}"),
        ("what-if", "{}", "hypokalemia=present"),
        ("next", "{}"),
    ],
)
def test_commands_take_a_day(tmp_path: Path, run: Run, arguments: tuple[str, ...]) -> None:
    """Every command on a patient reads a packet and takes a day; a wrong day is wrong usage."""
    path = written(tmp_path, "a.json", PACKET)
    command = [path if argument == "{}" else argument for argument in arguments]
    assert run(*command, "--as-of", "2024-05-01")[0] == 0
    status, _, err = run(*command, "--as-of", "soon")
    assert (status, "--as-of" in err) == (2, True)


# ------------------------------------------------------------------------------------- evaluation

ALS = {"term": {"id": "OMIM:105400", "label": "Amyotrophic lateral sclerosis 1"}}
SICK = {
    **PACKET,
    "phenotypicFeatures": [CRAMP, {"type": {"id": "HP:0002380", "label": "Fasciculations"}}],
    "diseases": [ALS],
}


def evaluated(out: str) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = json.loads(out)["cases"]
    return cases


def test_evaluate_reads_packets(tmp_path: Path, run: Run) -> None:
    """A folder of packets is evaluated by their diseases; what is no cause is named."""
    written(tmp_path, "als.json", SICK)
    written(tmp_path, "more/other.json", {**SICK, "diseases": [{"term": {"id": "OMIM:1"}}]})
    status, out, err = run("evaluate", str(tmp_path), "-o", "json")
    assert status == 0
    assert [case["diagnosis"] for case in evaluated(out)] == [["amyotrophic_lateral_sclerosis"]]
    assert "other.json" in err


def test_interpretations_are_the_answer_first(tmp_path: Path, run: Run) -> None:
    """What was concluded counts before the diseases, which may be older."""
    answer = {"diagnosis": {"disease": ALS["term"]}, "progressStatus": "SOLVED"}
    diabetes = {"term": {"id": "MONDO:0005148", "label": "type 2 diabetes mellitus"}}
    packet = {**SICK, "diseases": [diabetes], "interpretations": [answer]}
    _, out, _ = run("evaluate", written(tmp_path, "a.json", packet), "-o", "json")
    assert evaluated(out)[0]["diagnosis"] == ["amyotrophic_lateral_sclerosis"]


def test_no_packet_gives_its_answer_away(tmp_path: Path) -> None:
    """A packet read as a case has none of its diseases in the record, and says so."""
    written(tmp_path, "a.json", {**SICK, "diseases": [ALS, {**ALS, "excluded": True}]})
    (located,) = read_packets([tmp_path / "a.json"], crampdx.KnowledgeBase.load("article")).cases
    assert [d.status.value for d in located.patient.diagnoses] == ["absent"]
    assert [item.reason for item in located.patient.left_out] == ["known_diagnosis"]


def test_a_bundle_alone_has_no_answer(tmp_path: Path, run: Run) -> None:
    """A document without a known diagnosis is refused, with the next step."""
    status, _, err = run("evaluate", written(tmp_path, "a.json", BUNDLE))
    assert (status, "'document'" in err) == (1, True)


def case_file(folder: Path, **document: Any) -> str:
    case = {"name": "one", "diagnosis": ["amyotrophic_lateral_sclerosis"], "document": document}
    return written(folder, "some.case.yaml", json.dumps([case]))


@pytest.mark.parametrize("document", [SICK, BUNDLE])
def test_case_with_a_document(tmp_path: Path, run: Run, document: Any) -> None:
    """A case may name a document beside its file, of any form."""
    written(tmp_path, "data/patient.json", document)
    path = case_file(tmp_path, file="data/patient.json", as_of="2024-05-01")
    status, out, _ = run("evaluate", path, "-o", "json")
    assert (status, len(evaluated(out))) == (0, 1)


def test_entries_left_out_of_a_document(tmp_path: Path) -> None:
    """Entries that give the diagnosis away are taken out by their place."""
    written(tmp_path, "a.json", SICK)
    path = case_file(tmp_path, file="a.json", without=["diseases[0]"])
    (located,) = read_cases([path], crampdx.KnowledgeBase.load("article"))
    assert not located.patient.diagnoses
    assert located.patient.left_out[0].places == ("diseases[0]",)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({"file": "none.json"}, "cannot be read"),
        ({"file": "../outside.json"}, "below the folder"),
        ({"file": "/etc/passwd"}, "below the folder"),
        ({"file": "link.json"}, "below the folder"),
        ({"file": "a\x00b"}, "below the folder"),
        ({"file": "."}, "cannot be read"),
        ({"file": "text.json"}, "not valid JSON"),
        ({"file": "a.json", "without": ["diseases[9]"]}, "diseases[9]"),
        ({"file": "a.json", "as_of": "soon"}, "date"),
        ({"file": "a.json", "fil": 1}, "fil"),
    ],
)
def test_documents_that_are_refused(
    tmp_path: Path, run: Run, document: dict[str, Any], message: str
) -> None:
    """A document that is not there, not below the case file or not readable is named."""
    folder = tmp_path / "cases"
    written(tmp_path, "outside.json", SICK)
    written(folder, "a.json", SICK)
    written(folder, "text.json", "nothing")
    (folder / "link.json").symlink_to(tmp_path / "outside.json")
    status, _, err = run("evaluate", case_file(folder, **document))
    assert (status, message in err) == (1, True), err
    assert "some.case.yaml:1" in err


@pytest.mark.parametrize("both", [True, False])
def test_one_patient_a_case(tmp_path: Path, run: Run, both: bool) -> None:
    """A case has either a record or a document."""
    patient = {"record": {}, "document": {"file": "a.json"}} if both else {}
    case = {"name": "one", "diagnosis": ["amyotrophic_lateral_sclerosis"], **patient}
    written(tmp_path, "a.json", SICK)
    path = written(tmp_path, "some.case.yaml", json.dumps([case]))
    status, _, err = run("evaluate", path)
    assert (status, "either 'record' or 'document'" in err) == (1, True)
