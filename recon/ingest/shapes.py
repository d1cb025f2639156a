"""A column of text seen as a few shapes: every cell with its digits written as 9.

A million amounts have some dozen shapes (`9,999.99`, `-99.99`, `$9.99`), so a grammar need read each shape only once,
in plain Python, and the digits of all cells of one shape stand at the same bytes: numpy reads them straight from the
Arrow buffer as integers. The fast way and the careful way are thus the same way.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

MAX_READ_DIGITS: Final = 18
"""Digits that fit an int64 whatever they are."""

CELL_LIMIT: Final = 160
"""Bytes of a cell that is looked at. A longer one is no amount and no date; its shape is `OVERLONG`."""

OVERLONG: Final = "x" * 41

_ZERO, _NINE = 48, 57
_SHAPE = np.arange(256, dtype=np.uint8)
_SHAPE[_ZERO : _NINE + 1] = _NINE
_IN_NUMBER = np.zeros(256, bool)
_IN_NUMBER[_ZERO : _NINE + 1] = True
_IN_NUMBER[[ord(mark) for mark in ".,'"]] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Shapes:
    """The cells of a column by shape: row i has the shape `names[index[i]]`; a null cell has the shape `""`.

    `starts` (rows, int64) is where each cell begins in `content`, the UTF-8 bytes of the column.
    """

    names: tuple[str, ...]
    index: npt.NDArray[np.int32]
    starts: npt.NDArray[np.int64]
    content: npt.NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.index)

    def counts(self) -> npt.NDArray[np.int64]:
        """Rows of each shape."""
        return np.bincount(self.index, minlength=len(self.names)).astype(np.int64)

    def groups(self, wanted: npt.NDArray[np.bool_]) -> Iterator[tuple[int, npt.NDArray[np.int64]]]:
        """The rows, ascending, of each shape for which `wanted` (shapes, bool) is true."""
        narrow = self.index.astype(np.uint16) if len(self.names) <= 1 << 16 else self.index
        order = np.argsort(narrow, kind="stable")  # numpy sorts 16-bit numbers by radix
        ends = np.cumsum(self.counts())
        for shape in np.flatnonzero(wanted).tolist():
            yield shape, order[ends[shape - 1] if shape else 0 : ends[shape]]

    def read(self, rows: npt.NDArray[np.int64], positions: tuple[int, ...]) -> npt.NDArray[np.int64]:
        """The digits at these byte positions of each row's cell, as one number; at most MAX_READ_DIGITS of them."""
        assert len(positions) <= MAX_READ_DIGITS
        starts = self.starts[rows]
        value = np.zeros(len(rows), np.int64)
        for position in positions:
            value *= 10
            value += self.content[starts + position]
            value -= _ZERO
        return value

    def read_long(self, row: int, positions: tuple[int, ...]) -> int:
        """The same for one row and any number of digits."""
        start = int(self.starts[row])
        return int(bytes(self.content[start + position] for position in positions))


def shapes_of(text: pa.Array | pa.ChunkedArray, *, keep_leading_zero: bool = False) -> Shapes:
    """The shapes of a text column. With `keep_leading_zero`, a 0 that begins a number stays 0 (`0.50` -> `0.99`)."""
    cells = _contiguous(text)
    offsets = np.frombuffer(cells.buffers()[1], np.int64, len(cells) + 1, cells.offset * 8)
    base = int(offsets[0])
    buffer = cells.buffers()[2]
    content = np.frombuffer(buffer, np.uint8)[base : int(offsets[-1])] if buffer is not None else np.zeros(0, np.uint8)
    starts = offsets - base
    shaped = _SHAPE[content]
    if keep_leading_zero:
        shaped[_begins_with_zero(content, starts)] = _ZERO
    array = pa.LargeStringArray.from_buffers(len(cells), pa.py_buffer(starts), pa.py_buffer(shaped))
    lengths = np.diff(starts)
    if int(lengths.max(initial=0)) > CELL_LIMIT:
        array = pc.if_else(pa.array(lengths > CELL_LIMIT), pa.scalar(OVERLONG, pa.large_string()), array)
    encoded = array.dictionary_encode()
    return Shapes(
        names=tuple(encoded.dictionary.to_pylist()),
        index=np.asarray(encoded.indices, dtype=np.int32),
        starts=starts[:-1],
        content=content,
    )


def _contiguous(text: pa.Array | pa.ChunkedArray) -> pa.Array:
    """One array of large strings without nulls."""
    if isinstance(text, pa.ChunkedArray):
        text = pa.concat_arrays(text.chunks) if text.num_chunks else pa.array([], text.type)
    if not pa.types.is_large_string(text.type):
        text = text.cast(pa.large_string())
    return pc.fill_null(text, "") if text.null_count else text


def _begins_with_zero(content: npt.NDArray[np.uint8], starts: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
    """True at each byte that is a 0 and the first of its number."""
    begins = np.ones(len(content), bool)
    begins[1:] = ~_IN_NUMBER[content[:-1]]
    first = starts[:-1][starts[:-1] < starts[1:]]
    begins[first] = True
    begins &= content == _ZERO
    return begins
