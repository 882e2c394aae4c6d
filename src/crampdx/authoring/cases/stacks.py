"""Which rules a case file is about: the pack in whose folder it stands, and what that requires."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path

from crampdx.authoring.cases.reading import case_files
from crampdx.knowledge.loading.folders import DEFAULT_PACKS, pack_folder
from crampdx.knowledge.pack_stacks import PACK_FILE, Stack, with_required
from crampdx.knowledge.places import Place

__all__ = ["cases_of", "is_within", "stack_of", "stacked_files"]


def stack_of(file: Path) -> Stack:
    """The packs that a case file is about; those loaded by default for a file in no pack.

    A required pack is one that ships or, where none of its name ships, the folder beside.
    """
    return _stack_at(_pack_folder_of(file))


def _pack_folder_of(file: Path) -> Path | None:
    return next((f for f in file.resolve().parents if (f / PACK_FILE).is_file()), None)


def _stack_at(folder: Path | None) -> Stack:
    return with_required(folder) if folder is not None else DEFAULT_PACKS


def is_within(place: Place | None, packs: Iterable[str | Path]) -> bool:
    """Whether a rule that stands there is of one of the packs."""
    return place is not None and any(
        place.file.startswith(f"{pack_folder(pack).shown}/") for pack in packs
    )


def stacked_files(
    paths: Iterable[str | Path],
    packs: Sequence[str | Path] = (),
    find: Callable[[Iterable[str | Path]], tuple[Path, ...]] = case_files,
) -> dict[Stack, tuple[Path, ...]]:
    """The case files at the paths, by the packs that they are about.

    Args:
        paths: Case files, folders and names of packs; without any, the folders of the packs.
        packs: The packs that all of them are about; without any, each file's own.
        find: Finds the files at paths.

    Raises:
        FileNotFoundError: A path is not there, or holds no case file.
    """
    chosen = with_required(*packs)
    stack_at = cache(_stack_at)  # a pack has many case files, and reading what it requires costs
    found: dict[Stack, list[Path]] = {}
    for file in find(paths or cases_of(chosen or DEFAULT_PACKS)):
        found.setdefault(chosen or stack_at(_pack_folder_of(file)), []).append(file)
    return {stack: tuple(files) for stack, files in found.items()}


def cases_of(packs: Iterable[str | Path]) -> tuple[Path, ...]:
    """The folders of packs, where their cases stand."""
    return tuple(pack_folder(pack).path for pack in packs)
