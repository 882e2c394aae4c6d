"""The plan: what to look at first, to ask, to test and to consider, and what speaks against it."""

from __future__ import annotations

from typing import Any

import pytest
from packs import cause, extra_pack, findings, load, write_pack

from crampdx import Assessor, KnowledgeBase

A = "because: A., sources: [judgement]"

FINDINGS = (
    findings("alpha_sign", "beta_sign", "gamma_sign", "alpha_minor", "rash", "kidney_disease")
    + f"""\
- {{id: muscle_cramp, name: Cramp, kind: symptom, ask: Are there cramps?, sources: [judgement]}}
- {{id: alpha_marker, name: Marker of alpha, kind: laboratory, sources: [judgement]}}
- {{id: beta_marker, name: Marker of beta, kind: laboratory, sources: [judgement]}}
- {{id: shared_marker, name: Shared marker, kind: laboratory, sources: [judgement]}}
- {{id: high_marker, name: High marker, kind: laboratory, implies: [alpha_marker], {A}}}
- {{id: old_injury, name: Old injury, kind: history, sources: [judgement]}}
- {{id: family_beta, name: Beta in the family, kind: family, ask: Is beta in the family?,
   sources: [judgement]}}
- {{id: alpha_story, name: Story of alpha, kind: symptom, ask: Is there a story of alpha?,
   sources: [judgement]}}
- {{id: never_asked, name: Not to be asked, kind: symptom, sources: [judgement]}}
"""
)

ALPHA = cause(
    "alpha",
    "id: alpha.sign, when: alpha_sign, favors: strong",
    "id: alpha.minor, when: alpha_minor, favors: weak",
    "id: alpha.marker, when: alpha_marker, favors: strong",
    "id: alpha.no_marker, when: {absent: alpha_marker}, opposes: strong",
    "id: alpha.shared, when: shared_marker, favors: strong",
    "id: alpha.story, when: alpha_story, favors: weak",
    "id: alpha.never, when: never_asked, favors: strong",
)
BETA = cause(
    "beta",
    "id: beta.sign, when: beta_sign, favors: strong",
    "id: beta.marker, when: beta_marker, favors: moderate",
    "id: beta.shared, when: shared_marker, opposes: strong",
    "id: beta.family, when: family_beta, favors: moderate",
)
GAMMA = cause("gamma", "id: gamma.sign, when: gamma_sign, favors: strong")

TESTS = f"""\
- {{id: look, name: A look, kind: examination, shows: [alpha_sign, beta_sign, gamma_sign], {A}}}
- {{id: alpha_test, name: Test of alpha, kind: blood, shows: [alpha_marker], {A}}}
- {{id: beta_test, name: Test of beta, kind: blood, shows: [beta_marker], {A}}}
- {{id: both_test, name: Test of both, kind: imaging, shows: [shared_marker], {A}}}
- {{id: idle_test, name: Test of nothing, kind: blood, shows: [rash], {A}}}
"""

TREATMENTS = f"""\
- id: alpha_drug
  name: Drug against alpha
  kind: medication
  indications: [{{id: alpha_drug.alpha, causes: [alpha], {A}}}]
  cautions:
    - {{id: alpha_drug.monitor, when: rash, level: monitor, {A}}}
    - {{id: alpha_drug.avoid, when: kidney_disease, level: avoid, {A}}}
    - {{id: alpha_drug.adjust, when: {{all: [beta_sign, old_injury]}}, level: adjust, {A}}}
- id: beta_device
  name: Device for beta
  kind: device
  indications: [{{id: beta_device.beta, causes: [beta], {A}}}]
- id: alpha_with_rash
  name: Bath for alpha with a rash
  kind: physical
  indications: [{{id: alpha_with_rash.both, causes: [alpha, gamma], when: rash, {A}}}]
- id: a_for_rash
  name: Cream
  kind: lifestyle
  indications: [{{id: a_for_rash.rash, when: rash, {A}}}]
"""

PREVENTION = f"""\
- {{id: sleep, name: Sleep, {A}}}
- {{id: for_alpha, name: For alpha, causes: [alpha], {A}}}
- {{id: for_rash, name: For a rash, kind: seek_care, when: rash, {A}}}
- {{id: for_both, name: For both, causes: [alpha], when: rash, {A}}}
"""

