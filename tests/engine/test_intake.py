"""Intake: what a record says of each finding, and what becomes of all that it cannot say."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from packs import load

import crampdx
from crampdx import KnowledgeBase, parse_record
from crampdx.engine.intake.claims import Claim, ClaimStrength, resolve
from crampdx.engine.intake.context import Operand
from crampdx.engine.intake.reader import Intake, Vocabulary, assume_in, interpret_record

FINDINGS = """\
- {id: muscle_cramp, name: Cramp, kind: symptom, ask: Are there cramps?, sources: [judgement]}
- {id: fever, name: Fever, kind: sign, sources: [judgement]}
- {id: high_fever, name: High fever, kind: sign, implies: [fever], because: A.,
   sources: [judgement]}
- {id: very_high_fever, name: Very high fever, kind: sign, implies: [high_fever], because: A.,
   sources: [judgement]}
- {id: rash, name: Rash, kind: sign, sources: [judgement]}
- {id: ill, name: Ill, kind: sign, derived: {any: [fever, rash]}, because: A., sources: [judgement]}
- {id: als, name: ALS, kind: history, sources: [judgement]}
- {id: familial_als, name: Familial ALS, kind: history, implies: [als], because: A.,
   sources: [judgement]}
- {id: statin_use, name: Statin, kind: medication, sources: [judgement]}
- {id: thirst, name: Thirst, kind: symptom, within: P30D, because: A., sources: [judgement]}

# Potassium: present below 3.5, absent from 3.8, unknown between
- id: hypokalemia
  name: Low potassium
  kind: laboratory
  shown_by:
    - measurement: serum_potassium
      loinc: ["2823-3", "6298-4"]
      unit: mmol/L
      convert: {meq/L: 1, mg/dL: 0.25}
      plausible: {from: 1, below: 12}
      present: {below: 3.5}
      absent: {from: 3.8}
      within: P90D
  because: A.
  sources: [judgement]
- id: severe_hypokalemia
  name: Very low potassium
  kind: laboratory
  implies: [hypokalemia]
  shown_by: [{measurement: serum_potassium, present: {up_to: 2.5}, absent: {above: 2.5},
              within: P90D}]
  because: A.
  sources: [judgement]
# Any number is plausible, and never too old
- id: raised_marker
  name: Raised marker
  kind: laboratory
  shown_by: [{measurement: marker, unit: "1", convert: {"10*-1": 0.1},
              present: {above: 0.3}, absent: {up_to: 0.3}}]
  because: A.
  sources: [judgement]

# Of the person, and of the cramps
- {id: age_50_or_over, name: Age, kind: attribute, because: A., sources: [judgement],
   shown_by: [{attribute: age, unit: a, present: {from: 50}, absent: {below: 50}}]}
- {id: is_female, name: Female, kind: attribute, because: A., sources: [judgement],
   shown_by: [{attribute: sex, present: {one_of: [female]}, absent: {one_of: [male]}}]}
- {id: pregnancy, name: Pregnant, kind: attribute, because: A., sources: [judgement],
   shown_by: [{attribute: pregnant, present: {one_of: ["yes"]}, absent: {one_of: ["no"]}}]}
- {id: persistent, name: Persistent, kind: symptom, because: A., sources: [judgement],
   shown_by: [{attribute: cramps.duration, unit: d, present: {from: 90}, absent: {below: 42}}]}
- {id: brief, name: Brief, kind: symptom, because: A., sources: [judgement],
   shown_by: [{attribute: cramps.episode_duration, unit: s, present: {up_to: 600},
               absent: {above: 900}}]}
- {id: frequent, name: Frequent, kind: symptom, because: A., sources: [judgement],
   shown_by: [{attribute: cramps.per_week, unit: /wk, present: {from: 3}, absent: {up_to: 1}}]}
- {id: in_calf, name: Calf, kind: symptom, because: A., sources: [judgement],
   shown_by: [{attribute: cramps.locations, present: {one_of: [calf]}}]}
- {id: on_exercise, name: Exercise, kind: symptom, because: A., sources: [judgement],
   shown_by: [{attribute: cramps.triggers, present: {one_of: [exercise]}}]}
- {id: at_night, name: Night, kind: symptom, because: A., sources: [judgement],
   shown_by: [{attribute: cramps.times_of_day, present: {one_of: [night]}}]}
- {id: unrelieved, name: Unrelieved, kind: symptom, because: A., sources: [judgement],
   shown_by: [{attribute: cramps.response_to_remedies, present: {one_of: [not_relieved]},
               absent: {one_of: [relieved]}}]}

# Qualified, in order of time, past, of the family
- {id: rash_of_arm, name: Rash of arm, kind: sign, because: A., sources: [judgement],
   shown_by: [{finding: rash, site: [arm, hand]}]}
- {id: rash_of_leg, name: Rash of leg, kind: sign, because: A., sources: [judgement],
   shown_by: [{finding: rash, site: [Leg]}]}
- {id: left_rash, name: Left rash, kind: sign, because: A., sources: [judgement],
   shown_by: [{finding: rash, laterality: [left, bilateral]}]}
- {id: severe_left_fever, name: Severe fever, kind: sign, because: A., sources: [judgement],
   shown_by: [{finding: fever, severity: [severe], laterality: [left]}]}
- id: low_calcium
  name: Low calcium
  kind: laboratory
  shown_by:
    - {measurement: calcium, loinc: ["17861-6", "2000-8"], molar: ["2000-8"], unit: mg/dL,
       convert: {mmol/L: 4, meq/L: 2}, plausible: {from: 3, below: 20}, present: {below: 8.4},
       absent: {from: 8.5}, within: P90D}
    - {measurement: adjusted_calcium, unit: mmol/L, precedence: 1, present: {below: 2.1},
       absent: {from: 2.15},
       calculated: {from: {calcium: 0.25, albumin: -0.2}, plus: 0.8, within: P7D}}
    - {measurement: ionized_calcium, loinc: ["1995-0"], unit: mmol/L, precedence: 2,
       present: {below: 1.12}, absent: {from: 1.15}}
  because: A.
  sources: [judgement]
- {id: low_albumin, name: Low albumin, kind: laboratory, because: A., sources: [judgement],
   shown_by: [{measurement: albumin, loinc: ["1751-7"], unit: g/dL, convert: {g/L: 0.1},
               plausible: {from: 0.5, below: 8}, present: {below: 3.5}}]}
- id: low_sodium
  name: Low sodium
  kind: laboratory
  shown_by:
    - {measurement: sodium, unit: mmol/L, present: {below: 135}, absent: {from: 135}}
    - {measurement: adjusted_sodium, unit: mmol/L, precedence: 1, present: {below: 135},
       absent: {from: 135}, calculated: {from: {sodium: 1, glucose: 0.016}, plus: -1.6,
                                         when: {glucose: {above: 100}}, within: P1D}}
  because: A.
  sources: [judgement]
- {id: high_glucose, name: High glucose, kind: laboratory, because: A., sources: [judgement],
   shown_by: [{measurement: glucose, unit: mg/dL, present: {above: 180}}]}
- {id: ache, name: Ache, kind: symptom, sources: [judgement]}
- {id: headache, name: Headache, kind: symptom, implies: [ache], because: A., sources: [judgement]}
- {id: new_ache, name: New ache, kind: symptom, because: A., sources: [judgement], implies: [ache],
   shown_by: [{finding: ache, lasting: {up_to: P14D}}]}
- {id: perhaps_new_ache, name: Ache that may be new, kind: symptom, because: A., implies: [ache],
   sources: [judgement], shown_by: [{finding: ache, lasting: {up_to: P14D, or_unknown: true}}]}
