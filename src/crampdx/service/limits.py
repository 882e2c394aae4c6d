"""What a request may be: its size, its depth, its time, and how many there are at once.

A request is read whole, within the limits, before anything below sees it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import anyio.to_thread
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crampdx.service import work
from crampdx.service.api.problems import Problem, response
from crampdx.service.settings import Settings

__all__ = ["Limits", "holds_more_values", "is_too_deep"]

MAX_HEADERS = 32 * 1024
"""The most bytes of the headers and the address of a request."""

MAX_HEADER_COUNT = 100

BODIES_AT_ONCE = 4
"""How many bodies of the largest size a process holds at once, where no setting says otherwise."""

LARGE = 256 * 1024
"""From how many bytes on the depth of a body is measured in a thread of its own."""

ALWAYS_SERVED = frozenset({"/healthz", "/readyz", "/metrics"})
"""What is asked by those who watch over the service, who have to get an answer when it is full."""

_ALL_BUT_BRACKETS = bytes(set(range(256)) - set(b'"[]{}'))
_ALL_BUT_MARKS = bytes(set(range(256)) - set(b'"[]{},'))
_AS_SQUARE = bytes.maketrans(b"{}", b"[]")


def is_too_deep(text: bytes, most: int) -> bool:
    r"""Whether JSON text nests arrays and objects more deeply than is allowed.

    What is not JSON may give either answer; the reader refuses it.

    Args:
        text: JSON text; several of them, one a line, count as one.
        most: The deepest that is allowed.

    >>> is_too_deep(b'[[1]]', 2), is_too_deep(b'[[[1]]]', 2), is_too_deep(b'["[[\\"["]', 1)
    (False, True, False)
    """
    brackets = _outside(text, _ALL_BUT_BRACKETS)
    if b"[" * (most + 1) in brackets:
        return True
    for _ in range(most):
        fewer = brackets.replace(b"[]", b"")
        if len(fewer) == len(brackets):
            return brackets.count(b"[") > most
        brackets = fewer
    return b"[" in brackets


def holds_more_values(text: bytes, most: int) -> bool:
    r"""Whether JSON text holds more values than are allowed, at any depth.

    An array or an object counts beside what it holds, so that an empty one counts twice.

    >>> holds_more_values(b'[1, {"a,b": 2}]', 4), holds_more_values(b'[1, {"a,b": 2}]', 3)
    (False, True)
    """
    if _openings_and_commas(text) < most:  # those in strings among them
        return False
    return _openings_and_commas(_outside(text, _ALL_BUT_MARKS)) >= most


def _openings_and_commas(text: bytes) -> int:
    return text.count(b"[") + text.count(b"{") + text.count(b",")


def _outside(text: bytes, dropped: bytes) -> bytes:
    """The brackets outside of strings, all of them square, and what else is not dropped.

    A bracket is outside where an even number of quotes is before it, so two quotes side by side
    may go: with them go nearly all strings.
    """
    if b"\\" in text:
        text = text.replace(b"\\\\", b"").replace(b'\\"', b"")
    brackets = text.translate(_AS_SQUARE, dropped).replace(b'""', b"")
    return b"".join(brackets.split(b'"')[::2]) if b'"' in brackets else brackets


@dataclass(frozen=True, slots=True)
class _Declared:
    """What the headers say of a body."""

    length: int
    is_expected: bool
    is_awaited: bool


class Limits:
    """The middleware that keeps the limits, and answers what is beyond them."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.settings = settings
        self._requests = 0
        self._held = 0
        self._most_held = settings.max_held_bytes or BODIES_AT_ONCE * settings.max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body: bytes | None = b""
        held = self._held_by_request()
        self._requests += 1
        try:
            try:
                body = await self._read(scope, receive, held)
            except Problem as problem:
                await response(problem, scope["path"])(scope, receive, send)
                return
            if body is not None:
                work.begin(self.settings.answer_timeout_seconds)
                await self.app(scope, _again(body, receive), send)
        finally:
            self._requests -= 1
            held(None)

    def _held_by_request(self) -> Callable[[int | None], None]:
        """Counts the bytes that a request holds; None gives them all back."""
        own = 0

        def hold(more: int | None) -> None:
            nonlocal own
            if more is None:
                self._held -= own
                return
            own += more
            self._held += more
            if self._held > self._most_held:
                raise _busy()

        return hold

    async def _read(
        self, scope: Scope, receive: Receive, hold: Callable[[int | None], None]
    ) -> bytes | None:
        """The body, or None where the client has gone.

        Raises:
            Problem: The request is beyond a limit.
        """
        if self._requests > self.settings.max_requests and scope["path"] not in ALWAYS_SERVED:
            raise _busy()
        _check_headers(scope)
        declared = _declared(Headers(scope=scope))
        if not declared.is_expected:
            return b""
        try:
            async with asyncio.timeout(self.settings.request_timeout_seconds):
                body = await self._received(receive, declared, hold)
        except TimeoutError:
            seconds = f"{self.settings.request_timeout_seconds:g} seconds"
            message = f"the request did not arrive within {seconds}; send it again"
            raise Problem(408, "timeout", message, headers={"connection": "close"}) from None
        if body and len(body) < LARGE:
            self._check_shape(body)
        elif body:
            await anyio.to_thread.run_sync(self._check_shape, body)
        return body

    async def _received(
        self, receive: Receive, declared: _Declared, hold: Callable[[int | None], None]
    ) -> bytes | None:
        most = self.settings.max_body_bytes
        if declared.length > most and declared.is_awaited:
            raise self._too_large()
        parts: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            part = message.get("body", b"")
            size += len(part)
            if max(size, declared.length) > most:
                parts.clear()  # the rest is read and dropped, so that the client gets the answer
            else:
                hold(len(part))
                parts.append(part)
            if not message.get("more_body", False):
                break
        if size > most:
            raise self._too_large()
        return b"".join(parts)

    def _too_large(self) -> Problem:
        most = self.settings.max_body_bytes
        return Problem(413, "too-long", f"the body is too large; at most {most} bytes")

    def _check_shape(self, body: bytes) -> None:
        """Make sure that what is read of a body takes bounded room.

        Raises:
            Problem: It is too deep (400), or holds too much (413).
        """
        most = self.settings.max_depth
        if is_too_deep(body, most):
            raise Problem(400, "structure", f"the body is nested too deeply; at most {most} levels")
        most = self.settings.max_values
        if holds_more_values(body, most):
            raise Problem(413, "too-long", f"the body holds too many values; at most {most}")


