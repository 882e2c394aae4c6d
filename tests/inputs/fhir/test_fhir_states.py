"""What each resource says: present, absent, past, ordered, or nothing, row by row."""

from __future__ import annotations

from typing import Any

import pytest
from fhir_parts import (
    AS_OF,
    CRAMP,
    LOINC,
    POTASSIUM,
    RXNORM,
    SIMVASTATIN,
    concept,
    left_out,
    read,
    resource,
)

from crampdx.record.models import Entry, PatientRecord

VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
DATA_ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
INTERPRETATION = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"

SECTIONS = (
    "findings",
    "diagnoses",
    "measurements",
    "medications",
    "family_history",
    "test_results",
)


def entries(record: PatientRecord) -> list[tuple[str, Entry]]:
    return [(section, entry) for section in SECTIONS for entry in getattr(record, section)]


def said(given: dict[str, Any]) -> tuple[set[str], set[str]]:
    """The states of all entries of one resource, and the reasons of what was left out."""
    record = read(given)
    states = set()
    for section, entry in entries(record):
        state = str(getattr(entry, "status", "value"))
        context = str(getattr(entry, "context", "patient"))
        only_ordered = section == "medications" and context == "ordered"
        states.add("ordered" if only_ordered else state)
    return states, set(left_out(record))


def verified(code: str, **fields: Any) -> dict[str, Any]:
    return resource(
        "Condition", code=CRAMP, verificationStatus=concept(code, VERIFICATION), **fields
    )


def clinical(code: str, **fields: Any) -> dict[str, Any]:
    return resource("Condition", code=CRAMP, clinicalStatus=concept(code, CLINICAL), **fields)


def observed(status: str = "final", **fields: Any) -> dict[str, Any]:
    return resource("Observation", status=status, **{"code": CRAMP, **fields})


def potassium(status: str = "final", **fields: Any) -> dict[str, Any]:
    value = {"value": 2.9, "unit": "mmol/L", "code": "mmol/L"}
    return observed(status, **{"code": POTASSIUM, "valueQuantity": value, **fields})


def request(status: str, **fields: Any) -> dict[str, Any]:
    given = {"intent": "order", "medicationCodeableConcept": SIMVASTATIN, **fields}
    return resource("MedicationRequest", status=status, **given)


def statement(status: str, **fields: Any) -> dict[str, Any]:
    given = {"medicationCodeableConcept": SIMVASTATIN, **fields}
    return resource("MedicationStatement", status=status, **given)


def administration(status: str, **fields: Any) -> dict[str, Any]:
    given = {"medicationCodeableConcept": SIMVASTATIN, **fields}
    return resource("MedicationAdministration", status=status, **given)


def family(status: str, **fields: Any) -> dict[str, Any]:
    given = {"condition": [{"code": concept("65017003")}], **fields}
    return resource("FamilyMemberHistory", status=status, **given)


def procedure(status: str, **fields: Any) -> dict[str, Any]:
    return resource("Procedure", status=status, code=concept("277762005"), **fields)


def order(status: str, **fields: Any) -> dict[str, Any]:
    given = {"intent": "order", "code": concept("277762005"), **fields}
    return resource("ServiceRequest", status=status, **given)


def encounter(status: str, **fields: Any) -> dict[str, Any]:
    return resource("Encounter", status=status, reasonCode=[CRAMP], **fields)


def report(status: str, **fields: Any) -> dict[str, Any]:
    given = {"code": concept("42803009"), "conclusionCode": [concept("82470000")], **fields}
    return resource("DiagnosticReport", status=status, **given)


def allergy(code: str | None) -> dict[str, Any]:
    given = {} if code is None else {"verificationStatus": concept(code)}
    return resource("AllergyIntolerance", code=SIMVASTATIN, **given)


