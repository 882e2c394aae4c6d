"""Tokens, origins and headers: who may call, and what a browser may do."""

from __future__ import annotations

import hmac
import json
import time
from base64 import urlsafe_b64encode
from concurrent.futures import ThreadPoolExecutor

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from starlette.testclient import TestClient

from crampdx.service.app import create_app
from crampdx.service.auth import keys
from crampdx.service.auth.replay import SharedMemoryOfTokens
from crampdx.service.auth.tokens import Refused, Tokens
from crampdx.service.settings import Issuer, Settings, SettingsError

PUBLIC = "https://cds.example/crampdx"
ISS = "https://ehr.example"
PATH = "/cds-services"
EC = ec.generate_private_key(ec.SECP384R1())
RSA = rsa.generate_private_key(65_537, 2_048)
OTHER = ec.generate_private_key(ec.SECP384R1())


def jwk(key, algorithm: str, kid: str, **more) -> dict:
    form = jwt.get_algorithm_by_name(algorithm)
    return {**form.to_jwk(key.public_key(), as_dict=True), "kid": kid, **more}


JWKS = {
    "keys": [
        jwk(EC, "ES384", "ec", use="sig", alg="ES384"),
        jwk(RSA, "RS384", "rsa"),
        {"kty": "oct", "kid": "secret", "k": "c2VjcmV0"},
        "nonsense",
    ]
}


@pytest.fixture(scope="module")
def jwks_file(tmp_path_factory):
    file = tmp_path_factory.mktemp("keys") / "jwks.json"
    file.write_text(json.dumps(JWKS))
    return file


@pytest.fixture
def settings(jwks_file):
    return Settings(
        packs=("article",),
        auth="jwt",
        public_url=PUBLIC,
        jwt_issuers=(Issuer(iss=ISS, jwks_file=jwks_file),),
        cors_origins=("https://ehr.example",),
    )


@pytest.fixture
def client(settings):
    return TestClient(create_app(settings), raise_server_exceptions=False)


def claims(**changes) -> dict:
    now = time.time()
    made = {
        "iss": ISS,
        "aud": PUBLIC + PATH,
        "exp": now + 300,
        "iat": now,
        "jti": f"id-{time.perf_counter_ns()}",
        **changes,
    }
    return {name: value for name, value in made.items() if value is not None}


def token(key=EC, algorithm="ES384", header=(("kid", "ec"),), **changes) -> str:
    return jwt.encode(claims(**changes), key, algorithm, dict(header))


def called(client, shown: str, path: str = PATH):
    return client.get(path, headers={"authorization": f"Bearer {shown}"})


def test_tokens_of_both_algorithms_are_accepted(client):
    """ES384 and RS384 are good."""
    assert called(client, token()).status_code == 200
    assert called(client, token(RSA, "RS384", {"kid": "rsa"})).status_code == 200


def test_an_audience_may_be_one_of_a_list(client):
    """`aud` may be an array that names the address among others."""
    assert called(client, token(aud=["https://other.example", PUBLIC + PATH])).status_code == 200


