"""Rows of text as they stand in a file, before anything is understood: what every reader of a file kind gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from recon.model.reading import RAW_VALUE_LIMIT

PREVIEW_ROWS: Final = 200
MAX_COLUMNS: Final = 1000
"""Columns a table may have; a cell further out is a stray."""

Lines = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class OddRow:
    """A record that does not fit the table: `cells` as far as they could be told apart, `code` and `problem` why."""

    line: int
    cells: tuple[str, ...]
    code: str
    problem: str

    @property
    def text(self) -> str:
        return " | ".join(cell.strip() for cell in self.cells if cell.strip())[:RAW_VALUE_LIMIT]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """The rows below the header. `cells`: one string column per header name, by position ("0", "1", ...), without
    nulls; `lines`: the line of each row; `odd`: the rows that do not fit; `blank_count`: lines with nothing on them.

    `typed`: by column position, True where a sheet held a number or a date instead of text. Such a cell is written
    as a plain decimal or an ISO date, whatever the text cells of its column look like. `valueless`: the same for
    cells that show an error or hold a formula without its result. `is_1904`: a sheet counts its days from 1904.
    """

    lines: Lines
    cells: pa.Table
    odd: tuple[OddRow, ...] = ()
    blank_count: int = 0
    typed: Mapping[int, Mask] = field(default_factory=dict)
    valueless: Mapping[int, Mask] = field(default_factory=dict)
    is_1904: bool = False

    @property
    def row_count(self) -> int:
        return len(self.lines) + len(self.odd) + self.blank_count

    def column(self, position: int) -> pa.ChunkedArray:
        return self.cells.column(position)

    def keep(self, kept: Mask, odd: tuple[OddRow, ...]) -> Grid:
        """The grid with the rows where `kept` (rows, bool) is true, and these odd rows; blank lines are let go."""
        if kept.all():
            return replace(self, odd=odd, blank_count=0)
        return Grid(
            lines=self.lines[kept],
            cells=self.cells.filter(pa.array(kept)),
            odd=odd,
            typed={position: mask[kept] for position, mask in self.typed.items()},
            valueless={position: mask[kept] for position, mask in self.valueless.items()},
            is_1904=self.is_1904,
        )

    def preview(self, names: tuple[str, ...]) -> pa.Table:
        """The first rows as text, one column per name, beside their `line`."""
        head = self.cells.slice(0, PREVIEW_ROWS)
        lines = pa.array(self.lines[:PREVIEW_ROWS], pa.int64())
        shown = [f"line (column {i})" if name == "line" else name for i, name in enumerate(names, start=1)]
        return pa.table([lines, *head.columns], names=["line", *shown])


def empty_cells(width: int) -> pa.Table:
    """A table of `width` string columns and no rows."""
    return pa.table({str(i): pa.array([], pa.string()) for i in range(width)})
