"""The truth tables of the criteria language, row by row, for every evaluator.

T is true or present, F false or absent, U unknown.

Source: Kleene SC. Introduction to Metamathematics, 1952, section 64.
"""

from __future__ import annotations

import pytest
from evaluator_kinds import EVERY, compiled

from crampdx.assessment import EvaluatorName
from crampdx.engine.evaluators.protocol import Verdict
from crampdx.knowledge.criteria import Absent, AllOf, AnyOf, AtLeast, Criterion

VALUES: dict[str, Verdict] = {"T": True, "F": False, "U": None}

PRESENT = """
    T -> T
    F -> F
    U -> U
"""
ABSENT = """
    T -> F
    F -> T
    U -> U
"""
ALL = """
    T T -> T
    T F -> F
    T U -> U
    F T -> F
    F F -> F
    F U -> F
    U T -> U
    U F -> F
    U U -> U
"""
ANY = """
    T T -> T
    T F -> T
    T U -> T
    F T -> T
    F F -> F
    F U -> U
    U T -> T
    U F -> U
    U U -> U
"""
AT_LEAST_2_OF_3 = """
    T T T -> T
    T T F -> T
    T T U -> T
    T F T -> T
    T F F -> F
    T F U -> U
    T U T -> T
    T U F -> U
    T U U -> U
    F T T -> T
    F T F -> F
    F T U -> U
    F F T -> F
    F F F -> F
    F F U -> F
    F U T -> U
    F U F -> F
    F U U -> U
    U T T -> T
    U T F -> U
    U T U -> U
    U F T -> U
    U F F -> F
    U F U -> U
    U U T -> U
    U U F -> U
    U U U -> U
"""
AT_LEAST_1_OF_2 = ANY
AT_LEAST_2_OF_2 = ALL
NEVER = """
    T T -> F
    T F -> F
    T U -> F
    F T -> F
    F F -> F
    F U -> F
    U T -> F
    U F -> F
    U U -> F
"""
ONE_FINDING_BOTH_WAYS_IN_ALL = """
    T -> F
    F -> F
    U -> U
"""
ONE_FINDING_BOTH_WAYS_IN_ANY = """
    T -> T
    F -> T
    U -> U
"""
ALL_OF_A_AND_ANY_OF_B_C = """
    T T T -> T
    T T F -> T
    T T U -> T
    T F T -> T
    T F F -> F
    T F U -> U
    T U T -> T
    T U F -> U
    T U U -> U
    F T T -> F
    F T F -> F
    F T U -> F
    F F T -> F
    F F F -> F
    F F U -> F
    F U T -> F
    F U F -> F
    F U U -> F
    U T T -> U
    U T F -> U
    U T U -> U
    U F T -> U
    U F F -> F
    U F U -> U
    U U T -> U
    U U F -> U
    U U U -> U
"""

TABLES: dict[str, tuple[Criterion, str]] = {
    "present": ("a", PRESENT),
    "absent": (Absent(absent="a"), ABSENT),
    "all": (AllOf(all=("a", "b")), ALL),
    "any": (AnyOf(any=("a", "b")), ANY),
    "at_least 2 of 3": (AtLeast(at_least=2, of=("a", "b", "c")), AT_LEAST_2_OF_3),
    "at_least 1 of 2": (AtLeast(at_least=1, of=("a", "b")), AT_LEAST_1_OF_2),
    "at_least 2 of 2": (AtLeast(at_least=2, of=("a", "b")), AT_LEAST_2_OF_2),
    "at_least 3 of 2": (AtLeast(at_least=3, of=("a", "b")), NEVER),
    "all of a and not a": (
        AllOf(all=("a", Absent(absent="a"))),
        ONE_FINDING_BOTH_WAYS_IN_ALL,
    ),
    "any of a and not a": (
        AnyOf(any=("a", Absent(absent="a"))),
        ONE_FINDING_BOTH_WAYS_IN_ANY,
    ),
    "all of a and any of b, c": (
        AllOf(all=("a", AnyOf(any=("b", "c")))),
        ALL_OF_A_AND_ANY_OF_B_C,
    ),
}


ROWS = [
    pytest.param(
        criterion, row.split("->")[0].split(), row.split("->")[1].strip(), id=f"{name}{row}"
    )
    for name, (criterion, table) in TABLES.items()
    for row in table.strip().splitlines()
]


@pytest.mark.parametrize("evaluator", EVERY)
@pytest.mark.parametrize(("criterion", "given", "verdict"), ROWS)
def test_row(
    criterion: Criterion,
    given: list[str],
    verdict: str,
    evaluator: EvaluatorName,
) -> None:
    """The verdict is that of the truth table's row."""
    drawn = {name: VALUES[value] for name, value in zip("abc", given, strict=False)}
    states = {name: state for name, state in drawn.items() if state is not None}
    assert compiled(evaluator, [criterion], {}).infer(states).verdicts == [VALUES[verdict]]


@pytest.mark.parametrize("name", list(TABLES))
def test_table_has_every_row_once(name: str) -> None:
    """A table has one row for each combination of the three values."""
    rows = [tuple(row.split("->")[0].split()) for row in TABLES[name][1].strip().splitlines()]
    assert len(rows) == len(set(rows)) == 3 ** len(rows[0])
