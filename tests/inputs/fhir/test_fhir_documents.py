"""Documents: their forms, whose they are, what of them is read, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fhir_parts import (
    AS_OF,
    CRAMP,
    PATIENT,
    POTASSIUM,
    SIMVASTATIN,
    bundle,
    concept,
    left_out,
    read,
    resource,
)

from crampdx import RecordError
from crampdx.inputs import draft
from crampdx.inputs.fhir import collecting, documents, read_fhir
from crampdx.inputs.fhir.statuses import REASONS, Reason
from crampdx.text.name_keys import KnownConcepts

CONDITION = resource("Condition", "c", code=CRAMP)
POTASSIUM_MEASURED = resource("Observation", "o", status="final", code=POTASSIUM)


def conditions(document: Any) -> list[str]:
    return [str(entry.origin) for entry in read_fhir(document, AS_OF).diagnoses]


FORMS: dict[str, Any] = {
    "bundle": bundle(PATIENT, CONDITION),
    "bundle without a type": {
        "resourceType": "Bundle",
        "entry": [{"resource": PATIENT}, {"resource": CONDITION}],
    },
    "list": [PATIENT, CONDITION],
    "list with nulls and bundles": [None, PATIENT, bundle(CONDITION)],
    "nested bundles": bundle(PATIENT, bundle(bundle(CONDITION))),
    "JSON": json.dumps(bundle(PATIENT, CONDITION)),
    "bytes": json.dumps([PATIENT, CONDITION]).encode(),
    "NDJSON": f"{json.dumps(PATIENT)}\n\n{json.dumps(CONDITION)}\n",
    "NDJSON in bytes": f"{json.dumps(PATIENT)}\r\n{json.dumps(CONDITION)}".encode(),
    "entries that are resources": {"resourceType": "Bundle", "entry": [PATIENT, CONDITION]},
    "resources that name their subject": [CONDITION],
    "one resource": CONDITION,
}


@pytest.mark.parametrize("document", FORMS.values(), ids=FORMS)
def test_a_document_has_many_forms(document: Any) -> None:
    """Each of them gives the same condition."""
    assert conditions(document) == ["Condition/c"]


def test_a_patient_may_contain_the_rest() -> None:
    """Contained resources are about the patient that contains them."""
    about = {"subject": {"reference": "#"}}
    contained = [{**CONDITION, **about}, {"resourceType": "Condition", "code": CRAMP}]
    assert conditions({**PATIENT, "contained": contained}) == [
        "Patient/p#c",
        "Patient/p#contained[1]",
    ]


def test_what_an_error_contains_is_one() -> None:
    """Contained resources share the fate of their container."""
    report = resource(
        "DiagnosticReport", status="entered-in-error", contained=[{**CONDITION, "subject": None}]
    )
    assert left_out(read(report)) == {
        "entered_in_error": ("DiagnosticReport/1", "DiagnosticReport/1#c")
    }


def test_a_resource_without_an_id_is_named_by_its_place() -> None:
    """Entries name the path in the document then."""
    nameless = {"resourceType": "Condition", "code": CRAMP}
    hostile = {**nameless, "id": "<script>"}
    assert conditions([PATIENT, bundle(nameless, hostile)]) == [
        "resource[1]/entry[0]",
        "resource[1]/entry[1]",
    ]


REFUSED: dict[str, Any] = {
    "no document": None,
    "a number": 3,
    "text": "no JSON",
    "JSON of no resource": "{}",
    "broken JSON": '{\n"resourceType": "Bundle",\n',
    "no type": {"entry": []},
    "a hostile type": {"resourceType": "../../x"},
    "empty bundle": bundle(),
    "nobody": [{"resourceType": "Condition", "id": "c", "code": CRAMP}],
    "two patients": [PATIENT, {**PATIENT, "id": "q"}],
    "two subjects": [CONDITION, {**CONDITION, "id": "d", "subject": {"reference": "Patient/q"}}],
    "the same id of two servers": bundle(
        entry=[
            {"fullUrl": "http://a.example/Patient/p", "resource": PATIENT},
            {"fullUrl": "http://b.example/Patient/p", "resource": PATIENT},
        ]
    ),
    "a bundle with rules": bundle(PATIENT, implicitRules="http://example.org/rules"),
}


@pytest.mark.parametrize("document", REFUSED.values(), ids=REFUSED)
def test_a_document_of_nobody_or_of_two_is_refused(document: Any) -> None:
    """So is what is not of FHIR, with a reason."""
    with pytest.raises(RecordError) as refusal:
        read_fhir(document, AS_OF)
    assert refusal.value.issues[0].message


def test_a_day_that_is_none_is_refused() -> None:
    """The day of the assessment is the caller's, and named as such."""
    with pytest.raises(RecordError, match="as_of"):
        read_fhir(bundle(PATIENT), "yesterday")


