"""Phenopackets written by hand: what becomes of each part, and what is refused."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import crampdx
from crampdx.errors import RecordError
from crampdx.inputs.phenopackets import read_phenopacket
from crampdx.record.models import MAX_ENTRIES, PatientRecord

CRAMP = {"type": {"id": "HP:0003394", "label": "Muscle spasm"}}
POTASSIUM = {"id": "LOINC:2823-3", "label": "Potassium"}
ALS = {"id": "OMIM:105400", "label": "Amyotrophic lateral sclerosis 1"}


def packet(**parts: Any) -> dict[str, Any]:
    return {"id": "p", "subject": {"id": "s"}, "metaData": {}, **parts}


def left_out(record: PatientRecord) -> dict[str, tuple[str, ...]]:
    return {item.reason: item.places for item in record.left_out}


def feature(**parts: Any) -> PatientRecord:
    return read_phenopacket(packet(phenotypicFeatures=[{**CRAMP, **parts}]))


def test_excluded_is_absent() -> None:
    """A feature is present unless it is excluded; null says nothing."""
    record = read_phenopacket(
        packet(phenotypicFeatures=[CRAMP, {**CRAMP, "excluded": True}, {**CRAMP, "excluded": None}])
    )
    assert [f.status.value for f in record.findings] == ["present", "absent", "present"]
    assert [f.origin for f in record.findings][2] == "phenotypicFeatures[2]"


@pytest.mark.parametrize("excluded", ["true", 1, [], {}])
def test_doubtful_exclusion(excluded: Any) -> None:
    """What is neither true nor false is not taken for present."""
    record = feature(excluded=excluded)
    assert not record.findings
    assert left_out(record) == {"malformed": ("phenotypicFeatures[0]",)}


def test_qualified_exclusion() -> None:
    """That there is no severe cramp does not say that there is no cramp."""
    record = feature(excluded=True, severity={"id": "HP:0012828", "label": "Severe"})
    assert not record.findings
    assert left_out(record) == {"qualified_exclusion": ("phenotypicFeatures[0]",)}


def test_qualities() -> None:
    """Severity and side are read; every other modifier is named as left out."""
    record = feature(
        severity={"id": "HP:0012826"},
        modifiers=[{"id": "HP:0012834"}, {"id": "HP:0031796", "label": "Recurrent"}],
        description="at\x00night",
    )
    found = record.findings[0]
    assert (found.severity, found.laterality, found.note) == ("moderate", "right", "at night")
    assert left_out(record) == {"modifier": ("phenotypicFeatures[0].modifiers[1]",)}


def test_conflicting_qualities() -> None:
    """Two sides at once are no side; both are named."""
    record = feature(modifiers=[{"id": "HP:0012834"}, {"id": "HP:0012835"}])
    assert record.findings[0].laterality is None
    assert len(left_out(record)["modifier"]) == 2


def test_resolution() -> None:
    """What has resolved is past, whether or not the day is known."""
    dated = feature(resolution={"timestamp": "2024-05-01T00:00:00Z"}).findings[0]
    undated = feature(resolution={"age": {"iso8601duration": "P5Y"}}).findings[0]
    assert (dated.end, dated.status.value) == ("2024-05-01", "present")
    assert (undated.end, undated.status.value) == (None, "past")


BORN = {"id": "s", "dateOfBirth": "1980-03-15T00:00:00Z"}


@pytest.mark.parametrize(
    ("onset", "date"),
    [
        ({"timestamp": "2020-02-03T10:00:00Z"}, "2020-02-03"),
        ({"interval": {"start": "2020-02-03T00:00:00Z", "end": "2020-02-09T00:00:00Z"}}, "2020-02"),
        ({"interval": {"start": "2020-02-03T00:00:00Z", "end": "2020-04-09T00:00:00Z"}}, "2020"),
        ({"interval": {"start": "2019-12-03T00:00:00Z", "end": "2020-04-09T00:00:00Z"}}, None),
        ({"age": {"iso8601duration": "P40Y1M1D"}}, "2020-04-16"),
        ({"age": {"iso8601duration": "P40Y1M"}}, "2020"),
        ({"age": {"iso8601duration": "P40Y"}}, None),
        ({"age": {"iso8601duration": "P40.5Y"}}, None),
        ({"age": {"iso8601duration": "P9999Y"}}, None),
        ({"ageRange": {"start": {"iso8601duration": "P40Y1D"}, "end": {}}}, None),
        (
            {
                "ageRange": {
                    "start": {"iso8601duration": "P40Y1D"},
                    "end": {"iso8601duration": "P40Y3D"},
                }
            },
            "2020-03",
        ),
        ({"gestationalAge": {"weeks": 20}}, None),
        ({"ontologyClass": {"id": "HP:0003581", "label": "Adult onset"}}, None),
        ({"timestamp": "soon"}, None),
        ("2020", None),
    ],
)
def test_onset(onset: Any, date: str | None) -> None:
    """A time becomes a date only where it lies in one day, month or year; else it is left out."""
    document = packet(subject=BORN, phenotypicFeatures=[{**CRAMP, "onset": onset}])
    record = read_phenopacket(document)
    assert record.findings[0].onset == date
    place = ("phenotypicFeatures[0].onset",)
    assert left_out(record) == ({} if date else {"uncertain_time": place})


def test_age_without_birth_is_no_date() -> None:
    """An age alone names no day."""
    assert feature(onset={"age": {"iso8601duration": "P40Y1M1D"}}).findings[0].onset is None


def age(said: str) -> dict[str, Any]:
    return {"age": {"iso8601duration": said}}


def years(first: str, last: str) -> dict[str, Any]:
    return {"ageRange": {"start": {"iso8601duration": first}, "end": {"iso8601duration": last}}}


DAY = {"timestamp": "2024-01-02T00:00:00Z"}


@pytest.mark.parametrize(
    ("birth", "encounter", "as_of", "expected"),
    [
        ({}, age("P41Y6M"), None, (None, 41.5)),
        ({}, DAY, None, ("2024-01-02", None)),
        (BORN, DAY, None, ("2024-01-02", 43)),
        (BORN, DAY, "2024-03-15", ("2024-03-15", 44)),
        (BORN, age("P40Y"), None, (None, 40)),
        ({}, years("P40Y", "P44Y"), None, (None, None)),
        ({}, years("P40Y", "P40Y11M"), None, (None, 40)),
        ({}, age("P400Y"), None, (None, None)),
    ],
)
def test_age_and_day(
    birth: Any, encounter: Any, as_of: str | None, expected: tuple[Any, Any]
) -> None:
    """The day is the caller's, else that of the last encounter; the age is that on this day."""
    subject = {**birth, "timeAtLastEncounter": encounter}
    record = read_phenopacket(packet(subject=subject, metaData={"created": "2025-01-01"}), as_of)
    assert (record.as_of, record.age) == expected


