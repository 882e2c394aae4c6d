"""Laws of order: what stands first, in a record or in files, means nothing."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import (
    CLAIM,
    ORDERS,
    SOME,
    Entry,
    Pack,
    load,
    pack,
    packs,
    placeless,
    records,
    records_for,
    shuffled,
)

from crampdx import Assessor, assess


def lines_shuffled(made: Pack, order: random.Random, *kinds: str) -> Pack:
    """The pack with the lines (evidence, cautions, ...) of each of its entries in another order."""
    entries = {
        name: [
            {k: shuffled(v, order) if k in kinds else v for k, v in entry.items()}
            for entry in items
        ]
        for name, items in made.entries.items()
    }
    return Pack(made.head, entries, made.codes)


class TestFiles:
    @SOME
    @given(packs(), ORDERS)
    def test_order_of_entries_and_files_is_not_in_the_digest(
        self, made: Pack, order: random.Random
    ) -> None:
        """The same entries, in another order and in other files, have the same digest."""
        assert load(made, order=order).digest == load(made).digest

    @SOME
    @given(packs(), ORDERS, st.data())
    def test_order_of_entries_and_files_is_not_in_the_result(
        self, made: Pack, order: random.Random, data: st.DataObject
    ) -> None:
        """The same entries, in another order and in other files, give the same bytes."""
        one, other = load(made), load(made, order=order)
        record = data.draw(records_for(one))
        answers = [Assessor(base).assess(record).model_dump_json() for base in (one, other)]
        assert answers[0] == answers[1]

    @SOME
    @given(packs(), ORDERS, st.data())
    def test_order_of_evidence_is_not_in_the_result(
        self, made: Pack, order: random.Random, data: st.DataObject
    ) -> None:
        """The lines of evidence and the cautions of an entry, in another order, give the same."""
        one = load(made)
        other = load(lines_shuffled(made, order, "evidence", "cautions", "implies"))
        record = data.draw(records_for(one))
        answers = [Assessor(base).assess(record).model_dump_json() for base in (one, other)]
        assert (one.digest, answers[0]) == (other.digest, answers[1])

    @pytest.mark.parametrize("kind", ["indications", "about", "sources", "all", "shows"])
    def test_one_digest_one_answer(self, kind: str) -> None:
        """Of a list in another order, either the digest differs, or the answer does not."""
        record = {"findings": {"a": True, "b": True}}
        bases = [load(two_of_each(kind, turned)) for turned in (False, True)]
        answers = [Assessor(base).assess(record).model_dump_json() for base in bases]
        assert answers[0].replace(bases[0].digest, "") == answers[1].replace(
            bases[1].digest, ""
        ) or (bases[0].digest != bases[1].digest)


def two_of_each(kind: str, turned: bool) -> Pack:
    """A pack with lists of two; the lists of one kind are turned round if asked."""

    def pair(name: str, *two: Any) -> list[Any]:
        return [*reversed(two)] if turned and name == kind else [*two]

    sources = pair("sources", "judgement", "study")
    says = [{"says": text, "sources": ["study"]} for text in ("One.", "Two.")]
    lines = [{"id": f"r.{n}", "causes": ["one"], **CLAIM} for n in "xy"]
    return pack(
        ["a", "b"],
        {
            "one": {
                "evidence": [
                    {"when": {"all": pair("all", "a", "b")}, "favors": "strong", "sources": sources}
                ]
            }
        },
        tests=[{"id": "t", "shows": pair("shows", "a", "b")}],
        treatments=[
            {"id": "r", "indications": pair("indications", *lines), "about": pair("about", *says)}
        ],
    )


def record_shuffled(record: Entry, order: random.Random) -> Entry:
    """The record with every list and mapping of entries in another order."""

    def mixed(value: Any) -> Any:
        if isinstance(value, list):
            entries = [
                {**item, "shows": mixed(item["shows"])} if "shows" in item else item
                for item in value
            ]
            return shuffled(entries, order)
        return dict(shuffled(value.items(), order)) if isinstance(value, dict) else value

    return dict(shuffled([(key, mixed(value)) for key, value in record.items()], order))


class TestRecords:
    @SOME
    @given(packs(), ORDERS, st.data())
    def test_order_of_entries_means_nothing(
        self, made: Pack, order: random.Random, data: st.DataObject
    ) -> None:
        """The same entries in another order give the same result, but for the places it names."""
        base = load(made)
        record = data.draw(records_for(base))
        other = record_shuffled(record, order)
        assert placeless(assess(other, base)) == placeless(assess(record, base))

    @given(records(), ORDERS)
    def test_order_of_entries_means_nothing_to_the_article(
        self, record: Entry, order: random.Random
    ) -> None:
        """So it is with the packs that ship."""
        other = record_shuffled(record, order)
        assert placeless(assess(other)) == placeless(assess(record))

    @given(records())
    def test_the_same_record_gives_the_same_bytes(self, record: Entry) -> None:
        """Assessing twice gives the same JSON, byte for byte."""
        assert assess(record).model_dump_json() == assess(record).model_dump_json()
