"""What ids, weights and criteria are called."""

import pytest

import crampdx
from crampdx.knowledge.criteria import Absent, AllOf, AnyOf, AtLeast
from crampdx.outputs.labels import Labels


@pytest.fixture(scope="module")
def rules():
    return crampdx.KnowledgeBase.load("article")


@pytest.mark.parametrize(
    ("criterion", "words"),
    [
        ("numb", '"Numb"'),
        (Absent(absent="numb"), 'no "Numb"'),
        (AnyOf(any=("numb", "unheard_of")), '"Numb" or "unheard_of"'),
        (AllOf(all=("numb",)), '"Numb"'),
        (
            AllOf(all=("numb", AnyOf(any=("weak", Absent(absent="stiff"))))),
            '"Numb" and ("Weak" or no "Stiff")',
        ),
        (
            AtLeast(at_least=2, of=("numb", "weak", "stiff")),
            'at least 2 of: "Numb", "Weak", "Stiff"',
        ),
    ],
)
def test_criteria_are_told_in_words(criterion, words, rules):
    """A criterion reads as a sentence; what is nested stands in brackets."""
    some = rules.findings["sensory_loss"]
    findings = {
        name: some.model_copy(update={"id": name, "name": name.capitalize()})
        for name in ("numb", "weak", "stiff")
    }
    small = crampdx.KnowledgeBase((), rules.sources, findings, {}, {}, {}, {}, {}, {}, ())
    assert Labels(small).criterion(criterion) == words
