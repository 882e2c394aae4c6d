"""The shapes of case files: a record, and what is expected of its assessment.

A case file, ``*.case.yaml``, is a list of cases. Every expectation that a case states must hold;
what it does not state is not looked at.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from crampdx.assessment import NoteCode, WarningCode
from crampdx.knowledge.models import DottedId, Id, Model, Sentence
from crampdx.record.dates import PartialDate

__all__ = ["Case", "CaseDocument", "CautionsExpected", "Expectations", "Score"]

Ids = Annotated[tuple[Id, ...], Field(min_length=1)]
Lines = Annotated[tuple[DottedId, ...], Field(min_length=1)]
Position = Annotated[int, Field(strict=True, ge=1, le=1000)]


class Score(Model):
    """A score in decibans, with how far the real one may be from it.

    Attributes:
        is_: The score.
        tolerance: How far the real score may be from it.
    """

    is_: Annotated[int, Field(strict=True, alias="is")]
    tolerance: Annotated[int, Field(strict=True, ge=0, le=100)] = 0


class CautionsExpected(Model):
    """Cautions of treatments that the assessment offers, by what it says of them.

    Attributes:
        applies: Cautions that apply.
        check_before: Cautions that are to be checked before.
    """

    applies: tuple[DottedId, ...] = ()
    check_before: tuple[DottedId, ...] = ()
    silent: tuple[DottedId, ...] = Field(
        default=(), description="Neither applies nor is to be checked."
    )

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.applies or self.check_before or self.silent):
            raise ValueError("give 'applies', 'check_before' or 'silent'")
        return self


class Expectations(Model):
    """What is expected of the assessment of one record.

    Attributes:
        conclusion: The conclusion.
        band: The band of a candidate.
        because_of: The possible origins with which a candidate is shown.
        do_not_miss: Causes in that lane.
        not_do_not_miss: Causes that are not in that lane.
        findings: The states of findings after all is read.
        red_flags: Red flags that are raised.
        tests: Tests that are proposed.
        not_tests: Tests that are not.
        treatments: Treatments that are offered.
        not_treatments: Treatments that are not.
        treatments_not_assessed: Treatments that are not assessed for this person.
        cautions: What is said of the cautions of offered treatments.
        prevention: Measures that are listed.
        not_prevention: Measures that are not.
        unexplained: Findings that no leading candidate explains.
        warnings: Codes of warnings that are there.
        no_warnings: Codes of warnings that are not; with `any`, there is none.
        notes: Codes of notes that are there.
        no_notes: Codes of notes that are not; with `any`, there is none.
    """

    conclusion: Literal["ranked", "not_enough_to_rank"] | None = None
    top: Ids | None = Field(default=None, description="The first candidate is one of these.")
    top_n: Annotated[dict[Id, Position], Field(min_length=1)] | None = Field(
        default=None, description="The cause ranks at this number or better."
    )
    ahead_of: Annotated[dict[Id, Ids], Field(min_length=1)] | None = Field(
        default=None, description="The cause ranks before each of these, where they rank at all."
    )
    band: Annotated[dict[Id, Literal["leading", "plausible", "unlikely"]], Field(min_length=1)] | (
        None
    ) = None
    score: Annotated[dict[Id, int | Score], Field(min_length=1)] | None = Field(
        default=None, description="In decibans, pretest included; of candidates and of others."
    )
    candidates: Ids | None = Field(default=None, description="These are candidates.")
    not_candidates: Ids | None = Field(default=None, description="These are not.")
    because_of: Annotated[dict[Id, Ids], Field(min_length=1)] | None = Field(
        default=None, description="The candidate is shown with these possible origins."
    )
    do_not_miss: Ids | None = Field(default=None, description="These are in that lane.")
    not_do_not_miss: Ids | None = None
    fired: Lines | None = Field(default=None, description="Lines of evidence that hold.")
    not_fired: Lines | None = Field(
        default=None, description="Lines of evidence that are known not to hold."
    )
    undecided: Lines | None = Field(
        default=None, description="Lines of evidence of which it is unknown."
    )
    findings: (
        Annotated[dict[Id, Literal["present", "absent", "unknown"]], Field(min_length=1)] | None
    ) = None
    red_flags: Lines | None = None
    no_red_flags: Lines | Literal["any"] | None = Field(
        default=None, description="None of these is raised; with `any`, none at all."
    )
    clarify: Lines | None = Field(
        default=None, description="Red flags and cautions that a contradiction leaves open."
    )
    questions: Ids | None = Field(default=None, description="Findings to ask for.")
    tests: Ids | None = None
    not_tests: Ids | None = None
    treatments: Ids | None = None
    not_treatments: Ids | None = None
    treatments_not_assessed: Ids | None = None
    cautions: CautionsExpected | None = None
    prevention: Ids | None = None
    not_prevention: Ids | None = None
    unexplained: Ids | None = None
    explained: Ids | None = Field(default=None, description="These are not among the unexplained.")
    warnings: tuple[WarningCode, ...] | None = None
    no_warnings: tuple[WarningCode, ...] | Literal["any"] | None = None
    notes: tuple[NoteCode, ...] | None = None
    no_notes: tuple[NoteCode, ...] | Literal["any"] | None = None

    @model_validator(mode="after")
    def _expects_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("expect at least one thing")
        return self


class CaseDocument(Model):
    """A document of another format, FHIR or a Phenopacket, that is the record of a case."""

    file: Annotated[str, Field(min_length=1, max_length=400)] = Field(
        description="A path below the folder of the case file."
    )
    as_of: PartialDate | None = Field(
        default=None, description="The day of the assessment, where the document has none."
    )
    without: tuple[Annotated[str, Field(min_length=1, max_length=200)], ...] = Field(
        default=(),
        description="Places of entries that give the diagnosis away, such as 'Condition/12'.",
    )


class Case(Model):
    """A patient, and what the rules are expected to say.

    Attributes:
        name: The circumstance, in a few words.
        expect: What is expected of the assessment.
    """

    name: Annotated[str, Field(min_length=1, max_length=200)]
    about: Sentence | None = Field(default=None, description="Why this case is here.")
    diagnosis: Ids | None = Field(
        default=None, description="The causes any of which is right; `crampdx evaluate` reads it."
    )
    record: dict[str, Any] | None = Field(
        default=None, description="The patient record, in its own form."
    )
    document: CaseDocument | None = Field(
        default=None, description="In place of a record: a document beside the case file."
    )
    expect: Expectations | None = None

    @model_validator(mode="after")
    def _has_a_purpose(self) -> Self:
        if self.expect is None and self.diagnosis is None:
            raise ValueError("give 'expect', 'diagnosis', or both")
        return self

    @model_validator(mode="after")
    def _has_one_patient(self) -> Self:
        if (self.record is None) == (self.document is None):
            raise ValueError("give either 'record' or 'document'")
        return self
