"""Laws of explanations: they add up, they leave nothing out, and what they promise comes true."""

from __future__ import annotations

import json
import random
from functools import cache

from hypothesis import given
from hypothesis import strategies as st
from strategies import (
    FEW,
    MANY,
    ORDERS,
    SOME,
    Entry,
    Pack,
    article_knowledge,
    load,
    packs,
    placeless,
    records,
    records_for,
    shuffled,
    without_places,
)

from crampdx import Assessor, KnowledgeBase, parse_record
from crampdx.explanation import Explanation, to_json
from crampdx.explanation.questions import reordered
from crampdx.explanation.results import UnfiredLine, Why


@cache
def article_assessor() -> Assessor:
    return Assessor(article_knowledge())


def asked_of(record: Entry, assessor: Assessor) -> Explanation:
    return Explanation(parse_record(record), assessor)


def any_asked(made: Pack, data: st.DataObject) -> Explanation:
    base = load(made)
    return asked_of(data.draw(records_for(base)), Assessor(base))


def fired_lines(why: Why) -> list[str]:
    clusters = (*why.supporting, *why.opposing)
    return [line.rule.id for cluster in clusters for line in cluster.lines]


def all_lines(cause: str, base: KnowledgeBase) -> set[str]:
    owner = base.causes[cause]
    return {line.id for line in (*owner.evidence, *base.groups[owner.group].evidence)}


def check_sums(asked: Explanation) -> None:
    for cause, ranked in asked.trace.scored.items():
        why = asked.why(cause)
        total = why.pretest
        for cluster in (*why.supporting, *why.opposing):
            total += cluster.weight
            assert cluster.sum == total
            assert cluster.weight == sum(line.rule.weight for line in cluster.lines if line.counted)
        assert total == ranked.score == why.score


def check_partition(asked: Explanation) -> None:
    base = asked.assessor.knowledge
    for cause in base.causes:
        fired = fired_lines(asked.why(cause))
        unfired = [line.rule.id for line in asked.why_not(cause).lines]
        assert len({*fired, *unfired}) == len(fired) + len(unfired)
        assert {*fired, *unfired} == all_lines(cause, base)
        verdicts = asked.trace.verdicts
        assert all(verdicts["evidence", name] is True for name in fired)
        assert all(verdicts["evidence", name] is not True for name in unfired)


def check_change(line: UnfiredLine, asked: Explanation) -> None:
    change = line.supposing()
    assert change
    assert line.rule.id in asked.what_if(change).fired
    for name in change:
        fewer = {other: state for other, state in change.items() if other != name}
        assert line.rule.id not in asked.what_if(fewer).fired


def check_changes(asked: Explanation) -> None:
    unfired = {
        line.rule.id: line for cause in asked.trace.scored for line in asked.why_not(cause).lines
    }
    for line in unfired.values():
        check_change(line, asked)


class TestWhy:
    @given(records())
    def test_weights_add_up_to_the_score(self, record: Entry) -> None:
        """Pretest class and clusters give the score of every cause, and each sum on the way."""
        check_sums(asked_of(record, article_assessor()))

    @SOME
    @given(packs(), st.data())
    def test_so_they_do_by_any_rules(self, made: Pack, data: st.DataObject) -> None:
        """So it is whatever the rules."""
        check_sums(any_asked(made, data))

    @given(records())
    def test_each_line_is_in_why_or_in_why_not(self, record: Entry) -> None:
        """Every true line is in `why`, every other in `why_not`, and none in both."""
        check_partition(asked_of(record, article_assessor()))

    @SOME
    @given(packs(), st.data())
    def test_so_each_line_is_by_any_rules(self, made: Pack, data: st.DataObject) -> None:
        """So it is whatever the rules."""
        check_partition(any_asked(made, data))


class TestWhyNot:
    @FEW
    @given(records())
    def test_the_change_makes_the_line_fire(self, record: Entry) -> None:
        """Each line has a change; supposing it makes the line true, and nothing less of it does."""
        check_changes(asked_of(record, article_assessor()))

    @given(packs(), st.data())
    def test_so_it_does_by_any_rules(self, made: Pack, data: st.DataObject) -> None:
        """So it is whatever the rules."""
        check_changes(any_asked(made, data))

    @given(records())
    def test_the_nearest_line_is_first(self, record: Entry) -> None:
        """Lines stand by what is false, then by what is unknown, then by weight."""
        asked = asked_of(record, article_assessor())
        for cause in asked.trace.scored:
            keys = [(*line.distance, -abs(line.rule.weight)) for line in asked.why_not(cause).lines]
            assert keys == sorted(keys)

    @given(records())
    def test_what_is_open_is_not_as_it_is_needed(self, record: Entry) -> None:
        """What is called false is the opposite of what is needed, what is unknown is unknown."""
        asked = asked_of(record, article_assessor())
        states = asked.trace.states
        for cause in asked.trace.scored:
            for line in asked.why_not(cause).lines:
                assert line.false or line.unknown
                assert all(states[n.finding] is not n.present for n in line.false)
                assert all(n.finding not in states for n in line.unknown)


