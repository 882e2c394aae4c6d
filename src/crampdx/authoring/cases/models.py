"""The shapes of case files: a record, and what is expected of its assessment.

A case file, ``*.case.yaml``, is a list of cases. Every expectation that a case states must hold;
what it does not state is not looked at.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from crampdx.assessment import NoteCode, WarningCode
from crampdx.knowledge.models import DottedId, Id, Model, Sentence, require_any
from crampdx.record.dates import PartialDate

__all__ = ["Case", "CaseDocument", "CautionsExpected", "Expectations", "Score"]

Ids = Annotated[tuple[Id, ...], Field(min_length=1)]
Lines = Annotated[tuple[DottedId, ...], Field(min_length=1)]
Position = Annotated[int, Field(strict=True, ge=1, le=1000)]


class Score(Model):
    """A score in decibans, with how far the real one may be from it."""

    is_: Annotated[int, Field(strict=True, alias="is")]
    """The score."""
    tolerance: Annotated[int, Field(strict=True, ge=0, le=100)] = 0
    """How far the real score may be from it."""


class CautionsExpected(Model):
    """Cautions of treatments that the assessment offers, by what it says of them."""

    applies: tuple[DottedId, ...] = ()
    """Cautions that apply."""
    check_before: tuple[DottedId, ...] = ()
    """Cautions that are to be checked before."""
    silent: tuple[DottedId, ...] = ()
    """Neither applies nor is to be checked."""

    schema_rules: ClassVar = {"minProperties": 1}

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.applies or self.check_before or self.silent):
            raise ValueError("give 'applies', 'check_before' or 'silent'")
        return self


class Expectations(Model):
    """What is expected of the assessment of one record."""

    conclusion: Literal["ranked", "not_enough_to_rank"] | None = None
    """The conclusion."""
    top: Ids | None = None
    """The first candidate is one of these."""
    top_n: Annotated[dict[Id, Position], Field(min_length=1)] | None = None
    """The cause ranks at this number or better."""
    ahead_of: Annotated[dict[Id, Ids], Field(min_length=1)] | None = None
    """The cause ranks before each of these, where they rank at all."""
    band: Annotated[dict[Id, Literal["leading", "plausible", "unlikely"]], Field(min_length=1)] | (
        None
    ) = None
    """The band of a candidate."""
    score: Annotated[dict[Id, int | Score], Field(min_length=1)] | None = None
    """In decibans, pretest included; of candidates and of others."""
    candidates: Ids | None = None
    """These are candidates."""
    not_candidates: Ids | None = None
    """These are not."""
    because_of: Annotated[dict[Id, Ids], Field(min_length=1)] | None = None
    """The candidate is shown with these possible origins."""
    do_not_miss: Ids | None = None
    """These are in that lane."""
    not_do_not_miss: Ids | None = None
    """Causes that are not in that lane."""
    fired: Lines | None = None
    """Lines of evidence that hold."""
    all_fired: Annotated[dict[Id, tuple[DottedId, ...]], Field(min_length=1)] | None = None
    """All lines of the cause that hold: these and no others of it."""
    not_fired: Lines | None = None
    """Lines of evidence that are known not to hold."""
    undecided: Lines | None = None
    """Lines of evidence of which it is unknown."""
    findings: (
        Annotated[dict[Id, Literal["present", "absent", "unknown"]], Field(min_length=1)] | None
    ) = None
    """The states of findings after all is read."""
    red_flags: Lines | None = None
    """Red flags that are raised."""
    no_red_flags: Lines | Literal["any"] | None = None
    """None of these is raised; with `any`, none at all."""
    clarify: Lines | None = None
    """Red flags and cautions that a contradiction leaves open."""
    questions: Ids | None = None
    """Findings to ask for."""
    tests: Ids | None = None
    """Tests that are proposed."""
    not_tests: Ids | None = None
    """Tests that are not."""
    tests_done: Ids | None = None
    """Tests that the record holds as done."""
    tests_ordered: Ids | None = None
    """Tests that it holds as ordered."""
    treatments: Ids | None = None
    """Treatments that are offered."""
    not_treatments: Ids | None = None
    """Treatments that are not."""
    treatments_not_assessed: Ids | None = None
    """Treatments that are not assessed for this person."""
    cautions: CautionsExpected | None = None
    """What is said of the cautions of offered treatments."""
    prevention: Ids | None = None
    """Measures that are listed."""
    not_prevention: Ids | None = None
    """Measures that are not."""
    unexplained: Ids | None = None
    """Findings that no leading candidate explains."""
    explained: Ids | None = None
    """These are not among the unexplained."""
    warnings: tuple[WarningCode, ...] | None = None
    """Codes of warnings that are there."""
    no_warnings: tuple[WarningCode, ...] | Literal["any"] | None = None
    """Codes of warnings that are not; with `any`, there is none."""
    notes: tuple[NoteCode, ...] | None = None
    """Codes of notes that are there."""
    no_notes: tuple[NoteCode, ...] | Literal["any"] | None = None
    """Codes of notes that are not; with `any`, there is none."""

    schema_rules: ClassVar = {"minProperties": 1}

    @model_validator(mode="after")
    def _expects_something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("expect at least one thing")
        return self


class CaseDocument(Model):
    """A document of another format, such as FHIR or a Phenopacket, that is the record of a case."""

    file: Annotated[str, Field(min_length=1, max_length=400)]
    """A path below the folder of the case file."""
    as_of: PartialDate | None = None
    """The day of the assessment, where the document has none."""
    without: tuple[Annotated[str, Field(min_length=1, max_length=200)], ...] = ()
    """Places of entries that give the diagnosis away, such as 'Condition/12'."""


class Case(Model):
    """A patient, and what the rules are expected to say."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    """The circumstance, in a few words."""
    about: Sentence | None = None
    """Why this case is here."""
    diagnosis: Ids | None = None
    """The causes any of which is right; `crampdx evaluate` reads it."""
    record: dict[str, Any] | None = None
    """The patient record, in its own form."""
    document: CaseDocument | None = None
    """In place of a record: a document beside the case file."""
    expect: Expectations | None = None
    """What is expected of the assessment."""
    xfail: Sentence | None = None
    """Why what is expected does not hold yet; the case fails once it does."""

    schema_rules: ClassVar = {
        **require_any("expect", "diagnosis"),
        "oneOf": [{"required": ["record"]}, {"required": ["document"]}],
    }

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
