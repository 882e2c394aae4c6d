"""Changed rules: which there are, which cases notice them, and how it is shown."""

from __future__ import annotations

import json
from functools import partial

import pytest
from packs import cause, findings, git, write_pack

from crampdx import KnowledgeBase
from crampdx.authoring.cases.reading import read_cases
from crampdx.authoring.git_revisions import NotInRevision, RevisionError, checked_out
from crampdx.authoring.mutation import (
    DEFAULT_OPERATORS,
    Mutation,
    Operator,
    RuleKey,
    changed_rules,
    changed_since,
    failing_cases,
    mutants,
    mutated,
    run_mutants,
    sample,
)
from crampdx.authoring.mutation.report import as_json, mutation_blocks
from crampdx.errors import CrampdxError
from crampdx.outputs.terminal import text_of

POTASSIUM = """\
- id: low
  name: Low potassium
  kind: laboratory
  shown_by:
    - {measurement: potassium, unit: mmol/L, plausible: {from: 1, up_to: 10},
       present: {below: 3.5}, absent: {from: 3.5}}
  because: It is so.
  sources: [judgement]
"""

FILES = {
    "findings/all.yaml": findings("x", "y") + POTASSIUM,
    "causes/a.yaml": cause("a", "id: a.x, when: {all: [x, y]}, favors: strong"),
}


def load(folder, files=FILES):
    return KnowledgeBase.load(write_pack(folder, files))


def changes(knowledge, rule):
    """The changes of a rule as (operator, where, before, after)."""
    return {
        tuple(map(str, mutant.change[:4]))
        for mutant in mutants(knowledge)
        if mutant.rule.id == rule
    }


def read(folder, knowledge, text):
    path = folder / "all.case.yaml"
    path.write_text(text, encoding="utf-8")
    return read_cases([path], knowledge)


def survivors(knowledge, cases, rule, **more):
    found = [mutant for mutant in sample(knowledge, **more) if mutant.rule.id == rule]
    results = run_mutants(knowledge, cases, found)
    return {tuple(map(str, one.mutant.change[:4])) for one in results if one.killed_by is None}


# -------------------------------------------------------------------------------- what is changed


def test_a_line_of_evidence_is_changed_in_each_way(tmp_path):
    """Strength, direction, every part of its condition, and whether it is there."""
    assert changes(load(tmp_path), "a.x") == {
        ("strength", "", "favors: strong", "favors: moderate"),
        ("strength", "", "favors: strong", "favors: confirms"),
        ("direction", "", "favors: strong", "opposes: strong"),
        ("quantifier", "when", "{all: [x, y]}", "{any: [x, y]}"),
        ("negation", "when.all[0]", "x", "{absent: x}"),
        ("negation", "when.all[1]", "y", "{absent: y}"),
        ("part", "when.all[0]", "x", "(dropped)"),
        ("part", "when.all[1]", "y", "(dropped)"),
        ("rule", "", "a.x", "(dropped)"),
    }


@pytest.mark.parametrize(
    ("weight", "expected"),
    [
        ("opposes: rules_out", {"opposes: strong", "favors: confirms"}),
        ("favors: weak", {"favors: moderate", "opposes: weak"}),
        ("lr: 4, sources: [trial]", {"lr: 8", "lr: 2", "lr: 0.25"}),
        ("lr: 800, sources: [trial]", {"lr: 400", "lr: 0.00125"}),
    ],
)
def test_a_weight_changes_by_a_step_and_turns(tmp_path, weight, expected):
    """One step up and one down on its scale, a ratio by two, and the other direction."""
    line = cause("a", f"id: a.x, when: x, {weight}")
    if "sources" in weight:
        line = line.replace(
            "sources: [trial], because: It is so., sources: [judgement]",
            "sources: [trial], because: It is so.",
        )
    knowledge = load(tmp_path, {**FILES, "causes/a.yaml": line})
    weights = {
        mutant.change.after
        for mutant in mutants(knowledge)
        if mutant.change.operator in {Operator.STRENGTH, Operator.DIRECTION}
    }
    assert weights == expected


def test_a_limit_moves_with_its_neighbor_and_turns(tmp_path):
    """Present and absent stay apart; the words say which value tells."""
    found = {
        mutant.change.after: mutant.change.shows
        for mutant in mutants(load(tmp_path))
        if mutant.change.operator is Operator.THRESHOLD
    }
    assert set(found) == {
        "present when below 3.6; absent when 3.6 or more",
        "present when below 3.4; absent when 3.4 or more",
        "present when up to 3.5; absent when above 3.5",
    }
    assert found["present when below 3.4; absent when 3.4 or more"] == (
        "a case with a value of 3.4 mmol/L: 'low' is present there (with the change: absent)"
    )


