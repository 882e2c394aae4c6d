"""What was expected of an assessment, compared with what came: one check for each expectation.

Every check returns what failed, as pairs of expected and got in words, with the reasons behind it
where a rank is concerned.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from crampdx.assessment import Band
from crampdx.authoring.cases.models import CautionsExpected, Expectations, Score
from crampdx.engine.evaluators.reference import Verdict
from crampdx.engine.ranking import ScoredCause
from crampdx.engine.trace import AssessmentTrace

__all__ = ["Failure", "failures"]


@dataclass(frozen=True, slots=True)
class Failure:
    """An expectation that does not hold.

    Attributes:
        expectation: The key of the case file, such as ``top``.
        expected: What was expected.
        got: What came instead.
        concerns: The causes whose scores explain it.
    """

    expectation: str
    expected: str
    got: str
    concerns: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.expectation}: expected {self.expected}, got {self.got}"


Pair = tuple[str, str] | tuple[str, str, tuple[str, ...]]


def failures(expect: Expectations, trace: AssessmentTrace) -> tuple[Failure, ...]:
    """The expectations that do not hold, in the order of the case file's documentation."""
    return tuple(
        Failure(name, *pair)
        for name in Expectations.model_fields
        if (expected := getattr(expect, name)) is not None
        for pair in _CHECKS[name](expected, trace)
    )


# ------------------------------------------------------------------------------------- the words


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"


def _ordinal(rank: int | None) -> str:
    return "not a candidate" if rank is None else f"rank {rank}"


def _state(state: Verdict) -> str:
    return {True: "present", False: "absent", None: "unknown"}[state]


def _verdict(verdict: Verdict) -> str:
    return {True: "fired", False: "not fired", None: "undecided"}[verdict]


# ------------------------------------------------------------------------------------ the ranking


def _ranks(trace: AssessmentTrace) -> dict[str, int]:
    return {candidate.cause: candidate.rank for candidate in trace.assessment.candidates}


def _conclusion(expected: str, trace: AssessmentTrace) -> Iterator[Pair]:
    if trace.assessment.conclusion != expected:
        yield expected, trace.assessment.conclusion


def _top(expected: tuple[str, ...], trace: AssessmentTrace) -> Iterator[Pair]:
    first = next((c.cause for c in trace.assessment.candidates), None)
    if first not in expected:
        concerns = (*expected, first) if first else expected
        yield " or ".join(expected) + " first", first or "no candidate", concerns


def _top_n(expected: Mapping[str, int], trace: AssessmentTrace) -> Iterator[Pair]:
    ranks = _ranks(trace)
    for cause, position in expected.items():
        rank = ranks.get(cause)
        if rank is None or rank > position:
            before = [c.cause for c in trace.assessment.candidates[:position]]
            yield f"{cause} at {position} or better", _ordinal(rank), (cause, *before)


def _ahead_of(expected: Mapping[str, tuple[str, ...]], trace: AssessmentTrace) -> Iterator[Pair]:
    ranks = _ranks(trace)
    for cause, behind in expected.items():
        rank = ranks.get(cause)
        for other in behind:
            if rank is None or ranks.get(other, rank + 1) < rank:
                got = f"{_ordinal(rank)} against {_ordinal(ranks.get(other))}"
                yield f"{cause} ahead of {other}", got, (cause, other)


def _band(expected: Mapping[str, str], trace: AssessmentTrace) -> Iterator[Pair]:
    bands = {candidate.cause: candidate.band for candidate in trace.assessment.candidates}
    for cause, band in expected.items():
        if bands.get(cause) != Band(band):
            yield f"{cause} {band}", str(bands.get(cause, "not a candidate")), (cause,)


def _score(expected: Mapping[str, int | Score], trace: AssessmentTrace) -> Iterator[Pair]:
    for cause, value in expected.items():
        wanted = Score.model_validate({"is": value}) if isinstance(value, int) else value
        score = trace.scored[cause].score
        if abs(score - wanted.is_) > wanted.tolerance:
            around = f" within {wanted.tolerance}" if wanted.tolerance else ""
            yield f"{cause} at {wanted.is_} dB{around}", f"{score} dB", (cause,)


def _because_of(expected: Mapping[str, tuple[str, ...]], trace: AssessmentTrace) -> Iterator[Pair]:
    origins = {c.cause: c.because_of for c in trace.assessment.candidates}
    for cause, wanted in expected.items():
        lacking = [origin for origin in wanted if origin not in origins.get(cause, ())]
        if lacking:
            got = _listed(origins[cause]) if cause in origins else "not a candidate"
            yield f"{cause} because of {_listed(lacking)}", got, (cause,)


# ----------------------------------------------------------------------------- findings and rules


def _lines(wanted: Verdict) -> Callable[[tuple[str, ...], AssessmentTrace], Iterator[Pair]]:
    def check(expected: tuple[str, ...], trace: AssessmentTrace) -> Iterator[Pair]:
        for line in expected:
            verdict = trace.verdicts["evidence", line]
            if verdict is not wanted:
                yield f"{line} {_verdict(wanted)}", _verdict(verdict)

    return check


def _all_fired(expected: Mapping[str, tuple[str, ...]], trace: AssessmentTrace) -> Iterator[Pair]:
    for cause, lines in expected.items():
        yield from _lines(True)(lines, trace)
        for line in trace.knowledge.causes[cause].evidence:
            if line.id not in lines and trace.verdicts["evidence", line.id]:
                yield f"{line.id} not to fire", _verdict(True)


