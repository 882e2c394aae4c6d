"""The linter on the command line, and the forms of its result."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from packs import Ended, cause, findings, write_pack
from pydantic import TypeAdapter

from crampdx.authoring.lint import Level, LintIssue, LintResult
from crampdx.authoring.lint.linter import DEFECTS, SilencedIssue
from crampdx.authoring.lint.output import to_github, to_json, to_sarif, to_text

ISSUE = LintIssue(
    "CDX020",
    "pointless-line",
    Level.WARNING,
    "rules/own pack/a,b.yaml",
    7,
    3,
    "evidence",
    "a.x",
    "100 % of it",
    "take it out",
)
WHOLE_FILE = LintIssue(
    "CDX001", "does-not-load", Level.ERROR, "/srv/x.yaml", 0, 0, "", "", "not a\nregular file"
)
RESULT = LintResult((ISSUE, WHOLE_FILE), (SilencedIssue(ISSUE, "It is meant."),))


Run = Callable[..., Ended]


@pytest.fixture
def run(crampdx_run: Run) -> Run:
    """Run `crampdx lint`."""
    return partial(crampdx_run, "lint")


@pytest.fixture
def doubtful(tmp_path: Path) -> Path:
    """A pack with warnings alone."""
    files = {
        "findings/x.yaml": findings("x", "idle"),
        "causes/a.yaml": cause("a", "id: a.x, when: x, favors: weak", more="mimics: []\n"),
    }
    return write_pack(tmp_path, files)


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    """A pack that does not load."""
    return write_pack(tmp_path, {"causes/a.yaml": cause("a", "id: a.x, when: x, favors: weak")})


# ----------------------------------------------------------------------------------------- forms


def test_text_is_one_line_for_each_issue() -> None:
    """Text has place, level, code, what and next step on one line, and counts at the end."""
    assert to_text(RESULT).splitlines() == [
        "rules/own pack/a,b.yaml:7:3: warning CDX020 pointless-line:"
        " evidence 'a.x': 100 % of it; take it out",
        r"/srv/x.yaml: error CDX001 does-not-load: not a\nregular file",
        "1 error, 1 warning, 1 silenced",
    ]


def test_json_has_the_shape_of_the_result() -> None:
    """JSON makes the round trip to the result that it was written from."""
    assert TypeAdapter(LintResult).validate_json(to_json(RESULT)) == RESULT


def test_json_names_are_those_that_are_published() -> None:
    """The keys of JSON are those that the documentation names."""
    data = json.loads(to_json(RESULT))
    names = ["code", "name", "level", "file", "line", "column", "kind", "id", "message", "remedy"]
    assert list(data) == ["issues", "silenced"]
    assert list(data["issues"][0]) == names
    assert list(data["silenced"][0]) == ["issue", "reason"]


def sarif() -> dict[str, Any]:
    run: dict[str, Any] = json.loads(to_sarif(RESULT))["runs"][0]
    return run


def test_sarif_says_which_version_it_is() -> None:
    """A log of SARIF names its version and its schema."""
    log = json.loads(to_sarif(RESULT))
    assert log["version"] == "2.1.0"
    assert log["$schema"].endswith("/sarif-schema-2.1.0.json")
    assert len(log["runs"]) == 1


def test_sarif_knows_every_rule() -> None:
    """The driver lists each check, and a result points to its own by id and index."""
    rules = sarif()["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [defect.code for defect in DEFECTS]
    for result in sarif()["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]


def test_sarif_names_the_place() -> None:
    """A place is a URI with a region, and without one where a whole file is meant."""
    first, second, _ = (r["locations"][0]["physicalLocation"] for r in sarif()["results"])
    assert first == {
        "artifactLocation": {"uri": "rules/own%20pack/a%2Cb.yaml"},
        "region": {"startLine": 7, "startColumn": 3},
    }
    assert second == {"artifactLocation": {"uri": "file:///srv/x.yaml"}}


def test_sarif_has_what_is_silenced_as_suppressed() -> None:
    """A silenced issue is a result with the reason as its justification; no other has one."""
    assert [r["suppressions"] for r in sarif()["results"]] == [
        [],
        [],
        [{"kind": "external", "justification": "It is meant."}],
    ]


def test_github_commands_are_escaped() -> None:
    """What ends a property or a command is escaped in GitHub's way."""
    assert to_github(RESULT).splitlines() == [
        "::warning file=rules/own pack/a%2Cb.yaml,line=7,col=3,title=CDX020 pointless-line"
        "::evidence 'a.x': 100 %25 of it; take it out",
        "::error file=/srv/x.yaml,title=CDX001 does-not-load::not a%0Aregular file",
    ]


