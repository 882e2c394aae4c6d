"""Causes and groups of causes, with the evidence for and against them."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, StrictBool, model_validator

from crampdx.knowledge.criteria import Criterion
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
    Status,
)

__all__ = [
    "Cause",
    "CauseExtension",
    "Evidence",
    "Group",
    "Pretest",
    "Strength",
]


class Pretest(StrEnum):
    """How often a cause stands behind cramps: compressed classes on purpose, no prevalences."""

    VERY_COMMON = "very_common"
    COMMON = "common"
    UNCOMMON = "uncommon"
    RARE = "rare"


class Strength(StrEnum):
    """How much a line of evidence weighs, as a likelihood ratio; see `crampdx.engine.ranking`."""

    WEAK = "weak"
    MODERATE = "moderate"
    STRONG = "strong"
    CONFIRMS = "confirms"
    RULES_OUT = "rules_out"


Favoring = Literal[Strength.WEAK, Strength.MODERATE, Strength.STRONG, Strength.CONFIRMS]
Opposing = Literal[Strength.WEAK, Strength.MODERATE, Strength.STRONG, Strength.RULES_OUT]


class Evidence(Replacing):
    """A line for or against a cause: when the criterion is true, it counts.

    Attributes:
        id: Its id, such as `als.fasciculations`.
        when: What has to hold.
        favors: How strongly it speaks for the cause.
        opposes: How strongly it speaks against the cause.
        because: Why, in one sentence for a clinician.
        sources: Ids of `sources.yaml` on which it rests.
    """

    id: DottedId
    when: Criterion
    favors: Favoring | None = None
    opposes: Opposing | None = None
    lr: Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False)] | None = Field(
        default=None, description="A measured likelihood ratio, from one of the sources."
    )
    cluster: Id | None = Field(
        default=None,
        description="Lines of one cluster count once for and once against, the strongest.",
    )
    because: Sentence
    sources: Sources

    @model_validator(mode="after")
    def _one_weight(self) -> Self:
        if sum(w is not None for w in (self.favors, self.opposes, self.lr)) != 1:
            raise ValueError("give exactly one of 'favors', 'opposes' and 'lr'")
        return self


class CauseExtension(Model):
    """What a later pack adds to an earlier pack's cause.

    Attributes:
        extends: The cause of an earlier pack.
        mimics: Further causes that look like it.
        because_of: Further causes that can be its origin.
        imitates_complaint: Further things of it that are taken for the complaint.
        about: Further background.
        evidence: Further lines of evidence.
    """

    extends: Id
    mimics: tuple[Id, ...] = ()
    because_of: tuple[Id, ...] = ()
    imitates_complaint: tuple[CitedSentence, ...] = ()
    about: tuple[CitedSentence, ...] = ()
    evidence: tuple[Evidence, ...] = ()


class Cause(Replacing):
    """A diagnosis that can stand behind muscle cramps, with the evidence for and against it.

    Attributes:
        id: Its id, after which its file is named.
        name: What a clinician calls it.
        group: The group to which it belongs.
        pretest: How often it stands behind the complaint.
        do_not_miss: Whether missing it does harm, so that it is shown whatever its rank.
        population: For whom it can be ranked.
        status: How far it has been reviewed.
        reviewed: The day of its last review; where it is not given, that of its pack.
        next_review: The day by which it is to be reviewed again; likewise.
        about: Background and mechanism, without weight.
        evidence: The lines for and against it.
    """

    id: Id
    name: Name
    group: Id
    pretest: Pretest
    do_not_miss: StrictBool = False
    population: Population = Population()
    mimics: tuple[Id, ...] | Literal["unknown"] = Field(
        default="unknown", description="Other causes that look like this one."
    )
    because_of: tuple[Id, ...] = Field(
        default=(), description="Causes that can be the origin of this one. Adds no weight."
    )
    imitates_complaint: tuple[CitedSentence, ...] = Field(
        default=(), description="What of it is taken for the complaint, and is something else."
    )
    status: Status = "draft"
    reviewed: date | None = None
    next_review: date | None = None
    about: tuple[CitedSentence, ...] = ()
    evidence: Annotated[tuple[Evidence, ...], Field(min_length=1)]


class Group(Replacing):
    """Causes that stand together, and evidence that favors them all (at most weakly).

    Attributes:
        id: Its id.
        name: What a clinician calls it.
        about: Background, without weight.
        evidence: Lines that favor all its causes, weakly.
    """

    id: Id
    name: Name
    about: tuple[CitedSentence, ...] = ()
    evidence: tuple[Evidence, ...] = ()
