"""The commands, called as the shell calls them, with settings of this test alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from recon.cli.app import app
from recon.config import settings
from recon.demo import DemoFiles, write_demo


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a command ended: exit status and both streams."""

    status: int
    stdout: str
    stderr: str

    @property
    def document(self) -> Any:
        return json.loads(self.stdout)


Command = Callable[..., Ended]


@pytest.fixture
def tieout(monkeypatch: pytest.MonkeyPatch, home: Path) -> Iterator[Command]:
    """`tieout("parse", path)`; without a database unless the test asks for `stored`."""
    monkeypatch.setenv("RECON_HOME", str(home))

    def call(*arguments: object) -> Ended:
        settings.cache_clear()
        result = CliRunner().invoke(app, [str(argument) for argument in arguments])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Ended(status=result.exit_code, stdout=result.stdout, stderr=result.stderr)

    yield call
    settings.cache_clear()


@pytest.fixture
def stored(monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    """The commands use a database of this test alone."""
    monkeypatch.setenv("DATABASE_URL", database_url)


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> DemoFiles:
    return write_demo(tmp_path_factory.mktemp("sample"))


@pytest.fixture
def csv_file(tmp_path: Path) -> Callable[..., Path]:
    """`csv_file("a.csv", "date,amount,currency", "2026-03-02,1.00,EUR")`."""

    def write(name: str, *lines: str) -> Path:
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write
