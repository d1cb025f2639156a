"""Work on a claimed run: gather its rows, decide what matches, write the result. The same in a worker and in the CLI.

However it ends, the run says so: published, cancelled, or failed with a sentence. Only when the database is gone, or
the process dies, is that left to whoever watches this process (`give_back`) or to the janitor.
"""

from __future__ import annotations

import errno
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import psycopg
import pyarrow as pa
import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, OperationalError

from recon.errors import OpenItemsMoved, RunCancelled, RunSuperseded, TieoutError
from recon.model.outcome import MatchStatus, Outcome
from recon.model.progress import Progress, silent
from recon.model.rules import Rules
from recon.model.transactions import Side
from recon.queries.audit import sealed_heads
from recon.store import publication, reading_files, readings, runs
from recon.store.evidence import Evidence, reading_name, run_name
from recon.store.publication import Publication, Seal
from recon.store.run_files import DISCREPANCIES, MANIFEST, MATCHES, NETTED, rows_name
from recon.store.runs import Claim
from recon.workflows.begin_run import Begun, begin_run
from recon.workflows.carry_forward import conclude_carrying
from recon.workflows.cluster import crew_at
from recon.workflows.code_version import engine_version
from recon.workflows.digest import result_digest
from recon.workflows.lease import Lease
from recon.workflows.prepare_workbench import prepare_workbench
from recon.workflows.reconcile import reconcile_tables
from recon.workflows.result_rows import confidence_counts, count_of, discrepancy_rows

