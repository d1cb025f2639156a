"""The rows below the header, block by block: at speed where that is proved safe, carefully where it is not.

A block that passes the proof ends between two records, so the next one begins at a record again: the blocks together
are what the careful reader alone would give, and one stray quote in a million rows costs one small block.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Final

import numpy as np
import pyarrow as pa

from recon.ingest.delimited import MAX_RECORD_LINES, Dialect, physical_lines, read_delimited
from recon.ingest.fast_delimited import read_fast
from recon.ingest.grid import Grid, empty_cells

LARGE_BLOCK: Final = 16 * 1024**2
"""Large enough for speed, and small enough that its working memory is used again for the next."""

SMALL_BLOCK: Final = 256 * 1024
_READ_AHEAD: Final = 2
"""Large blocks read at the same time."""


def read_body(
    body: bytes,
    dialect: Dialect,
    width: int,
    first_line: int,
    bad: Mapping[int, str],
    sizes: tuple[int, ...] = (LARGE_BLOCK, SMALL_BLOCK),
    start: int = 0,
) -> Grid:
    """All rows of `body` (UTF-8) from byte `start` on as one grid `width` columns wide; lines count from `first_line`.

    `bad`: lines that did not decode, with the reason. `sizes`: bytes of a block, largest first.
    """
    grids: list[Grid] = []
    offset, line = start, first_line
    with ThreadPoolExecutor(max_workers=_READ_AHEAD) as beside:
        reader = _BodyReader(body=body, dialect=dialect, width=width, bad=bad, beside=beside)
        while offset < len(body):
            grid, offset, line = reader.next_grid(offset, line, sizes)
            grids.append(grid)
    return _joined(grids, width)


class _BodyReader:
    """Reads block after block, and large ones ahead of their turn: most begin where the one before proves to end."""

    def __init__(
        self, *, body: bytes, dialect: Dialect, width: int, bad: Mapping[int, str], beside: ThreadPoolExecutor
    ) -> None:
        self.body, self.dialect, self.width, self.bad = body, dialect, width, bad
        self.beside = beside
        self.ahead: dict[int, Future[tuple[Grid, int] | None]] = {}

    def next_grid(self, offset: int, line: int, sizes: tuple[int, ...]) -> tuple[Grid, int, int]:
        """The grid of the records that begin in the next block, and the offset and line after them."""
        for size in sizes:
            end = self._block_end(offset, size)
            found = self._read_ahead(offset, size) if size == sizes[0] else self._block(offset, end)
            if found is not None and not any(line <= number < line + found[1] for number in self.bad):
                return replace(found[0], lines=found[0].lines + line), end, line + found[1]
        return self._read_carefully(offset, end, line)

    def _read_ahead(self, offset: int, size: int) -> tuple[Grid, int] | None:
        """The block that begins at `offset`; those behind it are begun, and what was begun elsewhere is let go."""
        self.ahead = {start: begun for start, begun in self.ahead.items() if start >= offset}
        start = offset
        for _ in range(_READ_AHEAD + 1):
            if start < len(self.body):
                end = self._block_end(start, size)
                if start not in self.ahead:
                    self.ahead[start] = self.beside.submit(self._block, start, end)
                start = end
        return self.ahead.pop(offset).result()

    def _block(self, offset: int, end: int) -> tuple[Grid, int] | None:
        """A block read at speed, its lines counted from 0; None where it takes the careful reader."""
        block = self.body[offset:end] if (offset, end) != (0, len(self.body)) else self.body
        return read_fast(block, self.dialect, self.width, 0)

    def _block_end(self, offset: int, size: int) -> int:
        if offset + size >= len(self.body):
            return len(self.body)
        return self.body.find(b"\n", offset + size) + 1 or len(self.body)

    def _read_carefully(self, offset: int, end: int, line: int) -> tuple[Grid, int, int]:
        """Records that begin before `end`; the last one may take lines beyond it."""
        lines = physical_lines(self.body[offset:end].decode())
        beyond = end
        for _ in range(MAX_RECORD_LINES):
            beyond = self._block_end(beyond, 0) if beyond < len(self.body) else beyond
        ahead = physical_lines(self.body[end:beyond].decode())
        grid, taken = read_delimited([*lines, *ahead], self.dialect, self.width, line, self.bad, stop=len(lines))
        over = sum(len(text.encode()) for text in ahead[: taken - len(lines)])
        return grid, end + over, line + taken


def _joined(grids: list[Grid], width: int) -> Grid:
    if len(grids) == 1:
        return grids[0]
    return Grid(
        lines=np.concatenate([np.zeros(0, np.int64), *(grid.lines for grid in grids)]),
        cells=pa.concat_tables([empty_cells(width), *(grid.cells for grid in grids)]),
        odd=tuple(row for grid in grids for row in grid.odd),
        blank_count=sum(grid.blank_count for grid in grids),
    )
