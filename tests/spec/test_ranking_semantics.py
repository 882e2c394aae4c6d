"""The weight of evidence, clause by clause, each on a knowledge base of a few lines.

The clauses are those of `docs/weight-of-evidence.md`. Findings are named by one letter.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from strategies import knowledge

from crampdx import Assessment, assess
from crampdx.assessment import Candidate
from crampdx.engine.scoring import decibans
from crampdx.errors import KnowledgeError

Line = dict[str, Any]

FAVORS = {"weak": 3, "moderate": 7, "strong": 10, "confirms": 20}
OPPOSES = {"weak": -3, "moderate": -7, "strong": -10, "rules_out": -20}
PRETEST = {"very_common": 0, "common": -3, "uncommon": -7, "rare": -10}


def line(when: Any, weight: str = "strong", **more: Any) -> Line:
    """A line for a cause; a weight that begins with '-' opposes."""
    direction = "opposes" if weight.startswith("-") else "favors"
    return {"when": when, direction: weight.removeprefix("-"), **more}


def cause(*lines: Line, **more: Any) -> dict[str, Any]:
    return {"evidence": lines, **more}


def answer(
    causes: Mapping[str, dict[str, Any]], *present: str, absent: str = "", **more: Any
) -> Assessment:
    """The assessment of a patient with these findings, by these causes."""
    base = knowledge("abcdefgh", causes, **more)
    findings = {**dict.fromkeys(present, True), **dict.fromkeys(absent, False)}
    return assess({"findings": findings}, base)


def candidate(result: Assessment, name: str = "one") -> Candidate:
    return next(c for c in result.candidates if c.cause == name)


def order(result: Assessment) -> list[str]:
    return [c.cause for c in result.candidates]


class TestWeights:
    """Strengths are likelihood ratios 2, 5, 10 and 100, in whole decibans."""

    @pytest.mark.parametrize(("strength", "weight"), FAVORS.items())
    def test_a_favoring_strength(self, strength: str, weight: int) -> None:
        """A line that favors adds the decibans of its strength."""
        assert candidate(answer({"one": cause(line("a", strength))}, "a")).score == weight

    @pytest.mark.parametrize(("strength", "weight"), OPPOSES.items())
    def test_an_opposing_strength(self, strength: str, weight: int) -> None:
        """A line that opposes takes away the decibans of its strength."""
        causes = {"one": cause(line("a", "strong"), line("b", f"-{strength}"))}
        assert candidate(answer(causes, "a", "b")).score == 10 + weight

    @pytest.mark.parametrize(
        ("ratio", "weight"),
        [(2, 3), (5, 7), (10, 10), (100, 20), (7.3, 9), (1.2, 1), (1000, 30)],
    )
    def test_a_measured_ratio(self, ratio: float, weight: int) -> None:
        """A measured likelihood ratio adds ten times its common logarithm, rounded."""
        causes = {"one": cause({"when": "a", "lr": ratio, "sources": ["study"]})}
        assert candidate(answer(causes, "a")).score == weight

    def test_a_measured_ratio_below_one(self) -> None:
        """A measured likelihood ratio below one speaks against."""
        causes = {"one": cause(line("a"), {"when": "b", "lr": 0.2, "sources": ["study"]})}
        assert [shown.weight for shown in candidate(answer(causes, "a", "b")).opposing] == [-7]

    def test_decibans_of_a_ratio_and_its_inverse(self) -> None:
        """A ratio and its inverse weigh the same, in opposite directions."""
        ratios = (1.5, 2, 5, 7.3, 10, 100)
        assert [decibans(1 / ratio) for ratio in ratios] == [-decibans(r) for r in ratios]

    @pytest.mark.parametrize(("pretest", "weight"), PRETEST.items())
    def test_a_pretest_class(self, pretest: str, weight: int) -> None:
        """The pretest class is part of the score, and is shown on its own."""
        shown = candidate(answer({"one": cause(line("a"), pretest=pretest)}, "a"))
        assert (shown.pretest, shown.score) == (weight, 10 + weight)

    def test_a_line_that_is_unknown_or_false_adds_nothing(self) -> None:
        """Only a line that is true counts; one that is unknown is missing, one false is neither."""
        causes = {"one": cause(line("a"), line("b"), line("c"))}
        shown = candidate(answer(causes, "a", absent="c"))
        assert (shown.score, shown.missing) == (10, ("b",))

    def test_the_absence_of_a_finding_is_no_evidence_of_itself(self) -> None:
        """An absent finding takes nothing from a cause unless a line says so."""
        causes = {"one": cause(line("a"), line("b", "confirms"))}
        assert candidate(answer(causes, "a", absent="b")).score == 10

    def test_an_absence_counts_where_a_line_asks_for_it(self) -> None:
        """A line on an absence is true of a finding known to be absent, not of an unknown one."""
        causes = {"one": cause(line("a"), line({"absent": "b"}, "moderate"))}
        assert (candidate(answer(causes, "a")).score) == 10
        assert (candidate(answer(causes, "a", absent="b")).score) == 17


class TestClusters:
    """A cluster gives a cause at most its strongest line for and its strongest against."""

    def test_the_strongest_line_for_counts(self) -> None:
        """Of several true lines for, in one cluster, the strongest alone is added."""
        causes = {"one": cause(line("a", "weak", cluster="k"), line("b", "moderate", cluster="k"))}
        assert candidate(answer(causes, "a", "b")).score == 7

    def test_the_strongest_line_against_counts(self) -> None:
        """Of several true lines against, in one cluster, the strongest alone is taken away."""
        causes = {
            "one": cause(
                line("a", "strong"),
                line("b", "-weak", cluster="k"),
                line("c", "-moderate", cluster="k"),
            )
        }
        assert candidate(answer(causes, "a", "b", "c")).score == 3

    def test_one_for_and_one_against(self) -> None:
        """A cluster's strongest line for and its strongest against both count."""
        causes = {"one": cause(line("a", "strong", cluster="k"), line("b", "-weak", cluster="k"))}
        assert candidate(answer(causes, "a", "b")).score == 7

    def test_different_clusters_add_up(self) -> None:
        """Lines of different clusters, and lines of none, all count."""
        causes = {
            "one": cause(
                line("a", "weak", cluster="k"),
                line("b", "weak", cluster="m"),
                line("c", "weak"),
                line("d", "weak"),
            )
        }
        assert candidate(answer(causes, *"abcd")).score == 12

    def test_a_line_that_does_not_count_is_shown(self) -> None:
        """A true line that a stronger one of its cluster outdoes is shown as not counted."""
        causes = {"one": cause(line("a", "weak", cluster="k"), line("b", "moderate", cluster="k"))}
        shown = candidate(answer(causes, "a", "b")).supporting
        assert [(s.evidence.id, s.counted) for s in shown] == [("one.e1", True), ("one.e0", False)]

    def test_of_two_alike_the_first_id_counts(self) -> None:
        """Of two lines of one weight in one cluster, the one whose id comes first counts."""
        causes = {"one": cause(line("a", cluster="k", id="z"), line("b", cluster="k", id="y"))}
        shown = candidate(answer(causes, "a", "b")).supporting
        assert [s.evidence.id for s in shown if s.counted] == ["y"]

    def test_clusters_are_each_cause_its_own(self) -> None:
        """A cluster's name in one cause has nothing to do with that name in another."""
        causes = {
            "one": cause(line("a", "weak", cluster="k")),
            "two": cause(line("b", "weak", cluster="k")),
        }
        result = answer(causes, "a", "b")
        assert [c.score for c in result.candidates] == [3, 3]

    def test_lines_that_share_a_finding_must_share_a_cluster(self) -> None:
        """Two lines of one direction on one finding, without a cluster, do not load."""
        with pytest.raises(KnowledgeError, match="name the same 'cluster'"):
            answer({"one": cause(line("a"), line({"all": ["a", "b"]}))})

    def test_lines_of_opposite_directions_may_share_a_finding(self) -> None:
        """One finding may speak for a cause when present and against it when absent."""
        causes = {"one": cause(line("a"), line({"absent": "a"}, "-strong"))}
        assert candidate(answer(causes, "a")).score == 10


