"""Which cases change because of a difference of rules, and in what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from crampdx.assessment import Assessment
from crampdx.authoring.cases.reading import LocatedCase
from crampdx.engine.assessor import Assessor
from crampdx.outputs.labels import spoken

__all__ = ["ASPECTS", "CaseEffect", "Shift", "effect_on", "shifts"]

COMPARED_RANKS = 5
"""Ranks are compared of the causes that are among so many of the first, before or after."""

ASPECTS = (
    "conclusion",
    "rank",
    "band",
    "do_not_miss",
    "red_flag",
    "clarify",
    "test",
    "treatment",
    "caution",
    "prevention",
    "unexplained",
    "note",
)
"""What is compared of two assessments."""

Outline = Mapping[str, Mapping[str, str]]
"""Of each aspect, what the assessment says of each id."""


@dataclass(frozen=True, slots=True)
class Shift:
    """One thing that an assessment says otherwise.

    Attributes:
        aspect: Of `ASPECTS`.
        id: What it is said of; `conclusion` of the conclusion itself.
        before: What was said; None if nothing was.
        after: What is said; None if nothing is.
    """

    aspect: str
    id: str
    before: str | None
    after: str | None

    def inverse(self) -> Shift:
        """The shift the other way around."""
        return Shift(self.aspect, self.id, self.after, self.before)


@dataclass(frozen=True, slots=True)
class CaseEffect:
    """A case, and what changes in its assessment; nothing may."""

    located: LocatedCase
    shifts: tuple[Shift, ...]


def effect_on(located: LocatedCase, old: Assessor, new: Assessor) -> CaseEffect:
    """Assess a case by both sets of rules and compare."""
    patient = located.patient
    return CaseEffect(located, shifts(old.assess(patient), new.assess(patient)))


def shifts(old: Assessment, new: Assessment) -> tuple[Shift, ...]:
    """What the new assessment says otherwise, by aspect and id."""
    before, after = _outline(old), _outline(new)
    first = {c.cause for answer in (old, new) for c in answer.candidates[:COMPARED_RANKS]}
    return tuple(
        shift
        for aspect in ASPECTS
        for shift in _shifted(aspect, before[aspect], after[aspect])
        if aspect not in ("rank", "band") or shift.id in first
    )


def _shifted(aspect: str, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Shift]:
    for name in sorted({*before, *after}):
        if before.get(name) != after.get(name):
            yield Shift(aspect, name, before.get(name), after.get(name))


def _outline(answer: Assessment) -> Outline:
    return {
        "conclusion": {"conclusion": spoken(answer.conclusion)},
        "rank": {c.cause: str(c.rank) for c in answer.candidates},
        "band": {c.cause: str(c.band) for c in answer.candidates},
        "do_not_miss": _each("in the lane", (item.cause for item in answer.do_not_miss)),
        "red_flag": _each("raised", (raised.flag.id for raised in answer.red_flags)),
        "clarify": _each("to clarify", (item.id for item in answer.clarify)),
        "test": {
            **_each("proposed", (test.test for test in answer.tests)),
            **_each("ordered", answer.tests_ordered),
            **_each("done", answer.tests_done),
        },
        "treatment": {
            **_each("offered", (option.treatment for option in answer.treatments)),
            **_each("not assessed", answer.treatments_not_assessed),
        },
        "caution": {
            note.caution.id: spoken(note.verdict)
            for option in answer.treatments
            for note in option.cautions
        },
        "prevention": _each("listed", (measure.id for measure in answer.prevention)),
        "unexplained": _each("unexplained", (seen.finding for seen in answer.unexplained)),
        "note": _each("said", (note.code for note in answer.notes)),
    }


def _each(word: str, names: Iterable[str]) -> dict[str, str]:
    return dict.fromkeys(names, word)
