"""What an EHR sends: hook calls of made-up patients. Everything random is seeded."""

from __future__ import annotations

import json
from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import UUID

__all__ = ["AS_OF", "hook_call", "record_of"]

Json = dict[str, Any]

AS_OF = date(2026, 11, 23)
_LOCAL = "https://hospital.example/codes"
_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"
_SYSTEMS = {
    "LOINC": "http://loinc.org",
    "ICD": "http://hl7.org/fhir/sid/icd-10-cm",
    "RxNorm": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "SNOMED": "http://snomed.info/sct",
    "local": _LOCAL,
}
_MEASURED = (
    ("2823-3", "Potassium", 2.4, 5.2, "mmol/L"),
    ("17861-6", "Calcium", 8.0, 10.4, "mg/dL"),
    ("19123-9", "Magnesium", 1.4, 2.4, "mg/dL"),
    ("2160-0", "Creatinine", 0.6, 1.6, "mg/dL"),
    ("3094-0", "Urea nitrogen", 7.0, 30.0, "mg/dL"),
    ("718-7", "Hemoglobin", 10.0, 16.0, "g/dL"),
    ("1742-6", "Alanine aminotransferase", 10.0, 60.0, "U/L"),
    ("1920-8", "Aspartate aminotransferase", 10.0, 60.0, "U/L"),
    ("2157-6", "Creatine kinase", 40.0, 400.0, "U/L"),
    ("3016-3", "Thyrotropin", 0.3, 6.0, "m[IU]/L"),
    ("4548-4", "Hemoglobin A1c", 5.0, 8.0, "%"),
    ("98979-8", "Glomerular filtration rate", 30.0, 110.0, "mL/min/{1.73_m2}"),
)
_CRAMPS = ("ICD", "R25.2", "Cramp and spasm")
_SEEN = ("SNOMED", "82470000", "Fasciculation")
_TAKEN = (("RxNorm", "5487", "hydrochlorothiazide"), ("RxNorm", "36567", "simvastatin"))
_SHARES = {
    "laboratory": 0.64,
    "problems": 0.11,
    "medications": 0.09,
    "procedures": 0.06,
    "examination": 0.05,
    "survey": 0.02,
    "socialHistory": 0.015,
    "familyHistory": 0.01,
}
"""What the entries of a record are. The rest are answers to questionnaires."""


def hook_call(entries: int = 500, seed: int = 0, hook: str = "patient-view") -> bytes:
    """The body of a call for a patient with cramps, with a whole record in its prefetch.

    Args:
        entries: How many entries the Bundles of the prefetch have together.
        seed: Another one makes another patient.
        hook: The hook that calls.
    """
    name = f"patient-{seed}"
    body = {
        "hook": hook,
        "hookInstance": str(UUID(int=Random(seed).getrandbits(128), version=4)),  # noqa: S311
        "fhirServer": "https://ehr.example/fhir",
        "context": {"userId": "Practitioner/doctor-1", "patientId": name},
        "prefetch": record_of(name, entries, seed),
    }
    return json.dumps(body, separators=(",", ":")).encode()


def record_of(patient: str, entries: int, seed: int) -> Json:
    """The answers to the queries of the prefetch, by key."""
    writer = _Writer(patient, Random(seed))  # noqa: S311
    found = {key: writer.several(key, round(entries * share)) for key, share in _SHARES.items()}
    left = entries - sum(map(len, found.values()))
    found["questionnaires"] = writer.several("questionnaires", left)
    return {"patient": writer.patient(), **{key: _bundle(of) for key, of in found.items()}}


def _bundle(resources: list[Json]) -> Json:
    base = "https://ehr.example/fhir"
    entry = [
        {
            "fullUrl": f"{base}/{resource['resourceType']}/{resource['id']}",
            "resource": resource,
            "search": {"mode": "match"},
        }
        for resource in resources
    ]
    return {"resourceType": "Bundle", "type": "searchset", "total": len(entry), "entry": entry}


def _concept(*codings: tuple[str, str, str]) -> Json:
    return {
        "coding": [
            {"system": _SYSTEMS.get(system, system), "code": code, "display": display}
            for system, code, display in codings
        ],
        "text": codings[0][2],
    }


def _status(system: str, code: str) -> Json:
    return {"coding": [{"system": f"{_TERMINOLOGY}/{system}", "code": code}]}


