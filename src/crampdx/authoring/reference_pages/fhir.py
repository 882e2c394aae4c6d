"""The mapping from FHIR: from which paths and codes each finding, value and test is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from crampdx.authoring.reference_pages.common import section
from crampdx.authoring.reference_pages.links import Links, Names
from crampdx.inputs.fhir.statuses import REASONS, TABLES, EntryStatus, Reason, Table
from crampdx.knowledge.models import Code, Finding, FindingKind, MeasuredValue
from crampdx.outputs.labels import spoken
from crampdx.outputs.markdown import code, document, escaped, heading, table

__all__ = ["pages"]

_MEANINGS = {
    EntryStatus.PRESENT: "present, or done",
    EntryStatus.PROVISIONAL: "present, or done; counted as `provisional`",
    EntryStatus.ABSENT: "absent",
    EntryStatus.PAST: "past",
    EntryStatus.ORDERED: "only ordered",
    EntryStatus.NOT_DONE: "not done",
}


def pages(names: Names) -> dict[str, str]:
    """The page of the mapping."""
    return {"fhir.md": _page(Links(names, "fhir.md"))}


def _page(links: Links) -> str:
    return document(
        heading("FHIR", 1),
        links.trail(),
        "What is read of FHIR R4, and of R5 where it differs. Codes that are broader or narrower"
        " than a finding stand on its page.",
        section("Values", _values(links)),
        *(_kind(kind, links) for kind in FindingKind),
        section("Tests", _tests(links)),
        section("Statuses", *(_status(path, given) for path, given in TABLES.items())),
        section("Reasons for which a part is left out", _reasons()),
    )


def _values(links: Links) -> str:
    """The measurements, with their units and the findings that they show."""
    found = links.names.knowledge.measurements()
    rows = (
        (
            code(name),
            ", ".join(code(unit) for unit in _units(form)),
            links.all("finding", sorted(_shown_by(name, form, links))),
        )
        for name, form in sorted(found.items())
        if name in form.loinc
    )
    return table(("LOINC code of `Observation.code`", "Units", "Shows"), rows)


def _units(form: MeasuredValue) -> list[str]:
    return [unit for unit in (form.unit, *sorted(form.convert)) if unit]


def _shown_by(name: str, defining: MeasuredValue, links: Links) -> Iterator[str]:
    for finding in links.names.knowledge.findings.values():
        for form in finding.shown_by:
            if isinstance(form, MeasuredValue) and (
                name in form.loinc
                or (form.measurement is not None and form.measurement == defining.measurement)
            ):
                yield finding.id
                break


def _kind(kind: FindingKind, links: Links) -> str:
    findings = [
        finding
        for finding in links.names.knowledge.findings.values()
        if finding.kind is kind and finding.derived is None
    ]
    rows = (
        (links.to("finding", finding.id), code(finding.id), _exact(finding, links))
        for finding in findings
    )
    shown = table(("Finding", "Id", "Exact codes"), rows)
    paths = ", ".join(code(path) for path in kind.traits.fhir_input_paths)
    return section(spoken(kind).capitalize(), f"Read from: {paths}.", shown) if findings else ""


def _exact(finding: Finding, links: Links) -> str:
    return _codes(given for given in links.names.codes["finding", finding.id] if _is_exact(given))


def _is_exact(given: Code) -> bool:
    return given.match == "exact"


def _codes(given: Iterable[Code]) -> str:
    ordered = sorted(given, key=lambda item: (item.system, item.code))
    return ", ".join(f"{escaped(item.system)} {code(item.code)}" for item in ordered)


def _tests(links: Links) -> str:
    rows = (
        (links.to("test", test), _codes(links.names.codes["test", test]))
        for test in links.names.knowledge.tests
        if links.names.codes["test", test]
    )
    head = ("Test", "Codes of Procedure, DiagnosticReport and ServiceRequest")
    return table(head, rows)


def _status(path: str, given: Table) -> str:
    rows = ((code(status), _meaning(meant)) for status, meant in given.items())
    return table((f"`{path}`", "In the record"), rows)


def _meaning(meant: EntryStatus | Reason) -> str:
    return f"left out: {code(meant)}" if isinstance(meant, Reason) else _MEANINGS[meant]


def _reasons() -> str:
    rows = ((code(reason), why) for reason, why in sorted(REASONS.items()))
    return table(("Reason", "Why"), rows)
