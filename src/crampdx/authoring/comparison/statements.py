"""All that rules state, entry by entry and field by field: what it means, and how to say it.

Two fields are the same when their `meaning` is, whatever the layout, the comments, the order of
lists whose order no result shows, and the way in which a criterion is written.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from crampdx.knowledge.base import KnowledgeBase, canonical
from crampdx.knowledge.criteria import Criterion, findings_in
from crampdx.knowledge.loading.entries import LINE_KINDS
from crampdx.knowledge.models import Model
from crampdx.knowledge.normal_forms import disjunctive_form
from crampdx.outputs.labels import Labels, spoken

__all__ = ["Entry", "Field", "changed_parts", "statements"]

CRITERIA = ("when", "derived")
"""The fields that hold a criterion."""

ENTRIES = {
    "finding": "findings",
    "group": "groups",
    "cause": "causes",
    "test": "tests",
    "treatment": "treatments",
    "prevention": "prevention",
    "red_flag": "red_flags",
    "source": "sources",
}
"""The kinds of entries, and where a knowledge base has them."""


@dataclass(frozen=True, slots=True)
class Field:
    """What an entry states under one key.

    Attributes:
        meaning: What is compared.
        parts: In words: the parts of a list, or the one thing that it says.
        exact: As the rule file has it, for where words do not tell two fields apart.
    """

    meaning: Any
    parts: tuple[str, ...]
    exact: str


NOTHING = Field(None, (), "")
"""A field that an entry does not have."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry, or a line with an id: its kind, id and fields by key."""

    kind: str
    id: str
    fields: Mapping[str, Field]

    def field(self, name: str) -> Field:
        """A field; `NOTHING` where the entry does not have it."""
        return self.fields.get(name, NOTHING)

    def title(self) -> str:
        """What it is, in one line: its name, or what a line says and when."""
        named = self.field("name").parts or self.field("title").parts
        if named:
            return named[0]
        return "; ".join(
            f"{spoken(key)} {', '.join(self.field(key).parts)}"
            for key in ("of", "favors", "opposes", "lr", "level", "causes", "when")
            if self.field(key).parts
        )


def statements(knowledge: KnowledgeBase) -> dict[tuple[str, str], Entry]:
    """Every entry of the rules, by kind and id; codes, which have no id, are left out."""
    return {(entry.kind, entry.id): entry for entry in _entries(knowledge)}


def _entries(knowledge: KnowledgeBase) -> Iterator[Entry]:
    for pack in knowledge.packs:
        yield Entry("pack", pack.name, _fields(pack, knowledge))
    for kind, place in ENTRIES.items():
        for item in getattr(knowledge, place).values():
            yield Entry(kind, item.id, _fields(item, knowledge))
            for field, line_kind in LINE_KINDS.items():
                for line in getattr(item, field, ()):
                    fields = {"of": _plain(f"{kind} {item.id}"), **_fields(line, knowledge)}
                    yield Entry(line_kind, line.id, fields)


def _fields(item: Model, knowledge: KnowledgeBase) -> dict[str, Field]:
    """The fields of an entry but its id, and but its lines, which are entries of their own."""
    stated = canonical(item)
    return {
        key: _criterion(getattr(item, key), value, knowledge) if key in CRITERIA else _plain(value)
        for key, value in stated.items()
        if key != "id" and key not in LINE_KINDS
    }


def _plain(value: Any) -> Field:
    parts = tuple(map(_said, value)) if isinstance(value, list) else (_said(value),)
    return Field(value, parts, _exact(value))


def _criterion(criterion: Criterion, value: Any, knowledge: KnowledgeBase) -> Field:
    return Field(_meaning(criterion), (Labels(knowledge).criterion(criterion),), _exact(value))


def _exact(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


@lru_cache(maxsize=10_000)
def _meaning(criterion: Criterion) -> tuple[Any, ...]:
    """When it is true, when it is false, and what it asks about."""
    return (
        disjunctive_form(criterion),
        disjunctive_form(criterion, negation=True),
        findings_in(criterion),
    )


def _said(value: Any, between: str = "; ") -> str:
    """A value of a rule file in words.

    >>> _said({"unit": "mmol/L", "present": {"from": 1.0, "below": 3.5}, "loinc": ["2823-3"]})
    'unit mmol/L; present: from 1.0, below 3.5; loinc 2823-3'
    """
    match value:
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(_said(part, ", ") for part in value)
        case dict():
            stated = {key: part for key, part in value.items() if part not in ([], {})}
            return between.join(_clause(key, part) for key, part in stated.items())
        case _:
            return str(value)


def _clause(key: str, value: Any) -> str:
    colon = ":" if isinstance(value, dict) else ""
    return f"{spoken(key)}{colon} {_said(value, ', ')}"


def changed_parts(old: Field, new: Field) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What only the old field says, and what only the new one says.

    Where both say the same parts in another order, all of them, as one part each.
    """
    gone = tuple((Counter(old.parts) - Counter(new.parts)).elements())
    come = tuple((Counter(new.parts) - Counter(old.parts)).elements())
    if gone or come:
        return gone, come
    if old.parts != new.parts:
        return (", ".join(old.parts),), (", ".join(new.parts),)
    return (old.exact,), (new.exact,)  # alike in words, as two findings of one name are
