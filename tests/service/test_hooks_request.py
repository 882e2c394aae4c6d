"""The call of a service, checks 10 to 27: what is taken, what is refused, what is told apart."""

from __future__ import annotations

import copy
import json
import uuid
from pathlib import Path
from typing import Any

import httpx
import pytest
from hooks_world import (
    EHR,
    INSTANCE,
    Client,
    Json,
    app,
    bundle,
    card_of,
    cards,
    client,
    condition,
    cramps,
    fields,
    lab,
    order_of_test,
    patient,
    post,
    potassium,
    prescription,
    select,
    shared_client,
    sign,
    topics,
    view,
    whole_prefetch,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from json_values import places, put

from crampdx.service.cds_hooks import fetching
from crampdx.service.settings import Settings

OUTCOME: Json = {
    "resourceType": "OperationOutcome",
    "issue": [{"severity": "error", "code": "exception"}],
}
AUTHORIZATION: Json = {
    "access_token": "secret-token",
    "token_type": "Bearer",
    "expires_in": 300,
    "scope": "user/*.read",
    "subject": "cds-service",
}


def without(body: Json, *path: str) -> Json:
    found = copy.deepcopy(body)
    place = found
    for step in path[:-1]:
        place = place[step]
    del place[path[-1]]
    return found


def with_value(body: Json, value: Any, *path: str | int) -> Json:
    found = copy.deepcopy(body)
    put(found, path, value)
    return found


def detail(body: Json, hooks_client: Client | None = None) -> str:
    """The detail of the card that says what was not seen."""
    return str(card_of(cards(body, hooks_client), "differential")["detail"])


# --------------------------------------------------------------------------------- 10: transport


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\xff\xfe", b'{"a": NaN}', b"[" * 50_000, b"[]", b"1"]
)
def test_10_a_body_that_is_no_json_object_is_refused(body: bytes) -> None:
    """Check 10: 400 with an OperationOutcome, whatever stands there instead."""
    headers = {"content-type": "application/json"}
    answer = shared_client().post(
        "/cds-services/patient-view-cramps", content=body, headers=headers
    )
    assert answer.status_code == 400
    assert answer.json()["resourceType"] == "OperationOutcome"


def test_10_a_key_that_stands_twice_is_refused() -> None:
    """Check 10: two readers could take another of the two, such as another patient."""
    body = json.dumps(view())[:-1] + ', "hook": "patient-view"}'
    headers = {"content-type": "application/json"}
    answer = shared_client().post(
        "/cds-services/patient-view-cramps", content=body, headers=headers
    )
    assert answer.status_code == 400
    assert "'hook' stands twice" in answer.text


@pytest.mark.parametrize("media", ["text/plain", "application/xml", "application/jsonp", None])
def test_10_another_media_type_is_refused(media: str | None) -> None:
    """Check 10: only JSON is taken; else 415."""
    headers = {"content-type": media} if media else {}
    body = json.dumps(view()).encode()
    answer = shared_client().post(
        "/cds-services/patient-view-cramps", content=body, headers=headers
    )
    assert answer.status_code == 415


@pytest.mark.parametrize("media", ["application/json; charset=utf-8", "application/fhir+json"])
def test_10_json_by_its_other_names_is_taken(media: str) -> None:
    """Check 10: parameters and structured suffixes do not matter."""
    body = json.dumps(view()).encode()
    answer = shared_client().post(
        "/cds-services/patient-view-cramps", content=body, headers={"content-type": media}
    )
    assert answer.status_code == 200


def test_10_a_wrong_method_is_405_and_an_unknown_id_404() -> None:
    """Check 10: each has its status, and the OperationOutcome of this path."""
    assert shared_client().get("/cds-services/patient-view-cramps").status_code == 405
    answer = post(view(), service="nothing-of-the-kind")
    assert answer.status_code == 404
    assert answer.json()["resourceType"] == "OperationOutcome"


# ----------------------------------------------------------------------------- 11 to 16: the form


@pytest.mark.parametrize("member", ["hook", "hookInstance", "context"])
def test_11_a_missing_member_is_named(member: str) -> None:
    """Check 11: without it, 400 names it."""
    answer = post(without(view(), member), service="patient-view-cramps")
    assert (answer.status_code, fields(answer)) == (400, [member])


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("hook", 5),
        ("hook", ""),
        ("hookInstance", "not-a-uuid"),
        ("hookInstance", None),
        ("context", []),
        ("context", "p1"),
        ("prefetch", []),
    ],
)
def test_11_a_member_of_another_type_is_named(member: str, value: Any) -> None:
    """Check 11: of another type, 400 names it, and does not quote it."""
    answer = post(with_value(view(), value, member), service="patient-view-cramps")
    assert (answer.status_code, fields(answer)) == (400, [member])
    assert "not-a-uuid" not in answer.text


