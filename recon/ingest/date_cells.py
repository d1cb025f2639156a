"""Date cells that a spreadsheet may have turned round: `03/04/2026` of a day-first file, opened month first.

Excel then makes 4 March a date cell, and leaves `13/04/2026`, which it cannot read, as text. It shows in a column
whose text dates all have a day over 12 while no date cell has one. Only a person knows which file it was.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recon.ingest.answers import Answers
from recon.ingest.grid import Grid, Mask
from recon.model.reading import RAW_VALUE_LIMIT, Choice, Example, Question

FEWEST: Final = 5
"""Cells of each kind from which on it can hardly be chance."""
_AS_SHOWN: Final = "as_shown"
_TURNED: Final = "turned"
_ISO: Final = r"^(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})"
_NUMBERS: Final = r"^\s*(?P<a>[0-9]{1,2})[-/. ]+(?P<b>[0-9]{1,2})[-/. ]+[0-9]{2,4}"


def turned_back(grid: Grid, position: int, name: str, answers: Answers) -> Grid:
    """The grid with the date cells of a column as the sender meant them; raises Asked(DATE_CELLS) when in doubt."""
    typed, text = grid.typed.get(position), grid.column(position)
    if typed is None or not (suspects := _suspects(text, typed)):
        return grid
    if answers.settle(_question(grid, position, name, suspects)) == _AS_SHOWN:
        return grid
    turned = pc.replace_substring_regex(text, r"^([0-9]{4})-([0-9]{2})-([0-9]{2})", r"\1-\3-\2")
    column = pc.if_else(pa.array(typed), turned, text)
    return replace(grid, cells=grid.cells.set_column(position, grid.cells.field(position), column))


def _question(grid: Grid, position: int, name: str, rows: list[int]) -> Question:
    cells = grid.column(position)
    return Question(
        code="DATE_CELLS",
        text="No date cell has a day over 12, and every date written as text has one: a spreadsheet may have turned "
        "day and month round when it opened the file. Are the date cells right?",
        column=name,
        choices=(
            Choice(value=_AS_SHOWN, label="Yes: read them as they are"),
            Choice(value=_TURNED, label="No: turn day and month of the date cells back"),
        ),
        examples=tuple(
            Example(line=int(grid.lines[row]), cells={name: cells[row].as_py()[:RAW_VALUE_LIMIT]}) for row in rows
        ),
    )


def _suspects(text: pa.ChunkedArray, typed: Mask) -> list[int]:
    """Rows that show it, the text ones first; none where the column does not."""
    cells, texts = _parts(text, _ISO, "month", "day"), _parts(text, _NUMBERS, "a", "b")
    is_cell, is_text = typed & (cells.max(axis=0) > 0), ~typed & (texts.max(axis=0) > 0)
    if is_cell.sum() < FEWEST or is_text.sum() < FEWEST:
        return []
    if (cells[1, is_cell] > 12).any() or (texts[:, is_text].max(axis=0) <= 12).any():
        return []
    differs = is_cell & (cells[0] != cells[1])
    return [*np.flatnonzero(is_text)[:2].tolist(), *np.flatnonzero(differs)[:2].tolist()] if differs.any() else []


def _parts(text: pa.ChunkedArray, pattern: str, *names: str) -> np.typing.NDArray[np.int64]:
    """(names, rows): the numbers a pattern finds, 0 where it does not match."""
    found = pc.extract_regex(text, pattern)
    columns = (pc.fill_null(pc.struct_field(found, name), "0").cast(pa.int64()) for name in names)
    return np.stack([np.asarray(column) for column in columns])
