"""The page on architecture says what is there and what CI enforces."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "crampdx"
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def layers() -> list[set[str]]:
    """The layers of the import contract, the highest first."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (contract,) = settings["tool"]["importlinter"]["contracts"]
    return [{name.strip().removeprefix("crampdx.") for name in layer.split("|")}
            for layer in contract["layers"]]  # fmt: skip


def test_the_picture_shows_the_import_contract() -> None:
    """The picture has the layers that import-linter checks, in their order."""
    picture = PAGE.split("```text\n")[1].split("```")[0]
    assert [set(re.findall(r"\w+", line)) for line in picture.splitlines()] == layers()


def test_every_room_is_a_layer() -> None:
    """No package or public module of the source is outside of the contract."""
    modules = {path.stem for path in SOURCE.glob("[!_]*.py")}
    rooms = modules | {path.parent.name for path in SOURCE.glob("*/__init__.py")}
    assert rooms == set().union(*layers())


def test_every_room_is_described() -> None:
    """The table of rooms has a row for each."""
    described = set(re.findall(r"^\| `(\w+)` \| ", PAGE, re.M))
    assert described == set().union(*layers())


def test_the_places_of_knowledge_exist() -> None:
    """Each file that the page names as the place of some knowledge is there."""
    table = PAGE.split("## Where each piece of knowledge is")[1]
    named = re.findall(r"`([\w/]+(?:\.py|/))`", table)
    assert len(named) > 5
    missing = [name for name in named if not ((SOURCE / name).exists() or (ROOT / name).exists())]
    assert missing == []
