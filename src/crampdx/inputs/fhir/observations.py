"""Observations: measured values, and findings that are present or absent.

What an observation says is decided by the form of its value. A number is a measurement. Yes or no
says whether that which its code names is there. Another coded value is itself what was found.
"""

from __future__ import annotations

import re
from typing import Any

from crampdx.inputs.fhir.answers import Answer, answer_of, interpretation_of
from crampdx.inputs.fhir.collecting import Concept
from crampdx.inputs.fhir.conditions import SEVERITIES, severity_of, site_of
from crampdx.inputs.fhir.desk import Pregnancy, ReadContext, day_among
from crampdx.inputs.fhir.documents import Located
from crampdx.inputs.fhir.statuses import OBSERVATION, Reason, standing_of
from crampdx.inputs.fhir.tree import (
    Node,
    Unreadable,
    codes_at,
    days_named,
    filled,
    node_at,
    nodes_at,
    number_at,
    text_at,
    word_at,
)

__all__ = ["PREGNANCY_STATUS", "quantity_fields", "read_observation"]

PREGNANCY_STATUS = ("LOINC", "82810-3")
"""The code of the observation of pregnancy, which is an attribute of the record."""

_PREGNANT = {("LOINC", "LA15173-0"): True, ("SNOMED-CT", "77386006"): True}
_NOT_PREGNANT = {("LOINC", "LA26683-5"): False, ("SNOMED-CT", "60001007"): False}
_PREGNANCY = {**_PREGNANT, **_NOT_PREGNANT}

_UCUM = "http://unitsofmeasure.org"
_COMPARATORS = frozenset({"<", "<=", ">=", ">"})

_RELATIVES = re.compile(r"\b(famil(y|ial)|relatives?|mother|father|siblings?|parents?)\b", re.I)
_DENIED = re.compile(
    r"\b(rule[ds]? out|ruling out|exclu\w+|negatives?|absen\w+|den(y|ies|ied))\b", re.I
)


def read_observation(located: Located, desk: ReadContext) -> None:
    """An observation, and each of its components as one of its own."""
    resource, place = located.resource, located.place
    standing = standing_of(codes_at(resource, "status"), OBSERVATION)
    effective = ("effectiveDateTime", "effectiveInstant", "effectivePeriod", "effectiveTiming")
    day = day_among(resource, *effective, "issued")
    if not desk.admits(standing, place):
        return
    components = nodes_at(resource, "component")
    if not ((components or filled(resource.get("hasMember"))) and _is_silent(resource)):
        _read_value(resource, place, day, site_of(resource, desk), desk)
    for index, component in enumerate(components):
        part = f"{place}#component[{index}]"
        if filled(component.get("modifierExtension")):
            desk.collection.leave_out(Reason.MODIFIER_EXTENSION, part)
            continue
        try:
            _read_value(component, part, day, {}, desk)
        except Unreadable:
            desk.collection.leave_out(Reason.MALFORMED, part)


def _is_silent(node: Node) -> bool:
    """Whether an observation has no value of its own and no reason for that."""
    names = ("dataAbsentReason", "interpretation")
    return not any(
        (name.startswith("value") or name in names) and filled(value)
        for name, value in node.items()
    )


def _read_value(
    node: Node, place: str, day: str | None, site: dict[str, Any], desk: ReadContext
) -> None:
    """What one observation, or one component, says.

    Raises:
        Unreadable: Its value is a number and is not of that form.
    """
    concept = desk.collection.concept_at(node, "code")
    if filled(node.get("dataAbsentReason")):
        desk.collection.leave_out(Reason.NO_VALUE, place)
    elif _asks_for_pregnancy(concept):
        _read_pregnancy(node, place, day, desk)
    elif filled(node.get("valueQuantity")) or node.get("valueInteger") is not None:
        _read_number(node, concept, place, day, desk)
    else:
        _read_statement(node, concept, place, {"date": day, **site}, desk)


def _asks_for_pregnancy(concept: Concept) -> bool:
    for coding in concept.codes:
        if coding.code == PREGNANCY_STATUS[1] and coding.system == PREGNANCY_STATUS[0]:
            return True
    return False


def _read_number(
    node: Node, concept: Concept, place: str, day: str | None, desk: ReadContext
) -> None:
    fields = quantity_fields(node_at(node, "valueQuantity") or {"value": node.get("valueInteger")})
    if fields is None:
        desk.collection.leave_out(Reason.NO_VALUE, place)
    else:
        desk.collection.add("measurements", place, date=day, **fields, **concept.fields())