def test_what_no_record_can_tell_apart_is_no_mutant(tmp_path):
    """A part that another part implies can be dropped without a difference."""
    child = "- {id: child, name: c, kind: sign, implies: [x], because: So., sources: [judgement]}\n"
    files = {
        "findings/all.yaml": findings("x", "y") + child,
        "causes/a.yaml": cause("a", "id: a.x, when: {all: [child, x]}, favors: weak"),
    }
    found = changes(load(tmp_path, files), "a.x")
    assert ("part", "when.all[0]", "child", "(dropped)") in found
    assert ("part", "when.all[1]", "x", "(dropped)") not in found


def test_evidence_that_the_complaint_alone_makes_true_is_no_mutant(tmp_path):
    """It would not load."""
    knowledge = KnowledgeBase.load(write_pack(tmp_path, FILES, more="complaint: x\n"))
    found = {change[:3] for change in changes(knowledge, "a.x")}
    assert ("part", "when.all[1]", "y") not in found
    assert ("part", "when.all[0]", "x") in found


def test_every_mutant_is_another_knowledge_base(tmp_path):
    """Each differs from what it was, and no two from each other, by what they say."""
    knowledge = load(tmp_path)
    found = list(mutants(knowledge))
    digests = {mutated(knowledge, mutant).digest for mutant in found}
    assert len(digests | {knowledge.digest}) == len(found) + 1
    assert len({mutant.digest for mutant in found}) == len(found)


def test_the_article_has_mutants_of_every_operator_but_those_it_has_no_rules_for():
    """The operators reach the rules that there are."""
    found = {mutant.change.operator for mutant in mutants(KnowledgeBase.load("article"))}
    assert found >= DEFAULT_OPERATORS - {Operator.BECAUSE_OF}


# ---------------------------------------------------------------------------------- what is noticed

FULL = """\
- {name: Both, record: {findings: {x: true, y: true}}, expect: {score: {a: 7}}}
- {name: One, record: {findings: {x: true}}, expect: {undecided: [a.x]}}
- {name: Other, record: {findings: {y: true}}, expect: {undecided: [a.x]}}
"""


def test_cases_that_tell_a_rule_in_full_notice_every_change(tmp_path):
    """Its score where it is true, and each part alone."""
    knowledge = load(tmp_path)
    assert survivors(knowledge, read(tmp_path, knowledge, FULL), "a.x") == set()


def test_a_case_that_expects_little_notices_little(tmp_path):
    """Who only expects a candidate notices neither the strength nor a dropped part."""
    knowledge = load(tmp_path)
    text = "- {name: Both, record: {findings: {x: true, y: true}}, expect: {candidates: [a]}}\n"
    assert survivors(knowledge, read(tmp_path, knowledge, text), "a.x") == {
        ("strength", "", "favors: strong", "favors: moderate"),
        ("strength", "", "favors: strong", "favors: confirms"),
        ("quantifier", "when", "{all: [x, y]}", "{any: [x, y]}"),
        ("part", "when.all[0]", "x", "(dropped)"),
        ("part", "when.all[1]", "y", "(dropped)"),
    }


def test_a_case_that_names_a_dropped_rule_notices_it(tmp_path):
    """It would not load any more."""
    knowledge = load(tmp_path)
    text = "- {name: None, record: {findings: {x: false}}, expect: {not_fired: [a.x]}}\n"
    dropped = ("rule", "", "a.x", "(dropped)")
    assert dropped not in survivors(knowledge, read(tmp_path, knowledge, text), "a.x")


ANY = {
    "findings/all.yaml": findings("x", "y"),
    "causes/a.yaml": cause("a", "id: a.x, when: {any: [x, y]}, favors: strong"),
    "tests.yaml": "- {id: t, name: T, kind: blood, shows: [x, y], because: So, sources: [trial]}\n",
}


