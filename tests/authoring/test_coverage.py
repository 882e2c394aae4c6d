"""How far cases reach rules: what counts as covered, and how it is shown."""

from __future__ import annotations

import json
from functools import partial
from html.parser import HTMLParser

import pytest
from packs import cause, findings, write_pack

from crampdx import KnowledgeBase
from crampdx.authoring.cases.reading import read_cases
from crampdx.authoring.coverage import coverage
from crampdx.authoring.coverage.page import page_of
from crampdx.authoring.coverage.report import as_json, coverage_blocks
from crampdx.outputs.terminal import text_of

POTASSIUM = """\
- id: low
  name: Low potassium
  kind: laboratory
  shown_by:
    - {measurement: potassium, unit: mmol/L, present: {below: 3.5}, absent: {from: 4}}
    - {attribute: age, unit: a, present: {from: 90}}
    - {past: x}
  because: It is so.
  sources: [judgement]
"""

FILES = {
    "findings/all.yaml": findings("x", "y", "z") + POTASSIUM,
    "causes/a.yaml": cause(
        "a",
        "id: a.x, when: {all: [x, {any: [y, z]}]}, favors: weak, cluster: k",
        "id: a.low, when: low, favors: strong",
    ),
    "prevention.yaml": """\
        - {id: always, name: Always, because: It is so., sources: [judgement]}
        """,
}


def measured(folder, *records, files=FILES):
    """The coverage of a pack by cases with these records (in YAML), rules by their ids."""
    pack = write_pack(folder, files)
    path = folder / "all.case.yaml"
    path.write_text(
        "".join(
            f"- {{name: Case {n}, record: {record}, expect: {{no_notes: any}}}}\n"
            for n, record in enumerate(records)
        ),
        encoding="utf-8",
    )
    knowledge = KnowledgeBase.load(pack)
    return coverage(knowledge, read_cases([path], knowledge))


def rules(found):
    return {rule.id: rule for rule in found.rules}


def findings_record(**states):
    return f"{{findings: {json.dumps(states)}}}"


BOTH = (findings_record(x=True, y=True), findings_record(x=False))


def test_a_rule_is_covered_when_it_was_true_and_false(tmp_path):
    """One case in which it is true and one in which it is false cover it."""
    rule = rules(measured(tmp_path, *BOTH))["a.x"]
    assert rule.counts == {"fired": 1, "not_fired": 1, "unknown": 0}
    assert rule.is_covered


@pytest.mark.parametrize(
    ("record", "missing"),
    [
        (findings_record(x=True, y=True), ("not_fired",)),
        (findings_record(x=False), ("fired",)),
        ("{age: 50}", ("fired", "not_fired")),
    ],
)
def test_a_rule_lacks_what_no_case_brings_about(tmp_path, record, missing):
    """Unknown is neither true nor false."""
    assert rules(measured(tmp_path, record))["a.x"].missing == missing


def test_a_rule_without_condition_is_left_out(tmp_path):
    """What holds for everyone cannot be false."""
    assert "always" not in rules(measured(tmp_path, *BOTH))


def test_a_part_decides_where_it_alone_would_turn_the_verdict(tmp_path):
    """Of `all: [x, any: [y, z]]`, z cannot decide beside a true y, nor x beside two false ones."""
    records = (findings_record(x=True, y=True, z=False), findings_record(x=False, y=False, z=False))
    branches = {
        b.where: (b.true, b.false) for b in rules(measured(tmp_path, *records))["a.x"].branches
    }
    assert branches == {
        "all[0]": (1, 0),
        "all[1]": (1, 0),
        "all[1].any[0]": (1, 0),
        "all[1].any[1]": (0, 0),
    }


def potassium(value, more=""):
    return f"{{measurements: [{{id: potassium, value: {value}, unit: mmol/L}}]{more}}}"


def test_each_way_of_showing_a_finding_is_looked_at_alone(tmp_path):
    """A value, an attribute and the past are counted apart, and assertions not at all."""
    found = rules(
        measured(
            tmp_path,
            potassium(3, ", age: 50, findings: {low: true}"),
            potassium(4, ", findings: {x: past}"),
            potassium(3.7),
            potassium(3.5),
        )
    )
    value, age, past = (found[f"low.shown_by[{number}]"] for number in range(3))
    assert value.counts == {"fired": 1, "not_fired": 1, "unknown": 2}
    assert value.limits == {3.5: 1, 4.0: 1}
    assert age.counts == {"fired": 0, "not_fired": 0, "unknown": 1}
    assert past.counts == {"fired": 1, "not_fired": 0, "unknown": 0}


def test_a_way_of_showing_needs_only_what_it_can_come_to(tmp_path):
    """Where no absence can be shown, being outside the bounds, or present alone, is enough."""
    found = rules(measured(tmp_path, "{age: 91, findings: {x: past}}", "{age: 20}", potassium(3)))
    assert found["low.shown_by[0]"].missing == ("not_fired",)
    assert found["low.shown_by[1]"].is_covered
    assert found["low.shown_by[2]"].is_covered


