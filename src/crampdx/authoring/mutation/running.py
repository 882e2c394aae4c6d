"""All mutants judged, by several processes."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor

from crampdx.authoring.cases.reading import LocatedCase
from crampdx.authoring.mutation.models import DEFAULT_OPERATORS, Judged, Mutant, Operator, RuleKey
from crampdx.authoring.mutation.noticing import Judge
from crampdx.authoring.mutation.operators import mutants
from crampdx.knowledge.base import KnowledgeBase

__all__ = ["chosen", "judged"]

CHUNK = 8
"""How many mutants a process is given at a time."""


def chosen(
    knowledge: KnowledgeBase,
    operators: Iterable[Operator] = DEFAULT_OPERATORS,
    rules: frozenset[RuleKey] | None = None,
    at_most: int | None = None,
) -> list[Mutant]:
    """The mutants to judge, in a fixed order.

    Args:
        knowledge: The rules.
        operators: What may be changed.
        rules: The rules that may be changed; None for all.
        at_most: How many; which ones follows from what they are, so that it is always the same.
    """
    wanted = frozenset(operators)
    found = [
        mutant
        for mutant in mutants(knowledge)
        if mutant.change.operator in wanted and (rules is None or mutant.rule in rules)
    ]
    if at_most is not None and len(found) > at_most:
        kept = {mutant.digest for mutant in sorted(found, key=lambda m: m.digest)[:at_most]}
        found = [mutant for mutant in found if mutant.digest in kept]
    return found


def judged(
    knowledge: KnowledgeBase,
    cases: Sequence[LocatedCase],
    found: Sequence[Mutant],
    jobs: int = 1,
) -> Iterator[Judged]:
    """Judge mutants, in their order.

    Args:
        knowledge: The rules.
        cases: Cases that all hold with these rules.
        found: The mutants.
        jobs: How many processes to use; with 1, this one.
    """
    if jobs <= 1 or len(found) <= CHUNK:
        judge = Judge(knowledge, cases)
        yield from (_judged(judge, mutant) for mutant in found)
        return
    # Spawned, not forked: the caller may have threads, such as that of a progress bar.
    executor = ProcessPoolExecutor(
        min(jobs, 1 + len(found) // CHUNK),
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_prepare,
        initargs=(knowledge, tuple(cases)),
    )
    try:
        yield from executor.map(_judged_by_worker, found, chunksize=CHUNK)
    finally:
        executor.shutdown(cancel_futures=True)


def _judged(judge: Judge, mutant: Mutant) -> Judged:
    case = judge.noticed_by(mutant)
    return Judged(mutant, str(case) if case is not None else None)


_judge: Judge | None = None
"""The judge of a worker process."""


def _prepare(knowledge: KnowledgeBase, cases: Sequence[LocatedCase]) -> None:
    """Make a worker ready. An interrupt ends it at once, without a message of its own."""
    global _judge
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    _judge = Judge(knowledge, cases)


def _judged_by_worker(mutant: Mutant) -> Judged:
    if _judge is None:
        raise RuntimeError("the worker was not prepared")
    return _judged(_judge, mutant)
