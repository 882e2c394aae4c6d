"""Checked rules that are kept: read back they are what was kept; else the rule files are read."""

from __future__ import annotations

import gc
import json
import logging
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packs import cause, extra_pack, findings, write_pack

from crampdx import KnowledgeBase, KnowledgeError
from crampdx.knowledge import base
from crampdx.knowledge.loading import stored

LATER = {
    "findings/more.yaml": """\
        - {extends: rash, synonyms: [spots], implies: [fever], because: So., sources: [trial]}
        - id: pyrexia
          name: Pyrexia
          kind: laboratory
          shown_by: [{measurement: temperature, unit: Cel, present: {from: 38}, absent: {below: 38},
                      within: P1Y2M3D}]
          replaces: fever
          reason: It is measured.
          because: Fever is warmth.
          sources: [trial]
        """,
    "causes/flu.yaml": """\
        extends: flu
        evidence:
          - {id: flu.chills, when: {at_least: 1, of: [rash, {absent: pyrexia}]}, favors: weak,
             cluster: skin, because: So., sources: [trial], replaces: flu.rash, reason: Better.}
        """,
    "codes/hpo.csv": "system,code,match,finding,display\nHPO,HP:0000988,exact,rash,Skin rash\n",
}


def two_packs(folder: Path) -> tuple[Path, Path]:
    """A pack, and one that extends it and replaces parts of it."""
    own = write_pack(
        folder,
        {
            "findings/base.yaml": findings("muscle_cramp", "fever", "rash"),
            "causes/flu.yaml": cause(
                "flu", "id: flu.rash, when: rash, favors: strong", "id: flu.x, when: rash, lr: 0.5"
            ).replace("sources: [judgement]", "sources: [trial]"),
        },
        more="population: {age: {from: 18}}",
    )
    later = {**LATER, "findings/more.yaml": LATER["findings/more.yaml"].replace("fever]", "rush]")}
    later["findings/rush.yaml"] = findings("rush")
    return own, extra_pack(folder, later, more="requires: [own]")


def everything(knowledge: KnowledgeBase) -> dict[str, object]:
    """All that a knowledge base holds."""
    names = ("packs", "codes", "replacements", *base._MAPPINGS)
    return {name: getattr(knowledge, name) for name in names}


def stored_file(cache: Path) -> Path:
    """The one file of a cache."""
    (path,) = cache.iterdir()
    return path


@pytest.fixture
def packs(tmp_path: Path) -> tuple[Path, Path]:
    """Two packs."""
    return two_packs(tmp_path)


@pytest.mark.parametrize("shipped", [("article",), (), ("article", "snomed_affiliate")])
def test_shipped_packs_read_back_are_equal(shipped: tuple[str, ...], tmp_path: Path) -> None:
    """Of packs that ship, what is read back is all that was loaded, by content and by digest."""
    loaded = KnowledgeBase.load(*shipped, cache=tmp_path)
    read_back = KnowledgeBase.load(*shipped, cache=tmp_path)
    assert everything(read_back) == everything(loaded)
    assert read_back.digest == loaded.digest == base._digest(read_back)


def test_own_packs_read_back_are_equal(packs: tuple[Path, Path], tmp_path: Path) -> None:
    """So is what extends, what replaces, and where it was found."""
    loaded = KnowledgeBase.load(*packs, cache=tmp_path / "cache")
    read_back = KnowledgeBase.load(*packs, cache=tmp_path / "cache")
    assert len(loaded.replacements) == 2
    assert everything(read_back) == everything(loaded)
    assert read_back.digest == loaded.digest == base._digest(read_back)
    (form,) = read_back.findings["pyrexia"].shown_by
    assert form.within == timedelta(days=365 + 60 + 3)