@pytest.mark.parametrize(
    ("subject", "is_read"),
    [
        ({"reference": "Patient/p"}, True),
        ({"reference": "Patient/p/_history/3"}, True),
        ({"reference": "http://ehr.example/fhir/Patient/p"}, True),
        ({"reference": "http://other.example/fhir/Patient/p"}, False),
        ({"reference": "Patient/q"}, False),
        ({"reference": "Group/p"}, False),
        ({"reference": "#p"}, False),
        ({"identifier": {"system": "urn:mrn", "value": "7"}}, True),
        ({"identifier": {"system": "urn:mrn", "value": "8"}}, False),
        ({"display": "somebody"}, True),
        (None, True),
    ],
)
def test_only_the_patient_counts(subject: Any, is_read: bool) -> None:
    """What names another subject is left out; what names none is the patient's."""
    patient = {**PATIENT, "identifier": [{"system": "urn:mrn", "value": "7"}]}
    entries = [
        {"fullUrl": "http://ehr.example/fhir/Patient/p", "resource": patient},
        {"resource": {**CONDITION, "subject": subject}},
    ]
    record = read_fhir(bundle(entry=entries), AS_OF)
    assert len(record.diagnoses) == is_read
    assert left_out(record) == ({} if is_read else {"other_patient": ("Condition/c",)})


def test_references_may_be_uuids() -> None:
    """The address that an entry gives its resource names it."""
    entries = [
        {"fullUrl": "urn:uuid:1", "resource": {"resourceType": "Patient", "gender": "female"}},
        {"resource": {**CONDITION, "subject": {"reference": "urn:uuid:1"}}},
    ]
    record = read_fhir(bundle(entry=entries), AS_OF)
    assert (record.sex, len(record.diagnoses)) == ("female", 1)


UUIDS = {
    kind: f"0c3151bd-1cbf-4d64-b04d-cd9187a4c6e{number}"
    for number, kind in enumerate(("Patient", "Condition", "Medication", "MedicationRequest"))
}


def named_by_uuid() -> list[dict[str, Any]]:
    """Resources that refer to each other by the UUIDs of their entries, which are their ids."""
    subject = {"reference": f"urn:uuid:{UUIDS['Patient']}"}
    medicine = {"reference": f"urn:uuid:{UUIDS['Medication']}"}
    parts = [
        PATIENT,
        {**CONDITION, "subject": subject},
        {"resourceType": "Medication", "code": SIMVASTATIN},
        {
            **resource("MedicationRequest", status="active", intent="order"),
            "subject": subject,
            "medicationReference": medicine,
        },
    ]
    return [{**part, "id": UUIDS[part["resourceType"]]} for part in parts]


def entries_of(resources: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"fullUrl": f"urn:uuid:{part['id']}", "resource": part} for part in resources]


@pytest.mark.parametrize("form", ["entries", "list", "without ids"])
def test_references_may_name_entries_by_uuid(form: str) -> None:
    """As bundles of transactions do, for the patient and for medicines; kept as a list as well."""
    resources = named_by_uuid()
    entries = entries_of(resources)
    if form == "without ids":
        entries = [
            {**entry, "resource": {k: v for k, v in entry["resource"].items() if k != "id"}}
            for entry in entries
        ]
    document = resources if form == "list" else bundle(entry=entries, type="transaction")
    record = read_fhir(document, AS_OF)
    (medication,) = record.medications
    assert (record.age, len(record.diagnoses), left_out(record)) == (65.0, 1, {})
    assert medication.code[0].code == SIMVASTATIN["coding"][0]["code"]


