"""What `pack.yaml`, `lint.yaml` and `sources.yaml` hold."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar, Self

from pydantic import Field, StrictBool, model_validator

from crampdx.knowledge.criteria import FindingId
from crampdx.knowledge.models.common import (
    Model,
    Name,
    Population,
    Replacing,
    Sentence,
    SourceId,
    Status,
    require_any,
)

__all__ = [
    "Attributes",
    "Pack",
    "Source",
    "SourceKind",
    "Suppression",
    "Uses",
]


class Uses(Model):
    """Which personal attributes the knowledge uses: source attributes 5 to 13 of ONC HTI-1."""

    race: StrictBool
    """Whether race is used."""
    ethnicity: StrictBool
    """Whether ethnicity is used."""
    language: StrictBool
    """Whether language is used."""
    sexual_orientation: StrictBool
    """Whether sexual orientation is used."""
    gender_identity: StrictBool
    """Whether gender identity is used."""
    sex: StrictBool
    """Whether sex is used."""
    date_of_birth: StrictBool
    """Whether age or date of birth is used."""
    social_determinants: StrictBool
    """Whether social determinants of health are used."""
    health_status_assessments: StrictBool
    """Whether health status assessments are used."""


class Attributes(Model):
    """The source attributes that ONC HTI-1, 45 CFR 170.315(b)(11), asks of decision support."""

    citation: Sentence
    """The bibliographic citation of the knowledge."""
    developer: Sentence
    """Who made it."""
    funding: Sentence
    """Who paid for it."""
    released: date
    """When it was released."""
    revised: date | None = None
    """When it was last revised."""
    uses: Uses
    """Which personal attributes it uses."""


class Pack(Model):
    """``pack.yaml``: what a pack is, for whom, and how far it has been reviewed."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$", max_length=60)]
    """Its name, which is that of its folder."""
    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
    """Major, minor and patch."""
    title: Name
    """What it is about."""
    status: Status
    """How far it has been reviewed."""
    requires: tuple[str, ...] = ()
    """The packs on which it is stacked."""
    complaint: FindingId | None = None
    """The finding that the differential is of. Never evidence."""
    population: Population = Population()
    """For whom it is meant."""
    reviewed: date
    """The day of the last review."""
    next_review: date
    """The day by which it is to be reviewed again."""
    attributes: Attributes
    """The source attributes."""


class Suppression(Model):
    """An entry of ``lint.yaml``: an issue of `crampdx lint` that the pack accepts, and why."""

    check: Annotated[str, Field(pattern=r"^CDX\d{3}$")]
    """The code of the check."""
    entry: Annotated[str, Field(min_length=1, max_length=120)]
    """The id it is about."""
    reason: Sentence
    """Why the pack accepts it, in one sentence."""


class SourceKind(StrEnum):
    """What kind of thing a source is."""

    ARTICLE = "article"
    PUBLICATION = "publication"
    GUIDELINE = "guideline"
    LABEL = "label"
    TERMINOLOGY = "terminology"
    JUDGEMENT = "judgement"


class Source(Replacing):
    """Something that an assertion can rest on."""

    id: SourceId
    """Its id: a word, or a word, a colon and a locator."""
    kind: SourceKind
    """What kind of thing it is."""
    title: Annotated[str, Field(min_length=1, max_length=400)]
    """Its title; of a statement, what it says."""
    citation: Annotated[str, Field(max_length=600)] | None = None
    """Where it was published."""
    doi: Annotated[str, Field(pattern=r"^10\.\d{4,9}/\S+$")] | None = None
    """Its digital object identifier."""
    pmid: Annotated[str, Field(pattern=r"^\d{1,9}$")] | None = None
    """Its PubMed id."""
    url: Annotated[str, Field(pattern=r"^https?://\S+$", max_length=400)] | None = None
    """Its address."""
    section: Annotated[str, Field(max_length=120)] | None = None
    """The part of it."""

    schema_rules: ClassVar = {
        "if": {"properties": {"kind": {"enum": ["publication", "guideline", "label"]}}},
        "then": require_any("doi", "pmid", "url"),
    }

    @model_validator(mode="after")
    def _findable(self) -> Self:
        outside = {SourceKind.PUBLICATION, SourceKind.GUIDELINE, SourceKind.LABEL}
        if self.kind in outside and not (self.doi or self.pmid or self.url):
            raise ValueError(f"a {self.kind} needs one of 'doi', 'pmid' and 'url'")
        return self