def test_no_rule_file_is_parsed_again(
    packs: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rules that were kept are not read, put together and checked a second time."""
    KnowledgeBase.load(*packs, cache=tmp_path / "cache")
    monkeypatch.delattr(stored, "_checked")
    assert "flu" in KnowledgeBase.load(*packs, cache=tmp_path / "cache").causes


def test_nothing_is_kept_unless_asked(packs: tuple[Path, Path], tmp_path: Path) -> None:
    """Without a cache no file is written."""
    before = sorted(tmp_path.rglob("*"))
    KnowledgeBase.load(*packs)
    assert sorted(tmp_path.rglob("*")) == before


def test_rules_that_do_not_load_are_not_kept(packs: tuple[Path, Path], tmp_path: Path) -> None:
    """A fault is reported at each load, and nothing is written."""
    (packs[1] / "tests.yaml").write_text("- {id: a}")
    for _ in range(2):
        with pytest.raises(KnowledgeError):
            KnowledgeBase.load(*packs, cache=tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize(
    "path", ["own/sources.yaml", "own/codes/new.csv", "later/pack.yaml", "own/red_flags/x.yaml"]
)
def test_a_change_of_any_rule_file_is_seen(
    path: str, packs: tuple[Path, Path], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Where a file was changed or added, all files are read again, and the log says so."""
    KnowledgeBase.load(*packs, cache=tmp_path / "cache")
    changed = tmp_path / path
    changed.parent.mkdir(exist_ok=True)
    with changed.open("a") as stream:
        stream.write("# a comment\n")
    with caplog.at_level(logging.INFO), pytest.MonkeyPatch.context() as patch:
        patch.setattr(stored, "_checked", lambda packs: pytest.fail("read again"))
        with pytest.raises(pytest.fail.Exception, match="read again"):
            KnowledgeBase.load(*packs, cache=tmp_path / "cache")
    assert "the rule files have changed" in caplog.text


def test_a_file_of_changed_rules_is_renewed(packs: tuple[Path, Path], tmp_path: Path) -> None:
    """The cache holds one file for each way to stack packs, whatever has changed in them."""
    cache = tmp_path / "cache"
    KnowledgeBase.load(*packs, cache=cache)
    first = stored_file(cache).read_bytes()
    (packs[0] / "groups.yaml").write_text("- {id: common, name: Usual causes}")
    assert KnowledgeBase.load(*packs, cache=cache).groups["common"].name == "Usual causes"
    assert stored_file(cache).read_bytes() != first
    assert KnowledgeBase.load(*packs, cache=cache).groups["common"].name == "Usual causes"


def test_cases_are_no_rules(packs: tuple[Path, Path], tmp_path: Path) -> None:
    """A case beside the rules may change without their being read again."""
    KnowledgeBase.load(*packs, cache=tmp_path / "cache")
    first = stored_file(tmp_path / "cache").read_bytes()
    (packs[0] / "some.case.yaml").write_text("[]")
    KnowledgeBase.load(*packs, cache=tmp_path / "cache")
    assert stored_file(tmp_path / "cache").read_bytes() == first


# -------------------------------------------------------------------------------------- damage


class Kept:
    """Two packs with what was kept of them."""

    def __init__(self, folder: Path) -> None:
        self.packs = two_packs(folder)
        self.cache = folder / "cache"
        self.loaded = KnowledgeBase.load(*self.packs, cache=self.cache)
        self.file = stored_file(self.cache)
        self.bytes = self.file.read_bytes()

    def with_bytes(self, data: bytes) -> KnowledgeBase:
        """What is loaded where the file that was kept holds this."""
        self.file.write_bytes(data)
        return KnowledgeBase.load(*self.packs, cache=self.cache)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """Rules that were kept."""
    return Kept(tmp_path_factory.mktemp("kept"))


@given(data=st.data())
def test_a_truncated_file_is_not_used(kept: Kept, data: st.DataObject) -> None:
    """Wherever it ends, the rule files are read, and the file is made whole again."""
    end = data.draw(st.integers(0, len(kept.bytes) - 1))
    assert everything(kept.with_bytes(kept.bytes[:end])) == everything(kept.loaded)
    assert kept.file.read_bytes() == kept.bytes


@given(data=st.data())
def test_a_file_with_a_changed_byte_is_not_used(kept: Kept, data: st.DataObject) -> None:
    """Whichever byte differs, in the header or in the rules, the rule files are read."""
    at = data.draw(st.integers(0, len(kept.bytes) - 1))
    other = data.draw(st.integers(1, 255)) ^ kept.bytes[at]
    damaged = kept.bytes[:at] + bytes([other]) + kept.bytes[at + 1 :]
    assert everything(kept.with_bytes(damaged)) == everything(kept.loaded)
    assert kept.file.read_bytes() == kept.bytes


@given(junk=st.binary(max_size=200))
def test_what_is_not_ours_is_not_used(kept: Kept, junk: bytes) -> None:
    """A file of anything else is not used."""
    assert everything(kept.with_bytes(junk)) == everything(kept.loaded)


def with_header(kept: Kept, **changes: object) -> bytes:
    """The file that was kept, with other values in its header."""
    head, _, content = kept.bytes.partition(b"\n")
    return json.dumps({**json.loads(head), **changes}).encode() + b"\n" + content


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"library": "0.0.1"}, "it is of version 0.0.1"),
        ({"rules": "0" * 64}, "the rule files have changed"),
        ({"content": "0" * 64}, "it is damaged"),
        ({"form": 2}, "of another form"),
        ({"signed": True}, "of another form"),
    ],
)
def test_a_header_that_differs_is_told(
    changes: dict[str, object], why: str, kept: Kept, caplog: pytest.LogCaptureFixture
) -> None:
    """The log names the file and the reason for which it is not used."""
    with caplog.at_level(logging.INFO):
        assert everything(kept.with_bytes(with_header(kept, **changes))) == everything(kept.loaded)
    assert str(kept.file) in caplog.text
    assert why in caplog.text


