"""Where packs are, and which of their files hold rules."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

__all__ = [
    "DEFAULT_PACKS",
    "MAX_FILES",
    "PackFolder",
    "builtin_packs",
    "pack_folder",
    "rule_files",
    "rules_folder",
]

DEFAULT_PACKS: tuple[str, ...] = ("article", "extended")
"""The packs that are loaded when none is named."""

MAX_FILES = 2_000
"""The most rule files of one pack."""


def rules_folder() -> Path:
    """The folder of the packs that ship: in the wheel, or beside `src` in a checkout."""
    package = Path(__file__).resolve().parents[2]
    inside = package / "rules"
    return inside if inside.is_dir() else package.parents[1] / "rules"


def builtin_packs() -> tuple[str, ...]:
    """The names of the packs that ship with crampdx."""
    return tuple(sorted(path.parent.name for path in rules_folder().glob("*/pack.yaml")))


class PackFolder(NamedTuple):
    """The folder of a pack, and how messages call it."""

    path: Path
    shown: str

    def within(self, path: Path) -> str:
        """How messages call a file of the pack."""
        return f"{self.shown}/{path.relative_to(self.path).as_posix()}"


def pack_folder(pack: str | Path) -> PackFolder:
    """The folder of a pack that is given by name or by path."""
    if isinstance(pack, str) and pack in builtin_packs():
        return PackFolder(rules_folder() / pack, f"rules/{pack}")
    return PackFolder(Path(pack), os.fspath(pack))


def rule_files(folder: Path) -> Iterator[Path]:
    """All that could be meant as a rule file, wherever it stands."""
    for parent, folders, files in os.walk(folder):
        for name in (*folders, *files):
            if name.endswith((".yaml", ".yml", ".csv")):
                yield Path(parent, name)
