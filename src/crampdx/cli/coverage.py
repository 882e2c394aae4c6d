"""`crampdx coverage`: how far the cases reach the rules."""

import sys
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
    Packs,
    command,
    complain,
    print_answer,
    shown_place,
    write_file,
)

__all__ = ["show_coverage"]


@command("done", "below the threshold, or files do not load", usage="usage, or no case at all")
def show_coverage(
    paths: CasePaths = None,
    pack: Packs = None,
    output: Form = "text",
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write a page of HTML as well.")
    ] = None,
    fail_under: Threshold = 0,
) -> int:
    """Show which rules the cases make true and false, and which parts of conditions decide.

    A rule is covered when it is true in some case and false in some case.
    """
    tested: dict[str, None] = {}
    covered: list[Coverage] = []
    for suite in suites(paths or (), pack or ()):
        covered.append(coverage(suite.knowledge, suite.cases).within(suite.tested))
        tested.update(dict.fromkeys(Path(tested_pack).name for tested_pack in suite.tested))
    found = Coverage.of(covered)
    if html is not None:
        write_file(html, page_of(found, f"Coverage of {', '.join(tested)}"))
    print_answer(output, lambda: coverage_blocks(found, shown_place), lambda: as_json(found))
    if 100 * found.covered < fail_under * len(found.rules):
        sys.stdout.flush()
        share = percent(found.covered, len(found.rules))
        complain(f"{share} of the rules are covered, fewer than {fail_under:g} %")
        return REFUSED
    return DONE
