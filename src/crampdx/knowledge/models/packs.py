"""What `pack.yaml`, `lint.yaml` and `sources.yaml` hold."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Self

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
    """Which personal attributes the knowledge uses: source attributes 5 to 13 of ONC HTI-1.

    Attributes:
        race: Whether race is used.
        ethnicity: Whether ethnicity is used.
        language: Whether language is used.
        sexual_orientation: Whether sexual orientation is used.
        gender_identity: Whether gender identity is used.
        sex: Whether sex is used.
        date_of_birth: Whether age or date of birth is used.
        social_determinants: Whether social determinants of health are used.
        health_status_assessments: Whether health status assessments are used.
    """

    race: StrictBool
    ethnicity: StrictBool
    language: StrictBool
    sexual_orientation: StrictBool
    gender_identity: StrictBool
    sex: StrictBool
    date_of_birth: StrictBool
    social_determinants: StrictBool
    health_status_assessments: StrictBool


class Attributes(Model):
    """The source attributes that ONC HTI-1, 45 CFR 170.315(b)(11), asks of decision support.

    Attributes:
        citation: The bibliographic citation of the knowledge.
        developer: Who made it.
        funding: Who paid for it.
        released: When it was released.
        revised: When it was last revised.
        uses: Which personal attributes it uses.
    """

    citation: Sentence
    developer: Sentence
    funding: Sentence
    released: date
    revised: date | None = None
    uses: Uses


class Pack(Model):
    """``pack.yaml``: what a pack is, for whom, and how far it has been reviewed.

    Attributes:
        name: Its name, which is that of its folder.
        version: Major, minor and patch.
        title: What it is about.
        status: How far it has been reviewed.
        requires: The packs on which it is stacked.
        population: For whom it is meant.
        reviewed: The day of the last review.
        next_review: The day by which it is to be reviewed again.
        attributes: The source attributes.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$", max_length=60)]
    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
    title: Name
    status: Status
    requires: tuple[str, ...] = ()
    complaint: FindingId | None = Field(
        default=None, description="The finding that the differential is of. Never evidence."
    )
    population: Population = Population()
    reviewed: date
    next_review: date
    attributes: Attributes


class Suppression(Model):
    """An entry of ``lint.yaml``: an issue of `crampdx lint` that the pack accepts, and why.

    Attributes:
        reason: Why the pack accepts it, in one sentence.
    """

    check: Annotated[str, Field(pattern=r"^CDX\d{3}$", description="The code of the check.")]
    entry: Annotated[str, Field(min_length=1, max_length=120, description="The id it is about.")]
    reason: Sentence


class SourceKind(StrEnum):
    """What kind of thing a source is."""

    ARTICLE = "article"
    PUBLICATION = "publication"
    GUIDELINE = "guideline"
    LABEL = "label"
    TERMINOLOGY = "terminology"
    JUDGEMENT = "judgement"


class Source(Replacing):
    """Something that an assertion can rest on.

    Attributes:
        id: Its id: a word, or a word, a colon and a locator.
        kind: What kind of thing it is.
        title: Its title; of a statement, what it says.
        citation: Where it was published.
        doi: Its digital object identifier.
        pmid: Its PubMed id.
        url: Its address.
        section: The part of it.
    """

    id: SourceId
    kind: SourceKind
    title: Annotated[str, Field(min_length=1, max_length=400)]
    citation: Annotated[str, Field(max_length=600)] | None = None
    doi: Annotated[str, Field(pattern=r"^10\.\d{4,9}/\S+$")] | None = None
    pmid: Annotated[str, Field(pattern=r"^\d{1,9}$")] | None = None
    url: Annotated[str, Field(pattern=r"^https?://\S+$", max_length=400)] | None = None
    section: Annotated[str, Field(max_length=120)] | None = None

    @model_validator(mode="after")
    def _findable(self) -> Self:
        outside = {SourceKind.PUBLICATION, SourceKind.GUIDELINE, SourceKind.LABEL}
        if self.kind in outside and not (self.doi or self.pmid or self.url):
            raise ValueError(f"a {self.kind} needs one of 'doi', 'pmid' and 'url'")
        return self
