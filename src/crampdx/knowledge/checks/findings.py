"""Checks of findings: what shows them, their measurements, and what they imply."""

from __future__ import annotations

from collections.abc import Iterator

from crampdx.errors import KnowledgeIssue
from crampdx.knowledge.checks.context import Context
from crampdx.knowledge.criteria import findings_in
from crampdx.knowledge.graph import closure
from crampdx.knowledge.loading.entries import SourceLocation, field_of
from crampdx.knowledge.models import (
    AttributeValue,
    Bounds,
    Finding,
    FindingKind,
    MeasuredValue,
    MedicineNamed,
    OneOf,
)

__all__ = [
    "check_bare_findings",
    "check_measurements",
    "check_medicine_names",
    "check_no_cycles",
]


def check_bare_findings(context: Context) -> Iterator[KnowledgeIssue]:
    """A finding that asserts nothing has a code or a source."""
    coded = {code.concept for code, _ in context.reading.codes if code.concept_kind == "finding"}
    for entry in context.entries:
        item = entry.item
        if isinstance(item, Finding) and not item.sources and item.id not in coded:
            message = f"finding '{item.id}' has neither a code nor a source"
            yield entry.origin.issue(message, "id", hint="add 'sources', or a row in codes/*.csv")


def check_medicine_names(context: Context) -> Iterator[KnowledgeIssue]:
    """Names of medicines show findings on medicines alone."""
    for entry in context.entries:
        if entry.kind != "finding":
            continue
        own = field_of(entry.item, "id") or field_of(entry.item, "extends")
        finding = context.knowledge.findings.get(own)
        if finding is None or finding.kind is FindingKind.MEDICATION:
            continue
        message = (
            f"names of medicines show no finding of kind '{finding.kind}';"
            " they show those of kind 'medication'"
        )
        for i, form in enumerate(field_of(entry.item, "shown_by", ())):
            if isinstance(form, MedicineNamed):
                yield entry.origin.issue(message, "shown_by", i, "medicine_names")


def check_no_cycles(context: Context) -> Iterator[KnowledgeIssue]:
    """Neither `implies` nor `derived` leads back to where it began."""
    derived = {
        finding.id: findings_in(finding.derived)
        for finding in context.knowledge.findings.values()
        if finding.derived is not None
    }
    for key, reached in (("implies", context.ancestors), ("derived", closure(derived))):
        for finding, above in reached.items():
            if finding in above and ("finding", finding) in context.origins:
                members = sorted(f for f in above if finding in reached.get(f, ()))
                message = f"'{key}' goes in a circle: {', '.join(members)}"
                yield context.origins["finding", finding].issue(message, key)


def check_measurements(context: Context) -> Iterator[KnowledgeIssue]:
    """A measurement is defined once, where it is read it is defined, and its bounds are apart."""
    definitions: dict[str, tuple[MeasuredValue, SourceLocation]] = {}
    references: list[tuple[str, SourceLocation]] = []
    for entry in context.entries:
        for form, origin in entry.lines("shown_by"):
            if isinstance(form, MeasuredValue | AttributeValue):
                present, absent = form.present, form.absent
                both = (
                    _bounds_overlap(present, absent)
                    if isinstance(present, Bounds) and isinstance(absent, Bounds)
                    else isinstance(present, OneOf)
                    and isinstance(absent, OneOf)
                    and bool(set(present.one_of) & set(absent.one_of))
                )
                if both:
                    yield origin.issue("some value is both 'present' and 'absent'", "absent")
            if not isinstance(form, MeasuredValue):
                continue
            if not form.defines_measurement:
                references.append((str(form.measurement), origin))
                continue
            for name in (form.measurement, *form.loinc):
                if name is None:
                    continue
                if name in definitions:
                    first = definitions[name][1].place()
                    yield origin.issue(
                        f"measurement '{name}' is already defined in {first}",
                        hint="name it by 'measurement', without 'loinc', 'unit', 'convert'"
                        " and 'plausible'",
                    )
                definitions.setdefault(name, (form, origin))
    known = dict.fromkeys(definitions)
    for name, origin in references:
        yield from context.unknown(origin, "measurement", name, known, "measurement")
    for form, origin in definitions.values():
        for name in form.calculated.from_ if form.calculated else ():
            path = ("calculated", "from", name)
            yield from context.unknown(origin, "measurement", name, known, *path)
            if name in known and definitions[name][0].calculated is not None:
                yield origin.issue(f"measurement '{name}' is calculated itself", *path)


def _bounds_overlap(first: Bounds, second: Bounds) -> bool:
    limits = [
        limit
        for bounds in (first, second)
        for limit in (bounds.from_, bounds.above, bounds.up_to, bounds.below)
        if limit is not None
    ]
    samples = {limit + step for limit in limits for step in (-1e-9, 0.0, 1e-9)}
    return any(first.contains(value) and second.contains(value) for value in samples)