NOTHING: set[str] = set()
TABLE: dict[str, tuple[dict[str, Any], set[str], set[str]]] = {
    # Condition
    "no status": (resource("Condition", code=CRAMP), {"present"}, NOTHING),
    "confirmed": (verified("confirmed"), {"present"}, NOTHING),
    "unconfirmed": (verified("unconfirmed"), {"present"}, {"provisional"}),
    "provisional": (verified("provisional"), {"present"}, {"provisional"}),
    "differential": (verified("differential"), {"present"}, {"provisional"}),
    "refuted": (verified("refuted"), {"absent"}, NOTHING),
    "refuted and resolved": (
        verified("refuted", clinicalStatus=concept("resolved", CLINICAL)),
        {"absent"},
        NOTHING,
    ),
    "condition in error": (verified("entered-in-error"), NOTHING, {"entered_in_error"}),
    "no such status": (verified("maybe"), NOTHING, {"unknown_status"}),
    "active": (clinical("active"), {"present"}, NOTHING),
    "recurrence": (clinical("recurrence"), {"present"}, NOTHING),
    "relapse": (clinical("relapse"), {"present"}, NOTHING),
    "inactive": (clinical("inactive"), {"past"}, NOTHING),
    "remission": (clinical("remission"), {"past"}, NOTHING),
    "resolved": (clinical("resolved"), {"past"}, NOTHING),
    "clinical status unknown": (clinical("unknown"), NOTHING, {"unknown_status"}),
    "abated at an age": (clinical("active", abatementAge={"value": 40}), {"past"}, NOTHING),
    # Observation
    "number": (potassium(), {"value"}, NOTHING),
    "preliminary": (potassium("preliminary"), {"value"}, {"provisional"}),
    "amended": (potassium("amended"), {"value"}, NOTHING),
    "corrected": (potassium("corrected"), {"value"}, NOTHING),
    "registered": (potassium("registered"), NOTHING, {"not_finished"}),
    "cancelled": (potassium("cancelled"), NOTHING, {"cancelled"}),
    "observation in error": (potassium("entered-in-error"), NOTHING, {"entered_in_error"}),
    "observation unknown": (potassium("unknown"), NOTHING, {"unknown_status"}),
    "data absent": (
        observed(dataAbsentReason=concept("not-performed", DATA_ABSENT)),
        NOTHING,
        {"no_value"},
    ),
    "value and data absent": (
        potassium(dataAbsentReason=concept("error", DATA_ABSENT)),
        NOTHING,
        {"no_value"},
    ),
    "no value": (observed(), NOTHING, {"no_value"}),
    "true": (observed(valueBoolean=True), {"present"}, NOTHING),
    "false": (observed(valueBoolean=False), {"absent"}, NOTHING),
    "Yes": (observed(valueCodeableConcept=concept("373066001")), {"present"}, NOTHING),
    "No": (observed(valueCodeableConcept=concept("373067005")), {"absent"}, NOTHING),
    "No of LOINC": (observed(valueCodeableConcept=concept("LA32-8", LOINC)), {"absent"}, NOTHING),
    "Absent": (observed(valueCodeableConcept=concept("2667000")), {"absent"}, NOTHING),
    "Not detected": (observed(valueCodeableConcept=concept("260415000")), {"absent"}, NOTHING),
    "No in words": (observed(valueString="No"), {"absent"}, NOTHING),
    "unknown answer": (
        observed(valueCodeableConcept=concept("LA4489-6", LOINC)),
        NOTHING,
        {"no_value"},
    ),
    "other words": (observed(valueString="now and then"), NOTHING, {"no_value"}),
    "NEG": (observed(interpretation=[concept("NEG", INTERPRETATION)]), {"absent"}, NOTHING),
    "ND": (observed(interpretation=[concept("ND", INTERPRETATION)]), {"absent"}, NOTHING),
    "POS": (observed(interpretation=[concept("POS", INTERPRETATION)]), {"present"}, NOTHING),
    "low without a value": (
        observed(code=POTASSIUM, interpretation=[concept("L", INTERPRETATION)]),
        NOTHING,
        {"no_value"},
    ),
    "yes and NEG": (
        observed(valueBoolean=True, interpretation=[concept("NEG", INTERPRETATION)]),
        NOTHING,
        {"ambiguous"},
    ),
    "a finding as value": (
        observed(code={"text": "AssessmentTrace"}, valueCodeableConcept=CRAMP),
        {"present"},
        NOTHING,
    ),
    "about a fetus": (
        observed(valueBoolean=True, focus=[{"reference": "Patient/f"}]),
        NOTHING,
        {"other_patient"},
    ),
    # Medicines
    "request active": (request("active"), {"present"}, NOTHING),
    "request active plan": (request("active", intent="plan"), {"present"}, NOTHING),
    "request proposed": (request("active", intent="proposal"), {"ordered"}, NOTHING),
    "request on hold": (request("on-hold"), {"present"}, {"provisional"}),
    "request stopped": (request("stopped"), {"past"}, NOTHING),
    "request completed": (request("completed"), {"past"}, NOTHING),
    "request cancelled": (request("cancelled"), NOTHING, {"cancelled"}),
    "request draft": (request("draft"), {"ordered"}, NOTHING),
    "request in error": (request("entered-in-error"), NOTHING, {"entered_in_error"}),
    "request unknown": (request("unknown"), NOTHING, {"unknown_status"}),
    "do not perform": (request("active", doNotPerform=True), {"absent"}, NOTHING),
    "no longer forbidden": (request("stopped", doNotPerform=True), NOTHING, {"cancelled"}),
    "statement active": (statement("active"), {"present"}, NOTHING),
    "statement completed": (statement("completed"), {"past"}, NOTHING),
    "statement intended": (statement("intended"), {"ordered"}, NOTHING),
    "statement stopped": (statement("stopped"), {"past"}, NOTHING),
    "statement on hold": (statement("on-hold"), {"present"}, {"provisional"}),
    "not taken": (statement("not-taken"), {"absent"}, NOTHING),
    "statement unknown": (statement("unknown"), NOTHING, {"unknown_status"}),
    "statement in error": (statement("entered-in-error"), NOTHING, {"entered_in_error"}),
    "R5 taking": (
        resource(
            "MedicationStatement",
            status="recorded",
            medication={"concept": SIMVASTATIN},
            adherence={"code": concept("taking-as-directed")},
        ),
        {"present"},
        NOTHING,
    ),
    "R5 not taking": (
        statement("recorded", adherence={"code": concept("not-taking")}),
        {"absent"},
        NOTHING,
    ),
    "given today": (
        administration("completed", effectiveDateTime="2026-03-05T08:00:00Z"),
        {"present"},
        NOTHING,
    ),
    "R5 given today": (
        administration("completed", occurencePeriod={"start": "2026-03-04", "end": AS_OF}),
        {"present"},
        NOTHING,
    ),
    "given last year": (
        administration("completed", effectiveDateTime="2025-03-05"),
        {"past"},
        NOTHING,
    ),
    "dose not given": (administration("not-done"), NOTHING, {"not_done"}),
    # Relatives
    "family": (family("completed"), {"present"}, NOTHING),
    "family partial": (family("partial"), {"present"}, NOTHING),
    "health unknown": (family("health-unknown"), NOTHING, {"no_value"}),
    "family data absent": (
        family("completed", dataAbsentReason=concept("deferred")),
        NOTHING,
        {"no_value"},
    ),
    "family without conditions": (family("completed", condition=[]), NOTHING, {"no_value"}),
    "adoptive father": (
        family("completed", relationship={"text": "adoptive father"}),
        NOTHING,
        {"not_related"},
    ),
    "stepson": (
        family("completed", relationship=concept("STPSON", "urn:x")),
        NOTHING,
        {"not_related"},
    ),
    "family in error": (family("entered-in-error"), NOTHING, {"entered_in_error"}),
    # Tests
    "procedure completed": (procedure("completed"), {"done", "present"}, NOTHING),
    "procedure in progress": (procedure("in-progress"), {"done", "present"}, {"provisional"}),
    "procedure not done": (procedure("not-done"), {"not_done"}, NOTHING),
    "procedure prepared": (procedure("preparation"), {"ordered"}, NOTHING),
    "procedure in error": (procedure("entered-in-error"), NOTHING, {"entered_in_error"}),
    "procedure unknown": (procedure("unknown"), NOTHING, {"unknown_status"}),
    "report": (report("final"), {"done", "present"}, NOTHING),
    "report registered": (report("registered"), NOTHING, {"not_finished"}),
    "order active": (order("active"), {"ordered"}, NOTHING),
    "order completed": (order("completed"), {"done"}, NOTHING),
    "order not to perform": (order("active", doNotPerform=True), {"not_done"}, NOTHING),
    "order draft": (order("draft"), NOTHING, {"planned"}),
    "order proposed": (order("active", intent="proposal"), NOTHING, {"planned"}),
    "order revoked": (order("revoked"), NOTHING, {"cancelled"}),
    "order in error": (order("entered-in-error"), NOTHING, {"entered_in_error"}),
    # Encounters and allergies
    "encounter finished": (encounter("finished"), {"present"}, NOTHING),
    "encounter planned": (encounter("planned"), NOTHING, {"planned"}),
    "encounter cancelled": (encounter("cancelled"), NOTHING, {"cancelled"}),
    "encounter in error": (encounter("entered-in-error"), NOTHING, {"entered_in_error"}),
    "R5 encounter": (
        resource("Encounter", status="completed", reason=[{"value": [{"concept": CRAMP}]}]),
        {"present"},
        NOTHING,
    ),
    "allergy": (allergy("confirmed"), NOTHING, {"allergy"}),
    "allergy refuted": (allergy("refuted"), NOTHING, {"allergy"}),
    "allergy in error": (allergy("entered-in-error"), NOTHING, {"entered_in_error"}),
    # Whatever the resource says
    "modifier extension": (
        observed(valueBoolean=True, modifierExtension=[{"url": "http://example.org/not"}]),
        NOTHING,
        {"modifier_extension"},
    ),
    "implicit rules": (
        observed(valueBoolean=True, implicitRules="http://example.org/rules"),
        NOTHING,
        {"implicit_rules"},
    ),
    "other type": (resource("CarePlan", status="active"), NOTHING, {"unread_type"}),
}


