"""Onsets: what began after what, where the record says when."""

from __future__ import annotations

from datetime import timedelta

from crampdx.engine.intake.context import ReadContext
from crampdx.knowledge.models import OnsetAfter
from crampdx.record.dates import Days

__all__ = ["read_order_of_onsets"]


def read_order_of_onsets(context: ReadContext) -> None:
    """Read the findings that say that one thing began within a time after another."""
    if not context.onsets:
        return
    for finding, form in context.vocabulary.began:
        began = _onset_of(form.began, context)
        after = _onset_of(form.after, context)
        if began is None or after is None:
            continue
        state = _state_of(form, began, after)
        if state is not None:
            context.assert_state(finding, state, "onset")


def _state_of(form: OnsetAfter, began: Days, after: Days) -> bool | None:
    """Present where `began` certainly followed `after` within the time; absent where not."""
    shortest = began.first - after.last
    longest = began.last - after.first
    if shortest >= timedelta(0) and longest <= form.within:
        return True
    if longest < timedelta(0) or shortest > form.within:
        return False
    return None


def _onset_of(finding: str, context: ReadContext) -> Days | None:
    """The earliest onset of the finding, or of one that implies it."""
    names = {finding, *context.vocabulary.descendants.get(finding, ())}
    days = [onset.days for onset in context.onsets if onset.finding in names]
    history = context.record.cramps.duration
    if (
        finding == context.vocabulary.complaint
        and history is not None
        and context.as_of is not None
    ):
        try:
            began = context.as_of - history
            days.append(Days(began, began))
        except OverflowError:
            pass
    return min(days) if days else None
