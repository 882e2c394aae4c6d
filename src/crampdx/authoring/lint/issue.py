"""An issue of the linter: what is wrong or doubtful, where, and what to do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from crampdx.errors import printable

__all__ = ["Level", "LintIssue"]


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
    """One issue.

    Attributes:
        code: The code of the check, such as ``CDX020``.
        name: The name of the check, such as ``pointless-line``.
        level: How grave it is.
        file: The file's path as it was given or found.
        line: The line, from 1; 0 where the issue concerns the whole file.
        column: The column, from 1; 0 likewise.
        kind: The kind of entry, such as ``evidence``; may be empty where the rules do not load.
        id: The entry's id; likewise.
        message: What is wrong or doubtful.
        remedy: The next step; may be empty.
    """

    code: str
    name: str
    level: Level
    file: str
    line: int
    column: int
    kind: str
    id: str
    message: str
    remedy: str = ""

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
