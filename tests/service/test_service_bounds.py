"""What one request can take: time, room and names; and what a full disk does to the decisions."""

from __future__ import annotations

import dataclasses
import errno
import json
import os
import threading
import time
from datetime import date
from pathlib import Path
from typing import Any

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

import crampdx
from crampdx.record.models import PatientRecord
from crampdx.service import work
from crampdx.service.api import reading
from crampdx.service.api.problems import Problem
from crampdx.service.app import create_app
from crampdx.service.audit import decisions
from crampdx.service.audit.decisions import Audit
from crampdx.service.audit.replay import lines_of
from crampdx.service.limits import holds_more_values
from crampdx.service.metrics import Metrics
from crampdx.service.settings import Settings

RECORD = PatientRecord(age=58)


@pytest.fixture(scope="module")
def assessment() -> crampdx.Assessment:
    return crampdx.assess(RECORD)


@pytest.fixture(scope="module")
def client():
    with TestClient(create_app(Settings(packs=("article",)))) as running:
        yield running


# ------------------------------------------------------------------------- the decision record


def audit_to(file: Path) -> Audit:
    return Audit(Settings(audit_log=file), lambda: date(2026, 3, 1), Metrics())


def is_given(audit: Audit, assessment: crampdx.Assessment, kind: str) -> bool:
    """Whether a decision was recorded, and so given."""
    try:
        audit(kind, None, RECORD, assessment)
    except Problem:
        return False
    return True


@pytest.mark.parametrize("can_be_taken_back", [True, False])
@pytest.mark.parametrize("room", [0, 1, 2, 100, 300, -2, -1])
def test_a_disk_that_fills_cuts_no_line_of_a_decision_that_is_given(
    tmp_path, assessment, monkeypatch, room, can_be_taken_back
) -> None:
    """Whatever byte it fills at: what was given can be read, line for line."""
    file = tmp_path / "audit.jsonl"
    audit, write = audit_to(file), os.write
    assert is_given(audit, assessment, "before")

    def fail(descriptor: int, size: int) -> None:
        raise OSError(errno.EIO, "no")

    with monkeypatch.context() as full:
        full.setattr(decisions.os, "write", lambda into, data: write(into, data[:room]))
        if not can_be_taken_back:
            full.setattr(decisions.os, "ftruncate", fail)
        assert not is_given(audit, assessment, "lost")
    assert is_given(audit, assessment, "after")
    kinds = [line["kind"] for line in lines_of(file.read_bytes()) if line]
    assert [kind for kind in kinds if kind != "lost"] == ["before", "after"]


def test_a_disk_that_refuses_leaves_the_record_as_it_was(tmp_path, assessment, monkeypatch) -> None:
    """Where nothing could be written, nothing is there."""
    file = tmp_path / "audit.jsonl"
    audit = audit_to(file)
    assert is_given(audit, assessment, "before")
    before = file.read_bytes()

    def refuse(descriptor: int, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "full")

    with monkeypatch.context() as full:
        full.setattr(decisions.os, "write", refuse)
        assert not is_given(audit, assessment, "lost")
    assert file.read_bytes() == before


# --------------------------------------------------------------------------------------- time


def test_work_that_takes_too_long_is_answered_and_the_next_has_its_turn() -> None:
    """504 for the one; the other is done while the first still runs."""
    hold = threading.Event()

    async def both() -> tuple[int, str]:
        work.begin(0.05)
        with pytest.raises(Problem) as late:
            await work.run(lambda: hold.wait(30))
        work.begin(30)
        done = await work.run(lambda: "done")
        hold.set()
        return late.value.status, done

    assert anyio.run(both) == (504, "done")


def test_what_waits_too_long_for_its_turn_is_told_to_come_again() -> None:
    """503, and it is not begun at all."""
    begun: list[int] = []
    hold = threading.Event()

    async def first() -> None:
        work.begin(30)
        await work.run(lambda: hold.wait(30))

    async def both() -> int:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(first)
            await anyio.sleep(0.05)
            work.begin(0.05)
            with pytest.raises(Problem) as late:
                await work.run(begun.append, 1)
            hold.set()
        return late.value.status

    assert (anyio.run(both), begun) == (503, [])


def test_work_that_was_left_alone_is_bounded() -> None:
    """With two threads that do not end nothing more is begun, until they end."""
    hold = threading.Event()

    async def outcome(seconds: float, called: Any) -> Any:
        work.begin(seconds)
        try:
            return await work.run(called)
        except Problem as problem:
            return problem.status

    async def several() -> list[Any]:
        found = [await outcome(0.05, lambda: hold.wait(30)) for _ in range(3)]
        hold.set()
        end = time.monotonic() + 30
        while (last := await outcome(30, lambda: "done")) != "done" and time.monotonic() < end:
            await anyio.sleep(0.01)
        return [*found, last]

    assert anyio.run(several) == [504, 504, 503, "done"]