@pytest.mark.parametrize(
    ("sex", "expected"),
    [("FEMALE", "female"), (2, "male"), ("OTHER_SEX", "other"), ("UNKNOWN_SEX", None), (0, None)],
)
def test_sex(sex: Any, expected: str | None) -> None:
    """The words and numbers of the enumeration are read."""
    record = read_phenopacket(packet(subject={"sex": sex}))
    assert (record.sex, record.left_out) == (expected, ())


@pytest.mark.parametrize("sex", ["female", True, 7, [], {}])
def test_unknown_sex_is_left_out(sex: Any) -> None:
    """Any other word is left out, with its place."""
    record = read_phenopacket(packet(subject={"sex": sex}))
    assert (record.sex, left_out(record)) == (None, {"malformed": ("subject.sex",)})


def measured(**parts: Any) -> PatientRecord:
    quantity = {"unit": {"id": "UCUM:mmol/L", "label": "millimole per liter"}, "value": 2.9}
    assay = {"assay": POTASSIUM, "value": {"quantity": quantity}, **parts}
    return read_phenopacket(packet(measurements=[assay]))


def test_quantity() -> None:
    """A value has its assay's code, its UCUM unit and its day; and it reaches the rules."""
    record = measured(timeObserved={"timestamp": "2024-05-01T08:00:00Z"})
    found = record.measurements[0]
    assert (found.code[0].system, found.code[0].code) == ("LOINC", "2823-3")
    assert (found.value, found.unit, found.date) == (2.9, "mmol/L", "2024-05-01")
    answer = crampdx.assess(read_phenopacket(packet(measurements=[{
        "assay": POTASSIUM,
        "value": {"quantity": {"unit": {"id": "UCUM:mmol/L"}, "value": 2.9}},
    }])))  # fmt: skip
    assert "hypokalemia" in [candidate.cause for candidate in answer.candidates]


def test_unknown_unit_is_no_unit() -> None:
    """A unit of another vocabulary is not guessed; the assessment then warns."""
    record = measured(value={"quantity": {"unit": {"id": "NCIT:C1", "label": "?"}, "value": 3}})
    assert record.measurements[0].unit is None
    assert "unit" in [warning.code for warning in crampdx.assess(record).warnings]