def _busy() -> Problem:
    message = "too many requests at once; send it again in a second"
    return Problem(503, "transient", message, headers={"retry-after": "1"})


def _check_headers(scope: Scope) -> None:
    size = sum(len(name) + len(value) for name, value in scope["headers"])
    size += len(scope.get("raw_path") or b"") + len(scope.get("query_string", b""))
    if size > MAX_HEADERS or len(scope["headers"]) > MAX_HEADER_COUNT:
        message = f"the headers are too large; at most {MAX_HEADERS} bytes in {MAX_HEADER_COUNT}"
        raise Problem(431, "too-long", message, headers={"connection": "close"})


def _declared(headers: Headers) -> _Declared:
    encoding = headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", ""):
        message = "compressed bodies are not supported; send without Content-Encoding"
        raise Problem(415, "not-supported", message, headers={"accept-encoding": "identity"})
    length = headers.get("content-length", "0").strip()
    if not (length.isascii() and length.isdigit() and len(length) <= 18):
        raise Problem(400, "value", "Content-Length: a whole number of bytes is expected")
    return _Declared(
        length=int(length),
        is_expected=int(length) > 0 or "transfer-encoding" in headers,
        is_awaited=headers.get("expect", "").lower() == "100-continue",
    )


def _again(body: bytes, receive: Receive) -> Receive:
    """Gives the body that was read, and then what comes after it."""
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