@pytest.mark.parametrize("row", TABLE.values(), ids=TABLE)
def test_a_row_of_the_table(row: tuple[dict[str, Any], set[str], set[str]]) -> None:
    """A resource of this status is in the record as this, or left out for this reason."""
    given, states, reasons = row
    assert said(given) == (states, reasons)


def test_every_entry_keeps_the_place_it_came_from() -> None:
    """Whatever the row, entries and reasons name the resource."""
    for given, _, _ in TABLE.values():
        record = read(given)
        whole = f"{given['resourceType']}/1"
        places = [str(entry.origin) for _, entry in entries(record)]
        places += [place for item in record.left_out for place in item.places]
        assert places
        assert {place.partition("#")[0] for place in places} == {whole}


def test_a_status_may_come_as_text_or_without_its_system() -> None:
    """Statuses as plain codes, as in earlier versions of FHIR, are read."""
    for status in ("refuted", {"text": "Refuted"}, {"coding": {"code": "refuted"}}):
        given = resource("Condition", code=CRAMP, verificationStatus=status)
        assert said(given) == ({"absent"}, NOTHING)


def test_every_status_of_the_tables_is_documented_and_read() -> None:
    """A status that the tables know never counts as unknown, unless it says so itself."""
    from crampdx.inputs.fhir.statuses import TABLES, Reason

    for name, table in TABLES.items():
        unknown = {code for code, meant in table.items() if meant is Reason.UNKNOWN_STATUS}
        assert unknown <= {"unknown"}, name


