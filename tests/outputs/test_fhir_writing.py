"""What each resource says, on cases made by hand."""

from __future__ import annotations

import json
from functools import cache
from typing import Any
from uuid import UUID

import pytest
from strategies import Entry, article_knowledge, knowledge

from crampdx import Assessment, Assessor, KnowledgeBase, RecordError
from crampdx.knowledge.models import CodeSystem
from crampdx.outputs.fhir import (
    SYSTEM_ADDRESSES,
    OutcomeIssue,
    assessment_bundle,
    operation_outcome,
    service_request,
)
from crampdx.record.models import Coding
from crampdx.record.parsing import parse_record

GRAVE = {
    "as_of": "2026-11-23T08:00",
    "age": 70,
    "findings": [
        {"id": "muscle_cramp", "origin": "Condition/12"},
        {"id": "fasciculations", "origin": "Observation/7#component[1]"},
        {"id": "tongue_fasciculations", "origin": "entry[4]"},
        {"id": "dysarthria"},
        {"id": "zebra"},
    ],
    "medications": [
        {"text": "hydrochlorothiazide", "origin": "MedicationRequest/3"},
        {"text": "quinine", "origin": "MedicationRequest/4"},
    ],
    "measurements": [
        {"code": "LOINC:2823-3", "value": 2.5, "unit": "mmol/L", "origin": "Observation/8"},
    ],
}


@cache
def extended() -> Assessor:
    return Assessor(KnowledgeBase.load("article", "extended"))


@cache
def grave() -> Entry:
    return bundle_of(GRAVE, extended(), occurred="2026-11-23T08:30:00Z", request_id="call 1")


def bundle_of(record: Entry, assessor: Assessor, **more: Any) -> Entry:
    answer = assessor.assess(record)
    return assessment_bundle(answer, assessor.knowledge, patient="Patient/1", **more)


def article(record: Entry) -> Entry:
    return bundle_of(record, Assessor(article_knowledge()))


def resources(bundle: Entry, kind: str) -> list[Entry]:
    return [e["resource"] for e in bundle["entry"] if e["resource"]["resourceType"] == kind]


def one(bundle: Entry, kind: str) -> Entry:
    (found,) = resources(bundle, kind)
    return found


def issue_named(bundle: Entry, start: str) -> Entry:
    (found,) = [
        issue
        for issue in resources(bundle, "DetectedIssue")
        if issue["code"]["text"].startswith(start)
    ]
    return found


def references(value: list[Entry]) -> set[str]:
    return {one["reference"] for one in value}


def test_red_flags_come_first() -> None:
    """The first entry is the red flag, of high severity, worded as an option, with its source."""
    first, second = (entry["resource"] for entry in grave()["entry"][:2])
    for issue in (first, second):
        assert issue["severity"] == "high"
        assert issue["code"]["text"].startswith("Red flag, consider urgent evaluation: ")
    assert first["detail"].endswith("[judgement]")
    assert "nice-ng42" in second["detail"]
    assert second["reference"].startswith("https://")
    impression = one(grave(), "ClinicalImpression")
    assert impression["summary"].startswith("Red flags, consider urgent evaluation: ")


def test_a_medicine_that_may_cause_cramps_is_implicated() -> None:
    """The issue of a drug-induced cause points to the prescription that the record names."""
    issue = issue_named(grave(), "A medicine may cause the cramps: Cramps from a diuretic")
    assert references(issue["implicated"]) == {"MedicationRequest/3"}
    assert issue["severity"] == "moderate"


def test_a_caution_that_applies_is_an_issue() -> None:
    """A caution's level gives the severity; the advice depends on the option being considered."""
    rules = knowledge(
        findings=["gout", "weak_heart"],
        causes={"cause": {"evidence": [{"when": "gout", "favors": "confirms"}]}},
        treatments=[
            {
                "id": "pill",
                "indications": [{"when": "gout"}],
                "cautions": [
                    {"when": "weak_heart", "level": "avoid"},
                    {"when": {"absent": "weak_heart"}, "level": "monitor"},
                ],
            }
        ],
    )
    record = {"findings": [{"id": "gout"}, {"id": "weak_heart", "origin": "Condition/h"}]}
    issue = one(bundle_of(record, Assessor(rules)), "DetectedIssue")
    assert issue["severity"] == "high"
    assert issue["code"] == {"text": "If Pill is considered, avoid"}
    assert issue["evidence"] == [
        {"code": [{"text": "Weak heart: present"}], "detail": [{"reference": "Condition/h"}]}
    ]


