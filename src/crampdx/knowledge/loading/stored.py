"""Checked rules as JSON, so that they are read, put together and checked once.

A stored file has two lines: a `Header` that says what it was made of, and the rules. It is used
only where everything that the header names is as it was: the bytes of all rule files, the version
of the library, and the second line itself. In any other case the rule files are read, and a line of
the log says why. Only pydantic reads what is stored, so a stored file can hold wrong rules, but
nothing that runs. docs/decisions/0014-stored-rules.md has the reasons.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import logging
import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from crampdx._version import __version__
from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.loading.folders import (
    DEFAULT_PACKS,
    MAX_FILES,
    PackFolder,
    pack_folder,
    rule_files,
    rules_folder,
)
from crampdx.knowledge.models import (
    Cause,
    Code,
    Finding,
    Group,
    Model,
    Pack,
    Prevention,
    RedFlag,
    Replacement,
    Source,
    Test,
    Treatment,
)
from crampdx.knowledge.places import Place

__all__ = ["SHIPPED", "load_packs", "store"]

SHIPPED = "checked"
"""The folder beside the packs that ship, in which the wheel has them checked."""

MAX_STORED_BYTES = 64 << 20
"""A larger file is not read."""

MAX_RULE_BYTES = 1 << 20
"""A larger rule file is refused by whoever reads it."""

_log = logging.getLogger("crampdx")
_building = threading.Lock()
"""Held while pydantic builds the models, which it does not do safely in several threads."""

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Header(Model):
    """What a stored file was made of."""

    form: Literal[1] = 1
    """The form of stored files; another one is not read."""
    library: Annotated[str, Field(max_length=40)]
    """The version of crampdx that checked the rules."""
    rules: Sha256
    """The digest of the rule files; see `digest_of_files`."""
    content: Sha256
    """The digest of the line that follows."""


Located = tuple[str, str, str, int, str]
"""Where an entry is: its kind and id, its file and line, and its pack."""


class StoredRules(Model):
    """A knowledge base as plain lists."""

    digest: Sha256
    """The digest of the knowledge base."""
    packs: tuple[Pack, ...]
    """The packs, in the order in which they stack."""
    sources: tuple[Source, ...]
    """Sources, by id; so are the lists that follow."""
    findings: tuple[Finding, ...]
    """The vocabulary."""
    groups: tuple[Group, ...]
    """Groups of causes."""
    causes: tuple[Cause, ...]
    """Causes."""
    tests: tuple[Test, ...]
    """Tests."""
    treatments: tuple[Treatment, ...]
    """Treatments."""
    prevention: tuple[Prevention, ...]
    """Measures of prevention."""
    red_flags: tuple[RedFlag, ...]
    """Red flags."""
    codes: tuple[Code, ...]
    """Codes."""
    replacements: tuple[Replacement, ...]
    """What replaced what."""
    located: tuple[Located, ...]
    """Where each entry is."""


@lru_cache(maxsize=1)
def _model() -> type[StoredRules]:
    """The model of stored rules, built on first use."""
    with _building:
        StoredRules.model_rebuild()
    return StoredRules


# ------------------------------------------------------------------------------------- loading


def load_packs(packs: Sequence[str | Path], cache: str | Path | None = None) -> KnowledgeBase:
    """Load packs into a knowledge base; see `KnowledgeBase.load`."""
    folders = [pack_folder(pack) for pack in packs or DEFAULT_PACKS]
    name = _name_of(folders)
    places = [rules_folder() / SHIPPED / name]
    if cache is not None:
        places.append(Path(cache) / name)
    rules = digest_of_files(folders) if cache is not None or os.path.isfile(places[0]) else None
    if rules is not None:
        for path in places:
            knowledge = _stored_at(path, rules)
            if knowledge is not None:
                return knowledge
    knowledge = _checked(packs or DEFAULT_PACKS)
    if cache is not None and rules is not None and digest_of_files(folders) == rules:
        _store_in_cache(knowledge, places[-1], rules)
    return knowledge


def _checked(packs: Sequence[str | Path]) -> KnowledgeBase:
    """The knowledge base of rule files; what reads them is imported only where they are read."""
    from crampdx.knowledge.loading.assembly import assembled, read_packs

    return assembled(read_packs(packs))


def _name_of(folders: Iterable[PackFolder]) -> str:
    """The name of the stored file of packs: one for each way to stack them."""
    shown = [folder.shown for folder in folders]
    short = "+".join(Path(one).name for one in shown)[:80]
    return f"{short}.{_sha256(repr(shown).encode())[:16]}.jsonl"


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def digest_of_files(folders: Iterable[PackFolder]) -> str | None:
    """The SHA-256 of the rule files of packs: their names and bytes, in the order of stacking.

    Returns:
        The digest; None where a file is not there or not of a kind and size that is read, which
        is for the reader of rule files to report.
    """
    digest = hashlib.sha256()
    for folder in folders:
        found = sorted(islice(rule_files(folder.path), MAX_FILES + 1))
        if len(found) > MAX_FILES:
            return None
        digest.update(f"{folder.shown}\0{folder.path.resolve().name}\0".encode())
        for path in found:
            if path.name.endswith(".case.yaml"):
                continue
            data = _bytes_at(path, MAX_RULE_BYTES)
            if data is None:
                return None
            digest.update(f"{folder.within(path)}\0{len(data)}\0".encode())
            digest.update(data)
    return digest.hexdigest()


def _bytes_at(path: Path, limit: int) -> bytes | None:
    """The bytes of a regular file; None where there is none, or it is larger than the limit."""
    try:
        if not path.is_file():
            return None
        with path.open("rb") as stream:
            data = stream.read(limit + 1)
    except OSError:
        return None
    return data if len(data) <= limit else None


# ------------------------------------------------------------------------------- reading, storing


@contextlib.contextmanager
def _no_collection() -> Iterator[None]:
    """Let the garbage collector rest while many objects are made that all stay.

    It would look through all objects of the process several times, for a third of the time that
    is taken here. Two threads at once may end the rest early, never late.
    """
    if not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


class _Unusable(Exception):
    """Why a stored file is not used; it is expected that rules and versions change."""

    def __init__(self, why: str, *, is_expected: bool = False) -> None:
        self.level = logging.INFO if is_expected else logging.WARNING
        super().__init__(why)


def _stored_at(path: Path, rules: str) -> KnowledgeBase | None:
    """What is stored there, where there is something that can be used."""
    if not os.path.exists(path):
        return None
    try:
        with _no_collection():
            return _restored(_content_of(path, rules))
    except _Unusable as error:
        _log.log(error.level, "%s is not used, and the rule files are read: %s", path, error)
        return None


def _content_of(path: Path, rules: str) -> StoredRules:
    """What is stored there, where it is of these rule files and of this library, and whole."""
    data = _bytes_at(path, MAX_STORED_BYTES)
    if data is None:
        raise _Unusable(f"it cannot be read, or is larger than {MAX_STORED_BYTES} bytes")
    head, _, content = data.partition(b"\n")
    try:
        header = Header.model_validate_json(head)
        if header.library != __version__:
            raise _Unusable(f"it is of version {header.library}", is_expected=True)
        if header.rules != rules:
            raise _Unusable("the rule files have changed", is_expected=True)
        if header.content != _sha256(content):
            raise _Unusable("it is damaged")
        return _model().model_validate_json(content)
    except ValidationError:
        raise _Unusable("it is damaged, or of another form") from None


def _restored(stored: StoredRules) -> KnowledgeBase:
    knowledge = KnowledgeBase(
        packs=stored.packs,
        sources={item.id: item for item in stored.sources},
        findings={item.id: item for item in stored.findings},
        groups={item.id: item for item in stored.groups},
        causes={item.id: item for item in stored.causes},
        tests={item.id: item for item in stored.tests},
        treatments={item.id: item for item in stored.treatments},
        prevention={item.id: item for item in stored.prevention},
        red_flags={item.id: item for item in stored.red_flags},
        codes=stored.codes,
        replacements=stored.replacements,
        places={(kind, name): Place(file, line) for kind, name, file, line, _ in stored.located},
        pack_of={(kind, name): pack for kind, name, _, _, pack in stored.located},
    )
    knowledge.__dict__["digest"] = stored.digest  # what `digest` would work out
    return knowledge


def store(knowledge: KnowledgeBase, packs: Sequence[str | Path], folder: Path) -> Path:
    """Store a knowledge base that was loaded from these packs.

    Args:
        knowledge: The knowledge base.
        packs: The packs from which it was loaded.
        folder: Where to store it.

    Returns:
        The file.

    Raises:
        ValueError: The rule files of the packs cannot be read.
        OSError: The folder or the file cannot be written.
    """
    folders = [pack_folder(pack) for pack in packs]
    rules = digest_of_files(folders)
    if rules is None:
        raise ValueError(f"the rule files of {', '.join(map(str, packs))} cannot be read")
    path = folder / _name_of(folders)
    _write(path, _text_of(knowledge, rules))
    return path


def _store_in_cache(knowledge: KnowledgeBase, path: Path, rules: str) -> None:
    try:
        _write(path, _text_of(knowledge, rules))
    except OSError as error:
        _log.warning("%s cannot be written: %s", path, (error.strerror or "").lower())


def _text_of(knowledge: KnowledgeBase, rules: str) -> bytes:
    stored = _model().model_construct(
        digest=knowledge.digest,
        packs=knowledge.packs,
        sources=tuple(knowledge.sources.values()),
        findings=tuple(knowledge.findings.values()),
        groups=tuple(knowledge.groups.values()),
        causes=tuple(knowledge.causes.values()),
        tests=tuple(knowledge.tests.values()),
        treatments=tuple(knowledge.treatments.values()),
        prevention=tuple(knowledge.prevention.values()),
        red_flags=tuple(knowledge.red_flags.values()),
        codes=knowledge.codes,
        replacements=knowledge.replacements,
        located=tuple(
            (*key, *place, knowledge.pack_of[key]) for key, place in knowledge.places.items()
        ),
    )
    content = stored.model_dump_json(exclude_defaults=True).encode()
    header = Header(library=__version__, rules=rules, content=_sha256(content))
    return header.model_dump_json().encode() + b"\n" + content


def _write(path: Path, text: bytes) -> None:
    """Write a file at once: whoever reads it meanwhile sees the old one or the new one."""
    import tempfile  # only who stores rules needs it, and it takes time to import

    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.stem, suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(text)
        os.replace(name, path)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise
