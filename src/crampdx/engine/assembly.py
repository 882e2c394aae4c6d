"""Puts an assessment together from what the steps before it found."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from crampdx._version import __version__
from crampdx.assessment import (
    Assessment,
    Band,
    Candidate,
    DoNotMiss,
    EvaluatorName,
    KnowledgeStamp,
    Line,
    Note,
    Observed,
    PackStamp,
)
from crampdx.engine.planning import Plan, PlanningContext
from crampdx.engine.planning.context import Codes
from crampdx.engine.ranking import RankedLine, ScoredCause
from crampdx.engine.scoring import is_shown_apart
from crampdx.knowledge.base import KnowledgeBase

__all__ = ["Assembler"]


class Assembler:
    """What assessments name of a knowledge base, arranged. Built once; not changed after."""

    def __init__(
        self,
        knowledge: KnowledgeBase,
        codes: Codes,
        ancestors: Mapping[str, Collection[str]],
        rests_on: Sequence[frozenset[str]],
    ) -> None:
        """Arrange.

        Args:
            knowledge: The rules.
            codes: The codes of causes, for output.
            ancestors: The findings that each finding implies.
            rests_on: The findings that each criterion rests on, by its number.
        """
        self._findings = knowledge.findings
        self._complaint = knowledge.complaint
        self._codes = codes
        self._ancestors = ancestors
        self._rests_on = rests_on
        self._stamp = KnowledgeStamp(
            packs=tuple(PackStamp(p.name, p.version, p.status) for p in knowledge.packs),
            digest=knowledge.digest,
            replacements=knowledge.replacements,
        )

    def assemble(
        self,
        plan: Plan,
        context: PlanningContext,
        not_ranked: Iterable[ScoredCause],
        inference: EvaluatorName,
    ) -> Assessment:
        """Put the assessment together.

        Args:
            plan: What follows from the ranking.
            context: What the plan was made from.
            not_ranked: Causes with evidence that are not for a person of this age or sex.
            inference: What inferred the verdicts.
        """
        candidates, intake = context.candidates, context.intake
        leading = [ranked for ranked in candidates if ranked.band is Band.LEADING]
        names = {ranked.cause.id for ranked in candidates}
        return Assessment.model_construct(
            conclusion="ranked" if leading else "not_enough_to_rank",
            notes=(*plan.notes, *_imitations(leading), *_notes(candidates, not_ranked)),
            red_flags=plan.red_flags,
            clarify=plan.clarify,
            candidates=tuple(
                [
                    self._candidate(n, ranked, context, names)
                    for n, ranked in enumerate(candidates, 1)
                ]
            ),
            do_not_miss=_do_not_miss(candidates),
            questions=plan.questions,
            tests=plan.tests,
            tests_done=tuple(sorted(intake.tests_done)),
            tests_ordered=tuple(sorted(intake.tests_ordered)),
            treatments=plan.treatments,
            treatments_not_assessed=plan.treatments_not_assessed,
            prevention=plan.prevention,
            unexplained=self._unexplained(leading, context),
            warnings=intake.warnings,
            not_used=intake.not_used,
            as_of=str(context.record.as_of) if context.record.as_of else None,
            knowledge=self._stamp,
            inference=inference,
            version=__version__,
        )

    def _candidate(
        self, rank: int, ranked: ScoredCause, context: PlanningContext, names: Collection[str]
    ) -> Candidate:
        cause = ranked.cause
        head = (
            rank,
            cause.id,
            cause.name,
            ranked.score,
            ranked.pretest,
            ranked.share,
            ranked.band,
            cause.do_not_miss,
        )
        if ranked.band is Band.UNLIKELY:
            return Candidate(*head)
        missing = {finding for line in ranked.undecided for finding in line.findings}
        return Candidate(
            *head,
            supporting=tuple([_line(line, context) for line in ranked.lines(supporting=True)]),
            opposing=tuple([_line(line, context) for line in ranked.lines(supporting=False)]),
            missing=tuple(sorted(missing - context.states.keys())),
            because_of=tuple([origin for origin in cause.because_of if origin in names]),
            codes=self._codes.get(("cause", cause.id), ()),
        )

    def _unexplained(
        self, leading: Iterable[ScoredCause], context: PlanningContext
    ) -> tuple[Observed, ...]:
        """What the record says is present and no leading candidate's evidence rests on."""
        complaint = self._complaint
        explained = {complaint, *self._ancestors[complaint]} if complaint else set()
        for ranked in leading:
            for line in ranked.true_lines:
                if line.weight > 0:
                    explained.update(self._rests_on[line.criterion])
        left = [
            name
            for name, claim in context.intake.resolved.direct.items()
            if claim.state
            and self._findings[name].kind.traits.needs_explaining
            and name not in explained
            and explained.isdisjoint(self._ancestors[name])
        ]
        return context.observe(sorted(left))


def _line(ranked: RankedLine, context: PlanningContext) -> Line:
    line = ranked.line
    return Line(line.evidence, line.weight, ranked.counted, context.observe(line.findings))


def _do_not_miss(candidates: Iterable[ScoredCause]) -> tuple[DoNotMiss, ...]:
    return tuple(
        DoNotMiss(ranked.cause.id, ranked.cause.name, number, ranked.evidence)
        for number, ranked in enumerate(candidates, 1)
        if is_shown_apart(ranked.cause, ranked.evidence)
    )


def _imitations(leading: Iterable[ScoredCause]) -> Iterator[Note]:
    for ranked in leading:
        for statement in ranked.cause.imitates_complaint:
            sources = ", ".join(statement.sources)
            message = f"{ranked.cause.name}: {statement.says} [{sources}]"
            yield Note("may_not_be_complaint", f"This may not be the complaint itself. {message}")


def _notes(candidates: Iterable[ScoredCause], not_ranked: Iterable[ScoredCause]) -> Iterator[Note]:
    names = ", ".join(ranked.cause.name for ranked in not_ranked)
    if names:
        message = f"Has evidence, but is not ranked for a person of this age or sex: {names}."
        yield Note("cause_outside_population", message)
    if not any(ranked.band is Band.LEADING for ranked in candidates):
        yield Note("not_enough_to_rank", "Not enough to rank: see what to ask first.")