def test_a_caution_to_check_is_no_issue() -> None:
    """What is unknown is asked for, not asserted."""
    rules = knowledge(
        findings=["gout", "weak_heart"],
        causes={"cause": {"evidence": [{"when": "gout", "favors": "confirms"}]}},
        treatments=[
            {
                "id": "pill",
                "indications": [{"when": "gout"}],
                "cautions": [{"when": "weak_heart", "level": "avoid"}],
            }
        ],
    )
    bundle = bundle_of({"findings": {"gout": True}}, Assessor(rules))
    assert resources(bundle, "DetectedIssue") == []


def test_only_medicines_that_are_taken_are_implicated() -> None:
    """A medicine whose absence makes a caution apply is evidence, and implicated in nothing."""
    rules = knowledge(
        findings=[{"id": n, "kind": "medication"} for n in ("statin", "shield")],
        causes={"cause": {"evidence": [{"when": "statin", "favors": "confirms"}]}},
        treatments=[
            {
                "id": "pill",
                "indications": [{"when": "statin"}],
                "cautions": [{"when": {"all": ["statin", {"absent": "shield"}]}, "level": "avoid"}],
            }
        ],
    )
    record = {
        "medications": [
            {"id": "statin", "origin": "MedicationRequest/1"},
            {"id": "shield", "status": "absent", "origin": "MedicationStatement/2"},
        ]
    }
    issue = one(bundle_of(record, Assessor(rules)), "DetectedIssue")
    assert references(issue["implicated"]) == {"MedicationRequest/1"}
    assert len(issue["evidence"]) == 2


def test_an_absent_finding_carries_no_code() -> None:
    """A code without negation would be read as present, so absence is said in words alone."""
    rules = knowledge(
        findings=["numbness", "tremor"],
        causes={"cause": {"evidence": [{"when": "tremor", "favors": "strong"}]}},
        red_flags=[{"id": "flag", "when": {"all": ["tremor", {"absent": "numbness"}]}}],
        codes=[
            ("SNOMED-CT", "26079004", "exact", "tremor", "Tremor"),
            ("SNOMED-CT", "44077006", "exact", "numbness", "Numbness"),
        ],
    )
    bundle = bundle_of({"findings": {"tremor": True, "numbness": False}}, Assessor(rules))
    evidence = {
        e["code"][0]["text"]: e["code"][0] for e in one(bundle, "DetectedIssue")["evidence"]
    }
    assert "coding" not in evidence["Numbness: absent"]
    assert evidence["Tremor: present"]["coding"][0]["code"] == "26079004"


def test_basis_names_finding_direction_weight_and_source() -> None:
    """Each line of evidence can be understood without crampdx."""
    impression = one(
        article({"findings": {"hypokalemia": True, "muscle_cramp": True}}), "ClinicalImpression"
    )
    basis = next(
        f["basis"]
        for f in impression["finding"]
        if f["itemCodeableConcept"]["text"] == "Low potassium"
    )
    assert "For (+20 dB): Low potassium: present." in basis
    assert "[article:common.electrolytes.potassium" in basis
    assert any("[article:common.electrolytes" in note["text"] for note in impression["note"])


def test_lines_against_are_said_to_be_so() -> None:
    """A line that opposes is called so, with its negative weight."""
    bases = [finding["basis"] for finding in one(grave(), "ClinicalImpression")["finding"]]
    assert any("\nAgainst (-10 dB): " in basis for basis in bases)


def test_the_impression_leaves_out_what_is_unlikely() -> None:
    """FHIR means by a finding what is likely or relevant; the whole ranking is a RiskAssessment."""
    answer = extended().assess(GRAVE)
    shown = [
        f["itemCodeableConcept"]["text"] for f in one(grave(), "ClinicalImpression")["finding"]
    ]
    urgent = {item.cause for item in answer.do_not_miss}
    assert shown == [c.name for c in answer.candidates if c.band != "unlikely" or c.cause in urgent]
    assert len(one(grave(), "RiskAssessment")["prediction"]) == len(answer.candidates) > len(shown)


def test_the_impression_has_what_must_not_be_missed() -> None:
    """An unlikely cause with evidence stays in the differential where missing it does harm."""
    rules = knowledge(
        findings=["tremor", "numbness"],
        causes={
            "plain": {"evidence": [{"when": "tremor", "favors": "confirms"}]},
            "grave": {
                "pretest": "rare",
                "do_not_miss": True,
                "evidence": [{"when": "numbness", "favors": "strong"}],
            },
            "rare": {
                "pretest": "rare",
                "evidence": [{"when": "numbness", "favors": "strong"}],
            },
        },
    )
    record = {"findings": {"tremor": True, "numbness": True}}
    impression = one(bundle_of(record, Assessor(rules)), "ClinicalImpression")
    shown = [finding["itemCodeableConcept"]["text"] for finding in impression["finding"]]
    assert shown == ["Plain", "Grave"]
    assert impression["finding"][1]["basis"].startswith("Rank 2 of 3, unlikely.")


