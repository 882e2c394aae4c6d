"""The assessment: what crampdx answers, and what it rests on.

The parts are frozen dataclasses; the whole is a pydantic model, so that it has a JSON Schema and
makes the round trip through JSON:

>>> import crampdx
>>> answer = crampdx.assess({"findings": {"hypokalemia": True}})
>>> Assessment.model_validate_json(answer.model_dump_json()) == answer
True

Rules appear in it as the very models of the knowledge base, built once and shared.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from crampdx.knowledge.models import (
    Caution,
    CitedSentence,
    Code,
    Evidence,
    Indication,
    Prevention,
    RedFlag,
    Replacement,
    TestKind,
    TreatmentKind,
)

__all__ = [
    "INTENDED_USE",
    "Assessment",
    "Band",
    "Candidate",
    "CauseShift",
    "CautionNote",
    "Clarification",
    "DoNotMiss",
    "KnowledgeStamp",
    "Level",
    "Line",
    "NotUsed",
    "Note",
    "NoteCode",
    "Observed",
    "PackStamp",
    "ProposedTest",
    "Question",
    "RaisedFlag",
    "RecordWarning",
    "TestOutcome",
    "TreatmentOption",
    "WarningCode",
]

INTENDED_USE = (
    "Supports a health professional, who can review the basis of each line, in the differential"
    " diagnosis of muscle cramps. Not for use by patients alone, not for emergencies, and without"
    " any analysis of images or signals. What it names are options to consider, never orders. The"
    " order and the share of the candidates are no probabilities."
)
"""For whom and for what crampdx is meant. It is part of every assessment."""


WarningCode = Literal[
    "complaint_absent",
    "contradictory",
    "derived_finding",
    "implausible",
    "in_the_future",
    "no_as_of",
    "outranked",
    "read_from_name",
    "stale",
    "taken_for",
    "unit",
    "unknown_id",
    "values_differ",
]
"""The kinds of warnings; docs/concepts.md says what each means."""

EvaluatorName = Literal["durable_rules", "builtin", "reference"]
"""The evaluators of criteria, in the order in which one takes the place of another."""

NoteCode = Literal[
    "age_unknown",
    "cause_outside_population",
    "may_not_be_complaint",
    "not_enough_to_rank",
    "outside_population",
]
"""The kinds of remarks on an assessment as a whole."""


class Level(StrEnum):
    """How grave a warning is."""

    WARNING = "warning"
    INFO = "info"


class Band(StrEnum):
    """Where a candidate stands in the differential."""

    LEADING = "leading"
    PLAUSIBLE = "plausible"
    UNLIKELY = "unlikely"


@dataclass(frozen=True, slots=True)
class RecordWarning:
    """Something in the record that concerns our findings and could not be read, or not simply.

    Attributes:
        level: The graver level comes first in a result.
        code: A stable word for the kind of problem.
        place: Where in the record.
        message: What is wrong. Holds no values of the record.
        findings: The findings that it concerns.
    """

    level: Level
    code: WarningCode
    place: str
    message: str
    findings: tuple[str, ...] = ()

    def order(self) -> tuple[bool, str, str, tuple[str, ...], str]:
        """The key by which warnings are ordered: the place last, since it is an accident of order.

        So the same entries in another order give the same warnings in the same order, but for
        their places.
        """
        return (self.level is Level.INFO, self.code, self.message, self.findings, self.place)


@dataclass(frozen=True, slots=True)
class NotUsed:
    """Entries of the record that were not used, for one reason: how many, and the first places.

    Attributes:
        reason: Why; see docs/concepts.md.
        count: How many entries.
        places: The first of them.
    """

    reason: str
    count: int
    places: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Observed:
    """What the record says of a finding, and where.

    Attributes:
        finding: The finding.
        present: True for present, False for absent.
        places: Where in the record that stands.
        via: The findings from which it follows, where the record does not speak of it itself.
    """

    finding: str
    present: bool
    places: tuple[str, ...]
    via: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """A line of evidence whose criterion is true.

    Attributes:
        evidence: The line of the knowledge base.
        weight: Its weight in decibans; negative where it opposes.
        counted: False where a stronger line of the same cluster and direction counts instead.
        observed: What the record says of the findings that the line asks for.
    """

    evidence: Evidence
    weight: int
    counted: bool
    observed: tuple[Observed, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A cause that the record gives reason to consider.

    Attributes:
        rank: From 1.
        cause: The id of the cause.
        name: Its name.
        score: Pretest and evidence together, in decibans.
        pretest: The pretest class, in decibans.
        share: Its part of the total odds, beside 'none of these' at 0 decibans. No probability.
        band: Leading, plausible or unlikely.
        do_not_miss: Whether it must not be missed.
        supporting: Lines that speak for it, heaviest first. Empty for an unlikely candidate, as
            are the fields after it.
        opposing: Lines that speak against it, heaviest first.
        missing: Findings that are unknown and would count.
        because_of: Other candidates that may be its origin.
        codes: Its codes in standard terminologies.
    """

    rank: int
    cause: str
    name: str
    score: int
    pretest: int
    share: float
    band: Band
    do_not_miss: bool
    supporting: tuple[Line, ...] = ()
    opposing: tuple[Line, ...] = ()
    missing: tuple[str, ...] = ()
    because_of: tuple[str, ...] = ()
    codes: tuple[Code, ...] = ()


