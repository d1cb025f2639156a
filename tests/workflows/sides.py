"""Readings that are stored as if files had been read, so that a test of runs needs no file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from io import BytesIO

import pyarrow as pa
from sqlalchemy import Engine

from recon.model.reading import Mapping, Reading
from recon.model.rules import Rules
from recon.model.transactions import TRANSACTION_SCHEMA
from recon.store import reading_files, readings, uploads
from recon.store.evidence import Evidence
from recon.workflows.submit_run import submit_run

Row = tuple[str | None, date, int, str, str]
"""payment_ref, date, amount in minor units, currency, description."""

DAY = date(2026, 3, 2)


def table(rows: Sequence[Row]) -> pa.Table:
    """A transaction table; its lines start at 2, below a header."""
    columns = {
        "line": list(range(2, len(rows) + 2)),
        "payment_ref": [row[0] for row in rows],
        "date": [row[1] for row in rows],
        "amount": [row[2] for row in rows],
        "currency": [row[3] for row in rows],
        "description": [row[4] for row in rows],
    }
    nothing = [None] * len(rows)
    return pa.table({name: columns.get(name, nothing) for name in TRANSACTION_SCHEMA.names}, schema=TRANSACTION_SCHEMA)


SOURCE: tuple[Row, ...] = (
    ("INV-1", DAY, 1_000, "EUR", "Kestrel Energy"),
    ("INV-2", DAY, 2_500, "EUR", "Marlow & Sons"),
    ("INV-3", DAY, 4_200, "EUR", "Only here"),
    ("INV-4", DAY, 900, "JPY", "Osaka Tools"),
)
REFERENCE: tuple[Row, ...] = (
    ("INV-1", DAY, 1_000, "EUR", "Kestrel Energy"),
    ("INV-2", DAY, 2_300, "EUR", "Marlow & Sons"),
    ("INV-4", DAY, 900, "JPY", "Osaka Tools"),
    ("INV-9", DAY, -700, "EUR", "Only there"),
)
"""One exact, one 2.00 off, one missing on each side, one in another currency."""


def store(engine: Engine, evidence: Evidence, rows: pa.Table, *, filename: str) -> int:
    """Store a table as the reading of a file; returns the reading's id."""
    received = f"{filename} {rows.to_pylist() if rows.num_rows < 1000 else rows.num_rows}".encode()
    key = evidence.put_file(BytesIO(received))
    reading = Reading(
        format="csv",
        encoding="utf-8",
        columns=("ref", "date", "amount"),
        rows_read=rows.num_rows,
        rows_accepted=rows.num_rows,
        rows_rejected=0,
        rows_ignored=0,
        table=rows,
        rejects=(),
        questions=(),
        refused=None,
        notes=(),
        mapping=Mapping(),
        raw=pa.table({"line": pa.array([], pa.int64())}),
    )
    reading_files.save(evidence, key, reading)
    with engine.begin() as conn:
        upload, _ = uploads.add(conn, sha256=key, filename=filename, size_bytes=1, actor="ana")
        return readings.add(conn, upload_id=upload.id, reading_key=key, result=reading)


def store_both(
    engine: Engine, evidence: Evidence, *, source: pa.Table | None = None, reference: pa.Table | None = None
) -> tuple[int, int]:
    """Both sides' readings: source, reference."""
    return (
        store(engine, evidence, table(SOURCE) if source is None else source, filename="gateway.csv"),
        store(engine, evidence, table(REFERENCE) if reference is None else reference, filename="bank.csv"),
    )


def submit_both(
    engine: Engine,
    evidence: Evidence,
    *,
    source: pa.Table | None = None,
    reference: pa.Table | None = None,
    reconciliation: str = "Bank vs ledger",
) -> int:
    """A queued run of both sides under the usual rules; returns its id."""
    numbers = store_both(engine, evidence, source=source, reference=reference)
    return submit_run(
        engine,
        evidence,
        reconciliation=reconciliation,
        source_reading_id=numbers[0],
        reference_reading_id=numbers[1],
        rules=Rules(),
        actor="ana",
    ).run_id
