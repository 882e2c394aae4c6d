"""The one call: a record in, an assessment out, the same for the same."""

from __future__ import annotations

import json
import pickle
import random

import pytest
from packs import cause, findings, load, write_pack
from pydantic import ValidationError

import crampdx
from crampdx import Assessment, Assessor, KnowledgeBase, RecordError, parse_record
from crampdx.engine.evaluators.selection import default_evaluator

A = "because: A., sources: [judgement]"

FILES = {
    "findings/all.yaml": findings(
        "muscle_cramp", "ache", "burn", "chill", "drool", "edema", "freckles"
    )
    + f"- {{id: bad_ache, name: Bad ache, kind: sign, implies: [ache], {A}}}\n"
    + f"- {{id: mixed, name: Mixed, kind: sign, derived: {{all: [burn, chill]}}, {A}}}\n",
    "groups.yaml": "- id: common\n  name: Common\n  evidence:\n"
    f"    - {{id: common.edema, when: edema, favors: weak, {A}}}\n",
    "causes/alpha.yaml": cause(
        "alpha",
        "id: alpha.ache, when: ache, favors: weak, cluster: ache",
        "id: alpha.bad_ache, when: bad_ache, favors: strong, cluster: ache",
        "id: alpha.burn, when: {absent: burn}, opposes: moderate",
        "id: alpha.drool, when: {all: [drool, chill]}, favors: moderate",
        more="because_of: [beta, gamma]\n",
    ),
    "causes/beta.yaml": cause(
        "beta", "id: beta.mixed, when: mixed, favors: confirms", more="do_not_miss: true\n"
    ),
    "causes/gamma.yaml": cause(
        "gamma",
        "id: gamma.chill, when: chill, favors: weak",
        more="population: {age: {from: 18}, sex: female}\n",
    ),
    "causes/delta.yaml": cause(
        "delta", "id: delta.ache, when: ache, favors: strong", more="do_not_miss: true\n"
    ),
    "codes/causes.csv": "system,code,match,cause,display\nICD-10-CM,A00,exact,beta,Beta\n",
}
MORE = "complaint: muscle_cramp\n"

RECORD = {
    "as_of": "2026-06",
    "age": 40,
    "sex": "female",
    "findings": {"bad_ache": True, "burn": True, "chill": True, "unheard_of": True},
    "medications": [{"text": "herbs"}],
}


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory) -> KnowledgeBase:
    """Four causes of one group."""
    return load(tmp_path_factory.mktemp("assess"), FILES, more=MORE)


def assess(knowledge: KnowledgeBase, *present: str, absent: tuple[str, ...] = (), **fields):
    """The assessment of these findings."""
    states = {**dict.fromkeys(present, True), **dict.fromkeys(absent, False)}
    return crampdx.assess({"findings": states, **fields}, knowledge=knowledge)


def candidates(answer: Assessment) -> list[str]:
    """The causes of the candidates in rank order."""
    return [candidate.cause for candidate in answer.candidates]


# --------------------------------------------------------------------------------------- the call


def test_without_rules_the_default_rules_are_used():
    """One argument is enough."""
    assert [pack.name for pack in crampdx.assess({}).knowledge.packs] == ["article", "extended"]


def test_rules_that_are_given_are_used(knowledge):
    """Any knowledge base may be given."""
    assert crampdx.assess({}, knowledge=knowledge).knowledge.digest == knowledge.digest


@pytest.mark.parametrize(
    "record",
    [RECORD, parse_record(RECORD), json.dumps(RECORD), json.dumps(RECORD).encode()],
    ids=["mapping", "record", "text", "bytes"],
)
def test_a_record_may_be_given_in_each_form(knowledge, record):
    """A mapping, a record, and JSON as text or bytes give the same."""
    assert crampdx.assess(record, knowledge) == crampdx.assess(RECORD, knowledge)


def test_a_record_that_is_none_is_refused(knowledge):
    """The error is that of the record."""
    with pytest.raises(RecordError, match="agee: unknown field; did you mean 'age'"):
        crampdx.assess({"agee": 5}, knowledge)


