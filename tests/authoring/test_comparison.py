"""What changed between two sets of rules, how they are named, and which cases change."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest
from packs import cause, extra_pack, findings, git, pack_yaml, write_pack

import crampdx
from crampdx import KnowledgeBase
from crampdx.authoring.comparison.changes import EntryChange, FieldChange, compare
from crampdx.authoring.comparison.effects import Shift, shifts
from crampdx.authoring.comparison.rule_sets import RuleSetNotFound, open_rule_set

CASE = "- {{name: {name}, diagnosis: [one], record: {{findings: {{a: true, b: true}}}}}}\n"

FILES = {
    "findings/all.yaml": findings("a", "b", "c"),
    "causes/one.yaml": cause("one", "id: one.a, when: a, favors: moderate"),
    "causes/two.yaml": cause("two", "id: two.b, when: b, favors: weak"),
}


def written(folder: Path, *edits: tuple[str, str, str], **more: str) -> Path:
    """The pack below a folder, with texts of its files replaced and files added."""
    files = {**FILES, **{path.replace("__", "/") + ".yaml": text for path, text in more.items()}}
    for path, old, new in edits:
        assert old in files[path]
        files[path] = files[path].replace(old, new)
    return write_pack(folder, files)


def difference(folder: Path, *edits: tuple[str, str, str], **more: str):
    """What edits of the pack change."""
    old = KnowledgeBase.load(written(folder / "old"))
    return compare(old, KnowledgeBase.load(written(folder / "new", *edits, **more)))


def only_change(*arguments, **more) -> EntryChange:
    (change,) = difference(*arguments, **more).entries
    return change


# ------------------------------------------------------------------------------ what is a change

ONE, TWO, FOUND = "causes/one.yaml", "causes/two.yaml", "findings/all.yaml"


def test_a_changed_strength_is_a_change_of_its_line(tmp_path):
    """The field that changed is told, from what to what."""
    change = only_change(tmp_path, (ONE, "favors: moderate", "favors: strong"))
    assert (change.kind, change.id) == ("evidence", "one.a")
    assert change.fields == (FieldChange("favors", ("moderate",), ("strong",)),)
    assert not change.is_wording


def test_a_changed_criterion_is_told_in_words(tmp_path):
    """Criteria are told with the names of findings."""
    change = only_change(tmp_path, (ONE, "when: a", "when: {any: [a, {absent: c}]}"))
    assert change.fields == (FieldChange("when", ('"a"',), ('"a" or no "c"',)),)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("a", "{any: [a]}"),
        ("{all: [a, c]}", "{all: [c, a]}"),
        ("{any: [a, c]}", "{at_least: 1, of: [c, a]}"),
        ("{all: [a, {any: [b, c]}]}", "{any: [{all: [a, b]}, {all: [c, a]}]}"),
    ],
)
def test_a_criterion_written_in_another_way_is_no_change(tmp_path, first, second):
    """What is true, false and unknown of the same records means the same."""
    cluster = (TWO, "when: b", "when: c")
    old, new = (
        KnowledgeBase.load(written(tmp_path / name, (ONE, "when: a", f"when: {when}"), cluster))
        for name, when in (("old", first), ("new", second))
    )
    assert not compare(old, new)


def test_a_part_that_a_shorter_one_covers_is_a_change(tmp_path):
    """A finding that a criterion asks for besides is shown as missing, and so it is told."""
    assert difference(tmp_path, (ONE, "when: a", "when: {any: [a, {all: [a, c]}]}"))


def test_findings_of_one_name_are_told_apart(tmp_path):
    """Where words are alike, what the rule file says is told."""
    alike = (FOUND, "name: c", "name: a")
    old = KnowledgeBase.load(written(tmp_path / "old", alike))
    new = KnowledgeBase.load(written(tmp_path / "new", alike, (ONE, "when: a", "when: c")))
    (change,) = compare(old, new).entries
    assert change.fields == (FieldChange("when", ('"a"',), ('"c"',)),)


def test_a_changed_sentence_is_a_change_of_wording(tmp_path):
    """What is only said to people is told apart from what answers depend on."""
    assert only_change(tmp_path, (ONE, "It is so.", "It is that.")).is_wording


def test_layout_and_comments_are_no_change(tmp_path):
    """Comments, blank lines, quotes and the order of keys mean nothing."""
    edits = (
        (ONE, "id: one\nname: one\n", "# one\nname: 'one'\n\nid: one\n"),
        (FOUND, "{id: a, name: a,", "{name: a, id: a,"),
    )
    assert not difference(tmp_path, *edits)


def test_a_new_cause_and_its_lines_are_added(tmp_path):
    """A line is an entry of its own; it says of what it is, and when it counts."""
    changes = difference(
        tmp_path, causes__three=cause("three", "id: three.c, when: c, opposes: weak")
    ).entries
    assert [(c.kind, c.id, c.before, c.after) for c in changes] == [
        ("cause", "three", None, "three"),
        ("evidence", "three.c", None, 'of cause three; opposes weak; when "c"'),
    ]


def test_of_a_list_only_what_went_or_came_is_told(tmp_path):
    """The parts of a list that stay are not repeated."""
    was = "kind: sign, sources: [judgement]}\n- {id: b"
    old = (FOUND, was, was.replace("sign,", "sign, synonyms: [x, y],"))
    new = (FOUND, was, was.replace("sign,", "sign, synonyms: [z, y],"))
    before, after = (
        KnowledgeBase.load(written(tmp_path / str(n), edit)) for n, edit in enumerate((old, new))
    )
    (change,) = compare(before, after).entries
    assert change.fields == (FieldChange("synonyms", ("x",), ("z",)),)


def test_sources_and_packs_are_entries_of_their_own(tmp_path):
    """The text of a source, and the version of a pack, are told as such."""
    old = KnowledgeBase.load(written(tmp_path / "old"))
    folder = written(tmp_path / "new")
    for name, before, after in (
        ("sources.yaml", "A trial", "Another trial"),
        ("pack.yaml", "version: 1.0.0", "version: 1.1.0"),
    ):
        file = folder / name
        file.write_text(file.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")
    changes = compare(old, KnowledgeBase.load(folder)).entries
    assert [(c.kind, c.id) for c in changes] == [("pack", "own"), ("source", "trial")]


def test_codes_are_added_and_removed(tmp_path):
    """A code with another match is another code."""
    old, new = written(tmp_path / "old"), written(tmp_path / "new")
    for folder, match in ((old, "exact"), (new, "narrower")):
        (folder / "codes").mkdir()
        (folder / "codes" / "x.csv").write_text(
            f"system,code,match,finding,display\nHPO,HP:0000001,{match},a,A\n", encoding="utf-8"
        )
    found = compare(KnowledgeBase.load(old), KnowledgeBase.load(new))
    assert [str(code.match) for code in found.codes_removed] == ["exact"]
    assert [str(code.match) for code in found.codes_added] == ["narrower"]
    assert found.entries == ()


# ---------------------------------------------------------------------------------- what it does


def test_shifts_tell_ranks_bands_treatments_and_the_lane():
    """Of two answers, what the second says otherwise, with what the first said."""
    old = crampdx.assess({"age": 50})
    new = crampdx.assess({"age": 50, "findings": {"hypokalemia": True}})
    found = {(s.aspect, s.id): (s.before, s.after) for s in shifts(old, new)}
    assert found["conclusion", "conclusion"] == ("not enough to rank", "ranked")
    assert found["rank", "hypokalemia"] == (None, "1")
    assert found["band", "hypokalemia"] == (None, "leading")
    assert found["do_not_miss", "hypokalemia"] == (None, "in the lane")
    assert any(aspect == "treatment" for aspect, _ in found)


def test_an_inverse_shift_goes_back():
    """Before and after change places."""
    assert Shift("rank", "x", "1", None).inverse() == Shift("rank", "x", None, "1")


# ------------------------------------------------------------------------------ naming the sides


def stack_of(text, folder, *base):
    with open_rule_set(text, base, folder) as rules:
        return rules.stack


def test_a_pack_that_ships_is_named(tmp_path):
    """A name stands for the pack and what it requires."""
    assert stack_of("article", tmp_path) == ("article",)


def test_a_folder_of_a_pack_is_that_pack(tmp_path):
    """The folder, itself or as the current one."""
    pack = written(tmp_path)
    assert stack_of("own", tmp_path) == stack_of(".", pack) == (pack.resolve(),)


def test_what_a_pack_requires_is_taken_from_beside_it(tmp_path):
    """A required pack beside is preferred to one that ships."""
    write_pack(tmp_path, {**FILES, "pack.yaml": pack_yaml("article")}, "article")
    extra_pack(tmp_path, {}, "later", more="requires: [article]\n")
    assert stack_of("later", tmp_path) == (tmp_path / "article", tmp_path / "later")


def test_a_base_stands_instead_of_what_is_required(tmp_path):
    """With a base, the stack is just the base and the pack."""
    extra_pack(tmp_path, {}, "later", more="requires: [article]\n")
    written(tmp_path)
    assert stack_of("later", tmp_path, "own") == (tmp_path / "own", tmp_path / "later")


def test_a_folder_that_holds_packs_gives_those_loaded_by_default(tmp_path):
    """A checkout, or its folder of rules; other packs in it are left out."""
    write_pack(tmp_path / "rules", {"pack.yaml": pack_yaml("article")}, "article")
    written(tmp_path / "rules")
    expected = (tmp_path / "rules" / "article",)
    assert stack_of(".", tmp_path) == stack_of("rules", tmp_path) == expected


def test_several_packs_of_which_none_is_a_default_need_a_choice(tmp_path):
    """The packs to choose from are named."""
    written(tmp_path / "rules")
    extra_pack(tmp_path / "rules", {}, "later")
    with pytest.raises(RuleSetNotFound, match="name one: later, own"):
        stack_of("rules", tmp_path)


def test_packs_that_require_each_other_end(tmp_path):
    """A circle of requirements does not go on for ever."""
    extra_pack(tmp_path, {}, "x", more="requires: [y]\n")
    extra_pack(tmp_path, {}, "y", more="requires: [x]\n")
    assert set(stack_of("x", tmp_path)) == {tmp_path / "x", tmp_path / "y"}


@pytest.mark.parametrize("text", ["", ":", "-x", "no\0thing", "a" * 5000, "HEAD:/etc", "x:../y"])
def test_what_stands_for_nothing_is_one_line(tmp_path, text):
    """Names that mean nothing, hostile ones too, are refused in one short line."""
    with pytest.raises(RuleSetNotFound) as refusal:
        stack_of(text, tmp_path)
    assert "\n" not in str(refusal.value)
    assert len(str(refusal.value)) < 500


# ------------------------------------------------------------------------------- the command line


@pytest.fixture
def run(crampdx_run, tmp_path, monkeypatch):
    """Run `crampdx diff` in a folder."""
    monkeypatch.chdir(tmp_path)
    return partial(crampdx_run, "diff")


STRONGER = (TWO, "favors: weak", "favors: strong")


@pytest.fixture
def sides(tmp_path):
    """Two versions of a pack; the new one has a case that changes."""
    written(tmp_path / "old")
    new = written(tmp_path / "new", STRONGER)
    (new / "some.case.yaml").write_text(CASE.format(name="both"), encoding="utf-8")
    return "old/own", "new/own"


def test_text_tells_rules_and_cases(run, sides):
    """Both folders are compared, with the cases of the new one."""
    status, out, err = run(*sides)
    assert (status, err) == (0, "")
    assert "Rules: 1 entry changed in meaning." in out
    assert "Cases: 1 of 1 change: 1 in rank, 1 in band, 1 in unexplained." in out
    assert "both (new/own/some.case.yaml:1)" in out
    assert "rank of one: 1 → 2" in out
    assert "favors: weak → strong" in out


def test_markdown_folds_the_details(run, sides):
    """The summary stands open, each section under it is folded."""
    out = run(*sides, "-o", "markdown")[1]
    assert out.startswith("# Rules from `old/own` to `new/own`\n")
    assert out.count("<details>") == out.count("</details>") == 2
    assert out.index("Cases: 1 of 1 change") < out.index("<details>")


def test_text_of_rules_cannot_break_out_of_the_markdown(run, sides, tmp_path):
    """Names from rule files and cases are escaped."""
    file = tmp_path / "new" / "own" / "causes" / "evil.yaml"
    text = cause("evil", "id: evil.c, when: c, favors: weak")
    file.write_text(text.replace("name: evil", 'name: "</details><b>x"'), encoding="utf-8")
    out = run(*sides, "-o", "markdown")[1]
    assert "<b>" not in out
    assert out.count("</details>") == out.count("<details>") == 3


def test_json_has_all(run, sides):
    """JSON has each change and each shift."""
    data = json.loads(run(*sides, "-o", "json")[1])
    assert [entry["id"] for entry in data["entries"]] == ["two.b"]
    assert data["entries"][0]["fields"] == [
        {"field": "favors", "removed": ["weak"], "added": ["strong"]}
    ]
    (changed,) = data["cases"]["changed"]
    assert {"aspect": "rank", "id": "two", "before": "2", "after": "1"} in changed["shifts"]


@pytest.mark.parametrize(("other", "status"), [("old/own", 0), ("new/own", 1)])
def test_exit_code_tells_whether_anything_differs(run, sides, other, status):
    """With --exit-code the status is 1 if anything differs, else 0."""
    assert run("old/own", other, "--exit-code")[0] == status


def test_cases_may_stand_elsewhere(run, sides, tmp_path):
    """With --cases, those cases are compared and no others."""
    (tmp_path / "mine.case.yaml").write_text(CASE.format(name="mine"), encoding="utf-8")
    data = json.loads(run(*sides, "--cases", "mine.case.yaml", "-o", "json")[1])
    assert [case["name"] for case in data["cases"]["changed"]] == ["mine"]


def test_a_case_may_expect_what_only_the_old_rules_have(run, sides, tmp_path):
    """A case about a cause that went is compared all the same."""
    (tmp_path / "new" / "own" / "causes" / "one.yaml").unlink()
    status, out, _ = run(*sides)
    assert status == 0
    assert "rank of one: 1 → none" in out


def test_revisions_are_compared(run, tmp_path):
    """A revision alone, a folder of one, and the folder as it is now are one another's like."""
    pack = written(tmp_path / "rules")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "first")
    file = pack / TWO
    file.write_text(
        file.read_text(encoding="utf-8").replace("favors: weak", "favors: strong"), encoding="utf-8"
    )
    for sides in (("HEAD", "."), ("HEAD:rules/own", "rules/own"), ("HEAD:rules", "rules")):
        data = json.loads(run(*sides, "-o", "json")[1])
        assert [entry["id"] for entry in data["entries"]] == ["two.b"]
    assert run("HEAD", "HEAD", "--exit-code")[0] == 0


