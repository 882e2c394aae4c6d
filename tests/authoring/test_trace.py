"""What rests on what, and what one entry says."""

import json

import pytest

import crampdx
from crampdx.authoring.trace import (
    Reference,
    describe,
    describe_criterion,
    description_blocks,
    suggestion,
    trace,
    trace_blocks,
)
from crampdx.knowledge.criteria import Absent, AllOf, AnyOf, AtLeast
from crampdx.knowledge.places import Place
from crampdx.outputs.terminal import text_of


@pytest.fixture(scope="module")
def rules():
    return crampdx.KnowledgeBase.load("article")


@pytest.fixture(scope="module")
def found(rules):
    return trace(rules)


def with_statement(rules, name):
    """The rules and one more statement, which nothing cites."""
    statement = rules.sources["article:cramp.definition"].model_copy(update={"id": name})
    fields = ("packs", "findings", "groups", "causes", "tests", "treatments", "prevention")
    return crampdx.KnowledgeBase(
        sources={**rules.sources, name: statement},
        red_flags=rules.red_flags,
        codes=rules.codes,
        places=rules.places,
        **{field: getattr(rules, field) for field in fields},
    )


def entries(rules):
    """The id of everything that has one."""
    for part in ("causes", "findings", "tests", "treatments", "prevention", "groups", "sources"):
        yield from getattr(rules, part)
    yield from (line.id for _, line in rules.evidence())


def facts(rules, name, kind=None):
    chosen = [d for d in describe(rules, name) if kind in (None, d.entry.kind)]
    return {fact.label: fact.text for description in chosen for fact in description.facts}


def test_every_statement_of_the_article_is_traced(rules, found):
    """Each source of kind 'article', and no other, stands in the trace, in order."""
    article = [name for name, source in rules.sources.items() if source.kind == "article"]
    assert list(found.statements) == article
    assert len(article) == 74


def test_a_statement_leads_to_the_rules_that_cite_it(found):
    """Rules are named with kind, id, file and line."""
    rule = next(
        rule
        for rule in found.statements["article:als.symptoms.weakness"]
        if rule.id == "als.progressive_weakness"
    )
    assert rule.kind == "evidence"
    assert rule.place.file.endswith("causes/amyotrophic_lateral_sclerosis.yaml")
    assert rule.place.line > 1


def test_both_directions_say_the_same(found):
    """A statement names a rule just where the rule names the statement."""
    forward = {(name, rule) for name, rules in found.statements.items() for rule in rules}
    backward = {
        (name, rule)
        for rule, sources in found.rules.items()
        for name in sources
        if name in found.statements
    }
    assert forward == backward


def test_background_is_cited_by_its_owner(found):
    """What a cause says about itself counts as a citation by that cause."""
    cited = {rule.kind for rule in found.statements["article:common.occasional"]}
    assert {"group", "evidence"} <= cited


def test_a_statement_that_nothing_cites_is_uncovered(rules):
    """A new statement is listed as uncovered, and the document says so."""
    more = with_statement(rules, "article:forgotten")
    found = trace(more)
    assert found.uncovered == ("article:forgotten",)
    text = text_of(trace_blocks(found, more))
    assert "74 of 75 statements are cited by a rule." in text
    assert text.endswith("Not covered:\n  • article:forgotten\n")


def test_the_trace_is_the_same_each_time(rules, found):
    """Two loads of the same rules give the same trace, as JSON to the byte."""
    again = trace(crampdx.KnowledgeBase.load("article"))
    assert json.dumps(again.as_json()) == json.dumps(found.as_json())


def test_the_trace_as_json_holds_places(found):
    """Statements, rules and what is uncovered are plain JSON."""
    document = found.as_json()
    assert document["uncovered"] == []
    first = document["statements"][0]["rules"][0]
    assert set(first) == {"kind", "id", "file", "line"}
    assert all(rule["sources"] == sorted(rule["sources"]) for rule in document["rules"])


def test_an_entry_without_a_place_is_traced(rules):
    """Rules that come from no file have no place."""
    assert Reference("finding", "x").place is None
    bare = crampdx.KnowledgeBase((), rules.sources, {}, {}, {}, {}, {}, {}, {}, ())
    document = trace(bare).as_json()
    assert document["rules"] == []
    assert len(document["uncovered"]) == 74


# ------------------------------------------------------------------------------------ one entry


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
        facts(rules, "baclofen")["cautions"] == "none in these rules, which is no proof of safety"
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
    assert describe_criterion(criterion, small) == words
