"""The way of the data: record → findings → verdicts → candidates → plan → assessment."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from crampdx._version import __version__
from crampdx.assessment import (
    Assessment,
    Band,
    Candidate,
    CautionNote,
    DoNotMiss,
    EvaluatorName,
    KnowledgeStamp,
    Line,
    Note,
    Observed,
    PackStamp,
)
from crampdx.engine.discrimination import AnswerEffects, Discrimination, separation
from crampdx.engine.evaluators.protocol import Verdict
from crampdx.engine.evaluators.selection import EvaluatorChain
from crampdx.engine.hypotheticals import Hypothesis, assume
from crampdx.engine.intake.reader import Intake, Vocabulary, interpret_record
from crampdx.engine.planning import Planner, PlanningContext
from crampdx.engine.ranking import RankedLine, Ranker, ScoredCause, rank
from crampdx.engine.scoring import is_shown_apart
from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.criteria import Atom, Criterion, atoms_of
from crampdx.record.models import PatientRecord
from crampdx.record.parsing import parse_record

__all__ = ["AssessmentTrace", "Assessor", "assess", "assessor_of"]


@dataclass(frozen=True, slots=True)
class AssessmentTrace:
    """An assessment with all that it was made from, for whoever explains or tests rules.

    Attributes:
        knowledge: The rules.
        assessment: What `assess` answers.
        states: The known findings: True for present, False for absent.
        verdicts: Of each criterion of the knowledge base but those of derived findings, by the
            kind and the id of its owner (see `KnowledgeBase.criteria`).
        scored: Every cause with its score and true lines, candidates and others, by id.
        separation: What each unknown finding could do to the causes in question: those that the
            questions of the assessment would tell apart.
        intake: What the record says, as it was read.
        observe: Findings to what the record says of them, and where; unknown ones are left out.
        cautions: A treatment, by id, to its cautions for this record, whatever indicates it.
    """

    knowledge: KnowledgeBase
    assessment: Assessment
    states: Mapping[str, bool]
    verdicts: Mapping[tuple[str, str], Verdict]
    scored: Mapping[str, ScoredCause]
    separation: Discrimination
    intake: Intake
    observe: Callable[[Iterable[str]], tuple[Observed, ...]]
    cautions: Callable[[str], tuple[CautionNote, ...]]


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
        self._criteria = tuple(numbers)
        self._rests_on = tuple(knowledge.rests_on(criterion) for criterion in self._criteria)
        self._evaluators = EvaluatorChain(self._criteria, self._derived, evaluator)
        self._ranker = Ranker(knowledge, numbers)
        self._planner = Planner(knowledge, numbers)
        self._influence = AnswerEffects(
            knowledge, self._criteria, self._ranker.causes, self._planner.obtainable
        )
        self._stamp = KnowledgeStamp(
            packs=tuple(PackStamp(p.name, p.version, p.status) for p in knowledge.packs),
            digest=knowledge.digest,
            replacements=knowledge.replacements,
        )

    def assess(self, record: PatientRecord | Mapping[str, Any] | str | bytes) -> Assessment:
        """Assess one record; see `crampdx.assess`."""
        assessment, *_ = self._assess(parse_record(record))
        return assessment

    def trace(
        self,
        record: PatientRecord | Mapping[str, Any] | str | bytes,
        supposing: Hypothesis | None = None,
    ) -> AssessmentTrace:
        """Assess one record, and keep what the assessment was made from.

        Args:
            record: As for `crampdx.assess`.
            supposing: Findings that are taken to be other than the record says: True for present,
                False for absent, None for unknown. See `crampdx.engine.hypotheticals`.

        Raises:
            RecordError: The record is not of the record's form.
            HypothesisError: What is supposed cannot be.
        """
        assessment, situation, intake, scored = self._assess(parse_record(record), supposing)
        return AssessmentTrace(
            knowledge=self.knowledge,
            assessment=assessment,
            states=situation.states,
            verdicts={
                owner: situation.verdicts[number] for owner, number in self._planner.numbers.items()
            },
            scored={ranked.cause.id: ranked for ranked in scored},
            separation=situation.separation,
            intake=intake,
            observe=situation.observe,
            cautions=partial(self._planner.caution_notes, situation=situation),
        )

    examine = trace
    """The name of `trace` before version 0.4; it goes with version 0.5."""

    def influential(self, trace: AssessmentTrace) -> list[str]:
        """The unknown findings of which an answer could shift any cause, candidate or not."""
        causes = list(trace.scored.values())
        return sorted(separation(causes, self._influence, trace.states).findings)

    def orders(
        self,
        record: PatientRecord | Mapping[str, Any] | str | bytes,
        hypotheses: Iterable[Hypothesis],
    ) -> Iterator[list[ScoredCause]]:
        """The candidates in rank order under each hypothesis; the record is read once.

        Raises:
            RecordError: The record is not of the record's form.
            HypothesisError: What is supposed cannot be.
        """
        patient = parse_record(record)
        settled = interpret_record(patient, self.vocabulary).settled
        for supposing in hypotheses:
            verdicts, _, _ = self._infer(assume(settled, supposing, self.vocabulary).states)
            scored = self._ranker.score(verdicts)
            yield rank([r for r in scored if _in_population(r, patient)])

    def _assess(
        self, patient: PatientRecord, supposing: Hypothesis | None = None
    ) -> tuple[Assessment, PlanningContext, Intake, list[ScoredCause]]:
        intake = interpret_record(patient, self.vocabulary, supposing)
        verdicts, states, inference = self._infer(intake.settled.states)
        scored = self._ranker.score(verdicts)
        found = [r for r in scored if r.is_candidate]
        candidates = rank([r for r in found if _in_population(r, patient)])
        not_ranked = [r for r in found if not _in_population(r, patient)]
        observe = _Observer(intake, states, self.vocabulary, self._atoms_of)
        situation = PlanningContext(
            record=patient,
            states=states,
            verdicts=verdicts,
            candidates=candidates,
            separation=separation(_in_question(candidates, scored), self._influence, states),
            unresolved=intake.unresolved,
            tests_done=intake.tests_done,
            tests_ordered=intake.tests_ordered,
            unread_medicines=intake.unread_medicines,
            observe=observe,
        )
        assessment = self._assembled(situation, intake, not_ranked, inference)
        return assessment, situation, intake, scored

    def _infer(
        self, found: Mapping[str, bool]
    ) -> tuple[list[Verdict], dict[str, bool], EvaluatorName]:
        (verdicts, states), answered = self._evaluators.infer(found)
        return verdicts, states, answered

    def _assembled(
        self,
        situation: PlanningContext,
        intake: Intake,
        not_ranked: list[ScoredCause],
        inference: EvaluatorName,
    ) -> Assessment:
        plan = self._planner.plan(situation)
        candidates = situation.candidates
        leading = [ranked for ranked in candidates if ranked.band is Band.LEADING]
        notes = (*plan.notes, *_imitations(leading), *_notes(candidates, not_ranked))
        return Assessment.model_construct(
            conclusion="ranked" if leading else "not_enough_to_rank",
            notes=notes,
            red_flags=plan.red_flags,
            clarify=plan.clarify,
            candidates=tuple(
                self._candidate(number, ranked, situation)
                for number, ranked in enumerate(candidates, 1)
            ),
            do_not_miss=_do_not_miss(candidates),
            questions=plan.questions,
            tests=plan.tests,
            tests_done=tuple(sorted(situation.tests_done)),
            tests_ordered=tuple(sorted(situation.tests_ordered)),
            treatments=plan.treatments,
            treatments_not_assessed=plan.treatments_not_assessed,
            prevention=plan.prevention,
            unexplained=self._unexplained(leading, situation, intake),
            warnings=intake.warnings,
            not_used=intake.not_used,
            as_of=str(situation.record.as_of) if situation.record.as_of else None,
            knowledge=self._stamp,
            inference=inference,
            version=__version__,
        )

    def _candidate(self, number: int, ranked: ScoredCause, situation: PlanningContext) -> Candidate:
        cause = ranked.cause
        head = (
            number,
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
        states = situation.states
        others = {other.cause.id for other in situation.candidates}
        return Candidate(
            *head,
            supporting=tuple([_line(line, situation) for line in ranked.lines(supporting=True)]),
            opposing=tuple([_line(line, situation) for line in ranked.lines(supporting=False)]),
            missing=tuple(
                sorted({f for u in ranked.undecided for f in u.findings} - states.keys())
            ),
            because_of=tuple(origin for origin in cause.because_of if origin in others),
            codes=self._planner.codes.get(("cause", cause.id), ()),
        )

    def _unexplained(
        self, leading: Iterable[ScoredCause], situation: PlanningContext, intake: Intake
    ) -> tuple[Observed, ...]:
        """What the record says is present and no leading candidate's evidence rests on."""
        complaint = self.knowledge.complaint
        explained = {complaint, *self.vocabulary.ancestors[complaint]} if complaint else set()
        for ranked in leading:
            for line in ranked.true_lines:
                if line.weight > 0:
                    explained.update(self._rests_on[line.criterion])
        left = [
            name
            for name, direct in intake.settled.direct.items()
            if direct.state
            and self.knowledge.findings[name].kind.traits.needs_explaining
            and name not in explained
            and not explained.intersection(self.vocabulary.ancestors[name])
        ]
        return situation.observe(sorted(left))


