"""Which mutants the cases notice: each is tried against case after case, by several processes."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from typing import Any

from crampdx.authoring.cases.reading import LocatedCase, known_ids, unknown_ids
from crampdx.authoring.cases.runner import run_case, unknown_record_ids
from crampdx.authoring.mutation.models import Mutant, MutantOutcome
from crampdx.engine.assessor import Assessor
from crampdx.knowledge.base import KnowledgeBase

__all__ = ["MutationRunner", "failing_cases", "mutated", "run_mutants"]

CHUNK = 8
"""How many mutants a process is given at a time."""


def mutated(knowledge: KnowledgeBase, mutant: Mutant) -> KnowledgeBase:
    """Make the change of a mutant. The knowledge base is not checked again."""
    entries: dict[str, Any] = dict(getattr(knowledge, mutant.collection))
    if mutant.entry is None:
        del entries[mutant.key]
    else:
        entries[mutant.key] = mutant.entry
    changes: dict[str, Any] = {mutant.collection: entries}
    return replace(knowledge, **changes)


def failing_cases(
    knowledge: KnowledgeBase, cases: Iterable[LocatedCase]
) -> tuple[LocatedCase, ...]:
    """List the cases that do not hold with these rules."""
    assessor = Assessor(knowledge)
    return tuple(case for case in cases if not _holds(case, assessor))


def _holds(case: LocatedCase, assessor: Assessor) -> bool:
    """Tell whether a case would pass: what it expects holds, and its record names what there is."""
    result = run_case(case, assessor)
    return result.passed and not any(unknown_record_ids(result))


class MutationRunner:
    """Rules with their cases, ready to try mutants one after another."""

    def __init__(self, knowledge: KnowledgeBase, cases: Sequence[LocatedCase]) -> None:
        """Arrange the cases by the words of what they expect.

        Args:
            knowledge: The rules.
            cases: Their cases. Those that expect nothing, or are to fail, are left out; all others
                hold.
        """
        self.knowledge = knowledge
        self.cases = tuple(
            (case, _expected_words(case))
            for case in cases
            if case.case.expect and not case.case.xfail
        )

    def run(self, mutant: Mutant) -> MutantOutcome:
        """Try a mutant against the cases, those that speak of its rule first."""
        return MutantOutcome(mutant, next(map(str, self._failing(mutant)), None))

    def _failing(self, mutant: Mutant) -> Iterator[LocatedCase]:
        changed = mutated(self.knowledge, mutant)
        cases = self._likeliest_first(mutant)
        if mutant.change.item is None:
            known = known_ids(changed)
            yield from (case for case in cases if any(unknown_ids(case, known)))
        assessor = Assessor(changed, evaluator="reference")
        yield from (case for case in cases if not _holds(case, assessor))

    def _likeliest_first(self, mutant: Mutant) -> list[LocatedCase]:
        names = (mutant.rule.id, mutant.owner)
        ordered = sorted(self.cases, key=lambda pair: tuple(name not in pair[1] for name in names))
        return [case for case, _ in ordered]


def _expected_words(case: LocatedCase) -> frozenset[str]:
    """Collect every id in what a case expects."""
    expect = case.case.expect
    return frozenset(_words(expect.model_dump(exclude_none=True)) if expect else ())


def _words(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            yield from (word for pair in value.items() for part in pair for word in _words(part))
        case tuple() | list():
            yield from (word for part in value for word in _words(part))


def run_mutants(
    knowledge: KnowledgeBase,
    cases: Sequence[LocatedCase],
    mutants: Sequence[Mutant],
    jobs: int = 1,
) -> Iterator[MutantOutcome]:
    """Try mutants, in their order.

    Args:
        knowledge: The rules.
        cases: Cases that all hold with these rules.
        mutants: The mutants.
        jobs: How many processes to use; with 1, this one.
    """
    if jobs <= 1 or len(mutants) <= CHUNK:
        yield from map(MutationRunner(knowledge, cases).run, mutants)
        return
    # Spawned, not forked: the caller may have threads, such as that of a progress bar.
    executor = ProcessPoolExecutor(
        min(jobs, 1 + len(mutants) // CHUNK),
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_prepare,
        initargs=(knowledge, tuple(cases)),
    )
    try:
        yield from executor.map(_run_in_worker, mutants, chunksize=CHUNK)
    finally:
        executor.shutdown(cancel_futures=True)


_runner: MutationRunner | None = None
"""The runner of a worker process."""


def _prepare(knowledge: KnowledgeBase, cases: Sequence[LocatedCase]) -> None:
    """Make a worker ready. An interrupt ends it at once, without a message of its own."""
    global _runner
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    _runner = MutationRunner(knowledge, cases)


def _run_in_worker(mutant: Mutant) -> MutantOutcome:
    if _runner is None:
        raise RuntimeError("the worker was not prepared")
    return _runner.run(mutant)
