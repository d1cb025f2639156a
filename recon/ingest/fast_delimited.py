"""Delimited text to rows at speed, only where it is proved to give what the careful reader gives.

The proof is counted on the bytes before anything is parsed: no NUL, no lone CR, every quote at the edge of a cell, no
line break inside quotes, no overlong line. What does not pass returns None and is read carefully.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as pacsv

from recon.ingest.delimited import MAX_LINE_CHARS, Dialect
from recon.ingest.grid import Grid, Lines, empty_cells

_BLOCK_BYTES: Final = 8 * 1024**2
_LF, _CR = 10, 13


def read_fast(body: bytes, dialect: Dialect, width: int, first_line: int) -> Grid | None:
    """The grid of `body` (UTF-8, below the header), or None when it takes the careful reader."""
    if width < 2 or len(dialect.delimiter.encode()) != 1 or b"\x00" in body:
        return None
    if not body:
        return Grid(lines=np.array([], np.int64), cells=empty_cells(width))
    has_quotes = dialect.quote.encode() in body
    if (ends := _line_ends(body)) is None or (has_quotes and not _quotes_are_plain(body, dialect, ends)):
        return None
    lines, blank_count = _filled_lines(body, ends, first_line)
    cells = _parse(body, dialect, width, has_quotes=has_quotes)
    if cells is None or cells.num_rows != len(lines):
        return None
    return Grid(lines=lines, cells=cells, blank_count=blank_count)


def _line_ends(body: bytes) -> Lines | None:
    """Offset of each LF (and of the end, if the last line has none); None for a lone CR or an overlong line."""
    if body.count(b"\r") != body.count(b"\r\n"):
        return None
    ends = np.flatnonzero(np.frombuffer(body, np.uint8) == _LF)
    if not body.endswith(b"\n"):
        ends = np.append(ends, len(body))
    longest = int(np.diff(ends, prepend=-1).max())
    return None if longest > MAX_LINE_CHARS else ends


def _quotes_are_plain(body: bytes, dialect: Dialect, ends: Lines) -> bool:
    """Whether quotes only wrap whole cells of one line, counted pairwise: opening, closing, opening, ..."""
    data = np.frombuffer(body, np.uint8)
    quote = ord(dialect.quote)
    at = np.flatnonzero(data == quote)
    if len(at) % 2:
        return False
    opening, closing = at[0::2], at[1::2]
    before = np.where(opening > 0, data[opening - 1], _LF)
    after = np.where(closing + 1 < len(data), data[np.minimum(closing + 1, len(data) - 1)], _LF)
    edges = np.array([ord(dialect.delimiter), _LF, _CR, quote], np.uint8)
    if not (np.isin(before, edges).all() and np.isin(after, edges).all()):
        return False
    if not _doubled_quotes_meet(opening, closing, before == quote, after == quote):
        return False
    return bool((np.searchsorted(ends, opening) == np.searchsorted(ends, closing)).all())


def _doubled_quotes_meet(
    opening: Lines, closing: Lines, opens_after_quote: npt.NDArray[np.bool_], closes_before_quote: npt.NDArray[np.bool_]
) -> bool:
    """A quote beside a quote is the doubled one inside a cell: the pair before closed exactly one byte earlier."""
    met = np.zeros(len(opening), bool)
    met[1:] = opening[1:] == closing[:-1] + 1
    return bool((met == opens_after_quote).all() and (met[1:] == closes_before_quote[:-1]).all())


def _filled_lines(body: bytes, ends: Lines, first_line: int) -> tuple[Lines, int]:
    """Line numbers of the lines that hold something, and how many hold nothing."""
    lengths = np.diff(ends, prepend=-1) - 1
    data = np.frombuffer(body, np.uint8)
    only_cr = (lengths == 1) & (data[np.maximum(ends - 1, 0)] == _CR)
    filled = np.flatnonzero((lengths > 0) & ~only_cr)
    return (filled + first_line).astype(np.int64), len(ends) - len(filled)


def _parse(body: bytes, dialect: Dialect, width: int, *, has_quotes: bool) -> pa.Table | None:
    names = [str(i) for i in range(width)]
    try:
        return pacsv.read_csv(
            pa.BufferReader(body),
            read_options=pacsv.ReadOptions(column_names=names, block_size=_BLOCK_BYTES),
            parse_options=pacsv.ParseOptions(
                delimiter=dialect.delimiter, quote_char=dialect.quote if has_quotes else False
            ),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), check_utf8=False, strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid:
        return None
