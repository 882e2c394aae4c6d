"""Laws of the parts of results: dataclasses to all that asks, and the JSON that pydantic writes."""

from __future__ import annotations

import copy
import dataclasses
import gc
import json
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError
from strategies import SOME, load, packs, records_for

import crampdx
from crampdx import Assessment, Assessor
from crampdx import assessment as results
from crampdx.assessment import CauseShift, Level, Line, Observed, Question, RecordWarning
from crampdx.knowledge.models import CitedSentence
from crampdx.parts import Part, part, write_json, written_once

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
OBSERVED = st.builds(
    Observed, TEXTS, st.booleans(), st.lists(TEXTS, max_size=2).map(tuple), st.just(())
)
WARNINGS = st.builds(
    RecordWarning, st.sampled_from(Level), st.just("unit"), TEXTS, TEXTS, st.just(("a", "b"))
)
KINDS = sorted(
    (
        kind
        for kind in vars(results).values()
        if isinstance(kind, type) and issubclass(kind, Part) and kind is not Part
    ),
    key=lambda kind: kind.__name__,
)


@SOME
@given(packs(), st.data())
def test_an_assessment_makes_the_round_trip_through_its_own_json(made, data):
    """What is written is what pydantic writes, byte for byte, and reads as an equal assessment."""
    base = load(made)
    answer = Assessor(base).assess(data.draw(records_for(base)))
    text = answer.model_dump_json()
    assert text == BaseModel.model_dump_json(answer)
    again = Assessment.model_validate_json(text)
    assert again == answer
    assert again.model_dump_json() == text


@given(st.one_of(OBSERVED, WARNINGS))
def test_any_text_is_written_as_pydantic_writes_it(made):
    """Quotes, control characters and all of Unicode come out alike."""
    wanted = TypeAdapter(dict[str, type(made)]).dump_json({"made": made}).decode()
    assert write_json({"made": made}) == wanted


@given(st.one_of(OBSERVED, WARNINGS))
def test_a_part_is_a_value(made):
    """Equal parts are equal, hash alike, and survive a copy and a pickle."""
    for again in (copy.copy(made), copy.deepcopy(made), pickle.loads(pickle.dumps(made))):  # noqa: S301
        assert again == made
        assert hash(again) == hash(made)


@given(OBSERVED)
def test_a_part_is_a_dataclass_to_what_asks(made):
    """The functions of `dataclasses` work on it, and give what its fields hold."""
    names = ("finding", "present", "places", "via")
    assert dataclasses.is_dataclass(made)
    assert tuple(field.name for field in dataclasses.fields(made)) == names
    assert dataclasses.asdict(made) == {name: getattr(made, name) for name in names}
    assert dataclasses.replace(made, present=not made.present).present is not made.present


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_no_part_can_be_changed(kind):
    """Results share parts, so that none of them may change."""
    first, *others = kind.__struct_fields__
    made = kind(None, *[None for _ in others])
    with pytest.raises(AttributeError):
        setattr(made, first, 1)


def test_a_part_is_validated_field_by_field():
    """What is read from JSON is checked, and the place of a fault is named."""
    reader = TypeAdapter(Question)
    good: dict[str, Any] = {
        "finding": "a",
        "name": "A",
        "ask": "A?",
        "separates": 3,
        "if_present": [{"cause": "x", "decibans": 3}],
        "if_absent": [],
    }
    assert reader.validate_python(good).if_present == (CauseShift("x", 3),)
    with pytest.raises(ValidationError) as refused:
        reader.validate_python({**good, "if_present": [{"cause": "x"}]})
    assert refused.value.errors()[0]["loc"] == ("if_present", 0, "decibans")


def test_a_part_that_is_given_to_a_model_stays_itself():
    """A model of someone else that has a part as a field takes it as it is."""

    class Report(BaseModel):
        shift: CauseShift

    shift = CauseShift("x", 3)
    report = Report(shift=shift)
    assert report.shift is shift
    assert report.model_dump() == {"shift": {"cause": "x", "decibans": 3}}


def test_the_json_of_a_rule_is_written_once():
    """The same rule has the same bytes, however often it is written."""
    line = crampdx.assess({"findings": {"hypokalemia": True}}).candidates[0].supporting[0]
    assert written_once(line.evidence) is written_once(line.evidence)
    assert json.loads(write_json({"line": line}))["line"]["evidence"]["id"] == line.evidence.id


def test_a_changed_copy_of_a_rule_has_its_own_json():
    """A copy with another text is written anew."""
    rule = CitedSentence(says="One.", sources=("judgement",))
    written_once(rule)
    other = rule.model_copy(update={"says": "Other."})
    assert json.loads(bytes(written_once(other)))["says"] == "Other."


def test_the_json_of_a_rule_goes_with_it():
    """A knowledge base that nobody holds any more leaves nothing behind."""
    from crampdx import parts

    gc.collect()
    before = len(parts._written)
    rule = CitedSentence(says="One.", sources=("judgement",))
    written_once(rule)
    assert len(parts._written) == before + 1
    del rule
    gc.collect()
    assert len(parts._written) == before


@pytest.mark.parametrize("wrong", [object(), {1, 2}.__iter__()], ids=["an object", "an iterator"])
def test_what_is_no_data_is_refused(wrong):
    """Nothing but plain data, parts and frozen models is written, and the kind is named."""
    with pytest.raises(TypeError, match=type(wrong).__name__):
        write_json({"wrong": wrong})


def test_a_model_that_can_change_is_refused():
    """Only what never changes may be written once."""

    class Changeable(BaseModel):
        name: str

    with pytest.raises(TypeError, match="frozen"):
        write_json({"wrong": Changeable(name="a")})


def test_a_part_has_the_schema_of_the_dataclass_it_looks_like():
    """The published schema names fields, defaults and text as for a dataclass."""

    @part
    class Thing(Part, frozen=True):
        """A thing."""

        name: str
        sizes: tuple[int, ...] = ()

    @dataclasses.dataclass(frozen=True)
    class Same:
        """A thing."""

        name: str
        sizes: tuple[int, ...] = ()

    for mode in ("validation", "serialization"):
        schema = TypeAdapter(Thing).json_schema(mode=mode)
        assert schema == {**TypeAdapter(Same).json_schema(mode=mode), "title": "Thing"}
    assert Line.__name__ in str(Assessment.model_json_schema())