def test_11_all_faults_are_named_at_once() -> None:
    """Check 11: one answer for all of them."""
    answer = post({"hook": "patient-view"})
    assert fields(answer) == ["hookInstance", "context"]


def test_12_the_hook_of_another_service_is_refused() -> None:
    """Check 12: a body of another hook than the service's is 400."""
    answer = post(view(), service="encounter-start-cramps")
    assert (answer.status_code, fields(answer)) == (400, ["hook"])


def test_13_an_authorization_needs_a_server() -> None:
    """Check 13: fhirAuthorization without fhirServer is 400."""
    answer = post(view(fhirAuthorization=AUTHORIZATION))
    assert (answer.status_code, fields(answer)) == (400, ["fhirServer"])


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("access_token", ""),
        ("access_token", "with\nnewline"),
        ("token_type", "MAC"),
        ("expires_in", "300"),
        ("scope", None),
        ("subject", 1),
    ],
)
def test_13_the_five_fields_of_an_authorization_are_checked(member: str, value: Any) -> None:
    """Check 13: each is required and has its type."""
    body = view(fhirServer=EHR, fhirAuthorization={**AUTHORIZATION, member: value})
    lacking = without(body, "fhirAuthorization", member)
    for bad in (body, lacking):
        answer = post(bad)
        assert (answer.status_code, fields(answer)) == (400, [f"fhirAuthorization.{member}"])


def test_14_a_server_without_authorization_is_taken() -> None:
    """Check 14: open servers exist, and the prefetch is all that is needed."""
    assert post(view(fhirServer=EHR)).status_code == 200


@pytest.mark.parametrize(
    "address", ["ftp://ehr.example", "ehr.example/fhir", "https://u@ehr.example"]
)
def test_14_a_server_that_is_no_web_address_is_named(address: str) -> None:
    """Check 14: what is no http or https address, or holds a user, is 400."""
    answer = post(view(fhirServer=address))
    assert (answer.status_code, fields(answer)) == (400, ["fhirServer"])


def test_15_what_is_not_known_is_ignored() -> None:
    """Check 15: unknown members, anywhere, and extensions of any kind cause no error."""
    body = view(extension={"com.example": {"a": [1, None]}}, somethingNew={"a": 1})
    body["context"]["new"] = ["x"]
    body["prefetch"]["unasked"] = {"resourceType": "Basic"}
    assert post(body).status_code == 200
    assert post({**body, "extension": "text"}).status_code == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (view(), "userId"),
        (view(), "patientId"),
        (view(hook="encounter-start"), "encounterId"),
        (sign(), "draftOrders"),
        (select(selections=[]), "selections"),
    ],
)
def test_16_each_hook_has_its_required_context(body: Json, field: str) -> None:
    """Check 16: without it, 400 names the field of the context."""
    if field in body["context"]:
        body = without(body, "context", field)
    answer = post(body)
    assert (answer.status_code, fields(answer)) == (400, [f"context.{field}"])


@pytest.mark.parametrize("user", ["dr-1", "Practitioner/", "/1", "Practitioner/a/b", "", 7])
def test_16_a_user_is_a_reference(user: Any) -> None:
    """Check 16: userId is Type/id."""
    answer = post(with_value(view(), user, "context", "userId"))
    assert (answer.status_code, fields(answer)) == (400, ["context.userId"])


@pytest.mark.parametrize("patient_id", ["..", "a/b", "a?b", "a b", "a" * 65, "p1\n"])
def test_16_a_patient_id_cannot_lead_elsewhere(patient_id: str) -> None:
    """Check 16: what is no FHIR id is refused, since it becomes part of an address."""
    answer = post(with_value(view(), patient_id, "context", "patientId"))
    assert (answer.status_code, fields(answer)) == (400, ["context.patientId"])


