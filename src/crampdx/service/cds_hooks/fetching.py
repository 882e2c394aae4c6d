"""Reading what the prefetch lacks from the client's FHIR server, where that is allowed.

Only a server whose origin the settings name is ever called, and only with the token that came with
the request. Redirects are not followed, and pages only where they lead back to the same origin.
Pages, bytes and time are bounded; what is not reached in time counts as not obtained.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

import anyio
import httpx
from anyio import to_thread

from crampdx.errors import RecordError
from crampdx.service.auth.certificates import trusted
from crampdx.service.settings import Settings, origin_of
from crampdx.text.json import read_json

__all__ = ["FhirServer", "Pages", "fetched", "next_link", "open_client", "readable_server"]

MAX_PAGES = 20
"""The most pages of one search that are read."""

MAX_CONNECTIONS = 4
"""The most reads of one server at a time, for one request."""


@dataclass(frozen=True, slots=True)
class FhirServer:
    """A server that may be read.

    Attributes:
        base: Its address, ending in a slash.
        token: The access token of the request, if it gave one.
        seconds: How long all reads together may take.
        max_bytes: How many bytes all answers together may have.
    """

    base: str
    token: str | None = field(repr=False)
    seconds: float
    max_bytes: int


@dataclass(slots=True)
class Pages:
    """The answers to one query, page by page.

    Attributes:
        documents: What was read; empty where nothing could be.
        complete: Whether all pages were read.
    """

    documents: list[Any] = field(default_factory=list)
    complete: bool = False


class _Unreadable(Exception):
    """A page that cannot be had. Says nothing more, so that nothing of it can be logged."""


@dataclass(slots=True)
class _Budget:
    left: int


def readable_server(
    address: str | None, token: str | None, settings: Settings
) -> FhirServer | None:
    """The server of a request, if its origin is one that the settings allow to be read."""
    if address is None:
        return None
    try:
        origin = origin_of(address)
    except ValueError:
        return None
    if origin not in settings.fhir_origins:
        return None
    base = address.partition("?")[0].partition("#")[0].rstrip("/") + "/"
    return FhirServer(base, token, settings.fetch_timeout_seconds, settings.max_body_bytes)


def next_link(document: Any) -> str | None:
    """The link to the next page of a Bundle."""
    links = document.get("link") if isinstance(document, dict) else None
    for link in links if isinstance(links, list) else ():
        if isinstance(link, dict) and link.get("relation") == "next":
            url = link.get("url")
            return url if isinstance(url, str) else ""
    return None


def open_client(server: FhirServer) -> httpx.AsyncClient:
    """A client for the reads of one request. It reads no environment and follows no redirect."""
    headers = {"Accept": "application/fhir+json"}
    if server.token is not None:
        headers["Authorization"] = f"Bearer {server.token}"
    return httpx.AsyncClient(
        headers=headers,
        timeout=server.seconds,
        verify=trusted(),
        trust_env=False,
        follow_redirects=False,
        limits=httpx.Limits(max_connections=MAX_CONNECTIONS),
    )


async def fetched(server: FhirServer, addresses: Mapping[str, str]) -> dict[str, Pages]:
    """Read each address with the pages that follow it.

    Args:
        server: The server.
        addresses: Addresses by key: queries relative to the server, or links of its answers.
    """
    found = {key: Pages() for key in addresses}
    budget = _Budget(server.max_bytes)
    async with open_client(server) as client:
        with anyio.move_on_after(server.seconds):
            async with anyio.create_task_group() as tasks:
                for key, address in addresses.items():
                    tasks.start_soon(_read_all, client, server, address, found[key], budget)
    return found


async def _read_all(
    client: httpx.AsyncClient, server: FhirServer, address: str, pages: Pages, budget: _Budget
) -> None:
    """Read pages until there is no next one; whatever stops before that leaves it incomplete."""
    seen: set[str] = set()
    following: str | None = address
    while following is not None:
        url = _same_origin(server.base, following) if following else None
        if url is None or url in seen or len(seen) == MAX_PAGES:
            return
        seen.add(url)
        try:
            document = await _read(client, url, budget)
        except _Unreadable:
            return
        pages.documents.append(document)
        following = next_link(document)
    pages.complete = True


def _same_origin(base: str, address: str) -> str | None:
    try:
        url = urljoin(base, address)
        return url if origin_of(url) == origin_of(base) else None
    except ValueError:
        return None


async def _read(client: httpx.AsyncClient, url: str, budget: _Budget) -> Any:
    body = bytearray()
    try:
        async with client.stream("GET", url) as answer:
            if answer.status_code != httpx.codes.OK:
                raise _Unreadable
            async for chunk in answer.aiter_bytes():
                budget.left -= len(chunk)
                if budget.left < 0:
                    raise _Unreadable
                body += chunk
        return await to_thread.run_sync(read_json, bytes(body))
    except (httpx.HTTPError, httpx.InvalidURL, RecordError):
        raise _Unreadable from None
