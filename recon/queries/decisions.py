"""What people decided about a run's discrepancies, as of now: all of it, for the run's report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pyarrow as pa
from sqlalchemy import Engine, func, select

from recon.model.triage import DiscrepancyStatus, Resolution
from recon.store.tables import discrepancy

DECISION_SCHEMA: Final = pa.schema(
    [
        pa.field("position", pa.int64(), nullable=False),  # 0-based, among the run's discrepancies in canonical order
        pa.field("kind", pa.string(), nullable=False),
        pa.field("source_line", pa.int64()),
        pa.field("reference_line", pa.int64()),
        pa.field("status", pa.string(), nullable=False),
        pa.field("resolution", pa.string()),
        pa.field("comment", pa.string()),
        pa.field("resolved_by", pa.string()),
        pa.field("resolved_at", pa.timestamp("us", tz="UTC")),
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleared:
    """How far the queue of a run is cleared; `by_resolution` names every resolution."""

    open_count: int
    resolved_count: int
    by_resolution: Mapping[str, int]


def decisions(engine: Engine, run_id: int, attempt: int) -> pa.Table:
    """Every discrepancy of an attempt that is not open any more: a table of `DECISION_SCHEMA`, by position.

    A publication copies the discrepancies in canonical order, and ids grow: their order is that order.
    """
    d = discrepancy.c
    position = (func.row_number().over(order_by=d.id) - 1).label("position")
    stored = [d[name] for name in DECISION_SCHEMA.names[1:]]
    numbered = select(position, *stored).where(d.run_id == run_id, d.attempt == attempt).subquery()
    decided = numbered.c.status != DiscrepancyStatus.OPEN
    with engine.connect() as connection:
        rows = connection.execute(select(numbered).where(decided).order_by(numbered.c.position)).all()
    columns = zip(*rows, strict=True) if rows else ([] for _ in DECISION_SCHEMA)
    return pa.table([list(column) for column in columns], schema=DECISION_SCHEMA)


def cleared(engine: Engine, run_id: int, attempt: int) -> Cleared:
    """How many discrepancies of an attempt are open, and how the others ended."""
    d = discrepancy.c
    of_it = (d.run_id == run_id, d.attempt == attempt)
    query = select(d.resolution, func.count().label("row_count")).where(*of_it).group_by(d.resolution)
    with engine.connect() as connection:
        counted = Counter({row.resolution: row.row_count for row in connection.execute(query)})
    return Cleared(
        open_count=counted[None],
        resolved_count=counted.total() - counted[None],
        by_resolution={resolution.value: counted[resolution] for resolution in Resolution},
    )