def test_a_patient_is_named_by_uuid_and_by_id() -> None:
    """Both mean one patient, also where no Patient is given."""
    _, condition, *_ = named_by_uuid()
    by_id = {**CONDITION, "subject": {"reference": f"Patient/{UUIDS['Patient']}"}}
    assert len(read_fhir([condition, by_id], AS_OF).diagnoses) == 2


def test_a_uuid_of_another_patient_is_another_patient() -> None:
    """What refers to an entry that is not the patient's is left out."""
    patient, condition, *_ = named_by_uuid()
    condition["subject"] = {"reference": f"urn:uuid:{UUIDS['Condition']}"}
    record = read_fhir(bundle(entry=entries_of([patient, condition])), AS_OF)
    assert set(left_out(record)) == {"other_patient"}


def test_the_different_codings_of_a_document_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes after is counted, so that no document takes very long."""
    monkeypatch.setattr(collecting, "MAX_DIFFERENT_CODINGS", 3)
    several = [resource("Condition", str(n), code=concept(str(n))) for n in range(5)]
    assert left_out(read(*several)) == {"too_many": ("Condition/3", "Condition/4")}


def test_a_list_of_the_record_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """What does not fit is counted, whether or not it could be read."""
    monkeypatch.setattr(draft, "MAX_ENTRIES", 2)
    several = [resource("Condition", str(n), code=CRAMP) for n in range(4)]
    assert left_out(read(*several)) == {"too_many": ("Condition/2", "Condition/3")}


def test_what_the_rules_do_not_know_is_counted_and_not_read() -> None:
    """Where the known codes are given: of any part that names an entry, one is enough."""
    other = concept("1")
    known = KnownConcepts({("SNOMED-CT", "55300003"), ("LOINC", "2823-3")}, {"cramp"})
    several = [
        resource("Condition", "other", code=other, onsetDateTime="never"),
        resource("Condition", "known", code=CRAMP),
        resource("Condition", "evidence", code=other, evidence=[{"code": [CRAMP]}]),
        resource("Observation", "answer", code=other, valueCodeableConcept=CRAMP),
        resource("Observation", "part", code=other, component=[{"code": POTASSIUM}]),
        resource("Observation", "value", code=other, valueQuantity={"value": 1}),
        resource("Observation", "text", code={"text": "some cramp"}, valueBoolean=True),
        resource("Observation", "name", code={"text": "Cramp"}, valueBoolean=True),
        resource("DiagnosticReport", "other", code=other),
        resource("DiagnosticReport", "known", code=other, conclusionCode=[other, CRAMP]),
        resource("FamilyMemberHistory", "other", condition=[{"code": other}]),
        resource("FamilyMemberHistory", "known", condition=[{"code": other}, {"code": CRAMP}]),
        resource("Procedure", "other", code=other),
        resource("ServiceRequest", "other", code=other),
        resource("ServiceRequest", "known", code=CRAMP),
        resource("MedicationRequest", "named", status="active", medicationCodeableConcept=other),
    ]
    record = read_fhir(bundle(PATIENT, *several), AS_OF, known=known)
    assert left_out(record)["outside_vocabulary"] == (
        *("Condition/other", "Observation/value", "Observation/text", "DiagnosticReport/other"),
        *("FamilyMemberHistory/other", "Procedure/other", "ServiceRequest/other"),
    )
    assert [entry.origin for entry in record.medications] == ["MedicationRequest/named"]


def test_a_patient_read_twice_is_one() -> None:
    """Once read alone and once found by a search: the same."""
    entries = [{"fullUrl": "http://ehr.example/fhir/Patient/p", "resource": PATIENT}]
    record = read_fhir([PATIENT, bundle(entry=entries), CONDITION], AS_OF)
    assert (record.age, left_out(record)) == (65.0, {"duplicate": ("Patient/p",)})


def test_the_newest_version_is_read() -> None:
    """Of several versions of one resource, the one that was last updated."""
    old = {**CONDITION, "meta": {"lastUpdated": "2024-01-01T00:00:00Z"}}
    new = {
        **CONDITION,
        "meta": {"lastUpdated": "2025-01-01T00:00:00Z"},
        "verificationStatus": "refuted",
    }
    for order in ([old, new], [new, old]):
        (found,) = read(*order).diagnoses
        assert found.status.value == "absent"


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("2026-11-23T01:00:00Z", "2026-11-22T23:30:00-05:00"),
        ("2026-11-23T01:00:00Z", "2026-11-23T01:00:00.500Z"),
        ("no time", "2020-01-01T00:00:00Z"),
        ("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:01Z"),
    ],
)
def test_the_newest_version_is_told_by_the_instant(earlier: str | None, later: str) -> None:
    """Times of several places and precisions compare by what they mean."""
    old = {**CONDITION, "meta": {"lastUpdated": earlier}}
    new = {**CONDITION, "meta": {"lastUpdated": later}, "verificationStatus": "refuted"}
    for order in ([old, new], [new, old]):
        (found,) = read(*order).diagnoses
        assert found.status.value == "absent"


def test_what_was_deleted_is_not_read() -> None:
    """A deletion of a history hides the versions below it."""
    entries = [
        {"resource": PATIENT},
        {"request": {"method": "DELETE", "url": "Condition/c"}},
        {"resource": CONDITION, "request": {"method": "POST", "url": "Condition"}},
    ]
    record = read_fhir(bundle(entry=entries, type="history"), AS_OF)
    assert (record.diagnoses, left_out(record)) == ((), {"deleted": ("entry[1]", "Condition/c")})


def test_an_incomplete_search_is_said() -> None:
    """A next page, or an outcome among the results, means that there is more."""
    outcome = {"resourceType": "OperationOutcome", "issue": [{"severity": "warning"}]}
    record = read_fhir(
        [
            PATIENT,
            bundle(CONDITION, link=[{"relation": "next", "url": "http://ehr.example/next"}]),
            bundle(outcome),
        ],
        AS_OF,
    )
    assert len(record.diagnoses) == 1
    assert left_out(record) == {"incomplete_search": ("resource[1]", "resource[2]/entry[0]")}


def test_an_empty_search_says_nothing() -> None:
    """Nothing found is not absent."""
    record = read_fhir([PATIENT, bundle(type="searchset", total=0)], AS_OF)
    assert (record.diagnoses, record.findings, record.left_out) == ((), (), ())


def test_a_broken_line_of_ndjson_is_left_out() -> None:
    """The other lines are read."""
    record = read_fhir(f'{json.dumps(PATIENT)}\n{{"resource\n{json.dumps(CONDITION)}', AS_OF)
    assert (len(record.diagnoses), left_out(record)) == (1, {"malformed": ("resource[1]",)})


def test_what_is_too_deep_or_too_many_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bundles in Bundles, and resources, are read up to a bound."""
    deep: Any = CONDITION
    for _ in range(documents.MAX_DEPTH + 1):
        deep = bundle(deep)
    assert set(left_out(read(deep))) == {"too_deep"}
    monkeypatch.setattr(documents, "MAX_RESOURCES", 2)
    record = read(CONDITION, {**CONDITION, "id": "d"})
    assert (len(record.diagnoses), left_out(record)) == (1, {"too_many": ("entry[2]",)})


