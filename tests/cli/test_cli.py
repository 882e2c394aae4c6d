"""The command line: what it prints, and with which exit status it ends."""

import io
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from packs import extra_pack

import crampdx
from crampdx import cli
from crampdx.cli.application import COMMANDS

RECORD = {"age": 58, "findings": {"hypokalemia": True}}


@pytest.fixture
def record(tmp_path):
    path = tmp_path / "record.json"
    path.write_text(json.dumps(RECORD), encoding="utf-8")
    return str(path)


def lines_file(tmp_path, *lines, name="records.jsonl"):
    path = tmp_path / name
    path.write_bytes(b"\n".join(x if isinstance(x, bytes) else x.encode() for x in lines) + b"\n")
    return str(path)


def started(*arguments, **options):
    """The command line in a process of its own, with the rules that load soonest."""
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    command = [sys.executable, "-m", "crampdx.cli", *arguments, "--pack", "article"]
    return subprocess.Popen(command, **{**pipes, **options})  # noqa: S603


# --------------------------------------------------------------------------------------- one record


def test_a_record_is_assessed_as_text(record, crampdx_run):
    """Without options the answer is text, and plain where it goes to no terminal."""
    status, out, err = crampdx_run("assess", record)
    assert (status, err) == (0, "")
    assert "Low potassium leads." in out
    assert "\x1b" not in out


def test_a_record_is_assessed_as_json(record, crampdx_run):
    """JSON is the very assessment that the library gives."""
    status, out, _ = crampdx_run("assess", record, "--output", "json")
    assert status == 0
    assert crampdx.Assessment.model_validate_json(out) == crampdx.assess(RECORD)


@pytest.mark.parametrize("evaluator", ["builtin", "reference"])
def test_the_evaluator_can_be_chosen(record, crampdx_run, evaluator):
    """The result of `--evaluator` is that of the evaluator that was named."""
    ended = crampdx_run("assess", record, "--output", "json", "--evaluator", evaluator)
    assert json.loads(ended.out)["inference"] == evaluator


def test_a_record_is_assessed_as_markdown(record, crampdx_run):
    """Markdown begins with its title."""
    status, out, _ = crampdx_run("assess", record, "-o", "markdown")
    assert status == 0
    assert out.startswith("# Differential diagnosis")


def test_a_record_is_assessed_as_fhir(record, crampdx_run):
    """The bundle is about the patient that is named, and of the day of the record."""
    arguments = ("--output", "fhir", "--patient", "Patient/7", "--as-of", "2026-03-10")
    status, out, err = crampdx_run("assess", record, *arguments)
    assert (status, err) == (0, "")
    bundle = json.loads(out)
    assert bundle["resourceType"] == "Bundle"
    resources = [entry["resource"] for entry in bundle["entry"]]
    assessed = next(r for r in resources if r["resourceType"] == "ClinicalImpression")
    assert assessed["subject"] == {"reference": "Patient/7"}
    assert assessed["date"] == "2026-03-10"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("-o", "fhir"), "--output fhir needs --patient REFERENCE"),
        (("-o", "json", "--patient", "Patient/1"), "--patient requires --output fhir"),
        (("--patient", "Patient/1"), "--patient requires --output fhir"),
        (("-o", "fhir", "--patient", "Group/1"), "--patient: give a reference such as"),
        (("-o", "fhir", "--patient", "\x1b[2J"), "--patient: give a reference such as"),
        (("-o", "fhir", "--patient", "Patient/1", "--lines"), "omit --output"),
    ],
)
def test_fhir_needs_a_patient(record, crampdx_run, arguments, message):
    """A reference to the patient goes with FHIR and with nothing else."""
    status, out, err = crampdx_run("assess", record, *arguments)
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert message in err


def test_a_bad_record_is_refused_before_rules_are_loaded(tmp_path, crampdx_run):
    """Whoever sends a record does not wait for rules to hear that it is none."""
    path = tmp_path / "bad.json"
    path.write_text('{"agee": 3}', encoding="utf-8")
    status, _, err = crampdx_run("assess", path, "--pack", "nowhere")
    assert (status, "did you mean 'age'?" in err) == (1, True)


