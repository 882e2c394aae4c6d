"""Why a cause has its score, and which of its lines of evidence did not fire."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from crampdx.assessment import Level, RecordWarning
from crampdx.engine.assessor import Examination
from crampdx.engine.ranking import CompiledLine, Ranked, RankedLine
from crampdx.explanation.nearest import KEPT_WAYS, Nearest
from crampdx.explanation.parts import open_needs, part_of, rule_of
from crampdx.explanation.results import (
    Cluster,
    FiredLine,
    Need,
    Origin,
    Position,
    Standing,
    UnfiredLine,
    Why,
    WhyNot,
)

__all__ = ["position_of", "positions", "why", "why_not"]

NO_WAY = (
    "its findings cannot be as it needs them, since they imply each other"
    f" (the {KEPT_WAYS} nearest ways were tried)"
)
"""Why nothing would make a line true."""


def why(cause: str, examined: Examination) -> Why:
    """What the score of a cause is made of."""
    ranked = examined.scored[cause]
    pretest = ranked.compiled.pretest
    supporting = tuple(_clusters(ranked, examined, pretest, supporting=True))
    so_far = supporting[-1].sum if supporting else pretest
    return Why(
        cause=cause,
        name=ranked.cause.name,
        standing=_standing(cause, examined),
        pretest_class=str(ranked.cause.pretest),
        pretest=pretest,
        supporting=supporting,
        opposing=tuple(_clusters(ranked, examined, so_far, supporting=False)),
        because_of=tuple(_origins(ranked, examined)),
    )


def why_not(cause: str, examined: Examination, nearest: Nearest) -> WhyNot:
    """The lines of a cause and of its group that did not fire, nearest first."""
    ranked = examined.scored[cause]
    lines = [
        _unfired(line, ranked, examined, nearest)
        for line in ranked.compiled.lines
        if ranked.verdicts[line.criterion] is not True
    ]
    return WhyNot(
        cause, ranked.cause.name, _standing(cause, examined), tuple(sorted(lines, key=_order))
    )


# --------------------------------------------------------------------------------- where it stands


def positions(examined: Examination) -> dict[str, Position]:
    """Where each cause stands, by id."""
    ranked = {
        candidate.cause: Position(candidate.rank, candidate.score, candidate.band, candidate.share)
        for candidate in examined.assessment.candidates
    }
    return {
        cause: ranked.get(cause) or Position(None, scored.score, None, None)
        for cause, scored in examined.scored.items()
    }


def position_of(cause: str, examined: Examination) -> Position:
    """Where one cause stands."""
    return positions(examined)[cause]


def _standing(cause: str, examined: Examination) -> Standing:
    position = position_of(cause, examined)
    ranked = examined.scored[cause]
    return Standing(
        position=position,
        do_not_miss=ranked.cause.do_not_miss,
        shown_apart=any(item.cause == cause for item in examined.assessment.do_not_miss),
        outside_population=position.rank is None and ranked.is_candidate,
        unread=tuple(_unread(ranked, examined)),
    )


def _unread(ranked: Ranked, examined: Examination) -> Iterator[RecordWarning]:
    """Why the record may say more of the findings of a cause than is known of them."""
    rests_on = examined.knowledge.rests_on
    findings = {name for line in ranked.compiled.lines for name in rests_on(line.evidence.when)}
    for warning in examined.assessment.warnings:
        if warning.level is Level.WARNING and not findings.isdisjoint(warning.findings):
            yield warning


# --------------------------------------------------------------------------------------------- why


def _clusters(
    ranked: Ranked, examined: Examination, so_far: int, *, supporting: bool
) -> Iterator[Cluster]:
    """The clusters of one direction, heaviest first, with the running sum."""
    lines: defaultdict[tuple[str, bool], list[RankedLine]] = defaultdict(list)
    for one in ranked.lines(supporting=supporting):
        lines[one.line.cluster].append(one)
    for together in lines.values():
        weight = sum(one.line.weight for one in together if one.counted)
        so_far += weight
        yield Cluster(
            name=_cluster_name(together[0].line),
            weight=weight,
            sum=so_far,
            lines=tuple([_fired(one, examined) for one in together]),
        )


def _cluster_name(line: CompiledLine) -> str | None:
    return line.evidence.cluster if line.own else None


def _fired(one: RankedLine, examined: Examination) -> FiredLine:
    line = one.line
    criterion = part_of(line.evidence.when, examined)
    return FiredLine(rule_of(line, examined.knowledge), one.counted, criterion)


def _origins(ranked: Ranked, examined: Examination) -> Iterator[Origin]:
    for origin in ranked.cause.because_of:
        name = examined.knowledge.causes[origin].name
        yield Origin(origin, name, position_of(origin, examined).rank)


# ----------------------------------------------------------------------------------------- why not


def _unfired(
    line: CompiledLine, ranked: Ranked, examined: Examination, nearest: Nearest
) -> UnfiredLine:
    criterion = line.evidence.when
    needs = open_needs(criterion, examined)
    change = nearest.change(criterion)
    return UnfiredLine(
        rule=rule_of(line, examined.knowledge),
        adds=_added(line, ranked),
        verdict=ranked.verdicts[line.criterion],
        criterion=part_of(criterion, examined),
        false=tuple([need for need in needs if need.state is not None]),
        unknown=tuple([need for need in needs if need.state is None]),
        change=None if change is None else tuple(_needs(change.items(), examined)),
        obstacle=NO_WAY if change is None else "",
    )


def _needs(change: Iterable[tuple[str, bool]], examined: Examination) -> Iterator[Need]:
    for name, present in change:
        yield Need(name, examined.knowledge.findings[name].name, present, examined.states.get(name))


def _added(line: CompiledLine, ranked: Ranked) -> int:
    """What a line would add to the score beyond what its cluster counts already."""
    counted = ranked.best.get(line.cluster)
    gain = line.weight - (counted.weight if counted else 0)
    return gain if gain * line.weight > 0 else 0


def _order(line: UnfiredLine) -> tuple[bool, tuple[int, int], int, str]:
    """Nearest first, then heaviest; what nothing could make true stands last."""
    return (line.change is None, line.distance, -abs(line.rule.weight), line.rule.id)
