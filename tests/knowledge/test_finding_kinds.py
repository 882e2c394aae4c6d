"""Kinds of findings: what follows from each is in one table, and the documentation lists them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from crampdx.knowledge.finding_kinds import FindingKind, _traits_of
from crampdx.knowledge.models import Finding

RULE_FORMAT = Path(__file__).resolve().parents[2] / "docs" / "rule-format.md"


def test_the_documentation_lists_every_kind() -> None:
    """The comment after `kind:` in the rule format names the kinds of the library, in its order."""
    (listed,) = re.findall(r"kind: laboratory +# (.+)", RULE_FORMAT.read_text(encoding="utf-8"))
    assert listed.split() == [kind.value for kind in FindingKind]


def test_a_kind_without_traits_fails() -> None:
    """What has no row in the table is refused, so that importing a new kind without one fails."""
    with pytest.raises(AssertionError):
        _traits_of("gait")  # type: ignore[arg-type]


def test_labels_differ() -> None:
    """No two kinds share a heading."""
    assert len({kind.traits.label for kind in FindingKind}) == len(FindingKind)


def test_what_the_person_reports_is_not_objective() -> None:
    """What a person is asked for is asked at the visit, and is neither objective nor examined."""
    for traits in (kind.traits for kind in FindingKind if kind.traits.is_self_reported):
        assert (traits.is_asked, traits.is_objective, traits.is_examined) == (True, False, False)


@pytest.mark.parametrize(
    ("kind", "ask", "expected"),
    [("sign", "Is it there?", True), ("sign", None, False), ("laboratory", "Is it low?", False)],
)
def test_a_finding_can_be_asked(kind: str, ask: str | None, expected: bool) -> None:
    """A finding can be asked for where it has a question and its kind takes no test."""
    finding = Finding.model_validate({"id": "one", "name": "One", "kind": kind, "ask": ask})
    assert finding.can_be_asked is expected