@pytest.mark.parametrize(
    ("record", "expect", "noticed"),
    [
        ("{age: 50}", "{tests: [t]}", ("rule", "", "a.x", "(dropped)")),
        ("{age: 50}", "{tests: [t]}", ("rule", "", "t", "(dropped)")),
        ("{findings: {x: false}}", "{tests: [t]}", ("shows", "shows", "y", "(dropped)")),
        (
            "{findings: {x: true, y: true}}",
            "{explained: [y]}",
            ("part", "when.any[1]", "y", "(dropped)"),
        ),
    ],
)
def test_a_change_is_noticed_beyond_the_verdict(tmp_path, record, expect, noticed):
    """What is tested and what is explained rests on rules whose verdict stays the same."""
    knowledge = load(tmp_path, ANY)
    cases = read(tmp_path, knowledge, f"- {{name: One, record: {record}, expect: {expect}}}\n")
    results = run_mutants(knowledge, cases, sample(knowledge))
    found = {tuple(map(str, r.mutant.change[:4])): r.killed_by is not None for r in results}
    assert found[noticed]


@pytest.mark.parametrize(
    ("values", "left"),
    [
        ((3.4, 3.5), set()),
        ((3.5,), {"present when below 3.4; absent when 3.4 or more"}),
        (
            (2, 6),
            {
                "present when below 3.6; absent when 3.6 or more",
                "present when below 3.4; absent when 3.4 or more",
                "present when up to 3.5; absent when above 3.5",
            },
        ),
    ],
)
def test_a_limit_is_killed_by_values_at_it(tmp_path, values, left):
    """On the limit, and next to it."""
    knowledge = load(tmp_path)
    states = {True: "present", False: "absent"}
    text = "".join(
        f"- name: Value {value}\n  expect: {{findings: {{low: {states[value < 3.5]}}}}}\n"
        f"  record: {{measurements: [{{id: potassium, value: {value}, unit: mmol/L}}]}}\n"
        for value in values
    )
    found = survivors(
        knowledge, read(tmp_path, knowledge, text), "low", operators=[Operator.THRESHOLD]
    )
    assert {after for *_, after in found} == left


def test_a_case_that_fails_already_is_found(tmp_path):
    """A case that does not hold says nothing of a change."""
    knowledge = load(tmp_path)
    text = FULL + "- {name: Wrong, record: {}, expect: {fired: [a.x]}}\n"
    found = failing_cases(knowledge, read(tmp_path, knowledge, text))
    assert [located.case.name for located in found] == ["Wrong"]


def test_several_processes_find_what_one_finds(tmp_path):
    """The outcome and its order do not hang on the number of processes."""
    knowledge = load(tmp_path)
    cases = read(tmp_path, knowledge, FULL)
    found = sample(knowledge)
    assert len(found) > 8
    assert [*run_mutants(knowledge, cases, found, 2)] == [*run_mutants(knowledge, cases, found, 1)]


def test_a_sample_is_always_the_same_and_in_order(tmp_path):
    """Fewer mutants are some of all of them, in the same order."""
    knowledge = load(tmp_path)
    every = sample(knowledge)
    some = sample(knowledge, at_most=5)
    assert len(some) == 5
    assert some == [mutant for mutant in every if mutant in some]


# ------------------------------------------------------------------------------------- showing it


def outcome(folder):
    knowledge = load(folder)
    cases = read(folder, knowledge, FULL)
    return Mutation(len(cases), tuple(run_mutants(knowledge, cases, sample(knowledge))))


def test_the_text_says_what_a_case_would_have_to_show(tmp_path):
    """A survivor stands there with its place, its change, and what is needed."""
    text = text_of(mutation_blocks(outcome(tmp_path)), width=100)
    assert "present when up to 3.5; absent when above 3.5" in " ".join(text.split())
    assert "needs a case with a value of 3.5 mmol/L: 'low' is absent there" in text
    assert "3 cases notice" in text


def test_the_json_has_every_survivor(tmp_path):
    """The sums, and each survivor with its place."""
    found = as_json(outcome(tmp_path))
    json.dumps(found)
    assert found["mutants"] - found["noticed"] == len(found["survivors"])
    first = next(entry for entry in found["survivors"] if entry["operator"] == "threshold")
    assert (first["kind"], first["id"], first["line"]) == ("finding", "low", 3)


# -------------------------------------------------------------------------------- git revisions


@pytest.fixture
def repository(tmp_path):
    """A repository with a pack whose cause was changed after the commit."""
    pack = write_pack(tmp_path, FILES)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "first")
    file = pack / "causes" / "a.yaml"
    text = file.read_text(encoding="utf-8").replace("favors: strong", "favors: weak")
    file.write_text("# a comment\n" + text, encoding="utf-8")
    return pack


def test_a_folder_is_given_as_it_was(repository):
    """The files of the revision, in a folder of the same name that is gone afterwards."""
    with checked_out("HEAD", repository) as folder:
        assert folder.name == repository.name
        assert "favors: strong" in (folder / "causes" / "a.yaml").read_text(encoding="utf-8")
    assert not folder.exists()


