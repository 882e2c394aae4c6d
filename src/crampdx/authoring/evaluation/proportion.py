"""Proportions with their confidence intervals."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

__all__ = ["Proportion"]

Z = 1.959964
"""The 97.5th percentile of the standard normal distribution, for intervals of 95 %."""


@dataclass(frozen=True, slots=True)
class Proportion:
    """So many hits among so many trials.

    >>> found = Proportion(9, 10)
    >>> found.share
    0.9
    >>> [round(limit, 3) for limit in found.interval]
    [0.596, 0.982]
    >>> str(found), str(Proportion(0, 0))
    ('90 % (60 to 98), 9 of 10', 'no case')
    """

    hits: int
    of: int

    @staticmethod
    def among(trials: Iterable[bool]) -> Proportion:
        """How many of the trials are true."""
        found = list(trials)
        return Proportion(sum(found), len(found))

    @property
    def share(self) -> float | None:
        """From 0 to 1; None where there was no trial."""
        return self.hits / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The score interval of 95 %; None where there was no trial.

        It stays within 0 and 1 and is not empty at either end, unlike the usual approximation
        (Wilson EB. J Am Stat Assoc 1927;22:209-212).
        """
        if not self.of:
            return None
        share, n = self.hits / self.of, self.of
        center = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
        margin = Z / (1 + Z**2 / n) * math.sqrt(share * (1 - share) / n + Z**2 / (4 * n**2))
        # At 0 and at 1 one limit is the share itself, which floating point misses by a hair.
        return max(0.0, min(share, center - margin)), min(1.0, max(share, center + margin))

    def __str__(self) -> str:
        if not self.of:
            return "no case"
        share, interval = self.brief().split(" ", 1)
        return f"{share} % {interval}, {self.hits} of {self.of}"

    def brief(self) -> str:
        """The share and its interval in percent, without the sign; for the cell of a table.

        >>> Proportion(2, 3).brief(), Proportion(0, 0).brief()
        ('67 (21 to 94)', '-')
        """
        if self.share is None or self.interval is None:
            return "-"
        low, high = self.interval
        return f"{100 * self.share:.0f} ({100 * low:.0f} to {100 * high:.0f})"

    def as_json(self) -> dict[str, Any]:
        """Hits, trials, share and interval, in plain types."""
        interval = list(self.interval) if self.interval else None
        return {"hits": self.hits, "of": self.of, "share": self.share, "interval": interval}