def _in_question(candidates: list[ScoredCause], scored: list[ScoredCause]) -> list[ScoredCause]:
    """The causes to tell apart.

    What leads; a single leader, from what is plausible; all of them while nothing leads.
    """
    leading = [ranked for ranked in candidates if ranked.band is Band.LEADING]
    if len(leading) > 1:
        return leading
    if leading:
        return [ranked for ranked in candidates if ranked.band is not Band.UNLIKELY]
    return scored


def _in_population(ranked: ScoredCause, record: PatientRecord) -> bool:
    """Whether the cause may be ranked for this person."""
    return ranked.cause.population.includes(record.age, record.sex)


def _line(ranked: RankedLine, situation: PlanningContext) -> Line:
    line = ranked.line
    return Line(line.evidence, line.weight, ranked.counted, situation.observe(line.findings))


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


class _Observer:
    """Tells where the states of findings come from, in the order asked; built once for each."""

    def __init__(
        self,
        intake: Intake,
        states: Mapping[str, bool],
        vocabulary: Vocabulary,
        atoms_of_derived: Mapping[str, tuple[Atom, ...]],
    ) -> None:
        self._direct = intake.settled.direct
        self._states = states
        self._vocabulary = vocabulary
        self._atoms_of_derived = atoms_of_derived
        self._known: dict[str, Observed] = {}

    def __call__(self, findings: Iterable[str]) -> tuple[Observed, ...]:
        states = self._states
        return tuple([self._observed(name) for name in findings if name in states])

    def _observed(self, name: str) -> Observed:
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = self._look_up(name)
        return known

    def _look_up(self, name: str) -> Observed:
        state = self._states[name]
        direct = self._direct.get(name)
        if direct is not None:
            return Observed(name, state, direct.places)
        if name in self._atoms_of_derived:
            parts = self._decisive(self._atoms_of_derived[name], state)
            places = {place for part in parts for place in self._observed(part).places}
            return Observed(name, state, tuple(sorted(places)), parts)
        others = self._vocabulary.descendants if state else self._vocabulary.ancestors
        via = [
            other
            for other in others[name]
            if other in self._direct and self._direct[other].state is state
        ]
        places = {place for other in via for place in self._direct[other].places}
        return Observed(name, state, tuple(sorted(places)), tuple(via))

    def _decisive(self, atoms: Iterable[Atom], state: bool) -> tuple[str, ...]:
        """The findings that made a derived finding what it is: those that are as it needs them."""
        known = self._states
        decisive = {
            finding
            for finding, present in atoms
            if finding in known and (known[finding] is present) is state
        }
        return tuple(sorted(decisive))


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
