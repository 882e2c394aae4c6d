"""Laws of coverage and of mutation, on random packs and records."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from strategies import MANY, SOME, criteria, load, packs, records_for, states_of

from crampdx.authoring.cases.models import Case
from crampdx.authoring.cases.reading import LocatedCase
from crampdx.authoring.coverage import coverage
from crampdx.authoring.coverage.branches import deciders
from crampdx.authoring.mutation import MutationRunner, failing_cases, mutants, mutated
from crampdx.authoring.mutation.criteria import Implications, changed_criteria
from crampdx.engine.assessor import Assessor
from crampdx.engine.evaluators.reference import evaluate
from crampdx.engine.trace import AssessmentTrace
from crampdx.knowledge.criteria import atoms_of, parts_of
from crampdx.knowledge.criterion_parts import with_part, within
from crampdx.knowledge.loading.entries import SourceLocation

NAMES = ("a", "b", "c", "d")


@MANY
@given(criteria(NAMES), states_of(NAMES))
def test_a_part_that_decides_is_one_whose_finding_decides(criterion, states):
    """A finding that stands in one place decides there just when its other state would tell."""
    names = [atom.finding for atom in atoms_of(criterion)]
    for decider in deciders(criterion):
        if parts_of(decider.part):
            continue
        (atom,) = atoms_of(decider.part)
        known = atom.finding in states
        assert (decider.decided(states) is None) or known
        if known and names.count(atom.finding) == 1:
            turned = {**states, atom.finding: not states[atom.finding]}
            tells = evaluate(criterion, turned) is not evaluate(criterion, states)
            assert (decider.decided(states) is not None) is tells


@MANY
@given(criteria(NAMES))
def test_a_part_put_back_in_its_place_changes_nothing(criterion):
    """Every part is found at the place that it is said to be at."""
    for steps, part in within(criterion):
        assert with_part(criterion, steps, part) == criterion


@SOME
@given(st.data())
def test_every_case_counts_once_for_every_criterion(data):
    """True, false and unknown add up to the cases; a reading counts at most as often."""
    knowledge = load(data.draw(packs()))
    drawn = data.draw(st.lists(records_for(knowledge), max_size=3))
    found = coverage(knowledge, [case_of(record, {"no_notes": "any"}) for record in drawn])
    assert found.cases == len(drawn)
    for rule in found.rules:
        total = sum(rule.counts.values())
        assert total == len(drawn) or (rule.kind == "reading" and total < len(drawn))


@SOME
@given(st.data())
def test_a_changed_criterion_differs_where_it_says_so(data):
    """For the states that are told of it, the old and the new criterion come out as told."""
    knowledge = load(data.draw(packs()))
    implications = Implications(knowledge)
    for _, _, criterion in knowledge.criteria():
        for changed in changed_criteria(criterion, implications):
            states = implications.states(changed.witness)
            verdicts = evaluate(criterion, states), evaluate(changed.criterion, states)
            assert verdicts == changed.verdicts
            assert verdicts[0] is not verdicts[1]


@SOME
@given(st.data())
def test_a_mutant_is_killed_just_when_a_case_fails_with_it(data):
    """Whatever the order in which cases are tried, one that fails is found."""
    knowledge = load(data.draw(packs()))
    record = data.draw(records_for(knowledge))
    every = snapshot(Assessor(knowledge).trace(record))
    cases = [case_of(record, {**warned(every), key: every[key]}) for key in every]
    assert failing_cases(knowledge, cases) == ()
    runner = MutationRunner(knowledge, cases)
    found = [m for m in mutants(knowledge) if m.change.item is not None]
    for mutant in data.draw(st.lists(st.sampled_from(found), max_size=30)) if found else ():
        fails = bool(failing_cases(mutated(knowledge, mutant), cases))
        assert (runner.run(mutant).killed_by is not None) is fails


def case_of(record: dict, expect: dict) -> LocatedCase:
    case = Case.model_validate({"name": "made", "record": record, "expect": expect})
    return LocatedCase(case, SourceLocation.of_row("made", 1))


def warned(every: dict) -> dict:
    """What is to be expected of a record that names unknown ids, so that the case is in order."""
    return {"warnings": ("unknown_id",)} if "unknown_id" in every.get("warnings", ()) else {}


def snapshot(trace: AssessmentTrace) -> dict:
    """Expectations that say all that can be said of an assessment."""
    answer, knowledge = trace.assessment, trace.knowledge
    candidates = [candidate.cause for candidate in answer.candidates]
    lines = {name: v for (kind, name), v in trace.verdicts.items() if kind == "evidence"}
    notes = [note for option in answer.treatments for note in option.cautions]
    states = {True: "present", False: "absent", None: "unknown"}
    raised = [flag.flag.id for flag in answer.red_flags]
    lane = [item.cause for item in answer.do_not_miss]
    offered = {option.treatment for option in answer.treatments}
    measures = {measure.id for measure in answer.prevention}
    proposed = {test.test for test in answer.tests}
    unexplained = {observed.finding for observed in answer.unexplained}
    found = {
        "conclusion": answer.conclusion,
        "top": candidates[:1],
        "top_n": {cause: number for number, cause in enumerate(candidates, 1)},
        "band": {candidate.cause: str(candidate.band) for candidate in answer.candidates},
        "score": {cause: ranked.score for cause, ranked in trace.scored.items()},
        "candidates": candidates,
        "not_candidates": knowledge.causes.keys() - set(candidates),
        "because_of": {c.cause: c.because_of for c in answer.candidates if c.because_of},
        "do_not_miss": lane,
        "not_do_not_miss": knowledge.causes.keys() - set(lane),
        "fired": [name for name, verdict in lines.items() if verdict is True],
        "not_fired": [name for name, verdict in lines.items() if verdict is False],
        "undecided": [name for name, verdict in lines.items() if verdict is None],
        "findings": {name: states[trace.states.get(name)] for name in knowledge.findings},
        "red_flags": raised,
        "no_red_flags": knowledge.red_flags.keys() - set(raised),
        "clarify": [item.id for item in answer.clarify],
        "questions": [question.finding for question in answer.questions],
        "tests": proposed,
        "not_tests": knowledge.tests.keys() - proposed,
        "treatments": offered,
        "not_treatments": knowledge.treatments.keys() - offered,
        "treatments_not_assessed": answer.treatments_not_assessed,
        "cautions": {
            said: [note.caution.id for note in notes if note.verdict == said]
            for said in ("applies", "check_before")
        }
        if notes
        else {},
        "prevention": measures,
        "not_prevention": knowledge.prevention.keys() - measures,
        "unexplained": unexplained,
        "explained": knowledge.findings.keys() - unexplained,
        "warnings": {warning.code for warning in answer.warnings},
        "notes": {note.code for note in answer.notes},
    }
    return {
        key: sorted(value) if isinstance(value, set) else value
        for key, value in found.items()
        if value
    }