def test_only_references_become_references() -> None:
    """Origins of the form Type/id are referred to; other places are not."""
    basis = references(one(grave(), "RiskAssessment")["basis"])
    assert {"Condition/12", "Observation/7", "Observation/8"} <= basis
    assert not [reference for reference in basis if "entry" in reference or "#" in reference]


def test_times_are_given_not_read() -> None:
    """`occurred` is the time of the evaluation, `as_of` that of the data; no clock is asked."""
    impression = one(grave(), "ClinicalImpression")
    assert impression["date"] == "2026-11-23T08:30:00Z"
    assert impression["effectiveDateTime"] == "2026-11-23"
    without = one(article({}), "GuidanceResponse")
    assert "occurrenceDateTime" not in without


def test_guidance_names_the_rules() -> None:
    """The module is named by packs, versions and digest; the request by its id."""
    guidance = one(grave(), "GuidanceResponse")
    digest = extended().knowledge.digest
    assert guidance["moduleUri"].startswith("urn:crampdx:article@")
    assert guidance["moduleUri"].endswith(f":sha-256:{digest}")
    assert guidance["requestIdentifier"] == {"value": "call 1"}


def test_a_hook_instance_is_a_urn() -> None:
    """An id of a request that is a UUID is given with its system."""
    instance = "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea"
    bundle = bundle_of({}, Assessor(article_knowledge()), request_id=instance)
    assert one(bundle, "GuidanceResponse")["requestIdentifier"] == {
        "system": "urn:ietf:rfc:3986",
        "value": UUID(instance).urn,
    }


def test_guidance_asks_for_what_would_tell() -> None:
    """Each question and each test becomes a data requirement, in their order."""
    guidance = one(grave(), "GuidanceResponse")
    answer = extended().assess(GRAVE)
    assert guidance["status"] == "data-requested"
    assert [item["id"] for item in guidance["dataRequirement"]] == [
        *(f"finding.{question.finding}" for question in answer.questions),
        *(f"test.{test.test}" for test in answer.tests),
    ]


def test_a_value_is_asked_for_by_loinc() -> None:
    """A test's requirement has the LOINC codes of the measurements that it would show."""
    salt = {"loinc": ["2951-2"], "unit": "mmol/L", "present": {"below": 130}}
    rules = knowledge(
        findings=[{"id": "low_salt", "kind": "laboratory", "shown_by": [salt]}, "tremor"],
        causes={
            "one": {
                "evidence": [
                    {"when": "tremor", "favors": "strong"},
                    {"when": "low_salt", "favors": "strong"},
                ]
            },
            "two": {"evidence": [{"when": "tremor", "favors": "strong"}]},
        },
        tests=[{"id": "salts", "shows": ["low_salt"]}],
    )
    guidance = one(bundle_of({"findings": {"tremor": True}}, Assessor(rules)), "GuidanceResponse")
    loinc = {"system": "http://loinc.org", "code": "2951-2"}
    assert guidance["dataRequirement"] == [
        {
            "id": "test.salts",
            "type": "Observation",
            "codeFilter": [{"path": "code", "code": [loinc]}],
        }
    ]


def test_a_test_known_as_a_procedure_is_asked_for_as_such() -> None:
    """A code of what is done filters procedures, not observations."""
    guidance = one(grave(), "GuidanceResponse")
    asked = {item["id"]: item for item in guidance["dataRequirement"]}
    assert asked["test.genetic_test"]["type"] == "Procedure"


def test_without_open_ends_guidance_is_a_success() -> None:
    """Where nothing would change the answer, nothing is requested and no group is made."""
    rules = knowledge(
        findings=["tremor"], causes={"one": {"evidence": [{"when": "tremor", "favors": "strong"}]}}
    )
    bundle = bundle_of({"findings": {"tremor": True}}, Assessor(rules))
    guidance = one(bundle, "GuidanceResponse")
    assert guidance["status"] == "success"
    assert "result" not in guidance
    assert resources(bundle, "RequestGroup") == []


def test_warnings_are_messages_of_the_evaluation() -> None:
    """What could not be read or was not used stands in the OperationOutcome of the response."""
    outcome = one(grave(), "OperationOutcome")
    words = {issue["details"]["text"] for issue in outcome["issue"]}
    assert {"unknown_id", "read_from_name", "outside_vocabulary"} <= words
    (unknown,) = [i for i in outcome["issue"] if i["details"]["text"] == "unknown_id"]
    assert (unknown["severity"], unknown["code"]) == ("warning", "code-invalid")
    assert unknown["expression"] == ["findings[4]"]
    assert len(one(grave(), "GuidanceResponse")["evaluationMessage"]) == 1