- {id: old_arm_ache, name: Old ache of the arm, kind: symptom, because: A., sources: [judgement],
   shown_by: [{finding: ache, site: [arm], lasting: {from: P90D}}]}
- {id: rash_after_fever, name: Rash after fever, kind: history, because: A., sources: [judgement],
   shown_by: [{began: rash, after: fever, within: P30D}]}
- {id: cramps_after_statin, name: Cramps after statin, kind: history, because: A.,
   sources: [judgement], shown_by: [{began: muscle_cramp, after: statin_use, within: P180D}]}
- {id: history_of_als, name: Had ALS, kind: history, because: A., sources: [judgement],
   shown_by: [{past: als}]}
- {id: history_of_statin, name: Took a statin, kind: history, because: A., sources: [judgement],
   shown_by: [{past: statin_use}]}
- {id: family_als, name: ALS in the family, kind: family, because: A., sources: [judgement],
   shown_by: [{family: als}]}
"""

CODES = """\
system,code,match,finding,display
HPO,HP:0000001,exact,fever,Fever
HPO,HP:0000002,narrower,fever,Fever at night
HPO,HP:0000003,broader,fever,Any trouble of heat
HPO,HP:0000004,used_as,fever,Feeling hot
HPO,HP:0000005,related,fever,Cold
HPO,HP:0000006,exact,fever,Fever with rash
HPO,HP:0000006,narrower,rash,Fever with rash
ICD-10-CM,G12.21,exact,als,ALS
RxNorm,1,exact,statin_use,A statin
"""

TESTS = """\
- {id: blood_test, name: Blood test, kind: blood, shows: [hypokalemia], because: A.,
   sources: [judgement]}
"""

TEST_CODES = """\
system,code,match,test,display
LOINC,24326-1,exact,blood_test,Electrolytes
LOINC,11111-1,related,blood_test,Blood group
"""

RED_FLAGS = """\
- {id: low_potassium, name: Low potassium, urgency: urgent, when: hypokalemia,
   consider: Consider an electrocardiogram., because: A., sources: [judgement]}
- {id: hot, name: Hot, urgency: soon, when: {all: [high_fever, rash]}, consider: Consider cooling.,
   because: A., sources: [judgement]}
"""

TREATMENTS = """\
- id: rest
  name: Rest
  kind: lifestyle
  indications: [{id: rest.cramp, when: muscle_cramp, because: A., sources: [judgement]}]
  cautions: [{id: rest.ill, when: ill, level: caution, because: A., sources: [judgement]}]
