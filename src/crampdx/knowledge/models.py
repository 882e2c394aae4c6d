"""The shapes of rule files, as frozen models: one class for each kind of entry.

Field names are the YAML keys. What a file may say is what these models accept; what refers to
something else (an id, a source) is resolved by `crampdx.knowledge.checks` after all files are
read. `docs/rule-format.md` explains the format with examples.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

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
from crampdx.record.models import CrampHistory, PatientRecord, words_of
from crampdx.text.durations import Duration

__all__ = [
    "Attribute",
    "AttributeValue",
    "Bounds",
    "Cause",
    "CauseExtension",
    "Caution",
    "CautionLevel",
    "CitedSentence",
    "Code",
    "CodeMatch",
    "CodeSystem",
    "Evidence",
    "FamilyHistoryOf",
    "Finding",
    "FindingExtension",
    "FindingKind",
    "Group",
    "HistoryOf",
    "Indication",
    "MeasuredValue",
    "OnsetAfter",
    "Pack",
    "Population",
    "Pretest",
    "Prevention",
    "PreventionKind",
    "QualifiedFinding",
    "RedFlag",
    "ShownBy",
    "Source",
    "SourceKind",
    "Strength",
    "Suppression",
    "Test",
    "TestExtension",
    "TestKind",
    "Treatment",
    "TreatmentExtension",
    "TreatmentKind",
    "Urgency",
]

Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=80)]
DottedId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$", max_length=120)]
SourceId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*(:[A-Za-z0-9_.-]+)?$", max_length=120)]
Name = Annotated[str, Field(min_length=1, max_length=120)]
Sentence = Annotated[str, Field(min_length=1, max_length=400)]
Sources = Annotated[tuple[SourceId, ...], Field(min_length=1)]
Within = Annotated[Duration, Field(gt=timedelta(0))]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]


class Model(BaseModel):
    """A frozen model that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Replacing(Model):
    """An entry that may replace one of an earlier pack."""

    replaces: DottedId | None = Field(
        default=None, description="The id of the entry of an earlier pack that this one replaces."
    )
    reason: Sentence | None = Field(default=None, description="Why it replaces that entry.")

    @model_validator(mode="after")
    def _reason_given(self) -> Self:
        if (self.replaces is None) != (self.reason is None):
            raise ValueError("'replaces' and 'reason' go together")
        return self


class CitedSentence(Model):
    """A sentence with its sources that carries no weight: background, mechanism, benefit.

    Attributes:
        says: The sentence.
        sources: Ids of `sources.yaml` on which it rests.
    """

    says: Sentence
    sources: Sources


# --------------------------------------------------------------------------------- packs, sources


class Bounds(Model):
    """A range of numbers. At most one lower and one upper bound; at least one bound.

    ``from`` and ``up_to`` include the limit, ``above`` and ``below`` do not.

    Attributes:
        from_: At least this number.
        above: More than this number.
        up_to: At most this number.
        below: Less than this number.
    """

    from_: Number | None = Field(default=None, alias="from")
    above: Number | None = None
    up_to: Number | None = None
    below: Number | None = None

    model_config = ConfigDict(
        frozen=True, extra="forbid", validate_by_alias=True, serialize_by_alias=True
    )

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
    """For whom an entry is meant. A field that is not given does not restrict.

    Attributes:
        sex: Only people of this sex.
    """

    age: Bounds | None = Field(default=None, description="Age in years.")
    sex: Literal["female", "male"] | None = None

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


Status = Literal["draft", "reviewed", "stable", "retired"]


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


# ---------------------------------------------------------------------------------------- findings


class FindingKind(StrEnum):
    """What kind of fact a finding is."""

    SYMPTOM = "symptom"
    SIGN = "sign"
    HISTORY = "history"
    LABORATORY = "laboratory"
    EXPOSURE = "exposure"
    MEDICATION = "medication"
    TEST_RESULT = "test_result"
    ATTRIBUTE = "attribute"
    FAMILY = "family"


class MeasuredValue(Model):
    """A laboratory or other value that shows the finding present or absent.

    The entry that defines a measurement gives ``loinc``, ``unit``, ``convert`` and ``plausible``.
    A further finding that reads the same value names it by ``measurement`` and gives its own
    bounds alone, so that each fact about the measurement stands in one place.

    Attributes:
        loinc: The LOINC codes of the measurement.
        present: A value within shows the finding present.
        absent: A value within shows it absent.
    """

    measurement: Id | None = Field(
        default=None, description="Our id of the measurement; a record may use it instead of LOINC."
    )
    loinc: tuple[Annotated[str, Field(pattern=r"^\d{1,7}-\d$")], ...] = ()
    unit: Annotated[str, Field(min_length=1, max_length=40)] | None = Field(
        default=None, description="The UCUM unit that the bounds are in."
    )
    convert: dict[str, Annotated[float, Field(gt=0, allow_inf_nan=False)]] = Field(
        default={}, description="Other units: what to multiply by to reach `unit`."
    )
    plausible: Bounds | None = Field(
        default=None, description="Outside of it a value is taken for a mistake: unknown."
    )
    present: Bounds | None = None
    absent: Bounds | None = None
    within: Within | None = Field(default=None, description="An older value is unknown.")

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
    """A set of words, of which the attribute's value must be one.

    Attributes:
        one_of: The words.
    """

    one_of: Annotated[tuple[Annotated[str, Field(max_length=40)], ...], Field(min_length=1)]


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
    """An attribute of the person or of the cramp history that shows the finding.

    Attributes:
        attribute: What is read.
        unit: The UCUM unit of an attribute that is a number.
        present: What shows the finding present.
        absent: What shows it absent.
    """

    attribute: Attribute
    unit: str | None = None
    present: Range | None = None
    absent: Range | None = None

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


