"""The evaluators on every case that there is: of patients, and of each rule of the packs."""

from __future__ import annotations

from pathlib import Path

import pytest
from evaluator_kinds import FAST, compiled

from crampdx import KnowledgeBase
from crampdx.assessment import EvaluatorName
from crampdx.authoring.cases.reading import read_cases
from crampdx.authoring.cases.stacks import stacked_files
from crampdx.engine.evaluators.reference import ReferenceEvaluator
from crampdx.engine.intake.reader import interpret_record
from crampdx.engine.intake.vocabulary import Vocabulary

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module", params=["patients", "article", "extended"])
def asked(request: pytest.FixtureRequest) -> list[tuple[KnowledgeBase, list[dict[str, bool]]]]:
    """Rules, with the states of the findings of all cases about them."""
    folder = ROOT / ("tests/cases" if request.param == "patients" else f"rules/{request.param}")
    found = []
    for stack, files in stacked_files([folder]).items():
        knowledge = KnowledgeBase.load(*stack)
        vocabulary = Vocabulary(knowledge)
        cases = read_cases(files, knowledge)
        found.append(
            (
                knowledge,
                [dict(interpret_record(c.patient, vocabulary).resolved.states) for c in cases],
            )
        )
    return found


@pytest.mark.parametrize("evaluator", FAST)
def test_the_verdicts_are_those_of_the_reference(
    asked: list[tuple[KnowledgeBase, list[dict[str, bool]]]], evaluator: EvaluatorName
) -> None:
    """On the record of every case, each verdict and each derived finding is the reference's."""
    for knowledge, records in asked:
        criteria = list({c: None for kind, _, c in knowledge.criteria() if kind != "finding"})
        derived = knowledge.derived()
        tried = compiled(evaluator, criteria, derived)
        reference = ReferenceEvaluator(criteria, derived)
        assert len(records) > 100
        for states in records:
            assert tried.infer(states) == reference.infer(states)
