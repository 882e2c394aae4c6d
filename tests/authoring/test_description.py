"""What one entry of the rules says, and what is said of it."""

import pytest

import crampdx
from crampdx.authoring.description import describe, description_blocks, suggestion
from crampdx.authoring.statement_coverage import trace
from crampdx.knowledge.places import Place
from crampdx.outputs.terminal import text_of


@pytest.fixture(scope="module")
def rules():
    return crampdx.KnowledgeBase.load("article")


def entries(rules):
    """The id of everything that has one."""
    for part in ("causes", "findings", "tests", "treatments", "prevention", "groups", "sources"):
        yield from getattr(rules, part)
    yield from (line.id for _, line in rules.evidence())


def facts(rules, name, kind=None):
    chosen = [d for d in describe(rules, name) if kind in (None, d.entry.kind)]
    return {fact.label: fact.text for description in chosen for fact in description.facts}


def test_everything_that_has_an_id_can_be_described(rules):
    """Each id of the rules has a description, which can be shown."""
    for name in entries(rules):
        for description in describe(rules, name):
            assert description.entry.id == name
            assert description.facts
            assert text_of(description_blocks(description, rules))


def test_an_id_of_several_kinds_shows_them_all(rules):
    """The cause and the finding of one name both come."""
    assert [d.entry.kind for d in describe(rules, "hypokalemia")] == ["cause", "finding"]


def test_an_unknown_id_has_no_description_but_a_suggestion(rules):
    """For an id that nothing has, the nearest is suggested, with or without its prefix."""
    assert describe(rules, "hypokalemai") == ()
    assert suggestion(rules, "hypokalemai") == "did you mean 'hypokalemia'?"
    assert suggestion(rules, "als.overview") == "did you mean 'article:als.overview'?"
    assert suggestion(rules, "Parkinson Disease") == "did you mean 'parkinson_disease'?"
    assert suggestion(rules, "zzzzzz") == ""


def test_a_cause_shows_its_evidence_with_weights(rules):
    """Lines for and against a cause are told with weight, criterion, reason and sources."""
    said = describe(rules, "hypokalemia")[0]
    line = next(fact for fact in said.facts if fact.label == "for")
    assert line.text.startswith('+20\N{NO-BREAK SPACE}dB (confirms) when "Low potassium". ')
    assert "article:test.blood.electrolytes" in line.sources
    assert [f.label for f in said.facts].count("against") == 3
    assert set(line.sources) <= set(said.sources)
    assert said.entry.place is not None


def test_a_finding_shows_what_shows_it_and_what_uses_it(rules):
    """Bounds and units, codes, and the rules that ask for the finding."""
    said = facts(rules, "hypokalemia", "finding")
    assert said["shown by"].startswith(
        "serum_potassium, LOINC 2823-3, in mmol/L: present when below 3.5; absent when 3.5 or more"
    )
    assert "HPO HP:0002900" in said["codes, exact"]
    used = {(r.kind, r.id) for d in describe(rules, "hypokalemia") for r in d.used_by}
    assert {("evidence", "hypokalemia.measured"), ("test", "electrolyte_panel")} <= used


def test_a_test_shows_for_whom_it_is():
    """Of a test that is for some people only, and of one that is for all."""
    rules = crampdx.KnowledgeBase.load("article", "extended")

    assert facts(rules, "pregnancy_test", "test")["population"] == "aged below 50 years, female"
    assert "population" not in facts(rules, "electrolyte_panel", "test")


def test_a_derived_finding_shows_what_it_follows_from(rules):
    """The criterion of a derived finding is told in words."""
    assert '"Spasticity"' in facts(rules, "upper_motor_neuron_sign")["follows from"]


def test_a_treatment_without_cautions_is_not_shown_as_safe(rules):
    """That no caution stands there is said, with what it means."""
    assert (
        facts(rules, "baclofen")["cautions"]
        == "none in these rules, which does not establish safety"
    )


def test_a_source_shows_what_rests_on_it(rules):
    """A source names the rules that cite it, each with its place."""
    said = describe(rules, "article:test.emg")[0]
    assert said.used_by == trace(rules).statements["article:test.emg"]


def test_places_are_shown_as_asked(rules):
    """The caller says how a place is written."""

    def shown(place: Place) -> str:
        return f"<{place.line}>"

    text = text_of(description_blocks(describe(rules, "baclofen")[0], rules, shown))
    assert "treatment baclofen · <" in text
