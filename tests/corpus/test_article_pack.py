"""The article pack, complete: each statement is encoded, each line is cited and explained."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from crampdx import KnowledgeBase
from crampdx.knowledge.criteria import findings_in
from crampdx.knowledge.models import SourceKind

ARTICLE = Path(__file__).parents[2] / "rules" / "article"

STATEMENTS = {
    "cramp": "definition duration pain impact",
    "common": "occasional dehydration electrolytes.potassium electrolytes.calcium"
    " electrolytes.magnesium overuse medical.diabetes medical.pad",
    "gate": "neurological",
    "als": "overview cramps early symptoms.stiffness symptoms.dysphagia symptoms.weakness",
    "neuropathy": "overview cramps tingling causes.diabetes causes.infection causes.toxin"
    " causes.genetic",
    "ms": "overview cramps symptoms.fatigue symptoms.vision symptoms.coordination",
    "sci": "overview cramps symptoms.numbness symptoms.weakness symptoms.function",
    "pd": "overview cramps location symptoms.tremor symptoms.bradykinesia symptoms.posture",
    "cmt": "overview cramps deformity symptoms.wasting symptoms.foot_drop symptoms.sensation",
    "test": "history examination emg ncs blood.electrolytes blood.thyroid blood.autoimmune imaging",
    "treat": "underlying relaxant anticonvulsant nsaid botulinum stretching strength massage"
    " hydration diet stress orthosis surgery",
    "prevent": "exercise sleep triggers conditions",
    "advice": "consult",
}
"""The 74 statements of the article, by section."""

SHAPES = {
    "HPO": r"HP:\d{7}",
    "ICD-10-CM": r"[A-Z]\d[0-9A-Z](\.[0-9A-Z]{1,4})?",
    "SNOMED-CT": r"[1-9]\d{5,17}",
    "LOINC": r"\d{1,7}-\d",
    "RxNorm": r"\d{1,8}",
    "MONDO": r"MONDO:\d{7}",
    "OMIM": r"OMIM:\d{6}",
    "ORPHA": r"ORPHA:\d{1,6}",
}

BRITISH = re.compile(
    r"aemi|paraesth|oedema|diarrhoea|haem|tumour|colour|fibre|centre|anaes|orthopaed|neurone"
    r"|oesoph|paraly[sz]e|behaviour|leucocyt|litre|labour|gynae|caesar|ise_|ischaem"
)


@pytest.fixture(scope="module")
def knowledge() -> KnowledgeBase:
    """The pack that ships."""
    return KnowledgeBase.load("article")


def cited(knowledge: KnowledgeBase) -> Iterator[tuple[str, str]]:
    """Every citation, as (what cites, source)."""
    lists = (
        knowledge.findings,
        knowledge.groups,
        knowledge.causes,
        knowledge.tests,
        knowledge.treatments,
        knowledge.prevention,
        knowledge.red_flags,
    )
    for entries in lists:
        for entry in entries.values():
            parts = [entry]
            for field in ("about", "evidence", "indications", "cautions"):
                parts += getattr(entry, field, ())
            for part in parts:
                for source in getattr(part, "sources", ()):
                    yield getattr(part, "id", entry.id), source


def code_rows() -> Iterator[tuple[str, dict[str, str]]]:
    """Every row of the code files, with its place."""
    for path in sorted((ARTICLE / "codes").glob("*.csv")):
        lines = path.read_text(encoding="utf-8").splitlines()
        rows = [line for line in lines if line and not line.startswith("#")]
        for number, row in enumerate(csv.DictReader(rows), 2):
            yield f"{path.name} row {number}", row


# --------------------------------------------------------------------------------------- statements


def test_the_article_has_74_statements(knowledge):
    """The sources of the pack are the statements of the article, none more and none less."""
    expected = {
        f"article:{section}.{name}"
        for section, names in STATEMENTS.items()
        for name in names.split()
    }
    found = {s.id for s in knowledge.sources.values() if s.kind is SourceKind.ARTICLE}

    assert (len(found), found ^ expected) == (74, set())


def test_every_statement_is_cited(knowledge):
    """No statement is left uncovered."""
    statements = {s.id for s in knowledge.sources.values() if s.kind is SourceKind.ARTICLE}

    assert statements - {source for _, source in cited(knowledge)} == set()


def test_no_citation_points_nowhere(knowledge):
    """Each citation is of a source of the pack."""
    assert [pair for pair in cited(knowledge) if pair[1] not in knowledge.sources] == []


def test_every_source_is_used(knowledge):
    """A source that nothing cites, and that is not the owner of codes, is none."""
    owners = {s.id for s in knowledge.sources.values() if s.kind is SourceKind.TERMINOLOGY}

    assert knowledge.sources.keys() - {source for _, source in cited(knowledge)} - owners == set()


def test_judgement_is_marked_as_such(knowledge):
    """What rests on judgement alone has a source of that kind."""
    assert knowledge.sources["judgement"].kind is SourceKind.JUDGEMENT


def test_statements_are_in_our_own_words(knowledge):
    """Each statement is one sentence of its own and is not copied from another."""
    titles = [s.title for s in knowledge.sources.values() if s.kind is SourceKind.ARTICLE]

    assert [title for title, count in Counter(titles).items() if count > 1] == []


# ---------------------------------------------------------------------------------------- sentences


def sentences(knowledge: KnowledgeBase) -> Iterator[tuple[str, str]]:
    """Every `because` and `says`, with the id of its entry."""
    for entries in (
        knowledge.findings,
        knowledge.groups,
        knowledge.causes,
        knowledge.tests,
        knowledge.treatments,
        knowledge.prevention,
        knowledge.red_flags,
    ):
        for entry in entries.values():
            if getattr(entry, "because", None):
                yield entry.id, entry.because
            for statement in getattr(entry, "about", ()):
                yield entry.id, statement.says
            for field in ("evidence", "indications", "cautions"):
                for line in getattr(entry, field, ()):
                    yield line.id, line.because


def test_every_reason_is_one_sentence(knowledge):
    """A reason ends with a full stop, and no other one stands within it."""
    pattern = re.compile(r"[A-Z0-9](?:[^.!?]|\.(?=\d))*\.")

    assert [
        (name, text) for name, text in sentences(knowledge) if not pattern.fullmatch(text)
    ] == []


def test_every_line_of_evidence_says_why_and_whence(knowledge):
    """A line without a reason or a source would not be reviewable."""
    assert [
        line.id for _, line in knowledge.evidence() if not (line.because and line.sources)
    ] == []


def test_no_two_lines_of_a_cause_have_the_same_reason(knowledge):
    """A reason is of its own line."""
    repeated = {
        cause.id: [
            text for text, n in Counter(line.because for line in cause.evidence).items() if n > 1
        ]
        for cause in knowledge.causes.values()
    }

    assert {cause: texts for cause, texts in repeated.items() if texts} == {}


def test_strengths_are_judgement(knowledge):
    """The article gives no numbers, so the pack claims no measured ratio."""
    assert [line.id for _, line in knowledge.evidence() if line.lr is not None] == []


# ------------------------------------------------------------------------------------------- causes

CAUSES = {
    "dehydration",
    "hypokalemia",
    "hypocalcemia",
    "hypomagnesemia",
    "overuse",
    "diabetes_mellitus",
    "peripheral_artery_disease",
    "amyotrophic_lateral_sclerosis",
    "peripheral_neuropathy",
    "diabetic_neuropathy",
    "infectious_neuropathy",
    "toxic_neuropathy",
    "hereditary_neuropathy",
    "multiple_sclerosis",
    "spinal_cord_injury",
    "parkinson_disease",
    "charcot_marie_tooth",
}
"""The common causes, the six disorders, and neuropathy's own causes."""


