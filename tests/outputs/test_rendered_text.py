"""What is read: each form of each answer, whole, so that a change of wording is seen as one.

After a change that is meant: `pytest tests/outputs/test_rendered_text.py --snapshot-update`.
"""

from __future__ import annotations

import json
import shutil
from datetime import date

import pytest
from packs import extra_pack
from rendering import PACK, TYPICAL, TextFile, rules, steady

import crampdx
from crampdx import KnowledgeBase
from crampdx.authoring.cases.reading import case_files, read_cases
from crampdx.authoring.comparison.changes import compare
from crampdx.authoring.comparison.effects import effect_on
from crampdx.authoring.comparison.report import Report, to_blocks
from crampdx.authoring.comparison.report import to_markdown as difference_markdown
from crampdx.authoring.coverage import coverage
from crampdx.authoring.coverage.page import page_of
from crampdx.authoring.coverage.report import coverage_blocks
from crampdx.authoring.lint import lint
from crampdx.authoring.lint.output import to_github
from crampdx.authoring.lint.output import to_text as issues_text
from crampdx.authoring.reference_pages import pages
from crampdx.cli.application import COMMANDS
from crampdx.engine.assessor import Assessor
from crampdx.outputs.assessment import to_markdown, to_text
from crampdx.outputs.fhir import assessment_bundle
from crampdx.outputs.terminal import text_of
from crampdx.service.cds_hooks.cards import card_json
from crampdx.service.cds_hooks.differential import differential_cards
from crampdx.service.settings import Settings

TODAY = date(2026, 6, 1)

RECORDS = {
    "typical": TYPICAL,
    "not_enough_to_rank": {},
    "clarify": {
        "as_of": "2026-05-01",
        "age": 44,
        "findings": {
            "muscle_cramp": True,
            "weakness": True,
            "twitching": True,
            "denervation": True,
        },
        "measurements": [
            {"code": "LOINC:2823-3", "value": 24, "unit": "mmol/L", "date": "2026-04-30"}
        ],
        "test_results": {"needle_test": {"status": "ordered"}},
    },
    "outside_population": {"age": 9, "findings": {"low_salt": True, "vomiting": True}},
    "warnings": {
        "as_of": "2026-05-01",
        "age": 50,
        "findings": [
            {"id": "numbness", "status": "present"},
            {"id": "numbness", "status": "absent"},
            {"id": "nothing_of_ours", "status": "present"},
            {"id": "failing_nerves", "status": "present"},
        ],
        "measurements": [
            {"code": "LOINC:2823-3", "value": 3, "unit": "furlong", "date": "2026-04-30"},
            {"code": "LOINC:2823-3", "value": 3, "unit": "mmol/L", "date": "2025-04-30"},
        ],
        "medications": [{"text": "something"}, {"text": "else"}],
    },
}

HOSTILE = {
    "findings/hostile.yaml": r"""
        - id: hostile
          name: "<b>bold</b> | `code` *strong* _slanted_ [link](javascript:alert(1)) &lt; # $x$"
          kind: sign
          ask: "@octocat www.evil.example https://evil.example mailto:a@b.example ~~struck~~ ?"
          sources: [judgement]
        """,
    "causes/hostile.yaml": r"""
        id: hostile
        name: "1. <script>alert(1)</script> ![picture](https://evil.example/x.png)"
        group: common
        pretest: common
        evidence:
          - id: hostile.hostile
            when: hostile
            favors: confirms
            because: "- list \\ **bold** <!-- comment --> {.class} :::note"
            sources: [hostile]
        """,
    "sources.yaml": r"""
        - id: hostile
          kind: publication
          title: "[x]: https://evil.example\u202e 'title' \u001b[2J"
          citation: "# heading | +1 \u0007"
          url: "https://evil.example/<a>|b"
        """,
    "red_flags.yaml": r"""
        - id: hostile
          name: "> quoted"
          urgency: urgent
          when: hostile
          consider: "``` fence"
          because: "=== rule <a href='x'>"
          sources: [hostile, judgement]
        """,
}


@pytest.fixture
def kept(snapshot):
    """The text that is kept in a file beside this one."""
    return snapshot.use_extension(TextFile)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    folder = tmp_path_factory.mktemp("packs")
    more = extra_pack(folder, HOSTILE, "hostile", more="requires: [rendered]\n")
    return KnowledgeBase.load(PACK, more)


# ------------------------------------------------------------------------------------- assessments


@pytest.mark.parametrize("name", RECORDS)
def test_an_assessment_as_text(name, kept):
    """Every section of the text form, for records of each kind."""
    answer = crampdx.assess(RECORDS[name], rules())
    assert steady(to_text(answer, rules())) == kept


