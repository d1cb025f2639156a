"""Rows for tests of queries and pages: runs as they stand after a worker published, failed or is at work on them."""

from __future__ import annotations

import hashlib
import itertools
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pyarrow as pa
from sqlalchemy import Connection, Engine, insert, select

from recon.model.outcome import DISCREPANCY_SCHEMA, MATCH_SCHEMA, DiscrepancyKind, RowOutcome
from recon.model.rules import Rules
from recon.model.transactions import TRANSACTION_SCHEMA
from recon.store import tables
from recon.store.evidence import Evidence, reading_name, run_name
from recon.store.reading_files import REJECT_SCHEMA

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
_serial = itertools.count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One discrepancy to be: `amount` in minor units, its part of source total - reference total."""

    kind: DiscrepancyKind
    amount: int
    currency: str = "EUR"
    date: date = date(2026, 3, 1)
    source_line: int | None = 2
    reference_line: int | None = None
    payment_ref: str | None = None
    txn_id: str | None = None
    description: str | None = None
    counterparty: str | None = None
    detail: str = "It does not tie out."
    status: str = "open"
    resolution: str | None = None


ITEMS = (
    Item(kind=DiscrepancyKind.AMOUNT_MISMATCH, amount=-250, source_line=2, reference_line=2, payment_ref="INV-1"),
    Item(kind=DiscrepancyKind.MISSING_IN_REFERENCE, amount=10_000, source_line=3, description="Kestrel Energy plc"),
    Item(kind=DiscrepancyKind.MISSING_IN_SOURCE, amount=-4_000, source_line=None, reference_line=4),
    Item(kind=DiscrepancyKind.SUGGESTION, amount=0, source_line=5, reference_line=5, currency="JPY"),
    Item(kind=DiscrepancyKind.DUPLICATE, amount=999, source_line=6, currency="USD"),
)
"""One of each kind, in three currencies."""


def published_run(
    engine: Engine,
    items: Sequence[Item] = ITEMS,
    *,
    name: str = "Bank vs ledger",
    matched_count: int = 95,
    suggested_count: int = 1,
    finished_at: datetime = NOON,
    seconds: float = 4.2,
    attempt: int = 1,
    rerun_of_id: int | None = None,
    rules: Rules | None = None,
    source_reading_id: int | None = None,
    reference_reading_id: int | None = None,
) -> int:
    """A succeeded run with its totals, proof and discrepancies; returns its id."""
    with engine.begin() as connection:
        run_id = _insert_run(
            connection,
            name=name,
            status="succeeded",
            rules=(rules or Rules()).as_dict(),
            rerun_of_id=rerun_of_id,
            source_reading_id=source_reading_id,
            reference_reading_id=reference_reading_id,
            requested_at=finished_at - timedelta(seconds=seconds + 1),
            started_at=finished_at - timedelta(seconds=seconds),
            finished_at=finished_at,
            attempt=attempt,
            published_attempt=attempt,
            stage="publish",
            source_count=matched_count + suggested_count + len(items),
            reference_count=matched_count + suggested_count + len(items),
            matched_count=matched_count,
            matched_row_count=2 * matched_count,
            suggested_count=suggested_count,
            discrepancy_count=len(items),
            seconds={"identity": seconds / 2, "exact": seconds / 4, "scored": seconds / 4},
            confidence=[0] * 16 + [1, 2, 7, matched_count - 10],
            manifest={},
            digest=_sha256(f"digest {next(_serial)}"),
        )
        _insert_results(connection, run_id, attempt, items, matched_count)
    return run_id


def unfinished_run(engine: Engine, status: str, *, name: str = "Bank vs ledger", **values: Any) -> int:
    """A run that is queued, running, failed or cancelled; `values` are columns of `run`. Returns its id."""
    defaults: dict[str, Any] = {"requested_at": NOON}
    if status != "queued":
        defaults |= {"attempt": 1, "started_at": NOON, "worker": "worker-1"}
    if status == "running":
        defaults |= {"stage": "exact", "rows_done": 400, "rows_total": 1000, "progress_at": NOON}
    if status in ("failed", "cancelled"):
        defaults |= {"finished_at": NOON + timedelta(seconds=3)}
    if status == "failed":
        defaults |= {"error_code": "FILE_GONE", "error_text": "march.csv is gone. Upload it again."}
    with engine.begin() as connection:
        return _insert_run(connection, name=name, status=status, **(defaults | values))


def heartbeat(engine: Engine, *, seen_at: datetime, process: str = "sidecar:desk:1") -> None:
    """A process that was last alive at `seen_at`; its name begins with its role."""
    with engine.begin() as connection:
        connection.execute(
            insert(tables.heartbeat).values(
                process=process, role=process.partition(":")[0], started_at=NOON, seen_at=seen_at
            )
        )


def transactions(*rows: dict[str, Any]) -> pa.Table:
    """A transaction table; a row needs no more than its amount."""
    full = [{"line": place + 2, "date": date(2026, 3, 1), "currency": "EUR", **row} for place, row in enumerate(rows)]
    columns = {name: [row.get(name) for row in full] for name in TRANSACTION_SCHEMA.names}
    return pa.table(columns, schema=TRANSACTION_SCHEMA)


def matches(*rows: dict[str, Any]) -> pa.Table:
    """A match table; a row needs no more than its two positions."""
    usual = {
        "status": "matched",
        "pass": "identity",
        "confidence": 1.0,
        "amount_delta": 0,
        "days": 0,
        "evidence": "payment_ref",
    }
    columns = {name: [{**usual, **row}.get(name) for row in rows] for name in MATCH_SCHEMA.names}
    return pa.table(columns, schema=MATCH_SCHEMA)


def run_with_rows(
    engine: Engine, evidence: Evidence, source: pa.Table, reference: pa.Table, found: pa.Table, **values: Any
) -> int:
    """A published run whose rows are in the evidence store, as a worker leaves them; returns its id."""
    numbers = {}
    for side, table in (("source", source), ("reference", reference)):
        key = _sha256(f"rows {next(_serial)}")
        evidence.write_table(reading_name(key, "transactions.parquet"), table)
        evidence.write_table(reading_name(key, "rejects.parquet"), REJECT_SCHEMA.empty_table())
        evidence.write_json(reading_name(key, "reading.json"), {})
        with engine.begin() as connection:
            numbers[f"{side}_reading_id"] = stored_reading(connection, f"{side}.csv", reading_key=key)
    run_id = published_run(engine, **numbers, **values)
    evidence.write_table(run_name(run_id, 1, "matches.parquet"), found)
    evidence.write_table(run_name(run_id, 1, "discrepancies.parquet"), DISCREPANCY_SCHEMA.empty_table())
    return run_id


def readings_of(engine: Engine, run_id: int) -> tuple[int, int]:
    """The readings of a run: source, reference."""
    columns = (tables.run.c.source_reading_id, tables.run.c.reference_reading_id)
    with engine.connect() as connection:
        source, reference = connection.execute(select(*columns).where(tables.run.c.id == run_id)).one()
    return source, reference


def stored_reading(
    connection: Connection, filename: str, *, sha256: str | None = None, reading_key: str | None = None
) -> int:
    """An upload of 101 rows (99 accepted, 1 rejected, 1 ignored), read; returns the reading's id."""
    serial = next(_serial)
    upload_id = connection.execute(
        insert(tables.upload)
        .values(
            sha256=sha256 or _sha256(f"{filename} {serial}"), filename=filename, size_bytes=4096, received_by="operator"
        )
        .returning(tables.upload.c.id)
    ).scalar_one()
    return connection.execute(
        insert(tables.reading)
        .values(
            upload_id=upload_id,
            reading_key=reading_key or _sha256(f"reading {serial}"),
            format="csv",
            encoding="utf-8",
            mapping={},
            rows_read=101,
            rows_accepted=99,
            rows_rejected=1,
            rows_ignored=1,
            notes=[],
        )
        .returning(tables.reading.c.id)
    ).scalar_one()


