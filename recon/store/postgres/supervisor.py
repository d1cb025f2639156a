"""The supervisor of the embedded PostgreSQL: one owner per home, started, kept running, stopped cleanly.

The owner holds a lock on `<home>/postgres/owner.lock` for life. A thread of it starts the postmaster, watches it and
starts it again after a crash. When the owner is killed, Linux tells the postmaster to shut down; elsewhere it goes on,
and the next owner adopts it.
"""

from __future__ import annotations

import contextlib
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
from psycopg import sql

from recon.errors import TieoutError
from recon.store.postgres import account as accounts
from recon.store.postgres import cluster, layout, lock, postmaster, programs
from recon.store.postgres.filesystem import refuse_network
from recon.store.postgres.problems import (
    FolderNotWritable,
    KeepsFailing,
    StartFailed,
)

READY_SECONDS = 300
"""For the start, which after a crash includes recovery."""

BACK_OFF_SECONDS = (1, 2, 5, 10, 30)
FAILURE_LIMIT = 5
FAILURE_MINUTES = 10
FIRST_START_TRIES = 3
"""Backends of a killed postmaster take a moment to notice; until then a new one refuses to start."""


class Supervisor:
    """Owner of the embedded PostgreSQL of one home, for one start and one stop. Not for two threads at once."""

    def __init__(self, home: Path, *, say: Callable[[str], None]) -> None:
        self._home = home.absolute()
        self._say = say
        self._lock: int | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._pid = 0
        self._thread = threading.Thread(target=self._keep_running, name="postgres", daemon=True)
        self._ended = threading.Event()
        self._first = threading.Event()
        self._failures: deque[float] = deque(maxlen=FAILURE_LIMIT)
        self._failure: TieoutError | None = None
        self.lost = threading.Event()
        """Set when the supervisor gave up; `stop` then raises why."""

    @property
    def pid(self) -> int:
        """Process id of the postmaster."""
        return self._pid

    def start(self) -> None:
        """Make what is missing, start or adopt the postmaster, return when it answers. TieoutError when it cannot."""
        refuse_network(self._home)
        try:
            account = accounts.choose(self._home / "postgres" / "data")
            root = layout.make_root(self._home, account)
            self._lock = lock.take(root / "owner.lock", self._home)
        except OSError as error:
            raise FolderNotWritable(self._home, error.strerror or str(error)) from error
        try:
            self._layout = layout.make_folders(self._home, root, account)
            self._account = account
            self._programs = programs.find(account, self._layout.programs)
            if not root.is_relative_to(self._home.resolve()):
                self._say(f"The database is kept in {root}: the user who runs PostgreSQL may not enter {self._home}.")
            if not self._layout.data.exists():
                self._say("Making the database (first start only) ...")
            cluster.ensure(self._layout, self._programs, account)
            self._thread.start()
            self._first.wait()
            if self.lost.is_set():
                raise self._failure or StartFailed(self._layout.log, postmaster.last_words(self._layout))
        except BaseException:
            self._end()
            raise

    def stop(self) -> None:
        """Stop the postmaster and give up ownership. Harmless when it never started."""
        self._end()
        if self._failure:
            raise self._failure

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _end(self) -> None:
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()
        if self._lock is not None:
            lock.release(self._lock)
            self._lock = None

    def _keep_running(self) -> None:
        """The thread: the postmaster is its child and ends with it, so it lives as long as the owner."""
        try:
            self._start_first()
            self._first.set()
            while not self._ended.wait(0.2):
                if not self._is_alive():
                    self._say("PostgreSQL stopped unexpectedly; starting it again ...")
                    self._start_again()
            if self._pid:
                postmaster.stop(self._pid, self._layout, self._child)
        except TieoutError as problem:
            self._failure = problem
        finally:
            if not self._ended.is_set():
                self.lost.set()
            self._first.set()

    def _start_first(self) -> None:
        for tries_left in reversed(range(FIRST_START_TRIES)):
            try:
                return self._start_once()
            except StartFailed:
                if not tries_left or self._ended.wait(BACK_OFF_SECONDS[FIRST_START_TRIES - 1 - tries_left]):
                    raise
        raise AssertionError("the last try returns or raises")

    def _start_again(self) -> None:
        """Back off, start; after too many failures in too short a time, give up."""
        while True:
            now = time.monotonic()
            self._failures.append(now)
            if len(self._failures) == FAILURE_LIMIT and now - self._failures[0] < FAILURE_MINUTES * 60:
                words = postmaster.last_words(self._layout)
                raise KeepsFailing(FAILURE_LIMIT, FAILURE_MINUTES, self._layout.log, words)
            recent = sum(now - at < FAILURE_MINUTES * 60 for at in self._failures)
            if self._ended.wait(BACK_OFF_SECONDS[recent - 1]):
                self._pid = 0
                return
            with contextlib.suppress(StartFailed):
                self._start_once()
                self._say("PostgreSQL is back.")
                return

    def _start_once(self) -> None:
        """Adopt the postmaster that serves our data folder, or start one; return when it answers."""
        if not self._adopted():
            self._child = postmaster.launch(self._layout, self._programs, self._account)
            self._pid = self._child.pid
            self._wait_until_it_answers()
        if not self._ended.is_set():
            self._ensure_database()

    def _ensure_database(self) -> None:
        try:
            _ensure_database(self._layout)
        except psycopg.Error as error:
            raise StartFailed(self._layout.log, postmaster.last_words(self._layout)) from error

    def _adopted(self) -> bool:
        """Whether one that an earlier owner left is running; one that is on its way down is waited for."""
        until = time.monotonic() + postmaster.PATIENCE_SECONDS
        while (pid := postmaster.running_pid(self._layout)) is not None and time.monotonic() < until:
            if postmaster.answers(self._layout):
                self._child, self._pid = None, pid
                return True
            time.sleep(0.05)
        return False

    def _wait_until_it_answers(self) -> None:
        began = time.monotonic()
        said = began
        while time.monotonic() - began < READY_SECONDS:
            if postmaster.answers(self._layout) or self._ended.is_set():
                return
            if not self._is_alive():
                break
            if time.monotonic() - said > 5:
                said = time.monotonic()
                self._say(f"PostgreSQL is recovering, {said - began:.0f} s ...")
            time.sleep(0.03)
        raise StartFailed(self._layout.log, postmaster.last_words(self._layout))

    def _is_alive(self) -> bool:
        if self._child is not None:
            return self._child.poll() is None
        return postmaster.is_ours(self._pid, self._layout)


def _ensure_database(found: layout.Layout) -> None:
    """Our roles and our database, unless they are there."""
    with psycopg.connect(postmaster.connection_string(found), connect_timeout=5, autocommit=True) as connection:
        name, application = sql.Identifier(cluster.OWNER), sql.Identifier(cluster.APPLICATION)
        if not connection.execute("select 1 from pg_roles where rolname = %s", [cluster.OWNER]).fetchone():
            connection.execute(sql.SQL("create role {} login").format(name))
        if not connection.execute("select 1 from pg_roles where rolname = %s", [cluster.APPLICATION]).fetchone():
            connection.execute(sql.SQL("create role {} nologin role {}").format(application, name))
        if not connection.execute("select 1 from pg_database where datname = %s", [cluster.OWNER]).fetchone():
            connection.execute(sql.SQL("create database {} owner {}").format(name, name))
