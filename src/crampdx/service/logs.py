"""Logs: one JSON object a line on standard error, without a value of any request.

A line of a request holds the method, the template of the route, the status and the time it took.
Queries, bodies, tokens, names and ids that a client chose are never logged. Of an exception the
type and the place are logged; its message may hold a value of a record.
"""

from __future__ import annotations

import json
import logging
import secrets
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from traceback import extract_tb
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crampdx.service.api.problems import Problem, response
from crampdx.service.metrics import Metrics

__all__ = ["JsonLines", "RequestLog", "configuration", "log", "place_of"]

_logger = logging.getLogger("crampdx.service")

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"})

NO_ROUTE = "(none)"
"""What is logged where no route matched: the path may hold anything."""


def log(event: str, level: int = logging.INFO, **fields: Any) -> None:
    """Log an event.

    Args:
        event: What happened, in a fixed word.
        level: How grave it is.
        fields: What else is known. Nothing that a client sent may be among it.
    """
    _logger.log(level, event, extra={"fields": fields})


def place_of(error: BaseException) -> str:
    """Where an exception was raised, as ``file.py:line``; its last step."""
    steps = extract_tb(error.__traceback__)
    return f"{steps[-1].filename.rpartition('/')[2]}:{steps[-1].lineno}" if steps else "unknown"


class JsonLines(logging.Formatter):
    """Formats a log record as one JSON object.

    What other libraries log is given without its arguments, which may be values of a request; only
    the server's own messages are given whole.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": self._event(record),
            **_fields(record),
        }
        return json.dumps(line, ensure_ascii=True, default=str)

    @staticmethod
    def _event(record: logging.LogRecord) -> str:
        own = record.name.startswith(("uvicorn", "crampdx.service"))
        message = record.getMessage() if own else str(record.msg)
        return message.partition("Traceback (")[0].strip() or "failed"


def _fields(record: logging.LogRecord) -> dict[str, Any]:
    fields = dict(getattr(record, "fields", {}))
    if not record.name.startswith("crampdx.service"):
        fields["logger"] = record.name
    error = record.exc_info[1] if record.exc_info else None
    if error is not None:
        fields |= {"error": type(error).__name__, "place": place_of(error)}
    return fields


def configuration(level: str) -> dict[str, Any]:
    """The configuration of logging for `logging.config.dictConfig`.

    Args:
        level: The least level of the service's own events. Other libraries begin at warnings, since
            some log the addresses that they fetch.
    """
    lines = {"class": "logging.StreamHandler", "formatter": "json", "stream": "ext://sys.stderr"}
    server = "WARNING" if level in ("warning", "error") else "INFO"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": JsonLines}},
        "handlers": {"lines": lines},
        "root": {"handlers": ["lines"], "level": "WARNING"},
        "loggers": {
            "crampdx": {"level": level.upper()},
            "uvicorn": {"level": server},
            "uvicorn.error": {"level": server},
            "uvicorn.access": {"handlers": [], "level": "CRITICAL", "propagate": False},
        },
    }


class RequestLog:
    """Logs and counts each request, and answers what nothing else has answered.

    No exception passes it, so that no server prints one.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = time.perf_counter()
        request_id = secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        status = 0

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [
                    *message.get("headers", ()),
                    (b"x-request-id", request_id.encode()),
                ]
            await send(message)

        try:
            await self.app(scope, receive, noting)
        except Exception as error:
            log(
                "failed",
                logging.ERROR,
                error=type(error).__name__,
                place=place_of(error),
                request_id=request_id,
            )
            if not status:
                answer = response(_FAILED, scope["path"])
                await answer(scope, receive, noting)
        seconds = time.perf_counter() - begun
        method, route = _method(scope), route_of(scope)
        self.metrics.count(method, route, status, seconds)
        log(
            "request",
            method=method,
            route=route,
            status=status,
            milliseconds=round(seconds * 1_000, 1),
            request_id=request_id,
        )


_FAILED = Problem(500, "exception", "the request could not be served; the fault is logged")


def _method(scope: Scope) -> str:
    return scope["method"] if scope["method"] in _METHODS else "OTHER"


def route_of(scope: Mapping[str, Any]) -> str:
    """The template of the route that served a request; never its path."""
    return getattr(scope.get("route"), "path", None) or NO_ROUTE