@pytest.mark.parametrize(
    "drafts", [[], {"resourceType": "List"}, {"resourceType": "Bundle", "entry": 1}]
)
def test_16_draft_orders_are_a_bundle(drafts: Any) -> None:
    """Check 16: anything else is 400."""
    answer = post(with_value(sign(), drafts, "context", "draftOrders"))
    assert (answer.status_code, fields(answer)) == (400, ["context.draftOrders"])


@pytest.mark.parametrize("user", ["Patient/p1", "RelatedPerson/r1"])
def test_patients_are_refused_as_users(user: str) -> None:
    """The audience is professional: a patient-facing user is 403, unless the site allows it."""
    body = with_value(view(), user, "context", "userId")
    assert post(body).status_code == 403
    assert post(body, client(allow_patient_users=True)).status_code == 200


# ----------------------------------------------------------------------- 17 to 22: prefetch states


@pytest.mark.parametrize("key", ["patient", "problems"])
def test_17_a_required_key_that_cannot_be_had_is_412(key: str) -> None:
    """Check 17: not in prefetch, no server: 412, and the key is named with its query."""
    answer = post(without(view(), "prefetch", key))
    assert (answer.status_code, fields(answer)) == (412, [f"prefetch.{key}"])
    assert "{{context.patientId}}" in answer.json()["issue"][0]["diagnostics"]


def test_17_all_that_is_lacking_is_named() -> None:
    """Check 17: a call without any prefetch names every required key."""
    assert fields(post(without(view(), "prefetch"))) == ["prefetch.patient", "prefetch.problems"]


def test_17_a_server_that_is_not_allowed_is_never_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """Check 17: an address of a request is not read unless its origin is listed; 412 instead."""
    monkeypatch.setattr(fetching, "open_client", lambda server: pytest.fail("an outgoing call"))
    body = view({}, fhirServer=EHR, fhirAuthorization=AUTHORIZATION)
    for origins in ((), ("https://ehr.example.org",), ("http://ehr.example",)):
        assert post(body, client(fhir_origins=origins)).status_code == 412


@pytest.mark.parametrize(
    "address",
    [
        "https://ehr.example.evil.example/fhir",
        "https://evil.example/https://ehr.example/fhir",
        "https://evil.example#https://ehr.example",
        "https://evil.example?ehr.example",
        "https://evil.example\\.ehr.example/fhir",
        "https://ehr.example.:443/fhir",
        "https://ehr.example:444/fhir",
        "https://ehr%2eexample/fhir",
        "https://ehr\N{IDEOGRAPHIC FULL STOP}example/fhir",
        "https://xn--ehr-.example/fhir",
        "https://\N{CYRILLIC SMALL LETTER IE}hr.example/fhir",
        "http://ehr.example/fhir",
        "http://2130706433/fhir",
        "http://0x7f000001/fhir",
        "http://[::ffff:127.0.0.1]/fhir",
        "http://169.254.169.254/latest/meta-data",
    ],
)
def test_17_an_address_that_looks_like_an_allowed_one_is_never_read(address: str) -> None:
    """Check 17: an origin is allowed as a whole, or not at all."""
    settings = Settings(fhir_origins=("https://ehr.example",))
    assert fetching.readable_server(address, None, settings) is None


def test_18_an_optional_key_that_is_absent_is_said() -> None:
    """Check 18: 200, and the card says what was not seen."""
    assert "survey: not supplied" in detail(without(view(), "prefetch", "survey"))


def test_19_null_is_not_absent() -> None:
    """Check 19: the client looked and there is nothing: no 412, and it is said."""
    body = with_value(view(), None, "prefetch", "patient")
    assert "patient: no data on record (not treated as absent)" in detail(body)


def test_20_an_empty_bundle_is_not_absent_and_no_negative() -> None:
    """Check 20: zero hits are no 412, and not a finding's absence."""
    found = detail(with_value(view(), {"resourceType": "Bundle"}, "prefetch", "medications"))
    assert "medications: nothing found (not treated as absent)" in found
    assert post(with_value(view(), bundle(), "prefetch", "problems")).json() == {"cards": []}


