"""A delimited text file to its header and its grid: fast where that is proved safe, carefully everywhere else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from recon.ingest.answers import Answers
from recon.ingest.body import read_body
from recon.ingest.encoding import Text, ask_encoding, decode
from recon.ingest.grid import MAX_COLUMNS, Grid
from recon.ingest.header import SEARCHED_RECORDS, Header, find_header, recognised_count
from recon.ingest.layout import Layout, find_layout
from recon.ingest.source import Source
from recon.ingest.stop import Refused
from recon.model.reading import Mapping

_FIRST: Final = 20
"""Lines among which the column names are, where no line is known to hold them."""


def read_text(data: bytes, answers: Answers, mapping: Mapping) -> Source:
    """The table in a text file; raises Refused or Asked when encoding, delimiter or header do not show."""
    text = decode(data, answers)
    if not (text.data[:4096].strip() or text.data.strip()):
        raise Refused("FILE_EMPTY", "The file holds blank lines only: there is nothing to read in it.")
    layout = find_layout(text.data, answers)
    if _is_header_damaged(text, layout, answers):
        text = ask_encoding(data, answers)
        layout = find_layout(text.data, answers)
    del data
    header = find_header(layout.sample, answers, mapping)
    if len(header.names) > MAX_COLUMNS:
        raise Refused(
            "FILE_TOO_WIDE", f"The header has {len(header.names)} columns; a table has at most {MAX_COLUMNS}."
        )
    names = _without_empty_end(header, layout)
    grid = _body(text, layout, header, len(names))
    return Source(names=names, grid=grid, encoding=text.encoding, notes=header.notes())


def _is_header_damaged(text: Text, layout: Layout, answers: Answers) -> bool:
    """Whether a line that may hold the column names does not decode: a row may be lost to damage, a name may not."""
    if not text.bad_lines or answers.get("ENCODING") is not None:
        return False
    head = [(line, recognised_count(cells)) for line, cells in layout.sample[:SEARCHED_RECORDS]]
    last = max(head, key=lambda record: record[1], default=(0, 0))
    return any(line in text.bad_lines for line, _ in (head[:_FIRST] if not last[1] else [last]))


def _without_empty_end(header: Header, layout: Layout) -> tuple[str, ...]:
    """The names without those a delimiter at the end of the header line makes, where no sampled row has such a cell."""
    named = max((i for i, cell in enumerate(_header_cells(header, layout), start=1) if cell.strip()), default=0)
    used = max((len(cells) for _, cells in layout.sample[header.body_index :]), default=named)
    return header.names[: max(named, min(used, len(header.names)))]


def _header_cells(header: Header, layout: Layout) -> Sequence[str]:
    return header.names if header.index is None else layout.sample[header.index][1]


def _body(text: Text, layout: Layout, header: Header, width: int) -> Grid:
    first_line = layout.next_lines[header.body_index - 1] if header.body_index else layout.sample[0][0]
    start = _offset_of_line(text.data, first_line)
    return read_body(text.data, layout.dialect, width, first_line, text.bad_lines, start=start)


def _offset_of_line(data: bytes, line: int) -> int:
    """The byte at which a physical line (counted from 1) starts; lines end as in `physical_lines`."""
    at = 0
    for _ in range(line - 1):
        ends = [i for i in (data.find(b"\n", at), data.find(b"\r", at)) if i >= 0]
        if not ends:
            return len(data)
        end = min(ends)
        at = end + (2 if data[end : end + 2] == b"\r\n" else 1)
    return at
