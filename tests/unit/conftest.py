"""What tests of commands share: a command line that runs in this process."""

from __future__ import annotations

from functools import cache

import pytest
from packs import Ended

from crampdx import KnowledgeBase, cli
from crampdx.knowledge.loader import DEFAULT_PACKS, builtin_packs


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
