"""Run the reconciliations that run by themselves, once for each pair of new files, whichever sidecar sees it first.

A run is asked for in the name of who switched it on, and as that person would: what only a person can decide holds it
up, and that is told, as is a run that failed.
"""

from __future__ import annotations

from typing import Final

import structlog
from sqlalchemy import Engine

from recon.alerts.message import Kind, scheduled_payload
from recon.errors import TieoutError
from recon.model.rules import Rules
from recon.store import outbox, scheduled_runs
from recon.store.evidence import Evidence
from recon.store.scheduled_runs import Pair
from recon.workflows.run_newest import run_newest

SETTLE_SECONDS: Final = 120.0
"""How long the newest file must have been there: a person who just sent it may send a better one, or run it."""

log = structlog.get_logger(__name__)


def run_new_files(
    engine: Engine, evidence: Evidence, *, default_rules: Rules, settle_seconds: float = SETTLE_SECONDS
) -> int:
    """Ask for the runs that are due, and raise alerts about those that came to nothing. Returns how many pairs."""
    with engine.connect() as conn:
        waiting = scheduled_runs.due(conn, settle_seconds=settle_seconds)
    done = sum(_run(engine, evidence, pair, default_rules) for pair in waiting)
    with engine.begin() as conn:
        for ended in scheduled_runs.take_ended(conn):
            kind = Kind.RUN_HELD_UP if ended.run_id is None else Kind.RUN_FAILED
            outbox.add(conn, kind=kind, payload=scheduled_payload(ended.reconciliation_id, run_id=ended.run_id))
    return done


def _run(engine: Engine, evidence: Evidence, pair: Pair, default_rules: Rules) -> bool:
    """One pair, unless another sidecar was first."""
    with engine.begin() as conn:
        if not scheduled_runs.begin(conn, pair):
            return False
    run_id, why = _outcome(engine, evidence, pair, default_rules)
    with engine.begin() as conn:
        scheduled_runs.conclude(conn, pair, run_id=run_id, error_text=why)
    log.info("ran_by_itself", reconciliation_id=pair.reconciliation_id, run_id=run_id)
    return True


def _outcome(engine: Engine, evidence: Evidence, pair: Pair, default_rules: Rules) -> tuple[int | None, str | None]:
    """The run's number, or why there is none."""
    try:
        found = run_newest(
            engine, evidence, reconciliation=pair.reconciliation, default_rules=default_rules, actor=pair.actor
        )
    except TieoutError as problem:
        return None, str(problem)
    if found.submitted is None:
        return None, " ".join(found.hurdles.values())
    return found.submitted.run_id, None
