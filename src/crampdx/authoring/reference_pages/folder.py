"""Writing pages into a folder, and telling them from what others put there.

Beside the pages is a list of them with their digests. What is in the folder and not in that
list, or no longer as it was written, is foreign: it is never changed nor deleted unasked.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

__all__ = ["MANIFEST", "ForeignFiles", "write_pages"]

MANIFEST = ".crampdx-pages.json"
"""The file that lists what was written, with SHA-256 digests."""

MAX_MANIFEST = 16 * 1024 * 1024
"""A longer list was not written here; it counts as foreign, in bytes."""


class ForeignFiles(Exception):
    """The folder holds what was not written here.

    Attributes:
        files: Their paths inside the folder, sorted.
    """

    def __init__(self, files: list[str]) -> None:
        self.files = files
        super().__init__(", ".join(files))


def write_pages(folder: Path, pages: Mapping[str, str], *, force: bool = False) -> None:
    """Make the folder hold these pages, and no page that was written here before.

    Args:
        folder: Made where it does not exist.
        pages: The text of each, by its path inside the folder.
        force: Write also beside what is foreign, and over it where it has the name of a page.
            Nothing else foreign is touched, and nothing is written through a link.

    Raises:
        ForeignFiles: There are foreign files, and `force` was not given; or a link, a file or a
            folder is where a page or its folder is to be. Nothing was written.
        OSError: The folder cannot be read or written.
    """
    ours = _ours(folder)
    foreign = [] if force else sorted(set(_entries(folder)) - ours - {MANIFEST})
    refused = foreign or _in_the_way(folder, pages)
    if refused:
        raise ForeignFiles(refused)
    contents = {path: text.encode("utf-8") for path, text in pages.items()}
    for path, content in contents.items():
        _write(folder / path, content)
    for path in sorted(ours - contents.keys()):
        (folder / path).unlink()
    digests = {path: _digest(content) for path, content in sorted(contents.items())}
    _write(folder / MANIFEST, (json.dumps(digests, indent=1) + "\n").encode("ascii"))


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _entries(folder: Path) -> Iterator[str]:
    """All files and links in a folder, by their path inside of it. Links are not followed."""
    if not folder.exists():
        return
    for root, folders, files in os.walk(folder, onerror=_raise):
        links = [name for name in folders if (Path(root) / name).is_symlink()]
        for name in (*files, *links):
            yield (Path(root) / name).relative_to(folder).as_posix()


def _raise(error: OSError) -> None:
    raise error


def _ours(folder: Path) -> set[str]:
    """The files that are as they were written here. The list itself proves nothing else."""
    listed = _listed(folder / MANIFEST)
    return {
        path
        for path in _entries(folder)
        if path in listed
        and not (folder / path).is_symlink()
        and listed[path] == _digest((folder / path).read_bytes())
    }


def _listed(manifest: Path) -> Mapping[str, object]:
    if manifest.is_symlink() or not manifest.is_file():
        return {}
    if manifest.stat().st_size > MAX_MANIFEST:
        return {}
    try:
        content = json.loads(manifest.read_bytes())
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _in_the_way(folder: Path, pages: Mapping[str, str]) -> list[str]:
    """Links where a page is to be, files where it needs a folder, folders where it needs a file."""
    paths = {Path(path) for path in (*pages, MANIFEST)}
    parents = {parent for path in paths for parent in path.parents} - {Path()}
    blocked = {path for path in paths | parents if (folder / path).is_symlink()}
    blocked |= {path for path in parents if (folder / path).is_file()}
    blocked |= {path for path in paths if (folder / path).is_dir()}
    return sorted(path.as_posix() for path in blocked)


def _write(target: Path, content: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