def test_components_are_read_one_by_one() -> None:
    """Each component is a value of its own, with its own reason where it has none."""
    record = read(
        observed(
            code=concept("85354-9", LOINC),
            component=[
                {
                    "code": concept("8480-6", LOINC),
                    "valueQuantity": {"value": 150, "code": "mm[Hg]"},
                },
                {"code": concept("8462-4", LOINC), "dataAbsentReason": concept("unknown")},
                {"code": CRAMP, "valueBoolean": False},
                {"code": CRAMP, "valueBoolean": True, "modifierExtension": [{"url": "x:y"}]},
                {"code": POTASSIUM, "valueQuantity": {"value": "many"}},
            ],
        )
    )
    assert [(m.value, m.unit, m.origin) for m in record.measurements] == [
        (150.0, "mm[Hg]", "Observation/1#component[0]")
    ]
    assert [(f.status.value, f.origin) for f in record.findings] == [
        ("absent", "Observation/1#component[2]")
    ]
    assert left_out(record) == {
        "no_value": ("Observation/1#component[1]",),
        "modifier_extension": ("Observation/1#component[3]",),
        "malformed": ("Observation/1#component[4]",),
    }


def test_a_panel_with_members_says_nothing_itself() -> None:
    """An observation that only groups others is not counted as without a value."""
    record = read(observed(hasMember=[{"reference": "Observation/2"}]))
    assert record.left_out == ()


