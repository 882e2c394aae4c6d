"""The linter: what each check finds and lets pass, and how issues are silenced."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import yaml
from packs import PACK, cause, extra_pack, findings, write_pack

from crampdx import KnowledgeBase, KnowledgeError
from crampdx.authoring.lint import CHECKS, Level, LintIssue, LintResult, lint
from crampdx.authoring.lint.linter import DEFECTS
from crampdx.authoring.lint.texts import MAX_BECAUSE

ROOT = Path(__file__).resolve().parents[2]
PAGES = ROOT / "docs" / "lint"
TODAY = date(2026, 11, 23)

Files = Mapping[str, str]


def found(result: LintResult, code: str) -> list[tuple[str, str]]:
    """The entries that have an issue of this code, with its message."""
    return [(issue.id, issue.message) for issue in result.issues if issue.code == code]


def ids(result: LintResult, code: str) -> list[str]:
    return [entry for entry, _ in found(result, code)]


def lint_files(folder: Path, files: Files, *, more: str = "") -> LintResult:
    """Write one pack and lint it; it has to load."""
    result = lint([write_pack(folder, files, more=more)], TODAY)
    assert found(result, "CDX001") == []
    return result


def lines(*lines: str, vocabulary: Iterable[str] = (), more: str = "") -> Files:
    """A pack of one cause 'a' with these lines, in flow style; words that they use are findings."""
    words = {
        word
        for line in lines
        for word in re.findall(r"\b[a-z]_\w+\b", line.partition("when:")[2].split(", cluster")[0])
    }
    return {
        "findings/all.yaml": findings(*sorted({*words, *vocabulary})),
        "causes/a.yaml": cause("a", *lines, more=more),
    }


# ------------------------------------------------------------------------------------- the pages

_reasons = (f"Reason {number} of its own." for number in count())

DEFAULTS: dict[str, dict[str, Any]] = {
    "findings": {"name": "A finding", "kind": "symptom", "sources": ["judgement"]},
    "causes": {"name": "A cause", "group": "common", "pretest": "common"},
    "tests": {"name": "A test", "kind": "blood", "sources": ["judgement"]},
    "treatments": {"name": "A treatment", "kind": "medication"},
}
LINES = ("evidence", "indications", "cautions")


def completed(kind: str, entry: dict[str, Any]) -> dict[str, Any]:
    """An entry of a page with what its examples leave out."""
    claims = kind == "tests" or "derived" in entry
    full = {**DEFAULTS[kind], **({"because": next(_reasons)} if claims else {}), **entry}
    for field in LINES:
        if field in full:
            full[field] = [
                {"because": next(_reasons), "sources": ["judgement"], **line}
                for line in full[field]
            ]
    return full


def file_of(path: str, text: str) -> str:
    """A file of a page as it stands in a pack."""
    if path == "pack.yaml":
        given = yaml.safe_load(text)
        kept = [x for x in PACK.splitlines() if x.partition(":")[0] not in given]
        return "\n".join(kept).format(name="own") + "\n" + text
    kind = re.split(r"[/.]", path)[0]
    if kind not in DEFAULTS:
        return text
    data = yaml.safe_load(text)
    entries = [completed(kind, one) for one in (data if isinstance(data, list) else [data])]
    return json.dumps(entries if isinstance(data, list) else entries[0])  # JSON is YAML


def examples(page: str, heading: str) -> Files:
    """The files below a heading of a page."""
    section = page.split(f"## {heading}\n")[1].split("\n## ")[0]
    blocks = re.findall(r"```\w+\n# (\S+)\n(.*?)```", section, re.S)
    return {path: file_of(path, text) for path, text in blocks}


def with_missing(folder: Path, files: Files) -> Path:
    """A pack of these files, and of the findings that they name and do not define."""
    needed: set[str] = set()
    while True:
        name = f"try{len(needed)}"
        extra = [
            {"id": i, "name": i, "kind": "symptom", "ask": "So?", "sources": ["judgement"]}
            for i in sorted(needed)
        ]
        pack = write_pack(
            folder / name, {**files, "findings/needed.yaml": json.dumps(extra)}, "own"
        )
        try:
            KnowledgeBase.load(pack)
        except KnowledgeError as error:
            more = set(re.findall(r"finding '(\w+)' is not defined", str(error))) - needed
            if not more:
                return pack
            needed |= more
        else:
            return pack


def page_of(defect: Any) -> str:
    return (PAGES / f"{defect.code}-{defect.name}.md").read_text(encoding="utf-8")


each_defect = pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.code)


@each_defect
def test_the_page_says_what_the_check_says(defect: Any) -> None:
    """Each check has a page, which opens with its code, its name, its summary and its level."""
    head = f"# {defect.code} {defect.name}\n\n{defect.summary} Level: {defect.level}.\n"
    assert page_of(defect).startswith(head)


@each_defect
def test_what_the_page_avoids_is_found(defect: Any, tmp_path: Path) -> None:
    """The example that a page advises against has the issue."""
    result = lint([with_missing(tmp_path, examples(page_of(defect), "Avoid"))], TODAY)
    assert ids(result, defect.code) != []


@each_defect
def test_what_the_page_prefers_is_in_order(defect: Any, tmp_path: Path) -> None:
    """The example that a page prefers loads and has not the issue."""
    result = lint([with_missing(tmp_path, examples(page_of(defect), "Prefer"))], TODAY)
    assert [i for i in result.issues if i.code in (defect.code, "CDX001")] == []


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.code)
def test_the_page_shows_how_to_silence(check: Any, tmp_path: Path) -> None:
    """The silence that a page shows silences the example that the page advises against."""
    page = page_of(check)
    pack = with_missing(tmp_path, {**examples(page, "Avoid"), **examples(page, "Suppress")})
    result = lint([pack], TODAY)
    told = {issue.code for issue in result.issues}
    assert told.isdisjoint({check.code, "CDX001", "CDX002", "CDX003"})
    assert {one.issue.code for one in result.silenced} == {check.code}


def test_every_page_is_of_a_check_and_in_the_table() -> None:
    """There is no page without a check, and the overview lists each with name and level."""
    assert {p.stem for p in PAGES.glob("*.md")} == {f"{d.code}-{d.name}" for d in DEFECTS}
    table = (PAGES.parent / "lint.md").read_text(encoding="utf-8")
    for d in DEFECTS:
        link = f"[{d.code}](lint/{d.code}-{d.name}.md)"
        assert f"| {link} | {d.name} | {d.level} | {d.summary} |\n" in table


def test_codes_and_names_are_unique() -> None:
    """A code and a name are of one check alone."""
    assert len({d.code for d in DEFECTS}) == len({d.name for d in DEFECTS}) == len(DEFECTS)


# -------------------------------------------------------------------------------------- findings


@pytest.mark.parametrize(
    "finding",
    [
        "{id: x, implies: [used]}",
        "{id: x, shown_by: [{finding: used, site: [calf]}]}",
    ],
)
def test_what_makes_a_used_finding_present_is_used(finding: str, tmp_path: Path) -> None:
    """A finding that implies one in a criterion is used; one that is only read from it is not."""
    entry = finding.replace("{id", "- {name: X, kind: sign, because: So., sources: [judgement], id")
    files = {
        "findings/x.yaml": entry + "\n" + findings("used"),
        "causes/a.yaml": cause("a", "id: a.used, when: used, favors: weak"),
    }
    expected = [] if "implies" in finding else ["x"]
    assert ids(lint_files(tmp_path, files), "CDX010") == expected


def test_what_a_used_finding_implies_is_used(tmp_path: Path) -> None:
    """Its absence makes the used finding absent; what implies it too tells nothing of that one."""
    claim = "name: X, kind: sign, because: So., sources: [judgement], implies: [general]"
    files = {
        "findings/x.yaml": f"- {{id: used, {claim}}}\n- {{id: sibling, {claim}}}\n"
        + findings("general"),
        "causes/a.yaml": cause("a", "id: a.used, when: used, favors: weak"),
    }
    assert ids(lint_files(tmp_path, files), "CDX010") == ["sibling"]


def test_what_is_read_from_other_findings_uses_them(tmp_path: Path) -> None:
    """`derived`, and each form of `shown_by` that names findings, use what they name."""
    claim = "name: X, kind: sign, because: So., sources: [judgement]"
    files = {
        "findings/x.yaml": f"- {{id: by_criterion, {claim}, derived: {{absent: one}}}}\n"
        f"- {{id: by_site, {claim}, shown_by: [{{finding: two, site: [calf]}}]}}\n"
        f"- {{id: by_time, {claim}, shown_by: [{{began: three, after: four, within: P1D}}]}}\n"
        f"- {{id: by_past, {claim}, shown_by: [{{past: five}}]}}\n"
        f"- {{id: by_family, {claim}, shown_by: [{{family: six}}]}}\n"
        + findings("one", "two", "three", "four", "five", "six"),
        "causes/a.yaml": cause(
            "a",
            "id: a.x, favors: weak,"
            " when: {all: [by_criterion, by_site, by_time, by_past, by_family]}",
        ),
    }
    assert ids(lint_files(tmp_path, files), "CDX010") == []


def test_the_complaint_is_used(tmp_path: Path) -> None:
    """The complaint is no evidence, and still no idle finding."""
    files = lines("id: a.x, when: a_x, favors: weak", vocabulary=["cramp"])
    assert ids(lint_files(tmp_path, files, more="complaint: cramp\n"), "CDX010") == []


def test_a_derived_finding_may_equal_a_plain_one(tmp_path: Path) -> None:
    """Of a plain finding and a derived one that are equal the derived one is the issue."""
    files = {
        "findings/x.yaml": findings("plain", "other")
        + "- {id: a_name, name: X, kind: sign, because: So., sources: [judgement],"
        " derived: {any: [plain, {all: [plain, other]}]}}\n",
        "causes/a.yaml": cause("a", "id: a.x, when: a_name, favors: weak"),
    }
    assert found(lint_files(tmp_path, files), "CDX011") == [("a_name", "it is equal to 'plain'")]


@pytest.mark.parametrize(
    ("finding", "line"),
    [
        ("kind: symptom, ask: Is it so?", "favors: weak"),
        ("kind: sign", "favors: weak"),
        ("kind: history", "favors: confirms"),
    ],
)
def test_a_question_is_wanted_only_where_it_helps(finding: str, line: str, tmp_path: Path) -> None:
    """Nobody is asked for a sign, for the diagnosis itself, or for what has its question."""
    files = {
        "findings/x.yaml": f"- {{id: x, name: X, sources: [judgement], {finding}}}\n",
        "causes/a.yaml": cause("a", f"id: a.x, when: x, {line}"),
    }
    assert ids(lint_files(tmp_path, files), "CDX012") == []


# -------------------------------------------------------------------------------------- evidence


def test_equal_lines_make_one_of_them_pointless(tmp_path: Path) -> None:
    """Of two equal lines that which counts is left: the one whose id comes first."""
    files = lines(
        "id: a.one, when: {all: [a_x, a_y]}, favors: weak, cluster: k",
        "id: a.two, when: {all: [a_y, a_x]}, favors: weak, cluster: k",
    )
    assert ids(lint_files(tmp_path, files), "CDX020") == ["a.two"]


def test_several_lines_together_make_one_pointless(tmp_path: Path) -> None:
    """A line each of whose ways is covered by some other line never counts."""
    files = lines(
        "id: a.both, when: {any: [a_x, a_y]}, favors: weak, cluster: k",
        "id: a.one, when: a_x, favors: moderate, cluster: k",
        "id: a.two, when: a_y, favors: moderate, cluster: k",
    )
    message = "wherever it holds, 'a.one' or 'a.two' holds too and weighs as much or more"
    assert found(lint_files(tmp_path, files), "CDX020") == [("a.both", message)]


def test_implication_makes_a_line_pointless(tmp_path: Path) -> None:
    """A line on a special finding is pointless beside an equal one on what that implies."""
    files = {
        "findings/x.yaml": findings("general")
        + "- {id: special, name: X, kind: sign, because: So., sources: [judgement],"
        " implies: [general]}\n",
        "causes/a.yaml": cause(
            "a",
            "id: a.one, when: special, favors: weak, cluster: k",
            "id: a.two, when: general, favors: weak, cluster: k",
        ),
    }
    assert ids(lint_files(tmp_path, files), "CDX020") == ["a.one"]


@pytest.mark.parametrize(
    "other",
    [
        "id: a.two, when: {any: [a_x, a_y]}, favors: weak, cluster: k",
        "id: a.two, when: {any: [a_x, a_y]}, opposes: strong, cluster: k",
        "id: a.two, when: {all: [a_x, a_y]}, favors: strong, cluster: k",
    ],
    ids=["lighter", "against", "narrower"],
)
def test_a_line_that_can_count_is_not_pointless(other: str, tmp_path: Path) -> None:
    """A line is not pointless beside one that is lighter, narrower or of the other direction."""
    files = lines("id: a.one, when: a_x, favors: moderate, cluster: k", other)
    assert "a.one" not in ids(lint_files(tmp_path, files), "CDX020")


@pytest.mark.parametrize(("ratio", "idle"), [("1.1", ["a.y"]), ("1.2", []), ("0.95", ["a.y"])])
def test_a_ratio_of_nothing_is_idle(ratio: str, idle: list[str], tmp_path: Path) -> None:
    """A measured ratio that rounds to 0 decibans changes no rank."""
    files = dict(lines("id: a.x, when: a_x, favors: weak", vocabulary=["a_y"]))
    line = f"  - {{id: a.y, when: a_y, lr: {ratio}, because: So., sources: [trial]}}\n"
    assert (
        ids(
            lint_files(tmp_path, {**files, "causes/a.yaml": files["causes/a.yaml"] + line}),
            "CDX021",
        )
        == idle
    )


def test_evidence_of_a_group_without_causes_is_idle(tmp_path: Path) -> None:
    """A group's line reaches its causes alone."""
    line = "[{id: g.x, when: a_x, favors: weak, because: So., sources: [judgement]}]"
    files = {
        **lines("id: a.x, when: a_x, favors: weak"),
        "groups.yaml": "- {id: common, name: Common}\n"
        f"- {{id: empty, name: Empty, evidence: {line}}}\n",
    }
    assert found(lint_files(tmp_path, files), "CDX021") == [("g.x", "no cause is of group 'empty'")]


