"""What the database shows of a published run: its discrepancies row by row, and what its proof is the sum of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pyarrow as pa
from sqlalchemy import Connection, select

from recon.store.tables import discrepancy, run_proof

SCHEMA: Final = pa.schema(
    [
        *((name, pa.string()) for name in ("kind", "side")),
        *((name, pa.int64()) for name in ("source_line", "reference_line")),
        ("currency", pa.string()),
        *((name, pa.int64()) for name in ("amount", "gross")),
        ("date", pa.date32()),
        *((name, pa.string()) for name in ("txn_id", "payment_ref", "description", "counterparty", "detail")),
    ]
)


def published_rows(conn: Connection, run_id: int, attempt: int) -> pa.Table:
    """The discrepancies of an attempt in canonical order: a table of SCHEMA."""
    d = discrepancy.c
    query = select(*(d[name] for name in SCHEMA.names)).where(d.run_id == run_id, d.attempt == attempt).order_by(d.id)
    rows = conn.execute(query).all()
    columns: Sequence[Sequence[object]] = list(zip(*rows, strict=True)) if rows else [()] * len(SCHEMA)
    return pa.table([list(column) for column in columns], schema=SCHEMA)


def proved_totals(conn: Connection, run_id: int, attempt: int) -> Mapping[tuple[str, str], tuple[int, int]]:
    """(side, currency) -> rows and their sum, as the proof begins with them."""
    p = run_proof.c
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for row in conn.execute(select(run_proof).where(p.run_id == run_id, p.attempt == attempt)):
        found["source", row.currency] = (row.source_count, int(row.source_total))
        found["reference", row.currency] = (row.reference_count, int(row.reference_total))
    return found