def test_an_assessor_gives_what_the_call_gives(knowledge):
    """A compiled knowledge base can be kept and used again."""
    assessor = Assessor(knowledge)

    assert (assessor.knowledge, assessor.assess(RECORD)) == (
        knowledge,
        crampdx.assess(RECORD, knowledge),
    )


# --------------------------------------------------------------------------------------- the same


def test_the_same_record_gives_the_same_bytes(knowledge):
    """Called again, the JSON is the same, byte for byte."""
    first = crampdx.assess(RECORD, knowledge).model_dump_json()

    assert crampdx.assess(RECORD, knowledge).model_dump_json() == first


def test_the_same_rules_loaded_again_give_the_same_bytes(knowledge, tmp_path):
    """Rules from another folder, in other files, give the same JSON."""
    text = FILES["findings/all.yaml"]
    split = text.index("- {id: chill")
    other = {**FILES, "findings/all.yaml": text[split:], "findings/zzz.yaml": text[:split]}

    again = load(tmp_path, other, more=MORE)

    assert crampdx.assess(RECORD, again).model_dump_json() == (
        crampdx.assess(RECORD, knowledge).model_dump_json()
    )


def test_pickled_rules_give_the_same_bytes(knowledge):
    """Another process answers alike."""
    copy = pickle.loads(pickle.dumps(knowledge))  # noqa: S301

    assert Assessor(copy).assess(RECORD).model_dump_json() == (
        crampdx.assess(RECORD, knowledge).model_dump_json()
    )


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_findings_is_no_matter(knowledge, seed):
    """Shuffled, the entries of a record give the same candidates."""
    entries = list(RECORD["findings"].items())
    random.Random(seed).shuffle(entries)  # noqa: S311

    answer = crampdx.assess({**RECORD, "findings": dict(entries)}, knowledge)

    assert [(c.cause, c.score, c.share) for c in answer.candidates] == [
        (c.cause, c.score, c.share) for c in crampdx.assess(RECORD, knowledge).candidates
    ]


def test_a_finding_that_no_rule_mentions_changes_no_ranking(knowledge):
    """An irrelevant finding moves no cause."""
    assert assess(knowledge, "ache", "freckles").candidates == assess(knowledge, "ache").candidates


def test_assessments_do_not_touch_each_other(knowledge):
    """What one record says is forgotten with the next."""
    alone = assess(knowledge, "ache")
    assess(knowledge, "burn", "chill", absent=("ache",))

    assert assess(knowledge, "ache") == alone


# ------------------------------------------------------------------------------------ the result


def test_an_assessment_makes_the_round_trip_through_json(knowledge):
    """What is written as JSON is read as the same assessment."""
    answer = crampdx.assess(RECORD, knowledge)

    assert Assessment.model_validate_json(answer.model_dump_json()) == answer


def test_an_assessment_is_valid_by_its_own_model(knowledge):
    """What is built without validation would have passed it."""
    answer = crampdx.assess(RECORD, knowledge)

    assert Assessment.model_validate(answer.model_dump()) == answer


def test_an_assessment_is_frozen(knowledge):
    """A result cannot be changed."""
    answer = crampdx.assess(RECORD, knowledge)

    with pytest.raises(ValidationError, match="frozen"):
        answer.conclusion = "ranked"  # type: ignore[misc]


def test_an_assessment_says_what_it_rests_on(knowledge):
    """Packs with version and status, digest, day, version and intended use are in it."""
    answer = crampdx.assess(RECORD, knowledge)

    assert (
        [(p.name, p.version, p.status) for p in answer.knowledge.packs],
        answer.knowledge.digest,
        answer.as_of,
        answer.version,
        answer.intended_use,
        answer.inference,
    ) == (
        [("own", "1.0.0", "draft")],
        knowledge.digest,
        "2026-06",
        crampdx.__version__,
        crampdx.INTENDED_USE,
        default_evaluator(),
    )


def test_what_was_not_used_is_in_the_result(knowledge):
    """Entries outside the vocabulary are counted."""
    answer = crampdx.assess({"findings": {"HP:9999999": True, "LOINC:1-1": False}}, knowledge)

    assert [(n.reason, n.count) for n in answer.not_used] == [("outside_vocabulary", 2)]


