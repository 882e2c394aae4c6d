"""Run the benchmarks: ``python -m benchmarks``, from the root of a checkout."""

from __future__ import annotations

import argparse
import platform
from collections.abc import Iterator, Sequence
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from os import cpu_count, getloadavg
from pathlib import Path

from benchmarks import assessing, inference, instructions, soak, startup, yardstick
from benchmarks.engines.base import Rules, States
from benchmarks.timing import CLOCKS
from benchmarks.workload import (
    ALS_LIKE,
    KNOWN,
    LITTLE_KNOWN,
    cases_of_rules,
    known_patients,
    patients,
    records,
    rules_of,
    states_of,
    synthetic,
)
from crampdx import Assessor, KnowledgeBase

_CLOCKS = {
    "cpu": "processor time of the process, all its threads together",
    "wall": "elapsed time",
}
PARTS = ("inference", "instructions", "assess", "startup", "memory")
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
        help="some parts only; those of the service are measured only when they are named",
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
    yield yardstick.measure(options.rounds, clock)
    knowledge, both = KnowledgeBase.load("article"), KnowledgeBase.load("article", "extended")
    if "inference" in options.only:
        yield "## Inference only"
        for title, rules, people in _questions(knowledge, both, options.patients):
            yield inference.measure(title, rules, people, options.rounds, clock).text()
    if "instructions" in options.only:
        yield "## Instructions\n\nBoth packs, cases of patients.\n\n" + instructions.measure(
            rules_of(both), states_of(known_patients(), both)[: options.patients]
        )
    if "assess" in options.only:
        yield "## The whole of `assess`"
        yield from _assessed(knowledge, both, options)
    if "startup" in options.only:
        yield "## What is paid once\n\nMedians over fresh interpreters."
        for packs in (("article",), ("article", "extended")):
            yield f"**Packs {' and '.join(packs)}.**\n\n{startup.measure(packs, 11, clock)}"
    if "memory" in options.only:
        yield "## Memory\n\nBoth packs. " + soak.measure(Assessor(both), options.soak)
    yield from _of_service(options)


def _questions(
    knowledge: KnowledgeBase, both: KnowledgeBase, number: int
) -> Iterator[tuple[str, Rules, list[States]]]:
    """Rules and the patients whose findings they are asked about: at most so many."""
    known = known_patients()
    step = max(1, len(known) // number)
    for title, base, pack in (
        ("The article pack", knowledge, "article"),
        ("Both packs", both, "extended"),
    ):
        rules = rules_of(base)
        yield f"**{title}, cases of patients**", rules, states_of(known[::step][:number], base)
        cases = states_of(cases_of_rules(pack, number), base)
        yield f"**{title}, cases of its rules**", rules, cases
    rules = synthetic()
    yield "**A synthetic pack** of 500 lines of evidence", rules, patients(rules, number)


def _assessed(
    knowledge: KnowledgeBase, both: KnowledgeBase, options: argparse.Namespace
) -> Iterator[str]:
    clock = CLOCKS[options.clock]
    article, extended = Assessor(knowledge), Assessor(both)
    known = known_patients()[: options.patients]
    some = f"({options.patients} times, {options.rounds} rounds)."
    like_als = f"One patient like early ALS, {KNOWN} findings by id {some}"
    for packs, assessor, about, documents in (
        ("article", article, like_als, [ALS_LIKE] * options.patients),
        (
            "article",
            article,
            f"{options.patients} patients, {KNOWN} findings drawn at random"
            f" ({options.rounds} rounds).",
            records(knowledge, options.patients),
        ),
        ("article and extended", extended, like_als, [ALS_LIKE] * options.patients),
        (
            "article and extended",
            extended,
            f"{len(known)} cases of patients ({options.rounds} rounds).",
            known,
        ),
        (
            "article and extended",
            extended,
            f"A patient of whom little is known {some}",
            [LITTLE_KNOWN] * options.patients,
        ),
    ):
        found = assessing.measure(assessor, documents, options.rounds, clock)
        yield assessing.text(f"**Packs {packs}.** {about}", found, assessing.GOAL[packs])


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
    packages = ("crampdx", "durable-rules", "pydantic", "clipspy", "zen-engine")
    packages += ("common-expression-language", "clingo")
    return (
        f"{date.today()}, {_processor()}, {cpu_count()} cores, {platform.system()},"
        f" {platform.python_implementation()} {platform.python_version()}, load {load:.1f} at the"
        f" start; {', '.join(f'{name} {_version(name)}' for name in packages)}."
    )


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


if __name__ == "__main__":
    main()
