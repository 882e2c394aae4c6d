"""Answers to questionnaires: what each question asks for, by its linkId.

In the questionnaire that ships, each linkId is itself the target: the field of the record that the
answer fills. For other questionnaires a caller gives a map from linkIds to targets.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from pydantic import TypeAdapter, ValidationError

from crampdx.errors import RecordError, RecordIssue, printable
from crampdx.inputs.fhir.answers import Answer, answer_of
from crampdx.inputs.fhir.desk import CrampAnswer, Pregnancy, ReadContext, Targets, day_among
from crampdx.inputs.fhir.documents import Located
from crampdx.inputs.fhir.observations import quantity_fields
from crampdx.inputs.fhir.statuses import ANSWERS, Reason, standing_of
from crampdx.inputs.fhir.tree import (
    Node,
    Unreadable,
    codes_at,
    days_at,
    days_named,
    filled,
    node_at,
    nodes_at,
    number_at,
    word_at,
)
from crampdx.record.dates import Days
from crampdx.record.models import Coding, CrampHistory, words_of
from crampdx.text.durations import Duration

__all__ = [
    "ANSWER_SYSTEM",
    "QUESTIONNAIRE_URL",
    "check_targets",
    "questionnaire",
    "read_response",
]

QUESTIONNAIRE_URL = "urn:crampdx:questionnaire:cramp-history"
"""The address of the questionnaire that ships."""

ANSWER_SYSTEM = "urn:crampdx:code-system:cramp-history"
"""The system of the coded answers of that questionnaire: the words of the record."""

MAX_DEPTH = 20
"""How deep questions may stand in groups."""

MAX_ITEMS = 200_000
"""After so many questions of a document no further group is opened; see `MAX_UNFOLDED`."""

LISTS = ("locations", "triggers", "times_of_day")
DURATIONS = ("duration", "episode_duration")

_TARGET = re.compile(
    r"pregnant|cramps\.(duration|episode_duration|per_week|locations|triggers|times_of_day"
    r"|response_to_remedies)|(findings|measurements)\.(?P<name>[^\x00-\x1f]{1,200})"
)

_SECONDS_A_DAY = 86_400.0
_UNITS = {
    "s": 1.0,
    "min": 60.0,
    "h": 3_600.0,
    "d": _SECONDS_A_DAY,
    "wk": 7 * _SECONDS_A_DAY,
    "mo": 30 * _SECONDS_A_DAY,
    "a": 365 * _SECONDS_A_DAY,
}
"""Seconds of each UCUM unit; a month counts 30 days and a year 365, as in records."""

_PER_WEEK = {"": 1.0, "1": 1.0, "/wk": 1.0, "/d": 7.0, "/mo": 7.0 / 30.0}

_DURATION = TypeAdapter(Duration)


@cache
def _shipped() -> str:
    folder = files("crampdx.inputs.fhir")
    return folder.joinpath("cramp_history_questionnaire.json").read_text(encoding="utf-8")


def questionnaire() -> dict[str, Any]:
    """The questionnaire that ships, as a Questionnaire of FHIR R4.

    >>> questionnaire()["url"]
    'urn:crampdx:questionnaire:cramp-history'
    """
    found: dict[str, Any] = json.loads(_shipped())
    return found


def check_targets(questionnaires: Mapping[str, Targets]) -> None:
    """Refuse maps of a caller that name what the record does not have.

    Raises:
        RecordError: A target is none; names every one.
    """
    issues = [
        RecordIssue(
            f"questionnaires.{printable(url)}.{printable(link)}",
            "no such target; see docs/fhir.md for those there are",
        )
        for url, targets in questionnaires.items()
        for link, target in targets.items()
        if not _TARGET.fullmatch(target)
    ]
    if issues:
        raise RecordError(issues)


def read_response(located: Located, desk: ReadContext) -> None:
    """The answers of a questionnaire that a map knows."""
    resource, place = located.resource, located.place
    standing = standing_of(codes_at(resource, "status"), ANSWERS)
    day = day_among(resource, "authored")
    days = None if day is None else days_named(day)
    if not desk.admits(standing, place):
        return
    url = word_at(resource, "questionnaire").partition("|")[0]
    if not url:
        url = word_at(node_at(resource, "questionnaire"), "reference")
    targets = desk.questionnaires.get(url)
    if targets is None and url != QUESTIONNAIRE_URL:
        desk.collection.leave_out(Reason.NOT_MAPPED, place)
        return
    _Response(day, days, targets, desk).items(resource, f"{place}#", 0)


class _Response:
    """Walks through the items of one response."""

    def __init__(
        self, day: str | None, days: Days | None, targets: Targets | None, desk: ReadContext
    ) -> None:
        self.day = day
        self.days = days
        self.targets = targets
        self.desk = desk

    def items(self, parent: Node, place: str, depth: int) -> None:
        if self.desk.items > MAX_ITEMS:
            self.desk.collection.leave_out(Reason.TOO_MANY, place.rstrip(".#"))
            return
        items = nodes_at(parent, "item")
        self.desk.items += len(items)
        for index, item in enumerate(items):
            self.item(item, f"{place}item[{index}]", depth)

    def item(self, item: Node, place: str, depth: int) -> None:
        leave_out = self.desk.collection.leave_out
        if depth >= MAX_DEPTH:
            leave_out(Reason.TOO_DEEP, place)
            return
        if filled(item.get("modifierExtension")):
            leave_out(Reason.MODIFIER_EXTENSION, place)
            return
        answers = nodes_at(item, "answer")
        if answers:
            self.answered(item, answers, place)
        self.items(item, f"{place}.", depth + 1)
        for index, answer in enumerate(answers):
            self.items(answer, f"{place}.answer[{index}].", depth + 1)

    def answered(self, item: Node, answers: list[Node], place: str) -> None:
        link = word_at(item, "linkId")
        target = link if self.targets is None else self.targets.get(link, "")
        matched = _TARGET.fullmatch(target)
        if matched is None:
            self.desk.collection.leave_out(Reason.NOT_MAPPED, place)
            return
        for answer in answers:
            try:
                if filled(answer.get("modifierExtension")):
                    self.desk.collection.leave_out(Reason.MODIFIER_EXTENSION, place)
                elif target.startswith("measurements."):
                    self.measurement(matched["name"], answer, place)
                elif target.startswith("cramps."):
                    self.of_cramps(target.removeprefix("cramps."), answer, place)
                else:
                    self.yes_or_no(matched["name"], answer, place)
            except Unreadable:
                self.desk.collection.leave_out(Reason.MALFORMED, place)

    # ---- targets

    def yes_or_no(self, name: str | None, answer: Node, place: str) -> None:
        """A finding, or where no name is given, pregnancy."""
        said = self.said(answer)
        if said not in (Answer.PRESENT, Answer.ABSENT):
            self.desk.collection.leave_out(
                Reason.NO_VALUE if said is Answer.UNKNOWN else Reason.UNREAD_PART, place
            )
        elif name is None:
            pregnancy = Pregnancy(self.days, said is Answer.PRESENT, place)
            self.desk.pregnancies.append(pregnancy)
        else:
            status = "present" if said is Answer.PRESENT else "absent"
            named = _named(name)
            self.desk.collection.add("findings", place, status=status, date=self.day, **named)

    def said(self, answer: Node) -> Answer:
        boolean = answer.get("valueBoolean")
        if isinstance(boolean, bool):
            return Answer.PRESENT if boolean else Answer.ABSENT
        coded = self.desk.collection.concept_at(answer, "valueCoding")
        return answer_of(coded or self.desk.collection.concept_at(answer, "valueString"))

    def measurement(self, name: str, answer: Node, place: str) -> None:
        fields = quantity_fields(_quantity(answer))
        if fields is None:
            self.desk.collection.leave_out(Reason.UNREAD_PART, place)
        else:
            named = _named(name)
            self.desk.collection.add("measurements", place, date=self.day, **fields, **named)

    def of_cramps(self, field: str, answer: Node, place: str) -> None:
        value = self.cramp_value(field, answer)
        if value is None:
            self.desk.collection.leave_out(Reason.UNREAD_PART, place)
        else:
            self.desk.answers.append(CrampAnswer(self.days, field, value, place))

    def cramp_value(self, field: str, answer: Node) -> object:
        """What an answer says of the cramps; None where it cannot be read."""
        if field in DURATIONS:
            return self.duration(field, answer)
        if field == "per_week":
            return _per_week(_quantity(answer))
        coded = node_at(answer, "valueCoding")
        word = word_at(coded, "code") or word_at(answer, "valueString")
        return word if word in words_of(CrampHistory, field) else None

    def duration(self, field: str, answer: Node) -> timedelta | None:
        """A duration, or the time since a day; of cramps, up to the day of the assessment."""
        as_of = self.desk.as_of
        since = days_at(answer, "valueDate") or days_at(answer, "valueDateTime")
        if since is not None:
            if as_of is None or field != "duration":
                return None
            return _bounded(as_of.last - since.first)
        found = _duration(answer)
        if found is not None and field == "duration" and as_of and self.days:
            found = _bounded(found + max(as_of.last - self.days.last, timedelta(0)))
        return found


def _duration(answer: Node) -> timedelta | None:
    written = word_at(answer, "valueString").strip()
    if written:
        return _bounded(written)
    fields = quantity_fields(_quantity(answer))
    seconds = None if fields is None else _UNITS.get(fields["unit"] or "")
    if fields is None or seconds is None or fields["comparator"]:
        return None
    try:
        return _bounded(timedelta(seconds=fields["value"] * seconds))
    except (OverflowError, ValueError):
        return None


def _bounded(duration: timedelta | str) -> timedelta | None:
    """A duration that the record admits, or None."""
    try:
        return _DURATION.validate_python(duration)
    except ValidationError:
        return None


def _per_week(quantity: Node) -> float | None:
    fields = quantity_fields(quantity)
    if fields is None or fields["comparator"]:
        return None
    factor = _PER_WEEK.get(fields["unit"] or "")
    value: float | None = None if factor is None else fields["value"] * factor
    return value if value is not None and 0 <= value <= 100_000 else None


def _quantity(answer: Node) -> Node:
    """The number of an answer, as a quantity."""
    for field in ("valueDecimal", "valueInteger"):
        value = number_at(answer, field)
        if value is not None:
            return {"value": value}
    return node_at(answer, "valueQuantity")


def _named(name: str) -> dict[str, Any]:
    """A name as in records: our id, or with a colon a code."""
    if ":" not in name:
        return {"id": name}
    try:
        return {"code": (Coding.model_validate(name),)}
    except ValidationError:
        raise Unreadable(name) from None
