"""Checks of findings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from crampdx.authoring.lint.check import Check, LintIssue
from crampdx.authoring.lint.context import LintContext
from crampdx.authoring.lint.entailment import Form
from crampdx.knowledge.models import Strength

__all__ = ["EqualFinding", "NeverAsked", "UnusedFinding"]


class UnusedFinding(Check):
    """A finding that changes nothing, whatever a record says of it."""

    code = "CDX010"
    name = "unused-finding"
    summary = "No rule uses the finding, and no test shows it."

    def check(self, context: LintContext) -> Iterator[LintIssue]:
        """Findings that neither bear on a rule nor are shown by a test."""
        shown = {name for test in context.knowledge.tests.values() for name in test.shows}
        for name in context.knowledge.findings:
            if name not in context.bearing and name not in shown:
                yield self.issue(
                    context.subject("finding", name),
                    "no rule uses it",
                    "id",
                    remedy="name it in a criterion, or take it out",
                )


class EqualFinding(Check):
    """Two names for one thing, of which rules then use now one, now the other."""

    code = "CDX011"
    name = "equal-finding"
    summary = "A derived finding is equal to another finding."

    def check(self, context: LintContext) -> Iterator[LintIssue]:
        """Derived findings that hold in the same ways as another; of several, all but one."""
        equal: defaultdict[Form, list[str]] = defaultdict(list)
        for finding in context.knowledge.findings.values():
            if finding.derived is not None:
                equal[context.entailment.form(finding.derived)].append(finding.id)
        for form, derived in equal.items():
            first, *others = [*_plain_equals(form, context), *sorted(derived)]
            for name in others:
                if context.knowledge.findings[name].derived is not None:
                    yield self.issue(
                        context.subject("finding", name),
                        f"it is equal to '{first}'",
                        "derived",
                        remedy=f"use '{first}', and take this one out",
                    )


def _plain_equals(form: Form, context: LintContext) -> list[str]:
    """The findings that are not derived and hold in just these ways."""
    if len(form) != 1:
        return []
    (way,) = form
    return sorted(
        finding
        for finding, present in way
        if present
        and context.knowledge.findings[finding].derived is None
        and context.entailment.form(finding) == form
    )


class NeverAsked(Check):
    """A finding that would decide something, and that no question is ever asked for."""

    code = "CDX012"
    name = "never-asked"
    summary = "Evidence rests on a finding that a person can tell, but it has no 'ask'."

    def check(self, context: LintContext) -> Iterator[LintIssue]:
        """Findings that a person can tell, that evidence rests on, and that have no question.

        A finding that only confirms is the diagnosis itself: a record has it, nobody asks for it.
        """
        knowledge = context.knowledge
        weighed = {
            name
            for _, line in knowledge.evidence()
            if line.favors is not Strength.CONFIRMS
            for name in knowledge.rests_on(line.when)
        }
        read = {name for name, f in knowledge.findings.items() if f.shown_by or f.derived}
        for name in sorted(weighed - read):
            finding = knowledge.findings[name]
            if finding.kind.traits.is_self_reported and finding.ask is None:
                yield self.issue(
                    context.subject("finding", name),
                    "evidence rests on it, and no question asks for it",
                    "id",
                    remedy="add 'ask': one question that a clinician puts to the person",
                )
