"""Statements: a finding, a diagnosis or an exposure that is said to be present, absent or past."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from crampdx.assessment import Level
from crampdx.engine.intake.context import Onset, ReadContext
from crampdx.engine.intake.lasting import has_lasted
from crampdx.engine.intake.naming import match_findings
from crampdx.engine.intake.vocabulary import Match
from crampdx.knowledge.models import FindingKind
from crampdx.record.dates import Days, PartialDate
from crampdx.record.models import Context, FamilyStatement, FindingEntry, Medication, Status

__all__ = ["claim_asserted", "claim_past", "read_relative", "read_statement"]

_PLAIN = frozenset({"id", "status", "origin"})
"""The fields of a statement that says no more than that a finding is present or absent."""


def read_statement(entry: FindingEntry, place: str, context: ReadContext) -> None:
    """Read what is said of the patient, of a relative, or of an order."""
    is_plain = entry.model_fields_set <= _PLAIN and entry.status is not Status.PAST
    if is_plain and entry.id in context.vocabulary.by_id:
        is_present = entry.status is Status.PRESENT
        context.assert_state(entry.id, is_present, place)
        _claim_qualified(entry.id, entry, place, context, is_present=is_present)
        return
    matches = match_findings(entry, place, context)
    if not matches:
        return
    if entry.context is Context.FAMILY:
        _claim_family(matches, entry.status, place, context)
    elif entry.context is Context.ORDERED:
        context.leave_out("only_ordered", place)
    elif entry.status is Status.PAST or (
        entry.status is Status.PRESENT and context.is_over(entry.end)
    ):
        claim_past(matches, place, context)
    else:
        _read_current(entry, matches, place, context)


def _read_current(
    entry: FindingEntry, matches: Iterable[Match], place: str, context: ReadContext
) -> None:
    is_present = entry.status is Status.PRESENT
    claimed = claim_asserted(
        matches, entry, entry.onset, is_present=is_present, place=place, context=context
    )
    for finding in claimed:
        _claim_qualified(finding, entry, place, context, is_present=is_present)
        if is_present:
            _note_onset(finding, entry, context)


def read_relative(entry: FamilyStatement, place: str, context: ReadContext) -> None:
    """Read what is said of a relative.

    A finding of the kind `family` speaks of all relatives, so that it may be absent.
    """
    matches = match_findings(entry, place, context)
    if not matches:
        return
    declared = [match for match in matches if _is_of_family(match, context)]
    if declared and entry.status is Status.ABSENT:
        for match in declared:
            _claim(match, False, None, place, context)
    else:
        _claim_family(matches, entry.status, place, context)


def claim_asserted(
    matches: Iterable[Match],
    entry: FindingEntry | Medication,
    began: PartialDate | None,
    *,
    is_present: bool,
    place: str,
    context: ReadContext,
) -> list[str]:
    """Claim what an entry says, where its codes can show that.

    Args:
        matches: What the entry names.
        entry: The entry.
        began: When what it names began.
        is_present: Whether it says that this is present.
        place: The place of the entry.
        context: The record.

    Returns:
        The findings that were claimed.
    """
    shown = [m for m in matches if (m.shows_present if is_present else m.shows_absent)]
    if not shown:
        context.leave_out("says_too_little" if is_present else "excludes_too_little", place)
    day = entry.date.days if entry.date else None
    onset = began.days if is_present and began and context.as_of else None
    claimed: list[str] = []
    for match in shown:
        finding = match.finding
        within = context.vocabulary.within.get(finding)
        if context.is_current(day, within, place, finding) and context.is_current(
            onset, None, place, finding
        ):
            _claim(match, is_present, entry.date, place, context)
            claimed.append(finding)
    return claimed


def claim_past(matches: Iterable[Match], place: str, context: ReadContext) -> None:
    """Claim the findings that are declared for what is over; without any, count the entry."""
    targets = _declared(matches, context.vocabulary.past)
    _claim_declared(targets, "past", place, context)


def _claim_family(
    matches: Iterable[Match], status: Status, place: str, context: ReadContext
) -> None:
    """Claim the findings that are declared for what a relative has; without any, count the entry.

    A relative's absence shows nothing: another relative may be affected.
    """
    matches = tuple(matches)
    targets: set[str] = set()
    if status is not Status.ABSENT:
        targets |= _declared(matches, context.vocabulary.family)
    if status is Status.PRESENT:
        targets |= {match.finding for match in matches if _is_of_family(match, context)}
    _claim_declared(targets, "family", place, context)


def _declared(matches: Iterable[Match], targets: Mapping[str, list[str]]) -> set[str]:
    return {
        target
        for match in matches
        if match.shows_present
        for target in targets.get(match.finding, ())
    }


def _claim_declared(targets: set[str], reason: str, place: str, context: ReadContext) -> None:
    if not targets:
        context.leave_out(reason, place)
    for finding in sorted(targets):
        context.assert_state(finding, True, place)


def _is_of_family(match: Match, context: ReadContext) -> bool:
    return context.vocabulary.findings[match.finding].kind is FindingKind.FAMILY


def _claim(
    match: Match, is_present: bool, day: PartialDate | None, place: str, context: ReadContext
) -> None:
    if match.note and is_present:
        context.warn(Level.INFO, "taken_for", place, match.note, match.finding)
    context.assert_state(match.finding, is_present, place, day)


def _claim_qualified(
    finding: str, entry: FindingEntry, place: str, context: ReadContext, *, is_present: bool
) -> None:
    """Claim what the entry's qualifiers show; what is absent has not lasted."""
    for qualified, form in context.vocabulary.qualified.get(finding, ()):
        shown = (
            _allows(form.site, entry.body_site)
            and _allows(form.laterality, entry.laterality)
            and _allows(form.severity, entry.severity)
            and has_lasted(entry, form.lasting, context.as_of)
            if is_present
            else form.lasting is not None
            and form.finding == finding
            and finding in context.vocabulary.ancestors[qualified]
        )
        if shown:
            context.assert_state(qualified, is_present, place, entry.date)


def _allows(allowed: tuple[str, ...], given: str | None) -> bool:
    return not allowed or (
        given is not None and given.casefold() in {word.casefold() for word in allowed}
    )


def _note_onset(finding: str, entry: FindingEntry, context: ReadContext) -> None:
    """Note when a finding began, as a day or as a duration before one."""
    if entry.onset is not None:
        context.onsets.append(Onset(finding, entry.onset.days))
    elif entry.duration is not None:
        until = entry.date.last if entry.date else context.as_of
        if until is None:
            return
        try:
            began = until - entry.duration
        except OverflowError:
            return
        context.onsets.append(Onset(finding, Days(began, began)))
