"""Answers to questionnaires: the one that ships, and those of a caller."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from fhir_parts import left_out, read, resource

from crampdx import KnowledgeBase, RecordError
from crampdx.inputs.fhir import QUESTIONNAIRE_URL, questionnaire, questionnaires
from crampdx.inputs.fhir.questionnaires import check_targets
from crampdx.record.models import PatientRecord

R4B = pytest.importorskip("fhir.resources.R4B.questionnaire")


def answered(link: str, *answers: dict[str, Any], **fields: Any) -> dict[str, Any]:
    given = {"questionnaire": QUESTIONNAIRE_URL, "status": "completed", **fields}
    item = [{"linkId": "group", "item": [{"linkId": link, "answer": list(answers)}]}]
    return resource("QuestionnaireResponse", item=item, **given)


def cramps(link: str, *answers: dict[str, Any], **fields: Any) -> Any:
    record = read(answered(f"cramps.{link}", *answers, **fields))
    return getattr(record.cramps, link)


def quantity(value: float, code: str) -> dict[str, Any]:
    return {"valueQuantity": {"value": value, "code": code}}


def word(code: str) -> dict[str, Any]:
    return {"valueCoding": {"system": "urn:x", "code": code}}


def items(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [item for group in document["item"] for item in group["item"]]


def test_the_questionnaire_is_of_fhir() -> None:
    """It validates against the model of R4B, and no linkId stands twice."""
    R4B.Questionnaire.model_validate(questionnaire())
    links = [item["linkId"] for item in items(questionnaire())]
    assert len(links) == len(set(links)) > 100


def test_every_question_has_a_target() -> None:
    """Each linkId names a field of the record, and each finding is known."""
    links = [item["linkId"] for item in items(questionnaire())]
    check_targets({"urn:x": {link: link for link in links}})
    known = KnowledgeBase.load().findings
    asked = {link.removeprefix("findings.") for link in links if link.startswith("findings.")}
    assert asked <= known.keys()


def test_every_offered_answer_is_read() -> None:
    """The coded answers that the questionnaire offers are words of the record."""
    for item in items(questionnaire()):
        for option in item.get("answerOption", ()):
            link = item["linkId"].removeprefix("cramps.")
            assert cramps(link, option), (link, option)


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ({"valueBoolean": True}, "present"),
        ({"valueBoolean": False}, "absent"),
        ({"valueCoding": {"system": "http://loinc.org", "code": "LA33-6"}}, "present"),
        ({"valueCoding": {"system": "http://loinc.org", "code": "LA32-8"}}, "absent"),
        ({"valueString": "no"}, "absent"),
    ],
)
def test_yes_and_no_are_present_and_absent(answer: dict[str, Any], status: str) -> None:
    """Dated with the day of the answers."""
    given = answered("findings.vomiting", answer, authored="2026-02-24T08:00:00Z")
    (found,) = read(given).findings
    assert (found.id, found.status.value, found.date) == ("vomiting", status, "2026-02-24")
    assert found.origin == "QuestionnaireResponse/1#item[0].item[0]"


def test_a_question_without_an_answer_says_nothing() -> None:
    """Neither present nor absent, and nothing is counted."""
    record = read(answered("findings.vomiting"))
    assert (record.findings, record.left_out) == ((), ())


@pytest.mark.parametrize(
    ("link", "answers", "expected"),
    [
        ("duration", [quantity(3, "mo")], timedelta(days=90)),
        ("duration", [{"valueString": "P9M"}], timedelta(days=270)),
        ("duration", [{"valueDate": "2026-03-01"}], timedelta(days=4)),
        ("episode_duration", [quantity(2, "min")], timedelta(minutes=2)),
        ("per_week", [{"valueDecimal": 4}], 4.0),
        ("per_week", [{"valueInteger": 2}], 2.0),
        ("per_week", [quantity(1, "/d")], 7.0),
        ("locations", [word("calf"), word("foot"), word("calf")], ("calf", "foot")),
        ("triggers", [{"valueString": "exercise"}], ("exercise",)),
        ("times_of_day", [word("night")], ("night",)),
        ("response_to_remedies", [word("relieved")], "relieved"),
    ],
)
def test_the_history_of_cramps_is_read(link: str, answers: Any, expected: Any) -> None:
    """Durations, frequency, places, triggers, times and the response."""
    assert cramps(link, *answers) == expected


def test_a_duration_goes_on_after_the_answer() -> None:
    """Since when there are cramps is counted up to the day of the assessment."""
    assert cramps("duration", quantity(10, "d"), authored="2026-03-01") == timedelta(days=14)
    assert cramps("duration", quantity(150, "a"), authored="1900") is None
    assert cramps("episode_duration", quantity(1, "h"), authored="2026-03-01") == timedelta(hours=1)


@pytest.mark.parametrize(
    ("link", "answer", "reason"),
    [
        ("cramps.duration", {"valueString": "long"}, "unread_part"),
        ("cramps.duration", quantity(3, "moons"), "unread_part"),
        ("cramps.duration", {"valueDate": "2027-01-01"}, "unread_part"),
        ("cramps.duration", quantity(1e12, "a"), "unread_part"),
        ("cramps.duration", quantity(-1, "a"), "unread_part"),
        ("cramps.duration", {"valueDate": "0001-01-01"}, "unread_part"),
        ("cramps.episode_duration", {"valueDate": "2026-03-01"}, "unread_part"),
        ("cramps.per_week", {"valueDecimal": -1}, "unread_part"),
        ("cramps.per_week", {"valueDecimal": "many"}, "malformed"),
        ("cramps.locations", word("moon"), "unread_part"),
        ("findings.vomiting", {"valueString": "well"}, "unread_part"),
        ("findings.vomiting", {"valueString": "unknown"}, "no_value"),
        ("findings.Bad Name", {"valueBoolean": True}, "malformed"),
        ("nothing", {"valueBoolean": True}, "not_mapped"),
        ("cramps.everything", {"valueBoolean": True}, "not_mapped"),
    ],
)
def test_an_answer_that_cannot_be_read_is_left_out(link: str, answer: Any, reason: str) -> None:
    """With the place of its item."""
    record = read(answered(link, answer))
    assert left_out(record) == {reason: ("QuestionnaireResponse/1#item[0].item[0]",)}


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"status": "in-progress"}, "not_finished"),
        ({"status": "stopped"}, "not_finished"),
        ({"status": "entered-in-error"}, "entered_in_error"),
        ({"questionnaire": "http://example.org/other"}, "not_mapped"),
        ({"questionnaire": None}, "not_mapped"),
        ({"authored": "2026-02-31"}, "malformed"),
    ],
)
def test_a_response_that_cannot_be_used_is_left_out(fields: dict[str, Any], reason: str) -> None:
    """Whole, with its reason."""
    record = read(answered("findings.vomiting", {"valueBoolean": True}, **fields))
    assert (record.findings, left_out(record)) == ((), {reason: ("QuestionnaireResponse/1",)})


def test_later_answers_overtake_earlier_ones() -> None:
    """And what was answered after the day of the assessment does not count."""
    record = read(
        {**answered("cramps.per_week", {"valueDecimal": 5}, authored="2026-02-01"), "id": "a"},
        {**answered("cramps.per_week", {"valueDecimal": 2}, authored="2026-03-01"), "id": "b"},
        {**answered("cramps.per_week", {"valueDecimal": 9}, authored="2026-04-01"), "id": "c"},
    )
    assert record.cramps.per_week == 2.0
    assert set(left_out(record)) == {"in_the_future"}


def test_a_pregnancy_may_be_answered() -> None:
    """As an observation would say it."""
    assert read(answered("pregnant", {"valueBoolean": True})).pregnant is True


OWN = {
    "http://example.org/intake": {
        "q1": "findings.HP:0003394",
        "q2": "measurements.LOINC:2823-3",
        "q3": "cramps.per_week",
        "q4": "measurements.serum_potassium",
    }
}


def own(link: str, answer: dict[str, Any]) -> PatientRecord:
    url = "http://example.org/intake|2.0"
    return read(answered(link, answer, questionnaire=url), questionnaires=OWN)


def test_a_caller_may_map_other_questionnaires() -> None:
    """By our ids or by codes, whatever the version of the questionnaire."""
    assert own("q1", {"valueBoolean": True}).findings[0].code[0].code == "HP:0003394"
    measured = own("q2", quantity(2.9, "mmol/L")).measurements[0]
    assert (measured.code[0].code, measured.value, measured.unit) == ("2823-3", 2.9, "mmol/L")
    assert own("q3", {"valueDecimal": 3}).cramps.per_week == 3.0
    assert own("q4", quantity(2.9, "mmol/L")).measurements[0].id == "serum_potassium"


def test_a_map_with_a_fault_is_refused() -> None:
    """Every target that is none is named."""
    with pytest.raises(RecordError) as refusal:
        read(questionnaires={"urn:x": {"a": "cramps.color", "b": "findings.vomiting", "c": ""}})
    assert [issue.path for issue in refusal.value.issues] == [
        "questionnaires.urn:x.a",
        "questionnaires.urn:x.c",
    ]


def test_questions_stand_in_groups_up_to_a_depth() -> None:
    """And below answers."""
    inner = {"linkId": "findings.vomiting", "answer": [{"valueBoolean": True}]}
    below = {"linkId": "findings.diarrhea", "answer": [{"valueBoolean": False, "item": [inner]}]}
    given = answered("x")
    (found, other) = read({**given, "item": [below]}).findings
    assert (found.id, other.id) == ("diarrhea", "vomiting")
    for _ in range(25):
        inner = {"linkId": "g", "item": [inner]}
    assert set(left_out(read({**given, "item": [inner]}))) == {"too_deep"}


def test_groups_that_are_shared_are_opened_so_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Breadth to the power of depth is never walked: a group that holds itself ten times."""
    monkeypatch.setattr(questionnaires, "MAX_ITEMS", 1_000)
    opened: list[str] = []
    item = questionnaires._Response.item
    monkeypatch.setattr(
        questionnaires._Response,
        "item",
        lambda self, *given: (opened.append(given[1]), item(self, *given))[1],
    )
    group: dict[str, Any] = {"linkId": "group"}
    group["item"] = [group] * 10
    given = {"questionnaire": QUESTIONNAIRE_URL, "status": "completed", "item": [group]}
    record = read(resource("QuestionnaireResponse", **given))

    assert "too_many" in left_out(record)
    assert len(opened) < 1_000 + 10 * (questionnaires.MAX_DEPTH + 1)
