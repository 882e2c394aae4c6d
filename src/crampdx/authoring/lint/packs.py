"""Checks of packs: whether they load, their review dates, and what they silence."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from crampdx.authoring.lint.check import Check, Defect, Level, LintIssue
from crampdx.authoring.lint.context import LintContext
from crampdx.errors import KnowledgeIssue, did_you_mean, printable
from crampdx.knowledge.criteria import Criterion
from crampdx.knowledge.governance import attributes_of, attributes_used
from crampdx.knowledge.loading.entries import SourceLocation
from crampdx.knowledge.models import Reviewable, Suppression

__all__ = ["DoesNotLoad", "OverdueReview", "UndeclaredUse", "UnknownSilence", "UnusedSuppression"]


class DoesNotLoad(Defect):
    """A fault for which the rules do not load. No check runs before all of these are gone."""

    code = "CDX001"
    name = "does-not-load"
    summary = "The rules do not load."
    level = Level.ERROR

    def of(self, fault: KnowledgeIssue) -> LintIssue:
        """The fault as an issue."""
        where = f"{fault.path}: " if fault.path else ""
        return LintIssue(
            self.code,
            self.name,
            self.level,
            fault.file,
            fault.line,
            fault.column,
            kind="",
            id="",
            message=where + fault.message,
            remedy=fault.suggestion,
        )


class UnknownSilence(Check):
    """An entry of ``lint.yaml`` that names no check, or nothing that there is."""

    code = "CDX002"
    name = "unknown-silence"
    summary = "An entry of lint.yaml names a check or an id that does not exist."
    level = Level.ERROR

    def __init__(self, codes: Iterable[str]) -> None:
        """Take the codes of the checks that can be silenced."""
        self.codes = tuple(codes)

    def check(self, context: LintContext) -> Iterator[LintIssue]:
        """Silences whose check or entry is unknown."""
        for silence, origin in context.reading.silences:
            if silence.check not in self.codes:
                message = f"no check that can be silenced has the code '{silence.check}'"
                remedy = did_you_mean(silence.check, self.codes)
                yield self._at(origin, silence, message, "check", remedy)
            if silence.entry not in context.ids:
                message = f"nothing has the id '{printable(silence.entry)}'"
                yield self._at(
                    origin, silence, message, "entry", did_you_mean(silence.entry, context.ids)
                )

    def _at(
        self, origin: SourceLocation, silence: Suppression, message: str, key: str, remedy: str
    ) -> LintIssue:
        return self.issue_at(origin, "silence", silence.entry, message, key, remedy=remedy)


class UnusedSuppression(Defect):
    """An entry of ``lint.yaml`` whose issue is gone."""

    code = "CDX003"
    name = "idle-silence"
    summary = "An entry of lint.yaml silences nothing."

    def of(self, silence: Suppression, origin: SourceLocation) -> LintIssue:
        """The silence as an issue."""
        message = f"there is no {silence.check} to silence"
        remedy = "take it out of lint.yaml"
        return self.issue_at(origin, "silence", silence.entry, message, remedy=remedy)


class OverdueReview(Check):
    """A pack, or an entry with a date of its own, that was to be looked at again, and was not."""

    code = "CDX060"
    name = "overdue-review"
    summary = "The date of the next review of a pack or of an entry has passed."

    def check(self, context: LintContext) -> Iterator[LintIssue]:
        """Packs, causes, red flags, tests and treatments whose `next_review` is before today."""
        for pack, origin in context.reading.packs:
            if pack.next_review < context.today:
                yield self.issue_at(
                    origin,
                    "pack",
                    pack.name,
                    f"its review was due on {pack.next_review}",
                    "next_review",
                    remedy=_REVIEW,
                )
        for subject in context.subjects:
            due = subject.item.next_review if isinstance(subject.item, Reviewable) else None
            if due is not None and due < context.today:
                message = f"its review was due on {due}"
                yield self.issue(subject, message, "next_review", remedy=_REVIEW)


_REVIEW = "review it, then set 'reviewed' and 'next_review'"


class UndeclaredUse(Check):
    """A personal attribute that rules read and their pack does not declare."""

    code = "CDX061"
    name = "undeclared-use"
    summary = "A pack reads a personal attribute that it says it does not use."

    def check(self, context: LintContext) -> Iterator[LintIssue]:
        """Attributes that rules of a pack read, and its `attributes.uses` denies."""
        knowledge = context.knowledge
        criteria: dict[str, list[Criterion]] = defaultdict(list)
        for kind, name, criterion in knowledge.criteria():
            criteria[knowledge.pack_of[kind, name]].append(criterion)
        for flag, criterion in knowledge.exceptions():
            criteria[knowledge.pack_of["red_flag", flag]].append(criterion)
        read = {
            pack.name: attributes_used(criteria[pack.name], knowledge) for pack in knowledge.packs
        }
        for cause in knowledge.causes.values():
            read[knowledge.pack_of["cause", cause.id]] |= attributes_of(cause.population)
        for test in knowledge.tests.values():
            read[knowledge.pack_of["test", test.id]] |= attributes_of(test.population)
        for pack, origin in context.reading.packs:
            for use in sorted(read[pack.name]):
                if not getattr(pack.attributes.uses, use):
                    yield self.issue_at(
                        origin,
                        "pack",
                        pack.name,
                        f"its rules read '{use}', and it says that they do not",
                        "attributes",
                        "uses",
                        use,
                        remedy=f"set '{use}' to true, or take the rules out that read it",
                    )
