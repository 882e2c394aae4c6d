"""The position of a cause in the ranking, and why it may be shown apart, or not be ranked."""

from __future__ import annotations

from collections.abc import Iterator

from crampdx.assessment import Level, RecordWarning
from crampdx.engine.ranking import ScoredCause
from crampdx.engine.trace import AssessmentTrace
from crampdx.explanation.results import CausePosition, Position

__all__ = ["position_of", "positions", "standing_of"]


def positions(trace: AssessmentTrace) -> dict[str, Position]:
    """Find the position of each cause, by id."""
    ranked = {
        candidate.cause: Position(candidate.rank, candidate.score, candidate.band, candidate.share)
        for candidate in trace.assessment.candidates
    }
    return {
        cause: ranked.get(cause) or Position(None, scored.score, None, None)
        for cause, scored in trace.scored.items()
    }


def position_of(cause: str, trace: AssessmentTrace) -> Position:
    """Find the position of one cause."""
    return positions(trace)[cause]


def standing_of(cause: str, trace: AssessmentTrace) -> CausePosition:
    """Find the position of one cause, and why it may be shown apart, or not be ranked."""
    position = position_of(cause, trace)
    ranked = trace.scored[cause]
    return CausePosition(
        position=position,
        do_not_miss=ranked.cause.do_not_miss,
        shown_apart=any(item.cause == cause for item in trace.assessment.do_not_miss),
        outside_population=position.rank is None and ranked.is_candidate,
        unread=tuple(_unread(ranked, trace)),
    )


def _unread(ranked: ScoredCause, trace: AssessmentTrace) -> Iterator[RecordWarning]:
    """Why the record may say more of the findings of a cause than is known of them."""
    rests_on = trace.knowledge.rests_on
    findings = {name for line in ranked.compiled.lines for name in rests_on(line.evidence.when)}
    for warning in trace.assessment.warnings:
        if warning.level is Level.WARNING and not findings.isdisjoint(warning.findings):
            yield warning
