"""The typer application: every command, and the options of the program itself."""

import sys
from importlib import import_module
from typing import Annotated, Any

import rich  # noqa: F401  # typer can do without, we cannot
import typer
from typer.core import TyperGroup

from crampdx._version import __version__
from crampdx.cli.terminal import DONE, finish, load

__all__ = ["application"]

COMMANDS = {
    "assess": ("assess", "assess"),
    "why": ("explain", "why"),
    "why-not": ("explain", "why_not"),
    "what-if": ("explain", "what_if"),
    "next": ("explain", "next_questions"),
    "show": ("show", "show"),
    "trace": ("trace", "trace_statements"),
    "lint": ("lint", "lint_packs"),
    "test": ("test", "run_cases"),
    "coverage": ("coverage", "show_coverage"),
    "mutate": ("mutate", "mutate"),
    "evaluate": ("evaluate", "evaluate_rules"),
    "diff": ("diff", "diff"),
    "docs": ("docs", "write_docs"),
    "serve": ("serve", "command"),
    "feedback": ("feedback", "export_feedback"),
    "replay": ("replay", "replay_decisions"),
}
"""The commands in the order of the help, each with its module in this package and its function."""

SETTINGS: dict[str, Any] = {"help_option_names": ["-h", "--help"]}


class Commands(TyperGroup):
    """The commands, each imported when it is asked for: one needs little of what the others do."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        names: Any = dict.fromkeys(COMMANDS)  # of which whoever misspells one is reminded
        self.commands = names

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of a name, or None."""
        if cmd_name not in COMMANDS:
            return None
        module, function = COMMANDS[cmd_name]
        alone = typer.Typer(
            add_completion=False, pretty_exceptions_enable=False, context_settings=SETTINGS
        )
        alone.command(cmd_name)(getattr(import_module(f"crampdx.cli.{module}"), function))
        return typer.main.get_command(alone)


application = typer.Typer(
    cls=Commands,
    name="crampdx",
    help="A ranked, explained differential of muscle cramps, from cited rules.",
    epilog="Supports a health professional. Not for patients on their own, not for emergencies.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings=SETTINGS,
)


def _version(wanted: bool) -> None:
    if wanted:
        finish(_show_version)


def _show_version() -> int:
    knowledge = load(())
    sys.stdout.write(f"crampdx {__version__}\n")
    for pack in knowledge.packs:
        sys.stdout.write(f"pack {pack.name} {pack.version} ({pack.status})\n")
    sys.stdout.write(f"digest {knowledge.digest}\n")
    return DONE


@application.callback()
def _root(
    _version: Annotated[
        bool,
        typer.Option(
            "--version",
            is_eager=True,
            callback=_version,
            help="Show the versions of crampdx and its packs, and the digest of the rules.",
        ),
    ] = False,
) -> None:
    """A ranked, explained differential of muscle cramps, from cited rules."""
