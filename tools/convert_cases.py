"""Convert published cases, encoded by hand as JSON, into patient records, and say how they rank.

Each case is one file with the fields ``observed`` and ``excluded`` (HPO terms at presentation),
``measurements``, ``conditions``, ``medications``, ``family_history``, ``exposures_triggers``,
``locations``, ``duration_days``, ``age_years``, ``sex``, ``cramps`` (chief, present, absent or
unstated) and ``gold`` (the diagnosis that the source gives)::

    python tools/convert_cases.py CASES_DIR --out DIR     write one record for each case
    python tools/convert_cases.py CASES_DIR --cases DIR   write one case file for each case
    python tools/convert_cases.py CASES_DIR --report      the first three candidates of each case

A case file, ``*.case.yaml``, holds the record, the diagnosis and where it was published, for
``crampdx evaluate``. Its diagnosis names the causes of the packs that are loaded (``--pack``); a
case of which they have no cause has no file and is named on standard error.

What becomes of a case:

=====================  ===========================================================================
observed, excluded     findings, present or absent, by their HPO code
measurements           by LOINC code; without one by our id, where the name leaves no doubt; else
                       by text, which is not read. The unit is the printed one: a remark in
                       brackets after it is left out, and nothing is corrected.
conditions             diagnoses, by ICD-10-CM code or by text
medications            by text
family_history         by text, with the relation
exposures_triggers     exposures, by text
locations              places of the cramps, if the case has cramps
duration_days          the duration of the cramps, if they are the chief complaint
workup                 never used: it was known only after the fact
=====================  ===========================================================================

The report says of each case whether its diagnosis is among the first three. Where the source is
less specific than our causes, a more specific one counts (`ACCEPTED`). 'not in packs': no cause of
the packs that are loaded can be the answer.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from crampdx import Assessor, KnowledgeBase, RecordError

Case = Mapping[str, Any]
Record = dict[str, Any]

SCHEMA = Path(__file__).resolve().parents[1] / "schemas" / "case.schema.json"
"""The schema that the first line of a case file names."""

TOP = 3
"""The diagnosis is looked for among so many of the first candidates."""

MEASUREMENT_IDS = {
    "25-hydroxyvitamin D": "vitamin_d_25_hydroxy",
    "Alkaline phosphatase": "serum_alkaline_phosphatase",
    "Ankle-brachial index": "ankle_brachial_index",
    "Bicarbonate, serum": "serum_bicarbonate",
    "C-reactive protein": "c_reactive_protein",
    "Calcium, adjusted": "corrected_calcium",
    "Calcium, corrected": "corrected_calcium",
    "Calcium, serum": "serum_calcium",
    "Creatine kinase": "creatine_kinase",
    "ESR": "sedimentation_rate",
    "Ferritin": "serum_ferritin",
    "Glucose, serum": "serum_glucose",
    "HbA1c": "hba1c",
    "Hemoglobin A1c": "hba1c",
    "Magnesium, serum": "serum_magnesium",
    "Parathyroid hormone": "parathyroid_hormone",
    "Phosphate": "serum_phosphate",
    "Potassium, serum": "serum_potassium",
    "Sodium, serum": "serum_sodium",
    "TSH": "serum_tsh",
    "Vitamin B12": "vitamin_b12",
    "eGFR": "egfr",
}
"""Names of measurements that can only mean one of ours, for those without a LOINC code."""

LOCATIONS = {
    "arm": "arm",
    "calf": "calf",
    "face": "face",
    "foot": "foot",
    "forearm": "arm",
    "generalized": "generalized",
    "hand": "hand",
    "jaw": "jaw",
    "leg": "leg",
    "lower limb": "leg",
    "neck": "neck",
    "thigh": "thigh",
    "trunk": "trunk",
    "upper arm": "arm",
    "upper limb": "arm",
}
"""Words for a place of the body, and the record's word for it. Other words are left out."""

NEUROPATHIES = frozenset(
    {
        "charcot_marie_tooth",
        "cidp",
        "diabetic_neuropathy",
        "guillain_barre_syndrome",
        "hereditary_neuropathy",
        "infectious_neuropathy",
        "multifocal_motor_neuropathy",
        "peripheral_neuropathy",
        "toxic_neuropathy",
    }
)
ELECTROLYTES = {
    "calc": "hypocalcemia",
    "kal": "hypokalemia",
    "magn": "hypomagnesemia",
    "natr": "hyponatremia",
}
"""How the word for the lack of an electrolyte goes on after 'hypo', and our cause."""

