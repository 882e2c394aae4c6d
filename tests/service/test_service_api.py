"""The plain API: what is asked is answered, what is refused is named."""

from __future__ import annotations

import json
import os
from datetime import date

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

import crampdx
from crampdx.outputs.fhir import assessment_bundle
from crampdx.service import shipped
from crampdx.service.app import create_app
from crampdx.service.heads import HeadMiddleware
from crampdx.service.limits import is_too_deep
from crampdx.service.settings import Settings

TODAY = date(2026, 3, 1)
RECORD = {"as_of": "2026-02-01", "findings": {"hypokalemia": True}}
BUNDLE = {
    "resourceType": "Bundle",
    "entry": [{"resource": {"resourceType": "Patient", "id": "1", "gender": "female"}}],
}
PACKET = {"id": "1", "subject": {"sex": "FEMALE"}, "phenotypicFeatures": [], "metaData": {}}
SETTINGS = Settings(packs=("article",), max_body_bytes=20_000, max_depth=20)


@pytest.fixture(scope="module")
def client():
    with TestClient(create_app(SETTINGS, lambda: TODAY), raise_server_exceptions=False) as made:
        yield made


@pytest.fixture(scope="module")
def rules():
    return crampdx.KnowledgeBase.load("article")


def send(client, body, path="/assess", kind="application/json"):
    data = body if isinstance(body, str | bytes) else json.dumps(body)
    return client.post(path, content=data, headers={"content-type": kind})


def asked(client, record, **query):
    return send(client, {"record": record, "query": query}, "/explain")


# --------------------------------------------------------------------------------- what is answered


def test_the_answer_is_that_of_the_library(client, rules):
    """The service adds nothing to what the library says, and takes nothing away."""
    expected = crampdx.assess(RECORD, rules).model_dump(mode="json")
    assert send(client, RECORD).json() == expected


@pytest.mark.parametrize("document", [BUNDLE, PACKET, BUNDLE["entry"][0]["resource"]])
def test_other_forms_are_read(client, document):
    """FHIR and Phenopackets are recognized by what they hold."""
    assert send(client, document).status_code == 200


def test_ndjson_and_yaml_are_read(client):
    """Resources line by line, and a Phenopacket as YAML."""
    lines = '{"resourceType": "Patient"}\n{"resourceType": "Condition"}\n'
    assert send(client, lines, kind="application/x-ndjson").status_code == 200
    packet = "id: '1'\nsubject: {sex: FEMALE}\n"
    assert send(client, packet, kind="application/yaml").status_code == 200


@pytest.mark.parametrize("document", [{}, BUNDLE, PACKET])
def test_the_day_is_today_where_none_is_named(client, document):
    """The clock is read at the edge alone."""
    assert send(client, document).json()["as_of"] == "2026-03-01"


def test_the_day_of_the_request_stands_before_that_of_the_record(client):
    """`as_of` of the query, then that of the record."""
    assert send(client, RECORD).json()["as_of"] == "2026-02-01"
    assert send(client, RECORD, "/assess?as_of=2026-01-01").json()["as_of"] == "2026-01-01"


def test_an_assessment_is_answered_as_fhir(client, rules):
    """The Bundle is the one that the library writes of the same assessment."""
    answer = send(client, RECORD, "/assess/fhir?patient=Patient/1&encounter=Encounter/2")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/fhir+json")
    bundle = answer.json()
    guidance = next(
        entry["resource"]
        for entry in bundle["entry"]
        if entry["resource"]["resourceType"] == "GuidanceResponse"
    )
    assert bundle == assessment_bundle(
        crampdx.assess(RECORD, rules),
        rules,
        patient="Patient/1",
        encounter="Encounter/2",
        occurred=guidance["occurrenceDateTime"],
        request_id=answer.headers["x-request-id"],
    )


@pytest.mark.parametrize("document", [BUNDLE, PACKET])
def test_every_form_is_answered_as_fhir(client, document):
    """What is read does not matter for what is answered."""
    assert send(client, document, "/assess/fhir?patient=Patient/1").status_code == 200


