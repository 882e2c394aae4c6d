"""Large rules and large records work: a thousand rules, a thousand findings, hundreds present."""

from __future__ import annotations

import random

import pytest
from evaluator_kinds import FAST
from strategies import knowledge

from crampdx import Assessor, KnowledgeBase, PatientRecord, parse_record
from crampdx.assessment import EvaluatorName

FINDINGS = 1_000
CAUSES = 50
LINES = 20


@pytest.fixture(scope="module")
def base() -> KnowledgeBase:
    """Fifty causes of twenty lines of up to three findings each: a thousand rules."""
    order = random.Random(2026)  # noqa: S311
    names = [f"f{number}" for number in range(FINDINGS)]
    weights = ("weak", "moderate", "strong")

    def line() -> dict[str, object]:
        parts = [
            name if order.random() < 0.7 else {"absent": name}
            for name in order.sample(names, order.randint(1, 3))
        ]
        clause = order.choice(("all", "any"))
        return {"when": {clause: parts}, "favors": order.choice(weights), "cluster": "k"}

    return knowledge(
        names, {f"c{n}": {"evidence": [line() for _ in range(LINES)]} for n in range(CAUSES)}
    )


@pytest.fixture(scope="module")
def assessor(base: KnowledgeBase) -> Assessor:
    return Assessor(base)


def full(share: float) -> PatientRecord:
    """A record in which every finding is known, this share of them present."""
    order = random.Random(7)  # noqa: S311
    names = [f"f{number}" for number in range(FINDINGS)]
    order.shuffle(names)
    return parse_record({"findings": {name: order.random() < share for name in names}})


@pytest.mark.parametrize("evaluator", FAST)
@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_a_thousand_rules_and_findings(
    base: KnowledgeBase, evaluator: EvaluatorName, share: float
) -> None:
    """With a thousand findings known, an evaluator agrees with the reference on as many rules."""
    answer = Assessor(base, evaluator=evaluator).assess(full(share))
    wanted = Assessor(base, evaluator="reference").assess(full(share))
    assert answer == wanted.model_copy(update={"inference": evaluator})


def test_one_line_of_each_rule_is_counted(assessor: Assessor) -> None:
    """All causes of a thousand rules are candidates where all findings are present."""
    assert len(assessor.assess(full(1.0)).candidates) == CAUSES
