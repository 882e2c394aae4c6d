"""Tests and procedures: what was done, ordered or not done, and what reports conclude."""

from __future__ import annotations

from crampdx.inputs.fhir.desk import ReadContext, day_among
from crampdx.inputs.fhir.documents import Located
from crampdx.inputs.fhir.statuses import (
    PROCEDURE,
    REPORT,
    SERVICE_REQUEST,
    EntryStatus,
    Reason,
    standing_of,
)
from crampdx.inputs.fhir.tree import codes_at, is_true, nodes_at, word_at

__all__ = ["read_procedure", "read_report", "read_service_request"]

_TEST_STATUS = {
    EntryStatus.PRESENT: "done",
    EntryStatus.PROVISIONAL: "done",
    EntryStatus.ORDERED: "ordered",
    EntryStatus.NOT_DONE: "not_done",
}

_PERFORMED = tuple(
    f"{name}{form}"
    for form in ("DateTime", "Period", "Timing", "String", "Age", "Range")
    for name in ("performed", "occurrence")
)
"""When a procedure was performed; R5 calls it its occurrence."""

_ONLY_PROPOSED = frozenset({"proposal", "option"})


def read_procedure(located: Located, desk: ReadContext) -> None:
    """A procedure: a test that was done or not, and perhaps a finding, such as dialysis."""
    resource, place = located.resource, located.place
    standing = standing_of(codes_at(resource, "status"), PROCEDURE)
    day = day_among(resource, *_PERFORMED)
    if not desk.admits(standing, place) or isinstance(standing, Reason):
        return
    named = desk.collection.concept_at(resource, "code").fields()
    desk.collection.add("test_results", place, status=_TEST_STATUS[standing], date=day, **named)
    if _TEST_STATUS[standing] == "done" and any(named.values()):
        desk.collection.add("findings", place, date=day, **named)


def read_report(located: Located, desk: ReadContext) -> None:
    """A report: its test was done, and its coded conclusions are findings."""
    resource, place = located.resource, located.place
    standing = standing_of(codes_at(resource, "status"), REPORT)
    day = day_among(resource, "effectiveDateTime", "effectivePeriod", "issued")
    if not desk.admits(standing, place):
        return
    for index, given in enumerate(nodes_at(resource, "conclusionCode")):
        part = f"{place}#conclusionCode[{index}]"
        desk.collection.add("findings", part, date=day, **desk.collection.concept(given).fields())
    named = desk.collection.concept_at(resource, "code").fields()
    desk.collection.add("test_results", place, date=day, **named)


def read_service_request(located: Located, desk: ReadContext) -> None:
    """An order of a test."""
    resource, place = located.resource, located.place
    codes = codes_at(resource, "status")
    standing = standing_of(codes, SERVICE_REQUEST, Reason.UNKNOWN_STATUS)
    day = day_among(resource, "authoredOn")
    if isinstance(standing, EntryStatus) and is_true(resource, "doNotPerform"):
        standing = EntryStatus.NOT_DONE if standing is EntryStatus.ORDERED else Reason.CANCELLED
    elif standing is EntryStatus.ORDERED and word_at(resource, "intent").lower() in _ONLY_PROPOSED:
        standing = Reason.PLANNED
    if not desk.admits(standing, place) or isinstance(standing, Reason):
        return
    named = desk.collection.concept_at(resource, "code").fields()
    desk.collection.add("test_results", place, status=_TEST_STATUS[standing], date=day, **named)
