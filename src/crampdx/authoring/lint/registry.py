"""All that the linter can find, in the order of codes."""

from __future__ import annotations

from crampdx.authoring.lint.care import IdleTest, UnreachableAdvice
from crampdx.authoring.lint.causes import (
    OneSidedMimics,
    RetiredCause,
    UnknownMimics,
    UnopposedBySigns,
    UnopposedCause,
)
from crampdx.authoring.lint.check import Check, Defect
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

__all__ = ["CHECKS", "DEFECTS", "DOES_NOT_LOAD", "IDLE_SILENCE", "UNKNOWN_SILENCE"]

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
