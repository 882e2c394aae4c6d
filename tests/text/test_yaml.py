"""YAML is read safely, and every part keeps its place."""

from __future__ import annotations

import re

import pytest

from crampdx.text import yaml
from crampdx.text.yaml import (
    MAX_BYTES,
    MAX_DEPTH,
    MAX_FAULTS,
    MAX_NODES,
    Mark,
    read_yaml,
)


def faults(text: str | bytes) -> list[str]:
    """What is wrong with a text, as line:column: message."""
    document = read_yaml(text if isinstance(text, bytes) else text.encode())
    return [f"{fault.mark.line}:{fault.mark.column}: {fault.message}" for fault in document.faults]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("off", "off"),
        ("yes", "yes"),
        ("on", "on"),
        ("No", "No"),
        ("y", "y"),
        ("true", True),
        ("false", False),
        ("True", "True"),
        ("null", None),
        ("~", None),
        ("", None),
        ("'true'", "true"),
        ('"12"', "12"),
        ("12", 12),
        ("-7", -7),
        ("3.5", 3.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("0x10", "0x10"),
        ("012", 12),
        ("1_000", "1_000"),
        ("12:30", "12:30"),
        ("2026-11-23", "2026-11-23"),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("=", "="),
        ("na\u00efve \u2265 3", "na\u00efve \u2265 3"),
    ],
)
def test_only_true_false_null_and_numbers_are_more_than_text(text, value):
    """What YAML 1.1 takes for a truth value, a date, a time or infinity stays text."""
    data = read_yaml(f"key: {text}".encode()).data

    assert (data, type(data["key"])) == ({"key": value}, type(value))


def test_keys_are_text():
    """A key is what is written, though it looks like a number or a truth value."""
    assert list(read_yaml(b"{1: a, true: b, no: c, null: d}").data) == ["1", "true", "no", "null"]


def test_an_empty_file_holds_nothing():
    """A file of nothing, or of comments, is no fault."""
    document = read_yaml(b"# nothing yet\n")

    assert (document.data, document.faults) == (None, [])


def test_each_part_keeps_its_place():
    """A mark leads from a path in the data to line and column: for a pair, that of its key."""
    document = read_yaml(b"- id: a\n  when:\n    all: [x,\n          y]\n- b")

    assert {path: tuple(mark) for path, mark in document.marks.items()} == {
        (): (1, 1),
        (0,): (1, 3),
        (0, "id"): (1, 3),
        (0, "when"): (2, 3),
        (0, "when", "all"): (3, 5),
        (0, "when", "all", 0): (3, 11),
        (0, "when", "all", 1): (4, 11),
        (1,): (5, 3),
    }


@pytest.mark.parametrize(
    ("path", "mark"),
    [
        ((0, "when", "all", 1), Mark(2, 19)),
        ((0, "when", "AllOf", "all", 1), Mark(2, 19)),
        ((0, "when", "missing"), Mark(2, 3)),
        ((9,), Mark(1, 1)),
    ],
    ids=["as written", "with a step between", "beyond the end", "nowhere"],
)
def test_a_path_that_is_not_there_leads_to_the_deepest_part_that_is(path, mark):
    """Steps that the text does not have are passed over."""
    assert read_yaml(b"- id: a\n  when: {all: [x, y]}").mark(path) == mark


def test_a_duplicate_key_is_a_fault():
    """The second of two keys is reported, with the line of the first."""
    assert faults("a: 1\nb: {c: 1,\n    c: 2}\na: 3") == [
        "3:5: key 'c' stands twice (first in line 2)",
        "4:1: key 'a' stands twice (first in line 1)",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "a: !!python/object/apply:os.system [echo]",
        "a: !own 1",
        "a: !!str 1",
        "a: !!set {x, y}",
        "a: !own {b: 1}",
    ],
)
def test_tags_are_refused(text):
    """No tag is read, not even one that YAML itself knows."""
    assert faults(text) == ["1:4: tags (!) are not allowed"]


@pytest.mark.parametrize("text", ["!own a: 1", "? [x]\n: 1", "? {b: 1}\n: 1", "&x a: 1"])
def test_a_key_is_plain_text(text):
    """Tags, anchors, lists and mappings are no keys."""
    assert faults(text)[0].endswith(": a key must be plain text")


def test_anchors_and_aliases_are_refused():
    """Neither half of a reference is read."""
    assert faults("a: &x [1]\nb: *x") == [
        "1:4: anchors (&) are not allowed; write the value out",
        "2:4: aliases (*) are not allowed; write the value out",
    ]


def test_aliases_that_multiply_cost_nothing():
    """A billion laughs are told as faults, up to the most that a file may have."""
    lines = ["a0: &a0 [x]"] + [
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 20)
    ]

    assert len(faults("\n".join(lines))) == MAX_FAULTS