def quantity_fields(quantity: Node) -> dict[str, Any] | None:
    """The fields of a measurement, or None where the quantity has no number.

    The unit is the code of UCUM where there is one, or else the unit as written.

    Raises:
        Unreadable: The number, or how it is compared, is not of its form.
    """
    value = number_at(quantity, "value")
    if value is None:
        return None
    comparator = word_at(quantity, "comparator").strip() or None
    if comparator is not None and comparator not in _COMPARATORS:
        raise Unreadable("comparator")
    is_ucum = word_at(quantity, "system").strip().rstrip("/") in ("", _UCUM)
    code = word_at(quantity, "code").strip() if is_ucum else ""
    unit = code or text_at(quantity, "unit", 40)
    return {"value": value, "comparator": comparator, "unit": unit}


def _read_statement(
    node: Node, concept: Concept, place: str, fields: dict[str, Any], desk: ReadContext
) -> None:
    """Whether something is there: by the value, or else by the interpretation."""
    value, answer = _answer(node, desk)
    interpreted = interpretation_of(node)
    if answer is None or answer is Answer.OTHER:
        if interpreted is Answer.OTHER or (value and interpreted is Answer.PRESENT):
            _read_other(value, concept, place, fields, desk)
            return
        if value:
            desk.collection.leave_out(Reason.AMBIGUOUS, place)
            return
        answer = interpreted
    opposed = {answer, interpreted} >= {Answer.PRESENT, Answer.ABSENT}
    if opposed or interpreted is Answer.UNKNOWN:
        desk.collection.leave_out(Reason.AMBIGUOUS, place)
    elif answer is Answer.UNKNOWN:
        desk.collection.leave_out(Reason.NO_VALUE, place)
    else:
        status = "present" if answer is Answer.PRESENT else "absent"
        desk.collection.add("findings", place, status=status, **fields, **concept.fields())


def _answer(node: Node, desk: ReadContext) -> tuple[Concept, Answer | None]:
    """The value as a concept, and what it answers; None where there is no value to answer with."""
    boolean = node.get("valueBoolean")
    if isinstance(boolean, bool):
        return Concept(), Answer.PRESENT if boolean else Answer.ABSENT
    for field in ("valueCodeableConcept", "valueString", "valueCode"):
        value = desk.collection.concept_at(node, field)
        if value:
            answer = answer_of(value)
            written = field == "valueString" and answer is Answer.OTHER
            return (Concept(), None) if written else (value, answer)
    return Concept(), None


def _read_other(
    value: Concept, concept: Concept, place: str, fields: dict[str, Any], desk: ReadContext
) -> None:
    """A coded value that is neither yes nor no: a severity, or what was found."""
    severity = severity_of(value) if _is_severity(value) else None
    wording = " ".join(filter(None, [concept.text, *(code.display for code in concept.codes)]))
    if severity is not None:
        fields = {**fields, "severity": severity}
        desk.collection.add("findings", place, **fields, **concept.fields())
    elif not value:
        desk.collection.leave_out(Reason.NO_VALUE, place)
    elif _DENIED.search(wording):
        desk.collection.leave_out(Reason.AMBIGUOUS, place)
    elif _RELATIVES.search(wording):
        desk.collection.add("family_history", place, date=fields["date"], **value.fields())
    else:
        desk.collection.add("findings", place, **fields, **value.fields())


def _is_severity(value: Concept) -> bool:
    named = [c for c in value.codes if c.system == "SNOMED-CT" and c.code in SEVERITIES]
    return bool(named) or not value.codes


def _read_pregnancy(node: Node, place: str, day: str | None, desk: ReadContext) -> None:
    value, answer = _answer(node, desk)
    said = {_PREGNANCY.get((coding.system, coding.code)) for coding in value.codes} - {None}
    if answer in (Answer.PRESENT, Answer.ABSENT):
        said.add(answer is Answer.PRESENT)
    if len(said) == 1:
        desk.pregnancies.append(
            Pregnancy(None if day is None else days_named(day), said == {True}, place)
        )
    else:
        desk.collection.leave_out(Reason.AMBIGUOUS if said else Reason.NO_VALUE, place)