def test_20_an_empty_search_leaves_the_ranking_as_it_is() -> None:
    """Check 20: what is not found is unknown: the causes are the same as without the key."""
    kept = without(view(), "prefetch", "medications")
    empty = view()
    summaries = [[c["summary"] for c in cards(body)] for body in (kept, empty)]
    assert summaries[0] == summaries[1]


def test_21_an_operation_outcome_of_an_optional_key_is_said() -> None:
    """Check 21: the client failed: 200, and the card says that it could not be obtained."""
    body = with_value(view(), OUTCOME, "prefetch", "laboratory")
    assert "laboratory: could not be obtained" in detail(body)


def test_21_an_operation_outcome_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Check 21: also where the server may be read; 412 for a required key."""
    ehr = Ehr({})
    body = with_value(view(fhirServer=EHR), OUTCOME, "prefetch", "problems")
    answer = post(body, ehr.client(monkeypatch))
    assert (answer.status_code, fields(answer)) == (412, ["prefetch.problems"])
    assert ehr.asked == []


def test_22_an_operation_outcome_in_a_bundle_means_that_a_part_is_kept_back() -> None:
    """Check 22: the rest is used, and the card says that it is incomplete."""
    body = with_value(view(), bundle(cramps(), OUTCOME), "prefetch", "problems")
    assert "problems: incomplete, the FHIR server kept a part back" in detail(body)


@pytest.mark.parametrize("value", [{}, [], "text", 5, {"resourceType": 3}, {"a": 1}])
def test_a_value_that_is_no_resource_is_said_or_412(value: Any) -> None:
    """What is neither resource nor Bundle: said for an optional key, 412 for a required one."""
    found = detail(with_value(view(), value, "prefetch", "survey"))
    assert "survey: not of a form that can be read" in found
    assert post(with_value(view(), value, "prefetch", "problems")).status_code == 412


# --------------------------------------------------------------------- 23, 24: the FHIR server


class Ehr:
    """A FHIR server: answers by path and query; anything else is 404."""

    def __init__(self, answers: Json) -> None:
        self.answers = answers
        self.asked: list[str] = []
        self.tokens: set[str | None] = set()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        address = str(request.url)
        self.asked.append(address.removeprefix(f"{EHR}/"))
        self.tokens.add(request.headers.get("authorization"))
        found = self.answers.get(address.removeprefix(f"{EHR}/"))
        if found is None:
            return httpx.Response(404, json=OUTCOME)
        return found if isinstance(found, httpx.Response) else httpx.Response(200, json=found)

    def client(self, monkeypatch: pytest.MonkeyPatch, **settings: Any) -> Client:
        def opened(server: fetching.FhirServer) -> httpx.AsyncClient:
            real = original(server)
            return httpx.AsyncClient(
                headers=real.headers, transport=httpx.MockTransport(self), timeout=real.timeout
            )

        original = fetching.open_client
        monkeypatch.setattr(fetching, "open_client", opened)
        return shared_client(fhir_origins=("https://ehr.example",), **settings)


def asking(prefetch: Json, **more: Any) -> Json:
    return view(prefetch, fhirServer=EHR, fhirAuthorization=AUTHORIZATION, **more)


NEXT = {"relation": "next", "url": f"{EHR}/next?page=2"}
PROBLEMS = "Condition?patient=p1"


def test_23_a_next_page_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Check 23: with a token, the pages after the first one are read."""
    prefetch = whole_prefetch(problems={**bundle(condition("I10", "c0")), "link": [NEXT]})
    ehr = Ehr({"next?page=2": bundle(cramps())})
    found = detail(asking(prefetch), ehr.client(monkeypatch))
    assert ehr.asked == ["next?page=2"]
    assert "pages that were not read" not in found


def test_23_what_a_page_brings_is_not_called_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Check 23: a first page without entries, and a second one with some."""
    prefetch = whole_prefetch(laboratory={**bundle(), "link": [NEXT]})
    ehr = Ehr({"next?page=2": bundle(potassium())})
    found = detail(asking(prefetch), ehr.client(monkeypatch))
    assert "laboratory" not in found
    assert "Observation/k1" in found


def test_23_without_access_a_next_page_is_said() -> None:
    """Check 23: else the card says that there are pages that were not read."""
    prefetch = whole_prefetch(problems={**bundle(cramps()), "link": [NEXT]})
    assert "problems: incomplete, there are pages that were not read" in detail(view(prefetch))


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/steal",
        "//evil.example/x",
        "http://ehr.example/fhir/x",
        "file:///etc",
        "",
    ],
)
def test_23_a_page_of_another_origin_is_never_read(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Check 23: the token goes to no other origin than that of fhirServer."""
    link = [{"relation": "next", "url": url}]
    prefetch = whole_prefetch(problems={**bundle(cramps()), "link": link})
    ehr = Ehr({})
    found = detail(asking(prefetch), ehr.client(monkeypatch))
    assert ehr.asked == []
    assert "problems: incomplete" in found


