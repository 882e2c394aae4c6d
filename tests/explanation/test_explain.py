"""Explanations: why, why not, what if, and what to find out next."""

import json
import pickle

import pytest
from strategies import knowledge

import crampdx
from crampdx.engine import assessor
from crampdx.engine.intake.claims import ResolvedFindings
from crampdx.engine.intake.vocabulary import Vocabulary
from crampdx.explanation import HypothesisError, UnknownCause, explain, to_json
from crampdx.explanation.results import ClausePart, FindingPart
from crampdx.explanation.why_not import KEPT_WAYS, MinimalChange
from crampdx.knowledge.criteria import Absent, AllOf, AnyOf
from crampdx.outputs.explanation import (
    query_blocks,
    what_if_blocks,
    why_blocks,
    why_not_blocks,
)
from crampdx.outputs.markdown import markdown_of
from crampdx.outputs.terminal import text_of

MEASURED = {
    "measurement": "serum",
    "unit": "mmol/L",
    "present": {"below": 3},
    "absent": {"from": 4},
}

FINDINGS = [
    {"id": "weakness", "ask": "Is there weakness?"},
    {"id": "leg_weakness", "implies": ["weakness"]},
    {"id": "stiffness", "ask": "Is there stiffness?"},
    {"id": "spastic_legs", "implies": ["leg_weakness", "stiffness"]},
    {"id": "low_salt", "shown_by": [MEASURED], "kind": "laboratory"},
    "brisk_reflexes",
    "babinski",
    {"id": "upper_sign", "derived": {"any": ["brisk_reflexes", "babinski"]}},
    {"id": "pregnancy", "ask": "Is there a pregnancy?"},
]