def test_a_derived_finding_is_a_rule(tmp_path):
    """What a derived finding rests on is covered like any condition."""
    derived = "- {id: d, name: d, kind: sign, derived: {any: [x, y]}, because: So.,"
    files = {**FILES, "findings/d.yaml": f"{derived} sources: [judgement]}}\n"}
    found = rules(measured(tmp_path, findings_record(x=True), files=files))
    assert found["d"].counts == {"fired": 1, "not_fired": 0, "unknown": 0}


# ------------------------------------------------------------------------------------- showing it


def test_the_text_names_what_is_lacking_with_its_place(tmp_path):
    """A rule that is not covered stands there with its id, its lack, its file and its line."""
    text = text_of(coverage_blocks(measured(tmp_path, BOTH[0])), width=100)
    assert "evidence a.x: never false" in text
    assert "own/causes/a.yaml:6" in "".join(text.split())
    assert "1 case covers 0 of 5 rules (0.0 %)" in text


def test_the_json_has_every_rule(tmp_path):
    """The sums and each rule, as plain data."""
    found = as_json(measured(tmp_path, *BOTH))
    assert (found["cases"], found["rules"]) == (2, {"total": 5, "covered": 1})
    entry = next(entry for entry in found["entries"] if entry["id"] == "a.x")
    assert {key: entry[key] for key in ("kind", "line", "covered", "fired", "missing")} == {
        "kind": "evidence",
        "line": 6,
        "covered": True,
        "fired": 1,
        "missing": [],
    }
    json.dumps(found)


class Checked(HTMLParser):
    """Notes the elements of a page, and that each is closed."""

    def __init__(self):
        super().__init__()
        self.open, self.seen = [], set()

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_page_is_well_formed_and_loads_nothing(tmp_path):
    """Every element is closed; there is no script, no image and no link to elsewhere."""
    page = page_of(measured(tmp_path, *BOTH), "Title")
    checked = Checked()
    checked.feed(page)
    assert checked.open == []
    assert checked.seen.isdisjoint({"script", "link", "img", "iframe"})
    assert "http" not in page.replace("http-equiv", "")


def test_the_page_escapes_what_comes_from_outside(tmp_path):
    """A folder's name is text, whatever it holds."""
    found = measured(tmp_path / "<script>alert(1)<", *BOTH)
    page = page_of(found, "<b>\x1b[31m")
    assert "<script" not in page
    assert "<b>" not in page
    assert "\x1b" not in page


# -------------------------------------------------------------------------------- the command line


@pytest.fixture
def run(crampdx_run):
    """Run `crampdx coverage`."""
    return partial(crampdx_run, "coverage")


def pack_with_cases(folder):
    pack = write_pack(folder, FILES)
    true = f"- {{name: One, record: {BOTH[0]}, expect: {{fired: [a.x]}}}}\n"
    false = f"- {{name: Two, record: {BOTH[1]}, expect: {{not_fired: [a.x]}}}}\n"
    (pack / "both.case.yaml").write_text(true + false, encoding="utf-8")
    return str(pack)


def test_the_cases_of_the_pack_are_the_default(tmp_path, run):
    """Without paths, the cases in the folder of the pack are run."""
    ended = run("--pack", pack_with_cases(tmp_path), "--output", "json")
    assert ended.status == 0
    assert json.loads(ended.out)["cases"] == 2


def test_markdown_is_for_pull_requests(tmp_path, run):
    """Markdown has the same sections as text."""
    ended = run("--pack", pack_with_cases(tmp_path), "--output", "markdown")
    assert ended.status == 0
    assert ended.out.startswith("## Rules by file\n\n| file |")


@pytest.mark.parametrize(("threshold", "status"), [(20, 0), (20.1, 1)])
def test_below_the_threshold_the_status_is_1(tmp_path, run, threshold, status):
    """One of five rules is 20 percent."""
    ended = run("--pack", pack_with_cases(tmp_path), "--fail-under", threshold)
    assert ended.status == status
    assert ("20.0 % of the rules are covered, fewer than 20.1 %" in ended.err) == bool(status)


def test_the_page_is_written(tmp_path, run):
    """`--html` writes the page beside what is printed."""
    page = tmp_path / "page.html"
    assert run("--pack", pack_with_cases(tmp_path), "--html", page).status == 0
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


@pytest.mark.parametrize("arguments", [("nowhere",), ("--html", "no/page.html")])
def test_what_cannot_be_used_is_a_matter_of_usage(tmp_path, run, monkeypatch, arguments):
    """A path that is not there and a page that cannot be written end with 2 and one line."""
    monkeypatch.chdir(tmp_path)
    ended = run("--pack", pack_with_cases(tmp_path), *arguments)
    assert (ended.status, ended.out, ended.err.count("\n")) == (2, "", 1)


def test_without_a_case_there_is_nothing_to_measure(tmp_path, run):
    """A pack without cases ends with 2 and one line."""
    ended = run("--pack", write_pack(tmp_path, FILES))
    assert (ended.status, ended.err.count("\n")) == (2, 1)
