"""The command line: `crampdx assess`, `crampdx show`, `crampdx trace`.

Needs the extra `crampdx[cli]`. What the commands do stands in plain functions that return an exit
status; typer, which reads the arguments, and rich, which draws the progress bar, are imported only
when a command runs.

Exit status: 0 when all went well; 1 when a record was refused, rules do not load or a statement is
uncovered; 2 when the command cannot be carried out as given; 130 when interrupted.
"""

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, BinaryIO, NamedTuple, NoReturn

from crampdx import render, trace
from crampdx._pipeline import Assessor
from crampdx._version import __version__
from crampdx.assessment import Assessment
from crampdx.errors import KnowledgeError, RecordError, RecordIssue, printable
from crampdx.knowledge.base import KnowledgeBase, Place
from crampdx.knowledge.loader import builtin_packs
from crampdx.layout import Block, text_of

__all__ = ["main", "run"]

DONE, REFUSED, USAGE, PIPE_CLOSED, INTERRUPTED = 0, 1, 2, 141, 130
"""The exit statuses."""

MAX_RECORD = 16 * 1024 * 1024
"""The most bytes of one record: a file, or a line of JSON Lines."""

MAX_WIDTH = 100
"""Text is wrapped at the width of the terminal, but at this at most."""

LINES_SUFFIXES = (".jsonl", ".ndjson")
"""Files with these endings hold one record on each line."""

NEEDS_EXTRA = "The command line needs an extra: pip install 'crampdx[cli]'\n"


class Output(StrEnum):
    """How an assessment is written."""

    TEXT = "text"
    MARKDOWN = "markdown"
    JSON = "json"


class TraceOutput(StrEnum):
    """How a trace is written."""

    TEXT = "text"
    JSON = "json"


class UsageError(Exception):
    """The command cannot be carried out as it was given."""


# ------------------------------------------------------------------------------------ the terminal


def _complain(message: str) -> None:
    sys.stderr.write(f"crampdx: {message}\n")