@pytest.mark.parametrize(
    ("quantity", "expected"),
    [
        ({"value": 2.9, "code": "mmol/L", "unit": "millimol"}, (2.9, None, "mmol/L")),
        ({"value": 2.9, "unit": "mmol/L"}, (2.9, None, "mmol/L")),
        ({"value": 3, "comparator": "<", "code": "mmol/L"}, (3.0, "<", "mmol/L")),
        ({"value": "2.9", "code": "mmol/L"}, (2.9, None, "mmol/L")),
        ({"value": 2.9, "code": "u", "system": "urn:x", "unit": "mmol/L"},
         (2.9, None, "mmol/L")),
        ({"value": 7}, (7.0, None, None)),
    ],
)  # fmt: skip
def test_a_quantity_gives_value_comparator_and_unit(
    quantity: dict[str, Any], expected: tuple[float, str | None, str | None]
) -> None:
    """The UCUM code is the unit where there is one, the unit as written otherwise."""
    (found,) = read(potassium(valueQuantity=quantity)).measurements
    assert (found.value, found.comparator, found.unit) == expected


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({"comparator": "<"}, "no_value"),
        ({"value": True}, "malformed"),
        ({"value": 2, "comparator": "ad"}, "malformed"),
        ({"value": 1e300}, "malformed"),
        ({"value": float("nan")}, "malformed"),
    ],
)
def test_a_quantity_that_cannot_be_read_is_left_out(value: dict[str, Any], reason: str) -> None:
    """A quantity without a number is no value; one that is not of its form is malformed."""
    record = read(potassium(valueQuantity=value))
    assert (record.measurements, set(left_out(record))) == ((), {reason})


def test_a_relative_named_by_the_question_is_not_the_patient() -> None:
    """A coded answer to a question for the family is a relative's."""
    question = {"text": "History of family member diseases"}
    record = read(observed(code=question, valueCodeableConcept=concept("65017003")))
    assert (len(record.family_history), record.findings) == (1, ())


def test_what_was_ruled_out_is_not_present() -> None:
    """A coded answer to a question for what was excluded is not taken for present."""
    record = read(observed(code={"text": "Diagnosis ruled out"}, valueCodeableConcept=CRAMP))
    assert (record.findings, set(left_out(record))) == ((), {"ambiguous"})


def test_a_severity_as_value_grades_the_finding() -> None:
    """A severity says that the finding is there, and how severe."""
    (found,) = read(observed(valueCodeableConcept=concept("24484000"))).findings
    assert (found.code[0].code, found.severity) == ("55300003", "severe")


def test_a_condition_keeps_its_course_site_and_severity() -> None:
    """Onset, end, site with side, severity and the day it was recorded are in the record."""
    (found,) = read(
        resource(
            "Condition",
            code=CRAMP,
            onsetDateTime="2025-06",
            abatementDateTime="2026-12-01T10:00:00+01:00",
            recordedDate="2026-02-03T04:05:06.789Z",
            severity=concept("255604002"),
            bodySite=[{"text": "Left calf"}],
        )
    ).diagnoses
    assert (found.onset, found.end, found.date) == ("2025-06", "2026-12-01", "2026-02-03")
    assert (found.body_site, found.laterality, found.severity) == ("calf", "left", "mild")