def test_a_record_comes_from_standard_input(crampdx_run, monkeypatch):
    """The file '-' is standard input; a byte order mark does no harm."""
    data = b"\xef\xbb\xbf" + json.dumps(RECORD).encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    status, out, _ = crampdx_run("assess", "-")
    assert status == 0
    assert "Low potassium leads." in out


@pytest.mark.parametrize(
    ("variables", "colored"),
    [({}, False), ({"FORCE_COLOR": "1"}, True), ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False)],
)
def test_colors_are_for_terminals(record, crampdx_run, monkeypatch, variables, colored):
    """There are colors on a terminal or by FORCE_COLOR, and never with NO_COLOR."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    _, out, _ = crampdx_run("assess", record)
    assert ("\x1b[" in out) is colored


def test_text_is_wrapped_at_the_width_of_the_terminal(record, crampdx_run, monkeypatch):
    """Lines are as long as the terminal is wide, and never longer than 100."""
    for columns, longest in (("60", 60), ("300", 100)):
        monkeypatch.setenv("COLUMNS", columns)
        _, out, _ = crampdx_run("assess", record)
        assert longest - 15 < max(map(len, out.splitlines())) <= longest


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b'{"agee": 3}', "agee: unknown field; did you mean 'age'?"),
        (
            b'{"findings": {"muscle_cramp": true, "sensory_loss": "secret"}}',
            "findings.sensory_loss: ",
        ),
        (b"", "record: not valid JSON at line 1, column 1: expecting value"),
        (b'{"age": 58,\n "sex"}', "record: not valid JSON at line 2, column 7: "),
        (b'{"age": "\xff"}', "record: not valid UTF-8 at byte 10"),
        (b'{"age": NaN}', "age: a finite number is expected"),
        (b'{"age": -Infinity}', "age: a finite number is expected"),
        (b'{"age": 1e999}', "age: "),
        (b'{"age": -1}', "age: "),
        (b'{"age": ' + b"9" * 5000 + b"}", "record: holds a number with too many digits"),
        (b"[" * 100_000, "record: nested too deeply"),
        (b'{"a":' * 100_000, "record: nested too deeply"),
        (b'["secret"]', "record: a mapping of fields is expected (in JSON, an object)"),
        (b'"{}"', "record: a mapping of fields is expected (in JSON, an object)"),
        (
            b'{"findings": {"numb": true, "numb": false}}',
            "record: the key 'numb' stands twice in one object",
        ),
        (b'{"\\u001b[31m": 1}', "\\x1b[31m: unknown field"),
        (b'{"\\ud800": 1}', "record: "),
        (b'{"findings": [{"id": "muscle_cramp", "note": "secret\\u0000"}]}', "findings[0].note: "),
    ],
)
def test_a_bad_record_is_refused_with_its_place(tmp_path, crampdx_run, data, message):
    """What is no record is refused in a few words: no values, no traceback, no output."""
    path = tmp_path / "bad.json"
    path.write_bytes(data)
    status, out, err = crampdx_run("assess", str(path))
    assert (status, out) == (1, "")
    assert err.startswith("crampdx: the patient record is refused (1 fault):\n  " + message)
    assert "secret" not in err
    assert "\x1b" not in err
    assert len(err) < 400


def test_a_file_that_is_too_large_is_refused(tmp_path, crampdx_run, monkeypatch):
    """A record larger than the limit is refused without being read whole."""
    monkeypatch.setattr("crampdx.cli.records.MAX_RECORD", 1024 * 1024)
    path = tmp_path / "large.json"
    path.write_bytes(b" " * (1024 * 1024) + b"{}")
    status, _, err = crampdx_run("assess", str(path))
    assert status == 1
    assert "record: larger than the 1 MiB that one record may have" in err


@pytest.mark.parametrize("name", ["nowhere.json", "."])
def test_a_file_that_cannot_be_read_is_a_usage_error(tmp_path, crampdx_run, name):
    """A missing file or a folder is named, with exit status 2."""
    status, out, err = crampdx_run("assess", str(tmp_path / name))
    assert (status, out) == (2, "")
    assert err.startswith(f"crampdx: cannot read '{tmp_path}")
    assert err.count("\n") == 1


# ------------------------------------------------------------------------------------- many records


def test_json_lines_are_answered_line_by_line(tmp_path, crampdx_run):
    """Each record of a .jsonl file gives one line of JSON; blank lines give none."""
    path = lines_file(tmp_path, json.dumps(RECORD), "", "{}", "\ufeff{}")
    status, out, err = crampdx_run("assess", path)
    assert (status, err) == (0, "")
    answers = [crampdx.Assessment.model_validate_json(line) for line in out.splitlines()]
    assert answers == [crampdx.assess(RECORD), crampdx.assess({}), crampdx.assess({})]


def test_a_bad_line_is_reported_and_skipped(tmp_path, crampdx_run):
    """A refused line is named by its number; the others are answered; the exit status is 1."""
    path = lines_file(
        tmp_path, "{}", b"\xff", "", '{"agee": 3}', json.dumps(RECORD), name="r.NDJSON"
    )
    status, out, err = crampdx_run("assess", path)
    assert status == 1
    assert len(out.splitlines()) == 2
    assert "crampdx: line 2: the patient record is refused" in err
    assert "crampdx: line 4: the patient record is refused" in err


def test_a_line_that_is_too_long_is_skipped(tmp_path, crampdx_run, monkeypatch):
    """A line beyond the limit is refused, and the lines after it are still right."""
    monkeypatch.setattr("crampdx.cli.records.MAX_RECORD", 1000)
    fits = json.dumps({"age": 58}).ljust(1000)
    path = lines_file(tmp_path, "x" * 5000, fits, "y" * 1001, "{}", "z" * 3000)
    status, out, err = crampdx_run("assess", path)
    assert status == 1
    assert len(out.splitlines()) == 2
    assert [line.split(":")[1] for line in err.splitlines()[::2]] == [
        " line 1",
        " line 3",
        " line 5",
    ]


def test_lines_may_come_from_standard_input(crampdx_run, monkeypatch):
    """With --lines, standard input is read as JSON Lines."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"{}\n{}")))
    status, out, _ = crampdx_run("assess", "-", "--lines")
    assert status == 0
    assert len(out.splitlines()) == 2


