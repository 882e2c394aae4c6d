"""Intake: what a record says, in the words of the vocabulary.

Every entry of the record makes claims: this finding is present, or absent, by this value or
assertion, on this day. `crampdx.engine.intake.claims` weighs them. What no claim decides is
unknown; what cannot be read becomes a warning; what is outside the vocabulary is counted.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from crampdx.assessment import Level, NotUsed, RecordWarning, WarningCode
from crampdx.engine.hypotheticals import Hypothesis, assume
from crampdx.engine.intake.attributes import read_attributes
from crampdx.engine.intake.calculations import read_calculations
from crampdx.engine.intake.claims import ResolvedFindings, resolve
from crampdx.engine.intake.context import ReadContext
from crampdx.engine.intake.measurements import read_measurement
from crampdx.engine.intake.medications import read_medication
from crampdx.engine.intake.onsets import read_order_of_onsets
from crampdx.engine.intake.results import read_test_result
from crampdx.engine.intake.statements import read_relative, read_statement
from crampdx.engine.intake.vocabulary import Vocabulary
from crampdx.record.models import MAX_PLACES, LeftOut, PatientRecord

__all__ = ["Intake", "Vocabulary", "assume_in", "interpret_record"]


@dataclass(slots=True)
class Intake:
    """What the record says: the state of each known finding, and all that could not be read.

    Attributes:
        resolved: The states of the findings, and the claims that stand behind them.
        unresolved: Findings that are unknown because the record contradicts itself, or because
            what it holds of them could not be read.
        warnings: What concerns our findings and could not be read, or not simply; gravest first.
        not_used: Entries that were not used, counted by reason.
        unread_medicines: How many medicines that are taken are unknown to the rules.
        tests_done: The tests that the record holds as done.
        tests_ordered: The tests that it holds as ordered.
    """

    resolved: ResolvedFindings
    unresolved: frozenset[str]
    warnings: tuple[RecordWarning, ...]
    not_used: tuple[NotUsed, ...]
    unread_medicines: int
    tests_done: frozenset[str]
    tests_ordered: frozenset[str]


def interpret_record(record: PatientRecord, vocabulary: Vocabulary) -> Intake:
    """Read a record: what is present, what is absent, what is unclear, and what is not used.

    Args:
        record: The record.
        vocabulary: The findings, and how records say them.
    """
    context = ReadContext.of(record, vocabulary)
    _read_entries(context)
    resolved = resolve(context.claims, vocabulary)
    warnings = [*context.warnings, *resolved.warnings, *_complaint_absent(resolved, vocabulary)]
    return Intake(
        resolved=resolved,
        unresolved=frozenset(context.unresolved | resolved.unresolved),
        warnings=_in_order(warnings),
        not_used=_not_used(context.all_not_used(), record.left_out),
        unread_medicines=context.unread_medicines,
        tests_done=frozenset(context.tests_done),
        tests_ordered=frozenset(context.tests_ordered - context.tests_done),
    )


def assume_in(intake: Intake, supposing: Hypothesis, vocabulary: Vocabulary) -> Intake:
    """Take findings to be other than a record says, without reading it again.

    Args:
        intake: What the record says.
        supposing: Findings that are taken to be otherwise.
        vocabulary: The findings, and what implies what.

    Raises:
        HypothesisError: What is supposed cannot be.
    """
    resolved = assume(intake.resolved, supposing, vocabulary)
    warnings = [warning for warning in intake.warnings if warning.code != "complaint_absent"]
    return replace(
        intake,
        resolved=resolved,
        warnings=_in_order([*warnings, *_complaint_absent(resolved, vocabulary)]),
    )


_Read = Callable[[Any, str, ReadContext], None]

_READERS: Mapping[str, _Read] = {
    "findings": read_statement,
    "diagnoses": read_statement,
    "exposures": read_statement,
    "test_results": read_test_result,
    "measurements": read_measurement,
    "medications": read_medication,
    "family_history": read_relative,
}
"""How the entries of each list of a record are read, in this order."""


def _read_entries(context: ReadContext) -> None:
    for section, read in _READERS.items():
        for index, entry in enumerate(getattr(context.record, section)):
            read(entry, entry.origin or f"{section}[{index}]", context)
    read_calculations(context)
    read_attributes(context)
    read_order_of_onsets(context)


def _in_order(warnings: Iterable[RecordWarning]) -> tuple[RecordWarning, ...]:
    """Each warning once, the gravest first."""
    return tuple(sorted(_once(warnings), key=RecordWarning.order))


def _not_used(found: Mapping[str, list[str]], left_out: Iterable[LeftOut]) -> tuple[NotUsed, ...]:
    """What was not used of the record, and of the document from which it was read."""
    counts = Counter({reason: len(places) for reason, places in found.items()})
    places = defaultdict(list, {reason: list(places) for reason, places in found.items()})
    for item in left_out:
        counts[item.reason] += item.count
        places[item.reason] += item.places
    return tuple(
        NotUsed(reason, count, tuple(places[reason][:MAX_PLACES]))
        for reason, count in sorted(counts.items())
    )


def _once(warnings: Iterable[RecordWarning]) -> Iterator[RecordWarning]:
    """What is said of one place for several findings, said once for all of them."""
    found: dict[tuple[Level, WarningCode, str, str], list[RecordWarning]] = {}
    for warning in warnings:
        key = (warning.level, warning.code, warning.place, warning.message)
        found.setdefault(key, []).append(warning)
    for first, *others in found.values():
        findings = {name for same in (first, *others) for name in same.findings}
        yield replace(first, findings=tuple(sorted(findings))) if others else first


def _complaint_absent(
    resolved: ResolvedFindings, vocabulary: Vocabulary
) -> Iterator[RecordWarning]:
    complaint = vocabulary.complaint
    if complaint is not None and resolved.states.get(complaint) is False:
        name = vocabulary.findings[complaint].name
        direct = resolved.direct.get(complaint)
        place = ", ".join(direct.places) if direct else ""
        message = f"{name} is absent, and this differential is of causes of it"
        yield RecordWarning(Level.WARNING, "complaint_absent", place, message, (complaint,))
