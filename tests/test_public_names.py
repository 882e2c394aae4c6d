"""The package itself: its public names, imported when they are first used."""

from __future__ import annotations

import subprocess
import sys

import pytest

import crampdx


@pytest.mark.parametrize("name", crampdx.__all__)
def test_each_public_name_is_there(name: str) -> None:
    """Every name of `__all__` can be had, and is listed by `dir`."""
    assert getattr(crampdx, name) is not None
    assert name in dir(crampdx)


def test_there_is_no_other_name() -> None:
    """A name that is not public is an AttributeError, as in any module."""
    with pytest.raises(AttributeError, match="'asess'"):
        crampdx.asess  # type: ignore[attr-defined]  # noqa: B018


@pytest.mark.parametrize(
    ("use", "not_loaded"),
    [
        ("crampdx.__version__", ["pydantic", "crampdx.knowledge", "crampdx.engine"]),
        ("crampdx.KnowledgeBase", ["yaml", "durable_rules_engine", "crampdx.engine"]),
        ("crampdx.assess", ["yaml", "crampdx.explanation", "crampdx.inputs"]),
    ],
)
def test_only_what_is_used_is_loaded(use: str, not_loaded: list[str]) -> None:
    """The use of one name does not wait for the modules of the others."""
    program = f"import sys, crampdx; {use}; print(*(n for n in {not_loaded} if n in sys.modules))"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout.split() == []