def test_lines_are_answered_in_json_alone(tmp_path, crampdx_run):
    """Another form for JSON Lines is a usage error."""
    status, _, err = crampdx_run("assess", lines_file(tmp_path, "{}"), "--output", "text")
    assert status == 2
    assert "omit --output" in err


def test_there_is_a_progress_bar_on_a_terminal(tmp_path, crampdx_run, monkeypatch):
    """Where standard error is a terminal and the results go elsewhere, a bar shows progress."""
    path = lines_file(tmp_path, "{}", "bad", "{}")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    status, out, err = crampdx_run("assess", path)
    assert status == 1
    assert len([json.loads(line) for line in out.splitlines()]) == 2
    assert "Assessing" in err
    assert "line 2: the patient record is refused" in err


# -------------------------------------------------------------------------------------------- packs


def small_pack(tmp_path, files):
    """A pack that builds on the article pack, with some files of its own."""
    return str(extra_pack(tmp_path, files, "mine", more="requires: [article]\n"))


def test_packs_are_stacked_in_order(tmp_path, record, crampdx_run):
    """--pack may be repeated, names and folders both do; what a pack requires comes before it."""
    folder = small_pack(tmp_path, {})
    arguments = ("assess", record, "-o", "json", "--pack")
    for packs in (("article", "--pack", folder), (folder, "--pack", "article"), (folder,)):
        status, out, _ = crampdx_run(*arguments, *packs)
        assert status == 0
        used = [pack["name"] for pack in json.loads(out)["knowledge"]["packs"]]
        assert used == ["article", "mine"]


def test_a_pack_that_does_not_exist_is_a_usage_error(record, crampdx_run):
    """The message names the pack and suggests one, with exit status 2."""
    status, out, err = crampdx_run("assess", record, "--pack", "artcle")
    assert (status, out) == (2, "")
    assert "did you mean 'article'?" in err


def test_rules_that_do_not_load_are_listed_with_their_places(tmp_path, record, crampdx_run):
    """Each fault has file, line and column; the exit status is 1 and nothing is assessed."""
    folder = small_pack(
        tmp_path, {"tests.yaml": "- id: x\n  nmae: y\n", "groups.yaml": "- id: Bad\n"}
    )
    status, out, err = crampdx_run("assess", record, "--pack", "article", "--pack", folder)
    assert (status, out) == (1, "")
    assert "tests.yaml:2:3: [0].nmae: there is no key 'nmae' here; did you mean 'name'?" in err
    assert "groups.yaml:1:" in err


