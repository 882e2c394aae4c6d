"""What to do: tests, treatments with their cautions, prevention, and red flags."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from crampdx.knowledge.criteria import Criterion, FindingId
from crampdx.knowledge.models.common import (
    CitedSentence,
    DottedId,
    Id,
    Model,
    Name,
    Population,
    Replacing,
    Reviewable,
    Sentence,
    Sources,
    require_any,
)

__all__ = [
    "Caution",
    "CautionLevel",
    "Indication",
    "Prevention",
    "PreventionKind",
    "RedFlag",
    "Test",
    "TestExtension",
    "TestKind",
    "Treatment",
    "TreatmentExtension",
    "TreatmentKind",
    "Urgency",
]


class TestKind(StrEnum):
    """Kinds of tests, in the order in which they are usually done."""

    __test__ = False

    HISTORY = "history"
    EXAMINATION = "examination"
    BLOOD = "blood"
    NEUROPHYSIOLOGY = "neurophysiology"
    IMAGING = "imaging"
    OTHER = "other"


class TestExtension(Model):
    """What a later pack adds to an earlier pack's test."""

    __test__ = False

    extends: Id
    """The test of an earlier pack."""
    shows: Annotated[tuple[FindingId, ...], Field(min_length=1)]
    """Further findings that it can show."""
    because: Sentence
    """Why, in one sentence for a clinician."""
    sources: Sources
    """Ids of `sources.yaml` on which it rests."""


class Test(Reviewable):
    """Something to do that shows findings present or absent."""

    __test__ = False

    id: Id
    """Its id."""
    name: Name
    """What a clinician calls it."""
    kind: TestKind
    """What kind of test it is."""
    shows: Annotated[tuple[FindingId, ...], Field(min_length=1)]
    """The findings that it can show present or absent."""
    population: Population = Population()
    """For whom it is proposed."""
    because: Sentence
    """Why, in one sentence for a clinician."""
    sources: Sources
    """Ids of `sources.yaml` on which it rests."""


class Indication(Replacing):
    """When a treatment is worth considering: for these causes, where the criterion holds."""

    id: DottedId
    """Its id."""
    causes: tuple[Id, ...] = ()
    """Any of these is leading or plausible."""
    when: Criterion | None = None
    """What has to hold."""
    because: Sentence
    """Why, in one sentence for a clinician."""
    sources: Sources
    """Ids of `sources.yaml` on which it rests."""

    schema_rules: ClassVar = require_any("causes", "when")

    @model_validator(mode="after")
    def _indicated(self) -> Self:
        if not self.causes and self.when is None:
            raise ValueError("give 'causes' or 'when', or both")
        return self


class CautionLevel(StrEnum):
    """What a caution asks for, the gravest first."""

    AVOID = "avoid"
    CAUTION = "caution"
    ADJUST = "adjust"
    MONITOR = "monitor"


class Caution(Replacing):
    """What speaks against a treatment: it applies when true, and is to be checked when unknown."""

    id: DottedId
    """Its id."""
    when: Criterion
    """When it applies; while that is unknown, it is to be checked before."""
    level: CautionLevel
    """What it asks for."""
    because: Sentence
    """Why, in one sentence for a clinician."""
    sources: Sources
    """Ids of `sources.yaml` on which it rests."""


class TreatmentKind(StrEnum):
    """Kinds of treatment."""

    MEDICATION = "medication"
    PHYSICAL = "physical"
    LIFESTYLE = "lifestyle"
    DEVICE = "device"
    SURGERY = "surgery"


class TreatmentExtension(Model):
    """What a later pack adds to an earlier pack's treatment."""

    extends: Id
    """The treatment of an earlier pack."""
    about: tuple[CitedSentence, ...] = ()
    """Further background."""
    indications: tuple[Indication, ...] = ()
    """Further indications."""
    cautions: tuple[Caution, ...] = ()
    """Further cautions."""


class Treatment(Reviewable):
    """An option of treatment, with what indicates it and what speaks against it."""

    id: Id
    """Its id."""
    name: Name
    """What a clinician calls it."""
    kind: TreatmentKind
    """What kind of treatment it is."""
    about: tuple[CitedSentence, ...] = ()
    """What is known of its benefit, without weight."""
    indications: Annotated[tuple[Indication, ...], Field(min_length=1)]
    """When it is worth considering."""
    cautions: tuple[Caution, ...] = ()
    """What speaks against it."""


class PreventionKind(StrEnum):
    """Whether an entry prevents cramps or says when to seek care."""

    PREVENTION = "prevention"
    SEEK_CARE = "seek_care"


class Prevention(Replacing):
    """A measure of prevention, or advice on when to seek care. Without `when`: for everyone."""

    id: Id
    """Its id."""
    name: Name
    """What to do, in short."""
    kind: PreventionKind = PreventionKind.PREVENTION
    """Whether it prevents, or says when to seek care."""
    causes: tuple[Id, ...] = ()
    """Any of these is leading or plausible."""
    when: Criterion | None = None
    """What has to hold; without it, it is for everyone."""
    because: Sentence
    """Why, in one sentence for a clinician."""
    sources: Sources
    """Ids of `sources.yaml` on which it rests."""


class Urgency(StrEnum):
    """How soon a red flag asks for evaluation, the most urgent first."""

    EMERGENCY = "emergency"
    URGENT = "urgent"
    SOON = "soon"


class RedFlag(Reviewable):
    """A pattern that should not wait."""

    id: DottedId
    """Its id."""
    name: Name
    """What a clinician calls it."""
    urgency: Urgency
    """How soon it asks for evaluation."""
    when: Criterion
    """What has to hold."""
    unless: Criterion | None = None
    """Where this is known to hold, it is not raised; what is unknown does not keep it back."""
    consider: Sentence
    """What to consider; an option, never an order."""
    because: Sentence
    """Why, in one sentence for a clinician."""
    sources: Sources
    """Ids of `sources.yaml` on which it rests."""