RED_FLAGS = f"""\
- {{id: a_soon, name: S, urgency: soon, when: rash, consider: Consider it., {A}}}
- {{id: b_urgent, name: U, urgency: urgent, when: rash, consider: Consider it., {A}}}
- {{id: a_urgent, name: U, urgency: urgent, when: rash, consider: Consider it., {A}}}
- {{id: z_emergency, name: E, urgency: emergency, when: {{any: [rash, old_injury]}},
   consider: Consider it., {A}}}
- {{id: not_raised, name: N, urgency: emergency, when: kidney_disease, consider: Consider it., {A}}}
- {{id: held_back, name: H, urgency: soon, when: gamma_sign, unless: old_injury,
   consider: Consider it., {A}}}
"""


FILES = {
    "findings/all.yaml": FINDINGS,
    "causes/alpha.yaml": ALPHA,
    "causes/beta.yaml": BETA,
    "causes/gamma.yaml": GAMMA,
    "tests.yaml": TESTS,
    "treatments/all.yaml": TREATMENTS,
    "prevention.yaml": PREVENTION,
    "red_flags.yaml": RED_FLAGS,
    "codes/tests.csv": "system,code,match,test,display\nLOINC,1-8,exact,alpha_test,Alpha\n",
    "codes/treatments.csv": (
        "system,code,match,treatment,display\n"
        "RxNorm,5,exact,alpha_drug,Alphastatin\nRxNorm,6,broader,alpha_drug,Statins\n"
    ),
}
FOR_ADULTS = "complaint: muscle_cramp\npopulation: {age: {from: 18}}\n"


@pytest.fixture(scope="module")
def assessor(tmp_path_factory) -> Assessor:
    """Three causes, with tests, treatments and red flags, for adults."""
    return Assessor(load(tmp_path_factory.mktemp("plan"), FILES, more=FOR_ADULTS))


@pytest.fixture
def assess(assessor):
    """The assessment of an adult with these findings."""

    def of(*present: str, absent: tuple[str, ...] = (), **fields: Any):
        states = {**dict.fromkeys(present, True), **dict.fromkeys(absent, False)}
        return assessor.assess({"age": 40, "findings": states, **fields})

    return of


# -------------------------------------------------------------------------------------- red flags


def test_red_flags_come_most_urgent_first(assess):
    """Emergencies stand before what is urgent, and that before what is soon; then by id."""
    assert [raised.flag.id for raised in assess("rash").red_flags] == [
        "z_emergency",
        "a_urgent",
        "b_urgent",
        "a_soon",
    ]


@pytest.mark.parametrize(
    ("record", "raised"),
    [
        ({"gamma_sign": True}, True),
        ({"gamma_sign": True, "old_injury": False}, True),
        ({"gamma_sign": True, "old_injury": True}, False),
        ({"old_injury": False}, False),
    ],
)
def test_a_red_flag_is_held_back_by_what_is_known_alone(assessor, record, raised):
    """What a flag is not raised with keeps it back where it holds, and not where it is unknown."""
    flags = assessor.assess({"age": 40, "findings": record}).red_flags

    assert ("held_back" in [flag.flag.id for flag in flags]) is raised


@pytest.mark.parametrize(("old_injury", "asked"), [(True, False), (False, True), (None, True)])
def test_a_red_flag_that_is_held_back_is_not_to_be_clarified(assessor, old_injury, asked):
    """What is contradictory matters only where the flag could be raised."""
    record = {
        "age": 40,
        "findings": {"old_injury": old_injury},
        "diagnoses": [{"id": "gamma_sign"}, {"id": "gamma_sign", "status": "absent"}],
    }

    assert ("held_back" in [item.id for item in assessor.assess(record).clarify]) is asked


def test_a_red_flag_shows_what_raised_it(assess):
    """The findings that the flag asks for are named with their places, the unknown ones not."""
    (emergency, *_) = assess("rash").red_flags

    assert [(o.finding, o.present, o.places) for o in emergency.observed] == [
        ("rash", True, ("findings[0]",))
    ]


def test_an_unknown_finding_raises_no_flag(assess):
    """A flag is raised by what is known."""
    assert assess().red_flags == ()


