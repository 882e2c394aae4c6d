"""Checks of tests, treatments and prevention."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from crampdx.authoring.lint.check import Check, LintIssue
from crampdx.authoring.lint.context import LintContext
from crampdx.authoring.lint.evidence import favoring
from crampdx.knowledge.criteria import Criterion
from crampdx.knowledge.models import Caution, Treatment

__all__ = ["IdleTest", "UnreachableAdvice"]


class IdleTest(Check):
    """A test that is never worth doing."""

    code = "CDX040"
    name = "idle-test"
    summary = "The test shows nothing that a rule uses."

    def check(self, context: LintContext) -> Iterator[LintIssue]:
        """Tests of whose findings none bears on a rule."""
        for test in context.knowledge.tests.values():
            if context.bearing.isdisjoint(test.shows):
                yield self.issue(
                    context.subject("test", test.id),
                    "no rule uses what it shows",
                    "shows",
                    remedy="use what it shows in a criterion, or take it out",
                )


class UnreachableAdvice(Check):
    """Advice that no patient ever gets."""

    code = "CDX041"
    name = "unreachable-advice"
    summary = "An indication, caution or measure of prevention can never be shown."

    def check(self, context: LintContext) -> Iterator[LintIssue]:
        """Advice that no candidate can have, and cautions that exclude what indicates."""
        for treatment in context.knowledge.treatments.values():
            for indication in treatment.indications:
                if not _is_reachable(indication.when, indication.causes, context):
                    yield self._of("indication", indication.id, context)
            for caution in treatment.cautions:
                if not _meets_an_indication(caution, treatment, context):
                    yield self.issue(
                        context.subject("caution", caution.id),
                        f"it excludes all that indicates '{treatment.id}', so it is never shown",
                        "when",
                        remedy="correct the criterion, or take the caution out",
                    )
        for measure in context.knowledge.prevention.values():
            if not _is_reachable(measure.when, measure.causes, context):
                yield self._of("prevention", measure.id, context)

    def _of(self, kind: str, name: str, context: LintContext) -> LintIssue:
        message = "no patient meets its criterion while one of its causes is a candidate"
        subject = context.subject(kind, name)
        return self.issue(subject, message, "when", remedy="correct the criterion or the causes")


def _is_reachable(when: Criterion | None, causes: Sequence[str], context: LintContext) -> bool:
    """Whether the criterion can hold, where there are causes with one of them as a candidate."""
    if when is None:
        return True
    if not causes:
        return bool(context.entailment.form(when))
    return any(
        context.entailment.can_hold_with(when, line.when)
        for name in causes
        for line in favoring(context.knowledge.causes[name])
    )


def _meets_an_indication(caution: Caution, treatment: Treatment, context: LintContext) -> bool:
    return any(
        indication.when is None or context.entailment.can_hold_with(caution.when, indication.when)
        for indication in treatment.indications
    )