"""


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory) -> KnowledgeBase:
    """A vocabulary with a finding for each way in which a record can show one."""
    files = {
        "findings/all.yaml": FINDINGS,
        "codes/findings.csv": CODES,
        "codes/tests.csv": TEST_CODES,
        "tests.yaml": TESTS,
        "red_flags.yaml": RED_FLAGS,
        "treatments/rest.yaml": TREATMENTS,
    }
    return load(tmp_path_factory.mktemp("intake"), files, more="complaint: muscle_cramp\n")


@pytest.fixture(scope="module")
def vocabulary(knowledge) -> Vocabulary:
    """The knowledge base, arranged for intake."""
    return Vocabulary(knowledge)


@pytest.fixture
def read(vocabulary):
    """What intake makes of a record."""

    def of(record: dict[str, Any]) -> Intake:
        return interpret_record(parse_record(record), vocabulary)

    return of


@pytest.fixture
def states(read):
    """The states of the known findings of a record."""

    def of(record: dict[str, Any]) -> dict[str, bool]:
        return dict(read(record).resolved.states)

    return of


@pytest.fixture
def warned(read):
    """The warnings on a record, as (code, place, findings)."""

    def of(record: dict[str, Any]) -> list[tuple[str, str, tuple[str, ...]]]:
        return [(w.code, w.place, w.findings) for w in read(record).warnings]

    return of


@pytest.fixture
def unused(read):
    """What a record holds that was not used: each reason with its places."""

    def of(record: dict[str, Any]) -> dict[str, tuple[str, ...]]:
        return {entry.reason: entry.places for entry in read(record).not_used}

    return of


def potassium(value: float, **fields: Any) -> dict[str, Any]:
    """A record with one potassium."""
    measurement = {"code": "LOINC:2823-3", "value": value, "unit": "mmol/L", **fields}
    return {"as_of": "2026-06-30", "measurements": [measurement]}


# --------------------------------------------------------------------------------- ids and codes


def test_an_empty_record_says_nothing(read):
    """Nothing that a record leaves out is taken for absent."""
    intake = read({})

    assert (dict(intake.resolved.states), intake.warnings, intake.not_used) == ({}, (), ())


@pytest.mark.parametrize("section", ["findings", "diagnoses", "exposures"])
def test_each_section_names_findings(states, section):
    """A finding counts wherever in the record it stands."""
    assert states({section: {"rash": True}}) == {"rash": True}


@pytest.mark.parametrize(
    ("code", "status", "state"),
    [
        pytest.param("HP:0000001", True, True, id="exact, present"),
        pytest.param("HP:0000001", False, False, id="exact, absent"),
        pytest.param("HP:0000002", True, True, id="narrower, present"),
        pytest.param("HP:0000002", False, None, id="narrower, absent"),
        pytest.param("HP:0000003", True, None, id="broader, present"),
        pytest.param("HP:0000003", False, False, id="broader, absent"),
        pytest.param("HP:0000004", True, True, id="used_as, present"),
        pytest.param("HP:0000004", False, False, id="used_as, absent"),
        pytest.param("HP:0000005", True, None, id="related, present"),
        pytest.param("HP:0000005", False, None, id="related, absent"),
        pytest.param("HP:9999999", True, None, id="unknown, present"),
        pytest.param("HP:9999999", False, None, id="unknown, absent"),
    ],
)
def test_a_code_shows_what_its_match_allows(states, code, status, state):
    """Exact works both ways, narrower shows present only, broader absent only, related nothing."""
    assert states({"findings": {code: status}}).get("fever") is state


def test_a_code_may_stand_for_several_findings(states):
    """Each finding of a code is shown as its own match allows."""
    assert states({"findings": {"HP:0000006": True}}) == {"fever": True, "rash": True}


def test_a_code_that_says_less_is_used_with_a_note(read):
    """What records usually call the finding is taken for it, and the result says so."""
    (warning,) = read({"findings": {"HP:0000004": True}}).warnings

    assert (warning.level, warning.code, warning.place, warning.message) == (
        "info",
        "taken_for",
        "findings[0]",
        "HP:0000004 (Feeling hot) says less than 'Fever', and is taken for it",
    )


def test_an_entry_with_an_origin_is_named_by_it(read):
    """Whoever reads a result finds the resource from which an entry was read."""
    record = {
        "findings": [{"id": "fever", "origin": "Condition/12"}, {"id": "rash"}],
        "measurements": [
            {"id": "serum_potassium", "value": 2.4, "unit": "mmol/L", "origin": "Observation/k"}
        ],
        "medications": [{"text": "unheard of", "origin": "MedicationRequest/7"}],
    }
    intake = read(record)
    places = {finding: claim.places for finding, claim in intake.resolved.direct.items()}
    assert places["fever"] == ("Condition/12",)
    assert places["rash"] == ("findings[1]",)
    assert places["hypokalemia"] == ("Observation/k",)
    assert intake.not_used[0].places == ("MedicationRequest/7",)


def test_what_a_reader_left_out_is_counted_with_what_the_rules_do_not_use(read):
    """One list says all that did not reach the rules, by reason; its places are bounded."""
    record = {
        "findings": [{"text": "itch", "origin": "Condition/1"}],
        "left_out": [
            {"reason": "entered_in_error", "count": 3, "places": ["Condition/2", "Condition/3"]},
            {"reason": "outside_vocabulary", "count": 40, "places": [f"A/{n}" for n in range(20)]},
        ],
    }
    in_error, outside = read(record).not_used
    assert (in_error.reason, in_error.count) == ("entered_in_error", 3)
    assert in_error.places == ("Condition/2", "Condition/3")
    assert (outside.reason, outside.count, len(outside.places)) == ("outside_vocabulary", 41, 20)
    assert outside.places[0] == "Condition/1"


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"findings": {"HP:9999999": True}}, {"outside_vocabulary": ("findings[0]",)}),
        ({"findings": {"HP:0000005": True}}, {"outside_vocabulary": ("findings[0]",)}),
        ({"findings": {"HP:0000003": True}}, {"says_too_little": ("findings[0]",)}),
        ({"findings": {"HP:0000002": False}}, {"excludes_too_little": ("findings[0]",)}),
        ({"findings": [{"text": "itch"}]}, {"outside_vocabulary": ("findings[0]",)}),
        (
            {"diagnoses": [{"code": "ICD-10-CM:Z00.0"}, {"code": "ICD-10-CM:Z00.1"}]},
            {"outside_vocabulary": ("diagnoses[0]", "diagnoses[1]")},
        ),
        (
            {"measurements": {"LOINC:9-9": {"value": 1}}},
            {"outside_vocabulary": ("measurements[0]",)},
        ),
        ({"test_results": {"LOINC:9-9": {}}}, {"outside_vocabulary": ("test_results[0]",)}),
        ({"findings": {"fever": "past"}}, {"past": ("findings[0]",)}),
        ({"family_history": {"rash": True}}, {"family": ("family_history[0]",)}),
        (
            {"medications": [{"id": "statin_use", "context": "ordered"}]},
            {"only_ordered": ("medications[0]",)},
        ),
    ],
)
def test_what_is_not_used_is_counted_with_its_reason(unused, record, expected):
    """Each entry that says nothing of our findings is counted, and its place is named."""
    assert unused(record) == expected


def test_many_unused_entries_are_counted_and_named_in_part(read):
    """A real record holds much else: the count is whole, the places are the first twenty."""
    (entry,) = read({"findings": [{"text": "itch"}] * 50}).not_used

    assert (entry.count, len(entry.places)) == (50, 20)


def test_a_code_outside_the_vocabulary_is_no_warning(warned):
    """That a record holds what the rules do not know is normal."""
    assert warned({"findings": {"HP:9999999": True}}) == []


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({"findings": {"fevr": True}}, "no finding has the id 'fevr'; did you mean 'fever'?"),
        (
            {"measurements": {"serum_potasium": {"value": 3}}},
            "no measurement has the id 'serum_potasium'; did you mean 'serum_potassium'?",
        ),
        (
            {"test_results": {"blod_test": {}}},
            "no test has the id 'blod_test'; did you mean 'blood_test'?",
        ),
    ],
)
def test_an_id_of_ours_that_does_not_exist_is_a_warning(read, record, message):
    """A misspelt id is no normal code from elsewhere."""
    assert [(w.code, w.message) for w in read(record).warnings] == [("unknown_id", message)]


def test_a_derived_finding_cannot_be_asserted(read):
    """It follows from its criterion alone, and a record that asserts it is told so."""
    intake = read({"findings": {"ill": True}})

    assert (dict(intake.resolved.states), [(w.code, w.findings) for w in intake.warnings]) == (
        {},
        [("derived_finding", ("ill",))],
    )


# --------------------------------------------------------------------------------------- values


@pytest.mark.parametrize(
    ("value", "low", "very_low"),
    [
        (1.0, True, True),
        (2.4, True, True),
        (2.5, True, True),
        (2.51, True, False),
        (3.49, True, False),
        (3.5, None, False),
        (3.79, None, False),
        (3.8, False, False),
        (11.99, False, False),
    ],
)
def test_a_value_shows_each_finding_by_its_own_bounds(states, value, low, very_low):
    """`below` and `above` exclude their limit, `from` and `up_to` do not; between is unknown."""
    found = states(potassium(value))

    assert (found.get("hypokalemia"), found.get("severe_hypokalemia")) == (low, very_low)


@pytest.mark.parametrize(
    ("value", "comparator", "low", "very_low"),
    [
        (3.5, "<", True, None),
        (3.5, "<=", None, None),
        (2.5, "<", True, True),
        (2.5, "<=", True, True),
        (2.6, "<", True, None),
        (5.0, "<", None, None),
        (3.8, ">=", False, False),
        (3.8, ">", False, False),
        (2.5, ">", None, False),
        (2.5, ">=", None, None),
        (3.6, ">", None, False),
    ],
)
def test_a_comparator_decides_where_its_whole_range_lies_on_one_side(
    states, value, comparator, low, very_low
):
    """`<5` may be 4.9 or 2.1, so it says nothing of a limit below five."""
    found = states(potassium(value, comparator=comparator))

    assert (found.get("hypokalemia"), found.get("severe_hypokalemia")) == (low, very_low)


@pytest.mark.parametrize(
    "name",
    [{"code": "LOINC:2823-3"}, {"code": "LOINC:6298-4"}, {"id": "serum_potassium"}],
    ids=["code", "another code", "id"],
)
def test_a_measurement_is_named_by_code_or_id(states, name):
    """Each LOINC code of a measurement and our own id lead to it."""
    record = {"measurements": [{**name, "value": 2.4, "unit": "mmol/L"}]}

    assert states(record) == {"hypokalemia": True, "severe_hypokalemia": True}


@pytest.mark.parametrize(
    ("value", "unit", "state"),
    [(2.4, "meq/L", True), (4.0, "meq/L", False), (13.9, "mg/dL", True), (15.2, "mg/dL", False)],
)
def test_a_unit_is_converted_as_the_finding_says(states, value, unit, state):
    """The factor stands in the finding's own file."""
    assert states(potassium(value, unit=unit))["hypokalemia"] is state


def test_a_converted_value_on_the_limit_is_on_the_limit(states):
    """Three tenths are 0.3, whatever the arithmetic of the machine makes of 3 times 0.1."""
    record = {"measurements": {"marker": {"value": 3, "unit": "10*-1"}}}

    assert states(record) == {"raised_marker": False}


@pytest.mark.parametrize(
    ("unit", "message"),
    [
        (
            "mmol/dL",
            "the unit 'mmol/dL' cannot be converted to mmol/L (known: meq/L, mg/dL, mmol/L)",
        ),
        (
            "MMOL/L",
            "the unit 'MMOL/L' cannot be converted to mmol/L (known: meq/L, mg/dL, mmol/L)",
        ),
        (
            None,
            "a value without unit cannot be converted to mmol/L (known: meq/L, mg/dL, mmol/L)",
        ),
    ],
)
def test_a_unit_that_cannot_be_converted_leaves_unknown(read, unit, message):
    """A number in an unknown unit says nothing, and a warning names the units that would do."""
    intake = read(potassium(2.4, unit=unit))

    assert (
        dict(intake.resolved.states),
        {(w.level, w.code, w.place, w.message) for w in intake.warnings},
    ) == ({}, {("warning", "unit", "measurements[0]", message)})


@pytest.mark.parametrize(("value", "unit"), [(2.4, "mmol/l"), (9.4, "mg/dl"), (2.4, "meq/l")])
def test_a_liter_has_two_symbols(states, value, unit):
    """UCUM writes it `L` or `l`."""
    assert states(potassium(value, unit=unit))["hypokalemia"] is True


