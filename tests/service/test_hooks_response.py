"""Cards, checks 29 to 41: what is sent is within the limits of CDS Hooks 2.0, and safe to show."""

from __future__ import annotations

import re
import uuid
from typing import Any
from urllib.parse import urlsplit

import pytest
from fhir.resources.R4B.servicerequest import ServiceRequest
from hooks_world import (
    Client,
    Json,
    bundle,
    card_of,
    cards,
    client,
    condition,
    cramps,
    egfr,
    lab,
    order_of_test,
    post,
    potassium,
    prescription,
    select,
    sign,
    topics,
    view,
    whole_prefetch,
)
from hypothesis import given
from hypothesis import strategies as st
from json_values import members

from crampdx.service.cds_hooks.cards import MAX_SUMMARY, shortened, without_empty
from crampdx.service.cds_hooks.schemas import CARDS

HOSTILE = (
    '<img src=x onerror="alert(1)">[x](javascript:alert(1)) `a` *b* | # ~~c~~ https://evil.example'
)
CODING = {"system", "code", "display"}


def order_body(*drafts: Json, **keys: Any) -> Json:
    return sign(*drafts, prefetch=whole_prefetch(**keys))


def baclofen(name: str = "o1", **more: Any) -> Json:
    return prescription(name, "baclofen 10 MG Oral Tablet", "1292", **more)


BODIES: dict[str, Json] = {
    "view": view(),
    "view of little": view(whole_prefetch(laboratory=None)),
    "orders": order_body(
        baclofen(),
        prescription("o2", "simvastatin 20 MG Oral Tablet"),
        prescription("o3", HOSTILE),
        order_of_test("t1", "2157-6"),
        laboratory=bundle(egfr(), lab("2157-6", 100, "U/L", "ck1")),
    ),
    "no cramps": view(whole_prefetch(problems=bundle())),
}


@pytest.fixture(params=sorted(BODIES))
def found(request: pytest.FixtureRequest) -> list[Json]:
    """The cards of several calls, with reference pages."""
    site = client(reference_url="https://docs.example/reference")
    return cards(BODIES[request.param], site)


def actions(found: list[Json]) -> list[Json]:
    return [
        action
        for card in found
        for suggestion in card.get("suggestions", [])
        for action in suggestion["actions"]
    ]


# --------------------------------------------------------------------------------- 29: the answer


def test_29_the_answer_always_has_cards() -> None:
    """Check 29: an array of cards; with nothing to say it is empty, and nothing else is there."""
    answer = post(BODIES["no cramps"])
    assert (answer.status_code, answer.json()) == (200, {"cards": []})
    assert answer.headers["content-type"] == "application/json"


def test_29_nothing_is_null_or_empty(found: list[Json]) -> None:
    """Check 29: no member is null, "", [] or {}, at any depth, also in drafts."""
    for card in found:
        assert not [part for part in members(card) if part in (None, "", [], {})]


# --------------------------------------------------------------------------- 30 to 33: what is said


def test_30_summaries_are_short_and_on_one_line(found: list[Json]) -> None:
    """Check 30: 1 to 139 characters."""
    for card in found:
        assert 1 <= len(card["summary"]) <= 139
        assert "\n" not in card["summary"]


@given(st.text(max_size=400))
def test_30_any_text_is_shortened_between_characters(text: str) -> None:
    """Check 30: what is too long ends in an ellipsis, and the result can be sent as UTF-8."""
    short = shortened(text, MAX_SUMMARY)
    assert len(short) <= MAX_SUMMARY
    assert short.encode("utf-8").decode("utf-8") == short
    assert not any(character < " " for character in short)