def test_the_causes_of_the_article_are_there(knowledge):
    """The pack holds each cause that the article names, and no other."""
    assert knowledge.causes.keys() == CAUSES


@pytest.mark.parametrize("cause", sorted(CAUSES))
def test_a_cause_has_evidence_for_and_against(knowledge, cause):
    """What would speak against a cause is as much part of it as what speaks for it."""
    lines = knowledge.causes[cause].evidence

    assert {line.favors is not None for line in lines} == {True, False}


@pytest.mark.parametrize("cause", sorted(CAUSES))
def test_a_cause_names_its_mimics(knowledge, cause):
    """What else looks like it is said, other than itself."""
    mimics = knowledge.causes[cause].mimics

    assert mimics != "unknown"
    assert cause not in mimics


@pytest.mark.parametrize("cause", sorted(CAUSES))
def test_a_cause_cites_the_article(knowledge, cause):
    """Each cause rests on a statement of the article."""
    entry = knowledge.causes[cause]
    sources = {s for part in (*entry.about, *entry.evidence) for s in part.sources}

    assert any(source.startswith("article:") for source in sources)


@pytest.mark.parametrize("cause", sorted(CAUSES))
def test_a_cause_has_codes(knowledge, cause):
    """A candidate can be looked up in a standard terminology."""
    assert [c for c in knowledge.codes if (c.concept_kind, c.concept) == ("cause", cause)]


