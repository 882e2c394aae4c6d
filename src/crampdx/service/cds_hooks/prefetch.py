"""What a request brings of the patient's record: the states of prefetch, kept apart.

=====================================  =========================================================
on the wire                            what it means
=====================================  =========================================================
no key                                 not supplied: read from the FHIR server, if that is allowed
``null``                               the client looked, there is nothing
a Bundle without entries               the search ran and found nothing: no clinical negative
an OperationOutcome                    the client failed: not asked again
a Bundle with an OperationOutcome      part of it was kept back
a Bundle with a link to a next page    followed, if that is allowed; else only a part
neither resource nor Bundle            not readable
=====================================  =========================================================

A required key that is not supplied and cannot be read refuses the call with 412.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from crampdx.inputs import fhir
from crampdx.service.api.problems import Problem, ProblemIssue
from crampdx.service.cds_hooks.fetching import FhirServer, Pages, next_link, readable_server
from crampdx.service.cds_hooks.models import Context, HookRequest
from crampdx.service.cds_hooks.parsing import PrefetchedResource, ResourceReader
from crampdx.service.cds_hooks.services import REQUIRED, Service
from crampdx.service.settings import Settings

__all__ = [
    "PatientData",
    "PrefetchResult",
    "State",
    "gather",
    "missing_queries",
    "read_prefetch",
]


class State(StrEnum):
    """What came with a key."""

    MISSING = "missing"
    NOTHING = "nothing"
    EMPTY = "empty"
    FAILED = "failed"
    UNREADABLE = "unreadable"
    GIVEN = "given"


_NO_RESOURCES = frozenset({"Bundle", "OperationOutcome"})

UNAVAILABLE = frozenset({State.MISSING, State.FAILED, State.UNREADABLE})
"""The states in which nothing is known of what was asked for."""


@dataclass(frozen=True, slots=True)
class PrefetchResult:
    """What was supplied for one key.

    Attributes:
        state: What came.
        held: The resources in it.
        kept_back: Whether an OperationOutcome stood among them.
        next: The link to the next page.
        empty_entries: How many entries held no resource.
        foreign: How many resources of another patient were left out.
    """

    state: State
    held: tuple[PrefetchedResource, ...] = ()
    kept_back: bool = False
    next: str | None = None
    empty_entries: int = 0
    foreign: int = 0


@dataclass(frozen=True, slots=True)
class PatientData:
    """The record as far as it could be had.

    Attributes:
        held: The patient first; each resource once.
        not_seen: What is missing or doubtful, in sentences that hold no patient value.
    """

    held: tuple[PrefetchedResource, ...]
    not_seen: tuple[str, ...]

    def resources(self) -> Iterable[fhir.Resource]:
        """The record, as it is read."""
        return (
            fhir.Resource(held.content, held.kind, held.full_url, held.outside)
            for held in self.held
        )


# ---------------------------------------------------------------------------- what is supplied


def read_prefetch(
    service: Service, request: HookRequest, reader: ResourceReader
) -> dict[str, PrefetchResult]:
    """What the prefetch of a request brings, by key.

    Args:
        service: The service, which says which keys count.
        request: The request.
        reader: Reads the resources.
    """
    prefetch = request.prefetch or {}
    return {
        key: _read(prefetch[key], reader) if key in prefetch else PrefetchResult(State.MISSING)
        for key in service.prefetch
    }


def _read(value: Any, reader: ResourceReader) -> PrefetchResult:
    if value is None:
        return PrefetchResult(State.NOTHING)
    kind = value.get("resourceType") if isinstance(value, dict) else None
    if not isinstance(kind, str):
        return PrefetchResult(State.UNREADABLE)
    if kind == "OperationOutcome":
        return PrefetchResult(State.FAILED)
    if kind == "Bundle":
        return _read_bundle(value, reader)
    only = reader.read(value)
    return PrefetchResult(State.GIVEN, () if only is None else (only,))


def _read_bundle(bundle: Mapping[str, Any], reader: ResourceReader) -> PrefetchResult:
    entries = bundle.get("entry", [])
    if not isinstance(entries, list):
        return PrefetchResult(State.UNREADABLE)
    read = (
        entry if isinstance(entry, PrefetchedResource) else reader.read_entry(entry)
        for entry in entries
    )
    whole = [held for held in read if held is not None]
    held = [h for h in whole if h.kind not in _NO_RESOURCES]
    return PrefetchResult(
        State.GIVEN if entries else State.EMPTY,
        tuple(held),
        kept_back=any(h.kind == "OperationOutcome" for h in whole),
        next=next_link(bundle),
        empty_entries=len(entries) - len(whole) + sum(h.kind == "Bundle" for h in whole),
    )


def _with_pages(supply: PrefetchResult, pages: Pages, reader: ResourceReader) -> PrefetchResult:
    """What was supplied, with the pages that were read after it."""
    parts = [_read(document, reader) for document in pages.documents]
    if supply.state is State.MISSING:
        if not parts:
            return PrefetchResult(State.FAILED)
        supply, *parts = parts
    readable = all(part.state not in UNAVAILABLE for part in parts)
    is_given = any(part.state is State.GIVEN for part in parts)
    return replace(
        supply,
        state=State.GIVEN if is_given else supply.state,
        held=tuple(held for part in (supply, *parts) for held in part.held),
        kept_back=any(part.kept_back for part in (supply, *parts)),
        next=None if pages.complete and readable else (supply.next or ""),
        empty_entries=sum(part.empty_entries for part in (supply, *parts)),
    )


# ------------------------------------------------------------------------------- what is lacking


def missing_queries(
    service: Service,
    request: HookRequest,
    context: Context,
    supplies: Mapping[str, PrefetchResult],
    settings: Settings,
) -> tuple[FhirServer, dict[str, str]] | None:
    """The server and the addresses of what the prefetch lacks; None where nothing is to be read.

    Nothing is, unless the request names a server that the settings allow to be read.
    """
    token = request.fhirAuthorization.access_token if request.fhirAuthorization else None
    server = readable_server(request.fhirServer, token, settings)
    wanted = _wanted(service, supplies, context) if server else {}
    return (server, wanted) if server and wanted else None


def gather(
    service: Service,
    supplies: Mapping[str, PrefetchResult],
    read: Mapping[str, Pages],
    context: Context,
    reader: ResourceReader,
) -> PatientData:
    """All that could be had of the record.

    Args:
        service: The service.
        supplies: What the prefetch brought.
        read: What was read from the FHIR server, by key.
        context: The hook's context.
        reader: Reads the resources of what was read from the server.

    Raises:
        Problem: A required key cannot be had (412), or the patient is another one (400).
    """
    supplies = {
        key: _with_pages(supply, read[key], reader) if key in read else supply
        for key, supply in supplies.items()
    }
    _require(service, supplies)
    _same_patient(supplies["patient"], context)
    supplies = {key: _own(supply, context.patientId) for key, supply in supplies.items()}
    return PatientData(held=_once(supplies, context.patientId), not_seen=tuple(_not_seen(supplies)))


def _wanted(
    service: Service, supplies: Mapping[str, PrefetchResult], context: Context
) -> dict[str, str]:
    """What is to be read: what no key brought, and the pages after those that came."""
    wanted: dict[str, str] = {}
    for key, supply in supplies.items():
        if supply.state is State.MISSING:
            query = service.prefetch[key].replace("{{context.patientId}}", context.patientId)
            encounter = getattr(context, "encounterId", None)
            wanted[key] = query.replace("{{context.encounterId}}", encounter or "")
        elif supply.next is not None:
            wanted[key] = supply.next
    return wanted


def _require(service: Service, supplies: Mapping[str, PrefetchResult]) -> None:
    lacking = [
        ProblemIssue(
            "incomplete",
            f"{key} is required: send it as prefetch ({service.prefetch[key]}),"
            " or name a FHIR server that this service is allowed to read",
            f"prefetch.{key}",
        )
        for key, supply in supplies.items()
        if key in REQUIRED and supply.state in UNAVAILABLE
    ]
    if lacking:
        first, *more = lacking
        raise Problem(412, first.code, first.message, first.expression, more=more)


# ------------------------------------------------------------------------------ whose record it is


def _same_patient(supply: PrefetchResult, context: Context) -> None:
    for held in supply.held:
        if held.kind == "Patient" and held.content.get("id") not in (None, context.patientId):
            message = "the patient is not that of context.patientId; nothing was assessed"
            raise Problem(400, "value", message, "prefetch.patient")


def _own(supply: PrefetchResult, patient: str) -> PrefetchResult:
    """The supply without what is of another patient."""
    own = tuple(held for held in supply.held if held.patient in (None, patient))
    return replace(supply, held=own, foreign=len(supply.held) - len(own))


def _once(supplies: Mapping[str, PrefetchResult], patient: str) -> tuple[PrefetchedResource, ...]:
    """The newest version of each resource, the patient first, by the id of the context."""
    found: dict[tuple[str, Any], PrefetchedResource] = {}
    person = PrefetchedResource({"resourceType": "Patient", "id": patient}, "Patient")
    for supply in supplies.values():
        for held in supply.held:
            if held.kind == "Patient":
                person = _person(held, patient)
                continue
            given = held.content.get("id")
            key = (held.kind, given if isinstance(given, str) else id(held.content))
            known = found.setdefault(key, held)
            if known is not held and fhir.updated(held.content) > fhir.updated(known.content):
                found[key] = held
    return (person, *found.values())


def _person(held: PrefetchedResource, patient: str) -> PrefetchedResource:
    """The patient by the id of the context.

    Of the address only a URN is kept, by which references of the same Bundle may mean the patient:
    a server may call itself by other names in its references than in its entries.
    """
    address = held.full_url if held.full_url.startswith("urn:") else ""
    return PrefetchedResource({**held.content, "id": patient}, "Patient", address)


# ------------------------------------------------------------------------------- what is not seen

_SAID = {
    State.MISSING: "not supplied",
    State.NOTHING: "no data on record (not treated as absent)",
    State.EMPTY: "nothing found (not treated as absent)",
    State.FAILED: "could not be obtained",
    State.UNREADABLE: "not of a form that can be read",
}


def _not_seen(supplies: Mapping[str, PrefetchResult]) -> Iterable[str]:
    for key, supply in supplies.items():
        if supply.state in _SAID:
            yield f"{key}: {_SAID[supply.state]}"
        elif key == "patient" and not any(held.kind == "Patient" for held in supply.held):
            yield f"{key}: no Patient among what was supplied"
        if supply.kept_back:
            yield f"{key}: incomplete, the FHIR server kept a part back"
        if supply.next is not None:
            yield f"{key}: incomplete, there are pages that were not read"
        if supply.empty_entries:
            yield f"{key}: {supply.empty_entries} without a resource that can be used"
        if supply.foreign:
            yield f"{key}: {supply.foreign} of another patient, which were left out"
