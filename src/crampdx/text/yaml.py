"""YAML text to plain data, safely, with the place of every part.

Built on the event stream of PyYAML (its C parser where present), so that nothing is constructed
but dicts, lists, strings, numbers, booleans and None: tags are refused, aliases are counted,
duplicate keys are found, and depth and size are bounded before they can cost anything.
Scalars follow the core schema of YAML 1.2: ``no`` and ``off`` are strings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import yaml

from crampdx.errors import printable

__all__ = ["Document", "Fault", "Mark", "read_yaml"]

MAX_BYTES = 1 << 20
MAX_DEPTH = 40
MAX_NODES = 200_000
MAX_FAULTS = 100

_DIRECTIVE = re.compile("(?:\\A\ufeff?|[\n\r\x85\u2028\u2029])(%)")
"""The beginning of a line that YAML takes for a directive. Its parser takes quadratic time for many
of them, and there is nothing that they could say here."""

_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Mark(NamedTuple):
    """A place in a file: line and column, both from 1."""

    line: int
    column: int


class Fault(NamedTuple):
    """Something wrong with the text as YAML."""

    mark: Mark
    message: str


Path = tuple[str | int, ...]


@dataclass(slots=True)
class Document:
    """The data of a file, the mark of each part by its path, and what is wrong with the text."""

    data: Any = None
    marks: dict[Path, Mark] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def mark(self, path: Path) -> Mark:
        """The mark of the deepest part of the path that exists.

        A step that is not in the document is passed over: validation errors carry the names of
        union members between the steps.
        """
        known: Path = ()
        for step in path:
            if (*known, step) in self.marks:
                known = (*known, step)
        return self.marks.get(known, Mark(1, 1))

    def path(self, path: Path) -> str:
        """The path as text, without the steps that are not in the document."""
        known: Path = ()
        for step in path:
            if (*known, step) in self.marks:
                known = (*known, step)
        return path_text(known)


def path_text(path: Path) -> str:
    """A path as text.

    >>> path_text((2, "evidence", 0, "when"))
    '[2].evidence[0].when'
    """
    steps = (f"[{step}]" if isinstance(step, int) else f".{printable(step)}" for step in path)
    return "".join(steps).removeprefix(".")


_INT = re.compile(r"[-+]?[0-9]{1,18}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?")
_WORDS: dict[str, bool | None] = {
    "true": True,
    "false": False,
    "null": None,
    "~": None,
    "": None,
}


def _scalar(event: Any) -> Any:
    text: str = event.value
    if not event.implicit[0]:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text


def _mark(event: Any) -> Mark:
    return Mark(event.start_mark.line + 1, event.start_mark.column + 1)


class _Stop(Exception):
    """The text cannot be read any further."""


class _Builder:
    """Consumes events, building data and marks; recursion is bounded by `MAX_DEPTH`."""

    def __init__(self, events: Iterator[Any]) -> None:
        self.events = events
        self.document = Document()
        self.nodes = 0

    def fault(self, event: Any, message: str) -> None:
        self.document.faults.append(Fault(_mark(event), message))
        if len(self.document.faults) == MAX_FAULTS:
            raise _Stop

    def node(self, event: Any, path: Path) -> Any:
        self.nodes += 1
        if self.nodes > MAX_NODES:
            self.fault(event, f"more than {MAX_NODES} parts")
            raise _Stop
        if len(path) > MAX_DEPTH:
            self.fault(event, f"nested more than {MAX_DEPTH} deep")
            raise _Stop
        self.document.marks[path] = _mark(event)
        if isinstance(event, yaml.AliasEvent):
            self.fault(event, "aliases (*) are not allowed; write the value out")
            return None
        if event.anchor is not None:
            self.fault(event, "anchors (&) are not allowed; write the value out")
        if event.tag is not None and event.tag != "!":
            self.fault(event, "tags (!) are not allowed")
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(event)
        if isinstance(event, yaml.SequenceStartEvent):
            return self.sequence(path)
        return self.mapping(path)

    def sequence(self, path: Path) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            items.append(self.node(event, (*path, len(items))))
        return items

    def mapping(self, path: Path) -> dict[str, Any]:
        items: dict[str, Any] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self.key(event, path)
            if key in items:
                first = self.document.marks[(*path, key)]
                self.fault(
                    event, f"key '{printable(key)}' stands twice (first in line {first.line})"
                )
            value_event = next(self.events)
            items[key] = self.node(value_event, (*path, key))
            self.document.marks[(*path, key)] = _mark(event)
        return items

    def key(self, event: Any, path: Path) -> str:
        if isinstance(event, yaml.ScalarEvent) and event.anchor is None and event.tag is None:
            return str(event.value)
        self.fault(event, "a key must be plain text")
        self.node(event, (*path, ""))
        return ""


def _decoded(text: bytes | str) -> str | Fault:
    """The text, if it is of bounded size and can be written in UTF-8."""
    too_large = Fault(Mark(1, 1), f"larger than {MAX_BYTES} bytes")
    if len(text) > MAX_BYTES:
        return too_large
    try:
        if isinstance(text, bytes):
            return text.decode()
        return text if len(text.encode()) <= MAX_BYTES else too_large
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        return Fault(Mark(line, 1), "not valid UTF-8")
    except UnicodeEncodeError:
        return Fault(Mark(1, 1), "not valid text")


def _events(text: str) -> Iterator[Any]:
    """The events of the text, as `yaml.parse` gives them, without its check before each."""
    loader = _Loader(text)
    try:
        yield from iter(loader.get_event, None)
    finally:
        loader.dispose()


def read_yaml(text: bytes | str) -> Document:
    r"""Read one YAML document.

    Args:
        text: The text, or the bytes of a file in UTF-8.

    Returns:
        The data with its marks. Where `faults` is not empty, the data is not to be used.

    >>> read_yaml(b"a: [1, no]").data
    {'a': [1, 'no']}
    >>> read_yaml(b"a: 1\na: 2").faults
    [Fault(mark=Mark(line=2, column=1), message="key 'a' stands twice (first in line 1)")]
    """
    document = Document()
    decoded = _decoded(text)
    if isinstance(decoded, Fault):
        document.faults.append(decoded)
        return document
    directive = _DIRECTIVE.search(decoded)
    if directive is not None:
        line = len(_BREAK.findall(decoded, 0, directive.start(1))) + 1
        document.faults.append(Fault(Mark(line, 1), "directives (%) are not allowed"))
        return document
    builder = _Builder(_events(decoded))
    try:
        for event in builder.events:
            if isinstance(event, yaml.DocumentStartEvent):
                if builder.nodes:
                    builder.fault(event, "a file holds one document; '---' begins another")
                    break
                builder.document.data = builder.node(next(builder.events), ())
    except _Stop:
        pass
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = Mark(mark.line + 1, mark.column + 1) if mark else Mark(1, 1)
        builder.document.faults.append(Fault(place, f"not valid YAML: {error.problem}"))
    except yaml.YAMLError:
        builder.document.faults.append(Fault(Mark(1, 1), "not valid YAML: forbidden characters"))
    return builder.document
