"""The command line: each module of this package but `terminal` and `application` is a command.

Needs the extra `crampdx[cli]`. The modules of the commands are imported when the program runs, so
that importing this package needs no extra.

Exit status: 0 when all went well; 1 when what was examined is not in order; 2 when the command
cannot be carried out as given; 130 when interrupted.
"""

import sys
from collections.abc import Sequence
from typing import NoReturn

__all__ = ["main", "run"]

NEEDS_EXTRA = "The command line needs an extra: pip install 'crampdx[cli]'\n"


def run(arguments: Sequence[str]) -> int:
    """Run the command line and return its exit status.

    Args:
        arguments: What follows the name of the program.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        from crampdx.cli.application import application
    except ModuleNotFoundError as error:
        if error.name not in ("typer", "rich"):
            raise
        sys.stderr.write(NEEDS_EXTRA)
        return 2
    try:
        application(args=list(arguments), prog_name="crampdx")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    return 0


def main() -> NoReturn:
    """The entry point of the `crampdx` command."""
    sys.exit(run(sys.argv[1:]))
