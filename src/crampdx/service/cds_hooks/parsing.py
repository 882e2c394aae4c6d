"""The body of a call, read once: JSON to plain data, and the prefetch to typed resources.

A record is most of a body, and of most of its resources the rules know nothing. So the entries of
prefetched Bundles are read one by one, and what names nothing that the rules know is not kept: only
what identifies it, since it may be a newer version of something, and is counted.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import msgspec

from crampdx.inputs import fhir
from crampdx.service.api.problems import Problem
from crampdx.service.api.reading import json_of
from crampdx.text.json import JsonParts, NotRead
from crampdx.text.name_keys import KnownConcepts

__all__ = ["PrefetchedResource", "ResourceReader", "check_media", "patient_of", "read_body"]

Json = dict[str, Any]

_PATIENT = re.compile(r"(?:^|/)Patient/([^/?#|]+)(?:/_history/[^/]+)?$")
_IDENTIFYING = ("id", "meta")


class PrefetchedResource(NamedTuple):
    """A resource of a prefetch.

    Attributes:
        content: The resource as it was given; or, where it is outside, as far as it is needed.
        kind: Its type.
        full_url: The address that its entry gives it.
        patient: The id of the patient that it is of, as far as it says so.
        outside: Whether it names nothing that the rules know.
    """

    content: Json
    kind: str
    full_url: str = ""
    patient: str | None = None
    outside: bool = False


class ResourceReader:
    """Takes the resources of one call out of the entries that hold them."""

    def __init__(self, known: KnownConcepts | None = None) -> None:
        """Begin a call.

        Args:
            known: What the rules know; without it, every resource is kept.
        """
        self.relevance = None if known is None else fhir.Relevance(known)
        self._patients: dict[str, str] = {}

    def read(self, content: Any, full_url: Any = "") -> PrefetchedResource | None:
        """The resource, or None where it is not a resource."""
        kind = content.get("resourceType") if isinstance(content, dict) else None
        if not isinstance(kind, str):
            return None
        address = full_url if isinstance(full_url, str) else ""
        patient = self._patient_of(kind, content)
        outside = self.relevance is not None and self.relevance.is_outside(kind, content)
        if outside and "contained" not in content:  # of which something may be known
            content = {name: content[name] for name in _IDENTIFYING if name in content}
        return PrefetchedResource(content, kind, address, patient, outside)

    def read_entry(self, entry: Any) -> PrefetchedResource | None:
        """The resource of an entry of a Bundle, or None where it has none."""
        if isinstance(entry, dict):
            return self.read(entry.get("resource"), entry.get("fullUrl"))
        return None

    def _patient_of(self, kind: str, content: Json) -> str | None:
        """As `patient_of`; nearly all resources of a call have one and the same subject."""
        reference = content.get("subject")
        address = reference.get("reference") if isinstance(reference, dict) else None
        if kind == "Patient" or not isinstance(address, str):
            return patient_of(content)
        known = self._patients.get(address)
        if known is None:
            known = patient_of(content)
            if known is not None and _PATIENT.search(address):
                self._patients[address] = known
        return known


def patient_of(resource: Json) -> str | None:
    """The id of the patient that a resource is of, as far as it says so."""
    if resource["resourceType"] == "Patient":
        given = resource.get("id")
        return given if isinstance(given, str) else None
    for name in ("subject", "patient"):
        reference = resource.get(name)
        address = reference.get("reference") if isinstance(reference, dict) else None
        found = _PATIENT.search(address) if isinstance(address, str) else None
        if found:
            return found[1]
    return None


# ----------------------------------------------------------------------------------- the body


class _Body(msgspec.Struct, forbid_unknown_fields=True):
    """The members of a call, unread, but for the members of what is prefetched."""

    prefetch: dict[str, dict[str, msgspec.Raw] | None]
    hook: msgspec.Raw = msgspec.Raw()
    hookInstance: msgspec.Raw = msgspec.Raw()  # noqa: N815  # the wire's name
    context: msgspec.Raw = msgspec.Raw()
    fhirServer: msgspec.Raw = msgspec.Raw()  # noqa: N815
    fhirAuthorization: msgspec.Raw = msgspec.Raw()  # noqa: N815
    extension: msgspec.Raw = msgspec.Raw()


_body = msgspec.json.Decoder(_Body).decode
_list = msgspec.json.Decoder(list[msgspec.Raw]).decode


def check_media(content_type: str | None) -> None:
    """Make sure that a body is sent as JSON.

    Raises:
        Problem: It is not (415).
    """
    media = (content_type or "").partition(";")[0].strip().lower()
    if media != "application/json" and not re.fullmatch(r"application/[\w.-]+\+json", media):
        raise Problem(415, "not-supported", "send JSON, with Content-Type: application/json")


def read_body(body: bytes, reader: ResourceReader) -> Any:
    """The data of a call's body. The entries of its prefetched Bundles are resources already.

    Args:
        body: JSON.
        reader: Reads the resources.

    Raises:
        Problem: It is not JSON in UTF-8, or a key is twice in one object (400).
    """
    try:
        return _read_by_parts(body, reader)
    except (NotRead, msgspec.MsgspecError, RecursionError):
        return json_of(body)  # which also says what is wrong, and where


def _read_by_parts(body: bytes, reader: ResourceReader) -> Json:
    parts = JsonParts(body)
    members = _body(body)
    unread = {
        name: raw
        for name in _Body.__struct_fields__
        if name != "prefetch" and len(raw := getattr(members, name)) > 0
    }
    parts.note_keys(1 + len(unread) + len(members.prefetch))
    found = {name: parts.read(raw) for name, raw in unread.items()}
    found["prefetch"] = {
        key: None if value is None else _read_value(value, parts, reader)
        for key, value in members.prefetch.items()
    }
    parts.check()
    return found


def _read_value(members: dict[str, msgspec.Raw], parts: JsonParts, reader: ResourceReader) -> Json:
    """What is prefetched by one key."""
    parts.note_keys(len(members))
    found = {name: parts.read(raw) for name, raw in members.items() if name != "entry"}
    if "entry" not in members:
        return found
    if found.get("resourceType") == "Bundle":
        found["entry"] = [reader.read_entry(parts.read(raw)) for raw in _list(members["entry"])]
    else:
        found["entry"] = parts.read(members["entry"])
    return found
