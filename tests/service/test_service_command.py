"""`crampdx serve`: what ends it before it serves."""

from __future__ import annotations

from importlib import import_module

import pytest
from typer import Typer
from typer.testing import CliRunner

from crampdx.cli import serve
from crampdx.cli.extras import service_extra
from crampdx.cli.terminal import UsageError
from crampdx.service import server


def run(*arguments, **environment):
    application = Typer()
    application.command()(serve.command)
    result = CliRunner().invoke(application, arguments, env=environment)
    return result.exit_code, result.output


def test_settings_that_cannot_be_used_are_usage():
    """Status 2, with the names of the settings."""
    status, said = run("--workers", "0", CRAMPDX_PORT="x")
    assert status == 2
    assert "CRAMPDX_WORKERS" in said
    assert "CRAMPDX_PORT" in said


def test_an_open_service_does_not_start():
    """Without tokens it listens to this machine alone."""
    status, said = run("--host", "0.0.0.0")  # noqa: S104
    assert (status, "CRAMPDX_AUTH" in said) == (2, True)


@pytest.mark.parametrize(("started", "status"), [(True, 0), (False, 1)])
def test_the_status_says_whether_it_served(monkeypatch, started, status):
    """0 where it was stopped, 1 where it could not start; options win over the environment."""
    seen = []
    monkeypatch.setattr(server, "serve", lambda settings: seen.append(settings) or started)
    assert run("--port", "9", CRAMPDX_PORT="8", CRAMPDX_LOG_LEVEL="error")[0] == status
    assert (seen[0].port, seen[0].log_level) == (9, "error")


def test_a_package_that_is_missing_is_told_with_what_to_install():
    """The extra is named; a module of ours that is missing is a fault, and passes."""
    with pytest.raises(UsageError, match=r"pip install 'crampdx\[service\]'"), service_extra():
        import_module("no_such_package")
    with pytest.raises(ModuleNotFoundError), service_extra():
        import_module("crampdx.no_such_module")
