"""Laws of the reader: nothing but a refusal is raised, and form does not change an answer."""

from __future__ import annotations

import contextlib
import copy
import json
from pathlib import Path
from typing import Any

import pytest
from fhir_parts import AS_OF, LOINC, PATIENT, RXNORM, bundle, concept, resource
from hypothesis import given
from hypothesis import strategies as st
from json_values import holder, places, put

import crampdx
from crampdx import RecordError
from crampdx.inputs.fhir import read_fhir
from crampdx.inputs.fhir.reading import READERS

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "fhir_bundle.json"

FIELDS = [
    *("resourceType", "id", "status", "code", "coding", "system", "subject", "reference"),
    *("entry", "resource", "valueQuantity", "value", "unit", "effectiveDateTime", "component"),
    *("contained", "item", "answer", "linkId", "medicationReference", "verificationStatus"),
    *("birthDate", "gender", "link", "relation", "fullUrl", "meta", "questionnaire", "authored"),
]
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(["Bundle", "Patient", "Patient/p", "final", "2026-01-01", *READERS])
)
JSON = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=6), inner, max_size=6)
    ),
    max_leaves=30,
)


def survives(document: Any) -> None:
    """Read it, and assess what was read, unless it is refused."""
    try:
        record = read_fhir(document, AS_OF)
    except RecordError:
        return
    assert crampdx.parse_record(record.model_dump_json()) == record


@given(JSON)
def test_any_json_is_read_or_refused(document: Any) -> None:
    """Never anything else is raised, and what is read is a sound record."""
    survives(document)


@given(st.sampled_from(sorted(READERS)), st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=6))
def test_any_resource_is_read_or_left_out(kind: str, fields: dict[str, Any]) -> None:
    """Whatever stands in the fields of a resource, the patient is read."""
    given_resource = {"resourceType": kind, **fields, "status": "final"}
    survives([PATIENT, given_resource])


@given(st.text(max_size=60) | st.binary(max_size=60))
def test_any_text_is_read_or_refused(text: str | bytes) -> None:
    """Text that is no JSON is refused."""
    survives(text)


DOCUMENT: dict[str, Any] = json.loads(EXAMPLE.read_text(encoding="utf-8"))
PATHS = places(DOCUMENT)
WRONG = st.sampled_from(
    [None, True, 0, -1.5, "", "x", "\x00", [], {}, [[]], [{}], [None], {"x": {}}, "2026-02-30"]
)


Changes = list[tuple[tuple[Any, ...], Any]]
CHANGES = st.lists(st.tuples(st.sampled_from(PATHS), WRONG | JSON), min_size=1, max_size=4)


@given(CHANGES)
def test_a_broken_bundle_is_read_or_refused(changes: Changes) -> None:
    """Whatever fields of a sound bundle are altered."""
    survives(changed(DOCUMENT, changes))


def changed(sound: dict[str, Any], changes: Changes) -> dict[str, Any]:
    """A document with other values in some places, as far as they are still there."""
    document = copy.deepcopy(sound)
    for path, value in changes:
        with contextlib.suppress(KeyError, IndexError, TypeError):
            put(document, path, value)
    return document


def test_a_bundle_without_any_one_field_is_read_or_refused() -> None:
    """Each field in turn, of one resource of each type."""
    seen: dict[str, Any] = {}
    for entry in DOCUMENT["entry"]:
        seen.setdefault(entry["resource"]["resourceType"], entry)
    small = {"resourceType": "Bundle", "entry": list(seen.values())}
    for path in places(small):
        document = copy.deepcopy(small)
        del holder(document, path)[path[-1]]
        survives(document)


def test_no_message_holds_a_value_of_the_document() -> None:
    """A refusal names the field, not what stands in it."""
    secret = {**PATIENT, "id": "secret-one", "name": [{"family": "Secret"}]}
    with pytest.raises(RecordError) as refusal:
        read_fhir([secret, {**secret, "id": "secret-two"}])
    assert "ecret" not in str(refusal.value)


# ----------------------------------------------------------------------------------- the answers


@pytest.fixture(scope="module")
def assessor() -> crampdx.Assessor:
    return crampdx.Assessor(crampdx.KnowledgeBase.load())


def answer(assessor: crampdx.Assessor, record: Any) -> list[tuple[str, int]]:
    assessment = assessor.assess(record)
    return [(candidate.cause, candidate.score) for candidate in assessment.candidates]


