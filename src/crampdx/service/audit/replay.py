"""Decision records, read and assessed again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from crampdx.engine.assessor import Assessor
from crampdx.errors import RecordError
from crampdx.knowledge.base import KnowledgeBase
from crampdx.record.models import PatientRecord
from crampdx.record.parsing import parse_record
from crampdx.service.audit.decisions import candidates_of, digest_of, rules_fired

__all__ = ["Replay", "Verdict", "lines_of"]

SHOWN = 5
"""How many rules a verdict names that fired on one side only."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a decision comes out the same, and what to say of it."""

    is_same: bool
    says: str


def lines_of(text: bytes) -> Iterator[dict[str, Any] | None]:
    """The lines of a decision record; None for one that is not readable."""
    for line in text.splitlines():
        if line.strip():
            try:
                found = json.loads(line)
            except (ValueError, RecursionError):
                found = None
            yield found if isinstance(found, dict) else None


class Replay:
    """Assesses again, by the rules at hand, what lines of a decision record tell of."""

    def __init__(self, knowledge: KnowledgeBase, key: str = "") -> None:
        """Compile the rules.

        Args:
            knowledge: The rules.
            key: The secret of the digests.
        """
        self._assessor = Assessor(knowledge)
        self._key = key
        self._inputs: dict[str, PatientRecord] = {}

    def offer(self, record: PatientRecord) -> None:
        """Let a record be found by its digest."""
        self._inputs[digest_of(record, self._key)] = record

    def again(self, line: dict[str, Any] | None) -> Verdict:
        """Assess again what a line tells of.

        Args:
            line: The line; None for one that was not readable.
        """
        if line is None or not isinstance(line.get("input"), str):
            return Verdict(is_same=False, says="not a decision record")
        record = self._inputs.get(line["input"]) or self._own(line)
        if record is None:
            return Verdict(is_same=False, says="the input was not found")
        found = self._assessor.assess(record)
        note = "" if found.knowledge.digest == line.get("knowledge") else ", by other rules"
        if "orders" in line:
            note += ", its orders not reviewed again"
        differences = [
            *_rules(line.get("rules"), rules_fired(found)),
            *_order(line.get("candidates"), candidates_of(found)),
        ]
        if differences:
            return Verdict(is_same=False, says=f"different{note}: {'; '.join(differences)}")
        return Verdict(is_same=True, says=f"same{note}")

    def _own(self, line: dict[str, Any]) -> PatientRecord | None:
        """The record that the line itself holds, where it holds all of it."""
        try:
            record = parse_record(line.get("record") or {})
        except RecordError:
            return None
        return record if digest_of(record, self._key) == line["input"] else None


def _rules(before: Any, after: list[str]) -> Iterator[str]:
    earlier = (
        {rule for rule in before if isinstance(rule, str)} if isinstance(before, list) else set()
    )
    for word, rules in (
        ("no longer fire", earlier - set(after)),
        ("fire now", set(after) - earlier),
    ):
        if rules:
            shown = ", ".join(sorted(rules)[:SHOWN])
            more = f" and {len(rules) - SHOWN} more" if len(rules) > SHOWN else ""
            yield f"{word}: {shown}{more}"


def _order(before: Any, after: list[dict[str, Any]]) -> Iterator[str]:
    if before != after:
        yield "the candidates differ"
