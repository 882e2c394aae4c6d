"""Packs are read whole or not at all, and what is wrong with them is said kindly."""

from __future__ import annotations

import pickle
import shutil
from pathlib import Path

import pytest
from packs import (
    CITED,
    cause,
    extra_pack,
    findings,
    load,
    pack_yaml,
    refused,
    shown,
    write_pack,
)

import crampdx
from crampdx import KnowledgeBase, KnowledgeError
from crampdx.knowledge import builtin_packs

# -------------------------------------------------------------- files named after their fault

BROKEN = Path(__file__).parents[1] / "data" / "broken"
"""Each file has one fault, and its name says which; its folder says which file of a pack it is."""

PLACE = {
    "pack": "pack.yaml",
    "sources": "sources.yaml",
    "groups": "groups.yaml",
    "tests": "tests.yaml",
    "prevention": "prevention.yaml",
    "red_flags": "red_flags/hot.yaml",
}
"""Where in a pack the files of a folder go that are not in a folder there too."""

BASIS = {
    "findings/base.yaml": findings(
        "muscle_cramp", "fever", "rash", *(f"f{n}" for n in range(1, 17))
    )
    + """\
- id: high_fever
  name: High fever
  kind: sign
  implies: [fever]
  because: It is so.
  sources: [judgement]
- id: hypokalemia
  name: Low potassium
  kind: laboratory
  shown_by:
    - {measurement: serum_potassium, loinc: ["2823-3"], unit: mmol/L, present: {below: 3.5}}
  because: It is so.
  sources: [judgement]
""",
    "causes/flu.yaml": cause("flu", "id: flu.fever, when: fever, favors: weak"),
}
"""The sound pack that each broken file is put into."""

