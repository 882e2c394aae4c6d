"""Which cases could notice a mutant, and whether one does.

A case is run with the changed rules only if the change could reach something that the case expects.
What cannot be reached is known without running: a line of evidence that is false, with the change
and without, counts nowhere; a record whose findings are the same has the same verdicts of all
criteria that were not changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from crampdx.authoring.cases.expectations import failures
from crampdx.authoring.cases.models import Expectations
from crampdx.authoring.cases.reading import LocatedCase
from crampdx.authoring.cases.runner import CaseResult, check_record_ids
from crampdx.authoring.mutation.models import Mutant
from crampdx.authoring.mutation.operators import rules_of
from crampdx.engine.assessor import AssessmentTrace, Assessor
from crampdx.engine.evaluators.reference import Verdict, evaluate
from crampdx.engine.intake.reader import Intake, interpret_record
from crampdx.engine.intake.vocabulary import Vocabulary
from crampdx.errors import CrampdxError
from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.models import Cause, Evidence, Finding, Model

__all__ = ["EXPECTATIONS", "Judge", "failing", "mutated"]

EXPECTATIONS = frozenset(Expectations.model_fields)
"""All that a case can expect."""

_NONE: frozenset[str] = frozenset()
_TESTS = frozenset({"questions", "tests", "not_tests"})
_EXPLAINED = frozenset({"unexplained", "explained"})
_TREATED = frozenset({"treatments", "not_treatments", "treatments_not_assessed", "cautions"})
_CLARIFIED = frozenset({"clarify"})

_REACHED: Mapping[str, frozenset[str]] = {
    "indication": _TREATED,
    "caution": frozenset({"cautions"}) | _CLARIFIED,
    "prevention": frozenset({"prevention", "not_prevention"}),
    "red_flag": frozenset({"red_flags", "no_red_flags"}) | _CLARIFIED,
}
"""What a rule of a kind can reach, whatever it is changed to."""

_NAMED_IN: Mapping[str, tuple[str, ...]] = {
    "evidence": ("fired", "not_fired", "undecided"),
    "caution": ("cautions", "clarify"),
    "prevention": ("prevention", "not_prevention"),
    "red_flag": ("red_flags", "no_red_flags", "clarify"),
    "test": ("tests", "not_tests"),
}
"""Where a case names rules of a kind. A case that names a rule that is not there does not load."""


def mutated(knowledge: KnowledgeBase, mutant: Mutant) -> KnowledgeBase:
    """The knowledge base with the change made. It is not checked again."""
    entries: dict[str, Any] = dict(getattr(knowledge, mutant.collection))
    if mutant.entry is None:
        del entries[mutant.key]
    else:
        entries[mutant.key] = mutant.entry
    changes: dict[str, Any] = {mutant.collection: entries}
    return replace(knowledge, **changes)


def failing(knowledge: KnowledgeBase, cases: Iterable[LocatedCase]) -> tuple[LocatedCase, ...]:
    """The cases that do not hold with these rules."""
    assessor = Assessor(knowledge)
    return tuple(case for case in cases if not _holds(case, assessor))


def _holds(case: LocatedCase, assessor: Assessor) -> bool:
    """Whether a case would pass: what it expects holds, and its record names what there is."""
    trace = assessor.trace(case.patient)
    failed = failures(case.case.expect, trace) if case.case.expect else ()
    try:
        check_record_ids([CaseResult(case, trace, failed)])
    except CrampdxError:
        return False
    return not failed


@dataclass(frozen=True)
class _Baseline:
    """A case as it comes out without a change.

    Attributes:
        case: The case.
        expected: What it expects, by key.
        trace: How its record is assessed.
        intake: How its record is read.
    """

    case: LocatedCase
    expected: Mapping[str, Any]
    trace: AssessmentTrace
    intake: Intake

    @cached_property
    def names(self) -> frozenset[str]:
        """Every word of what the case expects."""
        return frozenset(_words(self.expected))

    def expects(self, name: str, keys: Iterable[str]) -> bool:
        """Whether the case names something under one of these keys."""
        return any(name in _words(self.expected.get(key, ())) for key in keys)


def _words(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            yield from (word for pair in value.items() for part in pair for word in _words(part))
        case tuple() | list():
            yield from (word for part in value for word in _words(part))


class Judge:
    """Rules and their cases, arranged to judge mutants one after another."""

    def __init__(self, knowledge: KnowledgeBase, cases: Sequence[LocatedCase]) -> None:
        """Run every case once without a change.

        Args:
            knowledge: The rules.
            cases: Their cases. All of them hold; those that expect nothing are left out.
        """
        self.knowledge = knowledge
        self.rules = rules_of(knowledge)
        assessor = Assessor(knowledge)
        vocabulary = Vocabulary(knowledge)
        self.baselines = tuple(
            _Baseline(
                case,
                case.case.expect.model_dump(exclude_none=True),
                assessor.trace(case.patient),
                interpret_record(case.patient, vocabulary),
            )
            for case in cases
            if case.case.expect is not None
        )

    def noticed_by(self, mutant: Mutant) -> LocatedCase | None:
        """The first case that notices the change; cases that speak of its rule are tried first."""
        changed = mutated(self.knowledge, mutant)
        assessor: Assessor | None = None
        for baseline in self.likeliest_first(mutant, changed):
            if self.names_what_is_gone(mutant, baseline):
                return baseline.case
            assessor = assessor or Assessor(changed, network=False)
            if not _holds(baseline.case, assessor):
                return baseline.case
        return None

    def likeliest_first(self, mutant: Mutant, changed: KnowledgeBase) -> list[_Baseline]:
        """The cases that could notice the change, in the order in which to try them."""
        reach = _Reach(mutant, self.rules[mutant.rule], changed)
        names = {mutant.rule.id: 2, mutant.owner: 1}
        able = [
            baseline
            for baseline in self.baselines
            if self.names_what_is_gone(mutant, baseline)
            or not reach.of(baseline).isdisjoint(baseline.expected)
        ]
        return sorted(
            able,
            key=lambda baseline: (
                -max((rank for name, rank in names.items() if name in baseline.names), default=0)
            ),
        )

    def names_what_is_gone(self, mutant: Mutant, baseline: _Baseline) -> bool:
        """Whether the case names the rule that was dropped, so that it would not load."""
        is_gone = mutant.change.item is None
        keys = _NAMED_IN.get(mutant.rule.kind, ())
        return is_gone and baseline.expects(mutant.rule.id, keys)


class _Reach:
    """Which expectations of a case a change could reach."""

    def __init__(self, mutant: Mutant, before: Model, changed: KnowledgeBase) -> None:
        self.before = before
        self.after = mutant.change.item
        self.kind = mutant.rule.kind
        self.id = mutant.rule.id
        self.vocabulary = Vocabulary(changed) if self.kind in {"finding", "test"} else None

    def of(self, baseline: _Baseline) -> frozenset[str]:
        """The keys of what the change could reach."""
        match self.before:
            case Evidence():
                return self.of_evidence(self.before, baseline)
            case Cause():
                return self.of_cause(self.before, baseline)
            case Finding():
                return self.of_finding(self.before, baseline)
            case _ if self.kind == "test":
                return _TESTS if self.intake(baseline) == baseline.intake else EXPECTATIONS
        return _REACHED[self.kind]

    def of_evidence(self, before: Evidence, baseline: _Baseline) -> frozenset[str]:
        was = baseline.trace.verdicts[self.kind, self.id]
        if not isinstance(self.after, Evidence) or self.after.when == before.when:
            return {True: EXPECTATIONS, None: _TESTS, False: _NONE}[was]
        return _by_verdicts(was, evaluate(self.after.when, baseline.trace.states))

    def of_cause(self, before: Cause, baseline: _Baseline) -> frozenset[str]:
        """Of a cause that is no candidate, only its score shows."""
        if isinstance(self.after, Cause) and self.after.because_of != before.because_of:
            return frozenset({"because_of"})
        is_candidate = baseline.trace.scored[self.id].is_candidate
        return EXPECTATIONS if is_candidate else frozenset({"score"})

    def of_finding(self, before: Finding, baseline: _Baseline) -> frozenset[str]:
        after = self.after
        if not isinstance(after, Finding):
            return EXPECTATIONS
        if before.derived is not None and after.derived is not None:
            states = baseline.trace.states
            was, becomes = states.get(self.id), evaluate(after.derived, states)
            return EXPECTATIONS if was is not becomes else _PLANNED
        if self.intake(baseline) != baseline.intake:
            return EXPECTATIONS
        return _PLANNED if after.implies != before.implies else _NONE

    def intake(self, baseline: _Baseline) -> Intake | None:
        vocabulary = self.vocabulary
        return (
            interpret_record(baseline.case.patient, vocabulary) if vocabulary is not None else None
        )


_PLANNED = _TESTS | _EXPLAINED | _CLARIFIED
"""What rests on which findings rules name, beside the verdicts of the rules."""


def _by_verdicts(was: Verdict, becomes: Verdict) -> frozenset[str]:
    """What a line of evidence reaches whose condition was changed."""
    if was is not becomes:
        return EXPECTATIONS
    return {True: _EXPLAINED, None: _TESTS, False: _NONE}[was]
