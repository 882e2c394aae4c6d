"""`crampdx lint`: what is wrong or doubtful in packs of rules."""

import sys
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from crampdx.cli.terminal import DONE, REFUSED, UsageError, command, shown_path
from crampdx.errors import did_you_mean, printable
from crampdx.knowledge.loading.folders import builtin_packs

__all__ = ["lint_packs"]


@command(
    "no issue, or none that counts",
    "an error, or a warning with --fail-on warning",
    usage="usage, such as a path that is not there",
)
def lint_packs(
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[PATH]...",
            help="Built-in packs by name, or folders of packs, the lowest first. What they"
            " require is loaded, and not judged. Default: the default packs.",
            show_default=False,
        ),
    ] = None,
    output: Annotated[
        Literal["text", "json", "sarif", "github"],
        typer.Option("--output", "-o", help="The format of the issues."),
    ] = "text",
    select: Annotated[
        list[str] | None,
        typer.Option("--select", metavar="CODE", help="Only these issues. Repeat it for several."),
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option("--ignore", metavar="CODE", help="Not these issues. Repeat it for several."),
    ] = None,
    fail_on: Annotated[
        Literal["error", "warning"],
        typer.Option("--fail-on", help="The level from which on the exit status is 1."),
    ] = "error",
    today: Annotated[
        datetime | None,
        typer.Option(
            "--today",
            formats=["%Y-%m-%d"],
            metavar="DATE",
            help="Compare review dates with this day. Default: today.",
        ),
    ] = None,
) -> int:
    """Find what is wrong or doubtful in packs of rules."""
    from crampdx.authoring.lint import Level, lint
    from crampdx.authoring.lint.output import to_github, to_json, to_sarif, to_text

    packs = [_pack(path) for path in paths or ()]
    day = today.date() if today is not None else date.today()  # where the user is
    result = lint(packs, day, _codes(select or (), ignore or ()))
    forms = {"text": to_text, "json": to_json, "sarif": to_sarif, "github": to_github}
    sys.stdout.write(forms[output](result))
    return REFUSED if result.has(Level(fail_on)) else DONE


def _pack(path: str) -> str | Path:
    """A pack's name, or its folder as messages show it.

    Raises:
        UsageError: There is no such pack.
    """
    if path in builtin_packs():
        return path
    if not (Path(path) / "pack.yaml").is_file():
        hint = did_you_mean(path, builtin_packs())
        message = (
            f"'{printable(path, 400)}' is neither a built-in pack nor a folder with a pack.yaml"
        )
        raise UsageError(f"{message}{f'; {hint}' if hint else ''}")
    return Path(shown_path(path))


def _codes(select: Sequence[str], ignore: Sequence[str]) -> frozenset[str]:
    """The codes that are wanted.

    Raises:
        UsageError: Nothing has one of the codes.
    """
    from crampdx.authoring.lint.linter import ALL_CODES

    for code in (*select, *ignore):
        if code not in ALL_CODES:
            hint = did_you_mean(code, sorted(ALL_CODES)) or "docs/lint.md lists the codes"
            raise UsageError(f"no issue has the code '{printable(code)}'; {hint}")
    return (frozenset(select) or ALL_CODES) - frozenset(ignore)