MESSAGES: dict[str, list[str]] = {
    "pack/attribute_missing.yaml": [
        "12:3: attributes.uses: the key 'race' is missing",
    ],
    "pack/date_that_is_none.yaml": [
        "6:1: next_review: 'soon' is not a date such as 2027-01-31",
    ],
    "pack/name_of_another_folder.yaml": [
        "1:1: name: the pack's folder is named 'own'; name both alike",
    ],
    "pack/no_is_not_false.yaml": [
        "12:10: attributes.uses.race: true or false is expected",
    ],
    "pack/unknown_status.yaml": [
        "4:1: status: 'finished' is not one of draft, reviewed, stable, retired",
    ],
    "pack/version_of_one_number.yaml": [
        "2:1: version: '1' does not have the form ^\\d+\\.\\d+\\.\\d+$",
    ],
    "sources/doi_with_an_address.yaml": [
        "5:3: [1].doi: 'https://doi.org/10.1000/trial' does not have the form ^10\\.\\d{4,9}/\\S+$",
    ],
    "sources/publication_that_cannot_be_found.yaml": [
        "2:3: [1]: a publication needs one of 'doi', 'pmid' and 'url'",
    ],
    "sources/same_id_twice.yaml": [
        "3:4: [2].id: source 'trial' is already defined in own/sources.yaml:2; use 'extends' to add"
        " to it, or 'replaces' with a 'reason'",
    ],
    "sources/unknown_kind_of_source.yaml": [
        "1:19: [0].kind: 'judgment' is not one of article, publication, guideline, label, "
        "terminology, judgement; did you mean 'judgement'?",
    ],
    "findings/alias.yaml": [
        "1:58: anchors (&) are not allowed; write the value out",
        "2:58: aliases (*) are not allowed; write the value out",
    ],
    "findings/attribute_in_another_unit.yaml": [
        "4:14: [0].shown_by[0]: attribute 'age' is measured in unit 'a'",
    ],
    "findings/attribute_of_words_with_bounds.yaml": [
        "4:14: [0].shown_by[0]: attribute 'sex' takes {one_of: [...]}",
    ],
    "findings/began_without_a_time.yaml": [
        "4:14: [0].shown_by[0]: the key 'within' is missing",
    ],
    "findings/lasting_without_a_time.yaml": [
        "4:30: [0].shown_by[0].lasting: give 'from' or 'up_to', or both",
    ],
    "findings/lasting_that_nothing_does.yaml": [
        "4:30: [0].shown_by[0].lasting: nothing lasts as long as 'from' and no longer than 'up_to'",
    ],
    "findings/molar_code_that_is_not_listed.yaml": [
        "4:14: [0].shown_by[0]: 'molar' names codes of 'loinc'",
    ],
    "findings/calculated_without_our_id.yaml": [
        "4:14: [0].shown_by[0]: a measurement that is calculated needs our id of it, 'measurement'",
    ],
    "findings/calculated_where_another_counts.yaml": [
        "4:65: [0].shown_by[0].calculated: 'when' names 'serum_sodium', which is not in 'from'",
    ],
    "findings/precedence_away_from_the_unit.yaml": [
        "4:14: [0].shown_by[0]: 'calculated' and 'precedence' stand where the measurement is"
        " defined",
    ],
    "findings/bound_as_text.yaml": [
        "4:55: [0].shown_by[0].present.below: a number is expected",
    ],
    "findings/bounds_that_hold_no_number.yaml": [
        "4:45: [0].shown_by[0].present: no number lies within these bounds",
    ],
    "findings/bounds_without_a_limit.yaml": [
        "4:45: [0].shown_by[0].present: give at least one of 'from', 'above', 'up_to', 'below'",
    ],
    "findings/broken_indentation.yaml": [
        "2:8: not valid YAML: mapping values are not allowed in this context",
    ],
    "findings/defined_twice.yaml": [
        "1:3: [0].id: finding 'rash' is already defined in own/findings/base.yaml:3; use 'extends' "
        "to add to it, or 'replaces' with a 'reason'",
    ],
    "findings/derived_with_implies.yaml": [
        "1:3: [0]: a derived finding has neither 'shown_by' nor 'implies'",
    ],
    "findings/entry_of_text.yaml": [
        "1:3: [0]: a finding is a mapping of keys to values",
    ],
    "findings/extends_what_is_not_there.yaml": [
        "1:3: [0].extends: no earlier pack has a finding 'rsh'; did you mean 'rash'?",
    ],
    "findings/id_with_capitals.yaml": [
        "1:3: [0].id: 'Numbness' does not have the form ^[a-z][a-z0-9_]*$",
    ],
    "findings/implies_without_because.yaml": [
        "1:3: [0]: 'shown_by', 'implies' and 'derived' assert medicine: give 'because' and "
        "'sources'",
    ],
    "findings/key_twice.yaml": [
        "4:3: key 'name' stands twice (first in line 2)",
    ],
    "findings/loinc_of_a_wrong_shape.yaml": [
        "4:23: [0].shown_by[0].loinc[0]: 'potassium' does not have the form ^\\d{1,7}-\\d$",
    ],
    "findings/missing_key.yaml": [
        "1:3: [0]: the key 'name' is missing",
    ],
    "findings/misspelt_key.yaml": [
        "3:3: [0].knd: there is no key 'knd' here; did you mean 'kind'?",
    ],
    "findings/misspelt_required_key.yaml": [
        "2:3: [0].nmae: there is no key 'nmae' here; did you mean 'name'?",
    ],
    "findings/text_for_a_list.yaml": [
        "4:3: [0].synonyms: a list is expected: one entry a line, or [a, b]",
    ],
    "findings/not_a_list.yaml": [
        "1:1: this file holds a list of entries ('- id: ...')",
    ],
    "findings/not_utf8.yaml": [
        "2:1: not valid UTF-8",
    ],
    "findings/plausible_away_from_the_unit.yaml": [
        "4:14: [0].shown_by[0]: 'convert' and 'plausible' stand where the measurement is "
        "defined, with its 'unit'",
    ],
    "findings/qualified_without_a_qualifier.yaml": [
        "4:14: [0].shown_by[0]: give 'site', 'laterality', 'severity' or 'lasting'",
    ],
    "findings/replaces_in_the_same_pack.yaml": [
        "4:3: [0].replaces: no earlier pack has a finding 'rash' to replace",
    ],
    "findings/replaces_without_a_reason.yaml": [
        "1:3: [0]: 'replaces' and 'reason' go together",
    ],
    "findings/reserved_form.yaml": [
        "4:45: [0].shown_by[0].trend: 'trend' is reserved for a later form of shown_by",
    ],
    "findings/tag.yaml": [
        "2:9: tags (!) are not allowed",
    ],
    "findings/two_documents.yaml": [
        "2:1: a file holds one document; '---' begins another",
    ],
    "findings/two_lower_bounds.yaml": [
        "4:45: [0].shown_by[0].present: give 'from' or 'above', not both",
    ],
    "findings/unknown_attribute.yaml": [
        "4:15: [0].shown_by[0].attribute: 'cramps.location' is not one of age, sex, pregnant, "
        "cramps.duration, cramps.episode_duration, cramps.per_week, cramps.locations, "
        "cramps.triggers, cramps.times_of_day, cramps.response_to_remedies; did you mean "
        "'cramps.locations'?",
    ],
    "findings/unknown_kind.yaml": [
        "3:3: [0].kind: 'symptm' is not one of symptom, sign, history, laboratory, exposure, "
        "medication, test_result, attribute, family; did you mean 'symptom'?",
    ],
    "findings/value_without_unit.yaml": [
        "4:14: [0].shown_by[0]: a measurement is defined by 'unit' and by 'loinc' or 'measurement'",
    ],
    "causes/at_least_6_of_16.yaml": [
        "7:5: evidence[0].when: 'at_least: 6' of 16 needs more than 128 conjunctions in "
        "disjunctive form when negated; ask for fewer parts, or put groups of them into derived"
        " findings",
    ],
    "causes/at_least_more_than_there_are.yaml": [
        "6:19: evidence[0].when: this criterion can never hold",
    ],
    "causes/at_least_none.yaml": [
        "6:26: evidence[0].when.at_least: must be at least 1",
    ],
    "causes/at_least_without_of.yaml": [
        "6:19: evidence[0].when: the key 'of' is missing",
    ],
    "causes/child_without_its_parent.yaml": [
        "6:19: evidence[0].when: this criterion can never hold",
    ],
    "causes/complaint_as_evidence.yaml": [
        "6:19: evidence[0].when: 'muscle_cramp' alone makes this line true, and the complaint "
        "is not evidence; cite the association in 'about' instead",
    ],
    "causes/criterion_of_two_clauses.yaml": [
        "6:40: evidence[0].when.any: there is no key 'any' here",
    ],
    "causes/empty_clause.yaml": [
        "6:26: evidence[0].when.any: at least 1 must be given",
    ],
    "causes/evidence_with_no_source.yaml": [
        "6:66: evidence[0].sources: at least 1 must be given",
    ],
    "causes/evidence_with_two_weights.yaml": [
        "6:5: evidence[0]: give exactly one of 'favors', 'opposes' and 'lr'",
    ],
    "causes/evidence_without_because.yaml": [
        "6:5: evidence[0]: the key 'because' is missing",
    ],
    "causes/evidence_without_sources.yaml": [
        "6:5: evidence[0]: the key 'sources' is missing",
    ],
    "causes/evidence_without_weight.yaml": [
        "6:5: evidence[0]: give exactly one of 'favors', 'opposes' and 'lr'",
    ],
    "causes/file_of_another_name.yaml": [
        "1:1: id: cause 'another_cause' stands in a file named 'file_of_another_name'; name the "
        "file 'another_cause.yaml'",
    ],
    "causes/finding_that_is_not_there.yaml": [
        "6:39: evidence[0].when.all[1].absent: finding 'feverr' is not defined; did you mean "
        "'fever'?",
    ],
    "causes/likelihood_ratio_of_zero.yaml": [
        "6:32: evidence[0].lr: must be more than 0",
    ],
    "causes/likelihood_ratio_without_end.yaml": [
        "6:32: evidence[0].lr: a finite number is expected",
    ],
    "causes/misspelt_clause.yaml": [
        "6:26: evidence[0].when.al: there is no key 'al' here; did you mean 'all'?",
    ],
    "causes/misspelt_pretest.yaml": [
        "4:1: pretest: 'very common' is not one of very_common, common, uncommon, rare; did you"
        " mean 'very_common'?",
    ],
    "causes/misspelt_strength.yaml": [
        "6:32: evidence[0].favors: 'stron' is not one of weak, moderate, strong, confirms; did "
        "you mean 'strong'?",
    ],
    "causes/no_evidence.yaml": [
        "5:1: evidence: at least 1 must be given",
    ],
    "causes/present_and_absent.yaml": [
        "6:19: evidence[0].when: this criterion can never hold",
    ],
    "causes/ratio_on_judgement.yaml": [
        "6:32: evidence[0].lr: a measured 'lr' needs a publication or guideline as its source",
    ],
    "causes/rules_out_in_favor.yaml": [
        "6:32: evidence[0].favors: 'rules_out' is not one of weak, moderate, strong, confirms",
    ],
    "causes/shared_finding_without_cluster.yaml": [
        "7:24: evidence[1].when: rests on 'high_fever' like 'x.fever', so both would count it: "
        "name the same 'cluster' for both",
    ],
    "causes/source_that_is_not_there.yaml": [
        "6:87: evidence[0].sources[1]: source 'tral' is not defined; did you mean 'trial'?",
    ],
    "causes/unknown_group.yaml": [
        "3:1: group: group 'comon' is not defined; did you mean 'common'?",
    ],
    "groups/strong_for_a_group.yaml": [
        "4:7: [0].evidence[0]: a group's evidence is 'favors: weak'",
    ],
    "tests/shows_nothing.yaml": [
        "1:47: [0].shows: at least 1 must be given",
    ],
    "treatments/caution_of_no_level.yaml": [
        "7:35: [0].cautions[0].level: 'warn' is not one of avoid, caution, adjust, monitor",
    ],
    "treatments/indicated_by_nothing.yaml": [
        "5:7: [0].indications[0]: give 'causes' or 'when', or both",
    ],
    "prevention/cause_that_is_not_there.yaml": [
        "1:37: [0].causes[0]: cause 'flue' is not defined; did you mean 'flu'?",
    ],
    "red_flags/unknown_urgency.yaml": [
        "3:1: urgency: 'emergent' is not one of emergency, urgent, soon; did you mean 'emergency'?",
    ],
    "red_flags/without_consider.yaml": [
        "1:1: the key 'consider' is missing",
    ],
    "codes/columns_in_another_order.csv": [
        "1:1: the header is to be 'system,code,match,finding,display'",
    ],
    "codes/finding_that_is_not_there.csv": [
        "5:1: finding 'fevr' is not defined; did you mean 'fever'?",
    ],
    "codes/not_utf8.csv": [
        "1:1: not valid UTF-8",
    ],
    "codes/open_quote.csv": [
        "1:1: not valid CSV: unexpected end of data",
    ],
    "codes/same_code_twice.csv": [
        "3:1: finding 'fever': HPO HP:0001945 already stands for it in"
        " own/codes/same_code_twice.csv:2",
    ],
    "codes/shape_of_a_code.csv": [
        "2:1: 'HP:123' is not a code of HPO: HP:\\d{7}",
    ],
    "codes/too_few_columns.csv": [
        "2:1: a row has 5 columns, this one 4",
    ],
    "codes/unknown_match.csv": [
        "2:1: match: 'exactly' is not one of exact, narrower, broader, used_as, related; "
        "did you mean 'exact'?",
    ],
    "codes/unknown_system.csv": [
        "2:1: system: 'HPOO' is not one of HPO, ICD-10-CM, SNOMED-CT, LOINC, RxNorm, MONDO, OMIM, "
        "ORPHA; did you mean 'HPO'?",
    ],
}
"""What an author reads of each broken file: line, column, path, message, remedy."""

