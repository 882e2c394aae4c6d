"""Sensitivity analysis: how firm the ranks are if judged strengths were one step off.

Only the weights change, so that the verdicts of each case are computed once, and the candidates
are scored again from the lines that are true, by the rule of `crampdx.engine.scoring`. Weights keep
their signs, so that no other cause can become a candidate. A judged line is one with `judgement`
among its sources and without a measured likelihood ratio. One step down from `weak` the line says
nothing; at the strong end of the scale a step up changes nothing.
"""

from __future__ import annotations

import random
import statistics
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from crampdx.authoring.evaluation.measures import Outcome
from crampdx.authoring.evaluation.proportion import Proportion
from crampdx.engine.scoring import STRENGTH, combine, order_key, reweighed, weight_of
from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.models import Evidence, SourceKind

__all__ = [
    "STEADY",
    "JointSteps",
    "LineEffect",
    "SingleSteps",
    "Weights",
    "drawn_weights",
    "joint_steps",
    "judged_lines",
    "rank_with",
    "single_steps",
    "stepped",
]

Weights = Mapping[str, int]
"""The weight of each line of evidence in decibans, by id."""

SCALE = (0, *sorted(set(STRENGTH.values())))
"""The steps in decibans, from a line that says nothing."""

STEADY = 0.95
"""A case is steady where its diagnosis stays in place in at least so large a share of draws."""


def stepped(weight: int, step: int) -> int:
    """A weight of the scale, moved by steps; its sign stays.

    >>> stepped(7, 1), stepped(7, -1), stepped(-3, -1), stepped(20, 1)
    (10, 3, 0, 20)
    """
    place = SCALE.index(abs(weight)) + step
    moved = SCALE[min(max(place, 0), len(SCALE) - 1)]
    return moved if weight > 0 else -moved


def judged_lines(knowledge: KnowledgeBase) -> tuple[Evidence, ...]:
    """The lines whose strength is judged, in order of ids."""
    lines = [line for _, line in knowledge.evidence() if _is_judged(line, knowledge)]
    return tuple(sorted(lines, key=lambda line: line.id))


def _is_judged(line: Evidence, knowledge: KnowledgeBase) -> bool:
    kinds = {knowledge.sources[source].kind for source in line.sources}
    return line.lr is None and SourceKind.JUDGEMENT in kinds


def rank_with(weights: Weights, outcome: Outcome) -> int | None:
    """Rank a case again with these weights.

    Returns:
        The rank of the best of the right causes; None where none is a candidate.
    """
    scored = [
        (candidate.cause, combine(reweighed(candidate.true_lines, weights), candidate.pretest))
        for candidate in outcome.candidates
    ]
    order = sorted(order_key(score.total, cause) for cause, score in scored if score.is_candidate)
    right = outcome.diagnosis
    return next((rank for rank, (*_, cause) in enumerate(order, 1) if cause in right), None)


def _true_lines(outcome: Outcome) -> set[str]:
    """The ids of all lines that are true of a candidate."""
    return {line.evidence.id for c in outcome.candidates for line in c.true_lines}


def _within(rank: int | None, count: int) -> bool:
    return rank is not None and rank <= count


# -------------------------------------------------------------------------------- one line a time


@dataclass(frozen=True, slots=True)
class LineEffect:
    """What one step of one line does.

    Attributes:
        line: The id of the line.
        step: +1 for stronger, -1 for weaker.
        cases: In how many cases the line is true of a candidate.
        top_1: In how many of them the diagnosis becomes the first candidate or ceases to be it.
        top_3: In how many it comes among the first three or leaves them.
    """

    line: str
    step: int
    cases: int
    top_1: int
    top_3: int


@dataclass(frozen=True, slots=True)
class SingleSteps:
    """What changes when one judged strength is one step off.

    Attributes:
        judged: How many lines are judged.
        steady_top_1: The cases in which no such step changes whether the diagnosis is first.
        steady_top_3: The cases in which none changes whether it is among the first three.
        effects: The steps that change something in some case, those that change most first.
    """

    judged: int
    steady_top_1: Proportion
    steady_top_3: Proportion
    effects: tuple[LineEffect, ...]