class TestGroups:
    """A group's line enters the score, and makes no cause a candidate."""

    GROUPS = ({"id": "group", "evidence": [line("g", "weak")]},)

    def test_it_enters_the_score(self) -> None:
        """A group's line that is true is added to each of its causes that are candidates."""
        causes = {"one": cause(line("a")), "two": cause(line("b"))}
        result = answer(causes, "a", "b", "g", groups=self.GROUPS)
        assert [c.score for c in result.candidates] == [13, 13]

    def test_it_makes_no_candidate(self) -> None:
        """A group's line alone brings no cause into the differential."""
        assert answer({"one": cause(line("a"))}, "g", groups=self.GROUPS).candidates == ()

    def test_it_is_its_own_cluster(self) -> None:
        """A group's line counts beside the cause's own, whatever the cause's clusters."""
        causes = {"one": cause(line("a", "weak", cluster="k"))}
        assert candidate(answer(causes, "a", "g", groups=self.GROUPS)).score == 6

    def test_it_does_not_reach_another_group(self) -> None:
        """A cause of another group has nothing of it."""
        groups = (*self.GROUPS, "other")
        causes = {"one": cause(line("a"), group="other")}
        assert candidate(answer(causes, "a", "g", groups=groups)).score == 10

    @pytest.mark.parametrize("weight", ["moderate", "strong", "confirms", "-weak"])
    def test_it_is_weak(self, weight: str) -> None:
        """A group's line of any other weight does not load."""
        groups = ({"id": "group", "evidence": [line("g", weight)]},)
        with pytest.raises(KnowledgeError, match="favors: weak"):
            answer({"one": cause(line("a"))}, groups=groups)