@pytest.mark.parametrize("value", [24.0, 12.0, 0.99, -3.0])
def test_an_implausible_value_leaves_unknown(read, value):
    """A potassium of 24 is a mistake, not a finding."""
    intake = read(potassium(value))

    assert (dict(intake.resolved.states), {(w.code, w.place) for w in intake.warnings}) == (
        {},
        {("implausible", "measurements[0]")},
    )


def test_a_range_is_cut_to_what_is_plausible(states):
    """`>3.8` reaches beyond what is plausible, and its plausible part decides."""
    assert states(potassium(3.8, comparator=">"))["hypokalemia"] is False


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        pytest.param("2026-06-30", True, id="today"),
        pytest.param("2026-04-01", True, id="ninety days ago"),
        pytest.param("2026-03-31", None, id="ninety-one days ago"),
        pytest.param("2021-06-30", None, id="five years ago"),
        pytest.param("2026-06", True, id="this month"),
        pytest.param("2026", None, id="sometime this year"),
        pytest.param("2026-07-01", True, id="tomorrow, which may be today elsewhere"),
        pytest.param("2026-07-02", None, id="the day after tomorrow"),
        pytest.param(None, True, id="undated"),
    ],
)
def test_a_value_counts_for_the_time_that_its_finding_says(states, day, expected):
    """An undated value counts; one that may be too old, or lies in the future, does not."""
    assert states(potassium(2.4, date=day)).get("hypokalemia") is expected


@pytest.mark.parametrize(
    ("record", "warning"),
    [
        pytest.param(
            potassium(2.4, date="2021-06-30"),
            ("stale", "is older than the 90 days for which it counts"),
            id="stale",
        ),
        pytest.param(
            potassium(2.4, date="2027-01-01"),
            ("in_the_future", "is dated after the record's 'as_of'"),
            id="in the future",
        ),
        pytest.param(
            {"measurements": potassium(2.4, date="2026-06-30")["measurements"]},
            (
                "no_as_of",
                "the record has no 'as_of', so it is not known whether this is still valid",
            ),
            id="no as_of",
        ),
    ],
)
def test_a_value_out_of_time_is_a_warning(read, record, warning):
    """Why a value does not count is said, at its place."""
    warnings = read(record).warnings

    assert {(w.code, w.message) for w in warnings} == {warning}


def test_an_assertion_has_its_time_too(states):
    """A finding's own `within` bounds its dated assertions."""
    record = {"as_of": "2026-06-30", "findings": {"thirst": {"date": "2026-05-30"}}}

    assert states(record) == {}


def test_an_assertion_without_a_bound_in_time_counts_on(states):
    """A finding without `within` stays, without `as_of` too."""
    assert states({"findings": {"rash": {"date": "1990"}}}) == {"rash": True}


def test_a_date_that_may_lie_in_the_future_counts(states):
    """Said of this year, in the middle of it: that is not yet after the day of assessment."""
    record = {"as_of": "2026-06-30", "findings": {"rash": {"date": "2026"}}}

    assert states(record) == {"rash": True}


@pytest.mark.parametrize(
    "record",
    [
        {"findings": {"rash": {"onset": "2027"}}},
        {"findings": {"rash": {"onset": "2026-08", "date": "2026-01-01"}}},
    ],
    ids=["next year", "next month"],
)
def test_what_begins_after_the_day_of_assessment_is_not_there_yet(states, record):
    """An onset in the future is not a finding of today."""
    assert states({"as_of": "2026-06-30", **record}) == {}


def test_an_undated_assertion_counts(states):
    """Who says nothing of the day means now."""
    assert states({"as_of": "2026-06-30", "findings": {"thirst": True}}) == {"thirst": True}


# ------------------------------------------------------------------------------------ precedence


def test_a_value_outranks_an_assertion(read):
    """K 2.4 beside `hypokalemia: false`: the value stands, and the assertion is reported."""
    intake = read({**potassium(2.4), "findings": {"hypokalemia": False}})

    assert (
        intake.resolved.states["hypokalemia"],
        [(w.code, w.place) for w in intake.warnings],
    ) == (True, [("outranked", "findings[0]")])


def test_a_red_flag_on_the_value_stands(knowledge):
    """K 2.4 beside `hypokalemia: false` raises the red flag on low potassium."""
    record = {**potassium(2.4), "findings": {"hypokalemia": False}}

    assert [raised.flag.id for raised in crampdx.assess(record, knowledge).red_flags] == [
        "low_potassium"
    ]


def test_a_normal_value_outranks_an_assertion_of_a_child(states):
    """A normal potassium makes it neither low nor very low, whatever is asserted."""
    record = {**potassium(4.2), "findings": {"severe_hypokalemia": True}}

    assert states(record) == {"hypokalemia": False, "severe_hypokalemia": False}


def test_a_value_between_the_bounds_outranks_an_assertion(states):
    """A potassium that decides nothing leaves unknown what the record asserts."""
    record = {**potassium(3.6), "findings": {"hypokalemia": True}}

    assert "hypokalemia" not in states(record)


@pytest.mark.parametrize("fields", [{"unit": "stone"}, {"date": "2020-01-01"}, {"value": 24}])
def test_a_value_that_does_not_count_leaves_an_assertion_standing(states, fields):
    """What cannot be read outranks nothing."""
    record = {**potassium(**{"value": 2.4, **fields}), "findings": {"hypokalemia": False}}

    assert states(record)["hypokalemia"] is False


def test_the_latest_value_counts(states):
    """An earlier value in date gives way."""
    record = potassium(2.4, date="2026-06-01")
    record["measurements"] += potassium(4.2, date="2026-06-20")["measurements"]

    assert states(record)["hypokalemia"] is False


def test_values_of_one_date_that_differ_are_abnormal(read):
    """Of two potassiums of one day the low one is used, with a warning."""
    record = potassium(4.2, date="2026-06-20")
    record["measurements"] += potassium(3.2, date="2026-06-20")["measurements"]

    intake = read(record)

    assert (
        intake.resolved.states["hypokalemia"],
        [(w.code, w.place, w.findings) for w in intake.warnings],
    ) == (True, [("values_differ", "measurements[0], measurements[1]", ("hypokalemia",))])


@pytest.mark.parametrize("earlier_first", [True, False])
def test_the_latest_dated_assertion_counts(states, earlier_first):
    """What is said later is what holds, in whatever order it is written."""
    entries = [
        {"id": "rash", "status": True, "date": "2025-01"},
        {"id": "rash", "status": False, "date": "2025-03-02"},
    ]

    assert states({"findings": entries if earlier_first else entries[::-1]}) == {"rash": False}


@pytest.mark.parametrize("date", [None, "2026-01-01"])
def test_assertions_that_contradict_each_other_leave_unknown(read, date):
    """Said both ways on one day, or on no day: unknown, with a warning that names both places."""
    record = {
        "findings": [
            {"id": "rash", "status": True, "date": date},
            {"id": "rash", "status": False, "date": date},
        ]
    }

    intake = read(record)

    assert (
        dict(intake.resolved.states),
        [(w.level, w.code, w.place, w.findings) for w in intake.warnings],
    ) == ({}, [("warning", "contradictory", "findings[0], findings[1]", ("rash",))])


def test_an_undated_assertion_is_not_ordered_before_a_dated_one(states):
    """Without a date it is not known which of two assertions is the later."""
    record = {
        "findings": [
            {"id": "rash", "status": True},
            {"id": "rash", "status": False, "date": "2026-01-01"},
        ]
    }

    assert states(record) == {}


def test_assertions_that_agree_are_one(read):
    """What is said twice is known once, from both places."""
    intake = read({"findings": {"rash": True}, "diagnoses": {"rash": True}})

    assert (intake.resolved.direct["rash"].places, intake.warnings) == (
        ("diagnoses[0]", "findings[0]"),
        (),
    )


# ----------------------------------------------------------------------------------- subsumption


