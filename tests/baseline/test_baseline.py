"""The benign baseline: for people without a dangerous disease, nothing dangerous is named first."""

from __future__ import annotations

from functools import cache

import pytest
from people import PEOPLE, Person

from crampdx import Assessor, KnowledgeBase, parse_record

ALLOWED: dict[str, str] = {
    "potassium of 3.4 on a thiazide, well": "a low value that was measured is rightly named",
    "potassium of 3.4 with a rare night cramp": "a low value that was measured is rightly named",
    "calcium of 8.3 in a healthy man": "below the limit, and no albumin is there to correct it",
    "sodium of 133 on sertraline, well": "the medicine lowers sodium, so a low value leads",
}
"""Who may raise a red flag or be led by a cause not to be missed, and why."""

MOST_ALLOWED = 0.05
"""The share of people that may stand in `ALLOWED`."""


@cache
def assessor() -> Assessor:
    return Assessor(KnowledgeBase.load("article", "extended"))


@cache
def alarms(number: int) -> tuple[str, ...]:
    """Red flags in the answer to one person, and what leads in it or is set apart as dangerous."""
    answer = assessor().assess(PEOPLE[number].record)
    causes = assessor().knowledge.causes
    return (
        *(f"red flag {raised.flag.id}" for raised in answer.red_flags),
        *(
            f"led by {candidate.cause}"
            for candidate in answer.candidates
            if candidate.band == "leading" and causes[candidate.cause].do_not_miss
        ),
        *(f"not to be missed: {shown.cause}" for shown in answer.do_not_miss),
    )


@pytest.mark.parametrize(
    ("number", "person"), list(enumerate(PEOPLE)), ids=[p.name for p in PEOPLE]
)
def test_a_harmless_person_raises_no_alarm(number: int, person: Person) -> None:
    if person.name not in ALLOWED:
        assert alarms(number) == ()


@pytest.mark.parametrize("name", ALLOWED)
def test_who_is_allowed_an_alarm_raises_one(name: str) -> None:
    number = next(n for n, person in enumerate(PEOPLE) if person.name == name)
    assert alarms(number) != (), "no alarm any more: take the name off the list"


def test_few_are_allowed_an_alarm() -> None:
    assert len(ALLOWED) <= MOST_ALLOWED * len(PEOPLE)


def test_there_are_many_people_and_no_two_are_alike() -> None:
    assert len(PEOPLE) >= 200
    assert len({person.name for person in PEOPLE}) == len(PEOPLE)
    assert len({parse_record(person.record) for person in PEOPLE}) == len(PEOPLE)


@pytest.mark.parametrize(
    ("number", "person"), list(enumerate(PEOPLE)), ids=[p.name for p in PEOPLE]
)
def test_all_of_the_record_is_understood(number: int, person: Person) -> None:
    warnings = assessor().assess(person.record).warnings
    assert [w for w in warnings if w.level == "warning" and w.code != "complaint_absent"] == []