def test_an_onset_as_an_age_is_said_not_to_be_read() -> None:
    """The condition is read without it."""
    record = read(resource("Condition", code=CRAMP, onsetAge={"value": 40, "code": "a"}))
    assert (len(record.diagnoses), left_out(record)) == (
        1,
        {"unread_part": ("Condition/1#onsetAge",)},
    )


def test_manifestations_of_a_condition_are_findings() -> None:
    """What a condition gives as its evidence is present, in R4 and in R5."""
    for evidence in ({"code": [concept("82470000")]}, {"concept": concept("82470000")}):
        given = resource("Condition", code=CRAMP, evidence=[evidence])
        (found,) = read(given).findings
        assert (found.code[0].code, found.origin) == ("82470000", "Condition/1#evidence[0]")


def test_medicines_are_found_by_reference() -> None:
    """In the bundle, contained, by ingredient, or by the display alone; else that is said."""
    medication = {"resourceType": "Medication", "id": "m", "code": SIMVASTATIN}
    product = {
        "resourceType": "Medication",
        "id": "i",
        "ingredient": [{"itemCodeableConcept": SIMVASTATIN}, {"item": {"concept": CRAMP}}],
    }

    def named(name: str, **fields: Any) -> dict[str, Any]:
        given = request("active", medicationCodeableConcept=None, **fields)
        return {**given, "id": name}

    record = read(
        medication,
        product,
        named("a", medicationReference={"reference": "Medication/m"}),
        named(
            "b",
            medicationReference={"reference": "#m"},
            contained=[{**medication, "code": concept("83367", RXNORM)}],
        ),
        named("c", medicationReference={"reference": "Medication/i"}),
        named("d", medicationReference={"display": "Simvastatin"}),
        named("e", medicationReference={"reference": "Medication/9"}),
        named("f", medication={"reference": {"reference": "Medication/m"}}),
    )
    found = [(str(m.origin)[-1], m.code[0].code if m.code else m.text) for m in record.medications]
    assert found == [
        ("a", "36567"),
        ("b", "83367"),
        ("c", "36567"),
        ("c", "55300003"),
        ("d", "Simvastatin"),
        ("f", "36567"),
    ]
    assert left_out(record) == {"unresolved_reference": ("MedicationRequest/e",)}


def test_ingredients_are_read_where_the_product_is_not_of_rxnorm() -> None:
    """By their codes or the substances they refer to; one that is not named is not passed over."""
    house = concept("P123", "urn:oid:1.2.3")
    substance = {"resourceType": "Substance", "id": "s", "code": {"text": "quinine"}}
    parts = [
        {"itemCodeableConcept": SIMVASTATIN},
        {"itemReference": {"reference": "#s"}},
        {"item": {"reference": {"reference": "Substance/out"}}},
        {"itemReference": {"reference": "Substance/nowhere"}},
    ]
    product = {
        "resourceType": "Medication",
        "id": "m",
        "ingredient": parts,
        "contained": [substance],
    }
    outside = {**substance, "id": "out", "code": {"concept": {"text": "magnesium"}}}

    def named(code: Any) -> list[str | None]:
        taken = request("active", medicationCodeableConcept=None)
        taken["medicationReference"] = {"reference": "Medication/m"}
        record = read({**product, "code": code}, taken, outside)
        return [m.text or m.code[0].code for m in record.medications]

    ingredients = ["36567", "quinine", "magnesium", "ingredient that is not named"]
    assert named(house) == named(None) == ingredients
    assert named(concept("83367", RXNORM)) == ["83367"]


