"""What the entries of all rule files share: ids, texts, bounds, populations, replacement."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema

from crampdx.text.durations import Duration

__all__ = [
    "Bounds",
    "CitedSentence",
    "DottedId",
    "Id",
    "Model",
    "Name",
    "Number",
    "Population",
    "Replacement",
    "Replacing",
    "Reviewable",
    "Sentence",
    "SourceId",
    "Sources",
    "Status",
    "Within",
    "require_any",
]

Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=80)]
DottedId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$", max_length=120)]
SourceId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*(:[A-Za-z0-9_.-]+)?$", max_length=120)]
Name = Annotated[str, Field(min_length=1, max_length=120)]
Sentence = Annotated[str, Field(min_length=1, max_length=400)]
Sources = Annotated[tuple[SourceId, ...], Field(min_length=1)]
Within = Annotated[Duration, Field(gt=timedelta(0))]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]

Status = Literal["draft", "reviewed", "stable", "retired"]
"""How far an entry or a pack has been reviewed."""


def require_any(*keys: str) -> dict[str, Any]:
    """The JSON Schema by which at least one of these keys is there.

    >>> require_any("present", "absent")
    {'anyOf': [{'required': ['present']}, {'required': ['absent']}]}
    """
    return {"anyOf": [{"required": [key]} for key in keys]}


class Model(BaseModel):
    """A frozen model that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    schema_rules: ClassVar[dict[str, Any]] = {}
    """What validators of the class check, in the words of JSON Schema, as far as it has them.

    They are part of the schema of what is read, together with those of the classes above."""

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        made = handler(schema)
        if handler.mode == "validation":
            for base in reversed(cls.__mro__):
                handler.resolve_ref_schema(made).update(vars(base).get("schema_rules", {}))
        return made


class Replacing(Model):
    """An entry that may replace one of an earlier pack."""

    replaces: DottedId | None = None
    """The id of the entry of an earlier pack that this one replaces."""
    reason: Sentence | None = None
    """Why it replaces that entry."""

    schema_rules: ClassVar = {"dependentRequired": {"replaces": ["reason"], "reason": ["replaces"]}}

    @model_validator(mode="after")
    def _reason_given(self) -> Self:
        if (self.replaces is None) != (self.reason is None):
            raise ValueError("'replaces' and 'reason' go together")
        return self


class Reviewable(Replacing):
    """An entry that may be reviewed apart from its pack."""

    status: Status = "draft"
    """How far it has been reviewed."""
    reviewed: date | None = None
    """The day of its last review; where it is not given, that of its pack."""
    next_review: date | None = None
    """The day by which it is to be reviewed again; likewise."""


class Replacement(Model):
    """An entry of an earlier pack that a later one replaced, and why."""

    kind: str
    """What kind of entry."""
    replaced: str
    """The id of the earlier entry."""
    by: str
    """The id of the later entry."""
    pack: str
    """The pack of the later entry."""
    reason: str
    """Why it replaces the other."""


class CitedSentence(Model):
    """A sentence with its sources that carries no weight: background, mechanism, benefit."""

    says: Sentence
    """The sentence."""
    sources: Sources
    """Ids of `sources.yaml` on which it rests."""


class Bounds(Model):
    """A range of numbers. At most one lower and one upper bound; at least one bound.

    ``from`` and ``up_to`` include the limit, ``above`` and ``below`` do not.
    """

    from_: Number | None = Field(default=None, alias="from")
    """At least this number."""
    above: Number | None = None
    """More than this number."""
    up_to: Number | None = None
    """At most this number."""
    below: Number | None = None
    """Less than this number."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_by_alias=True, serialize_by_alias=True
    )
    schema_rules: ClassVar = {"minProperties": 1}

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        if self.from_ is not None and self.above is not None:
            raise ValueError("give 'from' or 'above', not both")
        if self.up_to is not None and self.below is not None:
            raise ValueError("give 'up_to' or 'below', not both")
        low = self.from_ if self.from_ is not None else self.above
        high = self.up_to if self.up_to is not None else self.below
        if low is None and high is None:
            raise ValueError("give at least one of 'from', 'above', 'up_to', 'below'")
        if low is not None and high is not None:
            closed = self.from_ is not None and self.up_to is not None
            if low > high or (low == high and not closed):
                raise ValueError("no number lies within these bounds")
        return self

    def contains(self, value: float) -> bool:
        """Whether the number lies within the bounds."""
        return (
            (self.from_ is None or value >= self.from_)
            and (self.above is None or value > self.above)
            and (self.up_to is None or value <= self.up_to)
            and (self.below is None or value < self.below)
        )

    def text(self) -> str:
        """The bounds in words.

        >>> Bounds.model_validate({"from": 18, "below": 65}).text()
        '18 or more and below 65'
        """
        words = [
            f"{self.from_:g} or more" if self.from_ is not None else "",
            f"above {self.above:g}" if self.above is not None else "",
            f"up to {self.up_to:g}" if self.up_to is not None else "",
            f"below {self.below:g}" if self.below is not None else "",
        ]
        return " and ".join(word for word in words if word)


class Population(Model):
    """For whom an entry is meant. A field that is not given does not restrict."""

    age: Bounds | None = None
    """Age in years."""
    sex: Literal["female", "male"] | None = None
    """Only people of this sex."""

    def includes(self, age: float | None, sex: str | None) -> bool:
        """Whether somebody may be one of them; what is unknown does not exclude.

        >>> women = Population(sex="female")
        >>> women.includes(40, "male"), women.includes(40, None)
        (False, True)
        """
        age_fits = self.age is None or age is None or self.age.contains(age)
        return age_fits and (self.sex is None or sex in (None, "other", self.sex))

    def text(self) -> str:
        """In words; empty where nobody is left out.

        >>> Population(sex="female", age=Bounds(below=50)).text()
        'aged below 50 years, female'
        """
        age = f"aged {self.age.text()} years" if self.age else ""
        return ", ".join(part for part in (age, self.sex or "") if part)
