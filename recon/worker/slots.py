"""Working on slots in a child process: one after the other until none waits, each under a lease that a thread renews.

A check that takes too long, or whose lease was lost, ends this process outright: whatever it is busy with, it cannot go
on unseen. The parent puts the slot back.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from recon.config import Settings, settings
from recon.store import schedules
from recon.store.engine import connect
from recon.store.schedules import SlotClaim
from recon.worker.logs import log_as_json
from recon.workflows.child_process import die_with_parent, limit_memory

INTERNAL: Final = "internal"
EXTERNAL: Final = "external"
LANES: Final = (INTERNAL, EXTERNAL)
"""Each has a process of its own, so that a broker that hangs holds no internal check up."""

SLOT_LIMIT_SECONDS: Final = 900.0
DATABASE_WAS_GONE: Final = 75
TOOK_TOO_LONG: Final = 76
LEASE_LOST: Final = 77

log = structlog.get_logger(__name__)

RunSlot = Callable[[Engine, SlotClaim], None]


def main(arguments: list[str], run: RunSlot) -> int:
    """Work on the slots of a lane; the arguments are lane, name and parent. Returns the exit status."""
    lane, worker, parent = arguments
    die_with_parent(int(parent))
    limit_memory()
    log_as_json()
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches every process; the parent says what we do
    chosen = settings()
    engine = connect(chosen)
    try:
        work(engine, run, lane=lane, worker=worker, chosen=chosen, is_stopping=stop.is_set)
    except SQLAlchemyError as error:
        log.warning("database_away", error=type(error).__name__)
        return DATABASE_WAS_GONE
    return 0


def work(
    engine: Engine, run: RunSlot, *, lane: str, worker: str, chosen: Settings, is_stopping: Callable[[], bool]
) -> None:
    """Work on slots until none of the lane waits, or until we are to stop; a slot begun is finished."""
    while not is_stopping():
        with engine.begin() as conn:
            claim = schedules.claim(
                conn, is_external=lane == EXTERNAL, worker=worker, lease_seconds=chosen.lease_seconds
            )
        if claim is None:
            return
        with _kept(engine, claim, lease_seconds=chosen.lease_seconds):
            run(engine, claim)
        with engine.begin() as conn:
            is_ours = schedules.finish(conn, claim)
        log.info(
            "slot_done" if is_ours else "fenced",
            check=claim.check_name,
            book=claim.book,
            slot_at=claim.slot_at.isoformat(),
        )


@contextmanager
def _kept(engine: Engine, claim: SlotClaim, *, lease_seconds: float) -> Iterator[None]:
    """The lease is renewed for the length of the block."""
    is_over = threading.Event()
    began = time.monotonic()

    def keep() -> None:
        while not is_over.wait(lease_seconds / 4):
            if time.monotonic() - began > SLOT_LIMIT_SECONDS:
                _die(claim, "slot_took_too_long", TOOK_TOO_LONG)
            try:
                with engine.begin() as conn:
                    is_ours = schedules.renew(conn, claim, lease_seconds=lease_seconds)
            except SQLAlchemyError:
                continue  # the database is away; whether the lease outlasts that, the next renewal says
            if not is_ours and not is_over.is_set():
                _die(claim, "slot_lease_lost", LEASE_LOST)

    thread = threading.Thread(target=keep, name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def _die(claim: SlotClaim, why: str, status: int) -> None:
    log.error(why, check=claim.check_name, book=claim.book, slot_at=claim.slot_at.isoformat())
    os._exit(status)
