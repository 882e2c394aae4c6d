"""What explanations say, as frozen data. Weights and scores are whole decibans.

A verdict, and the state of a finding, is True, False, or None for unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from pydantic import TypeAdapter

from crampdx.assessment import Band, Observed, RecordWarning
from crampdx.engine.evaluators.reference import Verdict
from crampdx.knowledge.models import FindingKind, SourceKind

__all__ = [
    "Answer",
    "CauseMove",
    "CausePosition",
    "CautionMove",
    "CitedSource",
    "ClausePart",
    "Cluster",
    "FindingChange",
    "FindingPart",
    "FiredLine",
    "Need",
    "Part",
    "Position",
    "Query",
    "Rule",
    "UnderlyingCause",
    "UnfiredLine",
    "WhatIf",
    "Why",
    "WhyNot",
    "to_json",
]


# ------------------------------------------------------------------------------ rules and criteria


@dataclass(frozen=True, slots=True)
class CitedSource:
    """A source that a rule cites, found.

    Attributes:
        id: Its id in the rules.
        kind: What kind of thing it is; judgement is the authors' own.
        title: Its title.
        identifier: Where to find it: DOI, PMID, address or section; may be empty.
    """

    id: str
    kind: SourceKind
    title: str
    identifier: str


@dataclass(frozen=True, slots=True)
class FindingPart:
    """A part of a criterion that asks for one finding.

    Attributes:
        finding: The finding.
        name: Its name.
        present: Whether the finding is asked to be present; else, to be absent.
        state: What the finding is.
        verdict: Whether the part holds.
        observed: What the record says of it, and where; None where it is unknown.
        unresolved: Whether it is unknown because the record contradicts itself or is unreadable.
        follows_from: Of a derived finding, what makes it present. Given where the finding is
            first in a criterion; None where it comes again.
    """

    finding: str
    name: str
    present: bool
    state: Verdict
    verdict: Verdict
    observed: Observed | None
    unresolved: bool
    follows_from: Part | None


@dataclass(frozen=True, slots=True)
class ClausePart:
    """A part of a criterion that has parts itself, of which `needed` must hold."""

    clause: Literal["all", "any", "at_least"]
    needed: int
    verdict: Verdict
    parts: tuple[Part, ...]


Part = FindingPart | ClausePart
"""A node of a criterion, as a tree."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A line of evidence.

    Attributes:
        id: Its id.
        weight: In decibans; negative where it opposes the cause.
        likelihood_ratio: The ratio that this weight means.
        measured: Whether the ratio was measured; else the strength is a word of the rules.
        of_group: Whether it is a line of the cause's group, and not of the cause itself.
        because: Why, in one sentence.
        sources: What it rests on.
    """

    id: str
    weight: int
    likelihood_ratio: float
    measured: bool
    of_group: bool
    because: str
    sources: tuple[CitedSource, ...]


@dataclass(frozen=True, slots=True)
class Position:
    """The position of a cause.

    Attributes:
        rank: From 1; None if the cause is not a candidate.
        score: Pretest class and evidence together.
        band: None if the cause is not a candidate.
        share: Its part of the total odds; not a probability. None if it is not a candidate.
    """

    rank: int | None
    score: int
    band: Band | None
    share: float | None


@dataclass(frozen=True, slots=True)
class CausePosition:
    """The position of a cause, and why it may be shown apart, or not be ranked.

    Attributes:
        position: Rank, score, band and share.
        do_not_miss: Whether it must not be missed.
        shown_apart: Whether the assessment lists it under 'do not miss'.
        outside_population: Whether it has evidence, but is not ranked for a person of this age or
            sex.
        unread: What the record holds of findings that its lines rest on, and could not be read.
    """

    position: Position
    do_not_miss: bool
    shown_apart: bool
    outside_population: bool
    unread: tuple[RecordWarning, ...]


# --------------------------------------------------------------------------------------------- why


@dataclass(frozen=True, slots=True)
class FiredLine:
    """A line of evidence that is true.

    Attributes:
        rule: The line.
        counted: False where a stronger line of its cluster counts instead.
        criterion: Why it is true.
    """

    rule: Rule
    counted: bool
    criterion: Part


@dataclass(frozen=True, slots=True)
class Cluster:
    """Lines of one direction that rest on related findings: the strongest counts.

    Attributes:
        name: The name in the rules; None for a line on its own.
        weight: What the cluster adds to the score.
        sum: The score up to here: pretest class and all clusters to this one.
        lines: Heaviest first.
    """

    name: str | None
    weight: int
    sum: int
    lines: tuple[FiredLine, ...]


@dataclass(frozen=True, slots=True)
class UnderlyingCause:
    """A cause that can be the origin of another. It adds no weight.

    Attributes:
        cause: Its id.
        name: Its name.
        rank: Its rank; None if it is not a candidate.
    """

    cause: str
    name: str
    rank: int | None


@dataclass(frozen=True, slots=True)
class Why:
    """What the score of a cause is made of: the pretest class, and each cluster of evidence.

    Attributes:
        cause: Its id.
        name: Its name.
        standing: Its position.
        pretest_class: The class in the rules' word.
        pretest: The class in decibans: where the sum begins.
        supporting: The clusters in its favor, heaviest first.
        opposing: The clusters against it, heaviest first; the last sum is the score.
        because_of: Causes that can be its origin.
    """

    cause: str
    name: str
    standing: CausePosition
    pretest_class: str
    pretest: int
    supporting: tuple[Cluster, ...]
    opposing: tuple[Cluster, ...]
    because_of: tuple[UnderlyingCause, ...]

    @property
    def score(self) -> int:
        """Pretest class and evidence together."""
        return self.standing.position.score


# ----------------------------------------------------------------------------------------- why not


@dataclass(frozen=True, slots=True)
class Need:
    """A finding, and what it would have to be.

    Attributes:
        finding: The finding; never a derived one.
        name: Its name.
        present: What it would have to be: True for present, False for absent.
        state: What it is.
    """

    finding: str
    name: str
    present: bool
    state: Verdict


@dataclass(frozen=True, slots=True)
class UnfiredLine:
    """A line of evidence that is false or unknown.

    Attributes:
        rule: The line.
        adds: By how many decibans it would move the cause if it were true as well.
        verdict: False or None.
        criterion: Which parts hold, and which do not.
        false: The findings that are the opposite of what the criterion asks for.
        unknown: The findings that the criterion asks for and that are unknown.
        change: The fewest findings that would make it true, if they were so; None where nothing
            would.
        obstacle: Why there is no change; empty where there is one.
    """

    rule: Rule
    adds: int
    verdict: Verdict
    criterion: Part
    false: tuple[Need, ...]
    unknown: tuple[Need, ...]
    change: tuple[Need, ...] | None
    obstacle: str = ""

    @property
    def distance(self) -> tuple[int, int]:
        """How many findings of the change are the opposite of what is needed, and unknown."""
        needs = self.change or ()
        return (
            sum(need.state is (not need.present) for need in needs),
            sum(need.state is None for need in needs),
        )

    def supposing(self) -> dict[str, bool]:
        """The change as `what_if` takes it; empty where there is none."""
        return {need.finding: need.present for need in self.change or ()}


@dataclass(frozen=True, slots=True)
class WhyNot:
    """The lines of a cause and of its group that did not fire, nearest first."""

    cause: str
    name: str
    standing: CausePosition
    lines: tuple[UnfiredLine, ...]


# ----------------------------------------------------------------------------------------- what if


@dataclass(frozen=True, slots=True)
class FindingChange:
    """A finding, before and after."""

    finding: str
    name: str
    before: Verdict
    after: Verdict


@dataclass(frozen=True, slots=True)
class CauseMove:
    """A cause whose rank, score or band changes."""

    cause: str
    name: str
    before: Position
    after: Position


Speaks = Literal["applies", "check_before"]


@dataclass(frozen=True, slots=True)
class CautionMove:
    """A caution that appears, disappears, or speaks otherwise.

    Attributes:
        caution: Its id.
        treatment: The treatment's id.
        because: Why, in one sentence.
        before: What it says before; None where nothing.
        after: What it says after; None where nothing.
    """

    caution: str
    treatment: str
    because: str
    before: Speaks | None
    after: Speaks | None


Conclusion = Literal["ranked", "not_enough_to_rank"]


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What an assessment would be if some findings were otherwise; only what changes.

    Attributes:
        supposed: What is supposed, and what it was.
        findings: All findings that change with it, derived ones too.
        conclusion_before: The conclusion as it is.
        conclusion_after: The conclusion as it would be.
        leading_before: The leading causes as they are, in rank order.
        leading_after: The leading causes as they would be, in rank order.
        causes: The causes whose rank, score or band changes, in the new rank order, those that are
            not candidates last.
        fired: Lines of evidence that become true.
        unfired: Lines of evidence that are true and would not be.
        red_flags_raised: Red flags that appear.
        red_flags_lowered: Red flags that disappear.
        treatments_added: Treatments that appear as an option.
        treatments_removed: Treatments that disappear.
        cautions: Cautions of treatments that appear, disappear or speak otherwise.
    """

    supposed: tuple[FindingChange, ...]
    findings: tuple[FindingChange, ...]
    conclusion_before: Conclusion
    conclusion_after: Conclusion
    leading_before: tuple[str, ...]
    leading_after: tuple[str, ...]
    causes: tuple[CauseMove, ...]
    fired: tuple[str, ...]
    unfired: tuple[str, ...]
    red_flags_raised: tuple[str, ...]
    red_flags_lowered: tuple[str, ...]
    treatments_added: tuple[str, ...]
    treatments_removed: tuple[str, ...]
    cautions: tuple[CautionMove, ...]

    @property
    def changes_nothing(self) -> bool:
        """Whether the assessment would be the same in all that is compared here."""
        changes: tuple[tuple[object, ...], ...] = (
            self.findings,
            self.causes,
            self.fired,
            self.unfired,
            self.red_flags_raised,
            self.red_flags_lowered,
            self.treatments_added,
            self.treatments_removed,
            self.cautions,
        )
        return not any(changes) and self.conclusion_before == self.conclusion_after


