"""Case files to cases, each with its place; and what is wrong with them, all at once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from crampdx.authoring.cases.documents import read_document
from crampdx.authoring.cases.models import Case, Expectations
from crampdx.authoring.cases.tables import LineTable, RowTable, cases_of_table
from crampdx.errors import (
    UNREADABLE,
    KnowledgeError,
    KnowledgeIssue,
    RecordError,
    did_you_mean,
    printable,
)
from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.loading.entries import SourceLocation
from crampdx.knowledge.loading.folders import builtin_packs, pack_folder
from crampdx.knowledge.loading.validation import validation_issues
from crampdx.knowledge.places import Place
from crampdx.record.models import PatientRecord
from crampdx.record.parsing import parse_record
from crampdx.text.yaml import MAX_BYTES, read_yaml

__all__ = [
    "SUFFIX",
    "CaseFileError",
    "LocatedCase",
    "case_files",
    "known_ids",
    "named_ids",
    "path_of",
    "read_cases",
    "unknown_ids",
]

SUFFIX = ".case.yaml"
"""How the name of every case file ends."""

MAX_FILES = 10_000
"""The most case files below one path."""


class CaseFileError(KnowledgeError):
    """Case files that cannot be used: every fault at once, each with its place."""

    headline = "the case files do not load"


@dataclass(frozen=True)
class LocatedCase:
    """A case of a file, and where it stands."""

    case: Case
    origin: SourceLocation

    @property
    def place(self) -> Place:
        """File and line."""
        return self.origin.place()

    @cached_property
    def patient(self) -> PatientRecord:
        """The record of the case.

        Raises:
            RecordError: It is refused, or the document that holds it cannot be read.
        """
        document = self.case.document
        if document is not None:
            return read_document(document, Path(self.origin.file).parent)
        return parse_record(self.case.record or {})

    def __str__(self) -> str:
        return f"{self.place}: {self.case.name}"


def path_of(name: str | Path) -> Path:
    """Give the folder of a pack that ships, or take the name for a path."""
    return pack_folder(name).path if name in builtin_packs() else Path(name)


def case_files(paths: Iterable[str | Path]) -> tuple[Path, ...]:
    """Find the case files among the paths and below them, sorted, each once.

    Args:
        paths: Files, folders, and names of packs that ship, which go before folders.

    Raises:
        FileNotFoundError: A path is not there, or holds no case file.
    """
    found: set[Path] = set()
    for path in map(path_of, paths):
        if not path.exists():
            hint = did_you_mean(str(path), builtin_packs())
            shown = f"there is no file or folder '{printable(str(path), 400)}'"
            raise FileNotFoundError(f"{shown}{f'; {hint}' if hint else ''}")
        below = set(islice(path.rglob(f"*{SUFFIX}"), MAX_FILES)) if path.is_dir() else {path}
        if not below:
            shown = printable(str(path), 400)
            raise FileNotFoundError(f"there are no case files (*{SUFFIX}) at '{shown}'")
        for file in sorted(below):
            if not file.is_file():
                raise FileNotFoundError(f"'{printable(str(file), 400)}' is not a regular file")
        found |= below
    return tuple(sorted(found))


def read_cases(
    files: Iterable[str | Path], knowledge: KnowledgeBase | None = None
) -> tuple[LocatedCase, ...]:
    """Read case files and check that what they name exists.

    Args:
        files: The files.
        knowledge: The rules that the cases are about; without any, what cases expect may name
            anything.

    Raises:
        CaseFileError: A file that cannot be read, a misspelt key, a record that is refused, an id
            that the rules do not have, a name that stands twice in a file.
    """
    cases: list[LocatedCase] = []
    issues: list[KnowledgeIssue] = []
    for file in files:
        found = list(_read_file(Path(file), issues))
        issues += _repeated_names(found)
        cases += found
    if knowledge is not None:
        known = known_ids(knowledge)
        for located in cases:
            issues += unknown_ids(located, known)
    if issues:
        raise CaseFileError(sorted(dict.fromkeys(issues), key=lambda i: (i.file, i.line, i.column)))
    return tuple(cases)


def _read_file(path: Path, issues: list[KnowledgeIssue]) -> Iterator[LocatedCase]:
    shown = str(path)
    try:
        with path.open("rb") as stream:
            document = read_yaml(stream.read(MAX_BYTES + 1))
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        issues.append(KnowledgeIssue(shown, 0, 0, "", f"{UNREADABLE}: {reason}"))
        return
    issues += [
        KnowledgeIssue(shown, fault.mark.line, fault.mark.column, "", fault.message)
        for fault in document.faults
    ]
    if document.faults or document.data is None:
        return
    if not isinstance(document.data, list):
        origin = SourceLocation(shown, document, ())
        issues.append(origin.issue("a case file holds a list of cases ('- name: ...')"))
        return
    for index, data in enumerate(document.data):
        origin = SourceLocation(shown, document, (index,))
        if not isinstance(data, dict):
            issues.append(
                origin.issue("a case is a mapping that begins with its name ('- name: …')")
            )
        elif "lines" in data or "rows" in data:
            yield from _read_table(data, origin, issues)
        else:
            yield from _read_case(data, origin, issues)


def _read_case(
    data: dict[str, Any], origin: SourceLocation, issues: list[KnowledgeIssue]
) -> Iterator[LocatedCase]:
    if isinstance(data.get("record"), dict):
        issues += _record_issues(data["record"], origin)
    try:
        located = LocatedCase(Case.model_validate(data), origin)
    except ValidationError as error:
        issues += validation_issues(error, data, origin, Case)
        return
    issues += _document_issues(located)
    yield located


def _read_table(
    data: dict[str, Any], origin: SourceLocation, issues: list[KnowledgeIssue]
) -> Iterator[LocatedCase]:
    model = LineTable if "lines" in data else RowTable
    try:
        table = model.model_validate(data)
    except ValidationError as error:
        issues += validation_issues(error, data, origin, model)
        return
    shared = list(_record_issues(table.record or {}, origin))
    issues += shared
    first: dict[str, LocatedCase] = {}
    for case, steps in cases_of_table(table):
        located = LocatedCase(case, origin.at(*steps))
        if not shared:  # else each row would say it again
            issues += _record_issues(case.record or {}, located.origin)
        earlier = first.setdefault(json.dumps(case.record, sort_keys=True, default=str), located)
        if earlier is not located:
            message = f"the row in line {earlier.place.line} has the same record; join the two"
            issues.append(located.origin.issue(message))
        yield located


def _repeated_names(cases: Iterable[LocatedCase]) -> Iterator[KnowledgeIssue]:
    first: dict[str, LocatedCase] = {}
    for located in cases:
        earlier = first.setdefault(located.case.name, located)
        if earlier is not located:
            message = f"the name of this case stands in line {earlier.place.line} already"
            yield located.origin.issue(message, "name")


def _record_issues(record: dict[str, Any], origin: SourceLocation) -> Iterator[KnowledgeIssue]:
    try:
        parse_record(record)
    except RecordError as error:
        for issue in error.issues:
            steps = issue.path.replace("[", ".[").split(".") if issue.path else []
            message = f"{'' if issue.path else 'the record: '}{issue.message}"
            yield origin.issue(message, "record", *map(_step, steps), hint=issue.suggestion)


def _document_issues(located: LocatedCase) -> Iterator[KnowledgeIssue]:
    if located.case.document is None:
        return
    try:
        _ = located.patient
    except RecordError as error:
        for issue in error.issues:
            message = f"{issue.path}: {issue.message}" if issue.path else issue.message
            yield located.origin.issue(message, "document", hint=issue.suggestion)


def _step(text: str) -> str | int:
    return int(text[1:-1]) if text.startswith("[") and text[1:-1].isdecimal() else text


# --------------------------------------------------------------------------------- what is named

_KINDS: Mapping[str, str] = {
    "top": "cause",
    "top_n": "cause",
    "ahead_of": "cause",
    "band": "cause",
    "score": "cause",
    "candidates": "cause",
    "not_candidates": "cause",
    "because_of": "cause",
    "do_not_miss": "cause",
    "not_do_not_miss": "cause",
    "fired": "line of evidence",
    "all_fired": "line of evidence",
    "not_fired": "line of evidence",
    "undecided": "line of evidence",
    "findings": "finding",
    "questions": "finding",
    "unexplained": "finding",
    "explained": "finding",
    "red_flags": "red flag",
    "no_red_flags": "red flag",
    "clarify": "red flag or caution",
    "tests": "test",
    "not_tests": "test",
    "tests_done": "test",
    "tests_ordered": "test",
    "treatments": "treatment",
    "not_treatments": "treatment",
    "treatments_not_assessed": "treatment",
    "cautions": "caution",
    "prevention": "prevention",
    "not_prevention": "prevention",
}
"""What the ids of each expectation are ids of."""


def known_ids(knowledge: KnowledgeBase) -> dict[str, frozenset[str]]:
    """Collect the ids that a case may name, by the kind of entry."""
    cautions = {c.id for treatment in knowledge.treatments.values() for c in treatment.cautions}
    flags = frozenset(knowledge.red_flags)
    return {
        "cause": frozenset(knowledge.causes),
        "line of evidence": frozenset(line.id for _, line in knowledge.evidence()),
        "finding": frozenset(knowledge.findings),
        "red flag": flags,
        "red flag or caution": flags | cautions,
        "test": frozenset(knowledge.tests),
        "treatment": frozenset(knowledge.treatments),
        "caution": frozenset(cautions),
        "prevention": frozenset(knowledge.prevention),
    }


def unknown_ids(
    located: LocatedCase, known: Mapping[str, frozenset[str]]
) -> Iterator[KnowledgeIssue]:
    """Find what a case expects of ids that the rules do not have.

    Args:
        located: The case.
        known: The ids that it may name, of `known_ids`.
    """
    expect = located.case.expect or Expectations.model_construct()
    for field, kind in _KINDS.items():
        for name, steps in named_ids(getattr(expect, field, None)):
            is_key = field == "all_fired" and len(steps) == 1
            of_kind = "cause" if is_key else kind
            if name not in known[of_kind]:
                place = _place_of(located, field, steps)
                yield _unknown(place, of_kind, name, known[of_kind])
    for index, name in enumerate(located.case.diagnosis or ()):
        if name not in known["cause"]:
            yield _unknown(located.origin.at("diagnosis", index), "cause", name, known["cause"])


_IN_LINES: Mapping[str, str] = {"all_fired": "fires", "not_fired": "not"}
"""How a table of lines calls what is expected."""


def _place_of(located: LocatedCase, field: str, steps: tuple[str | int, ...]) -> SourceLocation:
    """Where an expectation stands: in a case, or in a row of a table."""
    match located.origin.path:
        case (int(table), "lines", _) if field == "all_fired" and len(steps) == 1:
            return SourceLocation(located.origin.file, located.origin.document, (table, "cause"))
        case (_, "lines", _):
            return located.origin.at(_IN_LINES.get(field, field), steps[-1])
        case (_, "rows", _):
            return located.origin.at(field, *steps)
    return located.origin.at("expect", field, *steps)


def _unknown(origin: SourceLocation, kind: str, name: str, known: Iterable[str]) -> KnowledgeIssue:
    return origin.issue(f"there is no {kind} '{name}'", hint=did_you_mean(name, known))


def named_ids(expected: object) -> Iterator[tuple[str, tuple[str | int, ...]]]:
    """List the ids that stand in an expectation, each with the way to it."""
    match expected:
        case tuple():
            yield from ((name, (index,)) for index, name in enumerate(expected))
        case dict():
            for name, value in expected.items():
                yield name, (name,)
                if isinstance(value, tuple):
                    yield from ((other, (name, index)) for index, other in enumerate(value))
        case None | str() | int():
            return
        case _:
            for field in type(expected).model_fields:  # type: ignore[attr-defined]
                for name, steps in named_ids(getattr(expected, field)):
                    yield name, (field, *steps)
