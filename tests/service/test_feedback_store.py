"""The feedback store: several processes, sudden ends, and the export."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest
import typer

from crampdx.cli import feedback as command
from crampdx.service.cds_hooks.feedback import (
    COLUMNS,
    FeedbackDatabase,
    IssuedCard,
    NotKept,
    exported,
    feedback_store,
)
from crampdx.service.cds_hooks.models import Feedback

WRITER = """
import sys
from pathlib import Path
from crampdx.service.cds_hooks.feedback import FeedbackDatabase
from crampdx.service.cds_hooks.models import Feedback
name, file, count = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
store = FeedbackDatabase(file)
for number in range(count):
    item = {"card": f"{name}-{number}", "outcome": "overridden",
            "outcomeTimestamp": "2026-03-01T10:00:00Z"}
    store.record("patient-view-cramps", Feedback.model_validate({"feedback": [item, item]}))
    print(f"{name}-{number}", flush=True)
"""


def outcome(card: str, comment: str = "", time: str = "2026-03-01T10:00:00Z") -> Feedback:
    item: dict[str, object] = {"card": card, "outcome": "overridden", "outcomeTimestamp": time}
    if comment:
        item["overrideReason"] = {"userComment": comment}
    return Feedback.model_validate({"feedback": [item]})


def writer(name: str, file: Path, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", WRITER, name, str(file), str(count)],
        stdout=subprocess.PIPE,
        text=True,
    )


def test_several_processes_write_at_once(tmp_path: Path) -> None:
    """Every outcome of every process is kept, each once, also where all make the file."""
    file = tmp_path / "feedback.sqlite"
    running = [writer(name, file, 10) for name in ("a", "b", "c")]
    told = {line for process in running for line in (process.communicate()[0]).split()}
    assert [process.returncode for process in running] == [0, 0, 0]
    kept = [row.card for row in exported(file)]
    assert sorted(kept) == sorted(told)
    assert len(kept) == 30


def test_a_process_that_is_killed_loses_nothing_that_it_acknowledged(tmp_path: Path) -> None:
    """What was told to be kept is kept, once, and at most the one outcome under way beside it."""
    file = tmp_path / "feedback.sqlite"
    process = writer("k", file, 100_000)
    assert process.stdout is not None
    told = [process.stdout.readline().strip() for _ in range(20)]
    os.kill(process.pid, signal.SIGKILL)
    told += process.stdout.read().split()
    process.wait()
    process.stdout.close()
    kept = [row.card for row in exported(file)]
    assert len(kept) == len(set(kept))
    assert set(told) <= set(kept)
    assert len(kept) <= len(told) + 1


def test_threads_share_a_store(tmp_path: Path) -> None:
    """A store may be used from any thread."""
    store = FeedbackDatabase(tmp_path / "feedback.sqlite")
    threads = [
        threading.Thread(target=store.record, args=("s", outcome(f"card-{number}")))
        for number in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(list(exported(store.file))) == 8


def test_the_file_survives_power_loss_by_its_modes(tmp_path: Path) -> None:
    """Write-ahead log, and each acknowledgment after a full synchronization."""
    store = FeedbackDatabase(tmp_path / "feedback.sqlite")
    with closing(sqlite3.connect(store.file)) as database:
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    with store._writing("FULL") as connection:
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)


def test_what_was_recorded_counts_what_is_new(tmp_path: Path) -> None:
    """A repeat adds nothing, also after the store was opened anew."""
    file = tmp_path / "feedback.sqlite"
    assert [FeedbackDatabase(file).record("s", outcome("c1")) for _ in range(3)] == [1, 0, 0]


def test_a_card_that_nobody_spoke_of_is_forgotten_in_time(tmp_path: Path) -> None:
    """After so many days; a card with feedback stays, and so does one that is newer."""
    file = tmp_path / "feedback.sqlite"
    store = FeedbackDatabase(file)
    for name in ("silent", "spoken-of", "newer"):
        about = (("suggested", "a test"),)
        store.remember([IssuedCard(name, "s", "i", "what", "Practitioner/1", "", "d", about)])
    store.record("s", outcome("spoken-of"))
    with closing(sqlite3.connect(file)) as database:
        database.execute("UPDATE issued_card SET issued = '2020-01-01' WHERE card <> 'newer'")
        database.commit()
    for days in (36_500, 1):
        opened = FeedbackDatabase(file, card_days=days)
        opened.remember([IssuedCard("later", "s", "i", "what", "Practitioner/1", "", "d")])
        with closing(sqlite3.connect(file)) as database:
            cards = {card for (card,) in database.execute("SELECT card FROM issued_card")}
        assert cards - {"newer", "later"} == (
            {"spoken-of"} if days == 1 else {"silent", "spoken-of"}
        )
    assert [row.intervention for row in exported(file)] == ["s: what"]


def test_a_card_of_another_service_is_unknown(tmp_path: Path) -> None:
    """A card belongs to the service that sent it."""
    store = FeedbackDatabase(tmp_path / "feedback.sqlite")
    store.remember([IssuedCard("c1", "a", "i", "what", "Practitioner/1", "", "d")])
    store.record("b", outcome("c1"))
    store.record("a", outcome("c1"))
    assert [row.intervention for row in exported(store.file)] == ["b: unknown card", "a: what"]


def test_without_a_file_nothing_is_kept() -> None:
    """The store of no file counts."""
    store = feedback_store(None)
    assert isinstance(store, NotKept)
    store.remember([])
    assert (store.record("s", outcome("c1")), store.outcomes) == (1, 1)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """Opening it fails at the start, not at the first feedback."""
    file = tmp_path / "text.sqlite"
    file.write_text("this is no database, by far, " * 100)
    with pytest.raises(sqlite3.DatabaseError):
        FeedbackDatabase(file)


# ------------------------------------------------------------------------------------ the export


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str]:
    with pytest.raises(typer.Exit) as end:
        command.export_feedback(*arguments)  # type: ignore[arg-type]
    return end.value.exit_code, capsys.readouterr().out


@pytest.fixture
def file(tmp_path: Path) -> Path:
    store = FeedbackDatabase(tmp_path / "feedback.sqlite")
    store.remember([IssuedCard("c1", "s", "i", "what", "Practitioner/1", "https://ehr", "d")])
    store.record("s", outcome("c1", "=HYPERLINK(1)", "2026-03-02T10:00:00Z"))
    store.record("s", outcome("c2", "old\nline", "2026-01-01T10:00:00Z"))
    return store.file


def test_the_export_has_the_fields_that_onc_names(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One JSON object a line: intervention, action, feedback, user, date, location, card."""
    status, text = run(capsys, file, "ndjson", "")
    rows = [json.loads(line) for line in text.splitlines()]
    assert status == 0
    assert [tuple(row) for row in rows] == [COLUMNS, COLUMNS]
    assert [row["date"][:10] for row in rows] == ["2026-01-01", "2026-03-02"]


