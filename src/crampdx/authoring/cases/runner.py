"""Cases run against rules: which expectations hold, and why those fail that do not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from crampdx.assessment import RecordWarning
from crampdx.authoring.cases.expectations import Failure, failures, reasons
from crampdx.authoring.cases.reading import CaseFileError, LocatedCase, named_ids
from crampdx.engine.assessor import Assessor
from crampdx.engine.trace import AssessmentTrace
from crampdx.errors import KnowledgeIssue
from crampdx.knowledge.base import KnowledgeBase

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
    """What came of a case.

    Attributes:
        located: The case.
        trace: How its record was assessed.
        failures: What it expects and does not hold.
    """

    located: LocatedCase
    trace: AssessmentTrace
    failures: tuple[Failure, ...]

    @property
    def passed(self) -> bool:
        """Whether all that the case expects holds or, if it is to fail, something does not."""
        return bool(self.failures) is (self.located.case.xfail is not None)

    @property
    def failed_as_expected(self) -> bool:
        """Whether the case is to fail, and does."""
        return self.passed and bool(self.failures)


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
    """Tell why a case fails: expected and got, the warnings behind it, the reasons behind ranks."""
    case = result.located.case
    lines = [f"{result.located.place}: {case.name}"]
    if case.xfail is not None and not result.failures:
        lines.append("  all of it holds, though it is to fail; take 'xfail' out of the case")
    for failure in result.failures:
        lines += [
            f"  {failure.expectation}",
            f"    - expected: {failure.expected}",
            f"    + got:      {failure.got}",
        ]
    for warning in concerning_warnings(result):
        lines.append(f"  the record has a warning '{warning.code}'")
        lines.append(f"    {warning.place}: {warning.message}")
    concerned = dict.fromkeys(c for failure in result.failures for c in failure.concerns)
    for cause in concerned:
        ranked = result.trace.scored[cause]
        lines.append(f"  {cause} has {ranked.score} dB")
        lines += [f"    {reason}" for reason in reasons(ranked)]
    return "\n".join(lines)


def concerning_warnings(result: CaseResult) -> tuple[RecordWarning, ...]:
    """List the record's warnings about findings on which the failed expectations rest."""
    expect, knowledge = result.located.case.expect, result.trace.knowledge
    findings: set[str] = set()
    for key in {failure.expectation for failure in result.failures}:
        for name, _ in named_ids(getattr(expect, key)):
            findings |= findings_behind(name, knowledge)
    warnings = result.trace.assessment.warnings
    return tuple(warning for warning in warnings if findings.intersection(warning.findings))


def findings_behind(name: str, knowledge: KnowledgeBase) -> frozenset[str]:
    """Collect the findings on which an entry or a line rests, whatever it is."""
    if name in knowledge.findings:
        return knowledge.rests_on(name)
    if name in knowledge.tests:
        return frozenset(knowledge.tests[name].shows)
    lines = {name}
    if name in knowledge.causes:
        lines = {line.id for line in knowledge.causes[name].evidence}
    elif name in knowledge.treatments:
        lines = {indication.id for indication in knowledge.treatments[name].indications}
    return frozenset[str]().union(
        *(knowledge.rests_on(when) for _, line, when in knowledge.criteria() if line in lines)
    )
