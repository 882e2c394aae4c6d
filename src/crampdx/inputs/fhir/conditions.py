"""Conditions, the history of relatives, reasons of encounters, and allergies."""

from __future__ import annotations

import re
from typing import Any

from crampdx.inputs.fhir.collecting import Concept
from crampdx.inputs.fhir.desk import ReadContext, day_among
from crampdx.inputs.fhir.documents import Located
from crampdx.inputs.fhir.statuses import (
    ALLERGY,
    CLINICAL,
    ENCOUNTER,
    FAMILY,
    VERIFICATION,
    EntryStatus,
    Reason,
    standing_of,
)
from crampdx.inputs.fhir.tree import (
    Node,
    codes_at,
    day_at,
    filled,
    is_true,
    node_at,
    nodes_at,
    word_at,
)

__all__ = [
    "SEVERITIES",
    "read_allergy",
    "read_condition",
    "read_encounter",
    "read_family_member_history",
    "severity_of",
    "site_of",
]

SEVERITIES = {"24484000": "severe", "6736007": "moderate", "255604002": "mild"}
"""The SNOMED CT codes of FHIR's value set of severities."""

_SIDE = re.compile(r"(left|right|both|bilateral)\s+", re.I)
_SIDES = {"left": "left", "right": "right", "both": "bilateral", "bilateral": "bilateral"}

_UNRELATED = re.compile(
    r"\b(adopt\w*|foster\w*|step\w*|in-law|spouse|husband|wife|partner|friend)\b", re.I
)
_UNRELATED_CODE = re.compile(r"ADOPT|FOST|^STP|^SPS$")
"""The codes of v3-RoleCode for those who are not related by blood."""


def read_condition(located: Located, desk: ReadContext) -> None:
    """A condition is present, absent where it was refuted, and past where it is over."""
    resource, place = located.resource, located.place
    verification = standing_of(
        codes_at(resource, "verificationStatus"), VERIFICATION, EntryStatus.PRESENT
    )
    clinical = standing_of(codes_at(resource, "clinicalStatus"), CLINICAL, EntryStatus.PRESENT)
    is_refuted = verification is EntryStatus.ABSENT
    fields = {
        **desk.collection.concept_at(resource, "code").fields(),
        **_course(located, desk),
        **site_of(resource, desk),
        "severity": severity_of(desk.collection.concept_at(resource, "severity")),
        "date": day_among(resource, "recordedDate", "assertedDate", "dateRecorded"),
    }
    if isinstance(clinical, Reason) and not is_refuted and not isinstance(verification, Reason):
        verification = clinical
    if not desk.admits(verification, place, "verificationStatus"):
        return
    is_past = clinical is EntryStatus.PAST or _is_over(resource)
    status = "absent" if is_refuted else "past" if is_past else "present"
    desk.collection.add("diagnoses", place, status=status, **fields)
    if status == "present":
        _read_evidence(located, desk)


def _course(located: Located, desk: ReadContext) -> dict[str, Any]:
    """When it began and when it ended, as far as dates say so."""
    resource = located.resource
    for field in ("onsetAge", "onsetRange", "onsetString"):
        if filled(resource.get(field)):
            desk.collection.leave_out(Reason.UNREAD_PART, f"{located.place}#{field}")
    return {
        "onset": day_at(resource, "onsetDateTime")
        or day_at(node_at(resource, "onsetPeriod"), "start"),
        "end": day_at(resource, "abatementDateTime")
        or day_at(node_at(resource, "abatementPeriod"), "end"),
    }


def _is_over(resource: Node) -> bool:
    """Whether a condition has ended, without saying on which day."""
    named = ("abatementAge", "abatementRange", "abatementString")
    return is_true(resource, "abatementBoolean") or any(
        filled(resource.get(field)) for field in named
    )


def _read_evidence(located: Located, desk: ReadContext) -> None:
    """The manifestations that led to a condition (R5: evidence is a CodeableReference)."""
    for index, evidence in enumerate(nodes_at(located.resource, "evidence")):
        place = f"{located.place}#evidence[{index}]"
        if filled(evidence.get("modifierExtension")):
            desk.collection.leave_out(Reason.MODIFIER_EXTENSION, place)
            continue
        for given in nodes_at(evidence, "code") or nodes_at(evidence, "concept"):
            desk.collection.add("findings", place, **desk.collection.concept(given).fields())


