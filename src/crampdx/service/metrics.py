"""Counts for Prometheus. They hold no patient data: methods, templates of routes, and statuses."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from prometheus_client import (
    CONTENT_TYPE_PLAIN_0_0_4,
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
    values,
)
from prometheus_client.multiprocess import MultiProcessCollector

from crampdx._version import __version__
from crampdx.knowledge.base import KnowledgeBase

__all__ = ["CONTENT_TYPE", "Metrics", "shared_by_processes"]

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
FOLDER = "PROMETHEUS_MULTIPROC_DIR"
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


@contextmanager
def shared_by_processes() -> Iterator[None]:
    """Let the processes that are started meanwhile keep their counts in one folder."""
    with tempfile.TemporaryDirectory(prefix="crampdx-metrics-") as folder:
        before = values.ValueClass
        os.environ[FOLDER] = folder
        values.ValueClass = values.get_value_class()  # type: ignore[no-untyped-call]
        try:
            yield
        finally:
            values.ValueClass = before
            del os.environ[FOLDER]


class Metrics:
    """The counts of one process, or of all where they share a folder."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._shared = os.environ.get(FOLDER)
        if not self._shared:
            for collector in (ProcessCollector, PlatformCollector, GCCollector):
                collector(registry=self._registry)
        self._requests = Counter(
            "crampdx_requests",
            "Requests that were answered.",
            ("method", "route", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "crampdx_request_seconds",
            "How long requests took, from the first header to the last byte of the answer.",
            ("route",),
            buckets=SECONDS,
            registry=self._registry,
        )
        self._decisions = Counter(
            "crampdx_decisions",
            "Assessments that were given, by hook or endpoint.",
            ("kind",),
            registry=self._registry,
        )
        self._rules = Gauge(
            "crampdx_rules",
            "The rules that answer: always 1.",
            ("version", "digest"),
            registry=self._registry,
            multiprocess_mode="max",
        )

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Note one request."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def decision(self, kind: str) -> None:
        """Note one decision."""
        self._decisions.labels(kind).inc()

    def rules(self, knowledge: KnowledgeBase) -> None:
        """Note which rules answer."""
        self._rules.labels(__version__, knowledge.digest).set(1)

    def text(self) -> bytes:
        """All counts, in the text form of Prometheus."""
        if self._shared and Path(self._shared).is_dir():
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
            return generate_latest(registry)
        return generate_latest(self._registry)
