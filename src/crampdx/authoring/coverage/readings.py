"""What each way of showing a finding made of a record.

A finding may be shown in several ways, and a record may assert it besides. To see each way alone,
each becomes a finding of its own, in a vocabulary made for this, and the record is read as always.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from crampdx.engine.evaluators.reference import Verdict
from crampdx.engine.intake.reader import interpret_record
from crampdx.engine.intake.vocabulary import Vocabulary
from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.models import (
    WORDS,
    AttributeValue,
    Bounds,
    Finding,
    MeasuredValue,
    OneOf,
    OnsetAfter,
    ShownBy,
)
from crampdx.record.models import PatientRecord

__all__ = ["Form", "Readings", "Shown", "forms_of", "limits_of"]

LOWEST = -1e300
"""Below all that is measured."""


@dataclass(frozen=True, slots=True)
class Form:
    """A way of showing a finding: an entry of its `shown_by`.

    Attributes:
        finding: The id of the finding.
        number: The position in the list, from 0.
        shown_by: The entry.
    """

    finding: str
    number: int
    shown_by: ShownBy

    @property
    def id(self) -> str:
        """How reports call it."""
        return f"{self.finding}.shown_by[{self.number}]"


@dataclass(frozen=True, slots=True)
class Shown:
    """What a form made of a record that it could be read from.

    Attributes:
        state: Present, absent, or None where the value lies between.
        limits: The limits of its bounds that the value is exactly on.
    """

    state: Verdict
    limits: tuple[float, ...] = ()


def forms_of(knowledge: KnowledgeBase) -> Iterator[Form]:
    """Every way of showing a finding, in the order of findings."""
    for finding in knowledge.findings.values():
        for number, shown_by in enumerate(finding.shown_by):
            yield Form(finding.id, number, shown_by)


def limits_of(shown_by: ShownBy) -> tuple[float, ...]:
    """The limits of a form's bounds, in order; those of plausibility are not among them."""
    if not isinstance(shown_by, MeasuredValue | AttributeValue):
        return ()
    bounds = [given for given in (shown_by.present, shown_by.absent) if isinstance(given, Bounds)]
    limits = {
        limit
        for given in bounds
        for limit in (given.from_, given.above, given.up_to, given.below)
        if limit is not None
    }
    return tuple(sorted(limits))


class Readings:
    """The forms of a knowledge base, arranged to be looked at one by one."""

    def __init__(self, knowledge: KnowledgeBase) -> None:
        self.forms = tuple(forms_of(knowledge))
        apart = {
            finding.id: finding
            for form in self.forms
            for finding in _apart(form, knowledge.findings[form.finding])
        }
        without = {
            finding.id: finding.model_copy(update={"shown_by": ()})
            for finding in knowledge.findings.values()
        }
        self._vocabulary = Vocabulary(replace(knowledge, findings={**without, **apart}))

    def of(self, patient: PatientRecord) -> Iterator[tuple[Form, Shown]]:
        """What each form made of a record; forms that could not be read from it are left out."""
        found = interpret_record(patient, self._vocabulary).resolved.direct
        states = {name: direct.state for name, direct in found.items()}
        for form in self.forms:
            if form.id in states or f"{form.id} read" in states:
                limits = limits_of(form.shown_by)
                met = tuple(limit for limit in limits if states.get(f"{form.id} on {limit}"))
                yield form, Shown(states.get(form.id), met)


def _apart(form: Form, finding: Finding) -> Iterator[Finding]:
    """Findings for a form alone: itself, whether it could be read, and whether it is on a limit."""
    shown_by = form.shown_by
    yield _only(finding, form.id, shown_by)
    whole = _whole(shown_by)
    if whole is not None:
        yield _only(finding, f"{form.id} read", _showing(shown_by, whole))
    for limit in limits_of(shown_by):
        point = Bounds.model_validate({"from": limit, "up_to": limit})
        yield _only(finding, f"{form.id} on {limit}", _showing(shown_by, point))


def _only(finding: Finding, name: str, shown_by: ShownBy) -> Finding:
    return finding.model_copy(update={"id": name, "shown_by": (shown_by,), "implies": ()})


def _whole(shown_by: ShownBy) -> Bounds | OneOf | None:
    """All that the value of a form can be; of a form that has no value, nothing."""
    match shown_by:
        case AttributeValue(attribute=attribute, unit=None):
            return OneOf(one_of=tuple(sorted(WORDS[attribute])))
        case MeasuredValue() | AttributeValue():
            return Bounds.model_validate({"from": LOWEST})
        case _:
            return None


def _showing(shown_by: ShownBy, present: Bounds | OneOf) -> ShownBy:
    update: Mapping[str, Any] = {"present": present, "absent": None}
    return shown_by.model_copy(update=update)


def can_show_absent(shown_by: ShownBy) -> bool:
    """Whether the form can show its finding absent."""
    match shown_by:
        case MeasuredValue(absent=absent) | AttributeValue(absent=absent):
            return absent is not None
        case _:
            return isinstance(shown_by, OnsetAfter)


def can_be_undecided(shown_by: ShownBy) -> bool:
    """Whether the form can be read and leave its finding unknown."""
    return isinstance(shown_by, MeasuredValue | AttributeValue)
