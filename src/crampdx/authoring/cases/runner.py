"""Cases run against rules: which expectations hold, and why those fail that do not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from crampdx.authoring.cases.expectations import Failure, failures, reasons
from crampdx.authoring.cases.reading import CaseFileError, LocatedCase
from crampdx.engine.assessor import Assessor
from crampdx.engine.trace import AssessmentTrace
from crampdx.errors import KnowledgeIssue

__all__ = [
    "CaseResult",
    "check_record_ids",
    "explained",
    "run_case",
    "run_cases",
    "unknown_record_ids",
]


@dataclass(frozen=True)
class CaseResult:
    """What came of a case."""

    located: LocatedCase
    trace: AssessmentTrace
    failures: tuple[Failure, ...]

    @property
    def passed(self) -> bool:
        """Whether all that the case expects holds."""
        return not self.failures


def run_case(located: LocatedCase, assessor: Assessor) -> CaseResult:
    """Assess the record of a case and compare."""
    trace = assessor.trace(located.patient)
    expect = located.case.expect
    return CaseResult(located, trace, failures(expect, trace) if expect else ())


def run_cases(cases: Iterable[LocatedCase], assessor: Assessor) -> Iterator[CaseResult]:
    """Run cases one after another.

    Raises:
        CaseFileError: The record of a case names an id that the rules do not have, and the case
            does not expect the warning ``unknown_id``. Raised before the first result.
    """
    results = [run_case(located, assessor) for located in cases]
    check_record_ids(results)
    yield from results


def check_record_ids(results: Iterable[CaseResult]) -> None:
    """Refuse cases whose record names ids that the rules do not have, unless they expect it.

    Raises:
        CaseFileError: Names each such entry of a record.
    """
    issues = [issue for result in results for issue in unknown_record_ids(result)]
    if issues:
        raise CaseFileError(issues)


def unknown_record_ids(result: CaseResult) -> Iterator[KnowledgeIssue]:
    """Name the ids of a case's record that the rules do not have, unless the case expects it."""
    expect = result.located.case.expect
    if expect is not None and "unknown_id" in (expect.warnings or ()):
        return
    for warning in result.trace.assessment.warnings:
        if warning.code == "unknown_id":
            message = f"the record's {warning.place} {warning.message}"
            yield result.located.origin.issue(message, "record")


def explained(result: CaseResult) -> str:
    """The failures of a case in words: expected and got, and the reasons behind the ranks."""
    lines = [f"{result.located.place}: {result.located.case.name}"]
    for failure in result.failures:
        lines += [
            f"  {failure.expectation}",
            f"    - expected: {failure.expected}",
            f"    + got:      {failure.got}",
        ]
    concerned = dict.fromkeys(c for failure in result.failures for c in failure.concerns)
    for cause in concerned:
        ranked = result.trace.scored[cause]
        lines.append(f"  {cause} has {ranked.score} dB")
        lines += [f"    {reason}" for reason in reasons(ranked)]
    return "\n".join(lines)
