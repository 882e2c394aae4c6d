"""A client of CDS Hooks in one file: what an EHR does, with a FHIR Bundle in place of its server.

    crampdx serve                                          # in one terminal
    python examples/cds_hooks_client.py                    # in another one

It asks which services there are, runs their prefetch queries on the Bundle, calls patient-view and
order-sign, prints the cards, and says that each card was seen and overridden. It needs `httpx`, and
`pyjwt[crypto]` where a key is given to sign the calls with.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

Json = dict[str, Any]
Signer = Callable[[str], dict[str, str]]
"""Gives the headers for the address that is called."""

BUNDLE = Path(__file__).with_name("fhir_bundle.json")


# ---- your FHIR server: here, a Bundle in memory


class Records:
    """Answers the reads and searches of a prefetch from the resources of a Bundle."""

    def __init__(self, bundle: Json) -> None:
        self.resources: list[Json] = [entry["resource"] for entry in bundle["entry"]]

    def query(self, query: str) -> Json | None:
        """The resource of a read, or None; the Bundle of a search."""
        kind, _, search = query.partition("?")
        if not search:
            name, _, resource_id = kind.partition("/")
            found = [r for r in self._of(name) if r.get("id") == resource_id]
            return found[0] if found else None
        wanted = parse_qs(search)
        entries = [{"resource": r} for r in self._of(kind) if matches(r, wanted)]
        bundle: Json = {"resourceType": "Bundle", "type": "searchset"}
        return {**bundle, "entry": entries} if entries else bundle

    def _of(self, kind: str) -> list[Json]:
        return [r for r in self.resources if r["resourceType"] == kind]


def matches(resource: Json, wanted: dict[str, list[str]]) -> bool:
    """Whether a resource has one of the categories and intents that are searched for."""
    codes = {c["code"] for part in resource.get("category", []) for c in part.get("coding", [])}
    has = {"category": codes, "intent": {resource.get("intent")}}
    return all(
        has[name] & set(value[0].split(",")) for name, value in wanted.items() if name in has
    )


# ---- the calls


class Hooks:
    """The services of a server. `http` is an `httpx.Client`, or anything that calls like one."""

    def __init__(self, http: Any, base: str, signer: Signer = lambda address: {}) -> None:
        self.http = http
        self.base = base.rstrip("/") + "/cds-services"
        self.signer = signer

    def discover(self) -> list[Json]:
        """What the server offers. Ask once a day, not before each call."""
        services: list[Json] = self._checked("GET", self.base)["services"]
        return services

    def call(self, service: Json, context: Json, records: Records) -> list[Json]:
        """The cards for a context, with all that the service asks for in its prefetch."""
        prefetch = {
            key: records.query(filled(query, context)) for key, query in service["prefetch"].items()
        }
        body = {
            "hook": service["hook"],
            "hookInstance": str(uuid.uuid4()),
            "context": context,
            "prefetch": prefetch,
        }
        cards: list[Json] = self._checked("POST", f"{self.base}/{service['id']}", body)["cards"]
        return cards

    def feedback(self, service: Json, outcomes: list[Json]) -> None:
        """Say what became of cards. Send again what was not answered: repeats count once."""
        body = {"feedback": outcomes}
        self._checked("POST", f"{self.base}/{service['id']}/feedback", body)

    def _checked(self, method: str, address: str, body: Json | None = None) -> Any:
        """The answer; where it is a refusal, what the OperationOutcome says of it."""
        headers = {"Content-Type": "application/json", **self.signer(address)}
        content = None if body is None else json.dumps(body)
        answer = self.http.request(method, address, content=content, headers=headers)
        if answer.status_code >= 400:
            sys.exit(f"{method} {address}: {answer.status_code} {answer.text}")
        return answer.json() if answer.content else None


def filled(query: str, context: Json) -> str:
    """A prefetch query with the tokens replaced by the fields of the context."""
    for name, value in context.items():
        if isinstance(value, str):
            query = query.replace("{{context." + name + "}}", value)
    return query


def signer_of(key: str, key_id: str, issuer: str) -> Signer:
    """Signs each call for its own address, for a minute, with a number that is used once."""
    import jwt

    def headers(address: str) -> dict[str, str]:
        now = int(time.time())
        claims = {
            "iss": issuer,
            "aud": address,
            "iat": now,
            "exp": now + 60,
            "jti": uuid.uuid4().hex,
        }
        token = jwt.encode(claims, key, algorithm="ES384", headers={"kid": key_id})
        return {"Authorization": f"Bearer {token}"}

    return headers


def jwks_of(key: str, key_id: str) -> str:
    """The public half of a private key, as the JWKS that the service has to know."""
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
    from jwt.algorithms import ECAlgorithm

    public = load_pem_private_key(key.encode(), None).public_key()
    form = ECAlgorithm.to_jwk(public, as_dict=True)
    return json.dumps({"keys": [{**form, "kid": key_id, "alg": "ES384", "use": "sig"}]}, indent=2)


# ---- what the user sees


def shown(card: Json) -> Iterator[str]:
    """A card as lines of text. An EHR renders `detail` as Markdown, without HTML."""
    yield f"[{card['indicator']}] {card['summary']}"
    for suggestion in card.get("suggestions", []):
        yield f"    ( ) {suggestion['label']}"
    for link in card.get("links", []):
        yield f"    -> {link['label']}: {link['url']}"


def overridden(card: Json) -> Json:
    """The outcome of a card that the user closed, giving the first of its reasons."""
    return {
        "card": card["uuid"],
        "outcome": "overridden",
        "overrideReason": {"reason": card["overrideReasons"][0]},
        "outcomeTimestamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def draft_of(patient: str, medicine: str) -> Json:
    """A draft order of a medicine, as a Bundle."""
    draft = {
        "resourceType": "MedicationRequest",
        "id": "draft-1",
        "status": "draft",
        "intent": "order",
        "subject": {"reference": f"Patient/{patient}"},
        "medicationCodeableConcept": {"text": medicine},
    }
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": draft}]}


def visit(hooks: Hooks, records: Records, medicine: str) -> Iterator[str]:
    """Open the chart of the Bundle's patient, then sign an order; the cards as lines of text."""
    services = {service["hook"]: service for service in hooks.discover()}
    patient = next(r["id"] for r in records.resources if r["resourceType"] == "Patient")
    context: Json = {"userId": "Practitioner/example", "patientId": patient}
    contexts = {
        "patient-view": context,
        "order-sign": {**context, "draftOrders": draft_of(patient, medicine)},
    }
    for hook, given in contexts.items():
        cards = hooks.call(services[hook], given, records)
        yield f"{hook}: {len(cards)} cards"
        for card in cards:
            yield from shown(card)
        if cards:
            hooks.feedback(services[hook], [overridden(card) for card in cards])


