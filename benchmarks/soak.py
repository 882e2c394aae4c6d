"""Memory: very many assessments in one process."""

from __future__ import annotations

import gc
from itertools import cycle, islice
from time import perf_counter

import psutil

from benchmarks.workload import varied_records
from crampdx import Assessor

_POOL = 5_000
_MIB = 1024 * 1024


def measure(assessor: Assessor, number: int) -> str:
    """Resident memory after each tenth of the assessments, as one line of text."""
    process = psutil.Process()
    records = varied_records(assessor.knowledge, min(_POOL, number))
    waiting = cycle(records)
    resident: list[float] = []
    start = perf_counter()
    for _ in range(10):
        for record in islice(waiting, max(1, number // 10)):
            assessor.assess(record).model_dump_json()
        gc.collect()
        resident.append(process.memory_info().rss / _MIB)
    passed = perf_counter() - start
    growth = resident[-1] - resident[0]
    return (
        f"{number:,} assessments with their JSON, over {len(records):,} different records of 0 to"
        f" 60 findings, values, codes and unknown entries, in {passed:,.0f} s: resident memory"
        f" {resident[0]:.1f} MiB after a tenth, {resident[-1]:.1f} MiB at the end, at most"
        f" {max(resident):.1f} MiB; growth {growth:+.1f} MiB."
    )