def test_a_criterion_that_never_holds_through_derived_findings_is_idle(tmp_path: Path) -> None:
    """What a derived finding is made of is known where the finding is."""
    files = {
        "findings/x.yaml": findings("x", "y")
        + "- {id: both, name: X, kind: sign, because: So., sources: [judgement],"
        " derived: {all: [x, y]}}\n"
        "- {id: no_x, name: X, kind: sign, because: So., sources: [judgement],"
        " derived: {absent: x}}\n",
        "causes/a.yaml": cause(
            "a",
            "id: a.x, when: {all: [both, no_x]}, favors: weak, cluster: k",
            "id: a.y, when: y, favors: weak, cluster: k",
        ),
    }
    assert found(lint_files(tmp_path, files), "CDX021") == [("a.x", "it can never hold")]


# ---------------------------------------------------------------------------------------- causes


def test_a_derived_sign_opposes(tmp_path: Path) -> None:
    """A sign opposes a benign cause also by way of a derived finding."""
    files = {
        "findings/x.yaml": findings("wasting")
        + "- {id: told, name: X, kind: symptom, ask: So?, sources: [judgement]}\n"
        "- {id: some_sign, name: X, kind: symptom, because: So., sources: [judgement],"
        " derived: {any: [wasting, told]}}\n",
        "causes/a.yaml": cause(
            "a",
            "id: a.x, when: told, favors: weak",
            "id: a.y, when: some_sign, opposes: weak",
        ),
    }
    assert ids(lint_files(tmp_path, files), "CDX030") == []


