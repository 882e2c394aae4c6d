"""The evaluator on durable_rules: shards, sessions, and what happens when the engine fails."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from itertools import combinations
from math import comb
from typing import Any

import pytest

from crampdx.errors import InferenceError
from crampdx.knowledge.criteria import AllOf, AnyOf, Atom, Criterion
from crampdx.knowledge.normal_forms import MAX_FINDINGS

durable_rules_engine = pytest.importorskip("durable_rules_engine", exc_type=ImportError)

from crampdx.engine.evaluators import durable  # noqa: E402
from crampdx.engine.evaluators.durable import (  # noqa: E402
    DurableRulesEvaluator,
    Shard,
    fnv1_32,
)


def conjunction(*findings: str) -> frozenset[Atom]:
    return frozenset(Atom(name, True) for name in findings)


def many(count: int, width: int = 3) -> list[Criterion]:
    """Conjunctions that together name `count * width` findings."""
    return [AllOf(all=tuple(f"f{n}_{k}" for k in range(width))) for n in range(count)]


def shards_of(evaluator: DurableRulesEvaluator) -> list[Shard]:
    """All shards of an evaluator, of every layer."""
    return [shard for layer in evaluator.layers for shard in layer.stratum.shards]


def rules_in(evaluator: DurableRulesEvaluator) -> int:
    return sum(len(layer.stratum.by_rule) for layer in evaluator.layers)


def facts(shard: Shard) -> list[Any]:
    """All that the shard's free sessions hold."""
    return [
        fact
        for session in shard._sessions
        for fact in json.loads(durable_rules_engine.get_facts(shard.handle, session))
    ]


class Faulty:
    """The engine, with one function that raises."""

    def __init__(self, function: str) -> None:
        self.function = function
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> Any:
        self.calls.append(name)
        if name == self.function:
            raise RuntimeError("the engine failed")
        return getattr(durable_rules_engine, name)


