"""A difference of rules, and what it does to cases, as text, Markdown and plain data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any

from crampdx.authoring.comparison.changes import Difference, EntryChange, FieldChange, counted
from crampdx.authoring.comparison.effects import ASPECTS, CaseEffect, Shift
from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.models import Code
from crampdx.knowledge.places import ShownPlace
from crampdx.outputs.blocks import (
    Block,
    Heading,
    Item,
    Listing,
    Paragraph,
    Span,
    Style,
    inline,
)
from crampdx.outputs.labels import spoken
from crampdx.outputs.markdown import markdown_of

__all__ = ["Report", "Section", "as_json", "sections", "summary", "to_blocks", "to_markdown"]

SHOWN = 200
"""So many lines of each section are shown; JSON has all."""


@dataclass(frozen=True, slots=True)
class Report:
    """All that is told of a difference.

    Attributes:
        old_name: How the old rules were named.
        new_name: How the new rules were named.
        old: The old rules.
        new: The new rules.
        difference: What changed.
        effects: What it does to each case.
    """

    old_name: str
    new_name: str
    old: KnowledgeBase
    new: KnowledgeBase
    difference: Difference
    effects: tuple[CaseEffect, ...]

    @property
    def changed_cases(self) -> tuple[CaseEffect, ...]:
        """The cases whose assessment changes."""
        return tuple(effect for effect in self.effects if effect.shifts)


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report: its title, how many things are in it, and the first of them."""

    title: str
    count: int
    items: tuple[Item, ...]

    @staticmethod
    def of(title: str, items: Iterable[Item], count: int) -> Section:
        """A section with no more items than are shown."""
        shown = list(islice(items, SHOWN))
        if count > len(shown):
            shown.append(Item(inline(f"and {count - len(shown)} more, all of them in the JSON")))
        return Section(title, count, tuple(shown))


# --------------------------------------------------------------------------------- the documents


def to_blocks(report: Report, shown: ShownPlace = str) -> list[Block]:
    """The report as one document, for a terminal.

    Args:
        report: What to tell.
        shown: How to write a place.
    """
    blocks = summary(report)
    for section in sections(report, shown):
        blocks += [Heading(inline(_counted_title(section))), Listing(section.items)]
    return blocks


def to_markdown(report: Report, shown: ShownPlace = str) -> str:
    """The report for a pull request: the summary, and under it the sections, folded.

    Args:
        report: What to tell.
        shown: How to write a place.
    """
    parts = [markdown_of(summary(report))]
    for section in sections(report, shown):
        # Titles are ours, so that nothing in them needs to be escaped.
        head = f"<details>\n<summary>{_counted_title(section)}</summary>\n"
        parts.append(f"{head}\n{markdown_of([Listing(section.items)])}\n</details>\n")
    return "\n".join(parts)


def _counted_title(section: Section) -> str:
    return f"{section.title} ({section.count})"


def summary(report: Report) -> list[Block]:
    """The report in a few lines."""
    names = inline(Span(report.old_name, Style.CODE), " to ", Span(report.new_name, Style.CODE))
    blocks: list[Block] = [Heading(inline("Rules from ", names), 1)]
    blocks.append(Paragraph(inline(_stamps(report))))
    blocks.append(Listing((Item(inline(_rules_said(report))), Item(inline(_cases_said(report))))))
    return blocks


def _stamps(report: Report) -> str:
    old, new = (
        f"{', '.join(f'{pack.name} {pack.version}' for pack in rules.packs)}"
        f" (digest {rules.digest[:12]})"
        for rules in (report.old, report.new)
    )
    return f"{old} to {new}."


def _rules_said(report: Report) -> str:
    difference = report.difference
    found = [
        *((n, "entry", "entries", how) for how, n in counted(difference.entries).items()),
        (len(difference.codes_added), "code", "codes", "added"),
        (len(difference.codes_removed), "code", "codes", "removed"),
    ]
    said = ", ".join(f"{n} {one if n == 1 else many} {how}" for n, one, many, how in found if n)
    if said:
        return f"Rules: {said}."
    written = difference.old_digest != difference.new_digest
    return f"Rules: nothing changes in meaning{', only how it is written' if written else ''}."


def _cases_said(report: Report) -> str:
    if not report.effects:
        return "Cases: there are none to compare."
    found = Counter(
        aspect for effect in report.effects for aspect in {s.aspect for s in effect.shifts}
    )
    said = ", ".join(f"{found[a]} in {spoken(a)}" for a in ASPECTS if found[a])
    changed = f"{len(report.changed_cases)} of {len(report.effects)} change"
    return f"Cases: {changed}{f': {said}' if said else ''}."


# ------------------------------------------------------------------------------------ the sections


