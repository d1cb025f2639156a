"""A running Tieout for the session, and a browser for each test."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.desk import Desk, Tab

QUIET = (
    "--no-sandbox",  # CI runs as root, which Chromium's sandbox refuses
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
)
"""Nothing Chromium does by itself may look like something the page did."""


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where the machine's Chromium is."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        pytest.skip("there is no Chromium on this machine; .ci/run installs it on Debian")
    return found


@pytest.fixture(scope="session")
def desk(chromium: str) -> Iterator[Desk]:
    """Tieout, started once for all tests of this process that look at it."""
    with Desk.started() as started:
        yield started


@pytest.fixture
def browser(chromium: str) -> Iterator[Browser]:
    """A browser of this test alone: Playwright's event loop must not be there when other tests run theirs."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=list(QUIET))
        yield opened
        opened.close()


@pytest.fixture
def tab(browser: Browser, desk: Desk) -> Callable[..., Tab]:
    """`tab(scheme="dark")`: a new tab."""

    def new(scheme: str = "light") -> Tab:
        return Tab.of(browser, desk, scheme=scheme)

    return new