@pytest.mark.parametrize("revision", ["", "-x", "--output=/x", "nowhere", "HEAD\0", "HEAD..HEAD"])
def test_what_is_no_revision_is_refused_in_one_line(repository, revision):
    """Whatever it holds, git is not handed an option."""
    with pytest.raises(RevisionError) as refusal, checked_out(revision, repository):
        pass
    assert "\n" not in str(refusal.value)


def test_a_folder_that_is_new_is_told_from_a_revision_that_is_not_there(repository):
    """A pack added since the revision has its own error."""
    new = write_pack(repository.parent, FILES, "new")
    with pytest.raises(NotInRevision), checked_out("HEAD", new):
        pass


def test_without_repository_or_git_it_is_said(tmp_path, monkeypatch):
    """A folder outside of git, and a machine without it."""
    with pytest.raises(RevisionError, match="not inside a git"), checked_out("HEAD", tmp_path):
        pass
    monkeypatch.setenv("PATH", "")
    with pytest.raises(CrampdxError, match="not installed"), checked_out("HEAD", tmp_path):
        pass


def test_only_rules_that_say_something_else_are_changed(repository):
    """Neither a comment nor the other rules of the file count."""
    knowledge = KnowledgeBase.load(repository)
    assert changed_since("HEAD", [repository], knowledge) == {RuleKey("evidence", "a.x")}


def test_all_rules_of_a_new_pack_are_changed(repository):
    """What was not there before is new."""
    new = write_pack(repository.parent, FILES, "new")
    knowledge = KnowledgeBase.load(new)
    assert {key.id for key in changed_since("HEAD", [new], knowledge)} >= {"a", "a.x", "low"}


def test_a_cause_is_not_changed_by_its_lines(tmp_path):
    """Each line is a rule of its own."""
    one = load(tmp_path / "one")
    other = cause("a", "id: a.x, when: x, favors: weak", "id: a.y, when: y, favors: weak")
    two = load(tmp_path / "two", {**FILES, "causes/a.yaml": other})
    assert {key.id for key in changed_rules(one, two)} == {"a.x", "a.y"}


# -------------------------------------------------------------------------------- the command line


@pytest.fixture
def run(crampdx_run):
    """Run `crampdx mutate` in one process."""
    return partial(crampdx_run, "mutate", "--jobs", 1)


@pytest.fixture
def pack(tmp_path):
    """The path of a pack with cases."""
    path = write_pack(tmp_path, FILES)
    (path / "all.case.yaml").write_text(FULL, encoding="utf-8")
    return str(path)


def test_the_command_counts_and_shows_survivors(pack, run):
    """By default every operator that a case can notice is used."""
    ended = run("--pack", pack, "--output", "json")
    assert ended.status == 0
    found = json.loads(ended.out)
    assert found["cases"] == 3
    assert found["operators"]["strength"] == {"mutants": 2, "noticed": 2}


def test_below_the_threshold_the_status_is_1(pack, run):
    """No case has a value at the limit."""
    ended = run("--pack", pack, "--operators", "threshold", "--fail-under", 1)
    assert ended.status == 1
    assert "0.0 % of the mutants are noticed, fewer than 1 %" in ended.err


def test_nothing_changed_since_the_revision_is_in_order(repository, run):
    """With --since, rules that say the same are left alone."""
    (repository / "all.case.yaml").write_text(FULL.replace("a: 7", "a: 0"), encoding="utf-8")
    chosen = ("--since", "HEAD", "--operators", "threshold", "--fail-under", 100)
    ended = run("--pack", repository, *chosen)
    assert ended.status == 0
    assert "nothing to change" in ended.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--operators", "strenth"), "did you mean 'strength'?"),
        (("--since", "nowhere"), "not inside a git repository"),
    ],
)
def test_what_cannot_be_used_is_a_matter_of_usage(pack, run, arguments, message):
    """An unknown operator or revision ends with 2 and one line."""
    ended = run("--pack", pack, *arguments)
    assert (ended.status, ended.out, ended.err.count("\n")) == (2, "", 1)
    assert message in ended.err


def test_cases_that_fail_without_a_change_are_refused(pack, run, tmp_path):
    """They are named, and nothing is run."""
    bad = tmp_path / "bad.case.yaml"
    bad.write_text("- {name: Wrong, record: {}, expect: {fired: [a.x]}}\n", encoding="utf-8")
    ended = run("--pack", pack, bad)
    assert (ended.status, ended.out) == (1, "")
    assert "Wrong" in ended.err