PLACES = {
    "findings/within_that_is_no_duration.yaml": "4:3: [0].within:",
    "findings/within_as_a_bare_number.yaml": "4:3: [0].within:",
    "findings/within_before_now.yaml": "4:3: [0].within:",
    "findings/word_that_no_record_says.yaml": "4:",
}
"""Broken files of which only the place is promised, not the words."""


def broken_pack(folder: Path, file: str) -> tuple[Path, str]:
    """The sound pack with a broken file in its place, and that place."""
    pack = write_pack(folder, BASIS, more="complaint: muscle_cramp\n")
    place = PLACE.get(file.split("/")[0], file)
    (pack / place).parent.mkdir(exist_ok=True)
    shutil.copy(BROKEN / file, pack / place)
    return pack, place


def test_the_pack_around_the_broken_files_is_sound(tmp_path):
    """Without a broken file the pack loads, so that each fault is the file's own."""
    assert load(tmp_path, BASIS, more="complaint: muscle_cramp\n").causes.keys() == {"flu"}


def test_every_broken_file_is_in_the_table():
    """No broken file is forgotten, and none is missing."""
    files = {path.relative_to(BROKEN).as_posix() for path in BROKEN.rglob("*.*")}

    assert files == MESSAGES.keys() | PLACES.keys()