def test_the_absence_of_a_sign_does_not_oppose(tmp_path: Path) -> None:
    """A missing sign is no objective sign against a benign cause."""
    files = {
        "findings/x.yaml": findings("wasting")
        + "- {id: told, name: X, kind: symptom, ask: So?, sources: [judgement]}\n",
        "causes/a.yaml": cause(
            "a",
            "id: a.x, when: told, favors: weak",
            "id: a.y, when: {absent: wasting}, opposes: weak",
        ),
    }
    assert ids(lint_files(tmp_path, files), "CDX030") == ["a"]


@pytest.mark.parametrize("more", ["do_not_miss: true\n", ""], ids=["not to be missed", "by a sign"])
def test_other_causes_need_no_sign_against_them(more: str, tmp_path: Path) -> None:
    """A cause that must not be missed, or that a sign speaks for, is not benign."""
    files = {
        "findings/x.yaml": "- {id: x, name: X, sources: [judgement],"
        f" kind: {'symptom, ask: So?' if more else 'sign'}}}\n",
        "causes/a.yaml": cause("a", "id: a.x, when: x, favors: weak", more=more),
    }
    assert ids(lint_files(tmp_path, files), "CDX030") == []


# ------------------------------------------------------------------------------------------ care


def test_advice_for_causes_that_exclude_it_is_unreachable(tmp_path: Path) -> None:
    """An indication or a measure whose criterion excludes its causes' evidence is never shown."""
    claim = "because: So., sources: [judgement]"
    files = {
        **lines("id: a.x, when: a_x, favors: weak"),
        "treatments/t.yaml": "- id: t\n  name: T\n  kind: physical\n  indications:\n"
        f"  - {{id: t.a, causes: [a], when: {{absent: a_x}}, {claim}}}\n",
        "prevention.yaml": f"- {{id: p, name: P, causes: [a], when: {{absent: a_x}}, {claim}}}\n",
    }
    assert sorted(ids(lint_files(tmp_path, files), "CDX041")) == ["p", "t.a"]