def test_the_same_facts_give_the_same_answer(assessor: crampdx.Assessor) -> None:
    """Given as FHIR, or as a record of ours."""
    document = bundle(
        PATIENT,
        resource("Condition", "a", code=concept("55300003"), onsetDateTime="2025-12-01"),
        resource("Condition", "b", code=concept("399957001"), verificationStatus="refuted"),
        resource(
            "Observation",
            "c",
            status="final",
            code=concept("2823-3", LOINC),
            valueQuantity={"value": 2.9, "code": "mmol/L"},
            effectiveDateTime="2026-03-01T08:00:00Z",
        ),
        resource("Observation", "d", status="final", code=concept("82470000"), valueBoolean=False),
        resource(
            "MedicationRequest",
            "e",
            status="active",
            intent="order",
            medicationCodeableConcept=concept("5487", RXNORM),
            authoredOn="2025-10-01",
        ),
    )
    ours = {
        "as_of": AS_OF,
        "age": 65,
        "sex": "male",
        "findings": {
            "SNOMED-CT:55300003": {"onset": "2025-12-01"},
            "SNOMED-CT:399957001": False,
            "SNOMED-CT:82470000": False,
        },
        "measurements": {"LOINC:2823-3": {"value": 2.9, "unit": "mmol/L", "date": "2026-03-01"}},
        "medications": {"RxNorm:5487": {"status": "present", "start": "2025-10-01"}},
    }
    found = answer(assessor, read_fhir(document, AS_OF))
    assert found == answer(assessor, ours)
    assert found[0][0] in {"hypokalemia", "diuretic_induced_cramps"}


NAMED = st.sampled_from(
    [
        *map(concept, ("55300003", "399957001", "82470000", "40930008", "1", "2")),
        *(concept(code, LOINC) for code in ("2823-3", "82810-3", "2157-6", "1-8")),
        concept("R25.2", "http://hl7.org/fhir/sid/icd-10-cm"),
        concept("5487", RXNORM),
        {"text": "hydrochlorothiazide"},
        {"text": "Parkinson's disease"},
        {"text": "some cramp"},
        {"coding": [{"system": "https://hospital.example", "code": "17", "display": "Cramp"}]},
    ]
)
SAID = {
    "valueCodeableConcept": NAMED,
    "valueQuantity": st.sampled_from([{"value": 2.9, "code": "mmol/L"}, {"value": 900}, {}]),
    "valueBoolean": st.booleans(),
}
SEVERAL = st.lists(NAMED, max_size=2)


