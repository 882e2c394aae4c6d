"""The example client, run against the whole application."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from starlette.testclient import TestClient

from crampdx.service.app import create_app
from crampdx.service.cds_hooks.feedback import exported
from crampdx.service.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
BASE = "http://testserver"


@pytest.fixture(scope="module")
def example() -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        "cds_hooks_client", ROOT / "examples" / "cds_hooks_client.py"
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def keys(example: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """A private key, and the file in which the example client puts its public half."""
    key = ec.generate_private_key(ec.SECP384R1())
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
    file = tmp_path_factory.mktemp("keys") / "jwks.json"
    file.write_text(example.jwks_of(private, "key-1"))
    return private, file


@pytest.fixture(scope="module")
def service(
    keys: tuple[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Any, Path]]:
    """The application with every safeguard on, and its database of feedback."""
    file = tmp_path_factory.mktemp("feedback") / "feedback.sqlite"
    issuer = {"iss": "https://ehr.example", "jwks_file": str(keys[1])}
    settings = Settings(auth="jwt", public_url=BASE, jwt_issuers=[issuer], feedback_database=file)
    with TestClient(create_app(settings), base_url=BASE) as http:
        yield http, file


def test_the_example_client_visits_a_patient(
    example: ModuleType, service: tuple[Any, Path], keys: tuple[str, Path]
) -> None:
    """It discovers, prefetches, signs its calls, shows cards and gives feedback on all of them."""
    http, file = service
    signer = example.signer_of(keys[0], "key-1", "https://ehr.example")
    records = example.Records(json.loads(example.BUNDLE.read_text()))
    hooks = example.Hooks(http, BASE, signer)
    lines = list(example.visit(hooks, records, "simvastatin 20 MG Oral Tablet"))
    assert any(line.startswith("[info] Muscle cramps") for line in lines)
    assert any("simvastatin 20 MG Oral Tablet may cause" in line for line in lines)
    outcomes = list(exported(file))
    assert len(outcomes) == sum(line.startswith("[") for line in lines)
    assert not any("unknown card" in outcome.intervention for outcome in outcomes)


def test_the_example_client_says_what_a_refusal_says(
    example: ModuleType, service: tuple[Any, Path]
) -> None:
    """Without a token it ends with the status."""
    with pytest.raises(SystemExit, match="401"):
        example.Hooks(service[0], BASE).discover()


def test_the_records_of_the_example_answer_queries(example: ModuleType) -> None:
    """A read gives a resource or nothing, a search a Bundle, by category and intent."""
    records = example.Records(json.loads(example.BUNDLE.read_text()))
    assert records.query("Patient/nobody") is None
    assert records.query("Patient/example")["resourceType"] == "Patient"
    found = records.query("Observation?patient=example&category=laboratory")["entry"]
    assert {entry["resource"]["resourceType"] for entry in found} == {"Observation"}
    assert "entry" not in records.query("Observation?patient=example&category=none")


def test_the_public_half_of_a_key_holds_nothing_private(
    example: ModuleType, keys: tuple[str, Path]
) -> None:
    """What is published has the point of the curve, and no secret number."""
    (key,) = json.loads(example.jwks_of(keys[0], "key-1"))["keys"]
    assert key.keys() == {"kty", "crv", "x", "y", "kid", "alg", "use"}