# ----------------------------------------------------------------------------------------- texts


def because(text: str) -> Files:
    files = lines("id: a.x, when: a_x, favors: weak")
    cited = f"because: {text!r}"
    return {**files, "causes/a.yaml": files["causes/a.yaml"].replace("because: It is so.", cited)}


@pytest.mark.parametrize(
    "text",
    ["Weak legs, e.g. after 3.5 km, fit.", "By the scale of S. McGee.", "Yes!", "x" * MAX_BECAUSE],
)
def test_one_sentence_is_one_sentence(text: str, tmp_path: Path) -> None:
    """Numbers, initials and 'e.g.' end no sentence, and the longest reason is allowed."""
    assert ids(lint_files(tmp_path, because(text)), "CDX050") == []


@pytest.mark.parametrize(
    "text", ["One. Two.", "One? 2 follow.", "Is it? (It is.)", "x" * (MAX_BECAUSE + 1)]
)
def test_more_than_a_sentence_is_too_long(text: str, tmp_path: Path) -> None:
    """A second sentence is found, and so is one that is too long."""
    assert ids(lint_files(tmp_path, because(text)), "CDX050") == ["a.x"]


def test_an_earlier_pack_keeps_its_reason(tmp_path: Path) -> None:
    """A reason is a copy where the later pack has it, without regard to case and spaces."""
    below = write_pack(tmp_path, lines("id: z.z, when: a_x, favors: weak"), "below")
    above = extra_pack(
        tmp_path,
        {
            "findings/more.yaml": "- {id: a_a, name: A, kind: sign, implies: [a_x],"
            " because: it  IS so, sources: [judgement]}\n"
        },
        "above",
    )
    assert found(lint([below, above], TODAY), "CDX051") == [
        ("a_a", "'because' is that of evidence 'z.z'")
    ]