def test_23_pages_in_a_circle_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Check 23: a page is read once, also where it names itself as the next."""
    prefetch = whole_prefetch(problems={**bundle(cramps()), "link": [NEXT]})
    ehr = Ehr({"next?page=2": {**bundle(), "link": [NEXT]}})
    assert "problems: incomplete" in detail(asking(prefetch), ehr.client(monkeypatch))
    assert ehr.asked == ["next?page=2"]


def test_23_endless_pages_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Check 23: pages are bounded in number."""
    pages = {
        f"next?page={n}": {
            **bundle(),
            "link": [{"relation": "next", "url": f"{EHR}/next?page={n + 1}"}],
        }
        for n in range(2, 99)
    }
    prefetch = whole_prefetch(problems={**bundle(cramps()), "link": [NEXT]})
    ehr = Ehr(pages)
    assert "problems: incomplete" in detail(asking(prefetch), ehr.client(monkeypatch))
    assert len(ehr.asked) == fetching.MAX_PAGES


def test_24_only_what_is_missing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Check 24: a partial prefetch leads to reads of the other keys alone, with the token."""
    prefetch = whole_prefetch()
    for key in ("problems", "encounter", "survey"):
        prefetch.pop(key, None)
    ehr = Ehr({PROBLEMS: bundle(cramps())})
    found = detail(asking(prefetch), ehr.client(monkeypatch))
    assert sorted(ehr.asked) == [PROBLEMS, "Observation?patient=p1&category=survey"]
    assert ehr.tokens == {"Bearer secret-token"}
    assert "survey: could not be obtained" in found


def test_24_an_open_server_is_read_without_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """Check 24: without fhirAuthorization no Authorization header is sent."""
    ehr = Ehr({PROBLEMS: bundle(cramps())})
    body = without(asking(whole_prefetch()), "fhirAuthorization")
    assert cards(without(body, "prefetch", "problems"), ehr.client(monkeypatch))
    assert ehr.tokens == {None}


def test_24_nothing_is_fetched_where_nothing_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Check 24: a whole prefetch leads to no read, also of null and of what failed."""
    ehr = Ehr({})
    prefetch = whole_prefetch(survey=None, laboratory=OUTCOME)
    assert cards(asking(prefetch), ehr.client(monkeypatch))
    assert ehr.asked == []


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(500),
        httpx.Response(302, headers={"location": "https://evil.example/"}),
        httpx.Response(200, content=b"no json"),
        httpx.Response(200, content=b"[" * 100_000),
        httpx.Response(200, json=OUTCOME),
        httpx.Response(200, json=[]),
        httpx.Response(200, content=b" " * 2_000_000),
    ],
    ids=["500", "redirect", "text", "nested", "outcome", "list", "large"],
)
def test_24_a_server_that_fails_is_412_for_what_is_required(
    answer: httpx.Response, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Check 24: whatever the server does, a required key that cannot be had is 412."""
    ehr = Ehr({PROBLEMS: answer})
    body = without(asking(whole_prefetch()), "prefetch", "problems")
    refused = post(body, ehr.client(monkeypatch, max_body_bytes=1_000_000))
    assert (refused.status_code, fields(refused)) == (412, ["prefetch.problems"])
    assert ehr.asked == [PROBLEMS]


def test_24_a_server_that_does_not_answer_in_time_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Check 24: reads are bounded in time, all together."""
    import anyio

    async def silent(request: httpx.Request) -> httpx.Response:
        await anyio.sleep_forever()
        raise AssertionError

    def opened(server: fetching.FhirServer) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(silent))

    monkeypatch.setattr(fetching, "open_client", opened)
    slow = client(fhir_origins=("https://ehr.example",), fetch_timeout_seconds=0.05)
    assert post(without(asking(whole_prefetch()), "prefetch", "problems"), slow).status_code == 412