@dataclass(frozen=True, slots=True)
class DoNotMiss:
    """A cause that must not be missed and has evidence, whatever its rank.

    Attributes:
        cause: The id of the cause.
        name: Its name.
        rank: Its rank.
        evidence: Its evidence without the pretest, in decibans.
    """

    cause: str
    name: str
    rank: int
    evidence: int


@dataclass(frozen=True, slots=True)
class RaisedFlag:
    """A red flag whose criterion is true.

    Attributes:
        flag: The red flag of the knowledge base.
        observed: What the record says of the findings that it asks for.
    """

    flag: RedFlag
    observed: tuple[Observed, ...]


@dataclass(frozen=True, slots=True)
class Clarification:
    """A red flag or caution left open because the record contradicts itself or is unreadable.

    Attributes:
        kind: A red flag or a caution.
        id: Its id.
        name: Its name, or that of the treatment.
        findings: What is to be cleared up.
    """

    kind: Literal["red_flag", "caution"]
    id: str
    name: str
    findings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CauseShift:
    """By how many decibans an answer could move a cause.

    Attributes:
        cause: The id of the cause.
        decibans: By how much.
    """

    cause: str
    decibans: int


@dataclass(frozen=True, slots=True)
class Question:
    """An unknown finding that is worth asking for.

    Attributes:
        finding: The finding.
        name: Its name.
        ask: How to ask for it.
        separates: By how many decibans an answer could part the causes in question.
        if_present: The causes that it would move if present.
        if_absent: The causes that it would move if absent.
    """

    finding: str
    name: str
    ask: str
    separates: int
    if_present: tuple[CauseShift, ...]
    if_absent: tuple[CauseShift, ...]


@dataclass(frozen=True, slots=True)
class TestOutcome:
    """A finding that a test can show, and what it would do either way.

    Attributes:
        finding: The finding.
        name: Its name.
        if_present: The causes that it would move if present.
        if_absent: The causes that it would move if absent.
    """

    __test__ = False

    finding: str
    name: str
    if_present: tuple[CauseShift, ...]
    if_absent: tuple[CauseShift, ...]


@dataclass(frozen=True, slots=True)
class ProposedTest:
    """A test worth considering, with what it would show.

    Attributes:
        test: The id of the test.
        name: Its name.
        kind: What kind of test it is.
        separates: By how many decibans its best finding could part the causes in question.
        would_show: The findings that would tell most.
        because: Why the test is worth considering.
        sources: What that rests on.
        codes: Its codes in standard terminologies.
    """

    test: str
    name: str
    kind: TestKind
    separates: int
    would_show: tuple[TestOutcome, ...]
    because: str
    sources: tuple[str, ...]
    codes: tuple[Code, ...]


