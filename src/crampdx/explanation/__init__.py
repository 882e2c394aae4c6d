"""Why a cause stands where it stands, why not elsewhere, and what would change that.

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

from crampdx.engine.assessor import Assessor, Examination, assessor_of
from crampdx.engine.hypotheticals import Supposition, SuppositionError
from crampdx.errors import CrampdxError, did_you_mean, printable
from crampdx.explanation import comparison, evidence
from crampdx.explanation.nearest import Nearest
from crampdx.explanation.queries import next_queries
from crampdx.explanation.results import Query, WhatIf, Why, WhyNot, to_json
from crampdx.knowledge.base import KnowledgeBase
from crampdx.record.models import PatientRecord, parse_record

__all__ = [
    "Explanation",
    "Query",
    "SuppositionError",
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
        self.examined: Examination = assessor.examine(record)

    def why(self, cause: str) -> Why:
        """What the score of a cause is made of, candidate or not.

        Raises:
            UnknownCause: The rules have no such cause.
        """
        return evidence.why(self._known(cause), self.examined)

    def why_not(self, cause: str) -> WhyNot:
        """The lines of a cause and of its group that did not fire, nearest first.

        The nearest line is the one with the fewest findings to be changed into their opposite,
        then the fewest unknown ones to be known; of equally near lines, the heaviest.

        Raises:
            UnknownCause: The rules have no such cause.
        """
        return evidence.why_not(self._known(cause), self.examined, self._nearest)

    def what_if(self, *present: str | Supposition, **findings: bool | None) -> WhatIf:
        """What the assessment would be if some findings were other than the record says.

        Args:
            present: Findings that are supposed to be present; or a mapping of findings to True
                for present, False for absent, None for unknown.
            findings: The same as keywords.

        Raises:
            SuppositionError: A finding does not exist or follows from others, or what is supposed
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
        return tuple(next_queries(self.record, self.assessor, self.examined, n, self._what_if))

    def _what_if(self, supposing: Supposition) -> WhatIf:
        after = self.assessor.examine(self.record, supposing)
        return comparison.compared(self.examined, after, supposing)

    @cached_property
    def _nearest(self) -> Nearest:
        return Nearest(self.examined.intake.settled, self.assessor.vocabulary)

    def _known(self, cause: str) -> str:
        if cause not in self.examined.scored:
            hint = did_you_mean(cause, self.examined.scored)
            message = f"no cause has the id '{printable(cause)}'"
            raise UnknownCause(f"{message}; {hint}" if hint else message)
        return cause


def _merged(given: Iterable[str | Supposition]) -> dict[str, bool | None]:
    """One supposition of several.

    Raises:
        SuppositionError: They contradict each other.
    """
    merged: dict[str, bool | None] = {}
    issues: list[str] = []
    for one in given:
        for name, state in ({one: True} if isinstance(one, str) else one).items():
            if merged.setdefault(name, state) is not state:
                issues.append(f"'{printable(name)}' is supposed in two ways")
    if issues:
        raise SuppositionError(issues)
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