# ----------------------------------------------------------------------------- show, trace, version


def test_show_tells_all_of_an_id(crampdx_run):
    """The cause and the finding of one id are both shown, with places and sources."""
    status, out, err = crampdx_run("show", "hypokalemia")
    assert (status, err) == (0, "")
    assert out.count("Low potassium\n") == 2
    assert "causes/hypokalemia.yaml:2" in out
    assert "findings/laboratory.yaml:" in out
    assert "HPO HP:0002900" in out


def test_show_shortens_places_below_the_current_folder(tmp_path, crampdx_run, monkeypatch):
    """A file below the current folder is named from there, any other in full."""
    source = "- {id: mine2020, kind: publication, title: Mine, pmid: '1'}\n"
    small_pack(tmp_path, {"sources.yaml": source})
    arguments = ("show", "mine2020", "--pack", "article", "--pack", str(tmp_path / "mine"))
    monkeypatch.setattr("crampdx.cli.terminal.width", lambda: 400)
    assert f"· {tmp_path}/mine/sources.yaml:1\n" in crampdx_run(*arguments)[1]
    monkeypatch.chdir(tmp_path)
    assert "· mine/sources.yaml:1\n" in crampdx_run(*arguments)[1]


def test_show_suggests_the_nearest_id(crampdx_run):
    """An unknown id is a usage error with a suggestion where one is near."""
    status, out, err = crampdx_run("show", "hypokalemai")
    assert (status, out) == (2, "")
    assert err == "crampdx: nothing has the id 'hypokalemai'; did you mean 'hypokalemia'?\n"
    assert crampdx_run("show", "\x1bzzzz")[2] == "crampdx: nothing has the id '\\x1bzzzz'\n"


def test_trace_shows_both_directions(crampdx_run):
    """Statements with their rules, rules with their sources, and the coverage."""
    status, out, _ = crampdx_run("trace")
    assert status == 0
    assert "74 of 74 statements are cited by a rule." in out
    status, out, _ = crampdx_run("trace", "--output", "json")
    assert status == 0
    assert len(json.loads(out)["statements"]) == 74


def test_trace_fails_where_a_statement_is_uncovered(tmp_path, crampdx_run):
    """A statement that no rule cites is named, with exit status 1."""
    statement = "- {id: 'article:forgotten', kind: article, title: Forgotten}\n"
    folder = small_pack(tmp_path, {"sources.yaml": statement})
    status, out, err = crampdx_run("trace", "--pack", "article", "--pack", folder)
    assert status == 1
    assert "Not covered:" in out
    assert err == "crampdx: no rule cites article:forgotten\n"


def test_version_names_packs_and_digest(crampdx_run):
    """--version shows crampdx, each pack with version and status, and the digest."""
    rules = crampdx.KnowledgeBase.load()
    status, out, _ = crampdx_run("--version")
    assert status == 0
    assert out.splitlines() == [
        f"crampdx {crampdx.__version__}",
        *(f"pack {pack.name} {pack.version} ({pack.status})" for pack in rules.packs),
        f"digest {rules.digest}",
    ]


@pytest.mark.parametrize(
    "arguments", [("assess",), ("asses", "x"), ("assess", "x", "-o", "xml"), ("show", "--what"), ()]
)
def test_wrong_arguments_are_usage_errors(arguments, crampdx_run):
    """What the command line does not know ends with exit status 2."""
    assert crampdx_run(*arguments)[0] == 2


def test_every_command_has_its_help(crampdx_run):
    """The help lists each command, and each has one of its own, with exit status 0."""
    status, listed, _ = crampdx_run("--help")
    assert status == 0
    for name in COMMANDS:
        assert re.search(rf"(?m)^\W*{name} ", listed)
        status, out, _ = crampdx_run(name, "-h")
        assert (status, f"Usage: crampdx {name} " in out) == (0, True)


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_says_what_its_exit_status_means(name, crampdx_run):
    """The help of a command ends with the meanings of 0, of 2, and of 1 where that can be."""
    _, out, _ = crampdx_run(name, "-h")
    assert re.search(r"Exit status: 0 [^;]+;(?: 1 [^;]+;)? 2 usage", " ".join(out.split()))


