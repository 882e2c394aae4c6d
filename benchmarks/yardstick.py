"""A fixed piece of work in plain Python, by which the figures of two machines can be compared.

It does what the library does most: looks up names in dicts, compares, fills lists, adds, sorts. It
is the same in every version of crampdx, so do not change it: figures in yardsticks would no longer
compare.
"""

from __future__ import annotations

from benchmarks.timing import Clock, Spread, block, quartiles, us

__all__ = ["CHECKSUM", "measure", "work"]

CHECKSUM = 15_065
"""What the work comes to."""

_NAMES = [f"finding_{number}" for number in range(300)]
_STATES = {name: number % 3 == 0 for number, name in enumerate(_NAMES) if number % 5}
_ASKED = [(_NAMES[number * 7 % 300], number % 2 == 0, number % 11) for number in range(600)]


def work(_: object = None) -> int:
    """Do the work once, and give its sum."""
    known = dict(_STATES)
    totals: list[int] = [0] * 11
    for name, wanted, place in _ASKED:
        if known.get(name) is wanted:
            totals[place] += len(name)
    order = sorted(range(11), key=lambda place: (-totals[place], place))
    return sum(totals[place] * rank for rank, place in enumerate(order, 1))


def measure(rounds: int, clock: Clock) -> str:
    """Time the work, in as many rounds of 200, as a line of text."""
    times = [block(work, range(200), clock) for _ in range(rounds)]
    spread = Spread.of_rounds(times)
    return (
        f"The yardstick, a fixed piece of work in plain Python, takes {us(spread.median)} µs"
        f" (quartiles {quartiles(spread)}, quietest round {us(spread.quietest)}). Divide by it to"
        " compare with another machine."
    )
