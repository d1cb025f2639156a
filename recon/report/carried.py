"""Rows of a report that a run carried from earlier ones: they stand on no line of its files, and say where they came.

Inside, such a row has a line below 0, which is nobody's business. In a report its line is empty, and columns behind all
others name the run and the line where it was first seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

LINES: Final = {
    "source_line": "source_carried_from",
    "reference_line": "reference_carried_from",
    "line": "carried_from",
    "other_line": "other_carried_from",
}
"""Columns with lines -> the column that says where a carried row came first."""


def carried_lines(table: pa.Table) -> tuple[int, ...]:
    """The lines below 0 of a report's rows, each once."""
    found = [pc.unique(table[name]) for name in _columns(table)]
    return tuple(sorted({line for lines in found for line in lines.to_pylist() if line is not None and line < 0}))


def with_origins(table: pa.Table, first_seen: Mapping[int, tuple[int, int]]) -> pa.Table:
    """The report's rows without lines below 0. `first_seen`: such a line -> the run and the line it was first on.

    Every report of stored runs has the columns, whether or not a row was carried.
    """
    texts = {line: f"run {run_id}, line {first}" for line, (run_id, first) in first_seen.items()}
    names = _columns(table)
    for name in names:
        lines = table[name].combine_chunks()
        is_carried = pc.fill_null(pc.less(lines, 0), False)
        if name != "line" or "source_line" not in names:
            origin = np.full(len(lines), None, object)
            places = np.flatnonzero(is_carried.to_numpy(zero_copy_only=False))
            origin[places] = [texts.get(line) for line in lines.take(pa.array(places)).to_pylist()]
            table = table.append_column(LINES[name], pa.array(origin, pa.string()))
        table = table.set_column(
            table.column_names.index(name), name, pc.if_else(is_carried, pa.scalar(None, lines.type), lines)
        )
    return table


def _columns(table: pa.Table) -> list[str]:
    return [name for name in LINES if name in table.column_names]