@pytest.mark.parametrize("file", MESSAGES)
def test_a_broken_file_is_refused_with_its_fault(tmp_path, file):
    """One mistake gives one message, with line, column, what is expected and the remedy."""
    pack, place = broken_pack(tmp_path, file)

    assert shown(pack) == [f"own/{place}:{message}" for message in MESSAGES[file]]


@pytest.mark.parametrize("file", PLACES)
def test_a_broken_file_is_refused_at_its_place(tmp_path, file):
    """What could never work as it is meant does not load."""
    pack, place = broken_pack(tmp_path, file)

    (issue,) = shown(pack)

    assert issue.startswith(f"own/{place}:{PLACES[file]}")


# ------------------------------------------------------------------------------- all at once


def test_a_file_with_ten_mistakes_gives_ten_messages(tmp_path):
    """All faults of a file are told at once, in the order of their lines, each once."""
    mistakes = """\
id: ten
name: Ten mistakes
group: comon
pretest: common
mimics: [flue]
because_of: [flu, cold]
evidence:
  - {id: ten.a, when: feverr, favors: weak, because: It is so., sources: [judgement]}
  - {id: ten.b, when: {absent: rsh}, favors: weak, because: It is so., sources: [jugement]}
  - {id: ten.c, when: {all: [f1, {absent: f1}]}, favors: weak, because: So., sources: [judgement]}
  - {id: ten.c, when: muscle_cramp, opposes: weak, because: It is so., sources: [judgement]}
  - {id: ten.d, when: f2, lr: 3, because: It is so., sources: [judgement]}
  - id: ten.e
    when: {at_least: 6, of: [f1, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14,
                             f15, f16, rash]}
    opposes: weak
    because: It is so.
    sources: [judgement]
"""
    pack = write_pack(tmp_path, {**BASIS, "causes/ten.yaml": mistakes})

    assert shown(pack) == [
        "own/causes/ten.yaml:3:1: group: group 'comon' is not defined; did you mean 'common'?",
        "own/causes/ten.yaml:5:10: mimics[0]: cause 'flue' is not defined; did you mean 'flu'?",
        "own/causes/ten.yaml:6:19: because_of[1]: cause 'cold' is not defined",
        "own/causes/ten.yaml:8:17: evidence[0].when: finding 'feverr' is not defined;"
        " did you mean 'fever'?",
        "own/causes/ten.yaml:9:24: evidence[1].when.absent: finding 'rsh' is not defined;"
        " did you mean 'rash'?",
        "own/causes/ten.yaml:9:82: evidence[1].sources[0]: source 'jugement' is not defined;"
        " did you mean 'judgement'?",
        "own/causes/ten.yaml:10:17: evidence[2].when: this criterion can never hold",
        "own/causes/ten.yaml:11:6: evidence[3].id: evidence 'ten.c' is already defined in"
        " own/causes/ten.yaml:10",
        "own/causes/ten.yaml:12:27: evidence[4].lr: a measured 'lr' needs a publication or"
        " guideline as its source",
        "own/causes/ten.yaml:14:5: evidence[5].when: 'at_least: 6' of 16 needs more than 128"
        " conjunctions in disjunctive form when negated; ask for fewer parts, or put groups of"
        " them into derived findings",
    ]


