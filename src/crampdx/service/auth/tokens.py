"""The tokens by which clients of CDS Hooks say who they are.

Each call carries a token of its own: signed with ES384 or RS384 by a key of a known issuer, meant
for the very address that is called, not expired, and used for the first time. What is wrong with
one that is refused is logged in a word, and never answered.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from typing import Any

import jwt

from crampdx.service.auth.keys import ALGORITHMS, Keys, keys_of
from crampdx.service.auth.replay import MemoryOfTokens, SharedMemoryOfTokens, TokenMemory
from crampdx.service.settings import Issuer, Settings, SettingsError, origin_of

__all__ = ["Refused", "Tokens"]

MAX_TOKEN = 16 * 1024
MAX_TOKEN_ID = 1_000
REQUIRED = ["iss", "aud", "exp", "iat", "jti"]

_REASONS = {
    jwt.ExpiredSignatureError: "expired",
    jwt.ImmatureSignatureError: "not_yet_valid",
    jwt.InvalidAudienceError: "audience",
    jwt.InvalidIssuerError: "issuer",
    jwt.InvalidSignatureError: "signature",
    jwt.MissingRequiredClaimError: "claim_missing",
}


class Refused(Exception):
    """A token that is refused, and why, in a word that is not answered."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Tokens:
    """Checks tokens. Thread-safe."""

    def __init__(self, settings: Settings, clock: Callable[[], float] = time.time) -> None:
        """Read what is needed to check tokens.

        Args:
            settings: The settings.
            clock: The time in seconds of Unix time; for how long tokens are remembered.

        Raises:
            SettingsError: The keys of an issuer cannot be read.
        """
        self._settings = settings
        self._clock = clock
        self._issuers = {issuer.iss: issuer for issuer in settings.jwt_issuers}
        self._keys = {iss: _keys(issuer, settings) for iss, issuer in self._issuers.items()}
        self._memory: TokenMemory = (
            MemoryOfTokens(clock())
            if settings.token_database is None
            else SharedMemoryOfTokens(settings.token_database, clock())
        )

    def check(self, token: str, path: str) -> str:
        """Check a token.

        Args:
            token: The token.
            path: The path that is called, below `public_url`.

        Returns:
            The issuer.

        Raises:
            Refused: It is not accepted, for whatever reason.
            sqlite3.Error: It cannot be noted that it was used.
        """
        try:
            claims = self._verified(token, path)
        except jwt.PyJWTError as error:
            raise Refused(_REASONS.get(type(error), "malformed")) from None
        except (ValueError, TypeError, OverflowError, RecursionError):
            raise Refused("malformed") from None
        self._check_life(claims)
        expires = float(claims["exp"]) + self._settings.clock_skew_seconds + 1
        if not self._memory.is_first_use(claims["iss"], claims["jti"], expires, self._clock()):
            raise Refused("replayed")
        return str(claims["iss"])

    def _verified(self, token: str, path: str) -> dict[str, Any]:
        if len(token) > MAX_TOKEN:
            raise Refused("malformed")
        header = jwt.get_unverified_header(token)
        issuer = self._issuer(token)
        algorithm, key = self._key(header, issuer.iss)
        own = [f"{self._settings.public_url}{path}"]
        return jwt.decode(
            token,
            key,
            algorithms=[algorithm],
            audience=[*own, *issuer.audience],
            issuer=issuer.iss,
            leeway=self._settings.clock_skew_seconds,
            options={"require": REQUIRED},
        )

    def _issuer(self, token: str) -> Issuer:
        claimed = jwt.decode(token, options={"verify_signature": False}).get("iss")
        issuer = self._issuers.get(claimed) if isinstance(claimed, str) else None
        if issuer is None:
            raise Refused("issuer")
        return issuer

    def _key(self, header: Mapping[str, Any], iss: str) -> tuple[str, jwt.PyJWK]:
        algorithm, kid, jku = (header.get(name) for name in ("alg", "kid", "jku"))
        if algorithm not in ALGORITHMS:
            raise Refused("algorithm")
        if str(header.get("typ", "JWT")).upper() != "JWT" or {"crit", "b64"} & header.keys():
            raise Refused("malformed")
        if jku is not None and not self._is_allowed(jku):
            raise Refused("jku")
        key = self._keys[iss].find(kid, algorithm, jku) if isinstance(kid, str) else None
        if key is None:
            raise Refused("key")
        return algorithm, key

    def _is_allowed(self, jku: Any) -> bool:
        return isinstance(jku, str) and origin_of(jku) in self._settings.jwks_origins

    def _check_life(self, claims: Mapping[str, Any]) -> None:
        if not isinstance(claims["jti"], str) or not 0 < len(claims["jti"]) <= MAX_TOKEN_ID:
            raise Refused("claim_missing")
        if float(claims["exp"]) - float(claims["iat"]) > self._settings.token_seconds:
            raise Refused("too_long_a_life")
        if float(claims["iat"]) < math.floor(self._memory.since):
            raise Refused("issued_before_start")


def _keys(issuer: Issuer, settings: Settings) -> Keys:
    try:
        return keys_of(issuer, settings.fetch_timeout_seconds)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "a JWKS is expected"
        message = f"jwt_issuers (CRAMPDX_JWT_ISSUERS): {issuer.jwks_file}: {reason}"
        raise SettingsError((message,)) from None
