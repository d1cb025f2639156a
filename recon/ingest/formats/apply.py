"""What a format says, applied to one file: the roles of its columns, how its money is written, which rows count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recon.ingest.aliases import Role
from recon.ingest.columns import Columns
from recon.ingest.formats.format import Format, RowsLeftOut
from recon.ingest.grid import Grid, Mask

_MONEY = (Role.AMOUNT, Role.DEBIT, Role.CREDIT)


def roles_for(known: Format, names: tuple[str, ...], mapped: Mapping[str, str]) -> dict[str, str]:
    """Role -> column name: a person's mapping first, money as a whole, then what the format says."""
    own = {role.value: name for role, name in known.columns(names).items()}
    if any(role.value in mapped for role in _MONEY):
        own = {role: name for role, name in own.items() if role not in _MONEY}
    return own | dict(mapped)


def as_written(known: Format, columns: Columns) -> Columns:
    """The columns with the format's word on signs and fees, where its own money columns are read."""
    own = known.columns(columns.names)
    if any(columns.name(role) != own.get(role) for role in _MONEY):
        return columns
    parts = [known.column(columns.names, (wanted,)) for wanted in known.fee_parts]
    return replace(
        columns,
        is_signed=known.is_signed,
        fee_sign=known.fee_sign,
        fee_parts=tuple(columns.names.index(name) for name in parts if name is not None),
        fee_is_apart=known.fee_is_apart,
    )


def without_placeholders(known: Format, grid: Grid) -> Grid:
    """The grid with nothing where the format writes a placeholder for nothing."""
    if not known.nothing:
        return grid
    words = pa.array(known.nothing)
    columns = [
        pc.if_else(pc.is_in(pc.utf8_trim_whitespace(cells), value_set=words), "", cells) for cells in grid.cells.columns
    ]
    return replace(grid, cells=pa.table(columns, names=grid.cells.column_names))


def leave_out(known: Format, names: tuple[str, ...], grid: Grid) -> tuple[Grid, Counter[str]]:
    """The grid without the rows the format leaves out, and how many there were by reason."""
    counts: Counter[str] = Counter()
    for rule in known.left_out:
        name = known.column(names, (rule.column,))
        if name is None or not len(grid.lines):
            continue
        out = _matches(rule, grid, names.index(name))
        if out.any():
            counts[rule.reason] += int(out.sum())
            blank_count = grid.blank_count
            grid = replace(grid.keep(~out, grid.odd), blank_count=blank_count)
    return grid, counts


def _matches(rule: RowsLeftOut, grid: Grid, position: int) -> Mask:
    cells = pc.utf8_lower(pc.utf8_trim_whitespace(grid.column(position)))
    found = np.asarray(pc.is_in(cells, value_set=pa.array(rule.words)), dtype=bool)
    return ~found if rule.unless else found
