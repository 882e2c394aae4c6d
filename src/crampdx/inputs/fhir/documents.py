"""The resources of a document, each with the place where it stands.

A document is a Bundle of any type, a list of resources and Bundles, or one resource. Bundles may
stand in Bundles. Where one resource is given several times, its newest version is read.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from crampdx.errors import RecordError, RecordIssue
from crampdx.inputs.fhir.collecting import Collection
from crampdx.inputs.fhir.statuses import Reason
from crampdx.inputs.fhir.tree import Node, filled, node_at, nodes_at, word_at
from crampdx.text.json import read_json

__all__ = ["Located", "Resource", "locate", "parsed", "resources_of", "updated"]

MAX_RESOURCES = 20_000
"""How many resources of a document are read."""

MAX_UNFOLDED = 200_000
"""After so many entries no further Bundle is unfolded.

Data of Python may hold one Bundle a thousand times, or itself."""

_NEVER = datetime.min.replace(tzinfo=UTC)

MAX_DEPTH = 10
"""How deep Bundles may stand in Bundles."""

_KIND = re.compile(r"[A-Z][A-Za-z]{0,63}")
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_OPEN_CONTAINERS = frozenset({"Patient", "Observation", "DiagnosticReport", "Encounter"})
"""Resources whose contained resources are facts; elsewhere they may be plans or reasons."""


class Resource(NamedTuple):
    """A resource that was taken out of its Bundle.

    Attributes:
        content: The resource as it was given; or, where it is outside, as far as it is needed.
        kind: Its type.
        full_url: The address that its entry gives it.
        outside: Whether it was looked at already, and names nothing that the rules know.
    """

    content: Node
    kind: str
    full_url: str = ""
    outside: bool = False


class Located(NamedTuple):
    """A resource and where it stands.

    Attributes:
        resource: The resource as it was given.
        kind: Its type.
        place: `Type/id`, or the path in the document.
        tail: `Type/id`, or nothing where it has no id.
        full_url: The address that its entry gives it.
        base: The address of the server, where the entry gives it.
        container: The resource that contains it.
        outside: Whether it names nothing that the rules know; None where that is not yet known.
    """

    resource: Node
    kind: str
    place: str
    tail: str = ""
    full_url: str = ""
    base: str = ""
    container: Located | None = None
    outside: bool | None = None


def parsed(document: Any) -> Any:
    """The data of JSON or NDJSON text; anything else as it is.

    Raises:
        RecordError: It is neither.
    """
    if not isinstance(document, str | bytes):
        return document
    try:
        return read_json(document)
    except RecordError:
        lines = [line for line in document.splitlines() if line.strip()]
        if len(lines) < 2 or not isinstance(_line(lines[0]), dict):
            raise
    return [_line(line) for line in lines]


def _line(line: str | bytes) -> Any:
    """The data of a line of NDJSON; of a broken one, what is no resource."""
    try:
        return read_json(line)
    except RecordError:
        return ""


def resources_of(document: Any, collection: Collection) -> list[Located]:
    """All resources of a document, and all that they contain.

    Raises:
        RecordError: The document is not of FHIR.
    """
    if isinstance(document, dict):
        if not _KIND.fullmatch(word_at(document, "resourceType")):
            raise RecordError([RecordIssue("resourceType", "a resource of FHIR names its type")])
        given: Iterable[tuple[str, Any]] = [(str(document["resourceType"]), document)]
    elif isinstance(document, list):
        given = ((f"resource[{index}]", part) for index, part in enumerate(document))
    else:
        message = "a Bundle, a resource or a list of resources of FHIR is expected"
        raise RecordError([RecordIssue("", message)])
    unfolding = _Unfolding(collection)
    for place, part in given:
        unfolding.take(part, place)
    return list(_newest(unfolding.found, unfolding.deleted, collection))


def locate(resources: Iterable[Resource], collection: Collection) -> list[Located]:
    """Resources that were taken out of their Bundles, and all that they contain."""
    unfolding = _Unfolding(collection)
    for index, (content, kind, full_url, outside) in enumerate(resources):
        place = f"entry[{index}]"
        if not _KIND.fullmatch(kind):
            collection.leave_out(Reason.MALFORMED, place)
        elif len(unfolding.found) >= MAX_RESOURCES:
            collection.leave_out(Reason.TOO_MANY, place)
        else:
            unfolding.resource(content, kind, place, full_url, outside)
    return list(_newest(unfolding.found, unfolding.deleted, collection))


class _Unfolding:
    """Takes Bundles apart."""

    def __init__(self, collection: Collection) -> None:
        self.collection = collection
        self.found: list[Located] = []
        self.deleted: set[str] = set()
        self._mentioned: set[str] = set()
        self._unfolded = 0

    def take(self, part: Any, place: str, full_url: str = "", depth: int = 0) -> None:
        if part is None:
            return
        kind = word_at(part, "resourceType") if isinstance(part, dict) else ""
        if not _KIND.fullmatch(kind):
            self.collection.leave_out(Reason.MALFORMED, place)
        elif kind == "Bundle":
            self.bundle(part, place, depth)
        elif kind == "OperationOutcome":
            self.collection.leave_out(Reason.INCOMPLETE_SEARCH, place)
        elif len(self.found) >= MAX_RESOURCES:
            self.collection.leave_out(Reason.TOO_MANY, place)
        else:
            self.resource(part, kind, place, full_url)

    def bundle(self, bundle: Node, place: str, depth: int) -> None:
        if depth >= MAX_DEPTH:
            self.collection.leave_out(Reason.TOO_DEEP, place)
            return
        if filled(bundle.get("implicitRules")):
            self.collection.leave_out(Reason.IMPLICIT_RULES, place)
            return
        if any(word_at(link, "relation") == "next" for link in nodes_at(bundle, "link")):
            self.collection.leave_out(Reason.INCOMPLETE_SEARCH, place)
        if self._unfolded > MAX_UNFOLDED:
            self.collection.leave_out(Reason.TOO_MANY, place)
            return
        entries = nodes_at(bundle, "entry")
        self._unfolded += len(entries)
        prefix = "" if place == "Bundle" else f"{place}/"
        for index, entry in enumerate(entries):
            self.entry(entry, f"{prefix}entry[{index}]", depth)

    def entry(self, entry: Node, place: str, depth: int) -> None:
        request = node_at(entry, "request")
        if word_at(request, "method") == "DELETE":
            self.deletion(word_at(request, "url"), place)
        elif "resource" in entry:
            self.take(entry["resource"], place, word_at(entry, "fullUrl"), depth + 1)
        elif "resourceType" in entry:
            self.take(entry, place, "", depth + 1)

    def deletion(self, target: str, place: str) -> None:
        """A history begins with the newest: what was deleted there has older versions below."""
        self.collection.leave_out(Reason.DELETED, place)
        if target not in self._mentioned:
            self.deleted.add(target)

    def resource(
        self, resource: Node, kind: str, place: str, full_url: str, outside: bool | None = None
    ) -> None:
        given = resource.get("id")
        tail = f"{kind}/{given}" if isinstance(given, str) and _ID.fullmatch(given) else ""
        self._mentioned.add(tail)
        base = _base(full_url, tail) if full_url else ""
        located = Located(resource, kind, tail or place, tail, full_url, base, None, outside)
        self.found.append(located)
        if kind in _OPEN_CONTAINERS and "contained" in resource:
            self.contained(located)

    def contained(self, container: Located) -> None:
        if self._unfolded > MAX_UNFOLDED:
            self.collection.leave_out(Reason.TOO_MANY, f"{container.place}#contained")
            return
        self._unfolded += len(nodes_at(container.resource, "contained"))
        for located in _contained(container):
            if len(self.found) >= MAX_RESOURCES:
                self.collection.leave_out(Reason.TOO_MANY, located.place)
            else:
                self.found.append(located)


def _base(full_url: str, tail: str) -> str:
    """The address of the server, where the address of a resource is made of it."""
    is_made_of_it = tail and full_url.endswith(f"/{tail}")
    return full_url.removesuffix(tail).rstrip("/") if is_made_of_it else ""


def _contained(container: Located) -> Iterator[Located]:
    for index, part in enumerate(nodes_at(container.resource, "contained")):
        kind, name = word_at(part, "resourceType"), word_at(part, "id")
        if _KIND.fullmatch(kind) and kind not in ("Bundle", "OperationOutcome", "Patient"):
            step = name if _ID.fullmatch(name) else f"contained[{index}]"
            place = f"{container.place}#{step}"
            tail = f"#{name}" if name else ""
            yield Located(part, kind, place, tail, container=container)


def _newest(found: list[Located], deleted: set[str], collection: Collection) -> Iterator[Located]:
    """The resources without those that were deleted, and without older versions of the same."""
    if not deleted and _all_differ(found):
        yield from found
        return
    versions = _Versions(found)
    for located in found:
        whole = located.container or located
        if whole.tail in deleted:
            collection.leave_out(Reason.DELETED, located.place)
        elif not versions.is_newest(whole):
            collection.leave_out(Reason.DUPLICATE, located.place)
        else:
            yield located


def _all_differ(found: list[Located]) -> bool:
    """Whether no two resources can be the same, as is usual."""
    whole = [located.tail or located.full_url for located in found if located.container is None]
    named = [name for name in whole if name]
    return len(set(named)) == len(named)


class _Versions:
    """Which resources are the same, and the newest of each."""

    def __init__(self, found: list[Located]) -> None:
        self._bases: dict[str, set[str]] = defaultdict(set)
        for located in found:
            if located.base:
                self._bases[located.tail].add(located.base)
        self._newest: dict[tuple[str, str], Located] = {}
        for located in found:
            if located.container is None:
                self._weigh(located)

    def is_newest(self, located: Located) -> bool:
        identity = self._identity(located)
        return identity is None or self._newest[identity] is located

    def _weigh(self, located: Located) -> None:
        identity = self._identity(located)
        if identity is None:
            return
        known = self._newest.get(identity)
        if known is None or updated(located.resource) > updated(known.resource):
            self._newest[identity] = located

    def _identity(self, located: Located) -> tuple[str, str] | None:
        """The server counts only where resources of two servers have the same id."""
        if located.tail:
            several = len(self._bases[located.tail]) > 1
            return (located.base if several else "", located.tail)
        return ("", located.full_url) if located.full_url else None


def updated(resource: Node) -> datetime:
    """When a resource was last updated; what does not say it comes before all others.

    >>> later, earlier = "2026-11-22T23:30:00-05:00", "2026-11-23T01:00:00Z"
    >>> updated({"meta": {"lastUpdated": later}}) > updated({"meta": {"lastUpdated": earlier}})
    True
    """
    try:
        found = datetime.fromisoformat(word_at(node_at(resource, "meta"), "lastUpdated"))
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return _NEVER
