"""Patients that must come out right, with the article pack: as tables, one line a patient."""

from __future__ import annotations

from typing import Any

import pytest

import crampdx
from crampdx import Assessment, KnowledgeBase

NEUROLOGICAL = {
    "amyotrophic_lateral_sclerosis",
    "charcot_marie_tooth",
    "diabetic_neuropathy",
    "hereditary_neuropathy",
    "infectious_neuropathy",
    "multiple_sclerosis",
    "parkinson_disease",
    "peripheral_neuropathy",
    "spinal_cord_injury",
    "toxic_neuropathy",
}


ARTICLE = KnowledgeBase.load("article")


def assess(record: Any, knowledge: KnowledgeBase = ARTICLE) -> Assessment:
    """What the article pack says, or other rules that are given."""
    return crampdx.assess(record, knowledge)


def present(*names: str, **fields: Any) -> dict[str, Any]:
    """A middle-aged person with cramps and these findings."""
    return {"age": 45, "findings": dict.fromkeys(("muscle_cramp", *names), True), **fields}


def value(code: str, number: float, unit: str) -> dict[str, Any]:
    """A record of one measurement and nothing else."""
    return {"measurements": {f"LOINC:{code}": {"value": number, "unit": unit}}}


def leading(answer: Assessment) -> list[str]:
    """The causes that lead, in rank order."""
    return [c.cause for c in answer.candidates if c.band == "leading"]


# ------------------------------------------------------------------------ the picture of each cause

PICTURES = [
    # cause that leads, and the article's own words for it
    ("dehydration", "too little water", present("inadequate_fluid_intake", "occasional_cramps")),
    ("dehydration", "cramps when short of fluid", present("fluid_loss_cramp", "thirst")),
    ("hypokalemia", "low potassium", present("hypokalemia")),
    ("hypokalemia", "K 2.4 and nothing else", value("2823-3", 2.4, "mmol/L")),
    ("hypokalemia", "K 3.4 in meq/L", value("2823-3", 3.4, "meq/L")),
    ("hypocalcemia", "low calcium", present("hypocalcemia")),
    ("hypocalcemia", "calcium 7.5 mg/dL", value("17861-6", 7.5, "mg/dL")),
    ("hypocalcemia", "calcium 1.9 mmol/L", value("2000-8", 1.9, "mmol/L")),
    ("hypomagnesemia", "low magnesium", present("hypomagnesemia")),
    ("hypomagnesemia", "magnesium 1.2 mg/dL", value("19123-9", 1.2, "mg/dL")),
    ("overuse", "excessive activity", present("excessive_exercise", "exertional_cramp")),
    ("overuse", "tired muscles", present("muscle_fatigue", "occasional_cramps")),
    ("diabetes_mellitus", "known diabetes", present("known_diabetes_mellitus")),
    ("diabetes_mellitus", "HbA1c of 9", value("4548-4", 9, "%")),
    ("peripheral_artery_disease", "claudication", present("claudication", "absent_pulses")),
    (
        "peripheral_artery_disease",
        "known arterial disease",
        present("known_peripheral_artery_disease", "exertional_cramp", "leg_cramp"),
    ),
    (
        "amyotrophic_lateral_sclerosis",
        "twitches, weakness, cramps; stiffness, swallowing, progressive weakness",
        present("fasciculations", "progressive_weakness", "muscle_stiffness", "dysphagia"),
    ),
    (
        "amyotrophic_lateral_sclerosis",
        "early: cramps, twitching, progressive weakness, no sensory loss",
        {
            "age": 58,
            "findings": {
                "muscle_cramp": True,
                "fasciculations": True,
                "progressive_weakness": True,
                "sensory_loss": False,
            },
        },
    ),
    (
        "peripheral_neuropathy",
        "chronic cramps and tingling",
        present("paresthesia", "persistent_cramps", "unresponsive_to_remedies"),
    ),
    (
        "peripheral_neuropathy",
        "damaged nerves on conduction study",
        present("paresthesia", "abnormal_nerve_conduction"),
    ),
    (
        "diabetic_neuropathy",
        "neuropathy with diabetes",
        present("paresthesia", "distal_sensory_loss", "known_diabetes_mellitus"),
    ),
    (
        "infectious_neuropathy",
        "neuropathy after an infection",
        present("paresthesia", "sensory_loss", "infection_affecting_nerves"),
    ),
    (
        "toxic_neuropathy",
        "neuropathy after a toxin",
        present("paresthesia", "sensory_loss", "toxin_exposure"),
    ),
    (
        "hereditary_neuropathy",
        "an inherited neuropathy on record",
        present("known_hereditary_neuropathy", "sensory_loss"),
    ),
    (
        "multiple_sclerosis",
        "spasticity, fatigue, vision, coordination and balance",
        present("spasticity", "fatigue", "vision_problem", "incoordination", "balance_problem"),
    ),
    (
        "spinal_cord_injury",
        "numbness, weakness and loss of function below an injury",
        present(
            "spinal_trauma",
            "numbness_below_injury",
            "weakness_below_injury",
            "loss_of_function_below_injury",
            cramps={"locations": ["leg"]},
        ),
    ),
    (
        "parkinson_disease",
        "tremor, slowed movement, impaired posture, rigidity, cramps of leg and foot",
        present(
            "tremor", "bradykinesia", "impaired_posture", "rigidity", cramps={"locations": ["foot"]}
        ),
    ),
    (
        "charcot_marie_tooth",
        "wasting, foot drop, loss of sensation in hands and feet, deformity, family",
        present(
            "muscle_wasting",
            "foot_drop",
            "distal_sensory_loss",
            "foot_deformity",
            family_history={"known_charcot_marie_tooth": True},
        ),
    ),
    (
        "charcot_marie_tooth",
        "wasting, foot drop and loss of sensation alone",
        present("muscle_wasting", "foot_drop", "distal_sensory_loss"),
    ),
]


