"""Laws of concurrency: many threads give what one gives, and no thread is started."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import FEW, Entry, Pack, article_knowledge, load, packs, records, records_for

from crampdx import Assessor


@pytest.fixture(scope="module", autouse=True)
def impatient_threads() -> Iterator[None]:
    """Threads take turns as often as Python lets them."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.fixture(scope="module")
def assessor() -> Assessor:
    return Assessor(article_knowledge())


def by_threads(assessor: Assessor, given: list[Entry], threads: int) -> list[list[str]]:
    """Every thread assesses all records, each beginning with another, at the same time."""
    start = Barrier(threads)

    def work(number: int) -> list[str]:
        order = [(index + number) % len(given) for index in range(len(given))]
        start.wait()
        answers = {index: assessor.assess(given[index]).model_dump_json() for index in order}
        return [answers[index] for index in range(len(given))]

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, range(threads)))


@pytest.mark.parametrize("threads", [2, 8])
@FEW
@given(given_=st.lists(records(), min_size=4, max_size=12))
def test_threads_give_what_one_gives(assessor: Assessor, threads: int, given_: list[Entry]) -> None:
    """On one shared assessor, each of several threads gives the bytes that one alone gives."""
    alone = [assessor.assess(record).model_dump_json() for record in given_]
    assert by_threads(assessor, given_, threads) == [alone] * threads


@FEW
@given(made=packs(), data=st.data())
def test_threads_on_a_new_assessor(made: Pack, data: st.DataObject) -> None:
    """Eight threads that come first to an assessor give what one gives on another."""
    base = load(made)
    given_ = data.draw(st.lists(records_for(base), min_size=3, max_size=6))
    alone = [Assessor(base).assess(record).model_dump_json() for record in given_]
    assert by_threads(Assessor(base), given_, 8) == [alone] * 8


def test_no_thread_is_started() -> None:
    """After import and an assessment the process has the one thread that it began with."""
    program = (
        "import os, sys, threading, crampdx\n"
        "crampdx.assess({'findings': {'muscle_cramp': True}})\n"
        "assert 'durable.lang' not in sys.modules\n"
        "print(threading.active_count(), len(os.listdir('/proc/self/task')))"
    )
    ended = subprocess.run(  # noqa: S603
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ended.stdout.split() == ["1", "1"]
