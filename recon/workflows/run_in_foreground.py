"""The whole path in one call and one process: receive two files, read them, ask for the run, work on it, wait for it.

The run is the same as one a worker does: if a worker takes it first, this waits for that worker.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Mapping as MappingType
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import Engine

from recon.errors import FileHasQuestions, FileRefused
from recon.model.progress import Progress, silent
from recon.model.reading import Mapping
from recon.model.rules import Rules
from recon.store import runs
from recon.store.evidence import Evidence
from recon.store.runs import Claim, Run
from recon.workflows.execute_run import DATABASE_GONE, execute_run
from recon.workflows.read_upload import StoredReading, read_upload
from recon.workflows.receive_upload import receive_upload
from recon.workflows.submit_run import submit_run
from recon.workflows.tend_runs import tend_runs

LOOK_SECONDS: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class SideInput:
    """One side's file, and how to read it where the file does not decide."""

    path: Path
    mapping: Mapping | None = None
    currency: str | None = None
    answers: MappingType[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A run that ended: `cached` when it was there before. What it found is read with `recon.queries`."""

    run: Run
    cached: bool
    source: StoredReading
    reference: StoredReading


def run_in_foreground(
    engine: Engine,
    evidence: Evidence,
    *,
    source: SideInput,
    reference: SideInput,
    reconciliation: str,
    rules: Rules,
    actor: str,
    lease_seconds: float,
    on_progress: Progress = silent,
) -> Finished:
    """Reconcile two files, stored, and return when the run has ended (its `status` says how).

    Raises `FileRefused` or `FileHasQuestions` for a file that cannot be read as it is. An interrupt cancels the run,
    unless another process works on it.
    """
    readings = [
        _read(engine, evidence, side, name, actor, on_progress)
        for name, side in (("source", source), ("reference", reference))
    ]
    submitted = submit_run(
        engine,
        evidence,
        reconciliation=reconciliation,
        source_reading_id=_number(readings[0]),
        reference_reading_id=_number(readings[1]),
        rules=rules,
        actor=actor,
    )
    run = finish_run(engine, evidence, submitted.run_id, lease_seconds=lease_seconds, on_progress=on_progress)
    return Finished(run=run, cached=submitted.cached, source=readings[0], reference=readings[1])


def finish_run(
    engine: Engine, evidence: Evidence, run_id: int, *, lease_seconds: float, on_progress: Progress = silent
) -> Run:
    """Work on a run here, or wait while someone else does, until it has ended. Returns it as it ended."""
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
            _work(engine, evidence, claim, lease_seconds, on_progress)


def _work(engine: Engine, evidence: Evidence, claim: Claim, lease_seconds: float, on_progress: Progress) -> None:
    try:
        execute_run(engine, evidence, claim, lease_seconds=lease_seconds, on_progress=on_progress)
    except DATABASE_GONE:
        time.sleep(LOOK_SECONDS)
        with engine.begin() as conn:  # if it does not answer now, the caller hears that
            runs.give_back(conn, claim, was_harmless=False)
    except KeyboardInterrupt:
        with engine.begin() as conn:
            runs.ask_to_cancel(conn, claim.run_id, actor=runs.SYSTEM)
            runs.give_back(conn, claim, was_harmless=True)
        raise


def _read(
    engine: Engine, evidence: Evidence, side: SideInput, name: str, actor: str, on_progress: Progress
) -> StoredReading:
    on_progress(f"read {name}", 0, 0)
    receipt = receive_upload(engine, evidence, side.path, filename=side.path.name, actor=actor)
    stored = read_upload(
        engine,
        evidence,
        receipt.upload.id,
        mapping=side.mapping,
        currency=side.currency,
        answers=side.answers,
    )
    found = stored.preview
    if found.refused:
        raise FileRefused(filename=side.path.name, code=found.refused.code, problem=found.refused.problem)
    if found.questions:
        raise FileHasQuestions(filename=side.path.name, questions=tuple(question.text for question in found.questions))
    on_progress(f"read {name}", found.rows_read, found.rows_read)
    return stored


def _number(stored: StoredReading) -> int:
    assert stored.reading_id is not None
    return stored.reading_id