def test_the_ingredients_of_a_product_are_bounded() -> None:
    """What is beyond is not passed over: it stands as an ingredient that is not named."""
    parts = [{"itemCodeableConcept": {"text": f"part {number}"}} for number in range(1_000)]
    product = {"resourceType": "Medication", "id": "m", "ingredient": parts}
    taken = request("active", medicationCodeableConcept=None)
    taken["medicationReference"] = {"reference": "Medication/m"}
    names = [medicine.text for medicine in read(product, taken).medications]
    assert len(names) == 31
    assert "ingredient that is not named" in names


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        ([{"start": "2026-01-01", "end": "2026-02-01"}, {"start": "2026-02-02"}], None),
        (
            [{"start": "2026-02-02", "end": "2026-03"}, {"start": "2026-01-01", "end": "2026-02"}],
            "2026-03",
        ),
        ([{"start": "2026-01-01", "end": "2026-02-01"}, {}], None),
    ],
)
def test_dosages_may_follow_one_another(bounds: list[dict[str, str]], expected: str | None) -> None:
    """A titration is over when its last step is, and has begun with its first."""
    dosages = [{"timing": {"repeat": {"boundsPeriod": period}}} for period in bounds]
    (found,) = read(request("active", dosageInstruction=dosages)).medications
    assert (found.start, found.stop) == ("2026-01-01", expected)


EVENTS = {"event": ["2015-11-22T08:00:00Z", "2014"]}


@pytest.mark.parametrize(
    ("timing", "day"),
    [
        (EVENTS, "2015-11-22"),
        ({"event": "2015"}, "2015"),
        ({"repeat": {"boundsPeriod": {"start": "2014", "end": "2015-01"}}}, "2015-01"),
    ],
)
def test_a_timing_says_when(timing: dict[str, Any], day: str) -> None:
    """By its last event, or its bounds."""
    (found,) = read(potassium(effectiveTiming=timing)).measurements
    assert found.date == day


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (potassium(effectiveTiming={"code": {"text": "daily"}}), "effectiveTiming"),
        (procedure("completed", performedString="2015"), "performedString"),
        (procedure("completed", performedAge={"value": 40}), "performedAge"),
        (procedure("completed", occurrenceRange={"low": {"value": 40}}), "occurrenceRange"),
    ],
)
def test_what_has_no_date_but_words_for_it_is_not_taken_for_new(
    given: dict[str, Any], field: str
) -> None:
    """It is left out, and the field is named."""
    record = read(given)
    assert left_out(record) == {"unread_part": (f"{given['resourceType']}/1#{field}",)}
    assert record.test_results == record.measurements == ()


def test_medicines_have_a_start_and_a_stop() -> None:
    """From the bounds of the dosage or the day of the prescription; or from the period of use."""
    timing = {"repeat": {"boundsPeriod": {"start": "2025-12-01", "end": "2026-01-01"}}}
    record = read(
        {**request("active", authoredOn="2025-11-30"), "id": "a"},
        {**request("active", dosageInstruction=[{"timing": timing, "text": "daily"}]), "id": "b"},
        statement("active", effectivePeriod={"start": "2024", "end": "2025-01"}),
    )
    assert [(m.start, m.stop, m.dose) for m in record.medications] == [
        ("2025-11-30", None, None),
        ("2025-12-01", "2026-01-01", "daily"),
        ("2024", "2025-01", None),
    ]


def test_a_family_history_names_the_relative() -> None:
    """The relation is kept in words."""
    (found,) = read(family("completed", relationship={"text": "father"})).family_history
    assert (found.relation, found.origin) == ("father", "FamilyMemberHistory/1#condition[0]")


def test_reasons_by_reference_are_read_where_they_stand() -> None:
    """A reason that the document does not hold is counted."""
    record = read(
        resource("Condition", "c", code=CRAMP),
        resource(
            "Encounter",
            status="in-progress",
            reasonReference=[{"reference": "Condition/c"}, {"reference": "Condition/d"}],
        ),
    )
    assert len(record.diagnoses) == 1
    assert left_out(record) == {"unresolved_reference": ("Encounter/1#reasonReference[1]",)}