def test_a_present_child_makes_its_parents_present(states):
    """Presence goes up along `implies`, over several steps."""
    assert states({"findings": {"very_high_fever": True}}) == {
        "very_high_fever": True,
        "high_fever": True,
        "fever": True,
    }


def test_an_absent_parent_makes_its_children_absent(states):
    """Absence goes down along `implies`, over several steps."""
    assert states({"findings": {"fever": False}}) == {
        "very_high_fever": False,
        "high_fever": False,
        "fever": False,
    }


@pytest.mark.parametrize(
    ("findings", "expected"),
    [
        ({"fever": True}, {"fever": True}),
        ({"very_high_fever": False}, {"very_high_fever": False}),
    ],
    ids=["a present parent", "an absent child"],
)
def test_the_other_two_directions_say_nothing(states, findings, expected):
    """A fever may be high or not; a fever that is not high is still possible."""
    assert states({"findings": findings}) == expected


def test_a_present_child_and_an_absent_parent_leave_both_unknown(read):
    """Where nothing decides between them both are unknown, with a warning."""
    intake = read({"findings": {"high_fever": True, "fever": False}})

    assert (dict(intake.resolved.states), [(w.code, w.place) for w in intake.warnings]) == (
        {},
        [("contradictory", "findings[0], findings[1]")],
    )


@pytest.mark.parametrize(
    ("child", "parent", "expected"),
    [
        ("2026-02-01", "2026-01-01", {"high_fever": True, "fever": True}),
        (
            "2026-01-01",
            "2026-02-01",
            {"fever": False, "high_fever": False, "very_high_fever": False},
        ),
    ],
    ids=["the child is later", "the parent is later"],
)
def test_the_later_of_child_and_parent_counts(states, child, parent, expected):
    """Dates decide between a present child and an absent parent."""
    record = {
        "findings": {
            "high_fever": {"status": True, "date": child},
            "fever": {"status": False, "date": parent},
        }
    }

    assert states(record) == expected


# ------------------------------------------------------------------------------------- to clarify


def clarified(record: dict[str, Any], knowledge: KnowledgeBase) -> list[tuple[str, str]]:
    """What an assessment wants to have clarified, as (id, finding)."""
    answer = crampdx.assess(record, knowledge)
    return [(entry.id, finding) for entry in answer.clarify for finding in entry.findings]


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(potassium(24), id="implausible"),
        pytest.param(potassium(2.4, unit="stone"), id="unit"),
        pytest.param(potassium(2.4, date="2020"), id="stale"),
        pytest.param(
            {
                "findings": [
                    {"id": "hypokalemia", "status": True},
                    {"id": "hypokalemia", "status": False},
                ]
            },
            id="contradictory",
        ),
    ],
)
def test_a_red_flag_left_open_by_the_record_is_to_clarify(knowledge, record):
    """A red flag that only a flaw of the record leaves undecided is never dropped."""
    assert ("low_potassium", "hypokalemia") in clarified(record, knowledge)


def test_a_caution_left_open_by_the_record_is_to_clarify(knowledge):
    """The same is true of cautions, also through a derived finding."""
    record = {"findings": [{"id": "rash", "status": True}, {"id": "rash", "status": False}]}

    assert "rest.ill" in {name for name, _ in clarified(record, knowledge)}


def test_what_is_only_unknown_is_not_to_clarify(knowledge):
    """A red flag on findings that nobody has spoken of is no contradiction."""
    assert clarified({"findings": {"rash": True}}, knowledge) == []


def test_what_is_decided_otherwise_is_not_to_clarify(knowledge):
    """A contradiction that changes no red flag does not appear there."""
    record = {
        "findings": [
            {"id": "rash", "status": False},
            {"id": "high_fever", "status": True},
            {"id": "high_fever", "status": False},
        ]
    }

    assert "hot" not in {name for name, _ in clarified(record, knowledge)}


# -------------------------------------------------------------------------- past, family, ordered


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param({"status": "past"}, id="said to be past"),
        pytest.param({"end": "2020"}, id="ended"),
        pytest.param({"end": "2026-06-30"}, id="ended today"),
    ],
)
def test_a_resolved_diagnosis_is_no_current_finding(states, entry):
    """What is past reaches only what is declared for it."""
    record = {"as_of": "2026-06-30", "diagnoses": {"ICD-10-CM:G12.21": entry}}

    assert states(record) == {"history_of_als": True}


def test_what_ends_later_is_current(states):
    """An end that is still to come is none."""
    record = {"as_of": "2026-06-30", "diagnoses": {"als": {"end": "2026-07-01"}}}

    assert states(record) == {"als": True}


def test_without_a_day_of_assessment_what_has_an_end_is_past(states):
    """No clock is read, so that an end counts."""
    assert states({"diagnoses": {"als": {"end": "2030"}}}) == {"history_of_als": True}


def test_a_past_child_reaches_what_is_declared_for_its_parent(states):
    """Who had familial ALS had ALS."""
    assert states({"diagnoses": {"familial_als": "past"}}) == {"history_of_als": True}


def test_a_current_finding_is_no_history(states):
    """What is present is not past."""
    assert states({"diagnoses": {"als": True}}) == {"als": True}


@pytest.mark.parametrize(
    "record",
    [
        pytest.param({"family_history": [{"id": "als", "relation": "father"}]}, id="by id"),
        pytest.param({"family_history": {"ICD-10-CM:G12.21": True}}, id="by code"),
        pytest.param({"family_history": {"familial_als": True}}, id="by a child"),
        pytest.param({"family_history": {"als": "past"}}, id="of one who had it"),
        pytest.param({"diagnoses": [{"id": "als", "context": "family"}]}, id="as a diagnosis"),
        pytest.param({"findings": {"family_als": True}}, id="by the finding itself"),
        pytest.param({"family_history": {"family_als": True}}, id="by that, in its section"),
    ],
)
def test_the_als_of_a_father_is_not_the_patients(states, record):
    """A relative's disease reaches only what is declared for the family."""
    assert states(record) == {"family_als": True}


def test_a_relative_without_it_excludes_nothing(states):
    """Another relative may be affected."""
    assert states({"family_history": {"als": False}}) == {}


def test_a_family_without_it_is_said_by_the_families_finding(states):
    """A family's history can be said to be empty."""
    assert states({"family_history": {"family_als": False}}) == {"family_als": False}


@pytest.mark.parametrize("section", ["findings", "diagnoses", "exposures"])
def test_what_is_only_ordered_is_no_finding(states, section):
    """An order says nothing of the patient."""
    assert states({section: [{"id": "rash", "context": "ordered"}]}) == {}


# ------------------------------------------------------------------------------------- medicines


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        pytest.param({}, {"statin_use": True}, id="taken"),
        pytest.param({"status": False}, {"statin_use": False}, id="not taken"),
        pytest.param({"start": "2025"}, {"statin_use": True}, id="since a year"),
        pytest.param({"stop": "2027"}, {"statin_use": True}, id="to be stopped"),
        pytest.param({"stop": "2026-01"}, {"history_of_statin": True}, id="stopped"),
        pytest.param({"status": "past"}, {"history_of_statin": True}, id="said to be past"),
        pytest.param({"context": "ordered"}, {}, id="ordered"),
    ],
)
def test_a_medicine_counts_while_it_is_taken(states, entry, expected):
    """Neither an order nor a medicine that was stopped is current."""
    record = {"as_of": "2026-06-30", "medications": [{"code": "RxNorm:1", **entry}]}

    assert states(record) == expected