# ------------------------------------------------------------------------------------------ tests


def test_tests_come_in_the_order_in_which_they_tell_causes_apart(assess):
    """What parts the leading causes most comes first; what parts none is not proposed."""
    answer = assess("alpha_sign", "beta_sign", "muscle_cramp")

    assert [(test.test, test.separates) for test in answer.tests] == [
        ("both_test", 20),
        ("alpha_test", 10),
        ("beta_test", 7),
    ]


def test_a_test_says_what_it_would_show(assess):
    """Either answer is shown with the causes that it would move, and by how much."""
    (both, *_) = assess("alpha_sign", "beta_sign").tests
    (outcome,) = both.would_show

    assert (
        outcome.finding,
        [(shift.cause, shift.decibans) for shift in outcome.if_present],
        outcome.if_absent,
    ) == ("shared_marker", [("alpha", 10), ("beta", -10)], ())


def test_a_test_says_what_its_absence_would_do(assess):
    """A line on an absent finding moves its cause down."""
    outcome = next(
        outcome
        for test in assess("alpha_sign", "beta_sign").tests
        for outcome in test.would_show
        if outcome.finding == "alpha_marker"
    )

    assert [(shift.cause, shift.decibans) for shift in outcome.if_absent] == [("alpha", -10)]


def test_a_test_that_was_done_is_not_proposed(assess):
    """A test of the record as done stands in the list of those, not among the proposals."""
    answer = assess("alpha_sign", "beta_sign", test_results={"both_test": {}})

    assert (answer.tests_done, [test.test for test in answer.tests]) == (
        ("both_test",),
        ["alpha_test", "beta_test"],
    )


def test_a_test_whose_findings_are_known_is_not_proposed(assess):
    """There is nothing more to learn from it."""
    answer = assess("alpha_sign", "beta_sign", "alpha_marker")

    assert "alpha_test" not in [test.test for test in answer.tests]


def test_a_test_that_is_ordered_is_not_proposed_again(assess):
    """An order is no result, and needs no second one."""
    answer = assess("alpha_sign", "beta_sign", test_results={"both_test": {"status": "ordered"}})

    assert answer.tests_ordered == ("both_test",)
    assert answer.tests_done == ()
    assert "both_test" not in [test.test for test in answer.tests]


def test_a_test_that_was_done_is_not_listed_as_ordered(assess):
    """An order that was carried out."""
    both = [{"id": "both_test", "status": status} for status in ("ordered", "done")]
    answer = assess("alpha_sign", "beta_sign", test_results=both)

    assert (answer.tests_ordered, answer.tests_done) == ((), ("both_test",))


@pytest.mark.parametrize(
    ("sex", "age", "is_proposed"),
    [("female", 30, True), ("male", 30, False), ("female", 60, False), (None, None, True)],
)
def test_a_test_is_proposed_to_those_it_is_for(tmp_path, sex, age, is_proposed):
    """What is not known of a person does not keep a test from being proposed."""
    limited = TESTS.replace(
        "id: alpha_test,", "id: alpha_test, population: {sex: female, age: {below: 50}},"
    )
    knowledge = load(tmp_path, {**FILES, "tests.yaml": limited}, more=FOR_ADULTS)
    record = {"findings": {"alpha_sign": True, "beta_sign": True}, "sex": sex, "age": age}
    proposed = [test.test for test in Assessor(knowledge).assess(record).tests]

    assert ("alpha_test" in proposed) is is_proposed


def test_a_test_carries_its_exact_codes(assess):
    """An order can be placed with the code."""
    alpha = next(t for t in assess("alpha_sign", "beta_sign").tests if t.test == "alpha_test")

    assert [code.code for code in alpha.codes] == ["1-8"]


# -------------------------------------------------------------------------------------- questions


def test_an_empty_record_says_what_to_ask_first(assessor):
    """The complaint is asked for first, then what would tell the causes apart."""
    answer = assessor.assess({})

    assert [question.finding for question in answer.questions] == [
        "muscle_cramp",
        "family_beta",
        "alpha_story",
    ]


def test_a_question_is_worded_as_the_finding_says(assessor):
    """The finding's own question is put."""
    assert assessor.assess({}).questions[0].ask == "Are there cramps?"