@pytest.mark.parametrize(
    "cause", ["dehydration", "overuse", "hypokalemia", "hypocalcemia", "hypomagnesemia"]
)
def test_a_benign_cause_is_opposed_by_objective_signs(knowledge, cause):
    """A sign of nerve disease speaks against each of the occasional causes."""
    signs = {"objective_neurological_sign", "motor_disorder_sign", "structural_neurological_sign"}
    asked = {
        finding
        for line in knowledge.causes[cause].evidence
        if line.opposes is not None
        for finding in findings_in(line.when)
    }

    assert signs & asked


def test_the_gate_favors_neurological_causes_weakly(knowledge):
    """Persistent and unresponsive: think of the nervous system."""
    lines = knowledge.groups["neurological"].evidence

    assert [(sorted(findings_in(line.when)), line.favors) for line in lines] == [
        (["persistent_cramps", "unresponsive_to_remedies"], "weak")
    ]


@pytest.mark.parametrize("cause", ["dehydration", "overuse", "hypokalemia"])
def test_the_gate_has_its_counterpart(knowledge, cause):
    """Occasional cramps favor the causes that the article names for them."""
    assert "occasional_cramps" in {
        finding
        for line in knowledge.causes[cause].evidence
        if line.favors is not None
        for finding in findings_in(line.when)
    }


# -------------------------------------------------------------------------------- tests, treatments


def test_the_six_kinds_of_tests_are_there(knowledge):
    """History, examination, electromyography, conduction, blood and imaging."""
    covered = {
        source
        for test in knowledge.tests.values()
        for source in test.sources
        if source.startswith("article:test.")
    }

    assert {source.split(".")[1] for source in covered} == {
        "history",
        "examination",
        "emg",
        "ncs",
        "blood",
        "imaging",
    }


def test_the_five_kinds_of_treatment_are_there(knowledge):
    """Medication, physical therapy, lifestyle, devices and surgery."""
    assert {treatment.kind for treatment in knowledge.treatments.values()} == {
        "medication",
        "physical",
        "lifestyle",
        "device",
        "surgery",
    }


def test_prevention_and_seeking_care_are_there(knowledge):
    """What prevents, and when to see someone."""
    assert {measure.kind for measure in knowledge.prevention.values()} == {
        "prevention",
        "seek_care",
    }