def test_a_list_of_a_record_is_bounded() -> None:
    """Entries beyond the bound of a list are counted."""
    many = [resource("Condition", f"c{number}", code=CRAMP) for number in range(5_003)]
    record = read(*many)
    (item,) = record.left_out
    assert (len(record.diagnoses), item.reason, item.count, len(item.places)) == (
        5_000,
        "too_many",
        3,
        3,
    )


# ------------------------------------------------------------------------------------ the person


@pytest.mark.parametrize(
    ("born", "as_of", "age"),
    [
        ("1960-05-17", "2026-05-16", 65.0),
        ("1960-05-17", "2026-05-17", 66.0),
        ("1960-05", "2026-05-31", 66.0),
        ("1960", "2026-03-05", 65.0),
        ("1960", "2026-12-31", 66.0),
        ("1960", "2026", 66.0),
        ("1960-02-29", "2026-02-28", 65.0),
        ("2026-03-05", "2026-03-05", 0.0),
    ],
)
def test_the_age_is_certain_to_a_year(born: str, as_of: str, age: float) -> None:
    """Completed years; a partial birth date stands for the middle of its days."""
    record = read_fhir({**PATIENT, "birthDate": born}, as_of)
    assert (record.age, record.left_out) == (age, ())


@pytest.mark.parametrize(
    ("patient", "as_of", "reason"),
    [
        ({"birthDate": "1960-05-17"}, None, "no_as_of"),
        ({"birthDate": "2027-01-01"}, "2026-03-05", "malformed"),
        ({"birthDate": "1860-01-01"}, "2026-03-05", "malformed"),
        ({"birthDate": "1960-13-45"}, "2026-03-05", "malformed"),
        ({"birthDate": 1960}, "2026-03-05", "malformed"),
    ],
)
def test_an_age_that_cannot_be_known_is_left_out(
    patient: dict[str, Any], as_of: str | None, reason: str
) -> None:
    """And the reason is said."""
    record = read_fhir({"resourceType": "Patient", "id": "p", **patient}, as_of)
    assert (record.age, left_out(record)) == (None, {reason: ("Patient/p#birthDate",)})


