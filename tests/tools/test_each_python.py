"""The Pythons that crampdx is for: which they are, how they are found, and where they are used."""

from __future__ import annotations

import os
import platform
import re
import sys
from pathlib import Path

import each_python as tool
import pytest

ROOT = Path(__file__).parents[2]


def interpreter(folder: Path, name: str, says: str) -> Path:
    """A program that answers like an interpreter of that version."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\necho {says}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture
def nothing_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine without any Python: an empty PATH and an empty folder of pyenv."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    return tmp_path


def test_the_versions_are_those_of_the_classifiers() -> None:
    """The versions are read from pyproject.toml, and the earliest is the one that it requires."""
    versions = tool.supported_versions()
    assert versions == sorted(versions, key=lambda v: int(v.split(".")[1]))
    required = re.search(r'requires-python = ">=(3\.\d+)"', (ROOT / "pyproject.toml").read_text())
    assert required is not None
    assert versions[0] == required[1]


def test_this_python_is_one_of_them() -> None:
    """These tests run on a Python that crampdx is for."""
    assert ".".join(platform.python_version_tuple()[:2]) in tool.supported_versions()


def test_the_container_runs_a_tested_python() -> None:
    """Each stage of the Containerfile has one Python, and it is one that is tested."""
    stages = re.findall(r"^FROM \S*python:(\S+)-slim", (ROOT / "Containerfile").read_text(), re.M)
    assert len(stages) == 2
    assert len(set(stages)) == 1
    assert stages[0] in tool.supported_versions()


def test_the_container_needs_no_compiler() -> None:
    """durable-rules, which is compiled, is not installed for the Python of the Containerfile."""
    text = (ROOT / "Containerfile").read_text()
    version = re.search(r"python:3\.(\d+)-slim", text)
    assert version is not None
    assert int(version[1]) >= 13
    assert "build-essential" not in text


def test_one_on_the_path_is_found(nothing_installed: Path) -> None:
    """An interpreter is found by its name on the PATH."""
    path = interpreter(nothing_installed / "bin", "python3.12", "3.12.9")
    assert tool.find_python("3.12") == ("3.12", path, "3.12.9")


def test_one_of_pyenv_is_found(nothing_installed: Path) -> None:
    """An interpreter is found among the versions of pyenv."""
    path = interpreter(nothing_installed / "pyenv/versions/3.13.0/bin", "python", "3.13.0")
    assert tool.find_python("3.13") == ("3.13", path, "3.13.0")


@pytest.mark.parametrize("says", ["3.11.2", "''; exit 127"])
def test_one_that_is_something_else_is_passed_over(nothing_installed: Path, says: str) -> None:
    """A name on the PATH that is another version, or does not run, is not taken for it."""
    interpreter(nothing_installed / "bin", "python3.12", says)
    assert tool.find_python("3.12") is None


def test_what_is_not_there_is_said(
    nothing_installed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without any interpreter nothing is tested, and each version that is missing is named."""
    assert tool.main(["--fast"]) == 0
    out = capsys.readouterr().out
    assert all(f"Python {version}: not on this" in out for version in tool.supported_versions())


def test_the_one_left_out_is_not_looked_for(
    nothing_installed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The version that is left out is not spoken of."""
    tool.main(["--fast", "--except", "3.11"])
    assert "3.11" not in capsys.readouterr().out


def test_the_fast_part_is_there() -> None:
    """The folders of the fast part hold tests."""
    assert all(list((ROOT / folder).rglob("test_*.py")) for folder in tool.FAST)


def test_this_interpreter_can_be_asked() -> None:
    """A real interpreter says its version."""
    assert tool._version_of(Path(sys.executable)) == platform.python_version()
    assert tool._version_of(Path(os.devnull)) is None
