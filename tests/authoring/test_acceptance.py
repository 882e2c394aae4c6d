"""`crampdx test --accept`: which expectations are brought up to date, and how they are written."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from packs import cause, findings, write_pack

from crampdx import Assessor, KnowledgeBase
from crampdx.authoring.cases.acceptance import CannotAccept, accept, accepted_expectations
from crampdx.authoring.cases.reading import read_cases
from crampdx.authoring.cases.runner import run_case

FILES = {
    "findings/all.yaml": findings("x", "y", "z"),
    "causes/a.yaml": cause(
        "a",
        "id: a.x, when: x, favors: strong",
        "id: a.y, when: y, favors: weak",
        more="do_not_miss: true\n",
    ),
    "causes/b.yaml": cause("b", "id: b.z, when: z, favors: moderate"),
    "tests.yaml": "- {id: t, name: T, kind: blood, shows: [x], because: So, sources: [trial]}\n",
}

STALE = """\
# A comment at the top.
- name: One          # a comment beside
  record: {findings: {x: true,   y: false}}   # layout stays
  expect:
    # why the score matters
    score: {a: 3}    # three
    not_fired: [a.x, a.y]
    top: [b]

- name: Lines
  cause: a
  lines:
    - {when: [x], fires: [a.y], not: [a.y]}   # wrong
    - {when: [y], fires: [a.y]}
    - {absent: [y], fires: [a.y]}

- name: Rows
  rows:
    - {when: [z], band: {b: unlikely}, candidates: [a, b]}
    - when: [x, z]
      tests: [t]
      findings: {x: absent}
"""

ACCEPTED = """\
# A comment at the top.
- name: One          # a comment beside
  record: {findings: {x: true,   y: false}}   # layout stays
  expect:
    # why the score matters
    score: {a: 7}    # three
    not_fired: [a.y]
    top: [a]
    fired: [a.x]

- name: Lines
  cause: a
  lines:
    - {when: [x], fires: [a.x], undecided: [a.y]}   # wrong
    - {when: [y], fires: [a.y]}
    - {absent: [y], fires: []}

- name: Rows
  rows:
    - {when: [z], band: {b: leading}, candidates: [b], not_candidates: [a]}
    - when: [x, z]
      not_tests: [t]
      findings: {x: present}
"""


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A pack without cases."""
    return write_pack(tmp_path, FILES)


@pytest.fixture
def run(crampdx_run):
    """Run `crampdx test`."""
    return partial(crampdx_run, "test")


def written(pack: Path, text: str) -> Path:
    file = pack / "some.case.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def results_of(file: Path):
    knowledge = KnowledgeBase.load(file.parent)
    assessor = Assessor(knowledge)
    return assessor, [run_case(case, assessor) for case in read_cases([file], knowledge)]


def test_expectations_are_written_and_all_else_stays(run, pack):
    """Comments, order and layout are what they were; cases that hold are not touched."""
    file = written(pack, STALE)
    status, out, _ = run(pack, "--accept")
    assert file.read_text(encoding="utf-8") == ACCEPTED
    assert status == 0
    assert "expected: a at 3 dB" in out
    assert "a.x: +10 dB" in out
    assert "accepted: score: {a: 7}" in out


def test_accepted_cases_hold(run, pack):
    """Run again, all of them pass, and there is nothing left to accept."""
    written(pack, ACCEPTED)
    assert run(pack, "--accept") == (0, "6 cases passed\n", "")


def test_a_file_is_written_whole_or_not_at_all(run, pack):
    """What a person has to decide keeps the whole file as it is, and says why."""
    text = STALE + "- {name: Behind, record: {}, expect: {ahead_of: {a: [b]}}}\n"
    file = written(pack, text)
    status, _, err = run(pack, "--accept")
    assert file.read_text(encoding="utf-8") == text
    assert status == 1
    assert "'ahead_of' is changed by hand" in err


def test_another_file_is_written_all_the_same(run, pack):
    """One file that has to wait keeps no other from being written."""
    file = written(pack, STALE)
    other = pack / "other.case.yaml"
    other.write_text("- {name: a, record: {}, expect: {top: [a]}}\n", encoding="utf-8")
    assert run(pack, "--accept")[0] == 1
    assert file.read_text(encoding="utf-8") == ACCEPTED


def test_a_file_that_changed_meanwhile_is_refused(pack):
    """What was written since the cases were read is not overwritten."""
    file = written(pack, STALE)
    assessor, results = results_of(file)
    file.write_text(STALE.replace("z: true", "z: false") + "\n# more\n- {}\n", encoding="utf-8")
    changed = file.read_bytes()
    (acceptance,) = accept(results, assessor)
    assert "has changed since it was read" in acceptance.refusals[0]
    assert file.read_bytes() == changed
    assert [path.name for path in pack.glob("*.case.yaml*")] == [file.name]


@pytest.mark.parametrize(
    ("expect", "message"),
    [
        ("{top: [a]}", "no candidate"),
        ("{band: {a: leading}}", "'a' is not a candidate"),
        ("{questions: [z], no_notes: any}", "changed by hand"),
        ("{no_notes: any}", "'no_notes' with 'any' is changed by hand"),
    ],
)
def test_what_no_value_can_say_is_left_to_a_person(pack, expect, message):
    """An expectation is never dropped in silence."""
    record = "{findings: {z: false, x: false, y: false}}"
    file = written(pack, f"- {{name: a, record: {record}, expect: {expect}}}\n")
    _, (result,) = results_of(file)
    with pytest.raises(CannotAccept, match=message):
        accepted_expectations(result)


def test_a_case_that_is_to_fail_and_holds_is_left_to_a_person(run, pack):
    """The note is taken out by whoever wrote it."""
    text = "- {name: a, record: {}, xfail: Not yet., expect: {not_candidates: [a]}}\n"
    file = written(pack, text)
    status, _, err = run(pack, "--accept")
    assert status == 1
    assert "take 'xfail' out" in err
    assert file.read_text(encoding="utf-8") == text
