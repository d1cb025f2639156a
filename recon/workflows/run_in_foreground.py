"""Run in the foreground: work on a run here and wait until it has ended, with or without a sidecar.

The run is the same as one a worker does: if a worker takes it first, this waits for that worker.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable
from functools import partial
from typing import Final

from sqlalchemy import Engine

from recon.model.progress import Progress, silent
from recon.store import runs
from recon.store.evidence import Evidence
from recon.store.runs import Claim, Run
from recon.workflows.execute_run import DATABASE_GONE, execute_run
from recon.workflows.tend_runs import tend_runs

LOOK_SECONDS: Final = 0.5


def finish_run(
    engine: Engine,
    evidence: Evidence,
    run_id: int,
    *,
    lease_seconds: float,
    dask_address: str | None = None,
    on_progress: Progress = silent,
) -> Run:
    """Work on a run here, or wait while someone else does, until it has ended. Returns it as it ended.

    Does nothing for a run that has ended. An interrupt cancels the run, unless another process works on it.
    """
    worker = f"foreground:{socket.gethostname()}:{os.getpid()}"
    while True:
        with engine.begin() as conn:
            run = runs.get(conn, run_id)
            if run.status not in ("queued", "running"):
                return run
            claim = runs.claim(conn, run_id, worker=worker, lease_seconds=lease_seconds)
        if claim is None:
            on_progress("wait", 0, 0)
            time.sleep(LOOK_SECONDS)
            tend_runs(engine, lease_seconds=lease_seconds)  # its worker may be dead, and no sidecar there to notice
        else:
            work = partial(execute_run, lease_seconds=lease_seconds, dask_address=dask_address, on_progress=on_progress)
            _attend(engine, evidence, claim, work)


def _attend(engine: Engine, evidence: Evidence, claim: Claim, work: Callable[[Engine, Evidence, Claim], None]) -> None:
    try:
        work(engine, evidence, claim)
    except DATABASE_GONE:
        time.sleep(LOOK_SECONDS)
        with engine.begin() as conn:  # if it does not answer now, the caller hears that
            runs.give_back(conn, claim, was_harmless=False)
    except KeyboardInterrupt:
        with engine.begin() as conn:
            runs.ask_to_cancel(conn, claim.run_id, actor=runs.SYSTEM)
            runs.give_back(conn, claim, was_harmless=True)
        raise
