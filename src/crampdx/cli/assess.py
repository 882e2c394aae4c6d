"""`crampdx assess`: one patient in any form that is known, or each line of JSON Lines."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated, BinaryIO, Literal, NamedTuple

import typer

from crampdx.assessment import Assessment
from crampdx.cli import records
from crampdx.cli.terminal import (
    DONE,
    REFUSED,
    Evaluator,
    Packs,
    UsageError,
    command,
    complain,
    has_color,
    load,
    print_json,
    reason_of,
    width,
)
from crampdx.engine.assessor import Assessor
from crampdx.errors import RecordError, printable
from crampdx.inputs.detection import read
from crampdx.inputs.registry import titles
from crampdx.knowledge.base import KnowledgeBase
from crampdx.outputs import assessment as render
from crampdx.record.models import PatientRecord
from crampdx.text.json import read_json

__all__ = ["assess"]

LINES_SUFFIXES = (".jsonl", ".ndjson")
"""Files with these endings hold one record on each line."""


Output = Literal["text", "markdown", "json", "fhir"]
"""How an assessment is written."""


@command("all assessed", "a record refused, or rules that do not load")
def assess(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            help=f"The patient: {titles()}, as JSON or YAML; '-' for standard input.",
        ),
    ],
    output: Annotated[
        Output | None,
        typer.Option("--output", "-o", help="The format of the answer. Default: text."),
    ] = None,
    pack: Packs = None,
    lines: Annotated[
        bool,
        typer.Option(
            "--lines",
            help="Read JSON Lines, one patient on each line, and answer with one JSON result"
            " each. Implied by .jsonl and .ndjson, unless the first line is a FHIR resource.",
        ),
    ] = False,
    as_of: records.AsOf = None,
    evaluator: Evaluator = None,
    patient: Annotated[
        str | None,
        typer.Option(
            "--patient",
            metavar="REFERENCE",
            help="With --output fhir: whom the answer is about, such as Patient/1.",
        ),
    ] = None,
) -> int:
    """Assess a patient, or many of them."""
    records.check_as_of(as_of)
    _check_patient(patient, output)
    with _opened(file) as stream:
        by_name = file.lower().endswith(LINES_SUFFIXES)
        many = lines or (by_name and not _begins_with_a_resource(stream))
        if many and output not in (None, "json"):
            raise UsageError("JSON Lines are answered with JSON Lines; omit --output")
        if many:
            return _assess_lines(stream, Assessor(load(pack or ()), evaluator=evaluator), as_of)
        record = _record(stream, as_of)
    knowledge = load(pack or ())
    answer = Assessor(knowledge, evaluator=evaluator).assess(record)
    _write(answer, knowledge, output or "text", patient or "")
    return DONE


def _check_patient(patient: str | None, output: Output | None) -> None:
    """Check what was given as the reference to the patient, which only FHIR needs.

    Raises:
        UsageError: It is missing, not needed, or not a reference.
    """
    if output != "fhir":
        if patient is not None:
            raise UsageError("--patient requires --output fhir")
        return
    if patient is None:
        raise UsageError("--output fhir needs --patient REFERENCE, such as --patient Patient/1")
    from crampdx.outputs.fhir.elements import checked_reference

    try:
        checked_reference(patient, "Patient")
    except ValueError as error:
        raise UsageError(f"--{error}") from None


def _begins_with_a_resource(stream: BinaryIO) -> bool:
    """Whether the first line is a FHIR resource, of which the lines then are one patient's."""
    if not stream.seekable():
        return False
    line = stream.readline(records.MAX_RECORD)
    stream.seek(0)
    try:
        data = read_json(line)
    except RecordError:
        return False
    return isinstance(data, dict) and data.get("resourceType", "Bundle") != "Bundle"


def _record(stream: BinaryIO, as_of: str | None) -> PatientRecord:
    """The one patient of the input.

    Raises:
        RecordError: It holds no record, or more than one may have.
    """
    data = stream.read(records.MAX_RECORD + 1)
    if len(data) > records.MAX_RECORD:
        raise records.too_large()
    return read(data, as_of)


def _write(answer: Assessment, knowledge: KnowledgeBase, output: Output, patient: str) -> None:
    match output:
        case "json":
            sys.stdout.write(answer.model_dump_json(indent=2) + "\n")
        case "markdown":
            sys.stdout.write(render.to_markdown(answer, knowledge))
        case "text":
            sys.stdout.write(render.to_text(answer, knowledge, color=has_color(), width=width()))
        case "fhir":
            from crampdx.outputs.fhir import assessment_bundle

            day = answer.as_of or date.today().isoformat()  # where the user is
            print_json(assessment_bundle(answer, knowledge, patient=patient, occurred=day))


def _assess_lines(stream: BinaryIO, assessor: Assessor, as_of: str | None) -> int:
    refused = 0
    with _progress(stream) as advance:
        for line in _lines_of(stream):
            try:
                if line.data is None:
                    raise records.too_large()
                answer = assessor.assess(read(line.data, as_of))
            except RecordError as error:
                refused += 1
                complain(f"line {line.number}: {error}")
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


class InputLine(NamedTuple):
    """A line of JSON Lines, or that it is too long; and how far the input has been read."""

    number: int
    data: bytes | None
    read: int


def _lines_of(stream: BinaryIO) -> Iterator[InputLine]:
    """The lines that are not blank. No more of a line than a record may have is held in memory."""
    number = read = 0
    while data := stream.readline(records.MAX_RECORD + 1):
        number += 1
        read += len(data)
        if len(data) <= records.MAX_RECORD or data.endswith(b"\n"):
            if data.strip():
                yield InputLine(number, data, read)
            continue
        while not data.endswith(b"\n") and (data := stream.readline(records.MAX_RECORD)):
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
    except (OSError, ValueError) as error:
        reason = reason_of(error) if isinstance(error, OSError) else "not a path"
        raise UsageError(f"cannot read '{printable(name, 400)}': {reason}") from None
    with stream:
        yield stream