def test_a_code_that_nobody_verified_is_no_issue(tmp_path: Path) -> None:
    """Only codes of the list of verified displays are judged."""
    files = {
        **lines("id: a.x, when: a_x, favors: weak"),
        "codes/x.csv": "system,code,match,finding,display\nHPO,HP:9999999,exact,a_x,Whatever\n",
    }
    assert ids(lint_files(tmp_path, files), "CDX052") == []


@pytest.mark.parametrize(
    ("today", "overdue"), [(date(2027, 1, 1), []), (date(2027, 1, 2), ["own"])]
)
def test_a_review_is_overdue_after_its_day(today: date, overdue: list[str], tmp_path: Path) -> None:
    """On the day itself a review is still in time."""
    pack = write_pack(tmp_path, lines("id: a.x, when: a_x, favors: weak"))
    assert ids(lint([pack], today), "CDX060") == overdue


CITED = "because: So., sources: [judgement]"


@pytest.mark.parametrize(
    ("path", "entry"),
    [
        (
            "causes/b.yaml",
            "id: b, name: B, group: common, pretest: rare, evidence: [{id: b.x, "
            f"when: a_x, favors: weak, {CITED}}}]",
        ),
        ("red_flags/b.yaml", f"id: b, name: B, urgency: soon, when: a_x, consider: C, {CITED}"),
        ("tests.yaml", f"id: b, name: B, kind: blood, shows: [a_x], {CITED}"),
        (
            "treatments/b.yaml",
            f"id: b, name: B, kind: device, indications: [{{id: b.x, when: a_x, {CITED}}}]",
        ),
    ],
)
def test_an_entry_is_overdue_by_its_own_day(path: str, entry: str, tmp_path: Path) -> None:
    """A cause, red flag, test or treatment may be due for review before its pack is."""
    entry = f"{{{entry}, next_review: 2026-01-01}}"
    is_list = path.startswith("t")
    files = {**lines("id: a.x, when: a_x, favors: weak"), path: f"- {entry}" if is_list else entry}
    assert ids(lint_files(tmp_path, files), "CDX060") == ["b"]


