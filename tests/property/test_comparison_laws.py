"""Laws of differences of rules, of proportions and of evaluations."""

from __future__ import annotations

import tempfile
from pathlib import Path

import yaml
from hypothesis import given
from hypothesis import strategies as st
from strategies import FEW, ORDERS, SOME, article_knowledge, load, packs, shuffled

from crampdx import Assessor
from crampdx.authoring.cases.models import Case
from crampdx.authoring.cases.reading import LocatedCase
from crampdx.authoring.comparison.changes import compare
from crampdx.authoring.comparison.effects import shifts
from crampdx.authoring.evaluation.measures import evaluate, outcomes_of
from crampdx.authoring.evaluation.perturbation import rank_with
from crampdx.authoring.evaluation.proportion import Proportion
from crampdx.engine.scoring import weight_of
from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.loading.entries import SourceLocation
from crampdx.text.yaml import Document, Mark

PROPORTIONS = st.integers(0, 10_000).flatmap(
    lambda of: st.builds(Proportion, st.integers(0, of), st.just(of))
)


@given(PROPORTIONS)
def test_the_interval_holds_the_share_and_stays_within_0_and_1(found):
    """Where there are trials, 0 <= low <= share <= high <= 1."""
    if not found.of:
        assert found.interval is None
        return
    low, high = found.interval
    assert 0 <= low <= found.share <= high <= 1


@given(PROPORTIONS.filter(lambda found: found.of > 0))
def test_the_interval_of_misses_mirrors_that_of_hits(found):
    """What is said of hits is said of misses the other way around."""
    low, high = found.interval
    mirrored_low, mirrored_high = Proportion(found.of - found.hits, found.of).interval
    assert abs(low - (1 - mirrored_high)) < 1e-9
    assert abs(high - (1 - mirrored_low)) < 1e-9


@SOME
@given(packs(), ORDERS)
def test_order_makes_no_difference(made, order):
    """Entries in another order, in other files, do not change what rules mean."""
    found = compare(load(made), load(made, order=order))
    assert not found
    assert found.old_digest == found.new_digest


@FEW
@given(packs())
def test_layout_makes_no_difference(made):
    """Rules written in block style, keys in another order, comments added, mean the same."""
    assert not compare(load(made), _load_in_another_layout(made))


def _load_in_another_layout(made) -> KnowledgeBase:
    with tempfile.TemporaryDirectory() as folder:
        home = made.write(Path(folder))
        for path in home.rglob("*.yaml"):
            data = yaml.safe_load(path.read_text(encoding="utf-8"))
            text = yaml.safe_dump(data, sort_keys=True, default_flow_style=False, width=30)
            path.write_text(f"# A comment.\n\n{text}", encoding="utf-8")
        return KnowledgeBase.load(home)


@SOME
@given(packs(), packs())
def test_the_difference_back_is_the_inverse(first, second):
    """What is added one way is removed the other way, and each change goes back."""
    old, new = load(first), load(second)
    assert compare(new, old) == compare(old, new).inverse()


@SOME
@given(packs(), packs(), st.data())
def test_shifts_back_are_the_inverse(first, second, data):
    """What changes in an answer one way changes back the other way; nothing shifts by itself."""
    present = data.draw(st.sets(st.sampled_from(("f0", "f1", "f2"))))
    record = {"findings": dict.fromkeys(sorted(present), True)}
    old, new = (Assessor(load(made)).assess(record) for made in (first, second))
    assert shifts(old, old) == ()
    assert shifts(new, old) == tuple(shift.inverse() for shift in shifts(old, new))


# ------------------------------------------------------------------------------------ evaluations


def _located(number: int, diagnosis: str, present: frozenset[str]) -> LocatedCase:
    record = {"findings": dict.fromkeys(sorted(present), True)}
    case = Case.model_validate({"name": str(number), "diagnosis": [diagnosis], "record": record})
    return LocatedCase(case, SourceLocation("x", Document(marks={(): Mark(number, 1)}), ()))


_FINDINGS = ("hypokalemia", "fasciculations", "progressive_weakness", "muscle_wasting", "vomiting")
CASES = st.lists(
    st.tuples(
        st.sampled_from(("hypokalemia", "overuse", "amyotrophic_lateral_sclerosis")),
        st.frozensets(st.sampled_from(_FINDINGS)),
    ),
    max_size=6,
).map(lambda drawn: [_located(n, *parts) for n, parts in enumerate(drawn, 1)])


@SOME
@given(CASES, ORDERS)
def test_the_order_of_cases_changes_nothing(cases, order):
    """An evaluation is of a set of cases."""
    assessor = Assessor(article_knowledge())
    outcomes = outcomes_of(cases, assessor)
    assert evaluate(outcomes) == evaluate(shuffled(outcomes, order))


@SOME
@given(packs(), st.data())
def test_scoring_again_gives_the_ranks_of_the_assessment(made, data):
    """With the weights that the rules have, every cause ranks as it was assessed."""
    rules = load(made)
    present = data.draw(st.sets(st.sampled_from(sorted(rules.findings))))
    plain = [name for name in present if rules.findings[name].derived is None]
    cases = [_located(n, cause, frozenset(plain)) for n, cause in enumerate(rules.causes)]
    weights = {line.id: weight_of(line) for _, line in rules.evidence()}
    for outcome in outcomes_of(cases, Assessor(rules)):
        assert rank_with(weights, outcome) == outcome.rank
