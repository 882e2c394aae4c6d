"""Who answers for an entry: its review, whom it is for, and which personal attributes it uses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.criteria import Criterion
from crampdx.knowledge.models import (
    Attribute,
    AttributeValue,
    Cause,
    Pack,
    Population,
    RedFlag,
    Status,
    Test,
    Treatment,
)

__all__ = ["Governance", "Governed", "attributes_of", "attributes_used", "governance"]

USES = {Attribute.AGE: "date_of_birth", Attribute.SEX: "sex", Attribute.PREGNANT: "sex"}
"""What reading an attribute of the person uses, in the words of the source attributes."""


Governed = Cause | RedFlag | Test | Treatment
"""The kinds of entries that are reviewed one by one."""


@dataclass(frozen=True, slots=True)
class Governance:
    """What a reader has to know of an entry beside the medicine.

    Attributes:
        pack: The pack that defines it; empty where that is not known.
        status: How far it has been reviewed.
        reviewed: The day of its last review, its own or that of its pack.
        next_review: The day by which it is to be reviewed again.
        population: For whom its pack is meant, and itself: both have to fit.
        uses: The personal attributes that its criteria and population read, among the source
            attributes 5 to 13 of ONC HTI-1. Read from the rules, not declared.
    """

    pack: str
    status: Status
    reviewed: date | None
    next_review: date | None
    population: tuple[Population, ...]
    uses: tuple[str, ...]


def governance(entry: Governed, knowledge: KnowledgeBase) -> Governance:
    """What is to be known of an entry beside the medicine.

    >>> knowledge = KnowledgeBase.load("article")
    >>> found = governance(knowledge.causes["amyotrophic_lateral_sclerosis"], knowledge)
    >>> found.pack, found.status, str(found.reviewed), found.uses
    ('article', 'draft', '2026-11-23', ('date_of_birth',))
    """
    kind, criteria, population = _parts_of(entry)
    pack = _pack_of(kind, entry.id, knowledge)
    reads = attributes_used(criteria, knowledge)
    return Governance(
        pack=pack.name if pack else "",
        status=entry.status,
        reviewed=entry.reviewed or (pack.reviewed if pack else None),
        next_review=entry.next_review or (pack.next_review if pack else None),
        population=(*((pack.population,) if pack else ()), population),
        uses=tuple(sorted(reads | attributes_of(population))),
    )


def _parts_of(entry: Governed) -> tuple[str, list[Criterion], Population]:
    """The kind of an entry, its criteria, and for whom it is."""
    match entry:
        case Cause():
            return "cause", [line.when for line in entry.evidence], entry.population
        case RedFlag():
            held_back = [entry.unless] if entry.unless is not None else []
            return "red_flag", [entry.when, *held_back], Population()
        case Test():
            return "test", [], entry.population
        case Treatment():
            indicated = [line.when for line in entry.indications if line.when is not None]
            criteria = [*indicated, *(line.when for line in entry.cautions)]
            return "treatment", criteria, Population()


def attributes_used(criteria: Iterable[Criterion], knowledge: KnowledgeBase) -> set[str]:
    """The personal attributes that criteria read, through derived and implied findings too."""
    named = set[str]().union(*(knowledge.rests_on(criterion) for criterion in criteria))
    below = knowledge.descendants() if named else {}
    return {
        USES[form.attribute]
        for finding in named.union(*(below.get(name, ()) for name in named))
        for form in knowledge.findings[finding].shown_by
        if isinstance(form, AttributeValue) and form.attribute in USES
    }


def attributes_of(population: Population) -> set[str]:
    """The personal attributes by which a population is limited."""
    limits = {"date_of_birth": population.age, "sex": population.sex}
    return {name for name, limit in limits.items() if limit is not None}


def _pack_of(kind: str, entry: str, knowledge: KnowledgeBase) -> Pack | None:
    name = knowledge.pack_of.get((kind, entry))
    return next((pack for pack in knowledge.packs if pack.name == name), None)
