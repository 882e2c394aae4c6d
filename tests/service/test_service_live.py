"""A server that runs: slow, large and strange clients, signals, and several processes."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import signal
import time
from pathlib import Path

import pytest
from live import Server, serving

MEBIBYTE = 1024 * 1024
HEAD = b"POST /assess HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"

HEALTH = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
CLOSE = b"\r\nConnection: close\r\n\r\n"


def request(body: bytes, *more: bytes) -> bytes:
    lines = [b"Content-Length: %d\r\n" % len(body), *more]
    return HEAD + b"".join(lines) + b"\r\n" + body


@pytest.fixture(scope="module")
def server():
    with serving(CRAMPDX_REQUEST_TIMEOUT_SECONDS="0.5") as running:
        yield running


@pytest.fixture(scope="module")
def patient_server():
    with serving() as running:
        yield running


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def test_a_record_is_assessed(server):
    """The server answers."""
    assert status(server.answer(request(b'{"findings": {"hypokalemia": true}}'))) == 200


def test_a_body_that_does_not_arrive_in_time_is_refused(server):
    """A slow client gets 408 and is hung up on."""
    answer = server.answer(HEAD + b"Content-Length: 100\r\n\r\n{")
    assert status(answer) == 408
    assert b"connection: close" in answer


@pytest.mark.parametrize("start", [b"", b"POST /ass", b"GET / HTTP/1.1\r\nHost: localhost\r\nA: "])
def test_a_head_that_does_not_arrive_in_time_is_refused(server, start):
    """A client that never ends its headers gets 408."""
    assert status(server.answer(start)) == 408


def test_a_head_without_end_is_refused(server):
    """Headers that go on and on get 431, before they are kept."""
    with server.connection() as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nA: ")
        try:
            for _ in range(200):
                connection.sendall(b"a" * 65_536)
        except OSError:
            return  # hung up
        assert status(connection.recv(4_096)) == 431


@pytest.mark.parametrize("chunked", [True, False])
def test_100_megabytes_are_refused_in_bounded_memory(patient_server, chunked):
    """The client sends all of it, gets 413, and the server holds no more than before."""
    patient_server.answer(request(b"{}"))
    before = patient_server.memory()
    block = b"[" * MEBIBYTE
    with patient_server.connection() as connection:
        length = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: 104857600"
        connection.sendall(HEAD + length + b"\r\n\r\n")
        for _ in range(100):
            connection.sendall(b"100000\r\n" + block + b"\r\n" if chunked else block)
        connection.sendall(b"0\r\n\r\n" if chunked else b"")
        answer = connection.recv(4_096)
    assert status(answer) == 413
    assert patient_server.memory() - before < 64 * MEBIBYTE


def test_a_body_that_is_announced_as_too_large_is_not_asked_for(server):
    """A client that asks before it sends is told at once."""
    head = HEAD + b"Content-Length: 104857600\r\nExpect: 100-continue\r\n\r\n"
    assert status(server.answer(head)) == 413


def test_a_zip_bomb_is_not_opened(server):
    """A compressed body is refused unread."""
    bomb = gzip.compress(b"0" * MEBIBYTE)
    assert status(server.answer(request(bomb, b"Content-Encoding: gzip\r\n"))) == 415


def test_10_000_nested_arrays_are_refused(server):
    """A body that is nested too deeply is a bad request, and no crash."""
    assert status(server.answer(request(b"[" * 10_000 + b"]" * 10_000))) == 400


@pytest.mark.parametrize("strange", [b"\x16\x03\x01\x02\x00", b"BREW / HTTP/1.1\r\n\r\n"])
def test_what_is_not_http_is_refused(server, strange):
    """Another protocol, or a method that no one knows, is a bad request."""
    assert status(server.answer(strange)) == 400


def test_the_server_says_nothing_of_itself(server):
    """No header names the software."""
    assert b"\r\nserver:" not in server.answer(HEALTH).lower()


def test_each_log_line_is_an_object(server):
    """What the server logs is JSON, line for line, with a time, a level and an event."""
    lines = server.log()
    assert lines
    assert all({"time", "level", "event"} <= line.keys() for line in lines)


def test_a_killed_server_starts_again_and_stops_gracefully():
    """After a kill the port answers again; on SIGTERM what is on its way is answered first."""
    with serving() as first:
        first.process.kill()
        first.process.wait(30)
        second = Server(port=first.port)
    try:
        with second.connection() as connection:
            connection.sendall(HEAD + b"Content-Length: 2\r\n\r\n{")
            assert status(second.answer(HEALTH)) == 200
            second.process.send_signal(signal.SIGTERM)
            second.wait_for("Shutting down")
            connection.sendall(b"}")
            assert status(connection.recv(65_536)) == 200
        assert second.process.wait(30) in (0, -signal.SIGTERM)
        assert second.log()[-1]["event"].startswith("Finished")
    finally:
        second.close()


def test_several_processes_share_port_and_counts():
    """With workers the counts of all of them are told by any."""
    with serving("--workers", "2") as server:
        server.wait_for("ready")
        for _ in range(4):
            assert status(server.answer(request(b"{}"))) == 200
        with server.connection() as connection:
            connection.sendall(
                b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            )
            told = b"".join(iter(lambda: connection.recv(65_536), b""))
        assert b'crampdx_decisions_total{kind="assess"} 4.0' in told
        assert server.stop() == 0


def children(server: Server) -> list[int]:
    """The processes that serve."""
    listed = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text()
    return [int(number) for number in listed.split()]


def sockets(pid: int) -> int:
    return sum(
        path.readlink().name.startswith("socket:") for path in Path(f"/proc/{pid}/fd").iterdir()
    )


def test_connections_are_shared_evenly_and_stay_where_they_are():
    """Of eight that are kept open, each of two processes serves four."""
    with serving("--workers", "2") as server, contextlib.ExitStack() as opened:
        server.wait_for("ready")
        assert status(server.answer(HEALTH)) == 200
        server.answer(HEALTH)
        time.sleep(0.3)
        before = {pid: sockets(pid) for pid in children(server)}
        for _ in range(8):
            connection = opened.enter_context(server.connection())
            connection.sendall(HEALTH)
            assert status(connection.recv(4_096)) == 200
        assert [sockets(pid) - number for pid, number in before.items()] == [4, 4]


def test_a_process_that_dies_is_replaced():
    """The others go on serving, and its successor needs no loading of rules."""
    with serving("--workers", "2") as server:
        server.wait_for("ready")
        time.sleep(1.1)  # one that dies at once is replaced a little later
        first, second = children(server)
        os.kill(first, signal.SIGKILL)
        server.wait_for("process_ended")
        for _ in range(4):
            assert status(server.answer(request(b"{}"))) == 200
        assert len(children(server)) == 2
        assert second in children(server)
        assert server.stop() == 0


def test_a_port_that_is_taken_is_said(server):
    """A service of several processes that cannot listen ends, with the reason in its log."""
    with pytest.raises(AssertionError, match="in use"):
        Server("--workers", "2", port=server.port).close()


def test_processes_that_cannot_start_end_all(tmp_path):
    """A feedback database that cannot be opened ends the service, and it does not try for ever."""
    (tmp_path / "folder.db").mkdir()
    settings = {"CRAMPDX_FEEDBACK_DATABASE": str(tmp_path / "folder.db")}
    with serving("--workers", "2", **settings) as server:
        assert server.process.wait(60) == 1


def test_a_server_that_cannot_start_says_why(tmp_path):
    """A pack that does not load ends it with the name of what is missing, and status 1."""
    (tmp_path / "nowhere").mkdir()
    with pytest.raises(AssertionError) as failure:
        Server(CRAMPDX_PACKS=str(tmp_path / "nowhere")).close()
    lines = [json.loads(line) for line in str(failure.value).split(": ", 1)[1].splitlines()]
    assert any("nowhere" in line.get("reason", "") for line in lines)
