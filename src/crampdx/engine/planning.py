"""From candidates to a plan: what to ask and test, what to consider, what speaks against it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal, NamedTuple

from crampdx.assessment import (
    Band,
    CautionNote,
    Clarification,
    Note,
    Observed,
    ProposedTest,
    Question,
    RaisedFlag,
    TestOutcome,
    TreatmentOption,
)
from crampdx.engine.discrimination import Discrimination
from crampdx.engine.evaluators.reference import Verdict
from crampdx.engine.ranking import ScoredCause
from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.criteria import Criterion, findings_in
from crampdx.knowledge.models import (
    Caution,
    CautionLevel,
    Code,
    Finding,
    Indication,
    Prevention,
    RedFlag,
    Test,
    TestKind,
    TreatmentKind,
    Urgency,
)
from crampdx.record.models import PatientRecord

__all__ = ["MAX_QUESTIONS", "Plan", "Planner", "PlanningContext"]

MAX_QUESTIONS = 5
"""How many questions an assessment proposes."""

MAX_TESTS = 10
"""How many tests an assessment proposes."""

MAX_OUTCOMES = 4
"""How many findings an assessment names of those that a test can show."""

_TEST_ORDER = {kind: number for number, kind in enumerate(TestKind)}
_LEVEL_ORDER = {level: number for number, level in enumerate(CautionLevel)}
_URGENCY_ORDER = {urgency: number for number, urgency in enumerate(Urgency)}


@dataclass(frozen=True, slots=True)
class PlanningContext:
    """What planning looks at.

    Attributes:
        record: The record, for the population.
        states: The known findings.
        verdicts: The verdict of each criterion, by its number.
        candidates: In rank order.
        separation: What each unknown finding could do to the causes in question.
        contested: Findings that are unknown because of what is wrong with the record.
        tests_done: Tests that the record holds as done.
        tests_ordered: Tests that it holds as ordered.
        unread_medicines: Medicines of the record that the rules do not know.
        observe: Findings to what the record says of them.
    """

    record: PatientRecord
    states: Mapping[str, bool]
    verdicts: Sequence[Verdict]
    candidates: Sequence[ScoredCause]
    separation: Discrimination
    unresolved: frozenset[str]
    tests_done: frozenset[str]
    tests_ordered: frozenset[str]
    unread_medicines: int
    observe: Callable[[Iterable[str]], tuple[Observed, ...]]


@dataclass(frozen=True, slots=True)
class Plan:
    """The parts of an assessment that follow from the ranking."""

    notes: tuple[Note, ...]
    red_flags: tuple[RaisedFlag, ...]
    clarify: tuple[Clarification, ...]
    questions: tuple[Question, ...]
    tests: tuple[ProposedTest, ...]
    treatments: tuple[TreatmentOption, ...]
    treatments_not_assessed: tuple[str, ...]
    prevention: tuple[Prevention, ...]


class Condition(NamedTuple):
    """When an indication or a preventive measure holds.

    Attributes:
        causes: One of these has to be leading or plausible; without any, none has to.
        criterion: The number of its criterion; without one it holds for everyone.
    """

    causes: frozenset[str]
    criterion: int | None

    def holds(self, verdicts: Sequence[Verdict], causes: Iterable[str]) -> bool:
        """Whether it holds for these leading and plausible causes."""
        if self.causes and self.causes.isdisjoint(causes):
            return False
        return self.criterion is None or verdicts[self.criterion] is True


class Clarifiable(NamedTuple):
    """A red flag or a caution that a flaw of the record can leave open.

    Attributes:
        kind: What it is.
        id: Its id.
        name: Its name; of a caution, that of the treatment.
        criterion: The number of its criterion.
        deciding: The findings that can decide it.
    """

    kind: Literal["red_flag", "caution"]
    id: str
    name: str
    criterion: int
    deciding: frozenset[str]


class CompiledCaution(NamedTuple):
    """A caution with what planning needs of it.

    Attributes:
        criterion: The number of its criterion.
        findings: The findings of its criterion.
        to_check: What is said of it where none of its findings is known.
    """

    caution: Caution
    criterion: int
    findings: tuple[str, ...]
    to_check: CautionNote


class Planner:
    """The tests, treatments and flags of a knowledge base. Built once; not changed after."""

    def __init__(self, knowledge: KnowledgeBase, numbers: Mapping[Criterion, int]) -> None:
        self.knowledge = knowledge
        self.criterion_numbers = numbers
        self.numbers = {
            (kind, item): numbers[criterion]
            for kind, item, criterion in knowledge.criteria()
            if kind not in ("finding", "red_flag")
        }
        self.codes: Mapping[tuple[str, str], tuple[Code, ...]] = _codes_by_concept(knowledge)
        self.red_flags = tuple(
            (flag, numbers[flag.when], tuple(sorted(findings_in(flag.when))))
            for flag in sorted(knowledge.red_flags.values(), key=_most_urgent_first)
        )
        self.indications = tuple(
            (treatment.id, indication, self._condition("indication", indication))
            for treatment in knowledge.treatments.values()
            for indication in treatment.indications
        )
        self.measures = tuple(
            (measure, self._condition("prevention", measure))
            for measure in knowledge.prevention.values()
        )
        above, below = knowledge.ancestors(), knowledge.descendants()
        self.related = {finding: above[finding] | below[finding] for finding in above}
        self.asked = {f.id: f for f in knowledge.findings.values() if f.can_be_asked}
        self.clarifiable = tuple(self._clarifiable())
        self.cautions = {
            treatment.id: tuple(
                _compiled(caution, self.numbers["caution", caution.id])
                for caution in sorted(treatment.cautions, key=_gravest_first)
            )
            for treatment in knowledge.treatments.values()
        }
        self.tests_showing: dict[str, list[str]] = defaultdict(list)
        for test in knowledge.tests.values():
            for name in {name for shown in test.shows for name in (shown, *below[shown])}:
                self.tests_showing[name].append(test.id)

    @property
    def obtainable(self) -> frozenset[str]:
        """The findings that can be asked for, or that a test shows."""
        return frozenset(self.asked.keys() | self.tests_showing.keys())

    def plan(self, situation: PlanningContext) -> Plan:
        """Everything that follows from the ranking."""
        notes, outside = self._population(situation.record)
        drugs_not_assessed: tuple[str, ...] = ()
        treatments = self._treatments(situation)
        if outside:
            drugs_not_assessed = tuple(
                sorted(t.id for t in self.knowledge.treatments.values() if _is_drug(t.kind))
            )
            treatments = tuple(option for option in treatments if not _is_drug(option.kind))
        return Plan(
            notes=notes,
            red_flags=self._red_flags(situation),
            clarify=self._clarify(situation),
            questions=self._questions(situation),
            tests=self._tests(situation),
            treatments=treatments,
            treatments_not_assessed=drugs_not_assessed,
            prevention=self._prevention(situation),
        )

    def _condition(self, kind: str, item: Indication | Prevention) -> Condition:
        return Condition(frozenset(item.causes), self.numbers.get((kind, item.id)))

    def _population(self, record: PatientRecord) -> tuple[tuple[Note, ...], bool]:
        notes: list[Note] = []
        outside = False
        for pack in self.knowledge.packs:
            age, sex = pack.population.age, pack.population.sex
            if age is not None and record.age is None:
                message = (
                    f"The age is not known; the rules of pack '{pack.name}' are for people"
                    f" aged {age.text()} years."
                )
                notes.append(Note("age_unknown", message))
            is_outside = age is not None and record.age is not None and not age.contains(record.age)
            if is_outside or (sex is not None and record.sex not in (None, sex)):
                outside = True
                message = (
                    f"This person is outside the population of pack '{pack.name}'. Its ranking may"
                    " not hold, and drug treatments are not assessed for this person."
                )
                notes.insert(0, Note("outside_population", message))
        return tuple(notes), outside

    def caution_notes(self, treatment: str, situation: PlanningContext) -> tuple[CautionNote, ...]:
        """The cautions of a treatment: what applies, then what is to be checked before.

        The gravest first of either.
        """
        return tuple(_notes(self.cautions[treatment], situation))

    def _red_flags(self, situation: PlanningContext) -> tuple[RaisedFlag, ...]:
        verdicts = situation.verdicts
        return tuple(
            RaisedFlag(flag, situation.observe(findings))
            for flag, number, findings in self.red_flags
            if verdicts[number] and not self._is_held_back(flag, situation)
        )

    def _is_held_back(self, flag: RedFlag, situation: PlanningContext) -> bool:
        """Whether what a flag is not raised with is known to hold."""
        if flag.unless is None:
            return False
        return situation.verdicts[self.criterion_numbers[flag.unless]] is True

    def _clarify(self, situation: PlanningContext) -> tuple[Clarification, ...]:
        """Red flags, and cautions, that only a flaw of the record leaves open."""
        unresolved = situation.unresolved - situation.states.keys()
        if not unresolved:
            return ()
        return tuple(
            Clarification(kind, item, name, tuple(sorted(deciding & unresolved)))
            for kind, item, name, criterion, deciding in self.clarifiable
            if situation.verdicts[criterion] is None
            and not deciding.isdisjoint(unresolved)
            and not (
                kind == "red_flag" and self._is_held_back(self.knowledge.red_flags[item], situation)
            )
        )

    def _clarifiable(self) -> Iterator[Clarifiable]:
        for flag in self.knowledge.red_flags.values():
            yield self._deciding("red_flag", flag, flag.name)
        for treatment in self.knowledge.treatments.values():
            for caution in sorted(treatment.cautions, key=lambda caution: caution.id):
                yield self._deciding("caution", caution, treatment.name)

    def _deciding(
        self, kind: Literal["red_flag", "caution"], item: RedFlag | Caution, name: str
    ) -> Clarifiable:
        rests_on = self.knowledge.rests_on(item.when)
        deciding = rests_on.union(*(self.related[finding] for finding in rests_on))
        return Clarifiable(kind, item.id, name, self.criterion_numbers[item.when], deciding)

    def _questions(self, situation: PlanningContext) -> tuple[Question, ...]:
        """What to ask: what separates most, then what needs no examination; one of related ones."""
        chosen: list[Finding] = []
        for finding in self._askable(situation.separation):
            if len(chosen) == MAX_QUESTIONS:
                break
            if self.related[finding.id].isdisjoint([other.id for other in chosen]):
                chosen.append(finding)
        questions = [_question(finding, situation.separation) for finding in chosen]
        complaint = self.knowledge.complaint
        if complaint is not None and complaint not in situation.states:
            first = _question(self.knowledge.findings[complaint], situation.separation)
            questions = [first, *(q for q in questions if q.finding != complaint)]
        return tuple(questions[:MAX_QUESTIONS])

    def _askable(self, separation: Discrimination) -> Iterator[Finding]:
        """What can be asked for: what separates most first; of equals, signs last."""
        for _, names in groupby(separation.ordered, separation.separates):
            alike = [finding for name in names if (finding := self.asked.get(name)) is not None]
            yield from sorted(alike, key=lambda finding: finding.kind.traits.is_examined)

    def _tests(self, situation: PlanningContext) -> tuple[ProposedTest, ...]:
        shown: dict[str, list[str]] = {}
        for name in situation.separation.ordered:
            for test in self.tests_showing.get(name, ()):
                shown.setdefault(test, []).append(name)
        options: list[tuple[int, int, int, str]] = []
        record, settled = situation.record, situation.tests_done | situation.tests_ordered
        for test, names in shown.items():
            population = self.knowledge.tests[test].population
            if test in settled or not population.includes(record.age, record.sex):
                continue
            separates, shifts = situation.separation.order(names[0])
            kind = _TEST_ORDER[self.knowledge.tests[test].kind]
            options.append((separates, kind, shifts, test))
        return tuple(
            self._proposed(self.knowledge.tests[test], shown[test], situation.separation)
            for *_, test in sorted(options)[:MAX_TESTS]
        )

    def _proposed(
        self, test: Test, shown: Sequence[str], separation: Discrimination
    ) -> ProposedTest:
        return ProposedTest(
            test.id,
            test.name,
            test.kind,
            separation.separates(shown[0]),
            tuple(
                TestOutcome(name, self.knowledge.findings[name].name, *separation.shifts(name))
                for name in shown[:MAX_OUTCOMES]
            ),
            test.because,
            test.sources,
            self.codes.get(("test", test.id), ()),
        )

    def _treatments(self, situation: PlanningContext) -> tuple[TreatmentOption, ...]:
        """Treatments that a leading or plausible cause, or a finding, indicates."""
        position = _positions(situation.candidates)
        holding: dict[str, list[Indication]] = defaultdict(list)
        for treatment_id, indication, condition in self.indications:
            if condition.holds(situation.verdicts, position):
                holding[treatment_id].append(indication)
        options: list[tuple[int, TreatmentOption]] = []
        for treatment_id, indications in holding.items():
            treatment = self.knowledge.treatments[treatment_id]
            causes = sorted(
                {cause for i in indications for cause in i.causes if cause in position},
                key=position.__getitem__,
            )
            drug = _is_drug(treatment.kind)
            option = TreatmentOption(
                treatment=treatment.id,
                name=treatment.name,
                kind=treatment.kind,
                indications=tuple(indications),
                for_causes=tuple(causes),
                cautions=self.caution_notes(treatment.id, situation),
                about=treatment.about,
                interactions_not_checked=situation.unread_medicines if drug else 0,
                codes=self.codes.get(("treatment", treatment.id), ()),
            )
            options.append((position[causes[0]] if causes else len(position), option))
        options.sort(key=lambda item: (item[0], item[1].treatment))
        return tuple(option for _, option in options)

    def _prevention(self, situation: PlanningContext) -> tuple[Prevention, ...]:
        position = _positions(situation.candidates)
        return tuple(
            measure
            for measure, condition in self.measures
            if condition.holds(situation.verdicts, position)
        )


def _positions(candidates: Sequence[ScoredCause]) -> dict[str, int]:
    """The leading and plausible causes, with their place in the order."""
    return {
        ranked.cause.id: number
        for number, ranked in enumerate(candidates)
        if ranked.band is not Band.UNLIKELY
    }


def _most_urgent_first(flag: RedFlag) -> tuple[int, str]:
    return _URGENCY_ORDER[flag.urgency], flag.id


def _gravest_first(caution: Caution) -> tuple[int, str]:
    return _LEVEL_ORDER[caution.level], caution.id


def _notes(cautions: Sequence[CompiledCaution], situation: PlanningContext) -> list[CautionNote]:
    """What applies, then what is to be checked before; the gravest first of either."""
    applies: list[CautionNote] = []
    to_check: list[CautionNote] = []
    verdicts, known = situation.verdicts, situation.states.keys()
    for caution, number, findings, all_to_check in cautions:
        verdict = verdicts[number]
        if verdict:
            applies.append(CautionNote(caution, "applies", situation.observe(findings), ()))
        elif verdict is None:
            unknown = tuple([name for name in findings if name not in known])
            is_all = len(unknown) == len(findings)
            to_check.append(all_to_check if is_all else _to_check(caution, unknown))
    return applies + to_check


def _to_check(caution: Caution, unknown: tuple[str, ...]) -> CautionNote:
    return CautionNote(caution, "check_before", (), unknown)


def _compiled(caution: Caution, criterion: int) -> CompiledCaution:
    findings = tuple(sorted(findings_in(caution.when)))
    return CompiledCaution(caution, criterion, findings, _to_check(caution, findings))


def _is_drug(kind: TreatmentKind) -> bool:
    return kind is TreatmentKind.MEDICATION


def _question(finding: Finding, separation: Discrimination) -> Question:
    ask = finding.ask or f"Is this present: {finding.name}?"
    separates, shifts = separation.separates(finding.id), separation.shifts(finding.id)
    return Question(finding.id, finding.name, ask, separates, *shifts)


def _codes_by_concept(knowledge: KnowledgeBase) -> dict[tuple[str, str], tuple[Code, ...]]:
    """The exact codes of each concept, for output."""
    found: dict[tuple[str, str], list[Code]] = defaultdict(list)
    for code in knowledge.codes:
        if code.match == "exact":
            found[code.concept_kind, code.concept].append(code)
    return {key: tuple(codes) for key, codes in found.items()}
