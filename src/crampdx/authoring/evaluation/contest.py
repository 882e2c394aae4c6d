"""The candidates of a case, ready to be ranked again with other weights."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from crampdx.engine.assessor import AssessmentTrace
from crampdx.engine.ranking import ScoredCause

__all__ = ["Contest", "Weights", "contest_of", "rank_with"]

Weights = Mapping[str, int]
"""The weight of each line of evidence in decibans, by id."""


class _Contender(NamedTuple):
    """A candidate, with the ids of its true lines by cluster, and those that are its own."""

    cause: str
    do_not_miss: bool
    pretest: int
    clusters: tuple[tuple[str, ...], ...]
    own: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Contest:
    """The candidates of a case with their true lines: all that its ranks depend on but weights."""

    right: frozenset[str]
    contenders: tuple[_Contender, ...]

    @property
    def lines(self) -> frozenset[str]:
        """The ids of all lines that are true of a candidate."""
        return frozenset(
            line
            for contender in self.contenders
            for cluster in contender.clusters
            for line in cluster
        )


def contest_of(diagnosis: Iterable[str], trace: AssessmentTrace) -> Contest:
    """What the ranks of a case depend on.

    Weights keep their signs, so that no other cause can become a candidate.
    """
    candidates = (c.cause for c in trace.assessment.candidates)
    contenders = tuple(_contender(trace.scored[cause]) for cause in candidates)
    return Contest(frozenset(diagnosis), contenders)


def _contender(ranked: ScoredCause) -> _Contender:
    clusters: dict[tuple[str, bool], tuple[str, ...]] = {}
    for line in ranked.true:
        clusters[line.cluster] = (*clusters.get(line.cluster, ()), line.evidence.id)
    return _Contender(
        cause=ranked.cause.id,
        do_not_miss=ranked.cause.do_not_miss,
        pretest=ranked.compiled.pretest,
        clusters=tuple(clusters.values()),
        own=tuple(line.evidence.id for line in ranked.true if line.own),
    )


def rank_with(weights: Weights, contest: Contest) -> int | None:
    """The rank of the best of the right causes with these weights; None if none is a candidate."""
    order = sorted(
        (-_score(contender, weights), not contender.do_not_miss, contender.cause)
        for contender in contest.contenders
        if any(weights[line] > 0 for line in contender.own)
    )
    return next((n for n, (_, _, cause) in enumerate(order, 1) if cause in contest.right), None)


def _score(contender: _Contender, weights: Weights) -> int:
    """Pretest and the strongest line of each cluster; its lines all point one way."""
    score = contender.pretest
    for cluster in contender.clusters:
        if len(cluster) == 1:
            score += weights[cluster[0]]
        else:
            score += max((weights[line] for line in cluster), key=abs)
    return score
