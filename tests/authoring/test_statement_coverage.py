"""What rests on what: statement to rules, and rule to sources."""

import json

import pytest

import crampdx
from crampdx.authoring.statement_coverage import Reference, trace, trace_blocks
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
