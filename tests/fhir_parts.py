"""Small resources of FHIR for tests, made up for them."""

from __future__ import annotations

from typing import Any

from crampdx.inputs.fhir import read_fhir
from crampdx.record.models import PatientRecord

SNOMED = "http://snomed.info/sct"
LOINC = "http://loinc.org"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
PATIENT = {"resourceType": "Patient", "id": "p", "gender": "male", "birthDate": "1960-05-17"}
AS_OF = "2026-03-05"


def concept(code: str, system: str = SNOMED, **more: Any) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}], **more}


CRAMP = concept("55300003")
POTASSIUM = concept("2823-3", LOINC)
SIMVASTATIN = concept("36567", RXNORM)


def resource(kind: str, name: str = "1", **fields: Any) -> dict[str, Any]:
    holder = "patient" if kind in ("AllergyIntolerance", "FamilyMemberHistory") else "subject"
    about = {} if kind == "Patient" else {holder: {"reference": "Patient/p"}}
    return {"resourceType": kind, "id": name, **about, **fields}


def bundle(*resources: Any, **fields: Any) -> dict[str, Any]:
    entries = [{"resource": part} for part in resources]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries, **fields}


def read(*resources: Any, as_of: str | None = AS_OF, **options: Any) -> PatientRecord:
    return read_fhir(bundle(PATIENT, *resources), as_of, **options)


def left_out(record: PatientRecord) -> dict[str, tuple[str, ...]]:
    return {str(item.reason): item.places for item in record.left_out}
