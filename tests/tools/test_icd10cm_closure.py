"""The developer tool that writes the ICD-10-CM codes of families of diagnoses."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import icd10cm_closure
import pytest

import crampdx

pytest.importorskip("simple_icd_10_cm", reason="ICD-10-CM comes with this development dependency")


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    return icd10cm_closure


def families(path: Path, *lines: str) -> Path:
    file = path / "families.csv"
    file.write_text("finding,family,but,reason\n" + "".join(f"{line}\n" for line in lines))
    return file


def test_a_family_is_its_codes_and_all_below(tool, tmp_path):
    """Several codes, each with what lies below it."""
    (family,) = tool.read_families(families(tmp_path, "diabetes,E11.4 E10.40,,"))

    codes = {row.code for row in tool.expand([family])}

    assert codes == {"E10.40", *(f"E11.4{last}" for last in ("", 0, 1, 2, 3, 4, 9))}


def test_what_a_family_leaves_out_stays_out_with_all_below(tool, tmp_path):
    """'but' takes away a code and its descendants."""
    (family,) = tool.read_families(families(tmp_path, "smoking,F17.2,F17.22 F17.21,a reason"))

    codes = {row.code for row in tool.expand([family])}

    assert "F17.203" in codes
    assert not {code for code in codes if code.startswith(("F17.21", "F17.22"))}


def test_a_run_of_categories_is_all_between_first_and_last(tool):
    """Both ends belong to it; categories with a letter are named one by one."""
    codes = tool.below(["C43-C45"])

    assert {code[:3] for code in codes} == {"C43", "C44", "C45"}


def test_what_is_left_out_needs_a_reason(tool, tmp_path):
    """An exclusion without a reason is refused."""
    with pytest.raises(SystemExit, match="'but' and 'reason' go together: smoking"):
        tool.read_families(families(tmp_path, "smoking,F17.2,F17.22,"))


def test_rows_that_follow_from_others_are_left_out(tool):
    """By `implies`, and where a code file has the code and finding already."""
    rows = {tool.Row("leg_pain", "M79.6"), tool.Row("pain", "M79.6"), tool.Row("pain", "R52")}
    ancestors = {"leg_pain": frozenset({"pain"}), "pain": frozenset()}

    known = {tool.Row("pain", "R52"): "exact"}

    assert tool.without_implied(rows, known, ancestors) == [tool.Row("leg_pain", "M79.6")]


def test_the_shipped_files_are_up_to_date(tool, capsys):
    """What the families say stands in the packs."""
    tool.main(["--check"])

    assert "icd10cm_closure.csv" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("code", "finding"),
    [
        pytest.param("E11.65", "known_diabetes_mellitus", id="type 2 diabetes, hyperglycemia"),
        pytest.param("G35.B1", "known_multiple_sclerosis", id="active primary progressive"),
        pytest.param("S14.109S", "known_spinal_cord_injury", id="a sequela of the cervical cord"),
        pytest.param("C50.911", "known_cancer", id="cancer of the breast"),
        pytest.param("I70.213", "claudication", id="atherosclerosis with claudication"),
    ],
)
def test_a_code_of_the_problem_list_is_read(code, finding):
    """A diagnosis with its complication is the diagnosis."""
    record = {"diagnoses": [{"code": {"system": "ICD-10-CM", "code": code}}]}
    knowledge = crampdx.KnowledgeBase.load("article", "extended")

    trace = crampdx.Assessor(knowledge).trace(record)

    assert trace.states[finding] is True


@pytest.mark.parametrize("code", ["G20.C", "F17.211", "C44.310", "I25.41", "E20.1"])
def test_what_a_family_leaves_out_is_not_read_as_it(code):
    """A neighbor in the hierarchy that means something else shows nothing of the family."""
    record = {"diagnoses": [{"code": {"system": "ICD-10-CM", "code": code}}]}
    knowledge = crampdx.KnowledgeBase.load("article", "extended")
    excluded = {
        "known_parkinson_disease",
        "smoking",
        "known_cancer",
        "coronary_artery_disease",
        "known_hypoparathyroidism",
    }

    states = crampdx.Assessor(knowledge).trace(record).states

    assert not {name for name in excluded if states.get(name)}