def test_24_the_client_for_reads_trusts_nothing_around_it() -> None:
    """Check 24: no redirects, no proxies or credentials of the environment."""
    server = fetching.FhirServer(f"{EHR}/", "secret-token", 1.0, 1_000)
    made = fetching.open_client(server)
    assert (made.follow_redirects, made.trust_env) == (False, False)
    assert "secret-token" not in repr(server)


# ------------------------------------------------------------------- 25, 26: whose, and how broken


def test_25_another_patient_in_the_prefetch_is_refused() -> None:
    """Check 25: a Patient that is not context.patientId is 400, and nothing is assessed."""
    answer = post(with_value(view(), patient("p2"), "prefetch", "patient"))
    assert (answer.status_code, fields(answer)) == (400, ["prefetch.patient"])


def test_25_resources_of_another_patient_are_left_out_and_said() -> None:
    """Check 25: what is of another patient has no effect, and the card counts it."""
    foreign = condition("G12.21", "als", "Amyotrophic lateral sclerosis", of="p2")
    found = cards(view(whole_prefetch(problems=bundle(cramps(), foreign))))
    assert "problems: 1 of another patient" in card_of(found, "differential")["detail"]
    assert not any("lateral sclerosis" in card["summary"] for card in found)


@pytest.mark.parametrize("address", [f"{EHR}/Patient/p1", "Patient/p1/_history/3"])
def test_25_the_same_patient_by_another_form_of_reference_is_the_same(address: str) -> None:
    """Check 25: absolute and versioned references do not make another patient."""
    body = view(whole_prefetch(problems=bundle(cramps(subject={"reference": address}))))
    assert "another patient" not in detail(body)


def test_25_the_patient_and_a_medicine_may_be_named_by_the_addresses_of_their_entries() -> None:
    """Check 25: references by `fullUrl` mean the entry, whatever id its resource has."""
    person, medicine = (f"urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e{n}" for n in range(2))
    plain = prescription("m1", "simvastatin 20 MG Oral Tablet", status="active")
    named = {**plain, "subject": {"reference": person}, "medicationReference": {}}
    named["medicationReference"] = {"reference": medicine}
    medication = {"resourceType": "Medication", "id": "s"}
    medication["code"] = named.pop("medicationCodeableConcept")
    people, medicines = bundle(patient()), bundle(named, medication)
    people["entry"][0]["fullUrl"] = person
    medicines["entry"][1]["fullUrl"] = medicine
    by_address = whole_prefetch(patient=people, medications=medicines)
    by_name = whole_prefetch(medications=bundle(plain))
    assert bare(cards(view(by_address))) == bare(cards(view(by_name))) != bare(cards(view()))


def test_25_a_draft_of_another_patient_is_refused() -> None:
    """Check 25: orders for another patient than that of the context are not reviewed."""
    answer = post(sign(prescription("o1", "baclofen", of="p2")))
    assert (answer.status_code, fields(answer)) == (400, ["context.draftOrders"])


def test_26_a_malformed_resource_does_not_fail_the_call() -> None:
    """Check 26: it is listed, and the rest is assessed."""
    broken: Json = {
        "resourceType": "Condition",
        "id": "bad",
        "code": 7,
        "subject": {"reference": "Patient/p1"},
    }
    found = detail(view(whole_prefetch(problems=bundle(cramps(), broken))))
    assert "Condition/bad" in found


def test_26_entries_without_a_resource_are_counted() -> None:
    """Check 26: what is no resource at all is said by its number."""
    problems = bundle(cramps())
    problems["entry"] += [None, 3, {"resource": []}, {"fullUrl": "x"}, {"resource": bundle()}]
    assert "problems: 5 without a resource" in detail(view(whole_prefetch(problems=problems)))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["resourceType", "id", "entry", "resource", "link", "subject", "code"])
            | st.text(max_size=5),
            inner
            | st.sampled_from(["Bundle", "Patient", "Condition", "Observation", "Patient/p1"]),
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(value=json_values, key=st.sampled_from(["patient", "problems", "laboratory", "medications"]))
def test_26_any_json_in_a_prefetch_is_answered(value: Any, key: str) -> None:
    """Check 26: whatever stands there, the answer is 200 with cards, 400 or 412."""
    assert post(with_value(view(), value, "prefetch", key)).status_code in (200, 400, 412)