def test_what_stays_open_is_a_message() -> None:
    """A red flag that the record leaves open is a warning that says what to check."""
    rules = knowledge(
        findings=["tremor"],
        causes={"one": {"evidence": [{"when": "tremor", "favors": "strong"}]}},
        red_flags=[{"id": "flag", "when": "tremor"}],
    )
    record = {"findings": [{"id": "tremor"}, {"id": "tremor", "status": "absent"}]}
    issues = one(bundle_of(record, Assessor(rules)), "OperationOutcome")["issue"]
    assert issues[0]["code"] == "incomplete"
    assert "Check: Tremor." in issues[0]["diagnostics"]


def test_tests_are_grouped_proposals() -> None:
    """Each proposed test is one action with one ServiceRequest; any of them may be chosen."""
    bundle = grave()
    (parent,) = one(bundle, "RequestGroup")["action"]
    assert parent["selectionBehavior"] == "any"
    assert "resource" not in parent
    addresses = [
        entry["fullUrl"]
        for entry in bundle["entry"]
        if entry["resource"]["resourceType"] == "ServiceRequest"
    ]
    assert [action["resource"]["reference"] for action in parent["action"]] == addresses
    assert all("action" not in action for action in parent["action"])


def test_a_service_request_stands_alone() -> None:
    """A proposed test for a suggestion: code, subject, reason and basis; nothing of a bundle."""
    (test,) = [test for test in extended().assess(GRAVE).tests if test.test == "genetic_test"]
    request = service_request(
        test, "Patient/1", reason="Cramps", supporting=["Observation/8", "findings[1]"]
    )
    assert (request["status"], request["intent"]) == ("draft", "proposal")
    assert request["code"]["coding"][0]["system"] == "http://snomed.info/sct"
    assert request["subject"] == {"reference": "Patient/1"}
    assert request["supportingInfo"] == [{"reference": "Observation/8"}]
    assert request["reasonCode"] == [{"text": "Cramps"}]
    assert "[judgement]" in request["note"][0]["text"]
    assert "id" not in request


def test_a_refused_record_becomes_an_outcome() -> None:
    """Every fault of a refused record is an error with the field's path."""
    with pytest.raises(RecordError) as refusal:
        parse_record({"age": -3, "sexe": "male"})
    issues = operation_outcome(refusal.value)["issue"]
    assert [issue["expression"] for issue in issues] == [["age"], ["sexe"]]
    assert all((i["severity"], i["code"]) == ("error", "invalid") for i in issues)
    assert "did you mean 'sex'?" in issues[1]["diagnostics"]


def test_an_outcome_of_issues() -> None:
    """Issues are given as tuples; what is no path is not called one."""
    outcome = operation_outcome(
        [
            ("error", "required", "no patient", "Bundle.entry[0]"),
            OutcomeIssue("fatal", "exception", "x"),
        ]
    )
    assert outcome["issue"] == [
        {
            "severity": "error",
            "code": "required",
            "diagnostics": "no patient",
            "expression": ["Bundle.entry[0]"],
        },
        {"severity": "fatal", "code": "exception", "diagnostics": "x"},
    ]


def test_every_system_but_omim_has_an_address() -> None:
    """OMIM has no address in HL7's registry; its numbers are not sent."""
    assert set(CodeSystem) - set(SYSTEM_ADDRESSES) == {CodeSystem.OMIM}


@pytest.mark.parametrize("system", ["HPO", "ICD-10-CM", "LOINC", "RxNorm", "SNOMED-CT"])
def test_addresses_are_those_that_are_read(system: str) -> None:
    """What is written is understood when it comes back in a record."""
    assert Coding(system=SYSTEM_ADDRESSES[CodeSystem(system)], code="HP:1").system == system


def test_other_arguments_give_other_addresses() -> None:
    """Bundles of different patients or calls never share an address."""
    assessor = Assessor(article_knowledge())
    answer: Assessment = assessor.assess({})
    bundles = [
        assessment_bundle(answer, assessor.knowledge, patient=patient, request_id=call)
        for patient in ("Patient/1", "Patient/2")
        for call in (None, "a")
    ]
    addresses = [entry["fullUrl"] for bundle in bundles for entry in bundle["entry"]]
    assert len(set(addresses)) == len(addresses)


def test_no_value_and_no_free_text_of_the_record_is_sent() -> None:
    """Measured values, notes, doses and names as written stay where they are."""
    written = "Mx. Sentinel"
    entry = {"text": written, "note": written}
    record = {
        "findings": [{"id": "muscle_cramp", **entry, "body_site": written}],
        "measurements": [{"code": "LOINC:2823-3", "value": 2.468, "unit": "mmol/L", **entry}],
        "medications": [{**entry, "dose": written}],
        "family_history": [{**entry, "relation": written}],
    }
    sent = json.dumps(bundle_of(record, extended()))
    assert "Sentinel" not in sent
    assert "2.468" not in sent
