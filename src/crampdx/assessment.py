"""The assessment: what crampdx answers, and what it rests on.

The parts are frozen, and dataclasses to all that asks for them (see `crampdx.parts`); the whole is
a pydantic model, so that it has a JSON Schema and makes the round trip through JSON:

>>> import crampdx
>>> answer = crampdx.assess({"findings": {"hypokalemia": True}})
>>> Assessment.model_validate_json(answer.model_dump_json()) == answer
True

Rules appear in it as the very models of the knowledge base, built once and shared.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, field_validator

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
from crampdx.parts import Part, part, write_json, written_once

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
    "calculated",
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


@part
class RecordWarning(Part, frozen=True):
    """Something in the record that concerns our findings and could not be read, or not simply."""

    level: Level
    """The graver level comes first in a result."""
    code: WarningCode
    """A stable word for the kind of problem."""
    place: str
    """Where in the record."""
    message: str
    """What is wrong. Holds no values of the record."""
    findings: tuple[str, ...] = ()
    """The findings that it concerns."""

    def order(self) -> tuple[bool, str, str, tuple[str, ...], str]:
        """The key by which warnings are ordered: the place last, since it is an accident of order.

        So the same entries in another order give the same warnings in the same order, but for
        their places.
        """
        return (self.level is Level.INFO, self.code, self.message, self.findings, self.place)


@part
class NotUsed(Part, frozen=True):
    """Entries of the record that were not used, for one reason: how many, and the first places."""

    reason: str
    """Why; see docs/concepts.md."""
    count: int
    """How many entries."""
    places: tuple[str, ...]
    """The first of them."""


@part
class Observed(Part, frozen=True):
    """What the record says of a finding, and where."""

    finding: str
    """The finding."""
    present: bool
    """True for present, False for absent."""
    places: tuple[str, ...]
    """Where in the record that stands."""
    via: tuple[str, ...] = ()
    """The findings from which it follows, where the record does not speak of it itself."""


@part
class Line(Part, frozen=True):
    """A line of evidence whose criterion is true."""

    evidence: Evidence
    """The line of the knowledge base."""
    weight: int
    """Its weight in decibans; negative where it opposes."""
    counted: bool
    """False where a stronger line of the same cluster and direction counts instead."""
    observed: tuple[Observed, ...]
    """What the record says of the findings that the line asks for."""


@part
class Candidate(Part, frozen=True):
    """A cause that the record gives reason to consider."""

    rank: int
    """From 1."""
    cause: str
    """The id of the cause."""
    name: str
    """Its name."""
    score: int
    """Pretest and evidence together, in decibans."""
    pretest: int
    """The pretest class, in decibans."""
    share: float
    """Its part of the total odds, beside 'none of these' at 0 decibans. No probability."""
    band: Band
    """Leading, plausible or unlikely."""
    do_not_miss: bool
    """Whether it must not be missed."""
    supporting: tuple[Line, ...] = ()
    """Lines that speak for it, heaviest first. Empty for an unlikely candidate, as are the fields
    after it."""
    opposing: tuple[Line, ...] = ()
    """Lines that speak against it, heaviest first."""
    missing: tuple[str, ...] = ()
    """Findings that are unknown and would count."""
    because_of: tuple[str, ...] = ()
    """Other candidates that may be its origin."""
    codes: tuple[Code, ...] = ()
    """Its codes in standard terminologies."""


@part
class DoNotMiss(Part, frozen=True):
    """A cause that must not be missed and has evidence, whatever its rank."""

    cause: str
    """The id of the cause."""
    name: str
    """Its name."""
    rank: int
    """Its rank."""
    evidence: int
    """Its evidence without the pretest, in decibans."""


@part
class RaisedFlag(Part, frozen=True):
    """A red flag whose criterion is true."""

    flag: RedFlag
    """The red flag of the knowledge base."""
    observed: tuple[Observed, ...]
    """What the record says of the findings that it asks for."""


@part
class Clarification(Part, frozen=True):
    """A red flag or caution left open because the record contradicts itself or is unreadable."""

    kind: Literal["red_flag", "caution"]
    """A red flag or a caution."""
    id: str
    """Its id."""
    name: str
    """Its name, or that of the treatment."""
    findings: tuple[str, ...]
    """What is to be cleared up."""


@part
class CauseShift(Part, frozen=True):
    """By how many decibans an answer could move a cause."""

    cause: str
    """The id of the cause."""
    decibans: int
    """By how much."""


@part
class Question(Part, frozen=True):
    """An unknown finding that is worth asking for."""

    finding: str
    """The finding."""
    name: str
    """Its name."""
    ask: str
    """How to ask for it."""
    separates: int
    """By how many decibans an answer could part the causes in question."""
    if_present: tuple[CauseShift, ...]
    """The causes that it would move if present."""
    if_absent: tuple[CauseShift, ...]
    """The causes that it would move if absent."""


@part
class TestOutcome(Part, frozen=True):
    """A finding that a test can show, and what it would do either way."""

    __test__ = False

    finding: str
    """The finding."""
    name: str
    """Its name."""
    if_present: tuple[CauseShift, ...]
    """The causes that it would move if present."""
    if_absent: tuple[CauseShift, ...]
    """The causes that it would move if absent."""


@part
class ProposedTest(Part, frozen=True):
    """A test worth considering, with what it would show."""

    test: str
    """The id of the test."""
    name: str
    """Its name."""
    kind: TestKind
    """What kind of test it is."""
    separates: int
    """By how many decibans its best finding could part the causes in question."""
    would_show: tuple[TestOutcome, ...]
    """The findings that would tell most."""
    because: str
    """Why the test is worth considering."""
    sources: tuple[str, ...]
    """What that rests on."""
    codes: tuple[Code, ...]
    """Its codes in standard terminologies."""


@part
class CautionNote(Part, frozen=True):
    """A caution: it applies, or it is to be checked before, since something is unknown."""

    caution: Caution
    """The caution of the knowledge base."""
    verdict: Literal["applies", "check_before"]
    """Whether it applies or is to be checked before."""
    observed: tuple[Observed, ...]
    """What the record says of the findings that it asks for."""
    unknown: tuple[str, ...]
    """The findings to check."""


@part
class TreatmentOption(Part, frozen=True):
    """A treatment to consider, with what indicates it and what speaks against it.

    An empty list of cautions is no proof of safety: see `interactions_not_checked`.
    """

    treatment: str
    """The id of the treatment."""
    name: str
    """Its name."""
    kind: TreatmentKind
    """What kind of treatment it is."""
    indications: tuple[Indication, ...]
    """The rules that hold."""
    for_causes: tuple[str, ...]
    """The leading or plausible causes that it is for."""
    cautions: tuple[CautionNote, ...]
    """What speaks against it, the gravest first."""
    about: tuple[CitedSentence, ...]
    """What is known of its benefit."""
    interactions_not_checked: int = 0
    """Medicines of the record that could not be read."""
    codes: tuple[Code, ...] = ()
    """Its codes in standard terminologies."""


@part
class Note(Part, frozen=True):
    """A remark on the assessment as a whole, such as a person outside the rules' population."""

    code: NoteCode
    """A stable word for the kind of remark."""
    message: str
    """The remark."""


