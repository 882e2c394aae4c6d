"""What an assessment was made from, for whoever explains, tests or compares rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from crampdx.assessment import Assessment, CautionNote, Observed
from crampdx.engine.discrimination import Discrimination
from crampdx.engine.evaluators.protocol import Verdict
from crampdx.engine.intake.reader import Intake
from crampdx.engine.ranking import ScoredCause
from crampdx.knowledge.base import KnowledgeBase

__all__ = ["AssessmentTrace"]


@dataclass(frozen=True, slots=True)
class AssessmentTrace:
    """An assessment with all that it was made from.

    Attributes:
        knowledge: The rules.
        assessment: What `assess` answers.
        states: The known findings: True for present, False for absent.
        verdicts: Of each criterion of the knowledge base but those of derived findings, by the
            kind and the id of its owner (see `KnowledgeBase.criteria`).
        scored: Every cause with its score and true lines, candidates and others, by id.
        discrimination: What each unknown finding could do to the causes in question: those that
            the questions of the assessment would tell apart.
        intake: What the record says, as it was read.
        observe: Findings to what the record says of them, and where; unknown ones are left out.
        cautions: A treatment, by id, to its cautions for this record, whatever indicates it.
    """

    knowledge: KnowledgeBase
    assessment: Assessment
    states: Mapping[str, bool]
    verdicts: Mapping[tuple[str, str], Verdict]
    scored: Mapping[str, ScoredCause]
    discrimination: Discrimination
    intake: Intake
    observe: Callable[[Iterable[str]], tuple[Observed, ...]]
    cautions: Callable[[str], tuple[CautionNote, ...]]
