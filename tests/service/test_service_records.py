"""Logs and decision records: what is in them, and that no patient is."""

from __future__ import annotations

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from starlette.testclient import TestClient
from typer import Typer
from typer.testing import CliRunner

import crampdx
from crampdx.cli import replay
from crampdx.service.app import create_app
from crampdx.service.audit.decisions import Audit
from crampdx.service.logs import JsonLines, configuration
from crampdx.service.metrics import Metrics
from crampdx.service.settings import Settings

MARK = "Marker"
RECORD = {
    "as_of": "2026-02-01",
    "age": 58,
    "findings": {"hypokalemia": {"status": "present", "note": f"{MARK} of a note"}},
    "medications": [{"text": f"{MARK}olol", "origin": f"{MARK}/1"}],
}
PATIENT = {"resourceType": "Patient", "id": "1", "birthDate": "1960-05-01"}
INSTANCE = "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea"


class Lines(logging.Handler):
    """Keeps what is logged, as it would be written."""

    def __init__(self):
        super().__init__(logging.DEBUG)
        self.setFormatter(JsonLines())
        self.lines = []

    def emit(self, record):
        self.lines.append(self.format(record))


@pytest.fixture
def lines():
    kept = Lines()
    root, own = logging.getLogger(), logging.getLogger("crampdx")
    levels = root.level, own.level
    root.addHandler(kept)
    root.setLevel(logging.DEBUG)
    own.setLevel(logging.DEBUG)
    yield kept.lines
    root.removeHandler(kept)
    root.setLevel(levels[0])
    own.setLevel(levels[1])


@pytest.fixture
def audit_log(tmp_path):
    return tmp_path / "audit.jsonl"


@pytest.fixture
def client(audit_log):
    settings = Settings(packs=("article",), audit_log=audit_log)
    with TestClient(create_app(settings), raise_server_exceptions=False) as made:
        yield made


@pytest.fixture(scope="module")
def rules():
    return crampdx.KnowledgeBase.load("article")


def audit(file, **settings):
    return Audit(Settings(audit_log=file, **settings), lambda: date(2026, 3, 1), Metrics())


def written(file):
    return [json.loads(line) for line in file.read_text().splitlines()]


# ------------------------------------------------------------------------------------------- logs