# ----------------------------------------------------------------------------------------- packs


def test_faults_of_loading_are_issues_with_their_places(tmp_path: Path) -> None:
    """What does not load gives every fault as an error, and no other issue."""
    pack = write_pack(tmp_path, {"causes/a.yaml": cause("a", "id: a.x, when: nope, favors: week")})
    result = lint([pack], TODAY)
    assert {(i.code, i.level) for i in result.issues} == {("CDX001", Level.ERROR)}
    (issue,) = [i for i in result.issues if "week" in i.message]
    assert (issue.file, issue.line, issue.column) == (f"{pack}/causes/a.yaml", 6, 27)
    assert issue.remedy == "did you mean 'weak'?"


def test_a_pack_that_is_not_there_does_not_load(tmp_path: Path) -> None:
    """Also a folder that is no pack gives an issue, and no exception."""
    (issue,) = lint([tmp_path], TODAY).issues
    assert (issue.code, issue.line, issue.place) == ("CDX001", 0, str(tmp_path))


def test_what_a_pack_requires_is_loaded_and_not_judged(tmp_path: Path) -> None:
    """A required pack that ships or stands beside is context: its own issues are not told."""
    write_pack(tmp_path, lines("id: a.x, when: a_x, favors: weak", vocabulary=["idle"]), "below")
    above = extra_pack(
        tmp_path, {"findings/more.yaml": findings("later")}, "above", more="requires: [below]\n"
    )
    assert ids(lint([above], TODAY), "CDX010") == ["later"]


def test_required_packs_that_are_given_are_judged(tmp_path: Path) -> None:
    """A pack that is required and given is loaded once, and judged."""
    below = write_pack(
        tmp_path, lines("id: a.x, when: a_x, favors: weak", vocabulary=["idle"]), "below"
    )
    above = extra_pack(
        tmp_path, {"findings/more.yaml": findings("later")}, "above", more="requires: [below]\n"
    )
    assert ids(lint([below, above], TODAY), "CDX010") == ["later", "idle"]


def test_packs_that_require_each_other_are_told(tmp_path: Path) -> None:
    """A circle of packs ends, with an issue."""
    one = write_pack(tmp_path, {}, "one", more="requires: [two]\n")
    extra_pack(tmp_path, {}, "two", more="requires: [one]\n")
    assert ids(lint([one], TODAY), "CDX001") != []


def test_a_replaced_entry_is_not_judged(tmp_path: Path) -> None:
    """What a later pack replaced is out of force, under its own id or another."""
    below = write_pack(tmp_path, because("One. Two."), "below")
    line = cause("a", "id: a.y, when: a_x, favors: weak", more="replaces: a\nreason: Made anew.\n")
    above = extra_pack(tmp_path, {"causes/a.yaml": line}, "above")
    assert ids(lint([below, above], TODAY), "CDX050") == []


# --------------------------------------------------------------------------------------- silences


def silenced_by(*entries: str) -> Files:
    text = "".join(f"- {{{entry}}}\n" for entry in entries)
    return {**lines("id: a.x, when: a_x, favors: weak"), "lint.yaml": text}


SILENCE = "check: CDX031, entry: a, reason: It is being collected."


def test_a_silenced_issue_keeps_its_reason(tmp_path: Path) -> None:
    """An issue that is silenced is told apart, with the reason."""
    result = lint_files(tmp_path, silenced_by(SILENCE))
    (one,) = result.silenced
    assert (one.issue.code, one.issue.id, one.reason) == ("CDX031", "a", "It is being collected.")
    assert ids(result, "CDX031") == []


