"""The body of a call is read part by part, as it would be read whole."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hooks_world import (
    assessor,
    bundle,
    cards,
    client,
    condition,
    cramps,
    lab,
    post,
    potassium,
    view,
    whole_prefetch,
)
from hypothesis import given
from hypothesis import strategies as st

from crampdx.service.api.problems import Problem
from crampdx.service.cds_hooks import parsing
from crampdx.service.cds_hooks.models import HookRequest
from crampdx.service.cds_hooks.parsing import ResourceReader, read_body
from crampdx.service.cds_hooks.prefetch import read_prefetch
from crampdx.service.cds_hooks.services import SERVICES

SERVICE = SERVICES["patient-view-cramps"]
UNKNOWN = condition("Z99.9", "unknown", "Something of no interest", meta={"versionId": "1"})
VALUES = st.sampled_from(
    [
        None,
        [],
        {},
        "text",
        'a "quoted" \\ text \u20ac',
        {"resourceType": "OperationOutcome"},
        {"resourceType": "Bundle", "entry": None},
        {"resourceType": "Bundle", "entry": [None, {}, 5, {"resource": {"resourceType": 7}}]},
        bundle(cramps(), UNKNOWN, potassium()),
        {"entry": [], "resourceType": "Bundle", "link": [{"relation": "next", "url": "x"}]},
        {"resourceType": "Patient", "id": "p1", "entry": [1]},
    ]
)


def supplies(body: bytes, reader: ResourceReader) -> Any:
    asked = HookRequest.model_validate(read_body(body, reader))
    return read_prefetch(SERVICE, asked, reader)


@given(st.dictionaries(st.sampled_from([*SERVICE.prefetch, "other"]), VALUES), st.booleans())
def test_parts_and_the_whole_are_read_alike(prefetch: dict[str, Any], ascii_only: bool) -> None:
    """Whatever is prefetched, in whatever form the JSON is written."""
    body = json.dumps(view(prefetch), ensure_ascii=ascii_only, indent=1).encode()
    by_parts = supplies(body, ResourceReader())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parsing, "_read_by_parts", lambda body, reader: json.loads(body))
        assert supplies(body, ResourceReader()) == by_parts


@pytest.mark.parametrize(
    "key", ["hook", "prefetch", "patient", "type", "entry", "resource", "code", "status", "userId"]
)
def test_a_key_that_is_twice_is_refused_wherever_it_is(key: str) -> None:
    """In the body, in the prefetch, in a Bundle, in an entry and below."""
    text = json.dumps(view(whole_prefetch(problems=bundle(UNKNOWN))))
    assert f'"{key}": ' in text
    twice = text.replace(f'"{key}": ', f'"{key}": null, "{key}": ', 1)
    with pytest.raises(Problem) as refusal:
        read_body(twice.encode(), ResourceReader(assessor().vocabulary.known))
    assert "twice" in refusal.value.issues[0].message


def test_of_what_the_rules_do_not_know_only_the_identity_is_kept() -> None:
    """So that a record takes no more room than what is read of it."""
    reader = ResourceReader(assessor().vocabulary.known)
    body = json.dumps(view({"problems": bundle(UNKNOWN, cramps())})).encode()
    unknown, known = supplies(body, reader)["problems"].held
    assert (unknown.outside, unknown.content) == (True, {"id": "unknown", "meta": UNKNOWN["meta"]})
    assert (known.outside, known.content) == (False, cramps())


def test_a_newer_version_that_nothing_knows_replaces_an_older_one() -> None:
    """What was passed over is still the newest version of the resource."""
    newer = {**UNKNOWN, "id": "cramps", "meta": {"lastUpdated": "2026-02-01T00:00:00Z"}}
    older = cramps(meta={"lastUpdated": "2026-01-01T00:00:00Z"})
    assert cards(view(whole_prefetch(problems=bundle(older, newer)))) == []


def test_what_a_resource_of_no_interest_contains_is_read() -> None:
    """A panel that nobody knows may hold a value that the rules know."""
    panel = lab("99999-9", 1, "1", "panel", contained=[potassium()])
    body = view(whole_prefetch(laboratory=bundle(panel)))
    assert "Low potassium" in post(body).text


def test_cards_do_not_depend_on_what_is_passed_over(tmp_path: Any) -> None:
    """An audited call, which keeps everything, has the same cards but for the counts."""
    body = view(whole_prefetch(problems=bundle(cramps(), copy.deepcopy(UNKNOWN))))
    audited = cards(body, client(audit_log=tmp_path / "audit.jsonl"))
    assert [card["summary"] for card in audited] == [card["summary"] for card in cards(body)]