def of_kind(kind: str, status: str, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    states = st.sampled_from([status, status, status, "entered-in-error", "draft"])
    made = st.fixed_dictionaries({"status": states}, optional=fields)
    return st.builds(
        lambda name, given: resource(kind, name, **given), st.integers(0, 30).map(str), made
    )


RESOURCES = st.one_of(
    of_kind(
        "Observation",
        "final",
        code=NAMED,
        effectiveDateTime=st.sampled_from(["2026-03-01", "2020", "never"]),
        component=st.lists(
            st.fixed_dictionaries({"code": NAMED}, optional=SAID), min_size=1, max_size=2
        ),
        **SAID,
    ),
    of_kind(
        "Condition",
        "unused",
        code=NAMED,
        evidence=st.lists(st.fixed_dictionaries({"code": SEVERAL}), max_size=2),
    ),
    of_kind("DiagnosticReport", "final", code=NAMED, conclusionCode=SEVERAL),
    of_kind(
        "FamilyMemberHistory",
        "completed",
        condition=st.lists(st.fixed_dictionaries({"code": NAMED}), max_size=2),
    ),
    of_kind("Procedure", "completed", code=NAMED),
    of_kind("ServiceRequest", "completed", code=NAMED),
    of_kind("MedicationRequest", "active", medicationCodeableConcept=NAMED),
    of_kind("Encounter", "finished", reasonCode=SEVERAL),
)


def same_if_only_what_is_known_is_read(assessor: crampdx.Assessor, document: Any) -> None:
    try:
        everything = read_fhir(document, AS_OF)
    except RecordError:
        return
    known = read_fhir(document, AS_OF, known=assessor.vocabulary.known)
    first, second = assessor.assess(everything), assessor.assess(known)
    assert first.model_copy(update={"not_used": ()}) == second.model_copy(update={"not_used": ()})


@given(st.lists(RESOURCES, max_size=6))
def test_what_the_rules_do_not_know_changes_nothing_but_what_is_not_used(
    assessor: crampdx.Assessor, resources: list[Any]
) -> None:
    """A reader who passes over what names nothing that is known gives the same answer."""
    same_if_only_what_is_known_is_read(assessor, bundle(PATIENT, *resources))


@given(CHANGES)
def test_of_a_broken_bundle_too(assessor: crampdx.Assessor, changes: Changes) -> None:
    """The same, whatever fields of a sound bundle are altered."""
    same_if_only_what_is_known_is_read(assessor, changed(DOCUMENT, changes))


def test_the_order_of_entries_does_not_matter(assessor: crampdx.Assessor) -> None:
    """A bundle is a set."""
    expected = answer(assessor, read_fhir(DOCUMENT, "2026-03-02"))
    turned = {**DOCUMENT, "entry": DOCUMENT["entry"][::-1]}
    assert answer(assessor, read_fhir(turned, "2026-03-02")) == expected


def test_the_example_is_of_fhir_and_explains_the_cramps(assessor: crampdx.Assessor) -> None:
    """It validates against R4B; the low potassium under a diuretic leads."""
    models = pytest.importorskip("fhir.resources.R4B.bundle")
    models.Bundle.model_validate(DOCUMENT)
    found = answer(assessor, read_fhir(DOCUMENT, "2026-03-02"))
    assert {cause for cause, _ in found[:2]} == {"hypokalemia", "diuretic_induced_cramps"}


def test_examples_of_r5_are_read(assessor: crampdx.Assessor) -> None:
    """The fields that R5 renamed say the same."""
    models = pytest.importorskip("fhir.resources.bundle")
    clinical = "http://terminology.hl7.org/CodeSystem/condition-clinical"
    adherence = "http://hl7.org/fhir/CodeSystem/medication-statement-adherence"
    puncture = concept("277762005")
    document = bundle(
        PATIENT,
        resource(
            "Condition",
            "a",
            code=concept("55300003"),
            clinicalStatus=concept("active", clinical),
            evidence=[{"concept": concept("82470000")}],
        ),
        resource(
            "MedicationStatement",
            "b",
            status="recorded",
            medication={"concept": concept("36567", RXNORM)},
            adherence={"code": concept("taking", adherence)},
        ),
        resource(
            "MedicationRequest",
            "c",
            status="active",
            intent="order",
            medication={"reference": {"reference": "Medication/m"}},
        ),
        {"resourceType": "Medication", "id": "m", "code": concept("5487", RXNORM)},
        resource(
            "Procedure", "d", status="completed", code=puncture, occurrenceDateTime="2026-01-01"
        ),
        resource(
            "Encounter",
            "e",
            status="completed",
            actualPeriod={"start": "2026-02-01"},
            reason=[{"value": [{"concept": concept("26544005")}]}],
        ),
        resource(
            "ServiceRequest", "f", status="active", intent="order", code={"concept": puncture}
        ),
    )
    models.Bundle.model_validate(document)
    record = read_fhir(document, AS_OF)
    assert record.left_out == ()
    assert [str(entry.origin) for entry in record.findings] == [
        "Condition/a#evidence[0]",
        "Procedure/d",
        "Encounter/e#reason[0]",
    ]
    assert [(m.code[0].code, m.status.value) for m in record.medications] == [
        ("36567", "present"),
        ("5487", "present"),
    ]
    assert [(t.status, t.date) for t in record.test_results] == [
        ("done", "2026-01-01"),
        ("ordered", None),
    ]
    assert assessor.assess(record).candidates


def test_many_references_into_one_container_are_read_in_reasonable_time() -> None:
    """Contained resources are looked up, not searched for; every one is counted."""
    contained = [
        {
            "resourceType": "MedicationRequest",
            "id": f"m{number}",
            "status": "active",
            "medicationReference": {"reference": f"#x{number}"},
        }
        for number in range(4_000)
    ]
    (item,) = read_fhir({**PATIENT, "contained": contained}, AS_OF).left_out
    assert (item.reason, item.count) == ("unresolved_reference", 4_000)
