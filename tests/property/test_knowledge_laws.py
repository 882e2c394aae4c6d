"""Laws of rule files: what loads is whole; what does not, is refused as a `KnowledgeError`."""

from __future__ import annotations

import json
import pickle
import random
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from json_values import places, put
from strategies import MANY, ORDERS, SOME, Pack, json_values, load, pack, packs, records_for

from crampdx import Assessor, KnowledgeBase, KnowledgeError
from crampdx.text.yaml import Document, read_yaml

FILES = (
    "pack.yaml",
    "sources.yaml",
    "findings/x.yaml",
    "causes/one.yaml",
    "groups.yaml",
    "tests.yaml",
    "treatments/x.yaml",
    "prevention.yaml",
    "red_flags/x.yaml",
    "codes/codes.csv",
)

_PIECES = ("a", "b: ", "- ", "\n", "\n  ", "[", "]", "{", "}", ", ", ": ", "? ", "&x ", "*x", "!t ")
_ODD_PIECES = ("'", '"', "|\n", ">\n", "# ", "---\n", "...\n", "%YAML 1.1\n", "<<: ", "1e999", "\t")
_ODD_CHARACTERS = ("~", "\\", "\x00", "\ufeff", "\u2028", "\x85", "\U0001f600")
TOKENS = st.lists(st.sampled_from((*_PIECES, *_ODD_PIECES, *_ODD_CHARACTERS)), max_size=25).map(
    "".join
)
"""Text of the pieces that YAML is made of."""


def _json(value: Any) -> str:
    return json.dumps(value, skipkeys=True)


def _json_bytes(value: Any) -> bytes:
    return _json(value).encode()


MADE = pack(
    [
        "z",
        "a",
        {"id": "b", "implies": ["a"]},
        {"id": "c", "derived": {"at_least": 1, "of": ["a", {"absent": "b"}]}},
        {
            "id": "d",
            "kind": "laboratory",
            "within": "P90D",
            "shown_by": [
                {
                    "measurement": "value",
                    "loinc": ["1-8"],
                    "unit": "mmol/L",
                    "convert": {"mg/dL": 0.1},
                    "plausible": {"from": 0},
                    "present": {"below": 3},
                    "absent": {"from": 4},
                    "within": "P90D",
                },
                {"attribute": "age", "unit": "a", "present": {"from": 50}, "absent": {"below": 40}},
                {"attribute": "sex", "present": {"one_of": ["female"]}},
                {"finding": "a", "site": ["calf"], "severity": ["severe"]},
                {"finding": "a", "lasting": {"from": "P1D", "up_to": "P3D", "or_unknown": True}},
                {"began": "a", "after": "b", "within": "P180D"},
                {"past": "a"},
                {"family": "a"},
            ],
        },
    ],
    {
        "one": {
            "evidence": [
                {"when": {"all": ["a", {"any": ["b", "c"]}]}, "favors": "weak", "cluster": "k"},
                {"when": "d", "lr": 3.5, "sources": ["study"]},
                {"when": {"absent": "a"}, "opposes": "rules_out"},
            ],
            "population": {"age": {"from": 18, "below": 90}, "sex": "male"},
            "mimics": ["one"],
            "about": [{"says": "So it is.", "sources": ["judgement"]}],
        }
    },
    tests=[{"id": "t", "shows": ["a", "d"]}],
    treatments=[
        {
            "id": "r",
            "indications": [{"causes": ["one"], "when": "a"}],
            "cautions": [{"when": "b", "level": "avoid"}],
        }
    ],
    prevention=[{"id": "p", "causes": ["one"], "when": "a"}],
    red_flags=[{"id": "x", "when": "d"}],
    codes=[("HPO", "HP:0000001", "exact", "a", "A")],
    complaint="z",
    population={"age": {"from": 18}},
)
"""A pack with an entry of every kind and form."""


def loads_or_is_refused(folder: Path) -> None:
    """Loads a pack; any error but a `KnowledgeError` is the test's failure."""
    try:
        outcome: object = KnowledgeBase.load(folder)
    except KnowledgeError as error:
        outcome = error
    assert isinstance(outcome, KnowledgeBase) or str(outcome)


class TestReading:
    @MANY
    @given(st.binary(max_size=60) | TOKENS.map(str.encode) | st.text(max_size=60).map(str.encode))
    def test_any_bytes_are_read(self, text: bytes) -> None:
        """Whatever the bytes, there is a document, with data or with faults."""
        assert isinstance(read_yaml(text), Document)

    @given(json_values().filter(lambda v: "NaN" not in _json(v) and "Infinity" not in _json(v)))
    def test_what_json_says_is_read(self, value: Any) -> None:
        """JSON of modest numbers is YAML, and is read as what it says, or refused with a place."""
        document = read_yaml(_json(value).encode("utf-8", "replace"))
        assert all(fault.mark.line >= 1 for fault in document.faults)

    @pytest.mark.parametrize(
        "text",
        [
            pytest.param(b"[" * 1_000_000, id="lists"),
            pytest.param(b"{a: " * 200_000, id="mappings"),
            pytest.param(b"- " * 500_000, id="items"),
            pytest.param(b"? " * 500_000, id="keys"),
            pytest.param(b"a: 1\n" * 20_000, id="one key"),
            pytest.param(b"- 1\n" * 260_000, id="many"),
            pytest.param(b"a" * 2_000_000, id="long"),
            pytest.param(b"a: &x [1]\nb: [" + b"*x," * 5_000 + b"]", id="aliases"),
        ],
    )
    def test_hostile_text_is_refused(self, text: bytes) -> None:
        """Text that is deep, long or bloated is refused, and no stack overflows."""
        assert read_yaml(text).faults