@pytest.mark.parametrize("name", RECORDS)
def test_an_assessment_as_markdown(name, kept):
    """Every section of the Markdown form, for records of each kind."""
    answer = crampdx.assess(RECORDS[name], rules())
    assert steady(to_markdown(answer, rules())) == kept


@pytest.mark.parametrize("form", [to_text, to_markdown])
def test_hostile_rules_in_an_assessment(form, hostile, kept):
    """Markup, addresses and control characters in rules are shown as what they are."""
    answer = crampdx.assess({"findings": {"hostile": True}}, hostile)
    assert steady(form(answer, hostile), hostile) == kept


def test_an_assessment_in_color(kept):
    """What is set off by which color."""
    answer = crampdx.assess(TYPICAL, rules())
    assert steady(to_text(answer, rules(), color=True)).replace("\x1b", "␛") == kept


def test_an_assessment_as_fhir(kept):
    """The bundle of one record, its random-looking addresses left out."""
    answer = crampdx.assess(TYPICAL, rules())
    bundle = assessment_bundle(answer, rules(), patient="Patient/1", occurred="2026-05-01")
    shown = json.dumps(bundle, indent=1, ensure_ascii=False)
    for number, entry in enumerate(bundle["entry"]):
        shown = shown.replace(entry["fullUrl"], f"urn:uuid:{number}")
    shown = shown.replace(bundle["id"], "id").replace(f'"{crampdx.__version__}"', '"0.0.0"')
    assert steady(shown) + "\n" == kept


def test_cards_of_cds_hooks(kept):
    """The cards of one record, with the Markdown of their details."""
    answer = crampdx.assess(TYPICAL, rules())
    cards = differential_cards(answer, rules(), "Patient/1", None, ["laboratory: not supplied"])
    settings = Settings(reference_url="https://rules.example")
    shown = []
    for card in cards:
        written = card_json(card, settings, "0.0.0", lambda: "id")
        detail = written.pop("detail")
        shown.append(f"{json.dumps(written, indent=1, ensure_ascii=False)}\n\n{detail}\n")
    assert steady("\n".join(shown)) == kept


# ---------------------------------------------------------------------------- the command line


QUESTIONS = {
    "why": ("why", "nerve_failure", "RECORD"),
    "why_of_no_candidate": ("why", "saltaway_harm", "EMPTY"),
    "why_not": ("why-not", "nerve_failure", "RECORD"),
    "what_if": ("what-if", "RECORD", "very_low_salt=absent", "low_salt=absent", "vomiting=present"),
    "what_if_nothing_changes": ("what-if", "RECORD", "weakness=present"),
    "next": ("next", "RECORD"),
    "next_of_nothing": ("next", "EMPTY"),
    "show_cause": ("show", "salt_loss"),
    "show_finding": ("show", "low_salt"),
    "show_treatment": ("show", "calming"),
    "show_red_flag": ("show", "heart_in_danger"),
    "show_source": ("show", "guide2021"),
    "trace": ("trace",),
}


@pytest.fixture
def run(crampdx_run, tmp_path, monkeypatch):
    """Run a command line with the invented rules, on files of the current folder."""
    (tmp_path / "record.json").write_text(json.dumps(TYPICAL), encoding="utf-8")
    (tmp_path / "empty.json").write_text("{}", encoding="utf-8")
    shutil.copytree(PACK, tmp_path / PACK.name)  # paths are short, whatever folder this is run in
    monkeypatch.chdir(tmp_path)
    names = {"RECORD": "record.json", "EMPTY": "empty.json"}
    return lambda *arguments: crampdx_run(*(names.get(a, a) for a in arguments))


@pytest.mark.parametrize("name", QUESTIONS)
def test_an_answer_of_the_command_line(name, run, kept):
    """Explanations, descriptions of entries, and what rests on which statement."""
    _, out, err = run(*QUESTIONS[name], "--pack", PACK.name)
    assert steady(out + err) == kept


@pytest.mark.parametrize("name", ["why", "why_not", "what_if", "next", "trace"])
def test_an_answer_of_the_command_line_as_markdown(name, run, kept):
    """The same as Markdown."""
    _, out, _ = run(*QUESTIONS[name], "--pack", PACK.name, "-o", "markdown")
    assert out == kept


