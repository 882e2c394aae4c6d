"""The settings of the service: defaults, then a file, then the environment, then what is given.

`Settings()` has the defaults and reads nothing; `load_settings` reads a file and the environment.
A setting `name` is `CRAMPDX_NAME` in the environment and `name` in a TOML or YAML file.

>>> Settings().host, Settings().auth
('127.0.0.1', 'off')
"""

from __future__ import annotations

import ipaddress
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from crampdx.assessment import EvaluatorName
from crampdx.errors import CrampdxError, did_you_mean, printable
from crampdx.knowledge.loading.folders import builtin_packs
from crampdx.record.models import PatientRecord
from crampdx.text.validation import describe_fault

__all__ = ["Issuer", "Settings", "SettingsError", "is_loopback", "load_settings", "origin_of"]

PREFIX = "CRAMPDX_"
_LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
MEBIBYTE = 1024 * 1024
MAX_FILE = MEBIBYTE


class SettingsError(CrampdxError):
    """Settings that cannot be used: every fault at once, with the name of the setting."""

    def __init__(self, issues: tuple[str, ...]) -> None:
        self.issues = issues
        lines = [f"  {issue}" for issue in issues]
        super().__init__("\n".join(["the settings cannot be used:", *lines]))

    def __reduce__(self) -> tuple[type[SettingsError], tuple[tuple[str, ...]]]:
        return type(self), (self.issues,)


# ------------------------------------------------------------------------------ building blocks


