"""Which packs a pack is stacked on: what it requires, and what that requires."""

from __future__ import annotations

from pathlib import Path

from crampdx.knowledge.loading.files import Reading, read_pack_file
from crampdx.knowledge.loading.folders import builtin_packs, pack_folder

__all__ = ["PACK_FILE", "Stack", "with_required"]

Stack = tuple[str | Path, ...]
"""Packs, by name or folder, in the order in which they stack."""

PACK_FILE = "pack.yaml"


def with_required(*packs: str | Path) -> Stack:
    """Packs, each on top of all that it requires; every pack once."""
    stack: dict[Path, str | Path] = {}
    for pack in packs:
        _require(pack, stack, frozenset())
    return tuple(stack.values())


def _require(pack: str | Path, stack: dict[Path, str | Path], above: frozenset[Path]) -> None:
    """Put a pack on the stack, after what it requires; the stack is by the folders of the packs."""
    folder = pack_folder(pack).path.resolve()
    if folder in stack or folder in above:
        return
    read = read_pack_file(folder / PACK_FILE, Reading()) if (folder / PACK_FILE).is_file() else None
    for required in read.requires if read is not None else ():
        beside = folder.parent / required
        is_beside = required not in builtin_packs() and beside.is_dir()
        _require(beside if is_beside else required, stack, above | {folder})
    stack[folder] = folder.name if _ships(folder) else pack


def _ships(folder: Path) -> bool:
    return folder.name in builtin_packs() and pack_folder(folder.name).path.resolve() == folder
