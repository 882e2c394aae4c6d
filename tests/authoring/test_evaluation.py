"""How well rules rank known diagnoses: what is counted, how firm it is, and how it is told."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest
import yaml
from packs import cause, findings, pack_yaml, write_pack

from crampdx import Assessor, KnowledgeBase
from crampdx.authoring.cases.reading import CaseFileError, read_cases
from crampdx.authoring.evaluation.measures import NO_CANDIDATE, Evaluation, evaluate, outcomes_of
from crampdx.authoring.evaluation.perturbation import (
    drawn_weights,
    joint_steps,
    judged_lines,
    rank_with,
    single_steps,
    stepped,
)
from crampdx.authoring.evaluation.proportion import Proportion
from crampdx.engine.scoring import weight_of

FILES = {
    "findings/all.yaml": findings("a", "b", "c", "d", "alarm"),
    "causes/one.yaml": cause(
        "one",
        "id: one.a, when: a, favors: strong",
        "id: one.d, when: d, favors: weak",
        more="do_not_miss: true\n",
    ),
    "causes/two.yaml": cause("two", "id: two.b, when: b, favors: moderate"),
    "causes/three.yaml": cause("three", "id: three.b, when: b, favors: weak")
    + "  - {id: three.c, when: c, lr: 4, because: It is so., sources: [trial, judgement]}\n",
    "red_flags.yaml": (
        "- {id: flag.alarm, name: Alarm, urgency: urgent, when: alarm, consider: Look.,\n"
        "   because: It is so., sources: [judgement]}\n"
    ),
}


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return write_pack(tmp_path / "packs", FILES)


def case(name: str, diagnosis: list[str] | None, *present: str, **more: object) -> dict:
    known = {"diagnosis": diagnosis} if diagnosis else {}
    return {"name": name, **known, "record": {"findings": dict.fromkeys(present, True)}, **more}


def case_file(folder: Path, *cases: dict, name: str = "some") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.case.yaml"
    apart = json.loads(json.dumps(cases))  # nothing shared, of which YAML would make an alias
    path.write_text(yaml.safe_dump(apart, sort_keys=False), encoding="utf-8")
    return path


def evaluated(pack: Path, tmp_path: Path, *cases: dict) -> Evaluation:
    knowledge = KnowledgeBase.load(pack)
    located = read_cases([case_file(tmp_path, *cases)], knowledge)
    return evaluate(outcomes_of(located, Assessor(knowledge)))


# --------------------------------------------------------------------------------------- counting


def test_a_rank_is_that_of_the_best_right_cause(pack, tmp_path):
    """Of several right causes the one that ranks best counts; what is no candidate has no rank."""
    found = evaluated(
        pack,
        tmp_path,
        case("first", ["three", "two"], "b"),
        case("second", ["three"], "b"),
        case("none", ["one"], "b"),
    )
    assert {o.located.case.name: o.rank for o in found.outcomes} == {
        "first": 1,
        "second": 2,
        "none": None,
    }


def test_shares_and_mean_reciprocal_rank(pack, tmp_path):
    """A cause that is no candidate counts 0; cases without a diagnosis do not count."""
    overall = evaluated(
        pack,
        tmp_path,
        case("first", ["two"], "b"),
        case("second", ["three"], "b"),
        case("none", ["one"], "b"),
        case("unknown", None, "b", expect={"candidates": ["two"]}),
    ).overall
    assert overall.cases == 3
    assert overall.top_1 == Proportion(1, 3)
    assert overall.top_3 == overall.top_5 == Proportion(2, 3)
    assert overall.mean_reciprocal_rank == pytest.approx((1 + 1 / 2 + 0) / 3)


def test_do_not_miss_counts_the_lane_alone_and_with_the_first_three(pack, tmp_path):
    """Weak evidence ranks a grave cause among the first three, but not into the lane."""
    found = evaluated(pack, tmp_path, case("lane", ["one"], "a"), case("shown", ["one"], "d"))
    assert found.overall.do_not_miss_lane == Proportion(1, 2)
    assert found.overall.do_not_miss_shown == Proportion(2, 2)
    assert found.by_cause["one"].do_not_miss_lane == Proportion(1, 2)


def test_causes_that_may_be_missed_are_no_trial_of_the_lane(pack, tmp_path):
    """The lane is held against diagnoses that must not be missed, and no others."""
    assert evaluated(pack, tmp_path, case("x", ["two"], "b")).overall.do_not_miss_lane.of == 0


def test_the_cause_that_names_a_case_says_whether_it_must_not_be_missed(pack, tmp_path):
    """A grave cause that would be right too makes no trial of a case that is named otherwise."""
    assert (
        evaluated(pack, tmp_path, case("x", ["two", "one"], "b")).overall.do_not_miss_lane.of == 0
    )


def test_red_flags_are_counted_where_they_are_expected(pack, tmp_path):
    """Each flag that a case expects is a trial, also of a case without a diagnosis."""
    expect = {"red_flags": ["flag.alarm"]}
    found = evaluated(
        pack,
        tmp_path,
        case("raised", ["two"], "b", "alarm", expect=expect),
        case("missed", None, "b", expect=expect),
        case("not expected", ["two"], "b", "alarm"),
    )
    assert found.overall.red_flags == found.by_red_flag["flag.alarm"] == Proportion(1, 2)
    assert found.by_cause["two"].red_flags == Proportion(1, 1)


def test_the_confusion_table_has_a_row_for_each_diagnosis(pack, tmp_path):
    """Any right cause in the first place counts for the cause that names the case."""
    found = evaluated(
        pack,
        tmp_path,
        case("right", ["three", "two"], "b"),
        case("wrong", ["three"], "b"),
        case("nothing", ["one"]),
    )
    assert found.confusion == {"one": {NO_CANDIDATE: 1}, "three": {"three": 1, "two": 1}}


def test_the_worst_cases_come_first(pack, tmp_path):
    """What is no candidate is worse than any rank; what is first is not among them."""
    found = evaluated(
        pack,
        tmp_path,
        case("second", ["three"], "b"),
        case("first", ["two"], "b"),
        case("none", ["one"], "b"),
    )
    assert [o.located.case.name for o in found.worst(9)] == ["none", "second"]
    assert [o.located.case.name for o in found.worst(1)] == ["none"]


def test_ids_that_the_rules_do_not_have_are_refused_together(pack, tmp_path):
    """Records that name unknown ids are refused after all cases were run, every one named."""
    with pytest.raises(CaseFileError) as refusal:
        evaluated(pack, tmp_path, case("x", ["two"], "bb"), case("y", ["two"], "cc"))
    assert len(refusal.value.issues) == 2


# ----------------------------------------------------------------------------------- perturbation


def test_a_step_down_from_weak_says_nothing_and_the_scale_has_a_top():
    """Steps go along the scale of strengths, to nothing at its foot, and keep the sign."""
    assert [stepped(w, 1) for w in (3, 7, 10, 20)] == [7, 10, 20, 20]
    assert [stepped(w, -1) for w in (3, 7, 10, 20)] == [0, 3, 7, 10]
    assert [stepped(-w, 1) for w in (3, 20)] == [-7, -20]


def test_judged_lines_have_judgement_among_their_sources_and_no_measured_ratio(tmp_path):
    """A line by a trial alone, or with a measured ratio, is not judged."""
    lines = (
        "  - {id: x.judged, when: a, favors: weak, because: So., sources: [judgement]}\n"
        "  - {id: x.both, when: b, favors: weak, because: So., sources: [trial, judgement]}\n"
        "  - {id: x.trial, when: c, favors: weak, because: So., sources: [trial]}\n"
        "  - {id: x.ratio, when: d, lr: 3, because: So., sources: [trial, judgement]}\n"
    )
    head = "id: x\nname: x\ngroup: common\npretest: common\nevidence:\n"
    files = {"findings/f.yaml": findings("a", "b", "c", "d"), "causes/x.yaml": head + lines}
    knowledge = KnowledgeBase.load(write_pack(tmp_path, files))
    assert [line.id for line in judged_lines(knowledge)] == ["x.both", "x.judged"]


def outcomes(pack: Path, tmp_path: Path, *cases: dict):
    return evaluated(pack, tmp_path, *cases).outcomes


def test_unchanged_weights_give_the_rank_of_the_assessment(pack, tmp_path):
    """Scoring again without a change is the ranking itself."""
    knowledge = KnowledgeBase.load(pack)
    weights = {line.id: weight_of(line) for _, line in knowledge.evidence()}
    found = evaluated(
        pack, tmp_path, *(case(f"{d} {f}", [d], *f) for d in ("one", "two", "three") for f in FACTS)
    )
    assert [rank_with(weights, o) for o in found.outcomes] == [o.rank for o in found.outcomes]


FACTS = ("a", "b", "ab", "abc", "bc", "c", "dbc", "")


def test_scoring_again_agrees_with_changed_rules(pack, tmp_path):
    """A strength that is changed in the rule file gives the rank that a step gives."""
    (outcome,) = outcomes(pack, tmp_path, case("x", ["three"], "b", "c", "d"))
    knowledge = KnowledgeBase.load(pack)
    weights = {line.id: weight_of(line) for _, line in knowledge.evidence()}
    files = {
        path: text.replace("b, favors: moderate", "b, favors: strong")
        for path, text in FILES.items()
    }
    changed = write_pack(tmp_path / "changed", files)
    after = evaluated(changed, tmp_path / "again", case("x", ["three"], "b", "c", "d"))
    moved = {**weights, "two.b": stepped(weights["two.b"], 1)}
    assert rank_with(weights, outcome) == 1
    assert rank_with(moved, outcome) == after.outcomes[0].rank == 2


def test_single_steps_tell_which_line_moves_which_case(pack, tmp_path):
    """Two weak steps apart, no step moves a case; one step apart, it does."""
    found = single_steps(
        outcomes(pack, tmp_path, case("firm", ["one"], "a"), case("near", ["two"], "b")),
        KnowledgeBase.load(pack),
    )
    moving = [(e.line, e.step, e.cases, e.top_1, e.top_3) for e in found.effects]
    assert moving == [("three.b", 1, 1, 1, 0), ("two.b", -1, 1, 1, 0)]
    assert found.steady_top_1 == Proportion(1, 2)
    assert found.steady_top_3 == Proportion(2, 2)


def test_a_cause_whose_only_line_says_nothing_is_no_candidate(pack, tmp_path):
    """Weak evidence that is weakened takes the cause out of the ranks."""
    found = single_steps(
        outcomes(pack, tmp_path, case("x", ["one"], "d")), KnowledgeBase.load(pack)
    )
    assert [(e.line, e.step, e.top_3) for e in found.effects] == [("one.d", -1, 1)]


def test_draws_are_the_same_for_the_same_seed(pack):
    """The seed alone decides what is drawn."""
    knowledge = KnowledgeBase.load(pack)
    first, again, other = (
        list(drawn_weights(knowledge, draws=20, seed=seed)) for seed in (1, 1, 2)
    )
    assert first == again != other


def test_draws_leave_measured_ratios_alone(pack):
    """A line with a measured likelihood ratio has its weight in every draw."""
    drawn = drawn_weights(KnowledgeBase.load(pack), draws=30, seed=0)
    assert {weights["three.c"] for weights in drawn} == {6}


def test_joint_steps_count_over_cases_and_draws(pack, tmp_path):
    """A case that every draw leaves in place is steady; the range is over draws."""
    knowledge = KnowledgeBase.load(pack)
    cases = outcomes(pack, tmp_path, case("firm", ["one"], "a"), case("wrong", ["one"], "b"))
    found = joint_steps(cases, knowledge, drawn_weights(knowledge, draws=50, seed=3))
    assert found.draws == 50
    assert found.steady_top_1 == found.steady_top_3 == Proportion(1, 1)
    assert found.top_3_kept == 1.0
    assert found.top_1_range == (0.5, 0.5, 0.5)


# ------------------------------------------------------------------------------- the command line


@pytest.fixture
def run(crampdx_run):
    """Run `crampdx evaluate`."""
    return partial(crampdx_run, "evaluate")


@pytest.fixture
def cases(pack):
    """Cases in the folder of their pack: one right, one second, one no candidate."""
    return case_file(
        pack / "cases",
        case("right", ["two"], "b"),
        case("second", ["three"], "b"),
        case("none", ["one"], "b"),
    )


def test_the_text_tells_shares_and_the_worst_cases_with_reasons(run, cases):
    """Cases are evaluated with the pack in whose folder they stand."""
    status, out, err = run(cases)
    assert (status, err) == (0, "")
    assert "3 cases with a known diagnosis; rules own 1.0.0" in out
    assert "33 % (6 to 79), 1 of 3" in out
    assert "one is not a candidate" in out
    assert "unknown: one.a, one.d" in out


def test_markdown_begins_with_its_title(run, cases):
    """Markdown is the same document."""
    status, out, _ = run(cases, "-o", "markdown")
    assert status == 0
    assert out.startswith("# Evaluation\n")


def test_json_has_every_case_and_the_confusion_table(run, cases):
    """JSON holds what the text leaves out."""
    data = json.loads(run(cases, "-o", "json", "--worst", "1")[1])
    assert [c["name"] for c in data["cases"]] == ["right", "second", "none"]
    assert [c["name"] for c in data["worst"]] == ["none"]
    assert data["confusion"]["three"] == {"two": 1}
    assert data["overall"]["top_1"]["hits"] == 1
    assert "single_steps" not in data


def test_perturb_adds_both_analyses(run, cases):
    """With --perturb the JSON has the single steps and the joint draws."""
    data = json.loads(run(cases, "-o", "json", "--perturb", "--draws", "7")[1])
    assert data["joint_steps"]["draws"] == 7
    assert data["single_steps"]["judged"] == 4
    assert data["single_steps"]["effects"][0]["line"]


def test_perturb_is_told_in_text(run, cases):
    """With --perturb the text tells both analyses."""
    out = run(cases, "--perturb", "--draws", "7")[1]
    assert "IF ONE JUDGED STRENGTH WERE ONE STEP OFF" in out
    assert "7 draws." in out


@pytest.mark.parametrize(
    ("floors", "status"),
    [
        (("--fail-under-top1", "33"), 0),
        (("--fail-under-top1", "34"), 1),
        (("--fail-under-top3", "66"), 0),
        (("--fail-under-top3", "67"), 1),
    ],
)
def test_a_share_below_a_floor_fails(run, cases, floors, status):
    """The exit status is 1 below the floor, and standard error says by how much."""
    ended, out, err = run(cases, *floors)
    assert ended == status
    assert out
    assert bool(err) is bool(status)


def test_no_diagnosis_is_a_usage_error(run, pack, tmp_path):
    """There is nothing to evaluate where no case has a diagnosis."""
    path = case_file(pack / "cases", case("x", None, "b", expect={"candidates": ["two"]}))
    status, out, err = run(path)
    assert (status, out) == (2, "")
    assert err == "crampdx: no case has a 'diagnosis', the causes any of which is right\n"


def test_a_path_without_cases_is_a_usage_error(run, tmp_path):
    """One line says that there is no case file."""
    status, _, err = run(tmp_path / "nowhere")
    assert status == 2
    assert err.count("\n") == 1


def test_an_unknown_pack_is_a_usage_error(run, cases):
    """A pack that is not there ends with status 2."""
    assert run(cases, "--pack", "no_such_pack")[0] == 2


def test_cases_of_different_packs_need_a_choice(run, cases, tmp_path):
    """Cases that are about different rules are evaluated by those that are chosen."""
    other = write_pack(tmp_path / "packs", {**FILES, "pack.yaml": pack_yaml("other")}, "other")
    case_file(other / "cases", case("elsewhere", ["two"], "b"))
    folder = tmp_path / "packs"
    status, _, err = run(folder)
    assert status == 2
    assert "choose with --pack" in err
    assert run(folder, "--pack", other)[0] == 0


def test_a_misspelt_diagnosis_is_refused_with_its_place(run, pack):
    """A diagnosis that the rules do not have is named with file, line and column."""
    path = case_file(pack / "cases", case("x", ["tow"], "b"))
    status, out, err = run(path)
    assert (status, out) == (1, "")
    assert "some.case.yaml:3" in err
    assert "did you mean 'two'?" in err