@pytest.mark.parametrize(
    ("cause", "record"),
    [pytest.param(cause, record, id=f"{cause}: {words}") for cause, words, record in PICTURES],
)
def test_the_articles_picture_of_a_cause_leads_to_it(cause, record):
    """The cause whose picture it is stands first, and leads."""
    answer = assess(record)

    assert (answer.candidates[0].cause, answer.candidates[0].band) == (cause, "leading")


def test_every_cause_has_a_picture():
    """No cause of the pack goes without a patient."""
    assert {cause for cause, _, _ in PICTURES} == KnowledgeBase.load("article").causes.keys()


# ------------------------------------------------------------------------- nothing to be alarmed of

CYCLIST = {
    "age": 34,
    "sex": "male",
    "findings": {
        "muscle_cramp": True,
        "muscle_weakness": False,
        "sensory_loss": False,
        "fasciculations": False,
        "muscle_wasting": False,
    },
    "exposures": {"excessive_exercise": True},
    "cramps": {
        "locations": ["calf"],
        "times_of_day": ["night"],
        "triggers": ["exercise"],
        "per_week": 1,
        "response_to_remedies": "relieved",
    },
}

HARMLESS = [
    ("a healthy cyclist with night cramps", CYCLIST),
    ("the same, without an examination", {**CYCLIST, "findings": {"muscle_cramp": True}}),
    ("cramps alone", present()),
    ("cramps and fatigue", present("fatigue")),
    ("leg cramps at night", present(cramps={"locations": ["calf"], "times_of_day": ["night"]})),
    ("an occasional cramp after sport", present("occasional_cramps", "exertional_cramp")),
    ("stress and short sleep", present("stress", "sleep_deprivation")),
    ("a father with ALS", present(family_history=[{"code": "ICD-10-CM:G12.21"}])),
    ("a tingling foot long ago", present(findings={"muscle_cramp": True, "paresthesia": "past"})),
]


@pytest.mark.parametrize("record", [pytest.param(record, id=words) for words, record in HARMLESS])
def test_nothing_alarming_leads_for_a_harmless_picture(record):
    """No neurological disorder leads, none is to be feared, and no red flag is raised."""
    answer = assess(record)

    assert (NEUROLOGICAL & set(leading(answer)), answer.do_not_miss, answer.red_flags) == (
        set(),
        (),
        (),
    )


def test_overuse_leads_for_the_cyclist():
    """Who rides much and recovers has worked his muscles hard."""
    assert assess(CYCLIST).candidates[0].cause == "overuse"


# ------------------------------------------------------------------------------- not enough to rank


@pytest.mark.parametrize(
    "record",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"age": 45}, id="an age"),
        pytest.param(present(), id="cramps alone"),
        pytest.param({"findings": {"HP:0003394": True}}, id="muscle spasm, as records say it"),
        pytest.param({"findings": {"SNOMED-CT:55300003": True}}, id="cramp in SNOMED CT"),
        pytest.param(present("fatigue"), id="cramps and fatigue"),
        pytest.param(present(diagnoses={"ICD-10-CM:Z00.00": True}), id="a code of elsewhere"),
    ],
)
def test_too_little_is_not_ranked(record):
    """The result says that it is not enough, and what to ask."""
    answer = assess(record)

    assert (answer.conclusion, leading(answer), bool(answer.questions), bool(answer.tests)) == (
        "not_enough_to_rank",
        [],
        True,
        True,
    )


