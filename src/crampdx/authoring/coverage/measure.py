"""Cases run against rules, and what each rule came to in them, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal

from crampdx.authoring.cases.reading import LocatedCase
from crampdx.authoring.cases.stacks import is_within
from crampdx.authoring.coverage.branches import Decider, deciders
from crampdx.authoring.coverage.readings import (
    Form,
    Readings,
    can_be_undecided,
    can_show_absent,
    limits_of,
)
from crampdx.engine.assessor import Assessor
from crampdx.engine.evaluators.reference import Verdict
from crampdx.engine.trace import AssessmentTrace
from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.criteria import Criterion, findings_in
from crampdx.knowledge.places import Place
from crampdx.record.models import PatientRecord

__all__ = ["BranchCoverage", "Coverage", "Outcome", "RuleCoverage", "coverage"]

Outcome = Literal["fired", "not_fired", "unknown"]
"""What a rule came to: true, false or unknown; of a reading: present, absent or neither."""

_OUTCOMES: Mapping[Verdict, Outcome] = {True: "fired", False: "not_fired", None: "unknown"}


@dataclass(frozen=True, slots=True)
class BranchCoverage:
    """How often a part of a criterion decided its verdict.

    Attributes:
        where: The way to the part, such as ``all[1].any[0]``.
        part: The part, as it stands in the rule file.
        true: In how many cases it decided by being true.
        false: In how many cases it decided by being false.
    """

    where: str
    part: str
    true: int
    false: int

    @property
    def reached(self) -> int:
        """How many of its two branches decided in some case."""
        return (self.true > 0) + (self.false > 0)


@dataclass(frozen=True, slots=True)
class RuleCoverage:
    """What a rule came to in the cases.

    Attributes:
        kind: Evidence, indication, caution, prevention, red_flag, finding (a derived one), or
            reading (a way of showing a finding).
        id: The id of the rule; of a reading, that of the finding and the number of the form.
        place: Where it stands.
        counts: In how many cases it came to each outcome.
        needed: The outcomes that cases are expected to reach.
        branches: The parts of its criterion.
        limits: In how many cases the value was exactly on each limit of a reading.
    """

    kind: str
    id: str
    place: Place | None
    counts: Mapping[Outcome, int]
    needed: tuple[Outcome, ...] = ("fired", "not_fired")
    branches: tuple[BranchCoverage, ...] = ()
    limits: Mapping[float, int] = field(default_factory=dict)

    @property
    def missing(self) -> tuple[Outcome, ...]:
        """The outcomes that no case reaches and some case should."""
        return tuple(outcome for outcome in self.needed if not self.counts[outcome])

    @property
    def is_covered(self) -> bool:
        """Whether cases reach every outcome that they should."""
        return not self.missing


@dataclass(frozen=True)
class Coverage:
    """How far the cases reach the rules.

    Attributes:
        cases: How many cases were run.
        rules: Every rule that has a condition, in order of kinds and ids.
    """

    cases: int
    rules: tuple[RuleCoverage, ...]

    @classmethod
    def of(cls, parts: Iterable[Coverage]) -> Coverage:
        """The coverage of several sets of rules, each by its own cases."""
        found = tuple(parts)
        return cls(
            sum(part.cases for part in found), tuple(rule for part in found for rule in part.rules)
        )

    def within(self, packs: Iterable[str | Path]) -> Coverage:
        """The coverage of the rules of these packs alone."""
        chosen = tuple(packs)
        return Coverage(
            self.cases, tuple(rule for rule in self.rules if is_within(rule.place, chosen))
        )

    @cached_property
    def covered(self) -> int:
        """How many rules are covered."""
        return sum(rule.is_covered for rule in self.rules)

    @cached_property
    def branches(self) -> int:
        """How many branches there are: two of each part of a criterion."""
        return sum(2 * len(rule.branches) for rule in self.rules)

    @cached_property
    def branches_reached(self) -> int:
        """How many branches decided a verdict in some case."""
        return sum(branch.reached for rule in self.rules for branch in rule.branches)


class _Tally:
    """Counts what one criterion comes to."""

    def __init__(self, kind: str, name: str, criterion: Criterion) -> None:
        self.kind = kind
        self.name = name
        self.counts: Counter[Outcome] = Counter()
        self.parts: tuple[Decider, ...] = tuple(deciders(criterion))
        self.findings = findings_in(criterion)
        self.decided: Counter[tuple[str, bool]] = Counter()

    def add(self, trace: AssessmentTrace) -> None:
        states = trace.states
        is_derived = self.kind == "finding"
        verdict = states.get(self.name) if is_derived else trace.verdicts[self.kind, self.name]
        self.counts[_OUTCOMES[verdict]] += 1
        if self.findings.isdisjoint(states):
            return  # nothing known decides nothing
        for part in self.parts:
            decided = part.decided(states)
            if decided is not None:
                self.decided[part.where, decided] += 1

    def total(self, knowledge: KnowledgeBase) -> RuleCoverage:
        return RuleCoverage(
            self.kind,
            self.name,
            knowledge.places.get((self.kind, self.name)),
            _all_outcomes(self.counts),
            branches=tuple(
                BranchCoverage(
                    part.where,
                    part.text,
                    self.decided[part.where, True],
                    self.decided[part.where, False],
                )
                for part in self.parts
            ),
        )


class _Readings:
    """Counts what the forms of findings come to."""

    def __init__(self, knowledge: KnowledgeBase) -> None:
        self.readings = Readings(knowledge)
        self.counts: Counter[tuple[str, Outcome]] = Counter()
        self.limits: Counter[tuple[str, float]] = Counter()

    def add(self, patient: PatientRecord) -> None:
        for form, shown in self.readings.of(patient):
            self.counts[form.id, _OUTCOMES[shown.state]] += 1
            self.limits.update((form.id, limit) for limit in shown.limits)

    def totals(self, knowledge: KnowledgeBase) -> Iterable[RuleCoverage]:
        for form in self.readings.forms:
            counts = {outcome: self.counts[form.id, outcome] for outcome in _OUTCOMES.values()}
            limits = {limit: self.limits[form.id, limit] for limit in limits_of(form.shown_by)}
            place = knowledge.places.get(("finding", form.finding))
            yield RuleCoverage("reading", form.id, place, counts, _needed(form), limits=limits)


def _all_outcomes(counts: Mapping[Outcome, int]) -> Mapping[Outcome, int]:
    return {outcome: counts.get(outcome, 0) for outcome in _OUTCOMES.values()}


def _needed(form: Form) -> tuple[Outcome, ...]:
    """What a form can come to, beside present; where it shows no absence, to be undecided."""
    if can_show_absent(form.shown_by):
        return ("fired", "not_fired")
    return ("fired", "unknown") if can_be_undecided(form.shown_by) else ("fired",)


def coverage(knowledge: KnowledgeBase, cases: Iterable[LocatedCase]) -> Coverage:
    """Run cases and count what each rule came to.

    A rule is covered when some case made it true and some case made it false. Rules without a
    condition hold for everyone and are left out.

    Args:
        knowledge: The rules.
        cases: Every case counts, whatever it expects.
    """
    assessor = Assessor(knowledge)
    tallies = [_Tally(*owner) for owner in knowledge.criteria()]
    readings = _Readings(knowledge)
    run = 0
    for located in cases:
        run += 1
        trace = assessor.trace(located.patient)
        readings.add(located.patient)
        for tally in tallies:
            tally.add(trace)
    rules = [tally.total(knowledge) for tally in tallies] + [*readings.totals(knowledge)]
    return Coverage(run, tuple(sorted(rules, key=lambda rule: (rule.kind, rule.id))))
