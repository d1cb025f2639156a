"""The queue: procrastinate's jobs, each saying "run N waits". The run's own row decides; a job is only the knock.

So a job may be lost, sent twice or come late without harm: who executes a run is settled by `runs.claim`.
"""

from __future__ import annotations

from typing import Final

import procrastinate
import psycopg
from procrastinate.exceptions import AlreadyEnqueued
from sqlalchemy import (
    BigInteger,
    Connection,
    Float,
    Text,
    and_,
    bindparam,
    column,
    delete,
    exists,
    func,
    or_,
    select,
    table,
)
from sqlalchemy.sql.elements import ColumnElement

from recon.store.tables import run

TASK: Final = "execute_run"
QUEUE: Final = "runs"

_job = table("procrastinate_jobs", *map(column, ("id", "task_name", "args", "status", "worker_id")))
_status = _job.c.status.cast(Text)
_queue = procrastinate.App(connector=procrastinate.PsycopgConnector())  # never opened: the caller's connection is used


def enqueue(conn: Connection, run_id: int) -> None:
    """Say, in the caller's transaction, that the run waits; once is enough while nobody has fetched the job."""
    raw = conn.connection.driver_connection
    assert isinstance(raw, psycopg.Connection)
    job = _queue.configure_task(TASK, queue=QUEUE, queueing_lock=f"run:{run_id}", connection=raw)
    try:
        with conn.begin_nested():
            job.defer(run_id=run_id)
    except AlreadyEnqueued:
        return


def remove_stalled(conn: Connection, *, stalled_seconds: float) -> None:
    """Forget workers that were not seen for so long, and the jobs they had in hand."""
    conn.execute(select(func.procrastinate_prune_stalled_workers_v1(bindparam("s", stalled_seconds, Float))))
    conn.execute(delete(_job).where(_job.c.task_name == TASK, _status == "doing", _job.c.worker_id.is_(None)))


def has_job() -> ColumnElement[bool]:
    """A condition on `run`: a job waits for it, or a worker has it in hand. Call `remove_stalled` first."""
    is_live = or_(_status == "todo", and_(_status == "doing", _job.c.worker_id.is_not(None)))
    is_its = _job.c.args.op("->>")("run_id").cast(BigInteger) == run.c.id
    return exists().where(_job.c.task_name == TASK, is_its, is_live)
