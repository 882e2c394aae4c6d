"""Formats of other packages: added by an entry point, read as our own, and never in their way."""

from __future__ import annotations

import logging
import re
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import crampdx
from crampdx import RecordError, cli
from crampdx.inputs import registry
from crampdx.inputs.detection import form_of, read
from crampdx.inputs.registry import BUILT_IN, input_formats, media_types, titles

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs/how-to/add-an-input-format.md"
BLOCK = re.compile(r'^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$', re.MULTILINE | re.DOTALL)
FILES = {title: text for _, title, text in BLOCK.findall(GUIDE.read_text("utf-8")) if title}
RECORD = {"findings": {"muscle_cramp": True}}
TABLE = FILES["values.csv"]

Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Install a package with one module, as pip would: the module, and metadata beside it."""
    modules: list[str] = []

    def installed(module: str, text: str, **entry_points: str) -> None:
        (tmp_path / f"{module}.py").write_text(text)
        metadata = tmp_path / f"{module}-1.0.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
        lines = "\n".join(f"{name} = {value}" for name, value in entry_points.items())
        (metadata / "entry_points.txt").write_text(f"[{registry.GROUP}]\n{lines}\n")
        modules.append(module)
        monkeypatch.syspath_prepend(str(tmp_path))
        input_formats.cache_clear()

    yield installed
    for module in modules:
        sys.modules.pop(module, None)
    monkeypatch.undo()
    input_formats.cache_clear()


@pytest.fixture
def lab_table(install: Install) -> None:
    """The package of the guide, installed."""
    project = tomllib.loads(FILES["pyproject.toml"])["project"]
    install("lab_table", FILES["lab_table.py"], **project["entry-points"][registry.GROUP])


# ------------------------------------------------------------------------------ one that works


@pytest.mark.usefixtures("lab_table")
def test_a_format_of_another_package_is_read() -> None:
    """A document of it becomes a record; what is not read of it is counted."""
    record = read(TABLE, "2026-03-02")

    assert [(m.value, m.unit, m.date, m.origin) for m in record.measurements] == [
        (2.9, "mmol/L", "2026-03-01", "line[2]")
    ]
    assert [(out.reason, out.places) for out in record.left_out] == [("no_value", ("line[3]",))]
    assert crampdx.assess(record).candidates[0].cause == "hypokalemia"


@pytest.mark.usefixtures("lab_table")
def test_our_own_formats_are_read_as_before() -> None:
    """A further format takes nothing from those that are there."""
    assert [form_of(document) for document in (RECORD, {"resourceType": "Bundle"}, TABLE)] == [
        "record",
        "fhir",
        "lab_table",
    ]


@pytest.mark.usefixtures("lab_table")
def test_all_that_names_formats_names_a_further_one() -> None:
    """Sentences, media types and refusals come from the formats that are there."""
    assert titles() == "a record of crampdx, FHIR, a Phenopacket or a laboratory table"
    assert "text/csv" in media_types()
    with pytest.raises(RecordError, match=r"a laboratory table \(CSV that begins with"):
        read({"foo": 1})


@pytest.mark.usefixtures("lab_table")
def test_the_command_of_the_guide_prints_what_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The guide works as it is written."""
    (shown,) = (text for kind, _, text in BLOCK.findall(GUIDE.read_text()) if kind == "console")
    command, *lines = shown.splitlines()
    (tmp_path / "values.csv").write_text(TABLE)
    monkeypatch.chdir(tmp_path)

    assert cli.run(command.removeprefix("$ crampdx ").split()) == 0
    printed = capsys.readouterr().out
    assert all(line.removesuffix("…") in printed for line in lines)


# ------------------------------------------------------------------------------ broken ones

FORMAT = """
from crampdx.inputs.formats import InputFormat

def recognizes(document):
    {recognizes}

def read(document, as_of):
    {read}

FORMAT = InputFormat("{name}", "a note", "words", ("text/plain",), (), recognizes, read)
"""


def module(name: str = "note", recognizes: str = "return True", read: str = "return {}") -> str:
    """The text of a module with a format."""
    return FORMAT.format(name=name, recognizes=recognizes, read=read)


@pytest.mark.parametrize(
    ("text", "value", "said"),
    [
        ("import no_such_module", "broken:FORMAT", "cannot be loaded"),
        ("raise ValueError('at import')", "broken:FORMAT", "cannot be loaded"),
        ("", "broken:FORMAT", "cannot be loaded"),
        ("", "no_such_module:FORMAT", "cannot be loaded"),
        ("FORMAT = 'a string'", "broken:FORMAT", "is not a crampdx.inputs.formats.InputFormat"),
        (module("fhir"), "broken:FORMAT", "there is one of that name already"),
    ],
    ids=["import", "error", "attribute", "module", "type", "name"],
)
def test_an_entry_point_that_is_broken_is_left_out(
    install: Install, caplog: pytest.LogCaptureFixture, text: str, value: str, said: str
) -> None:
    """Whatever is wrong with it, what is there is read as before, and the log says what it is."""
    with caplog.at_level(logging.WARNING, "crampdx"):
        install("broken", text, broken=value)

        assert read(RECORD).findings
    assert input_formats() == BUILT_IN
    assert said in caplog.text


def test_a_recognizer_that_fails_recognizes_nothing(
    install: Install, caplog: pytest.LogCaptureFixture
) -> None:
    """The other formats still read, and the log names the line that failed, not the document."""
    install("broken", module(recognizes="raise KeyError(str(document))"), note="broken:FORMAT")

    assert read(RECORD).findings
    assert "KeyError in recognizes" in caplog.text
    assert "muscle_cramp" not in caplog.text


def test_a_reader_that_fails_refuses_the_document(
    install: Install, caplog: pytest.LogCaptureFixture
) -> None:
    """A fault of a reader is the one error of records, without the patient's values."""
    text = module(recognizes="return document == 'secret note'", read="raise KeyError(document)")
    install("broken", text, note="broken:FORMAT")

    with pytest.raises(RecordError, match="the reader of the format 'note' failed") as error:
        read("secret note")
    assert error.value.__cause__ is error.value.__context__ is None
    assert "secret" not in caplog.text


def test_what_a_reader_makes_is_checked(install: Install) -> None:
    """A reader cannot bring in what is not a record."""
    text = module(recognizes="return document == 'a note'", read="return {'agee': 5}")
    install("broken", text, note="broken:FORMAT")

    with pytest.raises(RecordError, match="agee"):
        read("a note")


def test_what_two_formats_recognize_is_refused(install: Install) -> None:
    """A recognizer that is too eager cannot take a document from the format that it is of."""
    install("eager", module(recognizes="return not isinstance(document, str)"), note="eager:FORMAT")

    with pytest.raises(RecordError, match="this could be a record of crampdx and a note"):
        read(RECORD)


# ----------------------------------------------------------------------------- what is written


def test_the_page_takes_the_files_of_our_formats() -> None:
    """The page's text is its own; its choice of files is that of the formats."""
    page = (ROOT / "src/crampdx/service/web/index.html").read_text()
    (accepted,) = re.findall(r'id="import-file" type="file" accept="([^"]+)"', page)
    suffixes = {suffix for known in BUILT_IN for suffix in known.suffixes}

    assert {kind for kind in accepted.split(",") if kind.startswith(".")} == suffixes


def test_the_page_names_our_formats() -> None:
    """Whoever opens a document there reads what may be given."""
    page = (ROOT / "src/crampdx/service/web/index.html").read_text()

    assert f"<p>{titles()[0].upper()}{titles()[1:]}." in page
