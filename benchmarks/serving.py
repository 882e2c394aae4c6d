"""A service in a process of its own, started as a hospital starts it, and calls of it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from time import monotonic, sleep
from typing import NamedTuple

import psutil

__all__ = ["JSON", "VIEW", "Answer", "Service", "call", "serving"]

VIEW = "/cds-services/patient-view-cramps"
JSON = {"Content-Type": "application/json"}
_PATIENCE = 60.0


class Answer(NamedTuple):
    status: int
    body: bytes


class Service:
    """The processes of a service, and its port."""

    def __init__(self, workers: int, port: int, environment: dict[str, str]) -> None:
        self.workers = workers
        self._log = tempfile.TemporaryFile()  # noqa: SIM115
        self.process = subprocess.Popen(  # noqa: S603
            [
                str(Path(sys.executable).with_name("crampdx")),
                "serve",
                "--workers",
                str(workers),
                "--port",
                str(port),
            ],
            stderr=self._log,
            env={**os.environ, **environment},
        )
        self.port = port or self._found()

    def log(self) -> str:
        self._log.seek(0)
        return self._log.read().decode()

    def _found(self) -> int:
        end = monotonic() + _PATIENCE
        while monotonic() < end and self.process.poll() is None:
            told = re.search(r"running on http://127\.0\.0\.1:(\d+)", self.log())
            if told:
                return int(told[1])
            sleep(0.005)
        raise RuntimeError(f"the service does not start: {self.log()}")

    def wait(self) -> None:
        """Wait until every process answers."""
        end = monotonic() + _PATIENCE
        while self.log().count("Application startup complete") < self.workers:
            if monotonic() > end or self.process.poll() is not None:
                raise RuntimeError(f"the service does not start: {self.log()}")
            sleep(0.005)

    def processes(self) -> list[psutil.Process]:
        """Those that serve, and where there are several, the one that watches over them."""
        own = psutil.Process(self.process.pid)
        return [own, *own.children(recursive=True)]

    def seconds(self) -> float:
        """The processor time that all of them took."""
        times = [process.cpu_times() for process in self.processes()]
        return sum(taken.user + taken.system for taken in times)

    def resident(self) -> int:
        """The bytes of memory that the largest of them holds."""
        return max(process.memory_info().rss for process in self.processes())

    def kill(self) -> None:
        """End all processes at once, as a failure of the machine would."""
        with suppress(psutil.NoSuchProcess):
            for process in self.processes():
                with suppress(psutil.NoSuchProcess):
                    process.kill()
        self.process.wait(_PATIENCE)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                self.kill()
        self._log.close()


@contextmanager
def serving(workers: int = 1, port: int = 0, **environment: str) -> Iterator[Service]:
    """A service for a while; `environment` holds its settings."""
    service = Service(workers, port, environment)
    try:
        service.wait()
        yield service
    finally:
        service.close()


def call(
    port: int,
    method: str,
    path: str,
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
    connection: HTTPConnection | None = None,
) -> Answer:
    """One request, on a connection of its own unless one is given.

    Raises:
        OSError: There is no answer.
    """
    opened = connection or HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)
    try:
        opened.request(method, path, body, {} if headers is None else headers)
        answer = opened.getresponse()
        return Answer(answer.status, answer.read())
    except HTTPException as error:
        raise OSError(str(error)) from error
    finally:
        if connection is None:
            opened.close()
