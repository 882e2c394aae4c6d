"""Tables of cases: one row a case, with what all rows share written once.

A table of ``lines`` says which lines of one cause fire; a table of ``rows`` expects anything. Each
row becomes a case, whose record is that of the table with what the row adds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, NamedTuple, Self

from pydantic import Field, model_validator

from crampdx.authoring.cases.models import Case, Expectations
from crampdx.knowledge.models import DottedId, Id, Model, Sentence

__all__ = ["Line", "LineTable", "Row", "RowTable", "TableCase", "cases_of_table"]

MAX_NAME = 200
"""The most characters of the name of a case."""

Name = Annotated[str, Field(min_length=1, max_length=150)]


class Given(Model):
    """What a row adds to the record of its table."""

    name: Name | None = None
    """The circumstance; without one, the row is named by what it adds."""
    when: tuple[Id, ...] = ()
    """Findings that are present."""
    absent: tuple[Id, ...] = ()
    """Findings that are absent."""
    record: dict[str, Any] | None = None
    """What else the record says, in its own form."""
    xfail: Sentence | None = None
    """Why what is expected does not hold yet; the case fails once it does."""

    @model_validator(mode="after")
    def _says_each_finding_once(self) -> Self:
        given = [*self.when, *self.absent]
        twice = sorted({name for name in given if given.count(name) > 1})
        if twice:
            raise ValueError(f"'when' and 'absent' name '{twice[0]}' twice")
        return self

    def added(self) -> dict[str, Any]:
        """What the row adds, in the form of a record."""
        findings = {**dict.fromkeys(self.when, True), **dict.fromkeys(self.absent, False)}
        return merged(self.record or {}, {"findings": findings} if findings else {})

    def title(self) -> str:
        """The name of the row, or what it adds, in a few words."""
        if self.name is not None:
            return self.name
        without = (f"no {name}" for name in self.absent)
        return ", ".join([*self.when, *without, *_words(self.record or {})]) or "nothing more"


class Line(Given):
    """A row of a table of lines: which lines of the cause fire."""

    fires: tuple[DottedId, ...] = ()
    """The lines of the cause that hold; no other line of it does."""
    not_: Annotated[tuple[DottedId, ...], Field(alias="not")] = ()
    """Lines of evidence that are known not to hold."""
    undecided: tuple[DottedId, ...] = ()
    """Lines of evidence of which it is unknown."""

    def expectations(self, cause: str) -> Expectations:
        """What the row expects of the lines of the cause."""
        lists = {"not_fired": self.not_, "undecided": self.undecided}
        given = {key: lines for key, lines in lists.items() if lines}
        return Expectations.model_validate({"all_fired": {cause: self.fires}, **given})


class Row(Given, Expectations):
    """A row of a table: what it adds to the record, and what is expected."""

    schema_rules: ClassVar = {
        "anyOf": [{"required": [key]} for key in Expectations.model_fields],
    }

    @model_validator(mode="after")
    def _expects_something(self) -> Self:
        if not self.model_fields_set & Expectations.model_fields.keys():
            raise ValueError("expect at least one thing")
        return self

    def expectations(self) -> Expectations:
        """What the row expects."""
        given = self.model_fields_set & Expectations.model_fields.keys()
        return Expectations.model_construct(given, **{key: getattr(self, key) for key in given})


class Table(Model):
    """What tables of lines and of rows have in common."""

    name: Name
    """What the rows are about; the name of each case begins with it."""
    about: Sentence | None = None
    """Why these cases are here."""
    record: dict[str, Any] | None = None
    """What the records of all rows have in common, in the form of a record."""


class LineTable(Table):
    """Cases for the lines of one cause: which of them fire for which findings."""

    cause: Id
    """The cause; `fires` of each row lists all of its lines that hold."""
    lines: Annotated[tuple[Line, ...], Field(min_length=1)]
    """The cases, one a row."""


class RowTable(Table):
    """Cases that expect much the same of much the same record."""

    rows: Annotated[tuple[Row, ...], Field(min_length=1)]
    """The cases, one a row."""


class TableCase(NamedTuple):
    """A row as a case, and the way to the row in its table."""

    case: Case
    steps: tuple[str, int]


def cases_of_table(table: LineTable | RowTable) -> Iterator[TableCase]:
    """Give each row of a table as a case of its own."""
    if isinstance(table, LineTable):
        for number, line in enumerate(table.lines):
            expect = line.expectations(table.cause)
            yield TableCase(_case(table, number, line, expect), ("lines", number))
    else:
        for number, row in enumerate(table.rows):
            yield TableCase(_case(table, number, row, row.expectations()), ("rows", number))


def _case(table: Table, number: int, row: Given, expect: Expectations) -> Case:
    name = f"{table.name}: {row.title()}"
    if len(name) > MAX_NAME:  # what is cut off may be what tells it from another row
        end = f"… (row {number + 1})"
        name = name[: MAX_NAME - len(end)] + end
    record = merged(table.record or {}, row.added())
    return Case(name=name, record=record, expect=expect, xfail=row.xfail)


def merged(base: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Join two records: mappings key by key, of all else the second.

    >>> merged({"age": 50, "findings": {"a": True}}, {"age": 60, "findings": {"b": False}})
    {'age': 60, 'findings': {'a': True, 'b': False}}
    """
    joined = dict(base)
    for key, value in more.items():
        before = joined.get(key)
        both = isinstance(before, dict) and isinstance(value, dict)
        joined[key] = merged(before or {}, value) if both else value
    return joined


def _words(value: Any) -> Iterator[str]:
    """The leaves of a record in words, each after its key."""
    match value:
        case dict():
            for key, part in value.items():
                first, *rest = _words(part) or ("",)
                yield f"{key} {first}".rstrip()
                yield from rest
        case list():
            for part in value:
                yield from _words(part)
        case bool() | None:
            yield str(value).lower()
        case _:
            yield str(value)
