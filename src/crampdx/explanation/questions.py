"""What to find out next: the unknown findings that would most change the leading order.

The leading order is: the leading candidates; a mark where they end; the plausible candidates from 0
decibans on; 'none of these'; the other plausible candidates. So a cause that begins to lead, or
that falls behind 'none of these', turns a pair as well.

For each unknown finding the record is assessed anew with the finding present and with it absent.
What an answer changes is the number of pairs whose order turns: Kendall's distance for lists of
which each may hold what the other does not, with a penalty of 0 for pairs that only one of them
orders (Fagin R, Kumar R, Sivakumar D. Comparing top k lists. SIAM J Discrete Math 2003;17:134-160).
The better of the two answers counts: which answer is the likelier, rules do not say.

Findings that turn equally many pairs come in the order of the questions of an assessment: by what
they separate (see `crampdx.engine.discrimination`), then those that can be asked for, then those
that need no examination. Of findings that imply each other one is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import NamedTuple

from crampdx.assessment import Band
from crampdx.engine.assessor import Assessor
from crampdx.engine.discrimination import Discrimination
from crampdx.engine.hypotheticals import Hypothesis
from crampdx.engine.ranking import ScoredCause
from crampdx.engine.trace import AssessmentTrace
from crampdx.explanation.results import Answer, Query, WhatIf
from crampdx.knowledge.models import Finding
from crampdx.record.models import PatientRecord

__all__ = ["find_questions", "reordered"]

END_OF_LEADING, NONE_OF_THESE = "(end of leading)", "(none of these)"
"""The marks in the leading order; no cause has such an id."""


class _Option(NamedTuple):
    """An unknown finding, and how many pairs either answer turns."""

    finding: Finding
    discrimination: Discrimination
    if_present: int
    if_absent: int

    @property
    def reorders(self) -> int:
        return max(self.if_present, self.if_absent)

    @property
    def separates(self) -> int:
        return self.discrimination.separates(self.finding.id)

    @property
    def key(self) -> tuple[int, int, bool, bool, tuple[int, int], str]:
        is_examined = self.finding.kind.traits.is_examined
        not_asked = not self.finding.can_be_asked
        order = self.discrimination.order(self.finding.id)
        return (-self.reorders, -self.separates, not_asked, is_examined, order, self.finding.id)


def find_questions(
    record: PatientRecord,
    assessor: Assessor,
    trace: AssessmentTrace,
    n: int,
    what_if: Callable[[Hypothesis], WhatIf],
) -> Iterator[Query]:
    """Find what would most change the leading order, with what each answer would do.

    Args:
        record: The record.
        assessor: The rules.
        trace: What they say of the record.
        n: How many, at most.
        what_if: Tells what a supposition would do.
    """
    for option in _chosen(_options(record, assessor, trace), assessor, n):
        name = option.finding.id
        yield Query(
            finding=name,
            name=option.finding.name,
            kind=option.finding.kind,
            ask=option.finding.ask if option.finding.can_be_asked else None,
            tests=_tests_showing(name, assessor),
            reorders=option.reorders,
            separates=option.separates,
            if_present=Answer(option.if_present, what_if({name: True})),
            if_absent=Answer(option.if_absent, what_if({name: False})),
        )


def _options(
    record: PatientRecord, assessor: Assessor, trace: AssessmentTrace
) -> Iterator[_Option]:
    """Every unknown finding of which an answer would change something."""
    names = assessor.influential(trace)
    supposed = [{name: state} for name in names for state in (True, False)]
    first, *orders = map(_leading_order, assessor.orders(record, [{}, *supposed], trace.intake))
    turned = [reordered(first, order) for order in orders]
    for name, present, absent in zip(names, turned[::2], turned[1::2], strict=True):
        option = _Option(assessor.knowledge.findings[name], trace.discrimination, present, absent)
        if option.reorders or option.separates:
            yield option


def _chosen(options: Iterator[_Option], assessor: Assessor, n: int) -> list[_Option]:
    """The best options, none of which implies another."""
    above, below = assessor.vocabulary.ancestors, assessor.vocabulary.descendants
    chosen: list[_Option] = []
    taken: set[str] = set()
    for option in sorted(options, key=lambda option: option.key):
        name = option.finding.id
        if len(chosen) < n and taken.isdisjoint((*above[name], *below[name])):
            chosen.append(option)
            taken.add(name)
    return chosen


def _tests_showing(finding: str, assessor: Assessor) -> tuple[str, ...]:
    names = {finding, *assessor.vocabulary.ancestors[finding]}
    return tuple([test.id for test in assessor.knowledge.tests.values() if names & set(test.shows)])


# -------------------------------------------------------------------------------------- the measure


def _leading_order(candidates: Sequence[ScoredCause]) -> list[str]:
    """The leading and plausible candidates in rank order, and the marks between them."""
    leading = [r.cause.id for r in candidates if r.band is Band.LEADING]
    plausible = [r for r in candidates if r.band is Band.PLAUSIBLE]
    ahead = [ranked.cause.id for ranked in plausible if ranked.score >= 0]
    behind = [ranked.cause.id for ranked in plausible if ranked.score < 0]
    return [*leading, END_OF_LEADING, *ahead, NONE_OF_THESE, *behind]


def reordered(before: Sequence[str], after: Sequence[str]) -> int:
    """Count the pairs that are in the opposite order in two lists.

    What a list does not hold is behind all that it holds, in no order.

    >>> reordered(["a", "b", "c"], ["c", "a", "b"])
    2
    >>> reordered(["a", "b"], ["c", "a", "b"])
    2
    >>> reordered(["a", "b"], ["a"])
    0
    """
    old = {name: place for place, name in enumerate(before)}
    new = {name: place for place, name in enumerate(after)}
    return sum(
        (old.get(one, len(old)) - old.get(two, len(old)))
        * (new.get(one, len(new)) - new.get(two, len(new)))
        < 0
        for one, two in combinations(sorted({*old, *new}), 2)
    )
