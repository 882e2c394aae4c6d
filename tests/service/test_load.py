"""A server under load: many calls at once, and a kill while feedback is being posted."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException
from uuid import uuid4

import pytest
from hooks_world import view
from live import Server, serving

from crampdx.service.cds_hooks.feedback import exported

JSON = {"Content-Type": "application/json"}
VIEW = "/cds-services/patient-view-cramps"
CLIENTS = 5


def posted(port: int, path: str, body: object) -> tuple[int, bytes]:
    """The answer to a body, or status 0 where there is none."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("POST", path, json.dumps(body), JSON)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, HTTPException):
        return 0, b""
    finally:
        connection.close()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving() as running:
        running.wait_for("ready")
        yield running


def test_64_calls_at_once_are_all_answered(server: Server) -> None:
    """Each gets its cards; none is refused or dropped."""
    answers: list[tuple[int, bytes]] = []
    body = view()
    threads = [
        threading.Thread(target=lambda: answers.append(posted(server.port, VIEW, body)))
        for _ in range(64)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [status for status, _ in answers] == [200] * 64
    assert all(json.loads(cards)["cards"] for _, cards in answers)


class Posting:
    """Clients that post feedback until they are stopped, and again what was not acknowledged."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.acknowledged: list[str] = []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._post) for _ in range(CLIENTS)]
        for thread in self._threads:
            thread.start()

    def _post(self) -> None:
        card = str(uuid4())
        while not self._stop.is_set():
            if posted(self.port, f"{VIEW}/feedback", outcome_of(card))[0] == 204:
                self.acknowledged.append(card)
                card = str(uuid4())
            else:
                time.sleep(0.01)

    def wait_for(self, more: int) -> None:
        """Wait until so many more were acknowledged."""
        enough, end = len(self.acknowledged) + more, time.monotonic() + 60
        while len(self.acknowledged) < enough and time.monotonic() < end:
            time.sleep(0.01)
        assert len(self.acknowledged) >= enough

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()


def outcome_of(card: str) -> object:
    outcome = {
        "card": card,
        "outcome": "overridden",
        "overrideReason": {"userComment": "known already"},
        "outcomeTimestamp": "2026-11-23T10:00:00Z",
    }
    return {"feedback": [outcome]}


def test_a_kill_loses_and_doubles_no_acknowledged_feedback(tmp_path) -> None:
    """What was answered with 204 is in the database once, when killed in the midst of it."""
    database = tmp_path / "feedback.db"
    settings = {"CRAMPDX_FEEDBACK_DATABASE": str(database)}
    with serving(**settings) as first:
        posting = Posting(first.port)
        try:
            posting.wait_for(30)
            first.process.kill()
            first.process.wait(30)
            second = Server(port=first.port, **settings)
            try:
                posting.wait_for(30)
            finally:
                second.close()
        finally:
            posting.stop()
    kept = [outcome.card for outcome in exported(database)]
    assert set(posting.acknowledged) <= set(kept)
    assert len(kept) == len(set(kept))
