"""The service for a long time, asked well, badly and by enemies: no fault, and no growth."""

from __future__ import annotations

import gzip
import json
import socket
from base64 import urlsafe_b64encode
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import monotonic, sleep, time
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP384R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)

from benchmarks.hospital import hook_call
from benchmarks.serving import JSON, VIEW, Service, call, serving
from benchmarks.timing import table

__all__ = ["measure"]

ISSUER = "https://ehr.example"
PUBLIC = "https://cds.example"
MIB = 1024 * 1024
Request = Callable[[], int]


def measure(seconds: float, a_second: float = 4.0) -> str:
    """Requests of all kinds in turn, at an even pace, and the memory after each tenth.

    Args:
        seconds: For how long.
        a_second: How many requests are sent in a second, one after another.
    """
    with TemporaryDirectory() as folder, serving(1, **_settings(Path(folder))) as service:
        client = _Client(service, _key(Path(folder)))
        statuses: dict[str, Counter[int]] = {}
        resident = [_resident(service)]
        begun, requests, number = monotonic(), client.requests(), 0
        kinds = list(requests)
        Random(5).shuffle(kinds)  # noqa: S311
        for tenth in range(1, 11):
            while monotonic() < begun + seconds * tenth / 10:
                kind = kinds[number % len(kinds)]
                statuses.setdefault(kind, Counter())[requests[kind]()] += 1
                number += 1
                sleep(max(0.0, begun + number / a_second - monotonic()))
            resident.append(_resident(service))
        failed = service.log().count('"event": "failed"')
    return _text(seconds, statuses, resident, failed)


def _text(
    seconds: float, statuses: dict[str, Counter[int]], resident: list[float], failed: int
) -> str:
    total: Counter[int] = sum(statuses.values(), Counter())
    faults = sum(number for status, number in total.items() if status >= 500)
    rows = [
        [kind, str(found.total()), ", ".join(_named(status) for status in sorted(found))]
        for kind, found in sorted(statuses.items())
    ]
    return (
        f"{total.total():,} requests of {len(rows)} kinds in turn, in {seconds:,.0f} s:"
        f" {faults} of them answered with 5xx, {failed} faults in the log. Resident memory"
        f" {resident[0]:.1f} MiB at the start, {resident[1]:.1f} MiB after a tenth,"
        f" {resident[-1]:.1f} MiB at the end; growth after the first tenth"
        f" {resident[-1] - resident[1]:+.1f} MiB, in the second half"
        f" {resident[-1] - resident[5]:+.1f} MiB.\n\nAfter each tenth, MiB:"
        f" {', '.join(f'{size:.1f}' for size in resident[1:])}.\n\n"
        + table(("request", "sent", "answers"), rows)
    )


def _named(status: int) -> str:
    return str(status) if status else "hung up"


def _resident(service: Service) -> float:
    return service.resident() / MIB


# ------------------------------------------------------------------------------- the settings


def _settings(folder: Path) -> dict[str, str]:
    key = generate_private_key(SECP384R1())
    numbers = key.public_key().public_numbers()
    known = {"kty": "EC", "crv": "P-384", "kid": "k", "alg": "ES384", "use": "sig"}
    known |= {"x": _octets(numbers.x), "y": _octets(numbers.y)}
    keys = folder / "keys.json"
    keys.write_text(json.dumps({"keys": [known]}), encoding="utf-8")
    _KEYS[folder] = key
    return {
        "CRAMPDX_AUTH": "jwt",
        "CRAMPDX_PUBLIC_URL": PUBLIC,
        "CRAMPDX_JWT_ISSUERS": json.dumps([{"iss": ISSUER, "jwks_file": str(keys)}]),
        "CRAMPDX_FEEDBACK_DATABASE": str(folder / "feedback.db"),
        "CRAMPDX_AUDIT_LOG": str(folder / "audit.jsonl"),
        "CRAMPDX_REQUEST_TIMEOUT_SECONDS": "1",
    }


_KEYS: dict[Path, EllipticCurvePrivateKey] = {}