def expecting(name: str, expect: str) -> str:
    """A case file of one case."""
    return f"- {{name: {name}, record: {{findings: {{a: true}}}}, expect: {{{expect}}}}}\n"


@pytest.fixture
def stacked(tmp_path):
    """Three packs in a repository; the case of each names a line that a later one replaces."""
    rules = tmp_path / "rules"
    low = write_pack(rules, FILES, "low")
    replacing = "extends: one\nevidence:\n  - {{id: {}, replaces: {}, reason: So it is.,"
    replacing += " when: a, favors: {}, because: It is so., sources: [judgement]}}\n"
    mid = extra_pack(
        rules,
        {"causes/one.yaml": replacing.format("one.mid", "one.a", "strong")},
        "mid",
        more="requires: [low]\n",
    )
    top = extra_pack(
        rules,
        {"causes/one.yaml": replacing.format("one.top", "one.mid", "weak")},
        "top",
        more="requires: [mid]\n",
    )
    for pack, line in ((low, "one.a"), (mid, "one.mid"), (top, "one.top")):
        file = pack / "cases" / "one.case.yaml"
        file.parent.mkdir()
        file.write_text(expecting(f"Of {pack.name}", f"fired: [{line}]"), encoding="utf-8")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "first")
    file = top / "causes" / "one.yaml"
    changed = file.read_text(encoding="utf-8").replace("favors: weak", "favors: moderate")
    file.write_text(changed, encoding="utf-8")
    return rules


