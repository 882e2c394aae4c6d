"""`crampdx mutate`: which changes of rules no case notices."""

import os
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from crampdx.authoring.cases.reading import LocatedCase
from crampdx.authoring.cases.stacks import is_within
from crampdx.authoring.coverage.report import percent
from crampdx.authoring.git_revisions import RevisionError
from crampdx.authoring.mutation import (
    DEFAULT_OPERATORS,
    Mutation,
    Operator,
    RuleKey,
    changed_since,
    failing_cases,
    run_mutants,
    sample,
)
from crampdx.authoring.mutation.report import as_json, mutation_blocks
from crampdx.cli.suites import CasePaths, Suite, Threshold, suites
from crampdx.cli.terminal import (
    DONE,
    REFUSED,
    Form,
    Output,
    Packs,
    UsageError,
    command,
    complain,
    print_answer,
    shown_place,
    tracked,
)
from crampdx.errors import did_you_mean, printable
from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.pack_stacks import Stack

__all__ = ["mutate"]


@command(
    "done",
    "below the threshold, a case that fails without any change, or files that do not load",
    usage="usage, no case at all, or no such revision",
)
def mutate(
    paths: CasePaths = None,
    pack: Packs = None,
    output: Form = "text",
    since: Annotated[
        str | None,
        typer.Option("--since", metavar="REV", help="Only rules changed since a git revision."),
    ] = None,
    operators: Annotated[
        str | None,
        typer.Option(
            "--operators",
            metavar="NAMES",
            help=f"Only these, separated by commas: {', '.join(Operator)}."
            " Default: all but level and urgency, which no case can notice.",
        ),
    ] = None,
    at_most: Annotated[
        int | None,
        typer.Option("--max", metavar="N", min=1, help="Test at most N mutants (a fixed sample)."),
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", "-j", metavar="N", min=1, help="Processes. Default: one per core."),
    ] = None,
    fail_under: Threshold = 0,
) -> int:
    """Change one rule at a time, and show the changes that no case notices."""
    wanted = _operators(operators.split(",") if operators else [])
    mutations = []
    for suite in suites(paths or (), pack or ()):
        failed = failing_cases(suite.knowledge, suite.cases)
        if failed:
            complain(f"{len(failed)} cases fail without any change; 'crampdx test' tells why:")
            sys.stderr.writelines(f"  {printable(str(case), 400)}\n" for case in failed[:10])
            return REFUSED
        mutants = sample(suite.knowledge, wanted, _rules(suite, since), at_most)
        outcomes = run_mutants(suite.knowledge, suite.cases, mutants, jobs or os.cpu_count() or 1)
        found = tuple(tracked(outcomes, len(mutants), "Mutating"))
        mutations.append(Mutation(_expecting(suite.cases), found))
    return _report(Mutation.of(mutations), output, fail_under)


def _rules(suite: Suite, since: str | None) -> frozenset[RuleKey]:
    """The rules to change: those of the packs to test, or of these what changed."""
    places = suite.knowledge.places
    own = frozenset(RuleKey(*key) for key in places if is_within(places[key], suite.tested))
    return own & _changed(since, suite.packs, suite.knowledge) if since is not None else own


def _expecting(cases: Sequence[LocatedCase]) -> int:
    return sum(located.case.expect is not None for located in cases)


def _operators(names: Sequence[str]) -> frozenset[Operator]:
    known = tuple(Operator)
    for name in names:
        if name not in known:
            hint = did_you_mean(name, known) or f"there are {', '.join(known)}"
            raise UsageError(f"there is no operator '{printable(name)}'; {hint}")
    return frozenset(map(Operator, names)) or DEFAULT_OPERATORS


def _changed(since: str, packs: Stack, knowledge: KnowledgeBase) -> frozenset[RuleKey]:
    try:
        return changed_since(since, packs, knowledge)
    except RevisionError as error:
        raise UsageError(str(error)) from None


def _report(found: Mutation, output: Output, fail_under: float) -> int:
    print_answer(output, lambda: mutation_blocks(found, shown_place), lambda: as_json(found))
    if 100 * found.killed < fail_under * len(found.outcomes):
        sys.stdout.flush()
        share = percent(found.killed, len(found.outcomes))
        complain(f"{share} of the mutants are noticed, fewer than {fail_under:g} %")
        return REFUSED
    return DONE
