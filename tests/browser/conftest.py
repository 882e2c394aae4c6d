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


@pytest.fixture(scope="session")
def service():
    """The service with the rules that ship, on this machine alone."""
    from browser.page_driver import Served
    from crampdx.service.app import create_app
    from crampdx.service.settings import Settings

    with Served(create_app(Settings())) as served:
        yield served


@pytest.fixture(scope="session")
def chromium():
    """One browser for all tests of the page."""
    from browser.page_driver import chromium

    browser = chromium()
    yield browser
    browser.quit()


@pytest.fixture
def page(chromium, service):
    """The page in a desktop browser, light and without motion, nothing entered."""
    from browser.page_driver import Page

    page = Page(chromium, service)
    page.screen(1360, 1000)
    page.emulate(prefers_color_scheme="light", prefers_reduced_motion="reduce")
    return page.open()