def origin_of(url: str) -> str:
    """Scheme, host and port of an address, as browsers write an origin.

    Raises:
        ValueError: It is not an http or https address, or carries a user name.

    >>> origin_of("https://EHR.example:443/fhir/r4")
    'https://ehr.example'
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        raise ValueError("an address that begins with https:// or http:// is expected")
    standard = {"http": 80, "https": 443}[parts.scheme]
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    port = "" if parts.port in (None, standard) else f":{parts.port}"
    return f"{parts.scheme}://{host}{port}"


def is_loopback(host: str) -> bool:
    """Whether a host can be reached only from this machine.

    >>> is_loopback("127.0.0.1"), is_loopback("0.0.0.0")
    (True, False)
    """
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _words(value: Any) -> Any:
    """A list as the environment may give it: parted by commas."""
    if not isinstance(value, str):
        return value
    return tuple(word.strip() for word in value.split(",") if word.strip())


def _is_origin(value: str) -> str:
    origin = origin_of(value)
    if value.rstrip("/") != origin:
        raise ValueError(f"an origin without path is expected, such as {origin}")
    return origin


def _is_base(value: str) -> str:
    origin_of(value)
    parts = urlsplit(value)
    if parts.query or parts.fragment:
        raise ValueError("an address without '?' and '#' is expected")
    return value.rstrip("/")


def _is_safe(value: str) -> str:
    """Keys come over https, or from this machine."""
    if urlsplit(value).scheme != "https" and not is_loopback(urlsplit(value).hostname or ""):
        raise ValueError("an address that begins with https:// is expected")
    return value


def _is_host(value: str) -> str:
    host = value.strip().lower()
    if not _HOST.fullmatch(host):
        raise ValueError("the name of a host without scheme and port is expected")
    return host


_HOST = re.compile(r"[a-z0-9._-]{1,253}|\[[0-9a-f:.]{2,45}\]")
Hosts = Annotated[
    tuple[Annotated[str, AfterValidator(_is_host)], ...], NoDecode, BeforeValidator(_words)
]
Origin = Annotated[str, Field(max_length=400), AfterValidator(_is_origin)]
Base = Annotated[str, Field(max_length=2_000), AfterValidator(_is_base)]
Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_words)]
Origins = Annotated[tuple[Origin, ...], NoDecode, BeforeValidator(_words)]
SafeOrigin = Annotated[Origin, AfterValidator(_is_safe)]


class Issuer(BaseModel):
    """A client that may call, and where its public keys are: in one of three places.

    Attributes:
        iss: The issuer that its tokens name.
        audience: The addresses it may use instead of the one that is called; usually not given.
        jwks_file: A file with its keys as a JWKS.
        jwks_url: The address of its JWKS.
        jku_origins: Its tokens name the address of the JWKS, which is of one of these origins.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    iss: Annotated[str, Field(min_length=1, max_length=2_000)]
    audience: tuple[str, ...] = ()
    jwks_file: Path | None = None
    jwks_url: Annotated[str, Field(max_length=2_000), AfterValidator(_is_safe)] | None = None
    jku_origins: tuple[SafeOrigin, ...] = ()

    @field_validator("audience", mode="before")
    @classmethod
    def _one_audience(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        given = (self.jwks_file is not None, self.jwks_url is not None, bool(self.jku_origins))
        if sum(given) != 1:
            raise ValueError("give one of jwks_file, jwks_url and jku_origins")
        return self

    @property
    def origins(self) -> tuple[str, ...]:
        """The origins from which its keys may be fetched."""
        return self.jku_origins if self.jwks_url is None else (origin_of(self.jwks_url),)


class Settings(BaseSettings):
    """The settings of the service; frozen. See the module for where they come from.

    Attributes:
        host: The address to listen on.
        port: The port to listen on; 0 for any free one.
        workers: How many processes serve.
        public_url: The address under which clients call: the base of `aud` and of links.
        packs: The packs to load, in their order; without any, the default ones.
        evaluator: The evaluator of criteria; without one, the default of this Python.
        allowed_hosts: The names by which clients may call it, beside those of `public_url` and of
            this machine; without any, every name is good on an address that others can reach.
        auth: Whether callers show a token (`jwt`) or not (`off`).
        auth_off_anywhere: Lets `auth` be off on an address that others can reach.
        jwt_issuers: The clients that may call.
        jwks_origins: The origins from which keys may be fetched.
        token_database: A SQLite file in which all processes note the tokens that were used.
        clock_skew_seconds: How far the clocks of clients may be off.
        token_seconds: The longest life of a token, from `iat` to `exp`.
        cors_origins: The origins whose pages may call from a browser.
        fhir_origins: The FHIR servers that may be read; without any, none is.
        fetch_timeout_seconds: How long one read of another server may take.
        max_body_bytes: The most bytes of a request's body.
        max_held_bytes: The most bytes of bodies that one process holds at a time; by default four
            times `max_body_bytes`.
        max_values: The most values that a JSON body may hold: objects, lists, texts and the like.
        max_depth: How deeply a body may be nested.
        max_requests: How many requests one process serves at a time.
        request_timeout_seconds: How long a client may take to send its request.
        answer_timeout_seconds: How long a request may wait for its answer, once it has arrived.
        shutdown_seconds: How long requests may take to end when the service stops.
        feedback_database: The SQLite file for feedback; without it, feedback is not kept.
        feedback_card_days: For how many days to keep a card without feedback.
        audit_log: The file for a line on each decision; without it, none is written.
        audit_fields: The fields of the record that a line holds in clear.
        audit_key: A secret by which digests of inputs are keyed.
        audit_sync: Whether each line is forced to the disk before the answer is given.
        cds_hooks_3: Whether members of CDS Hooks 3.0 are sent.
        reference_url: Where the reference pages of the rules are.
        allow_patient_users: Whether patients may be the users of a hook.
        log_level: The least level that is logged.
    """

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="forbid", hide_input_in_errors=True
    )

    host: Annotated[str, Field(min_length=1, max_length=255)] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 8_000
    workers: Annotated[int, Field(ge=1, le=64)] = 1
    public_url: Base | None = None
    packs: Words = ()
    evaluator: EvaluatorName | None = None
    allowed_hosts: Hosts = ()

    auth: Literal["off", "jwt"] = "off"
    auth_off_anywhere: bool = False
    jwt_issuers: tuple[Issuer, ...] = ()
    jwks_origins: Annotated[tuple[SafeOrigin, ...], NoDecode, BeforeValidator(_words)] = ()
    token_database: Path | None = None
    clock_skew_seconds: Annotated[int, Field(ge=0, le=300)] = 30
    token_seconds: Annotated[int, Field(ge=1, le=86_400)] = 3_600

    cors_origins: Origins = ()
    fhir_origins: Origins = ()
    fetch_timeout_seconds: Annotated[float, Field(gt=0, le=60)] = 5.0

    max_body_bytes: Annotated[int, Field(ge=1_024, le=256 * MEBIBYTE)] = 16 * MEBIBYTE
    max_held_bytes: Annotated[int, Field(ge=1_024, le=4_096 * MEBIBYTE)] | None = None
    max_values: Annotated[int, Field(ge=1_000, le=50_000_000)] = 1_000_000
    max_depth: Annotated[int, Field(ge=8, le=500)] = 100
    max_requests: Annotated[int, Field(ge=1, le=10_000)] = 200
    request_timeout_seconds: Annotated[float, Field(gt=0, le=600)] = 20.0
    answer_timeout_seconds: Annotated[float, Field(gt=0, le=600)] = 30.0
    shutdown_seconds: Annotated[int, Field(ge=1, le=600)] = 20

    feedback_database: Path | None = None
    feedback_card_days: Annotated[int, Field(ge=1, le=36_500)] = 90
    audit_log: Path | None = None
    audit_fields: Words = ()
    audit_key: SecretStr | None = None
    audit_sync: bool = False

    cds_hooks_3: bool = False
    reference_url: Base | None = None
    allow_patient_users: bool = False
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what is given: `load_settings` reads the rest."""
        return (init_settings,)

    @field_validator("audit_fields")
    @classmethod
    def _are_fields(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            if name not in PatientRecord.model_fields:
                hint = did_you_mean(name, PatientRecord.model_fields)
                said = f"a record has no field '{printable(name)}'"
                raise ValueError(f"{said}; {hint}" if hint else said)
        return value

    @property
    def hosts(self) -> frozenset[str]:
        """The names by which clients may call; empty where every name is good."""
        if not self.allowed_hosts and not is_loopback(self.host):
            return frozenset()
        public = urlsplit(self.public_url).hostname if self.public_url else None
        own = {*_LOOPBACK, self.host.lower(), *self.allowed_hosts, *([public] if public else [])}
        return frozenset(f"[{name}]" if ":" in name and name[0] != "[" else name for name in own)

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        faults = tuple(self._faults())
        if faults:
            raise ValueError("\n".join(faults))
        return self

    def _faults(self) -> Iterator[str]:
        if self.max_held_bytes is not None and self.max_held_bytes < self.max_body_bytes:
            yield "max_held_bytes: has to be at least max_body_bytes"
        if self.auth == "off" and not is_loopback(self.host) and not self.auth_off_anywhere:
            yield "auth: 'off' serves only this machine; set 'jwt', or host to 127.0.0.1"
        if self.auth == "jwt" and not self.jwt_issuers:
            yield "jwt_issuers: name the clients that may call, or none can"
        if self.auth == "jwt" and self.public_url is None:
            yield "public_url: tokens name the address that is called; say which it is"
        if self.auth == "jwt" and self.workers > 1 and self.token_database is None:
            yield "token_database: several processes have to share it to refuse a token twice"
        named = {origin for issuer in self.jwt_issuers for origin in issuer.origins}
        missing = sorted(named - set(self.jwks_origins))
        if missing:
            yield f"jwks_origins: add what jwt_issuers names: {', '.join(missing)}"


# ------------------------------------------------------------------------------------- reading


def load_settings(
    file: Path | None = None,
    environment: Mapping[str, str] | None = None,
    **given: Any,
) -> Settings:
    """The settings of a file, the environment, and what is given, the later ones winning.

    Args:
        file: A TOML or YAML file.
        environment: The environment; that of the process where none is given.
        given: Settings by name, such as options of the command line; None for not given.

    Raises:
        SettingsError: They cannot be used: every fault at once.
    """
    variables = os.environ if environment is None else environment
    issues = list(_near_misses(variables))
    values = {**_of_file(file), **_of_environment(variables)}
    values.update((name, value) for name, value in given.items() if value is not None)
    issues.extend(_missing(values))
    try:
        settings = Settings(**values)
    except ValidationError as error:
        issues.extend(_faults_of(error))
    if issues:
        raise SettingsError(tuple(dict.fromkeys(issues)))
    return settings


def _missing(values: Mapping[str, Any]) -> Iterator[str]:
    """What settings name that is not there."""
    for name in ("audit_log", "feedback_database", "token_database"):
        path = values.get(name)
        if isinstance(path, str | Path) and path and not Path(path).absolute().parent.is_dir():
            yield _named(name, f"there is no folder '{printable(str(Path(path).parent), 400)}'")
    packs = _words(values.get("packs", ()))
    for pack in packs if isinstance(packs, list | tuple) else ():
        if isinstance(pack, str) and pack not in builtin_packs() and not Path(pack).is_dir():
            hint = did_you_mean(pack, builtin_packs())
            said = f"there is no pack '{printable(pack, 400)}'"
            yield _named("packs", f"{said}; {hint}" if hint else said)


def _of_environment(variables: Mapping[str, str]) -> dict[str, Any]:
    source = EnvSettingsSource(Settings)
    source.env_vars = {name.lower(): value for name, value in variables.items()}
    try:
        return source()
    except ValueError as error:
        raise SettingsError((_undecodable(error),)) from None


def _undecodable(error: ValueError) -> str:
    names = [name for name in Settings.model_fields if f'"{name}"' in str(error)]
    return f"{PREFIX}{(names or ['?'])[0].upper()}: JSON is expected"


def _near_misses(variables: Mapping[str, str]) -> Iterator[str]:
    """Variables that are no setting, but may be meant as one; others may be of other programs."""
    for name in sorted(variables):
        field = name.removeprefix(PREFIX).lower()
        if name.startswith(PREFIX) and field not in Settings.model_fields:
            hint = did_you_mean(field, Settings.model_fields)
            if hint:
                yield f"{printable(name)}: there is no such setting; {hint}"


def _of_file(file: Path | None) -> dict[str, Any]:
    if file is None:
        return {}
    try:
        with file.open("rb") as stream:
            text = stream.read(MAX_FILE).decode()
        data = tomllib.loads(text) if file.suffix == ".toml" else yaml.safe_load(text)
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not readable as TOML or YAML"
        raise SettingsError((f"{printable(str(file), 400)}: {reason}",)) from None
    if not isinstance(data, dict) or not all(isinstance(name, str) for name in data):
        raise SettingsError((f"{printable(str(file), 400)}: settings by name are expected",))
    return data


def _faults_of(error: ValidationError) -> Iterator[str]:
    for fault in error.errors(include_url=False, include_input=False):
        message = describe_fault(fault).message
        if not fault["loc"]:
            yield from (_named(*line.split(": ", 1)) for line in message.splitlines())
            continue
        field, *steps = fault["loc"]
        if fault["type"] == "extra_forbidden" and not steps:
            hint = did_you_mean(str(field), Settings.model_fields)
            message = f"there is no such setting; {hint}" if hint else "there is no such setting"
        yield _named(printable(str(field)), message, ".".join(printable(str(s)) for s in steps))


def _named(field: str, message: str, place: str = "") -> str:
    where = f"{field}.{place}" if place else field
    return f"{where} ({PREFIX}{field.upper()}): {message}"
