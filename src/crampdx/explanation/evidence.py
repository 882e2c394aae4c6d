"""Why a cause has its score, and which of its lines of evidence did not fire."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from crampdx.assessment import Level, RecordWarning
from crampdx.engine.ranking import CompiledLine, RankedLine, ScoredCause
from crampdx.engine.scoring import ClusterKey, marginal
from crampdx.engine.trace import AssessmentTrace
from crampdx.explanation.nearest import KEPT_WAYS, MinimalChange
from crampdx.explanation.parts import open_needs, part_of, rule_of
from crampdx.explanation.results import (
    CausePosition,
    Cluster,
    FiredLine,
    Need,
    Position,
    UnderlyingCause,
    UnfiredLine,
    Why,
    WhyNot,
)

__all__ = ["position_of", "positions", "why", "why_not"]

NO_WAY = f"its conditions contradict one another (the {KEPT_WAYS} nearest ways were tried)"
"""Why nothing would make a line true."""


def why(cause: str, trace: AssessmentTrace) -> Why:
    """What the score of a cause is made of."""
    ranked = trace.scored[cause]
    pretest = ranked.pretest
    supporting = tuple(_clusters(ranked, trace, pretest, supporting=True))
    so_far = supporting[-1].sum if supporting else pretest
    return Why(
        cause=cause,
        name=ranked.cause.name,
        standing=_standing(cause, trace),
        pretest_class=str(ranked.cause.pretest),
        pretest=pretest,
        supporting=supporting,
        opposing=tuple(_clusters(ranked, trace, so_far, supporting=False)),
        because_of=tuple(_origins(ranked, trace)),
    )


def why_not(cause: str, trace: AssessmentTrace, nearest: MinimalChange) -> WhyNot:
    """The lines of a cause and of its group that did not fire, nearest first."""
    ranked = trace.scored[cause]
    lines = [
        _unfired(line, ranked, trace, nearest)
        for line in ranked.compiled.lines
        if ranked.verdicts[line.criterion] is not True
    ]
    return WhyNot(
        cause, ranked.cause.name, _standing(cause, trace), tuple(sorted(lines, key=_order))
    )


# --------------------------------------------------------------------------------- where it stands


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


def _standing(cause: str, trace: AssessmentTrace) -> CausePosition:
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


# --------------------------------------------------------------------------------------------- why


def _clusters(
    ranked: ScoredCause, trace: AssessmentTrace, so_far: int, *, supporting: bool
) -> Iterator[Cluster]:
    """The clusters of one direction, heaviest first, with the running sum."""
    lines: defaultdict[ClusterKey, list[RankedLine]] = defaultdict(list)
    for one in ranked.lines(supporting=supporting):
        lines[one.line.cluster].append(one)
    for key, together in lines.items():
        weight = ranked.counted_by_cluster[key].weight
        so_far += weight
        yield Cluster(
            name=_cluster_name(together[0].line),
            weight=weight,
            sum=so_far,
            lines=tuple([_fired(one, trace) for one in together]),
        )


def _cluster_name(line: CompiledLine) -> str | None:
    return line.evidence.cluster if line.is_cause_specific else None


def _fired(one: RankedLine, trace: AssessmentTrace) -> FiredLine:
    line = one.line
    criterion = part_of(line.evidence.when, trace)
    return FiredLine(rule_of(line, trace.knowledge), one.counted, criterion)


def _origins(ranked: ScoredCause, trace: AssessmentTrace) -> Iterator[UnderlyingCause]:
    for origin in ranked.cause.because_of:
        name = trace.knowledge.causes[origin].name
        yield UnderlyingCause(origin, name, position_of(origin, trace).rank)


# ----------------------------------------------------------------------------------------- why not


def _unfired(
    line: CompiledLine, ranked: ScoredCause, trace: AssessmentTrace, nearest: MinimalChange
) -> UnfiredLine:
    criterion = line.evidence.when
    needs = open_needs(criterion, trace)
    change = nearest.change(criterion)
    return UnfiredLine(
        rule=rule_of(line, trace.knowledge),
        adds=marginal(line, ranked.counted_by_cluster),
        verdict=ranked.verdicts[line.criterion],
        criterion=part_of(criterion, trace),
        false=tuple([need for need in needs if need.state is not None]),
        unknown=tuple([need for need in needs if need.state is None]),
        change=None if change is None else tuple(_needs(change.items(), trace)),
        obstacle=NO_WAY if change is None else "",
    )


def _needs(change: Iterable[tuple[str, bool]], trace: AssessmentTrace) -> Iterator[Need]:
    for name, present in change:
        yield Need(name, trace.knowledge.findings[name].name, present, trace.states.get(name))


def _order(line: UnfiredLine) -> tuple[bool, tuple[int, int], int, str]:
    """Nearest first, then heaviest; what nothing could make true is last."""
    return (line.change is None, line.distance, -abs(line.rule.weight), line.rule.id)