def single_steps(outcomes: Sequence[Outcome], knowledge: KnowledgeBase) -> SingleSteps:
    """Move each judged line one step up and one step down, by itself, in every case."""
    weights = _weights(knowledge)
    judged = {line.id for line in judged_lines(knowledge)}
    changes: dict[tuple[str, int], list[tuple[bool, bool]]] = defaultdict(list)
    steady: list[tuple[bool, bool]] = []
    for outcome in outcomes:
        before = rank_with(weights, outcome)
        moved = (False, False)
        for line in sorted(judged & _true_lines(outcome)):
            for step in (-1, 1):
                after = rank_with({**weights, line: stepped(weights[line], step)}, outcome)
                changed = _changed(before, after)
                changes[line, step].append(changed)
                moved = (moved[0] or changed[0], moved[1] or changed[1])
        steady.append((not moved[0], not moved[1]))
    return SingleSteps(
        judged=len(judged),
        steady_top_1=Proportion.among(top_1 for top_1, _ in steady),
        steady_top_3=Proportion.among(top_3 for _, top_3 in steady),
        effects=_effects(changes),
    )


def _weights(knowledge: KnowledgeBase) -> dict[str, int]:
    return {line.id: weight_of(line) for _, line in knowledge.evidence()}


def _changed(before: int | None, after: int | None) -> tuple[bool, bool]:
    """Whether being first changes, and being among the first three."""
    return (
        _within(before, 1) is not _within(after, 1),
        _within(before, 3) is not _within(after, 3),
    )


def _effects(
    changes: Mapping[tuple[str, int], Sequence[tuple[bool, bool]]],
) -> tuple[LineEffect, ...]:
    effects = [
        LineEffect(line, step, len(found), sum(a for a, _ in found), sum(b for _, b in found))
        for (line, step), found in changes.items()
    ]
    moving = [effect for effect in effects if effect.top_1 or effect.top_3]
    return tuple(sorted(moving, key=lambda e: (-e.top_3, -e.top_1, e.line, e.step)))


# ------------------------------------------------------------------------------- all lines at once


@dataclass(frozen=True, slots=True)
class JointSteps:
    """What changes when all judged strengths may be one step off at once.

    Attributes:
        draws: How many times the strengths were drawn.
        steady_top_1: Of the cases whose diagnosis is first, those where it stays first in at
            least the share `STEADY` of the draws.
        steady_top_3: The same of the first three.
        top_3_kept: The mean share of draws in which a diagnosis stays among the first three, over
            the cases where it is; None without such a case.
        top_1_range: The share of all cases with the diagnosis first: the lowest of the draws,
            the median, the highest.
        top_3_range: The same of the first three.
    """

    draws: int
    steady_top_1: Proportion
    steady_top_3: Proportion
    top_3_kept: float | None
    top_1_range: tuple[float, float, float]
    top_3_range: tuple[float, float, float]


def drawn_weights(knowledge: KnowledgeBase, *, draws: int, seed: int) -> Iterator[Weights]:
    """Weights in which each judged line is one step down, unchanged or one step up, at random.

    Args:
        knowledge: The rules.
        draws: How many.
        seed: The same seed gives the same draws.
    """
    weights = _weights(knowledge)
    judged = [line.id for line in judged_lines(knowledge)]
    source = random.Random(seed)  # noqa: S311  # nothing secret
    for _ in range(draws):
        steps = source.choices((-1, 0, 1), k=len(judged))
        moved = {
            line: stepped(weights[line], step) for line, step in zip(judged, steps, strict=True)
        }
        yield {**weights, **moved}


def joint_steps(
    outcomes: Sequence[Outcome], knowledge: KnowledgeBase, drawn: Iterable[Weights]
) -> JointSteps:
    """Rank every case with each of the drawn weights.

    Args:
        outcomes: The cases; at least one.
        knowledge: The rules, for the ranks without a change.
        drawn: The weights, at least one set; see `drawn_weights`.
    """
    ranks = [[rank_with(weights, outcome) for outcome in outcomes] for weights in drawn]
    unchanged = _weights(knowledge)
    before = [rank_with(unchanged, outcome) for outcome in outcomes]
    kept_1, kept_3 = (_kept(before, ranks, count) for count in (1, 3))
    return JointSteps(
        draws=len(ranks),
        steady_top_1=Proportion.among(share >= STEADY for share in kept_1),
        steady_top_3=Proportion.among(share >= STEADY for share in kept_3),
        top_3_kept=statistics.fmean(kept_3) if kept_3 else None,
        top_1_range=_range(ranks, 1),
        top_3_range=_range(ranks, 3),
    )


def _kept(
    before: Sequence[int | None], ranks: Sequence[Sequence[int | None]], count: int
) -> list[float]:
    """Of each case that is among the first, the share of draws in which it stays there."""
    return [
        statistics.fmean(_within(drawn[case], count) for drawn in ranks)
        for case, rank in enumerate(before)
        if _within(rank, count)
    ]


def _range(ranks: Iterable[Sequence[int | None]], count: int) -> tuple[float, float, float]:
    shares = [statistics.fmean(_within(rank, count) for rank in drawn) for drawn in ranks]
    return min(shares), statistics.median(shares), max(shares)