def sections(report: Report, shown: ShownPlace = str) -> list[Section]:
    """What is in the report, one section for each kind of change; none that is empty.

    Args:
        report: What to tell.
        shown: How to write a place.
    """
    entries = report.difference.entries
    rules = [e for e in entries if e.kind not in ("source", "pack")]
    packs = [e for e in entries if e.kind == "pack"]
    sources = [e for e in entries if e.kind == "source"]
    found = [
        _of_cases(report, shown),
        _of_entries("Rules removed", (e for e in rules if e.after is None)),
        _of_entries("Rules added", (e for e in rules if e.before is None)),
        _of_entries("Rules changed in meaning", (e for e in rules if _is_meaning(e))),
        _of_entries("Rules changed in wording", (e for e in rules if e.is_wording)),
        _of_entries("Packs", packs),
        _of_entries("Sources", sources),
        _of_codes("Codes removed", report.difference.codes_removed),
        _of_codes("Codes added", report.difference.codes_added),
    ]
    return [section for section in found if section.count]


def _is_meaning(change: EntryChange) -> bool:
    return bool(change.fields) and not change.is_wording


def _of_cases(report: Report, shown: ShownPlace) -> Section:
    changed = report.changed_cases
    return Section.of("Cases that change", (_case(e, shown) for e in changed), len(changed))


def _case(effect: CaseEffect, shown: ShownPlace) -> Item:
    located = effect.located
    return Item(
        inline(
            Span(located.case.name, Style.STRONG),
            Span(f" ({shown(located.place)})", Style.FAINT),
        ),
        children=tuple(_shift(shift) for shift in effect.shifts),
    )


def _shift(shift: Shift) -> Item:
    before, after = shift.before or "none", shift.after or "none"
    change = f": {before} \N{RIGHTWARDS ARROW} {after}"
    if shift.aspect == shift.id:
        return Item(inline(spoken(shift.aspect), change))
    return Item(inline(f"{spoken(shift.aspect)} of ", Span(shift.id, Style.CODE), change))


def _of_entries(title: str, changes: Iterable[EntryChange]) -> Section:
    found = list(changes)
    return Section.of(title, map(_entry, found), len(found))


def _entry(change: EntryChange) -> Item:
    head = inline(f"{spoken(change.kind)} ", Span(change.id, Style.CODE))
    if change.fields:
        return Item(head, children=tuple(item for f in change.fields for item in _field(f)))
    word = "added" if change.before is None else "removed"
    return Item(inline(head, f", {word}: {change.after or change.before}"))


def _field(change: FieldChange) -> Iterator[Item]:
    label = spoken(change.field)
    if len(change.removed) == len(change.added) == 1:
        yield _replaced(label, change.removed[0], change.added[0], whole=change.is_wording)
        return
    for sign, parts in (("no longer", change.removed), ("now", change.added)):
        for part in parts:
            yield Item(inline(f"{label}, {sign}: {part}"))


def _replaced(label: str, before: str, after: str, *, whole: bool) -> Item:
    """What stands for what; of two long values alike in most, what is in one alone."""
    old, new = before.split("; "), after.split("; ")
    alike = [clause for clause in old if clause in new]
    if alike and not whole:
        label = f"{label}, {alike[0]}"
        before = "; ".join(clause for clause in old if clause not in new) or "nothing more"
        after = "; ".join(clause for clause in new if clause not in old) or "nothing more"
    arrow = Span("\N{RIGHTWARDS ARROW}", Style.FAINT)
    return Item(inline(f"{label}: {before} ", arrow, f" {after}"))


def _of_codes(title: str, codes: Sequence[Code]) -> Section:
    """Codes by what they are codes of: a count for each system and match."""
    groups = Counter((c.concept_kind, c.concept, c.system, c.match) for c in codes)
    items = tuple(
        Item(
            inline(
                f"{kind} ",
                Span(concept, Style.CODE),
                f": {count} of {system}, {spoken(match)}",
            )
        )
        for (kind, concept, system, match), count in sorted(groups.items())
    )
    more = len(items) - SHOWN
    last = (Item(inline(f"and of {more} more, all in the JSON")),) if more > 0 else ()
    return Section(title, len(codes), (*items[:SHOWN], *last))


# ------------------------------------------------------------------------------------ plain data


def as_json(report: Report, shown: ShownPlace = str) -> dict[str, Any]:
    """The report as lists and mappings, whole.

    Args:
        report: What to tell.
        shown: How to write a place.
    """
    difference = report.difference
    return {
        "old": _rules_json(report.old_name, report.old),
        "new": _rules_json(report.new_name, report.new),
        "entries": [_entry_json(change) for change in difference.entries],
        "codes_added": [code.model_dump(mode="json") for code in difference.codes_added],
        "codes_removed": [code.model_dump(mode="json") for code in difference.codes_removed],
        "cases": {
            "compared": len(report.effects),
            "changed": [
                {
                    "place": shown(effect.located.place),
                    "name": effect.located.case.name,
                    "shifts": [asdict(shift) for shift in effect.shifts],
                }
                for effect in report.changed_cases
            ],
        },
    }


def _rules_json(name: str, rules: KnowledgeBase) -> dict[str, Any]:
    packs = [{"name": pack.name, "version": pack.version} for pack in rules.packs]
    return {"name": name, "packs": packs, "digest": rules.digest}


def _entry_json(change: EntryChange) -> dict[str, Any]:
    fields = [
        {"field": f.field, "removed": list(f.removed), "added": list(f.added)}
        for f in change.fields
    ]
    plain = {"kind": change.kind, "id": change.id, "before": change.before, "after": change.after}
    return {**plain, "fields": fields, "wording": change.is_wording}
