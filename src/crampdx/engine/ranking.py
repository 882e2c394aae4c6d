"""From verdicts to an order of causes: the weight of evidence.

The score of a cause is its pretest class plus its evidence, in whole decibans, 10·log10 of a
likelihood ratio (Good IJ. Probability and the Weighing of Evidence, 1950). The strengths are the
likelihood ratios of McGee's bedside scale (McGee S. J Gen Intern Med 2002;17:647-650,
doi:10.1046/j.1525-1497.2002.10750.x). All the constants of ranking stand here; their use is
explained in `docs/weight-of-evidence.md`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from crampdx.assessment import Band
from crampdx.engine.evaluators.reference import Verdict
from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.criteria import Criterion, findings_in
from crampdx.knowledge.models import Cause, Evidence, Pretest, Strength

__all__ = [
    "LEADING_EVIDENCE",
    "LEADING_WITHIN",
    "MUST_NOT_MISS_EVIDENCE",
    "PLAUSIBLE_WITHIN",
    "PRETEST",
    "STRENGTH",
    "RankedLine",
    "Ranker",
    "ScoredCause",
    "decibans",
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


def decibans(likelihood_ratio: float) -> int:
    """A likelihood ratio in whole decibans.

    >>> [decibans(ratio) for ratio in (2, 5, 10, 0.5, 100)]
    [3, 7, 10, -3, 20]
    """
    return round(10 * math.log10(likelihood_ratio))


def weight_of(line: Evidence) -> int:
    """The weight of a line of evidence in decibans; negative where it opposes."""
    if line.favors is not None:
        return STRENGTH[line.favors]
    if line.opposes is not None:
        return -STRENGTH[line.opposes]
    return decibans(line.lr or 1)


class CompiledLine(NamedTuple):
    """A line of evidence with what ranking needs of it."""

    evidence: Evidence
    criterion: int
    weight: int
    cluster: tuple[str, bool]
    own: bool
    findings: tuple[str, ...]


class CompiledCause(NamedTuple):
    """A cause with its lines, those of its group included.

    Attributes:
        cause: The cause.
        pretest: Its pretest class in decibans.
        lines: All lines.
        clusters: The lines of each cluster and direction, the weakest first.
    """

    cause: Cause
    pretest: int
    lines: tuple[CompiledLine, ...]
    clusters: tuple[tuple[tuple[str, bool], tuple[CompiledLine, ...]], ...]


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
        evidence: The evidence alone, in decibans.
        true: The lines that are true.
        best: The line that counts for each cluster and direction.
        verdicts: The verdicts of all criteria.
        is_candidate: Whether a line of its own in its favor is true.
    """

    compiled: CompiledCause
    score: int
    evidence: int
    true: list[CompiledLine]
    best: dict[tuple[str, bool], CompiledLine]
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

    def lines(self, *, supporting: bool) -> list[RankedLine]:
        """The true lines of one direction, heaviest first."""
        chosen = [line for line in self.true if (line.weight > 0) is supporting]
        chosen.sort(key=lambda line: (-abs(line.weight), line.evidence.id))
        return [RankedLine(line, self.best[line.cluster] is line) for line in chosen]


class Ranker:
    """The causes of a knowledge base, arranged for ranking. Built once; not changed after."""

    def __init__(self, knowledge: KnowledgeBase, numbers: Mapping[Criterion, int]) -> None:
        """Arrange.

        Args:
            knowledge: The causes and groups.
            numbers: The index of each criterion in the list of verdicts.
        """
        self.causes = tuple(
            _compiled_cause(
                cause,
                tuple(
                    _compiled(line, numbers[line.when], own)
                    for owner, own in ((cause, True), (knowledge.groups[cause.group], False))
                    for line in owner.evidence
                ),
            )
            for cause in knowledge.causes.values()
        )
        self._lines_of: list[list[tuple[int, CompiledLine]]] = [[] for _ in numbers]
        for index, compiled in enumerate(self.causes):
            for line in compiled.lines:
                self._lines_of[line.criterion].append((index, line))

    def score(self, verdicts: Sequence[Verdict]) -> list[ScoredCause]:
        """Every cause with its score, in the order of ids: candidates and others."""
        true: list[list[CompiledLine]] = [[] for _ in self.causes]
        lines_of = self._lines_of
        for number, verdict in enumerate(verdicts):
            if verdict:
                for index, line in lines_of[number]:
                    true[index].append(line)
        return [
            _scored(compiled, lines, verdicts)
            for compiled, lines in zip(self.causes, true, strict=True)
        ]


def _compiled_cause(cause: Cause, lines: tuple[CompiledLine, ...]) -> CompiledCause:
    clusters: dict[tuple[str, bool], list[CompiledLine]] = {}
    for line in sorted(lines, key=lambda line: abs(line.weight)):
        clusters.setdefault(line.cluster, []).append(line)
    by_cluster = tuple((cluster, tuple(members)) for cluster, members in clusters.items())
    return CompiledCause(cause, PRETEST[cause.pretest], lines, by_cluster)


def _compiled(line: Evidence, criterion: int, own: bool) -> CompiledLine:
    weight = weight_of(line)
    cluster = line.cluster if line.cluster is not None and own else f"line {line.id}"
    findings = tuple(sorted(findings_in(line.when)))
    return CompiledLine(line, criterion, weight, (cluster, weight > 0), own, findings)


def _scored(
    compiled: CompiledCause, true: list[CompiledLine], verdicts: Sequence[Verdict]
) -> ScoredCause:
    best: dict[tuple[str, bool], CompiledLine] = {}
    evidence = 0
    is_candidate = False
    for line in true:
        _, _, weight, cluster, own, _ = line
        rival = best.get(cluster)
        if rival is None:
            best[cluster] = line
            evidence += weight
        elif _is_stronger(line, rival):
            best[cluster] = line
            evidence += weight - rival.weight
        if own and weight > 0:
            is_candidate = True
    score = compiled.pretest + evidence
    return ScoredCause(compiled, score, evidence, true, best, verdicts, is_candidate)


def _is_stronger(line: CompiledLine, rival: CompiledLine) -> bool:
    if abs(line.weight) != abs(rival.weight):
        return abs(line.weight) > abs(rival.weight)
    return line.evidence.id < rival.evidence.id


def rank(scored: Sequence[ScoredCause]) -> list[ScoredCause]:
    """The candidates in rank order, with their bands and shares.

    A cause is a candidate when a line of its own in its favor is true. Ties go to causes that must
    not be missed, then by id.
    """
    candidates = [ranked for ranked in scored if ranked.is_candidate]
    candidates.sort(key=lambda r: (-r.score, not r.cause.do_not_miss, r.cause.id))
    if not candidates:
        return []
    top = candidates[0].score
    total = 1.0 + sum(10 ** (ranked.score / 10) for ranked in candidates)
    for ranked in candidates:
        ranked.band = _band(ranked, top)
        ranked.share = round(10 ** (ranked.score / 10) / total, 2)
    return candidates


def _band(ranked: ScoredCause, top: int) -> Band:
    behind = top - ranked.score
    if ranked.score >= 0 and behind <= LEADING_WITHIN and ranked.evidence >= LEADING_EVIDENCE:
        return Band.LEADING
    is_plausible = behind <= PLAUSIBLE_WITHIN and ranked.evidence >= 0
    return Band.PLAUSIBLE if is_plausible else Band.UNLIKELY