@pytest.mark.parametrize(
    ("entries", "count"),
    [
        ([{"text": "herbs"}, {"code": "RxNorm:999"}], 2),
        ([{"code": "RxNorm:1"}], 0),
        ([{"code": "RxNorm:999", "context": "ordered"}], 0),
        ([{"code": "RxNorm:999", "stop": "2020"}], 0),
        ([{"code": "RxNorm:999", "status": False}], 0),
    ],
    ids=["unknown", "known", "only ordered", "stopped", "not taken"],
)
def test_medicines_that_are_taken_and_unknown_are_counted(read, entries, count):
    """How many medicines no rule knows is part of the answer."""
    record = {"as_of": "2026-06-30", "medications": entries}

    assert read(record).unread_medicines == count


# --------------------------------------------------------------------------- of person and cramps


@pytest.mark.parametrize(
    ("record", "finding", "state"),
    [
        ({"age": 50}, "age_50_or_over", True),
        ({"age": 49.99}, "age_50_or_over", False),
        ({}, "age_50_or_over", None),
        ({"age": 49, "findings": {"age_50_or_over": True}}, "age_50_or_over", False),
        ({"sex": "female"}, "is_female", True),
        ({"sex": "male"}, "is_female", False),
        ({"sex": "other"}, "is_female", None),
        ({"pregnant": True}, "pregnancy", True),
        ({"pregnant": False}, "pregnancy", False),
        ({"cramps": {"duration": "P90D"}}, "persistent", True),
        ({"cramps": {"duration": "P3M"}}, "persistent", True),
        ({"cramps": {"duration": "P89D"}}, "persistent", None),
        ({"cramps": {"duration": "P42D"}}, "persistent", None),
        ({"cramps": {"duration": "P41D"}}, "persistent", False),
        ({"cramps": {"episode_duration": "PT10M"}}, "brief", True),
        ({"cramps": {"episode_duration": "PT12M"}}, "brief", None),
        ({"cramps": {"episode_duration": "PT15M"}}, "brief", None),
        ({"cramps": {"episode_duration": "PT16M"}}, "brief", False),
        ({"cramps": {"per_week": 3}}, "frequent", True),
        ({"cramps": {"per_week": 2}}, "frequent", None),
        ({"cramps": {"per_week": 1}}, "frequent", False),
        ({"cramps": {"per_week": 0}}, "frequent", False),
        ({"cramps": {"locations": ["foot", "calf"]}}, "in_calf", True),
        ({"cramps": {"locations": ["foot"]}}, "in_calf", None),
        ({"cramps": {"locations": []}}, "in_calf", None),
        ({"cramps": {"triggers": ["cold", "exercise"]}}, "on_exercise", True),
        ({"cramps": {"triggers": ["cold"]}}, "on_exercise", None),
        ({"cramps": {"times_of_day": ["night"]}}, "at_night", True),
        ({"cramps": {"times_of_day": ["day"]}}, "at_night", None),
        ({"cramps": {"response_to_remedies": "not_relieved"}}, "unrelieved", True),
        ({"cramps": {"response_to_remedies": "partly_relieved"}}, "unrelieved", None),
        ({"cramps": {"response_to_remedies": "relieved"}}, "unrelieved", False),
    ],
)
def test_attributes_show_findings(states, record, finding, state):
    """Age, sex, pregnancy and the cramp history are read by bounds or by words."""
    assert states(record).get(finding) is state


# ------------------------------------------------------------ calculated values, and which count


def _value(name: str, value: float, unit: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "value": value, "unit": unit, **more}


@pytest.mark.parametrize(
    ("albumin", "state"),
    [
        pytest.param((2.0, "g/dL"), False, id="albumin is low, calcium is not"),
        pytest.param((20, "g/L"), False, id="in another unit"),
        pytest.param((4.0, "g/dL"), True, id="albumin is as expected"),
        pytest.param((100, "g/L"), True, id="an implausible albumin adjusts nothing"),
        pytest.param((20, "mol/L"), True, id="nor one in a unknown unit"),
    ],
)
def test_a_calculated_value_takes_precedence_over_what_it_adjusts(states, albumin, state):
    """Total calcium of 1.85 mmol/L is low, but not with an albumin of 20 g/L."""
    record = {
        "measurements": [_value("calcium", 1.85, "mmol/L"), _value("albumin", *albumin)],
    }

    assert states(record)["low_calcium"] is state


def test_high_albumin_hides_low_calcium(states):
    """The adjustment goes both ways."""
    record = {"measurements": [_value("calcium", 8.8, "mg/dL"), _value("albumin", 5.5, "g/dL")]}

    assert states(record)["low_calcium"] is True


@pytest.mark.parametrize(
    ("day", "state"),
    [("2026-05-25", False), ("2026-06-07", False), ("2026-06-08", False), ("2026-06-09", True)],
)
def test_values_are_calculated_from_about_one_day(states, day, state):
    """Albumin of within seven days counts, before or after; undated counts for any day."""
    record = {
        "as_of": "2026-07-01",
        "measurements": [
            _value("calcium", 1.85, "mmol/L", date="2026-06-01"),
            _value("albumin", 20, "g/L", date=day),
        ],
    }

    assert states(record)["low_calcium"] is state


def test_of_several_the_nearest_is_taken(states):
    """An albumin of the same day counts, and not that of six days before."""
    values = [
        _value("albumin", 40, "g/L", date="2026-06-01"),
        _value("albumin", 20, "g/L", date="2026-06-07"),
        _value("calcium", 1.85, "mmol/L", date="2026-06-07"),
    ]

    for order in (values, values[::-1]):
        record = {"as_of": "2026-07-01", "measurements": order}
        assert states(record)["low_calcium"] is False


def test_the_measurement_of_the_highest_precedence_counts(states):
    """Ionized calcium outranks calculated and total calcium of its day."""
    record = {
        "measurements": [
            _value("calcium", 9.4, "mg/dL"),
            _value("albumin", 4, "g/dL"),
            _value("ionized_calcium", 1.0, "mmol/L"),
        ]
    }

    assert states(record)["low_calcium"] is True


def test_what_is_later_counts_before_what_has_precedence(states):
    """A total of today says more of today than an ionized value of last month."""
    record = {
        "as_of": "2026-07-01",
        "measurements": [
            _value("ionized_calcium", 1.0, "mmol/L", date="2026-06-01"),
            _value("calcium", 9.4, "mg/dL", date="2026-07-01"),
        ],
    }

    assert states(record)["low_calcium"] is False


def test_a_value_between_the_bounds_leaves_open_what_lower_values_would_decide(states):
    """An ionized value that decides nothing is not overruled by the total of its day."""
    record = {
        "measurements": [
            _value("calcium", 8.0, "mg/dL"),
            _value("ionized_calcium", 1.13, "mmol/L"),
        ]
    }

    assert "low_calcium" not in states(record)


@pytest.mark.parametrize(
    ("glucose", "state"), [(100, True), (101, True), (725, False), (724, True)]
)
def test_a_value_is_calculated_only_within_bounds(states, glucose, state):
    """Sodium of 125 is that of glucose from 725 mg/dL, and of the lack of sodium below."""
    record = {
        "measurements": [_value("sodium", 125, "mmol/L"), _value("glucose", glucose, "mg/dL")],
    }

    assert states(record)["low_sodium"] is state


def test_a_value_with_a_comparator_is_not_calculated_with(states):
    """Albumin below a limit is no number."""
    record = {
        "measurements": [
            _value("calcium", 1.85, "mmol/L"),
            _value("albumin", 30, "g/L", comparator="<"),
        ]
    }

    assert states(record)["low_calcium"] is True


def test_what_was_calculated_is_said(read):
    """A remark names the values from which another was calculated, and none of the numbers."""
    record = {"measurements": [_value("calcium", 9, "mg/dL"), _value("albumin", 2, "g/dL")]}

    [remark] = [w for w in read(record).warnings if w.code == "calculated"]

    assert (remark.place, remark.findings) == (
        "measurements[0] and measurements[1]",
        ("low_calcium",),
    )
    assert remark.message == "'adjusted_calcium' was calculated from these values"


