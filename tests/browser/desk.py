"""All of Tieout as `make run` starts it, on a free port and in its own folder, and a browser that watches itself."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect

from recon.config import Settings
from tests.server import scratch

ROOT = Path(__file__).parents[2]
PATIENCE = 30_000
"""Milliseconds until something expected is overdue: the machine may be busy."""

PROBES = ("/_stcore/health", "/_stcore/host-config")
"""What Streamlit's own page asks for below a deep link; the answer 404 is part of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A running Tieout: database, web server and sidecar."""

    url: str
    settings: Settings

    @classmethod
    @contextmanager
    def started(cls) -> Iterator[Self]:
        """Up for the length of the block, with all it started."""
        folder = Path(tempfile.mkdtemp(prefix="tieout-test-", dir=scratch()))
        folder.chmod(0o711)  # the database runs as another user where we are root
        port = _free_port()
        environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        process = subprocess.Popen(
            [sys.executable, "-m", "recon", "up"],
            cwd=ROOT,
            env={**environment, "RECON_HOME": str(folder / "home"), "RECON_PORT": str(port)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            _wait_until_ready(process)
            yield cls(
                url=f"http://localhost:{port}",
                settings=Settings(RECON_HOME=folder / "home", DATABASE_URL=None, _env_file=None),
            )
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=60)
            shutil.rmtree(folder, ignore_errors=True)


@dataclass
class Tab:
    """A browser tab. `faults` collects what its console and scripts complain of, `foreign` every request elsewhere."""

    page: Page
    url: str
    faults: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, browser: Browser, desk: Desk, *, scheme: str = "light") -> Self:
        """A new tab of its own, as a person with a 1440 x 900 window would have it."""
        context = browser.new_context(
            viewport={"width": 1440, "height": 900}, color_scheme="dark" if scheme == "dark" else "light"
        )
        context.set_default_timeout(PATIENCE)
        tab = cls(page=context.new_page(), url=desk.url)
        tab.page.on("console", tab._heard)
        tab.page.on("pageerror", lambda error: tab.faults.append(str(error)))
        tab.page.on("dialog", lambda dialog: tab.faults.append(f"dialog: {dialog.message}"))
        tab.page.on("request", tab._asked)
        return tab

    def open(self, path: str) -> None:
        """Go to a page and wait until it is drawn."""
        self.page.goto(self.url + path)
        self.settle()

    def settle(self) -> None:
        """Wait until the page is drawn: nothing runs, and nothing was about to."""
        app = self.page.get_by_test_id("stApp")
        expect(app).to_have_attribute("data-test-script-state", "notRunning", timeout=PATIENCE)
        self.page.wait_for_timeout(300)
        expect(app).to_have_attribute("data-test-script-state", "notRunning", timeout=PATIENCE)

    def click(self, name: str, *, within: str = "body") -> None:
        """Click the button of exactly that name."""
        self.page.locator(within).get_by_role("button", name=name, exact=True).click()
        self.settle()

    def shows(self, text: str, *, within: str = "body") -> None:
        """That text is to be seen."""
        expect(self.page.locator(within).get_by_text(text).first).to_be_visible(timeout=PATIENCE)

    def _heard(self, message: ConsoleMessage) -> None:
        place = message.location.get("url", "")
        if message.type == "error" and not urlsplit(place).path.endswith(PROBES):
            self.faults.append(f"{message.text} {place}")

    def _asked(self, request: Request) -> None:
        if request.url.startswith(("http", "ws")) and urlsplit(request.url).netloc != urlsplit(self.url).netloc:
            self.foreign.append(request.url)


def _wait_until_ready(process: subprocess.Popen[str]) -> None:
    assert process.stdout
    said = []
    for line in process.stdout:
        said.append(line)
        if "Tieout is ready" in line:
            return
    raise AssertionError("".join(said))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