REFUSED = {
    "expired": {"exp": 1_000},
    "life": {"exp": time.time() + 10**6},
    "not yet": {"iat": time.time() + 3_600, "exp": time.time() + 3_700},
    "audience": {"aud": PUBLIC},
    "audience with a slash": {"aud": f"{PUBLIC}{PATH}/"},
    "audience in capitals": {"aud": f"{PUBLIC.upper()}{PATH}"},
    "audience with a query": {"aud": f"{PUBLIC}{PATH}?x=1"},
    "audience of nothing": {"aud": []},
    "audience of numbers": {"aud": [1, None]},
    "audience of feedback": {"aud": f"{PUBLIC}{PATH}/patient-view-cramps/feedback"},
    "issuer": {"iss": "https://evil.example"},
    "no issuer": {"iss": None},
    "no audience": {"aud": None},
    "no expiry": {"exp": None},
    "no issue time": {"iat": None},
    "no id": {"jti": None},
    "empty id": {"jti": ""},
    "id of a number": {"jti": 7},
    "infinite": {"exp": float("inf")},
    "unknown key": {"header": {"kid": "none"}},
    "no key": {"header": {}},
    "stolen key": {"key": OTHER},
    "key of the other": {"key": RSA, "algorithm": "RS384"},
    "other type": {"header": {"kid": "ec", "typ": "at+jwt"}},
    "critical": {"header": {"kid": "ec", "crit": ["x"], "x": 1}},
    "jku": {"header": {"kid": "ec", "jku": "https://evil.example/keys"}},
    "jku with a user": {"header": {"kid": "ec", "jku": "https://ehr.example@evil.example/keys"}},
    "jku of a file": {"header": {"kid": "ec", "jku": "file:///etc/passwd"}},
    "key of a path": {"header": {"kid": "../../keys/ec"}},
    "life from long ago": {"iat": -(10**300)},
    "jku of a number": {"header": {"kid": "ec", "jku": 1}},
    "symmetric": {"key": "secret" * 10, "algorithm": "HS384", "header": {"kid": "secret"}},
    "none": {"key": "", "algorithm": "none"},
    "weaker": {"key": RSA, "algorithm": "RS256", "header": {"kid": "rsa"}},
}


@pytest.mark.parametrize("wrong", REFUSED.values(), ids=REFUSED.keys())
def test_a_bad_token_gets_a_bare_401(client, wrong):
    """Whatever is wrong, the answer is 401 without a body, the same for all."""
    answer = called(client, token(**wrong))
    assert (answer.status_code, answer.content) == (401, b"")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_public_key_is_no_shared_secret(client):
    """A token that is signed symmetrically with the public key, which all know, is refused."""
    key = EC.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    parts = [{"alg": "HS384", "typ": "JWT", "kid": "ec"}, claims()]
    signed = b".".join(urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in parts)
    signature = urlsafe_b64encode(hmac.digest(key, signed, "sha384")).rstrip(b"=")
    assert called(client, (signed + b"." + signature).decode()).status_code == 401


@pytest.mark.parametrize(
    "value",
    ["", "Bearer", "Bearer ", "Basic eDp5", "Bearer x", "Bearer a.b.c", "Bearer " + "x" * 20_000],
)
def test_what_is_no_token_gets_a_bare_401(client, value):
    """No token, or something else, is refused alike."""
    answer = client.get(PATH, headers={"authorization": value})
    assert (answer.status_code, answer.content) == (401, b"")


def test_a_token_is_good_once(client):
    """The same token again is refused."""
    shown = token()
    assert [called(client, shown).status_code for _ in range(3)] == [200, 401, 401]


def test_a_refused_token_is_not_used_up(client):
    """A token that was shown at the wrong address may still be used at its own."""
    shown = token()
    assert called(client, shown, "/cds-services/x").status_code == 401
    assert called(client, shown).status_code == 200


def test_processes_refuse_what_another_has_seen(settings, tmp_path):
    """With a database of tokens, a token is good in one process alone."""
    shared = settings.model_copy(update={"token_database": tmp_path / "tokens.db"})
    first, second = Tokens(shared), Tokens(shared)
    shown = token()
    assert first.check(shown, PATH) == ISS
    with pytest.raises(Refused, match="replayed"):
        second.check(shown, PATH)


def test_after_a_restart_no_token_is_good_that_may_have_been_used(settings, tmp_path):
    """Without a database, and with one that is new, what was issued before the start is refused."""
    shown = token(iat=time.time() - 2)
    new = settings.model_copy(update={"token_database": tmp_path / "tokens.db"})
    for restarted in (Tokens(settings), Tokens(new)):
        with pytest.raises(Refused, match="issued_before_start"):
            restarted.check(shown, PATH)
        assert restarted.check(token(), PATH) == ISS


