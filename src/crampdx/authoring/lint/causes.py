"""Checks of causes: what speaks against them, and what looks like them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from crampdx.authoring.lint.check import Check, Level, LintIssue
from crampdx.authoring.lint.context import LintContext
from crampdx.authoring.lint.evidence import favoring, opposing
from crampdx.knowledge.criteria import Criterion
from crampdx.knowledge.models import Cause, FindingKind

__all__ = [
    "OneSidedMimics",
    "RetiredCause",
    "UnknownMimics",
    "UnopposedBySigns",
    "UnopposedCause",
]

EXAMINED = frozenset(kind for kind in FindingKind if kind.traits.is_examined)
OBJECTIVE = frozenset(kind for kind in FindingKind if kind.traits.is_objective)


class UnopposedBySigns(Check):
    """A benign cause that keeps its place when a sign says that the cramps are not benign.

    A cause is taken for benign when it may be missed (`do_not_miss: false`) and nothing objective
    (sign, laboratory value, test result) speaks for it: it is told from the history alone.
    """

    code = "CDX030"
    name = "unopposed-by-signs"
    summary = "No sign speaks against a cause that is told from the history alone."

    def check(self, context: LintContext) -> Iterator[LintIssue]:
        """Benign causes without an opposing line that the presence of a sign makes true."""
        for cause in context.knowledge.causes.values():
            if _is_benign(cause, context) and not any(
                _rests_on_presence_of(line.when, EXAMINED, context) for line in opposing(cause)
            ):
                yield self.issue(
                    context.subject("cause", cause.id),
                    "it is told from the history alone, and no sign speaks against it",
                    "evidence",
                    remedy="let objective signs oppose it",
                )


def _is_benign(cause: Cause, context: LintContext) -> bool:
    return not cause.do_not_miss and not any(
        _rests_on_presence_of(line.when, OBJECTIVE, context) for line in favoring(cause)
    )


def _rests_on_presence_of(
    criterion: Criterion, kinds: frozenset[FindingKind], context: LintContext
) -> bool:
    """Whether the presence of a finding of these kinds can make the criterion true."""
    findings = context.knowledge.findings
    todo = [atom for way in context.entailment.form(criterion) for atom in way if atom.present]
    seen = set()
    while todo:
        atom = todo.pop()
        if atom in seen:
            continue
        seen.add(atom)
        finding = findings[atom.finding]
        if finding.derived is None and finding.kind in kinds:
            return True
        todo += (a for way in context.derived.get(atom, ()) for a in way if a.present)
    return False


class UnopposedCause(Check):
    """A cause that evidence can only raise."""

    code = "CDX031"
    name = "unopposed-cause"
    summary = "Nothing speaks against the cause."

    def check(self, context: LintContext) -> Iterator[LintIssue]:
        """Causes without a line against them."""
        for cause in context.knowledge.causes.values():
            if not opposing(cause):
                yield self.issue(
                    context.subject("cause", cause.id),
                    "nothing speaks against it",
                    "evidence",
                    remedy="add what a patient with this cause would not have",
                )


class UnknownMimics(Check):
    """A cause of which nobody has said what looks like it."""

    code = "CDX032"
    name = "unknown-mimics"
    summary = "Nobody has said which causes look like this one."

    def check(self, context: LintContext) -> Iterator[LintIssue]:
        """Causes with `mimics: unknown`, which is also the default."""
        for cause in context.knowledge.causes.values():
            if cause.mimics == "unknown":
                yield self.issue(
                    context.subject("cause", cause.id),
                    "which causes look like it is unknown",
                    "mimics",
                    remedy="name them in 'mimics', or write 'mimics: []' where there are none",
                )


class OneSidedMimics(Check):
    """A likeness that only one of two causes tells of."""

    code = "CDX033"
    name = "one-sided-mimics"
    summary = "A cause names another as its mimic, which does not name it."
    level = Level.NOTE

    def check(self, context: LintContext) -> Iterator[LintIssue]:
        """Causes with known mimics that others name as theirs, and that do not name these."""
        named_by: defaultdict[str, list[str]] = defaultdict(list)
        for cause in context.knowledge.causes.values():
            for name in () if cause.mimics == "unknown" else cause.mimics:
                named_by[name].append(cause.id)
        for name, others in named_by.items():
            mimics = context.knowledge.causes[name].mimics
            missing = sorted(set(others) - {*mimics})
            if missing and mimics != "unknown":
                yield self.issue(
                    context.subject("cause", name),
                    f"its mimics lack causes that name it as theirs: {', '.join(missing)}",
                    "mimics",
                    remedy="add them here, or take this cause out of theirs",
                )


class RetiredCause(Check):
    """A cause that is ranked although it is retired."""

    code = "CDX034"
    name = "retired-cause"
    summary = "A retired cause is ranked like any other."

    def check(self, context: LintContext) -> Iterator[LintIssue]:
        """Causes with `status: retired`."""
        for cause in context.knowledge.causes.values():
            if cause.status == "retired":
                yield self.issue(
                    context.subject("cause", cause.id),
                    "it is retired, and still ranked",
                    "status",
                    remedy="take it out, or let another cause replace it",
                )
