"""The janitor: puts right what a killed process left. Any number of them may tend at once; each is harmless."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy import Engine

from recon.store import jobs, runs
from recon.store.evidence import Evidence

CANCEL_PATIENCE_SECONDS: Final = 6.0
"""How long a worker has to notice that its run was cancelled before the run is taken from it."""

HALF_WRITTEN_SECONDS: Final = 86_400.0

log = structlog.get_logger(__name__)


def tend_runs(engine: Engine, *, lease_seconds: float) -> None:
    """Give back the runs nobody works on any more, and see that every waiting run has a job."""
    with engine.begin() as conn:
        jobs.remove_stalled(conn, stalled_seconds=lease_seconds)
        for claim in runs.abandoned(conn, cancel_patience_seconds=CANCEL_PATIENCE_SECONDS):
            status = runs.give_back(conn, claim, was_harmless=False)
            log.warning("attempt_abandoned", run_id=claim.run_id, attempt=claim.attempt, status=status)
        for run_id in runs.without_job(conn):
            jobs.enqueue(conn, run_id)


def clear_evidence(engine: Engine, evidence: Evidence, *, within: timedelta = timedelta(days=2)) -> None:
    """Remove what attempts that were never published left in the evidence store, of runs that ended lately."""
    with engine.connect() as conn:
        finished = runs.finished_lately(conn, within=within)
    for run_id, published in finished:
        for attempt in evidence.attempts(run_id):
            if attempt != published:
                evidence.remove_attempt(run_id, attempt)
    evidence.sweep(older_than_seconds=HALF_WRITTEN_SECONDS)
