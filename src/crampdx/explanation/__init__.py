"""Why a cause has its position, why not another, and what would change that.

>>> import crampdx
>>> rules = crampdx.KnowledgeBase.load("article")
>>> asked = explain({"findings": {"hypokalemia": True}}, rules)
>>> why = asked.why("hypokalemia")
>>> [why.pretest, *(cluster.weight for cluster in why.supporting)], why.score
([-7, 20], 13)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from crampdx.engine.assessor import Assessor, assessor_of
from crampdx.engine.hypotheticals import Hypothesis, HypothesisError
from crampdx.engine.trace import AssessmentTrace
from crampdx.errors import CrampdxError, printable
from crampdx.explanation.questions import find_questions
from crampdx.explanation.results import Query, WhatIf, Why, WhyNot, to_json
from crampdx.explanation.what_if import compare
from crampdx.explanation.why import explain_score
from crampdx.explanation.why_not import MinimalChange, find_unfired
from crampdx.knowledge.base import KnowledgeBase
from crampdx.record.models import PatientRecord
from crampdx.record.parsing import parse_record
from crampdx.text.suggestions import NameIndex

SuppositionError = HypothesisError
"""The name of `HypothesisError` before version 0.4; it goes with version 0.5."""

__all__ = [
    "Explanation",
    "HypothesisError",
    "Query",
    "UnknownCause",
    "WhatIf",
    "Why",
    "WhyNot",
    "explain",
    "to_json",
]


class UnknownCause(CrampdxError, LookupError):
    """No cause of the rules has the id that was asked for."""


class Explanation:
    """Answers questions on the assessment of one record by one knowledge base.

    The same questions on the same record and rules have the same answers, whatever the order of
    the record's entries. Thread-safe.
    """

    def __init__(self, record: PatientRecord, assessor: Assessor) -> None:
        """Assess the record.

        Args:
            record: What is known of the patient.
            assessor: The rules, compiled.
        """
        self.record = record
        self.assessor = assessor
        self.trace: AssessmentTrace = assessor.trace(record)

    @property
    def examined(self) -> AssessmentTrace:
        """The name of `trace` before version 0.4; it goes with version 0.5."""
        return self.trace

    def why(self, cause: str) -> Why:
        """What the score of a cause is made of, candidate or not.

        Raises:
            UnknownCause: The rules have no such cause.
        """
        return explain_score(self._known(cause), self.trace)

    def why_not(self, cause: str) -> WhyNot:
        """The lines of a cause and of its group that did not fire, nearest first.

        The nearest line is the one with the fewest findings to be changed into their opposite,
        then the fewest unknown ones to be known; of equally near lines, the heaviest.

        Raises:
            UnknownCause: The rules have no such cause.
        """
        return find_unfired(self._known(cause), self.trace, self._nearest)

    def what_if(self, *present: str | Hypothesis, **findings: bool | None) -> WhatIf:
        """What the assessment would be if some findings were other than the record says.

        Args:
            present: Findings that are supposed to be present; or a mapping of findings to True
                for present, False for absent, None for unknown.
            findings: The same as keywords.

        Raises:
            HypothesisError: A finding does not exist or follows from others, or what is supposed
                contradicts itself.

        >>> rules = KnowledgeBase.load("article")
        >>> asked = explain({"findings": {"hypokalemia": True}}, rules)
        >>> asked.what_if(hypokalemia=False).leading_after
        ()
        """
        return self._what_if(_merged([*present, findings]))

    def next_questions(self, n: int = 5) -> tuple[Query, ...]:
        """The unknown findings that would most change the leading order, and how.

        Args:
            n: How many, at most.
        """
        return tuple(find_questions(self.record, self.assessor, self.trace, n, self._what_if))

    def _what_if(self, supposing: Hypothesis) -> WhatIf:
        after = self.assessor.trace(self.record, supposing, self.trace.intake)
        return compare(self.trace, after, supposing)

    @cached_property
    def _nearest(self) -> MinimalChange:
        return MinimalChange(self.trace.intake.resolved, self.assessor.vocabulary)

    def _known(self, cause: str) -> str:
        if cause not in self.trace.scored:
            causes = (scored.cause for scored in self.trace.scored.values())
            hint = NameIndex((known.id, (known.name,)) for known in causes).suggest(cause)
            message = f"no cause has the id '{printable(cause)}'"
            raise UnknownCause(f"{message}; {hint}" if hint else message)
        return cause


def _merged(given: Iterable[str | Hypothesis]) -> dict[str, bool | None]:
    """One supposition of several.

    Raises:
        HypothesisError: They contradict each other.
    """
    merged: dict[str, bool | None] = {}
    issues: list[str] = []
    for one in given:
        for name, state in ({one: True} if isinstance(one, str) else one).items():
            if merged.setdefault(name, state) is not state:
                issues.append(f"'{printable(name)}' is supposed in two ways")
    if issues:
        raise HypothesisError(issues)
    return merged


def explain(
    record: PatientRecord | Mapping[str, Any] | str | bytes,
    knowledge: KnowledgeBase | None = None,
) -> Explanation:
    """Assess one patient, and answer questions on the result.

    Args:
        record: What is known of the patient; as for `crampdx.assess`.
        knowledge: The rules; the default ones where none are given.

    Raises:
        RecordError: The record is not of the record's form.
        KnowledgeError: The default rules do not load.
    """
    return Explanation(parse_record(record), assessor_of(knowledge))
