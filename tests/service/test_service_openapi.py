"""The OpenAPI document is true: schemathesis finds no request that it describes wrongly."""

from __future__ import annotations

import os

import pytest
import schemathesis
from schemathesis.engine import events, from_schema
from starlette.testclient import TestClient

from crampdx.service.app import create_app
from crampdx.service.settings import Settings

IS_THOROUGH = os.environ.get("CRAMPDX_TEST_PROFILE") == "thorough"

# What a schema cannot say is refused all the same: a day that the calendar lacks (422), a hook of
# another service (400), a patient as the user (403), data that a hook needs (412).
REFUSED = {"positive_data_acceptance": {"expected-statuses": ["2xx", "404", "422"]}}
REFUSED_HOOKS = {
    "positive_data_acceptance": {"expected-statuses": ["2xx", "400", "403", "404", "412"]}
}
DOCUMENTS = ["/assess", "/assess/fhir", "/explain"]
"""The routes whose bodies have so large a schema that covering all of it takes minutes."""


def config(*, coverage: bool):
    return schemathesis.Config.from_dict(
        {
            "seed": 1,
            "generation": {"max-examples": 100 if IS_THOROUGH else 5, "database": "none"},
            "phases": {"coverage": {"enabled": coverage}},
            "checks": REFUSED,
            "operations": [{"include-path-regex": "^/cds-services", "checks": REFUSED_HOOKS}],
        }
    )


def failures(schema) -> list[str]:
    found = []
    for event in from_schema(schema).execute():
        if isinstance(event, events.NonFatalError | events.FatalError):
            found.append(repr(event))
        if isinstance(event, events.ScenarioFinished):
            for checks in event.recorder.checks.values():
                found += [
                    f"{event.label}: {check.name}: {check.failure_info.failure}"
                    for check in checks
                    if check.failure_info
                ]
    return found


@pytest.fixture(scope="module")
def app():
    made = create_app(Settings(packs=("article",)))
    with TestClient(made):
        yield made


def test_no_answer_differs_from_the_document(app):
    """Statuses, media types, schemas, refusals and methods are as the document says."""
    schema = schemathesis.openapi.from_asgi("/openapi.json", app, config=config(coverage=True))
    assert not failures(schema.exclude(path=DOCUMENTS))


def test_no_assessment_differs_from_the_document(app):
    """Any document and any question, well formed or not, is answered as the document says."""
    schema = schemathesis.openapi.from_asgi(
        "/openapi.json", app, config=config(coverage=IS_THOROUGH)
    )
    assert not failures(schema.include(path=DOCUMENTS))