def test_a_database_of_tokens_is_good_across_restarts(settings, tmp_path):
    """What it does not hold was not used, so that a restart refuses nothing but what was."""
    shared = settings.model_copy(update={"token_database": tmp_path / "tokens.db"})
    first = Tokens(shared, lambda: time.time() - 60)
    used, unused = token(iat=time.time() - 30), token(iat=time.time() - 30)
    first.check(used, PATH)
    second = Tokens(shared)
    assert second.check(unused, PATH) == ISS
    with pytest.raises(Refused, match="replayed"):
        second.check(used, PATH)


def test_one_of_many_uses_at_once_is_the_first(tmp_path):
    """However many threads show a token at once, one is let in."""
    memory = SharedMemoryOfTokens(tmp_path / "tokens.db")
    with ThreadPoolExecutor(8) as pool:
        let_in = list(pool.map(lambda _: memory.is_first_use("ehr", "1", 9e9, 0), range(40)))
    assert sum(let_in) == 1


def test_the_database_of_tokens_holds_no_token(settings, tmp_path):
    """Only digests are kept."""
    file = tmp_path / "tokens.db"
    Tokens(settings.model_copy(update={"token_database": file})).check(
        token(jti="marker-of-a-token"), PATH
    )
    assert not any(b"marker" in part.read_bytes() for part in tmp_path.iterdir())


def test_everything_but_the_public_needs_a_token(client):
    """Health and knowledge are for all; patients' data, hooks and unknown paths are not."""
    for path in ("/", "/healthz", "/metrics", "/examples", "/schemas/record", "/openapi.json"):
        assert client.get(path).status_code == 200, path
    for path in (
        "/assess",
        "/assess/fhir",
        "/explain",
        "/cds-services/x",
        "/nowhere",
        "/record",
        "/page/../x",
    ):
        assert client.post(path, json={}).status_code == 401, path


def test_the_document_says_what_needs_a_token(client):
    """The OpenAPI document asks for a token where one is needed."""
    paths = client.get("/openapi.json").json()["paths"]
    assert paths["/assess"]["post"]["security"]
    assert "security" not in paths["/healthz"]["get"]


def test_what_is_public_is_read_without_a_token_by_head_too(client):
    """HEAD is answered like GET, and lets nobody in where GET does not."""
    assert client.head("/healthz").status_code == 200
    assert client.head("/cds-services").status_code == 401


# ------------------------------------------------------------------------------------------ keys


def test_keys_are_read_again_when_their_file_changes(tmp_path, settings):
    """A key that is added to the file is good at once; a file that breaks changes nothing."""
    file = tmp_path / "keys.json"
    file.write_text('{"keys": []}')
    found = keys.FileKeys(file)
    assert found.find("ec", "ES384", None) is None
    file.write_text(json.dumps(JWKS))
    assert found.find("ec", "ES384", None) is not None
    file.write_text("no keys")
    assert found.find("ec", "ES384", None) is not None


def test_keys_of_an_address_are_fetched_seldom(monkeypatch):
    """Unknown keys do not make the service fetch again and again; a failure keeps the old."""
    asked = []
    now = [0.0]

    def fetched(url, timeout):
        asked.append(url)
        if len(asked) > 1:
            raise ValueError
        return json.dumps(JWKS)

    monkeypatch.setattr(keys, "fetched", fetched)
    found = keys.UrlKeys("https://ehr.example/keys", 1, lambda: now[0])
    assert found.find("ec", "ES384", None) is not None
    assert all(found.find("unknown", "ES384", None) is None for _ in range(50))
    assert len(asked) == 1
    now[0] = keys.FRESH_SECONDS + 1
    assert found.find("ec", "ES384", None) is not None
    assert len(asked) == 2


