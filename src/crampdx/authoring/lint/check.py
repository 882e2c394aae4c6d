"""What every check of the linter is, and the issues that it finds."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from crampdx.authoring.lint.context import LintContext, Subject
from crampdx.errors import printable
from crampdx.knowledge.loading.entries import SourceLocation

__all__ = ["Check", "Defect", "Level", "LintIssue"]


class Level(StrEnum):
    """How grave an issue is, the gravest first."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"

    def is_at_least(self, other: Level) -> bool:
        """Whether this level is as grave as the other, or graver.

        >>> Level.ERROR.is_at_least(Level.WARNING), Level.NOTE.is_at_least(Level.WARNING)
        (True, False)
        """
        order = list(Level)
        return order.index(self) <= order.index(other)


@dataclass(frozen=True, slots=True)
class LintIssue:
    """One issue."""

    code: str
    """The code of the check, such as ``CDX020``."""
    name: str
    """The name of the check, such as ``pointless-line``."""
    level: Level
    """How grave it is."""
    file: str
    """The file's path as it was given or found."""
    line: int
    """The line, from 1; 0 where the issue concerns the whole file."""
    column: int
    """The column, from 1; 0 likewise."""
    kind: str
    """The kind of entry, such as ``evidence``; may be empty where the rules do not load."""
    id: str
    """The entry's id; likewise."""
    message: str
    """What is wrong or doubtful."""
    remedy: str = ""
    """The next step; may be empty."""

    @property
    def place(self) -> str:
        """File, line and column, as far as there are any."""
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file

    @property
    def text(self) -> str:
        """What it is about, what is wrong with it, and the next step."""
        about = f"{self.kind} '{printable(self.id)}': " if self.id else ""
        return f"{about}{self.message}{f'; {self.remedy}' if self.remedy else ''}"

    def order(self) -> tuple[str, int, int, str, str, str]:
        """The key by which issues are ordered: by place, then by code."""
        return (self.file, self.line, self.column, self.code, self.id, self.message)


class Defect:
    """A kind of issue. Its page is ``docs/lint/<code>-<name>.md``."""

    code: ClassVar[str]
    """Its code, which stays as it is."""
    name: ClassVar[str]
    """The defect in words, with hyphens."""
    summary: ClassVar[str]
    """The defect in one sentence."""
    level: ClassVar[Level] = Level.WARNING
    """How grave its issues are."""

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
