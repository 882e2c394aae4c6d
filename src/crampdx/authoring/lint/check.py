"""What every check of the linter is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import ClassVar

from crampdx.authoring.lint.context import LintContext, Subject
from crampdx.authoring.lint.issue import Level, LintIssue
from crampdx.knowledge.loading.entries import SourceLocation

__all__ = ["Check", "Defect"]


class Defect:
    """A kind of issue. Its page is ``docs/lint/<code>-<name>.md``.

    Attributes:
        code: Its code, which stays as it is.
        name: The defect in words, with hyphens.
        summary: The defect in one sentence.
        level: How grave its issues are.
    """

    code: ClassVar[str]
    name: ClassVar[str]
    summary: ClassVar[str]
    level: ClassVar[Level] = Level.WARNING

    def issue(
        self, subject: Subject, message: str, *steps: str | int, remedy: str = ""
    ) -> LintIssue:
        """An issue of this kind.

        Args:
            subject: The entry or line that it is about.
            message: What is doubtful. Names other entries by id, never by place.
            steps: The part of the entry that it is about.
            remedy: The next step.
        """
        return self.issue_at(
            subject.origin, subject.kind, subject.id, message, *steps, remedy=remedy
        )

    def issue_at(
        self,
        origin: SourceLocation,
        kind: str,
        entry: str,
        message: str,
        *steps: str | int,
        remedy: str = "",
    ) -> LintIssue:
        """An issue of this kind about something that is no entry of a rule file: a code, a pack."""
        place = origin.issue(message, *steps)
        return LintIssue(
            self.code,
            self.name,
            self.level,
            place.file,
            place.line,
            place.column,
            kind,
            entry,
            message,
            remedy,
        )


class Check(Defect, ABC):
    """A kind of issue together with what finds it in rules that load."""

    @abstractmethod
    def check(self, context: LintContext) -> Iterator[LintIssue]:
        """Find the issues. The same for the same rules, whatever the order of their files."""