def _insert_run(connection: Connection, *, name: str, **values: Any) -> int:
    found = connection.execute(select(tables.reconciliation.c.id).where(tables.reconciliation.c.name == name)).scalar()
    if found is None:
        found = connection.execute(
            insert(tables.reconciliation).values(name=name, created_by="operator").returning(tables.reconciliation.c.id)
        ).scalar_one()
    row = {
        "reconciliation_id": found,
        "run_key": _sha256(f"run {next(_serial)}"),
        "requested_by": "operator",
        "rules": Rules().as_dict(),
        **values,
    }
    for side, filename in (("source", "gateway.csv"), ("reference", "bank.csv")):
        if row.get(f"{side}_reading_id") is None:
            row[f"{side}_reading_id"] = stored_reading(connection, filename)
    return connection.execute(insert(tables.run).values(**row).returning(tables.run.c.id)).scalar_one()


def _insert_results(
    connection: Connection, run_id: int, attempt: int, items: Sequence[Item], matched_count: int
) -> None:
    key = {"run_id": run_id, "attempt": attempt}
    totals: Counter[tuple[str, str, RowOutcome]] = Counter()
    amounts: Counter[tuple[str, str, RowOutcome]] = Counter()
    by_kind: dict[str, Counter[str]] = defaultdict(Counter)
    difference: Counter[str] = Counter()
    for item in items:
        side = "source" if item.source_line else "reference"
        outcome = {
            DiscrepancyKind.DUPLICATE: RowOutcome.DUPLICATE,
            DiscrepancyKind.SUGGESTION: RowOutcome.SUGGESTED,
            DiscrepancyKind.AMOUNT_MISMATCH: RowOutcome.MATCHED,
        }.get(item.kind, RowOutcome.MISSING)
        totals[side, item.currency, outcome] += 1
        amounts[side, item.currency, outcome] += item.amount if side == "source" else -item.amount
        by_kind[item.currency][item.kind] += item.amount
        difference[item.currency] += item.amount
    for side in ("source", "reference"):
        totals[side, "EUR", RowOutcome.MATCHED] += matched_count
        amounts[side, "EUR", RowOutcome.MATCHED] += matched_count * 1_000
    connection.execute(
        insert(tables.run_total),
        [
            {**key, "side": s, "currency": c, "outcome": o, "row_count": n, "amount": amounts[s, c, o]}
            for (s, c, o), n in totals.items()
        ],
    )
    connection.execute(
        insert(tables.run_proof),
        [
            {
                **key,
                "currency": currency,
                "source_count": matched_count,
                "source_total": matched_count * 1_000 + gap,
                "reference_count": matched_count,
                "reference_total": matched_count * 1_000,
                "by_kind": {
                    kind: {
                        "count": sum(i.kind == kind and i.currency == currency for i in items),
                        "amount": str(amount),
                    }
                    for kind, amount in by_kind[currency].items()
                },
                "unexplained": 0,
            }
            for currency, gap in (difference or Counter(EUR=0)).items()
        ],
    )
    if items:
        connection.execute(insert(tables.discrepancy), [_discrepancy(item, key) for item in items])


def _discrepancy(item: Item, key: dict[str, int]) -> dict[str, Any]:
    resolved = item.status == "resolved"
    one_sided = item.source_line is None or item.reference_line is None
    return {
        **key,
        "kind": item.kind,
        "side": ("source" if item.source_line else "reference") if one_sided else None,
        "source_line": item.source_line,
        "reference_line": item.reference_line,
        "currency": item.currency,
        "amount": item.amount,
        "gross": abs(item.amount) or 1_000,
        "date": item.date,
        "txn_id": item.txn_id,
        "payment_ref": item.payment_ref,
        "description": item.description,
        "counterparty": item.counterparty,
        "detail": item.detail,
        "status": item.status,
        "resolution": item.resolution or ("timing" if resolved else None),
        "resolved_at": NOON if resolved else None,
        "resolved_by": "operator" if resolved else None,
    }


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
