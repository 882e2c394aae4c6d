"""Feedback as it is sent, check 42: its form, batches, repeats, cards that nobody knows."""

from __future__ import annotations

import uuid
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hooks_world import Client, Json, cards, client, fields, view
from hypothesis import given
from hypothesis import strategies as st

from crampdx.service.cds_hooks.feedback import FeedbackDatabase, exported

SERVICE = "/cds-services/patient-view-cramps/feedback"
CARD = "9b7ffa3c-5a2c-4f3f-9d7e-0a9c4e3b6f11"
TIME = "2026-03-01T10:05:31Z"


def accepted(card: str = CARD, suggestion: str = "s1", **more: Any) -> Json:
    return {
        "card": card,
        "outcome": "accepted",
        "acceptedSuggestions": [{"id": suggestion}],
        "outcomeTimestamp": TIME,
        **more,
    }


def overridden(card: str = CARD, **more: Any) -> Json:
    return {"card": card, "outcome": "overridden", "outcomeTimestamp": TIME, **more}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "feedback.sqlite"


@pytest.fixture
def hooks(file: Path) -> Client:
    return client(feedback_database=file)


def send(hooks: Client, *items: Json) -> Any:
    return hooks.post(SERVICE, json={"feedback": list(items)})


def test_42_feedback_is_taken_in(hooks: Client, file: Path) -> None:
    """Check 42: an outcome of the form is 2xx, and kept."""
    assert send(hooks, overridden()).status_code == 204
    (row,) = exported(file)
    assert (row.card, row.action_taken) == (CARD, "overridden")


@pytest.mark.parametrize(
    ("item", "field"),
    [
        (overridden(outcome="ignored"), "outcome"),  # cds-fb-1
        ({**accepted(), "acceptedSuggestions": []}, "acceptedSuggestions"),  # cds-fb-2
        (
            {k: v for k, v in accepted().items() if k != "acceptedSuggestions"},
            "acceptedSuggestions",
        ),
        (overridden(overrideReason={}), "overrideReason"),  # cds-fb-3
        (overridden(overrideReason={"userComment": ""}), "overrideReason"),
        (overridden(overrideReason={"reason": {"display": "x"}}), "overrideReason.reason.code"),
        (overridden(card=""), "card"),
        ({"outcome": "overridden", "outcomeTimestamp": TIME}, "card"),
        ({"card": CARD, "outcome": "overridden"}, "outcomeTimestamp"),
        (overridden(outcomeTimestamp="2026-03-01"), "outcomeTimestamp"),
        (overridden(outcomeTimestamp="2026-03-01T10:05:31"), "outcomeTimestamp"),
        (overridden(outcomeTimestamp="2026-02-30T10:05:31Z"), "outcomeTimestamp"),
        (overridden(outcomeTimestamp=5), "outcomeTimestamp"),
    ],
)
def test_42_feedback_that_is_not_of_its_form_is_named(
    hooks: Client, file: Path, item: Json, field: str
) -> None:
    """Check 42: cds-fb-1 to 3 and the types hold; 400 names the item and the field."""
    answer = send(hooks, overridden(), item)
    assert (answer.status_code, fields(answer)) == (400, [f"feedback[1].{field}"])
    assert list(exported(file)) == []


@pytest.mark.parametrize("body", [{}, [], {"feedback": {}}, {"feedback": []}, {"feedback": [1]}])
def test_42_a_body_without_feedback_is_refused(hooks: Client, body: Any) -> None:
    """Check 42: there has to be an array with something in it."""
    assert hooks.post(SERVICE, json=body).status_code == 400


def test_42_a_batch_is_kept_whole(hooks: Client, file: Path) -> None:
    """Check 42: many outcomes at once; one row for each accepted suggestion."""
    both = accepted(acceptedSuggestions=[{"id": "s1"}, {"id": "s2"}, {"id": "s1"}])
    assert send(hooks, both, overridden(str(uuid.uuid4()))).status_code == 204
    assert len(list(exported(file))) == 3


def test_42_repeats_are_kept_once(hooks: Client, file: Path) -> None:
    """Check 42: the same outcome sent again, or at the same time in another zone, is one."""
    same_time = overridden(outcomeTimestamp="2026-03-01T12:05:31+02:00")
    for items in ([overridden()], [overridden(), same_time], [overridden(CARD.upper())]):
        assert send(hooks, *items).status_code == 204
    assert len(list(exported(file))) == 1


