"""Laws of inference: every evaluator is the reference, and knowing more changes no verdict."""

from __future__ import annotations

import random

import pytest
from evaluator_kinds import EVERY, FAST, compiled
from hypothesis import given
from hypothesis import strategies as st
from strategies import (
    MANY,
    ORDERS,
    SOME,
    Pack,
    criteria,
    load,
    packs,
    records_for,
    shuffled,
    states_of,
)

from crampdx import Assessor
from crampdx.assessment import EvaluatorName
from crampdx.knowledge.criteria import Criterion

PLAIN = tuple(f"f{number}" for number in range(10))
DERIVED = tuple(f"d{number}" for number in range(4))

Rules = tuple[list[Criterion], dict[str, Criterion]]


@st.composite
def rules(draw: st.DrawFn) -> Rules:
    """Criteria over findings, of which some are derived from others, in strata."""
    names = PLAIN
    derived: dict[str, Criterion] = {}
    for name in DERIVED[: draw(st.integers(0, len(DERIVED)))]:
        derived[name] = draw(criteria(names))
        names = (*names, name)
    return draw(st.lists(criteria(names), max_size=8)), derived


@pytest.mark.parametrize("evaluator", FAST)
class TestEveryEvaluatorIsTheReference:
    @MANY
    @given(rules=rules(), patients=st.lists(states_of(PLAIN), min_size=1, max_size=4))
    def test_on_every_criterion(
        self, evaluator: EvaluatorName, rules: Rules, patients: list[dict[str, bool]]
    ) -> None:
        """It agrees with the reference on every verdict, and on the states of derived findings."""
        tried, reference = compiled(evaluator, *rules), compiled("reference", *rules)
        for states in patients:
            assert tried.infer(states) == reference.infer(states)

    @MANY
    @given(rules=rules(), states=states_of((*PLAIN, *DERIVED)))
    def test_where_states_name_derived_findings(
        self, evaluator: EvaluatorName, rules: Rules, states: dict[str, bool]
    ) -> None:
        """A derived finding that was given a state keeps it only where its criterion is unknown."""
        reference = compiled("reference", *rules)
        assert compiled(evaluator, *rules).infer(states) == reference.infer(states)

    @SOME
    @given(made=packs(), data=st.data())
    def test_in_whole_assessments(
        self, evaluator: EvaluatorName, made: Pack, data: st.DataObject
    ) -> None:
        """An assessment by it and one by the reference say the same."""
        base = load(made)
        record = data.draw(records_for(base))
        wanted = Assessor(base, evaluator="reference").assess(record)
        answer = Assessor(base, evaluator=evaluator).assess(record)
        assert answer == wanted.model_copy(update={"inference": evaluator})


@pytest.mark.parametrize("evaluator", EVERY)
class TestOrder:
    @given(rules=rules(), states=states_of(PLAIN), order=ORDERS)
    def test_of_states_does_not_matter(
        self,
        evaluator: EvaluatorName,
        rules: Rules,
        states: dict[str, bool],
        order: random.Random,
    ) -> None:
        """The order in which findings become known does not matter."""
        tried = compiled(evaluator, *rules)
        assert tried.infer(dict(shuffled(states.items(), order))) == tried.infer(states)

    @given(rules=rules(), states=states_of(PLAIN), order=ORDERS)
    def test_of_criteria_does_not_matter(
        self,
        evaluator: EvaluatorName,
        rules: Rules,
        states: dict[str, bool],
        order: random.Random,
    ) -> None:
        """A criterion's verdict does not depend on what else is compiled, or in what order."""
        wanted, derived = rules
        other = shuffled(wanted, order)
        found = compiled(evaluator, other, derived).infer(states).verdicts
        verdicts = dict(zip(other, found, strict=True))
        first = compiled(evaluator, wanted, derived).infer(states).verdicts
        assert [verdicts[criterion] for criterion in wanted] == first


class TestKnowingMore:
    @pytest.mark.parametrize("evaluator", EVERY)
    @MANY
    @given(
        rules=rules(),
        states=states_of(PLAIN),
        finding=st.sampled_from(PLAIN),
        state=st.booleans(),
    )
    def test_never_changes_a_decided_verdict(
        self,
        evaluator: EvaluatorName,
        rules: Rules,
        states: dict[str, bool],
        finding: str,
        state: bool,
    ) -> None:
        """Turning an unknown finding into present or absent changes no verdict but unknown ones."""
        tried = compiled(evaluator, *rules)
        before = tried.infer(states).verdicts
        after = tried.infer({finding: state, **states}).verdicts
        changed = [(b, a) for b, a in zip(before, after, strict=True) if b is not a]
        assert all(was is None for was, _ in changed)

    @pytest.mark.parametrize("evaluator", EVERY)
    @given(rules=rules(), states=states_of(PLAIN), state=st.booleans())
    def test_of_an_irrelevant_finding_changes_nothing(
        self, evaluator: EvaluatorName, rules: Rules, states: dict[str, bool], state: bool
    ) -> None:
        """A finding that no criterion names changes no verdict."""
        tried = compiled(evaluator, *rules)
        assert tried.infer({**states, "z": state}).verdicts == tried.infer(states).verdicts

    @SOME
    @given(packs(), st.data())
    def test_of_an_irrelevant_finding_changes_no_assessment(
        self, made: Pack, data: st.DataObject
    ) -> None:
        """Scores, ranks and plan are the same with a finding that no rule mentions."""
        made.entries["findings"].append(
            {"id": "z", "name": "Z", "kind": "sign", "sources": ["study"]}
        )
        base = load(made)
        record = data.draw(
            records_for(base).filter(lambda r: not isinstance(r.get("findings"), dict))
        )
        said = [entry for entry in record.get("findings", []) if entry.get("id") != "z"]
        record["findings"] = said
        assessor = Assessor(base)
        without = assessor.assess(record)
        with_it = assessor.assess({**record, "findings": [*said, {"id": "z"}]})
        parts = ("candidates", "do_not_miss", "red_flags", "questions", "tests", "treatments")
        parts += ("prevention", "notes", "conclusion", "clarify")
        assert {p: getattr(with_it, p) for p in parts} == {p: getattr(without, p) for p in parts}
