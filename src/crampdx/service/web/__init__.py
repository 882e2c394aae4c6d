"""The page at `/`: one document, its modules and its style, served from the package.

Nothing of it is built or fetched from elsewhere, and the content security policy says so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Any

from fastapi import APIRouter, Depends, Request, Response

from crampdx.record.models import PatientRecord
from crampdx.service import work
from crampdx.service.api.problems import Problem
from crampdx.service.api.reading import DOCUMENT_TYPES, accepts, patient_of

__all__ = ["router"]

INDEX = "index.html"

_TYPES = {
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file of the page, ready to be sent.

    Attributes:
        content: Its bytes.
        headers: Its headers: type, tag, caching.
    """

    content: bytes
    headers: Mapping[str, str]


def _asset(name: str, content: bytes) -> Asset:
    headers = {
        "Content-Type": _TYPES[name.rpartition(".")[2]],
        "ETag": f'"{hashlib.sha256(content).hexdigest()[:32]}"',
        "Cache-Control": "no-cache",
    }
    return Asset(content, headers)


def _assets() -> dict[str, Asset]:
    """Every file of the page by its name, read once."""
    return {
        entry.name: _asset(entry.name, entry.read_bytes())
        for entry in sorted(files(__name__).iterdir(), key=lambda entry: entry.name)
        if entry.name.rpartition(".")[2] in _TYPES
    }


def _is_known(request: Request, tag: str) -> bool:
    """Whether the browser says that it holds this very version."""
    known = [held.strip() for held in request.headers.get("if-none-match", "").split(",")]
    return "*" in known or tag in [held.removeprefix("W/") for held in known]


def _answer(request: Request, asset: Asset) -> Response:
    if _is_known(request, asset.headers["ETag"]):
        return Response(status_code=304, headers=asset.headers)
    return Response(asset.content, headers=asset.headers)


def router() -> APIRouter:
    """The routes of the page: `/`, its assets, and the reading of documents that it is given."""
    routes = APIRouter(include_in_schema=False)
    assets = _assets()

    @routes.get("/")
    def index(request: Request) -> Response:
        return _answer(request, assets[INDEX])

    @routes.get("/page/{asset}")
    def part(request: Request, asset: str) -> Response:
        if asset not in assets:
            raise Problem(404, "not-found", "the page has no such part")
        return _answer(request, assets[asset])

    @routes.post("/record", dependencies=[Depends(accepts(*DOCUMENT_TYPES))])
    async def record(request: Request) -> dict[str, Any]:
        body = await request.body()
        return await work.run(_record_of, body, request.app.state.today)

    return routes


def _record_of(document: bytes, today: Callable[[], date]) -> dict[str, Any]:
    """A document of any format as a record with every entry in a list, for editing."""
    patient: PatientRecord = patient_of(document, None, today)
    return patient.model_dump(mode="json", exclude_defaults=True)
