"""The sidecar's part in the checks: it plans the slots that are due and has a child process work on them, one per lane.

A tick takes milliseconds, whatever a check does: it never waits for one. When the sidecar stops, a check at work gets a
moment to finish; then its slot goes back, for another sidecar or the next start.
"""

from __future__ import annotations

import os
import socket
import subprocess
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from typing import Final

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from recon.config import Settings
from recon.store import schedules as store
from recon.store.leader import Leader
from recon.worker.slots import EXTERNAL, LANES
from recon.worker.timetable import Timetable, schedules
from recon.workflows.child_process import environment

FOLLOWER_PATIENCE: Final = timedelta(seconds=30)
"""So late is a slot when sidecars that do not lead stop waiting for the one that does."""

STOP_GRACE_SECONDS: Final = 3.0

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Child:
    name: str
    process: subprocess.Popen[bytes]


class CheckDesk:
    """One sidecar's checks. `tick` and `stop` may be called from different threads."""

    def __init__(self, engine: Engine, settings: Settings, timetable: Timetable) -> None:
        self._engine = engine
        self._timetable = timetable
        self._schedules = schedules(settings, timetable.checks)
        self._starts_at = time.monotonic() + settings.schedule_initial_delay_seconds
        self._leader = Leader(engine)
        self._children: dict[str, _Child] = {}
        self._serial = count(1)
        self._at_work = threading.Lock()
        self._is_stopping = False

    def tick(self) -> None:
        """Plan what is due, and see that somebody works on it."""
        with self._at_work:
            if self._is_stopping or time.monotonic() < self._starts_at:
                return
            self._plan()
            for lane in LANES:
                self._see_to(lane)

    def stop(self) -> None:
        """End the children, and give back what they had in hand."""
        self._is_stopping = True
        with self._at_work:
            for child in self._children.values():
                child.process.terminate()
            deadline = time.monotonic() + STOP_GRACE_SECONDS
            for child in self._children.values():
                with suppress(subprocess.TimeoutExpired):
                    child.process.wait(max(0.0, deadline - time.monotonic()))
                child.process.kill()
                child.process.wait()
                with suppress(SQLAlchemyError), self._engine.begin() as conn:
                    store.give_back(conn, child.name)
            self._leader.resign()

    def _plan(self) -> None:
        leads = self._leader.leads()
        with self._engine.begin() as conn:
            if leads:
                store.set_schedules(conn, self._schedules)
            planned = store.plan(conn, at_least_late=timedelta(0) if leads else FOLLOWER_PATIENCE)
            for claim in store.give_up(conn):
                log.error("slot_given_up", check=claim.check_name, book=claim.book, slot_at=claim.slot_at.isoformat())
                self._timetable.record_given_up(conn, claim)
        if planned:
            log.info("slots_planned", count=len(planned), leads=leads)

    def _see_to(self, lane: str) -> None:
        """Start the lane's child if a slot waits and none is at work; put back what a broken one left."""
        child = self._children.get(lane)
        if child is not None:
            status = child.process.poll()
            if status is None:
                return
            if status != 0:
                with self._engine.begin() as conn:
                    back = store.put_back_broken(conn, child.name)
                log.warning("checks_ended_early", lane=lane, status=status, slots_put_back=back)
            del self._children[lane]
        with self._engine.connect() as conn:
            waits = store.has_work(conn, is_external=lane == EXTERNAL)
        if waits:
            self._children[lane] = self._start(lane)

    def _start(self, lane: str) -> _Child:
        name = f"checks:{socket.gethostname()}:{os.getpid()}:{lane}:{next(self._serial)}"
        process = subprocess.Popen(  # noqa: S603 - our own module
            (*self._timetable.child, lane, name, str(os.getpid())),
            stdin=subprocess.DEVNULL,
            env=environment(),
            start_new_session=True,
        )
        return _Child(name=name, process=process)
