"""Settings: where they come from, and what is said of those that cannot be used."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from crampdx.service.settings import Settings, SettingsError, load_settings, origin_of

ISSUER = {"iss": "https://ehr.example", "jwks_url": "https://ehr.example/keys"}


def faults(file=None, environment=None, **given):
    with pytest.raises(SettingsError) as error:
        load_settings(file, environment or {}, **given)
    return error.value.issues


def test_later_sources_win(tmp_path):
    """A file, then the environment, then what is given."""
    file = tmp_path / "settings.toml"
    file.write_text('port = 1\nworkers = 2\nlog_level = "error"\n')
    made = load_settings(file, {"CRAMPDX_PORT": "2", "CRAMPDX_WORKERS": "3"}, port=3, workers=None)
    assert (made.port, made.workers, made.log_level) == (3, 3, "error")


@pytest.mark.parametrize("name", ["a.toml", "a.yaml", "a.yml"])
def test_both_forms_of_files_are_read(tmp_path, name):
    """TOML and YAML say the same."""
    file = tmp_path / name
    file.write_text('packs = ["article"]' if name.endswith("toml") else "packs: [article]")
    assert load_settings(file, {}).packs == ("article",)


def test_lists_of_the_environment_are_parted_by_commas():
    """And lists of objects are JSON."""
    made = load_settings(
        environment={
            "CRAMPDX_CORS_ORIGINS": "https://a.example, https://b.example/",
            "CRAMPDX_JWT_ISSUERS": json.dumps([ISSUER]),
            "CRAMPDX_JWKS_ORIGINS": "https://ehr.example",
        }
    )
    assert made.cors_origins == ("https://a.example", "https://b.example")
    assert made.jwt_issuers[0].iss == "https://ehr.example"


FAULTS = {
    "number": ({"port": "x"}, "port (CRAMPDX_PORT)"),
    "range": ({"workers": 0}, "workers (CRAMPDX_WORKERS)"),
    "unknown": ({"prot": 1}, "did you mean 'port'?"),
    "open": ({"host": "0.0.0.0"}, "auth (CRAMPDX_AUTH)"),  # noqa: S104
    "no issuer": ({"auth": "jwt"}, "jwt_issuers (CRAMPDX_JWT_ISSUERS)"),
    "no address": ({"auth": "jwt"}, "public_url (CRAMPDX_PUBLIC_URL)"),
    "no shared tokens": ({"auth": "jwt", "workers": 2}, "token_database"),
    "keys of nowhere": ({"jwt_issuers": [{"iss": "x"}]}, "one of jwks_file"),
    "keys of an origin": ({"jwt_issuers": [ISSUER]}, "https://ehr.example"),
    "keys over http": ({"jwks_origins": ["http://ehr.example"]}, "https://"),
    "origin with path": ({"cors_origins": ["https://a.example/x"]}, "https://a.example"),
    "origin of all": ({"cors_origins": ["*"]}, "https://"),
    "field": ({"audit_fields": ["agee"]}, "did you mean 'age'?"),
    "address with query": ({"public_url": "https://a.example/?x"}, "public_url"),
}


@pytest.mark.parametrize(("given", "said"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_names_its_setting(given, said):
    """The setting, its variable, and what is expected."""
    assert any(said in issue for issue in faults(**given))


def test_all_faults_are_told_at_once():
    """Of the environment and of what is given."""
    found = "\n".join(faults(None, {"CRAMPDX_AUHT": "jwt", "CRAMPDX_PORT": "x"}, workers=0))
    assert all(name in found for name in ("CRAMPDX_AUHT", "CRAMPDX_PORT", "CRAMPDX_WORKERS"))


@pytest.mark.parametrize("text", ["a: [", "- a", "!!python/object/apply:os.getcwd []", "\x00"])
def test_a_file_that_is_no_settings_is_refused(tmp_path, text):
    """Whatever a file holds, it is read as plain data or refused by its name."""
    file = tmp_path / "settings.yaml"
    file.write_text(text)
    assert "settings.yaml" in faults(file)[0]


def test_no_fault_holds_a_secret():
    """What was given is not repeated."""
    assert "hunter2" not in "\n".join(faults(audit_key=["hunter2"], port="hunter2"))


@pytest.mark.parametrize(
    "url", ["", "ftp://x", "https://", "https://user@x", "//x", "x", "https://x:99999"]
)
def test_what_is_no_address_has_no_origin(url):
    """Only http and https, with a host, without a user."""
    with pytest.raises(ValueError, match=r"address|[Pp]ort"):
        origin_of(url)


def test_the_guide_names_every_setting():
    """Each setting stands in the table of `docs/deploy.md`, by the name of its variable."""
    guide = (Path(__file__).parents[2] / "docs" / "deploy.md").read_text()
    assert [name for name in Settings.model_fields if f"| `{name}` |" not in guide] == []


def test_the_evaluator_can_be_chosen():
    """The environment names the evaluator; a name that none has is a fault."""
    assert load_settings(environment={"CRAMPDX_EVALUATOR": "builtin"}).evaluator == "builtin"
    (fault,) = faults(evaluator="fast")
    assert fault.startswith("evaluator (CRAMPDX_EVALUATOR)")
