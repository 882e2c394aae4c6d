"""The routes of CDS Hooks: discovery, the call of a service, and feedback."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Annotated, Any

from anyio import to_thread
from fastapi import APIRouter, Path, Request
from fastapi.responses import JSONResponse, Response

from crampdx._version import __version__
from crampdx.engine.assessor import Assessor
from crampdx.engine.order_review import OrderReviewer
from crampdx.engine.trace import AssessmentTrace
from crampdx.errors import RecordError
from crampdx.inputs import fhir
from crampdx.record.models import PatientRecord
from crampdx.service import work
from crampdx.service.api.problems import Problem, of_record
from crampdx.service.api.reading import json_of, model_of
from crampdx.service.audit.decisions import Orders
from crampdx.service.cds_hooks.cards import Card, card_json
from crampdx.service.cds_hooks.differential import differential_cards
from crampdx.service.cds_hooks.feedback import FeedbackStore, IssuedCard
from crampdx.service.cds_hooks.fetching import FhirServer, Pages, fetched
from crampdx.service.cds_hooks.models import (
    Context,
    Feedback,
    HookRequest,
    OrderSignContext,
)
from crampdx.service.cds_hooks.orders import drafts_of, order_cards
from crampdx.service.cds_hooks.parsing import ResourceReader, check_media, read_body
from crampdx.service.cds_hooks.prefetch import (
    PatientData,
    PrefetchResult,
    gather,
    missing_queries,
    read_prefetch,
)
from crampdx.service.cds_hooks.schemas import CARDS, DISCOVERY, request_body
from crampdx.service.cds_hooks.services import SERVICES, Service, announced
from crampdx.service.settings import Settings, origin_of

__all__ = ["router"]

_log = logging.getLogger("crampdx.service")

ServiceId = Annotated[
    str, Path(description="The id of a service.", json_schema_extra={"enum": sorted(SERVICES)})
]


def router() -> APIRouter:
    """The three routes; see `crampdx.service.cds_hooks` for what of `app.state` they read."""
    routes = APIRouter(tags=["CDS Hooks"])
    routes.add_api_route(
        "/cds-services",
        discover,
        methods=["GET"],
        responses={200: DISCOVERY},
        summary="The services",
    )
    routes.add_api_route(
        "/cds-services/{service_id}",
        call,
        methods=["POST"],
        responses={200: CARDS},
        openapi_extra=request_body(HookRequest),
        summary="Call a service",
    )
    routes.add_api_route(
        "/cds-services/{service_id}/feedback",
        feedback,
        methods=["POST"],
        status_code=204,
        response_class=Response,
        openapi_extra=request_body(Feedback),
        summary="Say what became of cards",
    )
    return routes


async def discover(request: Request) -> JSONResponse:
    """The services of this server, as CDS Hooks announces them."""
    return JSONResponse(announced(SERVICES, version_3=request.app.state.settings.cds_hooks_3))


async def call(service_id: ServiceId, request: Request) -> JSONResponse:
    """Answer a hook with cards."""
    service = _service(service_id)
    check_media(request.headers.get("content-type"))
    state = request.app.state
    body = await request.body()

    def worked() -> tuple[_Call, dict[str, Any] | None]:
        """The call, and its answer unless something has to be read first."""
        made = _read(state, service, body)
        return made, None if made.missing else _answer(state, made, {})

    made, answer = await work.run(worked)
    if made.missing:
        pages = await fetched(*made.missing)
        answer = await work.run(_answer, state, made, pages)
    return JSONResponse(answer)


async def feedback(service_id: ServiceId, request: Request) -> Response:
    """Take in what became of cards; all of it, or, where it is not of its form, nothing."""
    service = _service(service_id)
    check_media(request.headers.get("content-type"))
    body = await request.body()
    await to_thread.run_sync(store_feedback, request.app.state, service, body)
    return Response(status_code=204)


def _service(service_id: str) -> Service:
    service = SERVICES.get(service_id)
    if service is None:
        message = "unknown service; GET /cds-services lists them"
        raise Problem(404, "not-found", message, "id")
    return service


# ------------------------------------------------------------------------------- in a thread


@dataclass(frozen=True, slots=True)
class _Call:
    """A call that was read.

    Attributes:
        service: The service that is called.
        asked: The request.
        context: The hook's context.
        supplies: What the request brings of the record.
        missing: What is to be read of which FHIR server before it can be answered.
        reader: Reads the resources of the call.
    """

    service: Service
    asked: HookRequest
    context: Context
    supplies: Mapping[str, PrefetchResult]
    missing: tuple[FhirServer, Mapping[str, str]] | None
    reader: ResourceReader


def _read(state: Any, service: Service, body: bytes) -> _Call:
    """Read a call.

    Raises:
        Problem: It is not of its form, of another hook, or of a patient as the user.
    """
    settings: Settings = state.settings
    # the digest of an audited record is of all of it, to be found whatever the rules know then
    known = None if settings.audit_log else _assessor(state).vocabulary.known
    reader = ResourceReader(known)
    asked = model_of(HookRequest, read_body(body, reader), 400)
    if asked.hook != service.hook:
        message = f"this service answers the hook {service.hook}"
        raise Problem(400, "value", message, "hook")
    context = model_of(service.context, asked.context, 400, "context")
    if context.user_is_patient and not settings.allow_patient_users:
        message = "this service is for health professionals, who can review the basis of its cards"
        raise Problem(403, "security", message, "context.userId")
    supplies = read_prefetch(service, asked, reader)
    missing = missing_queries(service, asked, context, supplies, settings)
    return _Call(service, asked, context, supplies, missing, reader)


def _answer(state: Any, call: _Call, pages: Mapping[str, Pages]) -> dict[str, Any]:
    """The cards, remembered before they are sent."""
    assessor = _assessor(state)
    service, asked, context = call.service, call.asked, call.context
    gathered = gather(service, call.supplies, pages, context, call.reader)
    record = _record(gathered, state.today(), call.reader)
    work.check_time()
    trace = assessor.trace(record)
    orders: Orders | None = None
    if isinstance(context, OrderSignContext):
        cards, orders = _of_orders(assessor, record, trace, context, gathered)
    else:
        cards = _of_patient(trace, context, gathered)
    work.check_time()
    state.audit(service.id, asked.hookInstance, record, trace, orders=orders)
    sent = [card_json(card, state.settings, __version__) for card in cards]
    _remember(_store(state), service, asked, context, cards, sent, trace)
    return {"cards": sent}


def _assessor(state: Any) -> Assessor:
    if state.assessor is None:
        raise _not_ready()
    assessor: Assessor = state.assessor
    return assessor


def _not_ready() -> Problem:
    """What a service that is starting or stopping answers."""
    return Problem(503, "transient", "the rules are not loaded; try again in a moment")


def _record(gathered: PatientData, day: date, reader: ResourceReader) -> PatientRecord:
    try:
        return fhir.read_resources(gathered.resources(), day.isoformat(), reader.relevance)
    except RecordError as error:
        raise of_record(error, 400, "prefetch") from None


def _of_patient(trace: AssessmentTrace, context: Context, gathered: PatientData) -> list[Card]:
    """Nothing, unless the record says that the patient has the complaint."""
    complaint = trace.knowledge.complaint
    if complaint is None or trace.states.get(complaint) is not True:
        return []
    encounter = getattr(context, "encounterId", None)
    return differential_cards(
        trace.assessment,
        trace.knowledge,
        patient=f"Patient/{context.patientId}",
        encounter=f"Encounter/{encounter}" if encounter else None,
        lacking=gathered.not_seen,
    )


def _of_orders(
    assessor: Assessor,
    record: PatientRecord,
    trace: AssessmentTrace,
    context: OrderSignContext,
    gathered: PatientData,
) -> tuple[list[Card], Orders]:
    drafts = drafts_of(context, gathered.held)
    review = _reviewer(assessor).review(record, drafts.medicines, drafts.tests, trace)
    ordered = PatientRecord(medications=drafts.medicines, test_results=drafts.tests)
    cards = order_cards(review, drafts, trace, gathered.not_seen)
    return cards, Orders(ordered, review.rules)


@lru_cache(maxsize=4)
def _reviewer(assessor: Assessor) -> OrderReviewer:
    return OrderReviewer(assessor)


def _store(state: Any) -> FeedbackStore:
    if state.feedback is None:
        raise _not_ready()
    store: FeedbackStore = state.feedback
    return store


def _remember(
    store: FeedbackStore,
    service: Service,
    asked: HookRequest,
    context: Context,
    cards: Sequence[Card],
    sent: Sequence[dict[str, Any]],
    trace: AssessmentTrace,
) -> None:
    """Remember what is sent. Where that fails, the cards are sent all the same."""
    location = origin_of(asked.fhirServer) if asked.fhirServer else ""
    issued = [
        IssuedCard(
            card=message["uuid"],
            service=service.id,
            hook_instance=asked.hookInstance,
            intervention=f"{card.topic} {card.about}",
            user=context.userId,
            location=location,
            digest=trace.knowledge.digest,
            suggestions=tuple(
                (suggested["uuid"], suggestion.about)
                for suggested, suggestion in zip(
                    message.get("suggestions", []), card.suggestions, strict=True
                )
            ),
        )
        for card, message in zip(cards, sent, strict=True)
    ]
    try:
        store.remember(issued)
    except sqlite3.Error:
        _log.error("cards could not be remembered; their feedback will be of unknown cards")


def store_feedback(state: Any, service: Service, body: bytes) -> None:
    """Keep what became of cards.

    Raises:
        Problem: It is not of its form (400), or cannot be kept (503).
    """
    given = model_of(Feedback, json_of(body), 400)
    try:
        _store(state).record(service.id, given)
    except sqlite3.Error:
        message = "the feedback could not be kept; send it again later"
        raise Problem(503, "transient", message) from None
