"""How the diagnoses of cases rank, counted: in all, for each cause, and what was taken for what."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from crampdx.authoring.cases.reading import LocatedCase
from crampdx.authoring.cases.runner import CaseResult, check_record_ids, run_case
from crampdx.authoring.evaluation.proportion import Proportion
from crampdx.engine.assessor import Assessor
from crampdx.engine.ranking import ScoredCause

__all__ = ["NO_CANDIDATE", "Evaluation", "Measures", "Outcome", "evaluate", "outcomes_of"]

NO_CANDIDATE = "no candidate"
"""What stands in the confusion table where nothing was ranked."""

SHOWN_FIRST = 3
"""The do-not-miss lane is compared with so many of the first candidates."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one case.

    Attributes:
        located: The case, and where it stands.
        first: The first candidates, at most five, each with its score in decibans.
        rank: The rank of the best of the right causes; None where none is a candidate.
        must_not_be_missed: Whether the cause that names the case must not be missed.
        in_lane: Whether a right cause that must not be missed is in the do-not-miss lane.
        flags_raised: For each red flag that the case expects, whether it is raised.
        candidates: The candidates in rank order, to be ranked again with other weights.
    """

    located: LocatedCase
    first: tuple[tuple[str, int], ...]
    rank: int | None
    must_not_be_missed: bool
    in_lane: bool
    flags_raised: Mapping[str, bool]
    candidates: tuple[ScoredCause, ...]

    @property
    def diagnosis(self) -> tuple[str, ...]:
        """The causes any of which is right, the one that names the case first."""
        return self.located.case.diagnosis or ()

    def is_among_first(self, count: int) -> bool:
        """Whether a right cause is among so many of the first candidates."""
        return self.rank is not None and self.rank <= count

    @property
    def order(self) -> tuple[str, int, str]:
        """The key by which outcomes are ordered: where the case stands."""
        return (*self.located.place, self.located.case.name)


@dataclass(frozen=True, slots=True)
class Measures:
    """The counts over some cases.

    Attributes:
        cases: How many of them have a diagnosis.
        top_1: A right cause is the first candidate.
        top_3: It is among the first three.
        top_5: It is among the first five.
        mean_reciprocal_rank: The mean of 1 / rank, 0 for a cause that is no candidate; None
            without cases.
        red_flags: The red flags expected that are raised; here a trial is one flag of one case.
        do_not_miss_lane: Of the diagnoses that must not be missed, those in the lane.
        do_not_miss_shown: Of the same, those in the lane or among the first three.
    """

    cases: int
    top_1: Proportion
    top_3: Proportion
    top_5: Proportion
    mean_reciprocal_rank: float | None
    red_flags: Proportion
    do_not_miss_lane: Proportion
    do_not_miss_shown: Proportion


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How rules rank the known diagnoses of cases.

    Attributes:
        overall: Over all cases.
        by_cause: Over the cases of each cause: of those whose `diagnosis` begins with it.
        by_red_flag: How often each red flag that is expected is raised.
        confusion: How often the cases of each cause (outer) have each cause (inner) first. Where
            any of the right causes is first, that counts for the cause of the case itself.
        outcomes: Every case, in order of files and lines.
    """

    overall: Measures
    by_cause: Mapping[str, Measures]
    by_red_flag: Mapping[str, Proportion]
    confusion: Mapping[str, Mapping[str, int]]
    outcomes: tuple[Outcome, ...]

    def worst(self, count: int) -> tuple[Outcome, ...]:
        """The cases whose diagnosis is not first, those ranked worst before the others."""
        missed = [o for o in self.outcomes if o.diagnosis and not o.is_among_first(1)]
        missed.sort(key=lambda o: (-(o.rank or math.inf), *o.order))
        return tuple(missed[:count])


def outcomes_of(cases: Iterable[LocatedCase], assessor: Assessor) -> list[Outcome]:
    """Run cases and keep of each what is counted.

    Raises:
        CaseFileError: Records name ids that the rules do not have; every one is named.
    """
    outcomes: list[Outcome] = []

    def running() -> Iterator[CaseResult]:
        for located in cases:
            result = run_case(located, assessor)
            outcomes.append(_outcome(result))
            yield result

    check_record_ids(running())
    return outcomes


def _outcome(result: CaseResult) -> Outcome:
    answer, case = result.trace.assessment, result.located.case
    causes = result.trace.knowledge.causes
    diagnosis = case.diagnosis or ()
    right = set(diagnosis)
    grave = {name for name in right if causes[name].do_not_miss}
    raised = {flag.flag.id for flag in answer.red_flags}
    expected = (case.expect.red_flags if case.expect else None) or ()
    return Outcome(
        located=result.located,
        first=tuple((c.cause, c.score) for c in answer.candidates[:5]),
        rank=next((c.rank for c in answer.candidates if c.cause in right), None),
        must_not_be_missed=bool(grave.intersection(diagnosis[:1])),
        in_lane=any(item.cause in grave for item in answer.do_not_miss),
        flags_raised={flag: flag in raised for flag in sorted(set(expected))},
        candidates=tuple(result.trace.scored[c.cause] for c in answer.candidates),
    )


def evaluate(outcomes: Iterable[Outcome]) -> Evaluation:
    """Count. The order in which the outcomes are given changes nothing."""
    ordered = sorted(outcomes, key=lambda outcome: outcome.order)
    groups: dict[str, list[Outcome]] = {}
    flags: dict[str, list[bool]] = {}
    for outcome in ordered:
        if outcome.diagnosis:
            groups.setdefault(outcome.diagnosis[0], []).append(outcome)
        for flag, raised in outcome.flags_raised.items():
            flags.setdefault(flag, []).append(raised)
    by_cause = dict(sorted(groups.items()))
    return Evaluation(
        overall=_measures(ordered),
        by_cause={cause: _measures(group) for cause, group in by_cause.items()},
        by_red_flag={flag: Proportion.among(raised) for flag, raised in sorted(flags.items())},
        confusion={cause: _first_causes(group) for cause, group in by_cause.items()},
        outcomes=tuple(ordered),
    )


def _measures(outcomes: Sequence[Outcome]) -> Measures:
    known = [outcome for outcome in outcomes if outcome.diagnosis]
    grave = [outcome for outcome in known if outcome.must_not_be_missed]
    reciprocal = [1 / outcome.rank if outcome.rank else 0.0 for outcome in known]
    return Measures(
        cases=len(known),
        top_1=Proportion.among(o.is_among_first(1) for o in known),
        top_3=Proportion.among(o.is_among_first(3) for o in known),
        top_5=Proportion.among(o.is_among_first(5) for o in known),
        mean_reciprocal_rank=math.fsum(reciprocal) / len(known) if known else None,
        red_flags=Proportion.among(r for o in outcomes for r in o.flags_raised.values()),
        do_not_miss_lane=Proportion.among(o.in_lane for o in grave),
        do_not_miss_shown=Proportion.among(
            o.in_lane or o.is_among_first(SHOWN_FIRST) for o in grave
        ),
    )


def _first_causes(outcomes: Iterable[Outcome]) -> dict[str, int]:
    return dict(sorted(Counter(map(_taken_for, outcomes)).items()))


def _taken_for(outcome: Outcome) -> str:
    if outcome.is_among_first(1):
        return outcome.diagnosis[0]
    return outcome.first[0][0] if outcome.first else NO_CANDIDATE