@pytest.mark.parametrize(
    ("sides", "cases"),
    [
        (("HEAD:rules/top", "rules/top"), 3),
        (("HEAD:rules/top", "rules/top", "--base", "rules/low", "--base", "rules/mid"), 3),
        (("HEAD:rules/mid", "rules/mid"), 2),
    ],
)
def test_cases_of_stacked_packs_may_name_what_a_later_one_replaced(run, stacked, sides, cases):
    """Each case is about its own pack; compared are records, whatever is expected of them."""
    ended = run(*sides, "-o", "json")
    assert (ended.status, ended.err) == (0, "")
    found = json.loads(ended.out)
    assert found["cases"]["compared"] == cases


def test_the_line_that_changed_in_the_upper_pack_shows_in_all_cases(run, stacked):
    """The records of the lower packs are assessed by the whole stack too."""
    found = json.loads(run("HEAD:rules/top", "rules/top", "-o", "json").out)
    assert [entry["id"] for entry in found["entries"]] == ["one.top"]
    changed = {case["name"] for case in found["cases"]["changed"]}
    assert changed == {"Of low", "Of mid", "Of top"}


def test_a_repository_that_is_a_pack_is_compared(run, tmp_path, monkeypatch):
    """In the repository of one pack, a revision and the current folder are that pack."""
    pack = written(tmp_path)
    git(pack, "init", "-q")
    git(pack, "add", ".")
    git(pack, "commit", "-q", "-m", "first")
    (pack / "some.case.yaml").write_text(CASE.format(name="both"), encoding="utf-8")
    monkeypatch.chdir(pack)
    status, out, _ = run("HEAD", ".")
    assert status == 0
    assert "nothing changes in meaning" in out
    assert "0 of 1 change" in out


def test_faults_of_a_revision_are_told_with_its_name(run, tmp_path):
    """Rules of a revision that do not load are named by revision and file."""
    pack = written(tmp_path / "rules")
    (pack / "causes" / "bad.yaml").write_text("id: [\n", encoding="utf-8")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "first")
    status, _, err = run("HEAD:rules/own", "article")
    assert status == 1
    assert "HEAD:rules/own/causes/bad.yaml:" in err


@pytest.mark.parametrize(
    "sides", [("no_such_pack", "article"), ("article", "HEAD:nowhere"), ("article", "nowhere/x")]
)
def test_what_is_not_there_is_a_usage_error(run, sides):
    """One line says so, and the exit status is 2."""
    status, out, err = run(*sides)
    assert (status, out) == (2, "")
    assert err.count("\n") == 1


def test_cases_that_are_not_there_are_a_usage_error(run):
    """A path without case files ends with status 2."""
    assert run("article", "article", "--cases", "nowhere")[0] == 2
