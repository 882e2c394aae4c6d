"""What changes between two assessments of a record, the second under a supposition."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from crampdx.assessment import Assessment, Band, CautionNote
from crampdx.engine.hypotheticals import Hypothesis
from crampdx.engine.trace import AssessmentTrace
from crampdx.explanation.positions import positions
from crampdx.explanation.results import CauseMove, CautionMove, FindingChange, Position, WhatIf

__all__ = ["compare"]


def compare(before: AssessmentTrace, after: AssessmentTrace, supposing: Hypothesis) -> WhatIf:
    """Find all that changes, and only that."""
    one, two = before.assessment, after.assessment
    fired, to_fire = _fired(before), _fired(after)
    flags, to_raise = _flags(one), _flags(two)
    treated, to_treat = _treatments(one), _treatments(two)
    changed = {n for n, _ in before.states.items() ^ after.states.items()}
    return WhatIf(
        supposed=tuple(_changes(sorted(supposing), before, after)),
        findings=tuple(_changes(sorted(changed), before, after)),
        conclusion_before=one.conclusion,
        conclusion_after=two.conclusion,
        leading_before=_leading(one),
        leading_after=_leading(two),
        causes=tuple(_moves(before, after)),
        fired=_sorted(to_fire - fired),
        unfired=_sorted(fired - to_fire),
        red_flags_raised=_sorted(to_raise - flags),
        red_flags_lowered=_sorted(flags - to_raise),
        treatments_added=_sorted(to_treat - treated),
        treatments_removed=_sorted(treated - to_treat),
        cautions=tuple(_caution_moves(one, two)),
    )


def _sorted(names: set[str]) -> tuple[str, ...]:
    return tuple(sorted(names))


def _changes(
    names: list[str], before: AssessmentTrace, after: AssessmentTrace
) -> Iterator[FindingChange]:
    findings = before.knowledge.findings
    for name in names:
        yield FindingChange(
            name, findings[name].name, before.states.get(name), after.states.get(name)
        )


def _fired(trace: AssessmentTrace) -> set[str]:
    return {
        name
        for (kind, name), verdict in trace.verdicts.items()
        if kind == "evidence" and verdict is True
    }


def _flags(assessment: Assessment) -> set[str]:
    return {raised.flag.id for raised in assessment.red_flags}


def _treatments(assessment: Assessment) -> set[str]:
    return {option.treatment for option in assessment.treatments}


def _leading(assessment: Assessment) -> tuple[str, ...]:
    return tuple([c.cause for c in assessment.candidates if c.band is Band.LEADING])


def _moves(before: AssessmentTrace, after: AssessmentTrace) -> Iterator[CauseMove]:
    old, new = positions(before), positions(after)
    for cause in sorted(new, key=lambda name: _place(name, new)):
        if _compared_of(old[cause]) != _compared_of(new[cause]):
            name = before.knowledge.causes[cause].name
            yield CauseMove(cause, name, old[cause], new[cause])


def _place(cause: str, places: Mapping[str, Position]) -> tuple[bool, int, int, str]:
    """In rank order; what is not a candidate is last, by score."""
    place = places[cause]
    return (place.rank is None, place.rank or 0, -place.score, cause)


def _compared_of(place: Position) -> tuple[int | None, int, Band | None]:
    """What makes a move. The share is left out: it changes whenever any other cause's does."""
    return (place.rank, place.score, place.band)


def _caution_moves(before: Assessment, after: Assessment) -> Iterator[CautionMove]:
    old, new = _cautions(before), _cautions(after)
    for key in sorted({*old, *new}):
        treatment, caution = key
        notes = [cautions.get(key) for cautions in (old, new)]
        says, would_say = [note.verdict if note else None for note in notes]
        if says != would_say:
            because = next(note.caution.because for note in notes if note)
            yield CautionMove(caution, treatment, because, says, would_say)


def _cautions(assessment: Assessment) -> dict[tuple[str, str], CautionNote]:
    return {
        (option.treatment, note.caution.id): note
        for option in assessment.treatments
        for note in option.cautions
    }