def _findings(expected: Mapping[str, str], trace: AssessmentTrace) -> Iterator[Pair]:
    for finding, state in expected.items():
        found = _state(trace.states.get(finding))
        if found != state:
            yield f"{finding} {state}", found


def _cautions(expected: CautionsExpected, trace: AssessmentTrace) -> Iterator[Pair]:
    said = {
        note.caution.id: note.verdict
        for option in trace.assessment.treatments
        for note in option.cautions
    }
    offered = {
        caution.id
        for option in trace.assessment.treatments
        for caution in trace.knowledge.treatments[option.treatment].cautions
    }
    for wanted in ("applies", "check_before", "silent"):
        for caution in getattr(expected, wanted):
            got = said.get(caution, "silent" if caution in offered else "treatment not offered")
            if got != wanted:
                yield f"{caution} {wanted}", got


# ------------------------------------------------------------------------------ what an answer has


def _has(
    names_of: Callable[[AssessmentTrace], Iterable[str]],
) -> Callable[[tuple[str, ...], AssessmentTrace], Iterator[Pair]]:
    """A check that all of these are in a list of the answer."""

    def check(expected: tuple[str, ...], trace: AssessmentTrace) -> Iterator[Pair]:
        names = list(dict.fromkeys(names_of(trace)))
        lacking = [name for name in expected if name not in names]
        if lacking:
            yield _listed(lacking), _listed(names)

    return check


def _has_not(
    names_of: Callable[[AssessmentTrace], Iterable[str]],
) -> Callable[[tuple[str, ...] | str, AssessmentTrace], Iterator[Pair]]:
    """A check that none of these, or with ``any`` nothing at all, is in a list of the answer."""

    def check(expected: tuple[str, ...] | str, trace: AssessmentTrace) -> Iterator[Pair]:
        names = set(names_of(trace))
        unwanted = names if expected == "any" else names.intersection(expected)
        if unwanted:
            yield (
                "none" if expected == "any" else f"no {_listed(expected)}",
                _listed(sorted(unwanted)),
            )

    return check


def _candidates(trace: AssessmentTrace) -> Iterator[str]:
    return (candidate.cause for candidate in trace.assessment.candidates)


def _lane(trace: AssessmentTrace) -> Iterator[str]:
    return (item.cause for item in trace.assessment.do_not_miss)


def _flags(trace: AssessmentTrace) -> Iterator[str]:
    return (raised.flag.id for raised in trace.assessment.red_flags)


def _tests(trace: AssessmentTrace) -> Iterator[str]:
    return (test.test for test in trace.assessment.tests)


def _treatments(trace: AssessmentTrace) -> Iterator[str]:
    return (option.treatment for option in trace.assessment.treatments)


def _prevention(trace: AssessmentTrace) -> Iterator[str]:
    return (measure.id for measure in trace.assessment.prevention)


def _unexplained(trace: AssessmentTrace) -> Iterator[str]:
    return (observed.finding for observed in trace.assessment.unexplained)


def _warnings(trace: AssessmentTrace) -> Iterator[str]:
    return (warning.code for warning in trace.assessment.warnings)


def _notes(trace: AssessmentTrace) -> Iterator[str]:
    return (note.code for note in trace.assessment.notes)


_CHECKS: Mapping[str, Callable[..., Iterator[Pair]]] = {
    "conclusion": _conclusion,
    "top": _top,
    "top_n": _top_n,
    "ahead_of": _ahead_of,
    "band": _band,
    "score": _score,
    "candidates": _has(_candidates),
    "not_candidates": _has_not(_candidates),
    "because_of": _because_of,
    "do_not_miss": _has(_lane),
    "not_do_not_miss": _has_not(_lane),
    "fired": _lines(True),
    "all_fired": _all_fired,
    "not_fired": _lines(False),
    "undecided": _lines(None),
    "findings": _findings,
    "red_flags": _has(_flags),
    "no_red_flags": _has_not(_flags),
    "clarify": _has(lambda trace: (item.id for item in trace.assessment.clarify)),
    "questions": _has(lambda trace: (item.finding for item in trace.assessment.questions)),
    "tests": _has(_tests),
    "not_tests": _has_not(_tests),
    "tests_done": _has(lambda trace: trace.assessment.tests_done),
    "tests_ordered": _has(lambda trace: trace.assessment.tests_ordered),
    "treatments": _has(_treatments),
    "not_treatments": _has_not(_treatments),
    "treatments_not_assessed": _has(lambda trace: trace.assessment.treatments_not_assessed),
    "cautions": _cautions,
    "prevention": _has(_prevention),
    "not_prevention": _has_not(_prevention),
    "unexplained": _has(_unexplained),
    "explained": _has_not(_unexplained),
    "warnings": _has(_warnings),
    "no_warnings": _has_not(_warnings),
    "notes": _has(_notes),
    "no_notes": _has_not(_notes),
}
"""The check of each expectation."""


def reasons(ranked: ScoredCause) -> Iterator[str]:
    """Why a cause has its score: its pretest, then each line that is true, heaviest first."""
    yield f"pretest {ranked.cause.pretest}: {ranked.pretest} dB"
    lines = [*ranked.lines(supporting=True), *ranked.lines(supporting=False)]
    for line, counted in lines:
        beside = "" if counted else ", not counted: a stronger line of its cluster is"
        yield f"{line.evidence.id}: {line.weight:+d} dB{beside}"
