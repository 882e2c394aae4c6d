"""`crampdx evaluate`: how well rules rank the known diagnoses of cases."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, NamedTuple

import typer

from crampdx.authoring.cases.packets import case_and_packet_files, is_packet_file, read_packets
from crampdx.authoring.cases.reading import LocatedCase, read_cases
from crampdx.authoring.evaluation.measures import Measures, evaluate, outcomes_of
from crampdx.authoring.evaluation.perturbation import drawn_weights, joint_steps, single_steps
from crampdx.authoring.evaluation.proportion import Proportion
from crampdx.authoring.evaluation.report import Report, as_json, blocks, misses
from crampdx.cli.suites import by_stack
from crampdx.cli.terminal import (
    DONE,
    REFUSED,
    Form,
    Packs,
    UsageError,
    command,
    complain,
    load,
    print_answer,
    shown_path,
    shown_place,
    tracked,
)
from crampdx.engine.assessor import Assessor
from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.pack_stacks import Stack
from crampdx.outputs.labels import first_of

__all__ = ["evaluate_rules"]


SHOWN_PACKETS = 10
"""How many of the skipped packets are named."""


class Perturbation(NamedTuple):
    """How judged strengths are drawn."""

    draws: int
    seed: int


class Floors(NamedTuple):
    """The shares, in percent, below which the evaluation fails."""

    top_1: float | None
    top_3: float | None


@command("done", "below a floor, or files do not load", usage="usage, or no case to evaluate")
def evaluate_rules(
    paths: Annotated[
        list[str],
        typer.Argument(
            metavar="CASES", help="Case files or Phenopackets, or folders that hold some."
        ),
    ],
    output: Form = "text",
    pack: Packs = None,
    worst: Annotated[
        int, typer.Option("--worst", min=0, help="How many of the worst ranked cases to show.")
    ] = 10,
    perturb: Annotated[
        bool,
        typer.Option("--perturb", help="Measure how stable ranks are if judged strengths err."),
    ] = False,
    draws: Annotated[
        int, typer.Option("--draws", min=1, max=100_000, help="With --perturb: random draws.")
    ] = 1000,
    seed: Annotated[
        int, typer.Option("--seed", help="With --perturb: the same seed, the same draws.")
    ] = 0,
    fail_under_top1: Annotated[
        float | None,
        typer.Option(metavar="PERCENT", min=0, max=100, help="Fail if fewer diagnoses are first."),
    ] = None,
    fail_under_top3: Annotated[
        float | None,
        typer.Option(
            metavar="PERCENT", min=0, max=100, help="Fail if fewer are among the first three."
        ),
    ] = None,
) -> int:
    """Measure how well the rules rank cases with known diagnoses.

    Rules are those of the pack in whose folder the cases stand; --pack chooses others.
    """
    stack, files = _stack(paths, pack or ())
    knowledge = load(stack)
    cases = _cases(files, knowledge)
    if not any(located.case.diagnosis for located in cases):
        raise UsageError("no case has a 'diagnosis', the causes any of which is right")
    perturbation = Perturbation(draws, seed) if perturb else None
    report = _report(cases, knowledge, worst, perturbation)
    print_answer(output, lambda: blocks(report, shown_place), lambda: as_json(report, shown_place))
    return _held_against(report.evaluation.overall, Floors(fail_under_top1, fail_under_top3))


def _cases(files: Sequence[Path], knowledge: KnowledgeBase) -> tuple[LocatedCase, ...]:
    """The cases of the files; packets whose diagnosis is not a cause are named."""
    packets = read_packets([file for file in files if is_packet_file(file)], knowledge)
    if packets.left_out:
        shown = first_of([shown_path(file) for file in packets.left_out], SHOWN_PACKETS)
        complain(f"skipped: the diagnosis is not a cause in these rules: {shown}")
    others = [file for file in files if not is_packet_file(file)]
    return read_cases(others, knowledge) + packets.cases


def _stack(paths: Sequence[str], packs: Sequence[str]) -> tuple[Stack, tuple[Path, ...]]:
    """The one stack of packs that all the case files are about, and the files."""
    stacks = by_stack(paths, packs, case_and_packet_files)
    if len(stacks) > 1:
        named = "; ".join(" + ".join(map(shown_path, stack)) for stack in stacks)
        raise UsageError(f"the cases are about different rules ({named}): choose with --pack")
    stack, files = next(iter(stacks.items()))
    return stack, files


def _report(
    cases: Sequence[LocatedCase],
    knowledge: KnowledgeBase,
    worst: int,
    perturbation: Perturbation | None,
) -> Report:
    assessor = Assessor(knowledge)
    evaluation = evaluate(outcomes_of(tracked(cases, len(cases), "Evaluating"), assessor))
    missed = misses(evaluation.worst(worst), assessor)
    if perturbation is None:
        return Report(knowledge, evaluation, missed)
    known = [outcome for outcome in evaluation.outcomes if outcome.diagnosis]
    draws, seed = perturbation
    drawn = tracked(drawn_weights(knowledge, draws=draws, seed=seed), draws, "Drawing")
    return Report(
        knowledge,
        evaluation,
        missed,
        single=single_steps(known, knowledge),
        joint=joint_steps(known, knowledge, drawn),
    )


def _held_against(measures: Measures, floors: Floors) -> int:
    held = (
        _is_above("diagnosis first", measures.top_1, floors.top_1),
        _is_above("diagnosis among the first 3", measures.top_3, floors.top_3),
    )
    return DONE if all(held) else REFUSED


def _is_above(label: str, found: Proportion, floor: float | None) -> bool:
    if floor is None or 100 * found.hits >= floor * found.of:
        return True
    sys.stdout.flush()
    complain(f"{label}: {found}, below {floor:g} %")
    return False
