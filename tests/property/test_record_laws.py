"""Laws of records: what is accepted is assessed; what is not, is refused as a `RecordError`."""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from json_values import places, put
from strategies import MANY, SOME, Entry, Pack, json_values, load, packs, records, records_for

from crampdx import Assessment, PatientRecord, RecordError, assess, parse_record
from crampdx.engine.evaluators.selection import default_evaluator


def is_read_or_refused(document: Any) -> None:
    """Reads the document; any error but a `RecordError` is the test's failure."""
    try:
        outcome: object = parse_record(document)
    except RecordError as error:
        outcome = error
    assert isinstance(outcome, PatientRecord) or str(outcome)


def ends(program: str) -> None:
    """Run a program that must come to a good end; what is as good as a hang is a failure."""
    ended = subprocess.run(  # noqa: S603
        [sys.executable, "-c", program], timeout=60, capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, "")


class TestParsing:
    @MANY
    @given(json_values())
    def test_any_value_is_read_or_refused(self, document: Any) -> None:
        """Whatever is given as a record is read, or refused with a `RecordError`."""
        is_read_or_refused(document)

    @MANY
    @given(st.dictionaries(st.sampled_from(sorted(PatientRecord.model_fields)), json_values()))
    def test_any_value_of_a_field_is_read_or_refused(self, document: Entry) -> None:
        """Whatever stands in the record's fields is read, or refused with a `RecordError`."""
        is_read_or_refused(document)

    @given(json_values())
    def test_any_json_text_is_read_or_refused(self, document: Any) -> None:
        """Whatever a JSON writer makes, NaN included, is read, or refused with a `RecordError`."""
        is_read_or_refused(json.dumps(document, skipkeys=True))

    @given(st.binary(max_size=200) | st.text(st.characters(), max_size=100))
    def test_any_bytes_are_read_or_refused(self, document: bytes | str) -> None:
        """Bytes and text that are no JSON are refused with a `RecordError`."""
        is_read_or_refused(document)

    @given(records(), st.data())
    def test_a_record_with_one_thing_wrong_is_read_or_refused(
        self, record: Entry, data: st.DataObject
    ) -> None:
        """A valid record in which one value is replaced by any other is read, or refused."""
        parts = sorted(places(record), key=repr)
        if parts:
            put(record, data.draw(st.sampled_from(parts)), data.draw(json_values()))
        is_read_or_refused(record)

    @pytest.mark.parametrize("key", [-1, 0, 10**30, 1.5, True, None, ()], ids=repr)
    @pytest.mark.parametrize("field", [None, "findings", "cramps", "measurements"])
    def test_a_key_that_is_no_text_is_refused(self, key: object, field: str | None) -> None:
        """A mapping with a key that is no text is refused, wherever it stands."""
        with pytest.raises(RecordError):
            parse_record({key: {}} if field is None else {field: {key: {}}})  # type: ignore[dict-item]

    @pytest.mark.parametrize(
        "document",
        [
            pytest.param('{"findings":' * 10_000, id="objects"),
            pytest.param("[" * 100_000, id="lists"),
            pytest.param('{"findings":' + "[" * 200 + "]" * 200 + "}", id="closed"),
        ],
    )
    def test_deep_json_is_refused(self, document: str) -> None:
        """JSON that is nested deeply is refused, and no stack overflows."""
        with pytest.raises(RecordError):
            parse_record(document)

    def test_deep_values_are_refused(self) -> None:
        """A mapping that is nested deeply is refused, and no stack overflows."""
        deep: Any = {}
        for _ in range(100_000):
            deep = {"findings": deep}
        with pytest.raises(RecordError):
            parse_record(deep)
        while deep:  # taken apart by hand: Python's own clean-up of it would be deep as well
            deep = deep["findings"]

    @pytest.mark.parametrize(
        "document",
        [
            pytest.param({"findings": {f"f{n}": True for n in range(100_000)}}, id="findings"),
            pytest.param({"findings": [{"id": "f"}] * 100_000}, id="list"),
            pytest.param({"findings": [{"id": "f", "note": "n" * 10_000_000}]}, id="note"),
            pytest.param({"findings": {"f" * 10_000_000: True}}, id="id"),
            pytest.param({"f" * 10_000_000: True}, id="field"),
            pytest.param({f"f{n}": True for n in range(1_000)}, id="fields"),
        ],
    )
    def test_a_huge_record_is_refused(self, document: Entry) -> None:
        """A record beyond its bounds is refused, with an error that is short."""
        with pytest.raises(RecordError) as caught:
            parse_record(document)
        assert len(str(caught.value)) < 20_000

    def test_a_record_of_unknown_fields_is_refused_in_time(self) -> None:
        """100,000 fields that there are not are refused: suggestions are not sought for each."""
        ends(
            "from crampdx import parse_record, RecordError\n"
            "try: parse_record({f'field_{n}': 1 for n in range(100_000)})\n"
            "except RecordError: pass\n"
            "else: raise SystemExit('accepted')"
        )

    def test_a_key_that_stands_twice_among_many_is_found_in_time(self) -> None:
        """Looking for the key that stands twice costs no more than reading the record."""
        ends(
            "from crampdx import parse_record, RecordError\n"
            "keys = [f'field_{n}' for n in (*range(200_000), 199_999)]\n"
            "text = '{' + ','.join(f'\"{key}\":1' for key in keys) + '}'\n"
            "try: parse_record(text)\n"
            "except RecordError: pass\n"
            "else: raise SystemExit('accepted')"
        )