def test_warnings_come_gravest_first(knowledge, tmp_path):
    """What could not be read stands before a note."""
    pack = write_pack(
        tmp_path,
        {
            **FILES,
            "codes/findings.csv": "system,code,match,finding,display\n"
            "HPO,HP:0000004,used_as,ache,Aching\n",
        },
        more=MORE,
    )
    record = {"findings": {"HP:0000004": True, "mixed": True}}

    levels = [w.level for w in crampdx.assess(record, KnowledgeBase.load(pack)).warnings]

    assert levels == ["warning", "info"]


# ---------------------------------------------------------------------------------- the candidates


def test_the_order_of_warnings_is_not_that_of_the_record():
    """They are ordered by what they say and concern, and only then by their places."""
    potassium = {"code": "LOINC:2823-3", "value": 4, "unit": "mmol/L", "date": "2026-06-30"}
    calcium = {"code": "LOINC:17861-6", "value": 2, "unit": "mmol/L", "date": "2026-06-30"}

    said = [
        [(w.code, w.findings) for w in crampdx.assess({"measurements": measured}).warnings]
        for measured in ([potassium, calcium], [calcium, potassium])
    ]

    assert len(said[0]) == 2
    assert said[0] == said[1]


def test_without_evidence_nothing_is_a_candidate(knowledge):
    """The complaint alone ranks nothing, and the result says so."""
    answer = assess(knowledge, "muscle_cramp")

    assert (answer.conclusion, answer.candidates, [n.code for n in answer.notes]) == (
        "not_enough_to_rank",
        (),
        ["not_enough_to_rank"],
    )


def test_weak_evidence_is_not_enough_to_rank(knowledge):
    """A candidate with too little evidence is shown, and does not lead."""
    answer = assess(knowledge, "chill")

    assert (answer.conclusion, candidates(answer), answer.candidates[0].band) == (
        "not_enough_to_rank",
        ["gamma"],
        "plausible",
    )


def test_evidence_of_the_group_makes_no_candidate(knowledge):
    """What favors every cause of a group favors none of them before the others."""
    assert candidates(assess(knowledge, "edema")) == []


def test_evidence_of_the_group_counts_for_a_candidate(knowledge):
    """It enters the score of a cause that has evidence of its own."""
    with_group, alone = assess(knowledge, "ache", "edema"), assess(knowledge, "ache")

    assert with_group.candidates[0].score - alone.candidates[0].score == 3


def test_a_tie_goes_to_what_must_not_be_missed(knowledge):
    """Of two equal scores the graver cause stands first."""
    answer = assess(knowledge, "bad_ache")

    assert [(c.cause, c.score, c.do_not_miss) for c in answer.candidates] == [
        ("delta", 7, True),
        ("alpha", 7, False),
    ]


def test_a_candidate_shows_its_lines(knowledge):
    """Each line with its weight, whether it counts for its cluster, and where it comes from."""
    answer = assess(knowledge, "bad_ache", absent=("burn",))
    alpha = next(c for c in answer.candidates if c.cause == "alpha")

    assert [
        (
            line.evidence.id,
            line.weight,
            line.counted,
            [(o.finding, o.places) for o in line.observed],
        )
        for line in (*alpha.supporting, *alpha.opposing)
    ] == [
        ("alpha.bad_ache", 10, True, [("bad_ache", ("findings[0]",))]),
        ("alpha.ache", 3, False, [("ache", ("findings[0]",))]),
        ("alpha.burn", -7, True, [("burn", ("findings[1]",))]),
    ]


def test_what_follows_says_from_what(knowledge):
    """A finding that the record does not name itself is shown with what it follows from."""
    alpha = next(c for c in assess(knowledge, "bad_ache").candidates if c.cause == "alpha")
    ache = next(o for line in alpha.supporting for o in line.observed if o.finding == "ache")

    assert (ache.present, ache.places, ache.via) == (True, ("findings[0]",), ("bad_ache",))


