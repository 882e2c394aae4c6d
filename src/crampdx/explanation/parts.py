"""Criteria as trees of parts, each with its verdict, and what in the record decides it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from crampdx.engine.evaluators.reference import Verdict, evaluate
from crampdx.engine.ranking import CompiledLine
from crampdx.engine.trace import AssessmentTrace
from crampdx.explanation.results import CitedSource, ClausePart, FindingPart, Part, Rule
from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.criteria import (
    AllOf,
    AnyOf,
    AtLeast,
    Atom,
    Criterion,
    atoms_of,
    parts_of,
)
from crampdx.knowledge.models import Evidence, Source

__all__ = ["part_of", "rule_of"]


def part_of(criterion: Criterion, trace: AssessmentTrace) -> Part:
    """Write a criterion as a tree: what it asks for, and what the record says of that."""
    return _Tree(trace).part(criterion)


@dataclass
class _Tree:
    """Builds one tree, in which each derived finding is opened up once."""

    trace: AssessmentTrace
    opened: set[str] = field(default_factory=set)

    def part(self, criterion: Criterion) -> Part:
        parts = parts_of(criterion)
        if not parts:
            return self.leaf(next(atoms_of(criterion)))
        word, needed = _clause(criterion, len(parts))
        verdict = evaluate(criterion, self.trace.states)
        return ClausePart(word, needed, verdict, tuple([self.part(part) for part in parts]))

    def leaf(self, atom: Atom) -> FindingPart:
        trace = self.trace
        state = trace.states.get(atom.finding)
        return FindingPart(
            finding=atom.finding,
            name=trace.knowledge.findings[atom.finding].name,
            present=atom.present,
            state=state,
            verdict=_holds(atom, trace.states),
            observed=next(iter(trace.observe([atom.finding])), None),
            unresolved=state is None and atom.finding in trace.intake.unresolved,
            follows_from=self.origin(atom.finding),
        )

    def origin(self, finding: str) -> Part | None:
        derived = self.trace.knowledge.findings[finding].derived
        if derived is None or finding in self.opened:
            return None
        self.opened.add(finding)
        return self.part(derived)


def _clause(criterion: Criterion, size: int) -> tuple[Literal["all", "any", "at_least"], int]:
    match criterion:
        case AtLeast(at_least=needed):
            return "at_least", needed
        case AnyOf():
            return "any", 1
        case AllOf() | _:
            return "all", size


def _holds(atom: Atom, states: Mapping[str, bool]) -> Verdict:
    state = states.get(atom.finding)
    return None if state is None else state is atom.present


def rule_of(line: CompiledLine, knowledge: KnowledgeBase) -> Rule:
    """Write a line of evidence with its weight as a ratio, and its sources found."""
    evidence = line.evidence
    return Rule(
        id=evidence.id,
        weight=line.weight,
        likelihood_ratio=_ratio(evidence, line.weight),
        measured=evidence.lr is not None,
        of_group=not line.is_cause_specific,
        because=evidence.because,
        sources=tuple([_cited(knowledge.sources[name]) for name in evidence.sources]),
    )


def _ratio(evidence: Evidence, weight: int) -> float:
    """The measured ratio, or that of the strength's word: 2, 5, 10 or 100, or one to so many."""
    if evidence.lr is not None:
        return evidence.lr
    ratio = round(10 ** (abs(weight) / 10))
    return ratio if weight > 0 else 1 / ratio


def _cited(source: Source) -> CitedSource:
    found = f"doi:{source.doi}" if source.doi else ""
    found = found or (f"PMID {source.pmid}" if source.pmid else "")
    return CitedSource(
        source.id, source.kind, source.title, found or source.url or source.section or ""
    )