@pytest.mark.parametrize("state", [True, False])
def test_what_is_known_is_not_asked(assessor, state):
    """Nor is the complaint, where the record says it."""
    record = {"findings": {"muscle_cramp": state, "family_beta": state}}

    asked = {question.finding for question in assessor.assess(record).questions}

    assert asked.isdisjoint(record["findings"])


def test_what_has_no_question_is_not_asked(assessor):
    """A finding without `ask`, or one that takes a test, is no question."""
    asked = {question.finding for question in assessor.assess({}).questions}

    assert asked.isdisjoint({"never_asked", "alpha_marker", "shared_marker"})


# ------------------------------------------------------------------------------------- treatments


def options(answer: Any) -> list[str]:
    """The treatments of an assessment."""
    return [option.treatment for option in answer.treatments]


@pytest.mark.parametrize(
    ("present", "expected"),
    [
        pytest.param((), [], id="nothing is indicated by nothing"),
        pytest.param(("alpha_sign",), ["alpha_drug"], id="by a cause"),
        pytest.param(("rash",), ["a_for_rash"], id="by a finding"),
        pytest.param(
            ("alpha_sign", "rash"),
            ["alpha_drug", "alpha_with_rash", "a_for_rash"],
            id="by a cause and a finding together",
        ),
        pytest.param(
            ("alpha_sign", "alpha_minor", "beta_sign"),
            ["alpha_drug", "beta_device"],
            id="in the order of the causes",
        ),
        pytest.param(
            ("alpha_sign", "beta_sign", "beta_marker"),
            ["beta_device", "alpha_drug"],
            id="in the other order of the causes",
        ),
        pytest.param(
            ("alpha_sign", "alpha_minor", "alpha_marker", "beta_sign"),
            ["alpha_drug"],
            id="not for an unlikely cause",
        ),
    ],
)
def test_treatments_fit_what_is_likely_or_found(assess, present, expected):
    """A treatment is an option where an indication of it holds."""
    assert options(assess(*present)) == expected


def test_a_treatment_names_its_indications_and_causes(assess):
    """Only the indications that hold and the causes that are likely are named."""
    bath = next(
        t for t in assess("alpha_sign", "rash").treatments if t.treatment == "alpha_with_rash"
    )

    assert ([i.id for i in bath.indications], bath.for_causes) == (
        ["alpha_with_rash.both"],
        ("alpha",),
    )


@pytest.mark.parametrize(
    ("present", "absent", "expected"),
    [
        pytest.param(
            ("rash",),
            (),
            [
                ("alpha_drug.monitor", "applies"),
                ("alpha_drug.avoid", "check_before"),
                ("alpha_drug.adjust", "check_before"),
            ],
            id="what applies stands first",
        ),
        pytest.param(
            ("rash", "kidney_disease"),
            ("old_injury",),
            [("alpha_drug.avoid", "applies"), ("alpha_drug.monitor", "applies")],
            id="then the gravest",
        ),
        pytest.param(
            (),
            ("rash", "kidney_disease", "beta_sign"),
            [],
            id="what does not hold is silent",
        ),
    ],
)
def test_a_caution_applies_or_is_to_be_checked(assess, present, absent, expected):
    """True applies, unknown says check before, false says nothing."""
    (drug, *_) = assess("alpha_sign", *present, absent=absent).treatments

    assert [(note.caution.id, note.verdict) for note in drug.cautions] == expected


def test_a_caution_that_applies_shows_why(assess):
    """The finding is named with its place in the record."""
    (drug, *_) = assess("alpha_sign", "rash").treatments

    assert [(o.finding, o.places) for o in drug.cautions[0].observed] == [
        ("rash", ("findings[1]",))
    ]


def test_a_caution_to_be_checked_names_what_is_unknown(assess):
    """Of a criterion of several findings, only those that are unknown are to be checked."""
    (drug, *_) = assess("alpha_sign", "old_injury").treatments
    adjust = next(note for note in drug.cautions if note.caution.id == "alpha_drug.adjust")

    assert adjust.unknown == ("beta_sign",)


