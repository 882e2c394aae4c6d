"""Findings: the vocabulary of the rules, and the ways in which a record shows each."""

from __future__ import annotations

from collections.abc import Container, Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    StrictBool,
    Tag,
    model_validator,
)

from crampdx.knowledge.criteria import Criterion, FindingId
from crampdx.knowledge.finding_kinds import FindingKind
from crampdx.knowledge.models.common import (
    Bounds,
    Id,
    Model,
    Name,
    Number,
    Replacing,
    Sentence,
    Sources,
    Within,
    require_any,
)
from crampdx.record.models import CrampHistory, PatientRecord, words_of
from crampdx.text.durations import Duration

__all__ = [
    "NUMERIC_ATTRIBUTES",
    "RESERVED_FORMS",
    "WORDS",
    "Attribute",
    "AttributeValue",
    "Calculation",
    "FamilyHistoryOf",
    "Finding",
    "FindingExtension",
    "FindingKind",
    "HistoryOf",
    "Lasting",
    "MeasuredValue",
    "MedicineNamed",
    "OneOf",
    "OnsetAfter",
    "QualifiedFinding",
    "ShownBy",
]


LoincCode = Annotated[str, Field(pattern=r"^\d{1,7}-\d$")]


class Calculation(Model):
    """How a measurement follows from others: a number, plus each of them times its factor."""

    from_: Annotated[dict[Id, Number], Field(min_length=1, max_length=4)] = Field(alias="from")
    """The measurements, each in its own unit, with their factors; the first gives the date."""
    plus: Number = 0
    """The number."""
    when: dict[Id, Bounds] = Field(default={})
    """Each of these measurements is to lie within these bounds."""
    within: Within
    """How far apart in time the measurements may be."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_by_alias=True, serialize_by_alias=True
    )

    @model_validator(mode="after")
    def _among_them(self) -> Self:
        others = sorted(set(self.when) - set(self.from_))
        if others:
            raise ValueError(f"'when' names '{others[0]}', which is not in 'from'")
        return self


class MeasuredValue(Model):
    """A laboratory or other value that shows the finding present or absent.

    The entry that defines a measurement gives ``loinc``, ``unit``, ``convert`` and ``plausible``.
    A further finding that reads the same value names it by ``measurement`` and gives its own
    bounds alone, so that each fact about the measurement stands in one place.
    """

    measurement: Id | None = None
    """Our id of the measurement; a record may use it instead of LOINC."""
    loinc: tuple[LoincCode, ...] = ()
    """The LOINC codes of the measurement."""
    unit: Annotated[str, Field(min_length=1, max_length=40)] | None = None
    """The UCUM unit that the bounds are in."""
    convert: dict[str, Annotated[float, Field(gt=0, allow_inf_nan=False)]] = Field(default={})
    """Other units: what to multiply by to reach `unit`."""
    plausible: Bounds | None = None
    """Outside of it a value is taken for a mistake: unknown."""
    molar: tuple[LoincCode, ...] = ()
    """Of `loinc`, those whose values are amounts of substance; the others' are mass. A value whose
    unit and code disagree in this is unknown."""
    calculated: Calculation | None = None
    """How it follows from other measurements."""
    precedence: Annotated[int, Field(ge=0, le=9)] = 0
    """Of values of one day that differ, those of the highest count."""
    present: Bounds | None = None
    """A value within shows the finding present."""
    absent: Bounds | None = None
    """A value within shows it absent."""
    within: Within | None = None
    """An older value is unknown."""

    schema_rules: ClassVar = require_any("present", "absent")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.present is None and self.absent is None:
            raise ValueError("give 'present' or 'absent' bounds, or both")
        defines = bool(self.loinc) or self.unit is not None
        if not defines and self.measurement is None:
            raise ValueError("give 'loinc' and 'unit', or the 'measurement' defined elsewhere")
        if defines and (self.unit is None or not (self.loinc or self.measurement)):
            raise ValueError("a measurement is defined by 'unit' and by 'loinc' or 'measurement'")
        if not defines and (self.convert or self.plausible is not None):
            raise ValueError(
                "'convert' and 'plausible' stand where the measurement is defined, with its 'unit'"
            )
        if not defines and (self.calculated or self.precedence):
            raise ValueError("'calculated' and 'precedence' stand where the measurement is defined")
        if set(self.molar) - set(self.loinc):
            raise ValueError("'molar' names codes of 'loinc'")
        if self.calculated is not None and self.measurement is None:
            raise ValueError("a measurement that is calculated needs our id of it, 'measurement'")
        return self

    @property
    def defines_measurement(self) -> bool:
        """Whether this entry defines the measurement (and does not only refer to it)."""
        return self.unit is not None


class Attribute(StrEnum):
    """What can be read of the person and of the cramp history."""

    AGE = "age"
    SEX = "sex"
    PREGNANT = "pregnant"
    COMPLAINT_DURATION = "cramps.duration"
    EPISODE_DURATION = "cramps.episode_duration"
    FREQUENCY = "cramps.per_week"
    LOCATION = "cramps.locations"
    TRIGGER = "cramps.triggers"
    TIME_OF_DAY = "cramps.times_of_day"
    RESPONSE = "cramps.response_to_remedies"


NUMERIC_ATTRIBUTES: dict[Attribute, str] = {
    Attribute.AGE: "a",
    Attribute.COMPLAINT_DURATION: "d",
    Attribute.EPISODE_DURATION: "s",
    Attribute.FREQUENCY: "/wk",
}
"""The attributes that are numbers, with their UCUM unit."""


WORDS: dict[Attribute, frozenset[str]] = {
    Attribute.SEX: words_of(PatientRecord, "sex"),
    Attribute.PREGNANT: frozenset({"yes", "no"}),
    Attribute.LOCATION: words_of(CrampHistory, "locations"),
    Attribute.TRIGGER: words_of(CrampHistory, "triggers"),
    Attribute.TIME_OF_DAY: words_of(CrampHistory, "times_of_day"),
    Attribute.RESPONSE: words_of(CrampHistory, "response_to_remedies"),
}
"""The words that a record can say of each attribute that is not a number."""


class OneOf(Model):
    """A set of words, of which the attribute's value must be one."""

    one_of: Annotated[tuple[Annotated[str, Field(max_length=40)], ...], Field(min_length=1)]
    """The words."""


