"""Causes and groups of causes, with the evidence for and against them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, ClassVar, Literal, Self

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
    Reviewable,
    Sentence,
    Sources,
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
    """A line for or against a cause: when the criterion is true, it counts."""

    id: DottedId
    """Its id, such as `als.fasciculations`."""
    when: Criterion
    """What has to hold."""
    favors: Favoring | None = None
    """How strongly it speaks for the cause."""
    opposes: Opposing | None = None
    """How strongly it speaks against the cause."""
    lr: Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False)] | None = None
    """A measured likelihood ratio, from one of the sources."""
    cluster: Id | None = None
    """Lines of one cluster count once for and once against, the strongest."""
    because: Sentence
    """Why, in one sentence for a clinician."""
    sources: Sources
    """Ids of `sources.yaml` on which it rests."""

    schema_rules: ClassVar = {"oneOf": [{"required": [key]} for key in ("favors", "opposes", "lr")]}

    @model_validator(mode="after")
    def _one_weight(self) -> Self:
        if sum(w is not None for w in (self.favors, self.opposes, self.lr)) != 1:
            raise ValueError("give exactly one of 'favors', 'opposes' and 'lr'")
        return self


class CauseExtension(Model):
    """What a later pack adds to an earlier pack's cause."""

    extends: Id
    """The cause of an earlier pack."""
    mimics: tuple[Id, ...] = ()
    """Further causes that look like it."""
    because_of: tuple[Id, ...] = ()
    """Further causes that can be its origin."""
    imitates_complaint: tuple[CitedSentence, ...] = ()
    """Further things of it that are taken for the complaint."""
    about: tuple[CitedSentence, ...] = ()
    """Further background."""
    evidence: tuple[Evidence, ...] = ()
    """Further lines of evidence."""


class Cause(Reviewable):
    """A diagnosis that can stand behind muscle cramps, with the evidence for and against it."""

    id: Id
    """Its id, after which its file is named."""
    name: Name
    """What a clinician calls it."""
    group: Id
    """The group to which it belongs."""
    pretest: Pretest
    """How often it stands behind the complaint."""
    do_not_miss: StrictBool = False
    """Whether missing it does harm, so that it is shown whatever its rank."""
    population: Population = Population()
    """For whom it can be ranked."""
    mimics: tuple[Id, ...] | Literal["unknown"] = "unknown"
    """Other causes that look like this one."""
    because_of: tuple[Id, ...] = ()
    """Causes that can be the origin of this one. Adds no weight."""
    imitates_complaint: tuple[CitedSentence, ...] = ()
    """What of it is taken for the complaint, and is something else."""
    about: tuple[CitedSentence, ...] = ()
    """Background and mechanism, without weight."""
    evidence: Annotated[tuple[Evidence, ...], Field(min_length=1)]
    """The lines for and against it."""


class Group(Replacing):
    """Causes that stand together, and evidence that favors them all (at most weakly)."""

    id: Id
    """Its id."""
    name: Name
    """What a clinician calls it."""
    about: tuple[CitedSentence, ...] = ()
    """Background, without weight."""
    evidence: tuple[Evidence, ...] = ()
    """Lines that favor all its causes, weakly."""
