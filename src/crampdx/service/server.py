"""The server: one process or several, that stop gracefully."""

from __future__ import annotations

import asyncio
import gc
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import cast

import uvicorn
from fastapi import FastAPI

from crampdx.service import metrics
from crampdx.service.app import CannotStart, Rules, create_app, load_rules
from crampdx.service.logs import configuration
from crampdx.service.protocol import LimitedProtocol
from crampdx.service.settings import Settings
from crampdx.service.workers import DealtServer, Workers

__all__ = ["serve"]

KEEP_ALIVE_SECONDS = 15

COLLECT_AFTER = (100_000, 10, 10)
"""After how many new objects cycles are looked for, and how often among older ones."""


def serve(settings: Settings) -> bool:
    """Serve until a signal ends it.

    Args:
        settings: The settings.

    Returns:
        Whether it was serving: not, where it could not start. Why not is logged.
    """
    if settings.workers > 1:
        return _serve_in_processes(settings)
    server = uvicorn.Server(_configuration(settings))
    with suppress(SystemExit):  # by which the server says that it could not start
        server.run()
    return server.started


def _serve_in_processes(settings: Settings) -> bool:
    """Load the rules once, and serve in processes that share them."""
    create_app(settings)  # what cannot be set up is said once, before each process says it
    listener = _configuration(settings).bind_socket()
    try:
        rules = load_rules(settings)
    except CannotStart:
        listener.close()
        return False
    gc.freeze()
    with metrics.shared_by_processes():

        def serve_in_process(channel: socket.socket) -> None:
            DealtServer(_configuration(settings, rules), channel).run()

        return Workers(
            settings.workers, listener, serve_in_process, settings.shutdown_seconds
        ).run()


def _application(settings: Settings, rules: Rules | None) -> FastAPI:
    """The application of a process that does nothing else.

    The rules and a request are each tens of thousands of objects that are made at once. Left to
    itself the collector would look for cycles dozens of times while one of them is read.
    """
    app = create_app(settings, rules=rules, hosts=settings.hosts)
    loading = app.router.lifespan_context

    @asynccontextmanager
    async def settled(app: FastAPI) -> AsyncIterator[None]:
        gc.disable()
        async with loading(app):
            gc.freeze()
            gc.set_threshold(*COLLECT_AFTER)
            gc.enable()
            yield

    app.router.lifespan_context = settled
    return app


def _configuration(settings: Settings, rules: Rules | None = None) -> uvicorn.Config:
    return uvicorn.Config(
        partial(_application, settings, rules),
        factory=True,
        host=settings.host,
        port=settings.port,
        http=cast(
            "type[asyncio.Protocol]",
            partial(LimitedProtocol, seconds=settings.request_timeout_seconds),
        ),
        ws="none",
        lifespan="on",
        log_config=configuration(settings.log_level),
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=settings.shutdown_seconds,
    )
