"""Data flow of one record: findings → verdicts → candidates → plan → assessment."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any

from crampdx.assessment import Assessment, Band, EvaluatorName
from crampdx.engine.assembly import Assembler
from crampdx.engine.discrimination import AnswerEffects, measure_discrimination
from crampdx.engine.evaluators.protocol import Verdict
from crampdx.engine.evaluators.selection import EvaluatorChain
from crampdx.engine.hypotheticals import Hypothesis, assume
from crampdx.engine.intake.reader import Intake, Vocabulary, assume_in, interpret_record
from crampdx.engine.observing import Observer
from crampdx.engine.planning import Planner, PlanningContext
from crampdx.engine.planning.context import exact_codes, numbers_by_owner, positions_of
from crampdx.engine.ranking import Ranker, ScoredCause, rank
from crampdx.engine.trace import AssessmentTrace
from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.criteria import Criterion, atoms_of
from crampdx.record.models import PatientRecord
from crampdx.record.parsing import parse_record

__all__ = ["Assessor", "assess", "assessor_of"]


class Assessor:
    """A knowledge base, compiled: made once, then used from any thread.

    >>> assessor = Assessor(KnowledgeBase.load("article"))
    >>> assessor.assess({"findings": {"hypokalemia": True}}).candidates[0].cause
    'hypokalemia'
    """

    def __init__(
        self,
        knowledge: KnowledgeBase,
        *,
        evaluator: EvaluatorName | None = None,
        network: bool = True,
    ) -> None:
        """Compile.

        Args:
            knowledge: The rules.
            evaluator: Which evaluator answers: "durable_rules", "builtin" or "reference". They
                answer the same. Where one fails, the next answers in its place. Without it,
                durable_rules on CPython before 3.13, and elsewhere the built-in one.
            network: Before version 0.4, False meant the evaluator "reference", where none is
                given. It goes with version 0.5.

        Raises:
            ValueError: There is no evaluator of this name.
        """
        if evaluator is None and not network:
            evaluator = "reference"
        self.knowledge = knowledge
        self.vocabulary = Vocabulary(knowledge)
        self._derived = knowledge.derived()
        self._atoms_of = {name: tuple(atoms_of(c)) for name, c in self._derived.items()}
        numbers: dict[Criterion, int] = {}
        for kind, _, criterion in knowledge.criteria():
            if kind != "finding":
                numbers.setdefault(criterion, len(numbers))
        for _, criterion in knowledge.exceptions():
            numbers.setdefault(criterion, len(numbers))
        self._criteria = tuple(numbers)
        self._evaluators = EvaluatorChain(self._criteria, self._derived, evaluator)
        self._owners = numbers_by_owner(knowledge, numbers)
        codes = exact_codes(knowledge)
        self._ranker = Ranker(knowledge, numbers)
        self._planner = Planner(knowledge, numbers, codes)
        self._effects = AnswerEffects(
            knowledge, self._criteria, self._ranker.causes, self._planner.obtainable
        )
        rests_on = tuple(knowledge.rests_on(criterion) for criterion in self._criteria)
        self._assembler = Assembler(knowledge, codes, self.vocabulary.ancestors, rests_on)

    def assess(self, record: PatientRecord | Mapping[str, Any] | str | bytes) -> Assessment:
        """Assess one record; see `crampdx.assess`."""
        assessment, *_ = self._assess(parse_record(record))
        return assessment

    def trace(
        self,
        record: PatientRecord | Mapping[str, Any] | str | bytes,
        supposing: Hypothesis | None = None,
        intake: Intake | None = None,
    ) -> AssessmentTrace:
        """Assess one record, and keep what the assessment was made from.

        Args:
            record: As for `crampdx.assess`.
            supposing: Findings that are taken to be other than the record says: True for present,
                False for absent, None for unknown. See `crampdx.engine.hypotheticals`.
            intake: What the record says, where it has been read: the `intake` of its trace.

        Raises:
            RecordError: The record is not of the record's form.
            HypothesisError: What is supposed cannot be.
        """
        assessment, context, scored = self._assess(parse_record(record), supposing, intake)
        return AssessmentTrace(
            knowledge=self.knowledge,
            assessment=assessment,
            states=context.states,
            verdicts={owner: context.verdicts[number] for owner, number in self._owners.items()},
            scored={s.cause.id: s for s in self._ranker.with_others(scored, context.verdicts)},
            discrimination=context.discrimination,
            intake=context.intake,
            observe=context.observe,
            cautions=partial(self._planner.treatments.caution_notes, context=context),
        )

    examine = trace
    """The name of `trace` before version 0.4; it goes with version 0.5."""

    def influential(self, trace: AssessmentTrace) -> list[str]:
        """List the unknown findings of which an answer could shift any cause, candidate or not."""
        causes = list(trace.scored.values())
        return sorted(measure_discrimination(causes, self._effects, trace.states).findings)

    def orders(
        self,
        record: PatientRecord | Mapping[str, Any] | str | bytes,
        hypotheses: Iterable[Hypothesis],
        intake: Intake | None = None,
    ) -> Iterator[list[ScoredCause]]:
        """The candidates in rank order under each hypothesis; the record is read once.

        Args:
            record: As for `crampdx.assess`.
            hypotheses: As for `trace`.
            intake: What the record says, where it has been read.

        Raises:
            RecordError: The record is not of the record's form.
            HypothesisError: What is supposed cannot be.
        """
        patient = parse_record(record)
        resolved = (intake or interpret_record(patient, self.vocabulary)).resolved
        for supposing in hypotheses:
            verdicts, _, _ = self._infer(assume(resolved, supposing, self.vocabulary).states)
            inside, _ = _by_population(self._ranker.candidates(verdicts), patient)
            yield rank(inside)

    def _assess(
        self,
        patient: PatientRecord,
        supposing: Hypothesis | None = None,
        intake: Intake | None = None,
    ) -> tuple[Assessment, PlanningContext, list[ScoredCause]]:
        if intake is None:
            intake = interpret_record(patient, self.vocabulary)
        if supposing:
            intake = assume_in(intake, supposing, self.vocabulary)
        verdicts, states, inference = self._infer(intake.resolved.states)
        scored = self._ranker.candidates(verdicts)
        inside, not_ranked = _by_population(scored, patient)
        candidates = rank(inside)
        in_question = _in_question(candidates) or self._ranker.with_others(scored, verdicts)
        context = PlanningContext(
            record=patient,
            intake=intake,
            states=states,
            verdicts=verdicts,
            candidates=candidates,
            positions=positions_of(candidates),
            discrimination=measure_discrimination(in_question, self._effects, states),
            observe=Observer(intake, states, self.vocabulary, self._atoms_of),
        )
        plan = self._planner.plan(context)
        return self._assembler.assemble(plan, context, not_ranked, inference), context, scored

    def _infer(
        self, found: Mapping[str, bool]
    ) -> tuple[list[Verdict], dict[str, bool], EvaluatorName]:
        (verdicts, states), answered = self._evaluators.infer(found)
        return verdicts, states, answered


def _in_question(candidates: Sequence[ScoredCause]) -> list[ScoredCause]:
    """The causes to tell apart; none where nothing leads, since all causes are in question then.

    What leads; a single leader, from what is plausible.
    """
    leading = [ranked for ranked in candidates if ranked.band is Band.LEADING]
    if len(leading) != 1:
        return leading
    return [ranked for ranked in candidates if ranked.band is not Band.UNLIKELY]


def _by_population(
    scored: Iterable[ScoredCause], record: PatientRecord
) -> tuple[list[ScoredCause], list[ScoredCause]]:
    """The causes that may be ranked for this person, and those that may not."""
    inside: list[ScoredCause] = []
    outside: list[ScoredCause] = []
    for one in scored:
        fits = one.cause.population.includes(record.age, record.sex)
        (inside if fits else outside).append(one)
    return inside, outside


# ------------------------------------------------------------------------------------- the call

_loading = threading.Lock()


@lru_cache(maxsize=8)
def _assessor(knowledge: KnowledgeBase) -> Assessor:
    return Assessor(knowledge)


_default: Assessor | None = None


def _default_assessor() -> Assessor:
    """The default packs, loaded and compiled once."""
    global _default
    if _default is None:
        with _loading:
            if _default is None:
                _default = _assessor(KnowledgeBase.load())
    return _default


def assessor_of(knowledge: KnowledgeBase | None = None) -> Assessor:
    """The assessor of these rules, or of the default ones, compiled once and kept.

    Raises:
        KnowledgeError: The default rules do not load.
    """
    return _default_assessor() if knowledge is None else _assessor(knowledge)


def assess(
    record: PatientRecord | Mapping[str, Any] | str | bytes,
    knowledge: KnowledgeBase | None = None,
) -> Assessment:
    """Assess one patient: the ranked differential with the rationale of every line.

    Pure and thread-safe: the same record and the same rules give the same result. The first call
    loads and compiles the rules; a knowledge base that is given is compiled once and kept.

    Args:
        record: What is known of the patient; a mapping of the form of `PatientRecord`, its JSON,
            or the record itself. What it leaves out is unknown, not absent.
        knowledge: The rules; those of `crampdx.knowledge.DEFAULT_PACKS` where none are given.

    Raises:
        RecordError: The record is not of the record's form.
        KnowledgeError: The default rules do not load (never for a knowledge base that is given).

    >>> import crampdx
    >>> answer = crampdx.assess({"age": 58, "findings": {"hypokalemia": True}})
    >>> answer.candidates[0].name
    'Low potassium'
    """
    return assessor_of(knowledge).assess(record)
