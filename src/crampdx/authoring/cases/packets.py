"""Phenopackets as cases: the patient without the diagnoses, and what the diagnosis was."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from crampdx.authoring.cases.documents import bytes_of
from crampdx.authoring.cases.models import Case, CaseDocument
from crampdx.authoring.cases.reading import (
    MAX_FILES,
    SUFFIX,
    CaseFileError,
    LocatedCase,
    case_files,
)
from crampdx.errors import KnowledgeIssue, RecordError, RecordIssue
from crampdx.inputs.builtin import PHENOPACKET
from crampdx.inputs.detection import form_of
from crampdx.inputs.phenopackets import packet_of, read_phenopacket
from crampdx.inputs.phenopackets.answers import answers_of
from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.loading.entries import SourceLocation
from crampdx.knowledge.models import CodeMatch
from crampdx.record.models import Coding, Status
from crampdx.text.yaml import Document

__all__ = ["PacketCases", "case_and_packet_files", "is_packet_file", "read_packets"]

_SAYS_THE_CAUSE = (CodeMatch.EXACT, CodeMatch.NARROWER, CodeMatch.USED_AS)


class PacketCases(NamedTuple):
    """Packets as cases.

    Attributes:
        cases: The cases.
        left_out: The packets whose diagnosis is no cause of the rules.
    """

    cases: tuple[LocatedCase, ...]
    left_out: tuple[Path, ...]


def is_packet_file(file: Path) -> bool:
    """Whether a file is read as a Phenopacket: by its name."""
    return file.suffix.lower() in PHENOPACKET.suffixes


def case_and_packet_files(paths: Iterable[str | Path]) -> tuple[Path, ...]:
    """The case files and Phenopackets among the paths and below them, sorted, each once.

    A folder that holds case files is read for these alone: what lies beside them is theirs.

    Raises:
        FileNotFoundError: A path is not there, or holds neither.
    """
    found: set[Path] = set()
    for path in map(Path, paths):
        packets = tuple(_packets_at(path))
        found |= set(packets or case_files([path]))
    return tuple(sorted(found))


def _packets_at(path: Path) -> Iterator[Path]:
    if path.is_file() and is_packet_file(path):
        yield path
    elif path.is_dir() and not any(path.rglob(f"*{SUFFIX}")):
        found = islice(filter(is_packet_file, path.rglob("*.*")), MAX_FILES)
        yield from (file for file in found if file.is_file())


def read_packets(files: Iterable[Path], knowledge: KnowledgeBase) -> PacketCases:
    """Read Phenopackets as cases.

    No diagnosis that the packet says to be there is part of the record.

    Raises:
        CaseFileError: A file cannot be read, or is no Phenopacket.
    """
    causes = _causes_by_code(knowledge)
    cases: list[LocatedCase] = []
    left_out: list[Path] = []
    issues: list[KnowledgeIssue] = []
    for file in files:
        try:
            located = _case_of(file, causes)
        except RecordError as error:
            issues += [
                KnowledgeIssue(str(file), 0, 0, issue.path, issue.message, issue.suggestion)
                for issue in error.issues
            ]
            continue
        if located is None:
            left_out.append(file)
        else:
            cases.append(located)
    if issues:
        raise CaseFileError(issues)
    return PacketCases(tuple(cases), tuple(left_out))


def _case_of(file: Path, causes: Mapping[tuple[str, str], list[str]]) -> LocatedCase | None:
    data = bytes_of(file)
    if form_of(data) != PHENOPACKET.name:
        message = "no diagnosis comes with it; name it in a case file, as its 'document'"
        raise RecordError([RecordIssue("", message)])
    diagnosis = _named(answers_of(packet_of(data)), causes)
    if not diagnosis:
        return None
    given = (d for d in read_phenopacket(data).diagnoses if d.status is not Status.ABSENT)
    case = Case(
        name=file.stem[:200],
        diagnosis=diagnosis,
        document=CaseDocument(file=file.name, without=tuple(d.origin for d in given if d.origin)),
    )
    return LocatedCase(case, SourceLocation(str(file), Document(), ()))


def _named(
    answers: Iterable[Coding], causes: Mapping[tuple[str, str], list[str]]
) -> tuple[str, ...]:
    found = (cause for code in answers for cause in causes.get((code.system, code.code), ()))
    return tuple(dict.fromkeys(found))


def _causes_by_code(knowledge: KnowledgeBase) -> Mapping[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for code in knowledge.codes:
        if code.concept_kind == "cause" and code.match in _SAYS_THE_CAUSE:
            found[str(code.system), code.code].append(code.concept)
    return found
