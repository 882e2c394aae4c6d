"""The page as a server sends it: its parts, their headers, and the documents that it reads."""

from __future__ import annotations

import re
from datetime import date
from importlib.resources import files

import pytest
from starlette.testclient import TestClient

from crampdx.assessment import INTENDED_USE
from crampdx.record.parsing import parse_record
from crampdx.service import web
from crampdx.service.app import create_app
from crampdx.service.settings import Settings

FOLDER = files(web)
PARTS = sorted(
    entry.name for entry in FOLDER.iterdir() if entry.name.endswith((".js", ".css", ".svg"))
)
MODULES = [name for name in PARTS if name.endswith(".js")]
TYPES = {"js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}


@pytest.fixture(scope="module")
def client():
    """The service, on a day that is known."""
    app = create_app(Settings(packs=("article",)), lambda: date(2026, 3, 1))
    with TestClient(app) as client:
        yield client


def text_of(name):
    return FOLDER.joinpath(name).read_text(encoding="utf-8")


def test_the_page_is_served_at_the_root(client):
    """`/` is the document, in UTF-8."""
    answer = client.get("/")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.text.startswith("<!doctype html>")


@pytest.mark.parametrize("name", PARTS)
def test_a_part_has_its_type_and_is_asked_for_again(client, name):
    """Every part comes with its type and a tag, and is never taken from a stale cache."""
    answer = client.get(f"/page/{name}")
    assert answer.headers["content-type"].startswith(TYPES[name.rpartition(".")[2]])
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["etag"].startswith('"')


@pytest.mark.parametrize("held", ["{}", "W/{}", '"other", {}', "*"])
def test_a_part_that_the_browser_holds_is_not_sent_again(client, held):
    """A known tag is answered by 304 and nothing more."""
    tag = client.get("/page/main.js").headers["etag"]
    answer = client.get("/page/main.js", headers={"If-None-Match": held.format(tag)})
    assert (answer.status_code, answer.content) == (304, b"")


def test_the_head_of_the_page_can_be_asked_for(client):
    """HEAD answers as GET does, without the body."""
    answer = client.head("/")
    assert (answer.status_code, answer.content) == (200, b"")


@pytest.mark.parametrize(
    "name", ["nothing.js", "__init__.py", "..%2f__init__.py", "%00", "x" * 5000]
)
def test_what_is_no_part_is_not_found(client, name):
    """Only the parts of the page are served, and no other file."""
    assert client.get(f"/page/{name}").status_code == 404


def test_the_policy_allows_this_origin_alone(client):
    """No script, style or data of another origin, nothing inline, no frame, no markup from text."""
    policy = client.get("/").headers["content-security-policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "connect-src": "'self'",
        "img-src": "'self' data:",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
        "require-trusted-types-for": "'script'",
    }


def test_the_document_states_the_intended_use():
    """The statement of the package stands in the page, word for word, before any script runs."""
    words = " ".join(re.sub(r"<[^>]+>", "", text_of("index.html")).split())
    assert " ".join(INTENDED_USE.split()) in words


def test_the_document_has_nothing_inline():
    """Neither scripts nor style nor handlers stand in the markup."""
    assert re.findall(r"<style|<script(?![^>]*src=)|\sstyle=|\son\w+=", text_of("index.html")) == []


@pytest.mark.parametrize("name", MODULES)
def test_a_module_makes_no_markup_of_text_and_keeps_nothing(name):
    """No innerHTML and its like, no evaluation, no storage, no cookie."""
    forbidden = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function"
    keeps = r"localStorage|sessionStorage|indexedDB|document\.cookie|\bcaches\b"
    assert re.findall(f"{forbidden}|{keeps}", text_of(name)) == []


@pytest.mark.parametrize("name", ["index.html", *PARTS])
def test_a_part_names_no_other_origin(name):
    """No part is loaded from elsewhere; the one address is that of SVG's name space."""
    addresses = re.findall(r"https?://[\w.-]+", text_of(name))
    assert set(addresses) <= {"http://www.w3.org"}


@pytest.mark.parametrize("name", MODULES)
def test_a_module_imports_what_is_there(name):
    """Every import names a part of the page."""
    assert set(re.findall(r'from "\./([^"]+)"', text_of(name))) <= set(MODULES)


def test_a_record_is_read_into_its_full_form(client):
    """Mappings become lists, and the day of the assessment is filled in."""
    answer = client.post("/record", json={"findings": {"muscle_cramp": True}})
    assert answer.json() == {"as_of": "2026-03-01", "findings": [{"id": "muscle_cramp"}]}


def test_a_record_says_its_own_day(client):
    """The day that a record names stands."""
    assert client.post("/record", json={"as_of": "2020-02-02"}).json() == {"as_of": "2020-02-02"}


def test_the_full_form_is_the_same_record(client):
    """What the page gets says what the document said."""
    given = {
        "as_of": "2026-01-01",
        "age": 39,
        "cramps": {"duration": "P9M", "locations": ["calf"]},
        "findings": {"HP:0003394": {"severity": "mild"}, "sensory_loss": False},
        "measurements": {"serum_potassium": {"value": 2.4, "unit": "mmol/L"}},
        "medications": [{"text": "Simvastatin 20 MG Oral Tablet"}],
    }
    read = client.post("/record", json=given).json()
    assert parse_record(read) == parse_record(given)


def test_a_refused_record_is_refused_by_field(client):
    """Each field at fault is named, without its value."""
    answer = client.post("/record", json={"age": -31.5, "findings": {"Pain!": True}})
    assert answer.status_code == 422
    assert {fault["path"] for fault in answer.json()["errors"]} >= {"age"}
    assert "31.5" not in answer.text


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[" * 5000, b"\xff", b"nothing at all", b"null", b"1"]
)
def test_what_is_no_document_is_refused(client, body):
    """Bytes that are no document get a problem, never an error of the server."""
    answer = client.post("/record", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422)
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_form_of_another_page_cannot_post(client):
    """A body of a type that any page may send is refused."""
    answer = client.post("/record", content=b"{}", headers={"Content-Type": "text/plain"})
    assert answer.status_code == 415
