"""Orders under review: what the knowledge base says of medicines and tests that are being ordered.

A medicine is looked at in two ways: as a treatment of the knowledge base, with the cautions that
apply to this patient or are to be checked before; and as one that may cause cramps, where the
patient has them. A test is looked up among those that are done. A medicine that is not recognized
is called so. That nothing is said of an order is no proof that it is safe.

>>> from crampdx import Assessor, KnowledgeBase
>>> reviewer = OrderReviewer(Assessor(KnowledgeBase.load("article", "extended")))
>>> review = reviewer.review(
...     {"findings": {"muscle_cramp": True}, "as_of": "2026-03-01"},
...     medicines=[{"text": "simvastatin 20 MG Oral Tablet"}],
... )
>>> [link.cause for link in review.medicines[0].cramp_links]
['statin_induced_cramps']
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from crampdx.assessment import CautionNote
from crampdx.engine.assessor import Assessor
from crampdx.engine.evaluators.reference import evaluate
from crampdx.engine.evaluators.strata import in_order
from crampdx.engine.intake.medicines import Ingredients
from crampdx.engine.trace import AssessmentTrace
from crampdx.knowledge.base import KnowledgeBase
from crampdx.knowledge.models import (
    Cause,
    CodeMatch,
    CodeSystem,
    Evidence,
    TreatmentKind,
)
from crampdx.record.models import Entry, Medication, PatientRecord, TestResult
from crampdx.record.parsing import parse_record

__all__ = [
    "MEDICINES",
    "CrampLink",
    "DoneBefore",
    "MedicineReview",
    "OrderReview",
    "OrderReviewer",
    "TestReview",
    "TreatmentReview",
]

MEDICINES = "medications"
"""The group of the causes that a medicine can be."""

_TestOrCode = str | tuple[str, str]
"""The id of a test, or a code with its system."""

_SAYS = {CodeMatch.EXACT, CodeMatch.NARROWER, CodeMatch.USED_AS}


@dataclass(frozen=True, slots=True)
class TreatmentReview:
    """A treatment of the knowledge base that the ordered medicine is.

    Attributes:
        treatment: The id of the treatment.
        name: Its name.
        cautions: What applies, then what is to be checked before; the gravest first of either.
    """

    treatment: str
    name: str
    cautions: tuple[CautionNote, ...]


@dataclass(frozen=True, slots=True)
class CrampLink:
    """A cause of cramps that the medicine alone is evidence for.

    Attributes:
        cause: The id of the cause.
        name: Its name.
        lines: The lines of evidence that taking the medicine makes true.
    """

    cause: str
    name: str
    lines: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class MedicineReview:
    """What is said of one ordered medicine.

    Attributes:
        place: Where the order stands.
        names: What the knowledge base calls it: its treatments, then its findings. Empty where it
            is not recognized.
        treatments: The treatments that it is, with their cautions.
        cramp_links: Causes of cramps that it may be; empty where the patient is not known to
            have them.
        recognized: Whether the knowledge base knows the medicine at all. If not, it is not checked.
        complete: Whether all its ingredients are known.
    """

    place: str
    names: tuple[str, ...]
    treatments: tuple[TreatmentReview, ...]
    cramp_links: tuple[CrampLink, ...]
    recognized: bool
    complete: bool


@dataclass(frozen=True, slots=True)
class DoneBefore:
    """Where the record says that a test was done.

    Attributes:
        place: Where in the record.
        date: When, as far as it says.
    """

    place: str
    date: str | None


@dataclass(frozen=True, slots=True)
class TestReview:
    """What is said of one ordered test.

    Attributes:
        place: Where the order stands.
        test: The id of the test; None where the knowledge base does not know it.
        name: Its name, or that of the order where only the record knows its code; else empty.
        done: Where the record has it as done, or something of the same code, the latest first.
    """

    __test__ = False

    place: str
    test: str | None
    name: str
    done: tuple[DoneBefore, ...]


@dataclass(frozen=True, slots=True)
class OrderReview:
    """What the knowledge base says of orders.

    Attributes:
        has_complaint: Whether the record says that the patient has cramps: True, False or None
            where it is unknown.
        medicines: In the order given.
        tests: In the order given; a test that the order's code stands for, each.
    """

    has_complaint: bool | None
    medicines: tuple[MedicineReview, ...]
    tests: tuple[TestReview, ...]

    @property
    def rules(self) -> tuple[str, ...]:
        """The ids of the rules that it rests on, each with its kind, sorted."""
        found = {
            f"caution:{note.caution.id}"
            for medicine in self.medicines
            for treatment in medicine.treatments
            for note in treatment.cautions
        }
        found |= {
            f"evidence:{line.id}"
            for medicine in self.medicines
            for link in medicine.cramp_links
            for line in link.lines
        }
        return tuple(sorted(found))

    @property
    def not_checked(self) -> tuple[str, ...]:
        """The places of medicines that were not recognized, or not in all their ingredients."""
        return tuple(m.place for m in self.medicines if not m.complete)


class OrderReviewer:
    """A knowledge base arranged for the review of orders. Built once; used from any thread."""

    def __init__(self, assessor: Assessor) -> None:
        self.assessor = assessor
        knowledge = assessor.knowledge
        self._treatments = _treatments_by_code(knowledge)
        self._names = Ingredients(_treatment_names(knowledge))
        self._displays = {(str(c.system), c.code): c.display for c in knowledge.codes}
        self._derived = in_order(knowledge.derived())
        self._lines = tuple(_lines_of_medicines(knowledge))
        self._tests_by_name = {_plain(test.name): test.id for test in knowledge.tests.values()}

    def review(
        self,
        record: PatientRecord | Mapping[str, Any] | str | bytes,
        medicines: Iterable[Medication | Mapping[str, Any]] = (),
        tests: Iterable[TestResult | Mapping[str, Any]] = (),
        trace: AssessmentTrace | None = None,
    ) -> OrderReview:
        """Review orders against a record.

        Args:
            record: The record, as for `crampdx.assess`.
            medicines: The medicines being ordered, by id of a treatment, code, or name.
            tests: The tests being ordered, by id, code, or name.
            trace: That of the record, if it was made already.

        Raises:
            RecordError: The record is not of the record's form.
            ValidationError: An order is not of its form.
        """
        patient = parse_record(record)
        trace = self.assessor.trace(patient) if trace is None else trace
        complaint = self.assessor.knowledge.complaint
        has_complaint = None if complaint is None else trace.states.get(complaint)
        done = _tests_done(patient, self.assessor)
        return OrderReview(
            has_complaint=has_complaint,
            medicines=tuple(
                self._medicine(
                    Medication.model_validate(order),
                    f"medicines[{index}]",
                    trace,
                    has_complaint is True,
                )
                for index, order in enumerate(medicines)
            ),
            tests=tuple(
                found
                for index, order in enumerate(tests)
                for found in self._tests(TestResult.model_validate(order), f"tests[{index}]", done)
            ),
        )

    # ---- medicines

    def _medicine(
        self, order: Medication, place: str, trace: AssessmentTrace, has_complaint: bool
    ) -> MedicineReview:
        knowledge = self.assessor.knowledge
        treatments, findings, complete = self._recognized(order)
        links = self._cramp_links(findings) if has_complaint else ()
        names = [knowledge.treatments[name].name for name in treatments]
        names += [knowledge.findings[name].name for name in findings]
        return MedicineReview(
            place=order.origin or place,
            names=tuple(names),
            treatments=tuple(
                TreatmentReview(name, knowledge.treatments[name].name, trace.cautions(name))
                for name in treatments
            ),
            cramp_links=links,
            recognized=bool(treatments or findings),
            complete=complete,
        )

    def _recognized(self, order: Medication) -> tuple[tuple[str, ...], tuple[str, ...], bool]:
        """The treatments and findings that the order names, and whether all of it is known."""
        vocabulary = self.assessor.vocabulary
        treatments = {order.id} & self.assessor.knowledge.treatments.keys() if order.id else set()
        findings: set[str] = set()
        by_code = bool(treatments)
        for coding in order.code:
            key = (coding.system, coding.code)
            shown = [m.finding for m in vocabulary.by_code.get(key, ()) if m.shows_present]
            findings.update(shown)
            treatments |= self._treatments.get(key, frozenset())
            by_code = by_code or bool(shown) or key in self._treatments
        complete = by_code
        for name in self._names_of(order):
            as_treatment, as_finding = self._names.of(name), vocabulary.ingredients.of(name)
            treatments.update(as_treatment.meanings)
            findings.update(match.finding for match in as_finding.meanings)
            complete = complete or as_treatment.complete or as_finding.complete
        return tuple(sorted(treatments)), tuple(sorted(findings)), complete

    def _names_of(self, order: Medication) -> Iterator[str]:
        """What the order calls the medicine, and what the knowledge base calls its codes."""
        if order.text:
            yield order.text
        for coding in order.code:
            if coding.display:
                yield coding.display
            known = self._displays.get((coding.system, coding.code))
            if known:
                yield known

    def _cramp_links(self, findings: Iterable[str]) -> tuple[CrampLink, ...]:
        """Causes with lines that hold of whoever takes the medicine, whatever else is known."""
        states = self._states(findings)
        lines: dict[str, list[Evidence]] = defaultdict(list)
        causes: dict[str, Cause] = {}
        for cause, line in self._lines:
            if evaluate(line.when, states) is True:
                lines[cause.id].append(line)
                causes[cause.id] = cause
        return tuple(
            CrampLink(name, causes[name].name, tuple(lines[name])) for name in sorted(lines)
        )

    def _states(self, findings: Iterable[str]) -> dict[str, bool]:
        """The findings as present, with all that follows from them alone."""
        ancestors = self.assessor.vocabulary.ancestors
        states = {name: True for given in findings for name in (given, *ancestors[given])}
        for name, criterion in self._derived:
            if evaluate(criterion, states) is True:
                states[name] = True
                states.update(dict.fromkeys(ancestors[name], True))
        return states

    # ---- tests

    def _tests(
        self, order: TestResult, place: str, done: Mapping[_TestOrCode, list[DoneBefore]]
    ) -> Iterator[TestReview]:
        known = sorted(self._tests_named(order))
        where = order.origin or place
        same = {before for c in order.code for before in done.get((c.system, c.code), ())}
        for name in known:
            before = same.union(done.get(name, ()))
            yield self._review(where, name, self.assessor.knowledge.tests[name].name, before)
        if not known:
            yield self._review(where, None, _name_of(order) if same else "", same)

    @staticmethod
    def _review(place: str, test: str | None, name: str, done: Iterable[DoneBefore]) -> TestReview:
        return TestReview(place, test, name, tuple(sorted(done, key=_latest_first)))

    def _tests_named(self, order: TestResult) -> set[str]:
        vocabulary = self.assessor.vocabulary
        found = vocabulary.tests_named(order)
        texts = [order.text, *(coding.display for coding in order.code)]
        by_name = {self._tests_by_name.get(_plain(text)) for text in texts if text}
        return found | {name for name in by_name if name is not None}


def _treatments_by_code(knowledge: KnowledgeBase) -> dict[tuple[str, str], frozenset[str]]:
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for code in knowledge.codes:
        if code.concept_kind == "treatment" and code.match in _SAYS:
            found[str(code.system), code.code].add(code.concept)
    return {key: frozenset(names) for key, names in found.items()}


def _treatment_names(knowledge: KnowledgeBase) -> Iterator[tuple[str, str]]:
    """How the ingredients of treatments are called: by RxNorm, and by the treatment's own name."""
    for treatment in knowledge.treatments.values():
        if treatment.kind is TreatmentKind.MEDICATION:
            yield treatment.name, treatment.id
    for code in knowledge.codes:
        is_ingredient = code.system is CodeSystem.RXNORM and code.match in _SAYS
        if code.concept_kind == "treatment" and is_ingredient:
            yield code.display, code.concept


