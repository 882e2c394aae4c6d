"""Medicines by name: which products are read, and which are not."""

import pytest
from packs import load

import crampdx
from crampdx import KnowledgeBase, KnowledgeError
from crampdx.engine.intake.medicines import Ingredients, Product
from crampdx.engine.intake.vocabulary import Vocabulary

KNOWN = Ingredients(
    [
        ("Simvastatin", "statin"),
        ("hydrochlorothiazide", "thiazide"),
        ("iron", "iron"),
        ("iron sucrose", "intravenous iron"),
        ("insulin, regular, human", "insulin"),
    ]
)


@pytest.mark.parametrize(
    ("name", "meanings", "complete"),
    [
        ("simvastatin", ("statin",), True),
        ("Simvastatin 20 MG Oral Tablet [Zocor]", ("statin",), True),
        ("24 HR simvastatin 20 MG Extended Release Oral Tablet", ("statin",), True),
        ("0.5 ML iron sucrose 20 MG/ML Injection", ("intravenous iron",), True),
        ("iron 45 MG Oral Tablet", ("iron",), True),
        ("hydrochlorothiazide 12.5 MG / simvastatin 10 MG", ("thiazide", "statin"), True),
        ("hydrochlorothiazide 12.5 MG / lisinopril 10 MG", ("thiazide",), False),
        ("insulin, regular, human 100 UNT/ML", ("insulin",), True),
        ("hydrochlorothiazide/simvastatin", ("thiazide", "statin"), True),
        ("hydrochlorothiazide/lisinopril 10 MG", ("thiazide",), False),
        ("Oral iron", ("iron",), True),
        ("IV iron sucrose", ("intravenous iron",), True),
        ("topical simvastatin", (), False),
        ("oral", (), False),
        ("stopped simvastatin", (), False),
        ("simvastatin 20 MG, stopped in May", (), False),
        ("simvastatin (not taken)", (), False),
        ("simvastatin?", (), False),
        ("hydrochlorothiazide / simvastatin, discontinued", (), False),
        ("allergic to simvastatin", (), False),
        ("simvastatinum 20 MG", (), False),
        ("lisinopril 10 MG", (), False),
        ("20", (), False),
        ("/ / /", (), False),
        ("", (), False),
    ],
)
def test_a_product_is_read_by_how_its_parts_start(name, meanings, complete):
    """Whole words at the start of a part; a part that is not known leaves it incomplete."""
    assert KNOWN.of(name) == Product(meanings, complete)


@pytest.fixture
def knowledge(tmp_path):
    rows = "system,code,match,finding,display\nRxNorm,36567,narrower,statin_use,Simvastatin\n"
    finding = "- {id: statin_use, name: A statin, kind: medication, sources: [judgement]}\n"
    return load(tmp_path, {"findings/own.yaml": finding, "codes/own.csv": rows})


def warned(answer):
    return [warning.code for warning in answer.warnings]


@pytest.mark.parametrize(
    "medicine",
    [
        {"text": "simvastatin 20 MG Oral Tablet"},
        {"code": {"system": "RxNorm", "code": "312961", "display": "simvastatin 20 MG Tablet"}},
        {"code": {"system": "NDC", "code": "00006-0740", "display": "Simvastatin 20 mg"}},
    ],
)
def test_a_medicine_whose_code_says_nothing_is_read_by_its_name(knowledge, medicine):
    """The finding is present, and the result says that a name was read."""
    answer = crampdx.assess({"medications": [medicine]}, knowledge)
    assert warned(answer) == ["read_from_name"]
    assert answer.warnings[0].findings == ("statin_use",)
    assert answer.not_used == ()


def test_a_known_code_is_read_and_its_name_is_not(knowledge):
    """A name adds nothing to a code that is known."""
    code = {"system": "RxNorm", "code": "36567", "display": "anything"}
    assert warned(crampdx.assess({"medications": [{"code": code}]}, knowledge)) == []


def test_a_name_that_is_not_known_leaves_the_medicine_unread(knowledge):
    """It is counted as outside the vocabulary."""
    answer = crampdx.assess({"medications": [{"text": "stopped simvastatin"}]}, knowledge)
    assert [entry.reason for entry in answer.not_used] == ["outside_vocabulary"]


def test_a_medicine_that_was_stopped_is_not_present(knowledge):
    """A name says which medicine it is; the status says whether it is taken."""
    medicine = {"text": "simvastatin", "stop": "2020-01-01"}
    answer = crampdx.assess({"as_of": "2026-01-01", "medications": [medicine]}, knowledge)
    assert answer.unexplained == ()
    assert [entry.reason for entry in answer.not_used] == ["past"]


NAMED = """
- id: loop_diuretic_use
  name: A loop diuretic
  kind: medication
  shown_by: [{medicine_names: [frusemide, co-amilofruse]}]
  because: The names are those of loop diuretics.
  sources: [judgement]
"""


@pytest.mark.parametrize(
    "text", ["Frusemide 40 mg tablets", "CO-AMILOFRUSE 2.5/20", "oral frusemide"]
)
def test_a_name_that_a_finding_lists_shows_it(tmp_path, text):
    """A substance without a code is read by its names too, and the result says so."""
    knowledge = load(tmp_path, {"findings/own.yaml": NAMED})
    answer = crampdx.assess({"medications": [{"text": text}]}, knowledge)

    assert [(w.code, w.findings) for w in answer.warnings] == [
        ("read_from_name", ("loop_diuretic_use",))
    ]
    assert answer.not_used == ()


def test_names_of_medicines_show_findings_on_medicines_alone(tmp_path):
    """Where the names stand in another finding, its file is refused at their place."""
    with pytest.raises(KnowledgeError) as refused:
        load(tmp_path, {"findings/own.yaml": NAMED.replace("kind: medication", "kind: symptom")})

    assert "names of medicines show no finding of kind 'symptom'" in str(refused.value)
    assert "own.yaml:5:" in str(refused.value)


@pytest.mark.parametrize("name", ["Frusemide", "", "[frusemide]", "frusemide/amiloride", "a" * 61])
def test_names_of_medicines_are_plain(tmp_path, name):
    """They are in small letters, without marks that a product's name gives a meaning."""
    with pytest.raises(KnowledgeError, match="medicine_names"):
        load(tmp_path, {"findings/own.yaml": NAMED.replace("frusemide,", f"'{name}',")})


def test_every_shipped_name_is_read():
    """Each name that a finding lists shows it, also where a shorter one means something else."""
    knowledge = KnowledgeBase.load("article", "extended")
    known = Vocabulary(knowledge).ingredients
    listed = list(knowledge.medicine_names())

    unread = [
        (name, finding)
        for name, finding in listed
        if finding not in {match.finding for match in known.of(f"{name.upper()} 5 mg").meanings}
    ]

    assert listed
    assert unread == []


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("calcium channel blocker", "calcium_supplement_use"),
        ("iron sucrose 100 mg", "iron_supplement_use"),
        ("potassium-sparing diuretic", "potassium_supplement_use"),
    ],
)
def test_a_longer_name_is_not_read_as_the_shorter(text, finding):
    """A name that begins like another medicine is not taken for that."""
    known = Vocabulary(KnowledgeBase.load("article", "extended")).ingredients

    assert finding not in {match.finding for match in known.of(text).meanings}