def test_mistakes_of_form_are_told_at_once_too(tmp_path):
    """An entry's unknown keys, wrong words and missing parts are told together."""
    mistakes = """\
- id: Numbness
  name: Numbness
  kind: symptm
  asks: Is it numb?
  implies: fever
  sources: [judgement]
- {id: tingling, kind: symptom, sources: []}
"""
    pack = write_pack(tmp_path, {**BASIS, "findings/more.yaml": mistakes})

    assert [(issue.line, issue.path) for issue in refused(pack)] == [
        (1, "[0].id"),
        (3, "[0].kind"),
        (4, "[0].asks"),
        (5, "[0].implies"),
        (7, "[1]"),
        (7, "[1].sources"),
    ]


def test_faults_of_several_files_are_told_at_once(tmp_path):
    """Faults come in the order of files and lines."""
    files = {
        "findings/b.yaml": "- {id: B}\n- {id: fever, x: 1}\n",
        "findings/a.yaml": "a: [",
        "codes/own.csv": "nothing\n",
    }

    places = [(issue.file, issue.line) for issue in refused(write_pack(tmp_path, files))]

    assert places == sorted(places)


def test_what_did_not_load_is_not_called_undefined(tmp_path):
    """A finding with a fault of its own is reported for that alone, not wherever it is named."""
    files = {
        "findings/base.yaml": "- {id: fever, name: Fever, kind: sgn, sources: [judgement]}\n",
        "causes/flu.yaml": cause("flu", "id: flu.fever, when: fever, favors: weak"),
    }

    assert [issue.path for issue in refused(write_pack(tmp_path, files))] == ["[0].kind"]


def test_nothing_is_loaded_where_anything_is_wrong(tmp_path):
    """A pack that loads by itself does not load beside one that does not."""
    sound = write_pack(tmp_path, BASIS)
    broken = extra_pack(tmp_path, {"red_flags.yaml": "- {id: hot}"})

    with pytest.raises(KnowledgeError):
        KnowledgeBase.load(sound, broken)


def test_the_error_reads_as_a_list(tmp_path):
    """The text of the error counts the faults and shows each with its place."""
    pack = write_pack(tmp_path, {"findings/a.yaml": "- {id: fever}\n"})

    with pytest.raises(KnowledgeError) as refusal:
        KnowledgeBase.load(pack)

    assert str(refusal.value) == (
        "the rule files do not load (2 faults):\n"
        f"  {pack}/findings/a.yaml:1:3: [0]: the key 'kind' is missing\n"
        f"  {pack}/findings/a.yaml:1:3: [0]: the key 'name' is missing"
    )


def test_the_error_can_be_pickled(tmp_path):
    """An error crosses processes with its issues."""
    with pytest.raises(KnowledgeError) as refusal:
        KnowledgeBase.load(tmp_path)

    assert pickle.loads(pickle.dumps(refusal.value)).issues == refusal.value.issues  # noqa: S301


# ----------------------------------------------------------------------------- where packs are


def test_without_a_name_the_default_packs_are_loaded():
    """The article, and what goes beyond it."""
    assert [pack.name for pack in KnowledgeBase.load().packs] == ["article", "extended"]


def test_packs_that_ship_are_listed():
    """What can be loaded by name is known."""
    assert "article" in builtin_packs()


@pytest.mark.parametrize("form", [str, Path])
def test_an_own_pack_is_loaded_by_path(tmp_path, form):
    """A folder anywhere is a pack, as text or as a path."""
    pack = write_pack(tmp_path, {"findings/own.yaml": findings("fever")})

    assert KnowledgeBase.load(form(pack)).findings.keys() == {"fever"}


def test_red_flags_in_one_list_still_load(tmp_path):
    """The form of 0.3, a list of red flags in one file, is read for one version more."""
    flags = (
        "- {id: hot, name: Hot, urgency: urgent, when: fever, consider: Consider cooling.,"
        " because: It is so., sources: [judgement]}\n"
    )

    knowledge = load(tmp_path, {"findings/base.yaml": findings("fever"), "red_flags.yaml": flags})

    assert knowledge.red_flags.keys() == {"hot"}


def test_an_own_pack_adds_to_one_that_ships(tmp_path):
    """A site's own rules stand on those that ship."""
    own = extra_pack(
        tmp_path,
        {"findings/own.yaml": findings("night_shift")},
        more="requires: [article]\n",
    )

    assert {"night_shift", "muscle_cramp"} <= KnowledgeBase.load("article", own).findings.keys()


def test_a_pack_that_does_not_exist_is_refused():
    """A misspelt name brings the one that is meant."""
    assert [str(issue) for issue in refused("artcle")] == [
        "artcle: there is no such pack: a pack is a folder with a pack.yaml;"
        " did you mean 'article'?"
    ]


def test_a_name_like_no_other_brings_the_packs_that_ship():
    """Where no name is near, all of them are listed."""
    assert refused("zzz")[0].suggestion == f"packs that ship: {', '.join(builtin_packs())}"


def test_a_folder_without_a_pack_file_is_no_pack(tmp_path):
    """An empty folder is refused as one that does not exist."""
    assert (
        refused(tmp_path)[0].message == "there is no such pack: a pack is a folder with a pack.yaml"
    )


