"""The commands why, why-not, what-if and next: what they print, and how they end."""

import io
import json
import sys

import pytest

from crampdx.cli.records import MAX_RECORD
from crampdx.explanation import explain, to_json

RECORD = {"age": 58, "findings": {"hypokalemia": True, "muscle_weakness": True}}
CAUSE = "amyotrophic_lateral_sclerosis"


@pytest.fixture
def run(crampdx_run):
    """Run the command line."""
    return crampdx_run


@pytest.fixture
def record(tmp_path):
    path = tmp_path / "record.json"
    path.write_text(json.dumps(RECORD), encoding="utf-8")
    return str(path)


def questions(record):
    """Each command with arguments that it can answer."""
    return [
        ("why", CAUSE, record),
        ("why-not", CAUSE, record),
        ("what-if", record, "fasciculations=present", "muscle_weakness=unknown"),
        ("next", record, "-n", "2"),
    ]


def test_each_question_is_answered_as_text(run, record):
    """Without options the answer is text, plain and with its title first."""
    titles = ["Why: ", "Why not: ", "What if: ", "What to find out next"]
    for arguments, title in zip(questions(record), titles, strict=True):
        status, out, err = run(*arguments)
        assert (status, err) == (0, "")
        assert out.startswith(title)
        assert "\x1b" not in out


def test_each_question_is_answered_as_markdown(run, record):
    """Markdown begins with a heading."""
    for arguments in questions(record):
        status, out, _ = run(*arguments, "--output", "markdown")
        assert (status, out[:2]) == (0, "# ")


def test_json_is_what_the_library_gives(run, record):
    """Each command gives the very answer of the library."""
    asked = explain(RECORD)
    answers = [
        asked.why(CAUSE),
        asked.why_not(CAUSE),
        asked.what_if({"fasciculations": True, "muscle_weakness": None}),
        asked.next_questions(2),
    ]
    for arguments, answer in zip(questions(record), answers, strict=True):
        status, out, _ = run(*arguments, "-o", "json")
        assert status == 0
        assert out == to_json(answer, indent=2) + "\n"


def test_a_record_comes_from_standard_input(run, monkeypatch):
    """The file '-' is standard input."""
    data = io.TextIOWrapper(io.BytesIO(json.dumps(RECORD).encode()))
    monkeypatch.setattr(sys, "stdin", data)
    status, out, _ = run("why", "hypokalemia", "-")
    assert status == 0
    assert "leading" in out


def test_rules_can_be_chosen(run, record):
    """`--pack` gives the rules."""
    status, _, err = run("why", CAUSE, record, "--pack", "artcle")
    assert status == 2
    assert "artcle" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("why", "hypokalemai", "{}"), "no cause has the id 'hypokalemai'; did you mean"),
        (("why-not", "nothing", "{}"), "no cause has the id 'nothing'"),
        (("what-if", "{}", "nothing=present"), "no finding has the id 'nothing'"),
        (("what-if", "{}", "upper_motor_neuron_sign=absent"), "follows from other findings"),
        (("what-if", "{}", "numbness=maybe", "=present"), "'numbness=maybe', '=present': give"),
        (("what-if", "{}", "numbness=present", "numbness=absent"), "supposed in two ways"),
        (("what-if", "{}"), "FINDING=STATE"),
        (("next", "{}", "-n", "0"), "-n"),
        (("next", "{}", "-n", "101"), "-n"),
        (("next", "no_such_file.json"), "cannot read 'no_such_file.json': no such file"),
        (("next", "no\0file"), "cannot read"),
        (("next", "."), "cannot read"),
    ],
)
def test_what_cannot_be_carried_out_ends_with_2(run, record, arguments, message):
    """What is wrong with the arguments is named, and nothing is answered."""
    status, out, err = run(*(record if a == "{}" else a for a in arguments))
    assert (status, out) == (2, "")
    assert message in err


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b'{"agee": 3}', "agee: unknown field; did you mean 'age'?"),
        (b"[", "the patient record is refused"),
        (b" " * (MAX_RECORD + 1), "larger than the 16 MiB"),
    ],
)
def test_a_record_that_is_refused_ends_with_1(run, tmp_path, data, message):
    """The record's faults are named, for each command alike."""
    path = tmp_path / "record.json"
    path.write_bytes(data)
    status, out, err = run("next", str(path))
    assert (status, out) == (1, "")
    assert message in err


def test_an_error_shows_no_control_characters(run, record):
    """What is wrong in the arguments is shown escaped."""
    _, _, err = run("what-if", record, "\x1b[2J=present", "x")
    assert "\x1b" not in err


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (("show", "als"), "did you mean 'amyotrophic_lateral_sclerosis'"),
        (("show", "ALS"), "did you mean 'amyotrophic_lateral_sclerosis'"),
        (("show", "potassium"), "'hypokalemia'"),
        (("why", "als", "{}"), "did you mean 'amyotrophic_lateral_sclerosis'?"),
        (("why", "MS", "{}"), "did you mean 'multiple_sclerosis'?"),
        (("why", "potassium", "{}"), "did you mean 'hypokalemia'?"),
        (("why-not", "GBS", "{}"), "did you mean 'guillain_barre_syndrome'?"),
        (("what-if", "{}", "als=present"), "did you mean 'known_amyotrophic_lateral_sclerosis'"),
        (("what-if", "{}", "hypokalaemia=present"), "did you mean 'hypokalemia'?"),
    ],
)
def test_what_a_clinician_calls_it_leads_to_its_id(run, record, arguments, meant):
    """Abbreviations, names and parts of names are understood, and letters are the last resort."""
    status, _, err = run(*(record if argument == "{}" else argument for argument in arguments))

    assert (status, meant in err) == (2, True), err
    assert "'falls'" not in err


def test_a_record_is_told_the_ids_of_what_it_names(run, tmp_path):
    """So is whoever writes a record with what a thing is called in place of its id."""
    path = tmp_path / "called.json"
    path.write_text('{"findings": {"low_potassium": true, "als": true}}', encoding="utf-8")
    _, out, _ = run("assess", str(path), "-o", "json")

    said = {w["place"]: w["message"] for w in json.loads(out)["warnings"]}
    assert "did you mean 'hypokalemia'?" in said["findings[0]"]
    assert "'known_amyotrophic_lateral_sclerosis'" in said["findings[1]"]