def test_keys_that_a_token_names_come_from_allowed_origins_alone(monkeypatch):
    """No address of another origin is ever fetched."""
    asked = []
    monkeypatch.setattr(keys, "fetched", lambda url, _: asked.append(url) or json.dumps(JWKS))
    found = keys.NamedKeys(("https://ehr.example",), 1)
    for bad in ("https://evil.example/k", "https://ehr.example.evil/k", "http://ehr.example/k"):
        assert found.find("ec", "ES384", bad) is None
    assert found.find("ec", "ES384", "https://ehr.example/tenant/keys") is not None
    assert asked == ["https://ehr.example/tenant/keys"]


def test_addresses_that_are_made_up_push_no_other_out(monkeypatch):
    """However many addresses tokens name, few are fetched, and those with keys stay."""
    asked, now = [], [0.0]

    def fetched(url, timeout):
        asked.append(url)
        return json.dumps(JWKS if url.endswith("/good") else {"keys": []})

    monkeypatch.setattr(keys, "fetched", fetched)
    found = keys.NamedKeys(("https://ehr.example",), 1, lambda: now[0])
    assert found.find("ec", "ES384", "https://ehr.example/good") is not None
    for number in range(3 * keys.MAX_ADDRESSES):
        assert found.find("ec", "ES384", f"https://ehr.example/{number}") is None
    assert len(asked) == keys.MAX_ADDRESSES
    now[0] = keys.PATIENCE_SECONDS + 1
    assert found.find("ec", "ES384", "https://ehr.example/also/good") is not None
    assert found.find("ec", "ES384", "https://ehr.example/good") is not None
    assert asked.count("https://ehr.example/good") == 1


def test_a_weak_or_private_key_is_passed_over():
    """Short RSA keys, other curves, private and symmetric keys are no keys."""
    short = rsa.generate_private_key(65_537, 1_024)  # noqa: S505
    weak = jwk(short, "RS384", "weak")
    curve = jwk(ec.generate_private_key(ec.SECP256R1()), "ES256", "curve")
    private = {**jwk(EC, "ES384", "private"), "d": "x"}
    found = keys.read_keys(json.dumps({"keys": [weak, curve, private, *JWKS["keys"]]}))
    assert set(found) == {("ec", "ES384"), ("rsa", "RS384")}


def test_an_issuer_without_its_file_is_a_fault_of_the_settings(settings, tmp_path):
    """A file that is not there is named."""
    missing = (Issuer(iss=ISS, jwks_file=tmp_path / "missing.json"),)
    with pytest.raises(SettingsError, match="CRAMPDX_JWT_ISSUERS"):
        create_app(settings.model_copy(update={"jwt_issuers": missing}))


# --------------------------------------------------------------------------------------- browsers


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_preflight_of_an_allowed_origin_is_granted(client, method):
    """Browsers of an allowed origin may send the two verbs with the two headers, without token."""
    asks = {
        "origin": "https://ehr.example",
        "access-control-request-method": method,
        "access-control-request-headers": "Authorization, Content-Type",
    }
    answer = client.options(PATH, headers=asks)
    assert answer.is_success
    assert answer.headers["access-control-allow-origin"] == "https://ehr.example"
    assert set(answer.headers["access-control-allow-methods"].split(", ")) == {
        "GET",
        "POST",
        "OPTIONS",
    }


def test_another_origin_is_granted_nothing(client):
    """An origin that is not listed gets no permission, nor does it where none is listed."""
    asks = {"origin": "https://evil.example", "access-control-request-method": "GET"}
    for called_client in (client, TestClient(create_app(Settings(packs=("article",))))):
        for answer in (
            called_client.options(PATH, headers=asks),
            called_client.get("/healthz", headers=asks),
        ):
            assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("path", ["/", "/healthz", "/nowhere", "/cds-services"])
def test_browsers_are_told_to_be_careful(client, path):
    """Every answer, refusals too, says what a browser may not do."""
    headers = client.get(path).headers
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