@pytest.mark.parametrize(
    ("code", "value", "unit", "state"),
    [
        ("2000-8", 1.7, "mmol/L", True),
        ("2000-8", 1.7, "mg/dL", None),
        ("2000-8", 7.0, "mg/dL", None),
        ("2000-8", 9.5, "mg/dL", None),
        ("17861-6", 7.0, "mg/dL", True),
        ("17861-6", 2.4, "mmol/L", None),
        ("17861-6", 3.4, "meq/L", True),
        ("2000-8", 3.4, "meq/L", True),
    ],
)
def test_a_unit_that_disagrees_with_its_code_says_nothing(read, code, value, unit, state):
    """Mass under a code of substance, or the reverse: neither alarm nor comfort, and a warning."""
    record = {"measurements": [{"code": f"LOINC:{code}", "value": value, "unit": unit}]}

    intake = read(record)

    assert intake.resolved.states.get("low_calcium") is state
    assert ("low_calcium" in intake.unresolved) is (state is None)
    assert [code in w.message and unit in w.message for w in intake.warnings] == (
        [True] if state is None else []
    )


def test_codes_of_both_kinds_agree_with_either_unit(states):
    """A value that carries a code of mass and one of substance is read by its unit."""
    codes = ["LOINC:17861-6", "LOINC:2000-8"]
    record = {"measurements": [{"code": codes, "value": 1.7, "unit": "mmol/L"}]}

    assert states(record)["low_calcium"] is True


# ------------------------------------------------------------------------------------- qualifiers


@pytest.mark.parametrize(
    ("finding", "fields", "qualified", "state"),
    [
        ("rash", {"body_site": "arm"}, "rash_of_arm", True),
        ("rash", {"body_site": "ARM"}, "rash_of_arm", True),
        ("rash", {"body_site": "hand"}, "rash_of_arm", True),
        ("rash", {"body_site": "trunk"}, "rash_of_arm", None),
        ("rash", {}, "rash_of_arm", None),
        ("rash", {"laterality": "left"}, "left_rash", True),
        ("rash", {"laterality": "bilateral"}, "left_rash", True),
        ("rash", {"laterality": "right"}, "left_rash", None),
        ("fever", {"severity": "severe", "laterality": "left"}, "severe_left_fever", True),
        ("fever", {"severity": "severe"}, "severe_left_fever", None),
        ("fever", {"severity": "mild", "laterality": "left"}, "severe_left_fever", None),
        ("high_fever", {"severity": "severe", "laterality": "left"}, "severe_left_fever", True),
        ("rash", {"body_site": "arm", "status": False}, "rash_of_arm", None),
    ],
)
def test_a_qualified_finding_is_shown_by_its_qualifiers(states, finding, fields, qualified, state):
    """Site, laterality and severity are all to fit; a qualified finding is never shown absent."""
    assert states({"findings": {finding: fields}}).get(qualified) is state


@pytest.mark.parametrize("site", ["leg", "Leg", "LEG"])
def test_the_case_of_a_site_is_no_matter(states, site):
    """A site is the same in capitals, in the record and in the rule."""
    assert states({"findings": {"rash": {"body_site": site}}}).get("rash_of_leg") is True


@pytest.mark.parametrize(
    ("fields", "new", "perhaps"),
    [
        pytest.param({"duration": "P3D"}, True, True, id="for three days"),
        pytest.param({"duration": "P900D"}, None, None, id="for 900 days"),
        pytest.param({"duration": "P14D"}, True, True, id="for the longest time that counts"),
        pytest.param({"duration": "P15D"}, None, None, id="a day longer"),
        pytest.param({"onset": "2026-06-20"}, True, True, id="since ten days"),
        pytest.param({"onset": "2026-06-15"}, None, None, id="since fifteen days"),
        pytest.param({"onset": "2026-06"}, None, True, id="since this month"),
        pytest.param({"onset": "2026"}, None, True, id="since this year"),
        pytest.param({"onset": "2025"}, None, None, id="since the year before"),
        pytest.param({"onset": "2026-06-20", "duration": "P900D"}, True, True, id="onset counts"),
        pytest.param({}, None, True, id="nobody says"),
        pytest.param({"date": "2026-06-29"}, None, True, id="seen yesterday"),
        pytest.param({"date": "2026-06-01"}, None, None, id="seen a month ago"),
        pytest.param({"date": "2026-06-20", "duration": "P3D"}, True, True, id="three and ten"),
        pytest.param({"date": "2026-06-10", "duration": "P3D"}, None, None, id="three and twenty"),
    ],
)
def test_how_long_a_finding_has_lasted(states, fields, new, perhaps):
    """By onset or duration up to the day of the assessment; what is open counts where it may."""
    found = states({"as_of": "2026-06-30", "findings": {"ache": {"body_site": "leg", **fields}}})

    assert (found.get("new_ache"), found.get("perhaps_new_ache")) == (new, perhaps)


@pytest.mark.parametrize(
    ("fields", "new"),
    [
        pytest.param({"duration": "P3D"}, True, id="for three days"),
        pytest.param({"onset": "2026-06-20"}, None, id="since a day"),
        pytest.param({"onset": "2026-06-20", "date": "2026-06-22"}, True, id="seen two days later"),
        pytest.param({"onset": "2026-06-20", "date": "2026"}, None, id="seen in that year"),
    ],
)
def test_without_a_day_of_the_assessment_an_entry_lasts_up_to_its_date(states, fields, new):
    """A duration says by itself how long; an onset needs the day until which to count."""
    assert states({"findings": {"ache": fields}}).get("new_ache") is new


def test_site_and_time_are_both_to_fit(states):
    """A qualifier beside `lasting` is asked for as well."""
    sites = {"arm": True, "leg": None}
    record = {"findings": {"ache": {"duration": "P1Y"}}}

    for site, state in sites.items():
        record["findings"]["ache"]["body_site"] = site
        assert states(record).get("old_arm_ache") is state


def test_a_child_that_is_new_is_its_parent_new(states):
    """A headache of two days is an ache of two days."""
    assert states({"findings": {"headache": {"duration": "P2D"}}})["new_ache"] is True


def test_what_is_absent_has_not_lasted(states):
    """The absence of a finding is that of the finding which may be new."""
    assert states({"findings": {"ache": False}})["perhaps_new_ache"] is False


def test_the_absence_of_a_child_says_nothing_of_its_parent_in_time(states):
    """Who has no headache may have another ache."""
    assert "perhaps_new_ache" not in states({"findings": {"headache": False}})


def test_what_is_contradictory_may_not_be_new(states):
    """Present and absent: neither the finding nor the finding in time is known."""
    record = {"diagnoses": [{"id": "ache"}, {"id": "ache", "status": "absent"}]}

    assert "perhaps_new_ache" not in states(record)


@pytest.mark.parametrize(
    ("record", "state"), [({}, True), ({"findings": {"ache": {"duration": "P1Y"}}}, None)]
)
def test_what_is_supposed_present_may_be_new(vocabulary, record, state):
    """What is supposed says nothing of its time; what is present already is what it was."""
    said = interpret_record(parse_record(record), vocabulary)
    intake = assume_in(said, {"ache": True}, vocabulary)

    assert intake.resolved.states.get("perhaps_new_ache") is state


# ---------------------------------------------------------------------------------- order in time


