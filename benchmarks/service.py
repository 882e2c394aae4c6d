"""The service under load: whole records to cards, at one, eight and sixty-four calls at once."""

from __future__ import annotations

from collections.abc import Sequence
from http.client import HTTPConnection
from itertools import count
from statistics import median, quantiles
from threading import Thread
from time import perf_counter, process_time
from typing import NamedTuple

from benchmarks.hospital import hook_call
from benchmarks.serving import JSON, VIEW, Service, call, serving
from benchmarks.timing import table

__all__ = ["measure"]

ENTRIES = 500
PATIENTS = 32
AT_ONCE = (1, 8, 64)
WARM_UP = 24
GOAL_MS = 100.0


class Load(NamedTuple):
    """What a number of clients at once saw.

    Attributes:
        latencies: The seconds from the first byte sent to the last byte received, of each call.
        errors: How many calls had no answer, or another than cards.
        seconds: How long all of it took.
        server: The processor time of the service.
        client: The processor time of the clients.
    """

    latencies: Sequence[float]
    errors: int
    seconds: float
    server: float
    client: float

    def percentile(self, percent: int) -> float:
        """In milliseconds."""
        return quantiles(self.latencies, n=100, method="inclusive")[percent - 1] * 1_000

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds


def measure(rounds: int, calls: int, workers: Sequence[int] = (1, 2)) -> str:
    """The tables, for one process and for two, and what was asked."""
    bodies = [hook_call(ENTRIES, seed) for seed in range(PATIENTS)]
    parts = [
        f"A `patient-view` call with a record of {ENTRIES} entries in its prefetch,"
        f" {len(bodies[0]) / 1_000:,.0f} kB of JSON, of {PATIENTS} made-up patients in turn; all"
        " packs. Each client waits for its answer and calls again on the same connection."
        f" {rounds} rounds of {calls} calls (at 64, at least 4 for each client)."
    ]
    for number in workers:
        with serving(number) as service:
            _load(service, bodies, 2 * number, WARM_UP * number)
            found = [
                [_load(service, bodies, clients, max(calls, 4 * clients)) for _ in range(rounds)]
                for clients in AT_ONCE
            ]
        parts.append(_text(number, found))
    return "\n\n".join(parts)


def _load(service: Service, bodies: Sequence[bytes], clients: int, calls: int) -> Load:
    """So many calls, by so many clients at once."""
    latencies: list[float] = []
    errors: list[int] = []
    waiting = count()

    def client() -> None:
        connection = HTTPConnection("127.0.0.1", service.port, timeout=60)
        while (number := next(waiting)) < calls:
            begun = perf_counter()
            try:
                body = bodies[number % len(bodies)]
                answer = call(service.port, "POST", VIEW, body, JSON, connection)
                latencies.append(perf_counter() - begun)
                if answer.status != 200 or b'"summary"' not in answer.body:
                    errors.append(number)
            except OSError:
                errors.append(number)
                connection.close()
        connection.close()

    threads = [Thread(target=client) for _ in range(clients)]
    served, used, begun = service.seconds(), process_time(), perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Load(
        latencies,
        len(errors),
        perf_counter() - begun,
        service.seconds() - served,
        process_time() - used,
    )


def _text(workers: int, found: Sequence[Sequence[Load]]) -> str:
    rows = []
    for clients, rounds in zip(AT_ONCE, found, strict=True):
        quiet = min(rounds, key=lambda load: load.percentile(95))
        calls = sum(len(load.latencies) for load in rounds)
        rows.append(
            [
                str(clients),
                *(
                    f"{median(load.percentile(percent) for load in rounds):,.0f}"
                    for percent in (50, 95, 99)
                ),
                f"{quiet.percentile(95):,.0f}",
                f"{median(load.rate for load in rounds):,.1f}",
                f"{sum(load.server for load in rounds) / calls * 1_000:,.1f}",
                f"{sum(load.client for load in rounds) / calls * 1_000:,.1f}",
                str(sum(load.errors for load in rounds)),
            ]
        )
    head = (
        "calls at once",
        "p50, ms",
        "p95, ms",
        "p99, ms",
        "p95 of the quietest round, ms",
        "calls a second",
        "processor time of the service, ms a call",
        "of the clients, ms a call",
        "errors",
    )
    at_eight = median(load.percentile(95) for load in found[1])
    verdict = "met" if at_eight < GOAL_MS else "missed"
    processes = "**One process**" if workers == 1 else f"**{workers} processes**"
    return (
        f"{processes}\n\n{table(head, rows)}\n\n"
        f"p95 at 8: {at_eight:,.0f} ms, goal {GOAL_MS:,.0f} ms, {verdict}."
    )
