"""The review of orders: cautions, medicines that cause cramps, tests that are done."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from crampdx import Assessor, KnowledgeBase, RecordError
from crampdx.engine.order_review import MedicineReview, OrderReview, OrderReviewer
from crampdx.engine.planning.treatments import gravest_first as plan_order

CRAMPS = {"findings": {"muscle_cramp": True}, "as_of": "2026-03-01", "age": 50}
NO_CRAMPS = {**CRAMPS, "findings": {"muscle_cramp": False}}
BACLOFEN = {"code": "RxNorm:1292"}


@lru_cache(maxsize=1)
def reviewer() -> OrderReviewer:
    return OrderReviewer(Assessor(KnowledgeBase.load("article", "extended")))


def medicine(order: dict[str, Any], record: dict[str, Any] = CRAMPS) -> MedicineReview:
    (review,) = reviewer().review(record, [order]).medicines
    return review


def reviewed_test(order: dict[str, Any], record: dict[str, Any]) -> OrderReview:
    return reviewer().review(record, tests=[order])


def verdicts(review: MedicineReview) -> dict[str, str]:
    return {note.caution.id: note.verdict for t in review.treatments for note in t.cautions}


# ------------------------------------------------------------------------------------- cautions


def test_a_caution_that_applies_is_said_with_its_place() -> None:
    """A measured kidney function decides, and the caution names where it stands."""
    value = {"code": "LOINC:98979-8", "value": 20.0, "unit": "mL/min/{1.73_m2}"}
    dated = {**value, "date": "2026-02-01", "origin": "Observation/7"}
    review = medicine(BACLOFEN, {**CRAMPS, "measurements": [dated]})
    note = next(n for t in review.treatments for n in t.cautions if n.verdict == "applies")
    assert note.caution.id == "baclofen.severe_kidney"
    assert note.observed[0].places == ("Observation/7",)


def test_a_caution_that_is_unknown_is_to_be_checked() -> None:
    """What the record does not say is listed with what to check."""
    (treatment,) = medicine(BACLOFEN).treatments
    note = next(n for n in treatment.cautions if n.caution.id == "baclofen.severe_kidney")
    assert (note.verdict, note.unknown) == ("check_before", ("severely_reduced_gfr",))


def test_a_caution_that_does_not_hold_is_left_out() -> None:
    """What the record denies speaks against nothing."""
    record = {**CRAMPS, "findings": {"muscle_cramp": True, "severely_reduced_gfr": False}}
    assert "baclofen.severe_kidney" not in verdicts(medicine(BACLOFEN, record))


def test_no_indication_is_needed() -> None:
    """Cautions hold for whoever gets the medicine, with cramps or without."""
    assert verdicts(medicine(BACLOFEN, NO_CRAMPS)) == verdicts(medicine(BACLOFEN))


def test_what_applies_comes_first_and_the_gravest_of_it() -> None:
    """In the order of an assessment's treatments."""
    record = {**CRAMPS, "age": 80, "findings": {"severely_reduced_gfr": True}}
    (treatment,) = medicine(BACLOFEN, record).treatments
    states = [note.verdict for note in treatment.cautions]
    assert states == sorted(states)
    applying = [n.caution for n in treatment.cautions if n.verdict == "applies"]
    assert applying == sorted(applying, key=plan_order)


@pytest.mark.parametrize(
    ("order", "treatment"),
    [
        ({"code": "RxNorm:1292"}, "baclofen"),
        ({"text": "baclofen 10 MG Oral Tablet"}, "baclofen"),
        ({"code": [{"system": "local", "code": "7", "display": "Baclofen 10 MG"}]}, "baclofen"),
        ({"id": "baclofen"}, "baclofen"),
        ({"code": "RxNorm:5640"}, "nsaids"),
        ({"text": "24 HR mexiletine hydrochloride 150 MG Oral Capsule"}, "mexiletine"),
        ({"text": "quinine sulfate 324 MG Oral Capsule"}, "quinine"),
    ],
)
def test_a_treatment_is_known_by_code_by_name_and_by_id(
    order: dict[str, Any], treatment: str
) -> None:
    """However the order names it."""
    review = medicine(order)
    assert [t.treatment for t in review.treatments] == [treatment]
    assert review.recognized


# ------------------------------------------------------------------------ what may cause cramps


def test_a_medicine_that_causes_cramps_is_linked_to_the_cause() -> None:
    """By the lines that taking it alone makes true, with their sources."""
    (link,) = medicine({"code": "RxNorm:36567"}).cramp_links
    assert link.cause == "statin_induced_cramps"
    assert [line.id for line in link.lines] == ["statin.use"]
    assert all(line.sources for line in link.lines)


def test_a_class_within_a_class_is_followed() -> None:
    """A thiazide is a diuretic, by what the vocabulary implies."""
    (link,) = medicine({"text": "hydrochlorothiazide 25 MG Oral Tablet"}).cramp_links
    assert link.cause == "diuretic_induced_cramps"