class TestCandidates:
    """A cause is a candidate when a line of its own in its favor is true."""

    def test_a_cause_without_evidence_is_none(self) -> None:
        """However common, a cause of which nothing is true is no candidate."""
        assert answer({"one": cause(line("a"))}, "b").candidates == ()

    def test_opposing_evidence_alone_makes_none(self) -> None:
        """A line against alone makes no candidate."""
        assert answer({"one": cause(line("a"), line("b", "-weak"))}, "b").candidates == ()

    def test_a_cause_that_is_ruled_out_stays_in_view(self) -> None:
        """A candidate that other evidence opposes stays, at a low score."""
        causes = {"one": cause(line("a", "weak"), line("b", "-rules_out"))}
        assert candidate(answer(causes, "a", "b")).score == -17

    def test_ranks_count_from_one(self) -> None:
        """Ranks are 1, 2, 3 in the order of candidates."""
        causes = {name: cause(line(name)) for name in "abc"}
        assert [c.rank for c in answer(causes, *"abc").candidates] == [1, 2, 3]


class TestOrder:
    """Candidates rank by score; ties by do_not_miss, then id."""

    def test_by_score(self) -> None:
        """The higher score ranks first, whatever the id."""
        causes = {"x": cause(line("a", "weak")), "y": cause(line("b", "strong"))}
        assert order(answer(causes, "a", "b")) == ["y", "x"]

    def test_a_tie_goes_to_what_must_not_be_missed(self) -> None:
        """Of two with one score, that which must not be missed ranks first, whatever the id."""
        causes = {"x": cause(line("a")), "y": cause(line("b"), do_not_miss=True)}
        assert order(answer(causes, "a", "b")) == ["y", "x"]

    def test_then_by_id(self) -> None:
        """Of two with one score that are alike in that, the id decides."""
        causes = {"y": cause(line("b")), "x": cause(line("a"))}
        assert order(answer(causes, "a", "b")) == ["x", "y"]

    def test_a_score_outranks_do_not_miss(self) -> None:
        """What must not be missed does not outrank a higher score."""
        causes = {
            "x": cause(line("a", "moderate")),
            "y": cause(line("b", "weak"), do_not_miss=True),
        }
        assert order(answer(causes, "a", "b")) == ["x", "y"]


def measured(score: int, finding: str, **more: Any) -> dict[str, Any]:
    """A cause whose evidence weighs so many decibans, in one line."""
    ratio = 10 ** (score / 10)
    return cause({"when": finding, "lr": ratio, "sources": ["study"]}, **more)


