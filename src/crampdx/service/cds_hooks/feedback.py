"""Feedback: which cards were issued, and what became of them.

Both are kept in one SQLite file, to which several processes may write. What was acknowledged is on
the disk: it survives the end of the process and of the machine. What comes again is kept once: an
outcome is the same when card, suggestion, outcome and time are.

Of a card are kept its identifiers, the service, the hook instance, what it was about, the user and
the FHIR server; of the patient nothing, not even a digest.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, NamedTuple, Protocol

from crampdx.service.cds_hooks.models import Feedback, FeedbackItem

__all__ = [
    "COLUMNS",
    "FeedbackDatabase",
    "FeedbackStore",
    "IssuedCard",
    "NotKept",
    "exported",
    "feedback_store",
]

COLUMNS = ("intervention", "action_taken", "user_feedback", "user", "date", "location", "card")
"""The fields of the export: the six that ONC's criterion names, and the card's identifier."""

BUSY_SECONDS = 20.0
"""How long a writer waits for another one."""

CARD_DAYS = 90
"""For how many days a card is remembered that nobody said anything of."""

SECONDS_BETWEEN_FORGETTING = 3_600.0

_SCHEMA = """
CREATE TABLE IF NOT EXISTS issued_card (
    card TEXT NOT NULL,
    suggestion TEXT NOT NULL DEFAULT '',
    service TEXT NOT NULL,
    hook_instance TEXT NOT NULL,
    intervention TEXT NOT NULL,
    user TEXT NOT NULL,
    location TEXT NOT NULL,
    digest TEXT NOT NULL,
    issued TEXT NOT NULL,
    PRIMARY KEY (card, suggestion)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS issued_card_by_age ON issued_card (issued);
CREATE TABLE IF NOT EXISTS feedback (
    id INTEGER PRIMARY KEY,
    service TEXT NOT NULL,
    card TEXT NOT NULL,
    suggestion TEXT NOT NULL,
    outcome TEXT NOT NULL,
    outcome_time TEXT NOT NULL,
    reason_system TEXT NOT NULL,
    reason_code TEXT NOT NULL,
    reason_display TEXT NOT NULL,
    comment TEXT NOT NULL,
    known INTEGER NOT NULL,
    received TEXT NOT NULL,
    UNIQUE (service, card, suggestion, outcome, outcome_time)
);
"""

_REMEMBER = """
INSERT INTO issued_card VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
"""

_FORGET = """
DELETE FROM issued_card WHERE issued < ? AND NOT EXISTS (
    SELECT 1 FROM feedback
    WHERE feedback.service = issued_card.service AND feedback.card = issued_card.card
)
"""

_RECORD = """
INSERT INTO feedback (service, card, suggestion, outcome, outcome_time, reason_system, reason_code,
    reason_display, comment, known, received)
VALUES (:service, :card, :suggestion, :outcome, :time, :system, :code, :display, :comment,
    EXISTS (SELECT 1 FROM issued_card WHERE card = :card AND service = :service), :received)
ON CONFLICT DO NOTHING
"""

_EXPORT = """
SELECT feedback.card, feedback.service, feedback.suggestion, outcome, outcome_time, reason_system,
    reason_code, reason_display, comment, known,
    COALESCE(suggested.intervention, whole.intervention, '') AS intervention,
    COALESCE(whole.user, '') AS user, COALESCE(whole.location, '') AS location
FROM feedback
LEFT JOIN issued_card AS whole
    ON whole.card = feedback.card AND whole.suggestion = '' AND whole.service = feedback.service
LEFT JOIN issued_card AS suggested
    ON suggested.card = feedback.card AND suggested.suggestion = feedback.suggestion
    AND suggested.service = feedback.service
WHERE outcome_time >= ?
ORDER BY outcome_time, feedback.id
"""


@dataclass(frozen=True, slots=True)
class IssuedCard:
    """A card that was sent.

    Attributes:
        card: Its identifier.
        service: The service that sent it.
        hook_instance: The call that it answered.
        intervention: What it was about.
        user: Who saw it.
        location: The FHIR server of the call.
        digest: The digest of the rules.
        suggestions: Its suggestions: identifier to what is suggested.
    """

    card: str
    service: str
    hook_instance: str
    intervention: str
    user: str
    location: str
    digest: str
    suggestions: tuple[tuple[str, str], ...] = ()

    def rows(self, issued: str) -> Iterator[tuple[str, ...]]:
        """A row for the card, and one for each suggestion."""
        for name, about in (("", ""), *self.suggestions):
            intervention = f"{self.intervention}: {about}" if about else self.intervention
            yield (
                self.card,
                name,
                self.service,
                self.hook_instance,
                intervention,
                self.user,
                self.location,
                self.digest,
                issued,
            )


class FeedbackStore(Protocol):
    """Where cards are remembered and feedback is recorded. Used from any thread."""

    def remember(self, cards: Iterable[IssuedCard]) -> None:
        """Remember cards that are about to be sent."""

    def record(self, service: str, feedback: Feedback) -> int:
        """Record feedback; when this returns, it is kept. Gives how many outcomes were new."""


class NotKept:
    """Counts feedback and keeps none of it."""

    def __init__(self) -> None:
        self.outcomes = 0

    def remember(self, cards: Iterable[IssuedCard]) -> None:
        """Do nothing."""

    def record(self, service: str, feedback: Feedback) -> int:
        """Count outcomes."""
        outcomes = sum(len(_outcomes(item)) for item in feedback.feedback)
        self.outcomes += outcomes
        return outcomes


class FeedbackDatabase:
    """Keeps cards and feedback in a SQLite file."""

    def __init__(self, file: Path, card_days: int = CARD_DAYS) -> None:
        """Open the file, and make it if it is missing.

        Args:
            file: The file.
            card_days: For how many days to keep a card without feedback.

        Raises:
            sqlite3.Error: It is not a feedback database, or cannot be written.
        """
        self.file = file
        self._remembered_for = timedelta(days=card_days)
        self._forgotten_at = -SECONDS_BETWEEN_FORGETTING
        self._one_writer = threading.Lock()
        deadline = time.monotonic() + BUSY_SECONDS
        while True:
            try:
                self._prepare()
                return
            except sqlite3.OperationalError as error:
                # Another process is setting the journal mode, for which SQLite does not wait.
                if "locked" not in str(error) or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def _prepare(self) -> None:
        with closing(self._connection("FULL")) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(_SCHEMA)

    def _connection(self, synchronous: Literal["FULL", "NORMAL"]) -> sqlite3.Connection:
        connection = sqlite3.connect(self.file, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            connection.execute(f"PRAGMA synchronous = {synchronous}")
        except BaseException:
            connection.close()
            raise
        return connection

    @contextmanager
    def _writing(self, synchronous: Literal["FULL", "NORMAL"]) -> Iterator[sqlite3.Connection]:
        """A transaction: all of it, or, where it fails or the process ends, nothing."""
        with self._one_writer, closing(self._connection(synchronous)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def remember(self, cards: Iterable[IssuedCard]) -> None:
        """Remember cards that are about to be sent.

        Nobody is told that they are kept, so that a failure of the machine may lose the last of
        them: their feedback is then that of an unknown card.
        """
        now = _now()
        rows = [row for card in cards for row in card.rows(now)]
        if rows:
            with self._writing("NORMAL") as connection:
                connection.executemany(_REMEMBER, rows)
                self._forget(connection)

    def _forget(self, connection: sqlite3.Connection) -> None:
        """Let go of old cards without feedback, once in a while."""
        if time.monotonic() - self._forgotten_at >= SECONDS_BETWEEN_FORGETTING:
            connection.execute(_FORGET, (_time(datetime.now(UTC) - self._remembered_for),))
            self._forgotten_at = time.monotonic()

    def record(self, service: str, feedback: Feedback) -> int:
        """Record feedback; when this returns, it is on the disk.

        Returns:
            How many outcomes were new.
        """
        received = _now()
        rows = [
            {"service": service, "received": received, **row}
            for item in feedback.feedback
            for row in _outcomes(item)
        ]
        with self._writing("FULL") as connection:
            return sum(connection.execute(_RECORD, row).rowcount for row in rows)


def feedback_store(file: Path | None, card_days: int = CARD_DAYS) -> FeedbackStore:
    """The store of a service: a database, or, without a file, one that keeps nothing."""
    return NotKept() if file is None else FeedbackDatabase(file, card_days)


def _now() -> str:
    return _time(datetime.now(UTC))


def _time(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def _outcomes(item: FeedbackItem) -> list[dict[str, str]]:
    """A row for each accepted suggestion, or one for the card."""
    reason = item.overrideReason
    coding = reason.reason if reason else None
    row = {
        "card": item.card.lower(),
        "outcome": item.outcome,
        "time": item.outcomeTimestamp,
        "system": (coding.system if coding else None) or "",
        "code": coding.code if coding else "",
        "display": (coding.display if coding else None) or "",
        "comment": (reason.userComment if reason else None) or "",
    }
    accepted = item.acceptedSuggestions if item.outcome == "accepted" else []
    names = dict.fromkeys(suggestion.id.lower() for suggestion in accepted)
    return [{**row, "suggestion": name} for name in names or {"": None}]


# -------------------------------------------------------------------------------------- export


class Exported(NamedTuple):
    """One outcome, in the fields of the export: see `COLUMNS`."""

    intervention: str
    action_taken: str
    user_feedback: str
    user: str
    date: str
    location: str
    card: str


def exported(file: Path, since: str = "") -> Iterator[Exported]:
    """The outcomes of a database, the earliest first.

    Args:
        file: The database. It is only read.
        since: Only outcomes of this day, or time of RFC 3339 in UTC, and later.

    Raises:
        sqlite3.Error: It is not a feedback database.
    """
    address = f"{file.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS)) as connection:
        connection.row_factory = sqlite3.Row
        for row in connection.execute(_EXPORT, (since,)):
            yield _exported(row)


def _exported(row: Mapping[str, Any] | sqlite3.Row) -> Exported:
    known = row["intervention"] or "unknown card"
    reason = row["reason_display"] or row["reason_code"]
    return Exported(
        intervention=f"{row['service']}: {known}",
        action_taken=row["outcome"],
        user_feedback=". ".join(part for part in (reason, row["comment"]) if part),
        user=row["user"],
        date=row["outcome_time"],
        location=row["location"],
        card=row["card"],
    )
