"""Measurements: values in the units of the vocabulary, held against the bounds of its findings."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from crampdx.assessment import WarningCode
from crampdx.engine.intake.context import Operand, ReadContext
from crampdx.engine.intake.intervals import Interval
from crampdx.engine.intake.naming import note_unknown_id
from crampdx.engine.intake.vocabulary import Scale, ValueReader
from crampdx.errors import printable
from crampdx.record.models import Measurement

__all__ = ["claim_value", "read_measurement", "rounded"]


class _UnreadableValue(NamedTuple):
    """Why a value cannot be read."""

    code: WarningCode
    message: str


def read_measurement(entry: Measurement, place: str, context: ReadContext) -> None:
    """Read a value for each finding that it may show."""
    vocabulary = context.vocabulary
    readers: list[ValueReader] = []
    for coding in entry.code:
        readers += vocabulary.values_by_code.get((coding.system, coding.code), ())
    if entry.id is not None:
        readers += vocabulary.values_by_name.get(entry.id, ())
    tests = vocabulary.tests_coded(entry)
    context.tests_done |= tests
    context.note_vocabulary(place, is_in=bool(readers or tests))
    if entry.id is not None and not readers:
        note_unknown_id("measurement", entry.id, vocabulary.measurement_names, place, context)
    for reader in {(r.finding, id(r.form)): r for r in readers}.values():
        _read_value(reader, entry, place, context)
    _note_operand(entry, place, context)


def _note_operand(entry: Measurement, place: str, context: ReadContext) -> None:
    """Keep a value from which others are calculated, where it is exact and can be read."""
    vocabulary = context.vocabulary
    coded = (vocabulary.operands_by_code.get((c.system, c.code)) for c in entry.code)
    for name in {name for name in (entry.id, *coded) if name is not None}:
        scale = vocabulary.operands.get(name)
        value = _interval_of(entry, scale) if scale else None
        if isinstance(value, Interval) and value.low == value.high:
            day = entry.date.last if entry.date else None
            context.operands[name].append(Operand(value.low, day, place))


def _read_value(reader: ValueReader, entry: Measurement, place: str, context: ReadContext) -> None:
    days = entry.date.days if entry.date else None
    if not context.is_current(days, reader.form.within, place, reader.finding):
        return
    interval = _interval_of(entry, reader.scale)
    if isinstance(interval, _UnreadableValue):
        context.leave_unresolved(interval.code, place, interval.message, reader.finding)
        return
    is_open = entry.comparator is not None
    claim_value(reader, interval, days.last if days else None, place, context, is_open=is_open)


def claim_value(
    reader: ValueReader,
    interval: Interval,
    day: date | None,
    place: str,
    context: ReadContext,
    *,
    is_open: bool = False,
) -> None:
    """Claim what a value shows.

    Args:
        reader: The finding that it may show.
        interval: The range that the value stands for.
        day: Its day.
        place: Its place in the record.
        context: The record.
        is_open: Whether it has a comparator: what that leaves open is then not said.
    """
    state = _state_of(interval, reader)
    if state is not None or not is_open:
        context.measure_state(reader.finding, state, place, day, reader.scale.precedence)


def _state_of(interval: Interval, reader: ValueReader) -> bool | None:
    """Whether all of an interval shows the finding to be present, or absent; None for neither."""
    if reader.form.present is not None and interval.within(reader.form.present):
        return True
    if reader.form.absent is not None and interval.within(reader.form.absent):
        return False
    return None


def _interval_of(entry: Measurement, scale: Scale) -> Interval | _UnreadableValue:
    """The range that a value stands for in the unit of its measurement."""
    factor = 1.0 if entry.unit == scale.unit else scale.factor(entry.unit or "")
    if factor is None:
        unit = f"the unit '{printable(entry.unit)}'" if entry.unit else "a value without unit"
        known = ", ".join(sorted({scale.unit, *scale.convert}))
        message = f"{unit} cannot be converted to {scale.unit} (known: {known})"
        return _UnreadableValue("unit", message)
    code = scale.disagreeing(entry)
    if code is not None:
        kinds = ("substance", "mass") if code in scale.molar else ("mass", "substance")
        message = (
            f"the code {code} is of {kinds[0]} and the unit '{printable(entry.unit or '')}' of"
            f" {kinds[1]}: which of the two is meant is not known"
        )
        return _UnreadableValue("unit", message)
    value = Interval.of(rounded(entry.value * factor), entry.comparator)
    message = "implausible for this unit; ignored"
    return value.clipped(scale.plausible) or _UnreadableValue("implausible", message)


def rounded(value: float) -> float:
    """Round off the error of a conversion, so that a value on a limit stays on it."""
    return float(f"{value:.12g}")
