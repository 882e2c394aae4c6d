"""`crampdx test`: run the cases of rules."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from crampdx.authoring.cases.acceptance import accept, flow
from crampdx.authoring.cases.junit import junit_xml
from crampdx.authoring.cases.reading import read_cases
from crampdx.authoring.cases.runner import CaseResult, check_record_ids, explained, run_case
from crampdx.cli.suites import CasePaths, by_stack
from crampdx.cli.terminal import (
    DONE,
    REFUSED,
    Packs,
    UsageError,
    command,
    complain,
    load,
    tracked,
    write_file,
)
from crampdx.engine.assessor import Assessor, assessor_of
from crampdx.errors import printable
from crampdx.outputs.labels import counted

__all__ = ["run_cases"]


@command("all hold", "some do not, or files do not load", usage="usage, or no case at all")
def run_cases(
    paths: CasePaths = None,
    pack: Packs = None,
    only: Annotated[
        str | None,
        typer.Option("--only", metavar="TEXT", help="Only cases whose name contains this."),
    ] = None,
    junit: Annotated[
        Path | None, typer.Option("--junit", metavar="FILE", help="Write JUnit XML as well.")
    ] = None,
    accepting: Annotated[
        bool,
        typer.Option(
            "--accept", help="Write what came in place of what failing cases expect, with reasons."
        ),
    ] = False,
    count: Annotated[
        bool, typer.Option("--count", help="Count the cases by pack, and run none.")
    ] = False,
) -> int:
    """Run the cases of rules: records, and what is expected of their assessment.

    A case is run with the pack in whose folder it is and what that requires; --pack chooses
    other rules.
    """
    if count:
        return _count(paths or (), pack or (), only or "")
    results: list[CaseResult] = []
    for stack, files in by_stack(paths or (), pack or ()).items():
        assessor = assessor_of(load(stack))
        found = _run(assessor, files, only or "")
        if accepting:
            found = _accept(found, assessor)
        results += found
    if not results and not accepting:
        named = (
            f" whose name contains '{printable(only)}'"
            if only
            else "; pass a case file or a folder"
        )
        raise UsageError(f"no cases found{named}")
    if junit is not None:
        write_file(junit, junit_xml(results))
    return _report(results)


def _count(paths: Sequence[str], packs: Sequence[str], only: str) -> int:
    total = 0
    for stack, files in by_stack(paths, packs).items():
        cases = [case for case in read_cases(files) if only in case.case.name]
        total += len(cases)
        pack = Path(stack[-1]).name
        sys.stdout.write(f"{pack}: {counted(len(cases), 'case')}, {counted(len(files), 'file')}\n")
    sys.stdout.write(f"{counted(total, 'case')} in all\n")
    return DONE


def _run(assessor: Assessor, files: Sequence[Path], only: str) -> list[CaseResult]:
    cases = [case for case in read_cases(files, assessor.knowledge) if only in case.case.name]
    results = [run_case(located, assessor) for located in tracked(cases, len(cases), "Testing")]
    check_record_ids(results)
    return results


def _accept(results: Sequence[CaseResult], assessor: Assessor) -> list[CaseResult]:
    """Accept what came, and give the results that are not settled by that."""
    written: set[Path] = set()
    for acceptance in accept(results, assessor):
        for refusal in acceptance.refusals:
            complain(f"not accepted: {refusal}")
        if acceptance.refusals:
            continue
        written.add(acceptance.file)
        for result, values in acceptance.changed:
            sys.stdout.write(explained(result) + "\n")
            for key, value in values.items():
                sys.stdout.write(f"  accepted: {key}: {flow(value) if value else 'taken out'}\n")
            sys.stdout.write("\n")
    return [r for r in results if r.passed or Path(r.located.origin.file) not in written]


def _report(results: Sequence[CaseResult]) -> int:
    failed = [result for result in results if not result.passed]
    for result in failed:
        sys.stdout.write(explained(result) + "\n\n")
    cases = counted(len(results), "case")
    if failed:
        sys.stdout.flush()
        complain(f"{len(failed)} of {cases} failed")
        return REFUSED
    expected = sum(result.failed_as_expected for result in results)
    as_expected = f", {expected} of them failing as expected" if expected else ""
    sys.stdout.write(f"{cases} passed{as_expected}\n")
    return DONE
