"""The parts of the OpenAPI document that describe bodies which are read by hand."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

__all__ = ["CARDS", "DISCOVERY", "request_body"]


def _object(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": required, "properties": properties}


_TEXT = {"type": "string", "minLength": 1}
_UUID = {"type": "string", "format": "uuid"}
_CODING = _object(["system", "code"], system=_TEXT, code=_TEXT, display=_TEXT)
_ACTION = _object(
    ["type", "description", "resource"],
    type={"const": "create"},
    description=_TEXT,
    resource={"type": "object"},
)
_SUGGESTION = _object(
    ["label", "uuid"],
    label=_TEXT,
    uuid=_UUID,
    actions={"type": "array", "minItems": 1, "items": _ACTION},
)
_CARD = _object(
    ["uuid", "summary", "indicator", "source"],
    uuid=_UUID,
    summary={**_TEXT, "maxLength": 139},
    detail=_TEXT,
    indicator={"enum": ["info", "warning", "critical"]},
    source=_object(["label", "topic"], label=_TEXT, url=_TEXT, topic=_CODING),
    suggestions={"type": "array", "minItems": 1, "items": _SUGGESTION},
    selectionBehavior={"enum": ["any"]},
    overrideReasons={"type": "array", "minItems": 1, "items": _CODING},
    links={
        "type": "array",
        "minItems": 1,
        "items": _object(
            ["label", "url", "type"], label=_TEXT, url=_TEXT, type={"const": "absolute"}
        ),
    },
)
_SERVICE = _object(
    ["hook", "id", "title", "description"],
    hook=_TEXT,
    id=_TEXT,
    title=_TEXT,
    description=_TEXT,
    prefetch={"type": "object", "additionalProperties": _TEXT},
    usageRequirements=_TEXT,
)


def _answer(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


CARDS = _answer(
    "The cards; none where there is nothing to say.",
    _object(["cards"], cards={"type": "array", "items": _CARD}),
)
DISCOVERY = _answer(
    "The services.", _object(["services"], services={"type": "array", "items": _SERVICE})
)


def request_body(model: type[BaseModel]) -> dict[str, Any]:
    """The description of a body that is of a model, whole in one place."""
    schema = model.model_json_schema()
    definitions = schema.pop("$defs", {})
    return {
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": _resolved(schema, definitions)}},
        }
    }


def _resolved(schema: Any, definitions: dict[str, Any]) -> Any:
    """The schema with each definition where it is referred to, since OpenAPI has its own place."""
    if isinstance(schema, list):
        return [_resolved(part, definitions) for part in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _resolved(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    return {key: _resolved(part, definitions) for key, part in schema.items()}