@pytest.mark.parametrize(
    ("file", "remedy"),
    [
        ("redflags.yaml", "did you mean 'red_flags.yaml'?"),
        ("finding.yaml", "did you mean 'findings/*.yaml'?"),
        ("findings/deeper/x.yaml", "did you mean 'findings/*.yaml'?"),
        ("prevention.yml", "did you mean 'prevention.yaml'?"),
    ],
)
def test_a_file_that_is_no_rule_file_is_refused(tmp_path, file, remedy):
    """A rule file with a misspelt name is not passed over in silence."""
    assert shown(write_pack(tmp_path, {file: ""})) == [
        f"own/{file}: a pack has no such file; {remedy}"
    ]


def test_a_misplaced_file_of_codes_is_refused(tmp_path):
    """A table of codes beside its folder is not passed over in silence."""
    assert len(shown(write_pack(tmp_path, {"hpo.csv": ""}))) == 1


@pytest.mark.parametrize("file", ["README.md", "cases/flu.case.yaml", "notes.txt"])
def test_notes_and_cases_may_stand_in_a_pack(tmp_path, file):
    """What is no rule file is left alone."""
    assert load(tmp_path, {file: "a: ["}).findings == {}


def test_a_file_that_cannot_be_read_is_refused(tmp_path):
    """A folder in the place of a file is told."""
    pack = write_pack(tmp_path, {})
    (pack / "findings" / "base.yaml").mkdir(parents=True)

    assert shown(pack) == ["own/findings/base.yaml: cannot be read: not a regular file"]


def test_a_link_that_leads_nowhere_is_refused(tmp_path):
    """A file that is listed and not there is told."""
    pack = write_pack(tmp_path, {"findings/own.yaml": findings("fever")})
    (pack / "findings" / "base.yaml").symlink_to(tmp_path / "gone.yaml")

    assert shown(pack) == ["own/findings/base.yaml: cannot be read: not a regular file"]


def test_a_large_file_is_refused(tmp_path):
    """The size of a rule file is bounded."""
    pack = write_pack(tmp_path, {"findings/base.yaml": "#" * (1 << 21)})

    assert shown(pack) == ["own/findings/base.yaml:1:1: larger than 1048576 bytes"]


def test_every_file_but_the_first_may_be_missing(tmp_path):
    """A pack of nothing but its pack.yaml loads."""
    pack = tmp_path / "bare"
    pack.mkdir()
    (pack / "pack.yaml").write_text(pack_yaml("bare"), encoding="utf-8")

    assert KnowledgeBase.load(pack).packs[0].name == "bare"


# -------------------------------------------------------------------------------------- codes


def test_codes_are_read_with_comments_and_quotes(tmp_path):
    """A line that begins with # is a comment; a display may be quoted."""
    files = {
        "findings/own.yaml": findings("fever"),
        "codes/own.csv": (
            "# Codes\nsystem,code,match,finding,display\n\n"
            'HPO,HP:0001945,exact,fever,"Fever, high"\n'
        ),
    }

    (code,) = load(tmp_path, files).codes

    assert (code.code, code.concept, code.display) == ("HP:0001945", "fever", "Fever, high")


def test_a_later_pack_adds_codes_to_an_earlier_finding(tmp_path):
    """Codes are many to many, over all packs."""
    first = write_pack(tmp_path, BASIS)
    later = extra_pack(
        tmp_path,
        {"codes/own.csv": "system,code,match,finding,display\nHPO,HP:0001945,exact,fever,Fever\n"},
    )

    assert [c.concept for c in KnowledgeBase.load(first, later).codes] == ["fever"]


# ------------------------------------------------------------------------------ packs on packs


def test_a_pack_extends_a_cause(tmp_path):
    """Evidence, mimics and statements of a later pack stand behind those of the earlier one."""
    first = write_pack(tmp_path, BASIS)
    later = extra_pack(
        tmp_path,
        {
            "causes/flu.yaml": """\
extends: flu
mimics: [flu]
evidence:
  - {id: flu.rash, when: rash, opposes: weak, because: It is so., sources: [judgement]}
"""
        },
    )

    flu = KnowledgeBase.load(first, later).causes["flu"]

    assert ([line.id for line in flu.evidence], flu.mimics) == (["flu.fever", "flu.rash"], ("flu",))


def test_a_pack_extends_a_finding(tmp_path):
    """Synonyms, what it implies and what shows it are added."""
    first = write_pack(tmp_path, BASIS)
    later = extra_pack(
        tmp_path,
        {
            "findings/more.yaml": """\
- extends: rash
  synonyms: [exanthem]
  implies: [f1]
  shown_by: [{finding: f2, site: [skin]}]
  because: It is so.
  sources: [trial]
"""
        },
    )

    rash = KnowledgeBase.load(first, later).findings["rash"]

    assert (rash.synonyms, rash.implies, len(rash.shown_by), rash.sources) == (
        ("exanthem",),
        ("f1",),
        1,
        ("judgement", "trial"),
    )


def test_what_derives_a_finding_is_not_extended(tmp_path):
    """A derived finding follows from its criterion alone, also when a later pack speaks of it."""
    first = write_pack(
        tmp_path,
        {
            "findings/base.yaml": findings("fever")
            + "- {id: ill, name: Ill, kind: sign, derived: fever, because: A., sources: [trial]}"
        },
    )
    later = extra_pack(
        tmp_path,
        {"findings/more.yaml": "- {extends: ill, implies: [fever], because: A., sources: [trial]}"},
    )

    assert [issue.line for issue in refused(first, later)] == [1]


