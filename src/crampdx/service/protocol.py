"""HTTP on a connection, with limits on how long and how large the head of a request may be.

The server below waits for the head of a request as long as a client likes, and keeps as much of it
as a client sends.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from crampdx.service.api.problems import PROBLEM_TYPE, Problem, response

__all__ = ["MAX_HEAD", "LimitedProtocol"]

MAX_HEAD = 64 * 1024
"""The most bytes that are kept of the head of a request while it arrives."""


class LimitedProtocol(HttpToolsProtocol):
    """The server's protocol with the two limits."""

    def __init__(self, *arguments: Any, seconds: float, **named: Any) -> None:
        """Make the protocol of one connection.

        Args:
            arguments: As for the server's protocol.
            seconds: How long the head of a request may take to arrive.
            named: As for the server's protocol.
        """
        super().__init__(*arguments, **named)
        self.seconds = seconds
        self._timer: asyncio.TimerHandle | None = None
        self._head: int | None = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """End the waiting."""
        self._stop()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what arrives of a head."""
        super().data_received(data)
        if self._head is not None and not self.transport.is_closing():
            self._head += len(data)
            if self._head > MAX_HEAD:
                self._refuse(431, "too-long", "the headers are too large")

    def on_message_begin(self) -> None:
        """Begin to wait for the rest of a head."""
        super().on_message_begin()
        self._await_head()

    def on_headers_complete(self) -> None:
        """End the waiting for a head."""
        self._stop()
        super().on_headers_complete()

    def _await_head(self) -> None:
        self._stop()
        self._head = 0
        self._timer = self.loop.call_later(self.seconds, self._too_slow)

    def _stop(self) -> None:
        self._head = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _too_slow(self) -> None:
        if not self.transport.is_closing():
            message = f"the request did not arrive within {self.seconds:g} seconds"
            self._refuse(408, "timeout", message)

    def _refuse(self, status: int, code: str, message: str) -> None:
        """Answer and hang up."""
        self._stop()
        if self.cycle is None or self.cycle.response_complete:
            body = bytes(response(Problem(status, code, message), "/").body)
            head = (
                f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n"
                f"content-type: {PROBLEM_TYPE}\r\n"
                f"content-length: {len(body)}\r\nconnection: close\r\n\r\n"
            )
            self.transport.write(head.encode() + body)
        self.transport.close()
