"""Folders of rule files to a `KnowledgeBase`, or to every fault in them at once.

Three steps: read the files into entries, each with its place; put the entries of all packs
together (`extends`, `replaces`, duplicates); check what refers to what, in
`crampdx.knowledge.checks`.
"""

from __future__ import annotations

import csv
import os
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from crampdx.errors import KnowledgeError, KnowledgeIssue, did_you_mean, printable
from crampdx.knowledge import checks
from crampdx.knowledge.base import KnowledgeBase, Place, Replacement
from crampdx.knowledge.entries import Entry, Origin, field_of
from crampdx.knowledge.models import (
    CODE_SHAPES,
    RESERVED_FORMS,
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
    Test,
    TestExtension,
    Treatment,
    TreatmentExtension,
)
from crampdx.knowledge.yaml_reader import MAX_BYTES, read_yaml

__all__ = ["DEFAULT_PACKS", "builtin_packs", "load_packs", "pack_folder"]

DEFAULT_PACKS: tuple[str, ...] = ("article",)
"""The packs that are loaded when none is named."""

MAX_FILES = 2_000

_building = threading.Lock()
"""Held while pydantic builds the models, which it does not do safely in several threads."""


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
    FileKind("red_flags.yaml", "red_flag", RedFlag),
)


# ------------------------------------------------------------------------------- where packs are


