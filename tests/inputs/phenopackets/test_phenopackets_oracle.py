"""The official package as the oracle: whatever it writes is read, and says what it says."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from crampdx.errors import RecordError
from crampdx.inputs.detection import form_of, read
from crampdx.inputs.phenopackets import read_phenopacket

v2 = pytest.importorskip("phenopackets.schema.v2")
json_format = pytest.importorskip("google.protobuf.json_format")

CLASSES = st.sampled_from(
    [
        ("HP:0003394", "Muscle spasm"),
        ("HP:0002380", "Fasciculations"),
        ("MONDO:0004976", "amyotrophic lateral sclerosis"),
        ("LOINC:2823-3", "Potassium"),
        ("HP:0012828", "Severe"),
        ("HP:0012834", "Right"),
        ("HP:0003577", "Congenital onset"),
        ("NCIT:C25626", "Present"),
        ("NCIT:C48190", "Absent"),
        ("UCUM:mmol/L", ""),
        ("", "without a code"),
    ]
).map(lambda pair: {"id": pair[0], "label": pair[1]})
STAMPS = st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)).map(
    lambda moment: moment.isoformat() + "Z"
)
AGES = st.builds("P{}Y{}M{}D".format, st.integers(0, 90), st.integers(0, 11), st.integers(0, 30))
YEARS = st.builds("P{}Y".format, st.integers(0, 90))
AGE = st.fixed_dictionaries({"iso8601duration": AGES | YEARS})
INTERVALS = st.fixed_dictionaries({"start": STAMPS, "end": STAMPS})
TIMES = st.one_of(
    AGE.map(lambda age: {"age": age}),
    st.fixed_dictionaries({"start": AGE, "end": AGE}).map(lambda ages: {"ageRange": ages}),
    st.builds(lambda weeks: {"gestationalAge": {"weeks": weeks}}, st.integers(1, 42)),
    CLASSES.map(lambda kind: {"ontologyClass": kind}),
    STAMPS.map(lambda stamp: {"timestamp": stamp}),
    INTERVALS.map(lambda interval: {"interval": interval}),
)


def message(required: dict[str, Any], **optional: Any) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(required, optional=optional)


QUANTITIES = message({"value": st.floats(-1e6, 1e6)}, unit=CLASSES)
TYPED = message({"type": CLASSES}, quantity=QUANTITIES)
FEATURES = message(
    {"type": CLASSES},
    excluded=st.booleans(),
    severity=CLASSES,
    modifiers=st.lists(CLASSES, max_size=3),
    onset=TIMES,
    resolution=TIMES,
    description=st.text(max_size=20),
)
MEASUREMENTS = st.one_of(
    message(
        {"assay": CLASSES, "value": QUANTITIES.map(lambda quantity: {"quantity": quantity})},
        timeObserved=TIMES,
    ),
    message(
        {"assay": CLASSES, "value": CLASSES.map(lambda kind: {"ontologyClass": kind})},
        timeObserved=TIMES,
    ),
    message(
        {"complexValue": st.fixed_dictionaries({"typedQuantities": st.lists(TYPED, max_size=3)})},
        assay=CLASSES,
    ),
)
DISEASES = message(
    {"term": CLASSES},
    excluded=st.booleans(),
    onset=TIMES,
    resolution=TIMES,
    primarySite=CLASSES,
    laterality=CLASSES,
)
DOSES = message({}, interval=INTERVALS, quantity=QUANTITIES)
ACTIONS = st.one_of(
    message(
        {"treatment": message({"agent": CLASSES}, doseIntervals=st.lists(DOSES, max_size=3))},
        treatmentTerminationReason=CLASSES,
        adverseEvents=st.lists(CLASSES, max_size=2),
    ),
    message({"procedure": message({"code": CLASSES}, performed=TIMES)}),
    st.just({"radiationTherapy": {"modality": {"id": "NCIT:C1", "label": ""}}}),
    st.just({}),
)
SUBJECTS = message(
    {"id": st.text(max_size=5)},
    sex=st.sampled_from(["UNKNOWN_SEX", "FEMALE", "MALE", "OTHER_SEX"]),
    dateOfBirth=STAMPS,
    timeAtLastEncounter=TIMES,
    vitalStatus=st.sampled_from(["ALIVE", "DECEASED"]).map(lambda status: {"status": status}),
)
PACKETS = message(
    {"id": st.just("p"), "metaData": st.just({"phenopacketSchemaVersion": "2.0"})},
    subject=SUBJECTS,
    phenotypicFeatures=st.lists(FEATURES, max_size=4),
    measurements=st.lists(MEASUREMENTS, max_size=3),
    diseases=st.lists(DISEASES, max_size=3),
    medicalActions=st.lists(ACTIONS, max_size=3),
    interpretations=st.lists(
        st.just({"id": "i", "diagnosis": {"disease": {"id": "OMIM:105400"}}}), max_size=1
    ),
)
FAMILIES = message(
    {"id": st.just("f"), "proband": PACKETS, "metaData": st.just({"createdBy": "test"})},
    relatives=st.lists(PACKETS, max_size=2),
)


def parsed(document: dict[str, Any]) -> Any:
    kind = v2.Family if "proband" in document else v2.Phenopacket
    return json_format.ParseDict(document, kind())


@given(PACKETS | FAMILIES)
def test_all_forms_are_one(document: dict[str, Any]) -> None:
    """The message and its JSON in both cases, as data and as text, and YAML give one record."""
    official = parsed(document)
    camel = json_format.MessageToDict(official)
    snake = json_format.MessageToDict(official, preserving_proto_field_name=True)
    numbers = json_format.MessageToDict(official, use_integers_for_enums=True)
    texts = [json.dumps(camel), json.dumps(snake).encode(), yaml.safe_dump(camel)]
    record = read_phenopacket(official)
    assert form_of(official) == form_of(camel) == "phenopacket"
    assert all(read(form) == record for form in [camel, snake, numbers, *texts])


@given(PACKETS)
def test_defaults_written_out(document: dict[str, Any]) -> None:
    """Fields at their default say the same as fields that are not there."""
    official = parsed(document)
    whole = json_format.MessageToDict(official, always_print_fields_with_no_presence=True)
    assert read_phenopacket(whole).findings == read_phenopacket(official).findings
    assert read_phenopacket(whole).diagnoses == read_phenopacket(official).diagnoses


@given(PACKETS)
def test_states_are_those_of_the_message(document: dict[str, Any]) -> None:
    """A feature is absent just where the message says that it is excluded."""
    official = parsed(document)
    states = {
        f"phenotypicFeatures[{index}]": feature.excluded
        for index, feature in enumerate(official.phenotypic_features)
    }
    for finding in read_phenopacket(official).findings:
        assert finding.origin is not None
        assert (finding.status.value == "absent") == states[finding.origin]


@given(PACKETS)
def test_nothing_is_lost(document: dict[str, Any]) -> None:
    """Every feature, disease and action is an entry of the record or is left out by name."""
    official = parsed(document)
    record = read_phenopacket(official)
    read_places = {
        entry.origin
        for section in ("findings", "diagnoses", "medications", "test_results", "measurements")
        for entry in getattr(record, section)
    }
    left_out = {place for item in record.left_out for place in item.places}
    for name, items in (
        ("phenotypicFeatures", official.phenotypic_features),
        ("diseases", official.diseases),
        ("medicalActions", official.medical_actions),
    ):
        for index in range(len(items)):
            assert f"{name}[{index}]" in read_places | left_out


@given(PACKETS)
def test_values_are_those_of_the_message(document: dict[str, Any]) -> None:
    """A measured value is the number of the message."""
    official = parsed(document)
    for measurement in read_phenopacket(official).measurements:
        assert measurement.origin is not None
        index = int(measurement.origin.split("[")[1].split("]")[0])
        source = official.measurements[index]
        values = [item.quantity.value for item in source.complex_value.typed_quantities]
        assert measurement.value in [source.value.quantity.value, *values]


def test_cohort_message_is_refused() -> None:
    """A cohort is refused as a message too."""
    cohort = v2.Cohort(id="c", members=[v2.Phenopacket(id="a")])
    cohort.meta_data.created_by = "test"
    with pytest.raises(RecordError, match="cohort"):
        read_phenopacket(cohort)


def test_broken_message_is_refused() -> None:
    """A message that cannot be written as JSON is refused."""
    packet = v2.Phenopacket(id="a")
    packet.subject.date_of_birth.seconds = 10**15
    with pytest.raises(RecordError, match="message"):
        read_phenopacket(packet)
