"""Checks a person asks for, made at once by child processes of the web server; a page asks how far they are.

They do not wait for the sidecar's timetable: an answer is wanted within seconds, and most of all while the sidecar is
down. Internal and external checks have a child each, so that a broker that hangs holds no internal check up. What a
check finds is recorded by the child, as that of any run; what is kept here is only which wait and which are at work.
"""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Engine

from recon.errors import TieoutError
from recon.model.checks import Category, CheckBook
from recon.model.people import Action
from recon.store import audit
from recon.workflows.child_process import environment
from recon.workflows.permit import permit

CheckKey = tuple[str, CheckBook]
"""The name of a check, and the book it looks at."""

LONGEST_SECONDS: Final = 3600
"""So long a child may work on what it was given; after that it is ended."""


class ChecksStopped(TieoutError):
    code = "CHECKS_STOPPED"

    def __init__(self, count: int) -> None:
        which = "1 check was" if count == 1 else f"{count} checks were"
        super().__init__(f"The process that makes the checks ended early: {which} not made. Run what is missing again.")


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedCheck:
    """A check on a book that somebody wants made now."""

    check_name: str
    book: CheckBook
    category: Category

    @property
    def key(self) -> CheckKey:
        return self.check_name, self.book

    @property
    def is_external(self) -> bool:
        return self.category is Category.EXTERNAL


@dataclass(frozen=True, slots=True, kw_only=True)
class OnDemandState:
    """How far what was asked for is, counted since there was last nothing to do. `problem`: why some were not made."""

    waiting: frozenset[CheckKey]
    at_work: frozenset[CheckKey]
    done_count: int
    total_count: int
    problem: str | None

    @property
    def is_live(self) -> bool:
        """Whether there is something to wait for."""
        return bool(self.waiting or self.at_work)


class ChecksOnDemand:
    """The checks asked of this process. `command` starts a child that makes those named on its stdin."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = tuple(command)
        self._lock = threading.Lock()
        self._waiting: list[tuple[AskedCheck, str]] = []
        self._given: dict[bool, list[AskedCheck]] = {}  # is external -> what its child has still to make
        self._at_work: dict[bool, CheckKey] = {}
        self._done_count = self._total_count = 0
        self._problem: str | None = None

    def ask(self, wanted: Iterable[AskedCheck], *, actor: str) -> int:
        """Have these made; those that wait or are at work already are not asked for twice. How many are new."""
        with self._lock:
            known = self._unfinished()
            new = [check for check in wanted if check.key not in known]
            if not new:
                return 0
            if not known:
                self._done_count = self._total_count = 0
                self._problem = None
            self._total_count += len(new)
            self._waiting += [(check, actor) for check in new]
            idle = {check.is_external for check in new} - self._given.keys()
            self._given |= {is_external: [] for is_external in idle}
        for is_external in idle:
            # The thread lives as long as its child: on Linux a child dies with the thread that started it.
            threading.Thread(target=self._serve, args=(is_external,), name="checks-on-demand", daemon=True).start()
        return len(new)

    def state(self) -> OnDemandState:
        with self._lock:
            at_work = frozenset(self._at_work.values())
            return OnDemandState(
                waiting=self._unfinished() - at_work,
                at_work=at_work,
                done_count=self._done_count,
                total_count=self._total_count,
                problem=self._problem,
            )

    def _unfinished(self) -> frozenset[CheckKey]:
        given = (check for checks in self._given.values() for check in checks)
        return frozenset(check.key for check in (*(check for check, _ in self._waiting), *given))

    def _serve(self, is_external: bool) -> None:
        """Start one child after the other until nothing of this kind waits."""
        while True:
            with self._lock:
                mine = [(check, actor) for check, actor in self._waiting if check.is_external is is_external]
                if not mine:
                    del self._given[is_external]
                    return
                self._waiting = [found for found in self._waiting if found not in mine]
                self._given[is_external] = [check for check, _ in mine]
            try:
                self._run_child(is_external, mine)
            except OSError as problem:
                self._fail(is_external, str(problem))

    def _run_child(self, is_external: bool, mine: Sequence[tuple[AskedCheck, str]]) -> None:
        child = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment()
        )
        limit = threading.Timer(LONGEST_SECONDS, child.kill)
        limit.daemon = True
        limit.start()
        try:
            checks = [[check.check_name, check.book.value, actor] for check, actor in mine]
            self._listen(is_external, child, {"parent": os.getpid(), "checks": checks})
        finally:
            limit.cancel()
        with self._lock:
            left = len(self._given[is_external])
        if left:
            self._fail(is_external, str(ChecksStopped(left)))

    def _listen(self, is_external: bool, child: subprocess.Popen[bytes], request: dict[str, Any]) -> None:
        """Give the child its request and hear it to its end."""
        assert child.stdin
        assert child.stdout
        with suppress(BrokenPipeError), child.stdin:
            child.stdin.write(json.dumps(request).encode())
        with child.stdout:
            for line in child.stdout:
                with suppress(ValueError, TypeError, KeyError):  # what a library prints is not for us
                    self._hear(is_external, json.loads(line))
        child.wait()

    def _hear(self, is_external: bool, said: dict[str, Any]) -> None:
        key = str(said["check"]), CheckBook(said["book"])
        with self._lock:
            if not said["is_done"]:
                self._at_work[is_external] = key
                return
            left = [check for check in self._given[is_external] if check.key != key]
            self._done_count += len(self._given[is_external]) - len(left)
            self._given[is_external] = left
            self._at_work.pop(is_external, None)

    def _fail(self, is_external: bool, problem: str) -> None:
        with self._lock:
            self._problem = problem
            self._done_count += len(self._given[is_external])
            self._given[is_external] = []
            self._at_work.pop(is_external, None)


def ask_for_checks(engine: Engine, place: ChecksOnDemand, wanted: Iterable[AskedCheck], *, actor: str) -> None:
    """Have `place` make these for somebody; the audit log says who asked. Raises what `permit` raises."""
    asked = tuple(wanted)
    with engine.begin() as conn:
        record_asked(conn, [check.key for check in asked], actor=actor)
    place.ask(asked, actor=actor)


def record_asked(conn: Connection, keys: Sequence[CheckKey], *, actor: str) -> None:
    """Say in the audit log who has these made, and not the timetable. Raises what `permit` raises."""
    permit(conn, actor, Action.CHECKS)
    names = [f"{name} {book.value}" for name, book in keys]
    subject = f"check {names[0]}" if len(names) == 1 else f"{len(names)} checks"
    audit.record(conn, actor=actor, action="checks_asked", subject=subject, detail={"checks": names})
