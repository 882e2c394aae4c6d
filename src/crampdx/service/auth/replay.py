"""Tokens that were used: each may be used once, in any process."""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from contextlib import closing
from pathlib import Path
from typing import Protocol

__all__ = ["MemoryOfTokens", "SharedMemoryOfTokens", "TokenMemory"]

PRUNED_AFTER = 1_000
"""After how many tokens those that have expired are forgotten."""


class TokenMemory(Protocol):
    """Remembers tokens until they expire.

    Attributes:
        since: From when on it remembers them, in seconds of Unix time. Of tokens that were issued
            before that it is not known whether they were used.
    """

    since: float

    def is_first_use(self, issuer: str, token_id: str, expires: float, now: float) -> bool:
        """Note that a token is used, and tell whether it is for the first time.

        Args:
            issuer: Who issued it.
            token_id: Its `jti`.
            expires: When it may be forgotten, in seconds of Unix time.
            now: The time, likewise.
        """


def _digest(issuer: str, token_id: str) -> bytes:
    return hashlib.sha256(f"{len(issuer)}:{issuer}{token_id}".encode()).digest()


class MemoryOfTokens:
    """The tokens that this process has seen.

    >>> memory = MemoryOfTokens()
    >>> memory.is_first_use("ehr", "1", 60, 0), memory.is_first_use("ehr", "1", 60, 1)
    (True, False)
    """

    def __init__(self, since: float = 0.0) -> None:
        self.since = since
        self._expires: dict[bytes, float] = {}
        self._lock = threading.Lock()
        self._until_pruned = PRUNED_AFTER

    def is_first_use(self, issuer: str, token_id: str, expires: float, now: float) -> bool:
        """Note that a token is used, and tell whether it is for the first time."""
        digest = _digest(issuer, token_id)
        with self._lock:
            self._prune(now)
            if digest in self._expires:
                return False
            self._expires[digest] = expires
            return True

    def _prune(self, now: float) -> None:
        self._until_pruned -= 1
        if self._until_pruned <= 0:
            self._expires = {d: end for d, end in self._expires.items() if end >= now}
            self._until_pruned = max(PRUNED_AFTER, len(self._expires))


_IS_MADE = "SELECT count(*) FROM sqlite_master WHERE name = 'used'"


class SharedMemoryOfTokens:
    """The tokens that any process has seen, in a SQLite file; it holds only digests."""

    def __init__(self, path: Path, now: float = 0.0) -> None:
        """Make the file, unless it is there.

        Args:
            path: The file.
            now: The time, in seconds of Unix time: from then on a new file remembers tokens.

        Raises:
            sqlite3.Error: It cannot be made.
        """
        self._path = path
        self._lock = threading.Lock()
        self._until_pruned = PRUNED_AFTER
        with closing(self._connected()) as database:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("BEGIN IMMEDIATE")
            is_new = not database.execute(_IS_MADE).fetchone()[0]
            database.execute(
                "CREATE TABLE IF NOT EXISTS used (token BLOB PRIMARY KEY, expires REAL NOT NULL)"
                " WITHOUT ROWID"
            )
            database.execute("CREATE TABLE IF NOT EXISTS begun (since REAL NOT NULL)")
            if is_new:
                database.execute("INSERT INTO begun VALUES (?)", (now,))
            # a file of an earlier version does not say since when it remembers: for long
            begun = database.execute("SELECT max(since) FROM begun").fetchone()[0]
            database.execute("COMMIT")
        self.since = float(begun or 0.0)

    def is_first_use(self, issuer: str, token_id: str, expires: float, now: float) -> bool:
        """Note that a token is used, and tell whether it is for the first time.

        Raises:
            sqlite3.Error: The file cannot be written.
        """
        with closing(self._connected()) as database:
            if self._is_time_to_prune():
                database.execute("DELETE FROM used WHERE expires < ?", (now,))
            added = database.execute(
                "INSERT OR IGNORE INTO used VALUES (?, ?)", (_digest(issuer, token_id), expires)
            )
            return added.rowcount == 1

    def _is_time_to_prune(self) -> bool:
        with self._lock:
            self._until_pruned -= 1
            if self._until_pruned > 0:
                return False
            self._until_pruned = PRUNED_AFTER
            return True

    def _connected(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, timeout=5, isolation_level=None)
