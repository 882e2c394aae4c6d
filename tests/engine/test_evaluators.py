"""What holds for each evaluator: strata, states, and what it does to what it is given."""

from __future__ import annotations

import pytest
from evaluator_kinds import EVERY, FAST, compiled

from crampdx.assessment import EvaluatorName
from crampdx.engine.evaluators.strata import in_order, strata
from crampdx.errors import InferenceError
from crampdx.knowledge.criteria import Absent, AllOf, AnyOf, AtLeast, Criterion

LAYERED: dict[str, Criterion] = {
    "c": AllOf(all=("a", "b")),
    "a": "x",
    "b": AnyOf(any=("a", "y")),
    "d": Absent(absent="x"),
}


def test_each_layer_rests_on_those_before() -> None:
    """A derived finding is in the first layer in which all that it needs is known."""
    assert strata(LAYERED) == [("a", "d"), ("b",), ("c",)]


def test_each_derived_finding_is_after_what_it_rests_on() -> None:
    """In order, derived findings come layer by layer, with their criteria."""
    assert in_order(LAYERED) == [(name, LAYERED[name]) for name in ("a", "d", "b", "c")]


@pytest.mark.parametrize("evaluator", EVERY)
class TestEvery:
    def test_a_circle_is_refused(self, evaluator: EvaluatorName) -> None:
        """Derived findings that rest on one another do not compile."""
        with pytest.raises(InferenceError):
            compiled(evaluator, [], {"a": "b", "b": "a"})

    def test_derived_findings_are_added_to_the_states(self, evaluator: EvaluatorName) -> None:
        """What derived findings come to is among the states: present, absent, or not at all."""
        derived: dict[str, Criterion] = {
            "yes": "a",
            "no": Absent(absent="a"),
            "open": "z",
            "later": AllOf(all=("yes", Absent(absent="no"))),
        }
        assert compiled(evaluator, ["later", "open"], derived).infer({"a": True}) == (
            [True, None],
            {"a": True, "yes": True, "no": False, "later": True},
        )

    def test_findings_of_one_layer_are_settled_together(self, evaluator: EvaluatorName) -> None:
        """A criterion over several derived findings of one layer sees all of them."""
        derived: dict[str, Criterion] = {name: f"of_{name}" for name in "abc"}
        three = AllOf(all=("a", "b", "c"))
        known = {f"of_{name}": True for name in "abc"}
        assert compiled(evaluator, [three], derived).infer(known).verdicts == [True]

    def test_the_given_states_are_not_changed(self, evaluator: EvaluatorName) -> None:
        """The caller's mapping stays as it was."""
        given = {"a": True}
        compiled(evaluator, ["d"], {"d": "a"}).infer(given)
        assert given == {"a": True}

    def test_one_patient_does_not_reach_the_next(self, evaluator: EvaluatorName) -> None:
        """A patient of whom nothing is known has no verdict after one of whom all is."""
        tried = compiled(evaluator, ["a", AllOf(all=("a", "b", "c"))], {})
        tried.infer({"a": True, "b": True, "c": True})
        assert tried.infer({}) == ([None, None], {})

    def test_no_states_leave_all_unknown(self, evaluator: EvaluatorName) -> None:
        """Without a known finding every verdict is unknown."""
        tried = compiled(evaluator, ["a", Absent(absent="a")], {"d": "a"})
        assert tried.infer({}) == ([None, None], {})

    def test_states_of_no_rule_leave_all_unknown(self, evaluator: EvaluatorName) -> None:
        """Findings that no rule names are passed over."""
        assert compiled(evaluator, ["a"], {}).infer({"z": True}) == ([None], {"z": True})

    def test_no_criteria_no_verdicts(self, evaluator: EvaluatorName) -> None:
        """An evaluator of nothing answers nothing."""
        assert compiled(evaluator, [], {}).infer({"a": True}) == ([], {"a": True})

    def test_any_id_is_safe(self, evaluator: EvaluatorName) -> None:
        """No finding's id can disturb the evaluator, whatever characters it has."""
        odd = 'x":1,"sid":"0'
        criterion = AllOf.model_construct(all=(odd, "a", "b"))
        known = {odd: True, "a": True, "b": True}
        assert compiled(evaluator, [criterion], {}).infer(known).verdicts == [True]


@pytest.mark.parametrize("evaluator", FAST)
def test_a_verdict_that_needs_no_finding(evaluator: EvaluatorName) -> None:
    """A criterion that no finding can make true is false from the start, as by the reference."""
    criteria: list[Criterion] = [AtLeast(at_least=3, of=("a", "b"))]
    wanted = compiled("reference", criteria, {}).infer({})
    assert compiled(evaluator, criteria, {}).infer({}) == wanted == ([False], {})
