"""Discovery, checks 1 to 9: what is announced is what CDS Hooks 2.0 allows, and it is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, quote

import pytest
from hooks_world import client, post
from json_values import members

from crampdx.service.cds_hooks.models import (
    EncounterContext,
    OrderSelectContext,
    OrderSignContext,
    PatientContext,
)
from crampdx.service.cds_hooks.services import REQUIRED, announced

TOKEN = re.compile(r"\{\{(.*?)\}\}")
USERS = {"userPractitionerId", "userPractitionerRoleId", "userPatientId", "userRelatedPersonId"}
PRIMITIVE = {
    "patient-view": {"userId", "patientId"},  # encounterId is optional there
    "encounter-start": {"userId", "patientId", "encounterId"},
    "order-select": {"userId", "patientId"},
    "order-sign": {"userId", "patientId"},
}


def services(**settings: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client(**settings).get("/cds-services").json()["services"]
    return found


def queries() -> Iterator[tuple[str, str, str]]:
    for service in services():
        for key, query in service["prefetch"].items():
            yield service["hook"], key, query


def test_01_discovery_is_an_object_with_services() -> None:
    """Check 1: 200, application/json, an object with an array of services."""
    answer = client().get("/cds-services")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert isinstance(answer.json()["services"], list)


def test_01_a_server_without_services_announces_an_empty_array() -> None:
    """Check 1: the array is there also where it is empty."""
    assert announced({}) == {"services": []}


def test_02_each_service_names_hook_description_id_and_title() -> None:
    """Check 2: the required members are strings that are not empty, and there is a title."""
    for service in services():
        for member in ("hook", "description", "id", "title"):
            assert isinstance(service[member], str)
            assert service[member]


def test_02_the_four_hooks_are_answered() -> None:
    """Check 2: patient-view, encounter-start, order-select and order-sign."""
    hooks = [service["hook"] for service in services()]
    assert hooks == ["patient-view", "encounter-start", "order-select", "order-sign"]


def test_03_ids_are_safe_in_an_address_and_lead_to_a_service() -> None:
    """Check 3: each id is its own URL-quoted form, and its address takes calls."""
    for service in services():
        assert quote(service["id"], safe="") == service["id"]
        assert post({}, service=service["id"]).status_code == 400


def test_04_prefetch_is_an_object_of_relative_reads_and_searches() -> None:
    """Check 4: keys are strings; each query is a relative FHIR read or search."""
    for _, key, query in queries():
        assert key.isidentifier()
        assert re.fullmatch(r"[A-Z][A-Za-z]+(/[^/?]+|\?.+)", query), query


def test_05_only_tokens_that_are_legal_for_the_hook() -> None:
    """Check 5: tokens are required primitive context fields of that hook, or users."""
    for hook, _, query in queries():
        for token in TOKEN.findall(query):
            field = token.removeprefix("context.")
            assert token in USERS or (token.startswith("context.") and field in PRIMITIVE[hook])


def test_05_the_contexts_require_what_the_hooks_define() -> None:
    """Check 5: the tokens that are used are of fields that the contexts cannot lack."""
    for model, hook in (
        (PatientContext, "patient-view"),
        (EncounterContext, "encounter-start"),
        (OrderSignContext, "order-sign"),
        (OrderSelectContext, "order-select"),
    ):
        required = {name for name, field in model.model_fields.items() if field.is_required()}
        assert PRIMITIVE[hook] == required - {"draftOrders", "selections"}


def test_06_queries_stay_in_the_restricted_subset() -> None:
    """Check 6: no includes, no chains, no modifiers but `:in`; parameters by equality."""
    allowed = {"patient", "category", "intent"}
    for _, _, query in queries():
        _, _, search = query.partition("?")
        for name, value in parse_qsl(TOKEN.sub("x", search), strict_parsing=bool(search)):
            assert name in allowed
            assert re.fullmatch(r"[a-z,-]+", value)


@pytest.mark.parametrize("version_3", [False, True])
def test_07_nothing_is_null_or_empty(version_3: bool) -> None:
    """Check 7: no member of the answer is null, "", [] or {}, at any depth."""
    answer = client(cds_hooks_3=version_3).get("/cds-services").json()
    assert not [part for part in members(answer) if part in (None, "", [], {})]


def test_08_usage_names_required_keys_and_what_degrades() -> None:
    """Check 8: the required keys, the optional ones, and what is lost without them."""
    for service in services():
        usage = service["usageRequirements"]
        required, _, optional = usage.partition("Optional: ")
        assert all(key in required for key in REQUIRED)
        assert all(key in optional for key in service["prefetch"] if key not in REQUIRED)
        assert "card says so" in usage


def test_09_members_of_3_0_are_off() -> None:
    """Check 9: by default no member is sent that 2.0 does not know."""
    known = {"hook", "title", "description", "id", "prefetch", "usageRequirements", "extension"}
    assert all(service.keys() <= known for service in services())


def test_09_members_of_3_0_can_be_switched_on() -> None:
    """Check 9: switched on, a service names the versions of the specification and of its hook."""
    for service in services(cds_hooks_3=True):
        assert service["version"] == "3.0.0-ballot"
        assert service["hookVersion"] == "1.0"


def test_prefetch_asks_only_what_us_core_servers_have_to_answer() -> None:
    """Searches use the parameters that the US Core capability statement obliges servers to."""
    obliged = {
        "Condition": [{"patient"}],
        "Observation": [{"patient", "category"}],
        "MedicationRequest": [{"patient", "intent"}],
        "Procedure": [{"patient"}],
        "FamilyMemberHistory": [{"patient"}],
        "QuestionnaireResponse": [{"patient"}],
    }
    for _, _, query in queries():
        kind, _, search = query.partition("?")
        if search:
            assert {name for name, _ in parse_qsl(search)} in obliged[kind]
