"""A small hospital for tests of the hooks: an application, a patient, and calls."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

import anyio
import httpx
from fastapi import FastAPI

from crampdx import Assessor, KnowledgeBase
from crampdx.service import cds_hooks
from crampdx.service.app import create_app
from crampdx.service.settings import Settings

TODAY = date(2026, 3, 1)
INSTANCE = "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea"
EHR = "https://ehr.example/fhir"
SERVICE = "https://cds.example"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ICD = "http://hl7.org/fhir/sid/icd-10-cm"
LOINC = "http://loinc.org"
Json = dict[str, Any]


@lru_cache(maxsize=1)
def assessor() -> Assessor:
    return Assessor(KnowledgeBase.load("article", "extended"))


def app(**settings: Any) -> FastAPI:
    """The service as it is, with rules that were loaded already."""
    made = create_app(Settings(**settings), lambda: TODAY)
    made.state.assessor = assessor()
    made.state.feedback = cds_hooks.feedback_store(made.state.settings.feedback_database)
    return made


class Client:
    """Calls an application without a server."""

    def __init__(self, application: FastAPI) -> None:
        self.app = application

    def request(self, method: str, path: str, **given: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app)
            async with httpx.AsyncClient(transport=transport, base_url=SERVICE) as inside:
                return await inside.request(method, path, **given)

        return anyio.run(ask)

    def get(self, path: str, **given: Any) -> httpx.Response:
        return self.request("GET", path, **given)

    def post(self, path: str, **given: Any) -> httpx.Response:
        return self.request("POST", path, **given)


def client(**settings: Any) -> Client:
    return Client(app(**settings))


@lru_cache(maxsize=8)
def shared_client(**settings: Any) -> Client:
    """One for all tests that leave it as it is; by default, with default settings."""
    return client(**settings)


# ---------------------------------------------------------------------------------- the patient


def patient(name: str = "p1", **more: Any) -> Json:
    return {
        "resourceType": "Patient",
        "id": name,
        "gender": "male",
        "birthDate": "1960-05-01",
        **more,
    }


def condition(code: str, name: str, display: str = "", of: str = "p1", **more: Any) -> Json:
    return {
        "resourceType": "Condition",
        "id": name,
        "subject": {"reference": f"Patient/{of}"},
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "code": {"coding": [{"system": ICD, "code": code, "display": display}]},
        "recordedDate": "2026-02-01",
        **more,
    }


def cramps(**more: Any) -> Json:
    return condition("R25.2", "cramps", "Cramp and spasm", **more)


def lab(code: str, value: float, unit: str, name: str, of: str = "p1", **more: Any) -> Json:
    return {
        "resourceType": "Observation",
        "id": name,
        "status": "final",
        "subject": {"reference": f"Patient/{of}"},
        "code": {"coding": [{"system": LOINC, "code": code}]},
        "valueQuantity": {
            "value": value,
            "unit": unit,
            "code": unit,
            "system": "http://unitsofmeasure.org",
        },
        "effectiveDateTime": "2026-02-20",
        **more,
    }


def potassium(value: float = 2.1, name: str = "k1") -> Json:
    return lab("2823-3", value, "mmol/L", name)


def egfr(value: float = 20.0) -> Json:
    return lab("98979-8", value, "mL/min/{1.73_m2}", "egfr")


def prescription(name: str, text: str, code: str = "", of: str = "p1", **more: Any) -> Json:
    concept: Json = {"text": text}
    if code:
        concept["coding"] = [{"system": RXNORM, "code": code, "display": text}]
    return {
        "resourceType": "MedicationRequest",
        "id": name,
        "status": "draft",
        "intent": "order",
        "subject": {"reference": f"Patient/{of}"},
        "medicationCodeableConcept": concept,
        **more,
    }


def order_of_test(name: str, code: str, text: str = "", of: str = "p1") -> Json:
    concept: Json = {"coding": [{"system": LOINC, "code": code}]}
    return {
        "resourceType": "ServiceRequest",
        "id": name,
        "status": "draft",
        "intent": "order",
        "subject": {"reference": f"Patient/{of}"},
        "code": {**concept, "text": text} if text else concept,
    }


def bundle(*resources: Json, **more: Any) -> Json:
    entries = [{"resource": resource} for resource in resources]
    found: Json = {"resourceType": "Bundle", "type": "searchset", **more}
    return {**found, "entry": entries} if entries else found


# ------------------------------------------------------------------------------------ the calls


def whole_prefetch(**more: Any) -> Json:
    """A prefetch of everything: a man with cramps and very low potassium."""
    empty = bundle()
    return {
        "patient": patient(),
        "problems": bundle(cramps()),
        "laboratory": bundle(potassium()),
        "medications": empty,
        "procedures": empty,
        "examination": empty,
        "survey": empty,
        "socialHistory": empty,
        "familyHistory": empty,
        "questionnaires": empty,
        **more,
    }


def view(prefetch: Mapping[str, Any] | None = None, **more: Any) -> Json:
    """The body of a patient-view call."""
    return {
        "hook": "patient-view",
        "hookInstance": INSTANCE,
        "context": {"userId": "Practitioner/dr-1", "patientId": "p1"},
        "prefetch": copy.deepcopy(dict(whole_prefetch() if prefetch is None else prefetch)),
        **more,
    }


def sign(*drafts: Json, prefetch: Mapping[str, Any] | None = None, **more: Any) -> Json:
    """The body of an order-sign call."""
    body = view(prefetch, hook="order-sign", **more)
    body["context"] = {**body["context"], "draftOrders": bundle(*drafts, type="collection")}
    return body


def select(*drafts: Json, selections: list[str], **more: Any) -> Json:
    """The body of an order-select call."""
    body = {**sign(*drafts, **more), "hook": "order-select"}
    body["context"] = {**body["context"], "selections": selections}
    return body


def post(body: Any, hooks_client: Client | None = None, service: str = "") -> Any:
    """The answer of a service to a body; by default, of the service of its hook."""
    name = service or f"{body['hook']}-cramps"
    return (hooks_client or shared_client()).post(f"/cds-services/{name}", json=body)


def cards(body: Any, hooks_client: Client | None = None) -> list[Json]:
    """The cards of a call that is answered."""
    answer = post(body, hooks_client)
    assert answer.status_code == 200, answer.text
    found: list[Json] = answer.json()["cards"]
    return found


def topics(found: list[Json]) -> list[str]:
    return [card["source"]["topic"]["code"] for card in found]


def card_of(found: list[Json], topic: str) -> Json:
    """The one card of a topic."""
    (card,) = [card for card in found if card["source"]["topic"]["code"] == topic]
    return card


def fields(answer: Any) -> list[str]:
    """The fields that an OperationOutcome names."""
    body = answer.json()
    assert body["resourceType"] == "OperationOutcome"
    return [path for issue in body["issue"] for path in issue.get("expression", [])]
