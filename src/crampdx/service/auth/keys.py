"""The public keys of clients: from a file, or from an address that is allow-listed."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import httpx
import jwt

from crampdx.service.auth.certificates import trusted
from crampdx.service.logs import log
from crampdx.service.settings import Issuer, origin_of

__all__ = ["ALGORITHMS", "FileKeys", "Keys", "NamedKeys", "UrlKeys", "keys_of", "read_keys"]

ALGORITHMS = ("ES384", "RS384")
"""What tokens may be signed with: what CDS Hooks recommends, and nothing symmetric."""

MAX_KEYS_BYTES = 1024 * 1024
MAX_KEYS = 200
MAX_ADDRESSES = 100
LEAST_RSA_BITS = 2_048

FRESH_SECONDS = 600
"""After how many seconds a set that was fetched is fetched again."""

PATIENCE_SECONDS = 30
"""How many seconds lie between two fetches at least, whatever tokens ask for."""

KeySet = Mapping[tuple[str, str], jwt.PyJWK]
"""Keys by id and algorithm."""


class Keys(Protocol):
    """Where the keys of an issuer are."""

    def find(self, kid: str, algorithm: str, jku: str | None) -> jwt.PyJWK | None:
        """The key of an id for an algorithm.

        Args:
            kid: The id of the key that the token names.
            algorithm: The algorithm that it names.
            jku: The address of a key set that it names, if any.
        """


def read_keys(text: bytes | str) -> KeySet:
    """The keys of a JWKS that may be used: EC keys of P-384, RSA keys of 2,048 bits or more.

    Others are passed over, such as symmetric ones.

    Raises:
        ValueError: It is not a JWKS.
    """
    try:
        entries = json.loads(text)["keys"]
    except (TypeError, KeyError, RecursionError) as error:
        raise ValueError("not a JWKS") from error
    if not isinstance(entries, list):
        raise ValueError("not a JWKS")
    found = {}
    for entry in entries[:MAX_KEYS]:
        algorithm = _algorithm(entry)
        if algorithm is not None:
            try:
                key = jwt.PyJWK(entry, algorithm=algorithm)
            except (jwt.PyJWTError, ValueError, TypeError):
                continue
            if algorithm == "ES384" or key.key.key_size >= LEAST_RSA_BITS:
                found[entry["kid"], algorithm] = key
    return found


def _algorithm(entry: Any) -> str | None:
    """What a key signs, where it is one to verify with."""
    if not isinstance(entry, dict) or not isinstance(entry.get("kid"), str):
        return None
    if "d" in entry or entry.get("use", "sig") != "sig":
        return None
    forms = {("EC", "P-384"): "ES384", ("RSA", None): "RS384"}
    algorithm = forms.get((str(entry.get("kty")), entry.get("crv")))
    return algorithm if entry.get("alg", algorithm) == algorithm else None


class FileKeys:
    """Keys from a file, read again when it changes."""

    def __init__(self, path: Path) -> None:
        """Read the file.

        Raises:
            OSError: It cannot be read.
            ValueError: It is not a JWKS.
        """
        self._path = path
        self._lock = threading.Lock()
        self._stamp = self._changed()
        self._keys = self._read()

    def find(self, kid: str, algorithm: str, jku: str | None) -> jwt.PyJWK | None:
        """The key of an id for an algorithm."""
        with self._lock:
            try:
                stamp = self._changed()
                if stamp != self._stamp:
                    self._keys, self._stamp = self._read(), stamp
            except (OSError, ValueError) as error:
                log("keys_not_read", logging.ERROR, error=type(error).__name__)
            return self._keys.get((kid, algorithm))

    def _changed(self) -> tuple[int, int]:
        status = self._path.stat()
        return status.st_mtime_ns, status.st_size

    def _read(self) -> KeySet:
        with self._path.open("rb") as stream:
            return read_keys(stream.read(MAX_KEYS_BYTES))


class UrlKeys:
    """Keys from one address; fetched seldom, and kept while the address does not answer."""

    def __init__(
        self, url: str, timeout: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._url = url
        self._timeout = timeout
        self._clock = clock
        self._lock = threading.Lock()
        self._keys: KeySet = {}
        self._asked: float | None = None
        self._read: float | None = None

    def find(self, kid: str, algorithm: str, jku: str | None) -> jwt.PyJWK | None:
        """The key of an id for an algorithm."""
        with self._lock:
            now = self._clock()
            is_fresh = self._read is not None and now - self._read < FRESH_SECONDS
            if not self._is_patient(now) and not (is_fresh and (kid, algorithm) in self._keys):
                self._asked = now
                self._fetch(now)
            return self._keys.get((kid, algorithm))

    @property
    def is_vain(self) -> bool:
        """Whether no key was ever found there, and the last attempt is some time ago."""
        return not self._keys and not self._is_patient(self._clock())

    def _is_patient(self, now: float) -> bool:
        return self._asked is not None and now - self._asked < PATIENCE_SECONDS

    def _fetch(self, now: float) -> None:
        try:
            self._keys = read_keys(fetched(self._url, self._timeout))
            self._read = now
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            log("keys_not_fetched", logging.WARNING, error=type(error).__name__)


def fetched(url: str, timeout: float) -> bytes:
    """What an address answers; not redirected, of bounded size and time.

    Raises:
        httpx.HTTPError: It does not answer well.
        ValueError: It answers more than keys can be, or too slowly.
    """
    end = time.monotonic() + timeout
    with (
        httpx.Client(
            timeout=timeout, follow_redirects=False, trust_env=False, verify=trusted()
        ) as client,
        client.stream("GET", url, headers={"accept": "application/json"}) as answer,
    ):
        if answer.status_code != httpx.codes.OK:
            raise ValueError("no key set there")
        body = b""
        for part in answer.iter_bytes():
            body += part
            if len(body) > MAX_KEYS_BYTES or time.monotonic() > end:
                raise ValueError("too large or too slow")
    return body


class NamedKeys:
    """Keys from the address that a token names, where its origin is one of those allowed."""

    def __init__(
        self,
        origins: tuple[str, ...],
        timeout: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._origins = frozenset(origins)
        self._timeout = timeout
        self._clock = clock
        self._lock = threading.Lock()
        self._by_address: dict[str, UrlKeys] = {}

    def find(self, kid: str, algorithm: str, jku: str | None) -> jwt.PyJWK | None:
        """The key of an id for an algorithm."""
        if jku is None or origin_of(jku) not in self._origins:
            return None
        keys = self._keys_at(jku)
        return None if keys is None else keys.find(kid, algorithm, None)

    def _keys_at(self, address: str) -> UrlKeys | None:
        """The keys of an address, or None where there are too many addresses at the moment.

        Whoever makes addresses up gets few of them fetched, and pushes none out that has keys.
        """
        with self._lock:
            if address not in self._by_address:
                if len(self._by_address) >= MAX_ADDRESSES:
                    self._by_address = {
                        name: keys for name, keys in self._by_address.items() if not keys.is_vain
                    }
                if len(self._by_address) >= MAX_ADDRESSES:
                    return None
                self._by_address[address] = UrlKeys(address, self._timeout, self._clock)
            return self._by_address[address]


def keys_of(issuer: Issuer, timeout: float) -> Keys:
    """Where the keys of an issuer are.

    Raises:
        OSError: Their file cannot be read.
        ValueError: It is not a JWKS.
    """
    if issuer.jwks_file is not None:
        return FileKeys(issuer.jwks_file)
    if issuer.jwks_url is not None:
        return UrlKeys(issuer.jwks_url, timeout)
    return NamedKeys(issuer.jku_origins, timeout)