def _key(folder: Path) -> EllipticCurvePrivateKey:
    return _KEYS.pop(folder)


def _octets(number: int) -> str:
    return urlsafe_b64encode(number.to_bytes(48, "big")).rstrip(b"=").decode()


# -------------------------------------------------------------------------------- the requests


class _Client:
    """Sends requests, each with a new token unless it steals one."""

    def __init__(self, service: Service, key: EllipticCurvePrivateKey) -> None:
        self.service = service
        self.key = key
        self.enemy = generate_private_key(SECP384R1())
        self.numbers = count()
        self.small = hook_call(20)
        self.wholes = [hook_call(500, seed) for seed in range(8)]
        self.stolen = self.token(VIEW)

    def token(self, path: str, key: EllipticCurvePrivateKey | None = None, **claims: Any) -> str:
        now = int(time())
        said = {"iss": ISSUER, "aud": PUBLIC + path, "iat": now, "exp": now + 60}
        said |= {"jti": f"token-{next(self.numbers)}", **claims}
        return jwt.encode(said, key or self.key, "ES384", {"kid": "k"})

    def send(
        self, path: str, body: bytes | None, token: str = "", method: str = "POST", **more: str
    ) -> int:
        headers = {**JSON, **more, "Authorization": f"Bearer {token or self.token(path)}"}
        try:
            return call(self.service.port, method, path, body, headers).status
        except OSError:
            return 0

    def raw(self, *parts: bytes) -> int:
        """Bytes as they are; the status of the answer, or 0 where the service hangs up."""
        with (
            suppress(OSError),
            socket.create_connection(("127.0.0.1", self.service.port), 10) as at,
        ):
            for part in parts:
                at.sendall(part)
            answer = at.recv(65_536)
            return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/") else 0
        return 0

    def head(self, path: str, *lines: bytes) -> bytes:
        token = self.token(path).encode()
        return b"\r\n".join(
            (
                b"POST " + path.encode() + b" HTTP/1.1",
                b"Host: x",
                b"Content-Type: application/json",
                b"Authorization: Bearer " + token,
                *lines,
                b"\r\n",
            )
        )

    def requests(self) -> dict[str, Request]:
        return {**self.good(), **self.bad(), **self.of_enemies(), **self.of_thieves()}

    def good(self) -> dict[str, Request]:
        record = {"age": 58, "findings": {"muscle_cramp": True, "fasciculations": True}}
        asked = {"record": record, "query": {"kind": "next_questions", "count": 3}}
        whole = (body for number in count() for body in (self.wholes[number % 8],))
        return {
            "good: a hook with 500 entries": lambda: self.send(VIEW, next(whole)),
            "good: a hook with 20 entries": lambda: self.send(VIEW, self.small),
            "good: a record": lambda: self.send("/assess", json.dumps(record).encode()),
            "good: an explanation": lambda: self.send("/explain", json.dumps(asked).encode()),
            "good: feedback": lambda: self.send(f"{VIEW}/feedback", self.feedback()),
            "good: discovery": lambda: self.send("/cds-services", None, method="GET"),
            "good: metrics": lambda: self.send("/metrics", None, method="GET"),
            "good: the page": lambda: self.send("/", None, method="GET"),
        }

    def feedback(self) -> bytes:
        outcome = {
            "card": f"card-{next(self.numbers)}",
            "outcome": "overridden",
            "overrideReason": {"userComment": "known already"},
            "outcomeTimestamp": "2026-11-23T10:00:00Z",
        }
        return json.dumps({"feedback": [outcome]}).encode()

    def bad(self) -> dict[str, Request]:
        view = json.loads(self.small)
        twisted = {**view, "prefetch": {**view["prefetch"], "patient": {"resourceType": 7}}}
        return {
            "bad: no JSON": lambda: self.send(VIEW, b'{"hook": '),
            "bad: no text": lambda: self.send(VIEW, b"\xff\xfe\x00"),
            "bad: another hook": lambda: self.send("/cds-services/order-sign-cramps", self.small),
            "bad: a field is missing": lambda: self.send(VIEW, b'{"hook": "patient-view"}'),
            "bad: no patient": lambda: self.send(VIEW, json.dumps(twisted).encode()),
            "bad: an unknown service": lambda: self.send("/cds-services/none", self.small),
            "bad: an unknown path": lambda: self.send("/nothing", b"{}"),
            "bad: an unknown method": lambda: self.send("/assess", b"{}", method="BREW"),
            "bad: a wrong method": lambda: self.send("/assess", None, method="DELETE"),
            "bad: a record with faults": lambda: self.send("/assess", b'{"age": "old", "x": 1}'),
            "bad: another media type": lambda: self.send(
                VIEW, self.small, **{"Content-Type": "text/plain"}
            ),
        }

    def of_enemies(self) -> dict[str, Request]:
        cycle = {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient"}}] * 2}
        nested: dict[str, Any] = {"resourceType": "Bundle"}
        for _ in range(40):
            nested = {"resourceType": "Bundle", "entry": [{"resource": nested}]}
        many = [{"resourceType": "Patient", "id": "p"}]
        many += [
            {"resourceType": "Condition", "id": str(n), "code": {"coding": [{"code": "\x00"}] * 40}}
            for n in range(2_000)
        ]
        return {
            "hostile: 10,000 nested arrays": lambda: self.send(
                "/assess", b"[" * 10_000 + b"]" * 10_000
            ),
            "hostile: 10,000 nested objects": lambda: self.send(VIEW, b'{"a":' * 10_000),
            "hostile: a large body": lambda: self.send(VIEW, b" " * (17 * MIB)),
            "hostile: gzip": lambda: self.send(
                VIEW, gzip.compress(b"0" * MIB), **{"Content-Encoding": "gzip"}
            ),
            "hostile: a slow head": lambda: self.raw(b"POST /assess HTTP/1.1\r\nHost: x\r\nA: "),
            "hostile: a slow body": lambda: self.raw(
                self.head("/assess", b"Content-Length: 9"), b"{"
            ),
            "hostile: hangs up": self.hung_up,
            "hostile: another protocol": lambda: self.raw(b"\x16\x03\x01\x02\x00"),
            "hostile: headers without end": lambda: self.raw(
                b"GET / HTTP/1.1\r\nA: " + b"a" * 100_000
            ),
            "hostile: a path of dots": lambda: self.send(
                "/page/../../etc/passwd", None, method="GET"
            ),
            "hostile: two patients": lambda: self.send("/assess", json.dumps(cycle).encode()),
            "hostile: Bundles in Bundles": lambda: self.send(
                "/assess", json.dumps(nested).encode()
            ),
            "hostile: much that cannot be read": lambda: self.send(
                "/assess", json.dumps(many).encode()
            ),
            "hostile: a number of many digits": lambda: self.send(
                "/assess", b'{"age": ' + b"9" * 10_000 + b"}"
            ),
        }

    def hung_up(self) -> int:
        with (
            suppress(OSError),
            socket.create_connection(("127.0.0.1", self.service.port), 10) as at,
        ):
            at.sendall(self.head(VIEW, b"Content-Length: 700000") + self.wholes[0][:300_000])
        return 0

    def of_thieves(self) -> dict[str, Request]:
        return {
            "token: none": lambda: self.send(VIEW, self.small, "-"),
            "token: used before": lambda: self.send(VIEW, self.small, self.stolen),
            "token: for another address": lambda: self.send(
                VIEW, self.small, self.token("/assess")
            ),
            "token: of another key": lambda: self.send(
                VIEW, self.small, self.token(VIEW, self.enemy)
            ),
            "token: too old": lambda: self.send(
                VIEW, self.small, self.token(VIEW, exp=int(time()) - 600, iat=int(time()) - 700)
            ),
            "token: of an unknown issuer": lambda: self.send(
                VIEW, self.small, self.token(VIEW, iss="https://enemy.example")
            ),
        }