@part
class PackStamp(Part, frozen=True):
    """A pack that was used."""

    name: str
    """The name of the pack."""
    version: str
    """Its version."""
    status: str
    """How far it has been reviewed."""


@part
class KnowledgeStamp(Part, frozen=True, gc=True, weakref=True):
    """Which knowledge gave the answer."""

    packs: tuple[PackStamp, ...]
    """The packs, in their order."""
    digest: str
    """SHA-256 of what the rules say."""
    replacements: tuple[Replacement, ...] = ()
    """Entries of a pack that a later one replaced."""


class Assessment(BaseModel):
    """The ranked differential of one record, with the rationale of every line."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    conclusion: Literal["ranked", "not_enough_to_rank"]
    """Whether anything leads."""
    notes: tuple[Note, ...]
    """Remarks to read first."""
    red_flags: tuple[RaisedFlag, ...]
    """What should not wait, the most urgent first."""
    clarify: tuple[Clarification, ...]
    """Red flags and cautions that a flaw of the record leaves open."""
    candidates: tuple[Candidate, ...]
    """In rank order."""
    do_not_miss: tuple[DoNotMiss, ...]
    """Causes that must not be missed and have evidence, whatever their rank."""
    questions: tuple[Question, ...]
    """What to ask first, the best first."""
    tests: tuple[ProposedTest, ...]
    """The test that would tell most, first."""
    tests_done: tuple[str, ...]
    """Tests that the record holds as done."""
    tests_ordered: tuple[str, ...]
    """Tests that it holds as ordered; they are not proposed again."""
    treatments: tuple[TreatmentOption, ...]
    """Options of treatment, with what speaks against them."""
    treatments_not_assessed: tuple[str, ...]
    """Drug treatments, where the person is outside the rules' population."""
    prevention: tuple[Prevention, ...]
    """Prevention, and when to seek care."""
    unexplained: tuple[Observed, ...]
    """What is present and no leading candidate explains."""
    warnings: tuple[RecordWarning, ...]
    """What could not be read, or not simply; the gravest first."""
    not_used: tuple[NotUsed, ...]
    """Entries of the record that were not used, by reason."""
    as_of: str | None
    """The record's."""
    knowledge: KnowledgeStamp
    """Which rules answered."""
    inference: EvaluatorName
    """The evaluator that answered; all give the same."""
    version: str
    """The version of crampdx."""
    intended_use: str = INTENDED_USE
    """For whom and for what crampdx is meant."""

    @field_validator("inference", mode="before")
    @classmethod
    def _renamed(cls, value: object) -> object:
        """Read what was written before version 0.4; it goes with version 0.5."""
        return "durable_rules" if value == "network" else value

    def model_dump_json(self, **options: Any) -> str:
        """Write JSON, as pydantic does, and several times as fast where no option is given.

        Args:
            options: Those of `pydantic.BaseModel.model_dump_json`.
        """
        if options:
            return super().model_dump_json(**options)
        fields = {name: getattr(self, name) for name in Assessment.model_fields}
        return write_json({**fields, "knowledge": written_once(self.knowledge)})

    def sources_of_ranking(self) -> Iterator[str]:
        """What the red flags and the lines of the candidates cite, in their order."""
        for raised in self.red_flags:
            yield from raised.flag.sources
        for candidate in self.candidates:
            for line in (*candidate.supporting, *candidate.opposing):
                yield from line.evidence.sources
