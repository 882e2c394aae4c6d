"""People with ordinary complaints and common illnesses, none with a disease not to be missed.

`PEOPLE` combines two lists by enumeration: what people come with (`COMPLAINTS`) and what they have
besides (`ILLNESSES`). Every complaint meets every illness that goes with it in age, sex and sense,
and what else the record holds (`CHARTS`) takes turns. Those in `SINGLE` are written out one by one.
The same list comes out each time: nothing here is random.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

__all__ = ["AS_OF", "PEOPLE", "Person"]

AS_OF = "2026-11-23"
DAY_OF_LABORATORY = "2026-11-18"
AGES = (22, 27, 33, 39, 46, 52, 58, 64, 69, 74, 79, 85)
MERGED = ("findings", "diagnoses", "exposures", "measurements", "medications")


class Person(NamedTuple):
    """A name that says what is there, the record, and whether this person is a hard one."""

    name: str
    record: dict[str, Any]
    hard: bool = False


@dataclass(frozen=True)
class Profile:
    """A complaint or an illness, as a part of a record.

    Attributes:
        name: In words.
        ages: The youngest and the oldest whom it concerns.
        sex: The sex that it is confined to.
        hard: Whether a normal state of this person imitates a disease.
        only_with: The illnesses that go with a complaint; without any, all.
        not_with: The illnesses that do not.
        spoils: Parts of the normal examination that cannot be said of this person.
    """

    name: str
    ages: tuple[int, int]
    record: Mapping[str, Any] = field(default_factory=dict)
    sex: str | None = None
    hard: bool = False
    only_with: tuple[str, ...] = ()
    not_with: tuple[str, ...] = ()
    spoils: tuple[str, ...] = ()


def value(number: float, unit: str) -> dict[str, Any]:
    """A value of last week."""
    return {"value": number, "unit": unit, "date": DAY_OF_LABORATORY}


def yes(*names: str) -> dict[str, bool]:
    return dict.fromkeys(names, True)


def no(*names: str) -> dict[str, bool]:
    return dict.fromkeys(names, False)


# ------------------------------------------------------------------------- what people come with

CALF_AT_NIGHT: dict[str, Any] = {"locations": ["calf"], "times_of_day": ["night"]}

COMPLAINTS = (
    Profile(
        "night cramps for years",
        (52, 90),
        {
            "cramps": {**CALF_AT_NIGHT, "duration": "P3Y", "per_week": 2},
            "findings": yes("cramp_relieved_by_stretching"),
        },
    ),
    Profile(
        "night cramps for a month",
        (46, 90),
        {"cramps": {"locations": ["calf", "foot"], "times_of_day": ["night"], "duration": "P1M"}},
    ),
    Profile(
        "night cramps as a code alone",
        (58, 90),
        {"diagnoses": {"ICD-10-CM:G47.62": {"date": "2026-11-02"}}},
    ),
    Profile(
        "calf cramps of a runner",
        (20, 56),
        {
            "cramps": {
                "locations": ["calf"],
                "triggers": ["exercise"],
                "duration": "P2M",
                "per_week": 1,
                "response_to_remedies": "relieved",
            },
            "exposures": yes("vigorous_exercise"),
        },
        not_with=("stable heart failure", "COPD", "old stroke"),
    ),
    Profile(
        "creatine kinase of 400 after training",
        (20, 50),
        {
            "cramps": {"locations": ["calf", "thigh"], "triggers": ["exercise"]},
            "findings": no("dark_urine", "muscle_weakness"),
            "exposures": yes("vigorous_exercise", "unaccustomed_exercise"),
            "measurements": {"creatine_kinase": value(400, "U/L")},
        },
        not_with=("stable heart failure", "COPD", "old stroke"),
    ),
    Profile(
        "foot cramps on swimming",
        (20, 60),
        {
            "cramps": {"locations": ["foot"], "triggers": ["exercise", "cold"], "duration": "P1Y"},
            "findings": yes("cramp_relieved_by_stretching"),
        },
        not_with=("stable heart failure", "COPD", "old stroke"),
    ),
    Profile(
        "calf cramps in pregnancy",
        (22, 40),
        {
            "pregnant": True,
            "cramps": {**CALF_AT_NIGHT, "duration": "P3W"},
            "diagnoses": {"ICD-10-CM:Z3A.28": {"date": "2026-11-20"}},
        },
        sex="female",
        only_with=(
            "healthy",
            "treated hypothyroidism",
            "asthma",
            "obesity",
            "iron deficiency",
            "depression",
            "anxiety",
        ),
    ),
    Profile(
        "tired in the office",
        (22, 64),
        {
            "findings": yes("fatigue", "sleep_disturbance"),
            "exposures": yes("stress", "lack_of_exercise", "prolonged_sitting_standing"),
        },
    ),
    Profile(
        "cramps of one who stands at work",
        (22, 64),
        {
            "cramps": {"locations": ["calf", "foot"], "triggers": ["standing"], "duration": "P6M"},
            "findings": yes("leg_pain"),
            "exposures": yes("prolonged_sitting_standing"),
        },
    ),
    Profile(
        "twitching calves with a normal examination",
        (22, 55),
        {
            "cramps": {"locations": ["calf"], "duration": "P4M"},
            "findings": {
                **yes("calf_fasciculations"),
                **no("muscle_weakness", "muscle_wasting", "hyperreflexia", "sensory_loss"),
            },
            "exposures": yes("caffeine_excess"),
        },
        hard=True,
        spoils=("fasciculations",),
        not_with=("old stroke",),
    ),
    Profile(
        "a twitching eyelid",
        (22, 60),
        {"findings": yes("fasciculations"), "exposures": yes("sleep_deprivation", "stress")},
        hard=True,
        spoils=("fasciculations",),
        only_with=("healthy", "anxiety", "hypertension on lisinopril and amlodipine", "asthma"),
    ),
    Profile(
        "low back pain without deficit",
        (27, 80),
        {
            "cramps": {"locations": ["thigh"], "duration": "P2W"},
            "findings": {
                **yes("low_back_pain"),
                **no(
                    "sciatica",
                    "straight_leg_raise_positive",
                    "saddle_anesthesia",
                    "bladder_dysfunction",
                ),
            },
        },
        not_with=("cancer of the breast, cured",),
    ),
    Profile(
        "stiff neck and headache",
        (22, 64),
        {
            "findings": {**yes("neck_pain", "headache"), **no("fever", "arm_radicular_pain")},
            "exposures": yes("stress"),
        },
        not_with=("cancer of the breast, cured",),
    ),
    Profile(
        "knees of age",
        (58, 90),
        {
            "cramps": {**CALF_AT_NIGHT},
            "findings": yes("arthralgia", "leg_pain", "muscle_stiffness"),
        },
    ),
    Profile(
        "migraine",
        (22, 52),
        {"findings": {**yes("headache", "nausea"), **no("fever")}},
    ),
    Profile(
        "painful heel",
        (33, 64),
        {
            "cramps": {"locations": ["foot"], "times_of_day": ["morning"]},
            "findings": yes("foot_pain"),
        },
    ),
    Profile(
        "varicose veins",
        (39, 85),
        {
            "cramps": {**CALF_AT_NIGHT, "duration": "P2Y"},
            "findings": {**yes("varicose_veins", "leg_edema"), **no("unilateral_leg_swelling")},
        },
    ),
    Profile(
        "carpal tunnel",
        (33, 74),
        {
            "cramps": {"locations": ["hand"], "times_of_day": ["night"], "duration": "P6M"},
            "findings": yes("hand_paresthesia", "entrapment_neuropathy"),
        },
        spoils=("sensory_loss",),
    ),
    Profile(
        "fibromyalgia",
        (33, 64),
        {
            "cramps": {"locations": ["generalized"], "duration": "P4Y"},
            "findings": yes("diffuse_myalgia", "fatigue", "sleep_disturbance", "muscle_tenderness"),
            "diagnoses": {"ICD-10-CM:M79.7": True},
        },
    ),
    Profile(
        "sore from the garden",
        (39, 74),
        {
            "cramps": {"locations": ["thigh", "calf"], "duration": "P2D"},
            "findings": {**yes("myalgia", "muscle_fatigue"), **no("dark_urine")},
            "exposures": yes("unaccustomed_exercise"),
        },
        not_with=("old stroke", "stable heart failure"),
    ),
    Profile(
        "cramps on a hot day",
        (22, 64),
        {
            "cramps": {"locations": ["calf"], "triggers": ["heat"], "duration": "P1D"},
            "findings": {**yes("hyperhidrosis", "thirst"), **no("fever", "confusion")},
            "exposures": yes("heat_exposure"),
        },
    ),
    Profile(
        "a stomach upset",
        (22, 79),
        {
            "cramps": {"locations": ["calf"], "duration": "P2D"},
            "findings": yes("diarrhea", "vomiting", "thirst"),
        },
    ),
    Profile(
        "an attack of panic",
        (22, 52),
        {
            "findings": yes("anxiety", "palpitations", "hand_paresthesia", "hyperventilation"),
            "exposures": yes("stress"),
        },
    ),
    Profile(
        "restless legs",
        (39, 85),
        {
            "cramps": {**CALF_AT_NIGHT, "duration": "P2Y"},
            "findings": yes(
                "urge_to_move_legs", "evening_worsening", "symptoms_relieved_by_movement"
            ),
        },
    ),
    Profile(
        "influenza",
        (22, 74),
        {
            "cramps": {"locations": ["calf"], "duration": "P2D"},
            "findings": {
                **yes("fever", "diffuse_myalgia", "headache", "fatigue"),
                **no("dark_urine", "muscle_weakness"),
            },
        },
        not_with=("old stroke",),
    ),
    Profile(
        "menopause",
        (46, 58),
        {
            "cramps": {**CALF_AT_NIGHT},
            "findings": yes("hyperhidrosis", "palpitations", "insomnia", "arthralgia"),
        },
        sex="female",
    ),
    Profile(
        "slow bowels and tired",
        (64, 90),
        {"cramps": {**CALF_AT_NIGHT}, "findings": yes("constipation", "fatigue")},
    ),
    Profile(
        "breathless on the stairs",
        (46, 69),
        {
            "cramps": {"locations": ["calf"], "triggers": ["rest"], "times_of_day": ["night"]},
            "findings": yes("exertional_dyspnea", "weight_gain"),
            "exposures": yes("lack_of_exercise"),
        },
    ),
    Profile(
        "one calf cramp, once",
        (22, 85),
        {"cramps": {"locations": ["calf"]}},
    ),
    Profile(
        "no complaint, a yearly visit",
        (39, 85),
        {"findings": no("muscle_cramp", "chest_pain")},
    ),
)

# ---------------------------------------------------------------------- what people have besides

ILLNESSES = (
    Profile("healthy", (18, 90)),
    Profile(
        "hypertension on hydrochlorothiazide",
        (40, 90),
        {
            "diagnoses": {"ICD-10-CM:I10": True},
            "medications": [
                {"text": "Hydrochlorothiazide 12.5 MG Oral Tablet", "start": "2021-03"}
            ],
            "measurements": {
                "serum_potassium": value(4.0, "mmol/L"),
                "serum_sodium": value(139, "mmol/L"),
            },
        },
    ),
    Profile(
        "hypertension on lisinopril and amlodipine",
        (40, 90),
        {
            "diagnoses": {"ICD-10-CM:I10": True},
            "medications": [
                {"code": "RxNorm:29046", "start": "2020-05"},
                {"code": "RxNorm:17767", "start": "2020-05"},
            ],
        },
    ),
    Profile(
        "type 2 diabetes without neuropathy",
        (40, 90),
        {
            "diagnoses": {"ICD-10-CM:E11.9": True},
            "findings": no("distal_sensory_loss", "reduced_ankle_reflexes"),
            "medications": [{"code": "RxNorm:6809", "start": "2018-09"}],
            "measurements": {"hba1c": value(7.1, "%")},
        },
    ),
    Profile(
        "treated hypothyroidism",
        (25, 90),
        {
            "diagnoses": {"ICD-10-CM:E03.9": True},
            "medications": [{"code": "RxNorm:10582", "start": "2015-02"}],
            "measurements": {"serum_tsh": value(2.2, "m[IU]/L")},
        },
    ),
    Profile(
        "asthma",
        (18, 65),
        {
            "diagnoses": {"ICD-10-CM:J45.909": True},
            "medications": [
                {
                    "text": "Budesonide 0.16 MG/ACTUAT / formoterol 0.0045 MG/ACTUAT Inhaler",
                    "start": "2019-04",
                },
                {"text": "Albuterol 0.09 MG/ACTUAT Inhaler", "start": "2019-04"},
            ],
        },
    ),
    Profile(
        "COPD",
        (50, 90),
        {
            "diagnoses": {"ICD-10-CM:J44.9": True},
            "findings": yes("exertional_dyspnea"),
            "exposures": yes("smoking"),
            "medications": [{"code": "RxNorm:284635", "start": "2020-11"}],
        },
    ),
    Profile(
        "stable heart failure",
        (55, 90),
        {
            "diagnoses": {"ICD-10-CM:I50.22": True},
            "findings": {**yes("leg_edema", "exertional_dyspnea"), **no("unilateral_leg_swelling")},
            "medications": [
                {"code": "RxNorm:4603", "start": "2022-01"},
                {"code": "RxNorm:20352", "start": "2022-01"},
                {"code": "RxNorm:35296", "start": "2022-01"},
            ],
            "measurements": {
                "serum_potassium": value(4.4, "mmol/L"),
                "serum_sodium": value(138, "mmol/L"),
                "egfr": value(62, "mL/min/{1.73_m2}"),
            },
        },
    ),
    Profile(
        "atrial fibrillation on apixaban",
        (55, 90),
        {
            "findings": yes("atrial_fibrillation"),
            "medications": [
                {"code": "RxNorm:1364430", "start": "2023-06"},
                {"code": "RxNorm:6918", "start": "2023-06"},
            ],
        },
    ),
    Profile(
        "stage 3 kidney disease",
        (50, 90),
        {
            "diagnoses": {"ICD-10-CM:N18.31": True},
            "measurements": {
                "egfr": value(52, "mL/min/{1.73_m2}"),
                "serum_potassium": value(4.6, "mmol/L"),
                "serum_calcium": value(9.2, "mg/dL"),
            },
        },
    ),
    Profile(
        "old stroke",
        (55, 90),
        {
            "diagnoses": {"ICD-10-CM:I69.30": {"onset": "2020-02"}},
            "findings": yes("hemiparesis", "hyperreflexia", "nonprogressive_course"),
            "medications": [
                {"code": "RxNorm:32968", "start": "2020-02"},
                {"code": "RxNorm:83367", "start": "2020-02"},
            ],
        },
        hard=True,
        spoils=("muscle_weakness", "hyperreflexia", "babinski_sign"),
    ),
    Profile("obesity", (18, 80), {"diagnoses": {"ICD-10-CM:E66.9": True}}),
    Profile(
        "high cholesterol on atorvastatin",
        (45, 90),
        {"medications": [{"text": "Atorvastatin 20 MG Oral Tablet", "start": "2018-06"}]},
    ),
    Profile(
        "coronary disease",
        (50, 90),
        {
            "diagnoses": {"ICD-10-CM:I25.10": True},
            "medications": [
                {"code": "RxNorm:1191", "start": "2021-10"},
                {"code": "RxNorm:6918", "start": "2021-10"},
                {"code": "RxNorm:301542", "start": "2021-10"},
            ],
        },
    ),
    Profile(
        "heartburn on omeprazole",
        (30, 90),
        {
            "medications": [{"code": "RxNorm:7646", "start": "2022-03"}],
            "measurements": {"serum_magnesium": value(2.0, "mg/dL")},
        },
    ),
    Profile(
        "depression",
        (20, 80),
        {
            "findings": yes("depression"),
            "medications": [{"code": "RxNorm:36437", "start": "2024-01"}],
        },
    ),
    Profile("anxiety", (20, 70), {"diagnoses": {"ICD-10-CM:F41.9": True}}),
    Profile(
        "osteoporosis",
        (60, 90),
        {
            "medications": [
                {"code": "RxNorm:46041", "start": "2023-02"},
                {"code": "RxNorm:2418", "start": "2023-02"},
            ],
            "measurements": {"serum_calcium": value(9.3, "mg/dL")},
        },
        sex="female",
    ),
    Profile("iron deficiency", (20, 50), {"diagnoses": {"ICD-10-CM:E61.1": True}}, sex="female"),
    Profile("sleep apnea", (35, 80), {"diagnoses": {"ICD-10-CM:G47.33": True}}),
    Profile(
        "an old clot of the leg",
        (35, 85),
        {
            "diagnoses": {"ICD-10-CM:Z86.718": True},
            "findings": no("unilateral_leg_swelling", "calf_tenderness"),
        },
    ),
    Profile(
        "cancer of the breast, cured",
        (45, 85),
        {"diagnoses": {"ICD-10-CM:Z85.9": True}},
        sex="female",
    ),
    Profile(
        "epilepsy",
        (20, 70),
        {
            "diagnoses": {"ICD-10-CM:G40.909": True},
            "medications": [{"code": "RxNorm:114477", "start": "2014-08"}],
        },
    ),
    Profile("a smoker", (20, 80), {"exposures": yes("smoking")}),
)

# ------------------------------------------------------------ what else the record of a visit holds

NORMAL_EXAMINATION = (
    "muscle_weakness",
    "muscle_wasting",
    "fasciculations",
    "hyperreflexia",
    "babinski_sign",
    "sensory_loss",
    "absent_pulses",
)
NORMAL_LABORATORY = {
    "serum_potassium": value(4.2, "mmol/L"),
    "serum_sodium": value(140, "mmol/L"),
    "serum_calcium": value(9.3, "mg/dL"),
    "serum_creatinine": value(0.9, "mg/dL"),
    "creatine_kinase": value(120, "U/L"),
}
EDGE_LABORATORY = {
    "serum_magnesium": value(0.68, "mmol/L"),
    "creatine_kinase": value(250, "U/L"),
    "serum_sodium": value(135, "mmol/L"),
    "serum_tsh": value(4.4, "m[IU]/L"),
}
CHARTS = (
    "nothing else",
    "normal examination",
    "nothing else",
    "normal laboratory",
    "nothing else",
    "values at the edge",
)
"""They take turns, so half of the people have no examination and no laboratory on record."""


def charted(chart: str, spoils: tuple[str, ...]) -> dict[str, Any]:
    """What the chart adds."""
    if chart == "normal examination":
        return {"findings": no(*(name for name in NORMAL_EXAMINATION if name not in spoils))}
    if chart == "normal laboratory":
        return {"measurements": NORMAL_LABORATORY}
    if chart == "values at the edge":
        return {"measurements": EDGE_LABORATORY}
    return {}


def merged(*parts: Mapping[str, Any]) -> dict[str, Any]:
    """One record; the earlier part holds where two speak of the same."""
    record: dict[str, Any] = {}
    for part in parts:
        for key, said in part.items():
            if key == "medications":
                record[key] = [*record.get(key, ()), *said]
            elif key in MERGED:
                record[key] = {**said, **record.get(key, {})}
            else:
                record.setdefault(key, said)
    return record


def goes_with(complaint: Profile, illness: Profile) -> bool:
    """Whether a person may well have both."""
    if complaint.only_with and illness.name not in complaint.only_with:
        return False
    if illness.name in complaint.not_with:
        return False
    return not (complaint.sex and illness.sex and complaint.sex != illness.sex)


def combined() -> Iterator[Person]:
    """Everyone who comes of the two lists."""
    number = 0
    for row, complaint in enumerate(COMPLAINTS):
        for column, illness in enumerate(ILLNESSES):
            youngest = max(complaint.ages[0], illness.ages[0])
            oldest = min(complaint.ages[1], illness.ages[1])
            ages = [age for age in AGES if youngest <= age <= oldest]
            if not ages or not goes_with(complaint, illness):
                continue
            age = ages[(row + column) % len(ages)]
            sex = complaint.sex or illness.sex or ("female", "male")[(row + column) % 2]
            chart = CHARTS[number % len(CHARTS)]
            number += 1
            parts = (
                complaint.record,
                illness.record,
                charted(chart, complaint.spoils + illness.spoils),
            )
            yield Person(
                f"{complaint.name}; {illness.name}; {chart}; {sex}, {age}",
                {"as_of": AS_OF, "age": age, "sex": sex, **merged(*parts)},
                complaint.hard or illness.hard,
            )


# --------------------------------------------------------------------------- written out one by one


def single(name: str, age: int, sex: str, hard: bool = True, **record: Any) -> Person:
    return Person(name, {"as_of": AS_OF, "age": age, "sex": sex, **record}, hard)


THIAZIDE = [{"text": "Hydrochlorothiazide 25 MG Oral Tablet", "start": "2020-01"}]

SINGLE = (
    single(
        "potassium of 3.4 on a thiazide, well",
        66,
        "female",
        findings=no("muscle_weakness", "palpitations"),
        medications=THIAZIDE,
        measurements={"serum_potassium": value(3.4, "mmol/L")},
    ),
    single(
        "potassium of 3.4 with a rare night cramp",
        71,
        "male",
        cramps={**CALF_AT_NIGHT, "per_week": 0.5},
        measurements={"serum_potassium": value(3.4, "mmol/L")},
    ),
    single(
        "calcium of 8.3 with an albumin of 3.2",
        82,
        "female",
        cramps={**CALF_AT_NIGHT, "duration": "P5Y"},
        findings=no("paresthesia", "tetany"),
        measurements={"serum_calcium": value(8.3, "mg/dL"), "serum_albumin": value(3.2, "g/dL")},
    ),
    single(
        "calcium of 8.3 in a healthy man",
        44,
        "male",
        findings=no("paresthesia", "muscle_weakness"),
        measurements={"serum_calcium": value(8.3, "mg/dL")},
    ),
    single(
        "magnesium of 0.68 mmol/L on omeprazole",
        68,
        "female",
        cramps={**CALF_AT_NIGHT},
        medications=[{"code": "RxNorm:7646", "start": "2019-01"}],
        measurements={"serum_magnesium": value(0.68, "mmol/L")},
    ),
    single(
        "magnesium of 0.68 mmol/L and nothing else",
        57,
        "male",
        measurements={"serum_magnesium": value(0.68, "mmol/L")},
    ),
    single(
        "creatine kinase of 250 on a statin of long standing",
        60,
        "male",
        medications=[{"code": "RxNorm:83367", "start": "2016-05"}],
        findings=no("muscle_weakness", "myalgia"),
        measurements={"creatine_kinase": value(250, "U/L")},
    ),
    single(
        "creatine kinase of 400 in a bodybuilder",
        28,
        "male",
        exposures=yes("vigorous_exercise"),
        findings=no("muscle_weakness", "dark_urine"),
        measurements={
            "creatine_kinase": value(400, "U/L"),
            "serum_creatinine": value(1.3, "mg/dL"),
        },
    ),
    single(
        "creatine kinase of 700 two days after a marathon",
        41,
        "female",
        cramps={"locations": ["calf", "thigh"], "triggers": ["exercise"], "duration": "P2D"},
        exposures=yes("unaccustomed_exercise"),
        findings={**yes("exertional_myalgia"), **no("dark_urine", "muscle_weakness")},
        measurements={
            "creatine_kinase": value(700, "U/L"),
            "serum_creatinine": value(0.8, "mg/dL"),
        },
    ),
    single(
        "sodium of 133 on sertraline, well",
        73,
        "female",
        medications=[{"code": "RxNorm:36437", "start": "2022-01"}],
        findings=no("confusion", "headache", "nausea"),
        measurements={"serum_sodium": value(133, "mmol/L")},
    ),
    single(
        "TSH of 6 without symptoms", 69, "female", measurements={"serum_tsh": value(6.0, "m[IU]/L")}
    ),
    single(
        "weak ankle jerks and vibration sense of old age",
        86,
        "male",
        cramps={**CALF_AT_NIGHT, "duration": "P10Y"},
        findings={
            **yes("reduced_ankle_reflexes", "reduced_vibration_sense"),
            **no("muscle_weakness", "muscle_wasting", "paresthesia"),
        },
    ),
    single(
        "lively reflexes of an anxious woman",
        26,
        "female",
        cramps={"locations": ["calf"], "duration": "P1M"},
        findings={
            **yes("hyperreflexia", "anxiety"),
            **no(
                "babinski_sign",
                "muscle_weakness",
                "spasticity",
                "muscle_wasting",
                "fasciculations",
                "sensory_loss",
                "gait_disturbance",
            ),
        },
    ),
    single(
        "tremor on holding a cup since youth",
        63,
        "male",
        cramps={**CALF_AT_NIGHT},
        findings={
            **yes("postural_tremor", "nonprogressive_course"),
            **no("bradykinesia", "rigidity", "rest_tremor"),
        },
    ),
    single(
        "swollen ankles after a long flight",
        48,
        "female",
        cramps={"locations": ["calf"], "duration": "P1D"},
        findings={**yes("leg_edema"), **no("unilateral_leg_swelling", "calf_tenderness")},
        exposures={"prolonged_immobility": {"date": "2026-11-21"}},
    ),
    single(
        "a calf strain at tennis",
        43,
        "male",
        findings={
            **yes("calf_pain", "calf_tenderness"),
            **no("unilateral_leg_swelling", "leg_redness_or_warmth"),
        },
        exposures=yes("excessive_exercise"),
    ),
    single(
        "numb thigh of a tight belt",
        50,
        "male",
        findings={**yes("single_nerve_sensory_loss"), **no("muscle_weakness", "low_back_pain")},
        diagnoses={"ICD-10-CM:E66.9": True},
    ),
    single(
        "tennis elbow",
        47,
        "female",
        findings=yes("arm_pain"),
        exposures=yes("repetitive_hand_task"),
    ),
    single(
        "Raynaud's fingers", 31, "female", findings=yes("raynaud_phenomenon", "cold_intolerance")
    ),
    single(
        "stress incontinence after three births",
        55,
        "female",
        cramps={**CALF_AT_NIGHT},
        findings=yes("urinary_incontinence"),
    ),
    single(
        "prostate of age",
        72,
        "male",
        cramps={**CALF_AT_NIGHT},
        findings=yes("urinary_urgency", "sleep_disturbance"),
    ),
    single(
        "spastic leg of an old stroke, cramping at night",
        70,
        "female",
        cramps={**CALF_AT_NIGHT, "duration": "P4Y"},
        diagnoses={"ICD-10-CM:I69.30": {"onset": "2021-05"}},
        findings={
            **yes(
                "hemiparesis",
                "spasticity",
                "hyperreflexia",
                "babinski_sign",
                "nonprogressive_course",
            ),
            **no("muscle_wasting", "fasciculations"),
        },
    ),
    single(
        "polio in childhood, a thin leg ever since",
        75,
        "male",
        cramps={"locations": ["calf"], "duration": "P20Y"},
        findings={
            **yes("history_of_poliomyelitis", "calf_wasting", "nonprogressive_course"),
            **no("progressive_weakness", "fasciculations", "hyperreflexia"),
        },
    ),
    single(
        "a fine doctor's record of a healthy man with cramps",
        35,
        "male",
        cramps={
            "locations": ["calf"],
            "duration": "P1Y",
            "per_week": 0.3,
            "triggers": ["exercise"],
        },
        findings=no(*NORMAL_EXAMINATION, "dark_urine", "dysarthria", "dysphagia", "weight_loss"),
        hard=False,
    ),
    single("an empty record of an old man", 83, "male", hard=False),
    single(
        "cramps, and nothing else known", 50, "female", hard=False, findings=yes("muscle_cramp")
    ),
)

PEOPLE: tuple[Person, ...] = (*combined(), *SINGLE)
