"""Test results: tests that were ordered or done, and what they showed."""

from __future__ import annotations

from crampdx.engine.intake.context import ReadContext
from crampdx.engine.intake.naming import note_unknown_id
from crampdx.engine.intake.statements import read_statement
from crampdx.record.models import TestResult

__all__ = ["read_test_result"]


def read_test_result(entry: TestResult, place: str, context: ReadContext) -> None:
    """Read a test and what it showed; a statement without a date has that of its test."""
    tests = context.vocabulary.tests_named(entry)
    if entry.id is not None and not tests:
        note_unknown_id("test", entry.id, context.vocabulary.test_names, place, context)
    context.note_vocabulary(place, is_in=bool(tests))
    if entry.status == "ordered":
        context.tests_ordered |= tests
    if entry.status != "done":
        context.leave_out("only_ordered" if entry.status == "ordered" else "not_done", place)
        return
    context.tests_done |= tests
    for index, statement in enumerate(entry.shows):
        if statement.date is None and entry.date is not None:
            statement = statement.model_copy(update={"date": entry.date})
        read_statement(statement, statement.origin or f"{place}.shows[{index}]", context)
