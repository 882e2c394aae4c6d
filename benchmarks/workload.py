"""The rules and records that are measured. Everything random is seeded."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

from benchmarks.engines.base import Rules, States
from crampdx import KnowledgeBase, PatientRecord
from crampdx.authoring.cases.reading import LocatedCase, read_cases
from crampdx.authoring.cases.stacks import cases_of, stacked_files
from crampdx.engine.intake.reader import interpret_record
from crampdx.engine.intake.vocabulary import Vocabulary
from crampdx.knowledge.criteria import Absent, AllOf, AnyOf, AtLeast, Criterion

ROOT = Path(__file__).resolve().parents[1]

KNOWN = 20
"""How many findings of a made-up record are known."""

ALS_LIKE: dict[str, Any] = {
    "as_of": "2026-11-23",
    "age": 58,
    "sex": "male",
    "findings": {
        "muscle_cramp": True,
        "persistent_cramps": True,
        "fasciculations": True,
        "progressive_weakness": True,
        "hand_weakness": True,
        "hand_muscle_wasting": True,
        "hyperreflexia": True,
        "babinski_sign": True,
        "muscle_stiffness": True,
        "dysarthria": True,
        "fatigue": True,
        "weight_loss": True,
        "sensory_loss": False,
        "paresthesia": False,
        "pain": False,
        "bladder_dysfunction": False,
        "vision_problem": False,
        "rest_tremor": False,
        "claudication": False,
        "diarrhea": False,
    },
}
"""A patient like many with early ALS: 12 findings present and 8 absent."""


LITTLE_KNOWN: dict[str, Any] = {
    "age": 58,
    "findings": {"muscle_cramp": True, "sensory_loss": False},
}
"""A patient of whom little is known: nothing leads, and all causes are in question."""


def rules_of(knowledge: KnowledgeBase) -> Rules:
    """The distinct criteria of a knowledge base, as `Assessor` compiles them."""
    criteria = {c: None for kind, _, c in knowledge.criteria() if kind != "finding"}
    derived = {f.id: f.derived for f in knowledge.findings.values() if f.derived is not None}
    return Rules(tuple(criteria), derived)


def synthetic(lines: int = 500, findings: int = 150, seed: int = 20261123) -> Rules:
    """Lines of evidence of the usual shapes over findings drawn evenly; alike ones are one."""
    random = Random(seed)  # noqa: S311 - rules for a benchmark, no secret
    names = [f"finding_{number}" for number in range(findings)]

    def atoms(number: int) -> tuple[Criterion, ...]:
        return tuple(
            name if random.random() < 0.75 else Absent(absent=name)
            for name in random.sample(names, number)
        )

    def line() -> Criterion:
        shape = random.random()
        if shape < 0.55:
            return atoms(1)[0]
        if shape < 0.75:
            return AllOf(all=atoms(random.choice((2, 2, 3))))
        if shape < 0.88:
            return AnyOf(any=atoms(random.choice((2, 3))))
        if shape < 0.95:
            return AtLeast(at_least=2, of=atoms(random.choice((3, 4))))
        first, *others = atoms(4)
        return AllOf(all=(first, AnyOf(any=tuple(others))))

    return Rules(tuple(dict.fromkeys(line() for _ in range(lines))), {})


def patients(rules: Rules, number: int, seed: int = 1) -> list[States]:
    """Patients of whom `KNOWN` findings, drawn evenly, are known, each half the time present."""
    random = Random(seed)  # noqa: S311
    names = rules.findings
    return [
        {name: random.random() < 0.5 for name in random.sample(names, KNOWN)} for _ in range(number)
    ]


def known_patients() -> list[PatientRecord]:
    """The records of the cases of patients: published ones, and vignettes."""
    cases = ROOT / "tests" / "cases"
    kinds = [cases / "published", cases / "independent", *sorted(cases.glob("*.case.yaml"))]
    return [located.patient for kind in kinds for located in _cases(kind)]


def cases_of_rules(pack: str, number: int) -> list[PatientRecord]:
    """The records of so many cases of a pack's rules, evenly spread over its files."""
    (folder,) = cases_of([pack])
    found = _cases(folder)
    step = max(1, len(found) // number)
    return [located.patient for located in found[::step][:number]]


def _cases(folder: Path) -> list[LocatedCase]:
    """The cases in a folder, each read with the packs that it is about."""
    return [
        located
        for stack, files in stacked_files([folder]).items()
        for located in read_cases(files, KnowledgeBase.load(*stack))
    ]


def states_of(records: Sequence[PatientRecord], knowledge: KnowledgeBase) -> list[States]:
    """What records say of the findings that the criteria of these rules name."""
    vocabulary = Vocabulary(knowledge)
    named = set(rules_of(knowledge).findings)
    return [
        {
            name: state
            for name, state in interpret_record(record, vocabulary).resolved.states.items()
            if name in named
        }
        for record in records
    ]


def records(
    knowledge: KnowledgeBase, number: int, known: Sequence[int] = (KNOWN,), seed: int = 2
) -> list[dict[str, Any]]:
    """Records that give findings by id: how many, is drawn from `known`."""
    random = Random(seed)  # noqa: S311
    names = [f.id for f in knowledge.findings.values() if f.derived is None]
    return [
        {
            "as_of": "2026-11-23",
            "age": random.randint(18, 90),
            "sex": random.choice(("female", "male")),
            "findings": {
                name: random.random() < 0.5
                for name in random.sample(names, min(random.choice(known), len(names)))
            },
        }
        for _ in range(number)
    ]


def varied_records(knowledge: KnowledgeBase, number: int) -> list[dict[str, Any]]:
    """Records of every size, with values, codes, medicines and much that the rules do not know."""
    random = Random(3)  # noqa: S311
    made = records(knowledge, number, range(61), seed=4)
    for record in made:
        record["measurements"] = [
            {
                "code": f"LOINC:{code}",
                "value": round(random.uniform(low, high), 2),
                "unit": unit,
                "date": random.choice(("2026-11-01", "2019-05", "2026-11-23")),
            }
            for code, low, high, unit in _MEASURED
            if random.random() < 0.3
        ]
        record["medications"] = [
            {"text": f"medicine {random.randint(1, 10_000)}"} for _ in range(random.randint(0, 5))
        ]
        record["diagnoses"] = [
            {"code": f"ICD-10-CM:{random.choice('EGIM')}{random.randint(10, 99)}.{number}"}
            for number in range(random.randint(0, 4))
        ]
        if random.random() < 0.02:
            record["findings"][f"unheard_of_{random.randint(1, 10**9)}"] = True
    return made


_MEASURED = (
    ("2823-3", 2.0, 6.0, "mmol/L"),
    ("17861-6", 1.5, 3.0, "mmol/L"),
    ("19123-9", 0.4, 1.2, "mmol/L"),
    ("4548-4", 4.0, 12.0, "%"),
    ("2345-7", 50.0, 300.0, "mg/dL"),
)
