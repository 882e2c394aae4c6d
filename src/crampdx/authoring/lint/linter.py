"""All checks, and how they are run over packs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from crampdx.authoring.lint.care import IdleTest, UnreachableAdvice
from crampdx.authoring.lint.causes import (
    OneSidedMimics,
    RetiredCause,
    UnknownMimics,
    UnopposedBySigns,
    UnopposedCause,
)
from crampdx.authoring.lint.check import Check, Defect, Level, LintIssue
from crampdx.authoring.lint.context import LintContext
from crampdx.authoring.lint.evidence import BothDirections, IdleLine, PointlessLine
from crampdx.authoring.lint.packs import (
    DoesNotLoad,
    OverdueReview,
    UndeclaredUse,
    UnknownSilence,
    UnusedSuppression,
)
from crampdx.authoring.lint.texts import LongBecause, OtherDisplay, RepeatedBecause
from crampdx.authoring.lint.vocabulary import EqualFinding, NeverAsked, UnusedFinding
from crampdx.errors import KnowledgeError
from crampdx.knowledge.loading.assembly import assembled, read_packs
from crampdx.knowledge.loading.folders import DEFAULT_PACKS, pack_folder
from crampdx.knowledge.pack_stacks import with_required

__all__ = ["ALL_CODES", "CHECKS", "DEFECTS", "LintResult", "SilencedIssue", "lint", "stacked"]

CHECKS: tuple[Check, ...] = (
    UnusedFinding(),
    EqualFinding(),
    NeverAsked(),
    PointlessLine(),
    IdleLine(),
    BothDirections(),
    UnopposedBySigns(),
    UnopposedCause(),
    UnknownMimics(),
    OneSidedMimics(),
    RetiredCause(),
    IdleTest(),
    UnreachableAdvice(),
    LongBecause(),
    RepeatedBecause(),
    OtherDisplay(),
    OverdueReview(),
    UndeclaredUse(),
)
"""The checks of rules. Each can be silenced for an entry."""

DOES_NOT_LOAD = DoesNotLoad()
UNKNOWN_SILENCE = UnknownSilence(check.code for check in CHECKS)
IDLE_SILENCE = UnusedSuppression()

DEFECTS: tuple[Defect, ...] = (DOES_NOT_LOAD, UNKNOWN_SILENCE, IDLE_SILENCE, *CHECKS)
"""Every kind of issue."""

ALL_CODES = frozenset(defect.code for defect in DEFECTS)
"""The code of every kind of issue."""


@dataclass(frozen=True, slots=True)
class SilencedIssue:
    """An issue that a pack accepts, and why."""

    issue: LintIssue
    """The issue."""
    reason: str
    """Why the pack accepts it."""


@dataclass(frozen=True, slots=True)
class LintResult:
    """What the linter found."""

    issues: tuple[LintIssue, ...]
    """In the order of their places."""
    silenced: tuple[SilencedIssue, ...] = ()
    """What ``lint.yaml`` silenced, in the same order."""

    def has(self, level: Level) -> bool:
        """Whether there is an issue of this level or a graver one."""
        return any(issue.level.is_at_least(level) for issue in self.issues)


def lint(
    packs: Sequence[str | Path], today: date, codes: Collection[str] = ALL_CODES
) -> LintResult:
    """Find what is wrong or doubtful in packs.

    What the packs require is loaded below them, and is itself not judged.

    Args:
        packs: Names of packs that ship, or folders, in the order in which they stack. Without any,
            the default packs.
        today: The day that review dates are compared with.
        codes: The kinds of issues that are wanted. That rules do not load is always told.

    Returns:
        All issues. Rules that do not load give their faults alone, and raise nothing.
    """
    packs = packs or DEFAULT_PACKS
    reading = read_packs(stacked(packs))
    try:
        knowledge = assembled(reading)
    except KnowledgeError as error:
        faults = (DOES_NOT_LOAD.of(fault) for fault in error.issues)
        return LintResult(tuple(sorted(faults, key=LintIssue.order)))
    folders = tuple(f"{pack_folder(pack).shown.rstrip('/')}/" for pack in packs)
    return _judged(LintContext(knowledge, reading, today), folders, codes)


def _judged(context: LintContext, folders: tuple[str, ...], codes: Collection[str]) -> LintResult:
    """The issues of these kinds in files of these folders."""
    found = [
        issue
        for check in (UNKNOWN_SILENCE, *CHECKS)
        if check.code in codes
        for issue in check.check(context)
        if issue.file.startswith(folders)
    ]
    left, silenced = _silenced(found, context)
    if IDLE_SILENCE.code in codes:
        used = {(one.issue.code, one.issue.id) for one in silenced}
        idle = _idle_silences(context, used, codes)
        # Below another pack a silence may be idle only because that one uses what it silences.
        left += (issue for issue in idle if issue.file.startswith(folders[-1]))
    return LintResult(
        tuple(sorted(set(left), key=LintIssue.order)),
        tuple(sorted(silenced, key=lambda one: one.issue.order())),
    )


def stacked(packs: Iterable[str | Path]) -> tuple[str | Path, ...]:
    """The packs, each after what it requires, as far as that ships or stands beside it."""
    given = list(packs)
    names = {pack_folder(pack).path.resolve().name for pack in given}
    stack: list[str | Path] = []
    for pack in given:
        for required in with_required(pack)[:-1]:
            name = pack_folder(required).path.resolve().name
            if name not in names:
                names.add(name)
                stack.append(required)
        stack.append(pack)
    return tuple(stack)


def _silenced(
    found: Iterable[LintIssue], context: LintContext
) -> tuple[list[LintIssue], list[SilencedIssue]]:
    """The issues that are left, and those that are silenced."""
    reasons = {
        (silence.check, silence.entry): silence.reason
        for silence, _ in context.reading.silences
        if silence.check in UNKNOWN_SILENCE.codes
    }
    left: list[LintIssue] = []
    silenced: list[SilencedIssue] = []
    for issue in found:
        reason = reasons.get((issue.code, issue.id))
        if reason is None:
            left.append(issue)
        else:
            silenced.append(SilencedIssue(issue, reason))
    return left, silenced


def _idle_silences(
    context: LintContext, used: Collection[tuple[str, str]], codes: Collection[str]
) -> Iterator[LintIssue]:
    """The silences of checks that ran, for entries that there are, that silenced nothing."""
    for silence, origin in context.reading.silences:
        ran = silence.check in codes and silence.check in UNKNOWN_SILENCE.codes
        is_used = (silence.check, silence.entry) in used
        if ran and silence.entry in context.ids and not is_used:
            yield IDLE_SILENCE.of(silence, origin)
