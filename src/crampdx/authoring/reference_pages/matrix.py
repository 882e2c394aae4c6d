"""The matrix: causes against findings, a table for each kind of finding."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from crampdx.authoring.reference_pages.common import section
from crampdx.authoring.reference_pages.links import Links, Names
from crampdx.engine.scoring import weight_of
from crampdx.knowledge.criteria import (
    Absent,
    AllOf,
    AnyOf,
    AtLeast,
    Atom,
    Criterion,
    atoms_of,
)
from crampdx.knowledge.models import Cause, Evidence, FindingKind, Group
from crampdx.outputs.labels import MINUS, signed, spoken
from crampdx.outputs.markdown import bullets, document, heading, table, wide

__all__ = ["pages"]

Owner = Cause | Group
Cells = Mapping[str, Mapping[str, str]]
"""What each finding tells of each owner: by finding, then by owner."""


def pages(names: Names) -> dict[str, str]:
    """The page of the matrix."""
    return {"matrix.md": _page(Links(names, "matrix.md"))}


def _page(links: Links) -> str:
    knowledge = links.names.knowledge
    groups = [group for group in knowledge.groups.values() if group.evidence]
    owners: list[Owner] = [*knowledge.causes.values(), *groups]
    cells = _cells(owners)
    unused = len(knowledge.findings.keys() - cells.keys())
    return document(
        heading("Matrix of causes and findings", 1),
        links.trail(),
        "How much each finding weighs for or against each cause, in decibans (dB).",
        bullets(
            (
                f"+7 speaks for the cause, {MINUS}7 against it, when the finding is present.",
                f"absent {MINUS}7: when the finding is absent. Unknown is never taken for absent.",
                "(+7), in parentheses: only together with other findings; the page of the cause"
                " says which.",
                "An empty cell: no line of evidence of the cause names the finding. A finding also"
                " counts for those that it implies.",
                f"Findings that no line names are left out: {unused}.",
            )
        ),
        *(_of_kind(kind, owners, cells, links) for kind in FindingKind),
    )


def _of_kind(kind: FindingKind, owners: Sequence[Owner], cells: Cells, links: Links) -> str:
    findings = [f for f in links.names.knowledge.findings.values() if f.kind is kind]
    rows = [
        (links.to("finding", f.id), *(cells[f.id].get(owner.id, "") for owner in owners))
        for f in findings
        if f.id in cells
    ]
    head = ("Finding", *(_column(owner, links) for owner in owners))
    return section(spoken(kind).capitalize(), wide(table(head, rows), "matrix") if rows else "")


def _column(owner: Owner, links: Links) -> str:
    if isinstance(owner, Group):
        return f"Group: {links.to('group', owner.id)}"
    return links.to("cause", owner.id)


def _cells(owners: Iterable[Owner]) -> Cells:
    told: dict[str, dict[str, set[tuple[int, str]]]] = defaultdict(lambda: defaultdict(set))
    for owner in owners:
        for line in owner.evidence:
            for atom in set(atoms_of(line.when)):
                told[atom.finding][owner.id].add(_told(line, atom))
    return {
        finding: {owner: _strongest(entries) for owner, entries in of_owners.items()}
        for finding, of_owners in told.items()
    }


def _told(line: Evidence, atom: Atom) -> tuple[int, str]:
    """The weight of a line, and the form in which a cell shows it, its number left open."""
    form = "{}" if atom.present else "absent {}"
    return weight_of(line), form if suffices(atom, line.when) else f"({form})"


def _strongest(entries: Iterable[tuple[int, str]]) -> str:
    """Of each form the heaviest for and the heaviest against; the plain forms first."""
    heaviest: dict[tuple[str, bool], int] = {}
    for decibans, form in entries:
        key = (form, decibans < 0)
        if abs(decibans) >= abs(heaviest.get(key, 0)):
            heaviest[key] = decibans
    ordered = sorted(heaviest.items(), key=lambda item: (item[0][0][0] == "(", item[0]))
    return ", ".join(form.format(signed(decibans)) for (form, _), decibans in ordered)


def suffices(atom: Atom, criterion: Criterion) -> bool:
    """Whether one statement by itself makes a criterion true.

    >>> either = AnyOf(any=("vomiting", "diarrhea"))
    >>> suffices(Atom("diarrhea", True), either)
    True
    >>> suffices(Atom("diarrhea", True), AllOf(all=("vomiting", "diarrhea")))
    False
    """
    match criterion:
        case str():
            return atom == Atom(criterion, True)
        case Absent(absent=finding):
            return atom == Atom(finding, False)
        case AllOf(all=parts):
            return all(suffices(atom, part) for part in parts)
        case AnyOf(any=parts):
            return any(suffices(atom, part) for part in parts)
        case AtLeast(at_least=needed, of=parts):
            return sum(suffices(atom, part) for part in parts) >= needed
