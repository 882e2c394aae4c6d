"""The reader of JSON: what it gives for any text."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crampdx import RecordError
from crampdx.text.json import read_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=20,
)
LAYOUTS = st.fixed_dictionaries(
    {"ensure_ascii": st.booleans(), "indent": st.sampled_from([None, 2, "\t"])}
)


@given(VALUES, LAYOUTS, st.booleans())
def test_what_was_written_is_read(value: Any, layout: dict[str, Any], in_bytes: bool) -> None:
    """In text or bytes, however it is laid out."""
    text = json.dumps(value, **layout)
    assert repr(read_json(text.encode() if in_bytes else text)) == repr(value)


@given(VALUES, st.text(max_size=4), st.lists(st.sampled_from("\"'{}[]:,\\ \n0e-"), max_size=3))
def test_text_that_is_almost_json_is_read_as_the_standard_library_reads_it(
    value: Any, key: str, strewn: list[str]
) -> None:
    """With characters strewn into it: the same value, or a refusal where that refuses."""
    text = json.dumps({key: value, "more": [value]})
    for number, character in enumerate(strewn, 1):
        place = len(text) * number // (len(strewn) + 1)
        text = text[:place] + character + text[place:]
    try:
        expected = json.loads(text)
    except ValueError:
        with pytest.raises(RecordError):
            read_json(text)
        return
    try:
        assert repr(read_json(text)) == repr(expected)
    except RecordError as refusal:
        assert "stands twice" in str(refusal)  # noqa: PT017


@given(VALUES, VALUES, st.text(max_size=4), st.integers(0, 5))
def test_a_key_that_stands_twice_is_refused(first: Any, second: Any, key: str, depth: int) -> None:
    """At any depth, whatever the two values are."""
    name = json.dumps(key)
    text = f"{{{name}: {json.dumps(first)}, {name} : {json.dumps(second)}}}"
    with pytest.raises(RecordError, match="stands twice"):
        read_json("[" * depth + text + "]" * depth)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(b'\xef\xbb\xbf{"a": 1}', {"a": 1}, id="byte order mark"),
        pytest.param('\ufeff{"a": 1}', {"a": 1}, id="byte order mark in text"),
        pytest.param(r'["\ud83d"]', ["\ud83d"], id="half a character, as a display that was cut"),
        pytest.param('["\ud83d"]', ["\ud83d"], id="half a character in text"),
    ],
)
def test_what_senders_write_without_harm_is_read(text: str | bytes, expected: Any) -> None:
    """A mark before the text, and a character that was cut in two."""
    assert read_json(text) == expected
