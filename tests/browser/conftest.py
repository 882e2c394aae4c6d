"""These tests need the built site, Chromium and its driver: they run when their folder is named.

`make site-test` does so. There a missing browser or site is a failure, never a skip.
"""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave these tests out of a run that does not name their folder."""
    named = [Path(config.invocation_params.dir, arg.partition("::")[0]) for arg in config.args]
    asked_for = any(path.resolve().is_relative_to(HERE) for path in named)
    return None if asked_for or not collection_path.is_relative_to(HERE) else True