def hostile_requests(client):
    """Requests that carry a marker wherever a request can carry something."""
    headers = {
        "authorization": f"Bearer {MARK}",
        "user-agent": MARK,
        "x-request-id": MARK,
        "x-forwarded-for": MARK,
        "referer": f"https://{MARK}.example/?{MARK}",
        "origin": f"https://{MARK}.example",
        "cookie": f"name={MARK}",
    }
    hook = {"hook": MARK, "hookInstance": MARK, "context": {"patientId": MARK}, MARK: MARK}
    for path in ("/assess", "/explain", "/cds-services/patient-view-cramps", "/record"):
        for body in (
            RECORD,
            RECORD | {"age": MARK},
            {"record": RECORD, "query": {"kind": "why", "cause": "marker_" + MARK.lower()}},
            {"record": RECORD, "query": {"kind": MARK}},
            hook,
            {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": MARK}}]},
            MARK,
        ):
            yield client.post(f"{path}?name={MARK}&as_of={MARK}", json=body, headers=headers)
            yield client.post(path, json=body, headers=headers)
        yield client.post(path, content=MARK, headers={"content-type": f"text/{MARK}"})
        yield client.post(path, content="{" + MARK, headers={"content-type": "application/json"})
    yield client.post(f"/assess/fhir?patient=Patient/{MARK}", json=RECORD, headers=headers)
    yield client.post(f"/assess/fhir?patient={MARK}", json=RECORD, headers=headers)
    yield client.put(f"/assess?patient={MARK}", json=RECORD, headers=headers)
    yield client.get(f"/{MARK}?q={MARK}", headers=headers)
    yield client.get(f"/schemas/{MARK}", headers=headers)
    yield client.post(f"/cds-services/{MARK}", json=hook, headers=headers)
    yield client.post(f"/cds-services/{MARK}/feedback", json=hook, headers=headers)
    yield client.request(MARK.upper(), f"/{MARK}")


def test_no_value_of_a_request_is_logged_refused_or_recorded(client, lines, audit_log):
    """Neither logs nor refusals nor decision records hold what a request said."""
    answers = list(hostile_requests(client))
    assert {answer.status_code for answer in answers} >= {200, 400, 404, 405, 415, 422}
    ours = [line for line in lines if '"logger": "httpx' not in line]
    assert len(ours) >= len(answers)
    assert not [line for line in ours if MARK.lower() in line.lower()]
    assert MARK not in audit_log.read_text()
    refused = [answer.text for answer in answers if answer.status_code >= 400]
    assert not [text for text in refused if f"{MARK} of" in text or f"{MARK}olol" in text]


def test_a_fault_is_logged_by_type_and_place_alone(client, lines, monkeypatch):
    """What an exception says may hold a value; its type and its line do not."""

    def fails(*_):
        raise LookupError(f"{MARK} has cramps")

    monkeypatch.setattr(client.app.state.assessor, "assess", fails)
    answer = client.post("/assess", json=RECORD)
    assert (answer.status_code, MARK in answer.text) == (500, False)
    failed = [json.loads(line) for line in lines if '"failed"' in line]
    assert [line["error"] for line in failed] == ["LookupError"]
    assert failed[0]["place"].startswith("test_service_records.py:")
    assert not [line for line in lines if MARK in line]


def test_a_line_of_a_request_names_the_route(client, lines):
    """Method, template of the route, status, time, and the id that the answer carries."""
    answer = client.get("/schemas/record")
    line = next(json.loads(line) for line in lines if '"event": "request"' in line)
    assert {"method": "GET", "route": "/schemas/{name}", "status": 200}.items() <= line.items()
    assert line["request_id"] == answer.headers["x-request-id"]


def test_what_other_libraries_log_is_given_without_arguments():
    """A library may log an address or a value; its arguments are left out."""
    record = logging.LogRecord("httpx", 20, "x.py", 1, "HTTP Request: %s", (MARK,), None)
    assert MARK not in JsonLines().format(record)


def test_libraries_are_quiet_at_any_level():
    """The level of the service does not raise that of libraries, which log addresses."""
    made = configuration("debug")
    assert made["root"]["level"] == "WARNING"
    assert made["loggers"]["crampdx"]["level"] == "DEBUG"
    assert made["loggers"]["uvicorn.access"]["handlers"] == []


# -------------------------------------------------------------------------------- decision records


def test_a_decision_is_recorded(client, audit_log, rules):
    """Time, kind, rules and digests, what fired, and the order of the candidates."""
    assessment = client.post("/assess", json=RECORD).json()
    (line,) = written(audit_log)
    assert line["kind"] == "assess"
    assert line["knowledge"] == rules.digest
    assert line["engine"] == crampdx.__version__
    assert line["input"].startswith("sha256:")
    assert [c["cause"] for c in line["candidates"]] == [
        c["cause"] for c in assessment["candidates"]
    ]
    assert any(rule.startswith("evidence:") for rule in line["rules"])
    assert "record" not in line
    assert audit_log.stat().st_mode & 0o777 == 0o600


def test_explanations_are_recorded_and_refusals_are_not(client, audit_log):
    """Every answer on a patient has its line; what was refused decided nothing."""
    query = {"kind": "why", "cause": "hypokalemia"}
    client.post("/explain", json={"record": RECORD, "query": query})
    client.post("/assess", json={"agee": 1})
    assert [line["kind"] for line in written(audit_log)] == ["explain"]


def test_only_the_fields_that_are_asked_for_are_in_clear(audit_log, rules):
    """Field by field: the age, and nothing else."""
    write = audit(audit_log, audit_fields=("age",))
    record = crampdx.parse_record(RECORD)
    write("hook", INSTANCE, record, crampdx.assess(record, rules))
    (line,) = written(audit_log)
    assert line["record"] == {"age": 58.0}
    assert line["hook_instance"] == INSTANCE


def test_an_instance_that_is_no_uuid_is_not_written(audit_log, rules):
    """A client may write a name there."""
    record = crampdx.parse_record(RECORD)
    audit(audit_log)("hook", MARK, record, crampdx.assess(record, rules))
    assert written(audit_log)[0]["hook_instance"] is None


def test_lines_of_many_threads_do_not_mix(audit_log, rules):
    """Each line is written at once."""
    record = crampdx.parse_record(RECORD)
    found = crampdx.assess(record, rules)
    writers = [audit(audit_log, audit_fields=("findings",)) for _ in range(4)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: writers[n % 4]("assess", None, record, found), range(200)))
    assert len(written(audit_log)) == 200


def test_no_decision_is_given_without_its_line(client, audit_log):
    """Where the record cannot be written the answer is 503."""
    audit_log.unlink()
    audit_log.mkdir()
    assert client.post("/assess", json=RECORD).status_code == 503