@pytest.mark.parametrize(
    ("medications", "count"),
    [([], 0), ([{"text": "herbs"}, {"code": "RxNorm:77"}], 2)],
    ids=["none", "two unread"],
)
def test_interactions_that_were_not_checked_are_said(assess, medications, count):
    """An empty list of cautions is never shown as safe where medicines are unread."""
    (drug, *_) = assess("alpha_sign", medications=medications).treatments

    assert drug.interactions_not_checked == count


def test_interactions_are_a_matter_of_drugs(assess):
    """A device does not interact with a medicine."""
    (device, *_) = assess("beta_sign", medications=[{"text": "herbs"}]).treatments

    assert (device.treatment, device.interactions_not_checked) == ("beta_device", 0)


def test_a_treatment_carries_its_exact_codes(assess):
    """A broader code would order something else."""
    (drug, *_) = assess("alpha_sign").treatments

    assert [code.code for code in drug.codes] == ["5"]


# -------------------------------------------------------------------------------------- prevention


@pytest.mark.parametrize(
    ("present", "expected"),
    [
        ((), ["sleep"]),
        (("alpha_sign",), ["for_alpha", "sleep"]),
        (("rash",), ["for_rash", "sleep"]),
        (("alpha_sign", "rash"), ["for_alpha", "for_both", "for_rash", "sleep"]),
    ],
    ids=["for everyone", "by a cause", "by a finding", "by both"],
)
def test_prevention_is_for_whom_it_fits(assess, present, expected):
    """A measure without a condition is for everyone."""
    assert [measure.id for measure in assess(*present).prevention] == expected


# ------------------------------------------------------------------------------------- population


def test_a_note_on_the_population_comes_first(assess):
    """A child is told to be outside the rules' population before anything else."""
    assert [(note.code, note.message) for note in assess(age=10).notes][:1] == [
        (
            "outside_population",
            "This person is outside the population of pack 'own'. Its ranking may not hold, and"
            " drug treatments are not assessed for this person.",
        )
    ]


def test_who_is_outside_one_of_several_packs_reads_that_first(tmp_path):
    """Being outside the population stands before what is not known of it."""
    first = write_pack(tmp_path, {}, more="population: {age: {from: 18}}\n")
    later = extra_pack(tmp_path, {}, more="population: {sex: female}\n")

    answer = Assessor(KnowledgeBase.load(first, later)).assess({"sex": "male"})

    assert [note.code for note in answer.notes][:2] == ["outside_population", "age_unknown"]


def test_a_child_gets_no_drug_treatment(assess):
    """Drug treatments are not assessed for a child, and are named as such."""
    answer = assess("alpha_sign", "rash", age=10)

    assert (options(answer), answer.treatments_not_assessed) == (
        ["alpha_with_rash", "a_for_rash"],
        ("alpha_drug",),
    )


@pytest.mark.parametrize(("age", "inside"), [(17.99, False), (18, True), (130, True)])
def test_the_limit_of_a_population_is_in_its_bounds(assess, age, inside):
    """Eighteen is of age."""
    answer = assess("alpha_sign", age=age)

    assert ("alpha_drug" in options(answer)) is inside


def test_an_unknown_age_is_said(assessor):
    """For whom the rules are meant is said where the age is not known."""
    (note, *_) = assessor.assess({"findings": {"alpha_sign": True}}).notes

    assert (note.code, note.message) == (
        "age_unknown",
        "The age is not known; the rules of pack 'own' are for people aged 18 or more years.",
    )


# ------------------------------------------------------------------------------------ unexplained


@pytest.mark.parametrize(
    ("present", "expected"),
    [
        pytest.param(("alpha_sign", "rash"), ["rash"], id="a sign that no cause rests on"),
        pytest.param(("alpha_sign", "old_injury"), [], id="a history asks for no explanation"),
        pytest.param(("alpha_sign", "muscle_cramp"), [], id="nor does the complaint"),
        pytest.param(("alpha_sign", "high_marker"), [], id="what is explained by what it implies"),
        pytest.param(
            ("alpha_sign", "alpha_minor", "alpha_marker", "beta_sign"),
            ["beta_sign"],
            id="what an unlikely cause alone explains",
        ),
    ],
)
def test_what_no_leading_cause_explains_is_listed(assess, present, expected):
    """Findings that are present and that no leading candidate rests on."""
    assert [observed.finding for observed in assess(*present).unexplained] == expected
