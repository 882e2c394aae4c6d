"""The OpenAPI document: what the routes say, with the schemas that ship put in their place."""

from __future__ import annotations

import json
from typing import Any

from crampdx.inputs.registry import input_formats
from crampdx.knowledge.base import KnowledgeBase
from crampdx.service import shipped
from crampdx.service.api.problems import FHIR_TYPE, PROBLEM_TYPE
from crampdx.service.api.routes import ExplainRequest
from crampdx.service.auth.authentication import is_public
from crampdx.service.settings import Settings

__all__ = ["completed", "refusals"]

Schema = dict[str, Any]

_MEANINGS = {
    400: "The request cannot be read.",
    403: "This user may not.",
    404: "Not found.",
    408: "The request did not arrive in time.",
    412: "Required data are missing.",
    413: "The body is too large.",
    415: "The media type or the encoding is not read.",
    422: "A field is refused.",
    431: "The headers are too large.",
    500: "The service failed.",
    421: "The service is not called by this host name.",
    503: "The service is busy or not ready.",
    504: "The answer took too long.",
}

EVERYWHERE = (400, 408, 413, 415, 421, 431, 500, 503, 504)
"""The refusals that any route may give."""

_TEXT: Schema = {"type": "string"}

PROBLEM: Schema = {
    "title": "Problem",
    "description": "Why a request is refused (RFC 9457), with every fault in `errors`.",
    "type": "object",
    "required": ["type", "title", "status", "detail", "errors"],
    "additionalProperties": False,
    "properties": {
        "type": _TEXT,
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT,
        "errors": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["path", "code", "message"],
                "additionalProperties": False,
                "properties": {"path": _TEXT, "code": _TEXT, "message": _TEXT},
            },
        },
    },
}

OUTCOME: Schema = {
    "title": "OperationOutcome",
    "description": "Why a hook is refused, as FHIR says it.",
    "type": "object",
    "required": ["resourceType", "issue"],
    "properties": {
        "resourceType": {"const": "OperationOutcome"},
        "issue": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["severity", "code"],
                "properties": {
                    "severity": {"enum": ["fatal", "error", "warning", "information"]},
                    "code": _TEXT,
                    "diagnostics": _TEXT,
                    "expression": {"type": "array", "items": _TEXT},
                },
            },
        },
    },
}


def refusals(*statuses: int, fhir: bool = False) -> dict[int | str, dict[str, Any]]:
    """The refusals of a route, for its `responses`.

    Args:
        statuses: Those that not every route gives.
        fhir: Whether its refusals are resources of FHIR.
    """
    media, name = (FHIR_TYPE, "OperationOutcome") if fhir else (PROBLEM_TYPE, "Problem")
    content = {media: {"schema": {"$ref": f"#/components/schemas/{name}"}}}
    every = sorted({*EVERYWHERE, *statuses})
    return {status: {"description": _MEANINGS[status], "content": content} for status in every}


def completed(document: Schema, settings: Settings, knowledge: KnowledgeBase | None) -> Schema:
    """The document of FastAPI, with the parts that it cannot know.

    Args:
        document: What FastAPI wrote.
        settings: The settings.
        knowledge: The rules, where they are loaded: their ids are named.
    """
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for leftover in ("HTTPValidationError", "ValidationError"):
        schemas.pop(leftover, None)
    schemas.update(Problem=PROBLEM, OperationOutcome=OUTCOME)
    documents = {
        name: dict(one) for known in input_formats() for name, one in known.schemas.items()
    }
    schemas.update(documents)
    schemas.update(_components("Record", shipped.schemas()["record"]))
    schemas.update(_components("Assessment", shipped.schemas()["assessment"]))
    schemas.update(_question(knowledge))
    schemas["Document"] = {"anyOf": _forms("Record", *documents)}
    if settings.public_url is not None:
        document["servers"] = [{"url": settings.public_url}]
    if settings.auth == "jwt":
        _secure(document)
    return document


def _forms(*names: str) -> list[Schema]:
    return [{"$ref": f"#/components/schemas/{name}"} for name in names]


def _components(name: str, schema: Schema) -> dict[str, Schema]:
    """A schema and its definitions, as components that name each other."""
    text = json.dumps({key: part for key, part in schema.items() if not key.startswith("$id")})
    text = text.replace("#/$defs/", f"#/components/schemas/{name}.")
    whole: Schema = json.loads(text)
    whole.pop("$schema", None)
    parts = whole.pop("$defs", {})
    return {name: whole, **{f"{name}.{part}": found for part, found in parts.items()}}


def _question(knowledge: KnowledgeBase | None) -> dict[str, Schema]:
    parts = _components("Question", ExplainRequest.model_json_schema())
    parts["Question"]["properties"]["record"] = {"$ref": "#/components/schemas/Document"}
    if knowledge is not None:
        parts["Question.AskWhy"]["properties"]["cause"] = {"enum": sorted(knowledge.causes)}
        states = parts["Question.AskWhatIf"]["properties"]["findings"]
        states["propertyNames"] = {"enum": _supposable(knowledge)}
    return parts


def _supposable(knowledge: KnowledgeBase) -> list[str]:
    return [f.id for f in knowledge.findings.values() if f.derived is None]


def _secure(document: Schema) -> None:
    """Say which routes need a token."""
    schemes = document["components"].setdefault("securitySchemes", {})
    schemes["token"] = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if isinstance(operation, dict) and not is_public(path, method.upper()):
                operation["security"] = [{"token": []}]
                operation["responses"]["401"] = {"description": "No token, or none that is good."}