class QualifiedFinding(Model):
    """Another finding, present with one of these qualifiers. Never shows absent.

    Attributes:
        finding: The other finding.
        site: Its body site is one of these.
        laterality: Its side is one of these.
        severity: Its severity is one of these.
    """

    finding: FindingId
    site: tuple[str, ...] = ()
    laterality: tuple[Literal["left", "right", "bilateral"], ...] = ()
    severity: tuple[Literal["mild", "moderate", "severe"], ...] = ()

    @model_validator(mode="after")
    def _qualified(self) -> Self:
        if not (self.site or self.laterality or self.severity):
            raise ValueError("give 'site', 'laterality' or 'severity'")
        return self


class OnsetAfter(Model):
    """One finding began after another, within a time: present; earlier or later: absent.

    Attributes:
        began: The finding that began later.
        after: The finding that began first.
        within: The longest time between the two.
    """

    began: FindingId
    after: FindingId
    within: Within


class HistoryOf(Model):
    """The record holds the named finding, or one that implies it, as past.

    Attributes:
        past: The finding that is over.
    """

    past: FindingId


class FamilyHistoryOf(Model):
    """The record holds the named finding, or one that implies it, of a relative.

    Attributes:
        family: The finding of the relative.
    """

    family: FindingId


MedicineName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9 -]*$", max_length=60)]


class MedicineNamed(Model):
    """A medicine that has no code which the rules know, and whose name begins with one of these.

    Names of one substance in all parts of the world (those of the WHO, and the British and American
    ones), and of the class. A brand only if it is the same substance everywhere: some are two
    substances in two countries.

    Attributes:
        medicine_names: The names, in small letters; a record's name is read in any case.
    """

    medicine_names: Annotated[tuple[MedicineName, ...], Field(min_length=1)]


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
    """What a later pack adds to an earlier pack's finding.

    Attributes:
        extends: The finding of an earlier pack.
        synonyms: Further names.
        shown_by: Further ways in which it is shown.
        implies: Further findings that it implies.
        because: Why, in one sentence for a clinician.
        sources: Ids of `sources.yaml` on which it rests.
    """

    extends: FindingId
    synonyms: tuple[Name, ...] = ()
    shown_by: tuple[ShownBy, ...] = ()
    implies: tuple[FindingId, ...] = ()
    because: Sentence
    sources: Sources


class Finding(Replacing):
    """An entry of the vocabulary: something that can be present, absent or unknown.

    Attributes:
        id: Its id.
        name: What a clinician calls it.
        kind: What kind of fact it is.
        synonyms: Other names of it, by which a record without a code is read.
        shown_by: The values and attributes that show it present or absent.
        because: Why it is shown, implied or derived so, in one sentence for a clinician.
        sources: Ids of `sources.yaml` on which it rests.
    """

    id: FindingId
    name: Name
    kind: FindingKind
    synonyms: tuple[Name, ...] = ()
    ask: Sentence | None = Field(default=None, description="How to ask for it, in one question.")
    shown_by: tuple[ShownBy, ...] = ()
    implies: tuple[FindingId, ...] = Field(
        default=(), description="Present here means present there; absent there, absent here."
    )
    derived: Criterion | None = Field(
        default=None, description="Present when this is true, absent when it is false."
    )
    within: Within | None = Field(default=None, description="An older assertion is unknown.")
    because: Sentence | None = None
    sources: Sources = ()

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


# ------------------------------------------------------------------------------- causes, evidence


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


# ---------------------------------------------------------------------------------- tests and care


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


# ------------------------------------------------------------------------------------------- codes


class CodeSystem(StrEnum):
    """The code systems that rule files and records may use."""

    HPO = "HPO"
    ICD_10_CM = "ICD-10-CM"
    SNOMED_CT = "SNOMED-CT"
    LOINC = "LOINC"
    RXNORM = "RxNorm"
    MONDO = "MONDO"
    OMIM = "OMIM"
    ORPHA = "ORPHA"


class CodeMatch(StrEnum):
    """How a code relates to the concept.

    ``exact`` works both ways. ``narrower`` shows present only. ``broader`` shows absent only.
    ``used_as`` is a broader code by which records usually say the concept: it works both ways,
    with a note. ``related`` shows nothing.
    """

    EXACT = "exact"
    NARROWER = "narrower"
    BROADER = "broader"
    USED_AS = "used_as"
    RELATED = "related"


CODE_SHAPES: dict[CodeSystem, str] = {
    CodeSystem.HPO: r"HP:\d{7}",
    CodeSystem.ICD_10_CM: r"[A-Z]\d[0-9A-Z](\.[0-9A-Z]{1,4})?",
    CodeSystem.SNOMED_CT: r"\d{6,18}",
    CodeSystem.LOINC: r"\d{1,7}-\d",
    CodeSystem.RXNORM: r"\d{1,8}",
    CodeSystem.MONDO: r"MONDO:\d{7}",
    CodeSystem.OMIM: r"OMIM:\d{6}",
    CodeSystem.ORPHA: r"ORPHA:\d{1,6}",
}
"""What a code of each system looks like (a regular expression for the whole code)."""


class Code(Model):
    """A row of ``codes/*.csv``: a code and the concept of ours that it stands for.

    Attributes:
        system: The terminology.
        code: The code.
        match: How it relates to the concept.
        concept_kind: What kind of thing the concept is.
        concept: The id of the concept.
        display: How the terminology words the code.
    """

    system: CodeSystem
    code: str
    match: CodeMatch
    concept_kind: Literal["finding", "cause", "test", "treatment"]
    concept: Id
    display: str
