"""What all tests share: profiles of hypothesis, and a command line that runs in this process.

CRAMPDX_TEST_PROFILE chooses a profile. `default` draws the same examples at every run of the same
tests, so that a change is judged by what it changed. `thorough` draws many fresh ones: it searches
for faults that no change has brought.
"""

from __future__ import annotations

import os
from functools import cache

import pytest
from hypothesis import HealthCheck, settings
from packs import Ended

from crampdx import KnowledgeBase, cli
from crampdx.knowledge.loading.folders import DEFAULT_PACKS, builtin_packs

_COMMON = {
    "deadline": None,
    "print_blob": True,
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large],
}

settings.register_profile("default", max_examples=25, derandomize=True, **_COMMON)
settings.register_profile("thorough", max_examples=1_000, **_COMMON)
settings.load_profile(os.environ.get("CRAMPDX_TEST_PROFILE", "default"))


@cache
def _shipped(*packs: str) -> KnowledgeBase:
    return KnowledgeBase.load(*packs)


class _LoadedOnce:
    """Loads packs; those that ship, and cannot change meanwhile, once for all tests."""

    @staticmethod
    def load(*packs):
        shipped = set(packs) <= set(builtin_packs())
        return _shipped(*packs or DEFAULT_PACKS) if shipped else KnowledgeBase.load(*packs)


@pytest.fixture
def crampdx_run(capsys, monkeypatch):
    """Run the command line: the exit status, standard output and standard error."""
    for name in ("FORCE_COLOR", "NO_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("crampdx.cli.terminal.KnowledgeBase", _LoadedOnce)

    def run(*arguments):
        capsys.readouterr()
        status = cli.run([str(argument) for argument in arguments])
        return Ended(status, *capsys.readouterr())

    return run