MISTAKES = {
    "assess": [
        ("assess", "nowhere.json"),
        ("assess", "RECORD", "-o", "json", "--patient", "Patient/1"),
        ("assess", "RECORD", "-o", "fhir"),
        ("assess", "RECORD", "-o", "fhir", "--patient", "Group/1"),
        ("assess", "RECORD", "--lines", "-o", "text"),
        ("assess", "RECORD", "--as-of", "tomorrow"),
        ("assess", "RECORD", "--pack", "artcle"),
    ],
    "explain": [
        ("why", "nerve_failur", "RECORD", "--pack", PACK.name),
        ("what-if", "RECORD", "weakness=maybe", "--pack", PACK.name),
        ("what-if", "RECORD", "weaknes=present", "--pack", PACK.name),
        ("what-if", "RECORD", "failing_nerves=present", "--pack", PACK.name),
        ("show", "nerve_failur", "--pack", PACK.name),
    ],
    "rules": [
        ("lint", "artcle"),
        ("lint", PACK.name, "--select", "CDX999"),
        ("test", "nowhere"),
        ("test", PACK.name, "--only", "no case has this name"),
        ("coverage", "nowhere"),
        ("mutate", "--operators", "weigh"),
        ("evaluate", "nowhere"),
        ("diff", "nowhere", "article"),
        ("feedback", "nowhere.db"),
        ("feedback", "RECORD"),
        ("replay", "nowhere.jsonl"),
    ],
}


@pytest.mark.parametrize("name", MISTAKES)
def test_errors_of_usage(name, run, tmp_path, kept):
    """What is said of commands that cannot be carried out as given, with the exit status."""
    shown = []
    for arguments in MISTAKES[name]:
        status, out, err = run(*arguments)
        named = " ".join(str(argument) for argument in arguments)
        shown.append(f"$ crampdx {named}\n{out}{err}exit status {status}\n")
    assert "\n".join(shown).replace(str(tmp_path), "FOLDER") == kept


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help(command, run, kept, monkeypatch):
    """The help of the program and of each command."""
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("TERMINAL_WIDTH", "100")
    status, out, _ = run(*([command] if command else []), "--help")
    assert status == 0
    assert "\n".join(line.rstrip() for line in out.splitlines()) + "\n" == kept


# ------------------------------------------------------------------------------------ for authors


def test_issues_of_the_linter(kept):
    """The issues of the pack as text and as annotations, and where there are none."""
    found = lint([PACK], TODAY)
    shown = issues_text(found) + to_github(found) + issues_text(lint([PACK], TODAY, frozenset()))
    assert shown.replace(f"{PACK}/", "") == kept


def test_coverage_by_the_cases(kept):
    """The report of coverage as text."""
    assert text_of(coverage_blocks(_covered(), _shown)) == kept


def test_the_page_of_coverage(kept):
    """The report of coverage as a page."""
    assert page_of(_covered(), "Coverage of <rendered>", _shown) == kept


def _covered():
    return coverage(rules(), read_cases(case_files([PACK]), rules()))


def _shown(place):
    return str(place).replace(f"{PACK}/", "")


def test_a_difference_of_rules(tmp_path, kept):
    """The report of a difference as text and as Markdown."""
    changed = extra_pack(
        tmp_path,
        {
            "causes/salt_loss.yaml": """
                extends: salt_loss
                evidence:
                  - id: salt_loss.twitching
                    when: twitching
                    favors: moderate
                    because: Salt loss | twitches.
                    sources: [judgement]
                """,
            "causes/cold_feet.yaml": """
                replaces: cold_feet
                reason: Feet are warm.
                id: cold_feet
                name: Warm feet
                group: common
                pretest: uncommon
                evidence:
                  - id: cold_feet.warm
                    when: {any: [twitching, numbness]}
                    favors: weak
                    because: Cold muscles twitch.
                    sources: [judgement]
                """,
        },
        "changed",
        more="requires: [rendered]\n",
    )
    new = KnowledgeBase.load(PACK, changed)
    cases = read_cases(case_files([PACK]), rules())
    assessors = Assessor(rules()), Assessor(new)
    effects = tuple(effect_on(case, *assessors) for case in cases)
    report = Report("old", "new", rules(), new, compare(rules(), new), effects)
    text = text_of(to_blocks(report, _shown)) + "\n" + difference_markdown(report, _shown)
    assert steady(text, rules(), new) == kept


PAGES = (
    "index.md",
    "causes.md",
    "causes/nerve_failure.md",
    "causes/nerve_failure.svg",
    "findings.md",
    "findings/low_salt.md",
    "findings/failing_nerves.md",
    "groups.md",
    "tests.md",
    "treatments.md",
    "prevention.md",
    "red-flags.md",
    "matrix.md",
    "fhir.md",
    "bibliography.md",
    "transparency.md",
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.replace("/", "-"))
def test_a_reference_page(page, kept):
    """A page of each kind."""
    assert steady(pages(rules())[page]) == kept


def test_every_kind_of_page_is_kept():
    """Only further causes and findings have pages that are not kept here."""
    others = {path.partition("/")[0] for path in set(pages(rules())) - set(PAGES)}
    assert others <= {"causes", "findings"}
