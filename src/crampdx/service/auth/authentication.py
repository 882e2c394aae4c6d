"""The middleware that lets in whom it knows.

Public is what holds no patient data: the page, the knowledge, the schemas, the examples, and what
is asked by those who watch over the service. Everything else needs a token, unknown paths too.
"""

from __future__ import annotations

import logging
import sqlite3

import anyio.to_thread
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from crampdx.service.api.problems import Problem, response
from crampdx.service.auth.tokens import Refused, Tokens
from crampdx.service.logs import log

__all__ = ["Authentication", "is_public"]

PUBLIC = frozenset(
    {
        "/",
        "/examples",
        "/healthz",
        "/knowledge",
        "/metrics",
        "/openapi.json",
        "/readyz",
        "/schemas",
    }
)
PUBLIC_BELOW = ("/page/", "/schemas/")


def is_public(path: str, method: str = "GET") -> bool:
    """Whether a path is served to anyone; only what is read is.

    >>> is_public("/healthz"), is_public("/assess"), is_public("/page/record", "POST")
    (True, False, False)
    """
    is_read = method in ("GET", "HEAD")
    return is_read and ".." not in path and (path in PUBLIC or path.startswith(PUBLIC_BELOW))


class Authentication:
    """Refuses calls without a good token: 401, with neither body nor reason."""

    def __init__(self, app: ASGIApp, tokens: Tokens) -> None:
        self.app = app
        self.tokens = tokens

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or is_public(scope["path"], scope["method"]):
            await self.app(scope, receive, send)
            return
        try:
            issuer = await self._issuer(scope)
        except Refused as refused:
            request_id = scope.get("state", {}).get("request_id")
            log("token_refused", logging.WARNING, reason=refused.reason, request_id=request_id)
            bare = Response(status_code=401, headers={"www-authenticate": "Bearer"})
            await bare(scope, receive, send)
        except sqlite3.Error as error:
            log("token_not_noted", logging.ERROR, error=type(error).__name__)
            await response(Problem.of(503, {"retry-after": "1"}), scope["path"])(
                scope, receive, send
            )
        else:
            scope.setdefault("state", {})["issuer"] = issuer
            await self.app(scope, receive, send)

    async def _issuer(self, scope: Scope) -> str:
        given = Headers(scope=scope).getlist("authorization")
        scheme, _, token = given[0].partition(" ") if len(given) == 1 else ("", "", "")
        if scheme.lower() != "bearer" or not token.strip():
            raise Refused("no_token")
        return await anyio.to_thread.run_sync(self.tokens.check, token.strip(), scope["path"])
