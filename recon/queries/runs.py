"""Runs as pages and the API show them: pages of history, what is at work now, and one run in full.

Only the published attempt of a run counts; rows of any other attempt are never read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, and_, func, select

from recon.errors import RunNotFound
from recon.model.outcome import DiscrepancyKind, OutcomeTotal, ProofLine, RowOutcome
from recon.model.reading import Account, Control
from recon.store.reading_files import accounts_from, controls_from
from recon.store.run_files import rows_name
from recon.store.tables import discrepancy_tally, reading, reconciliation, run, run_proof, run_total, upload

LIVE_STATUSES = ("queued", "running")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """One line of the history. Counts are None until the run is published."""

    id: int
    reconciliation: str
    status: str
    requested_at: datetime
    requested_by: str
    started_at: datetime | None
    finished_at: datetime | None
    source_count: int | None
    reference_count: int | None
    matched_count: int | None
    matched_row_count: int | None
    suggested_count: int | None
    discrepancy_count: int | None
    rerun_of_id: int | None
    stage: str | None
    rows_done: int
    rows_total: int
    cancel_requested_at: datetime | None
    error_code: str | None
    error_text: str | None

    @property
    def row_count(self) -> int | None:
        """Rows of both sides."""
        return None if self.source_count is None else self.source_count + (self.reference_count or 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFilter:
    """Which runs: of one reconciliation, of some statuses; nothing given leaves all in."""

    reconciliation: str | None = None
    statuses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFile:
    """One side's file: as received, and what was read of it; `rows_name`: where the rows are that the run matched."""

    side: str
    filename: str
    sha256: str
    size_bytes: int
    received_at: datetime
    received_by: str
    reading_key: str
    rows_name: str
    format: str
    encoding: str | None
    rows_read: int
    rows_accepted: int
    rows_rejected: int
    rows_ignored: int
    accounts: tuple[Account, ...] = ()
    controls: tuple[Control, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDetail:
    """One run in full. `totals`, `proof` and `confidence` are empty until it is published; `seconds` is by stage.

    `decision_count`: earlier decisions of people that it replayed; None until it is published, and of old runs.
    """

    run: RunRow
    files: tuple[RunFile, ...]
    rules: Mapping[str, Any]
    totals: tuple[OutcomeTotal, ...]
    proof: tuple[ProofLine, ...]
    confidence: tuple[int, ...]
    decision_count: int | None
    seconds: Mapping[str, float]
    open_count: int
    attempt: int
    published_attempt: int | None
    digest: str | None
    worker: str | None


def run_count(engine: Engine, wanted: RunFilter) -> int:
    """How many runs fit."""
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(_RUNS).where(*_where(wanted))).scalar_one()


def run_page(engine: Engine, wanted: RunFilter, *, limit: int = 50, offset: int = 0) -> tuple[RunRow, ...]:
    """Some of the runs that fit, newest first."""
    query = _ROWS.where(*_where(wanted)).order_by(run.c.id.desc()).limit(limit).offset(offset)
    with engine.connect() as connection:
        return tuple(_run_row(row) for row in connection.execute(query))


def live_runs(engine: Engine) -> tuple[RunRow, ...]:
    """Runs that wait or are at work, oldest first."""
    with engine.connect() as connection:
        found = connection.execute(_ROWS.where(run.c.status.in_(LIVE_STATUSES)).order_by(run.c.id))
        return tuple(_run_row(row) for row in found)


def one_run(engine: Engine, run_id: int) -> RunRow:
    """One run's line; raises RunNotFound."""
    with engine.connect() as connection:
        return _one(connection, run_id)


def run_detail(engine: Engine, run_id: int) -> RunDetail:
    """One run in full; raises RunNotFound."""
    with engine.connect() as connection:
        row = _one(connection, run_id)
        rest = connection.execute(
            select(
                run.c.rules,
                run.c.confidence,
                run.c.decision_count,
                run.c.seconds,
                run.c.attempt,
                run.c.published_attempt,
                run.c.digest,
                run.c.worker,
            ).where(run.c.id == run_id)
        ).one()
        return RunDetail(
            run=row,
            files=_files(connection, run_id),
            rules=rest.rules,
            totals=_totals(connection, run_id),
            proof=_proof(connection, run_id),
            confidence=tuple(rest.confidence or ()),
            decision_count=rest.decision_count,
            seconds=rest.seconds or {},
            open_count=_open_count(connection, run_id),
            attempt=rest.attempt,
            published_attempt=rest.published_attempt,
            digest=rest.digest,
            worker=rest.worker,
        )