def test_a_file_that_cannot_be_written_is_told_at_the_start(tmp_path):
    """Not at the first decision."""
    with pytest.raises(OSError, match="No such file"):
        create_app(Settings(packs=("article",), audit_log=tmp_path / "missing" / "audit.jsonl"))


# ------------------------------------------------------------------------------------------ replay


def replayed(*arguments):
    application = Typer()
    application.command()(replay.replay_decisions)
    result = CliRunner().invoke(application, [*map(str, arguments), "--pack", "article"])
    return result.exit_code, result.stdout


@pytest.fixture
def inputs(tmp_path):
    folder = tmp_path / "inputs"
    folder.mkdir()
    (folder / "record.json").write_text(json.dumps(RECORD))
    (folder / "other.json").write_text("{")
    return folder


def test_a_decision_is_replayed_from_its_input(client, audit_log, inputs):
    """The input is found by its digest, and the answer is the same."""
    client.post("/assess", json=RECORD)
    assert replayed(audit_log, "--input", inputs) == (0, "line 1: same\n")


def test_a_file_that_is_no_input_is_said(audit_log, inputs):
    """Such as the body of a hook call, which is no document of a patient."""
    audit_log.write_text("")
    application = Typer()
    application.command()(replay.replay_decisions)
    ended = CliRunner().invoke(application, [str(audit_log), "--input", str(inputs)])
    assert ended.exit_code == 0
    assert "other.json' is not a record" in ended.stderr
    assert "record.json'" not in ended.stderr


def test_an_input_without_a_day_is_found_by_the_day_of_the_decision(client, audit_log, tmp_path):
    """A document that names no day was read on the day of the decision."""
    bundle = {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient"}}]}
    for number, document in enumerate(({"age": 58}, bundle)):
        client.post("/assess", json=document)
        (tmp_path / f"{number}.json").write_text(json.dumps(document))
    status, said = replayed(
        audit_log, "--input", tmp_path / "0.json", "--input", tmp_path / "1.json"
    )
    assert (status, said.count("same")) == (0, 2)


@pytest.mark.parametrize("document", [{"age": 58}, RECORD, PATIENT])
def test_an_input_is_found_by_the_day_that_the_request_named(client, audit_log, tmp_path, document):
    """A decision on a day of the request is replayed on that day, whatever the document says."""
    client.post("/assess?as_of=2025-11-30", json=document)
    (tmp_path / "input.json").write_text(json.dumps(document))
    assert replayed(audit_log, "--input", tmp_path / "input.json") == (0, "line 1: same\n")


def test_a_day_of_the_record_is_not_written(client, audit_log):
    """The day that a record names may be one of the patient's: the line has that of the service."""
    client.post("/assess", json=RECORD)
    assert RECORD["as_of"] not in audit_log.read_text()


def test_a_line_with_the_whole_record_needs_no_input(audit_log, rules):
    """Where all fields are kept, the line is enough."""
    record = crampdx.parse_record(RECORD)
    fields = tuple(type(record).model_fields)
    audit(audit_log, audit_fields=fields)("assess", None, record, crampdx.assess(record, rules))
    assert replayed(audit_log)[0] == 0


def test_keyed_digests_need_the_key(audit_log, inputs, rules):
    """Without the secret no input is found."""
    record = crampdx.parse_record(RECORD)
    audit(audit_log, audit_key="secret")("assess", None, record, crampdx.assess(record, rules))
    assert written(audit_log)[0]["input"].startswith("hmac-sha256:")
    assert replayed(audit_log, "--input", inputs, "--key", "secret")[0] == 0
    assert replayed(audit_log, "--input", inputs) == (1, "line 1: the input was not found\n")


def test_what_differs_is_said(client, audit_log, inputs):
    """A rule that fires no longer is named, and the status is 1."""
    client.post("/assess", json=RECORD)
    (line,) = written(audit_log)
    line["rules"].append("evidence:gone")
    line["candidates"] = []
    audit_log.write_text(json.dumps(line) + "\nnot a line\n")
    status, said = replayed(audit_log, "--input", inputs)
    assert status == 1
    assert "no longer fire: evidence:gone; the candidates differ" in said
    assert "line 2: not a decision record" in said


def test_a_file_that_is_not_there_is_usage(tmp_path):
    """Status 2 for what cannot be read."""
    assert replayed(tmp_path / "missing")[0] == 2
