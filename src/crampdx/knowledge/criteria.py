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
`crampdx.engine.evaluators.reference` defines it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

__all__ = [
    "Absent",
    "AllOf",
    "AnyOf",
    "AtLeast",
    "Atom",
    "Criterion",
    "FindingId",
    "atoms_of",
    "findings_in",
    "parts_of",
]

FindingId = Annotated[
    str,
    Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=80, description="The id of a finding."),
]


class _Clause(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Absent(_Clause):
    """The finding is known to be absent."""

    absent: FindingId
    """The finding that has to be absent."""


class AllOf(_Clause):
    """Every part holds."""

    all: Annotated[tuple[Criterion, ...], Field(min_length=1)]
    """The parts."""


class AnyOf(_Clause):
    """At least one part holds."""

    any: Annotated[tuple[Criterion, ...], Field(min_length=1)]
    """The parts."""


class AtLeast(_Clause):
    """At least ``at_least`` of the parts hold."""

    at_least: Annotated[int, Field(ge=1, strict=True)]
    """How many have to hold."""
    of: Annotated[tuple[Criterion, ...], Field(min_length=1)]
    """The parts."""


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
