"""Cases with the rules that they are about, for the commands that judge rules by cases."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from crampdx.authoring.cases.reading import LocatedCase, case_files, read_cases
from crampdx.authoring.cases.stacks import cases_of, stacked_files
from crampdx.cli.terminal import UsageError, load, shown_path
from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.loading.folders import DEFAULT_PACKS
from crampdx.knowledge.pack_stacks import Stack

__all__ = ["CasePaths", "Suite", "Threshold", "by_stack", "suites"]

CasePaths = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="PATH",
        help="Case files or folders. Default: the folders of the packs.",
    ),
]
"""The argument by which a command is given its cases."""

Threshold = Annotated[
    float,
    typer.Option("--fail-under", metavar="PERCENT", min=0, max=100, help="End with 1 below this."),
]
"""The option of a threshold in percent."""


class Suite(NamedTuple):
    """Cases, the rules that they run with, and the packs whose rules they are to test.

    Attributes:
        cases: The cases.
        knowledge: All rules: those to test, and those that they build on.
        packs: All packs, in the order in which they stack.
        tested: The packs to test: those that were named or, of a case in the folder of a pack,
            that pack.
    """

    cases: tuple[LocatedCase, ...]
    knowledge: KnowledgeBase
    packs: Stack
    tested: Stack


def suites(paths: Sequence[str], packs: Sequence[str]) -> Iterator[Suite]:
    """The cases at the paths, by the rules that they are about.

    Raises:
        UsageError: A path that is not there or holds no case; no case at all.
        CaseFileError: Case files that do not load.
    """
    found = by_stack(paths or _with_cases(packs or DEFAULT_PACKS), packs)
    any_case = False
    for stack, files in found.items():
        knowledge = load(stack)
        cases = read_cases(files, knowledge)
        any_case = any_case or bool(cases)
        yield Suite(cases, knowledge, stack, tuple(packs) or stack[-1:])
    if not any_case:
        raise UsageError("no cases found; pass a case file or a folder")


def by_stack(
    paths: Iterable[str | Path],
    packs: Sequence[str],
    find: Callable[[Iterable[str | Path]], tuple[Path, ...]] = case_files,
) -> dict[Stack, tuple[Path, ...]]:
    """The case files at the paths, by the packs that they are about, as messages show those.

    Args:
        paths: Case files and folders; without any, the folders of the packs.
        packs: The packs that all of them are about; without any, each file's own.
        find: Finds the files at paths.

    Raises:
        UsageError: A path is not there, or holds no case file.
    """
    try:
        found = stacked_files(paths, packs, find)
    except FileNotFoundError as error:
        raise UsageError(str(error)) from None
    return {tuple(map(_shown, stack)): files for stack, files in found.items()}


def _shown(pack: str | Path) -> str | Path:
    return Path(shown_path(pack)) if isinstance(pack, Path) else pack


def _with_cases(packs: Sequence[str]) -> list[Path]:
    """The folders of packs that hold cases."""
    return [folder for folder in cases_of(packs) if any(folder.rglob("*.case.yaml"))]
