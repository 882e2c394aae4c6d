"""The builder of the site: strict about links, and reading escaped text as text."""

import html
import importlib.util
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import markdown as python_markdown
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crampdx.errors import printable
from crampdx.outputs import markdown

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = tomllib.loads((ROOT / "zensical.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def tool():
    """The module `tools/site.py`."""
    given = importlib.util.spec_from_file_location("site_tool", ROOT / "tools" / "site.py")
    module = importlib.util.module_from_spec(given)
    given.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("link", "status"),
    [("other.md#here", 0), ("other.md#nowhere", 1), ("none.md", 1)],
)
def test_the_build_fails_on_a_link_that_leads_nowhere(tmp_path, link, status):
    """A warning of the builder is an error: a missing page or anchor ends the build."""
    pages = tmp_path / "docs"
    pages.mkdir()
    (pages / "index.md").write_text(f"# Home\n\n[x]({link})\n", encoding="utf-8")
    (pages / "other.md").write_text('# Other\n\n<a id="here"></a>\n', encoding="utf-8")
    (tmp_path / "zensical.toml").write_text('[project]\nsite_name = "x"\n', encoding="utf-8")
    command = [sys.executable, "-m", "zensical", "build", "--strict"]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)  # noqa: S603
    assert ended.returncode == status


@pytest.mark.parametrize("link", ["none.md", "../../..", "docs"])
def test_a_link_to_no_file_of_the_project_stops_the_assembly(tool, tmp_path, monkeypatch, link):
    """A page that links to what the site cannot hold is named."""
    monkeypatch.setattr(tool, "ROOT", tmp_path)
    page = tmp_path / "page.md"
    page.write_text(f"[x]({link})", encoding="utf-8")
    with pytest.raises(SystemExit, match=r"page\.md"):
        list(tool.linked_files(page))


def test_what_a_page_links_to_comes_along(tool, tmp_path, monkeypatch):
    """Links are followed from page to page; those to the web and those in examples are not."""
    monkeypatch.setattr(tool, "ROOT", tmp_path)
    (tmp_path / "a.md").write_text("[b](b.md#x) [w](https://example.org)\n", encoding="utf-8")
    (tmp_path / "b.md").write_text("[c](c.json)\n```\n[no](no.md)\n```\n", encoding="utf-8")
    (tmp_path / "c.json").write_text("{}", encoding="utf-8")
    reached = tool.with_what_they_link_to([tmp_path / "a.md"])
    assert {path.name for path in reached} == {"a.md", "b.md", "c.json"}


def test_the_navigation_is_written_as_toml(tool):
    """What the tool writes, a reader of TOML reads back."""
    navigation = [{"Home": "README.md"}, {'A "b"': ["c.md", {"D": "d.md"}]}]
    assert tomllib.loads(f"nav = {tool.toml(navigation)}")["nav"] == navigation


MARKUP = st.text(st.sampled_from("ab1_*`[]()<>&|~{}!#+-=:.@\"'\\/^$ whtps"), max_size=30)


@given(MARKUP)
@example("<script>alert(1)</script>")
@example("[a](javascript:alert(1))")
@example("a {: #id .class onclick=x }")
@example(":smile: ==a== ++b++ ^c^ (c) [[d]] !!! e")
@example("\N{START OF TEXT}klzzwxh:0000\N{END OF TEXT}")
def test_text_stays_text_in_the_site(text):
    """The builder's Markdown, with its extensions, reads escaped text as nothing but text."""
    shown = " ".join(text.split())
    source = markdown.paragraph(markdown.escaped(text))
    made = python_markdown.markdown(source, extensions=["tables", "md_in_html", "toc"])
    assert set(re.findall(r"<(\w+)", made)) <= {"p"}
    assert html.unescape(made) == (f"<p>{printable(shown, len(shown))}</p>" if shown else "")
