"""`crampdx coverage`: how far the cases reach the rules."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from crampdx.authoring.coverage import Coverage, coverage
from crampdx.authoring.coverage.page import page_of
from crampdx.authoring.coverage.report import as_json, coverage_blocks, percent
from crampdx.cli.suites import CasePaths, Threshold, suites
from crampdx.cli.terminal import (
    DONE,
    REFUSED,
    Form,
    Output,
    Packs,
    complain,
    finish,
    print_blocks,
    print_json,
    shown_place,
    write_file,
)

__all__ = ["command"]


def command(
    paths: CasePaths = None,
    pack: Packs = None,
    output: Form = Output.TEXT,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write a page of HTML as well.")
    ] = None,
    fail_under: Threshold = 0,
) -> None:
    """Show which rules the cases make true and false, and which parts of conditions decide.

    A rule is covered when it is true in some case and false in some case.

    Exit status: 0 done; 1 below the threshold, or files do not load; 2 usage, or no case at all.
    """
    finish(_coverage, paths or (), pack or (), output, html, fail_under)


def _coverage(
    paths: Sequence[str],
    packs: Sequence[str],
    output: Output,
    html: Path | None,
    fail_under: float,
) -> int:
    tested: dict[str, None] = {}
    covered: list[Coverage] = []
    for suite in suites(paths, packs):
        covered.append(coverage(suite.knowledge, suite.cases).within(suite.tested))
        tested.update(dict.fromkeys(Path(pack).name for pack in suite.tested))
    found = Coverage.of(covered)
    if html is not None:
        write_file(html, page_of(found, f"Coverage of {', '.join(tested)}"))
    if output is Output.JSON:
        print_json(as_json(found))
    else:
        print_blocks(coverage_blocks(found, shown_place), output)
    if 100 * found.covered < fail_under * len(found.rules):
        sys.stdout.flush()
        share = percent(found.covered, len(found.rules))
        complain(f"{share} of the rules are covered, fewer than {fail_under:g} %")
        return REFUSED
    return DONE