def test_a_silence_is_no_part_of_the_knowledge(tmp_path: Path) -> None:
    """Rules with and without silences are the same rules."""
    silent = KnowledgeBase.load(write_pack(tmp_path / "1", silenced_by(SILENCE)))
    assert silent.digest == KnowledgeBase.load(write_pack(tmp_path / "2", silenced_by())).digest


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("check: CDX999, entry: a, reason: So.", "CDX002"),
        ("check: CDX003, entry: a, reason: So.", "CDX002"),
        ("check: CDX031, entry: b, reason: So.", "CDX002"),
        ("check: CDX020, entry: a.x, reason: So.", "CDX003"),
        ("check: CDX031, entry: a, reason: ''", "CDX001"),
        ("check: CDX031, entry: a", "CDX001"),
        ("check: cdx31, entry: a, reason: So.", "CDX001"),
        ("check: CDX031, entry: a, reason: So., until: 2027-01-01", "CDX001"),
    ],
)
def test_a_silence_that_is_wrong_is_told(entry: str, expected: str, tmp_path: Path) -> None:
    """A silence of the unknown, of nothing, without a reason or of another form is an issue."""
    result = lint([write_pack(tmp_path, silenced_by(entry))], TODAY)
    (issue,) = [i for i in result.issues if i.code in ("CDX001", "CDX002", "CDX003")]
    assert issue.code == expected
    assert issue.file.endswith("/lint.yaml")


def test_a_silence_suggests_what_is_meant(tmp_path: Path) -> None:
    """A misspelt id or code is answered by the nearest one."""
    entries = ("check: CDX031, entry: a.xx, reason: So.", "check: CDX301, entry: a, reason: So.")
    result = lint_files(tmp_path, silenced_by(*entries))
    remedies = [i.remedy for i in result.issues if i.code == "CDX002"]
    assert remedies[0] == "did you mean 'a.x'?"
    assert remedies[1].startswith("did you mean 'CDX")


def test_a_check_that_did_not_run_leaves_its_silences_alone(tmp_path: Path) -> None:
    """With some codes selected, silences of the others are not idle."""
    pack = write_pack(tmp_path, silenced_by(SILENCE))
    assert lint([pack], TODAY, {"CDX020", "CDX003"}).issues == ()


def test_a_later_pack_silences_for_an_earlier_one(tmp_path: Path) -> None:
    """A silence holds for the whole stack."""
    below = write_pack(tmp_path, lines("id: a.x, when: a_x, favors: weak"), "below")
    above = extra_pack(tmp_path, {"lint.yaml": f"- {{{SILENCE}}}\n"}, "above")
    result = lint([below, above], TODAY)
    assert [one.issue.id for one in result.silenced] == ["a"]


def test_a_silence_that_only_a_later_pack_makes_idle_stays(tmp_path: Path) -> None:
    """A pack's silence holds where the pack stands alone, whatever is stacked on it."""
    silence = "- {check: CDX010, entry: unused, reason: So.}\n"
    files = lines("id: a.x, when: a_x, favors: weak", vocabulary=["unused"])
    below = write_pack(tmp_path, {**files, "lint.yaml": silence}, "below")
    uses = {"causes/b.yaml": cause("b", "id: b.x, when: unused, favors: weak")}
    above = extra_pack(tmp_path, uses, "above")
    assert ids(lint([below, above], TODAY), "CDX003") == []


@pytest.mark.parametrize("owner", ["cause", "test", ""])
def test_a_population_reads_what_it_is_limited_by(owner: str, tmp_path: Path) -> None:
    """Of a cause or of a test: a pack that says it does not use sex is told that it does."""
    limit = "population: {sex: female}"
    files = lines("id: a.x, when: a_x, favors: weak", more=f"{limit}\n" if owner == "cause" else "")
    test = "id: t, name: T, kind: blood, shows: [a_x], because: So., sources: [judgement]"
    files["tests.yaml"] = f"- {{{test}, {limit}}}\n" if owner == "test" else f"- {{{test}}}\n"
    said = [message for _, message in found(lint_files(tmp_path, files), "CDX061")]
    assert said == (["its rules read 'sex', and it says that they do not"] if owner else [])


# --------------------------------------------------------------------------------- what is shipped


@pytest.mark.parametrize("packs", [["article"], ["article", "extended"]], ids=" ".join)
def test_the_packs_that_ship_have_no_warning(packs: list[str]) -> None:
    """The linter finds nothing doubtful in what ships, on the day of its review."""
    warnings = [i for i in lint(packs, TODAY).issues if i.level.is_at_least(Level.WARNING)]
    assert warnings == []


def test_the_issues_are_in_the_order_of_their_places() -> None:
    """Issues are sorted by file, line and column."""
    issues = lint(["article"], TODAY).issues
    assert list(issues) == sorted(issues, key=LintIssue.order)