class TestAssessing:
    @MANY
    @given(records())
    def test_any_record_that_validates_is_assessed(self, record: Entry) -> None:
        """Whatever a valid record says, the default evaluator answers, without an exception."""
        assert assess(parse_record(record)).inference == default_evaluator()

    @pytest.mark.parametrize("as_of", ["0001-01-01", "0001", "9999-12-31", "9999"])
    @pytest.mark.parametrize("day", ["0001-01-01", "0001", "9999-12-31", "9999"])
    def test_at_the_ends_of_the_calendar(self, as_of: str, day: str) -> None:
        """Days and durations at the ends of the calendar are assessed like any others."""
        statement = {"id": "muscle_cramp", "date": day, "onset": day, "duration": "P54900D"}
        value = {"id": "serum_potassium", "value": 3.1, "unit": "mmol/L", "date": day}
        record = {
            "as_of": as_of,
            "cramps": {"duration": "P54900D"},
            "findings": [statement, {"id": "muscle_cramp", "end": day}],
            "measurements": [value],
            "medications": [{"id": "statin_use", "start": day, "stop": day}],
        }
        assert assess(record).inference == default_evaluator()

    def test_thousands_of_unknown_ids_are_assessed_in_time(self) -> None:
        """A record full of unknown ids is assessed: suggestions are not sought for each."""
        ends(
            "from crampdx import assess\n"
            "ids = {f'muscle_crump_{n}': True for n in range(5_000)}\n"
            "assess({s: ids for s in ('findings', 'diagnoses', 'exposures', 'medications')})"
        )

    @SOME
    @given(packs(), st.data())
    def test_by_any_rules(self, made: Pack, data: st.DataObject) -> None:
        """Whatever the rules, a valid record is assessed without an exception."""
        base = load(made)
        assert assess(data.draw(records_for(base)), base).inference == default_evaluator()

    @given(records())
    def test_shares_are_parts_of_a_whole(self, record: Entry) -> None:
        """Shares fall with the rank and are, but for rounding, at most 1 together."""
        shares = [candidate.share for candidate in assess(record).candidates]
        assert shares == sorted(shares, reverse=True)
        assert 0 <= sum(shares) <= 1 + 0.005 * len(shares)

    @given(records())
    def test_scores_are_what_counts(self, record: Entry) -> None:
        """A candidate's score is its pretest and the weights of its lines that count."""
        for candidate in assess(record).candidates:
            lines = (*candidate.supporting, *candidate.opposing)
            counted = sum(line.weight for line in lines if line.counted)
            assert candidate.score == candidate.pretest + counted or candidate.band == "unlikely"


class TestRoundTrips:
    @given(records())
    def test_a_record_through_json(self, record: Entry) -> None:
        """A record written as JSON and read again is the same."""
        parsed = parse_record(record)
        assert parse_record(parsed.model_dump_json()) == parsed

    @given(records())
    def test_a_record_through_plain_data(self, record: Entry) -> None:
        """A record as plain data, read again, is the same."""
        parsed = parse_record(record)
        assert parse_record(parsed.model_dump(mode="json")) == parsed

    @given(records())
    def test_a_record_given_as_json_text(self, record: Entry) -> None:
        """A record in JSON gives the assessment that the same mapping gives."""
        parsed = parse_record(record)
        assert assess(parsed.model_dump_json()) == assess(parsed)

    @given(records())
    def test_an_assessment_through_json(self, record: Entry) -> None:
        """An assessment written as JSON and read again is the same, and writes the same bytes."""
        answer = assess(record)
        text = answer.model_dump_json()
        again = Assessment.model_validate_json(text)
        assert (again, again.model_dump_json()) == (answer, text)

    @SOME
    @given(packs(), st.data())
    def test_an_assessment_by_any_rules_through_json(self, made: Pack, data: st.DataObject) -> None:
        """So it is whatever the rules: flags, cautions and treatments included."""
        base = load(made)
        answer = assess(data.draw(records_for(base)), base)
        assert Assessment.model_validate_json(answer.model_dump_json()) == answer

    @given(records())
    def test_through_pickle(self, record: Entry) -> None:
        """A record and its assessment survive pickling."""
        parsed = parse_record(record)
        answer = assess(parsed)
        assert pickle.loads(pickle.dumps((parsed, answer))) == (parsed, answer)  # noqa: S301
