"""The work on requests: one after the other, in a thread, within a time.

The interpreter runs one thread at a time. Several requests at once would each take longer for being
interrupted, and none would be answered sooner; and the data of all of them would be held at once.

Python cannot stop a thread. Work that takes too long is left alone: its client is answered, the
next request has its turn, and the thread ends when it comes to `check_time`, or when it is done.
While there are too many such threads, nothing more is begun.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import TypeVar, TypeVarTuple

import anyio
from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar

from crampdx.service.api.problems import Problem

__all__ = ["begin", "check_time", "run"]

AT_ONCE = 1
"""How many requests are worked on at a time."""

MOST_LEFT = 2
"""How many threads may be left alone at a time."""

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

_turns: RunVar[CapacityLimiter] = RunVar("crampdx_turns")
"""Of each event loop its own."""

_left: RunVar[set[object]] = RunVar("crampdx_left")
"""The work that was left alone, and has not ended."""

_end: ContextVar[float | None] = ContextVar("crampdx_end", default=None)
"""When the request has to be answered, by the monotonic clock."""


def begin(seconds: float) -> None:
    """Set the time of a request: so long from now on."""
    _end.set(time.monotonic() + seconds)


def check_time() -> None:
    """End the work where its client has been answered: between its steps, before it keeps anything.

    Raises:
        Problem: The time is over (504).
    """
    end = _end.get()
    if end is not None and time.monotonic() > end:
        raise _too_late()


async def run(work: Callable[[*Ts], T], *given: *Ts) -> T:
    """Do some work in a thread, when it is its turn.

    Raises:
        Problem: The time of the request is over, before it had its turn (503) or after that (504).
    """
    turn, left = _own(_turns, lambda: CapacityLimiter(AT_ONCE)), _own(_left, set)
    if len(left) >= MOST_LEFT:
        raise _busy()
    has_begun = has_ended = False
    mark = object()

    def begun() -> T:
        nonlocal has_begun, has_ended
        has_begun = True
        try:
            check_time()
            return work(*given)
        finally:
            has_ended = True
            left.discard(mark)

    end = _end.get()
    try:
        with anyio.fail_after(None if end is None else max(0.0, end - time.monotonic())):
            return await to_thread.run_sync(begun, limiter=turn, abandon_on_cancel=True)
    except TimeoutError:
        if not has_begun:
            raise _busy() from None
        left.add(mark)
        if has_ended:  # in the meantime
            left.discard(mark)
        raise _too_late() from None


def _own(variable: RunVar[T], make: Callable[[], T]) -> T:
    try:
        return variable.get()
    except LookupError:
        made = make()
        variable.set(made)
        return made


def _busy() -> Problem:
    message = "the service is busy; send it again in a second"
    return Problem(503, "transient", message, headers={"retry-after": "1"})


def _too_late() -> Problem:
    return Problem(504, "timeout", "the answer took too long; send less of the record")
