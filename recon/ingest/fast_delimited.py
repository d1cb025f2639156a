"""Delimited text to rows at speed, only where it is proved to give what the careful reader gives.

The proof is counted on the bytes before anything is parsed: no NUL, no lone CR, every quote at the edge of a cell, no
overlong line or record. What does not pass returns None and is read carefully.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as pacsv

from recon.ingest.delimited import MAX_LINE_CHARS, MAX_RECORD_LINES, Dialect
from recon.ingest.grid import Grid, Lines, empty_cells

_BLOCK_BYTES: Final = 8 * 1024**2
_LF, _CR = 10, 13


def read_fast(body: bytes, dialect: Dialect, width: int, first_line: int) -> tuple[Grid, int] | None:
    """The grid of `body` (UTF-8, whole records) and how many lines it takes; None when it takes the careful reader."""
    if width < 2 or len(dialect.delimiter.encode()) != 1 or b"\x00" in body:
        return None
    if not body:
        return Grid(lines=np.array([], np.int64), cells=empty_cells(width)), 0
    if (ends := _line_ends(body)) is None:
        return None
    quotes = _positions(body, dialect.quote)
    if (last_lines := _last_lines(body, dialect, ends, quotes)) is None:
        return None
    lines, blank_count = _filled_records(body, ends, last_lines)
    cells = _parse(body, dialect, width, has_quotes=len(quotes) > 0, has_breaks=len(last_lines) < len(ends))
    if cells is None or cells.num_rows != len(lines):
        return None
    return Grid(lines=lines + first_line, cells=cells, blank_count=blank_count), len(ends)


def _positions(body: bytes, character: str) -> Lines:
    if character.encode() not in body:
        return np.zeros(0, np.int64)
    return np.flatnonzero(np.frombuffer(body, np.uint8) == ord(character))


def _line_ends(body: bytes) -> Lines | None:
    """Offset of each LF (and of the end, if the last line has none); None for a lone CR or an overlong line."""
    if b"\r" in body and body.count(b"\r") != body.count(b"\r\n"):
        return None
    ends = np.flatnonzero(np.frombuffer(body, np.uint8) == _LF)
    if not body.endswith(b"\n"):
        ends = np.append(ends, len(body))
    longest = int(np.diff(ends, prepend=-1).max())
    return None if longest > MAX_LINE_CHARS else ends


def _last_lines(body: bytes, dialect: Dialect, ends: Lines, quotes: Lines) -> Lines | None:
    """Index of the line each record ends on; None when quotes do more than wrap whole cells."""
    if not len(quotes):
        return np.arange(len(ends))
    if not _quotes_are_plain(np.frombuffer(body, np.uint8), dialect, quotes):
        return None
    is_inside = np.searchsorted(quotes, ends) % 2 == 1
    last_lines = np.flatnonzero(~is_inside)
    longest = int(np.diff(last_lines, prepend=-1).max(initial=0))
    return None if is_inside[-1] or longest > MAX_RECORD_LINES else last_lines


def _quotes_are_plain(data: npt.NDArray[np.uint8], dialect: Dialect, quotes: Lines) -> bool:
    """Whether quotes only wrap whole cells, counted pairwise: opening, closing, opening, ..."""
    if len(quotes) % 2:
        return False
    quote = ord(dialect.quote)
    opening, closing = quotes[0::2], quotes[1::2]
    before = np.where(opening > 0, data[opening - 1], _LF)
    after = np.where(closing + 1 < len(data), data[np.minimum(closing + 1, len(data) - 1)], _LF)
    edges = np.array([ord(dialect.delimiter), _LF, _CR, quote], np.uint8)
    if not (np.isin(before, edges).all() and np.isin(after, edges).all()):
        return False
    return _doubled_quotes_meet(opening, closing, before == quote, after == quote)


def _doubled_quotes_meet(
    opening: Lines, closing: Lines, opens_after_quote: npt.NDArray[np.bool_], closes_before_quote: npt.NDArray[np.bool_]
) -> bool:
    """A quote beside a quote is the doubled one inside a cell: the pair before closed exactly one byte earlier."""
    met = np.zeros(len(opening), bool)
    met[1:] = opening[1:] == closing[:-1] + 1
    return bool((met == opens_after_quote).all() and (met[1:] == closes_before_quote[:-1]).all())


def _filled_records(body: bytes, ends: Lines, last_lines: Lines) -> tuple[Lines, int]:
    """Index of the first line of each record that holds something, and how many records hold nothing."""
    first_lines = np.concatenate([[0], last_lines[:-1] + 1])
    starts = np.concatenate([[0], ends[:-1] + 1])[first_lines]
    lengths = ends[last_lines] - starts
    data = np.frombuffer(body, np.uint8)
    only_cr = (lengths == 1) & (data[np.minimum(starts, len(data) - 1)] == _CR)
    filled = (lengths > 0) & ~only_cr
    return first_lines[filled].astype(np.int64), int((~filled).sum())


def _parse(body: bytes, dialect: Dialect, width: int, *, has_quotes: bool, has_breaks: bool) -> pa.Table | None:
    names = [str(i) for i in range(width)]
    try:
        return pacsv.read_csv(
            pa.BufferReader(body),
            read_options=pacsv.ReadOptions(column_names=names, block_size=_BLOCK_BYTES),
            parse_options=pacsv.ParseOptions(
                delimiter=dialect.delimiter,
                quote_char=dialect.quote if has_quotes else False,
                newlines_in_values=has_breaks,
            ),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), check_utf8=False, strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid:
        return None
