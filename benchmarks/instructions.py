"""Instructions executed for a patient, counted by valgrind: a figure that no other job changes.

An engine answers all patients once, and in another process three times; the difference, halved, is
what one pass takes, without what is paid once. Hashing of text and collection of garbage are fixed,
so the count is nearly the same at every run.
"""

from __future__ import annotations

import gc
import os
import pickle
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.engines.base import Rules, States
from benchmarks.timing import table
from benchmarks.yardstick import work

_YARDSTICK = "yardstick"
_ENGINES = {
    "crampdx, builtin": "benchmarks.engines.own:Builtin",
    "crampdx, durable_rules": "benchmarks.engines.own:DurableRules",
    "crampdx, reference": "benchmarks.engines.own:Reference",
    "clipspy, one fact a patient": "benchmarks.engines.clips:FactPerPatient",
    "yardstick": _YARDSTICK,
}


def measure(rules: Rules, patients: Sequence[States]) -> str:
    """Count the instructions of our evaluators and of the best of the others, as a table."""
    valgrind = shutil.which("valgrind")
    if valgrind is None:
        return "valgrind is not on this machine; no instructions were counted."
    with tempfile.TemporaryDirectory() as folder:
        question = Path(folder) / "question"
        question.write_bytes(pickle.dumps((rules, list(patients))))
        counts = {
            name: (_count(valgrind, place, question, 3) - _count(valgrind, place, question, 1))
            / (2 * len(patients))
            for name, place in _ENGINES.items()
        }
    least = counts["crampdx, builtin"]
    rows = [(name, f"{n / 1_000:,.0f}", f"{n / least:.1f}") for name, n in counts.items()]
    head = ("engine", "thousand instructions a patient", "times builtin")
    return f"{table(head, rows)}\n\n{len(patients)} patients; the yardstick once for each."


def _count(valgrind: str, place: str, question: Path, passes: int) -> int:
    """The instructions of a process that makes so many passes."""
    command = [valgrind, "--tool=callgrind", "--callgrind-out-file=/dev/null", sys.executable]
    command += ["-m", "benchmarks.instructions", place, str(question), str(passes)]
    done = subprocess.run(  # noqa: S603 - our own command
        command,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONHASHSEED": "0"},
    )
    found = re.search(r"Collected : (\d+)", done.stderr)
    if found is None:
        raise RuntimeError(f"callgrind gave no count: {done.stderr[-500:]}")
    return int(found[1])


def _main(place: str, question: str, passes: str) -> None:
    """Answer all patients so many times; what valgrind runs."""
    rules, patients = pickle.loads(Path(question).read_bytes())  # noqa: S301 - our own file
    call: Callable[[States], object] = work
    if place != _YARDSTICK:
        module, _, kind = place.partition(":")
        call = getattr(__import__(module, fromlist=[kind]), kind)(rules).verdicts
    gc.disable()
    for _ in range(int(passes)):
        for states in patients:
            call(states)


if __name__ == "__main__":
    _main(*sys.argv[1:])
