"""What people decided, beside what the engine found: the last columns of a stored run's discrepancies."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recon.model.triage import DiscrepancyStatus

_SAME = ("kind", "source_line", "reference_line")


_NEWEST: Final = ("row_currency",)
"""Came after the columns of decisions, and so stands behind them: places are a contract with scripts."""


def decided_rows(rows: pa.Table, decisions: pa.Table) -> pa.Table:
    """Discrepancy rows with status, resolution, comment, resolved_by and resolved_at (ISO 8601, UTC) behind them.

    `decisions` has these columns, the row's `position`, and what tells that it is the same discrepancy. A row without a
    decision is open.
    """
    positions = decisions["position"]
    decided = rows.take(positions)
    assert all(decided[name].equals(decisions[name]) for name in _SAME), "a decision is about another discrepancy"
    index = np.full(rows.num_rows, -1, np.int64)
    index[positions.to_numpy()] = np.arange(decisions.num_rows)
    found = decisions.take(pa.array(index, mask=index < 0))
    instants = found["resolved_at"].cast(pa.timestamp("us")).cast(pa.timestamp("s"), safe=False)
    columns = {
        "status": pc.fill_null(found["status"], DiscrepancyStatus.OPEN.value),
        **{name: found[name] for name in ("resolution", "comment", "resolved_by")},
        "resolved_at": pc.strftime(instants, format="%Y-%m-%dT%H:%M:%SZ"),
    }
    for name, column in columns.items():
        rows = rows.append_column(name, column)
    names = [name for name in rows.column_names if name not in _NEWEST]
    return rows.select([*names, *_NEWEST])
