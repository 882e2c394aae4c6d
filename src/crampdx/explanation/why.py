"""Why a cause has its score: the pretest class, and each line of evidence that is true."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from crampdx.engine.ranking import CompiledLine, RankedLine, ScoredCause
from crampdx.engine.scoring import ClusterKey
from crampdx.engine.trace import AssessmentTrace
from crampdx.explanation.parts import part_of, rule_of
from crampdx.explanation.positions import position_of, standing_of
from crampdx.explanation.results import Cluster, FiredLine, UnderlyingCause, Why

__all__ = ["explain_score"]


def explain_score(cause: str, trace: AssessmentTrace) -> Why:
    """Take the score of a cause apart into its clusters and lines."""
    ranked = trace.scored[cause]
    pretest = ranked.pretest
    supporting = tuple(_clusters(ranked, trace, pretest, supporting=True))
    so_far = supporting[-1].sum if supporting else pretest
    return Why(
        cause=cause,
        name=ranked.cause.name,
        standing=standing_of(cause, trace),
        pretest_class=str(ranked.cause.pretest),
        pretest=pretest,
        supporting=supporting,
        opposing=tuple(_clusters(ranked, trace, so_far, supporting=False)),
        because_of=tuple(_origins(ranked, trace)),
    )


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