def _keys(value: Any) -> Container[str]:
    """The keys of a mapping or the fields of a model; what is neither has none."""
    if isinstance(value, Mapping):
        return value
    return type(value).model_fields if isinstance(value, BaseModel) else ()


def _range_form(value: Any) -> str:
    return "some words" if "one_of" in _keys(value) else "some bounds"


Range = Annotated[
    Annotated[Bounds, Tag("some bounds")] | Annotated[OneOf, Tag("some words")],
    Discriminator(_range_form),
]


class AttributeValue(Model):
    """An attribute of the person or of the cramp history that shows the finding."""

    attribute: Attribute
    """What is read."""
    unit: str | None = None
    """The UCUM unit of an attribute that is a number."""
    present: Range | None = None
    """What shows the finding present."""
    absent: Range | None = None
    """What shows it absent."""

    schema_rules: ClassVar = require_any("present", "absent")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.present is None and self.absent is None:
            raise ValueError("give 'present' or 'absent', or both")
        unit = NUMERIC_ATTRIBUTES.get(self.attribute)
        if self.unit != unit:
            raise ValueError(
                f"attribute '{self.attribute}' is measured in unit '{unit}'"
                if unit
                else f"attribute '{self.attribute}' has no unit"
            )
        form = Bounds if unit else OneOf
        for given in (self.present, self.absent):
            if given is not None and not isinstance(given, form):
                raise ValueError(
                    f"attribute '{self.attribute}' takes bounds (from, above, up_to, below)"
                    if unit
                    else f"attribute '{self.attribute}' takes {{one_of: [...]}}"
                )
            if isinstance(given, OneOf):
                unknown = sorted(set(given.one_of) - WORDS[self.attribute])
                if unknown:
                    known = ", ".join(sorted(WORDS[self.attribute]))
                    raise ValueError(f"no record says '{unknown[0]}' of it; the words are {known}")
        return self


class Lasting(Model):
    """How long a finding has lasted, up to the day of the assessment."""

    from_: Duration | None = Field(default=None, alias="from")
    """At least this long."""
    up_to: Duration | None = None
    """At most this long."""
    or_unknown: StrictBool = False
    """It counts too where the record leaves it open."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_by_alias=True, serialize_by_alias=True
    )

    schema_rules: ClassVar = require_any("from", "up_to")

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        if self.from_ is None and self.up_to is None:
            raise ValueError("give 'from' or 'up_to', or both")
        if self.from_ is not None and self.up_to is not None and self.from_ > self.up_to:
            raise ValueError("nothing lasts as long as 'from' and no longer than 'up_to'")
        return self

    @property
    def days(self) -> Bounds:
        """The bounds in days."""
        given = {"from": self.from_, "up_to": self.up_to}
        return Bounds.model_validate(
            {name: time / timedelta(days=1) for name, time in given.items() if time is not None}
        )

    def text(self) -> str:
        """Say it in words.

        >>> Lasting.model_validate({"up_to": "P14D", "or_unknown": True}).text()
        'lasting up to 14 days or for an unknown time'
        """
        unknown = " or for an unknown time" if self.or_unknown else ""
        return f"lasting {self.days.text()} days{unknown}"


class QualifiedFinding(Model):
    """Another finding, present with one of these qualifiers.

    Shows absent only by `lasting`, where the other finding itself is absent.
    """

    finding: FindingId
    """The other finding."""
    site: tuple[str, ...] = ()
    """Its body site is one of these."""
    laterality: tuple[Literal["left", "right", "bilateral"], ...] = ()
    """Its side is one of these."""
    severity: tuple[Literal["mild", "moderate", "severe"], ...] = ()
    """Its severity is one of these."""
    lasting: Lasting | None = None
    """It has lasted so long."""

    schema_rules: ClassVar = require_any("site", "laterality", "severity", "lasting")

    @model_validator(mode="after")
    def _qualified(self) -> Self:
        if not (self.site or self.laterality or self.severity or self.lasting):
            raise ValueError("give 'site', 'laterality', 'severity' or 'lasting'")
        return self


class OnsetAfter(Model):
    """One finding began after another, within a time: present; earlier or later: absent."""

    began: FindingId
    """The finding that began later."""
    after: FindingId
    """The finding that began first."""
    within: Within
    """The longest time between the two."""


class HistoryOf(Model):
    """The record holds the named finding, or one that implies it, as past."""

    past: FindingId
    """The finding that is over."""


class FamilyHistoryOf(Model):
    """The record holds the named finding, or one that implies it, of a relative."""

    family: FindingId
    """The finding of the relative."""


MedicineName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9 -]*$", max_length=60)]


class MedicineNamed(Model):
    """A medicine that has no code which the rules know, and whose name begins with one of these.

    Names of one substance in all parts of the world (those of the WHO, and the British and American
    ones), and of the class. A brand only if it is the same substance everywhere: some are two
    substances in two countries.
    """

    medicine_names: Annotated[tuple[MedicineName, ...], Field(min_length=1)]
    """The names, in small letters; a record's name is read in any case."""


