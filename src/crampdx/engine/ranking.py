"""From verdicts to an order of causes, by the rule of `crampdx.engine.scoring`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress
from typing import NamedTuple

from crampdx.assessment import Band
from crampdx.engine.evaluators.protocol import Verdict
from crampdx.engine.scoring import (
    PRETEST,
    ClusterKey,
    WeighedLine,
    band_of,
    combine,
    order_key,
    shares_of,
    strongest_first,
    weigh,
)
from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.criteria import Criterion, findings_in
from crampdx.knowledge.models import Cause, Evidence

__all__ = ["CompiledCause", "CompiledLine", "RankedLine", "Ranker", "ScoredCause", "rank"]


@dataclass(frozen=True, slots=True)
class CompiledLine(WeighedLine):
    """A weighed line with where its verdict is, and what its criterion names.

    Attributes:
        criterion: The number of its criterion.
        findings: The findings of its criterion, sorted.
    """

    criterion: int
    findings: tuple[str, ...]


class CompiledCause(NamedTuple):
    """A cause with its lines, those of its group included.

    Attributes:
        cause: The cause.
        pretest: Its pretest class in decibans.
        lines: All lines.
    """

    cause: Cause
    pretest: int
    lines: tuple[CompiledLine, ...]


class RankedLine(NamedTuple):
    """A line that is true, and whether it counts for its cluster."""

    line: CompiledLine
    counted: bool


@dataclass(slots=True)
class ScoredCause:
    """A cause with its score and its lines that are true.

    Attributes:
        compiled: The cause and all its lines.
        score: Pretest and evidence together, in decibans.
        evidence: The evidence without the pretest, in decibans.
        true_lines: The lines that are true.
        counted_by_cluster: The line that counts for each cluster and direction.
        verdicts: The verdicts of all criteria.
        is_candidate: Whether a line of its own in its favor is true.
        band: Where it is in the differential, once it is ranked.
        share: Its part of the total odds, once it is ranked.
    """

    compiled: CompiledCause
    score: int
    evidence: int
    true_lines: Sequence[CompiledLine]
    counted_by_cluster: Mapping[ClusterKey, CompiledLine]
    verdicts: Sequence[Verdict]
    is_candidate: bool
    band: Band = Band.UNLIKELY
    share: float = 0.0

    @property
    def undecided(self) -> list[CompiledLine]:
        """The lines whose verdict is unknown."""
        return [line for line in self.compiled.lines if self.verdicts[line.criterion] is None]

    @property
    def cause(self) -> Cause:
        """The cause that is ranked."""
        return self.compiled.cause

    @property
    def pretest(self) -> int:
        """Its pretest class in decibans."""
        return self.compiled.pretest

    def lines(self, *, supporting: bool) -> list[RankedLine]:
        """List the true lines of one direction, heaviest first."""
        chosen = [line for line in self.true_lines if (line.weight > 0) is supporting]
        chosen.sort(key=strongest_first)
        counted = self.counted_by_cluster
        return [RankedLine(line, counted[line.cluster] is line) for line in chosen]


class Ranker:
    """The causes of a knowledge base, arranged for ranking. Built once; not changed after."""

    def __init__(self, knowledge: KnowledgeBase, numbers: Mapping[Criterion, int]) -> None:
        """Arrange.

        Args:
            knowledge: The causes and groups.
            numbers: The index of each criterion in the list of verdicts.
        """
        self.causes = tuple(
            CompiledCause(
                cause,
                PRETEST[cause.pretest],
                tuple(
                    _compiled(line, numbers[line.when], is_cause_specific=is_cause_specific)
                    for owner, is_cause_specific in (
                        (cause, True),
                        (knowledge.groups[cause.group], False),
                    )
                    for line in owner.evidence
                ),
            )
            for cause in knowledge.causes.values()
        )
        makes_candidates: list[list[int]] = [[] for _ in numbers]
        for index, compiled in enumerate(self.causes):
            for line in compiled.lines:
                if line.makes_candidate:
                    makes_candidates[line.criterion].append(index)
        self._makes_candidates = tuple(map(tuple, makes_candidates))

    def candidates(self, verdicts: Sequence[Verdict]) -> list[ScoredCause]:
        """Score the causes that a true line makes candidates, in the order of their ids."""
        found: set[int] = set()
        found.update(*compress(self._makes_candidates, verdicts))
        return [score_cause(self.causes[index], verdicts) for index in sorted(found)]

    def with_others(
        self, candidates: Iterable[ScoredCause], verdicts: Sequence[Verdict]
    ) -> list[ScoredCause]:
        """Add the causes that are not candidates: all causes, in the order of their ids."""
        known = {scored.cause.id: scored for scored in candidates}
        return [known.get(c.cause.id) or score_cause(c, verdicts) for c in self.causes]


def _compiled(line: Evidence, criterion: int, *, is_cause_specific: bool) -> CompiledLine:
    weighed = weigh(line, is_cause_specific=is_cause_specific)
    return CompiledLine(
        weighed.evidence,
        weighed.weight,
        weighed.cluster,
        weighed.is_cause_specific,
        criterion,
        tuple(sorted(findings_in(line.when))),
    )


def score_cause(compiled: CompiledCause, verdicts: Sequence[Verdict]) -> ScoredCause:
    """Score one cause by the lines that are true of it."""
    true_lines = [line for line in compiled.lines if verdicts[line.criterion]]
    total, evidence, counted, is_candidate = combine(true_lines, compiled.pretest)
    return ScoredCause(compiled, total, evidence, true_lines, counted, verdicts, is_candidate)


def rank(scored: Iterable[ScoredCause]) -> list[ScoredCause]:
    """Put candidates in rank order, and set their bands and shares."""
    candidates = sorted(scored, key=lambda ranked: order_key(ranked.score, ranked.cause))
    shares = shares_of([ranked.score for ranked in candidates])
    for ranked, share in zip(candidates, shares, strict=True):
        ranked.band = band_of(ranked.score, ranked.evidence, candidates[0].score)
        ranked.share = share
    return candidates
