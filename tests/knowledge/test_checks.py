"""Each check over all entries together, by an example that it refuses and one that it lets pass."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from packs import cause, extra_pack, findings, load, pack_yaml, shown_by_line, write_pack

from crampdx import KnowledgeBase
from crampdx.knowledge.checks import CHECKS
from crampdx.knowledge.normal_forms import MAX_FINDINGS

CITED = "because: So., sources: [judgement]"
CODES = "system,code,match,finding,display\n"


def derived(finding: str, criterion: str) -> str:
    """A finding that follows from a criterion, on one line."""
    return f"- {{id: {finding}, name: {finding}, kind: sign, derived: {criterion}, {CITED}}}\n"


def implying(finding: str, *implied: str) -> str:
    """A finding that implies others, on one line."""
    names = ", ".join(implied)
    return f"- {{id: {finding}, name: {finding}, kind: sign, implies: [{names}], {CITED}}}\n"


def shown_by(finding: str, *forms: str, kind: str = "sign") -> str:
    """A finding with entries of shown_by, on one line."""
    listed = ", ".join(f"{{{form}}}" for form in forms)
    return f"- {{id: {finding}, name: {finding}, kind: {kind}, shown_by: [{listed}], {CITED}}}\n"


BASE = findings("muscle_cramp", "fever", "rash", *(f"f{number}" for number in range(1, 17)))
SIXTEEN = ", ".join(f"f{number}" for number in range(1, 17))


class Example(NamedTuple):
    """What a check refuses, in which words, and what it lets pass, for one way to go wrong."""

    check: str
    what: str
    refused: dict[str, str]
    message: str
    fine: dict[str, str]


def evidence(*lines: str) -> dict[str, str]:
    """A pack of the base findings and one cause with these lines."""
    return {"findings/base.yaml": BASE, "causes/flu.yaml": cause("flu", *lines)}


def vocabulary(text: str) -> dict[str, str]:
    """A pack of the base findings and further ones."""
    return {"findings/base.yaml": BASE, "findings/more.yaml": text}


def criterion(text: str) -> dict[str, str]:
    """A pack whose one cause asks for this criterion."""
    return evidence(f"id: flu.a, when: {text}, opposes: weak")


CALCULATED = (
    "measurement: {0}, unit: mmol/L, calculated: {{from: {{{1}: 2}}, within: P1D}},"
    " present: {{below: 2}}"
)
LOW = "measurement: k, unit: mmol/L, present: {below: 3.5}"

EXAMPLES = [
    Example(
        "check_packs",
        "a pack that requires one that is not loaded",
        {"pack.yaml": pack_yaml(more="requires: [base]\n")},
        "own/pack.yaml:15: requires[0]: pack 'base' is to be loaded before this one",
        {"pack.yaml": pack_yaml(more="requires: []\n")},
    ),
    Example(
        "check_packs",
        "a complaint that is no finding",
        {"findings/base.yaml": BASE, "pack.yaml": pack_yaml(more="complaint: muscle_crmp\n")},
        "own/pack.yaml:15: complaint: finding 'muscle_crmp' is not defined;"
        " did you mean 'muscle_cramp'?",
        {"findings/base.yaml": BASE, "pack.yaml": pack_yaml(more="complaint: muscle_cramp\n")},
    ),
    Example(
        "check_criteria_name_findings",
        "a finding deep inside a criterion",
        criterion("{any: [rash, {all: [{absent: feverr}]}]}"),
        "own/causes/flu.yaml:6: evidence[0].when.any[1].all[0].absent: finding 'feverr' is not"
        " defined; did you mean 'fever'?",
        criterion("{any: [rash, {all: [{absent: fever}]}]}"),
    ),
    Example(
        "check_criteria_name_findings",
        "a finding of at_least",
        criterion("{at_least: 2, of: [rash, fever, feverr]}"),
        "own/causes/flu.yaml:6: evidence[0].when.of[2]: finding 'feverr' is not defined;"
        " did you mean 'fever'?",
        criterion("{at_least: 2, of: [rash, fever, f1]}"),
    ),
    Example(
        "check_criteria_name_findings",
        "a finding of a derived one",
        vocabulary(derived("ill", "{any: [rash, feverr]}")),
        "own/findings/more.yaml:1: [0].derived.any[1]: finding 'feverr' is not defined;"
        " did you mean 'fever'?",
        vocabulary(derived("ill", "{any: [rash, fever]}")),
    ),
    Example(
        "check_findings_refer_to_findings",
        "an implied finding that is not there",
        vocabulary(implying("high_fever", "feverr")),
        "own/findings/more.yaml:1: [0].implies[0]: finding 'feverr' is not defined;"
        " did you mean 'fever'?",
        vocabulary(implying("high_fever", "fever")),
    ),
    Example(
        "check_findings_refer_to_findings",
        "an implied finding that is derived",
        vocabulary(derived("ill", "fever") + implying("high_fever", "ill")),
        "own/findings/more.yaml:2: [1].implies[0]: finding 'ill' is derived: it follows from"
        " its criterion alone",
        vocabulary(derived("ill", "high_fever") + implying("high_fever", "fever")),
    ),
    Example(
        "check_findings_refer_to_findings",
        "a qualified finding that is not there",
        vocabulary(shown_by("left_rash", "finding: rsh, laterality: [left]")),
        "own/findings/more.yaml:1: [0].shown_by[0].finding: finding 'rsh' is not defined;"
        " did you mean 'rash'?",
        vocabulary(shown_by("left_rash", "finding: rash, laterality: [left]")),
    ),
    Example(
        "check_findings_refer_to_findings",
        "an order in time with a finding that is not there",
        vocabulary(shown_by("later", "began: rash, after: feverr, within: P9D")),
        "own/findings/more.yaml:1: [0].shown_by[0].after: finding 'feverr' is not defined;"
        " did you mean 'fever'?",
        vocabulary(shown_by("later", "began: rash, after: fever, within: P9D")),
    ),
    Example(
        "check_findings_refer_to_findings",
        "a past finding that is not there",
        vocabulary(shown_by("had_it", "past: feverr")),
        "own/findings/more.yaml:1: [0].shown_by[0].past: finding 'feverr' is not defined;"
        " did you mean 'fever'?",
        vocabulary(shown_by("had_it", "past: fever")),
    ),
    Example(
        "check_findings_refer_to_findings",
        "a relative's finding that refers to itself",
        vocabulary(shown_by("family", "family: family")),
        "own/findings/more.yaml:1: [0].shown_by[0].family: a finding cannot refer to itself",
        vocabulary(shown_by("family", "family: fever")),
    ),
    Example(
        "check_medicine_names",
        "names of medicines for a symptom",
        vocabulary(shown_by("takes_it", "medicine_names: [aspirin]", kind="symptom")),
        "own/findings/more.yaml:1: [0].shown_by[0].medicine_names: names of medicines show no"
        " finding of kind 'symptom'; they show those of kind 'medication'",
        vocabulary(shown_by("takes_it", "medicine_names: [aspirin]", kind="medication")),
    ),
    Example(
        "check_other_references",
        "a cause without its group",
        {
            "findings/base.yaml": BASE,
            "causes/flu.yaml": cause("flu", "id: flu.a, when: fever, favors: weak").replace(
                "group: common", "group: comon"
            ),
        },
        "own/causes/flu.yaml:3: group: group 'comon' is not defined; did you mean 'common'?",
        evidence("id: flu.a, when: fever, favors: weak"),
    ),
    Example(
        "check_other_references",
        "a mimic that is not there",
        {
            "findings/base.yaml": BASE,
            "causes/flu.yaml": cause(
                "flu", "id: flu.a, when: fever, favors: weak", more="mimics: [cold]\n"
            ),
        },
        "own/causes/flu.yaml:5: mimics[0]: cause 'cold' is not defined",
        {
            "findings/base.yaml": BASE,
            "causes/flu.yaml": cause(
                "flu", "id: flu.a, when: fever, favors: weak", more="mimics: unknown\n"
            ),
        },
    ),
    Example(
        "check_other_references",
        "a test that shows what is not there",
        {
            "findings/base.yaml": BASE,
            "tests.yaml": f"- {{id: look, name: Look, kind: other, shows: [rsh], {CITED}}}\n",
        },
        "own/tests.yaml:1: [0].shows[0]: finding 'rsh' is not defined; did you mean 'rash'?",
        {
            "findings/base.yaml": BASE,
            "tests.yaml": f"- {{id: look, name: Look, kind: other, shows: [rash], {CITED}}}\n",
        },
    ),
    Example(
        "check_sources",
        "a statement that cites what is not there",
        {
            "findings/base.yaml": BASE,
            "groups.yaml": "- {id: common, name: C, about: [{says: So., sources: [trail]}]}\n",
        },
        "own/groups.yaml:1: [0].about[0].sources[0]: source 'trail' is not defined;"
        " did you mean 'trial'?",
        {
            "findings/base.yaml": BASE,
            "groups.yaml": "- {id: common, name: C, about: [{says: So., sources: [trial]}]}\n",
        },
    ),
    Example(
        "check_sources",
        "a measured ratio on judgement",
        evidence("id: flu.a, when: fever, lr: 3"),
        "own/causes/flu.yaml:6: evidence[0].lr: a measured 'lr' needs a publication or"
        " guideline as its source",
        {
            "findings/base.yaml": BASE,
            "causes/flu.yaml": cause("flu", "id: flu.a, when: fever, lr: 3").replace(
                "[judgement]", "[judgement, trial]"
            ),
        },
    ),
    Example(
        "check_codes",
        "a code of a finding that is not there",
        {"findings/base.yaml": BASE, "codes/a.csv": CODES + "HPO,HP:0001945,exact,fevr,Fever\n"},
        "own/codes/a.csv:2: finding 'fevr' is not defined; did you mean 'fever'?",
        {"findings/base.yaml": BASE, "codes/a.csv": CODES + "HPO,HP:0001945,exact,fever,Fever\n"},
    ),
    Example(
        "check_codes",
        "a code of a derived finding",
        {
            **vocabulary(derived("ill", "fever")),
            "codes/a.csv": CODES + "HPO,HP:0001945,exact,ill,Fever\n",
        },
        "own/codes/a.csv:2: finding 'ill' is derived and has no codes",
        {
            **vocabulary(derived("ill", "fever")),
            "codes/a.csv": CODES + "HPO,HP:0001945,exact,fever,Fever\n",
        },
    ),
    Example(
        "check_codes",
        "a code that stands twice for one finding",
        {
            "findings/base.yaml": BASE,
            "codes/a.csv": CODES + "HPO,HP:0001945,exact,fever,F\n",
            "codes/b.csv": CODES + "HPO,HP:0001945,narrower,fever,F\n",
        },
        "own/codes/b.csv:2: finding 'fever': HPO HP:0001945 already stands for it in"
        " own/codes/a.csv:2",
        {
            "findings/base.yaml": BASE,
            "codes/a.csv": CODES + "HPO,HP:0001945,exact,fever,F\n",
            "codes/b.csv": CODES + "HPO,HP:0001945,narrower,rash,F\n",
        },
    ),
    Example(
        "check_bare_findings",
        "a finding without code and source",
        vocabulary("- {id: ache, name: Ache, kind: symptom}\n"),
        "own/findings/more.yaml:1: [0].id: finding 'ache' has neither a code nor a source;"
        " add 'sources', or a row in codes/*.csv",
        {
            **vocabulary("- {id: ache, name: Ache, kind: symptom}\n"),
            "codes/a.csv": CODES + "HPO,HP:0012531,exact,ache,Pain\n",
        },
    ),
    Example(
        "check_ids_are_unique",
        "two lines of one id",
        evidence("id: flu.a, when: fever, favors: weak", "id: flu.a, when: rash, favors: weak"),
        "own/causes/flu.yaml:7: evidence[1].id: evidence 'flu.a' is already defined in"
        " own/causes/flu.yaml:6",
        evidence("id: flu.a, when: fever, favors: weak", "id: flu.b, when: rash, favors: weak"),
    ),
    Example(
        "check_ids_are_unique",
        "two causes with a line of one id",
        {
            **evidence("id: a, when: fever, favors: weak"),
            "causes/pox.yaml": cause("pox", "id: a, when: fever, favors: weak"),
        },
        "own/causes/pox.yaml:6: evidence[0].id: evidence 'a' is already defined in"
        " own/causes/flu.yaml:6",
        {
            **evidence("id: a, when: fever, favors: weak"),
            "causes/pox.yaml": cause("pox", "id: b, when: fever, favors: weak"),
        },
    ),
    Example(
        "check_file_names",
        "a cause in a file of another name",
        {
            "findings/base.yaml": BASE,
            "causes/cold.yaml": cause("flu", "id: flu.a, when: fever, favors: weak"),
        },
        "own/causes/cold.yaml:1: id: cause 'flu' stands in a file named 'cold'; name the file"
        " 'flu.yaml'",
        evidence("id: flu.a, when: fever, favors: weak"),
    ),
    Example(
        "check_file_names",
        "a red flag in a file of another name",
        {
            "findings/base.yaml": BASE,
            "red_flags/cold.yaml": (
                "{id: hot, name: Hot, urgency: urgent, when: fever, consider: Consider cooling.,"
                " because: It is so., sources: [judgement]}"
            ),
        },
        "own/red_flags/cold.yaml:1: id: red flag 'hot' stands in a file named 'cold'; name the file"
        " 'hot.yaml'",
        {
            "findings/base.yaml": BASE,
            "red_flags/hot.yaml": (
                "{id: hot, name: Hot, urgency: urgent, when: fever, consider: Consider cooling.,"
                " because: It is so., sources: [judgement]}"
            ),
        },
    ),
    Example(
        "check_no_cycles",
        "a finding that derives from itself",
        vocabulary(derived("ill", "{any: [fever, {all: [ill]}]}")),
        "own/findings/more.yaml:1: [0].derived: 'derived' goes in a circle: ill",
        vocabulary(derived("ill", "fever") + derived("worse", "{all: [ill, rash]}")),
    ),
    Example(
        "check_measurements",
        "bounds that overlap",
        vocabulary(shown_by("low", LOW + ", absent: {from: 3.4}")),
        "own/findings/more.yaml:1: [0].shown_by[0].absent: some value is both 'present' and"
        " 'absent'",
        vocabulary(shown_by("low", LOW + ", absent: {from: 3.5}")),
    ),
    Example(
        "check_measurements",
        "words that overlap",
        vocabulary(
            shown_by(
                "man",
                "attribute: sex, present: {one_of: [male]}, absent: {one_of: [male, female]}",
                kind="attribute",
            )
        ),
        "own/findings/more.yaml:1: [0].shown_by[0].absent: some value is both 'present' and"
        " 'absent'",
        vocabulary(
            shown_by(
                "man",
                "attribute: sex, present: {one_of: [male]}, absent: {one_of: [female]}",
                kind="attribute",
            )
        ),
    ),
    Example(
        "check_measurements",
        "a measurement that is defined twice",
        vocabulary(shown_by("low", LOW) + shown_by("very_low", LOW)),
        "own/findings/more.yaml:2: [1].shown_by[0]: measurement 'k' is already defined in"
        " own/findings/more.yaml:1; name it by 'measurement', without 'loinc', 'unit', 'convert'"
        " and 'plausible'",
        vocabulary(
            shown_by("low", LOW) + shown_by("very_low", "measurement: k, present: {below: 2}")
        ),
    ),
    Example(
        "check_measurements",
        "a measurement that is defined nowhere",
        vocabulary(
            shown_by("low", LOW) + shown_by("very_low", "measurement: kk, present: {below: 2}")
        ),
        "own/findings/more.yaml:2: [1].shown_by[0].measurement: measurement 'kk' is not defined;"
        " did you mean 'k'?",
        vocabulary(
            shown_by("low", LOW) + shown_by("very_low", "measurement: k, present: {below: 2}")
        ),
    ),
    Example(
        "check_measurements",
        "a measurement that is calculated from one that is defined nowhere",
        vocabulary(shown_by("low", LOW) + shown_by("adjusted", CALCULATED.format("j", "kk"))),
        "own/findings/more.yaml:2: [1].shown_by[0].calculated.from.kk: measurement 'kk' is not"
        " defined; did you mean 'k'?",
        vocabulary(shown_by("low", LOW) + shown_by("adjusted", CALCULATED.format("j", "k"))),
    ),
    Example(
        "check_measurements",
        "a measurement that is calculated from a calculated one",
        vocabulary(
            shown_by("low", LOW)
            + shown_by("adjusted", CALCULATED.format("j", "k"))
            + shown_by("twice", CALCULATED.format("i", "j"))
        ),
        "own/findings/more.yaml:3: [2].shown_by[0].calculated.from.j: measurement 'j' is calculated"
        " itself",
        vocabulary(shown_by("low", LOW) + shown_by("adjusted", CALCULATED.format("j", "k"))),
    ),
    Example(
        "check_criteria_are_usable",
        "at_least 6 of 16",
        criterion(f"{{at_least: 6, of: [{SIXTEEN}]}}"),
        "own/causes/flu.yaml:6: evidence[0].when: 'at_least: 6' of 16 needs more than 128"
        " conjunctions in disjunctive form when negated; ask for fewer parts, or put groups of"
        " them into derived findings",
        criterion(f"{{at_least: 2, of: [{SIXTEEN}]}}"),
    ),
    Example(
        "check_criteria_are_usable",
        "a clause inside that is too large",
        criterion(f"{{all: [rash, {{at_least: 8, of: [{SIXTEEN}]}}]}}"),
        "own/causes/flu.yaml:6: evidence[0].when: 'at_least: 8' of 16 needs more than 128"
        " conjunctions in disjunctive form when negated; ask for fewer parts, or put groups of"
        " them into derived findings",
        criterion(f"{{all: [rash, {{at_least: 15, of: [{SIXTEEN}]}}]}}"),
    ),
    Example(
        "check_criteria_are_usable",
        "too many findings",
        {
            "findings/base.yaml": findings(*(f"a{n}" for n in range(MAX_FINDINGS + 1))),
            "causes/flu.yaml": cause(
                "flu",
                f"id: x, when: {{any: [{', '.join(f'a{n}' for n in range(MAX_FINDINGS + 1))}]}},"
                " favors: weak",
            ),
        },
        "own/causes/flu.yaml:6: evidence[0].when: names more than 60 findings; put a part of it"
        " into a derived finding",
        {
            "findings/base.yaml": findings(*(f"a{n}" for n in range(MAX_FINDINGS))),
            "causes/flu.yaml": cause(
                "flu",
                f"id: x, when: {{any: [{', '.join(f'a{n}' for n in range(MAX_FINDINGS))}]}},"
                " favors: weak",
            ),
        },
    ),
    Example(
        "check_criteria_are_usable",
        "present and absent at once",
        criterion("{all: [rash, {absent: rash}]}"),
        "own/causes/flu.yaml:6: evidence[0].when: this criterion can never hold",
        criterion("{any: [rash, {absent: rash}]}"),
    ),
    Example(
        "check_criteria_are_usable",
        "a finding without what it implies",
        {
            **criterion("{all: [high_fever, {absent: fever}]}"),
            "findings/more.yaml": implying("high_fever", "fever"),
        },
        "own/causes/flu.yaml:6: evidence[0].when: this criterion can never hold",
        {
            **criterion("{all: [fever, {absent: high_fever}]}"),
            "findings/more.yaml": implying("high_fever", "fever"),
        },
    ),
    Example(
        "check_criteria_are_usable",
        "more parts than there are",
        criterion("{at_least: 3, of: [rash, fever]}"),
        "own/causes/flu.yaml:6: evidence[0].when: this criterion can never hold",
        criterion("{at_least: 2, of: [rash, fever]}"),
    ),
    Example(
        "check_complaint_is_no_evidence",
        "the complaint in favor",
        {
            **evidence("id: flu.a, when: muscle_cramp, favors: weak"),
            "pack.yaml": pack_yaml(more="complaint: muscle_cramp\n"),
        },
        "own/causes/flu.yaml:6: evidence[0].when: 'muscle_cramp' alone makes this line true, and"
        " the complaint is not evidence; cite the association in 'about' instead",
        {
            **evidence("id: flu.a, when: {all: [muscle_cramp, fever]}, favors: weak"),
            "pack.yaml": pack_yaml(more="complaint: muscle_cramp\n"),
        },
    ),
    Example(
        "check_complaint_is_no_evidence",
        "the complaint as one of several ways",
        {
            **evidence("id: flu.a, when: {any: [fever, {at_least: 1, of: [muscle_cramp]}]}, lr: 3"),
            "sources.yaml": "- {id: judgement, kind: guideline, title: T, pmid: '1'}\n",
            "pack.yaml": pack_yaml(more="complaint: muscle_cramp\n"),
        },
        "own/causes/flu.yaml:6: evidence[0].when: 'muscle_cramp' alone makes this line true, and"
        " the complaint is not evidence; cite the association in 'about' instead",
        {
            **evidence(
                "id: flu.a, when: {any: [fever, {at_least: 1, of: [muscle_cramp]}]}, lr: 0.3"
            ),
            "sources.yaml": "- {id: judgement, kind: guideline, title: T, pmid: '1'}\n",
            "pack.yaml": pack_yaml(more="complaint: muscle_cramp\n"),
        },
    ),
    Example(
        "check_complaint_is_no_evidence",
        "what the complaint implies",
        {
            "findings/base.yaml": findings("spasm", "fever") + implying("muscle_cramp", "spasm"),
            "causes/flu.yaml": cause("flu", "id: flu.a, when: spasm, favors: weak"),
            "pack.yaml": pack_yaml(more="complaint: muscle_cramp\n"),
        },
        "own/causes/flu.yaml:6: evidence[0].when: 'muscle_cramp' alone makes this line true, and"
        " the complaint is not evidence; cite the association in 'about' instead",
        {
            "findings/base.yaml": findings("muscle_cramp")
            + implying("night_cramp", "muscle_cramp"),
            "causes/flu.yaml": cause("flu", "id: flu.a, when: night_cramp, favors: weak"),
            "pack.yaml": pack_yaml(more="complaint: muscle_cramp\n"),
        },
    ),
    Example(
        "check_complaint_is_no_evidence",
        "what derives from the complaint",
        {
            **vocabulary(derived("any_trouble", "{any: [muscle_cramp, fever]}")),
            "causes/flu.yaml": cause("flu", "id: flu.a, when: any_trouble, favors: weak"),
            "pack.yaml": pack_yaml(more="complaint: muscle_cramp\n"),
        },
        "own/causes/flu.yaml:6: evidence[0].when: 'muscle_cramp' alone makes this line true, and"
        " the complaint is not evidence; cite the association in 'about' instead",
        {
            **vocabulary(derived("any_trouble", "{any: [rash, fever]}")),
            "causes/flu.yaml": cause("flu", "id: flu.a, when: any_trouble, favors: weak"),
            "pack.yaml": pack_yaml(more="complaint: muscle_cramp\n"),
        },
    ),
    Example(
        "check_group_evidence_is_weak",
        "a moderate line of a group",
        {
            "findings/base.yaml": BASE,
            "groups.yaml": "- {id: common, name: C, evidence: [{id: c.a, when: fever,"
            f" favors: moderate, {CITED}}}]}}\n",
        },
        "own/groups.yaml:1: [0].evidence[0]: a group's evidence is 'favors: weak'",
        {
            "findings/base.yaml": BASE,
            "groups.yaml": "- {id: common, name: C, evidence: [{id: c.a, when: fever,"
            f" favors: weak, {CITED}}}]}}\n",
        },
    ),
    Example(
        "check_clusters",
        "one finding in two lines",
        evidence(
            "id: flu.a, when: fever, favors: weak",
            "id: flu.b, when: {all: [fever, rash]}, favors: strong",
        ),
        "own/causes/flu.yaml:7: evidence[1].when: rests on 'fever' like 'flu.a', so both would"
        " count it: name the same 'cluster' for both",
        evidence(
            "id: flu.a, when: fever, favors: weak, cluster: heat",
            "id: flu.b, when: {all: [fever, rash]}, favors: strong, cluster: heat",
        ),
    ),
    Example(
        "check_clusters",
        "a finding and what it implies",
        {
            **evidence(
                "id: flu.a, when: fever, favors: weak", "id: flu.b, when: high_fever, favors: weak"
            ),
            "findings/more.yaml": implying("high_fever", "fever"),
        },
        "own/causes/flu.yaml:7: evidence[1].when: rests on 'high_fever' like 'flu.a', so both"
        " would count it: name the same 'cluster' for both",
        {
            **evidence(
                "id: flu.a, when: fever, favors: weak",
                "id: flu.b, when: {absent: high_fever}, opposes: weak",
            ),
            "findings/more.yaml": implying("high_fever", "fever"),
        },
    ),
    Example(
        "check_clusters",
        "a finding and what derives from it",
        {
            **evidence("id: flu.a, when: rash, favors: weak", "id: flu.b, when: ill, favors: weak"),
            "findings/more.yaml": derived("ill", "{any: [fever, rash]}"),
        },
        "own/causes/flu.yaml:7: evidence[1].when: rests on 'rash' like 'flu.a', so both would"
        " count it: name the same 'cluster' for both",
        {
            **evidence("id: flu.a, when: f1, favors: weak", "id: flu.b, when: ill, favors: weak"),
            "findings/more.yaml": derived("ill", "{any: [fever, rash]}"),
        },
    ),
    Example(
        "check_clusters",
        "two findings that read one measurement",
        {
            **evidence(
                "id: flu.a, when: low, favors: weak", "id: flu.b, when: very_low, favors: weak"
            ),
            "findings/more.yaml": shown_by("low", LOW)
            + shown_by("very_low", "measurement: k, present: {below: 2}"),
        },
        "own/causes/flu.yaml:7: evidence[1].when: rests on 'measurement k' like 'flu.a', so both"
        " would count it: name the same 'cluster' for both",
        {
            **evidence(
                "id: flu.a, when: low, favors: weak, cluster: k",
                "id: flu.b, when: very_low, favors: weak, cluster: k",
            ),
            "findings/more.yaml": shown_by("low", LOW)
            + shown_by("very_low", "measurement: k, present: {below: 2}"),
        },
    ),
]

IDS = [f"{example.check}: {example.what}" for example in EXAMPLES]


def test_every_check_has_examples():
    """No check goes without an example that it refuses and one that it lets pass."""
    assert {check.__name__ for check in CHECKS} == {
        *(example.check for example in EXAMPLES),
        "check_entries_that_were_refused",  # has more than one message, and a test of its own
    }


def test_a_fault_of_form_hides_no_fault_of_reference(tmp_path):
    """What an entry refers to is checked although the entry itself is refused."""
    mistakes = {
        "findings/base.yaml": BASE,
        "causes/flu.yaml": cause(
            "flu", "id: flu.a, when: {all: [fevr, {absent: rush}]}, favors: stron"
        ).replace("[judgement]", "[jugement]"),
    }

    assert shown_by_line(write_pack(tmp_path, mistakes)) == [
        "own/causes/flu.yaml:6: evidence[0].when.all[0]: finding 'fevr' is not defined;"
        " did you mean 'fever'?",
        "own/causes/flu.yaml:6: evidence[0].when.all[1].absent: finding 'rush' is not defined;"
        " did you mean 'rash'?",
        "own/causes/flu.yaml:6: evidence[0].favors: 'stron' is not one of weak, moderate, strong,"
        " confirms; did you mean 'strong'?",
        "own/causes/flu.yaml:6: evidence[0].sources[0]: source 'jugement' is not defined;"
        " did you mean 'judgement'?",
    ]


@pytest.mark.parametrize("example", EXAMPLES, ids=IDS)
def test_what_a_check_is_for_is_refused(tmp_path, example):
    """The message names the place, what is wrong and the remedy."""
    assert shown_by_line(write_pack(tmp_path, example.refused)) == [example.message]


@pytest.mark.parametrize("example", EXAMPLES, ids=IDS)
def test_what_is_sound_passes(tmp_path, example):
    """The sound neighbor of a fault loads."""
    assert load(tmp_path, example.fine)


def test_every_finding_of_a_circle_is_reported(tmp_path):
    """Each of the files that make a circle of `implies` is named."""
    circle = implying("a", "b") + implying("b", "c") + implying("c", "a")

    assert shown_by_line(write_pack(tmp_path, {"findings/a.yaml": circle})) == [
        f"own/findings/a.yaml:{line}: [{line - 1}].implies: 'implies' goes in a circle: a, b, c"
        for line in (1, 2, 3)
    ]


def test_a_pack_is_not_loaded_twice(tmp_path):
    """A pack that is named twice is told so."""
    pack = write_pack(tmp_path, {"sources.yaml": "", "groups.yaml": ""})

    assert shown_by_line(pack, pack) == ["own/pack.yaml:1: name: pack 'own' is loaded twice"]


def test_packs_have_one_complaint_between_them(tmp_path):
    """A differential is of one complaint."""
    first = write_pack(
        tmp_path, {"findings/a.yaml": findings("cramp", "fever")}, more="complaint: cramp\n"
    )
    later = extra_pack(tmp_path, {}, more="complaint: fever\n")

    assert shown_by_line(first, later) == [
        "later/pack.yaml:15: complaint: an earlier pack has the complaint 'cramp'"
    ]


def test_the_checks_see_all_packs(tmp_path):
    """A later pack's line that shares a finding with an earlier pack's is found."""
    first = write_pack(tmp_path, evidence("id: flu.a, when: fever, favors: weak"))
    later = extra_pack(
        tmp_path,
        {
            "causes/flu.yaml": "extends: flu\nevidence:\n"
            f"  - {{id: flu.b, when: fever, favors: weak, {CITED}}}\n"
        },
    )

    assert shown_by_line(first, later) == [
        "later/causes/flu.yaml:3: evidence[0].when: rests on 'fever' like 'flu.a', so both would"
        " count it: name the same 'cluster' for both"
    ]


def test_a_replaced_line_is_checked_no_more(tmp_path):
    """What a later pack replaces does not stand in the way of what replaces it."""
    first = write_pack(tmp_path, evidence("id: flu.a, when: fever, favors: weak"))
    later = extra_pack(
        tmp_path,
        {
            "causes/flu.yaml": "extends: flu\nevidence:\n  - {id: flu.b, when: fever, favors: weak,"
            f" replaces: flu.a, reason: A better line., {CITED}}}\n"
        },
    )

    assert [line.id for line in KnowledgeBase.load(first, later).causes["flu"].evidence] == [
        "flu.b"
    ]
