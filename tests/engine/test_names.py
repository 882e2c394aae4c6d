"""Entries that have a name in words alone: which are read, and which are not."""

from __future__ import annotations

import pytest
from packs import load

import crampdx
from crampdx import Assessor, KnowledgeBase
from crampdx.text.name_keys import name_key

FINDINGS = """
- {id: muscle_weakness, name: Muscle weakness, kind: symptom, synonyms: [loss of strength],
   sources: [judgement]}
- {id: known_als, name: Known ALS, kind: history, sources: [judgement]}
- {id: als_in_family, name: ALS in the family, kind: family, shown_by: [{family: known_als}],
   because: A., sources: [judgement]}
- {id: statin_use, name: A statin, kind: medication, sources: [judgement]}
- {id: ill, name: Ill, kind: sign, derived: {any: [muscle_weakness, known_als]}, because: A.,
   sources: [judgement]}
"""

CODES = """\
system,code,match,finding,display
ICD-10-CM,G12.21,narrower,known_als,Amyotrophic lateral sclerosis
SNOMED-CT,123456,exact,muscle_weakness,Muscle weakness of oedema (finding)
HPO,HP:0000001,used_as,muscle_weakness,Floppiness
HPO,HP:0000002,related,muscle_weakness,Tiredness
RxNorm,1,exact,statin_use,Simvastatin
"""


@pytest.fixture
def knowledge(tmp_path) -> KnowledgeBase:
    return load(tmp_path, {"findings/own.yaml": FINDINGS, "codes/own.csv": CODES})


@pytest.fixture
def states(knowledge):
    assessor = Assessor(knowledge)
    return lambda record: {
        name: state
        for name, state in assessor.trace(record).states.items()
        if name in {"muscle_weakness", "known_als", "als_in_family", "statin_use"}
    }


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        pytest.param("Muscle weakness", "muscle_weakness", id="the name"),
        pytest.param("LOSS OF STRENGTH.", "muscle_weakness", id="a synonym, in capitals"),
        pytest.param("amyotrophic lateral sclerosis", "known_als", id="the display of a code"),
        pytest.param("Muscle weakness of edema", "muscle_weakness", id="American, without the tag"),
        pytest.param("floppiness", "muscle_weakness", id="a code that is taken for it"),
    ],
)
def test_a_whole_name_is_read(states, text, finding):
    """A name, a synonym or a display, however it is spelled."""
    assert states({"findings": [{"text": text}]}) == {finding: True}


@pytest.mark.parametrize(
    "text",
    [
        "no muscle weakness",
        "possible amyotrophic lateral sclerosis",
        "?muscle weakness",
        "muscle weakness (-)",
        "muscle weakness -ve",
        "weakness",
        "tiredness",
        "ill",
        "A statin",
        "?",
    ],
)
def test_what_is_more_or_less_than_a_name_is_not_read(states, text):
    """Any other word keeps it from being read; so do related, derived and medicines' names."""
    assert states({"findings": [{"text": text}]}) == {}


def test_what_the_name_of_a_narrower_code_shows_is_what_the_code_shows(states):
    """Absent, it shows nothing: there are other forms."""
    absent = {"text": "Amyotrophic lateral sclerosis", "status": "absent"}

    assert states({"findings": [absent]}) == {}


def test_the_status_of_what_is_named_holds(states):
    """What is named and absent is absent."""
    assert states({"findings": [{"text": "muscle weakness", "status": "absent"}]}) == {
        "muscle_weakness": False
    }


@pytest.mark.parametrize(
    "part", [" ", "(", "a-", "'s ", "ae", "(finding) ", "s", "a b-", "\u2019s", "-"]
)
def test_the_time_for_a_name_grows_with_its_length_alone(part):
    """Whatever it repeats: no pattern goes back over what it has passed."""
    name_key(part * 100_000 + "?")
    name_key(part * 100_000 + ")")


def test_a_relatives_disease_is_the_relatives(states):
    """Named in words, it never becomes the patient's."""
    named = {"text": "Amyotrophic lateral sclerosis", "relation": "mother"}

    assert states({"family_history": [named]}) == {"als_in_family": True}


def test_a_local_code_is_read_by_its_display(knowledge):
    """The result says that a name was read, and of which finding."""
    code = {"system": "https://hospital.example/codes", "code": "17", "display": "muscle weakness"}

    answer = crampdx.assess({"findings": [{"code": code}]}, knowledge)

    assert [(w.level, w.code, w.place, w.findings) for w in answer.warnings] == [
        ("info", "read_from_name", "findings[0]", ("muscle_weakness",))
    ]
    assert answer.not_used == ()


def test_a_code_that_is_known_is_not_read_by_its_name(states):
    """A display adds nothing to its code, also where it names another finding."""
    code = {"system": "ICD-10-CM", "code": "G12.21", "display": "Muscle weakness"}

    assert states({"diagnoses": [{"code": code}]}) == {"known_als": True}


def test_an_id_that_is_not_known_is_not_read_by_its_name(states):
    """Whoever gives an id means that."""
    assert states({"findings": [{"id": "muscle_weaknes", "text": "muscle weakness"}]}) == {}