def _lines_of_medicines(knowledge: KnowledgeBase) -> Iterator[tuple[Cause, Evidence]]:
    for cause in knowledge.causes.values():
        if cause.group == MEDICINES:
            for line in cause.evidence:
                if line.favors is not None or (line.lr is not None and line.lr > 1):
                    yield cause, line


def _tests_done(record: PatientRecord, assessor: Assessor) -> dict[_TestOrCode, list[DoneBefore]]:
    """Where the record has tests as done, by test and by code.

    As tests, by values that only they measure, and by whatever has the same code as an order.
    """
    vocabulary = assessor.vocabulary
    found: dict[_TestOrCode, list[DoneBefore]] = defaultdict(list)
    for index, result in enumerate(record.test_results):
        if result.status != "done":
            continue
        before = DoneBefore(result.origin or f"test_results[{index}]", result.date)
        for known in _known_by(result, vocabulary.tests_named(result)):
            found[known].append(before)
    for index, value in enumerate(record.measurements):
        before = DoneBefore(value.origin or f"measurements[{index}]", value.date)
        for known in _known_by(value, vocabulary.tests_coded(value)):
            found[known].append(before)
    return found


def _known_by(entry: Entry, tests: Iterable[str]) -> Iterator[_TestOrCode]:
    """What an order may name an entry by: its tests, and its codes."""
    yield from tests
    for coding in entry.code:
        yield coding.system, coding.code


def _name_of(order: TestResult) -> str:
    displays = (coding.display for coding in order.code if coding.display)
    return order.text or next(displays, "") or "What is ordered"


def _latest_first(done: DoneBefore) -> tuple[tuple[int, ...], str]:
    """Later dates first, undated ones last; partial dates compare by their text."""
    return tuple(-ord(character) for character in (done.date or "")) or (1,), done.place


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
