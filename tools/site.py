"""Put the documentation site together and build it, with warnings as errors.

    python tools/site.py           into build/site
    python -m http.server -d build/site --bind 127.0.0.1     to look at it

The site has the folders of the repository, so that a link of a page leads to the same place in
both: the README, the changelog, all of ``docs/``, whatever these link to, and ``reference/`` with
the pages that ``crampdx docs`` writes. The settings are in ``zensical.toml``, without the
navigation, which is made here.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from crampdx import KnowledgeBase, KnowledgeError
from crampdx.authoring.reference_pages import pages
from crampdx.authoring.reference_pages.folder import MANIFEST, write_pages

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build"
SOURCE = BUILD / "site-src"
PACKS = ("article", "extended")
ASSETS = ("docs/assets/site.css",)
REFERENCE = (
    "index", "causes", "groups", "findings", "tests", "treatments", "prevention", "red-flags",
    "matrix", "fhir", "bibliography", "transparency",
)  # fmt: skip
"""The pages of the reference that the navigation shows, in its order."""

_LINK = re.compile(r"\]\(([^)\s]+)\)")
_FENCED = re.compile(r"^```.*?^```", re.M | re.S)

Nav = list[Any]
"""Paths, and mappings of one title to a path or to a list of the same kind."""


def linked_files(page: Path) -> Iterator[Path]:
    """The files of the repository that a Markdown page links to.

    Raises:
        SystemExit: A link leads to no file, or out of the repository.
    """
    for link in _LINK.findall(_FENCED.sub("", page.read_text(encoding="utf-8"))):
        path = link.partition("#")[0]
        if not path or re.match(r"\w+:", path):
            continue
        target = (page.parent / path).resolve()
        if not target.is_file() or not target.is_relative_to(ROOT):
            raise SystemExit(f"{page.relative_to(ROOT)}: '{link}' leads to no file of the project")
        yield target


def with_what_they_link_to(first: Iterable[Path]) -> set[Path]:
    """These files and all that can be reached from the Markdown pages among them."""
    reached: set[Path] = set()
    waiting = list(first)
    while waiting:
        path = waiting.pop()
        if path not in reached:
            reached.add(path)
            waiting += linked_files(path) if path.suffix == ".md" else ()
    return reached


def assemble() -> None:
    """Put all pages of the site into build/site-src, which is made anew."""
    shutil.rmtree(SOURCE, ignore_errors=True)
    first = [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")]
    for path in with_what_they_link_to([*first, *(ROOT / asset for asset in ASSETS)]):
        target = SOURCE / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    write_pages(SOURCE / "reference", pages(KnowledgeBase.load(*PACKS)))
    (SOURCE / "reference" / MANIFEST).unlink()


# ------------------------------------------------------------------------------------- navigation


def navigation() -> Nav:
    """The navigation: the guide in the order of its index, the reference, decisions, changes."""
    guide = ordered(SOURCE / "docs" / "index.md")
    folders = sorted(path for path in (SOURCE / "docs").iterdir() if any(path.glob("*.md")))
    return [
        {"Home": "README.md"},
        {"Guide": [*guide, "examples/README.md"]},
        {"Reference": reference()},
        *({path.name.capitalize(): ordered(path / "README.md")} for path in folders),
        {"Contributing": ["CONTRIBUTING.md", "SECURITY.md"]},
        {"Changes": "CHANGELOG.md"},
    ]


def ordered(index: Path) -> Nav:
    """The index of a folder and the pages beside it, in the order in which it links to them."""
    beside = sorted(index.parent.glob("*.md"))
    linked = [path for path in linked_in_site(index) if path in beside]
    first = [index] if index.exists() else []
    return [in_site(path) for path in dict.fromkeys([*first, *linked, *beside])]


def linked_in_site(index: Path) -> list[Path]:
    """Where the links of a page of the site lead."""
    links = _LINK.findall(index.read_text(encoding="utf-8")) if index.exists() else []
    return [(index.parent / link.partition("#")[0]).resolve() for link in links]


def reference() -> Nav:
    """The pages of the reference; below the causes, each of them."""
    causes = sorted((SOURCE / "reference" / "causes").glob("*.md"))
    below = {"causes": [{"All causes": "reference/causes.md"}, *map(in_site, causes)]}
    return [
        {name.capitalize(): below[name]} if name in below else f"reference/{name}.md"
        for name in REFERENCE
    ]


def in_site(path: Path) -> str:
    """The path of a page inside the site."""
    return path.relative_to(SOURCE).as_posix()


def toml(value: Any) -> str:
    """The navigation as a value of TOML.

    >>> toml([{"Home": "README.md"}, "a.md"])
    '[{"Home" = "README.md"}, "a.md"]'
    """
    if isinstance(value, list):
        return f"[{', '.join(map(toml, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{toml(key)} = {toml(part)}' for key, part in value.items())}}}"
    return json.dumps(value)


def build() -> int:
    """Build the site into build/site; the exit status of the builder."""
    shutil.rmtree(BUILD / "site", ignore_errors=True)
    settings = (ROOT / "zensical.toml").read_text(encoding="utf-8")
    settings = settings.replace("nav = []", f"nav = {toml(navigation())}")
    config = BUILD / "zensical.toml"
    config.write_text(settings, encoding="utf-8")
    command = [sys.executable, "-m", "zensical", "build", "--strict", "--clean", "-f", str(config)]
    return subprocess.run(command, cwd=BUILD, check=False).returncode  # noqa: S603


def main() -> int:
    """Assemble and build; 1 where the rules do not load or the builder warns."""
    try:
        assemble()
    except KnowledgeError as error:
        raise SystemExit(str(error)) from None
    return build()


if __name__ == "__main__":
    sys.exit(main())
