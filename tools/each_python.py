"""Run the tests on every Python that crampdx is for and that this machine has.

    python tools/each_python.py [--fast] [--except 3.11] [-- PYTEST_ARGUMENTS]

The versions are those of the classifiers in pyproject.toml. Each is looked for on the PATH
(`python3.12`) and among the versions of pyenv, and has an environment of its own below
build/pythons, made anew where what it is made from has changed. What was found and what was not is
printed first. A version that is not there is passed over; one that fails makes this fail.

The fast part leaves out the laws, which draw many examples, and what takes a browser, a server in
a process of its own, or a development tool.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "build" / "pythons"
CLASSIFIER = "Programming Language :: Python :: "
FAST = ("tests/engine", "tests/spec", "tests/text", "tests/record", "tests/inputs", "tests/cli")
"""The folders of the fast part."""

WITHOUT_COMPILER = ("--only-binary", ":all:", "--no-binary", "durable-rules")
"""What keeps pip from compiling anything but durable-rules, which has no wheels."""

MADE_FROM = ("pyproject.toml", "constraints.txt")
"""The files from which an environment is made."""


class Python(NamedTuple):
    """An interpreter: `3.12`, where it is, and its version in full."""

    version: str
    path: Path
    full_version: str


def supported_versions() -> list[str]:
    """The versions of Python that the classifiers name, the earliest first."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = [c.removeprefix(CLASSIFIER) for c in project["classifiers"] if CLASSIFIER in c]
    return [version for version in named if re.fullmatch(r"3\.\d+", version)]


def find_python(version: str) -> Python | None:
    """Find an interpreter of this version that runs; None where there is none."""
    for path in _candidates(version):
        full_version = _version_of(path)
        if full_version is not None and full_version.startswith(f"{version}."):
            return Python(version, path, full_version)
    return None


def _candidates(version: str) -> Iterator[Path]:
    for folder in os.get_exec_path():
        if (path := Path(folder, f"python{version}")).is_file():
            yield path
    pyenv = os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv"
    yield from sorted(Path(pyenv).glob(f"versions/{version}.*/bin/python"))


def _version_of(path: Path) -> str | None:
    """The version that an interpreter says it has; None where it does not run or has no venv."""
    code = "import platform, ensurepip, venv; print(platform.python_version())"
    try:
        done = subprocess.run(  # noqa: S603 - an interpreter of this machine
            [path, "-c", code], capture_output=True, text=True, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def environment_of(python: Python) -> Path:
    """The interpreter of an environment with the library and its development tools.

    Raises:
        CalledProcessError: It cannot be made; pip has said why.
    """
    home = FOLDER / python.version
    inside = home / "bin" / "python"
    stamp = home / "made-from"
    digest = hashlib.sha256(str(python).encode())
    for name in MADE_FROM:
        digest.update((ROOT / name).read_bytes())
    if inside.exists() and stamp.exists() and stamp.read_text() == digest.hexdigest():
        return inside
    print(f"==> environment: {home.relative_to(ROOT)} (about a minute)", flush=True)
    shutil.rmtree(home, ignore_errors=True)
    _run(python.path, "-m", "venv", home)
    _run(inside, "-m", "pip", "install", "--quiet", *WITHOUT_COMPILER, "-e", ".[dev]")
    stamp.write_text(digest.hexdigest())
    return inside


def _run(*command: str | Path) -> None:
    constraints = str(ROOT / "constraints.txt")
    pinned = {"PIP_CONSTRAINT": constraints, "PIP_BUILD_CONSTRAINT": constraints}
    environment = {**os.environ, **pinned, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    subprocess.run(command, cwd=ROOT, env=environment, check=True)  # noqa: S603 - our own commands


def main(arguments: Sequence[str] | None = None) -> int:
    """Find, say what was found, and test; the exit status tells."""
    parser = argparse.ArgumentParser(description="Run the tests on every Python that there is.")
    parser.add_argument("--fast", action="store_true", help="only the fast part of the tests")
    parser.add_argument("--except", dest="left_out", metavar="VERSION", help="not on this one")
    parser.add_argument("pytest", nargs="*", help="arguments of pytest, after --")
    options = parser.parse_args(arguments)
    found = list(_found(version for version in supported_versions() if version != options.left_out))
    failed = []
    for python in found:
        print(f"\n==> Python {python.full_version}", flush=True)
        chosen = FAST if options.fast else ()
        try:
            inside = environment_of(python)
            _run(inside, "-m", "pytest", "-n", "2", "--quiet", *chosen, *options.pytest)
        except subprocess.CalledProcessError:
            failed.append(python.full_version)
    if failed:
        print(f"\nfailed on Python {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def _found(versions: Iterable[str]) -> Iterator[Python]:
    for version in versions:
        python = find_python(version)
        if python is None:
            print(f"Python {version}: not on this machine, passed over")
        else:
            print(f"Python {version}: {python.full_version}, {python.path}")
            yield python


if __name__ == "__main__":
    sys.exit(main())
