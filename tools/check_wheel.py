"""Build the wheel and use it where there is no checkout.

The wheel is built from this folder, installed into a clean environment in a temporary folder, and
tried there: the modules come from the environment, the packs that ship load in their checked form,
the schemas are there, and a record is assessed, in Python without any extra and then on the command
line.

    python tools/check_wheel.py [--keep FOLDER]     FOLDER gets the wheel that was checked
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import venv
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = ROOT / "examples" / "als_cramps_and_weakness.json"
PACKAGE_SUFFIXES = {".py", ".csv", ".json", ".html", ".css", ".js", ".svg"}
EXPECTED_FIRST = "amyotrophic_lateral_sclerosis"

TRIAL = """
import json, pathlib, sys, crampdx
from importlib.resources import files
from crampdx.engine.evaluators.selection import default_evaluator

package = files("crampdx")
assert pathlib.Path(sys.prefix) in pathlib.Path(str(package)).parents, package
assert "typer" not in sys.modules
assert list((package / "schemas").iterdir()), "no schemas"
knowledge = crampdx.KnowledgeBase.load("article", "snomed_affiliate")
answer = crampdx.assess(pathlib.Path(sys.argv[1]).read_bytes())
assert "yaml" not in sys.modules, "rules were read from YAML, not in their checked form"
first = answer.candidates[0].cause
print(json.dumps({"first": first, "inference": answer.inference, "default": default_evaluator()}))
"""


class Failed(Exception):
    """The wheel is not as it should be."""


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command and return what it prints; its errors are shown when it fails."""
    done = subprocess.run(  # noqa: S603 - our own commands
        [str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Failed(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


def built(folder: Path) -> Path:
    """Build the wheel into the folder."""
    run(sys.executable, "-m", "build", "--wheel", "--outdir", folder, ROOT, cwd=folder)
    (wheel,) = folder.glob("*.whl")
    return wheel


def expected_names() -> Iterator[str]:
    """What the wheel holds beside its metadata: the package, rules in both forms, and schemas."""
    for folder, suffixes, target in (
        (ROOT / "src" / "crampdx", PACKAGE_SUFFIXES, "crampdx"),
        (ROOT / "examples", {".json", ".md", ".py"}, "crampdx/examples"),
        (ROOT / "rules", {".yaml", ".csv"}, "crampdx/rules"),
        (ROOT / "build" / "checked", {".jsonl"}, "crampdx/rules/checked"),
        (ROOT / "schemas", {".json"}, "crampdx/schemas"),
    ):
        for path in folder.rglob("*"):
            if path.suffix in suffixes or path.name == "py.typed":
                yield f"{target}/{path.relative_to(folder).as_posix()}"


def check_contents(wheel: Path) -> None:
    """Everything that is to ship is in the wheel, licence and notice too, and nothing else."""
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    inside = {name for name in names if ".dist-info/" not in name}
    expected = set(expected_names())
    if missing := sorted(expected - inside):
        raise Failed(f"missing in the wheel: {', '.join(missing)}")
    if extra := sorted(inside - expected):
        raise Failed(f"not meant for the wheel: {', '.join(extra)}")
    for name in ("LICENSE", "NOTICE"):
        if not any(n.endswith(f".dist-info/licenses/{name}") for n in names):
            raise Failed(f"{name} is not in the wheel")


def check_use(wheel: Path, folder: Path) -> None:
    """Install the wheel into a clean environment and assess the example, twice."""
    venv.create(folder / "env", with_pip=True)
    python = folder / "env" / "bin" / "python"
    install = (python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    run(*install, wheel, cwd=folder)
    record = Path(shutil.copy(EXAMPLE, folder))
    answer = json.loads(run(python, "-I", "-c", TRIAL, record, cwd=folder))
    if answer["first"] != EXPECTED_FIRST or answer["inference"] != answer["default"]:
        raise Failed(f"the assessment is not as expected: {answer}")
    run(*install, f"{wheel}[cli]", cwd=folder)
    command = python.with_name("crampdx")
    shown = json.loads(run(command, "assess", record, "--output", "json", cwd=folder))
    if shown["candidates"][0]["cause"] != EXPECTED_FIRST:
        raise Failed("the command line does not give the same first candidate")


def main(arguments: Iterable[str] | None = None) -> int:
    """Build and check; the exit status tells."""
    parser = argparse.ArgumentParser(description="Build the wheel and try it elsewhere.")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="copy the wheel there")
    options = parser.parse_args(None if arguments is None else list(arguments))
    with tempfile.TemporaryDirectory(prefix="crampdx-wheel-") as name:
        folder = Path(name)
        try:
            wheel = built(folder)
            check_contents(wheel)
            check_use(wheel, folder)
        except Failed as error:
            print(f"the wheel fails: {error}", file=sys.stderr)
            return 1
        if options.keep is not None:
            options.keep.mkdir(parents=True, exist_ok=True)
            shutil.copy(wheel, options.keep)
        print(f"{wheel.name}: contents, assessment and command line are as expected")
    return 0


if __name__ == "__main__":
    sys.exit(main())
