"""Partial dates as values: the text that was written, and the days that it may mean."""

from __future__ import annotations

import copy
import pickle
from datetime import date, timedelta

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from crampdx import RecordError, parse_record
from crampdx.record.dates import Days, PartialDate, parse_as_of

WRITTEN = st.builds(
    lambda day, length: day.isoformat()[:length], st.dates(), st.sampled_from([4, 7, 10])
)


@given(WRITTEN)
def test_a_partial_date_is_the_text_that_was_written(text):
    """It equals its text, has its hash, and is written as it."""
    one = PartialDate(text)

    assert (one, hash(one), str(one)) == (text, hash(text), text)


@given(WRITTEN)
def test_a_partial_date_spans_its_days(text):
    """The days begin with the text that was written, and those around them do not."""
    days = PartialDate(text).days
    around = [
        day.isoformat()
        for day, step, end in ((days.first, -1, date.min), (days.last, 1, date.max))
        if day != end
        for day in [day + timedelta(days=step)]
    ]

    assert days.first.isoformat().startswith(text)
    assert days.last.isoformat().startswith(text)
    assert not any(day.startswith(text) for day in around)


def test_a_record_dumps_its_dates_as_plain_text():
    """What is dumped is text that any writer takes, YAML's safe one too."""
    record = parse_record({"as_of": "2026-03", "findings": {"fever": {"onset": "2026"}}})
    dumped = record.model_dump(mode="python", exclude_defaults=True)

    assert yaml.safe_load(yaml.safe_dump(dumped["as_of"])) == "2026-03"
    assert type(dumped["findings"][0]["onset"]) is str


def _pickled(one):
    return pickle.loads(pickle.dumps(one))  # noqa: S301


@pytest.mark.parametrize("copied", [copy.deepcopy, _pickled])
def test_a_copy_of_a_date_has_its_days(copied):
    """Records cross processes with what their dates mean."""
    assert copied(PartialDate("2026-02")).days == Days(date(2026, 2, 1), date(2026, 2, 28))


@pytest.mark.parametrize("text", ["2026-13", "2026-02-30", "0000", "2026-2-3", "soon", ""])
def test_what_is_not_a_date_is_not_one(text):
    """There is no partial date without days."""
    with pytest.raises(ValueError, match=r"date|day"):
        PartialDate(text)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("soon", "as_of: give a date as YYYY, YYYY-MM or YYYY-MM-DD"),
        ("2026-02-30", "as_of: there is no such day in the calendar"),
        (20260203, "as_of: give a date as YYYY-MM-DD, as text"),
        (["2026"], "as_of: give a date as YYYY-MM-DD, as text"),
    ],
)
def test_what_is_not_a_day_of_an_assessment_is_refused(given, message):
    """The one error of records names the field and what is expected."""
    with pytest.raises(RecordError) as error:
        parse_as_of(given)

    assert [str(issue) for issue in error.value.issues] == [message]


def test_no_day_of_an_assessment_is_none():
    """Where none is given there is none."""
    assert parse_as_of(None) is None