def test_an_empty_record_is_asked_for_the_complaint_first():
    """Whether there are cramps at all comes before all else."""
    assert assess({}).questions[0].finding == "muscle_cramp"


def test_cramps_alone_are_no_candidate():
    """The complaint is not evidence of anything."""
    assert assess(present()).candidates == ()


def test_multiple_sclerosis_does_not_lead_with_fatigue():
    """Fatigue is far too common to lead there."""
    assert "multiple_sclerosis" not in leading(assess(present("fatigue")))


# ------------------------------------------------------------------------------ what speaks against

AGAINST = [
    # cause, what speaks for it, and what of the record opposes it
    (
        "amyotrophic_lateral_sclerosis",
        ("progressive_weakness", "fasciculations"),
        {"sensory_loss": True},
    ),
    (
        "amyotrophic_lateral_sclerosis",
        ("progressive_weakness", "fasciculations"),
        {"abnormal_emg": False},
    ),
    ("overuse", ("excessive_exercise",), {"progressive_weakness": True}),
    ("dehydration", ("inadequate_fluid_intake",), {"foot_drop": True}),
    ("multiple_sclerosis", ("spasticity", "vision_problem"), {"inflammatory_cns_lesions": False}),
    ("parkinson_disease", ("tremor", "rigidity"), {"bradykinesia": False}),
    (
        "charcot_marie_tooth",
        ("foot_drop", "muscle_wasting"),
        {"abnormal_nerve_conduction": False},
    ),
    (
        "peripheral_neuropathy",
        ("paresthesia", "abnormal_nerve_conduction"),
        {"hyperreflexia": True},
    ),
    ("peripheral_artery_disease", ("claudication",), {"absent_pulses": False}),
]


@pytest.mark.parametrize(
    ("cause", "supporting", "opposing"),
    AGAINST,
    ids=[f"{cause}: {next(iter(opposing))}" for cause, _, opposing in AGAINST],
)
def test_what_speaks_against_a_cause_lowers_it(cause, supporting, opposing):
    """An opposing finding takes score from its cause."""
    record = present(*supporting)
    with_it = assess({**record, "findings": {**record["findings"], **opposing}})
    without = assess(record)

    def score(answer: Assessment) -> int:
        return next(c.score for c in answer.candidates if c.cause == cause)

    assert score(with_it) < score(without)


def test_a_normal_potassium_rules_low_potassium_out():
    """Who has a potassium of 4.2 has no low potassium, whatever the diet."""
    record = {**value("2823-3", 4.2, "mmol/L"), "findings": {"low_potassium_intake": True}}

    assert "hypokalemia" not in leading(assess(record))


# ---------------------------------------------------------------------------------------- bad input


def with_potassium(**fields: Any) -> dict[str, Any]:
    """A record with one potassium on a day of assessment."""
    measurement = {"value": 2.4, "unit": "mmol/L", "date": "2026-06-29", **fields}
    return {"as_of": "2026-06-30", "measurements": {"LOINC:2823-3": measurement}}


@pytest.mark.parametrize(
    ("record", "code"),
    [
        pytest.param(with_potassium(unit="g/L"), "unit", id="in a unit that is not convertible"),
        pytest.param(with_potassium(value=24), "implausible", id="of 24"),
        pytest.param(with_potassium(date="2021-06-29"), "stale", id="five years old"),
    ],
)
def test_a_potassium_that_cannot_be_used_is_a_warning(record, code):
    """Unknown, with a warning: low potassium is no candidate."""
    answer = assess(record)

    assert (
        "hypokalemia" in {candidate.cause for candidate in answer.candidates},
        {warning.code for warning in answer.warnings},
    ) == (False, {code})


def test_a_low_potassium_stands_beside_its_denial():
    """K 2.4 mmol/L beside `hypokalemia: false`: the value stands."""
    answer = assess({**with_potassium(), "findings": {"hypokalemia": False}})

    assert leading(answer) == ["hypokalemia"]


@pytest.mark.parametrize(
    "record",
    [
        {"diagnoses": [{"code": "ICD-10-CM:G12.21", "status": "past"}]},
        {"as_of": "2026", "diagnoses": [{"code": "ICD-10-CM:G12.21", "end": "2020"}]},
        {"family_history": [{"code": "ICD-10-CM:G12.21", "relation": "father"}]},
        {"diagnoses": [{"code": "ICD-10-CM:G12.21", "context": "family"}]},
    ],
    ids=["resolved", "ended", "the father's", "the family's"],
)
def test_what_is_not_the_patients_now_is_no_finding(record):
    """A resolved diagnosis and a father's ALS make no candidate of it."""
    answer = assess(record)

    assert "amyotrophic_lateral_sclerosis" not in {c.cause for c in answer.candidates}