def test_a_spreadsheet_runs_nothing_of_the_export(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What would be a formula is text; line breaks stay within their cell."""
    status, text = run(capsys, file, "csv", "")
    head, old, new = csv.reader(io.StringIO(text))
    assert (status, tuple(head)) == (0, COLUMNS)
    assert (old[2], new[2]) == ("old\nline", "'=HYPERLINK(1)")


def test_the_export_can_begin_on_a_day(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Earlier outcomes are left out."""
    assert run(capsys, file, "ndjson", "2026-03-02")[1].count("\n") == 1


@pytest.mark.parametrize("since", ["yesterday", "2026-13-01", "2026"])
def test_a_day_that_is_none_is_a_usage_error(
    since: str, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit status 2."""
    assert run(capsys, file, "ndjson", since)[0] == 2


def test_a_file_that_is_no_database_of_feedback_is_a_usage_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit status 2, whether it is missing, text, or another database; nothing is made."""
    missing, text, other = tmp_path / "a", tmp_path / "b", tmp_path / "c"
    text.write_text("text " * 1_000)
    with closing(sqlite3.connect(other)) as database:
        database.execute("CREATE TABLE t (x)")
    assert [run(capsys, f, "ndjson", "")[0] for f in (missing, text, other)] == [2, 2, 2]
    assert not missing.exists()
