"""What is compared: a pack, a folder or a git revision, as a stack of packs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from crampdx.authoring.git_revisions import RevisionError, checked_out
from crampdx.errors import CrampdxError, KnowledgeError, printable
from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.loading.files import Reading, read_pack_file
from crampdx.knowledge.loading.folders import DEFAULT_PACKS, builtin_packs
from crampdx.knowledge.pack_stacks import Stack, with_required

__all__ = ["RuleSet", "RuleSetNotFound", "open_rule_set"]

PACK_FILE = "pack.yaml"
RULES = "rules"


class RuleSetNotFound(CrampdxError):
    """There is nothing of this name to compare; one line says why."""


@dataclass(frozen=True, slots=True)
class RuleSet:
    """One of the two sets of rules that are compared.

    Attributes:
        text: How it was named.
        stack: Its packs, the lowest first.
        renamed: Folders, those of revisions among them, and how to call what is in them.
    """

    text: str
    stack: Stack
    renamed: tuple[tuple[Path, str], ...] = ()

    def shown(self, path: str | Path) -> str:
        """Name a file of these rules as the user did."""
        for folder, name in self.renamed:
            if Path(path).is_relative_to(folder):
                return f"{name}{Path(path).relative_to(folder).as_posix()}"
        return str(path)

    def load(self) -> KnowledgeBase:
        """Load the rules.

        Raises:
            KnowledgeError: They do not load.
        """
        try:
            return KnowledgeBase.load(*self.stack)
        except KnowledgeError as error:
            issues = [replace(issue, file=self.shown(issue.file)) for issue in error.issues]
            raise KnowledgeError(issues) from None


@contextmanager
def open_rule_set(text: str, base: Sequence[str], folder: Path) -> Iterator[RuleSet]:
    """Find the rules of a name; revisions are there until the context ends.

    Args:
        text: A pack that ships, a folder, ``REVISION`` or ``REVISION:FOLDER``. A folder, and a
            revision, is that of a pack, or holds packs, itself or in its folder `rules`: then
            those of them that are loaded by default.
        base: What stands below it, named in the same ways; without any, what its packs require.
        folder: Where folders and revisions are looked for.

    Raises:
        RuleSetNotFound: There is no such thing, or it holds no pack.
    """
    with ExitStack() as open_revisions:
        names: list[tuple[Path, str]] = []
        stack: dict[str | Path, None] = {}
        for name in (*base, text):
            found = _found(name, folder, open_revisions, names)
            stack.update(dict.fromkeys(found if base else _with_required(found)))
        yield RuleSet(text, tuple(stack), tuple(names))


def _found(
    text: str, folder: Path, open_revisions: ExitStack, names: list[tuple[Path, str]]
) -> tuple[str | Path, ...]:
    if text in builtin_packs():
        return (text,)
    if _is_folder(folder / text):
        found = (folder / text).resolve()
        names.append((found, _prefix(Path(text))))
        return _packs_in(found, text)
    revision, _, inside = text.partition(":")
    try:
        return _packs_at(revision, Path(inside or "."), folder, open_revisions, names)
    except RevisionError as error:
        if ":" in text:
            raise RuleSetNotFound(str(error)) from None
        shown = printable(text)
        raise RuleSetNotFound(
            f"'{shown}' is neither a pack that ships ({', '.join(builtin_packs())}), nor a folder,"
            f" nor a git revision: {error}"
        ) from None


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):  # no name of a file: too long, a null character
        return False


def _packs_at(
    revision: str,
    inside: Path,
    folder: Path,
    open_revisions: ExitStack,
    names: list[tuple[Path, str]],
) -> tuple[Path, ...]:
    if inside.is_absolute() or ".." in inside.parts:
        message = "the folder of a revision is given from the current folder, and is inside of it"
        raise RuleSetNotFound(f"'{printable(str(inside))}': {message}")
    taken = _taken(inside, folder)
    checkout = open_revisions.enter_context(checked_out(revision, folder / taken)).resolve()
    names.append((checkout, f"{revision}:{_prefix(taken)}"))
    packs = checkout / inside.relative_to(taken)
    shown = f"{revision}:{inside.as_posix()}"
    if not packs.is_dir():
        raise RuleSetNotFound(f"there is no folder '{printable(shown)}'")
    return _packs_in(packs, shown)


def _prefix(folder: Path) -> str:
    return f"{folder.as_posix()}/" if folder.parts else ""


def _taken(inside: Path, folder: Path) -> Path:
    """The folder to take from a revision: no more of it than may be needed.

    It holds the folder that is asked for and what is beside it, such as packs that it requires.
    """
    top = Path(*inside.parts[:1])
    return top if len(inside.parts) > 1 and (folder / top).is_dir() else Path()


def _packs_in(folder: Path, shown: str) -> tuple[Path, ...]:
    if (folder / PACK_FILE).is_file():
        return (folder,)
    for place in (folder / RULES, folder):
        packs = {file.parent.name: file.parent for file in sorted(place.glob(f"*/{PACK_FILE}"))}
        chosen = [packs[name] for name in DEFAULT_PACKS if name in packs]
        if packs and not chosen and len(packs) > 1:
            named = ", ".join(packs)
            raise RuleSetNotFound(f"'{printable(shown)}' holds several packs, name one: {named}")
        if packs:
            return tuple(chosen or packs.values())
    raise RuleSetNotFound(
        f"'{printable(shown)}' holds no pack: a pack is a folder with a {PACK_FILE}"
    )


def _with_required(packs: Iterable[str | Path]) -> Stack:
    """The packs, each after what it requires: what stands beside it, else what ships."""
    stack: dict[str | Path, None] = {}
    for pack in packs:
        if isinstance(pack, str):
            stack.update(dict.fromkeys(with_required(pack)))
        else:
            _require(pack, stack, frozenset())
    return tuple(stack)


def _require(pack: Path, stack: dict[str | Path, None], above: frozenset[Path]) -> None:
    if pack in stack or pack in above:  # the loader tells of packs that require each other
        return
    read = read_pack_file(pack / PACK_FILE, Reading())
    for name in read.requires if read is not None else ():
        beside = pack.parent / name
        if (beside / PACK_FILE).is_file():
            _require(beside, stack, above | {pack})
        elif name in builtin_packs():  # what is nowhere, the loader tells
            stack[name] = None
    stack[pack] = None