def main() -> None:
    """Read the command line, and visit."""
    import httpx

    parser = argparse.ArgumentParser(description="Call a CDS Hooks service as an EHR does.")
    parser.add_argument("base", nargs="?", default="http://127.0.0.1:8000")
    parser.add_argument("--bundle", type=Path, default=BUNDLE, help="the patient's record")
    parser.add_argument("--order", default="simvastatin 20 MG Oral Tablet", help="to be signed")
    parser.add_argument("--key", type=Path, help="a private key (PEM, P-384) to sign calls with")
    parser.add_argument("--key-id", default="key-1", help="its kid in the JWKS")
    parser.add_argument("--issuer", default="https://ehr.example", help="the iss of the calls")
    parser.add_argument("--jwks", action="store_true", help="print the public half of the key")
    given = parser.parse_args()
    if given.jwks and not given.key:
        parser.error("--jwks: give the key with --key")
    if given.jwks:
        print(jwks_of(given.key.read_text(), given.key_id))  # noqa: T201
        return
    records = Records(json.loads(given.bundle.read_text(encoding="utf-8")))
    signer: Signer = lambda address: {}  # noqa: E731
    if given.key:
        signer = signer_of(given.key.read_text(), given.key_id, given.issuer)
    with httpx.Client(timeout=30) as http:
        for line in visit(Hooks(http, given.base, signer), records, given.order):
            print(line)  # noqa: T201


if __name__ == "__main__":
    main()