@pytest.mark.parametrize(
    ("fever", "rash", "state"),
    [
        pytest.param("2026-01-01", "2026-01-31", True, id="thirty days after"),
        pytest.param("2026-01-01", "2026-01-01", True, id="on the same day"),
        pytest.param("2026-01-01", "2026-02-01", False, id="too long after"),
        pytest.param("2026-01-02", "2026-01-01", False, id="before"),
        pytest.param("2026-01", "2026-01-31", True, id="after any day of the month"),
        pytest.param("2026-01", "2026-01-15", None, id="in the middle of the month"),
        pytest.param("2026-01", "2025-12", False, id="the month before"),
        pytest.param("2026-01", "2026-02", None, id="the month after"),
        pytest.param("2026", "2026-02-01", None, id="sometime in the year"),
        pytest.param("2024", "2026", False, id="two years after"),
    ],
)
def test_one_finding_began_after_another(states, fever, rash, state):
    """Present where it is certain, absent where it cannot be, unknown where days are missing."""
    record = {"findings": {"fever": {"onset": fever}, "rash": {"onset": rash}}}

    assert states(record).get("rash_after_fever") is state


@pytest.mark.parametrize(
    "record",
    [
        {"findings": {"fever": {"onset": "2026-01-01"}, "rash": True}},
        {"findings": {"rash": {"onset": "2026-01-01"}}},
        {"findings": {"fever": {"onset": "2026-01-01"}, "rash": {"status": False}}},
    ],
    ids=["no onset", "no first finding", "second finding absent"],
)
def test_without_two_onsets_the_order_is_unknown(states, record):
    """Nothing is guessed of what began when."""
    assert "rash_after_fever" not in states(record)


def test_the_onset_of_a_child_is_an_onset_of_its_parent(states):
    """A high fever that began is a fever that began."""
    record = {"findings": {"high_fever": {"onset": "2026-01-01"}, "rash": {"onset": "2026-01-09"}}}

    assert states(record)["rash_after_fever"] is True


def test_a_duration_says_when_something_began(states):
    """An entry of a date that has lasted nine days began nine days before."""
    record = {
        "findings": {
            "fever": {"duration": "P9D", "date": "2026-01-10"},
            "rash": {"onset": "2026-01-20"},
        }
    }

    assert states(record)["rash_after_fever"] is True


@pytest.mark.parametrize(
    ("start", "state"),
    [("2026-01-01", True), ("2025-01-01", False), ("2026-06-30", False)],
    ids=["shortly before", "long before", "after"],
)
def test_cramps_that_began_after_a_medicine(states, start, state):
    """A medicine's start and the duration of the cramps tell which came first."""
    record = {
        "as_of": "2026-06-30",
        "cramps": {"duration": "P90D"},
        "medications": [{"id": "statin_use", "start": start}],
    }

    assert states(record).get("cramps_after_statin") is state


# ----------------------------------------------------------------------------------- test results


@pytest.mark.parametrize("name", ["blood_test", "LOINC:24326-1"])
def test_a_test_that_was_done_is_known_as_done(read, name):
    """A test is named by our id or by a code."""
    assert read({"test_results": {name: {}}}).tests_done == {"blood_test"}


@pytest.mark.parametrize("status", ["ordered", "not_done"])
def test_a_test_that_was_not_done_is_not(read, status):
    """An order is no result."""
    assert read({"test_results": {"blood_test": {"status": status}}}).tests_done == frozenset()


def test_a_related_test_is_not_the_test(read):
    """A code that is only related shows nothing, so the test has not been done."""
    assert read({"test_results": {"LOINC:11111-1": {}}}).tests_done == frozenset()


def test_what_a_test_shows_is_found(states):
    """The findings of a test are findings, present or absent."""
    record = {"test_results": {"blood_test": {"shows": {"rash": True, "fever": False}}}}

    assert {name: states(record)[name] for name in ("rash", "fever")} == {
        "rash": True,
        "fever": False,
    }


def test_what_a_test_shows_has_the_tests_date(states):
    """A test's date stands for the findings that it showed."""
    record = {
        "as_of": "2026-06-30",
        "test_results": [
            {"id": "blood_test", "date": "2020-01-01", "shows": {"thirst": True}},
        ],
    }

    assert states(record) == {}


def test_what_an_ordered_test_would_show_is_no_finding(states):
    """A test that has not been done shows nothing."""
    record = {"test_results": {"blood_test": {"status": "ordered", "shows": {"rash": True}}}}

    assert states(record) == {}


def test_an_ordered_test_is_counted_as_not_used(unused):
    """What is only ordered is counted, be it a medicine or a test."""
    record = {"test_results": {"blood_test": {"status": "ordered", "shows": {"rash": True}}}}

    assert "only_ordered" in unused(record)


# ------------------------------------------------------------------------------------ the warnings


def test_warnings_come_gravest_first(read):
    """A note does not stand before what could not be read."""
    record = {**potassium(24), "findings": {"HP:0000004": True}}

    assert [w.level for w in read(record).warnings] == ["warning", "info"]


def test_an_absent_complaint_is_a_warning(warned):
    """A differential of cramps is of little use where there are none."""
    assert warned({"findings": {"muscle_cramp": False}}) == [
        ("complaint_absent", "findings[0]", ("muscle_cramp",))
    ]


@pytest.mark.parametrize("value", ["Marker7391", "marker7391"])
def test_a_warning_holds_no_free_text(read, value):
    """Notes, texts and sites of the record do not turn up in warnings."""
    entry = {"id": "ill", "text": value, "note": value, "body_site": value}

    assert value not in str(read({"findings": [entry]}).warnings)


class CountedDay(date):
    """A day that counts how often it is compared."""

    compared = 0

    def __eq__(self, other: object) -> bool:
        CountedDay.compared += 1
        return date.__eq__(self, other)

    def __gt__(self, other: date) -> bool:
        CountedDay.compared += 1
        return date.__gt__(self, other)

    __hash__ = date.__hash__


@pytest.mark.parametrize("strength", ClaimStrength)
def test_the_days_of_claims_are_compared_once_each(vocabulary, strength):
    """Many claims on one finding take as many comparisons, and not as many for each."""
    days = [CountedDay(2026, 3, 1) for _ in range(2_000)]
    claims = [Claim(n % 2 == 0, strength, day, f"place:{n}") for n, day in enumerate(days)]
    CountedDay.compared = 0

    resolved = resolve({"fever": claims}, vocabulary)

    assert CountedDay.compared <= 5 * len(claims)
    assert [w.code for w in resolved.warnings] == [
        "values_differ" if strength is ClaimStrength.VALUE else "contradictory"
    ]


def test_a_warning_names_so_many_places(read):
    """An answer does not grow by all places that contradict each other."""
    record = potassium(2.0)
    record["measurements"] *= 250
    record["measurements"] += potassium(4.0)["measurements"] * 250
    (warning,) = (w for w in read(record).warnings if w.code == "values_differ")

    assert warning.place.count("measurements[") == 20
    assert warning.place.endswith(" and 480 more")


def test_the_nearest_of_many_values_is_found_without_looking_at_all(read, monkeypatch):
    """Many values of both measurements take a few comparisons each, and not one for each other."""
    compared = []
    distance = Operand.distance
    monkeypatch.setattr(
        Operand, "distance", lambda one, other: (compared.append(1), distance(one, other))[1]
    )
    days = [(date(2026, 1, 1) + timedelta(days=n)).isoformat() for n in range(150)]
    measurements = [
        {"id": name, "value": value, "unit": unit, "date": day}
        for name, value, unit in (("calcium", 8.0, "mg/dL"), ("albumin", 30.0, "g/L"))
        for day in days
    ]
    said = read({"as_of": "2026-06-30", "measurements": measurements}).warnings

    assert len([w for w in said if w.code == "calculated"]) == len(days)
    assert len(compared) <= 6 * len(days)
