"""What to do: tests, treatments with their cautions, prevention, and red flags."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

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
    Sentence,
    Sources,
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
    """What a later pack adds to an earlier pack's test.

    Attributes:
        extends: The test of an earlier pack.
        shows: Further findings that it can show.
        because: Why, in one sentence for a clinician.
        sources: Ids of `sources.yaml` on which it rests.
    """

    __test__ = False

    extends: Id
    shows: Annotated[tuple[FindingId, ...], Field(min_length=1)]
    because: Sentence
    sources: Sources


class Test(Replacing):
    """Something to do that shows findings present or absent.

    Attributes:
        id: Its id.
        name: What a clinician calls it.
        kind: What kind of test it is.
        shows: The findings that it can show present or absent.
        population: For whom it is proposed.
        because: Why, in one sentence for a clinician.
        sources: Ids of `sources.yaml` on which it rests.
    """

    __test__ = False

    id: Id
    name: Name
    kind: TestKind
    shows: Annotated[tuple[FindingId, ...], Field(min_length=1)]
    population: Population = Population()
    because: Sentence
    sources: Sources


class Indication(Replacing):
    """When a treatment is worth considering: for these causes, where the criterion holds.

    Attributes:
        id: Its id.
        when: What has to hold.
        because: Why, in one sentence for a clinician.
        sources: Ids of `sources.yaml` on which it rests.
    """

    id: DottedId
    causes: tuple[Id, ...] = Field(default=(), description="Any of these is leading or plausible.")
    when: Criterion | None = None
    because: Sentence
    sources: Sources

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
    """What speaks against a treatment: it applies when true, and is to be checked when unknown.

    Attributes:
        id: Its id.
        when: When it applies; while that is unknown, it is to be checked before.
        level: What it asks for.
        because: Why, in one sentence for a clinician.
        sources: Ids of `sources.yaml` on which it rests.
    """

    id: DottedId
    when: Criterion
    level: CautionLevel
    because: Sentence
    sources: Sources


class TreatmentKind(StrEnum):
    """Kinds of treatment."""

    MEDICATION = "medication"
    PHYSICAL = "physical"
    LIFESTYLE = "lifestyle"
    DEVICE = "device"
    SURGERY = "surgery"


class TreatmentExtension(Model):
    """What a later pack adds to an earlier pack's treatment.

    Attributes:
        extends: The treatment of an earlier pack.
        about: Further background.
        indications: Further indications.
        cautions: Further cautions.
    """

    extends: Id
    about: tuple[CitedSentence, ...] = ()
    indications: tuple[Indication, ...] = ()
    cautions: tuple[Caution, ...] = ()


class Treatment(Replacing):
    """An option of treatment, with what indicates it and what speaks against it.

    Attributes:
        id: Its id.
        name: What a clinician calls it.
        kind: What kind of treatment it is.
        about: What is known of its benefit, without weight.
        indications: When it is worth considering.
        cautions: What speaks against it.
    """

    id: Id
    name: Name
    kind: TreatmentKind
    about: tuple[CitedSentence, ...] = ()
    indications: Annotated[tuple[Indication, ...], Field(min_length=1)]
    cautions: tuple[Caution, ...] = ()


class PreventionKind(StrEnum):
    """Whether an entry prevents cramps or says when to seek care."""

    PREVENTION = "prevention"
    SEEK_CARE = "seek_care"


class Prevention(Replacing):
    """A measure of prevention, or advice on when to seek care. Without `when`: for everyone.

    Attributes:
        id: Its id.
        name: What to do, in short.
        kind: Whether it prevents, or says when to seek care.
        when: What has to hold; without it, it is for everyone.
        because: Why, in one sentence for a clinician.
        sources: Ids of `sources.yaml` on which it rests.
    """

    id: Id
    name: Name
    kind: PreventionKind = PreventionKind.PREVENTION
    causes: tuple[Id, ...] = Field(default=(), description="Any of these is leading or plausible.")
    when: Criterion | None = None
    because: Sentence
    sources: Sources


class Urgency(StrEnum):
    """How soon a red flag asks for evaluation, the most urgent first."""

    EMERGENCY = "emergency"
    URGENT = "urgent"
    SOON = "soon"


class RedFlag(Replacing):
    """A pattern that should not wait.

    Attributes:
        id: Its id.
        name: What a clinician calls it.
        urgency: How soon it asks for evaluation.
        when: What has to hold.
        because: Why, in one sentence for a clinician.
        sources: Ids of `sources.yaml` on which it rests.
    """

    id: DottedId
    name: Name
    urgency: Urgency
    when: Criterion
    consider: Sentence = Field(description="What to consider; an option, never an order.")
    because: Sentence
    sources: Sources
