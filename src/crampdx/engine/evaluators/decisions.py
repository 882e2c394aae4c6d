"""What each conjunction decides: the form of the criteria from which the fast evaluators are built.

A criterion is true where one of the conjunctions of its disjunctive form holds, false where one of
its negation does, and unknown where none does. So an evaluator has to find the conjunctions that
hold, and nothing else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

from crampdx.knowledge.criteria import Criterion
from crampdx.knowledge.normal_forms import Conjunction, disjunctive_form

__all__ = ["NOTHING", "Decisions", "decisions_of"]


class Decisions(NamedTuple):
    """The criteria that something makes true, and those that it makes false, by their index."""

    true: tuple[int, ...]
    false: tuple[int, ...]


NOTHING = Decisions((), ())


def decisions_of(criteria: Mapping[int, Criterion]) -> dict[Conjunction, Decisions]:
    """Find what each distinct conjunction of the criteria decides.

    Args:
        criteria: Criteria by their index.

    >>> for conjunction, decided in decisions_of({7: "numbness"}).items():
    ...     print(*conjunction, decided)
    Atom(finding='numbness', present=False) Decisions(true=(), false=(7,))
    Atom(finding='numbness', present=True) Decisions(true=(7,), false=())
    """
    true_for: dict[Conjunction, list[int]] = defaultdict(list)
    false_for: dict[Conjunction, list[int]] = defaultdict(list)
    for index, criterion in criteria.items():
        for conjunction in disjunctive_form(criterion):
            true_for[conjunction].append(index)
        for conjunction in disjunctive_form(criterion, negation=True):
            false_for[conjunction].append(index)
    return {
        conjunction: Decisions(
            tuple(true_for.get(conjunction, ())), tuple(false_for.get(conjunction, ()))
        )
        for conjunction in sorted({*true_for, *false_for}, key=sorted)
    }
