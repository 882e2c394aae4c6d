"""The guide to the first rule: every file is written and every command run, in order."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "first-rule.md"
BLOCK = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", re.MULTILINE)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("guide")


def run(command, folder):
    programs = Path(sys.executable).parent
    variables = {
        **os.environ,
        "COLUMNS": "100",
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
    }
    ended = subprocess.run(  # noqa: S602  # the commands of our own page
        command,
        shell=True,
        cwd=folder,
        env=variables,
        capture_output=True,
        timeout=300,
        check=False,
    )
    return (ended.stdout + ended.stderr).decode("utf-8")


def assert_shown(shown, output, command):
    """Each line that the page shows is printed, in that order; `…` stands for anything."""
    rest = output
    for line in shown.splitlines():
        if line == "…" or not line.strip():
            continue
        start = line.removesuffix("…")
        assert start in rest, f"$ {command}\n{output}\nlacks: {line}"
        rest = rest.partition(start)[2]


def test_the_guide_works_as_it_is_written(folder):
    """Its files are written where they say; its commands print what the page shows."""
    steps = list(BLOCK.finditer(GUIDE.read_text(encoding="utf-8")))
    assert any(kind == "console" for kind, _, _ in (step.groups() for step in steps))
    for kind, title, text in (step.groups() for step in steps):
        if title:
            path = folder / title
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        elif kind == "console":
            for command, shown in COMMAND.findall(text):
                assert command.startswith("crampdx ")
                assert_shown(shown, run(command, folder), command)
