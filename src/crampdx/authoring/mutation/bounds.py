"""Changes of the limits from which a value shows a finding.

A limit is changed wherever it stands in a form, so that present and absent stay apart: where one
ends and the other begins, both move together.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from pydantic import ValidationError

from crampdx.authoring.coverage.readings import limits_of
from crampdx.engine.evaluators.reference import Verdict
from crampdx.knowledge.models import AttributeValue, Bounds, MeasuredValue

__all__ = ["ChangedLimit", "changed_limits"]

Valued = MeasuredValue | AttributeValue
"""A form that reads a number."""

_TURNED = {"from": "above", "above": "from", "up_to": "below", "below": "up_to"}
"""What takes the limit in, and what leaves it out."""


class ChangedLimit(NamedTuple):
    """A form with one of its limits changed.

    Attributes:
        before: The bounds as they were.
        after: The bounds as they are.
        form: The form, changed.
        value: A value that is read otherwise.
        states: What it showed, and what it shows.
    """

    before: str
    after: str
    form: Valued
    value: float
    states: tuple[Verdict, Verdict]


def changed_limits(form: Valued, plausible: Bounds | None) -> Iterator[ChangedLimit]:
    """Every form with one limit moved up, moved down, or turned from taken in to left out.

    Args:
        form: What is changed. A form that reads words has no limits.
        plausible: The values that can be read at all.
    """
    for limit in limits_of(form):
        for changed in (_moved(form, limit, 1), _moved(form, limit, -1), _with(form, limit, None)):
            told = _told_apart(form, changed, plausible) if changed is not None else None
            if changed is not None and told is not None:
                yield ChangedLimit(_text(form), _text(changed), changed, *told)


def _moved(form: Valued, limit: float, direction: int) -> Valued | None:
    """The limit moved by one unit of its last digit."""
    written = Decimal(int(limit)) if limit.is_integer() else Decimal(str(limit))
    step = Decimal(1).scaleb(min(0, int(written.as_tuple().exponent)))
    return _with(form, limit, float(written + direction * step))


def _with(form: Valued, limit: float, other: float | None) -> Valued | None:
    """The form with another limit; with None, the limit taken in instead of left out, or back."""
    update: dict[str, Bounds] = {}
    for side in ("present", "absent"):
        bounds = getattr(form, side)
        if isinstance(bounds, Bounds):
            try:
                update[side] = _changed(bounds, limit, other)
            except ValidationError:  # no number would lie within
                return None
    return form.model_copy(update=update)


def _changed(bounds: Bounds, limit: float, other: float | None) -> Bounds:
    given = bounds.model_dump(exclude_none=True, by_alias=True)
    return Bounds.model_validate(
        {
            (_TURNED[key] if other is None and value == limit else key): (
                other if other is not None and value == limit else value
            )
            for key, value in given.items()
        }
    )


def _told_apart(
    one: Valued, two: Valued, plausible: Bounds | None
) -> tuple[float, tuple[Verdict, Verdict]] | None:
    """A value that the forms read otherwise, a limit if possible; None where there is none."""
    limits = sorted({*limits_of(one), *limits_of(two)})
    between = [(low + high) / 2 for low, high in pairwise(limits)]
    values = (*limits, *between, limits[0] - 1, limits[-1] + 1)
    if any(_is_both(two, value) for value in values):  # it would not load
        return None
    for value in values:
        if _can_be(value, one, plausible) and _state(one, value) is not _state(two, value):
            return value, (_state(one, value), _state(two, value))
    return None


def _is_both(form: Valued, value: float) -> bool:
    given = (form.present, form.absent)
    return all(isinstance(bounds, Bounds) and bounds.contains(value) for bounds in given)


def _can_be(value: float, form: Valued, plausible: Bounds | None) -> bool:
    if isinstance(form, AttributeValue):  # ages, durations and frequencies
        return value >= 0
    return plausible is None or plausible.contains(value)


def _state(form: Valued, value: float) -> Verdict:
    if isinstance(form.present, Bounds) and form.present.contains(value):
        return True
    return False if isinstance(form.absent, Bounds) and form.absent.contains(value) else None


def _text(form: Valued) -> str:
    return "; ".join(
        f"{side} when {bounds.text()}"
        for side, bounds in (("present", form.present), ("absent", form.absent))
        if isinstance(bounds, Bounds)
    )
