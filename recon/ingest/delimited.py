"""Delimited text to rows, carefully: every record knows the physical line it starts on, and none is swallowed.

The csv module reads in strict mode over our own physical lines. A quote that is never closed costs the record it opens
in and nothing else: reading goes on at the next physical line (a lenient reader makes one cell of all that is left).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from recon.ingest.grid import Grid, OddRow, empty_cells
from recon.model.reading import RAW_VALUE_LIMIT

MAX_LINE_CHARS: Final = 4 * 1024**2
MAX_RECORD_LINES: Final = 500
_CHUNK_ROWS: Final = 50_000

Cells = list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How cells are told apart. `quote` wraps a cell that holds the delimiter; doubled inside, it stands for itself."""

    delimiter: str
    quote: str = '"'


class _RecordTooLong(Exception):
    """A quote is still open after more lines than any real cell has."""


def physical_lines(text: str) -> list[str]:
    """Lines with their ends, ended by LF, CRLF or CR only: `str.splitlines` also splits at U+2028, VT and FF."""
    return list(io.StringIO(text, newline=""))


def records(lines: list[str], dialect: Dialect) -> Iterator[tuple[int, int, Cells | None]]:
    """(index of the first line, index after the last, cells) of each record; cells are None where quotes go wrong."""
    csv.field_size_limit(MAX_LINE_CHARS)
    start = 0

    def feed() -> Iterator[str]:
        for index in range(start, len(lines)):
            if index - start > MAX_RECORD_LINES:
                raise _RecordTooLong
            yield lines[index]

    while start < len(lines):
        base = start
        reader = csv.reader(feed(), delimiter=dialect.delimiter, quotechar=dialect.quote, strict=True)
        try:
            for cells in reader:
                begin, start = start, base + reader.line_num
                yield begin, start, cells
        except (csv.Error, _RecordTooLong):
            begin, start = start, start + 1
            yield begin, start, None


def read_delimited(
    lines: list[str],
    dialect: Dialect,
    width: int,
    first_line: int,
    bad: Mapping[int, str],
    stop: int | None = None,
) -> tuple[Grid, int]:
    """The records that begin before line index `stop` as a grid `width` columns wide, and how many lines they took.

    Line numbers count from `first_line`. `bad` holds the lines that did not decode, with the reason.
    """
    faults = _line_faults(lines, first_line, bad)
    rows = _Rows(width)
    taken = 0
    for begin, end, found in records(lines, dialect):
        if stop is not None and begin >= stop:
            break
        taken = end
        cells = found if found is not None else _literal_cells(lines[begin], dialect, width)
        line = first_line + begin
        fault = _fault(cells, line, end - begin, faults)
        if fault is not None:
            rows.reject(line, cells or [lines[begin].rstrip("\r\n")], *fault)
        elif cells:
            rows.add(line, cells)
        else:
            rows.blank_count += 1
    return rows.grid(), taken


class _Rows:
    """Rows on their way into a grid: those that fit, in chunks of columns, and those that do not."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.blank_count = 0
        self._chunks: list[pa.Table] = []
        self._rows: list[Cells] = []
        self._lines: list[int] = []
        self._odd: list[OddRow] = []

    def add(self, line: int, cells: Cells) -> None:
        fitted = _fit(cells, self.width)
        if fitted is not None:
            self._rows.append(fitted)
            self._lines.append(line)
            if len(self._rows) == _CHUNK_ROWS:
                self._store()
        elif any(map(str.strip, cells)):
            problem = f"The row has {len(cells)} cells, the header has {self.width} columns."
            self.reject(line, cells, "ROW_COLUMNS", problem)
        else:
            self.blank_count += 1

    def reject(self, line: int, cells: Cells, code: str, problem: str) -> None:
        clipped = tuple(cell[:RAW_VALUE_LIMIT] for cell in cells)
        self._odd.append(OddRow(line=line, cells=clipped, code=code, problem=problem))

    def grid(self) -> Grid:
        self._store()
        return Grid(
            lines=np.array(self._lines, np.int64),
            cells=pa.concat_tables([empty_cells(self.width), *self._chunks]),
            odd=tuple(self._odd),
            blank_count=self.blank_count,
        )

    def _store(self) -> None:
        if self._rows:
            columns = zip(*self._rows, strict=True)
            self._chunks.append(pa.table({str(i): pa.array(column, pa.string()) for i, column in enumerate(columns)}))
            self._rows = []


def _fit(cells: Cells, width: int) -> Cells | None:
    """Cells cut to `width` when only empty cells are too many (a delimiter at the end of the line)."""
    if len(cells) == width:
        return cells
    is_cut = len(cells) > width and any(map(str.strip, cells[:width])) and not any(map(str.strip, cells[width:]))
    return cells[:width] if is_cut else None


def _literal_cells(line: str, dialect: Dialect, width: int) -> Cells | None:
    """The cells of a line with unescaped quotes inside cells, where there is only one way to take it."""
    parts = line.rstrip("\r\n").split(dialect.delimiter)
    if len(parts) != width:
        return None
    cells = []
    for part in parts:
        opens, closes = part.startswith(dialect.quote), part.endswith(dialect.quote)
        if opens != closes or part == dialect.quote:
            return None
        cells.append(part[1:-1] if opens else part)
    return cells


def _line_faults(lines: list[str], first_line: int, bad: Mapping[int, str]) -> dict[int, tuple[str, str]]:
    """Physical line -> (code, problem), for lines that no record may use."""
    faults = {}
    for number, line in enumerate(lines, start=first_line):
        if number in bad:
            faults[number] = ("ROW_BAD_UNICODE", bad[number])
        elif "\x00" in line:
            faults[number] = ("ROW_NUL_BYTE", "The row holds a NUL byte, which no text may hold.")
        elif len(line) > MAX_LINE_CHARS:
            faults[number] = ("ROW_TOO_LONG", f"The line is longer than {MAX_LINE_CHARS >> 20} MB.")
    return faults


def _fault(
    cells: Cells | None, line: int, line_count: int, faults: dict[int, tuple[str, str]]
) -> tuple[str, str] | None:
    if faults:
        for number in range(line, line + line_count):
            if number in faults:
                return faults[number]
    if cells is None:
        return (
            "ROW_QUOTE",
            "A quote opens on this line and is not closed as it should be; the next line was read on its own.",
        )
    return None