def test_a_birth_date_may_be_missing() -> None:
    """An extension that says why there is none is no birth date."""
    missing = {"_birthDate": {"extension": [{"url": "http://example.org/x"}]}}
    record = read_fhir({"resourceType": "Patient", "id": "p", "gender": "unknown", **missing})
    assert (record.age, record.sex, record.left_out) == (None, None, ())


def test_a_death_is_said() -> None:
    """A record of somebody who died is read, and that is counted."""
    for died in ({"deceasedBoolean": True}, {"deceasedDateTime": "2026-01-01"}):
        assert left_out(read_fhir({**PATIENT, **died}, AS_OF)) == {
            "deceased": ("Patient/p#deceased",)
        }
    assert not read_fhir({**PATIENT, "deceasedBoolean": False}, AS_OF).left_out


def pregnancy(name: str, code: str, **fields: Any) -> dict[str, Any]:
    value = {"valueCodeableConcept": concept(code, "http://loinc.org")}
    given = {"status": "final", "code": concept("82810-3", "http://loinc.org"), **value, **fields}
    return resource("Observation", name, **given)


PREGNANT, NOT_PREGNANT, UNKNOWN = "LA15173-0", "LA26683-5", "LA4489-6"


def test_the_latest_observation_of_pregnancy_counts() -> None:
    """An earlier one is overtaken."""
    record = read(
        pregnancy("a", NOT_PREGNANT, effectiveDateTime="2025-12-01"),
        pregnancy("b", PREGNANT, effectiveDateTime="2026-02-01"),
        pregnancy("c", UNKNOWN, effectiveDateTime="2026-03-01"),
    )
    assert (record.pregnant, set(left_out(record))) == (True, {"no_value"})


@pytest.mark.parametrize(
    ("day", "as_of", "reason"),
    [
        ("2024-02-01", AS_OF, "outdated"),
        ("2026-02-01", None, "no_as_of"),
        ("2026-04-01", AS_OF, "in_the_future"),
    ],
)
def test_an_observation_of_pregnancy_counts_for_a_time(
    day: str, as_of: str | None, reason: str
) -> None:
    """For 42 weeks up to the day of the assessment."""
    patient = {"resourceType": "Patient", "id": "p"}
    given = [patient, pregnancy("a", PREGNANT, effectiveDateTime=day)]
    record = read_fhir(given, as_of)
    assert (record.pregnant, left_out(record)) == (None, {reason: ("Observation/a",)})


def test_opposite_observations_of_pregnancy_say_nothing() -> None:
    """Of one day: both are left out."""
    record = read(pregnancy("a", PREGNANT), pregnancy("b", NOT_PREGNANT))
    assert (record.pregnant, set(left_out(record))) == (None, {"ambiguous"})


# -------------------------------------------------------------------------------------- concepts


