"""Claims of a record's entries on findings, and how they are weighed against each other.

Each entry claims that a finding is present, or absent, by a value or an assertion, on a day. The
claims of one finding are weighed in this order:

1. A value outranks an assertion.
2. Among values, the latest in date; values of one date that differ: those of the measurement of
   the highest precedence (ionized before total calcium), then the abnormal one, with a warning.
3. Among assertions that differ, the latest dated; where dates do not tell, the finding is unknown,
   with a warning.

The same order decides between a finding that is present and what it implies, if that is absent.
Then presence is passed up, and absence down, along `implies`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum
from typing import NamedTuple

from crampdx.assessment import Level, RecordWarning, WarningCode
from crampdx.engine.intake.vocabulary import Vocabulary
from crampdx.record.models import MAX_PLACES

__all__ = ["Claim", "ClaimStrength", "ResolvedClaim", "ResolvedFindings", "propagate", "resolve"]


class ClaimStrength(IntEnum):
    """What kind of claim outranks what other."""

    ASSERTION = 1
    VALUE = 2


class Claim(NamedTuple):
    """What one entry of the record says of one finding. State None: a value that leaves it open."""

    state: bool | None
    rank: ClaimStrength
    day: date | None
    place: str
    precedence: int = 0


class ResolvedClaim(NamedTuple):
    """The state of a finding by its own claims."""

    state: bool
    rank: ClaimStrength
    day: date | None
    places: tuple[str, ...]


@dataclass(slots=True)
class ResolvedFindings:
    """What the claims come to.

    Attributes:
        states: True for present, False for absent; a finding that is not in it is unknown.
        direct: The findings with claims of their own that stand.
        unresolved: Findings that are unknown because claims contradict each other.
        warnings: What was contradicted, and how it was resolved.
    """

    states: dict[str, bool] = field(default_factory=dict)
    direct: dict[str, ResolvedClaim] = field(default_factory=dict)
    unresolved: set[str] = field(default_factory=set)
    warnings: list[RecordWarning] = field(default_factory=list)

    def warn(
        self, level: Level, code: WarningCode, places: Iterable[str], message: str, *of: str
    ) -> None:
        """Note a contradiction, at the places that have part in it."""
        named = sorted(set(places))
        more = f" and {len(named) - MAX_PLACES} more" if len(named) > MAX_PLACES else ""
        where = f"{', '.join(named[:MAX_PLACES])}{more}"
        self.warnings.append(RecordWarning(level, code, where, message, of))


def resolve(claims: Mapping[str, list[Claim]], vocabulary: Vocabulary) -> ResolvedFindings:
    """Weigh the claims on each finding, then pass presence up and absence down."""
    resolved = ResolvedFindings()
    for finding, own in claims.items():
        direct = _weigh(finding, own, resolved)
        if direct is not None:
            resolved.direct[finding] = direct
    _resolve_implications(resolved, vocabulary)
    propagate(resolved, vocabulary)
    return resolved


def _weigh(finding: str, claims: list[Claim], resolved: ResolvedFindings) -> ResolvedClaim | None:
    """The state of a finding by its claims, or None where they leave it unknown."""
    if len(claims) == 1:
        state, rank, day, place, _ = claims[0]
        return None if state is None else ResolvedClaim(state, rank, day, (place,))
    deciding = _find_deciding(claims)
    if not _differ(deciding):
        state = deciding[0].state
        return None if state is None else _conclude(state, deciding, claims, finding, resolved)
    if deciding[0].rank is ClaimStrength.ASSERTION:
        message = "recorded as both present and absent; treated as unknown"
        resolved.warn(Level.WARNING, "contradictory", _places(deciding), message, finding)
        resolved.unresolved.add(finding)
        return None
    abnormal = [claim for claim in deciding if claim.state]
    if not abnormal:
        return None
    message = "values of one date differ; the abnormal one is used"
    resolved.warn(Level.WARNING, "values_differ", _places(deciding), message, finding)
    noted = set(deciding)
    others = [claim for claim in claims if claim.state or claim not in noted]
    return _conclude(True, abnormal, others, finding, resolved)


def _find_deciding(claims: list[Claim]) -> list[Claim]:
    """The strongest claims; where these differ the latest, and then those of highest precedence."""
    strength = max(claim.rank for claim in claims)
    deciding = [claim for claim in claims if claim.rank is strength]
    if _differ(deciding):
        deciding = _latest(deciding)
    if _differ(deciding):
        highest = max(claim.precedence for claim in deciding)
        deciding = [claim for claim in deciding if claim.precedence == highest]
    return deciding


def _conclude(
    state: bool,
    deciding: list[Claim],
    claims: list[Claim],
    finding: str,
    resolved: ResolvedFindings,
) -> ResolvedClaim:
    """The state that was decided, at every place that says so; what contradicts it is noted."""
    contradicted = [claim for claim in claims if claim.state is (not state)]
    if contradicted:
        message = "contradicted by a measurement or a later entry; ignored"
        resolved.warn(Level.INFO, "outranked", _places(contradicted), message, finding)
    latest = max((claim.day for claim in deciding if claim.day is not None), default=None)
    places = tuple(sorted({claim.place for claim in claims if claim.state is state}))
    return ResolvedClaim(state, deciding[0].rank, latest, places)


def _differ(claims: Iterable[Claim]) -> bool:
    return len({claim.state for claim in claims}) > 1


def _places(claims: Iterable[Claim]) -> Iterator[str]:
    return (claim.place for claim in claims)


def _latest(claims: list[Claim]) -> list[Claim]:
    """The claims of the latest date.

    Undated values count as of the latest date. Undated assertions cannot be ordered: all stay.
    """
    latest = max((claim.day for claim in claims if claim.day is not None), default=None)
    has_undated = any(claim.day is None for claim in claims)
    if latest is None or (has_undated and claims[0].rank is ClaimStrength.ASSERTION):
        return claims
    return [claim for claim in claims if claim.day is None or claim.day == latest]


def _resolve_implications(resolved: ResolvedFindings, vocabulary: Vocabulary) -> None:
    """Where a finding is present and what it implies is absent, let the stronger claim stand."""
    direct = resolved.direct
    losers: set[str] = set()
    for finding in sorted(name for name, own in direct.items() if own.state):
        for ancestor in vocabulary.ancestors[finding]:
            other = direct.get(ancestor)
            if other is None or other.state:
                continue
            beaten = _weaker(finding, ancestor, direct)
            losers.update(beaten)
            places = (*direct[finding].places, *other.places)
            if len(beaten) > 1:
                resolved.unresolved.update(beaten)
                message = f"'{finding}' is present, yet '{ancestor}', which it implies, is absent"
                resolved.warn(Level.WARNING, "contradictory", places, message, ancestor, finding)
            else:
                message = f"'{beaten[0]}' is contradicted by a stronger or later entry"
                resolved.warn(Level.WARNING, "outranked", places, message, beaten[0])
    for loser in losers:
        del direct[loser]


def _weaker(finding: str, ancestor: str, direct: Mapping[str, ResolvedClaim]) -> tuple[str, ...]:
    """Which of two that contradict each other gives way; both, where nothing decides."""
    one, two = direct[finding], direct[ancestor]
    if one.rank != two.rank:
        return (finding,) if one.rank < two.rank else (ancestor,)
    if one.day is not None and two.day is not None and one.day != two.day:
        return (finding,) if one.day < two.day else (ancestor,)
    return (finding, ancestor)


def propagate(resolved: ResolvedFindings, vocabulary: Vocabulary) -> None:
    """Add to the states: presence goes up along `implies`, absence goes down."""
    states = resolved.states
    for finding, direct in resolved.direct.items():
        state = states[finding] = direct.state
        for other in (vocabulary.ancestors if state else vocabulary.descendants)[finding]:
            states[other] = state