ACCEPTED: Mapping[str, frozenset[str]] = {
    "als": frozenset({"amyotrophic_lateral_sclerosis"}),
    "dehydration": frozenset({"dehydration", "heat_cramps"}),
    "diabetes": frozenset({"diabetes_mellitus", "diabetic_neuropathy"}),
    "drug-induced": frozenset(
        {
            "beta_agonist_induced_cramps",
            "diuretic_induced_cramps",
            "drug_induced_cramps",
            "statin_induced_cramps",
        }
    ),
    "isaacs-neuromyotonia": frozenset({"isaacs_syndrome"}),
    "overuse": frozenset({"overuse", "rhabdomyolysis"}),
    "parkinsons-disease": frozenset({"parkinson_disease"}),
    "peripheral-neuropathy": NEUROPATHIES,
    "spinal-cord-injury": frozenset({"compressive_myelopathy", "spinal_cord_injury"}),
    "uraemia-dialysis": frozenset({"chronic_kidney_disease"}),
}
"""The causes that are right for a diagnosis; of one that is not here, the cause of its name."""


# ----------------------------------------------------------------------------------- converting


def record_of(case: Case) -> Record:
    """The case as a record of ours; what it does not state is left out.

    >>> record_of({"age_years": 39, "observed": [{"id": "HP:0002380", "label": "Fasciculations"}]})
    {'age': 39, 'findings': [{'code': 'HP:0002380', 'text': 'Fasciculations'}]}
    """
    record: Record = {
        "age": case.get("age_years"),
        "sex": case.get("sex"),
        "cramps": _cramps(case),
        "findings": [*_findings(case, "observed", {}), *_findings(case, "excluded", _ABSENT)],
        "diagnoses": [_coded(c, "ICD-10-CM", c.get("icd10cm")) for c in _list(case, "conditions")],
        "measurements": list(map(_measurement, _list(case, "measurements"))),
        "medications": [{"text": drug["label"]} for drug in _list(case, "medications")],
        "family_history": [
            _without_empty({"text": said["label"], "relation": said.get("relation")})
            for said in _list(case, "family_history")
        ],
        "exposures": [{"text": text} for text in _list(case, "exposures_triggers")],
    }
    return _without_empty(record)


_ABSENT = {"status": "absent"}


def _list(case: Case, field: str) -> list[Any]:
    return case.get(field) or []


def _without_empty(fields: Record) -> Record:
    return {name: value for name, value in fields.items() if value not in (None, [], {})}


def _findings(case: Case, field: str, status: Mapping[str, str]) -> Iterator[Record]:
    for term in _list(case, field):
        yield {"code": term["id"], "text": term["label"], **status}


def _coded(entry: Mapping[str, Any], system: str, code: str | None) -> Record:
    named = {"code": f"{system}:{code}"} if code else {}
    return {**named, "text": entry["label"]}


def _measurement(entry: Mapping[str, Any]) -> Record:
    name, loinc = entry["name"], entry.get("loinc")
    if loinc:
        named = {"code": f"LOINC:{loinc}"}
    else:
        named = {"id": MEASUREMENT_IDS[name]} if name in MEASUREMENT_IDS else {}
    unit = str(entry.get("unit") or "").partition(" (")[0] or None
    return _without_empty({**named, "text": name, "value": entry["value"], "unit": unit})


def _cramps(case: Case) -> Record:
    cramps: Record = {}
    days = case.get("duration_days")
    if case.get("cramps") == "chief" and days is not None:
        cramps["duration"] = f"P{days}D"
    if case.get("cramps") in ("chief", "present"):
        words = [LOCATIONS[word] for word in _list(case, "locations") if word in LOCATIONS]
        cramps["locations"] = list(dict.fromkeys(words))
    return _without_empty(cramps)


# ------------------------------------------------------------------------------------ reporting


class Outcome(NamedTuple):
    """How a case ranked: its id, its diagnosis, the first candidates, and the word for it."""

    case: str
    gold: str
    first: tuple[str, ...]
    verdict: str


def accepted(gold: Mapping[str, str]) -> frozenset[str]:
    """The causes that are right for the diagnosis of a case.

    Of electrolytes, those count that the label names before it says what came with them.

    >>> sorted(accepted({"slug": "electrolyte-imbalance", "label": "low x, hypokalaemia"}))
    ['hypokalemia']
    >>> sorted(accepted({"slug": "multiple-sclerosis", "label": "multiple sclerosis"}))
    ['multiple_sclerosis']
    """
    slug, label = gold["slug"], gold.get("label", "").lower().partition(" with ")[0]
    if slug == "electrolyte-imbalance":
        named = {cause for stem, cause in ELECTROLYTES.items() if f"hypo{stem}" in label}
        return frozenset(named or ELECTROLYTES.values())
    return ACCEPTED.get(slug, frozenset({slug.replace("-", "_")}))


def outcome_of(case: Case, assessor: Assessor) -> Outcome:
    """Assess a case and compare."""
    answer = assessor.assess(record_of(case))
    first = tuple(candidate.cause for candidate in answer.candidates[:TOP])
    right = accepted(case["gold"])
    return Outcome(
        case["id"], case["gold"]["slug"], first, _verdict(first, right, assessor.knowledge.causes)
    )


