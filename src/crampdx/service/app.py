"""The application: the routes, and the middleware before them."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator, Set
from contextlib import asynccontextmanager, contextmanager
from datetime import date
from typing import Any, NamedTuple

import anyio.to_thread
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import TypeAdapter
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response

from crampdx._version import __version__
from crampdx.assessment import INTENDED_USE
from crampdx.engine.assessor import Assessor
from crampdx.errors import KnowledgeError
from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.pack_stacks import with_required
from crampdx.service import cds_hooks, web
from crampdx.service.api import routes
from crampdx.service.api.knowledge_view import KnowledgeView, view_of
from crampdx.service.api.openapi import completed, refusals
from crampdx.service.api.problems import Problem, of_fields, response
from crampdx.service.audit.decisions import Audit
from crampdx.service.auth.authentication import Authentication
from crampdx.service.auth.headers import SecurityHeaders
from crampdx.service.auth.tokens import Tokens
from crampdx.service.heads import HeadMiddleware
from crampdx.service.hosts import HostCheck
from crampdx.service.limits import Limits
from crampdx.service.logs import RequestLog, log
from crampdx.service.metrics import Metrics
from crampdx.service.settings import Settings

__all__ = ["CannotStart", "Rules", "create_app", "load_rules"]

CORS_METHODS = ("GET", "POST", "OPTIONS")
CORS_HEADERS = ("Authorization", "Content-Type")


class CannotStart(Exception):
    """The rules or a file that the service needs cannot be used. Why not is logged."""


class Rules(NamedTuple):
    """The rules, ready to answer.

    Attributes:
        assessor: The assessor.
        view: What `/knowledge` answers.
    """

    assessor: Assessor
    view: bytes


def load_rules(settings: Settings) -> Rules:
    """Load the rules that the settings name.

    Raises:
        CannotStart: They cannot be loaded.
    """
    with _logged():
        knowledge = KnowledgeBase.load(*with_required(*settings.packs))
        assessor = Assessor(knowledge, evaluator=settings.evaluator)
    return Rules(assessor, TypeAdapter(KnowledgeView).dump_json(view_of(knowledge)))


@contextmanager
def _logged() -> Iterator[None]:
    try:
        yield
    except (KnowledgeError, OSError, sqlite3.Error) as error:
        log("cannot_start", logging.ERROR, reason=str(error))
        raise CannotStart from error


def create_app(
    settings: Settings,
    today: Callable[[], date] = date.today,
    rules: Rules | None = None,
    hosts: Set[str] = frozenset(),
) -> FastAPI:
    """Create the application.

    Args:
        settings: The settings.
        today: Gives the day of an assessment where a request does not name it.
        rules: The rules, where they are loaded; by default they are loaded when it starts.
        hosts: The names by which it may be called, such as `settings.hosts`; by default any.

    Raises:
        SettingsError: The keys of an issuer cannot be read.
        OSError: The decision record cannot be written.
    """
    app = FastAPI(
        title="crampdx",
        version=__version__,
        description=INTENDED_USE,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_lifespan,
    )
    metrics = Metrics()
    app.state.settings = settings
    app.state.today = today
    app.state.metrics = metrics
    app.state.audit = Audit(settings, today, metrics)
    app.state.feedback = None
    app.state.assessor = None
    app.state.rules = rules
    _add_routes(app)
    _add_handlers(app)
    _add_middleware(app, settings, metrics, hosts)
    _describe(app)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Load the rules; they are the same until the application ends."""
    settings: Settings = app.state.settings
    rules = app.state.rules or await anyio.to_thread.run_sync(load_rules, settings)
    with _logged():
        app.state.feedback = cds_hooks.feedback_store(
            settings.feedback_database, settings.feedback_card_days
        )
    knowledge = rules.assessor.knowledge
    app.state.knowledge = rules.view
    app.state.metrics.rules(knowledge)
    app.state.assessor = rules.assessor
    log("ready", packs=[pack.name for pack in knowledge.packs], digest=knowledge.digest)
    if settings.auth == "off" and settings.auth_off_anywhere:
        log("auth_is_off", logging.WARNING)
    yield
    app.state.assessor = None
    log("stopped")


def _add_routes(app: FastAPI) -> None:
    app.include_router(routes.router(), responses=refusals(404, 422))
    app.include_router(routes.fhir_router(), responses=refusals(404, 422, fhir=True))
    app.include_router(cds_hooks.router(), responses=refusals(403, 404, 412, 422, fhir=True))
    app.include_router(web.router())


def _add_handlers(app: FastAPI) -> None:
    async def refused(request: Request, error: Exception) -> Response:
        return response(_problem(error), request.url.path)

    for kind in (Problem, HTTPException, RequestValidationError):
        app.add_exception_handler(kind, refused)


def _problem(error: Exception) -> Problem:
    match error:
        case Problem():
            return error
        case RequestValidationError():
            return of_fields([{**fault, "loc": fault["loc"][1:]} for fault in error.errors()])
        case HTTPException():
            return Problem.of(error.status_code, error.headers)
    raise error


def _add_middleware(app: FastAPI, settings: Settings, metrics: Metrics, hosts: Set[str]) -> None:
    """From the innermost to the outermost; outside of the log are the headers of every answer."""
    app.add_middleware(HeadMiddleware)
    app.add_middleware(Limits, settings=settings)
    if settings.auth == "jwt":
        app.add_middleware(Authentication, tokens=Tokens(settings))
    if hosts:
        app.add_middleware(HostCheck, hosts=hosts)
    app.add_middleware(RequestLog, metrics=metrics)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=CORS_METHODS,
            allow_headers=CORS_HEADERS,
        )
    app.add_middleware(SecurityHeaders)


def _describe(app: FastAPI) -> None:
    """Complete the OpenAPI document once the rules are loaded."""
    written = app.openapi

    def described() -> dict[str, Any]:
        assessor = app.state.assessor
        knowledge = None if assessor is None else assessor.knowledge
        if app.openapi_schema is None or "x-rules" not in app.openapi_schema:
            app.openapi_schema = None
            document = completed(written(), app.state.settings, knowledge)
            if knowledge is not None:
                document["x-rules"] = knowledge.digest
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]