_SHOWN_BY_FORMS = {
    "attribute": "an attribute",
    "finding": "a qualified finding",
    "began": "an order in time",
    "past": "of the past",
    "family": "of the family",
    "medicine_names": "a name of a medicine",
}
RESERVED_FORMS = ("dose", "trend", "times")
"""Words kept for later forms of `shown_by`; refused with that word."""


def _shown_by_form(value: Any) -> str:
    keys = _keys(value)
    return next((form for key, form in _SHOWN_BY_FORMS.items() if key in keys), "a value")


ShownBy = Annotated[
    Annotated[MeasuredValue, Tag("a value")]
    | Annotated[AttributeValue, Tag("an attribute")]
    | Annotated[QualifiedFinding, Tag("a qualified finding")]
    | Annotated[OnsetAfter, Tag("an order in time")]
    | Annotated[HistoryOf, Tag("of the past")]
    | Annotated[FamilyHistoryOf, Tag("of the family")]
    | Annotated[MedicineNamed, Tag("a name of a medicine")],
    Discriminator(_shown_by_form),
]


class FindingExtension(Model):
    """What a later pack adds to an earlier pack's finding."""

    extends: FindingId
    """The finding of an earlier pack."""
    synonyms: tuple[Name, ...] = ()
    """Further names."""
    shown_by: tuple[ShownBy, ...] = ()
    """Further ways in which it is shown."""
    implies: tuple[FindingId, ...] = ()
    """Further findings that it implies."""
    because: Sentence
    """Why, in one sentence for a clinician."""
    sources: Sources
    """Ids of `sources.yaml` on which it rests."""


class Finding(Replacing):
    """An entry of the vocabulary: something that can be present, absent or unknown."""

    id: FindingId
    """Its id."""
    name: Name
    """What a clinician calls it."""
    kind: FindingKind
    """What kind of fact it is."""
    synonyms: tuple[Name, ...] = ()
    """Other names of it, by which a record without a code is read."""
    ask: Sentence | None = None
    """How to ask for it, in one question."""
    shown_by: tuple[ShownBy, ...] = ()
    """The values and attributes that show it present or absent."""
    implies: tuple[FindingId, ...] = ()
    """Present here means present there; absent there, absent here."""
    derived: Criterion | None = None
    """Present when this is true, absent when it is false."""
    within: Within | None = None
    """An older assertion is unknown."""
    because: Sentence | None = None
    """Why it is shown, implied or derived so, in one sentence for a clinician."""
    sources: Sources = ()
    """Ids of `sources.yaml` on which it rests."""

    schema_rules: ClassVar = {
        "allOf": [
            {
                "if": require_any("shown_by", "implies", "derived"),
                "then": {"required": ["because", "sources"]},
            },
            {
                "if": {"required": ["derived"]},
                "then": {"not": require_any("shown_by", "implies")},
            },
        ]
    }

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.derived is not None and (self.shown_by or self.implies):
            raise ValueError("a derived finding has neither 'shown_by' nor 'implies'")
        asserts = bool(self.shown_by or self.implies or self.derived is not None)
        if asserts and (self.because is None or not self.sources):
            raise ValueError(
                "'shown_by', 'implies' and 'derived' assert medicine: give 'because' and 'sources'"
            )
        return self

    @property
    def can_be_asked(self) -> bool:
        """Whether there is a question that asks for it; else it takes a test."""
        return self.ask is not None and self.kind.traits.is_asked
