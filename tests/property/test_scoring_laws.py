"""Laws of scoring: what all that calls `crampdx.engine.scoring` relies on."""

from __future__ import annotations

import math
from itertools import groupby

from hypothesis import given
from hypothesis import strategies as st
from strategies import MANY, ORDERS, article_knowledge, shuffled

from crampdx.assessment import Band
from crampdx.engine.scoring import (
    PRETEST,
    STRENGTH,
    ClusterKey,
    WeighedLine,
    band_of,
    combine,
    gain_over,
    marginal,
    order_key,
    reweighed,
    shares_of,
    strongest_first,
    weigh,
)
from crampdx.knowledge.models import Cause, Evidence

STRENGTHS = sorted({0, *STRENGTH.values()})


def line(number: int, cluster: str, weight: int, own: bool) -> WeighedLine:
    """A line of a weight; the rest of what a rule says does not enter a score."""
    evidence = Evidence.model_construct(id=f"line.{number}")
    return WeighedLine(evidence, weight, ClusterKey(cluster, weight > 0), own)


LINES = st.lists(
    st.tuples(
        st.sampled_from("abc"),
        st.sampled_from(STRENGTHS).flatmap(lambda weight: st.sampled_from((weight, -weight))),
        st.booleans(),
    ),
    max_size=9,
).map(lambda drawn: [line(number, *parts) for number, parts in enumerate(drawn)])
PRETESTS = st.sampled_from(sorted(PRETEST.values()))
CAUSES = st.builds(
    lambda name, grave: Cause.model_construct(id=name, do_not_miss=grave),
    st.text("ab", min_size=1, max_size=3),
    st.booleans(),
)


@MANY
@given(LINES, PRETESTS, ORDERS)
def test_a_score_does_not_depend_on_the_order_of_the_lines(lines, pretest, order):
    """The same lines in another order give the same score, of the same lines that count."""
    assert combine(lines, pretest) == combine(shuffled(lines, order), pretest)


@MANY
@given(LINES, PRETESTS)
def test_a_score_is_what_its_definition_says(lines, pretest):
    """The heaviest line of each cluster and direction, and of equal ones the first id, adds up."""
    score = combine(lines, pretest)
    by_key = sorted(lines, key=lambda one: (one.cluster, -abs(one.weight), one.evidence.id))
    counted = {key: next(group) for key, group in groupby(by_key, lambda one: one.cluster)}
    assert score.counted_by_cluster == counted
    assert score.evidence == sum(one.weight for one in counted.values())
    assert score.total == pretest + score.evidence
    assert score.is_candidate is any(o.is_cause_specific and o.weight > 0 for o in lines)


@MANY
@given(LINES.filter(bool), PRETESTS)
def test_marginal_agrees_with_combining_again(lines, pretest):
    """What a line would add is the difference between the scores with it and without it."""
    *rest, last = lines
    before, after = combine(rest, pretest), combine(lines, pretest)
    assert after.total == before.total + marginal(last, before.counted_by_cluster)


@MANY
@given(LINES)
def test_a_line_that_is_true_already_adds_nothing(lines):
    """Nothing that is combined already has a marginal weight."""
    counted = combine(lines).counted_by_cluster
    assert {marginal(one, counted) for one in lines} <= {0}


@given(st.integers(-30, 30), st.integers(-30, 30))
def test_a_gain_never_turns_the_direction(weight, counted):
    """In one direction a gain is of the weight's sign or 0, and never more than the weight."""
    if weight * counted >= 0:
        gain = gain_over(weight, counted)
        assert gain * weight >= 0
        assert abs(gain) <= abs(weight)


@MANY
@given(LINES, st.data())
def test_lines_weighed_otherwise_keep_cluster_and_direction(lines, data):
    """A line that comes to weigh nothing still competes with those of its own direction only."""
    weights = {
        one.evidence.id: data.draw(st.sampled_from(STRENGTHS)) * (1 if one.weight > 0 else -1)
        for one in lines
    }
    moved = list(reweighed(lines, weights))
    assert [(one.cluster, one.is_cause_specific) for one in moved] == [
        (one.cluster, one.is_cause_specific) for one in lines
    ]
    assert [one.weight for one in moved] == [weights[one.evidence.id] for one in lines]
    assert combine(moved).counted_by_cluster.keys() == combine(lines).counted_by_cluster.keys()


@given(LINES)
def test_no_two_lines_are_equally_strong(lines):
    """The order by strength is total where ids differ, so one line of a cluster counts."""
    assert len({strongest_first(one) for one in lines}) == len(lines)


@given(st.lists(st.tuples(st.integers(-40, 40), CAUSES), unique_by=lambda one: one[1].id), ORDERS)
def test_the_order_of_candidates_is_total(candidates, order):
    """No two causes have one key, and the order does not depend on how they were given."""
    keys = [order_key(*candidate) for candidate in candidates]
    assert len(set(keys)) == len(keys)
    again = [order_key(*candidate) for candidate in shuffled(candidates, order)]
    assert sorted(keys) == sorted(again)


@given(st.lists(st.integers(-60, 60), max_size=12))
def test_shares_are_parts_of_one_whole_in_the_order_of_scores(totals):
    """Shares lie between 0 and 1, never exceed one whole but by rounding, and follow the scores."""
    shares = shares_of(totals)
    assert all(0 <= share <= 1 for share in shares)
    assert math.fsum(shares) <= 1 + 0.005 * len(shares) + 1e-9
    by_score = sorted(zip(totals, shares, strict=True))
    assert [share for _, share in by_score] == sorted(shares)


@given(st.integers(-40, 40), st.integers(-40, 40), st.integers(0, 40), st.integers(0, 20))
def test_more_evidence_never_lowers_the_band(pretest, evidence, behind, more):
    """With the same pretest, more evidence in favor puts a candidate in the same band or above."""
    order = [Band.UNLIKELY, Band.PLAUSIBLE, Band.LEADING]
    top = pretest + evidence + behind
    before = band_of(pretest + evidence, evidence, top)
    total = pretest + evidence + more
    after = band_of(total, evidence + more, max(top, total))
    assert order.index(after) >= order.index(before)


def test_every_line_of_a_cluster_of_the_rules_points_one_way_within_its_key():
    """The sign of a line's weight is the direction of its cluster, in the rules that ship."""
    for cause in article_knowledge().causes.values():
        for evidence in cause.evidence:
            weighed = weigh(evidence, is_cause_specific=True)
            assert weighed.cluster.supports is (weighed.weight > 0)