def reconciliation_names(engine: Engine) -> tuple[str, ...]:
    """Every reconciliation, by name."""
    with engine.connect() as connection:
        return tuple(connection.execute(select(reconciliation.c.name).order_by(reconciliation.c.name)).scalars())


_RUNS = run.join(reconciliation, run.c.reconciliation_id == reconciliation.c.id)
_ROWS = select(
    reconciliation.c.name.label("reconciliation"),
    *(run.c[name] for name in RunRow.__dataclass_fields__ if name != "reconciliation"),
).select_from(_RUNS)


def _where(wanted: RunFilter) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    if wanted.reconciliation is not None:
        where.append(reconciliation.c.name == wanted.reconciliation)
    if wanted.statuses:
        where.append(run.c.status.in_(wanted.statuses))
    return where


def _run_row(row: Row[Any]) -> RunRow:
    return RunRow(**row._mapping)


def _one(connection: Connection, run_id: int) -> RunRow:
    found = connection.execute(_ROWS.where(run.c.id == run_id)).one_or_none()
    if found is None:
        raise RunNotFound(run_id)
    return _run_row(found)


def _files(connection: Connection, run_id: int) -> tuple[RunFile, ...]:
    files = []
    made = connection.execute(select(run.c.published_attempt, run.c.manifest).where(run.c.id == run_id)).one()
    for side, column in (("source", run.c.source_reading_id), ("reference", run.c.reference_reading_id)):
        columns = [
            (upload if name in upload.c else reading).c[name]
            for name in RunFile.__dataclass_fields__
            if name not in ("side", "rows_name")
        ]
        joined = run.join(reading, column == reading.c.id).join(upload, reading.c.upload_id == upload.c.id)
        row = connection.execute(select(*columns).select_from(joined).where(run.c.id == run_id)).one()
        stored = rows_name(
            side, reading_key=row.reading_key, run_id=run_id, attempt=made.published_attempt, manifest=made.manifest
        )
        stated = {"accounts": accounts_from(row.accounts), "controls": controls_from(row.controls)}
        files.append(RunFile(**{"side": side, "rows_name": stored, **row._mapping, **stated}))
    return tuple(files)


def _published(table: Any) -> ColumnElement[bool]:
    """Rows of `table` that the run they belong to has published."""
    return and_(table.c.run_id == run.c.id, table.c.attempt == run.c.published_attempt)


def _totals(connection: Connection, run_id: int) -> tuple[OutcomeTotal, ...]:
    t = run_total
    found = connection.execute(
        select(t.c.side, t.c.currency, t.c.outcome, t.c.row_count, t.c.amount)
        .select_from(run.join(t, _published(t)))
        .where(run.c.id == run_id)
        .order_by(t.c.currency, t.c.side.desc(), t.c.outcome)
    )
    return tuple(
        OutcomeTotal(
            side=row.side,
            currency=row.currency,
            outcome=RowOutcome(row.outcome),
            row_count=row.row_count,
            amount=int(row.amount),
        )
        for row in found
    )


def _proof(connection: Connection, run_id: int) -> tuple[ProofLine, ...]:
    found = connection.execute(
        select(run_proof)
        .select_from(run.join(run_proof, _published(run_proof)))
        .where(run.c.id == run_id)
        .order_by(run_proof.c.currency)
    )
    return tuple(
        ProofLine(
            currency=row.currency,
            source_count=row.source_count,
            source_total=int(row.source_total),
            reference_count=row.reference_count,
            reference_total=int(row.reference_total),
            by_kind=tuple(
                (kind, row.by_kind[kind]["count"], int(row.by_kind[kind]["amount"]))
                for kind in DiscrepancyKind
                if kind in row.by_kind
            ),
            unexplained=int(row.unexplained),
        )
        for row in found
    )


def _open_count(connection: Connection, run_id: int) -> int:
    counted = connection.execute(
        select(func.sum(discrepancy_tally.c.row_count))
        .select_from(run.join(discrepancy_tally, _published(discrepancy_tally)))
        .where(run.c.id == run_id, discrepancy_tally.c.status == "open")
    ).scalar()
    return int(counted or 0)
