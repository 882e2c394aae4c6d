"""Kill the service while feedback is posted, start it again, and count what was kept."""

from __future__ import annotations

import json
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from threading import Event, Thread
from time import monotonic, sleep
from typing import NamedTuple
from uuid import uuid4

from benchmarks.serving import JSON, VIEW, Service, call
from crampdx.service.cds_hooks.feedback import exported

__all__ = ["Restart", "measure", "restarted"]

CLIENTS = 6
GOAL_SECONDS = 2.0
_RECORD = b'{"age": 58, "findings": {"muscle_cramp": true}}'
_PATIENCE = 60.0


class Restart(NamedTuple):
    """What became of one kill.

    Attributes:
        ready: The seconds from the start of the new process to the first 200 of `/readyz`.
        assessed: Those to the first assessment.
        acknowledged: How many outcomes the clients were told are kept.
        lost: How many of them are not in the database.
        doubled: How many outcomes are in it twice.
    """

    ready: float
    assessed: float
    acknowledged: int
    lost: int
    doubled: int


def measure(times: int) -> str:
    """So many kills of one process, and of two."""
    parts = []
    for workers in (1, 2):
        found = [restarted(workers) for _ in range(times)]
        ready, assessed = ([getattr(one, name) for one in found] for name in ("ready", "assessed"))
        verdict = "met" if median(assessed) <= GOAL_SECONDS else "missed"
        processes = "one process" if workers == 1 else f"{workers} processes"
        parts.append(
            f"- {processes}, killed {times} times while {CLIENTS} clients posted feedback:"
            f" `/readyz` answers 200 after {median(ready):.2f} s (fastest {min(ready):.2f} s), a"
            f" record is assessed after {median(assessed):.2f} s (fastest {min(assessed):.2f} s),"
            f" goal {GOAL_SECONDS:g} s, {verdict};"
            f" {sum(one.acknowledged for one in found):,} outcomes acknowledged,"
            f" {sum(one.lost for one in found)} lost,"
            f" {sum(one.doubled for one in found)} doubled"
        )
    return "\n".join(parts)


def restarted(workers: int = 1, seconds: float = 1.0, packs: str = "") -> Restart:
    """Kill a service under feedback, start it again, and let the clients go on.

    Args:
        workers: How many processes serve.
        seconds: For how long feedback is posted before and after.
        packs: The packs, parted by commas; all where it is empty.
    """
    with TemporaryDirectory() as folder:
        database = Path(folder) / "feedback.db"
        settings = {"CRAMPDX_FEEDBACK_DATABASE": str(database), "CRAMPDX_PACKS": packs}
        environment = {name: value for name, value in settings.items() if value}
        first = Service(workers, 0, environment)
        first.wait()
        clients = _Clients(first.port)
        sleep(seconds)
        first.kill()
        first.close()
        begun = monotonic()
        second = Service(workers, first.port, environment)
        try:
            ready = _first(lambda: _is_ready(second.port)) - begun
            assessed = _first(lambda: _assesses(second.port)) - begun
            sleep(seconds)
            acknowledged = clients.stopped()
        finally:
            clients.stop.set()
            second.close()
        kept = [outcome.card for outcome in exported(database)]
    return Restart(
        ready,
        assessed,
        len(acknowledged),
        lost=len(acknowledged - set(kept)),
        doubled=len(kept) - len(set(kept)),
    )


def _first(succeeds: Callable[[], bool]) -> float:
    """The time at which something succeeds for the first time."""
    end = monotonic() + _PATIENCE
    while not succeeds():
        if monotonic() > end:
            raise RuntimeError("the service does not answer again")
        sleep(0.005)
    return monotonic()


def _is_ready(port: int) -> bool:
    try:
        return call(port, "GET", "/readyz").status == 200
    except OSError:
        return False


def _assesses(port: int) -> bool:
    try:
        return call(port, "POST", "/assess", _RECORD, JSON).status == 200
    except OSError:
        return False


class _Clients:
    """Post feedback without end. What was not acknowledged, they post again."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.stop = Event()
        self._acknowledged: set[str] = set()
        self._threads = [Thread(target=self._client, daemon=True) for _ in range(CLIENTS)]
        for thread in self._threads:
            thread.start()

    def stopped(self) -> set[str]:
        """End, and tell which cards the service said it keeps the feedback of."""
        self.stop.set()
        for thread in self._threads:
            thread.join(_PATIENCE)
        return set(self._acknowledged)

    def _client(self) -> None:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        while not self.stop.is_set():
            card = str(uuid4())
            while not self.stop.is_set() and not self._posted(card, connection):
                sleep(0.01)
        connection.close()

    def _posted(self, card: str, connection: HTTPConnection) -> bool:
        outcome = {
            "card": card,
            "outcome": "overridden",
            "overrideReason": {"userComment": "known already"},
            "outcomeTimestamp": "2026-11-23T10:00:00Z",
        }
        body = json.dumps({"feedback": [outcome]}).encode()
        try:
            answer = call(self.port, "POST", f"{VIEW}/feedback", body, JSON, connection)
        except OSError:
            connection.close()
            return False
        if answer.status == 204:
            self._acknowledged.add(card)
        return answer.status == 204
