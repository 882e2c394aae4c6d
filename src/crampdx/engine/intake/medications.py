"""Medications: what is taken, was taken, or is only ordered."""

from __future__ import annotations

from crampdx.engine.intake.context import Onset, ReadContext
from crampdx.engine.intake.naming import match_medicine
from crampdx.engine.intake.statements import claim_asserted, claim_past
from crampdx.record.models import Medication, Status

__all__ = ["read_medication"]


def read_medication(entry: Medication, place: str, context: ReadContext) -> None:
    """Read a medicine; one that is taken and not wholly known is counted."""
    is_taken = (
        entry.context == "taken"
        and entry.status is Status.PRESENT
        and not context.is_over(entry.stop)
    )
    medicine = match_medicine(entry, place, context)
    if is_taken and not medicine.complete:
        context.unread_medicines += 1
    context.note_vocabulary(place, is_in=bool(medicine.meanings))
    if not medicine.meanings:
        return
    if entry.context == "ordered":
        context.leave_out("only_ordered", place)
    elif entry.status is not Status.ABSENT and not is_taken:
        claim_past(medicine.meanings, place, context)
    else:
        claimed = claim_asserted(
            medicine.meanings, entry, entry.start, is_present=is_taken, place=place, context=context
        )
        if is_taken and entry.start is not None:
            context.onsets += [Onset(finding, entry.start.days) for finding in claimed]
