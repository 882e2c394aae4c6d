"""The weights of every shipped line, and the scores of every shipped case, by the specification.

Cases need not repeat what a strength comes to: it is worked out here, for all of them, from the
words of the rules and the tables of `docs/weight-of-evidence.md`, apart from the engine.
"""

from __future__ import annotations

import math
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

from crampdx import Assessor, KnowledgeBase
from crampdx.authoring.cases.reading import LocatedCase, read_cases
from crampdx.knowledge.models import Cause, Evidence

ROOT = Path(__file__).resolve().parents[2]
KNOWLEDGE = KnowledgeBase.load()

STRENGTH = {"weak": 3, "moderate": 7, "strong": 10, "confirms": 20, "rules_out": 20}
PRETEST = {"very_common": 0, "common": -3, "uncommon": -7, "rare": -10}


@cache
def assessor() -> Assessor:
    """The assessor of the default packs."""
    return Assessor(KNOWLEDGE)


def weight(line: Evidence) -> int:
    """What the specification says that a line weighs."""
    if line.lr is not None:
        return round(10 * math.log10(line.lr))
    return STRENGTH[str(line.favors)] if line.favors else -STRENGTH[str(line.opposes)]


def score(cause: Cause, true: list[Evidence], of_group: list[Evidence]) -> int:
    """What the specification says that lines which hold come to."""
    clusters: dict[tuple[str, bool], list[int]] = defaultdict(list)
    for line in true:
        clusters[line.cluster or line.id, weight(line) > 0].append(weight(line))
    for line in of_group:  # each is its own cluster
        clusters[line.id, weight(line) > 0].append(weight(line))
    strongest = (max(weights, key=abs) for weights in clusters.values())
    return PRETEST[str(cause.pretest)] + sum(strongest)


def cases_of(cause: str) -> list[LocatedCase]:
    """The cases in the files that are named after a cause."""
    files = sorted((ROOT / "rules").glob(f"*/cases/{cause}.case.yaml"))
    return list(read_cases(files))


@pytest.mark.parametrize("cause", sorted(KNOWLEDGE.causes))
def test_the_cases_of_a_cause_come_to_what_its_lines_say(cause: str) -> None:
    """Its pretest class, and of each cluster and direction the strongest line that holds."""
    found = KNOWLEDGE.causes[cause]
    cases = cases_of(cause)
    assert cases
    for located in cases:
        trace = assessor().trace(located.patient)
        holds = [
            [line for line in owner.evidence if trace.verdicts["evidence", line.id]]
            for owner in (found, KNOWLEDGE.groups[found.group])
        ]
        assert trace.scored[cause].score == score(found, *holds), str(located)


@pytest.mark.parametrize("cause", sorted(KNOWLEDGE.causes))
def test_each_line_of_a_cause_weighs_what_its_words_say(cause: str) -> None:
    """Strengths and measured ratios in decibans, for and against."""
    compiled = {
        line.evidence.id: line.weight
        for line in assessor().trace({}).scored[cause].compiled.lines
        if line.is_cause_specific
    }
    assert compiled == {line.id: weight(line) for line in KNOWLEDGE.causes[cause].evidence}