@given(page=json_values, further=json_values)
def test_26_any_json_of_a_fhir_server_is_answered(page: Any, further: Any) -> None:
    """Check 26: whatever a server answers, the call is 200, 400 or 412."""
    first = {**bundle(cramps()), "link": [NEXT]}
    with pytest.MonkeyPatch.context() as monkeypatch:
        ehr = Ehr({PROBLEMS: page, "next?page=2": further})
        hooks = ehr.client(monkeypatch)
        prefetch = {key: value for key, value in whole_prefetch().items() if key != "problems"}
        for given_prefetch in (prefetch, {**prefetch, "problems": first}):
            assert post(asking(given_prefetch), hooks).status_code in (200, 400, 412)


@given(entries=st.lists(json_values, max_size=4))
def test_26_any_json_among_the_drafts_is_answered(entries: list[Any]) -> None:
    """Check 26: whatever the drafts hold, the answer is 200 with cards or 400."""
    body = sign()
    body["context"]["draftOrders"]["entry"] = [*entries, *({"resource": e} for e in entries)]
    assert post(body).status_code in (200, 400)


ORDERS = select(
    prescription("m1", "baclofen 10 MG Oral Tablet", "1292"),
    order_of_test("t1", "2823-3"),
    selections=["MedicationRequest/m1", "ServiceRequest/t1"],
)


@given(path=st.sampled_from(places(ORDERS)), value=json_values)
@settings(max_examples=150)
def test_26_any_json_in_place_of_any_part_is_answered(
    path: tuple[str | int, ...], value: Any
) -> None:
    """Check 26: one part of a call may be anything; the call is answered or refused."""
    body = with_value(ORDERS, value, *path)
    assert post(body, service="order-select-cramps").status_code in (200, 400, 403, 412)


@pytest.mark.parametrize("status", [[], {}, ["cancelled"], 5, None])
def test_26_a_draft_with_a_status_of_another_type_is_reviewed(status: Any) -> None:
    """Check 26: what is no status withdraws no draft."""
    found = cards(sign(prescription("m1", "baclofen 10 MG Oral Tablet", "1292", status=status)))
    assert "medicine-caution" in topics(found)


def test_nothing_of_the_patient_is_said_where_a_call_is_refused() -> None:
    """Refusals name fields alone."""
    body = with_value(view(), {"resourceType": "Patient", "id": "SECRET"}, "prefetch", "patient")
    assert "SECRET" not in post(body).text


# --------------------------------------------------------------------- 27: the same and on record


def bare(found: list[Json]) -> list[Json]:
    """Cards without their identifiers."""
    text = json.dumps(found)
    for card in found:
        for name in (card["uuid"], *(s["uuid"] for s in card.get("suggestions", []))):
            text = text.replace(name, "")
    kept: list[Json] = json.loads(text)
    return kept


def test_27_the_same_body_gives_the_same_cards() -> None:
    """Check 27: byte for byte, but for the identifiers."""
    first, second = cards(view()), cards(view())
    assert bare(first) == bare(second)
    assert first[0]["uuid"] != second[0]["uuid"]


def test_27_the_hook_instance_is_in_the_decision_record() -> None:
    """Check 27: the record of the decision gets service, instance, input and result."""
    written: list[tuple[Any, ...]] = []
    hooks = app()
    hooks.state.audit = lambda *given, **_: written.append(given)
    cards(view(), Client(hooks))
    ((kind, instance, record, examination),) = written
    assert (kind, instance) == ("patient-view-cramps", INSTANCE)
    assert (record.as_of, examination.assessment.as_of) == ("2026-03-01", "2026-03-01")


def test_27_what_was_ordered_is_in_the_decision_record(tmp_path: Path) -> None:
    """Check 27: of orders, their digest and the rules of their review, and none of their words."""
    log = tmp_path / "audit.jsonl"
    hooks = client(audit_log=log)
    drafts = prescription("o1", "baclofen 10 MG Oral Tablet"), prescription("o2", "zzyzx")
    for ordered in (drafts[:1], drafts[:1], drafts):
        cards(sign(*ordered), hooks)
    first, again, other = (json.loads(line)["orders"] for line in log.read_text().splitlines())
    assert first == again
    assert any(rule.startswith("caution:baclofen.") for rule in first["rules"])
    assert (first["input"] != other["input"], first["rules"]) == (True, other["rules"])
    assert "zzyzx" not in log.read_text()


