"""What planning looks at, and what several of its parts ask of the knowledge base."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from crampdx.assessment import Band, Observed
from crampdx.engine.discrimination import Discrimination
from crampdx.engine.evaluators.protocol import Verdict
from crampdx.engine.intake.reader import Intake
from crampdx.engine.ranking import ScoredCause
from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.criteria import Criterion
from crampdx.knowledge.models import Code
from crampdx.record.models import PatientRecord

__all__ = [
    "Codes",
    "CriterionNumbers",
    "PlanningContext",
    "exact_codes",
    "numbers_by_owner",
    "positions_of",
    "related_findings",
]

CriterionNumbers = Mapping[tuple[str, str], int]
"""The number of a criterion in the list of verdicts, by the kind and the id of its owner."""

Codes = Mapping[tuple[str, str], tuple[Code, ...]]
"""The exact codes of each concept, by its kind and its id."""


@dataclass(frozen=True, slots=True)
class PlanningContext:
    """What planning looks at.

    Attributes:
        record: The record, for the population.
        intake: What the record says, as it was read.
        states: The known findings.
        verdicts: The verdict of each criterion, by its number.
        candidates: In rank order.
        positions: The leading and plausible causes, with their place in the order.
        discrimination: What each unknown finding could do to the causes in question.
        observe: Findings to what the record says of them.
    """

    record: PatientRecord
    intake: Intake
    states: Mapping[str, bool]
    verdicts: Sequence[Verdict]
    candidates: Sequence[ScoredCause]
    positions: Mapping[str, int]
    discrimination: Discrimination
    observe: Callable[[Iterable[str]], tuple[Observed, ...]]


def positions_of(candidates: Iterable[ScoredCause]) -> dict[str, int]:
    """Number the leading and plausible causes by their place in the order."""
    return {
        ranked.cause.id: number
        for number, ranked in enumerate(candidates)
        if ranked.band is not Band.UNLIKELY
    }


def numbers_by_owner(
    knowledge: KnowledgeBase, numbers: Mapping[Criterion, int]
) -> dict[tuple[str, str], int]:
    """Number criteria by what has them, but those of derived findings.

    A red flag has two, of which this is what raises it, not what holds it back.
    """
    own = {
        (kind, item): numbers[criterion]
        for kind, item, criterion in knowledge.criteria()
        if kind not in ("finding", "red_flag")
    }
    return own | {
        ("red_flag", flag.id): numbers[flag.when] for flag in knowledge.red_flags.values()
    }


def exact_codes(knowledge: KnowledgeBase) -> Codes:
    """Collect the exact codes of each concept, for output."""
    found: dict[tuple[str, str], list[Code]] = defaultdict(list)
    for code in knowledge.codes:
        if code.match == "exact":
            found[code.concept_kind, code.concept].append(code)
    return {key: tuple(codes) for key, codes in found.items()}


def related_findings(knowledge: KnowledgeBase) -> dict[str, frozenset[str]]:
    """Collect for each finding those that it implies and those that imply it."""
    above, below = knowledge.ancestors(), knowledge.descendants()
    return {finding: frozenset(above[finding] | below[finding]) for finding in above}
