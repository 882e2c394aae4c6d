"""The errors crampdx raises.

    CrampdxError
    ├── KnowledgeError   rule files that cannot be loaded: every fault at once, each with its place
    ├── RecordError      a patient record that is not of the record's form: every field at once
    └── InferenceError   an evaluator failed; the next one answers in its place

Messages name the thing, the place and the next step. A `RecordError` names fields, never their
values, so that it can be logged.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = [
    "CrampdxError",
    "InferenceError",
    "KnowledgeError",
    "KnowledgeIssue",
    "RecordError",
    "RecordIssue",
    "did_you_mean",
]

UNREADABLE = "cannot be read"
"""How the message of an issue begins where the system did not let a file be read."""

SHOWN_ISSUES = 50
"""How many issues an error's text shows; all of them are in its `issues`."""


class CrampdxError(Exception):
    """The root of all errors that crampdx raises on purpose."""


class InferenceError(CrampdxError):
    """An evaluator of criteria could not be built, or could not answer."""


@dataclass(frozen=True, slots=True)
class KnowledgeIssue:
    """One fault in a rule file.

    Attributes:
        file: The file's path as it was given or found.
        line: The line, from 1; 0 where the fault concerns the whole file.
        column: The column, from 1; 0 likewise.
        path: The place inside the document, such as ``evidence[2].when``.
        message: What is wrong, and what is expected.
        suggestion: The next step, such as the nearest known id; may be empty.
    """

    file: str
    line: int
    column: int
    path: str
    message: str
    suggestion: str = ""

    @property
    def is_unreadable(self) -> bool:
        """Whether the file is there and the system did not let it be read."""
        return not self.line and self.message.startswith(UNREADABLE)

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        where = f" {self.path}:" if self.path else ""
        hint = f"; {self.suggestion}" if self.suggestion else ""
        return f"{place}:{where} {self.message}{hint}"


class KnowledgeError(CrampdxError):
    """Rule files that cannot be loaded. Nothing was loaded."""

    headline = "the rule files do not load"

    def __init__(self, issues: Iterable[KnowledgeIssue]) -> None:
        self.issues = tuple(issues)
        super().__init__(_listed(self.headline, self.issues))

    def __reduce__(self) -> tuple[type[KnowledgeError], tuple[tuple[KnowledgeIssue, ...]]]:
        return type(self), (self.issues,)


@dataclass(frozen=True, slots=True)
class RecordIssue:
    """One fault in a record: the field's path, what is expected, and perhaps a suggestion."""

    path: str
    message: str
    suggestion: str = ""

    def __str__(self) -> str:
        hint = f"; {self.suggestion}" if self.suggestion else ""
        return f"{self.path or 'record'}: {self.message}{hint}"


class RecordError(CrampdxError):
    """A patient record that is not of the record's form. It was refused whole."""

    def __init__(self, issues: Iterable[RecordIssue]) -> None:
        self.issues = tuple(issues)
        super().__init__(_listed("the patient record is refused", self.issues))

    def __reduce__(self) -> tuple[type[RecordError], tuple[tuple[RecordIssue, ...]]]:
        return type(self), (self.issues,)


def _listed(headline: str, issues: tuple[KnowledgeIssue, ...] | tuple[RecordIssue, ...]) -> str:
    lines = [f"  {issue}" for issue in issues[:SHOWN_ISSUES]]
    if len(issues) > SHOWN_ISSUES:
        lines.append(f"  and {len(issues) - SHOWN_ISSUES} more")
    faults = "1 fault" if len(issues) == 1 else f"{len(issues)} faults"
    return "\n".join([f"{headline} ({faults}):", *lines])


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A suggestion of the known word that is nearest, or nothing.

    >>> did_you_mean("cramp_on_exersion", ["cramp_on_exertion", "cramp_at_rest"])
    "did you mean 'cramp_on_exertion'?"
    >>> did_you_mean("zebra", ["cramp_at_rest"])
    ''
    """
    known = list(known)
    if word in known:
        return ""
    nearest = difflib.get_close_matches(word[:80], known, n=1, cutoff=0.6)
    return f"did you mean '{nearest[0]}'?" if nearest else ""


def printable(text: str, limit: int = 80) -> str:
    r"""Text from outside, made safe to show: control characters escaped, length bounded.

    >>> printable("a\x1b[31m")
    'a\\x1b[31m'
    """
    if len(text) <= limit and text.isprintable():
        return text
    shown = "".join(
        character
        if unicodedata.category(character)[0] != "C"
        else character.encode("unicode_escape").decode("ascii")
        for character in text[:limit]
    )
    return shown + "…" if len(text) > limit else shown
