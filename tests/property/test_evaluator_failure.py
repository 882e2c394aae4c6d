"""Laws of failure: where durable_rules fails, the next answers, and the result says so."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import SOME, Entry, Pack, knowledge, load, packs, records_for

from crampdx import Assessment, Assessor, KnowledgeBase

durable_rules_engine = pytest.importorskip("durable_rules_engine", exc_type=ImportError)

ENGINE = "crampdx.engine.evaluators.durable.engine"
CALLS = ("assert_fact", "start_action_for_state", "complete_and_start_action", "retract_fact")
RECORD: Entry = {"findings": {"secret_finding": True, "b": False, "c": True}, "age": 47}


class Failing:
    """The engine, of which one function fails from its n-th call on, so many times."""

    def __init__(self, function: str, first: int = 0, times: int = 1_000_000) -> None:
        self.function, self.first, self.times = function, first, times
        self.calls = 0

    def __getattr__(self, name: str) -> Any:
        if name == self.function:
            self.calls += 1
            if self.first < self.calls <= self.first + self.times:
                raise durable_rules_engine.error("Could not do it, error code: 303")
        return getattr(durable_rules_engine, name)


def assessed(assessor: Assessor, record: Entry, engine: Failing) -> Assessment:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ENGINE, engine)
        return assessor.assess(record)


@pytest.fixture
def base() -> KnowledgeBase:
    all_three = {"all": ["secret_finding", "c", "d"]}
    return knowledge(
        ["secret_finding", "b", "c", {"id": "d", "derived": {"absent": "b"}}],
        {
            "one": {"evidence": [{"when": all_three, "favors": "strong"}]},
            "two": {"evidence": [{"when": {"absent": "secret_finding"}, "favors": "weak"}]},
        },
    )


@pytest.mark.parametrize("function", CALLS)
class TestOneFunctionFails:
    def test_the_builtin_evaluator_answers(self, base: KnowledgeBase, function: str) -> None:
        """Whichever function fails, there is an answer, and it says who gave it."""
        assert assessed(Assessor(base), RECORD, Failing(function)).inference == "builtin"

    def test_the_answer_is_the_same(self, base: KnowledgeBase, function: str) -> None:
        """But for who gave it, the answer is that of durable_rules."""
        assessor = Assessor(base)
        answer = assessed(assessor, RECORD, Failing(function))
        assert assessor.assess(RECORD) == answer.model_copy(update={"inference": "durable_rules"})

    def test_durable_rules_works_again(self, base: KnowledgeBase, function: str) -> None:
        """Once the engine works, durable_rules answers again."""
        assessor = Assessor(base)
        assessed(assessor, RECORD, Failing(function))
        assert assessor.assess(RECORD).inference == "durable_rules"

    def test_the_log_says_nothing_of_the_patient(
        self, base: KnowledgeBase, function: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        """The failure is logged as an error, without anything of the record."""
        with caplog.at_level(logging.DEBUG):
            assessed(Assessor(base), RECORD, Failing(function))
        assert caplog.records
        for said in ("secret_finding", "47", "303", '"'):
            assert said not in caplog.text


def test_an_engine_that_compiles_nothing(base: KnowledgeBase) -> None:
    """Where no ruleset can be made at all, the built-in evaluator answers every time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ENGINE, Failing("create_ruleset"))
        assessor = Assessor(base)
    assert assessor.assess(RECORD).inference == "builtin"


@SOME
@given(packs(), st.data(), st.sampled_from(CALLS), st.integers(0, 6), st.integers(1, 3))
def test_a_failure_at_any_time(
    made: Pack, data: st.DataObject, function: str, first: int, times: int
) -> None:
    """Whenever the engine fails, this answer and the next are those of an engine that does not."""
    base = load(made)
    given_ = data.draw(st.lists(records_for(base), min_size=3, max_size=3))
    assessor, sound = Assessor(base), Assessor(base)
    engine = Failing(function, first, times)
    for record in given_:
        answer = assessed(assessor, record, engine)
        wanted = sound.assess(record)
        assert answer.model_copy(update={"inference": "durable_rules"}) == wanted