def test_merge_keys_are_no_merge():
    """`<<` is a key like any other."""
    assert read_yaml(b"<<: {a: 1}").data == {"<<": {"a": 1}}


def test_a_text_may_be_nested_as_deep_as_is_allowed():
    """The bound on depth is within the bounds."""
    assert faults("[" * MAX_DEPTH + "]" * MAX_DEPTH) == []


@pytest.mark.parametrize("depth", [MAX_DEPTH + 2, 100_000])
def test_deep_nesting_is_refused(depth):
    """Reading ends at the bound, whatever follows."""
    assert faults("[" * depth) == [f"1:{MAX_DEPTH + 2}: nested more than {MAX_DEPTH} deep"]


def test_a_large_file_is_refused_unread():
    """A file has at most a mebibyte."""
    assert faults(b"#" * (MAX_BYTES + 1)) == [f"1:1: larger than {MAX_BYTES} bytes"]


def test_a_file_of_the_allowed_size_is_read():
    """The bound on size is within the bounds."""
    assert faults(b"#" * MAX_BYTES) == []


def test_too_many_parts_are_refused():
    """The number of parts is bounded also in a small file."""
    (fault,) = faults("[" + "a," * MAX_NODES + "]")

    assert fault.endswith(f"more than {MAX_NODES} parts")


def test_a_second_document_is_refused():
    """A file holds one document."""
    assert faults("a: 1\n---\nb: 2") == ["2:1: a file holds one document; '---' begins another"]


def test_one_document_may_begin_with_its_mark():
    """The mark of a document's beginning alone begins no second one."""
    assert read_yaml(b"---\na: 1\n").data == {"a": 1}


def test_bytes_that_are_not_utf_8_are_refused():
    """The line of the first bad byte is named."""
    assert faults(b"a: 1\nb: \xff") == ["2:1: not valid UTF-8"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: [1, 2\nb: 3", 2),
        ("a: 1\n  b: 2", 2),
        ("a: 'open", 1),
        ("a:\n\t- b", 2),
        ("a: b\n- c", 2),
    ],
)
def test_text_that_is_no_yaml_is_refused_with_its_line(text, line):
    """A fault of syntax has its place."""
    (fault,) = faults(text)

    assert re.fullmatch(rf"{line}:\d+: not valid YAML: .+", fault)


@pytest.mark.parametrize("character", ["\x00", "\x07", "\x1b"])
def test_control_characters_are_refused(character):
    """A control character makes no YAML."""
    assert "not valid YAML" in faults(f"a: x{character}y")[0]


def test_a_key_is_shown_without_control_characters():
    """A message can be shown on a terminal."""
    assert faults('"a\\e[1m": 1\n"a\\e[1m": 2') == [
        "2:1: key 'a\\x1b[1m' stands twice (first in line 1)"
    ]


def test_a_byte_order_mark_is_passed_over():
    """Files that an editor marked as UTF-8 are read."""
    assert read_yaml(b"\xef\xbb\xbfa: 1").data == {"a": 1}


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("%TAG ! tag:example.org,2000:\n---\na: 1\n", "1:1"),
        ("\ufeff%YAML 1.2\n---\na: 1\n", "1:1"),
        ("a: 1\n...\n%TAG ! b\n---\nc: 2\n", "3:1"),
        ("# a note\r%TAG ! b\r---\rc: 2\r", "2:1"),
        ("# a note\u2028%TAG ! b\n---\nc: 2\n", "2:1"),
    ],
)
def test_directives_are_refused(text, place):
    """They could say nothing that is read here; the place is that of the first."""
    assert faults(text) == [f"{place}: directives (%) are not allowed"]


def test_the_parser_sees_no_directives(monkeypatch):
    """It takes quadratic time for many of them."""
    monkeypatch.setattr(yaml, "_events", lambda text: pytest.fail("the parser was asked"))

    assert len(faults("".join(f"%TAG !{n}! tag:a,2000:\n" for n in range(30_000)))) == 1


@pytest.mark.parametrize("text", ["a: 50 %", "a: '%b'", "a: |\n  %b\n", "a:\n  - 1\n# %\n"])
def test_a_percent_sign_elsewhere_is_text(text):
    """Only what begins a line is a directive."""
    assert faults(text) == []


def test_text_is_read_as_its_bytes_are():
    """Who has the text need not encode it to have it decoded again."""
    text = "a: na\u00efve\n"

    assert read_yaml(text) == read_yaml(text.encode())
    assert read_yaml("a: \ud800").faults[0].message == "not valid text"
    assert read_yaml("\u00e9" * MAX_BYTES).faults[0].message == f"larger than {MAX_BYTES} bytes"
