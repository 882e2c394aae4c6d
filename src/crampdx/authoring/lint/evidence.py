"""Checks of lines of evidence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import product

from crampdx.authoring.lint.check import Check, LintIssue
from crampdx.authoring.lint.context import LintContext
from crampdx.authoring.lint.entailment import Entailment, Form, covers
from crampdx.engine.scoring import (
    ClusterKey,
    WeighedLine,
    gain_over,
    strongest_first,
    weigh,
    weight_of,
)
from crampdx.knowledge.models import Cause, Evidence

__all__ = ["BothDirections", "IdleLine", "PointlessLine", "favoring", "opposing"]


def favoring(cause: Cause) -> list[Evidence]:
    """The lines in favor of a cause."""
    return [line for line in cause.evidence if weight_of(line) > 0]


def opposing(cause: Cause) -> list[Evidence]:
    """The lines against a cause."""
    return [line for line in cause.evidence if weight_of(line) < 0]


class PointlessLine(Check):
    """A line that never counts, since wherever it holds one of its cluster counts as much."""

    code = "CDX020"
    name = "pointless-line"
    summary = "Wherever the line holds, another of its cluster holds and weighs as much or more."

    def check(self, context: LintContext) -> Iterator[LintIssue]:
        """Lines that others of their cause, cluster and direction make pointless."""
        for cause in context.knowledge.causes.values():
            clusters: defaultdict[ClusterKey, list[WeighedLine]] = defaultdict(list)
            for line in cause.evidence:
                if context.entailment.form(line.when):
                    weighed = weigh(line, is_cause_specific=True)
                    clusters[weighed.cluster].append(weighed)
            for lines in clusters.values():
                for outweighed, others in _outweighed(lines, context.entailment):
                    names = " or ".join(f"'{other.id}'" for other in others)
                    yield self.issue(
                        context.subject("evidence", outweighed.id),
                        f"wherever it holds, {names} holds too and weighs as much or more",
                        "when",
                        remedy="take the line out, give it more weight, or narrow the other",
                    )


def _outweighed(
    lines: Sequence[WeighedLine], entailment: Entailment
) -> Iterator[tuple[Evidence, list[Evidence]]]:
    """The lines of a cluster that the rest makes pointless, the weakest first, each with these."""
    rest = sorted(lines, key=strongest_first, reverse=True)
    for line in list(rest):
        rivals = [
            rival.evidence
            for rival in rest
            if rival is not line and not gain_over(line.weight, rival.weight)
        ]
        covering = _covering(entailment.form(line.evidence.when), rivals, entailment)
        if covering:
            rest.remove(line)
            yield line.evidence, covering


def _covering(form: Form, rivals: Sequence[Evidence], entailment: Entailment) -> list[Evidence]:
    """Rivals of which one holds wherever the form does: one alone if it can be, else several."""
    by_id = sorted(rivals, key=lambda rival: rival.id)
    forms = [(rival, entailment.form(rival.when)) for rival in by_id]
    for rival, other in forms:
        if covers(other, form):
            return [rival]
    union = frozenset(way for _, other in forms for way in other)
    if not covers(union, form):
        return []
    return [r for r, other in forms if any(way <= one for way, one in product(other, form))]


class IdleLine(Check):
    """A line that has no effect on any patient's ranking."""

    code = "CDX021"
    name = "idle-line"
    summary = "The line can never change a rank."

    def check(self, context: LintContext) -> Iterator[LintIssue]:
        """Lines that weigh nothing, never hold, or hold only where their cause is no candidate."""
        for cause in context.knowledge.causes.values():
            supporting = favoring(cause)
            for line in cause.evidence:
                yield from self._idle(line, context)
                if _never_meets(line, supporting, context.entailment):
                    yield self.issue(
                        context.subject("evidence", line.id),
                        f"where it holds, no line for '{cause.id}' can, so the cause is not ranked",
                        "when",
                        remedy="take the line out, or add the evidence that it is to outweigh",
                    )
        inhabited = {cause.group for cause in context.knowledge.causes.values()}
        for group in context.knowledge.groups.values():
            for line in group.evidence:
                yield from self._idle(line, context)
                if group.id not in inhabited:
                    message = f"no cause is of group '{group.id}'"
                    subject = context.subject("evidence", line.id)
                    yield self.issue(subject, message, remedy="take the line out")

    def _idle(self, line: Evidence, context: LintContext) -> Iterator[LintIssue]:
        subject = context.subject("evidence", line.id)
        if weight_of(line) == 0:
            message = f"a likelihood ratio of {line.lr:g} is 0 decibans"
            yield self.issue(subject, message, "lr", remedy="take the line out")
        if not context.entailment.form(line.when):
            message = "it can never hold"
            yield self.issue(subject, message, "when", remedy="correct the criterion")


def _never_meets(line: Evidence, supporting: Sequence[Evidence], entailment: Entailment) -> bool:
    """Whether an opposing line holds only where no supporting one does."""
    return (
        weight_of(line) < 0
        and bool(entailment.form(line.when))
        and not any(entailment.can_hold_with(line.when, other.when) for other in supporting)
    )


class BothDirections(Check):
    """One criterion for and against a cause: one of the two is a mistake."""

    code = "CDX022"
    name = "both-directions"
    summary = "One criterion speaks both for and against a cause."

    def check(self, context: LintContext) -> Iterator[LintIssue]:
        """Opposing lines whose criterion is equal to that of a favoring line of the cause."""
        for cause in context.knowledge.causes.values():
            for line, other in product(opposing(cause), favoring(cause)):
                form = context.entailment.form(line.when)
                if form and form == context.entailment.form(other.when):
                    yield self.issue(
                        context.subject("evidence", line.id),
                        f"it has the criterion of '{other.id}', which speaks for '{cause.id}'",
                        "when",
                        remedy="decide which of the two is meant",
                    )
