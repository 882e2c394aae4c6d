"""The criteria language: what a rule may ask of a patient's findings.

A criterion has the shape it has in YAML, so that reading and writing it is the identity:

=============================  ==========================================================
``sensory_loss``               the finding is present
``{absent: sensory_loss}``     the finding is absent (an unknown finding is never absent)
``{all: [...]}``               every part holds
``{any: [...]}``               at least one part holds
``{at_least: 2, of: [...]}``   at least so many parts hold
=============================  ==========================================================

The value of a criterion is true, false or unknown, by Kleene's strong three-valued logic;
`crampdx.engine.evaluators.reference` defines it. This module turns criteria into disjunctive normal
form, from which the rule network is built.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

__all__ = [
    "MAX_CONJUNCTIONS",
    "MAX_FINDINGS",
    "Absent",
    "AllOf",
    "AnyOf",
    "AtLeast",
    "Atom",
    "Conjunction",
    "Criterion",
    "FindingId",
    "TooLarge",
    "atoms_of",
    "disjunctive_form",
    "findings_in",
]

MAX_CONJUNCTIONS = 128
"""The most conjunctions a criterion, or its negation, may have in disjunctive normal form."""

MAX_GROWTH = 8 * MAX_CONJUNCTIONS
"""The most conjunctions on the way to a disjunctive form, before those covered are dropped."""

MAX_FINDINGS = 60
"""The most distinct findings one criterion may name: the bound of one shard of the network."""

FindingId = Annotated[
    str,
    Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=80, description="The id of a finding."),
]


class _Clause(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Absent(_Clause):
    """The finding is known to be absent.

    Attributes:
        absent: The finding that has to be absent.
    """

    absent: FindingId


class AllOf(_Clause):
    """Every part holds.

    Attributes:
        all: The parts.
    """

    all: Annotated[tuple[Criterion, ...], Field(min_length=1)]


class AnyOf(_Clause):
    """At least one part holds.

    Attributes:
        any: The parts.
    """

    any: Annotated[tuple[Criterion, ...], Field(min_length=1)]


class AtLeast(_Clause):
    """At least ``at_least`` of the parts hold.

    Attributes:
        at_least: How many have to hold.
        of: The parts.
    """

    at_least: Annotated[int, Field(ge=1, strict=True)]
    of: Annotated[tuple[Criterion, ...], Field(min_length=1)]


_CLAUSES = {"absent": "an absence", "at_least": "at least", "of": "at least", "any": "any of"}


def _clause_of(value: Any) -> str:
    """Which form of the language this is; what is none of them is judged as 'all' or as an id."""
    if isinstance(value, Mapping):
        keys: Any = value
    elif isinstance(value, BaseModel):
        keys = type(value).model_fields
    else:
        return "a finding"
    return next(
        (form for key, form in _CLAUSES.items() if key in keys and "all" not in keys), "all of"
    )


Criterion = Annotated[
    Annotated[FindingId, Tag("a finding")]
    | Annotated[Absent, Tag("an absence")]
    | Annotated[AllOf, Tag("all of")]
    | Annotated[AnyOf, Tag("any of")]
    | Annotated[AtLeast, Tag("at least")],
    Discriminator(_clause_of),
]
"""A finding's id, or a clause over criteria."""


class Atom(NamedTuple):
    """A finding together with the state that is asked of it."""

    finding: str
    present: bool


Conjunction = frozenset[Atom]
"""A set of atoms that must all hold."""


class TooLarge(ValueError):
    """A clause whose disjunctive form exceeds `MAX_CONJUNCTIONS`."""

    def __init__(self, clause: Criterion, negation: bool) -> None:
        self.clause = clause
        self.negation = negation
        super().__init__(
            f"{'the negation of ' if negation else ''}this clause has more than"
            f" {MAX_CONJUNCTIONS} conjunctions in disjunctive form"
        )