def test_nothing_found_is_said() -> None:
    """A result without issues is one line of text, and no command of GitHub."""
    assert to_text(LintResult(())) == "no issues\n"
    assert to_github(LintResult(())) == ""


# --------------------------------------------------------------------------------- command line


def test_warnings_do_not_fail(run: Run, doubtful: Path) -> None:
    """With warnings alone the exit status is 0."""
    ended = run(doubtful)
    assert (ended.status, ended.err) == (0, "")
    assert "CDX010 unused-finding: finding 'idle'" in ended.out


def test_warnings_fail_on_demand(run: Run, doubtful: Path) -> None:
    """With --fail-on warning a warning fails."""
    assert run(doubtful, "--fail-on", "warning").status == 1


def test_notes_never_fail(run: Run, doubtful: Path) -> None:
    """Without warnings --fail-on warning passes."""
    assert run(doubtful, "--select", "CDX033", "--fail-on", "warning").status == 0


def test_rules_that_do_not_load_fail(run: Run, broken: Path) -> None:
    """An error fails, whichever codes are selected, and its place is told."""
    ended = run(broken, "--select", "CDX010", "--ignore", "CDX001")
    assert ended.status == 1
    assert f"{broken}/causes/a.yaml:6:15: error CDX001" in ended.out


@pytest.mark.parametrize(
    ("options", "codes"),
    [
        (("--select", "CDX010"), {"CDX010"}),
        (("--select", "CDX010", "--select", "CDX031"), {"CDX010", "CDX031"}),
        (("--select", "CDX010", "--select", "CDX031", "--ignore", "CDX010"), {"CDX031"}),
    ],
)
def test_codes_are_selected_and_ignored(
    run: Run, options: tuple[str, ...], codes: set[str], doubtful: Path
) -> None:
    """Only what is selected and not ignored is told."""
    ended = run(doubtful, "-o", "json", *options)
    assert {issue["code"] for issue in json.loads(ended.out)["issues"]} == codes


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("/nowhere",), "'/nowhere' is neither a built-in pack nor a folder with a pack.yaml"),
        (("artcle",), "did you mean 'article'?"),
        (("--select", "CDX0100"), "no issue has the code 'CDX0100'; did you mean 'CDX010'?"),
        (("article", "--ignore", "all\n"), r"no issue has the code 'all\n'; docs/lint.md lists"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    run: Run, arguments: tuple[str, ...], message: str
) -> None:
    """A path that is not there and a code that is none are answered with status 2 and one line."""
    ended = run(*arguments)
    assert (ended.status, ended.out, ended.err.count("\n")) == (2, "", 1)
    assert message in ended.err


def test_a_folder_is_not_taken_for_a_pack_that_ships(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A path leads to the folder also where a pack of its name ships."""
    write_pack(tmp_path, {"findings/x.yaml": findings("idle")}, "article")
    monkeypatch.chdir(tmp_path)
    assert "article/findings/x.yaml:1:" in run("./article").out


def test_the_day_can_be_given(run: Run, doubtful: Path) -> None:
    """Review dates are compared with the day that is given."""
    assert "CDX060" not in run(doubtful, "--today", "2026-06-01").out
    assert "CDX060" in run(doubtful, "--today", "2030-01-01").out


@pytest.mark.parametrize("form", ["text", "json", "sarif", "github"])
def test_each_form_is_the_same_each_time(run: Run, form: str) -> None:
    """The same rules on the same day give the same bytes."""
    arguments = ("article", "-o", form, "--today", "2026-11-23")
    assert run(*arguments) == run(*arguments)
