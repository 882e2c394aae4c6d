"""What all commands share: exit statuses, the terminal, the packs, and what goes wrong."""

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import wraps
from inspect import cleandoc
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn, ParamSpec, TypeVar

import typer

from crampdx.assessment import EvaluatorName
from crampdx.errors import KnowledgeError, RecordError, printable
from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.loading.folders import builtin_packs
from crampdx.knowledge.pack_stacks import with_required
from crampdx.knowledge.places import Place
from crampdx.outputs.blocks import Block
from crampdx.outputs.markdown import markdown_of
from crampdx.outputs.terminal import text_of

__all__ = [
    "DONE",
    "INTERRUPTED",
    "PIPE_CLOSED",
    "REFUSED",
    "USAGE",
    "Evaluator",
    "Form",
    "Output",
    "Packs",
    "UsageError",
    "command",
    "complain",
    "finish",
    "has_color",
    "load",
    "print_answer",
    "print_blocks",
    "print_json",
    "reason_of",
    "shown_path",
    "shown_place",
    "tracked",
    "width",
    "write_file",
]

T = TypeVar("T")
P = ParamSpec("P")

DONE, REFUSED, USAGE, PIPE_CLOSED, INTERRUPTED = 0, 1, 2, 141, 130
"""The exit statuses."""

MAX_WIDTH = 100
"""Text is wrapped at the width of the terminal, but at this at most."""


Output = Literal["text", "markdown", "json"]
"""How an answer is written."""

Form = Annotated[Output, typer.Option("--output", "-o", help="The format of the answer.")]
"""The option for the format of an answer."""

Packs = Annotated[
    list[str] | None,
    typer.Option(
        "--pack",
        metavar="NAME|PATH",
        help="A built-in pack or a folder. Repeat it to stack packs, the lowest first.",
    ),
]
"""The option for the rules of a command."""


Evaluator = Annotated[
    EvaluatorName | None,
    typer.Option(
        "--evaluator",
        help="What evaluates the rules; all give the same answer. Default: durable_rules on"
        " CPython before 3.13, elsewhere the built-in one.",
    ),
]
"""The option by which a command is given the evaluator of criteria."""


class UsageError(Exception):
    """The command cannot be carried out as it was given."""


def complain(message: str) -> None:
    """Write a message to standard error, after the name of the program."""
    sys.stderr.write(f"crampdx: {message}\n")


def has_color() -> bool:
    """Whether standard output takes colors: a terminal, unless the user says otherwise."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def width() -> int:
    """How many columns text may have."""
    return min(shutil.get_terminal_size((80, 24)).columns, MAX_WIDTH)


def print_blocks(blocks: Sequence[Block], output: Output = "text") -> None:
    """Write blocks to standard output: as Markdown, or as text for the terminal that it is."""
    if output == "markdown":
        sys.stdout.write(markdown_of(blocks))
    else:
        sys.stdout.write(text_of(blocks, color=has_color(), width=width()))


def print_answer(
    output: Output, blocks: Callable[[], Sequence[Block]], data: Callable[[], Any]
) -> None:
    """Write an answer to standard output.

    Args:
        output: In which form.
        blocks: Makes the answer as blocks.
        data: Makes the answer as plain data, for JSON.
    """
    if output == "json":
        print_json(data())
    else:
        print_blocks(blocks(), output)


def print_json(data: Any) -> None:
    """Write plain data to standard output as JSON."""
    sys.stdout.write(json.dumps(data, indent=2, ensure_ascii=False) + "\n")


def write_file(file: Path, text: str) -> None:
    """Write text to a file.

    Raises:
        UsageError: That is not possible.
    """
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        shown = printable(str(file), 400)
        raise UsageError(f"cannot write '{shown}': {reason_of(error)}") from None


def shown_path(file: str | Path) -> str:
    """A path, relative to the current folder where it is inside of it."""
    path = Path(file)
    try:
        return str(path.relative_to(Path.cwd()) if path.is_absolute() else path)
    except ValueError:
        return str(path)


def shown_place(place: Place) -> str:
    """A place, its path relative to the current folder where it is inside of it."""
    return f"{shown_path(place.file)}:{place.line}"


def tracked(items: Iterable[T], total: int, label: str) -> Iterator[T]:
    """The items, with a progress bar on standard error where that is a terminal."""
    if not sys.stderr.isatty():
        yield from items
        return
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    yield from track(items, label, total=total, console=console, transient=True)


def reason_of(error: OSError) -> str:
    """Why the operating system refused, in its words."""
    return (error.strerror or "unknown reason").lower()


def load(packs: Sequence[str | Path]) -> KnowledgeBase:
    """The packs with what they require, or the default ones.

    Args:
        packs: Names or folders, in the order in which they stack.

    Raises:
        UsageError: One of them does not exist.
        KnowledgeError: They do not load.
    """
    try:
        return KnowledgeBase.load(*with_required(*packs))
    except KnowledgeError as error:
        if all(pack in builtin_packs() or (Path(pack) / "pack.yaml").is_file() for pack in packs):
            raise
        raise UsageError(str(error)) from None


def command(
    done: str, refused: str = "", usage: str = "usage"
) -> Callable[[Callable[P, int]], Callable[P, NoReturn]]:
    """Make a command of a function that returns an exit status.

    What goes wrong becomes a message and a status. The help of the command is the function's
    docstring, and after it what each status means.

    Args:
        done: When the status is 0.
        refused: When it is 1; empty if it never is.
        usage: When it is 2.
    """
    meanings = ((DONE, done), (REFUSED, refused), (USAGE, usage))
    exits = "; ".join(f"{status} {meaning}" for status, meaning in meanings if meaning)

    def decorate(function: Callable[P, int]) -> Callable[P, NoReturn]:
        @wraps(function)
        def run(*arguments: P.args, **options: P.kwargs) -> NoReturn:
            finish(lambda: function(*arguments, **options))

        run.__doc__ = f"{cleandoc(function.__doc__ or '')}\n\nExit status: {exits}."
        return run

    return decorate


def finish(command: Callable[..., int], *arguments: Any) -> NoReturn:
    """Run what a command does and end with its exit status; what goes wrong becomes a message."""
    raise typer.Exit(_guarded(command, *arguments))


def _guarded(command: Callable[..., int], *arguments: Any) -> int:
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
        complain(str(error))
        return USAGE
    except OSError as error:  # while reading or writing
        complain(reason_of(error))
        return USAGE
    except RecordError as error:
        complain(str(error))
        return REFUSED
    except KnowledgeError as error:
        unreadable = next((issue for issue in error.issues if issue.is_unreadable), None)
        complain(str(unreadable or error))
        return USAGE if unreadable else REFUSED
    return status