def _rules_folder() -> Path:
    """The folder of the packs that ship: in the wheel, or beside `src` in a checkout."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "rules"
    return inside if inside.is_dir() else package.parents[1] / "rules"


def builtin_packs() -> tuple[str, ...]:
    """The names of the packs that ship with crampdx."""
    return tuple(sorted(path.parent.name for path in _rules_folder().glob("*/pack.yaml")))


class PackFolder(NamedTuple):
    """The folder of a pack, and how messages call it."""

    path: Path
    shown: str

    def within(self, path: Path) -> str:
        """How messages call a file of the pack."""
        return f"{self.shown}/{path.relative_to(self.path).as_posix()}"


def pack_folder(pack: str | Path) -> PackFolder:
    """The folder of a pack that is given by name or by path."""
    if isinstance(pack, str) and pack in builtin_packs():
        return PackFolder(_rules_folder() / pack, f"rules/{pack}")
    return PackFolder(Path(pack), os.fspath(pack))


# -------------------------------------------------------------------------------------- reading


@dataclass(slots=True)
class Reading:
    """What has been read so far, and what is wrong with it."""

    entries: list[Entry] = field(default_factory=list)
    codes: list[tuple[Code, Origin]] = field(default_factory=list)
    packs: list[tuple[Pack, Origin]] = field(default_factory=list)
    issues: list[KnowledgeIssue] = field(default_factory=list)


def _of_file(file: str, message: str, hint: str = "") -> KnowledgeIssue:
    """An issue that concerns a file as a whole."""
    return KnowledgeIssue(file, 0, 0, "", message, hint)


def _bytes_of(path: Path, shown: str, issues: list[KnowledgeIssue]) -> bytes | None:
    if not path.is_file():
        issues.append(_of_file(shown, "cannot be read: not a regular file"))
        return None
    try:
        with path.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except OSError as error:
        reason = (error.strerror or "unknown reason").lower()
        issues.append(_of_file(shown, f"cannot be read: {reason}"))
        return None


def _read_pack(pack: str | Path, reading: Reading) -> None:
    folder = pack_folder(pack)
    if not (folder.path / "pack.yaml").is_file():
        known = builtin_packs()
        hint = did_you_mean(folder.shown, known) or f"packs that ship: {', '.join(known)}"
        problem = "there is no such pack: a pack is a folder with a pack.yaml"
        reading.issues.append(_of_file(folder.shown, problem, hint))
        return
    found = sorted(islice(folder.path.rglob("*.y*ml"), MAX_FILES + 1))
    if len(found) > MAX_FILES:
        reading.issues.append(_of_file(folder.shown, f"a pack has at most {MAX_FILES} files"))
        return
    name = folder.path.resolve().name
    expected: set[Path] = set()
    for kind in FILE_KINDS:
        for path in sorted(folder.path.glob(kind.pattern)):
            expected.add(path)
            _read_file(path, folder.within(path), kind, name, reading)
    for path in sorted(folder.path.glob("codes/*.csv")):
        _read_codes(path, folder.within(path), reading)
    patterns = [kind.pattern for kind in FILE_KINDS]
    for path in found:
        if path not in expected and not path.name.endswith(".case.yaml"):
            relative = path.relative_to(folder.path).as_posix()
            hint = did_you_mean(relative, patterns) or f"rule files are {', '.join(patterns)}"
            reading.issues.append(_of_file(folder.within(path), "a pack has no such file", hint))


def _read_file(path: Path, shown: str, kind: FileKind, pack: str, reading: Reading) -> None:
    text = _bytes_of(path, shown, reading.issues)
    if text is None:
        return
    document = read_yaml(text)
    if document.faults:
        reading.issues += [
            KnowledgeIssue(shown, fault.mark.line, fault.mark.column, "", fault.message)
            for fault in document.faults
        ]
        return
    if kind.is_list:
        if document.data is None:
            return
        if not isinstance(document.data, list):
            origin = Origin(shown, document, ())
            reading.issues.append(origin.issue("this file holds a list of entries ('- id: ...')"))
            return
        parts: Iterable[tuple[Any, tuple[str | int, ...]]] = (
            (item, (index,)) for index, item in enumerate(document.data)
        )
    else:
        parts = [(document.data, ())]
    for data, place in parts:
        _read_entry(data, Origin(shown, document, place), kind, pack, reading)


def _read_entry(data: Any, origin: Origin, kind: FileKind, pack: str, reading: Reading) -> None:
    if not isinstance(data, dict):
        reading.issues.append(origin.issue(f"a {kind.kind} is a mapping of keys to values"))
        return
    extends = kind.extension is not None and "extends" in data
    model = kind.extension if extends and kind.extension else kind.model
    try:
        item = model.model_validate(data)
    except ValidationError as error:
        reading.issues += _validation_issues(error, data, origin, model)
        return
    if isinstance(item, Pack):
        reading.packs.append((item, origin))
        if item.name != pack:
            reading.issues.append(
                origin.issue(f"the pack's folder is named '{pack}'", "name", hint="name both alike")
            )
    else:
        reading.entries.append(Entry(pack, kind.kind, item, origin))


def _validation_issues(
    error: ValidationError, data: Any, origin: Origin, model: type[Model]
) -> Iterator[KnowledgeIssue]:
    for fault in error.errors(include_url=False, include_context=False, include_input=False):
        location = fault["loc"]
        message = fault["msg"].removeprefix("Value error, ")
        hint = ""
        if fault["type"] == "extra_forbidden":
            word = str(location[-1])
            if word in RESERVED_FORMS:
                message = f"'{word}' is reserved for a later form of shown_by"
            else:
                message = f"there is no key '{printable(word)}' here"
                hint = did_you_mean(word, _keys_of(model))
        elif fault["type"] == "missing":
            message = f"the key '{location[-1]}' is missing"
            location = location[:-1]
        elif fault["type"] in {"enum", "literal_error"}:
            value = _value_at(data, location)
            if isinstance(value, str):
                words = fault["msg"].split("'")[1::2]
                message = f"'{printable(value)}' is not one of {', '.join(words)}"
                hint = did_you_mean(value, words)
        elif fault["type"] == "string_pattern_mismatch":
            value = _value_at(data, location)
            if isinstance(value, str):
                message = f"'{printable(value)}' has not the form {fault['msg'].split(chr(39))[1]}"
        yield origin.issue(message, *location, hint=hint)


def _value_at(data: Any, location: tuple[str | int, ...]) -> Any:
    """The value at a location; steps that are not in the data (union members) are passed over."""
    for step in location:
        keys = (
            data if isinstance(data, dict) else range(len(data)) if isinstance(data, list) else ()
        )
        if step in keys:
            data = data[step]
    return data


def _keys_of(model: type[Model]) -> set[str]:
    """Every key that the model or a model inside it knows."""
    schema = model.model_json_schema()
    parts = [schema, *schema.get("$defs", {}).values()]
    return {key for part in parts for key in part.get("properties", {})}


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
            dict(zip(wanted, row, strict=True)), concept, Origin.of_row(shown, line), reading
        )
    return None


def _read_code(row: dict[str, str], concept: str, origin: Origin, reading: Reading) -> None:
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
            value = printable(str(data.get(column, "")))
            reading.issues.append(origin.issue(f"{column} '{value}': {fault['msg']}"))
        return
    shape = CODE_SHAPES[CodeSystem(code.system)]
    if not checks.has_shape(code.code, shape):
        reading.issues.append(
            origin.issue(f"'{printable(code.code)}' is not a code of {code.system}: {shape}")
        )
        return
    reading.codes.append((code, origin))


# ------------------------------------------------------------------------------ putting together

_EXTENDED_FIELDS: dict[type[Model], tuple[str, ...]] = {
    FindingExtension: ("synonyms", "shown_by", "implies", "sources"),
    CauseExtension: ("mimics", "because_of", "about", "evidence"),
    TestExtension: ("shows", "sources"),
    TreatmentExtension: ("about", "indications", "cautions"),
}


def _extended(item: Model, extension: Model) -> Model:
    """The item with the extension's lists appended to its own."""
    changes: dict[str, Any] = {}
    for name in _EXTENDED_FIELDS[type(extension)]:
        own, added = getattr(item, name), getattr(extension, name)
        if added:
            base = () if isinstance(own, str) else own
            changes[name] = (*base, *(part for part in added if part not in base))
    return item.model_copy(update=changes)