@pytest.mark.parametrize(
    "unit", ["e\N{COMBINING ACUTE ACCENT}", "\N{WOMAN}\N{ZERO WIDTH JOINER}\N{MICROSCOPE}"]
)
def test_30_a_character_keeps_its_marks(unit: str) -> None:
    """Check 30: it is not cut between a letter and what belongs to it."""
    for length in range(10, 20):
        short = shortened(unit * 20, length)
        assert short.endswith("…")
        assert (unit * 20).startswith(short[:-1])
        assert short[:-1] == unit * ((len(short) - 1) // len(unit))


def test_30_what_is_not_shown_cannot_turn_the_rest_around() -> None:
    """Check 30: marks of writing direction, and other unseen characters, are dropped."""
    assert shortened("a\N{RIGHT-TO-LEFT OVERRIDE}b\N{ZERO WIDTH SPACE}c", 10) == "abc"


def test_31_indicators_are_of_the_three_words(found: list[Json]) -> None:
    """Check 31: info, warning or critical; the most urgent first."""
    order = ["critical", "warning", "info"]
    positions = [order.index(card["indicator"]) for card in found]
    assert positions == sorted(positions)


@pytest.mark.parametrize(
    ("body", "topic", "indicator"),
    [
        (view(), "red-flag", "critical"),
        (view(), "differential", "info"),
        (order_body(baclofen(), laboratory=bundle(egfr(20))), "medicine-caution", "warning"),
        (BODIES["orders"], "medicine-may-cause-cramps", "warning"),
        (BODIES["orders"], "test-already-done", "info"),
        (BODIES["orders"], "medicine-not-checked", "info"),
    ],
)
def test_31_what_is_said_decides_the_indicator(body: Json, topic: str, indicator: str) -> None:
    """Check 31: as documented: flags by urgency, cautions by level, the differential is info."""
    assert card_of(cards(body), topic)["indicator"] == indicator


def test_31_an_urgent_flag_is_a_warning() -> None:
    """Check 31: only an emergency is critical."""
    tetany = condition("R29.0", "c2", "Tetany")
    surgery = condition("E20.9", "c3", "Hypoparathyroidism, unspecified")
    body = view(whole_prefetch(problems=bundle(cramps(), tetany, surgery), laboratory=None))
    assert card_of(cards(body), "red-flag")["indicator"] == "warning"


def test_32_the_source_has_label_url_and_topic(found: list[Json]) -> None:
    """Check 32: a label, an absolute address, and a topic as code, system and display."""
    for card in found:
        source = card["source"]
        assert source["label"].startswith("crampdx ")
        assert urlsplit(source["url"]).scheme == "https"
        assert source["topic"].keys() == CODING


def test_32_without_reference_pages_there_is_no_address() -> None:
    """Check 32: no address is made up: neither source nor links have one."""
    for card in cards(view()):
        assert card["source"].keys() == {"label", "topic"}
        assert "links" not in card


def test_33_text_of_the_patient_is_escaped() -> None:
    """Check 33: hostile text of a draft is no HTML, no link and no markup in the detail."""
    detail = card_of(cards(BODIES["orders"]), "medicine-not-checked")["detail"]
    assert "<" not in detail
    assert "](javascript:" not in detail
    assert "https://evil" not in detail
    assert "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}img src=x" in detail


def test_33_no_detail_holds_html(found: list[Json]) -> None:
    """Check 33: what the rules say is Markdown without HTML; addresses are those of sources."""
    for card in found:
        assert not re.search(r"<[a-zA-Z/!]", card["detail"])
        assert not re.search(r"\]\((?!https?://)", card["detail"])


def test_33_text_of_the_patient_is_no_html_in_a_summary() -> None:
    """Check 33: a summary is plain text; who takes it for HTML runs nothing all the same."""
    found = cards(BODIES["orders"])
    assert any("img src=x" in card["summary"] for card in found)
    assert not [card["summary"] for card in found if "<" in card["summary"]]


def test_33_a_hostile_place_is_escaped() -> None:
    """Check 33: an id of a resource that is no id is not quoted as one."""
    bad = {**potassium(), "id": "<script>alert(1)</script>"}
    text = post(view(whole_prefetch(laboratory=bundle(bad)))).text
    assert "<script" not in text


# ---------------------------------------------------------------------- 34 to 37: the suggestions


def test_34_suggestions_have_a_selection_behavior(found: list[Json]) -> None:
    """Check 34: any number of tests may be drafted; without suggestions there is no behavior."""
    for card in found:
        assert ("suggestions" in card) == ("selectionBehavior" in card)
        assert card.get("selectionBehavior", "any") == "any"
        assert sum(s.get("isRecommended", False) for s in card.get("suggestions", [])) <= 1


def test_35_suggestions_have_a_label_and_actions(found: list[Json]) -> None:
    """Check 35: a label, and a list of actions that is not empty."""
    for card in found:
        for suggestion in card.get("suggestions", []):
            assert suggestion["label"]
            assert suggestion["actions"]


def test_36_actions_create_valid_drafts() -> None:
    """Check 36: type, description, and a ServiceRequest that FHIR R4 accepts, of this patient."""
    found = actions(cards(view()))
    assert found
    for action in found:
        assert action.keys() == {"type", "description", "resource"}
        request = ServiceRequest.model_validate(action["resource"])
        assert (request.status, request.intent) == ("draft", "proposal")
        assert request.subject.reference == "Patient/p1"


def test_36_what_is_done_by_talking_is_no_order() -> None:
    """Check 36: history and examination are advice in the detail, and are not drafted."""
    card = card_of(cards(view()), "differential")
    assert "Medical history" in card["detail"]
    assert not any("history" in s["label"].lower() for s in card["suggestions"])


def test_37_nothing_is_updated_or_deleted(found: list[Json]) -> None:
    """Check 37: drafts of the user are never touched."""
    assert {action["type"] for action in actions(found)} <= {"create"}


# ------------------------------------------------------------------------- 38 to 41: the rest


def test_38_override_reasons_are_whole_codings(found: list[Json]) -> None:
    """Check 38: code, system and display, on every card."""
    for card in found:
        assert card["overrideReasons"]
        assert all(reason.keys() == CODING for reason in card["overrideReasons"])


def test_39_links_are_absolute(found: list[Json]) -> None:
    """Check 39: label, url and type; no appContext, since none is a SMART app."""
    for card in found:
        for link in card.get("links", []):
            assert link.keys() == {"label", "url", "type"}
            assert link["type"] == "absolute"
            assert link["url"].startswith("https://docs.example/reference/")


def test_39_links_lead_to_pages_that_are_written() -> None:
    """Check 39: each page exists among the reference pages of the same rules."""
    from crampdx.authoring.reference_pages import pages

    site = client(reference_url="https://docs.example")
    written = pages(site.app.state.assessor.knowledge)
    for body in (BODIES["view"], BODIES["orders"]):
        for card in cards(body, site):
            for link in card.get("links", []):
                path, _, place = link["url"].removeprefix("https://docs.example/").partition("#")
                page = written[path.replace(".html", ".md")]
                assert not place or f'id="{place}"' in page, link["url"]


@pytest.mark.parametrize("version_3", [False, True])
def test_40_the_system_acts_on_nothing(version_3: bool) -> None:
    """Check 40: no systemActions and no actionSelectionBehavior, ever."""
    answer = post(view(), client(cds_hooks_3=version_3))
    assert answer.json().keys() == {"cards"}
    assert "actionSelectionBehavior" not in answer.text


def test_41_every_card_and_suggestion_has_its_own_identifier(found: list[Json]) -> None:
    """Check 41: UUIDs, each once in an answer."""
    names = [card["uuid"] for card in found]
    names += [s["uuid"] for card in found for s in card.get("suggestions", [])]
    assert all(str(uuid.UUID(name)) == name for name in names)
    assert len(set(names)) == len(names)


def test_the_answer_is_of_the_schema_that_the_api_document_gives(found: list[Json]) -> None:
    """What OpenAPI says of the answer holds."""
    from jsonschema import Draft202012Validator

    schema = CARDS["content"]["application/json"]["schema"]
    Draft202012Validator(schema).validate({"cards": found})


def test_the_api_document_describes_the_bodies() -> None:
    """OpenAPI has the whole schema of the bodies in place, without loose references."""
    document = client().app.openapi()
    body = document["paths"]["/cds-services/{service_id}"]["post"]["requestBody"]
    schema = body["content"]["application/json"]["schema"]
    assert {"hook", "hookInstance", "context"} <= set(schema["required"])
    assert "$defs" not in str(schema)


# ------------------------------------------------------------------------------ cards on orders


def test_cautions_of_a_drug_are_said_without_cramps() -> None:
    """A caution on a treatment of the knowledge base holds for whoever it is ordered for."""
    body = order_body(baclofen(), problems=bundle(), laboratory=bundle(egfr(20)))
    card = card_of(cards(body), "medicine-caution")
    assert card["summary"].startswith("Baclofen, avoid")
    assert "Observation/egfr" in card["detail"]


def test_a_drug_that_causes_cramps_is_said_only_to_who_has_them() -> None:
    """Simvastatin is a warning in a patient with cramps, and nothing in another one."""
    statin = prescription("o1", "simvastatin 20 MG Oral Tablet")
    assert "medicine-may-cause-cramps" in topics(cards(order_body(statin)))
    assert cards(order_body(statin, problems=bundle())) == []


def test_a_selection_limits_what_is_reviewed() -> None:
    """order-select speaks of what was selected, not of the other drafts."""
    drafts = (baclofen(), prescription("o2", "simvastatin 20 MG Oral Tablet"))
    body = select(*drafts, selections=["MedicationRequest/o2"])
    assert topics(cards(body)) == ["medicine-may-cause-cramps"]


def test_a_selection_that_is_no_draft_is_said() -> None:
    """What cannot be reviewed is named by number."""
    body = select(baclofen(), selections=["MedicationRequest/o1", "MedicationRequest/o9"])
    assert "selections: 1 are not among the drafts" in cards(body)[0]["detail"]


def test_a_medicine_by_reference_is_read() -> None:
    """A Medication among the drafts, or contained, names the medicine."""
    medication = {"resourceType": "Medication", "id": "m1", "code": {"text": "simvastatin"}}
    outside = baclofen(medicationReference={"reference": "Medication/m1"})
    inside = baclofen(
        "o2", contained=[{**medication, "id": "x"}], medicationReference={"reference": "#x"}
    )
    for draft in (outside, inside):
        del draft["medicationCodeableConcept"]
        found = cards(order_body(draft, medication))
        assert "medicine-may-cause-cramps" in topics(found)


def test_a_medicine_by_the_address_of_its_entry_is_read() -> None:
    """A draft may refer to an entry of the drafts by its `fullUrl`."""
    medication = {"resourceType": "Medication", "code": {"text": "simvastatin"}}
    draft = baclofen(medicationReference={"reference": "urn:uuid:b5a4"})
    del draft["medicationCodeableConcept"]
    body = order_body(draft, medication)
    body["context"]["draftOrders"]["entry"][1]["fullUrl"] = "urn:uuid:b5a4"
    assert "medicine-may-cause-cramps" in topics(cards(body))


def test_each_ingredient_of_a_medicine_is_reviewed() -> None:
    """A Medication without a code is what it is made of; what is not known of it is said."""
    parts = [{"itemCodeableConcept": {"text": name}} for name in ("simvastatin", "zzyzx")]
    medication = {"resourceType": "Medication", "id": "m1", "ingredient": parts}
    draft = baclofen(medicationReference={"reference": "Medication/m1"})
    del draft["medicationCodeableConcept"]
    found = cards(order_body(draft, medication))
    assert {"medicine-may-cause-cramps", "medicine-not-checked"} <= set(topics(found))


def test_a_withdrawn_draft_is_not_reviewed() -> None:
    """What is not to be given, or was entered in error, is no order."""
    for more in ({"status": "entered-in-error"}, {"doNotPerform": True}):
        assert cards(order_body(baclofen(**more), laboratory=bundle(egfr(20)))) == []


def test_an_unnamed_medicine_is_not_checked() -> None:
    """A draft that names no medicine is said to be not checked."""
    draft = baclofen()
    del draft["medicationCodeableConcept"]
    assert topics(cards(order_body(draft))) == ["medicine-not-checked"]


def test_drafts_beyond_the_bound_are_said() -> None:
    """Whoever has no cramps, too, is told that not all of the drafts were reviewed."""
    statins = [prescription(f"o{n}", "simvastatin 20 MG Oral Tablet") for n in range(101)]
    (card,) = cards(order_body(*statins, problems=bundle()))
    assert card["source"]["topic"]["code"] == "medicine-not-checked"
    assert "drafts: 1 beyond the first 100" in card["detail"]


def test_medicines_that_were_not_read_are_counted() -> None:
    """Interactions with medicines of the record that are unread are said to be not checked."""
    taken = prescription("m9", "zzyzx 5 MG", status="active")
    body = order_body(baclofen(), medications=bundle(taken), laboratory=bundle(egfr(20)))
    detail = card_of(cards(body), "medicine-caution")["detail"]
    assert "Interactions not checked: 1 medicines" in detail


def test_orders_in_the_form_of_the_sandbox_are_read() -> None:
    """A Bundle without type, and a category that is no list, are what the HL7 sandbox sends."""
    draft = baclofen(category={"coding": [{"code": "inpatient"}]})
    body = order_body(draft, laboratory=bundle(egfr(20)))
    del body["context"]["draftOrders"]["type"]
    assert "medicine-caution" in topics(cards(body))


def test_members_that_say_nothing_are_dropped_at_any_depth() -> None:
    """The law behind the checks on empty members; zero and false say something."""
    assert without_empty({"a": [None, {"b": []}, 0], "c": False, "d": {"e": ""}}) == {
        "a": [0],
        "c": False,
    }


def test_a_store_that_fails_does_not_keep_cards_back(tmp_path: Any) -> None:
    """Cards go out although they cannot be remembered."""
    import sqlite3

    class Broken:
        def remember(self, cards: Any) -> None:
            raise sqlite3.OperationalError("disk I/O error")

    hooks: Client = client()
    hooks.app.state.feedback = Broken()
    assert cards(view(), hooks)
