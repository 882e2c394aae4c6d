"""Laws of discrimination: what is worked out beforehand changes nothing of what it comes to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hypothesis import given
from hypothesis import strategies as st
from strategies import MANY, Pack, load, packs, records_for

from crampdx import Assessor
from crampdx.engine.discrimination import AnswerEffects, Discrimination, measure_discrimination
from crampdx.engine.ranking import CompiledLine, ScoredCause
from crampdx.engine.scoring import ClusterKey
from crampdx.engine.trace import AssessmentTrace

Gains = Mapping[tuple[str, bool], int]
"""By how much each answer, a finding and its state, shifts a cause; 0 is left out."""


def gains_of(ranked: ScoredCause, effects: AnswerEffects) -> Gains:
    """By the definition: each cluster's best undecided line that the answer helps, added up."""
    gains: dict[tuple[str, bool], int] = {}
    for finding, number in effects.numbers.items():
        for present in (False, True):
            answer = 2 * number + present
            helped = [
                line for line in ranked.undecided if answer in effects.helping[line.criterion]
            ]
            shift = sum(_gain(cluster, helped, ranked) for cluster in {x.cluster for x in helped})
            if shift:
                gains[finding, present] = shift
    return gains


def _gain(cluster: ClusterKey, helped: Iterable[CompiledLine], ranked: ScoredCause) -> int:
    counted = ranked.counted_by_cluster.get(cluster)
    weight = counted.weight if counted else 0
    best = max((x.weight for x in helped if x.cluster == cluster), key=abs)
    return best - weight if abs(best) > abs(weight) else 0


def separated(gains: Iterable[Gains], finding: str) -> int:
    """By the definition: the better of the two spans, of which 0 is always a part."""
    shifts = {state: [0, *(g.get((finding, state), 0) for g in gains)] for state in (True, False)}
    return max(max(each) - min(each) for each in shifts.values())


def check(
    found: Discrimination, causes: list[ScoredCause], trace: AssessmentTrace, of: AnswerEffects
) -> None:
    gains = {ranked.cause.id: gains_of(ranked, of) for ranked in causes}
    for finding in of.names:
        if finding in trace.states:
            assert found.separates(finding) == 0
            continue
        assert found.separates(finding) == separated(gains.values(), finding)
        for present, shifts in zip((True, False), found.shifts(finding), strict=True):
            wanted = {c: g[finding, present] for c, g in gains.items() if (finding, present) in g}
            assert {shift.cause: shift.decibans for shift in shifts} == wanted


@MANY
@given(packs(), st.data())
def test_separation_is_what_its_definition_says(made: Pack, data: st.DataObject) -> None:
    """Of all causes, and of some alone, each finding separates by what the definition gives."""
    base = load(made)
    assessor = Assessor(base)
    trace = assessor.trace(data.draw(records_for(base)))
    everyone = list(trace.scored.values())
    some = [ranked for ranked in everyone if data.draw(st.booleans())]
    for causes in (everyone, some):
        found = measure_discrimination(causes, assessor._effects, trace.states)
        check(found, causes, trace, assessor._effects)
