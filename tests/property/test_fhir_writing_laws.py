"""Laws of FHIR output: whatever the record and the rules, what is written conforms to FHIR R4."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Any
from xml.etree import ElementTree

import fhirkit
import pytest
from fhir.resources.R4B import get_fhir_model_class
from hypothesis import given
from hypothesis import strategies as st
from json_values import members
from strategies import FEW, SOME, Entry, article_knowledge, load, packs, records, records_for

from crampdx import Assessment, Assessor, KnowledgeBase
from crampdx.outputs.fhir import (
    assessment_bundle,
    operation_outcome,
    service_request,
)
from crampdx.outputs.fhir.elements import finished, narrative

ORIGINS = st.sampled_from(
    (
        "Condition/12",
        "Observation/7#component[1]",
        "MedicationRequest/a.b-c",
        "FamilyMemberHistory/f",
        "QuestionnaireResponse/q#item[0].item[2]",
        "entry[4]",
        "Script/1",
        "Condition/" + "x" * 65,
        "https://elsewhere.example/Condition/1",
    )
)
HOSTILE = st.one_of(
    st.text(st.characters(), max_size=40),
    st.sampled_from(
        (
            "<script>alert(1)</script>",
            "]]></div><img src=x onerror=alert(1)>",
            "&lt;&#0;",
            "Condition/1\n",
            "Condition/1<b>",
            "\x00\x1b[31m\ud800\uffff",
            "   ",
            "",
        )
    ),
)
REQUIRED_CODES = {
    ("Bundle", "type"): {"collection"},
    ("ClinicalImpression", "status"): {"in-progress", "completed", "entered-in-error"},
    ("RiskAssessment", "status"): {"registered", "preliminary", "final", "amended"},
    ("DetectedIssue", "status"): {"registered", "preliminary", "final", "amended"},
    ("DetectedIssue", "severity"): {"high", "moderate", "low"},
    ("GuidanceResponse", "status"): {"success", "data-requested"},
    ("RequestGroup", "status"): {"draft"},
    ("RequestGroup", "intent"): {"proposal"},
    ("ServiceRequest", "status"): {"draft"},
    ("ServiceRequest", "intent"): {"proposal"},
    ("Device", "status"): {"active", "inactive", "entered-in-error", "unknown"},
}
"""The codes of required bindings, or those of them that we may ever send."""

ISSUE_TYPES = {
    *("invalid", "structure", "required", "value", "invariant", "security", "login", "unknown"),
    *("expired", "forbidden", "suppressed", "processing", "not-supported", "duplicate"),
    *("multiple-matches", "not-found", "deleted", "too-long", "code-invalid", "extension"),
    *("too-costly", "business-rule", "conflict", "transient", "lock-error", "no-store"),
    *("exception", "timeout", "incomplete", "throttled", "informational"),
}
XHTML = "{http://www.w3.org/1999/xhtml}"


@cache
def assessor() -> Assessor:
    return Assessor(article_knowledge())


@st.composite
def with_origins(draw: st.DrawFn, given_records: st.SearchStrategy[Entry]) -> Entry:
    """Records, some of whose entries say from which resource they came."""
    record = draw(given_records)
    for entries in record.values():
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, dict) and draw(st.booleans()):
                entry["origin"] = draw(ORIGINS)
    return record


def written(answer: Assessment, rules: KnowledgeBase) -> Entry:
    return assessment_bundle(
        answer,
        rules,
        patient="Patient/1",
        occurred="2026-11-23T08:30:00Z",
        request_id="d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        encounter="Encounter/5",
    )


def objects(value: Any) -> Iterator[Entry]:
    return (part for part in members(value) if isinstance(part, dict))


def conforms(resource: Entry) -> None:
    """Two validators and what neither of them checks."""
    as_sent = json.loads(json.dumps(resource).encode("ascii"))
    get_fhir_model_class(resource["resourceType"]).model_validate(as_sent)
    assert [str(issue) for issue in fhirkit.validate(as_sent)] == []
    assert not [part for part in members(resource) if is_empty(part)]
    for part in objects(resource):
        for (kind, name), allowed in REQUIRED_CODES.items():
            assert part.get("resourceType") != kind or part.get(name, None) in allowed
        if part.get("resourceType") == "OperationOutcome":
            assert {issue["code"] for issue in part["issue"]} <= ISSUE_TYPES
        if "div" in part:
            is_harmless(part["div"])
        if "reference" in part and part["reference"][:4] not in ("http", "urn:"):
            assert re.fullmatch(r"[A-Z][A-Za-z]+/[A-Za-z0-9\-.]{1,64}", part["reference"])


def is_empty(part: Any) -> bool:
    return part is None or part in ([], {}) or (isinstance(part, str) and not part.strip())


def is_harmless(div: str) -> None:
    for element in ElementTree.fromstring(div).iter():  # noqa: S314 - written by us
        assert element.tag in {f"{XHTML}{tag}" for tag in ("div", "p", "ul", "li")}
        assert not element.attrib


def resolves(bundle: Entry) -> None:
    addresses = [entry["fullUrl"] for entry in bundle["entry"]]
    assert len(set(addresses)) == len(addresses)
    for part in objects([entry["resource"] for entry in bundle["entry"]]):
        target = part.get("reference")
        if isinstance(target, str) and target.startswith("urn:"):
            assert target in addresses


@given(with_origins(records()))
def test_a_bundle_of_any_record_conforms(record: Entry) -> None:
    """Any record's assessment is valid FHIR for both validators, without empty members."""
    bundle = written(assessor().assess(record), article_knowledge())
    conforms(bundle)
    resolves(bundle)


