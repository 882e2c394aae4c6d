"""The typer application: every command, and the options of the program itself."""

import sys
from typing import Annotated

import rich  # noqa: F401  # typer can do without, we cannot
import typer

from crampdx._version import __version__
from crampdx.cli import (
    assess,
    coverage,
    diff,
    docs,
    evaluate,
    explain,
    feedback,
    lint,
    mutate,
    replay,
    serve,
    show,
    test,
    trace,
)
from crampdx.cli.terminal import DONE, finish, load

__all__ = ["application"]

application = typer.Typer(
    name="crampdx",
    help="A ranked, explained differential of muscle cramps, from cited rules.",
    epilog="Supports a health professional. Not for patients alone, not for emergencies.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
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


application.command("assess")(assess.command)
application.command("why")(explain.why)
application.command("why-not")(explain.why_not)
application.command("what-if")(explain.what_if)
application.command("next")(explain.next_questions)
application.command("show")(show.command)
application.command("trace")(trace.command)
application.command("lint")(lint.command)
application.command("test")(test.command)
application.command("coverage")(coverage.command)
application.command("mutate")(mutate.command)
application.command("evaluate")(evaluate.command)
application.command("diff")(diff.command)
application.command("docs")(docs.command)
application.command("serve")(serve.command)
application.command("feedback")(feedback.command)
application.command("replay")(replay.command)
