"""Attributes: age, sex, pregnancy and the history of the cramps, and what they show."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from crampdx.engine.intake.context import ReadContext
from crampdx.knowledge.models import Attribute, AttributeValue, Bounds, OneOf
from crampdx.record.models import PatientRecord

__all__ = ["read_attributes"]


def read_attributes(context: ReadContext) -> None:
    """Read every attribute that a finding speaks of."""
    for attribute, forms in context.vocabulary.attributes.items():
        value_of, place = _ATTRIBUTES[attribute]
        value = value_of(context.record)
        if value is None or value == ():
            continue
        if isinstance(value, float):
            for finding, form in forms:
                context.measure_state(finding, _by_bounds(value, form), place)
            continue
        words = value if isinstance(value, tuple) else (value,)
        for finding, form in forms:
            state = _by_words(words, form)
            if state is not None:
                context.assert_state(finding, state, place)


def _by_bounds(value: float, form: AttributeValue) -> bool | None:
    if isinstance(form.present, Bounds) and form.present.contains(value):
        return True
    if isinstance(form.absent, Bounds) and form.absent.contains(value):
        return False
    return None


def _by_words(words: tuple[str, ...], form: AttributeValue) -> bool | None:
    for state, wanted in ((True, form.present), (False, form.absent)):
        if isinstance(wanted, OneOf) and any(word in wanted.one_of for word in words):
            return state
    return None


def _seconds(duration: timedelta | None) -> float | None:
    return None if duration is None else duration.total_seconds()


def _in_days(duration: timedelta | None) -> float | None:
    return None if duration is None else duration.total_seconds() / 86_400


def _yes_no(value: bool | None) -> str | None:
    return None if value is None else "yes" if value else "no"


AttributeReader = Callable[[PatientRecord], "float | str | tuple[str, ...] | None"]

_ATTRIBUTES: dict[Attribute, tuple[AttributeReader, str]] = {
    Attribute.AGE: (lambda r: r.age, "age"),
    Attribute.SEX: (lambda r: r.sex, "sex"),
    Attribute.PREGNANT: (lambda r: _yes_no(r.pregnant), "pregnant"),
    Attribute.COMPLAINT_DURATION: (lambda r: _in_days(r.cramps.duration), "cramps.duration"),
    Attribute.EPISODE_DURATION: (
        lambda r: _seconds(r.cramps.episode_duration),
        "cramps.episode_duration",
    ),
    Attribute.FREQUENCY: (lambda r: r.cramps.per_week, "cramps.per_week"),
    Attribute.LOCATION: (lambda r: r.cramps.locations, "cramps.locations"),
    Attribute.TRIGGER: (lambda r: r.cramps.triggers, "cramps.triggers"),
    Attribute.TIME_OF_DAY: (lambda r: r.cramps.times_of_day, "cramps.times_of_day"),
    Attribute.RESPONSE: (lambda r: r.cramps.response_to_remedies, "cramps.response_to_remedies"),
}