def test_all_codings_of_a_concept_are_taken() -> None:
    """Up to thirty, each with its display, without control characters."""
    coding = [{"system": "urn:x", "code": str(number)} for number in range(40)]
    (found,) = read(resource("Condition", code={"coding": coding})).diagnoses
    assert len(found.code) == 30
    shown = {"coding": [{"system": "urn:x", "code": "1", "display": "a\x00b" + "c" * 900}]}
    (found,) = read(resource("Condition", code=shown)).diagnoses
    assert found.code[0].display == "ab" + "c" * 398


@pytest.mark.parametrize("code", [None, {}, {"coding": []}, {"coding": [{"code": "1"}]}, 7, "\x00"])
def test_what_has_no_name_is_left_out(code: Any) -> None:
    """A code without its system names nothing."""
    assert left_out(read(resource("Condition", code=code))) == {"unnamed": ("Condition/1",)}


def test_a_text_names_an_entry() -> None:
    """It is kept, and counted as outside the vocabulary in an assessment."""
    (found,) = read(resource("Condition", code={"text": "Cramps"})).diagnoses
    assert found.text == "Cramps"


def test_a_date_that_is_none_makes_an_entry_unusable() -> None:
    """Without its date an old fact would count as a new one."""
    for day in ("2026-02-30", "soon", 2026, ["2026"]):
        given = resource("Condition", code=CRAMP, recordedDate=day)
        assert left_out(read(given)) == {"malformed": ("Condition/1",)}


def test_the_guide_lists_every_reason() -> None:
    """With the words of the code."""
    guide = (Path(__file__).resolve().parents[3] / "docs" / "fhir.md").read_text(encoding="utf-8")
    listed = guide.partition("## Reasons")[2].partition("## Limits")[0]
    rows = [f"| `{reason}` | {why} |" for reason, why in sorted(REASONS.items())]
    assert "\n".join(rows) in listed
    assert set(REASONS) == set(Reason)


def test_a_procedure_in_words_may_be_a_finding() -> None:
    """It is a test and a finding, by its name; one that has no name is left out once."""
    done = resource("Procedure", "named", status="completed", code={"text": "Dialysis"})
    record = read(done, resource("Procedure", "unnamed", status="completed"))
    assert [entry.text for entry in (*record.findings, *record.test_results)] == ["Dialysis"] * 2
    assert left_out(record) == {"unnamed": ("Procedure/unnamed",)}


# ------------------------------------------------------------------- data that shares its parts


def unfolded(document: Any, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many entries were taken of a document that is read under low bounds."""
    taken: list[str] = []
    take = documents._Unfolding.take
    monkeypatch.setattr(documents, "MAX_UNFOLDED", 1_000)
    monkeypatch.setattr(
        documents._Unfolding,
        "take",
        lambda self, part, place, *more: (taken.append(place), take(self, part, place, *more))[1],
    )
    record = read_fhir(document, AS_OF)
    assert "too_many" in left_out(record)
    return len(taken)


def test_a_bundle_that_contains_itself_is_unfolded_so_often(monkeypatch) -> None:
    """Breadth to the power of depth is never walked: ten times itself, ten deep."""
    circle = bundle(PATIENT, CONDITION)
    circle["entry"] += [{"resource": circle}] * 10

    assert unfolded(circle, monkeypatch) < 1_000 + 12 * 11


def test_a_bundle_that_is_shared_is_unfolded_so_often(monkeypatch) -> None:
    """A few Bundles, each of which holds another many times, are not millions of entries."""
    document = bundle(CONDITION)
    for _ in range(8):
        document = bundle(*[document] * 20)

    assert unfolded(bundle(PATIENT, document), monkeypatch) < 1_000 + 21 * 11


def test_contained_resources_that_are_shared_are_taken_so_often(monkeypatch) -> None:
    """So is what many resources contain in common."""
    monkeypatch.setattr(documents, "MAX_UNFOLDED", 1_000)
    looked_at: list[int] = []
    contained = documents._contained
    monkeypatch.setattr(
        documents, "_contained", lambda holder: (looked_at.append(1), contained(holder))[1]
    )
    parts = [resource("Condition", "x", code=CRAMP)] * 100
    holders = [{**POTASSIUM_MEASURED, "id": f"o{n}", "contained": parts} for n in range(500)]

    assert "too_many" in left_out(read(*holders))
    assert len(looked_at) <= 10
