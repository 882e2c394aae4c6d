"""Suggestions: by names, abbreviations and parts before letters, and nothing absurd."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crampdx.text.suggestions import NameIndex

NAMED = [
    ("amyotrophic_lateral_sclerosis", ["Amyotrophic lateral sclerosis"]),
    ("known_als", ["Known amyotrophic lateral sclerosis"]),
    ("multiple_sclerosis", ["Multiple sclerosis"]),
    ("hypokalemia", ["Low potassium"]),
    ("hyperkalemia", ["High potassium"]),
    ("potassium_supplement_use", ["Takes a supplement of potassium"]),
    ("falls", ["Falls"]),
    ("guillain_barre_syndrome", ["Guillain-Barré syndrome"]),
    ("b12_deficiency", ["Lack of vitamin B12", "Cobalamin deficiency"]),
    ("disease_of_the_heart", ["Disease of the heart"]),
    ("low.potassium", []),
    ("potassium.salt", []),
]
INDEX = NameIndex(NAMED)


@pytest.mark.parametrize(
    ("word", "ids"),
    [
        ("Low potassium", ("hypokalemia",)),
        ("low_potassium", ("hypokalemia",)),
        ("cobalamin deficiency", ("b12_deficiency",)),
        ("Hypokalaemia", ("hypokalemia",)),
        ("als", ("amyotrophic_lateral_sclerosis", "known_als")),
        ("ALS", ("amyotrophic_lateral_sclerosis", "known_als")),
        ("A.L.S.", ("amyotrophic_lateral_sclerosis", "known_als")),
        ("MS", ("multiple_sclerosis",)),
        ("GBS", ("guillain_barre_syndrome",)),
        ("dh", ("disease_of_the_heart",)),
        ("doth", ("disease_of_the_heart",)),
        ("potassium", ("hyperkalemia", "hypokalemia", "potassium_supplement_use")),
        ("potassium low", ("hypokalemia",)),
        ("potassium high", ("hyperkalemia",)),
        ("B12", ("b12_deficiency",)),
        ("supplem", ("potassium_supplement_use",)),
        ("multipel sclerosis", ("multiple_sclerosis",)),
        ("hypocalemia", ("hypokalemia",)),
        ("flals", ("falls",)),
        ("als2", ()),
        ("xq", ()),
        ("potassium salt", ("potassium.salt",)),
        ("zebra", ()),
        ("", ()),
        ("?", ()),
    ],
)
def test_what_may_have_been_meant(word: str, ids: tuple[str, ...]) -> None:
    """A name, then initials, then words, then their beginnings, and letters last."""
    assert INDEX.nearest(word) == ids


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("MS", "did you mean 'multiple_sclerosis'?"),
        ("als", "did you mean 'amyotrophic_lateral_sclerosis' or 'known_als'?"),
        (
            "potassium",
            "did you mean 'hyperkalemia', 'hypokalemia' or 'potassium_supplement_use'?",
        ),
        ("zebra", ""),
    ],
)
def test_suggestions_are_asked(word: str, said: str) -> None:
    """A suggestion is a question, which names what fits equally well."""
    assert INDEX.suggest(word) == said


@pytest.mark.parametrize(("name", "names"), [one for one in NAMED if one[1]])
def test_whoever_knows_a_name_finds_its_id(name: str, names: list[str]) -> None:
    """Each name, and the id in other spelling, leads to the id."""
    for word in (*names, name.upper(), name.replace("_", " "), name.replace("_", "-")):
        assert name in INDEX.nearest(word)


@given(st.text())
def test_any_word_is_taken(word: str) -> None:
    """Whatever the word, at most three known ids are suggested."""
    found = INDEX.nearest(word)

    assert len(found) <= 3
    assert set(found) <= {name for name, _ in NAMED}
