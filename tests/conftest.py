"""What tests share: real databases, cloned from a migrated template on one PostgreSQL that all test processes use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from sqlalchemy import URL, Engine, create_engine

from recon.config import Settings
from recon.store.engine import connect
from tests.server import TestServer

# A law fails when it is broken, never because the machine was busy.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


@pytest.fixture(scope="session")
def postgres() -> Iterator[TestServer]:
    """The server, started by the first process that asks and stopped when the last one is done."""
    with TestServer.shared() as server:
        yield server


@pytest.fixture
def database(postgres: TestServer) -> Iterator[URL]:
    """A fresh, migrated, empty database; gone after the test."""
    with postgres.clone() as url:
        yield url


@pytest.fixture
def database_url(database: URL) -> str:
    """The same as text, as DATABASE_URL of a process the test starts."""
    return database.render_as_string(hide_password=False)


@pytest.fixture
def settings(database_url: str, home: Path) -> Settings:
    """Settings of this test alone: its database, its folder."""
    return Settings(DATABASE_URL=database_url, RECON_HOME=home, _env_file=None)


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    """Connections to the fresh database, as the application makes them."""
    made = connect(settings)
    yield made
    made.dispose()


@pytest.fixture
def owner(database: URL) -> Iterator[Engine]:
    """Connections as who owns the tables: for what the application may not do, such as spoiling a journal line."""
    made = create_engine(database.set(drivername="postgresql+psycopg"))
    yield made
    made.dispose()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder in the place of RECON_HOME."""
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


@pytest.fixture
def evidence_url(home: Path) -> str:
    """An empty evidence store of this test alone."""
    return str(home / "evidence")