class TestWhatIf:
    @SOME
    @given(packs(), st.data())
    def test_what_is_so_already_changes_nothing(self, made: Pack, data: st.DataObject) -> None:
        """Nor does supposing nothing, or that what is unknown is unknown."""
        asked = any_asked(made, data)
        assert asked.what_if({}).changes_nothing
        findings = asked.assessor.knowledge.findings
        plain = sorted(name for name in findings if findings[name].derived is None)
        chosen = data.draw(st.lists(st.sampled_from(plain), unique=True))
        for names in (chosen, plain):
            so = {name: asked.trace.states.get(name) for name in names}
            assert asked.what_if(so).changes_nothing

    @given(packs(), st.data())
    def test_what_is_supposed_is_so(self, made: Pack, data: st.DataObject) -> None:
        """Whatever the record says, a finding is as it is supposed, and so is what it implies."""
        asked = any_asked(made, data)
        vocabulary = asked.assessor.vocabulary
        findings = asked.assessor.knowledge.findings
        plain = sorted(name for name in findings if findings[name].derived is None)
        name = data.draw(st.sampled_from(plain))
        state = data.draw(st.sampled_from((True, False, None)))
        states = asked.assessor.trace(asked.record, {name: state}).states
        assert states.get(name) is state
        for low in plain:
            for high in vocabulary.ancestors[low]:
                assert states.get(low) is not True or states.get(high) is True
                assert states.get(high) is not False or states.get(low) is False

    @MANY
    @given(packs(), st.data())
    def test_to_suppose_is_to_assert(self, made: Pack, data: st.DataObject) -> None:
        """Where the record leaves a finding open, supposing gives what asserting it gives."""
        base = load(made)
        assessor = Assessor(base, evaluator="reference")
        plain = sorted(name for name in base.findings if base.findings[name].derived is None)
        said = data.draw(st.dictionaries(st.sampled_from(plain), st.booleans(), max_size=4))
        trace = assessor.trace({"findings": said})
        openly = [name for name in plain if name not in trace.states and name not in said]
        if not openly or trace.assessment.warnings:
            return
        name, state = data.draw(st.sampled_from(openly)), data.draw(st.booleans())
        supposed = assessor.trace({"findings": said}, {name: state})
        asserted = assessor.trace({"findings": {**said, name: state}})
        assert supposed.states == asserted.states
        assert placeless(supposed.assessment) == placeless(asserted.assessment)


def in_another_order(record: Entry, order: random.Random) -> Entry:
    """The record with its lists and keys shuffled, as far as their order says nothing."""
    keys = shuffled(record, order)
    return {
        key: shuffled(record[key], order) if isinstance(record[key], list) else record[key]
        for key in keys
    }


class TestDeterminism:
    @FEW
    @given(records(), ORDERS)
    def test_the_order_of_entries_does_not_matter(
        self, record: Entry, order: random.Random
    ) -> None:
        """All explanations are the same but for places, whatever the order of the record."""
        one = asked_of(record, article_assessor())
        two = asked_of(in_another_order(record, order), article_assessor())
        questions = one.next_questions(2), two.next_questions(2)
        assert to_json(questions[0]) == to_json(questions[1])
        for cause in article_knowledge().causes:
            for form in ("why", "why_not"):
                said = [getattr(asked, form)(cause) for asked in (one, two)]
                first, second = (without_places(json.loads(to_json(answer))) for answer in said)
                assert first == second


class TestQueries:
    @FEW
    @given(packs(), st.data())
    def test_queries_keep_what_they_promise(self, made: Pack, data: st.DataObject) -> None:
        """They are open, best first, imply no other, and a shorter list begins a longer one."""
        asked = any_asked(made, data)
        queries = asked.next_questions(4)
        assert asked.next_questions(2) == queries[:2]
        turned = [query.reorders for query in queries]
        assert turned == sorted(turned, reverse=True)
        ancestors = asked.assessor.vocabulary.ancestors
        names = {query.finding for query in queries}
        for query in queries:
            assert query.finding not in asked.trace.states
            assert names.isdisjoint(ancestors[query.finding])
            assert query.reorders == max(query.if_present.reorders, query.if_absent.reorders)
            assert query.reorders or query.separates

    @SOME
    @given(packs(), st.data())
    def test_no_open_finding_reorders_more(self, made: Pack, data: st.DataObject) -> None:
        """A finding that is not asked for at all leaves the leading causes as they are."""
        asked = any_asked(made, data)
        asked_for = {query.finding for query in asked.next_questions(100)}
        related = {
            other
            for name in asked_for
            for other in (
                *asked.assessor.vocabulary.ancestors[name],
                *asked.assessor.vocabulary.descendants[name],
            )
        }
        obtainable = set(asked.assessor.influential(asked.trace))
        for name in obtainable - asked_for - related:
            for state in (True, False):
                what_if = asked.what_if({name: state})
                assert set(what_if.leading_after) == set(what_if.leading_before)

    @given(st.permutations(range(5)), st.integers(0, 5), st.integers(0, 5))
    def test_the_measure_is_symmetric_and_zero_on_itself(
        self, order: list[int], one: int, two: int
    ) -> None:
        """Turning a list into another turns as many pairs as turning it back; into itself, none."""
        names = [str(number) for number in order]
        first, second = names[:one], sorted(names)[:two]
        assert reordered(first, second) == reordered(second, first)
        assert reordered(first, first) == 0
