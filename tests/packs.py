"""Small packs for tests: written to a folder, loaded, or refused.

A pack is given as its files: a path inside the pack to the text of the file. What every pack needs
(``pack.yaml`` and two sources, ``judgement`` and ``trial``) is added where it is not given.
"""

from __future__ import annotations

import re
import subprocess
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from crampdx import KnowledgeBase, KnowledgeError
from crampdx.errors import KnowledgeIssue

PACK = """\
name: {name}
version: 1.0.0
title: A pack for tests
status: draft
reviewed: 2026-01-01
next_review: 2027-01-01
attributes:
  citation: None.
  developer: The crampdx authors.
  funding: None.
  released: 2026-01-01
  uses: {{race: false, ethnicity: false, language: false, sexual_orientation: false,
         gender_identity: false, sex: false, date_of_birth: false, social_determinants: false,
         health_status_assessments: false}}
"""

SOURCES = """\
- {id: judgement, kind: judgement, title: Judgement of the authors}
- {id: trial, kind: publication, title: A trial, doi: 10.1000/trial}
"""

GROUPS = """\
- {id: common, name: Common causes}
"""

CITED = "because: It is so.\nsources: [judgement]\n"
"""What every assertion carries, for entries in block style."""

Files = Mapping[str, str]


class Ended(NamedTuple):
    """How a command ended."""

    status: int
    out: str
    err: str


def pack_yaml(name: str = "own", more: str = "") -> str:
    """The text of a ``pack.yaml``; `more` is added to its end."""
    return PACK.format(name=name) + textwrap.dedent(more)


def findings(*ids: str) -> str:
    """Bare findings, one a line."""
    return "".join(f"- {{id: {i}, name: {i}, kind: sign, sources: [judgement]}}\n" for i in ids)


def cause(cause_id: str, *lines: str, more: str = "") -> str:
    """A cause with lines of evidence in flow style, such as ``id: a.x, when: x, favors: weak``."""
    evidence = "".join(
        f"  - {{{line}, because: It is so., sources: [judgement]}}\n" for line in lines
    )
    return (
        f"id: {cause_id}\nname: {cause_id}\ngroup: common\npretest: common\n"
        f"{textwrap.dedent(more)}evidence:\n{evidence}"
    )


def write_pack(folder: Path, files: Files, name: str = "own", *, more: str = "") -> Path:
    """Write a pack into a folder of its own below `folder`; give its path."""
    pack = folder / name
    basis = {
        "pack.yaml": pack_yaml(name, more),
        "sources.yaml": SOURCES,
        "groups.yaml": GROUPS,
    }
    for path, text in {**basis, **files}.items():
        target = pack / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(textwrap.dedent(text), encoding="utf-8")
    return pack


def extra_pack(folder: Path, files: Files, name: str = "later", *, more: str = "") -> Path:
    """Write a pack to be stacked on another: without sources and groups of its own."""
    return write_pack(folder, {"sources.yaml": "", "groups.yaml": "", **files}, name, more=more)


def load(folder: Path, files: Files, *, more: str = "") -> KnowledgeBase:
    """Write one pack and load it."""
    return KnowledgeBase.load(write_pack(folder, files, more=more))


def refused(*packs: Path | str) -> tuple[KnowledgeIssue, ...]:
    """The faults of packs that do not load."""
    with pytest.raises(KnowledgeError) as refusal:
        KnowledgeBase.load(*packs)
    return refusal.value.issues


def shown(*packs: Path | str) -> list[str]:
    """The faults of packs that do not load, as shown, with paths from the packs' folder on."""
    roots = {f"{Path(pack).parent}/" for pack in packs}
    texts = [str(issue) for issue in refused(*packs)]
    for root in roots:
        texts = [text.replace(root, "") for text in texts]
    return texts


def shown_by_line(*packs: Path | str) -> list[str]:
    """The faults of packs that do not load, as shown, but without columns."""
    return [re.sub(r"(:\d+):\d+: ", r"\1: ", text, count=1) for text in shown(*packs)]


def git(folder: Path, *arguments: str) -> None:
    """Run git in a folder, as someone who may commit."""
    who = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    line = ["git", "-C", str(folder), *who, *arguments]
    subprocess.run(line, check=True, capture_output=True)  # noqa: S603