def test_every_finding_that_a_rule_asks_for_can_be_known(knowledge):
    """A question, a code, a value, a derivation or a child shows each finding that counts."""
    coded = {code.concept for code in knowledge.codes if code.concept_kind == "finding"}
    implied = {name for finding in knowledge.findings.values() for name in finding.implies}
    asked = {name for _, _, criterion in knowledge.criteria() for name in findings_in(criterion)}

    assert [
        name
        for name in sorted(asked)
        for finding in [knowledge.findings[name]]
        if not (finding.ask or finding.shown_by or finding.derived or name in coded | implied)
    ] == []


# ------------------------------------------------------------------------------- codes and spelling


def test_every_code_has_the_shape_of_its_system():
    """A code that was mistyped would never be met in a record."""
    assert [
        (place, row["code"])
        for place, row in code_rows()
        if not re.fullmatch(SHAPES[row["system"]], row["code"])
    ] == []


def luhn_like(code: str) -> bool:
    """Whether the check digit of a LOINC code is right (Mod 10)."""
    digits, check = code.split("-")
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if position % 2 == 0 else 1)
        total += value // 10 + value % 10
    return (10 - total % 10) % 10 == int(check)


def verhoeff(code: str) -> bool:
    """Whether the check digit of a SNOMED CT identifier is right (Verhoeff)."""
    check = 0
    for position, digit in enumerate(reversed(code)):
        value = int(digit)
        for _ in range(position % 8):
            value = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)[value]
        if check < 5:
            check = (check + value) % 5 + (5 if value >= 5 else 0)
        else:
            check = (check - value) % 5 + (0 if value >= 5 else 5)
    return check == 0


def test_every_loinc_code_has_its_check_digit(knowledge):
    """LOINC codes end in a digit that a typing error breaks."""
    codes = [row["code"] for _, row in code_rows() if row["system"] == "LOINC"]
    codes += [code for form in knowledge.measurements().values() for code in form.loinc]

    assert [code for code in codes if not luhn_like(code)] == []


def test_every_snomed_code_has_its_check_digit():
    """SNOMED CT identifiers end in a digit that a typing error breaks."""
    codes = [row["code"] for _, row in code_rows() if row["system"] == "SNOMED-CT"]

    assert [code for code in codes if not verhoeff(code)] == []


def test_every_code_has_a_display():
    """A reviewer reads the name beside the code."""
    assert [place for place, row in code_rows() if not row["display"].strip()] == []


def test_a_code_is_exact_for_one_finding(knowledge):
    """Two findings that are exactly one code would be one finding."""
    exact = Counter(
        (code.system, code.code)
        for code in knowledge.codes
        if code.concept_kind == "finding" and code.match == "exact"
    )

    assert [code for code, count in exact.items() if count > 1] == []


def test_muscle_spasm_is_how_records_say_cramp(knowledge):
    """HP:0003394 'Muscle spasm' satisfies the complaint, with a note."""
    assert ("muscle_cramp", "used_as") in {
        (code.concept, code.match) for code in knowledge.codes if code.code == "HP:0003394"
    }


@pytest.mark.parametrize(
    "kind", ["findings", "causes", "tests", "treatments", "groups", "prevention", "red_flags"]
)
def test_ids_and_names_are_in_american_spelling(knowledge, kind):
    """Hypokalemia, paresthesia, edema, diarrhea."""
    entries = getattr(knowledge, kind).values()

    assert [e.id for e in entries if BRITISH.search(f"{e.id} {e.name}".lower())] == []


def test_names_are_of_their_own(knowledge):
    """Two findings of one name could not be told apart in a result."""
    names = Counter(finding.name for finding in knowledge.findings.values())

    assert [name for name, count in names.items() if count > 1] == []


def test_only_the_age_is_used_of_the_person(knowledge):
    """What the pack declares of personal attributes is what its rules read."""
    (pack,) = knowledge.packs
    read = {
        form.attribute
        for finding in knowledge.findings.values()
        for form in finding.shown_by
        if hasattr(form, "attribute")
    }

    assert (pack.attributes.uses.sex, "sex" in read) == (False, False)