@dataclass(frozen=True, slots=True)
class CautionNote:
    """A caution: it applies, or it is to be checked before, since something is unknown.

    Attributes:
        caution: The caution of the knowledge base.
        verdict: Whether it applies or is to be checked before.
        observed: What the record says of the findings that it asks for.
        unknown: The findings to check.
    """

    caution: Caution
    verdict: Literal["applies", "check_before"]
    observed: tuple[Observed, ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TreatmentOption:
    """A treatment to consider, with what indicates it and what speaks against it.

    An empty list of cautions is no proof of safety: see `interactions_not_checked`.

    Attributes:
        treatment: The id of the treatment.
        name: Its name.
        kind: What kind of treatment it is.
        indications: The rules that hold.
        for_causes: The leading or plausible causes that it is for.
        cautions: What speaks against it, the gravest first.
        about: What is known of its benefit.
        interactions_not_checked: Medicines of the record that could not be read.
        codes: Its codes in standard terminologies.
    """

    treatment: str
    name: str
    kind: TreatmentKind
    indications: tuple[Indication, ...]
    for_causes: tuple[str, ...]
    cautions: tuple[CautionNote, ...]
    about: tuple[CitedSentence, ...]
    interactions_not_checked: int = 0
    codes: tuple[Code, ...] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """A remark on the assessment as a whole, such as a person outside the rules' population.

    Attributes:
        code: A stable word for the kind of remark.
        message: The remark.
    """

    code: NoteCode
    message: str


@dataclass(frozen=True, slots=True)
class PackStamp:
    """A pack that was used.

    Attributes:
        name: The name of the pack.
        version: Its version.
        status: How far it has been reviewed.
    """

    name: str
    version: str
    status: str


@dataclass(frozen=True, slots=True)
class KnowledgeStamp:
    """Which knowledge gave the answer.

    Attributes:
        packs: The packs, in their order.
        digest: SHA-256 of what the rules say.
        replacements: Entries of a pack that a later one replaced.
    """

    packs: tuple[PackStamp, ...]
    digest: str
    replacements: tuple[Replacement, ...] = ()


class Assessment(BaseModel):
    """The ranked differential of one record, with the rationale of every line.

    Attributes:
        conclusion: Whether anything leads.
        red_flags: What should not wait, the most urgent first.
        clarify: Red flags and cautions that a flaw of the record leaves open.
        do_not_miss: Causes that must not be missed and have evidence, whatever their rank.
        tests_done: Tests that the record holds as done.
        tests_ordered: Tests that it holds as ordered; they are not proposed again.
        treatments: Options of treatment, with what speaks against them.
        prevention: Prevention, and when to seek care.
        warnings: What could not be read, or not simply; the gravest first.
        not_used: Entries of the record that were not used, by reason.
        as_of: The record's.
        knowledge: Which rules answered.
        intended_use: For whom and for what crampdx is meant.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    conclusion: Literal["ranked", "not_enough_to_rank"]
    notes: tuple[Note, ...] = Field(description="Remarks to read first.")
    red_flags: tuple[RaisedFlag, ...]
    clarify: tuple[Clarification, ...]
    candidates: tuple[Candidate, ...] = Field(description="In rank order.")
    do_not_miss: tuple[DoNotMiss, ...]
    questions: tuple[Question, ...] = Field(description="What to ask first, the best first.")
    tests: tuple[ProposedTest, ...] = Field(description="The test that would tell most, first.")
    tests_done: tuple[str, ...]
    tests_ordered: tuple[str, ...]
    treatments: tuple[TreatmentOption, ...]
    treatments_not_assessed: tuple[str, ...] = Field(
        description="Drug treatments, where the person is outside the rules' population."
    )
    prevention: tuple[Prevention, ...]
    unexplained: tuple[Observed, ...] = Field(
        description="What is present and no leading candidate explains."
    )
    warnings: tuple[RecordWarning, ...]
    not_used: tuple[NotUsed, ...]
    as_of: str | None
    knowledge: KnowledgeStamp
    inference: EvaluatorName = Field(description="The evaluator that answered; all give the same.")
    version: str = Field(description="The version of crampdx.")
    intended_use: str = INTENDED_USE

    @field_validator("inference", mode="before")
    @classmethod
    def _renamed(cls, value: object) -> object:
        """Read what was written before version 0.4; it goes with version 0.5."""
        return "durable_rules" if value == "network" else value

    def sources_of_ranking(self) -> Iterator[str]:
        """What the red flags and the lines of the candidates cite, in their order."""
        for raised in self.red_flags:
            yield from raised.flag.sources
        for candidate in self.candidates:
            for line in (*candidate.supporting, *candidate.opposing):
                yield from line.evidence.sources
