"""Who answers for an entry: its own review or that of its pack, and what it reads of the person."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from packs import cause, findings, load

from crampdx.knowledge.governance import Governance, Governed, governance

CITED = "because: So., sources: [judgement]"
OLD = (
    "- {id: old, name: Old, kind: attribute, shown_by: [{attribute: age, unit: a,"
    f" present: {{from: 65}}, absent: {{below: 65}}}}], {CITED}}}\n"
)


def entries(folder: Path, more: str) -> dict[str, tuple[Governed, Governance]]:
    """An entry of each kind that rests on age, with more keys."""
    knowledge = load(
        folder,
        {
            "findings/base.yaml": findings("rash") + OLD,
            "causes/flu.yaml": cause("flu", "id: flu.old, when: old, favors: weak")
            + more.replace(", ", "\n"),
            "red_flags/flag.yaml": "{id: flag, name: F, urgency: soon, when: rash, unless: old,"
            f" consider: C, {CITED}, {more}}}",
            "tests.yaml": f"- {{id: look, name: Look, kind: blood, shows: [rash], {CITED},"
            f" population: {{age: {{from: 18}}}}, {more}}}",
            "treatments/rest.yaml": "- {id: rest, name: Rest, kind: lifestyle, indications: ["
            f"{{id: rest.flu, causes: [flu], {CITED}}}], cautions: [{{id: rest.old, when: old,"
            f" level: avoid, {CITED}}}], {more}}}",
        },
    )
    found = (
        knowledge.causes["flu"],
        knowledge.red_flags["flag"],
        knowledge.tests["look"],
        knowledge.treatments["rest"],
    )
    return {type(entry).__name__: (entry, governance(entry, knowledge)) for entry in found}


KINDS = pytest.mark.parametrize("kind", ["Cause", "RedFlag", "Test", "Treatment"])


@KINDS
def test_an_entry_has_the_dates_of_its_pack(kind: str, tmp_path: Path) -> None:
    """Where an entry has no review of its own, that of its pack holds, and it is a draft."""
    _, found = entries(tmp_path, "status: draft")[kind]
    assert (found.pack, found.status) == ("own", "draft")
    assert (found.reviewed, found.next_review) == (date(2026, 1, 1), date(2027, 1, 1))


@KINDS
def test_an_entry_has_a_review_of_its_own(kind: str, tmp_path: Path) -> None:
    """The status and the dates of an entry outrank those of its pack."""
    more = "status: reviewed, reviewed: 2026-02-03, next_review: 2026-08-03"
    _, found = entries(tmp_path, more)[kind]
    assert found.status == "reviewed"
    assert (found.reviewed, found.next_review) == (date(2026, 2, 3), date(2026, 8, 3))


@KINDS
def test_what_an_entry_reads_of_the_person(kind: str, tmp_path: Path) -> None:
    """Age is read by a criterion, an indication, a caution or a population."""
    _, found = entries(tmp_path, "status: draft")[kind]
    assert found.uses == ("date_of_birth",)