def parts_of(criterion: Criterion) -> tuple[Criterion, ...]:
    """The direct parts of a clause; of an atom, none."""
    match criterion:
        case AllOf(all=parts) | AnyOf(any=parts) | AtLeast(of=parts):
            return parts
        case _:
            return ()


def atoms_of(criterion: Criterion) -> Iterator[Atom]:
    """Every atom of the criterion, in the order of writing.

    >>> list(atoms_of(AllOf(all=("numbness", Absent(absent="rigidity")))))
    [Atom(finding='numbness', present=True), Atom(finding='rigidity', present=False)]
    """
    match criterion:
        case str():
            yield Atom(criterion, True)
        case Absent(absent=finding):
            yield Atom(finding, False)
        case _:
            for part in parts_of(criterion):
                yield from atoms_of(part)


def findings_in(criterion: Criterion) -> frozenset[str]:
    """The findings that the criterion names."""
    return frozenset(atom.finding for atom in atoms_of(criterion))


def _minimal(conjunctions: set[Conjunction]) -> frozenset[Conjunction]:
    """Drop what can never hold (a finding both ways) and what a shorter conjunction covers."""
    possible = sorted(
        (c for c in conjunctions if len({atom.finding for atom in c}) == len(c)), key=len
    )
    kept: list[Conjunction] = []
    for conjunction in possible:
        if not any(shorter <= conjunction for shorter in kept):
            kept.append(conjunction)
    return frozenset(kept)


def disjunctive_form(criterion: Criterion, *, negation: bool = False) -> frozenset[Conjunction]:
    """The conjunctions of which at least one must hold for the criterion to be true.

    A conjunction that asks a finding to be both present and absent is left out, and so is one
    that a shorter one covers; neither changes a verdict. An empty result means that the
    criterion can never hold.

    Args:
        criterion: What to convert.
        negation: Convert the criterion's negation instead.

    Raises:
        TooLarge: More than `MAX_CONJUNCTIONS` conjunctions; names the smallest clause at fault.

    >>> sorted(sorted(c) for c in disjunctive_form(AllOf(all=("a", AnyOf(any=("b", "c"))))))
    ... # doctest: +NORMALIZE_WHITESPACE
    [[Atom(finding='a', present=True), Atom(finding='b', present=True)],
     [Atom(finding='a', present=True), Atom(finding='c', present=True)]]
    """
    match criterion:
        case str():
            return frozenset({frozenset({Atom(criterion, not negation)})})
        case Absent(absent=finding):
            return frozenset({frozenset({Atom(finding, negation)})})
    parts = parts_of(criterion)
    forms = [disjunctive_form(part, negation=negation) for part in parts]
    match criterion:
        case AllOf():
            needed = 1 if negation else len(parts)
        case AnyOf():
            needed = len(parts) if negation else 1
        case AtLeast(at_least=count):
            needed = len(parts) - count + 1 if negation else count
    if needed > len(parts):
        return frozenset()
    if needed <= 0:
        return frozenset({frozenset()})
    minimal = _minimal(_chosen(forms, needed, criterion, negation))
    if len(minimal) > MAX_CONJUNCTIONS:
        raise TooLarge(criterion, negation)
    return minimal


def _chosen(
    forms: Sequence[frozenset[Conjunction]], needed: int, clause: Criterion, negation: bool
) -> set[Conjunction]:
    """The conjunctions that make at least so many of the forms hold, built up form by form."""
    chosen: dict[int, set[Conjunction]] = {0: {frozenset()}}
    for left, form in zip(range(len(forms) - 1, -1, -1), forms, strict=True):
        grown = {count: set(conjunctions) for count, conjunctions in chosen.items()}
        for count, conjunctions in chosen.items():
            if count < needed:
                more = grown.setdefault(count + 1, set())
                more.update(one | other for one in conjunctions for other in form)
        chosen = {count: found for count, found in grown.items() if count + left >= needed}
        if any(len(found) > MAX_GROWTH for found in chosen.values()):
            raise TooLarge(clause, negation)
    return chosen.get(needed, set())
