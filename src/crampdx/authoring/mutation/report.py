"""What came of the mutants, as text and as plain data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

from crampdx.authoring.coverage.report import percent
from crampdx.authoring.mutation.models import Mutant, MutantOutcome, Operator
from crampdx.knowledge.places import ShownPlace
from crampdx.outputs.blocks import (
    Block,
    Heading,
    Inline,
    Item,
    Listing,
    Paragraph,
    Span,
    Style,
    Table,
    inline,
)
from crampdx.outputs.labels import counted, spoken

__all__ = ["Mutation", "as_json", "mutation_blocks"]


@dataclass(frozen=True)
class Mutation:
    """What came of all mutants.

    Attributes:
        cases: How many cases there were to notice them.
        outcomes: Of every mutant, in order.
    """

    cases: int
    outcomes: tuple[MutantOutcome, ...]

    @classmethod
    def of(cls, parts: Iterable[Mutation]) -> Mutation:
        """What came of several sets of rules, each with its own cases."""
        found = tuple(parts)
        outcomes = tuple(one for part in found for one in part.outcomes)
        return cls(sum(part.cases for part in found), outcomes)

    @cached_property
    def survivors(self) -> tuple[Mutant, ...]:
        """The mutants that no case noticed."""
        return tuple(one.mutant for one in self.outcomes if one.killed_by is None)

    @property
    def killed(self) -> int:
        """How many mutants a case noticed."""
        return len(self.outcomes) - len(self.survivors)


def mutation_blocks(found: Mutation, shown: ShownPlace = str) -> list[Block]:
    """The survivors by file, what a case would have to show for each, and the sums.

    Args:
        found: What came of the mutants.
        shown: How to write a place.
    """
    if not found.outcomes:
        return [Paragraph(inline("There is nothing to change in the chosen rules."))]
    blocks: list[Block] = []
    placed = sorted(found.survivors, key=lambda mutant: _order(mutant, shown))
    for file, survivors in groupby(placed, key=lambda mutant: _file(mutant, shown)):
        blocks += [Heading(inline(f"Not noticed in {file}"), 3)]
        blocks += [Listing(tuple(_items(survivors, shown)))]
    blocks += [Heading(inline("Mutants by operator")), _table(found)]
    share = percent(found.killed, len(found.outcomes))
    cases = counted(found.cases, "case notices", "cases notice")
    total = counted(len(found.outcomes), "mutant")
    blocks += [Heading(inline("Sum"))]
    return [*blocks, Paragraph(inline(f"{cases} {found.killed} of {total} ({share})."))]


def _file(mutant: Mutant, shown: ShownPlace) -> str:
    return shown(mutant.place).rpartition(":")[0] if mutant.place else "(no file)"


def _order(mutant: Mutant, shown: ShownPlace) -> tuple[str, int, str, str]:
    line = mutant.place.line if mutant.place else 0
    return _file(mutant, shown), line, mutant.rule.kind, mutant.rule.id


def _items(survivors: Iterator[Mutant], shown: ShownPlace) -> Iterator[Item]:
    for _, group in groupby(survivors, key=lambda mutant: mutant.rule):
        of_rule = list(group)
        rule, place = of_rule[0].rule, of_rule[0].place
        head = inline(
            f"{spoken(rule.kind)} ",
            Span(rule.id, Style.STRONG),
            Span(f" {shown(place)}" if place else "", Style.FAINT),
        )
        yield Item(head, children=tuple(_item(mutant) for mutant in of_rule))


def _item(mutant: Mutant) -> Item:
    needed = Item(inline(f"needs {mutant.change.shows}"), Span("", Style.PLAIN))
    return Item(_described(mutant), children=(needed,))


def _described(mutant: Mutant) -> Inline:
    change = mutant.change
    where = f" {change.where}" if change.where else ""
    return inline(
        Span(f"{change.operator}{where}: ", Style.FAINT),
        Span(change.before, Style.CODE),
        " → ",
        Span(change.after, Style.CODE),
    )


def _table(found: Mutation) -> Table:
    total = Counter(one.mutant.change.operator for one in found.outcomes)
    survived = Counter(mutant.change.operator for mutant in found.survivors)
    rows = [
        (
            inline(operator),
            inline(operator.meaning),
            inline(str(total[operator])),
            inline(str(total[operator] - survived[operator])),
            inline(percent(total[operator] - survived[operator], total[operator])),
        )
        for operator in Operator
        if total[operator]
    ]
    head = ("operator", "what it changes", "mutants", "noticed", "")
    return Table(head, tuple(rows), right=frozenset({2, 3, 4}), flexible=1)


# ------------------------------------------------------------------------------------ plain data


def as_json(found: Mutation) -> dict[str, Any]:
    """The outcome as plain lists and mappings; `docs/coverage-and-mutation.md` has every key."""
    return {
        "cases": found.cases,
        "mutants": len(found.outcomes),
        "noticed": found.killed,
        "operators": _operators_json(found.outcomes),
        "survivors": [_survivor_json(mutant) for mutant in found.survivors],
    }


def _operators_json(outcomes: Sequence[MutantOutcome]) -> dict[str, dict[str, int]]:
    counted = {
        operator: [one for one in outcomes if one.mutant.change.operator is operator]
        for operator in Operator
    }
    return {
        str(operator): {
            "mutants": len(of_operator),
            "noticed": sum(one.killed_by is not None for one in of_operator),
        }
        for operator, of_operator in counted.items()
        if of_operator
    }


def _survivor_json(mutant: Mutant) -> dict[str, Any]:
    change, place = mutant.change, mutant.place
    return {
        "kind": mutant.rule.kind,
        "id": mutant.rule.id,
        "file": place.file if place else None,
        "line": place.line if place else None,
        "operator": str(change.operator),
        "where": change.where,
        "before": change.before,
        "after": change.after,
        "needs": change.shows,
    }