class TestLoading:
    def test_the_whole_pack_loads(self) -> None:
        """The pack that these tests spoil loads while it is whole."""
        assert load(MADE).causes.keys() == {"one"}

    @pytest.mark.parametrize("name", FILES)
    @SOME
    @given(text=st.binary(max_size=60) | TOKENS.map(str.encode) | json_values().map(_json_bytes))
    def test_any_bytes_as_a_file(self, name: str, text: bytes) -> None:
        """A pack in which one file holds anything at all loads, or is refused."""
        with tempfile.TemporaryDirectory() as folder:
            home = MADE.write(Path(folder))
            (home / name).write_bytes(text)
            loads_or_is_refused(home)

    @pytest.mark.parametrize("name", [name for name in FILES if name.endswith("yaml")])
    @SOME
    @given(data=st.data())
    def test_any_value_in_place_of_one(self, name: str, data: st.DataObject) -> None:
        """A pack in which one value is replaced by any other loads, or is refused."""
        with tempfile.TemporaryDirectory() as folder:
            home = MADE.write(Path(folder))
            content = json.loads((home / name).read_text(encoding="utf-8"))
            path = data.draw(st.sampled_from(places(content)))
            put(content, path, data.draw(json_values()))
            (home / name).write_text(_json(content), encoding="utf-8")
            loads_or_is_refused(home)

    @pytest.mark.parametrize("value", [5, True, None, "word", ["word"], {}, [[]]], ids=repr)
    @pytest.mark.parametrize(
        "place", [("shown_by",), ("shown_by", 0), ("shown_by", 1, "present"), ("derived",)], ids=str
    )
    def test_a_form_that_is_no_mapping(
        self, place: tuple[Any, ...], value: Any, tmp_path: Path
    ) -> None:
        """A form of a finding that is a bare value or a list is refused like any other mistake."""
        home = MADE.write(tmp_path)
        content = json.loads((home / "findings/x.yaml").read_text(encoding="utf-8"))
        finding = next(
            item for item in content if item["id"] == ("c" if "derived" in place else "d")
        )
        put(finding, place, value)
        (home / "findings/x.yaml").write_text(_json(content), encoding="utf-8")
        loads_or_is_refused(home)

    @MANY
    @given(st.lists(st.sampled_from(('"', ",", "\n", "HPO", "HP:0000001", "a", "exact", "\x00"))))
    def test_any_rows_of_codes(self, parts: list[str]) -> None:
        """A code file of any rows loads, or is refused."""
        with tempfile.TemporaryDirectory() as folder:
            home = MADE.write(Path(folder))
            with (home / "codes" / "codes.csv").open("a", encoding="utf-8", newline="") as stream:
                stream.write("".join(parts))
            loads_or_is_refused(home)

    @pytest.mark.parametrize("name", FILES)
    def test_a_folder_in_place_of_a_file(self, name: str, tmp_path: Path) -> None:
        """A pack in which a file is a folder is refused."""
        home = MADE.write(tmp_path)
        (home / name).unlink()
        (home / name).mkdir()
        with pytest.raises(KnowledgeError):
            KnowledgeBase.load(home)


class TestIdentity:
    @SOME
    @given(packs())
    def test_comments_are_not_in_the_digest(self, made: Pack) -> None:
        """Comments and layout do not change the digest."""
        with tempfile.TemporaryDirectory() as folder:
            home = made.write(Path(folder))
            before = KnowledgeBase.load(home).digest
            for path in home.rglob("*.*"):
                path.write_bytes(b"# A comment.\n\n" + path.read_bytes() + b"\n# Another.\n")
            assert KnowledgeBase.load(home).digest == before

    @SOME
    @given(packs(), st.data())
    def test_pickling_keeps_what_it_says(self, made: Pack, data: st.DataObject) -> None:
        """A knowledge base that was pickled has its digest, and gives the same answers."""
        base = load(made)
        again = pickle.loads(pickle.dumps(base))  # noqa: S301
        record = data.draw(records_for(base))
        answers = [Assessor(kb).assess(record).model_dump_json() for kb in (base, again)]
        assert (again.digest, answers[1]) == (base.digest, answers[0])

    def test_a_pickled_one_works_in_another_process(self, tmp_path: Path) -> None:
        """A knowledge base of one process answers the same in another."""
        base = load(MADE)
        record = {"age": 60, "findings": {"b": True}}
        (tmp_path / "base").write_bytes(pickle.dumps(base))
        program = (
            "import pickle, sys, crampdx\n"
            "base = pickle.load(open(sys.argv[1], 'rb'))\n"
            f"sys.stdout.write(base.digest + crampdx.assess({record!r}, base).model_dump_json())"
        )
        ended = subprocess.run(  # noqa: S603
            [sys.executable, "-c", program, str(tmp_path / "base")],
            capture_output=True,
            text=True,
            check=True,
        )
        assert ended.stdout == base.digest + Assessor(base).assess(record).model_dump_json()

    @SOME
    @given(packs(), ORDERS)
    def test_equal_by_what_they_say(self, made: Pack, order: random.Random) -> None:
        """Two knowledge bases of the same rules are equal, and have one hash."""
        one, other = load(made), load(made, order=order)
        assert (one, hash(one)) == (other, hash(other))
