"""Coverage as text and as plain data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from crampdx.authoring.coverage.measure import BranchCoverage, Coverage, Outcome, RuleCoverage
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

__all__ = [
    "FileCoverage",
    "as_json",
    "branch_lack",
    "by_file",
    "coverage_blocks",
    "in_sum",
    "lack",
    "percent",
]

NO_FILE = "(no file)"


def percent(part: int, whole: int) -> str:
    """A share in percent, cut and never rounded up, so that 100 means all; nothing is all.

    >>> percent(1999, 2000), percent(3, 3), percent(0, 0)
    ('99.9 %', '100 %', '100 %')
    """
    if part == whole:
        return "100 %"
    tenths = 1000 * part // whole
    return f"{tenths // 10}.{tenths % 10} %"


_LACKS: dict[Outcome, str] = {
    "fired": "never true",
    "not_fired": "never false",
    "unknown": "never undecided",
}
_READING_LACKS: dict[Outcome, str] = {
    "fired": "never shown present",
    "not_fired": "never shown absent",
    "unknown": "never outside its bounds",
}


def lack(rule: RuleCoverage) -> str:
    """What no case shows of a rule, in words; nothing where it is covered."""
    words = _READING_LACKS if rule.kind == "reading" else _LACKS
    return ", ".join(words[outcome] for outcome in rule.missing)


def branch_lack(branch: BranchCoverage) -> str:
    """How a part never decided, in words; nothing where it did both ways."""
    if branch.reached == 2:
        return ""
    if branch.reached == 0:
        return "never decides"
    return "never decides by being false" if branch.true else "never decides by being true"


@dataclass(frozen=True, slots=True)
class FileCoverage:
    """The rules of one file."""

    file: str
    rules: tuple[RuleCoverage, ...]

    @property
    def as_coverage(self) -> Coverage:
        """The same sums for this file as there are for all."""
        return Coverage(0, self.rules)


def by_file(found: Coverage, shown: ShownPlace = str) -> tuple[FileCoverage, ...]:
    """The rules by file, each file's in the order of its lines."""
    placed = sorted(found.rules, key=lambda rule: _order(rule, shown))
    files = groupby(placed, key=lambda rule: _file(rule, shown))
    return tuple(FileCoverage(file, tuple(rules)) for file, rules in files)


def _file(rule: RuleCoverage, shown: ShownPlace) -> str:
    return shown(rule.place).rpartition(":")[0] if rule.place else NO_FILE


def _order(rule: RuleCoverage, shown: ShownPlace) -> tuple[str, int, str, str]:
    return _file(rule, shown), rule.place.line if rule.place else 0, rule.kind, rule.id


# ------------------------------------------------------------------------------------------ text


def coverage_blocks(found: Coverage, shown: ShownPlace = str) -> list[Block]:
    """Coverage as a document: the files, what is not reached in them, and the sums.

    Args:
        found: The coverage.
        shown: How to write a place.
    """
    files = by_file(found, shown)
    blocks: list[Block] = [Heading(inline("Rules by file")), _table(files)]
    lacking = tuple(_lacking_rules(files))
    if lacking:
        blocks += [Heading(inline("Rules not covered")), Listing(lacking)]
    parts = tuple(_lacking_branches(files))
    if parts:
        blocks += [Heading(inline("Branches not covered")), Listing(parts)]
    limits = tuple(_limits_not_met(files))
    if limits:
        blocks += [Heading(inline("Limits that no case is exactly on")), Listing(limits)]
    return [*blocks, Heading(inline("Sums")), *_sums(found)]


def _table(files: Iterable[FileCoverage]) -> Table:
    head = ("file", "rules", "covered", "", "branches", "")
    rows = tuple(_row(file.file, file.as_coverage) for file in files)
    return Table(head, rows, right=frozenset(range(1, 6)))


def _row(name: str, found: Coverage) -> tuple[Inline, ...]:
    style = Style.PLAIN if found.covered == len(found.rules) else Style.ALERT
    return (
        inline(name),
        inline(str(len(found.rules))),
        inline(str(found.covered)),
        inline(Span(percent(found.covered, len(found.rules)), style)),
        inline(f"{found.branches_reached}/{found.branches}" if found.branches else ""),
        inline(percent(found.branches_reached, found.branches) if found.branches else ""),
    )


def _named(rule: RuleCoverage, text: str, file: str) -> Inline:
    place = f" {file}:{rule.place.line}" if rule.place else ""
    return inline(
        f"{spoken(rule.kind)} ",
        Span(rule.id, Style.STRONG),
        f": {text}" if text else "",
        Span(place, Style.FAINT),
    )


def _lacking_rules(files: Iterable[FileCoverage]) -> Iterator[Item]:
    for file in files:
        for rule in file.rules:
            if not rule.is_covered:
                yield Item(_named(rule, lack(rule), file.file))


def _lacking_branches(files: Iterable[FileCoverage]) -> Iterator[Item]:
    for file in files:
        for rule in file.rules:
            lacking = tuple(
                Item(inline(f"{b.where} ", Span(b.part, Style.CODE), f": {branch_lack(b)}"))
                for b in rule.branches
                if b.reached < 2
            )
            if lacking:
                yield Item(_named(rule, "", file.file), children=lacking)


def _limits_not_met(files: Iterable[FileCoverage]) -> Iterator[Item]:
    for file in files:
        for rule in file.rules:
            free = [f"{limit:g}" for limit, cases in rule.limits.items() if not cases]
            if free:
                yield Item(_named(rule, ", ".join(free), file.file))


def _sums(found: Coverage) -> Iterator[Block]:
    yield Paragraph(inline(in_sum(found)))


def in_sum(found: Coverage) -> str:
    """The sums in one sentence."""
    cases = counted(found.cases, "case covers", "cases cover")
    rules = f"{found.covered} of {len(found.rules)} rules"
    branches = f"{found.branches_reached} of {found.branches} branches"
    return (
        f"{cases} {rules} ({percent(found.covered, len(found.rules))}) and"
        f" {branches} ({percent(found.branches_reached, found.branches)})."
    )


# ------------------------------------------------------------------------------------ plain data


def as_json(found: Coverage) -> dict[str, Any]:
    """Coverage as plain lists and mappings; `docs/coverage-and-mutation.md` has every key."""
    return {
        "cases": found.cases,
        "rules": {"total": len(found.rules), "covered": found.covered},
        "branches": {"total": found.branches, "covered": found.branches_reached},
        "entries": [_rule_json(rule) for rule in found.rules],
    }


def _rule_json(rule: RuleCoverage) -> dict[str, Any]:
    return {
        "kind": rule.kind,
        "id": rule.id,
        "file": rule.place.file if rule.place else None,
        "line": rule.place.line if rule.place else None,
        "covered": rule.is_covered,
        **{str(outcome): cases for outcome, cases in rule.counts.items()},
        "missing": list(rule.missing),
        "branches": [
            {"where": b.where, "part": b.part, "true": b.true, "false": b.false}
            for b in rule.branches
        ],
        "limits": [{"limit": limit, "cases": cases} for limit, cases in rule.limits.items()],
    }