@pytest.mark.parametrize(
    "value",
    [
        {"quantity": {"value": "NaN"}},
        {"quantity": {"value": "?"}},
        {"quantity": {"value": "1_0.5"}},
        {"quantity": {"value": " 2.9"}},
        {"quantity": {"value": "+2.9"}},
        {"quantity": {"value": "2."}},
        {"quantity": {"value": "02.9"}},
        {"quantity": {"value": "\u0662.9"}},
        {"quantity": {"value": True}},
        {"quantity": {}},
        {},
        None,
    ],
)
def test_no_value(value: Any) -> None:
    """What is no number is left out."""
    record = measured(value=value)
    assert not record.measurements
    assert record.left_out[0].reason in ("no_value", "malformed")


def test_value_of_uncertain_time() -> None:
    """A value of an unknown day must not pass for a current one."""
    record = measured(timeObserved={"age": {"iso8601duration": "P30Y"}})
    assert not record.measurements
    assert left_out(record) == {"undated_value": ("measurements[0]",)}


def test_value_of_last_encounter() -> None:
    """A value observed at the age of the last encounter is of that encounter."""
    age = {"age": {"iso8601duration": "P30Y"}}
    assay = {"assay": POTASSIUM, "value": {"quantity": {"value": 3}}, "timeObserved": age}
    document = packet(subject={"timeAtLastEncounter": age}, measurements=[assay])
    record = read_phenopacket(document, "2024-05-01")
    assert record.measurements[0].date == "2024-05-01"


def test_complex_value() -> None:
    """Each typed quantity is a value of its own; one that cannot be read spares the others."""
    quantities = [{"type": POTASSIUM, "quantity": {"value": 3}}, {"type": POTASSIUM}]
    record = measured(value=None, complexValue={"typedQuantities": quantities})
    place = "measurements[0].complexValue.typedQuantities[{}]"
    assert [m.origin for m in record.measurements] == [place.format(0)]
    assert left_out(record) == {"no_value": (place.format(1),)}


@pytest.mark.parametrize(
    ("shown", "code", "status"),
    [
        ("NCIT:C25626", "2823-3", "present"),
        ("NCIT:C48190", "2823-3", "absent"),
        ("HP:0002900", "HP:0002900", "present"),
    ],
)
def test_value_in_words(shown: str, code: str, status: str) -> None:
    """Present and absent speak of the assay; any other class is what the test showed."""
    record = measured(value={"ontologyClass": {"id": shown}})
    said = record.test_results[0].shows[0]
    assert (said.code[0].code, said.status.value) == (code, status)
    assert said.origin == "measurements[0].value.ontologyClass"


def test_disease() -> None:
    """Diseases are diagnoses with their site and side."""
    record = read_phenopacket(packet(diseases=[
        {"term": ALS, "laterality": {"id": "HP:0012835"}, "primarySite": {"label": "arm"}},
        {"term": ALS, "excluded": True},
        {"term": ALS, "excluded": True, "primarySite": {"label": "arm"}},
    ]))  # fmt: skip
    first, second = record.diagnoses
    assert (first.laterality, first.body_site) == ("left", "arm")
    assert second.status.value == "absent"
    assert left_out(record) == {"qualified_exclusion": ("diseases[2]",)}


def action(**parts: Any) -> PatientRecord:
    return read_phenopacket(packet(medicalActions=[parts]))


AGENT = {"agent": {"id": "DrugCentral:2445", "label": "simvastatin"}}


def interval(start: str, end: str | None = None) -> dict[str, Any]:
    return {"interval": {"start": start, **({"end": end} if end else {})}}


def test_medicine() -> None:
    """A treatment is a medicine, from its first dose to its last; its name is read by the rules."""
    doses = [interval("2024-01-01", "2024-02-01"), interval("2023-01-01", "2023-02-01")]
    record = action(treatment={**AGENT, "doseIntervals": doses})
    taken = record.medications[0]
    assert (taken.start, taken.stop, taken.context) == ("2023-01-01", "2024-02-01", "taken")
    current = crampdx.assess(action(treatment=AGENT))
    assert "read_from_name" in [warning.code for warning in current.warnings]


def test_open_dose() -> None:
    """A medicine with a dose that goes on has no stop."""
    doses = [interval("2024-01-01", "2024-02-01"), interval("2024-02-02")]
    assert action(treatment={**AGENT, "doseIntervals": doses}).medications[0].stop is None


