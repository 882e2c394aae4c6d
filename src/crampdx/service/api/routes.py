"""The plain JSON API: assess, explain, and what the rules know; an assessment also as FHIR."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool

from crampdx.assessment import Assessment
from crampdx.engine.assessor import Assessor
from crampdx.explanation import (
    Explanation,
    HypothesisError,
    UnknownCause,
    WhatIf,
    Why,
    WhyNot,
    to_json,
)
from crampdx.explanation import Query as NextQuestion
from crampdx.inputs.registry import titles
from crampdx.outputs.fhir import assessment_bundle, reference_pattern
from crampdx.record.dates import PartialDate
from crampdx.record.models import ConceptId
from crampdx.service import shipped, work
from crampdx.service.api.knowledge_view import KnowledgeView
from crampdx.service.api.problems import FHIR_TYPE, Problem
from crampdx.service.api.reading import (
    DOCUMENT_TYPES,
    JSON_TYPES,
    accepts,
    json_of,
    model_of,
    patient_of,
    patient_of_data,
)
from crampdx.service.metrics import CONTENT_TYPE

__all__ = ["ExplainRequest", "fhir_router", "router"]

JSON = "application/json"
MOST_QUESTIONS = 100
DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"

Answered = Why | WhyNot | WhatIf | tuple[NextQuestion, ...]


# ------------------------------------------------------------------------------------- requests


def _day(value: str | None) -> PartialDate | None:
    return None if value is None else PartialDate(value)


Day = Annotated[
    str | None,
    Query(
        pattern=DAY,
        description="The day of the assessment; today where neither this nor the document says.",
        json_schema_extra={"format": "date"},
    ),
    AfterValidator(_day),
]


class _Asked(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class AskWhy(_Asked):
    """What the score of a cause is made of (`why`), or which lines did not fire (`why_not`)."""

    kind: Literal["why", "why_not"]
    cause: ConceptId


class AskWhatIf(_Asked):
    """What would change if findings were present (true), absent (false) or unknown (null)."""

    kind: Literal["what_if"]
    findings: Annotated[dict[ConceptId, StrictBool | None], Field(min_length=1, max_length=100)]


class AskNext(_Asked):
    """Which unknown findings would most change the leading order."""

    kind: Literal["next_questions"]
    count: Annotated[int, Field(strict=True, ge=1, le=MOST_QUESTIONS)] = 5


class ExplainRequest(_Asked):
    """A question on the assessment of a patient."""

    record: dict[str, Any] | list[Any]
    query: Annotated[AskWhy | AskWhatIf | AskNext, Field(discriminator="kind")]


class Named(BaseModel):
    """A published schema."""

    name: str
    path: str
    title: str


class Example(BaseModel):
    """A record of a published case."""

    name: str
    record: dict[str, Any]


class Health(BaseModel):
    """Whether the service is up."""

    status: Literal["up", "ready"]


# --------------------------------------------------------------------------------------- routes


def router() -> APIRouter:
    """The routes of the plain API."""
    routes = APIRouter()
    _add_decisions(routes)
    _add_knowledge(routes)
    _add_watching(routes)
    return routes


def _body_of(schema: str, *types: str) -> dict[str, Any]:
    content = {kind: {"schema": {"$ref": f"#/components/schemas/{schema}"}} for kind in types}
    return {"requestBody": {"required": True, "content": content}}


def _add_decisions(routes: APIRouter) -> None:
    @routes.post(
        "/assess",
        response_model=Assessment,
        description=(
            f"Assess a patient: {titles()}.\n\nBesides JSON, FHIR is read as"
            " `application/x-ndjson` and `application/fhir+ndjson`, one resource a line, and"
            " each format of JSON as `application/yaml`."
        ),
        dependencies=[Depends(accepts(*DOCUMENT_TYPES))],
        openapi_extra=_body_of("Document", *JSON_TYPES),
    )
    async def assess(request: Request, as_of: Day = None) -> Response:
        body = await request.body()

        def answered() -> str:
            return _assessed(request.app.state, body, as_of).model_dump_json()

        return Response(await work.run(answered), media_type=JSON)

    @routes.post(
        "/explain",
        response_model=Answered,
        dependencies=[Depends(accepts(*JSON_TYPES))],
        openapi_extra=_body_of("Question", *JSON_TYPES),
    )
    async def explain(request: Request, as_of: Day = None) -> Response:
        """Why a cause ranks where it does, why not elsewhere, and what would change that."""
        body = await request.body()
        answer = await work.run(_explained, request.app.state, body, as_of)
        return Response(answer, media_type=JSON)


def fhir_router() -> APIRouter:
    """The route that answers in FHIR, and whose refusals are resources of FHIR."""
    routes = APIRouter()

    @routes.post(
        "/assess/fhir",
        response_class=_Fhir,
        responses={200: _BUNDLE},
        dependencies=[Depends(accepts(*DOCUMENT_TYPES))],
        openapi_extra=_body_of("Document", *JSON_TYPES),
    )
    async def assess_fhir(
        request: Request,
        patient: Annotated[str, _reference("Patient")],
        encounter: Annotated[str | None, _reference("Encounter")] = None,
        as_of: Day = None,
    ) -> Response:
        """Assess a patient as `/assess` does, and answer a FHIR R4 Bundle of what it says."""
        body = await request.body()
        state, request_id = request.app.state, request.state.request_id

        def answered() -> Response:
            found = _assessed(state, body, as_of)
            return _in_fhir(state, found, request_id, patient=patient, encounter=encounter)

        return await work.run(answered)

    return routes


def _reference(kind: str) -> Any:
    said = f"The reference to the {kind.lower()}, such as `{kind}/1`; the answer refers to it."
    return Query(pattern=f"^{reference_pattern(kind)}$", description=said)


class _Fhir(JSONResponse):
    media_type = FHIR_TYPE


_BUNDLE: dict[str, Any] = {
    "description": "The assessment as a Bundle of type collection.",
    "content": {FHIR_TYPE: {"schema": {"$ref": "#/components/schemas/FHIR"}}},
}


def _add_knowledge(routes: APIRouter) -> None:
    @routes.get("/knowledge", response_model=KnowledgeView)
    def knowledge(request: Request) -> Response:
        """What the rules know: findings, measurements, medicines, tests, causes and sources."""
        _ready(request.app.state)
        return Response(request.app.state.knowledge, media_type=JSON)

    @routes.get("/examples")
    def examples() -> list[Example]:
        """Records of published cases, to try."""
        return [Example(name=name, record=record) for name, record in shipped.examples().items()]

    @routes.get("/schemas")
    def schemas() -> list[Named]:
        """The JSON Schemas of records, results and rule files."""
        return [
            Named(name=name, path=f"/schemas/{name}", title=schema.get("title", name))
            for name, schema in shipped.schemas().items()
        ]

    @routes.get("/schemas/{name}", response_model=dict[str, Any])
    def schema(name: str) -> dict[str, Any]:
        """One JSON Schema."""
        found = shipped.schemas().get(name)
        if found is None:
            raise Problem(404, "not-found", "unknown schema; see /schemas", "name")
        content: dict[str, Any] = found
        return content


def _add_watching(routes: APIRouter) -> None:
    @routes.get("/healthz")
    async def healthz() -> Health:
        """Whether the process answers."""
        return Health(status="up")

    @routes.get("/readyz")
    async def readyz(request: Request) -> Health:
        """Whether the rules are loaded, so that requests can be served."""
        _ready(request.app.state)
        return Health(status="ready")

    @routes.get("/metrics", response_class=_Metrics)
    def metrics(request: Request) -> Response:
        """Counts for Prometheus."""
        return _Metrics(request.app.state.metrics.text())


class _Metrics(Response):
    media_type = CONTENT_TYPE


# -------------------------------------------------------------------------------------- answers


def _ready(state: Any) -> Assessor:
    """The assessor.

    Raises:
        Problem: The rules are not loaded.
    """
    assessor = state.assessor
    if not isinstance(assessor, Assessor):
        message = "the rules are not loaded yet; send it again in a second"
        raise Problem(503, "transient", message, headers={"retry-after": "1"})
    return assessor


def _assessed(state: Any, body: bytes, as_of: str | None) -> Assessment:
    record = patient_of(body, as_of, state.today)
    work.check_time()
    assessment = _ready(state).assess(record)
    work.check_time()
    state.audit("assess", None, record, assessment, as_of)
    return assessment


def _in_fhir(state: Any, assessment: Assessment, request_id: str, **references: Any) -> _Fhir:
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    knowledge = _ready(state).knowledge
    bundle = assessment_bundle(
        assessment, knowledge, occurred=now, request_id=request_id, **references
    )
    return _Fhir(bundle)


def _explained(state: Any, body: bytes, as_of: str | None) -> str:
    request = model_of(ExplainRequest, json_of(body))
    record = patient_of_data(request.record, as_of, state.today, "record")
    asked = Explanation(record, _ready(state))
    answer = to_json(_answer(asked, request.query))
    work.check_time()
    state.audit("explain", None, record, asked.trace, as_of)
    return answer


def _answer(asked: Explanation, query: AskWhy | AskWhatIf | AskNext) -> Answered:
    try:
        match query:
            case AskWhy(kind="why"):
                return asked.why(query.cause)
            case AskWhy():
                return asked.why_not(query.cause)
            case AskNext():
                return asked.next_questions(query.count)
            case AskWhatIf():
                return _supposed(asked, query)
    except UnknownCause:
        message = "no cause has this id; see the causes of /knowledge"
        raise Problem(422, "value", message, "query.cause") from None


def _supposed(asked: Explanation, query: AskWhatIf) -> WhatIf:
    try:
        return asked.what_if(query.findings)
    except HypothesisError as error:
        known = query.findings.keys() <= asked.assessor.knowledge.findings.keys()
        message = str(error) if known else "a finding has no such id; see /knowledge"
        raise Problem(422, "business-rule", message, "query.findings") from None