def test_42_a_later_outcome_of_the_same_card_is_another_one(hooks: Client, file: Path) -> None:
    """Check 42: a user may think again."""
    send(hooks, overridden(), overridden(outcomeTimestamp="2026-03-01T11:00:00Z"), accepted())
    assert len(list(exported(file))) == 3


def test_42_an_unknown_card_is_recorded_as_unknown(hooks: Client, file: Path) -> None:
    """Check 42: 2xx, kept, and marked."""
    assert send(hooks, overridden("nobody-sent-this")).status_code == 204
    (row,) = exported(file)
    assert (row.intervention, row.user) == ("patient-view-cramps: unknown card", "")


def test_42_a_card_that_was_sent_is_known(hooks: Client, file: Path) -> None:
    """Check 42: its outcome is exported with what it was about, who saw it, when and where."""
    found = cards(view(fhirServer="https://ehr.example/fhir"), hooks)
    (card,) = [card for card in found if "suggestions" in card]
    chosen = card["suggestions"][0]
    comment = {"userComment": "done elsewhere"}
    send(
        hooks,
        accepted(card["uuid"], chosen["uuid"]),
        overridden(found[0]["uuid"], overrideReason=comment),
    )
    taken, refused = exported(file)
    assert taken.intervention.startswith("patient-view-cramps: differential differential: ")
    assert refused.intervention == "patient-view-cramps: red-flag severe_low_potassium"
    assert refused.user_feedback == "done elsewhere"
    assert {taken.user, refused.user} == {"Practitioner/dr-1"}
    assert {taken.location, refused.location} == {"https://ehr.example"}
    assert taken.date == "2026-03-01T10:05:31.000000Z"


def test_42_nothing_of_the_patient_is_kept(hooks: Client, file: Path) -> None:
    """Check 42: no byte of the database holds the patient's id, or a value of the record."""
    body = view()
    body["context"]["patientId"] = "patient-4711"
    body["prefetch"] = {
        "patient": {"resourceType": "Patient", "id": "patient-4711", "birthDate": "1960-05-01"},
        "problems": {
            "resourceType": "Bundle",
            "entry": [
                {
                    "resource": {
                        "resourceType": "Condition",
                        "id": "cond-0815",
                        "subject": {"reference": "Patient/patient-4711"},
                        "code": {
                            "coding": [
                                {"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "R25.2"}
                            ]
                        },
                    }
                }
            ],
        },
    }
    assert cards(body, hooks)
    files = file.parent.glob("feedback.sqlite*")
    assert not [f for f in files for word in (b"4711", b"0815", b"1960") if word in f.read_bytes()]


def test_42_feedback_of_a_service_that_does_not_exist_is_404(hooks: Client) -> None:
    """Check 42: the address belongs to a service."""
    answer = hooks.post("/cds-services/nothing/feedback", json={"feedback": [overridden()]})
    assert answer.status_code == 404


def test_42_without_a_database_feedback_is_taken_and_counted() -> None:
    """Check 42: 2xx; nothing is kept but a number."""
    hooks = client()
    assert send(hooks, overridden(), accepted()).status_code == 204
    assert hooks.app.state.feedback.outcomes == 2


def test_42_what_cannot_be_kept_is_not_acknowledged(hooks: Client, file: Path) -> None:
    """Check 42: where the store fails, 503 asks to send again."""
    hooks.app.state.feedback.file = file.parent / "no folder" / "x.sqlite"
    assert send(hooks, overridden()).status_code == 503


@lru_cache(maxsize=1)
def _own_client() -> Client:
    return client()


@given(text=st.text(max_size=60), card=st.text(min_size=1, max_size=60))
def test_42_any_text_of_feedback_is_kept(text: str, card: str) -> None:
    """Check 42: comments and identifiers may hold anything that JSON can."""
    hooks = _own_client()
    with TemporaryDirectory() as folder:
        file = Path(folder) / "f.sqlite"
        hooks.app.state.feedback = FeedbackDatabase(file)
        item = overridden(card, overrideReason={"userComment": text or "-"})
        assert send(hooks, item).status_code == 204
        assert len(list(exported(file))) == 1


def test_42_half_a_character_is_refused(hooks: Client, file: Path) -> None:
    """Check 42: JSON can hold halves of characters, which no file can: 400, never a crash."""
    body = (
        b'{"feedback": [{"card": "c\\ud800", "outcome": "overridden", "outcomeTimestamp": "%s"}]}'
    )
    answer = hooks.post(
        SERVICE, content=body % TIME.encode(), headers={"content-type": "application/json"}
    )
    assert (answer.status_code, fields(answer)) == (400, ["feedback[0].card"])
    assert list(exported(file)) == []
