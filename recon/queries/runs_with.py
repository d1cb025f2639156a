"""The runs whose files have a given transaction: the way from a journal entry to what was reconciled of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import duckdb
from sqlalchemy import Connection, Engine, and_, or_, select

from recon.errors import EvidenceMissing
from recon.store.evidence import Evidence, reading_name
from recon.store.tables import discrepancy, reading, reconciliation, run

LOOKED_THROUGH: Final = 20
"""The newest published runs; their files are read by column, a few milliseconds each."""

_CONFIG: Final[dict[str, Any]] = {"threads": 2, "autoinstall_known_extensions": "false"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RunWith:
    """A run with the transaction on either side; `discrepancy_id` where it did not tie out."""

    run_id: int
    reconciliation: str
    finished_at: datetime
    discrepancy_id: int | None


def runs_with(engine: Engine, evidence: Evidence, txn_id: str) -> tuple[RunWith, ...]:
    """Of the newest runs those that have this as a transaction or payment reference, newest first."""
    with engine.connect() as conn:
        newest = _newest(conn)
        keys = _readings_with(evidence, {key for row in newest for key in (row.source_key, row.reference_key)}, txn_id)
        found = [row for row in newest if keys & {row.source_key, row.reference_key}]
        open_ones = _discrepancies(conn, [row.id for row in found], txn_id)
    return tuple(
        RunWith(
            run_id=row.id,
            reconciliation=row.name,
            finished_at=row.finished_at,
            discrepancy_id=open_ones.get(row.id),
        )
        for row in found
    )


def _newest(conn: Connection) -> Sequence[Any]:
    source, reference = reading.alias("source"), reading.alias("reference")
    query = (
        select(
            run.c.id,
            reconciliation.c.name,
            run.c.finished_at,
            source.c.reading_key.label("source_key"),
            reference.c.reading_key.label("reference_key"),
        )
        .join_from(run, reconciliation, reconciliation.c.id == run.c.reconciliation_id)
        .join(source, source.c.id == run.c.source_reading_id)
        .join(reference, reference.c.id == run.c.reference_reading_id)
        .where(run.c.published_attempt.is_not(None))
        .order_by(run.c.id.desc())
        .limit(LOOKED_THROUGH)
    )
    return conn.execute(query).all()


def _readings_with(evidence: Evidence, keys: Collection[str], txn_id: str) -> set[str]:
    files = {}
    for key in keys:
        try:
            files[str(evidence.local_path(reading_name(key, "transactions.parquet")))] = key
        except EvidenceMissing:
            continue  # a file that is gone has nothing to find; its run says so itself
    if not files:
        return set()
    query = """
        select distinct filename from read_parquet($files, filename = true, union_by_name = true)
         where txn_id = $txn_id or payment_ref = $txn_id
    """
    with duckdb.connect(config=_CONFIG) as connection:
        rows = connection.execute(query, {"files": list(files), "txn_id": txn_id}).fetchall()
    return {files[name] for (name,) in rows}


def _discrepancies(conn: Connection, run_ids: Collection[int], txn_id: str) -> dict[int, int]:
    row = discrepancy.c
    query = (
        select(row.run_id, row.id)
        .join_from(discrepancy, run, and_(run.c.id == row.run_id, run.c.published_attempt == row.attempt))
        .where(row.run_id.in_(run_ids), or_(row.txn_id == txn_id, row.payment_ref == txn_id))
        .order_by(row.id.desc())
    )
    return {found.run_id: found.id for found in conn.execute(query)}