DATABASE_GONE: Final = (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError)
THREADS: Final = 2
SETTLED_AT_MOST: Final = 200_000
"""Discrepancies of a run whose decisions are followed at once; in larger ones, when it is opened on the workbench."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Inputs:
    source_key: str
    reference_key: str
    source: pa.Table
    reference: pa.Table
    rules: Rules
    begun: Begun
    heads: dict[str, str]  # of the logs, when it began: noted beside them


def execute_run(
    engine: Engine,
    evidence: Evidence,
    claim: Claim,
    *,
    lease_seconds: float,
    dask_address: str | None = None,
    on_progress: Progress = silent,
) -> None:
    """Do the work of an attempt and record how it ended. `on_progress` hears every step: stage, rows done, rows total.

    `dask_address`: of a cluster that does part of the matching (`cluster.crew_at`).
    Raises one of `DATABASE_GONE` when the database does not answer: what became of the attempt is then to be read.
    """
    logged = log.bind(run_id=claim.run_id, attempt=claim.attempt)
    try:
        with Lease(engine, claim, lease_seconds=lease_seconds) as lease:
            is_decided = _execute(engine, evidence, claim, dask_address, _both(on_progress, lease.report))
    except RunSuperseded:
        logged.warning("fenced")
    except RunCancelled:
        with engine.begin() as conn:
            runs.mark_cancelled(conn, claim)
        logged.info("cancelled")
    except OpenItemsMoved:
        with engine.begin() as conn:
            runs.give_back(conn, claim, was_harmless=True)
        logged.info("open_items_moved")
    except DATABASE_GONE:
        logged.warning("database_gone", exc_info=True)
        raise
    except Exception as error:
        code, text = _sentence(error)
        logged.exception("run_failed", code=code)
        with engine.begin() as conn:
            runs.fail(conn, claim, code=code, text=text)
    else:
        logged.info("published")
        if is_decided:
            _settle_decided(engine, evidence, claim)


def _both(watcher: Progress, lease: Progress) -> Progress:
    def tell(stage: str, rows_done: int, rows_total: int) -> None:
        watcher(stage, rows_done, rows_total)
        lease(stage, rows_done, rows_total)

    return tell


def _execute(engine: Engine, evidence: Evidence, claim: Claim, dask_address: str | None, progress: Progress) -> bool:
    """Whether decisions were replayed that are to be followed at once."""
    clock = _Clock()
    progress("load", 0, 0)
    inputs = _gather(engine, evidence, claim)
    clock.lap("load")
    begun = inputs.begun
    carrying = begun.carrying
    with crew_at(dask_address) as crew:
        outcome = reconcile_tables(
            inputs.source,
            inputs.reference,
            inputs.rules,
            decided=begun.decided,
            due=begun.due,
            on_progress=progress,
            threads=THREADS,
            crew=crew,
        )
    row_count = inputs.source.num_rows + inputs.reference.num_rows
    progress("store", 0, row_count)
    seconds = clock.laps | outcome.seconds
    with ThreadPoolExecutor(1, thread_name_prefix="evidence") as pool:  # at work while the database copies
        seal = pool.submit(_seal, evidence, claim, inputs, outcome, seconds)
        result = _result(inputs, outcome)
        found_count = result.discrepancies.num_rows
        progress("publish", 0, found_count)
        with engine.begin() as conn:
            publication.publish(
                conn,
                claim,
                result,
                sealed=seal.result,
                seconds=seconds,
                on_rows=lambda done: progress("publish", done, found_count),
                also=(lambda conn: conclude_carrying(conn, carrying, outcome)) if carrying else None,
            )
    with suppress(RunSuperseded, RunCancelled):  # it is published: a lease that is not renewed now says just that
        progress("published", found_count, found_count)
    publication.count_anew(engine, found_count)
    return bool(begun.decision_ids) and found_count <= SETTLED_AT_MOST


def _settle_decided(engine: Engine, evidence: Evidence, claim: Claim) -> None:
    """Resolve now what decisions that stand have settled. The run is published all the same: what goes wrong here is
    made up for when it is opened on the workbench."""
    try:
        prepare_workbench(engine, evidence, claim.run_id)
    except Exception:
        log.warning("workbench_not_prepared", run_id=claim.run_id, exc_info=True)


def _gather(engine: Engine, evidence: Evidence, claim: Claim) -> _Inputs:
    with engine.connect() as conn:
        run = runs.get(conn, claim.run_id)
        source = readings.get(conn, run.source_reading_id)
        reference = readings.get(conn, run.reference_reading_id)
    keys = {Side.SOURCE: source.reading_key, Side.REFERENCE: reference.reading_key}
    files = {side: evidence.read_table(reading_name(key, reading_files.TRANSACTIONS)) for side, key in keys.items()}
    begun = begin_run(engine, evidence, claim, run, keys, files)
    return _Inputs(
        source_key=source.reading_key,
        reference_key=reference.reading_key,
        source=begun.rows[Side.SOURCE],
        reference=begun.rows[Side.REFERENCE],
        rules=run.rules,
        begun=begun,
        heads=sealed_heads(engine),
    )


def _seal(evidence: Evidence, claim: Claim, inputs: _Inputs, outcome: Outcome, seconds: dict[str, float]) -> Seal:
    """Store what the attempt concluded and work out its digest; both add to `seconds`."""
    clock = _Clock()
    manifest = _store(evidence, claim, inputs, outcome)
    clock.lap("store")
    digest = result_digest(outcome, inputs.source, inputs.reference, threads=1)
    clock.lap("digest")
    seconds.update(clock.laps)
    return Seal(manifest=manifest, digest=digest)


def _store(evidence: Evidence, claim: Claim, inputs: _Inputs, outcome: Outcome) -> dict[str, str]:
    """Write the attempt's evidence; returns name -> sha256 of each file."""
    tables = {MATCHES: outcome.matches, NETTED: outcome.netted, DISCREPANCIES: outcome.discrepancies}
    tables |= inputs.begun.parts()
    manifest = {
        run_name(claim.run_id, claim.attempt, part): evidence.write_table(
            run_name(claim.run_id, claim.attempt, part), table
        )
        for part, table in tables.items()
    }
    document = {
        "files": manifest,
        **{
            side.value: rows_name(side, reading_key=key, run_id=claim.run_id, attempt=claim.attempt, manifest=manifest)
            for side, key in ((Side.SOURCE, inputs.source_key), (Side.REFERENCE, inputs.reference_key))
        },
        "rules": inputs.rules.as_dict(),
        "engine": engine_version(),
        "heads": inputs.heads,
        **inputs.begun.document(),
        "readings": {key: reading_files.digests(evidence, key) for key in (inputs.source_key, inputs.reference_key)},
    }
    name = run_name(claim.run_id, claim.attempt, MANIFEST)
    return {**manifest, name: evidence.write_json(name, document)}


def _result(inputs: _Inputs, outcome: Outcome) -> Publication:
    return Publication(
        discrepancies=discrepancy_rows(outcome, inputs.source, inputs.reference),
        totals=outcome.totals,
        proof=outcome.proof,
        source_count=inputs.source.num_rows,
        reference_count=inputs.reference.num_rows,
        matched_count=count_of(outcome.matches, MatchStatus.MATCHED),
        suggested_count=count_of(outcome.matches, MatchStatus.SUGGESTED),
        confidence=confidence_counts(outcome.matches),
        decision_count=len(inputs.begun.decision_ids),
    )


class _Clock:
    """Seconds of our own stages; the engine times its own."""

    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._at = time.monotonic()

    def lap(self, stage: str) -> None:
        now = time.monotonic()
        self.laps[stage] = round(now - self._at, 3)
        self._at = now


def _sentence(error: Exception) -> tuple[str, str]:
    """The code and the words for the person who asked; what only we can use is in the log, under the error's id."""
    if isinstance(error, TieoutError):
        return error.code, str(error)
    if isinstance(error, MemoryError):
        return "MEMORY", "This run needs more memory than this machine has. Try smaller files."
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return "DISK_FULL", "The disk of the evidence store is full. Make room, then run again."
    number = uuid.uuid4().hex[:12]
    log.error("unexpected", error_id=number, exc_info=error)
    return "UNEXPECTED", f"Something went wrong in Tieout itself. The log has the details under {number}."
