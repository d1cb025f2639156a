"""One embedded PostgreSQL for all processes of a test session.

The first process that asks starts it, in a folder named after the session, and stops it when no other uses it any more.
Every user holds a shared lock on a file; a killed process lets go of its lock, and takes the server with it if it was
the one that started it, so nothing of an earlier session is ever in the way.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Self

import psycopg
from sqlalchemy import URL, make_url

from recon.config import Settings
from recon.store.embedded import own
from recon.store.engine import connect
from recon.store.migrate import migrate
from recon.store.postgres import layout, postmaster
from recon.store.postgres.supervisor import Supervisor

TEMPLATE = "tieout"
FAST = """
fsync = off
synchronous_commit = off
full_page_writes = off
autovacuum = off
max_connections = 200
shared_buffers = 256MB
checkpoint_timeout = 1h
"""
"""Tests need no safety from power cuts."""


@dataclass(frozen=True, slots=True)
class TestServer:
    """A running server with a migrated template database."""

    __test__: ClassVar[bool] = False
    home: Path

    @classmethod
    @contextmanager
    def shared(cls) -> Iterator[Self]:
        """The session's server, for the length of the block."""
        home = _folder()
        with _file(home / "users.lock") as users, _file(home / "start.lock") as start:
            fcntl.flock(start, fcntl.LOCK_EX)
            server = cls(home)
            owner = None if postmaster.answers(layout.find(home)) else server._start()
            fcntl.flock(users, fcntl.LOCK_SH)
            fcntl.flock(start, fcntl.LOCK_UN)
            try:
                yield server
            finally:
                if owner is None:
                    fcntl.flock(users, fcntl.LOCK_UN)
                else:
                    fcntl.flock(users, fcntl.LOCK_EX)  # waits for the others
                    owner.stop()
                    shutil.rmtree(home)

    @contextmanager
    def clone(self, template: str = TEMPLATE) -> Iterator[URL]:
        """A copy of the template, for the length of the block; of `template0`, an empty database."""
        name = f"test_{uuid.uuid4().hex}"
        with self.superuser() as connection:
            connection.execute(f"create database {name} template {template} owner {TEMPLATE} strategy file_copy")
        try:
            yield self._template_url().set(database=name)
        finally:
            with self.superuser() as connection:
                connection.execute(f"drop database {name} with (force)")

    def _start(self) -> Supervisor:
        (self.home / "postgres").mkdir(mode=0o711, exist_ok=True)
        (self.home / "postgres" / "recon.conf").write_text(FAST)
        (self.home / "postgres" / "recon.conf").chmod(0o644)
        owner = own(self.home)
        owner.start()
        engine = connect(Settings(RECON_HOME=self.home, DATABASE_URL=None, _env_file=None))
        migrate(engine)
        engine.dispose()
        return owner

    def _template_url(self) -> URL:
        found = layout.find(self.home)
        return make_url(f"postgresql://{TEMPLATE}@/{TEMPLATE}").set(query={"host": str(found.run)})

    def superuser(self, database: str = "postgres") -> psycopg.Connection:
        """A connection that may do anything."""
        address = postmaster.connection_string(layout.find(self.home), database=database)
        return psycopg.connect(address, autocommit=True)


def scratch() -> Path:
    """Where databases of tests go: memory when there is plenty, for they make and delete thousands of files."""
    memory = Path("/dev/shm")  # noqa: S108 - only private folders are made there
    if memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 4 * 2**30:
        return memory
    return Path(tempfile.gettempdir())


def _folder() -> Path:
    """The session's folder: the xdist controller's session, or this process. Abandoned ones are cleared away."""
    session = os.environ.get("PYTEST_XDIST_TESTRUNUID") or f"pid{os.getpid()}"
    base = scratch()
    home = base / f"tieout-tests-{os.getuid()}-{session[:12]}"
    home.mkdir(mode=0o711, exist_ok=True)
    home.chmod(0o711)
    for old in base.glob(f"tieout-tests-{os.getuid()}-*"):
        if old != home:
            _remove_if_abandoned(old)
    return home


def _remove_if_abandoned(folder: Path) -> None:
    try:
        with _file(folder / "start.lock") as start, _file(folder / "users.lock") as users:
            fcntl.flock(start, fcntl.LOCK_EX | fcntl.LOCK_NB)
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if postmaster.running_pid(layout.find(folder)) is None:
                shutil.rmtree(folder)
    except OSError:
        return  # in use, or another process is clearing it away


@contextmanager
def _file(path: Path) -> Iterator[int]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