def test_a_pack_extends_a_test_and_a_treatment(tmp_path):
    """What a test shows and what speaks against a treatment can grow."""
    first = write_pack(
        tmp_path,
        {
            **BASIS,
            "tests.yaml": "- {id: look, name: A look, kind: examination, shows: [rash],"
            " because: It is so., sources: [judgement]}",
            "treatments/rest.yaml": "- {id: rest, name: Rest, kind: lifestyle, indications:"
            " [{id: rest.fever, when: fever, because: It is so., sources: [judgement]}]}",
        },
    )
    later = extra_pack(
        tmp_path,
        {
            "tests.yaml": "- {extends: look, shows: [fever], because: So., sources: [judgement]}",
            "treatments/rest.yaml": "- {extends: rest, cautions: [{id: rest.rash, when: rash,"
            " level: monitor, because: It is so., sources: [judgement]}]}",
        },
    )

    knowledge = KnowledgeBase.load(first, later)

    assert (
        knowledge.tests["look"].shows,
        [caution.id for caution in knowledge.treatments["rest"].cautions],
    ) == (("rash", "fever"), ["rest.rash"])


REPLACEMENT = """\
id: flu
name: Influenza
replaces: flu
reason: The name was too short.
group: common
pretest: rare
evidence:
  - {id: flu.rash, when: rash, favors: weak, because: It is so., sources: [judgement]}
"""


def test_a_pack_replaces_an_entry_with_a_reason(tmp_path):
    """The later entry stands in place of the earlier one."""
    first = write_pack(tmp_path, BASIS)
    later = extra_pack(tmp_path, {"causes/flu.yaml": REPLACEMENT})

    assert KnowledgeBase.load(first, later).causes["flu"].name == "Influenza"


def test_results_show_what_was_replaced(tmp_path):
    """Each assessment lists the replacements, with pack and reason."""
    first = write_pack(tmp_path, BASIS)
    later = extra_pack(tmp_path, {"causes/flu.yaml": REPLACEMENT})

    answer = crampdx.assess({"findings": {"rash": True}}, KnowledgeBase.load(first, later))

    assert [r.model_dump() for r in answer.knowledge.replacements] == [
        {
            "kind": "cause",
            "replaced": "flu",
            "by": "flu",
            "pack": "later",
            "reason": "The name was too short.",
        }
    ]


def test_a_line_of_an_extension_replaces_a_line(tmp_path):
    """A later pack can put a better line in the place of an earlier one, and results show it."""
    first = write_pack(tmp_path, BASIS)
    later = extra_pack(
        tmp_path,
        {
            "causes/flu.yaml": """\
extends: flu
evidence:
  - id: flu.fever_measured
    when: fever
    lr: 4
    replaces: flu.fever
    reason: It was measured.
    because: It is so.
    sources: [trial]
"""
        },
    )

    knowledge = KnowledgeBase.load(first, later)

    assert (
        [line.id for line in knowledge.causes["flu"].evidence],
        [(r.replaced, r.by, r.pack) for r in knowledge.replacements],
    ) == (["flu.fever_measured"], [("flu.fever", "flu.fever_measured", "later")])


@pytest.mark.parametrize("names", [("flu.b", "flu.c"), ("flu.fever", "flu.fever")])
def test_a_line_that_replaced_another_is_replaced_in_turn(tmp_path, names):
    """Of three packs each of which puts a line in place of the one before, the last one counts."""
    packs = [write_pack(tmp_path, BASIS)]
    for replaced, name, weight in zip(
        ("flu.fever", names[0]), names, ("weak", "strong"), strict=True
    ):
        line = (
            f"extends: flu\nevidence:\n  - {{id: {name}, when: fever, favors: {weight}, replaces:"
            f" {replaced}, reason: Better., because: It is so., sources: [judgement]}}\n"
        )
        packs.append(extra_pack(tmp_path, {"causes/flu.yaml": line}, f"pack_{weight}"))

    (line,) = KnowledgeBase.load(*packs).causes["flu"].evidence

    assert (line.id, line.favors) == (names[1], "strong")


def test_an_id_that_two_packs_define_is_refused(tmp_path):
    """To define again is not to replace; the message says what to write instead."""
    first = write_pack(tmp_path, BASIS)
    later = extra_pack(tmp_path, {"findings/base.yaml": findings("fever")})

    assert shown(first, later) == [
        "later/findings/base.yaml:1:4: [0].id: finding 'fever' is already defined in"
        " own/findings/base.yaml:2; use 'extends' to add to it, or 'replaces' with a 'reason'"
    ]


def test_a_replacement_within_a_pack_is_refused_without_a_crash(tmp_path):
    """Two mistakes about one id are two messages."""
    entry = "name: A, kind: sign, sources: [judgement]"
    pack = write_pack(
        tmp_path,
        {
            "findings/base.yaml": f"- {{id: a, {entry}}}\n"
            f"- {{id: b, {entry}, replaces: a, reason: It is better.}}\n"
            f"- {{id: a, {entry}}}\n"
        },
    )

    assert [issue.line for issue in refused(pack)] == [2, 3]


