"""The decision record: one JSON line for each decision, when `audit_log` is set.

Hooks and the plain API write it alike:

    request.app.state.audit(kind, hook_instance, record, assessment, day, orders)

with `kind` the id of the hook's service or the endpoint (`order-sign-cramps`, `assess`),
`hook_instance` a string or None, `record` the `PatientRecord` that was assessed, `assessment` an
`Assessment` or an `AssessmentTrace`, `day` the day that the request named, if it did, and `orders`
what was being ordered, if that was reviewed. It writes nothing where no log is kept, and returns
None. Call it in the worker thread that did the assessment, before the answer is given.

A line holds the digest of the record and no value of it, but for the fields that `audit_fields`
names. One on orders holds beside that the digest of the orders and the rules of their review.
`crampdx replay` reads the lines.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import hmac
import json
import logging
import os
import re
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from crampdx._version import __version__
from crampdx.assessment import Assessment
from crampdx.engine.trace import AssessmentTrace
from crampdx.record.models import PatientRecord
from crampdx.service.api.problems import Problem
from crampdx.service.logs import log, place_of
from crampdx.service.metrics import Metrics
from crampdx.service.settings import Settings

__all__ = ["Audit", "Orders", "candidates_of", "digest_of", "fields_of", "rules_fired"]

_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
OWNER_ALONE = 0o600


class Orders(NamedTuple):
    """Orders that were reviewed.

    Attributes:
        drafts: The medicines and the tests that were being ordered, as a record has them.
        rules: The rules that the review rests on.
    """

    drafts: PatientRecord
    rules: tuple[str, ...]


class Audit:
    """Writes the lines. Several threads and processes may write to one file."""

    def __init__(self, settings: Settings, today: Callable[[], date], metrics: Metrics) -> None:
        """Find out whether the file can be written.

        Args:
            settings: The settings.
            today: Gives the day of an assessment for which no request named one.
            metrics: Where decisions are counted.

        Raises:
            OSError: The file cannot be written.
        """
        self._path: Path | None = settings.audit_log
        self._fields = frozenset(settings.audit_fields)
        self._key = settings.audit_key.get_secret_value() if settings.audit_key else ""
        self._sync = settings.audit_sync
        self._today = today
        self._metrics = metrics
        if self._path is not None:
            _append(self._path, b"", sync=False)

    def __call__(
        self,
        kind: str,
        hook_instance: str | None,
        record: PatientRecord,
        assessment: Assessment | AssessmentTrace,
        day: str | None = None,
        orders: Orders | None = None,
    ) -> None:
        """Write the line of a decision.

        Args:
            kind: The id of the hook's service, or the endpoint.
            hook_instance: The hook's instance; only a UUID is written.
            record: What was assessed.
            assessment: The answer.
            day: The day of the assessment, where the request named one; that of the record is not
                written, since it may be one of the patient's.
            orders: What was being ordered, where the decision is on that.

        Raises:
            Problem: The line cannot be written, so that the decision is not given.
        """
        self._metrics.decision(kind)
        if self._path is None:
            return
        found = assessment.assessment if isinstance(assessment, AssessmentTrace) else assessment
        line = self._line(kind, hook_instance, record, found, day)
        if orders is not None:
            line["orders"] = {
                "input": digest_of(orders.drafts, self._key),
                "rules": list(orders.rules),
            }
        data = json.dumps(line, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"
        try:
            _append(self._path, data, sync=self._sync)
        except OSError as error:
            log("audit_failed", logging.ERROR, reason=error.strerror, place=place_of(error))
            message = "the decision could not be recorded, and is not given; send it again"
            raise Problem(503, "transient", message, headers={"retry-after": "5"}) from None

    def _line(
        self,
        kind: str,
        hook_instance: str | None,
        record: PatientRecord,
        found: Assessment,
        day: str | None,
    ) -> dict[str, Any]:
        is_uuid = hook_instance is not None and _UUID.fullmatch(hook_instance)
        shown = {name: value for name, value in fields_of(record).items() if name in self._fields}
        return {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "day": day or self._today().isoformat(),
            "kind": kind,
            "hook_instance": hook_instance if is_uuid else None,
            "engine": __version__,
            "knowledge": found.knowledge.digest,
            "packs": [f"{pack.name} {pack.version}" for pack in found.knowledge.packs],
            "input": digest_of(record, self._key),
            "rules": rules_fired(found),
            "candidates": candidates_of(found),
            **({"record": shown} if self._fields else {}),
        }


def _append(path: Path, data: bytes, *, sync: bool) -> None:
    """Add a line, whole or not at all; the lines of several processes do not mix.

    Where the disk fills in the midst of it, what was written is taken back. Where that cannot be,
    as after a failure of the machine, the next line begins on a line of its own.

    Raises:
        OSError: It cannot be written, or not whole.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, OWNER_ALONE)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        about = os.fstat(descriptor)
        is_file = stat.S_ISREG(about.st_mode)
        if is_file and about.st_size and os.pread(descriptor, 1, about.st_size - 1) != b"\n":
            data = b"\n" + data if data else b""
        try:
            _write_whole(descriptor, data, sync=sync)
        except OSError:
            if is_file:
                with suppress(OSError):
                    os.ftruncate(descriptor, about.st_size)
            raise
    finally:
        os.close(descriptor)


def _write_whole(descriptor: int, data: bytes, *, sync: bool) -> None:
    if data and os.write(descriptor, data) != len(data):
        raise OSError(errno.ENOSPC, "only a part of the line was written")
    if sync:
        os.fsync(descriptor)


def fields_of(record: PatientRecord) -> dict[str, Any]:
    """The fields of a record that say something, as plain data."""
    return record.model_dump(mode="json", exclude_defaults=True)


def digest_of(record: PatientRecord, key: str = "") -> str:
    """The digest of a record: the same for records that hold the same.

    Args:
        record: The record.
        key: A secret; without it, whoever guesses a record can confirm the guess.

    >>> digest_of(PatientRecord(age=58)) == digest_of(PatientRecord(age=58), "secret")
    False
    """
    text = json.dumps(fields_of(record), sort_keys=True, separators=(",", ":")).encode()
    if not key:
        return f"sha256:{hashlib.sha256(text).hexdigest()}"
    return f"hmac-sha256:{hmac.new(key.encode(), text, hashlib.sha256).hexdigest()}"


def candidates_of(found: Assessment) -> list[dict[str, Any]]:
    """The candidates in rank order, with band and score."""
    return [
        {"rank": c.rank, "cause": c.cause, "band": str(c.band), "score": c.score}
        for c in found.candidates
    ]


def rules_fired(found: Assessment) -> list[str]:
    """The ids of the rules that an answer rests on, each with its kind, sorted.

    Lines of evidence of candidates that are not called unlikely, red flags, indications, cautions,
    and prevention.
    """
    return sorted(set(_fired(found)))


def _fired(found: Assessment) -> Iterator[str]:
    for candidate in found.candidates:
        for line in (*candidate.supporting, *candidate.opposing):
            yield f"evidence:{line.evidence.id}"
    for flag in found.red_flags:
        yield f"red_flag:{flag.flag.id}"
    for option in found.treatments:
        yield from (f"indication:{indication.id}" for indication in option.indications)
        yield from (f"caution:{noted.caution.id}" for noted in option.cautions)
    for measure in found.prevention:
        yield f"prevention:{measure.id}"