class TestBands:
    """Leading: score at least 0, within 5 of the top, evidence at least 7.

    Plausible: within 10 of the top, evidence not below 0.
    """

    @pytest.mark.parametrize(
        ("top", "score", "band"),
        [
            (20, 16, "leading"),
            (20, 15, "leading"),
            (20, 14, "plausible"),
            (20, 11, "plausible"),
            (20, 10, "plausible"),
            (20, 9, "unlikely"),
        ],
    )
    def test_by_the_distance_to_the_top(self, top: int, score: int, band: str) -> None:
        """A candidate leads within 5 decibans of the first, and is plausible within 10."""
        causes = {"top": measured(top, "a"), "one": measured(score, "b")}
        assert candidate(answer(causes, "a", "b")).band == band

    @pytest.mark.parametrize(
        ("pretest", "weight", "band"),
        [
            ("uncommon", 8, "leading"),
            ("uncommon", 7, "leading"),
            ("rare", 9, "plausible"),
            ("rare", 10, "leading"),
            ("rare", 11, "leading"),
        ],
    )
    def test_by_the_score(self, pretest: str, weight: int, band: str) -> None:
        """A candidate leads only with a score of 0 or more, be it the first."""
        causes = {"one": measured(weight, "a", pretest=pretest)}
        assert candidate(answer(causes, "a")).band == band

    @pytest.mark.parametrize(("weight", "band"), [(6, "plausible"), (7, "leading"), (8, "leading")])
    def test_by_the_evidence(self, weight: int, band: str) -> None:
        """A candidate leads only with evidence of 7 or more without its pretest."""
        assert candidate(answer({"one": measured(weight, "a")}, "a")).band == band

    @pytest.mark.parametrize(
        ("opposes", "band"),
        [("weak", "plausible"), ("moderate", "plausible"), ("strong", "unlikely")],
    )
    def test_by_the_balance_of_the_evidence(self, opposes: str, band: str) -> None:
        """Nothing is plausible whose evidence speaks against it on balance, be it alone."""
        one = cause({"when": "a", "favors": "moderate"}, {"when": "b", "opposes": opposes})
        assert candidate(answer({"one": one}, "a", "b")).band == band

    def test_an_unlikely_candidate_carries_no_lines(self) -> None:
        """Below plausible a candidate has its score and ids, and nothing else."""
        causes = {"top": measured(20, "a"), "one": measured(3, "b")}
        shown = candidate(answer(causes, "a", "b"))
        assert (shown.score, shown.supporting, shown.missing) == (3, (), ())

    def test_a_plausible_candidate_carries_its_lines(self) -> None:
        """A plausible candidate has its lines."""
        causes = {"top": measured(20, "a"), "one": measured(10, "b")}
        assert len(candidate(answer(causes, "a", "b")).supporting) == 1


class TestShare:
    """The part of the total odds, with 'none of these' at 0 decibans; two places."""

    def test_one_candidate_beside_none_of_these(self) -> None:
        """A candidate of 10 decibans has odds of 10 to 1."""
        assert candidate(answer({"one": measured(10, "a")}, "a")).share == 0.91

    def test_at_zero_it_is_one_half(self) -> None:
        """A candidate of 0 decibans has as much as 'none of these'."""
        causes = {"one": measured(7, "a", pretest="uncommon")}
        assert candidate(answer(causes, "a")).share == 0.5

    def test_candidates_divide_what_there_is(self) -> None:
        """Two of 10 decibans each, and 'none of these', have 10, 10 and 1 of 21."""
        causes = {"one": measured(10, "a"), "two": measured(10, "b")}
        assert [c.share for c in answer(causes, "a", "b").candidates] == [0.48, 0.48]

    def test_a_cause_that_is_no_candidate_has_none(self) -> None:
        """Causes that are no candidates take nothing of the whole."""
        alone = candidate(answer({"one": measured(10, "a")}, "a")).share
        beside = {"one": measured(10, "a"), "two": measured(10, "b")}
        assert candidate(answer(beside, "a")).share == alone