def test_what_names_a_replaced_entry_by_its_old_id_is_refused(tmp_path):
    """A replacement of another id leaves nothing that points to the old one."""
    first = write_pack(tmp_path, BASIS)
    later = extra_pack(
        tmp_path,
        {
            "findings/more.yaml": "- {id: pyrexia, name: Fever, kind: sign, replaces: fever,"
            " reason: The word is better., sources: [judgement]}"
        },
    )

    assert {issue.message for issue in refused(first, later)} == {"finding 'fever' is not defined"}


def test_a_pack_is_loaded_after_those_it_requires(tmp_path):
    """The order of packs is the caller's, and is checked."""
    first = write_pack(tmp_path, {})
    later = extra_pack(tmp_path, {}, more="requires: [own]\n")

    assert shown(later, first) == [
        "later/pack.yaml:15:12: requires[0]: pack 'own' is to be loaded before this one"
    ]


# -------------------------------------------------------------------------------- the result


def test_a_knowledge_base_is_immutable(tmp_path):
    """Neither its entries nor its mappings can be changed."""
    knowledge = load(tmp_path, BASIS)

    with pytest.raises(TypeError, match="does not support item assignment"):
        knowledge.findings["x"] = knowledge.findings["fever"]  # type: ignore[index]


def test_entries_stand_in_the_order_of_their_ids(tmp_path):
    """The order of files and lines is no matter."""
    knowledge = load(
        tmp_path, {"findings/b.yaml": findings("c", "a"), "findings/a.yaml": findings("b")}
    )

    assert list(knowledge.findings) == ["a", "b", "c"]


def test_a_knowledge_base_can_be_pickled(tmp_path):
    """Another process gets the same rules, immutable too."""
    knowledge = load(tmp_path, BASIS)
    copy = pickle.loads(pickle.dumps(knowledge))  # noqa: S301

    with pytest.raises(TypeError):
        copy.findings["x"] = None
    assert copy == knowledge


def test_each_entry_keeps_its_place(tmp_path):
    """Where an entry and a line of evidence stand is known."""
    knowledge = load(tmp_path, BASIS)

    assert str(knowledge.places["evidence", "flu.fever"]) == f"{tmp_path}/own/causes/flu.yaml:6"


# ------------------------------------------------------------------------------------ digest

FLU = cause(
    "flu", "id: flu.fever, when: fever, favors: weak", "id: flu.f1, when: f1, opposes: weak"
)


@pytest.fixture
def digest(tmp_path_factory):
    """The digest of the basis with other files."""

    def of(files=None, **kwargs):
        folder = tmp_path_factory.mktemp("digest")
        return load(folder, {**BASIS, "causes/flu.yaml": FLU, **(files or {})}, **kwargs).digest

    return of


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"causes/flu.yaml": "# A comment\n\n" + FLU + "# The end\n"}, id="comments"),
        pytest.param(
            {"findings/base.yaml": "", "findings/zzz.yaml": BASIS["findings/base.yaml"]},
            id="names of files",
        ),
        pytest.param(
            {
                "causes/flu.yaml": cause(
                    "flu",
                    "id: flu.f1, when: f1, opposes: weak",
                    "id: flu.fever, when: fever, favors: weak",
                )
            },
            id="order of lines",
        ),
        pytest.param({"causes/flu.yaml": FLU.replace("name: flu", "name: 'flu'")}, id="quotes"),
        pytest.param({"README.md": "Read me"}, id="notes"),
    ],
)
def test_the_digest_does_not_depend_on_layout(digest, files):
    """What says the same has the same digest."""
    assert digest(files) == digest()


@pytest.mark.parametrize(
    "files",
    [
        pytest.param(
            {"causes/flu.yaml": FLU.replace("favors: weak", "favors: strong")}, id="strength"
        ),
        pytest.param(
            {"causes/flu.yaml": FLU.replace("pretest: common", "pretest: rare")}, id="pretest"
        ),
        pytest.param({"causes/flu.yaml": FLU.replace("It is so.", "It was so.")}, id="because"),
        pytest.param({"findings/more.yaml": findings("more")}, id="one finding more"),
        pytest.param(
            {"codes/a.csv": "system,code,match,finding,display\nHPO,HP:0001945,exact,fever,F\n"},
            id="one code more",
        ),
        pytest.param({"pack.yaml": pack_yaml().replace("1.0.0", "1.0.1")}, id="version"),
    ],
)
def test_the_digest_depends_on_what_is_said(digest, files):
    """What says something else has another digest."""
    assert digest(files) != digest()


def test_the_digest_is_a_sha_256(digest):
    """It is what hashing tools write."""
    assert len(bytes.fromhex(digest())) == 32


def test_an_entry_in_block_style_is_read_as_in_flow_style(tmp_path):
    """The two styles of YAML say the same."""
    block = f"- id: fever\n  name: fever\n  kind: sign\n{'  '.join(['', *CITED.splitlines(True)])}"
    flow = "- {id: fever, name: fever, kind: sign, because: It is so., sources: [judgement]}"

    assert load(tmp_path / "a", {"findings/a.yaml": block}) == load(
        tmp_path / "b", {"findings/a.yaml": flow}
    )
