"""Attending to one run: claim it, start the child that does the work, watch it, and see that the run ends somewhere.

Whatever the child does (dies, hangs on a cancelled run, loses the database), the run is published, cancelled, failed
with a sentence, or back in the queue when this returns. Only if this process dies too does the janitor step in.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from recon.store import runs
from recon.store.runs import Claim
from recon.workflows.child_process import environment, module_command

CHILD: Final = module_command("recon.worker.child")
LOOK_SECONDS: Final = 1.0
CANCEL_PATIENCE_SECONDS: Final = 4.0
"""A child in the middle of a long computation does not hear of a cancel; then it is killed."""

RETRY_SECONDS: Final = 1.0
SETTLE_SECONDS: Final = 15.0
"""How long a database that is away is waited for; after that the janitor gives the run back."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What a worker works with. `child` is the command that executes an attempt."""

    engine: Engine
    lease_seconds: float
    child: Sequence[str] = CHILD
    name: str = f"worker:{socket.gethostname()}:{os.getpid()}"


async def attend(desk: Desk, run_id: int) -> None:
    """Work on a run, if it waits. When cancelled (the worker is to stop), the run goes back without loss."""
    claim = await asyncio.to_thread(_claim, desk, run_id)
    if claim is None:
        return
    arguments = (*desk.child, str(claim.run_id), str(claim.attempt), str(os.getpid()))
    child = await asyncio.create_subprocess_exec(
        *arguments, stdin=asyncio.subprocess.DEVNULL, env=environment(), start_new_session=True
    )
    was_harmless = False
    try:
        await _watch(desk, claim, child)
    except asyncio.CancelledError:
        was_harmless = True
        raise
    finally:
        await _end(child)
        await asyncio.shield(_settle(desk, claim, was_harmless=was_harmless))


async def _watch(desk: Desk, claim: Claim, child: asyncio.subprocess.Process) -> None:
    while child.returncode is None:
        with suppress(TimeoutError):
            await asyncio.wait_for(child.wait(), min(LOOK_SECONDS, desk.lease_seconds / 4))
            return
        if await asyncio.to_thread(_look, desk, claim):
            log.warning("child_killed", run_id=claim.run_id, attempt=claim.attempt, why="cancelled")
            return


async def _end(child: asyncio.subprocess.Process) -> None:
    """Make sure the child is gone: only then may its run be given to another."""
    if child.returncode is None:
        with suppress(ProcessLookupError):
            child.kill()
    await child.wait()


async def _settle(desk: Desk, claim: Claim, *, was_harmless: bool) -> None:
    """Give the run back if the child left it unfinished; the database may need a while to answer."""
    clock = asyncio.get_running_loop().time
    deadline = clock() + SETTLE_SECONDS
    while clock() < deadline:
        try:
            status = await asyncio.to_thread(_give_back, desk, claim, was_harmless)
        except SQLAlchemyError as error:
            log.warning("not_given_back", run_id=claim.run_id, attempt=claim.attempt, error=type(error).__name__)
            await asyncio.sleep(RETRY_SECONDS)
        else:
            if status is not None:
                log.warning("attempt_ended_early", run_id=claim.run_id, attempt=claim.attempt, status=status)
            return


def _claim(desk: Desk, run_id: int) -> Claim | None:
    with desk.engine.begin() as conn:
        return runs.claim(conn, run_id, worker=desk.name, lease_seconds=desk.lease_seconds)


def _look(desk: Desk, claim: Claim) -> bool:
    """Hold the lease while the child starts. Whether the run was cancelled and the child has had time to hear of it."""
    try:
        with desk.engine.begin() as conn:
            runs.hold(conn, claim, lease_seconds=desk.lease_seconds)
            return runs.should_have_stopped(conn, claim, patience_seconds=CANCEL_PATIENCE_SECONDS)
    except SQLAlchemyError:
        return False  # the database is away; the child's lease decides


def _give_back(desk: Desk, claim: Claim, was_harmless: bool) -> str | None:
    with desk.engine.begin() as conn:
        return runs.give_back(conn, claim, was_harmless=was_harmless)