@dataclass(slots=True)
class Assembled:
    """The entries of all packs, put together."""

    items: dict[str, dict[str, Any]]
    replacements: list[Replacement]


def _assemble(entries: Sequence[Entry], issues: list[KnowledgeIssue]) -> Assembled:
    items: dict[str, dict[str, Any]] = defaultdict(dict)
    owner: dict[tuple[str, str], Entry] = {}
    replacements: list[Replacement] = []
    for entry in entries:
        extends = field_of(entry.item, "extends")
        if extends is not None:
            known = items[entry.kind]
            if extends not in known:
                hint = did_you_mean(extends, known)
                message = f"no earlier pack has a {entry.kind} '{extends}'"
                issues.append(entry.origin.issue(message, "extends", hint=hint))
            else:
                known[extends] = _extended(known[extends], entry.item)
            continue
        item_id = entry.item.id  # type: ignore[attr-defined]
        replaces = field_of(entry.item, "replaces")
        if replaces is not None:
            replaced = owner.pop((entry.kind, replaces), None)
            if replaced is None or replaced.pack == entry.pack:
                hint = did_you_mean(replaces, items[entry.kind])
                message = f"no earlier pack has a {entry.kind} '{replaces}' to replace"
                issues.append(entry.origin.issue(message, "replaces", hint=hint))
                continue
            del items[entry.kind][replaces]
            replacements.append(
                Replacement(
                    kind=entry.kind,
                    replaced=replaces,
                    by=item_id,
                    pack=entry.pack,
                    reason=entry.item.reason,  # type: ignore[attr-defined]
                )
            )
        if item_id in items[entry.kind]:
            first = owner[entry.kind, item_id].origin
            message = f"{entry.kind} '{item_id}' is already defined in {first.place()}"
            hint = "use 'extends' to add to it, or 'replaces' with a 'reason'"
            issues.append(entry.origin.issue(message, "id", hint=hint))
            continue
        items[entry.kind][item_id] = entry.item
        owner[entry.kind, item_id] = entry
    _replace_lines(items, owner, replacements, issues)
    return Assembled(items, replacements)


_LINE_FIELDS = {
    "cause": ("evidence",),
    "group": ("evidence",),
    "treatment": ("indications", "cautions"),
}


def _replace_lines(
    items: dict[str, dict[str, Any]],
    owner: dict[tuple[str, str], Entry],
    replacements: list[Replacement],
    issues: list[KnowledgeIssue],
) -> None:
    """Let lines (evidence, indications, cautions) of one entry replace lines of the same entry."""
    for kind, fields in _LINE_FIELDS.items():
        for item_id, item in items[kind].items():
            for name in fields:
                lines = getattr(item, name)
                gone = {line.replaces for line in lines if line.replaces is not None}
                unknown = gone - {line.id for line in lines}
                for missing in sorted(unknown):
                    message = f"{kind} '{item_id}' has no line '{missing}' to replace"
                    issues.append(owner[kind, item_id].origin.issue(message, name))
                if not gone:
                    continue
                replacements += [
                    Replacement(
                        kind=name,
                        replaced=line.replaces,
                        by=line.id,
                        pack=owner[kind, item_id].pack,
                        reason=line.reason,
                    )
                    for line in lines
                    if line.replaces is not None
                ]
                kept = tuple(
                    line for line in lines if line.replaces is not None or line.id not in gone
                )
                items[kind][item_id] = item = item.model_copy(update={name: kept})


def _places(entries: Iterable[Entry]) -> dict[tuple[str, str], Place]:
    places: dict[tuple[str, str], Place] = {}
    for entry in entries:
        for kind, item_id, origin in entry.named():
            places[kind, item_id] = origin.place()
    return places


def load_packs(packs: Sequence[str | Path]) -> KnowledgeBase:
    """Load packs into a knowledge base; see `KnowledgeBase.load`."""
    with _building:
        for kind in FILE_KINDS:
            kind.model.model_rebuild()
    reading = Reading()
    for pack in packs or DEFAULT_PACKS:
        _read_pack(pack, reading)
    issues = reading.issues
    assembled = _assemble(reading.entries, issues)
    items = assembled.items
    knowledge = KnowledgeBase(
        packs=tuple(pack for pack, _ in reading.packs),
        sources=items["source"],
        findings=items["finding"],
        groups=items["group"],
        causes=items["cause"],
        tests=items["test"],
        treatments=items["treatment"],
        prevention=items["prevention"],
        red_flags=items["red_flag"],
        codes=tuple(code for code, _ in reading.codes),
        replacements=tuple(assembled.replacements),
        places=_places(reading.entries),
    )
    issues += checks.check(knowledge, reading.entries, reading.codes, reading.packs)
    if issues:
        raise KnowledgeError(
            sorted(set(issues), key=lambda i: (i.file, i.line, i.column, i.message))
        )
    return knowledge