def test_content_that_is_not_of_the_models_is_not_used(
    kept: Kept, caplog: pytest.LogCaptureFixture
) -> None:
    """Rules that the models refuse are not used, even with a digest that fits."""
    _, _, content = kept.bytes.partition(b"\n")
    other = content.replace(b'"favors":"weak"', b'"favors":"feeble"')
    assert other != content
    head = with_header(kept, content=stored._sha256(other)).partition(b"\n")[0]
    assert everything(kept.with_bytes(head + b"\n" + other)) == everything(kept.loaded)
    assert "of another form" in caplog.text


def test_a_huge_file_is_not_read(
    kept: Kept, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A file over the limit is not used, whatever it holds."""
    monkeypatch.setattr(stored, "MAX_STORED_BYTES", len(kept.bytes) - 1)
    assert everything(kept.with_bytes(kept.bytes)) == everything(kept.loaded)
    assert "larger than" in caplog.text


def test_what_is_no_file_is_not_read(
    packs: tuple[Path, Path], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A pipe in place of the file blocks nothing; it is replaced by a file."""
    cache = tmp_path / "cache"
    loaded = KnowledgeBase.load(*packs, cache=cache)
    path = stored_file(cache)
    path.unlink()
    os.mkfifo(path)
    assert everything(KnowledgeBase.load(*packs, cache=cache)) == everything(loaded)
    assert "cannot be read" in caplog.text
    assert path.is_file()


def test_a_cache_that_cannot_be_written_is_told(
    packs: tuple[Path, Path], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Where the cache is no folder the rules load all the same, with a line in the log."""
    (tmp_path / "cache").write_text("")
    assert "flu" in KnowledgeBase.load(*packs, cache=tmp_path / "cache").causes
    assert "cannot be written" in caplog.text


def test_rules_that_change_while_they_are_read_are_not_kept(
    packs: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was read then may be of neither state of the files."""
    read = stored._checked

    def read_then_change(given: tuple[Path, ...]) -> KnowledgeBase:
        knowledge = read(given)
        (packs[0] / "groups.yaml").write_text("- {id: common, name: Usual causes}")
        return knowledge

    monkeypatch.setattr(stored, "_checked", read_then_change)
    KnowledgeBase.load(*packs, cache=tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize("enabled", [True, False])
def test_the_garbage_collector_is_left_as_it_was(kept: Kept, enabled: bool) -> None:
    """Whoever runs without it still does, and so does whoever runs with it, also after a fault."""
    was_enabled = gc.isenabled()
    try:
        (gc.enable if enabled else gc.disable)()
        kept.with_bytes(kept.bytes)
        kept.with_bytes(b"{}")
        assert gc.isenabled() is enabled
    finally:
        (gc.enable if was_enabled else gc.disable)()


# ------------------------------------------------------------------------------- beside the packs


def test_what_ships_checked_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the wheel has beside its packs is read without a cache."""
    loaded = KnowledgeBase.load("article")
    stored.store(loaded, ["article"], tmp_path / stored.SHIPPED)
    monkeypatch.setattr(stored, "rules_folder", lambda: tmp_path)
    monkeypatch.delattr(stored, "_checked")
    assert everything(KnowledgeBase.load("article")) == everything(loaded)


def test_packs_that_cannot_be_read_are_not_stored(tmp_path: Path) -> None:
    """To store rules whose files cannot be read is an error."""
    own = write_pack(tmp_path, {})
    (own / "groups.yaml").unlink()
    (own / "groups.yaml").mkdir()
    with pytest.raises(ValueError, match="cannot be read"):
        stored.store(KnowledgeBase.load("article"), [own], tmp_path)


def test_more_files_than_a_pack_may_have_are_not_hashed(
    packs: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the loader refuses has no digest."""
    monkeypatch.setattr(stored, "MAX_FILES", 2)
    assert stored.digest_of_files([stored.pack_folder(packs[0])]) is None