def test_a_decision_that_comes_too_late_is_not_recorded(tmp_path) -> None:
    """It is not given; so nothing says that it was."""
    file = tmp_path / "audit.jsonl"
    hold, assessed = threading.Event(), threading.Event()

    class Slow(crampdx.Assessor):
        def assess(self, record: Any, *more: Any) -> crampdx.Assessment:
            hold.wait(30)
            found = super().assess(record, *more)
            assessed.set()
            return found

    app = create_app(Settings(audit_log=file, answer_timeout_seconds=2, packs=("article",)))
    with TestClient(app) as slow:
        assert slow.post("/assess", json={"age": 58}).status_code == 200
        recorded = file.read_bytes()
        app.state.assessor = Slow(app.state.assessor.knowledge)
        assert slow.post("/assess", json={"age": 58}).status_code == 504
        hold.set()
        assert assessed.wait(30)
    assert file.read_bytes() == recorded


# --------------------------------------------------------------------------------------- room


JSON = st.recursive(
    st.none() | st.integers() | st.text(alphabet='a,[]{}"\\', max_size=6),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=20,
)


def values_in(data: Any) -> int:
    """One for each array and object, and for each comma between what is in it."""
    if isinstance(data, dict | list):
        inner = list(data.values()) if isinstance(data, dict) else data
        return 1 + max(len(inner) - 1, 0) + sum(map(values_in, inner))
    return 0


@given(JSON, st.integers(1, 30), st.booleans())
def test_values_are_counted_and_not_what_strings_hold(
    data: Any, most: int, ascii_only: bool
) -> None:
    """As they would be counted in what the text means."""
    text = json.dumps(data, ensure_ascii=ascii_only).encode()
    assert holds_more_values(text, most) == (values_in(data) >= most)


def test_a_body_of_too_many_values_is_refused_unread(client) -> None:
    """A small body may take much room once it is read."""
    body = b"[" + b"[]," * 1_000_000 + b"[]]"
    answer = client.post("/assess", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, "too many values" in answer.text) == (413, True)


def of_unknown_names(spread: bool) -> dict[str, Any]:
    """A record of some 300,000 names that no record has."""
    several = {f"name_{number}": 1 for number in range(300)}
    if spread:
        return {"medications": [{"text": "x", **several} for _ in range(1_000)]}
    return {"age": 58, **{f"name_{number}": 1 for number in range(300_000)}}


@pytest.mark.parametrize("path", ["/assess", "/explain", "/record"])
@pytest.mark.parametrize("spread", [False, True])
def test_a_record_of_unknown_names_is_refused_before_it_is_validated(
    client, path, spread, monkeypatch
) -> None:
    """Each fault would take room; the first of them are named."""
    open_document = reading.open_document

    def unread(data: Any) -> Any:
        def read(*_: Any) -> Any:
            raise AssertionError("it was validated")

        document = open_document(data)
        return document._replace(format=dataclasses.replace(document.format, read=read))

    monkeypatch.setattr(reading, "open_document", unread)
    record = of_unknown_names(spread)
    asked = {"record": record, "query": {"kind": "next_questions"}}
    answer = client.post(path, json=asked if path == "/explain" else record)
    assert answer.status_code == 422
    first, *more = answer.json()["errors"]
    assert "more than 10000 names" in first["message"]
    assert 0 < len(more) <= 50
    assert all("name_" in fault["path"] for fault in more)


def test_a_record_of_many_findings_is_read(client) -> None:
    """Ids of findings are not fields; as many as a record may hold are fine."""
    findings = {f"unheard_of_{number}": True for number in range(4_000)}
    assert client.post("/assess", json={"findings": findings}).status_code == 200


# -------------------------------------------------------------------------------------- names


def hosted(name: str, path: str = "/knowledge", **given: Any) -> int:
    """The status of what is read by a name; 503 where it is served, since no rules are loaded."""
    made = Settings(packs=("article",), **given)
    served = TestClient(create_app(made, hosts=made.hosts), raise_server_exceptions=False)
    return served.get(path, headers={"host": name}).status_code


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "[::1]:8000", "LOCALHOST"])
def test_this_machine_is_called_by_its_own_names(host) -> None:
    """A service on loopback serves them."""
    assert hosted(host) == 503


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "", "127.0.0.1.x"])
def test_other_names_for_this_machine_are_refused(host) -> None:
    """By which a page of the web would reach it through a browser."""
    assert hosted(host) == 421


def test_names_are_added_by_settings() -> None:
    """The public address, and those that are allowed; on other addresses only where some are."""
    assert hosted("cds.example", public_url="https://cds.example/crampdx") == 503
    assert hosted("cds.local", allowed_hosts=("cds.local",)) == 503
    anywhere = {"host": "10.1.2.3", "auth_off_anywhere": True}
    assert hosted("evil.example", **anywhere) == 503
    assert hosted("evil.example", **anywhere, allowed_hosts=("cds.local",)) == 421


def test_those_who_watch_over_the_service_know_only_its_address() -> None:
    """Health is answered by any name."""
    assert hosted("10.1.2.3:8000", "/healthz", allowed_hosts=("cds.local",)) == 200


def test_each_name_is_a_name() -> None:
    """A setting that holds an address is refused."""
    with pytest.raises(ValueError, match="without scheme and port"):
        Settings(allowed_hosts=("https://cds.example",))