@pytest.mark.parametrize(
    ("path", "body", "status", "field"),
    [
        ("/assess/fhir", RECORD, 422, "patient"),
        ("/assess/fhir?patient=Group/1", RECORD, 422, "patient"),
        ("/assess/fhir?patient=Patient/1%0A", RECORD, 422, "patient"),
        ("/assess/fhir?patient=Patient/1&encounter=x", RECORD, 422, "encounter"),
        ("/assess/fhir?patient=Patient/1&as_of=2026-02-30", RECORD, 422, "as_of"),
        ("/assess/fhir?patient=Patient/1", {"age": -1}, 422, "age"),
    ],
)
def test_what_cannot_be_answered_as_fhir_is_refused_in_fhir(client, path, body, status, field):
    """The refusal is an OperationOutcome that names the field."""
    answer = send(client, body, path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/fhir+json")
    (issue,) = answer.json()["issue"]
    assert issue["expression"] == [field]


def test_head_is_answered_as_get_without_the_body(client):
    """Those who watch over a service ask so."""
    for path in ("/healthz", "/", "/knowledge", "/cds-services"):
        head, get = client.head(path), client.get(path)
        assert (head.status_code, head.content) == (200, b""), path
        assert head.headers["content-length"] == get.headers["content-length"]
    assert client.head("/assess").status_code == 405
    assert client.head("/nowhere").status_code == 404


def test_a_fault_under_head_is_answered_as_head():
    """The server is told HEAD whatever happens; else it would send a body that nobody expects."""
    seen = {}

    async def fails(scope, receive, send):
        seen["within"] = scope["method"]
        raise LookupError

    scope = {"type": "http", "method": "HEAD"}
    with pytest.raises(LookupError):
        anyio.run(HeadMiddleware(fails), scope, None, None)
    assert (seen["within"], scope["method"]) == ("GET", "HEAD")


def test_questions_are_answered_as_by_the_library(client, rules):
    """Why, why not, what if and what next."""
    expected = crampdx.explain(RECORD, rules)
    for query, answer in [
        ({"kind": "why", "cause": "hypokalemia"}, expected.why("hypokalemia")),
        ({"kind": "why_not", "cause": "hypokalemia"}, expected.why_not("hypokalemia")),
        (
            {"kind": "what_if", "findings": {"hypokalemia": None}},
            expected.what_if({"hypokalemia": None}),
        ),
        ({"kind": "next_questions", "count": 2}, expected.next_questions(2)),
    ]:
        given_back = asked(client, RECORD, **query).json()
        assert given_back == json.loads(crampdx.explanation.to_json(answer)), query


def test_the_knowledge_names_what_results_name(client):
    """Every id of a result can be looked up."""
    knowledge = client.get("/knowledge").json()
    names = {part: {item["id"] for item in knowledge[part]} for part in ("findings", "causes")}
    for candidate in send(client, RECORD).json()["candidates"]:
        assert candidate["cause"] in names["causes"]
        assert set(candidate["missing"]) <= names["findings"]
        for line in candidate["supporting"]:
            assert set(line["evidence"]["sources"]) <= knowledge["sources"].keys()


def test_examples_can_be_assessed(client):
    """Every example is a record."""
    examples = client.get("/examples").json()
    assert examples
    assert all(send(client, example["record"]).status_code == 200 for example in examples)


def test_schemas_are_those_that_ship(client):
    """Each schema that is listed can be had."""
    for listed in client.get("/schemas").json():
        assert client.get(listed["path"]).json() == shipped.schemas()[listed["name"]]


def test_health_is_told_before_the_rules_are_loaded():
    """A process that is up is not ready until its rules are."""
    early = TestClient(create_app(SETTINGS))
    assert early.get("/healthz").status_code == 200
    for answer in (early.get("/readyz"), early.get("/knowledge"), send(early, RECORD)):
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")


def test_decisions_and_requests_are_counted(client):
    """The counts name routes, never paths."""
    send(client, RECORD)
    client.get("/schemas/marker")
    told = client.get("/metrics").text
    assert 'crampdx_decisions_total{kind="assess"}' in told
    assert 'route="/schemas/{name}",status="404"' in told
    assert "marker" not in told


# ---------------------------------------------------------------------------------- what is refused


REFUSED = {
    "unknown field": (RECORD | {"agee": 1}, "/assess", 422, "agee"),
    "field of a field": ({"cramps": {"per_week": "x"}}, "/assess", 422, "cramps.per_week"),
    "no form": ({"x": 1}, "/assess", 422, ""),
    "no json": ("{", "/assess", 400, ""),
    "no text": (b"\xff\xfe", "/assess", 400, ""),
    "nothing": ("", "/assess", 400, ""),
    "two patients": (
        [BUNDLE["entry"][0]["resource"], {"resourceType": "Patient", "id": "2"}],
        "/assess",
        422,
        None,
    ),
    "deep": ("[" * 21 + "]" * 21, "/assess", 400, ""),
    "deep in yaml": ("[" * 9_000, "/assess", 400, ""),
    "large": ("[" + " " * 20_000 + "]", "/assess", 413, ""),
    "no day": (RECORD, "/assess?as_of=2026-02-30", 422, "as_of"),
    "half a day": (RECORD, "/assess?as_of=2026-02", 422, "as_of"),
    "no question": ({"record": {}}, "/explain", 422, "query"),
    "wrong question": ({"record": {}, "query": {"kind": "x"}}, "/explain", 422, "query"),
    "no cause": (
        {"record": {}, "query": {"kind": "why", "cause": "zebra"}},
        "/explain",
        422,
        "query.cause",
    ),
    "no finding": (
        {"record": {}, "query": {"kind": "what_if", "findings": {"zebra": True}}},
        "/explain",
        422,
        "query.findings",
    ),
    "record in text": ('"{\\"age\\": 58}"', "/assess", 422, ""),
    "cause of another form": (
        {"record": {}, "query": {"kind": "why", "cause": "Not An Id"}},
        "/explain",
        422,
        "query.cause",
    ),
    "record in question": (
        {"record": {"age": "x"}, "query": {"kind": "next_questions"}},
        "/explain",
        422,
        "record.age",
    ),
}


@pytest.mark.parametrize(("body", "path", "status", "field"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_refused_is_named(client, body, path, status, field):
    """The status, and the path of the field, in problem JSON."""
    answer = send(client, body, path)
    problem = answer.json()
    assert answer.status_code == problem["status"] == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert field is None or problem["errors"][0]["path"].startswith(field)


def test_all_faults_are_told_at_once(client):
    """A record with several faults is not refused one by one."""
    problem = send(client, {"age": -1, "sex": "x", "pregnant": "x"}).json()
    assert {error["path"] for error in problem["errors"]} == {"age", "sex", "pregnant"}


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "BREW"])
def test_another_method_is_refused_with_those_allowed(client, method):
    """405 with the header Allow."""
    answer = client.request(method, "/assess")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_another_media_type_is_refused(client, kind):
    """415, in the form of each side."""
    assert send(client, RECORD, kind=kind).status_code == 415
    hook = send(client, RECORD, "/cds-services/patient-view-cramps", kind)
    assert (hook.status_code, hook.json()["resourceType"]) == (415, "OperationOutcome")


def test_an_encoded_body_is_refused(client):
    """No body is unpacked."""
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    assert client.post("/assess", content=b"{}", headers=headers).status_code == 415


def test_large_headers_are_refused(client):
    """431, of one header or of many."""
    assert client.get("/healthz", headers={"x": "y" * 40_000}).status_code == 431
    many = {f"x{number}": "y" for number in range(200)}
    assert client.get("/healthz", headers=many).status_code == 431


def test_hooks_are_refused_as_fhir_says_it(client):
    """Below /cds-services a refusal is an OperationOutcome, of unknown addresses too."""
    for path in ("/cds-services/none", "/cds-services/a/b/c"):
        answer = send(client, {}, path)
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/fhir+json"
        assert answer.json()["issue"][0]["code"] == "not-found"


def test_too_many_at_once_are_sent_away(client):
    """Beyond the limit requests get 503 and when to come back; health is told all the same."""
    app = create_app(SETTINGS.model_copy(update={"max_requests": 1}))
    seen = []

    @app.get("/within")
    def within() -> dict:
        seen.append(TestClient(app).get("/knowledge"))
        seen.append(TestClient(app).get("/healthz"))
        return {}

    assert TestClient(app).get("/within").status_code == 200
    assert [answer.status_code for answer in seen] == [503, 200]
    assert seen[0].headers["retry-after"] == "1"


def test_a_fault_of_ours_is_told_without_detail():
    """An unexpected exception is 500 without any of its words, and the next request is served."""
    app = create_app(SETTINGS)

    @app.get("/broken")
    def broken() -> None:
        raise LookupError("marker of a patient")

    @app.get("/cds-services/broken/x")
    def hook() -> None:
        raise RecursionError("marker of a patient")

    failing = TestClient(app)
    for path in ("/broken", "/cds-services/broken/x"):
        answer = failing.get(path)
        assert answer.status_code == 500
        assert "marker" not in answer.text
        assert "LookupError" not in answer.text
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert failing.get("/healthz").status_code == 200


@given(
    st.recursive(
        st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    ),
    st.integers(1, 6),
)
def test_depth_is_measured_as_json_nests(document, most):
    """Brackets in texts do not count, and nothing else escapes."""

    def depth(value):
        if isinstance(value, dict | list):
            parts = value.values() if isinstance(value, dict) else value
            return 1 + max(map(depth, parts), default=0)
        return 0

    assert is_too_deep(json.dumps(document).encode(), most) == (depth(document) > most)


@given(st.binary(max_size=200) | st.text('[]{}",:\\ 0a', max_size=60).map(str.encode))
def test_no_body_is_a_fault_of_ours(body):
    """Any bytes are answered or refused."""
    for kind in ("application/json", "application/yaml", "application/x-ndjson"):
        assert send(_shared(), body, kind=kind).status_code in (200, 400, 422)


def _shared(made=[]):  # noqa: B006
    if not made:
        app = create_app(SETTINGS)
        app.state.assessor = crampdx.Assessor(crampdx.KnowledgeBase.load("article"))
        made.append(TestClient(app, raise_server_exceptions=False))
    return made[0]


def test_no_environment_is_read_by_the_application(monkeypatch):
    """Settings come from whoever makes the application."""
    monkeypatch.setitem(os.environ, "CRAMPDX_PORT", "1")
    assert Settings().port == 8_000


def test_the_evaluator_of_the_settings_answers():
    """The service assesses by the evaluator that its settings name."""
    settings = SETTINGS.model_copy(update={"evaluator": "builtin"})
    with TestClient(create_app(settings, lambda: TODAY)) as made:
        answer = made.post("/assess", json={"findings": {"hypokalemia": True}})
    assert answer.json()["inference"] == "builtin"