def test_a_current_diagnosis_is():
    """The same code, current and the patient's own, leads."""
    answer = assess({"diagnoses": [{"code": "ICD-10-CM:G12.21"}]})

    assert leading(answer) == ["amyotrophic_lateral_sclerosis"]


CHILD = {"age": 9, "findings": {"muscle_cramp": True, "paresthesia": True, "pain": True}}


def test_a_child_is_told_to_be_outside_the_population_first():
    """The note stands before all others."""
    assert assess(CHILD).notes[0].code == "outside_population"


def test_a_cause_that_is_not_for_this_age_is_named_nevertheless():
    """A child with the picture of ALS: it is not ranked, and the answer does not hide that."""
    record = {"age": 9, "findings": {"fasciculations": True, "progressive_weakness": True}}
    (note,) = [n for n in assess(record).notes if n.code == "cause_outside_population"]

    assert note.message.endswith("of this age or sex: Amyotrophic lateral sclerosis.")


def test_a_child_gets_no_drug_treatment():
    """Not even one for pain."""
    answer = assess(CHILD)

    assert "medication" not in {treatment.kind for treatment in answer.treatments}


# ----------------------------------------------------------------------------------------- the plan

TREATED = [
    # treatment, and the patient for whom it is an option
    ("stretching", present()),
    ("hydration", present("inadequate_fluid_intake")),
    ("balanced_diet", present("hypomagnesemia")),
    ("stress_management", present("stress")),
    ("baclofen", present("spasticity", "vision_problem", "incoordination")),
    ("tizanidine", present("known_multiple_sclerosis", "spasticity")),
    ("gabapentin", present("paresthesia", "abnormal_nerve_conduction")),
    ("pregabalin", present("known_peripheral_neuropathy")),
    ("nsaids", present("sharp_pain")),
    ("botulinum_toxin", present("known_multiple_sclerosis", "spasticity")),
    ("braces_orthotics", present("known_charcot_marie_tooth", "foot_drop")),
    ("surgery", present("nerve_compression")),
    ("massage_therapy", present("muscle_stiffness")),
    ("strength_training", present("known_charcot_marie_tooth", "muscle_weakness")),
]


@pytest.mark.parametrize(
    ("treatment", "record"), TREATED, ids=[treatment for treatment, _ in TREATED]
)
def test_a_treatment_is_an_option_where_it_is_indicated(treatment, record):
    """Each of the article's treatments has a patient for whom it is considered."""
    assert treatment in {option.treatment for option in assess(record).treatments}


def test_no_drug_is_an_option_for_the_cyclist():
    """A harmless cramp asks for no prescription."""
    assert "medication" not in {option.kind for option in assess(CYCLIST).treatments}


def test_electrolytes_are_tested_for_while_little_is_known():
    """With cramps alone, a blood test is among what would tell."""
    assert "electrolyte_panel" in {test.test for test in assess(present()).tests}


def test_electromyography_would_tell_in_early_als():
    """What can tell the leading cause from the others is proposed."""
    record = present("progressive_weakness", "fasciculations")

    assert "electromyography" in {test.test for test in assess(record).tests}


@pytest.mark.parametrize(
    ("advice", "record"),
    [
        ("regular_exercise", {}),
        ("adequate_sleep", {}),
        ("avoid_triggers", {}),
        ("manage_conditions", present("known_diabetes_mellitus")),
        ("consult_persistent_cramps", present(cramps={"duration": "P1Y"})),
        ("consult_impaired_life", present("impaired_daily_activity")),
    ],
)
def test_advice_is_given_to_whom_it_is_for(advice, record):
    """Prevention for everyone, and care for cramps that persist or disturb life."""
    assert advice in {measure.id for measure in assess(record).prevention}


def test_persistent_cramps_that_resist_remedies_raise_neurological_causes():
    """The gate lifts a neurological candidate."""
    plain = present("paresthesia")
    gate = present(
        "paresthesia", cramps={"duration": "P1Y", "response_to_remedies": "not_relieved"}
    )

    def score(record: dict[str, Any]) -> int:
        answer = assess(record)
        return next(c.score for c in answer.candidates if c.cause == "toxic_neuropathy")

    assert score(gate) - score(plain) == 3


def test_medicines_that_no_rule_knows_are_named_with_each_drug():
    """Interactions are not checked, and that is said."""
    record = present("pain", medications=[{"code": "RxNorm:11289"}, {"text": "herbs"}])
    (nsaids,) = [o for o in assess(record).treatments if o.treatment == "nsaids"]

    assert nsaids.interactions_not_checked == 2
