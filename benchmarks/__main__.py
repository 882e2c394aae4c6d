"""Run the benchmarks: ``python -m benchmarks``, from the root of a checkout."""

from __future__ import annotations

import argparse
import platform
from collections.abc import Iterator, Sequence
from datetime import date
from importlib.metadata import version
from os import cpu_count, getloadavg
from pathlib import Path

from benchmarks import assessing, inference, soak, startup
from benchmarks.timing import CLOCKS
from benchmarks.workload import (
    ALS_LIKE,
    KNOWN,
    LITTLE_KNOWN,
    patients,
    records,
    rules_of,
    synthetic,
)
from crampdx import Assessor, KnowledgeBase

_CLOCKS = {
    "cpu": "processor time of the process, all its threads together",
    "wall": "elapsed time",
}
PARTS = ("inference", "assess", "startup", "memory")
OF_SERVICE = ("service", "restart", "soak-service")
"""What takes a quiet machine, or long, and is measured when it is named."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print a report in Markdown."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--only",
        choices=(*PARTS, *OF_SERVICE),
        nargs="+",
        default=PARTS,
        help="some parts alone; those of the service are measured only when they are named",
    )
    parser.add_argument("--rounds", type=int, default=21, help="interleaved rounds")
    parser.add_argument("--patients", type=int, default=200, help="patients in each round")
    parser.add_argument("--soak", type=int, default=200_000, help="assessments for the memory")
    parser.add_argument("--calls", type=int, default=160, help="calls of the service in a round")
    parser.add_argument("--seconds", type=float, default=600.0, help="for the soak of the service")
    parser.add_argument("--kills", type=int, default=5, help="how often the service is killed")
    parser.add_argument("--clock", choices=CLOCKS, default="cpu", help="what is timed")
    parser.add_argument("--out", type=Path, help="also write the report to this file")
    options = parser.parse_args(arguments)
    if min(options.rounds, options.patients, options.calls) < 2 or options.soak < 10:
        parser.error("at least 2 rounds, 2 patients, 2 calls and 10 assessments")
    if options.kills < 1 or options.seconds < 10:
        parser.error("at least 1 kill and 10 seconds")
    parts = []
    for part in _report(options):
        print(part, end="\n\n", flush=True)
        parts.append(part)
    if options.out:
        options.out.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


def _report(options: argparse.Namespace) -> Iterator[str]:
    clock = CLOCKS[options.clock]
    yield _machine()
    yield f"Times are {_CLOCKS[options.clock]}."
    knowledge = KnowledgeBase.load("article")
    if "inference" in options.only:
        yield "## Inference alone"
        for title, rules in (
            ("**The article pack**", rules_of(knowledge)),
            ("**A synthetic pack** of 500 lines of evidence", synthetic()),
        ):
            people = patients(rules, options.patients)
            yield inference.measure(title, rules, people, options.rounds, clock).text()
    assessor = Assessor(knowledge)
    if "assess" in options.only:
        yield "## The whole of `assess`"
        both = Assessor(KnowledgeBase.load("article", "extended"))
        some = f"({options.patients} times, {options.rounds} rounds)."
        like_als = f"One patient like early ALS, {KNOWN} findings by id {some}"
        for packs, with_packs, about, documents in (
            ("article", assessor, like_als, [ALS_LIKE] * options.patients),
            (
                "article",
                assessor,
                f"{options.patients} patients, {KNOWN} findings drawn at random"
                f" ({options.rounds} rounds).",
                records(knowledge, options.patients),
            ),
            ("article and extended", both, like_als, [ALS_LIKE] * options.patients),
            (
                "article and extended",
                both,
                f"A patient of whom little is known {some}",
                [LITTLE_KNOWN] * options.patients,
            ),
        ):
            found = assessing.measure(with_packs, documents, options.rounds, clock)
            title = f"**Packs {packs}.** {about}"
            yield assessing.text(title, found, assessing.GOAL[packs])
    if "startup" in options.only:
        yield "## What is paid once\n\nMedians over fresh interpreters.\n\n" + startup.measure(
            11, clock
        )
    if "memory" in options.only:
        yield "## Memory\n\n" + soak.measure(assessor, options.soak)
    yield from _of_service(options)


def _of_service(options: argparse.Namespace) -> Iterator[str]:
    if not set(OF_SERVICE).intersection(options.only):
        return
    from benchmarks import mixed, restart, service  # they need the extra of the service

    if "service" in options.only:
        yield "## The service\n\n" + service.measure(options.rounds, options.calls)
    if "restart" in options.only:
        yield "## Killed and started again\n\n" + restart.measure(options.kills)
    if "soak-service" in options.only:
        yield "## Asked well and badly\n\n" + mixed.measure(options.seconds)


def _machine() -> str:
    load = getloadavg()[0]
    packages = ("crampdx", "durable-rules", "clipspy", "zen-engine", "pydantic")
    return (
        f"{date.today()}, {_processor()}, {cpu_count()} cores, {platform.system()},"
        f" {platform.python_implementation()} {platform.python_version()}, load {load:.1f} at the"
        f" start; {', '.join(f'{name} {version(name)}' for name in packages)}."
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


if __name__ == "__main__":
    main()