class _Writer:
    """Writes the resources of one patient."""

    def __init__(self, patient: str, random: Random) -> None:
        self.name = patient
        self.random = random
        self.makers = {
            "laboratory": self.laboratory,
            "problems": self.problem,
            "medications": self.medication,
            "procedures": self.procedure,
            "examination": self.examination,
            "survey": self.survey,
            "socialHistory": self.social,
            "familyHistory": self.relative,
            "questionnaires": self.answers,
        }

    def several(self, key: str, number: int) -> list[Json]:
        return [self.makers[key](index) for index in range(number)]

    def patient(self) -> Json:
        sex = self.random.choice(("female", "male"))
        born = date(self.random.randint(1940, 2000), self.random.randint(1, 12), 7)
        return {
            "resourceType": "Patient",
            "id": self.name,
            "meta": {"lastUpdated": "2026-11-01T09:30:00Z"},
            "identifier": [{"system": "https://hospital.example/mrn", "value": self.name}],
            "name": [{"family": "Example", "given": ["Made-up"]}],
            "gender": sex,
            "birthDate": born.isoformat(),
        }

    def resource(self, kind: str, name: str, **fields: Any) -> Json:
        holder = "patient" if kind == "FamilyMemberHistory" else "subject"
        return {
            "resourceType": kind,
            "id": name,
            "meta": {
                "versionId": "1",
                "lastUpdated": f"{self.day()}T09:30:00Z",
                "profile": [f"http://hl7.org/fhir/us/core/StructureDefinition/us-core-{name[:3]}"],
            },
            "identifier": [{"system": "https://hospital.example/ids", "value": name}],
            holder: {"reference": f"Patient/{self.name}", "display": "Example, Made-up"},
            **fields,
        }

    def day(self, within: int = 1_000) -> str:
        return (AS_OF - timedelta(days=self.random.randint(1, within))).isoformat()

    def local(self, kind: str, number: int) -> tuple[str, str, str]:
        """A code of the house, which no rule knows."""
        return ("local", f"{kind}-{number}", f"{kind.capitalize()} of the house, number {number}")

    def observation(self, name: str, category: str, **fields: Any) -> Json:
        return self.resource(
            "Observation",
            name,
            status="final",
            category=[_status("observation-category", category)],
            encounter={"reference": f"Encounter/{self.random.randint(1, 60)}"},
            effectiveDateTime=f"{self.day()}T08:15:00+01:00",
            issued=f"{self.day()}T10:00:00.000+01:00",
            performer=[{"reference": "Organization/laboratory"}],
            **fields,
        )

    def laboratory(self, index: int) -> Json:
        if self.random.random() < 0.5:
            code, display, low, high, unit = self.random.choice(_MEASURED)
            named = _concept(("LOINC", code, display), self.local("analyte", int(high)))
        else:
            low, high, unit = 1.0, 100.0, "mmol/L"
            named = _concept(self.local("analyte", self.random.randint(1, 60)))
        quantity = {
            "value": round(self.random.uniform(low, high), 2),
            "unit": unit,
            "system": "http://unitsofmeasure.org",
            "code": unit,
        }
        limits = {"low": {**quantity, "value": low}, "high": {**quantity, "value": high}}
        return self.observation(
            f"lab-{index}",
            "laboratory",
            code=named,
            valueQuantity=quantity,
            referenceRange=[limits],
            interpretation=[_status("v3-ObservationInterpretation", "N")],
        )

    def problem(self, index: int) -> Json:
        named = _concept(self.local("diagnosis", self.random.randint(1, 300)))
        if index == 0:
            named = _concept(_CRAMPS)
        is_over = index and self.random.random() < 0.3
        return self.resource(
            "Condition",
            f"con-{index}",
            clinicalStatus=_status("condition-clinical", "resolved" if is_over else "active"),
            verificationStatus=_status("condition-ver-status", "confirmed"),
            category=[_status("condition-category", "problem-list-item")],
            code=named,
            onsetDateTime=self.day(4_000),
            recordedDate=self.day(),
        )

    def medication(self, index: int) -> Json:
        named = self.local("medicine", self.random.randint(1, 200))
        return self.resource(
            "MedicationRequest",
            f"med-{index}",
            status="active" if index < 8 else "completed",
            intent="order",
            medicationCodeableConcept=_concept(_TAKEN[index] if index < len(_TAKEN) else named),
            authoredOn=self.day(),
            dosageInstruction=[
                {
                    "text": "one tablet in the morning",
                    "timing": {"repeat": {"boundsPeriod": {"start": self.day()}}},
                }
            ],
        )

    def procedure(self, index: int) -> Json:
        return self.resource(
            "Procedure",
            f"pro-{index}",
            status="completed",
            code=_concept(self.local("procedure", self.random.randint(1, 200))),
            performedPeriod={"start": f"{self.day()}T08:00:00Z", "end": f"{self.day()}T09:00:00Z"},
        )

    def examination(self, index: int) -> Json:
        if index == 0:
            return self.observation("exa-0", "exam", code=_concept(_SEEN), valueBoolean=True)
        quantity = {"value": self.random.randint(60, 140), "unit": "mm[Hg]", "code": "mm[Hg]"}
        parts = [
            {"code": _concept(self.local("pressure", part)), "valueQuantity": quantity}
            for part in range(2)
        ]
        code = _concept(self.local("pressure", 3))
        return self.observation(f"exa-{index}", "exam", code=code, component=parts)

    def survey(self, index: int) -> Json:
        asked = _concept(self.local("question", index))
        return self.observation(f"sur-{index}", "survey", code=asked, valueBoolean=index % 2 == 0)

    def social(self, index: int) -> Json:
        asked = _concept(self.local("habit", index))
        answer = _concept(self.local("answer", index % 3))
        return self.observation(
            f"soc-{index}", "social-history", code=asked, valueCodeableConcept=answer
        )

    def relative(self, index: int) -> Json:
        illness = {"code": _concept(self.local("diagnosis", self.random.randint(1, 300)))}
        return self.resource(
            "FamilyMemberHistory",
            f"fam-{index}",
            status="completed",
            relationship=_concept(("local", "relative", "Mother")),
            condition=[illness],
        )

    def answers(self, index: int) -> Json:
        return self.resource(
            "QuestionnaireResponse",
            f"ans-{index}",
            status="completed",
            questionnaire="urn:crampdx:questionnaire:cramp-history",
            authored=self.day(),
            item=[
                {"linkId": "cramps.per_week", "answer": [{"valueDecimal": 1 + index}]},
                {"linkId": "findings.fatigue", "answer": [{"valueBoolean": True}]},
            ],
        )