def test_terminated_medicine() -> None:
    """A medicine that was given up is past, also where no day is known."""
    reason = {"id": "NCIT:C41331", "label": "Adverse Event"}
    record = action(treatment=AGENT, treatmentTerminationReason=reason)
    assert record.medications[0].status.value == "past"


def test_procedure() -> None:
    """A procedure is a test that was done, on its day."""
    code = {"id": "SNOMEDCT:5880005", "label": "Physical examination procedure"}
    record = action(procedure={"code": code, "performed": {"timestamp": "2024-05-01T00:00:00Z"}})
    result = record.test_results[0]
    assert (result.code[0].system, result.date) == ("SNOMED-CT", "2024-05-01")
    assert "physical_examination" in crampdx.assess(record, as_of_article()).tests_done


def as_of_article() -> crampdx.KnowledgeBase:
    return crampdx.KnowledgeBase.load("article")


def test_unread_parts_are_named() -> None:
    """What is not read, and above all the answer, is left out with its place."""
    record = read_phenopacket(packet(
        subject={"vitalStatus": {"status": "DECEASED"}},
        interpretations=[{"diagnosis": {"disease": ALS}}],
        biosamples=[{"id": "b"}],
        medicalActions=[{"radiationTherapy": {}, "adverseEvents": [{"id": "HP:0003394"}]}],
    ))  # fmt: skip
    assert not record.diagnoses
    assert left_out(record) == {
        "interpretation": ("interpretations[0]",),
        "not_read": (
            "medicalActions[0].adverseEvents[0]",
            "medicalActions[0]",
            "biosamples[0]",
            "subject.vitalStatus.status",
        ),
    }


def test_family() -> None:
    """The proband is the patient; relatives give a family history and nothing else."""
    relative = packet(
        subject={"id": "mother"},
        phenotypicFeatures=[CRAMP, {**CRAMP, "excluded": True}],
        diseases=[{"term": ALS}],
    )
    family = {
        "id": "f",
        "proband": packet(phenotypicFeatures=[CRAMP]),
        "relatives": [relative, packet(phenotypicFeatures=[CRAMP])],
        "pedigree": {"persons": []},
    }
    record = read_phenopacket(family)
    assert [f.origin for f in record.findings] == ["proband.phenotypicFeatures[0]"]
    assert [f.origin for f in record.family_history] == [
        "relatives[0].phenotypicFeatures[0]",
        "relatives[0].diseases[0]",
    ]
    assert left_out(record) == {
        "excluded_in_relative": ("relatives[0].phenotypicFeatures[1]",),
        "not_read": ("pedigree",),
        "same_person": ("relatives[1]",),
    }


def test_packet_without_features() -> None:
    """A packet without features is assessed; nothing is taken for absent."""
    assert crampdx.assess(read_phenopacket(packet())).conclusion == "not_enough_to_rank"


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ({}, ""),
        ([], ""),
        (None, ""),
        (5, ""),
        ("", ""),
        ("{", ""),
        (b"\xff", ""),
        ("subject: *alias", ""),
        ("subject: &a {}\nid: *a", ""),
        ({"metaData": {}, "members": [packet(), packet()]}, "members"),
        ({"proband": []}, "proband"),
        ({"metaData": {"phenopacketSchemaVersion": "1.0.0"}}, "metaData.phenopacketSchemaVersion"),
        (packet(subject={"taxonomy": {"id": "NCBITaxon:10090"}}), "subject.taxonomy"),
    ],
)
def test_refused(document: Any, place: str) -> None:
    """What is no packet of one human being is refused, with the place."""
    with pytest.raises(RecordError) as caught:
        read_phenopacket(document)
    assert caught.value.issues[0].path == place


@pytest.mark.parametrize("as_of", ["", "today", "2024-13-01", 5])
def test_wrong_day(as_of: Any) -> None:
    """A day that is none is refused."""
    with pytest.raises(RecordError, match="as_of"):
        read_phenopacket(packet(), as_of)


def test_negated_is_not_present() -> None:
    """The word by which version 1 excludes is never passed over."""
    assert not feature(negated=True).findings


def test_nameless_parts() -> None:
    """A part without a usable name is left out; a label alone is kept as text."""
    record = read_phenopacket(packet(phenotypicFeatures=[
        {}, None, 5, {"type": {"id": "spasm"}}, {"type": {"label": "Spasm"}},
    ]))  # fmt: skip
    assert [f.text for f in record.findings] == ["Spasm"]
    assert record.left_out[0].count == 4