@FEW
@given(packs(), st.data())
def test_a_bundle_of_any_rules_conforms(made: Any, data: st.DataObject) -> None:
    """So is the assessment by any rules, red flags and cautions included."""
    rules = load(made)
    answer = Assessor(rules, evaluator="reference").assess(
        data.draw(with_origins(records_for(rules)))
    )
    bundle = written(answer, rules)
    conforms(bundle)
    resolves(bundle)


@SOME
@given(with_origins(records()))
def test_the_same_input_gives_the_same_bytes(record: Entry) -> None:
    """A bundle has no part of chance or clock, also after the assessment was read from JSON."""
    answer = assessor().assess(record)
    again = Assessment.model_validate_json(answer.model_dump_json())
    rules = article_knowledge()
    assert json.dumps(written(answer, rules)) == json.dumps(written(again, rules))


@SOME
@given(with_origins(records()))
def test_nothing_is_a_probability_or_an_order(record: Entry) -> None:
    """No field for a probability is ever written, and each request is a draft proposal."""
    bundle = written(assessor().assess(record), article_knowledge())
    names = {name for part in objects(bundle) for name in part}
    assert not {name for name in names if name.startswith(("probability", "relativeRisk"))}
    for entry in bundle["entry"]:
        if "intent" in entry["resource"]:
            assert (entry["resource"]["status"], entry["resource"]["intent"]) == (
                "draft",
                "proposal",
            )


@SOME
@given(with_origins(records()))
def test_every_candidate_is_predicted_in_order(record: Entry) -> None:
    """RiskAssessment has each candidate once, in rank order, with its band."""
    answer = assessor().assess(record)
    risk = only("RiskAssessment", written(answer, article_knowledge()))
    told = [
        (one["outcome"]["text"], one["qualitativeRisk"]["text"])
        for one in risk.get("prediction", [])
    ]
    assert told == [(candidate.name, str(candidate.band)) for candidate in answer.candidates]


def only(kind: str, bundle: Entry) -> Entry:
    (found,) = [
        entry["resource"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == kind
    ]
    return found


@given(with_origins(records()), HOSTILE, HOSTILE)
def test_hostile_text_is_escaped(record: Entry, place: str, when: str) -> None:
    """Whatever stands in a place, a message or `as_of`, the narrative is harmless."""
    answer = assessor().assess(record)
    place, when = (text.encode(errors="replace").decode() for text in (place, when))
    hostile = answer.model_copy(
        update={
            "as_of": when,
            "warnings": tuple(replace(one, place=place, message=place) for one in answer.warnings),
            "not_used": tuple(replace(one, places=(place,)) for one in answer.not_used),
            "unexplained": tuple(replace(one, places=(place,)) for one in answer.unexplained),
        }
    )
    bundle = written(hostile, article_knowledge())
    conforms(bundle)
    resolves(bundle)


@given(
    st.lists(st.tuples(st.sampled_from(("error", "warning")), st.just("invalid"), HOSTILE, HOSTILE))
)
def test_any_outcome_conforms(issues: list[Any]) -> None:
    """An OperationOutcome is valid whatever its texts are, and with no issue at all."""
    conforms(operation_outcome(issues))


@SOME
@given(with_origins(records()), st.lists(ORIGINS), HOSTILE)
def test_any_service_request_conforms(record: Entry, places: list[str], reason: str) -> None:
    """A proposed test alone is a valid resource too, whatever the reason and the places."""
    for test in assessor().assess(record).tests:
        conforms(service_request(test, "Patient/1", "Encounter/2", reason, supporting=places))


@given(HOSTILE, st.lists(HOSTILE))
def test_any_narrative_is_harmless(title: str, lines: list[str]) -> None:
    """Whatever texts a narrative is made of, it is XHTML of our few elements."""
    made = finished({"resourceType": "Basic", "text": narrative(title, lines)})
    is_harmless(made["text"]["div"])


@pytest.mark.parametrize("argument", ["patient", "encounter", "occurred"])
@given(text=HOSTILE)
def test_arguments_are_checked(argument: str, text: str) -> None:
    """What is no reference and no time is refused, by a message that does not repeat it."""
    given_arguments: Any = {"patient": "Patient/1", argument: text}
    with pytest.raises(ValueError, match=f"^{argument}: give a ") as refusal:
        assessment_bundle(assessor().assess({}), article_knowledge(), **given_arguments)
    assert len(text) < 6 or text not in str(refusal.value)
