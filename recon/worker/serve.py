"""The sidecar's halves: a worker that executes runs, and the metronome of heartbeat, janitor, checks and alerts.

Both outlive the database: while it is away they wait and try again. On SIGTERM or SIGINT a run at work gets a moment to
finish and is else given back; the process ends within 30 seconds.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import threading
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, Final

import procrastinate
import psycopg
import structlog
from procrastinate.exceptions import ProcrastinateException
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from recon.alerts.endpoint import endpoint_of
from recon.config import Settings
from recon.store import heartbeats, jobs, roles
from recon.store.engine import connection_string
from recon.store.evidence import Evidence
from recon.worker.attend import CHILD, Desk, attend
from recon.worker.check_desk import CheckDesk
from recon.worker.logs import log_as_json
from recon.worker.metronome import Beat, Metronome
from recon.worker.timetable import Timetable
from recon.workflows.deliver_alerts import deliver_alerts
from recon.workflows.open_stores import open_stores
from recon.workflows.run_new_files import run_new_files
from recon.workflows.seal_logs import seal_logs
from recon.workflows.tell_missing_files import tell_missing_files
from recon.workflows.tend_runs import clear_evidence, tend_runs

TICK_SECONDS: Final = 5.0
CLEAR_SECONDS: Final = 600.0
FEEDS_SECONDS: Final = 60.0
STOP_GRACE_SECONDS: Final = 3.0
"""What a run at work gets to finish after SIGTERM, before it is given back."""

PAUSE_SECONDS: Final = 1.0

log = structlog.get_logger(__name__)


def serve(
    settings: Settings, *, role: str = "sidecar", child: Sequence[str] = CHILD, timetable: Timetable | None = None
) -> None:
    """Work until told to stop. Role `sidecar` also keeps time; role `worker` only adds capacity.

    `timetable` names the checks a sidecar sees to, and who makes them.
    """
    log_as_json()
    engine, evidence = open_stores(settings)
    is_stopping = threading.Event()
    check_desk = CheckDesk(engine, settings, timetable) if timetable and role == "sidecar" else None
    beats = _beats(engine, evidence, settings, role, is_stopping)
    if check_desk is not None:
        beats[check_desk.tick] = _every(settings)
    metronome = Metronome(beats)
    metronome.start()
    desk = Desk(engine=engine, lease_seconds=settings.lease_seconds, child=child)
    try:
        asyncio.run(_work(desk, connection_string(settings)))
    finally:
        is_stopping.set()
        if check_desk is not None:
            check_desk.stop()
        metronome.stop()
        with suppress(SQLAlchemyError), engine.begin() as conn:
            heartbeats.end(conn, process=_process(role))
        engine.dispose()


def _beats(
    engine: Engine, evidence: Evidence, settings: Settings, role: str, is_stopping: threading.Event
) -> dict[Beat, float]:
    every = _every(settings)
    beats: dict[Beat, float] = {lambda: _beat(engine, role): every}
    if role == "sidecar":
        endpoint, is_kept = endpoint_of(settings), settings.alert_persist_enabled
        beats[lambda: tend_runs(engine, lease_seconds=settings.lease_seconds)] = every
        beats[lambda: clear_evidence(engine, evidence)] = CLEAR_SECONDS
        beats[lambda: seal_logs(engine)] = CLEAR_SECONDS
        beats[lambda: tell_missing_files(engine, now=datetime.now(UTC))] = FEEDS_SECONDS
        rules = settings.default_rules()
        beats[lambda: run_new_files(engine, evidence, default_rules=rules)] = FEEDS_SECONDS
        beats[lambda: deliver_alerts(engine, endpoint, is_kept=is_kept, is_stopping=is_stopping.is_set)] = every
    return beats


def _every(settings: Settings) -> float:
    return min(TICK_SECONDS, settings.lease_seconds / 4)


def _beat(engine: Engine, role: str) -> None:
    with engine.begin() as conn:
        heartbeats.beat(conn, process=_process(role), role=role)


def _process(role: str) -> str:
    return f"{role}:{socket.gethostname()}:{os.getpid()}"


async def _work(desk: Desk, conninfo: str) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    log.info("started", name=desk.name)
    while not stop.is_set():
        worker = asyncio.create_task(_fetch(desk, conninfo))
        asked = asyncio.create_task(stop.wait())
        await asyncio.wait({worker, asked}, return_when=asyncio.FIRST_COMPLETED)
        asked.cancel()
        worker.cancel()
        try:
            await worker
        except asyncio.CancelledError:
            break
        except (ProcrastinateException, psycopg.Error) as error:
            log.warning("queue_away", error=type(error).__name__)
        if not stop.is_set():
            await asyncio.sleep(PAUSE_SECONDS)
    log.info("stopped", name=desk.name)


async def _fetch(desk: Desk, conninfo: str) -> None:
    """Fetch jobs until cancelled, or until the database goes away."""
    connector = procrastinate.PsycopgConnector(
        conninfo=conninfo, min_size=1, max_size=4, configure=roles.step_down_async
    )
    queue = procrastinate.App(connector=connector)

    async def execute_run(run_id: int) -> None:
        await attend(desk, run_id)

    queue.task(name=jobs.TASK, queue=jobs.QUEUE)(execute_run)
    options: dict[str, Any] = {
        "queues": [jobs.QUEUE],
        "name": desk.name,
        "install_signal_handlers": False,
        "shutdown_graceful_timeout": STOP_GRACE_SECONDS,
        "delete_jobs": "always",  # the run's row says what became of it
        "update_heartbeat_interval": desk.lease_seconds / 4,
        "stalled_worker_timeout": desk.lease_seconds,
    }
    async with queue.open_async():
        await queue.run_worker_async(**options)