def _has_color() -> bool:
    """Whether standard output takes colors: a terminal, unless the user says otherwise."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def _width() -> int:
    return min(shutil.get_terminal_size((80, 24)).columns, MAX_WIDTH)


def _print(blocks: Sequence[Block]) -> None:
    sys.stdout.write(text_of(blocks, color=_has_color(), width=_width()))


def _place(place: Place) -> str:
    """A place, relative to the current folder where it is inside of it."""
    path = Path(place.file)
    try:
        shown = path.relative_to(Path.cwd()) if path.is_absolute() else path
    except ValueError:
        shown = path
    return f"{shown}:{place.line}"


# --------------------------------------------------------------------------------- reading records


def _too_large() -> RecordError:
    limit = MAX_RECORD // (1024 * 1024)
    return RecordError([RecordIssue("", f"larger than the {limit} MiB that one record may have")])


class InputLine(NamedTuple):
    """A line of JSON Lines, or that it is too long; and how far the input has been read."""

    number: int
    data: bytes | None
    read: int


def _lines_of(stream: BinaryIO) -> Iterator[InputLine]:
    """The lines that are not blank. No more of a line than `MAX_RECORD` is held in memory."""
    number = read = 0
    while data := stream.readline(MAX_RECORD + 1):
        number += 1
        read += len(data)
        if len(data) <= MAX_RECORD or data.endswith(b"\n"):
            if data.strip():
                yield InputLine(number, data, read)
            continue
        while not data.endswith(b"\n") and (data := stream.readline(MAX_RECORD)):
            read += len(data)
        yield InputLine(number, None, read)


@contextmanager
def _opened(name: str) -> Iterator[BinaryIO]:
    """The input file, or standard input for `-`.

    Raises:
        UsageError: It cannot be opened.
    """
    if name == "-":
        yield sys.stdin.buffer
        return
    try:
        stream = Path(name).open("rb")  # noqa: SIM115  # what is done with it is not in this try
    except OSError as error:
        raise UsageError(f"cannot read '{printable(name, 400)}': {_reason(error)}") from None
    with stream:
        yield stream


def _reason(error: OSError) -> str:
    return (error.strerror or "unknown reason").lower()


# ------------------------------------------------------------------------------------ the commands


def load(packs: Sequence[str]) -> KnowledgeBase:
    """The packs, or the default ones.

    Args:
        packs: Names or folders, in the order in which they stack.

    Raises:
        UsageError: One of them does not exist.
        KnowledgeError: They do not load.
    """
    try:
        return KnowledgeBase.load(*packs)
    except KnowledgeError as error:
        if all(pack in builtin_packs() or (Path(pack) / "pack.yaml").is_file() for pack in packs):
            raise
        raise UsageError(str(error)) from None


def assess(file: str, output: Output | None, packs: Sequence[str], lines: bool) -> int:
    """Assess one record, or each line of JSON Lines.

    Args:
        file: The input, `-` for standard input.
        output: The form; where none is given, text for one record and JSON for lines.
        packs: The rules.
        lines: Read JSON Lines whatever the file's name.
    """
    many = lines or file.lower().endswith(LINES_SUFFIXES)
    if many and output not in (None, Output.JSON):
        raise UsageError("JSON Lines are answered by JSON Lines; leave --output out")
    with _opened(file) as stream:
        assessor = Assessor(load(packs))
        if many:
            return _assess_lines(stream, assessor)
        return _assess_one(stream, assessor, output or Output.TEXT)


def _assess_one(stream: BinaryIO, assessor: Assessor, output: Output) -> int:
    data = stream.read(MAX_RECORD + 1)
    try:
        if len(data) > MAX_RECORD:
            raise _too_large()
        answer = assessor.assess(data)
    except RecordError as error:
        _complain(str(error))
        return REFUSED
    sys.stdout.write(_written(answer, assessor.knowledge, output))
    return DONE


def _written(answer: Assessment, knowledge: KnowledgeBase, output: Output) -> str:
    match output:
        case Output.JSON:
            return answer.model_dump_json(indent=2) + "\n"
        case Output.MARKDOWN:
            return render.to_markdown(answer, knowledge)
        case Output.TEXT:
            return render.to_text(answer, knowledge, color=_has_color(), width=_width())


def _assess_lines(stream: BinaryIO, assessor: Assessor) -> int:
    refused = 0
    with _progress(stream) as advance:
        for line in _lines_of(stream):
            try:
                if line.data is None:
                    raise _too_large()
                answer = assessor.assess(line.data)
            except RecordError as error:
                refused += 1
                _complain(f"line {line.number}: {error}")
            else:
                sys.stdout.write(answer.model_dump_json() + "\n")
            advance(line.read)
    return REFUSED if refused else DONE


@contextmanager
def _progress(stream: BinaryIO) -> Iterator[Callable[[int], None]]:
    """A progress bar on standard error; a function that tells it how far the input is read."""
    if not sys.stderr.isatty() or sys.stdout.isatty():  # results on the screen are progress enough
        yield lambda read: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("Assessing"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, redirect_stdout=False) as bar:
        task = bar.add_task("", total=_size(stream))
        yield lambda read: bar.update(task, completed=read)


def _size(stream: BinaryIO) -> int | None:
    """The size of a regular file; of anything else nothing is known."""
    try:
        return os.fstat(stream.fileno()).st_size or None
    except (OSError, ValueError):
        return None


def show(name: str, packs: Sequence[str]) -> int:
    """Show all that the rules say of an id.

    Args:
        name: The id of a cause, finding, line, test, treatment or source.
        packs: The rules.
    """
    knowledge = load(packs)
    found = trace.describe(knowledge, name)
    if not found:
        hint = trace.suggestion(knowledge, name)
        raise UsageError(f"nothing has the id '{printable(name)}'{f'; {hint}' if hint else ''}")
    for number, description in enumerate(found):
        if number:
            sys.stdout.write("\n")
        _print(trace.description_blocks(description, knowledge, _place))
    return DONE


def show_trace(output: TraceOutput, packs: Sequence[str]) -> int:
    """Show which statements of the article which rules rest on.

    Args:
        output: The form.
        packs: The rules.
    """
    knowledge = load(packs)
    found = trace.trace(knowledge)
    if output is TraceOutput.JSON:
        sys.stdout.write(json.dumps(found.as_json(), indent=2, ensure_ascii=False) + "\n")
    else:
        _print(trace.trace_blocks(found, knowledge, _place))
    if found.uncovered:
        _complain(f"no rule cites {', '.join(found.uncovered)}")
        return REFUSED
    return DONE


def show_version() -> int:
    """Show the versions of crampdx and of its default packs."""
    knowledge = load(())
    sys.stdout.write(f"crampdx {__version__}\n")
    for pack in knowledge.packs:
        sys.stdout.write(f"pack {pack.name} {pack.version} ({pack.status})\n")
    sys.stdout.write(f"digest {knowledge.digest}\n")
    return DONE


# ------------------------------------------------------------------------------------- to start it


def _guarded(command: Callable[..., int], *arguments: Any) -> int:
    """Run a command; what goes wrong becomes a message and an exit status."""
    try:
        status = command(*arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read has gone. Nothing can be written any more, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except KeyboardInterrupt:
        return INTERRUPTED
    except UsageError as error:
        _complain(str(error))
        return USAGE
    except OSError as error:  # while reading or writing
        _complain(_reason(error))
        return USAGE
    except KnowledgeError as error:
        _complain(str(error))
        return REFUSED
    return status


def _commands() -> Callable[..., Any]:
    """The typer application, made here so that this module needs no extra.

    Annotations of its commands are read at once, hence no `from __future__ import annotations`.

    Raises:
        ModuleNotFoundError: The extra is not installed.
    """
    import rich  # noqa: F401  # typer can do without, we cannot
    import typer

    application = typer.Typer(
        name="crampdx",
        help="A ranked, explained differential of muscle cramps, from cited rules.",
        epilog="Supports a health professional. Not for patients alone, not for emergencies.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    packs_option = typer.Option(
        "--pack",
        metavar="NAME|PATH",
        help="A pack that ships, or a folder. Repeat it to stack packs, the first at the bottom.",
    )

    def finish(command: Callable[..., int], *arguments: Any) -> NoReturn:
        raise typer.Exit(_guarded(command, *arguments))

    def version(wanted: bool) -> None:
        if wanted:
            finish(show_version)

    @application.callback()
    def _root(
        _version: Annotated[
            bool,
            typer.Option(
                "--version",
                is_eager=True,
                callback=version,
                help="Show the versions of crampdx and its packs, and the digest of the rules.",
            ),
        ] = False,
    ) -> None:
        """A ranked, explained differential of muscle cramps, from cited rules."""

    @application.command("assess")
    def _assess(
        file: Annotated[
            str,
            typer.Argument(metavar="FILE", help="A record as JSON, or '-' for standard input."),
        ],
        output: Annotated[
            Output | None,
            typer.Option("--output", "-o", help="The form of the answer. Default: text."),
        ] = None,
        pack: Annotated[list[str] | None, packs_option] = None,
        lines: Annotated[
            bool,
            typer.Option(
                "--lines",
                help="Read JSON Lines, one record on each line, and answer with one JSON result"
                " each. Implied by .jsonl and .ndjson.",
            ),
        ] = False,
    ) -> None:
        """Assess a patient record, or many of them.

        Exit status: 0 all assessed; 1 a record refused, or rules that do not load; 2 usage.
        """
        finish(assess, file, output, pack or (), lines)

    @application.command("show")
    def _show(
        name: Annotated[
            str,
            typer.Argument(
                metavar="ID",
                help="Of a cause, finding, line of evidence, test, treatment, prevention, red"
                " flag, group or source.",
            ),
        ],
        pack: Annotated[list[str] | None, packs_option] = None,
    ) -> None:
        """Show all that the rules say of an id, with sources, place and what uses it."""
        finish(show, name, pack or ())

    @application.command("trace")
    def _trace(
        output: Annotated[
            TraceOutput, typer.Option("--output", "-o", help="The form.")
        ] = TraceOutput.TEXT,
        pack: Annotated[list[str] | None, packs_option] = None,
    ) -> None:
        """Show which rules rest on which statements of the article, and the other way around.

        Exit status: 0 all covered; 1 a statement uncovered, or rules that do not load; 2 usage.
        """
        finish(show_trace, output, pack or ())

    return application


def run(arguments: Sequence[str]) -> int:
    """Run the command line and return its exit status.

    Args:
        arguments: What stands after the name of the program.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        application = _commands()
    except ModuleNotFoundError:
        sys.stderr.write(NEEDS_EXTRA)
        return USAGE
    try:
        application(args=list(arguments), prog_name="crampdx")
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else DONE
    return DONE


def main() -> NoReturn:
    """The entry point of the `crampdx` command."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
