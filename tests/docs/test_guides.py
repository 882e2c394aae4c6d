"""The guides for rule authors: every file is written and every command run, in order."""

import re
import shlex
from pathlib import Path

import pytest

from crampdx import cli

DOCS = Path(__file__).resolve().parents[2] / "docs"
BLOCK = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")

    def run(command):
        program, *arguments = shlex.split(command)
        assert program == "crampdx"
        cli.run(arguments)
        captured = capsys.readouterr()
        return captured.out + captured.err

    return run


def assert_shown(shown, output, command):
    """Each line that the page shows is printed, in that order; `…` stands for anything."""
    rest = output
    for line in shown.splitlines():
        if line == "…" or not line.strip():
            continue
        start = line.removesuffix("…")
        assert start in rest, f"$ {command}\n{output}\nlacks: {line}"
        rest = rest.partition(start)[2]


@pytest.mark.parametrize("guide", ["first-rule.md", "how-to/add-a-red-flag.md"])
def test_the_guide_works_as_it_is_written(guide, run, tmp_path):
    """Its files are written where they say; its commands print what the page shows."""
    steps = list(BLOCK.finditer((DOCS / guide).read_text(encoding="utf-8")))
    assert any(kind == "console" for kind, _, _ in (step.groups() for step in steps))
    for kind, title, text in (step.groups() for step in steps):
        if title:
            path = tmp_path / title
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        elif kind == "console":
            for command, shown in COMMAND.findall(text):
                assert_shown(shown, run(command), command)