def site_of(resource: Node, desk: ReadContext) -> dict[str, Any]:
    """Where on the body, with the side apart where the words begin with it."""
    if "bodySite" not in resource:
        return {}
    site = desk.collection.concept_at(resource, "bodySite")
    words = site.name
    if words is None:
        return {}
    side = _SIDE.match(words)
    if side is None:
        return {"body_site": words}
    rest = words[side.end() :]
    return {"body_site": rest or None, "laterality": _SIDES[side[1].lower()]}


def severity_of(concept: Concept) -> str | None:
    """How severe, where that is one of the three words of the record."""
    for coding in concept.codes:
        if coding.system == "SNOMED-CT" and coding.code in SEVERITIES:
            return SEVERITIES[coding.code]
    word = (concept.text or "").casefold()
    return word if word in SEVERITIES.values() else None


def _is_related(relation: Concept) -> bool:
    """Whether a member of the family is a relative by blood, as far as the relation says so."""
    named = [relation.text, *(coding.display for coding in relation.codes)]
    return not (
        any(_UNRELATED.search(words) for words in named if words)
        or any(_UNRELATED_CODE.search(coding.code) for coding in relation.codes)
    )


def read_family_member_history(located: Located, desk: ReadContext) -> None:
    """What a relative has; without conditions it says nothing."""
    resource, place = located.resource, located.place
    standing = standing_of(codes_at(resource, "status"), FAMILY)
    if filled(resource.get("dataAbsentReason")) and not isinstance(standing, Reason):
        standing = Reason.NO_VALUE
    relation = desk.collection.concept_at(resource, "relationship")
    words = relation.text or next((c.display or c.code for c in relation.codes), None)
    day = day_among(resource, "date")
    if not _is_related(relation) and not isinstance(standing, Reason):
        standing = Reason.NOT_RELATED
    if not desk.admits(standing, place):
        return
    conditions = nodes_at(resource, "condition")
    if not conditions:
        desk.collection.leave_out(Reason.NO_VALUE, place)
    for index, condition in enumerate(conditions):
        part = f"{place}#condition[{index}]"
        if filled(condition.get("modifierExtension")):
            desk.collection.leave_out(Reason.MODIFIER_EXTENSION, part)
            continue
        concept = desk.collection.concept_at(condition, "code")
        desk.collection.add("family_history", part, relation=words, date=day, **concept.fields())


def read_encounter(located: Located, desk: ReadContext) -> None:
    """The reasons of an encounter that took place (R5: `reason` and `actualPeriod`)."""
    resource, place = located.resource, located.place
    standing = standing_of(codes_at(resource, "status"), ENCOUNTER)
    period = node_at(resource, "period") or node_at(resource, "actualPeriod")
    day = day_at(period, "start")
    if not desk.admits(standing, place):
        return
    for index, given in enumerate(nodes_at(resource, "reasonCode")):
        concept = desk.collection.concept(given)
        desk.collection.add(
            "findings", f"{place}#reasonCode[{index}]", date=day, **concept.fields()
        )
    for index, given in enumerate(nodes_at(resource, "reasonReference")):
        _check_reference(given, f"{place}#reasonReference[{index}]", located, desk)
    for field in ("reason", "diagnosis"):
        for index, reason in enumerate(nodes_at(resource, field)):
            part = f"{place}#{field}[{index}]"
            for given in nodes_at(reason, "value" if field == "reason" else "condition"):
                if "concept" in given:
                    concept = desk.collection.concept(given)
                    desk.collection.add("findings", part, date=day, **concept.fields())
                elif "reference" in given:
                    _check_reference(node_at(given, "reference") or given, part, located, desk)


def _check_reference(given: Node, place: str, located: Located, desk: ReadContext) -> None:
    """What a reason refers to is read where it stands, if it stands in the document."""
    reference = word_at(given, "reference")
    if desk.resolve(reference, located) is None:
        desk.collection.leave_out(Reason.UNRESOLVED_REFERENCE, place)


def read_allergy(located: Located, desk: ReadContext) -> None:
    """The record has no place for allergies and intolerances."""
    codes = codes_at(located.resource, "verificationStatus")
    desk.admits(standing_of(codes, ALLERGY, Reason.ALLERGY), located.place)
