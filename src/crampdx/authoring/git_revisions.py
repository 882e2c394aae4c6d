"""A folder as it was at an earlier git revision, in a temporary folder."""

from __future__ import annotations

import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crampdx.errors import CrampdxError, printable

__all__ = ["NotInRevision", "RevisionError", "checked_out"]

MAX_FILES = 20_000
"""The most files that are taken from a revision."""

MAX_TOTAL = 500_000_000
"""The most bytes that are taken from a revision."""


class RevisionError(CrampdxError):
    """A revision that cannot be had; one line says why."""


class NotInRevision(RevisionError):
    """The revision is there, but the folder was not yet, or no longer, in it."""


@contextmanager
def checked_out(revision: str, folder: Path) -> Iterator[Path]:
    """Give a temporary folder of the same name that holds `folder` as it was at the revision.

    Only regular files are taken. The temporary folder is gone when the context ends.

    Args:
        revision: What git takes for a commit, such as ``HEAD~1``, ``main`` or a digest.
        folder: A folder inside a git repository.

    Raises:
        NotInRevision: The folder is not in that revision.
        RevisionError: There is no git, no repository, or no such revision.
    """
    folder = folder.resolve()
    if not folder.is_dir():
        raise RevisionError(f"there is no folder '{folder}'")
    commit = _commit(revision, folder)
    with tempfile.TemporaryDirectory(prefix="crampdx-") as temporary:
        archive = Path(temporary) / "revision.tar"
        _archive(commit, folder, archive, revision)
        target = Path(temporary) / "revision" / (folder.name or "root")
        target.mkdir(parents=True)
        _extract(archive, target, revision)
        archive.unlink()
        yield target


def _commit(revision: str, folder: Path) -> str:
    """The full digest of the commit, so that nothing a user wrote reaches git but here."""
    shown = printable(revision)
    if not revision or revision.startswith("-") or "\0" in revision:
        raise RevisionError(f"'{shown}' is not a git revision")
    inside = _git(folder, "rev-parse", "--is-inside-work-tree")
    if inside.returncode or inside.stdout.strip() != "true":
        raise RevisionError(f"'{folder}' is not inside a git repository")
    found = _git(folder, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    if found.returncode:
        raise RevisionError(f"git knows no revision '{shown}'; 'git log' lists them")
    return found.stdout.strip()


def _archive(commit: str, folder: Path, archive: Path, revision: str) -> None:
    # Of the tree of the folder, not of the commit, so that names in it start at the folder.
    prefix = _git(folder, "rev-parse", "--show-prefix").stdout.strip("\n")
    tree = f"{commit}:{prefix.rstrip('/')}"
    if _git(folder, "cat-file", "-t", tree).stdout.strip() != "tree":
        raise NotInRevision(f"revision '{printable(revision)}' has no folder '{prefix or folder}'")
    # From the top, as git archive would read the path of a tree from where it is called.
    top = Path(_git(folder, "rev-parse", "--show-toplevel").stdout.strip("\n"))
    made = _git(top, "archive", "--format=tar", f"--output={archive}", tree)
    if made.returncode:
        reason = printable(" ".join(made.stderr.split()) or "unknown reason", 200)
        raise RevisionError(f"git cannot give revision '{printable(revision)}': {reason}")


def _extract(archive: Path, target: Path, revision: str) -> None:
    with tarfile.open(archive) as tar:
        files = [member for member in tar if member.isreg()]
        if len(files) > MAX_FILES or sum(member.size for member in files) > MAX_TOTAL:
            raise RevisionError(
                f"revision '{printable(revision)}' has more than {MAX_FILES} files or"
                f" {MAX_TOTAL // 1_000_000} MB here"
            )
        tar.extractall(target, members=files, filter="data")


def _git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(  # noqa: S603  # no shell; what a user gives is checked before
            ["git", "-C", str(folder), *arguments],  # noqa: S607  # the git of the user
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
    except FileNotFoundError:
        raise RevisionError("git is not installed, or not on the path") from None
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        raise RevisionError(f"git cannot be run: {reason}") from None