@pytest.mark.parametrize("record", [NO_CRAMPS, {"as_of": "2026-03-01"}])
def test_without_cramps_there_is_no_link(record: dict[str, Any]) -> None:
    """Who has no cramps, or is not known to have them, is not warned of their causes."""
    assert medicine({"code": "RxNorm:36567"}, record).cramp_links == ()


def test_a_line_that_needs_more_than_the_medicine_is_no_link() -> None:
    """A raised creatine kinase on a statin says nothing of who has none on record."""
    lines = {line.id for k in medicine({"code": "RxNorm:36567"}).cramp_links for line in k.lines}
    assert "statin.creatine_kinase" not in lines


def test_a_diagnosis_that_a_medicine_betrays_is_no_link() -> None:
    """Insulin tells of diabetes, which may cause cramps; insulin is not blamed for them."""
    assert medicine({"text": "insulin glargine 100 UNT/ML"}).cramp_links == ()


# ----------------------------------------------------------------------------- what is not known


@pytest.mark.parametrize(
    "order",
    [{"text": "zzyzx 5 MG"}, {"code": "RxNorm:99999999"}, {"text": "stopped baclofen"}],
)
def test_what_is_not_recognized_is_said(order: dict[str, Any]) -> None:
    """It is not checked, which is something else than safe."""
    review = reviewer().review(CRAMPS, [order])
    assert not review.medicines[0].recognized
    assert review.not_checked == ("medicines[0]",)


def test_a_product_with_an_unknown_ingredient_is_checked_in_part() -> None:
    """What is known of it is reviewed, and it counts as not checked all the same."""
    review = reviewer().review(CRAMPS, [{"text": "baclofen 10 MG / zzyzx 5 MG Oral Tablet"}])
    assert [t.treatment for t in review.medicines[0].treatments] == ["baclofen"]
    assert review.not_checked == ("medicines[0]",)


def test_an_origin_is_the_place() -> None:
    """Results name the order as the caller does."""
    assert medicine({**BACLOFEN, "origin": "MedicationRequest/1"}).place == "MedicationRequest/1"


# ---------------------------------------------------------------------------------------- tests


@pytest.mark.parametrize(
    "record",
    [
        {"test_results": {"creatine_kinase_test": {"date": "2026-02-01"}}},
        {
            "measurements": [
                {"code": "LOINC:2157-6", "value": 99.0, "unit": "U/L", "date": "2026-02-01"}
            ]
        },
    ],
)
def test_a_test_that_is_done_is_said_with_place_and_day(record: dict[str, Any]) -> None:
    """As a test of the record, or by the value that it measures."""
    (review,) = reviewed_test({"code": "LOINC:2157-6"}, record).tests
    assert review.test == "creatine_kinase_test"
    assert [(d.place.partition("[")[0], d.date) for d in review.done] in (
        [("test_results", "2026-02-01")],
        [("measurements", "2026-02-01")],
    )


def test_the_latest_comes_first() -> None:
    """Undated ones come last."""
    days = ["2024-01-01", None, "2026-02-01", "2025"]
    record = {"test_results": [{"id": "creatine_kinase_test", "date": day} for day in days]}
    (review,) = reviewed_test({"id": "creatine_kinase_test"}, record).tests
    assert [done.date for done in review.done] == ["2026-02-01", "2025", "2024-01-01", None]


@pytest.mark.parametrize("status", ["ordered", "not_done"])
def test_what_is_only_ordered_is_not_done(status: str) -> None:
    """An order of the record is no result."""
    record = {"test_results": {"creatine_kinase_test": {"status": status}}}
    (review,) = reviewed_test({"id": "creatine_kinase_test"}, record).tests
    assert review.done == ()


def test_a_test_is_known_by_its_name() -> None:
    """However its letters are written; another one is not known."""
    names = [t.name for t in reviewer().assessor.knowledge.tests.values()]
    (review,) = reviewed_test({"text": f"  {names[0].upper()} "}, {}).tests
    assert review.name == names[0]
    assert reviewed_test({"text": "something else"}, {}).tests[0].test is None


# ---------------------------------------------------------------------------------- bad input


def test_bad_input_is_refused() -> None:
    """A record and orders are read as strictly as anywhere."""
    with pytest.raises(RecordError):
        reviewer().review({"agee": 3})
    with pytest.raises(ValidationError):
        reviewer().review({}, [{}])


@given(
    text=st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=40),
    code=st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=20),
)
def test_any_name_is_reviewed(text: str, code: str) -> None:
    """Whatever an order says, it is either known or said to be not checked."""
    order = {"text": text, "code": [{"system": "RxNorm", "code": code}]}
    review = reviewer().review(CRAMPS, [order], [order])
    (found,) = review.medicines
    assert found.complete or review.not_checked
    assert found.recognized or not (found.treatments or found.cramp_links)
