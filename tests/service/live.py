"""A server in a process of its own, as `crampdx serve` runs it."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

START = "import typer; from crampdx.cli.serve import command; typer.run(command)"


class Server:
    """The process, its port, and what it logged."""

    def __init__(self, *options: str, port: int = 0, **environment: str) -> None:
        self.stderr = tempfile.TemporaryFile()  # noqa: SIM115
        self.process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-c", START, "--port", str(port), *options],
            stderr=self.stderr,
            env={**os.environ, "CRAMPDX_PACKS": "article", **environment},
        )
        self.port = self._listening()

    def wait_for(self, event: str) -> None:
        """Wait until it has logged an event."""
        end = time.monotonic() + 60
        while time.monotonic() < end and all(line["event"] != event for line in self.log()):
            time.sleep(0.02)

    def log(self) -> list[dict]:
        """What it logged, line for line."""
        self.stderr.seek(0)
        return [json.loads(line) for line in self.stderr.read().splitlines()]

    def _listening(self) -> int:
        end = time.monotonic() + 60
        while time.monotonic() < end and self.process.poll() is None:
            self.stderr.seek(0)
            found = re.search(rb"running on http://127\.0\.0\.1:(\d+)", self.stderr.read())
            if found:
                return int(found[1])
            time.sleep(0.02)
        self.stderr.seek(0)
        logged = self.stderr.read().decode()
        self.close()
        raise AssertionError(f"it does not start: {logged}")

    def connection(self) -> socket.socket:
        """A connection to it. It logs that it is ready shortly before it listens."""
        end = time.monotonic() + 30
        while True:
            try:
                return socket.create_connection(("127.0.0.1", self.port), timeout=30)
            except ConnectionRefusedError:
                if time.monotonic() > end or self.process.poll() is not None:
                    raise
                time.sleep(0.02)

    def answer(self, *parts: bytes) -> bytes:
        """What it answers to bytes; until it hangs up or is quiet."""
        with self.connection() as connection:
            for part in parts:
                connection.sendall(part)
            return connection.recv(65_536)

    def memory(self) -> int:
        """The bytes that it holds at the most."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) * 1024

    def stop(self) -> int:
        """Ask it to stop, and wait until it has."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(30)
        self.stderr.close()


@contextmanager
def serving(*options: str, **environment: str) -> Iterator[Server]:
    """A server for a while."""
    server = Server(*options, **environment)
    try:
        yield server
    finally:
        server.close()