CAUSES = {
    "neuronal": {
        "pretest": "rare",
        "do_not_miss": True,
        "because_of": ["salt"],
        "evidence": [
            {"when": "weakness", "favors": "weak", "cluster": "motor"},
            {"when": "leg_weakness", "favors": "strong", "cluster": "motor"},
            {"when": "upper_sign", "favors": "confirms"},
            {"when": {"absent": "weakness"}, "opposes": "moderate", "cluster": "motor"},
            {"when": {"all": [{"absent": "leg_weakness"}, "stiffness"]}, "opposes": "weak",
             "cluster": "motor"},
        ],
    },
    "salt": {
        "pretest": "common",
        "evidence": [{"when": "low_salt", "lr": 7.3, "sources": ["study"]}],
    },
    "of_women": {
        "population": {"sex": "female"},
        "evidence": [{"when": "pregnancy", "favors": "strong"}],
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def rules():
    return knowledge(
        FINDINGS,
        CAUSES,
        tests=[{"id": "salt_test", "shows": ["low_salt"]}],
        treatments=[
            {
                "id": "drug",
                "indications": [{"causes": ["neuronal", "salt"]}],
                "cautions": [{"when": "pregnancy"}],
            }
        ],
        red_flags=[{"id": "flag", "when": {"all": ["babinski", "weakness"]}}],
    )


@pytest.fixture(scope="module")
def asked_of(rules):
    return lambda record: explain(record, rules)


def lines_of(why_not):
    return {line.rule.id: line for line in why_not.lines}


# --------------------------------------------------------------------------------------------- why


def test_why_tells_what_counts_and_the_sum(asked_of):
    """A weaker line of a cluster is shown and does not count; the last sum is the score."""
    why = asked_of({"findings": {"leg_weakness": True, "babinski": True}}).why("neuronal")
    shown = [
        (cluster.name, cluster.sum, [(line.rule.id, line.counted) for line in cluster.lines])
        for cluster in why.supporting
    ]
    assert shown == [
        (None, 10, [("neuronal.e2", True)]),
        ("motor", 20, [("neuronal.e1", True), ("neuronal.e0", False)]),
    ]
    assert (why.pretest, why.score, why.opposing) == (-10, 20, ())


def test_why_tells_where_a_finding_was_read_and_by_what(asked_of):
    """A leaf names the place in the record, and the finding that it follows from."""
    why = asked_of({"findings": {"leg_weakness": True}}).why("neuronal")
    leaf = why.supporting[0].lines[1].criterion
    assert (leaf.finding, leaf.observed.places, leaf.observed.via) == (
        "weakness",
        ("findings[0]",),
        ("leg_weakness",),
    )


def test_what_could_not_be_read_of_a_cause_is_told():
    """A value without a unit, by whoever asks why it did not count; not of another cause."""
    asked = explain(
        {"measurements": [{"id": "serum_potassium", "value": 2.4}]},
        crampdx.KnowledgeBase.load("article"),
    )
    for answer in (asked.why("hypokalemia"), asked.why_not("hypokalemia")):
        (warning,) = answer.standing.unread
        assert (warning.code, warning.place) == ("unit", "measurements[0]")
    assert asked.why("charcot_marie_tooth").standing.unread == ()


def test_why_opens_derived_findings(asked_of):
    """Below a derived finding stands its criterion, each part with its verdict."""
    why = asked_of({"findings": {"babinski": True, "brisk_reflexes": False}}).why("neuronal")
    origin = why.supporting[0].lines[0].criterion.follows_from
    assert isinstance(origin, ClausePart)
    assert (origin.clause, origin.needed, origin.verdict) == ("any", 1, True)
    assert [(p.finding, p.verdict) for p in origin.parts] == [
        ("brisk_reflexes", False),
        ("babinski", True),
    ]


def test_why_finds_the_sources_and_the_ratio(asked_of):
    """A source has its title and identifier; a measured ratio is told from a strength's word."""
    asked = asked_of({"findings": {"low_salt": True, "weakness": True}})
    rule = asked.why("salt").supporting[0].lines[0].rule
    assert (rule.likelihood_ratio, rule.measured) == (7.3, True)
    assert [(s.title, s.identifier) for s in rule.sources] == [("A study.", "PMID 1")]
    rule = asked.why("neuronal").supporting[0].lines[0].rule
    assert (rule.likelihood_ratio, rule.measured) == (2, False)


def test_why_names_origins_with_their_rank(asked_of):
    """An origin that is no candidate has no rank."""
    ranks = [
        asked_of({"findings": {"low_salt": state}}).why("neuronal").because_of[0].rank
        for state in (True, False)
    ]
    assert ranks == [1, None]


def test_a_cause_of_another_population_says_so(asked_of):
    """A cause with evidence that is not ranked for this person is told from one without."""
    record = {"sex": "male", "findings": {"pregnancy": True}}
    standing = asked_of(record).why("of_women").standing
    assert (standing.outside_population, standing.position.rank) == (True, None)
    standing = asked_of({}).why("of_women").standing
    assert (standing.outside_population, standing.position.rank) == (False, None)


def test_contested_findings_are_marked(asked_of):
    """A finding that the record contradicts itself on is unknown, and marked."""
    record = {"findings": [{"id": "stiffness"}, {"id": "stiffness", "status": "absent"}]}
    line = lines_of(asked_of(record).why_not("neuronal"))["neuronal.e4"]
    assert [part.unresolved for part in line.criterion.parts] == [False, True]


# ----------------------------------------------------------------------------------------- why not


def test_why_not_stands_nearest_first(asked_of):
    """What is unknown is nearer than what is false; of equally near lines the heaviest is first."""
    record = {"findings": {"weakness": True, "stiffness": True}}
    lines = asked_of(record).why_not("neuronal").lines
    assert [(line.rule.id, line.distance) for line in lines] == [
        ("neuronal.e2", (0, 1)),
        ("neuronal.e1", (0, 1)),
        ("neuronal.e4", (0, 1)),
        ("neuronal.e3", (1, 0)),
    ]


def test_why_not_tells_false_from_unknown(asked_of):
    """Only the parts that keep the line from firing are named."""
    lines = lines_of(asked_of({"findings": {"leg_weakness": True}}).why_not("neuronal"))
    line = lines["neuronal.e4"]
    assert [(need.finding, need.present) for need in line.false] == [("leg_weakness", False)]
    assert [(need.finding, need.present) for need in line.unknown] == [("stiffness", True)]
    assert line.verdict is False


def test_a_change_never_names_a_derived_finding(asked_of):
    """A derived finding is resolved into one that makes it present."""
    line = lines_of(asked_of({"findings": {"babinski": False}}).why_not("neuronal"))["neuronal.e2"]
    assert line.supposing() == {"brisk_reflexes": True}


def test_a_change_keeps_what_it_would_lose(asked_of):
    """What holds by a finding that the change takes away is part of the change."""
    asked = asked_of({"findings": {"spastic_legs": True}})
    line = lines_of(asked.why_not("neuronal"))["neuronal.e4"]
    assert line.supposing() == {"leg_weakness": False, "stiffness": True}
    assert line.distance == (1, 0)
    assert "neuronal.e4" in asked.what_if(line.supposing()).fired


def test_a_line_that_would_add_nothing_says_so(asked_of):
    """A line whose cluster counts a stronger one adds 0."""
    lines = lines_of(asked_of({"findings": {"weakness": False}}).why_not("neuronal"))
    assert lines["neuronal.e4"].adds == 0
    assert lines["neuronal.e2"].adds == 20


def nearest(rules, states=None):
    resolved = ResolvedFindings(states=dict(states or {}))
    return MinimalChange(resolved, Vocabulary(rules))


def test_nothing_makes_a_contradiction_true(rules):
    """Where findings that are asked for exclude each other there is no change."""
    criterion = AllOf(all=("leg_weakness", Absent(absent="weakness")))
    assert nearest(rules).change(criterion) is None


def test_a_change_asks_for_no_more_than_is_implied_anyway(rules):
    """A finding that another of the change implies is left out."""
    assert nearest(rules).change(AllOf(all=("weakness", "leg_weakness"))) == {"leg_weakness": True}


def test_stacked_criteria_are_searched_within_bounds():
    """A criterion with far more ways than are kept still gives a change that works."""
    names = [f"f{number}" for number in range(60)]
    derived = [{"id": f"d{n}", "derived": {"any": names[6 * n : 6 * n + 6]}} for n in range(10)]
    rules = knowledge(
        [*names, *derived], {"cause": {"evidence": [{"when": "f0", "favors": "weak"}]}}
    )
    criterion = AllOf(all=tuple(f"d{n}" for n in range(10)))
    search = nearest(rules, {"f0": False})
    change = search.change(criterion)
    assert KEPT_WAYS < 6**10
    assert len(change) == 10
    assert "f0" not in change
    assert search.verdict(criterion, change) is True


def test_negated_criteria_are_resolved(rules):
    """The absence of a derived finding asks for the absence of all that makes it."""
    criterion = AllOf(all=(Absent(absent="upper_sign"), AnyOf(any=("weakness", "stiffness"))))
    change = nearest(rules, {"stiffness": False}).change(criterion)
    assert change == {"babinski": False, "brisk_reflexes": False, "weakness": True}


# ----------------------------------------------------------------------------------------- what if


def test_what_if_tells_all_that_changes(asked_of):
    """Ranks, scores, bands, flags, treatments, lines and findings, before and after."""
    asked = asked_of({"findings": {"low_salt": True}})
    what_if = asked.what_if("leg_weakness", babinski=True)
    assert (what_if.leading_before, what_if.leading_after) == (("salt",), ("neuronal",))
    moves = {move.cause: (move.before, move.after) for move in what_if.causes}
    assert [place.rank for place in moves["neuronal"]] == [None, 1]
    assert [place.score for place in moves["neuronal"]] == [-10, 20]
    assert [place.rank for place in moves["salt"]] == [1, 2]
    assert what_if.red_flags_raised == ("flag",)
    assert what_if.fired == ("neuronal.e0", "neuronal.e1", "neuronal.e2")
    changed = {change.finding: (change.before, change.after) for change in what_if.findings}
    assert changed["upper_sign"] == (None, True)
    assert changed["weakness"] == (None, True)


def test_what_if_tells_of_cautions_and_treatments(asked_of):
    """A caution that begins to apply, or that vanishes, is told; so is a treatment."""
    asked = asked_of({"findings": {"low_salt": True}})
    moves = [asked.what_if({"pregnancy": state}).cautions for state in (True, False)]
    assert [(m.before, m.after) for found in moves for m in found] == [
        ("check_before", "applies"),
        ("check_before", None),
    ]
    assert asked.what_if({"low_salt": None}).treatments_removed == ("drug",)


def test_a_record_is_read_once_for_all_questions_on_it(monkeypatch):
    """What it says stays the same, whatever is supposed."""
    read = []
    interpret = assessor.interpret_record
    monkeypatch.setattr(
        assessor, "interpret_record", lambda *given: (read.append(1), interpret(*given))[1]
    )
    asked = crampdx.explain({"findings": {"muscle_cramp": True, "fasciculations": True}})
    assert asked.next_questions(5)
    asked.what_if(spasticity=True)

    assert len(read) == 1


def test_a_supposition_outranks_a_value(asked_of):
    """What is measured gives way to what is supposed, and what it implied is lost."""
    value = {"id": "serum", "value": 2.5, "unit": "mmol/L"}
    what_if = asked_of({"measurements": [value]}).what_if(low_salt=False)
    assert what_if.unfired == ("salt.e0",)


def test_a_supposition_takes_what_contradicts_it_along(asked_of):
    """An absent parent makes present children absent; an unknown one makes them unknown."""
    asked = asked_of({"findings": {"spastic_legs": True}})
    states = [
        {change.finding: change.after for change in asked.what_if({"weakness": s}).findings}
        for s in (False, None)
    ]
    assert states[0] == {
        "weakness": False, "leg_weakness": False, "spastic_legs": False, "stiffness": None
    }  # fmt: skip
    assert set(states[1].values()) == {None}


def test_the_record_stays_as_it_is(asked_of):
    """What is supposed leaves no trace in what is asked after it."""
    asked = asked_of({"findings": {"low_salt": True}})
    before = to_json(asked.why("salt"))
    asked.what_if(low_salt=False)
    assert to_json(asked.why("salt")) == before


@pytest.mark.parametrize(
    ("supposing", "message"),
    [
        ({"stifness": True}, "no finding has the id 'stifness'; did you mean 'stiffness'?"),
        ({"upper_sign": True}, "'upper_sign' follows from other findings; suppose those instead"),
        (
            {"leg_weakness": True, "weakness": False},
            "'leg_weakness' cannot be present where 'weakness' is absent: it makes that present;"
            " 'weakness' cannot be absent where 'leg_weakness' is present: it makes that absent",
        ),
        (
            {"leg_weakness": True, "weakness": None},
            "'leg_weakness' cannot be present where 'weakness' is unknown: it makes that present",
        ),
        ({"weakness": "absent"}, "'weakness' can be supposed True, False or None alone"),
        ({"a\x1b[31m": True}, "no finding has the id 'a\\x1b[31m'"),
    ],
)
def test_what_cannot_be_supposed_is_refused(asked_of, supposing, message):
    """The error names the finding and the next step, and survives a process boundary."""
    with pytest.raises(HypothesisError) as refusal:
        asked_of({}).what_if(supposing)
    assert str(refusal.value) == message
    assert str(pickle.loads(pickle.dumps(refusal.value))) == message  # noqa: S301
    assert isinstance(refusal.value, ValueError)
    assert isinstance(refusal.value, crampdx.CrampdxError)


def test_all_that_is_wrong_is_told_at_once(asked_of):
    """Each finding that cannot be supposed has its issue."""
    with pytest.raises(HypothesisError) as refusal:
        asked_of({}).what_if({"nothing": True, "upper_sign": False})
    assert len(refusal.value.issues) == 2


def test_a_finding_cannot_be_supposed_in_two_ways(asked_of):
    """Arguments that contradict each other are refused."""
    with pytest.raises(HypothesisError, match="'weakness' is supposed in two ways"):
        asked_of({}).what_if("weakness", weakness=False)


@pytest.mark.parametrize("question", ["why", "why_not"])
def test_an_unknown_cause_is_refused(asked_of, question):
    """The error suggests the nearest cause, and shows no control characters."""
    with pytest.raises(UnknownCause, match=r"'neuronl'; did you mean 'neuronal'\?"):
        getattr(asked_of({}), question)("neuronl")
    with pytest.raises(UnknownCause) as refusal:
        getattr(asked_of({}), question)("\x1b[2J" * 100)
    assert "\x1b" not in str(pickle.loads(pickle.dumps(refusal.value)))  # noqa: S301


# --------------------------------------------------------------------------------------- what next


def test_the_finding_that_turns_most_pairs_is_first(asked_of):
    """Each query tells how to find out, and what both answers would do."""
    queries = asked_of({"findings": {"weakness": True}}).next_questions(10)
    by_finding = {query.finding: query for query in queries}
    first = queries[0]
    assert first.reorders == max(query.reorders for query in queries)
    assert by_finding["low_salt"].tests == ("salt_test",)
    assert by_finding["low_salt"].ask is None
    assert by_finding["pregnancy"].ask == "Is there a pregnancy?"
    assert by_finding["pregnancy"].if_present.what_if.leading_after == ("of_women",)
    assert by_finding["pregnancy"].if_absent.reorders == 0


def test_a_cause_that_begins_to_lead_turns_pairs(asked_of):
    """Where nothing leads, the first to lead passes the end of leading and 'none of these'."""
    query = asked_of({}).next_questions(1)[0]
    assert query.finding == "pregnancy"
    assert query.reorders == 2


def test_nothing_is_asked_where_nothing_is_open(asked_of, rules):
    """A record of which all is known has no next question."""
    plain = {f.id: False for f in rules.findings.values() if f.derived is None}
    assert asked_of({"findings": plain}).next_questions() == ()


# ------------------------------------------------------------------------------------- all of them


def test_explanations_have_a_json_form(asked_of):
    """Each is an object of its fields; verdicts are true, false and null."""
    asked = asked_of({"findings": {"leg_weakness": True}})
    assert json.loads(to_json(asked.why("neuronal")))["standing"]["position"]["rank"] == 1
    line = json.loads(to_json(asked.why_not("neuronal")))["lines"][0]
    assert line["verdict"] is None
    assert json.loads(to_json(asked.what_if("babinski"), indent=2))["red_flags_raised"] == ["flag"]
    assert isinstance(json.loads(to_json(asked.next_questions(2))), list)


def test_explanations_have_documents(asked_of, rules):
    """Text and Markdown name what the explanations are about."""
    asked = asked_of({"findings": {"leg_weakness": True, "low_salt": True, "stiffness": True}})
    documents = [
        (why_blocks(asked.why("neuronal"), rules), "Sum so far"),
        (why_not_blocks(asked.why_not("neuronal"), rules), "It fires if"),
        (what_if_blocks(asked.what_if("babinski", pregnancy=True), rules), "Causes that move"),
        (what_if_blocks(asked.what_if({}), rules), "Nothing would change."),
        (query_blocks(asked.next_questions(), rules), "If present"),
        (query_blocks((), rules), "No single finding"),
    ]
    for blocks, wanted in documents:
        assert wanted.lower() in text_of(blocks).lower()
        assert wanted in markdown_of(blocks)


def test_a_part_is_a_finding_or_a_clause(asked_of):
    """A criterion of one finding is a leaf."""
    line = lines_of(asked_of({}).why_not("salt"))["salt.e0"]
    assert isinstance(line.criterion, FindingPart)
    assert line.criterion.observed is None
