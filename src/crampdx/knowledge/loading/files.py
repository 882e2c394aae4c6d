"""Files of a pack to entries, each with its place; what is wrong is kept for the end."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from crampdx.errors import UNREADABLE, KnowledgeIssue, did_you_mean, printable
from crampdx.knowledge.loading.entries import Entry, SourceLocation
from crampdx.knowledge.loading.folders import MAX_FILES, builtin_packs, pack_folder, rule_files
from crampdx.knowledge.loading.validation import validation_issues
from crampdx.knowledge.models import (
    CODE_SHAPES,
    Cause,
    CauseExtension,
    Code,
    CodeSystem,
    Finding,
    FindingExtension,
    Group,
    Model,
    Pack,
    Prevention,
    RedFlag,
    Source,
    Suppression,
    Test,
    TestExtension,
    Treatment,
    TreatmentExtension,
)
from crampdx.text.validation import describe_fault
from crampdx.text.yaml import MAX_BYTES, read_yaml

__all__ = [
    "FILE_KINDS",
    "FileKind",
    "Reading",
    "read_pack",
    "read_pack_file",
]

CODES = "codes/*.csv"
"""Where a pack keeps the codes of its concepts."""


class FileKind(NamedTuple):
    """A kind of rule file: its name in a pack, and the models of its entries."""

    pattern: str
    kind: str
    model: type[Model]
    extension: type[Model] | None = None
    is_list: bool = True


FILE_KINDS = (
    FileKind("pack.yaml", "pack", Pack, is_list=False),
    FileKind("sources.yaml", "source", Source),
    FileKind("findings/*.yaml", "finding", Finding, FindingExtension),
    FileKind("causes/*.yaml", "cause", Cause, CauseExtension, is_list=False),
    FileKind("groups.yaml", "group", Group),
    FileKind("tests.yaml", "test", Test, TestExtension),
    FileKind("treatments/*.yaml", "treatment", Treatment, TreatmentExtension),
    FileKind("prevention.yaml", "prevention", Prevention),
    FileKind("red_flags/*.yaml", "red_flag", RedFlag, is_list=False),
    FileKind("red_flags.yaml", "red_flag", RedFlag),  # the form of 0.3, read for one version more
    FileKind("lint.yaml", "silence", Suppression),
)


# -------------------------------------------------------------------------------------- reading


@dataclass(slots=True)
class Reading:
    """What has been read so far, and what is wrong with it."""

    entries: list[Entry] = field(default_factory=list)
    codes: list[tuple[Code, SourceLocation]] = field(default_factory=list)
    packs: list[tuple[Pack, SourceLocation]] = field(default_factory=list)
    silences: list[tuple[Suppression, SourceLocation]] = field(default_factory=list)
    issues: list[KnowledgeIssue] = field(default_factory=list)
    unread: set[tuple[str, str | None]] = field(default_factory=set)
    refused: list[tuple[Any, SourceLocation]] = field(default_factory=list)

    def is_unread(self, kind: str, name: str) -> bool:
        """Whether a file or an entry that may define the name was there, but could not be read."""
        return (kind, name) in self.unread or (kind, None) in self.unread


def _of_file(file: str, message: str, hint: str = "") -> KnowledgeIssue:
    """An issue that concerns a file as a whole."""
    return KnowledgeIssue(file, 0, 0, "", message, hint)


def _bytes_of(path: Path, shown: str, issues: list[KnowledgeIssue]) -> bytes | None:
    if not path.is_file():
        issues.append(_of_file(shown, f"{UNREADABLE}: not a regular file"))
        return None
    try:
        with path.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        issues.append(_of_file(shown, f"{UNREADABLE}: {reason}"))
        return None


def read_pack(pack: str | Path, reading: Reading) -> None:
    """Read all rule files of a pack, given by name or by path, into the reading."""
    folder = pack_folder(pack)
    if not (folder.path / "pack.yaml").is_file():
        known = builtin_packs()
        hint = did_you_mean(folder.shown, known) or f"packs that ship: {', '.join(known)}"
        problem = "there is no such pack: a pack is a folder with a pack.yaml"
        reading.issues.append(_of_file(folder.shown, problem, hint))
        return
    found = sorted(islice(rule_files(folder.path), MAX_FILES + 1))
    if len(found) > MAX_FILES:
        reading.issues.append(_of_file(folder.shown, f"a pack has at most {MAX_FILES} files"))
        return
    name = folder.path.resolve().name
    expected: set[Path] = set()
    for kind in FILE_KINDS:
        for path in sorted(folder.path.glob(kind.pattern)):
            expected.add(path)
            _read_file(path, folder.within(path), kind, name, reading)
    for path in sorted(folder.path.glob(CODES)):
        expected.add(path)
        _read_codes(path, folder.within(path), reading)
    patterns = [CODES, *(kind.pattern for kind in FILE_KINDS)]
    for path in found:
        if path not in expected and not path.name.endswith(".case.yaml"):
            relative = path.relative_to(folder.path).as_posix()
            hint = did_you_mean(relative, patterns) or f"rule files are {', '.join(patterns)}"
            reading.issues.append(_of_file(folder.within(path), "a pack has no such file", hint))


def read_pack_file(path: Path, reading: Reading) -> Pack | None:
    """Read a ``pack.yaml`` alone; nothing where it does not load.

    Args:
        path: The file.
        reading: Takes what is wrong with it.
    """
    _read_file(path, str(path), FILE_KINDS[0], path.resolve().parent.name, reading)
    return reading.packs[-1][0] if reading.packs else None


def _read_file(path: Path, shown: str, kind: FileKind, pack: str, reading: Reading) -> None:
    text = _bytes_of(path, shown, reading.issues)
    if text is None:
        reading.unread.add((kind.kind, None))
        return
    document = read_yaml(text)
    if document.faults:
        reading.unread.add((kind.kind, None))
        reading.issues += [
            KnowledgeIssue(shown, fault.mark.line, fault.mark.column, "", fault.message)
            for fault in document.faults
        ]
        return
    if kind.is_list:
        if document.data is None:
            return
        if not isinstance(document.data, list):
            reading.unread.add((kind.kind, None))
            origin = SourceLocation(shown, document, ())
            reading.issues.append(origin.issue("this file holds a list of entries ('- id: ...')"))
            return
        parts: Iterable[tuple[Any, tuple[str | int, ...]]] = (
            (item, (index,)) for index, item in enumerate(document.data)
        )
    else:
        parts = [(document.data, ())]
    for data, place in parts:
        _read_entry(data, SourceLocation(shown, document, place), kind, pack, reading)


def _read_entry(
    data: Any, origin: SourceLocation, kind: FileKind, pack: str, reading: Reading
) -> None:
    if not isinstance(data, dict):
        reading.issues.append(origin.issue(f"a {kind.kind} is a mapping of keys to values"))
        return
    extends = kind.extension is not None and "extends" in data
    model = kind.extension if extends and kind.extension else kind.model
    try:
        item = model.model_validate(data)
    except ValidationError as error:
        reading.issues += validation_issues(error, data, origin, model)
        name = data.get("id")
        reading.unread.add((kind.kind, name if isinstance(name, str) else None))
        reading.refused.append((data, origin))
        return
    if isinstance(item, Pack):
        reading.packs.append((item, origin))
        if item.name != pack:
            reading.issues.append(
                origin.issue(f"the pack's folder is named '{pack}'", "name", hint="name both alike")
            )
    elif isinstance(item, Suppression):
        reading.silences.append((item, origin))
    else:
        reading.entries.append(Entry(pack, kind.kind, item, origin))


_CONCEPTS = ("finding", "cause", "test", "treatment")


def _read_codes(path: Path, shown: str, reading: Reading) -> None:
    text = _bytes_of(path, shown, reading.issues)
    if text is None:
        return None

    def report(line: int, message: str, hint: str = "") -> None:
        reading.issues.append(KnowledgeIssue(shown, line, 1, "", message, hint))

    if len(text) > MAX_BYTES:
        return report(1, f"larger than {MAX_BYTES} bytes")
    try:
        lines = text.decode("utf-8").splitlines()
    except UnicodeDecodeError:
        return report(1, "not valid UTF-8")
    numbered = [(n, line) for n, line in enumerate(lines, 1) if line and not line.startswith("#")]
    if not numbered:
        return None
    header = numbered[0][1].split(",")
    concept = next((word for word in _CONCEPTS if word in header), "finding")
    wanted = ["system", "code", "match", concept, "display"]
    if header != wanted:
        return report(numbered[0][0], f"the header is to be '{','.join(wanted)}'")
    try:
        rows = list(csv.reader((line for _, line in numbered[1:]), strict=True))
    except csv.Error as error:
        return report(numbered[0][0], f"not valid CSV: {error}")
    if len(rows) != len(numbered) - 1:
        return report(numbered[0][0], "a row goes over several lines")
    for (line, _), row in zip(numbered[1:], rows, strict=True):
        if len(row) != len(wanted):
            report(line, f"a row has {len(wanted)} columns, this one {len(row)}")
            continue
        _read_code(
            dict(zip(wanted, row, strict=True)),
            concept,
            SourceLocation.of_row(shown, line),
            reading,
        )
    return None


def _read_code(row: dict[str, str], concept: str, origin: SourceLocation, reading: Reading) -> None:
    data = {
        "system": row["system"],
        "code": row["code"],
        "match": row["match"],
        "concept_kind": concept,
        "concept": row[concept],
        "display": row["display"],
    }
    try:
        code = Code.model_validate(data)
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_input=False):
            column = str(fault["loc"][0])
            described = describe_fault(fault, data.get(column, ""))
            message = f"{column}: {described.message}"
            reading.issues.append(origin.issue(message, hint=described.hint))
        return
    shape = CODE_SHAPES[CodeSystem(code.system)]
    if not re.fullmatch(shape, code.code):
        reading.issues.append(
            origin.issue(f"'{printable(code.code)}' is not a code of {code.system}: {shape}")
        )
        return
    reading.codes.append((code, origin))
