"""The whole application under Streamlit's own test driver, on the test's own database and folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest

from recon import config
from recon.config import Settings
from recon.ui import guard
from recon.ui.people import acting

APP = Path(__file__).parents[2] / "app.py"

Visit = Callable[..., AppTest]


@pytest.fixture
def server_closed_legacy_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """What `asgi.py` does once: the test driver opens Streamlit's legacy mode again before each run."""
    make = PagesManager.__init__

    def make_closed(self: PagesManager, *args: Any, **kwargs: Any) -> None:
        make(self, *args, **kwargs)
        guard.close_legacy_pages()

    monkeypatch.setattr(PagesManager, "__init__", make_closed)


@pytest.fixture
def visit(open_page: Visit, server_closed_legacy_pages: None) -> Visit:
    """`visit("runs", run="3")` opens a page by its URL as a browser would; without a name, the first page."""
    return open_page


@pytest.fixture
def open_page(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Visit]:
    """The same on a server that left Streamlit's legacy mode open."""
    monkeypatch.setattr(guard, "read_settings", lambda: settings)
    monkeypatch.setattr(acting, "remembered", lambda settings: "")  # the test driver has mocks for cookies
    guard.stores.clear()

    def at_url(page: str | None = None, **query: str) -> AppTest:
        at = AppTest.from_file(str(APP), default_timeout=30)
        for name, value in query.items():
            at.query_params[name] = value
        if page:
            at.switch_page(f"pages/{page}.py")
        return at.run()

    yield at_url
    guard.stores.clear()
    config.settings.cache_clear()


@pytest.fixture
def no_database(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, visit: Visit) -> Visit:
    """The same, where nobody answers at the database's address."""
    gone = Settings(DATABASE_URL=f"postgresql://nobody@/none?host={tmp_path}", RECON_HOME=settings.home, _env_file=None)
    monkeypatch.setattr(guard, "read_settings", lambda: gone)
    return visit