class TestShards:
    def test_few_findings_make_one_shard(self) -> None:
        """Rules over no more findings than a shard takes share one."""
        assert len(shards_of(DurableRulesEvaluator(many(MAX_FINDINGS // 3), {}))) == 1

    def test_one_finding_more_makes_another(self) -> None:
        """Rules over more findings than a shard takes are split."""
        assert len(shards_of(DurableRulesEvaluator(many(MAX_FINDINGS // 3 + 1), {}))) == 2

    def test_a_shard_that_is_too_large_is_refused(self) -> None:
        """A shard over more findings than the engine survives is not built."""
        names = [f"f{n}" for n in range(MAX_FINDINGS + 1)]
        with pytest.raises(InferenceError):
            Shard({0: conjunction(*names)}, {name: n for n, name in enumerate(names)})

    def test_equal_conjunctions_are_one_rule(self) -> None:
        """Criteria that come to the same conjunctions share their rules."""
        one = DurableRulesEvaluator([AllOf(all=("a", "b", "c"))], {})
        same = DurableRulesEvaluator(
            [
                AllOf(all=("a", "b", "c")),
                AllOf(all=("c", "b", "a")),
                AllOf(all=tuple("abca")),
            ],
            {},
        )
        assert rules_in(one) == rules_in(same) == 1

    def test_short_conjunctions_are_no_rules(self) -> None:
        """What one finding or two decide is looked up, without the engine."""
        evaluator = DurableRulesEvaluator(["a", AllOf(all=("a", "b")), AnyOf(any=("a", "b"))], {})
        assert (rules_in(evaluator), shards_of(evaluator)) == (0, [])
        assert evaluator.infer({"a": True, "b": False}).verdicts == [True, False, True]

    def test_more_rules_than_one_ruleset_holds(self) -> None:
        """More distinct rules over few findings than one ruleset takes (4,096) are compiled."""
        names = [f"f{n}" for n in range(31)]
        criteria: list[Criterion] = [AllOf(all=three) for three in combinations(names, 3)]
        evaluator = DurableRulesEvaluator(criteria, {})
        assert rules_in(evaluator) == len(criteria) > 4_096
        known = dict.fromkeys(names[:20], True)
        assert evaluator.infer(known).verdicts.count(True) == comb(20, 3)


class TestNames:
    def test_hash_is_that_of_the_engine(self) -> None:
        """The hash is 32-bit FNV-1a, by its published test vectors."""
        assert [fnv1_32(text) for text in ("", "a", "foobar")] == [
            0x811C9DC5,
            0xE40C292C,
            0xBF9CF968,
        ]

    def test_a_name_that_collides_is_passed_over(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Where two names have one hash, the second is not used."""
        monkeypatch.setattr(
            durable, "fnv1_32", lambda name: 7 if name in {"p1", "p2"} else hash(name)
        )
        names = durable._property_names(["a", "b"])
        assert list(names.values()) == ["p0", "p1", "p3", "p4"]


class TestMessages:
    def test_an_atom_that_is_only_deep_in_a_rule(self) -> None:
        """A message of an atom that begins no rule is answered, and the session can be deleted.

        In a process of its own: the engine used to end the process on deleting such a session.
        """
        program = (
            "import durable_rules_engine as engine\n"
            "from crampdx.engine.evaluators.durable import DurableRulesEvaluator\n"
            "from crampdx.knowledge.criteria import AllOf\n"
            "evaluator = DurableRulesEvaluator([AllOf(all=('a', 'b', 'c', 'd'))], {})\n"
            "states = {'b': True, 'c': True, 'd': True}\n"
            "fired = [shard.fired(states) for shard in evaluator.layers[0].stratum.shards]\n"
            "assert fired == [[]]\n"
            "for shard in evaluator.layers[0].stratum.shards:\n"
            "    for session in shard._sessions:\n"
            "        engine.delete_state(shard.handle, session)\n"
            "del evaluator, shard\n"
            "print('alive')"
        )
        ended = subprocess.run(  # noqa: S603
            [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
        )
        assert (ended.returncode, ended.stdout.strip()) == (0, "alive")

    def test_ids_are_safe_in_messages(self) -> None:
        """Findings' ids do not reach the engine, so that no id can disturb a message."""
        odd = 'x":1,"sid":"0'
        criterion = AllOf.model_construct(all=(odd, "a", "b"))
        known = {odd: True, "a": True, "b": True}
        assert DurableRulesEvaluator([criterion], {}).infer(known).verdicts == [True]


class TestSessions:
    @pytest.fixture
    def evaluator(self) -> DurableRulesEvaluator:
        return DurableRulesEvaluator(
            [*many(40, 3), "d"], {"d": AllOf(all=("f0_0", "f1_1", "f2_2"))}
        )

    def test_one_session_serves_one_thread(self, evaluator: DurableRulesEvaluator) -> None:
        """Calls one after another use one session for each shard."""
        for _ in range(20):
            evaluator.infer({f"f{n}_{k}": True for n in range(40) for k in range(3)})
        assert {len(shard._sessions) for shard in shards_of(evaluator)} == {1}

    def test_nothing_of_a_patient_stays(self, evaluator: DurableRulesEvaluator) -> None:
        """After a call no session holds a fact."""
        evaluator.infer({f"f{n}_{k}": bool(k) for n in range(40) for k in range(3)})
        assert [facts(shard) for shard in shards_of(evaluator)] == [[]] * len(shards_of(evaluator))

    def test_one_patient_does_not_reach_the_next(self, evaluator: DurableRulesEvaluator) -> None:
        """A patient of whom nothing is known has no verdict after one of whom all is."""
        everything = {f"f{n}_{k}": True for n in range(40) for k in range(3)}
        evaluator.infer(everything)
        assert set(evaluator.infer({}).verdicts) == {None}

    def test_a_ruleset_is_freed_with_its_evaluator(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The engine's rulesets go when the evaluator goes."""
        deleted: list[int] = []
        real = durable_rules_engine.delete_ruleset

        class Watched(Faulty):
            def delete_ruleset(self, handle: int) -> None:
                deleted.append(handle)
                real(handle)

        monkeypatch.setattr(durable, "engine", Watched(""))
        evaluator = DurableRulesEvaluator(many(40), {})
        handles = [shard.handle for shard in shards_of(evaluator)]
        del evaluator
        gc.collect()
        assert sorted(deleted) == sorted(handles)


class TestFailures:
    STATES = {"a": True, "b": True, "c": True}  # noqa: RUF012

    @pytest.fixture
    def evaluator(self) -> DurableRulesEvaluator:
        made = DurableRulesEvaluator(
            [AllOf(all=("a", "b", "c")), "b"], {"d": AnyOf(any=("a", "b"))}
        )
        made.infer(self.STATES)
        return made

    @pytest.mark.parametrize(
        "function",
        ["assert_fact", "start_action_for_state", "complete_and_start_action", "retract_fact"],
    )
    def test_a_failure_is_an_inference_error(
        self, evaluator: DurableRulesEvaluator, function: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Whatever of the engine fails, the error is ours, and the evaluator works again after."""
        with monkeypatch.context() as patch:
            patch.setattr(durable, "engine", Faulty(function))
            with pytest.raises(InferenceError):
                evaluator.infer(self.STATES)
        assert evaluator.infer(self.STATES).verdicts == [True, True]

    @pytest.mark.parametrize(
        "function", ["start_action_for_state", "complete_and_start_action", "retract_fact"]
    )
    def test_a_session_that_failed_is_deleted(
        self, evaluator: DurableRulesEvaluator, function: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A session in which the engine failed is deleted and never used again."""
        shard = shards_of(evaluator)[0]
        (session,) = shard._sessions
        faulty = Faulty(function)
        with monkeypatch.context() as patch:
            patch.setattr(durable, "engine", faulty)
            with pytest.raises(InferenceError):
                evaluator.infer(self.STATES)
        assert faulty.calls[-1] == "delete_state"
        assert session not in shard._sessions

    def test_an_error_says_nothing_of_the_patient(
        self, evaluator: DurableRulesEvaluator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The error's text holds no finding and no state."""
        with monkeypatch.context() as patch:
            patch.setattr(durable, "engine", Faulty("assert_fact"))
            with pytest.raises(InferenceError) as caught:
                evaluator.infer({**self.STATES, "secret_finding": True})
        assert str(caught.value) == "the rule network failed: RuntimeError"

    def test_a_ruleset_that_does_not_compile(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A ruleset that the engine refuses is an inference error."""
        monkeypatch.setattr(durable, "engine", Faulty("create_ruleset"))
        with pytest.raises(InferenceError):
            DurableRulesEvaluator([AllOf(all=("a", "b", "c"))], {})