def test_too_many() -> None:
    """What is beyond the bounds of a record is counted."""
    record = read_phenopacket(packet(phenotypicFeatures=[CRAMP] * (MAX_ENTRIES + 30)))
    found = record.left_out[0]
    assert (len(record.findings), found.reason, found.count) == (MAX_ENTRIES, "too_many", 30)
    assert len(found.places) == 20


def test_long_texts() -> None:
    """Texts over the bounds are cut, codes over the bounds are left out."""
    long = {"id": "HP:0003394", "label": "x" * 1000}
    record = read_phenopacket(packet(phenotypicFeatures=[
        {"type": long, "description": "y" * 9999},
        {"type": {"id": "X:" + "9" * 101}},
    ]))  # fmt: skip
    assert len(record.findings[0].code[0].display or "") == 400
    assert len(record.findings[0].note or "") == 4000
    assert len(record.findings) == 1


KEYS = st.sampled_from(
    [
        "id",
        "subject",
        "phenotypicFeatures",
        "phenotypic_features",
        "measurements",
        "diseases",
        "medicalActions",
        "proband",
        "relatives",
        "members",
        "metaData",
        "type",
        "term",
        "excluded",
        "severity",
        "modifiers",
        "onset",
        "resolution",
        "age",
        "ageRange",
        "iso8601duration",
        "timestamp",
        "interval",
        "start",
        "end",
        "ontologyClass",
        "assay",
        "value",
        "quantity",
        "unit",
        "label",
        "complexValue",
        "typedQuantities",
        "timeObserved",
        "treatment",
        "agent",
        "doseIntervals",
        "procedure",
        "code",
        "performed",
        "sex",
        "dateOfBirth",
        "timeAtLastEncounter",
        "vitalStatus",
        "status",
        "taxonomy",
        "pedigree",
        "primarySite",
        "laterality",
        "description",
        "interpretations",
        "adverseEvents",
    ]
)
TEXTS = [
    "HP:0003394",
    "P40Y",
    "P1M3D",
    "P999Y",
    "2020-02-30",
    "2020-02-03",
    "9999-12-31",
    "0001-01-01",
    "FEMALE",
    "UCUM:%",
    "NaN",
    "1e400",
]
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(TEXTS)
)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=25,
)


@given(st.dictionaries(KEYS, TREES, max_size=6))
def test_any_data(document: Any) -> None:
    """Whatever stands in a packet, it is read into a record or refused."""
    try:
        record = read_phenopacket({"subject": {}, **document})
    except RecordError:
        return
    crampdx.parse_record(record.model_dump_json())


@given(st.text() | st.binary())
def test_any_text(text: str | bytes) -> None:
    """Whatever the text, it is read or refused."""
    with contextlib.suppress(RecordError):
        read_phenopacket(text)


@pytest.mark.parametrize("key", ["id", "label"])
def test_refusals_show_no_values(key: str) -> None:
    """A refusal names places, never what stands there."""
    with pytest.raises(RecordError) as caught:
        read_phenopacket({"subject": {"taxonomy": {"id": "NCBITaxon:1", key: "Zorblax"}}})
    assert "Zorblax" not in str(caught.value)


def test_deep_data() -> None:
    """Data nested without end is read or refused."""
    deep: Any = {}
    for _ in range(100_000):
        deep = {"age": deep}
    subject = {"timeAtLastEncounter": deep}
    assay = {"assay": POTASSIUM, "value": {"quantity": {"value": 1}}, "timeObserved": deep}
    assert not read_phenopacket(packet(subject=subject, measurements=[assay])).measurements
    with pytest.raises(RecordError):
        read_phenopacket('{"subject": ' + "[" * 100_000)
    with pytest.raises(RecordError):
        read_phenopacket("subject: " + "[" * 100_000)


def test_a_number_as_text_is_read() -> None:
    """JSON of protobuf may write a number as text, by the syntax of JSON."""
    record = measured(value={"quantity": {"value": "2.9e0", "unit": {"id": "UCUM:mmol/L"}}})
    assert record.measurements[0].value == 2.9


def test_a_packet_of_a_few_objects_many_times_over_is_refused() -> None:
    """What Python shares is counted as often as it is there: 10,000 relatives."""
    relative = packet(phenotypicFeatures=[CRAMP] * 10_000, subject={"id": "r"})
    with pytest.raises(RecordError, match="too many parts"):
        read_phenopacket({"proband": packet(), "relatives": [relative] * 10_000})


def test_a_packet_that_contains_itself_is_refused() -> None:
    """A circle has more parts than any packet."""
    circle = packet()
    circle["relatives"] = [circle] * 3
    with pytest.raises(RecordError, match="too many parts"):
        read_phenopacket(circle)
