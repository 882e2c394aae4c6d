"""The documentation: its examples run, its links lead somewhere, its tables are complete."""

from __future__ import annotations

import dataclasses
import doctest
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

import crampdx
from crampdx import assessment
from crampdx.record import models as record

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "SECURITY.md",
    ROOT / "examples" / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]
FENCE = re.compile(r"^```(\w*)(?: title=\"[^\"]+\")?\s*$")
LINK = re.compile(r"\]\(([^)\s]+)\)")


def page_id(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def examples(text: str) -> str:
    """The text with all but its Python blocks blanked, so that line numbers stay."""
    lines: list[str] = []
    language: str | None = None
    for line in text.splitlines():
        fence = FENCE.match(line)
        if fence:
            language = (fence[1] or "text") if language is None else None
        lines.append(line if language == "python" and not fence else "")
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("path", PAGES, ids=page_id)
def test_the_examples_of_a_page_run(path: Path) -> None:
    """Every example gives what the page says it gives; a page is one session."""
    text = examples(path.read_text(encoding="utf-8"))
    test = doctest.DocTestParser().get_doctest(text, {}, page_id(path), str(path), 0)
    report: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    runner.run(test, out=report.append)
    assert runner.failures == 0, "".join(report)


@pytest.mark.parametrize("path", PAGES, ids=page_id)
def test_the_links_of_a_page_lead_somewhere(path: Path) -> None:
    """A link to a file leads to one that exists, and its anchor to a heading of it."""
    for link in LINK.findall(path.read_text(encoding="utf-8")):
        if re.match(r"\w+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_page_is_in_the_index() -> None:
    """The index of a folder links to each of its pages."""
    for index in (ROOT / "docs" / "index.md", ROOT / "docs" / "decisions" / "README.md"):
        linked = set(LINK.findall(index.read_text(encoding="utf-8")))
        assert {p.name for p in index.parent.glob("*.md")} - {index.name} <= linked


def record_fields() -> Iterator[str]:
    for name in record.__all__:
        model = getattr(record, name)
        if isinstance(model, type) and issubclass(model, BaseModel):
            yield from model.model_fields


def assessment_fields() -> Iterator[str]:
    yield from assessment.Assessment.model_fields
    for name in assessment.__all__:
        part = getattr(assessment, name)
        if dataclasses.is_dataclass(part):
            yield from (field.name for field in dataclasses.fields(part))


@pytest.mark.parametrize(
    ("page", "fields"),
    [("record.md", record_fields()), ("assessment.md", assessment_fields())],
    ids=["record", "assessment"],
)
def test_every_field_is_documented(page: str, fields: Iterator[str]) -> None:
    """The page of the record, and that of the assessment, name every field."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    assert sorted({field for field in fields if f"`{field}`" not in text}) == []


def test_every_warning_is_documented() -> None:
    """The table of warnings in the concepts has just those that intake can give."""
    folder = ROOT / "src" / "crampdx" / "engine" / "intake"
    source = "\n".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    given = set(
        re.findall(r'(?:leave_unresolved\(|_UnreadableValue\(|Level\.[A-Z]+,)\s*"(\w+)"', source)
    )
    text = (ROOT / "docs" / "concepts.md").read_text(encoding="utf-8")
    table = text.split("### Warnings")[1].split("Entries that the rules have no word for")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.M)) == given


NOT_USED: list[dict[str, Any]] = [
    {"findings": {"HP:0000001": True}},
    {"findings": {"fatigue": "past"}},
    {"findings": {"fatigue": {"context": "family"}}},
    {"findings": {"fatigue": {"context": "ordered"}}},
    {"test_results": {"electromyography": {"status": "not_done"}}},
    {"findings": {"HP:0003474": True}},
    {"findings": {"HP:0008991": False}},
]


def test_every_reason_of_not_used_is_documented() -> None:
    """What intake counts as not used is in the concepts, by reason and in this order."""
    text = (ROOT / "docs" / "concepts.md").read_text(encoding="utf-8")
    table = text.split("Entries that the rules have no word for")[1]
    article = crampdx.KnowledgeBase.load("article")
    counted = [crampdx.assess(given, article).not_used[0].reason for given in NOT_USED]
    assert re.findall(r"^\| `(\w+)` \|", table, re.M) == counted


def test_the_changelog_has_the_version() -> None:
    """The newest version of the changelog is that of the package."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.search(r"^## (\S+) - (\d{4}-\d\d-\d\d)$", text, re.M)
    assert newest is not None
    assert newest[1] == crampdx.__version__