def test_a_line_on_a_derived_finding_says_where_it_comes_from(knowledge):
    """The basis of each line can be reviewed, also where a derived finding stands between."""
    (beta, *_) = assess(knowledge, "burn", "chill").candidates
    (mixed,) = beta.supporting[0].observed

    assert (mixed.finding, mixed.places) == ("mixed", ("findings[0]", "findings[1]"))


def test_a_candidate_says_what_is_missing(knowledge):
    """Unknown findings that would count are named, known ones are not."""
    alpha = next(c for c in assess(knowledge, "ache", "drool").candidates if c.cause == "alpha")

    assert alpha.missing == ("bad_ache", "burn", "chill", "edema")


def test_a_candidate_may_be_due_to_another(knowledge):
    """Of its possible origins, only those that are candidates are named."""
    alpha = next(c for c in assess(knowledge, "bad_ache", "chill").candidates if c.cause == "alpha")

    assert alpha.because_of == ("gamma",)


def test_a_candidate_carries_its_codes(knowledge):
    """A diagnosis can be recorded with the code."""
    (beta, *_) = assess(knowledge, "burn", "chill").candidates

    assert [code.code for code in beta.codes] == ["A00"]


def test_an_unlikely_candidate_carries_score_and_ids_alone(knowledge):
    """What is far behind is named without its lines."""
    unlikely = assess(knowledge, "burn", "chill", "bad_ache").candidates[-1]

    assert (unlikely.band, unlikely.supporting, unlikely.missing) == ("unlikely", (), ())


def test_candidates_are_numbered_from_one(knowledge):
    """The rank is the place in the list."""
    ranks = [c.rank for c in assess(knowledge, "burn", "chill", "bad_ache").candidates]

    assert ranks == list(range(1, len(ranks) + 1))


def test_shares_leave_room_for_none_of_these(knowledge):
    """The shares come to less than one."""
    answer = assess(knowledge, "burn", "chill", "bad_ache")

    assert sum(candidate.share for candidate in answer.candidates) < 1


def test_what_must_not_be_missed_is_shown_whatever_its_rank(knowledge):
    """A grave cause with evidence has a lane of its own."""
    answer = assess(knowledge, "burn", "chill", "bad_ache")

    assert [(d.cause, d.rank, d.evidence) for d in answer.do_not_miss] == [
        ("beta", 1, 20),
        ("delta", 2, 10),
    ]


@pytest.mark.parametrize(
    ("person", "ranked"),
    [
        ({"age": 18, "sex": "female"}, True),
        ({"age": 17, "sex": "female"}, False),
        ({"age": 18, "sex": "male"}, False),
        ({"age": 18, "sex": "other"}, True),
        ({}, True),
    ],
    ids=["inside", "too young", "of the other sex", "sex other", "unknown"],
)
def test_a_cause_is_ranked_for_its_population(knowledge, person, ranked):
    """Who is known to be outside a cause's population does not get it; what is unknown admits."""
    assert ("gamma" in candidates(assess(knowledge, "chill", **person))) is ranked


def test_a_leading_cause_that_imitates_the_complaint_is_noted(tmp_path):
    """What is taken for a cramp and is something else is said, with its sources."""
    more = "imitates_complaint: [{says: It is a contracture., sources: [judgement]}]\n"
    files = {
        "findings/own.yaml": findings("x"),
        "causes/a.yaml": cause("a", "id: a.x, when: x, favors: confirms", more=more),
    }
    knowledge = load(tmp_path, files)
    (note,) = crampdx.assess({"age": 50, "findings": {"x": True}}, knowledge).notes
    assert note.code == "may_not_be_complaint"
    assert note.message.endswith("a: It is a contracture. [judgement]")
    assert "may_not_be_complaint" not in {n.code for n in crampdx.assess({}, knowledge).notes}


def test_an_assessment_of_before_0_4_can_be_read(knowledge):
    """A result that says `network`, the old name of durable_rules, is read."""
    answer = crampdx.assess({}, knowledge).model_copy(update={"inference": "durable_rules"})
    text = answer.model_dump_json().replace('"inference":"durable_rules"', '"inference":"network"')
    assert Assessment.model_validate_json(text) == answer