def _verdict(first: Collection[str], right: Collection[str], causes: Collection[str]) -> str:
    if not any(cause in causes for cause in right):
        return "not in packs"
    rank = next((number for number, cause in enumerate(first, 1) if cause in right), None)
    return "missed" if rank is None else f"hit, rank {rank}"


def report(cases: Iterable[Case], assessor: Assessor) -> Iterator[str]:
    """The lines of the report: a Markdown table, then the count."""
    yield f"| case | diagnosis | first {TOP} | |"
    yield "| --- | --- | --- | --- |"
    outcomes = [outcome_of(case, assessor) for case in cases]
    for outcome in outcomes:
        first = ", ".join(outcome.first) or "none"
        yield f"| {outcome.case} | {outcome.gold} | {first} | {outcome.verdict} |"
    sayable = [outcome for outcome in outcomes if outcome.verdict != "not in packs"]
    hits = sum(outcome.verdict.startswith("hit") for outcome in sayable)
    yield ""
    yield (
        f"{hits} of {len(sayable)} among the first {TOP};"
        f" {len(outcomes) - len(sayable)} not in packs."
    )


# ------------------------------------------------------------------------------------ case files


def diagnosis_of(case: Case, causes: Collection[str]) -> list[str]:
    """The right causes among those that the rules have; that of the diagnosis' own name first.

    >>> case = {"gold": {"slug": "dehydration", "label": "dehydration"}}
    >>> diagnosis_of(case, {"heat_cramps", "dehydration", "overuse"})
    ['dehydration', 'heat_cramps']
    """
    own = case["gold"]["slug"].replace("-", "_")
    return sorted(accepted(case["gold"]) & set(causes), key=lambda cause: (cause != own, cause))


def write_case_file(case: Case, diagnosis: Collection[str], folder: Path) -> None:
    """Write a case as a file of one case, named by its id."""
    content = {
        "name": case["id"],
        "about": f"Facts of a published case: {case['source']['url']}",
        "diagnosis": list(diagnosis),
        "record": record_of(case),
    }
    schema = Path(os.path.relpath(SCHEMA, folder)).as_posix()
    text = yaml.safe_dump([content], sort_keys=False, allow_unicode=True, width=100)
    path = folder / f"{case['id']}.case.yaml"
    path.write_text(f"# yaml-language-server: $schema={schema}\n\n{text}", encoding="utf-8")


def write_case_files(cases: Iterable[Case], causes: Collection[str], folder: Path) -> Iterator[str]:
    """Write the cases that the rules have a cause for; what comes back is the ids of the others."""
    folder.mkdir(parents=True, exist_ok=True)
    for case in cases:
        diagnosis = diagnosis_of(case, causes)
        if diagnosis:
            write_case_file(case, diagnosis, folder)
        else:
            yield case["id"]


# ------------------------------------------------------------------------------ command line


def read_cases(folder: Path) -> Iterator[Case]:
    """The cases of a folder, by file name."""
    for path in sorted(folder.glob("*.json")):
        case = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(case, dict) and "gold" in case:
            yield case


def main(arguments: Iterable[str] | None = None) -> int:
    """Convert, report, or both."""
    parser = argparse.ArgumentParser(description="Published cases as patient records.")
    parser.add_argument("cases", type=Path, metavar="CASES_DIR")
    parser.add_argument("--out", type=Path, metavar="DIR", help="write one record for each case")
    parser.add_argument("--cases", type=Path, dest="case_files", metavar="DIR", help="write cases")
    parser.add_argument("--report", action="store_true", help="print how each case ranks")
    parser.add_argument("--pack", action="append", help="a pack to load, by name or path")
    options = parser.parse_args(None if arguments is None else list(arguments))
    cases = list(read_cases(options.cases))
    if not cases:
        print(f"no cases in {options.cases}", file=sys.stderr)
        return 1
    if options.out is not None:
        options.out.mkdir(parents=True, exist_ok=True)
        for case in cases:
            text = json.dumps(record_of(case), indent=2, ensure_ascii=False) + "\n"
            (options.out / f"{case['id']}.json").write_text(text, encoding="utf-8")
        print(f"{len(cases)} records in {options.out}")
    if options.case_files is not None:
        causes = KnowledgeBase.load(*(options.pack or ())).causes
        for left_out in write_case_files(cases, causes, options.case_files):
            print(f"{left_out}: not in packs, no case file", file=sys.stderr)
    if options.report or (options.out is None and options.case_files is None):
        try:
            for line in report(cases, Assessor(KnowledgeBase.load(*(options.pack or ())))):
                print(line)
        except RecordError as error:
            print(error, file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