def test_27_no_order_is_named_among_the_cards_that_are_remembered(tmp_path: Path) -> None:
    """Check 27: a card on a test that only the record knows is kept without the order's id."""
    import sqlite3
    from contextlib import closing

    file = tmp_path / "feedback.sqlite"
    order = order_of_test("order-of-the-patient", "2823-3", "Potassium")
    (card,) = cards(sign(order), client(feedback_database=file))
    assert card["summary"].startswith("Potassium was done on ")
    with closing(sqlite3.connect(file)) as database:
        rows = str(database.execute("SELECT * FROM issued_card").fetchall())
    assert "test-already-done" in rows
    assert "order-of-the-patient" not in rows


def test_27_the_hook_instance_is_kept_with_the_cards(tmp_path: Path) -> None:
    """Check 27: a card that was sent is remembered with its call and the digest of the rules."""
    import sqlite3
    from contextlib import closing

    file = tmp_path / "feedback.sqlite"
    hooks = client(feedback_database=file)
    sent = cards(view(), hooks)
    with closing(sqlite3.connect(file)) as database:
        rows = database.execute("SELECT card, hook_instance, digest FROM issued_card").fetchall()
    assert {row[0] for row in rows} == {card["uuid"] for card in sent}
    assert {row[1:] for row in rows} == {(INSTANCE, hooks.app.state.assessor.knowledge.digest)}


# ------------------------------------------------------------------------------- what is answered


def test_a_patient_without_cramps_gets_no_card() -> None:
    """Whoever has no cramps on record is not this service's patient, whatever else is wrong."""
    assert cards(view(whole_prefetch(problems=bundle(condition("I10", "c1"))))) == []


def test_an_encounter_start_is_answered_like_a_view() -> None:
    """Both hooks speak of the patient; drafts then name the encounter."""
    body = view(hook="encounter-start")
    body["context"]["encounterId"] = "e1"
    body["prefetch"]["encounter"] = None
    found = cards(body)
    assert topics(found) == ["red-flag", "differential"]
    action = found[1]["suggestions"][0]["actions"][0]
    assert action["resource"]["encounter"] == {"reference": "Encounter/e1"}


def test_of_a_resource_under_two_keys_the_newest_version_counts() -> None:
    """Whichever key brings it."""
    old, new = potassium(4.0), potassium(1.9)
    old["meta"] = {"lastUpdated": "2026-02-20T10:00:00Z"}
    new["meta"] = {"lastUpdated": "2026-02-20T09:00:00-05:00"}
    for first, second in ((old, new), (new, old)):
        prefetch = whole_prefetch(laboratory=bundle(first), examination=bundle(second))
        assert "Dangerously low potassium" in str(cards(view(prefetch)))


def test_a_value_of_the_next_day_elsewhere_counts() -> None:
    """Where the clinic is, it may be tomorrow already."""
    value = {**potassium(1.9), "effectiveDateTime": "2026-03-02T08:00:00+11:00"}
    prefetch = whole_prefetch(laboratory=bundle(value))
    assert "Dangerously low potassium" in str(cards(view(prefetch)))


def test_the_same_resource_under_two_keys_counts_once() -> None:
    """An Observation that two searches found is one Observation."""
    twice = whole_prefetch(examination=bundle(potassium()))
    assert bare(cards(view(twice)))[0] == bare(cards(view()))[0]


def test_a_stale_value_is_not_used_at_the_day_of_the_call() -> None:
    """The day of the call is the day of the assessment: an old potassium raises no flag."""
    old = lab("2823-3", 2.1, "mmol/L", "k0", effectiveDateTime="2020-01-01")
    assert "red-flag" not in topics(cards(view(whole_prefetch(laboratory=bundle(old)))))


def test_identifiers_are_new_each_time() -> None:
    """Nobody can guess the identifier of a card from the call that it answers."""
    assert uuid.UUID(cards(view())[0]["uuid"]).version == 4
