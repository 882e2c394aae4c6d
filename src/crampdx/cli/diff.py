"""`crampdx diff`: what changed between two sets of rules, and which cases change because of it."""

import sys
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from crampdx.authoring.cases.reading import (
    MAX_FILES,
    SUFFIX,
    case_files,
    read_cases,
)
from crampdx.authoring.cases.stacks import cases_of
from crampdx.authoring.comparison.changes import compare
from crampdx.authoring.comparison.effects import effect_on
from crampdx.authoring.comparison.report import Report, as_json, to_blocks, to_markdown
from crampdx.authoring.comparison.rule_sets import RuleSet, RuleSetNotFound, open_rule_set
from crampdx.cli.terminal import (
    DONE,
    REFUSED,
    Form,
    Output,
    UsageError,
    command,
    print_blocks,
    print_json,
    shown_path,
    tracked,
)
from crampdx.engine.assessor import Assessor
from crampdx.knowledge.places import Place

__all__ = ["diff"]


@command(
    "compared",
    "rules or cases do not load, or, with --exit-code, anything differs",
    usage="usage, or nothing of that name",
)
def diff(
    old: Annotated[
        str,
        typer.Argument(
            metavar="OLD",
            help="A built-in pack, a folder, a git revision, or REVISION:FOLDER.",
        ),
    ],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The same.")],
    base: Annotated[
        list[str] | None,
        typer.Option(
            "--base",
            metavar="PACK",
            help="Packs below both, named in the same ways; repeat it, the lowest first."
            " Default: what the packs require.",
        ),
    ] = None,
    cases: Annotated[
        list[str] | None,
        typer.Option(
            "--cases",
            metavar="PATH",
            help="Case files or folders. Default: those of the new packs.",
        ),
    ] = None,
    output: Form = "text",
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="End with status 1 if anything differs.")
    ] = False,
) -> int:
    """Compare two sets of rules by what they mean, and by what they say of cases.

    A folder or a revision is that of a pack, or holds packs, itself or in its folder 'rules'.
    """
    folder = Path.cwd()
    try:
        with (
            open_rule_set(old, base or (), folder) as before,
            open_rule_set(new, base or (), folder) as after,
        ):
            report = _report(before, after, cases or ())

            def shown(place: Place) -> str:
                return f"{shown_path(after.shown(place.file))}:{place.line}"

            _write(report, output, shown)
    except RuleSetNotFound as error:
        raise UsageError(str(error)) from None
    differs = bool(report.difference or report.changed_cases)
    return REFUSED if exit_code and differs else DONE


def _report(before: RuleSet, after: RuleSet, paths: Sequence[str]) -> Report:
    old, new = before.load(), after.load()
    located = read_cases(_files(after, paths))  # what they expect is not looked at
    assessors = Assessor(old), Assessor(new)
    return Report(
        before.text,
        after.text,
        old,
        new,
        compare(old, new),
        tuple(effect_on(case, *assessors) for case in tracked(located, len(located), "Comparing")),
    )


def _files(rules: RuleSet, paths: Sequence[str]) -> tuple[Path, ...]:
    """The case files at the paths; without any, those in the folders of the packs, if they have."""
    if paths:
        try:
            return case_files(paths)
        except FileNotFoundError as error:
            raise UsageError(str(error)) from None
    folders = cases_of(rules.stack)
    found = (file for folder in folders for file in folder.rglob(f"*{SUFFIX}") if file.is_file())
    return tuple(sorted(set(islice(found, MAX_FILES))))


def _write(report: Report, output: Output, shown: Callable[[Place], str]) -> None:
    match output:
        case "json":
            print_json(as_json(report, shown))
        case "markdown":
            sys.stdout.write(to_markdown(report, shown))
        case "text":
            print_blocks(to_blocks(report, shown))