def test_a_misspelt_command_is_reminded_of(crampdx_run):
    """The nearest name is named."""
    status, _, err = crampdx_run("asess", "record.json")
    assert (status, "Did you mean 'assess'?" in err) == (2, True)


def test_a_command_imports_nothing_of_the_others():
    """What the service needs to start is not delayed by what rules are examined with."""
    others = {
        "crampdx.authoring.mutation",
        "crampdx.authoring.comparison.changes",
        "crampdx.authoring.evaluation.report",
    }
    code = f"""import sys
from crampdx.cli import run
run(["serve", "-h"])
sys.exit(bool({others!r} & set(sys.modules)))"""
    ended = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True)  # noqa: S603
    assert ended.returncode == 0


# ------------------------------------------------------------------------------- the process around


def test_without_the_extra_one_line_says_what_to_install(capsys, monkeypatch):
    """Where typer is missing, one line names the extra, with exit status 2."""
    for name in [name for name in sys.modules if name.startswith("crampdx.cli.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "typer", None)
    assert cli.run(["--version"]) == 2
    assert (
        capsys.readouterr().err == "The command line needs an extra: pip install 'crampdx[cli]'\n"
    )


def test_importing_the_command_line_imports_no_extra():
    """Typer and rich are imported when a command runs, not before."""
    code = "import crampdx.cli, sys; sys.exit(bool({'typer', 'rich'} & set(sys.modules)))"
    ended = subprocess.run([sys.executable, "-c", code], check=False)  # noqa: S603
    assert ended.returncode == 0


def test_a_reader_that_goes_away_ends_it_quietly(tmp_path):
    """When the pipe is closed, nothing is printed on standard error."""
    path = lines_file(tmp_path, *[json.dumps(RECORD)] * 200)
    with started("assess", path) as running:
        running.stdout.readline()
        running.stdout.close()
        assert running.stderr.read() == b""
        assert running.wait(60) == 141


def heed_interrupts():
    """Undo what a parent in the background hands down: that interrupts are ignored."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def test_an_interrupt_ends_it_with_130():
    """Ctrl-C while waiting for input ends without a traceback."""
    with started("assess", "-", "--lines", preexec_fn=heed_interrupts) as running:
        running.stdin.write(b"{}\n" * 2000)  # more answers than the pipe holds: it has begun
        running.stdin.flush()
        running.stdout.readline()
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=60)
    assert running.returncode == 130
    assert b"Traceback" not in err


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_is_named(record):
    """An error while writing is named, and no traceback is shown."""
    with open("/dev/full", "wb") as full, started("assess", record, stdout=full) as running:
        _, err = running.communicate(timeout=60)
    assert running.returncode == 2
    assert err == b"crampdx: no space left on device\n"


def test_output_is_utf_8_whatever_the_locale(record):
    """A terminal that knows ASCII alone gets UTF-8 and no traceback."""
    ascii_only = {**os.environ, "PYTHONIOENCODING": "ascii"}
    with started("assess", record, env=ascii_only) as running:
        out, err = running.communicate(timeout=60)
    assert (running.returncode, err) == (0, b"")
    assert "·" in out.decode("utf-8")


# ------------------------------------------------------------------------------------ documentation

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = re.findall(
    r"```console\n\$ (.*?)\n(.*?)```",
    (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8"),
    re.DOTALL,
)


@pytest.mark.parametrize(("command", "shown"), EXAMPLES, ids=[command for command, _ in EXAMPLES])
def test_the_documentation_shows_real_output(command, shown):
    """What docs/command-line.md shows is printed, in that order, between the marks of omission."""
    folder = Path(sys.executable).parent
    variables = {**os.environ, "COLUMNS": "88", "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}
    ended = subprocess.run(  # noqa: S602
        command, shell=True, cwd=ROOT, env=variables, capture_output=True, timeout=60, check=False
    )
    rest = (ended.stdout + ended.stderr).decode("utf-8")
    for part in re.split(r"^…\n", shown, flags=re.MULTILINE):
        assert part in rest
        rest = rest.partition(part)[2] if part else rest
