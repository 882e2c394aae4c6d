"""The weight of evidence: from the lines that are true of a cause to its score, order and band.

The score of a cause is its pretest class plus its evidence, in whole decibans, 10·log10 of a
likelihood ratio (Good IJ. Probability and the Weighing of Evidence, 1950). The strengths are the
likelihood ratios of McGee's bedside scale (McGee S. J Gen Intern Med 2002;17:647-650,
doi:10.1046/j.1525-1497.2002.10750.x). Of each cluster and direction only the strongest true line
counts.

Whatever scores, ranks, explains a score or asks what a line would add to it calls these functions:
the rule and its constants are in this module only. `docs/weight-of-evidence.md` explains them.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from crampdx.assessment import Band
from crampdx.knowledge.models import Cause, Evidence, Pretest, Strength

__all__ = [
    "LEADING_EVIDENCE",
    "LEADING_WITHIN",
    "MUST_NOT_MISS_EVIDENCE",
    "PLAUSIBLE_WITHIN",
    "PRETEST",
    "STRENGTH",
    "ClusterKey",
    "Score",
    "WeighedLine",
    "band_of",
    "combine",
    "decibans",
    "gain_over",
    "is_shown_apart",
    "marginal",
    "order_key",
    "reweighed",
    "shares_of",
    "strongest_first",
    "weigh",
    "weight_of",
]

PRETEST: Mapping[Pretest, int] = {
    Pretest.VERY_COMMON: 0,
    Pretest.COMMON: -3,
    Pretest.UNCOMMON: -7,
    Pretest.RARE: -10,
}
"""Decibans of the pretest classes: compressed on purpose, they are not prevalences."""

STRENGTH: Mapping[Strength, int] = {
    Strength.WEAK: 3,
    Strength.MODERATE: 7,
    Strength.STRONG: 10,
    Strength.CONFIRMS: 20,
    Strength.RULES_OUT: 20,
}
"""Decibans of the strengths: likelihood ratios 2, 5, 10 and 100; negative where they oppose."""

LEADING_WITHIN = 5
"""A leading candidate is at most so many decibans below the first, and not below 0."""

LEADING_EVIDENCE = 7
"""A leading candidate has at least so many decibans of evidence without its pretest."""

PLAUSIBLE_WITHIN = 10
"""A plausible candidate is at most so many decibans below the first, its evidence not below 0."""

MUST_NOT_MISS_EVIDENCE = 10
"""A cause that must not be missed is shown apart from so many decibans of evidence on."""


# ----------------------------------------------------------------------------------------- weights


def decibans(likelihood_ratio: float) -> int:
    """Convert a likelihood ratio to whole decibans.

    >>> [decibans(ratio) for ratio in (2, 5, 10, 0.5, 100)]
    [3, 7, 10, -3, 20]
    """
    return round(10 * math.log10(likelihood_ratio))


def weight_of(line: Evidence) -> int:
    """Weigh a line of evidence, in decibans; negative where it opposes."""
    if line.favors is not None:
        return STRENGTH[line.favors]
    if line.opposes is not None:
        return -STRENGTH[line.opposes]
    return decibans(line.lr or 1)


class ClusterKey(NamedTuple):
    """Lines of which only the strongest counts: those of one cluster and direction.

    Attributes:
        name: The cluster. A line in none, and a line of a group, is its own.
        supports: Whether its lines speak for the cause.
    """

    name: str
    supports: bool


@dataclass(frozen=True, slots=True)
class WeighedLine:
    """A line of evidence with all that scoring needs of it.

    Attributes:
        evidence: The line.
        weight: Its weight in decibans; negative where it opposes.
        cluster: The lines among which only the strongest counts.
        is_cause_specific: Whether the cause itself has the line, not its group.
    """

    evidence: Evidence
    weight: int
    cluster: ClusterKey
    is_cause_specific: bool

    @property
    def makes_candidate(self) -> bool:
        """Whether its being true makes the cause a candidate."""
        return self.is_cause_specific and self.weight > 0


LineT = TypeVar("LineT", bound=WeighedLine)


def weigh(line: Evidence, *, is_cause_specific: bool) -> WeighedLine:
    """Weigh a line of a cause or of its group."""
    weight = weight_of(line)
    cluster = line.cluster if is_cause_specific else None
    key = ClusterKey(f"line {line.id}" if cluster is None else cluster, weight > 0)
    return WeighedLine(line, weight, key, is_cause_specific)


def reweighed(lines: Iterable[WeighedLine], weights: Mapping[str, int]) -> Iterator[WeighedLine]:
    """Yield lines as if they weighed otherwise, each in its cluster and direction.

    Args:
        lines: The lines.
        weights: The weight of each line in decibans, by id; of the sign that it has, or 0.
    """
    for line in lines:
        weight = weights[line.evidence.id]
        yield WeighedLine(line.evidence, weight, line.cluster, line.is_cause_specific)


# ------------------------------------------------------------------------------------------ scores


class Score(NamedTuple, Generic[LineT]):
    """What the true lines of a cause come to.

    Attributes:
        total: Pretest and evidence together, in decibans.
        evidence: The evidence without the pretest, in decibans.
        counted_by_cluster: The line that counts for each cluster and direction.
        is_candidate: Whether the lines make the cause a candidate.
    """

    total: int
    evidence: int
    counted_by_cluster: Mapping[ClusterKey, LineT]
    is_candidate: bool


def strongest_first(line: WeighedLine) -> tuple[int, str]:
    """Order lines by strength, then by id: the first of a cluster and direction counts."""
    return -abs(line.weight), line.evidence.id


def combine(lines: Iterable[LineT], pretest: int = 0) -> Score[LineT]:
    """Add up the strongest line of each cluster and direction, and the pretest.

    Args:
        lines: The true lines of one cause, in any order.
        pretest: Where the score begins, in decibans.
    """
    counted: dict[ClusterKey, LineT] = {}
    evidence = 0
    is_candidate = False
    for line in lines:
        rival = counted.get(line.cluster)
        if rival is None:
            counted[line.cluster] = line
            evidence += line.weight
        elif strongest_first(line) < strongest_first(rival):
            counted[line.cluster] = line
            evidence += line.weight - rival.weight
        is_candidate = is_candidate or line.makes_candidate
    return Score(pretest + evidence, evidence, counted, is_candidate)


def gain_over(weight: int, counted: int) -> int:
    """Tell by how much a weight changes a cluster in which another one counts already.

    Args:
        weight: The weight of a line, in decibans.
        counted: The weight that counts for its cluster and direction; 0 where none does.

    >>> gain_over(10, 3), gain_over(3, 10), gain_over(-7, 0)
    (7, 0, -7)
    """
    return weight - counted if abs(weight) > abs(counted) else 0


def marginal(line: WeighedLine, counted_by_cluster: Mapping[ClusterKey, WeighedLine]) -> int:
    """Tell what a line that is not true yet would add to a score, in decibans.

    Args:
        line: The line.
        counted_by_cluster: The line that counts already for each cluster and direction.
    """
    counted = counted_by_cluster.get(line.cluster)
    return gain_over(line.weight, counted.weight if counted else 0)


# ------------------------------------------------------------------------------------------- order


def order_key(total: int, cause: Cause) -> tuple[int, bool, str]:
    """Order candidates: by score, then what must not be missed first, then by id."""
    return -total, not cause.do_not_miss, cause.id


def band_of(total: int, evidence: int, top: int) -> Band:
    """Tell in which band a candidate is.

    Args:
        total: Its score, in decibans.
        evidence: Its evidence without the pretest.
        top: The score of the first candidate.
    """
    behind = top - total
    if total >= 0 and behind <= LEADING_WITHIN and evidence >= LEADING_EVIDENCE:
        return Band.LEADING
    return Band.PLAUSIBLE if behind <= PLAUSIBLE_WITHIN and evidence >= 0 else Band.UNLIKELY


def shares_of(totals: Sequence[int]) -> list[float]:
    """Divide the odds among candidates and 'none of these' at 0 decibans, in two decimal places.

    >>> shares_of([10, 0])
    [0.83, 0.08]
    """
    odds = [10 ** (total / 10) for total in totals]
    whole = 1.0 + sum(odds)
    return [round(part / whole, 2) for part in odds]


def is_shown_apart(cause: Cause, evidence: int) -> bool:
    """Tell whether a candidate is shown whatever its rank, since it must not be missed."""
    return cause.do_not_miss and evidence >= MUST_NOT_MISS_EVIDENCE