# --------------------------------------------------------------------------------------- what next


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer to a query: how many pairs of the leading order it turns, and all it would do."""

    reorders: int
    what_if: WhatIf


@dataclass(frozen=True, slots=True)
class Query:
    """An unknown finding, and what each answer would do to the leading order.

    Attributes:
        finding: The finding.
        name: Its name.
        kind: What kind of finding it is.
        ask: How to ask for it; None where it takes a test.
        tests: The tests that show it.
        reorders: How many pairs of the leading order the better answer turns.
        separates: By how many decibans an answer could part the causes in question, at most.
        if_present: What it would do if present.
        if_absent: What it would do if absent.
    """

    finding: str
    name: str
    kind: FindingKind
    ask: str | None
    tests: tuple[str, ...]
    reorders: int
    separates: int
    if_present: Answer
    if_absent: Answer


# -------------------------------------------------------------------------------------------- JSON


def to_json(result: Why | WhyNot | WhatIf | tuple[Query, ...], *, indent: int | None = None) -> str:
    """An explanation as JSON.

    Args:
        result: What a method of `Explanation` returned.
        indent: How far to indent; on one line where none is given.
    """
    form = "queries" if isinstance(result, tuple) else type(result).__name__
    return _adapters()[form].dump_json(result, indent=indent).decode()


@cache
def _adapters() -> dict[str, TypeAdapter[Any]]:
    forms: dict[str, TypeAdapter[Any]] = {f.__name__: TypeAdapter(f) for f in (Why, WhyNot, WhatIf)}
    return {**forms, "queries": TypeAdapter(tuple[Query, ...])}