class TestDoNotMiss:
    """Every such cause with evidence of 10 or more without its pretest, whatever its rank."""

    @pytest.mark.parametrize(("weight", "shown"), [(9, []), (10, ["one"]), (11, ["one"])])
    def test_by_the_evidence(self, weight: int, shown: list[str]) -> None:
        """The lane begins at 10 decibans of evidence."""
        causes = {"one": measured(weight, "a", do_not_miss=True, pretest="rare")}
        assert [item.cause for item in answer(causes, "a").do_not_miss] == shown

    def test_whatever_the_rank(self) -> None:
        """A cause far below the first is in the lane, with its rank and evidence."""
        causes = {
            "top": measured(30, "a"),
            "one": measured(10, "b", do_not_miss=True, pretest="rare"),
        }
        (shown,) = answer(causes, "a", "b").do_not_miss
        assert (shown.cause, shown.rank, shown.evidence) == ("one", 2, 10)

    def test_evidence_against_counts(self) -> None:
        """What speaks against it is part of the evidence."""
        causes = {"one": cause(line("a", "strong"), line("b", "-weak"), do_not_miss=True)}
        assert answer(causes, "a", "b").do_not_miss == ()

    def test_others_are_not_in_it(self) -> None:
        """A cause that may be missed is not in the lane, whatever its evidence."""
        assert answer({"one": measured(20, "a")}, "a").do_not_miss == ()


class TestNotEnoughToRank:
    """With no leading cause the result says so, and what to ask."""

    ASKED = ({"id": "a", "ask": "Is there a?"}, {"id": "b", "ask": "Is there b?"}, "g")

    def result(self, *present: str) -> Assessment:
        base = knowledge(self.ASKED, {"one": cause(line("a", "weak"), line("b", "strong"))})
        return assess({"findings": dict.fromkeys(present, True)}, base)

    def test_an_empty_record(self) -> None:
        """Of an empty record the conclusion is that there is not enough to rank."""
        assert self.result().conclusion == "not_enough_to_rank"

    def test_it_is_noted(self) -> None:
        """A note says so in words."""
        assert [note.code for note in self.result("a").notes] == ["not_enough_to_rank"]

    def test_it_says_what_to_ask(self) -> None:
        """The question that could tell most comes first."""
        assert [question.finding for question in self.result().questions] == ["b", "a"]

    def test_a_weak_candidate_does_not_lead(self) -> None:
        """A candidate that does not lead is shown, without a ranking being claimed."""
        result = self.result("a")
        assert (result.conclusion, order(result)) == ("not_enough_to_rank", ["one"])

    def test_a_leading_candidate_is_a_ranking(self) -> None:
        """With a leading candidate the conclusion is a ranking, and nothing is noted."""
        result = self.result("b")
        assert (result.conclusion, result.notes) == ("ranked", ())


class TestIrrelevance:
    """A finding that no rule mentions changes nothing."""

    def test_it_changes_no_candidate(self) -> None:
        """Candidates with a finding of no rule are those without it."""
        causes = {"one": cause(line("a")), "two": cause(line("b"))}
        with_it = answer(causes, "a", "b", "h").candidates
        # positions in the record differ by nothing: the extra finding comes last
        assert with_it == answer(causes, "a", "b").candidates


class TestPopulation:
    """A cause outside whose population the person is, is not ranked; the unknown excludes none."""

    CAUSES = {"one": cause(line("a"), population={"age": {"from": 18}, "sex": "male"})}  # noqa: RUF012

    @pytest.mark.parametrize(
        ("person", "ranked"),
        [
            ({}, True),
            ({"age": 18}, True),
            ({"age": 17}, False),
            ({"sex": "male"}, True),
            ({"sex": "female"}, False),
            ({"sex": "other"}, True),
        ],
        ids=str,
    )
    def test_by_age_and_sex(self, person: dict[str, Any], ranked: bool) -> None:
        """Only a known age or sex outside the cause's population leaves it out."""
        base = knowledge("a", self.CAUSES)
        result = assess({"findings": {"a": True}, **person}, base)
        assert bool(result.candidates) is ranked
