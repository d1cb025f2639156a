"""Which rows are no transactions: blank lines, comments, repeated headers, balances, totals, footers, pending rows.

They are counted and set aside, never dropped unseen. A row with a date is a balance or a total only when its text is
exactly one of the words for it: `Total Energies` is a petrol station.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recon.ingest.aliases import Role, plain
from recon.ingest.columns import Columns
from recon.ingest.control_words import (
    ALSO_A_NAME,
    FIRST_WORDS,
    KNOWN_STATES,
    NOT_BOOKED,
    PHRASES,
    ROW_COUNT,
    Aside,
    kind_of_label,
)
from recon.ingest.date_text import read_date
from recon.ingest.distinct import distinct
from recon.ingest.grid import Grid, Mask, OddRow


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlRow:
    """A row that states what the others must add up to: a total, a balance, or a row count."""

    line: int
    kind: Aside
    cells: tuple[str, ...]
    count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorted:
    """The rows that may be transactions, and the others by reason. `grid.odd` keeps only rows to reject."""

    grid: Grid
    controls: tuple[ControlRow, ...]
    counts: Counter[Aside]
    unknown_states: tuple[str, ...] = ()  # words of a status column that say neither booked nor not booked


_DATED: Final = pa.array([text for phrase in PHRASES for text in (phrase, phrase + ":")])
_NO_DATE: Final = r"^[^0-9]*$|(?i:rows?|records?|transactions?|lines?|entries|items)\b" + (
    rf"|(?i:^\s*(?:{'|'.join(sorted(FIRST_WORDS))})\b)"
)
_DIGIT: Final = re.compile("[0-9]")
_COMMENT: Final = re.compile(r"#(?!\d)")
"""`#1001` is an order, not a comment."""
_FOOTER_WORDS: Final = 4
_STATES: Final = 12
_CLIP: Final = 40
_NAMES: Final = (Role.TXN_ID, Role.PAYMENT_REF, Role.COUNTERPARTY)
"""What a total or a balance does not have."""
_TELLING: Final = (*_NAMES, Role.AMOUNT, Role.DEBIT, Role.CREDIT, Role.CURRENCY, Role.DESCRIPTION)
"""A row without a date and without any of these has nothing of a transaction."""


def sort_rows(grid: Grid, columns: Columns) -> Sorted:
    """Sets aside every row of `grid` that is not a transaction."""
    sorter = _Sorter(grid, columns)
    odd = tuple(row for row in grid.odd if not sorter.set_aside(row.line, row.cells, _kind_of_odd(row)))
    candidates = np.flatnonzero(_candidates(grid, columns))
    aside = np.zeros(len(grid.lines), bool)
    columns_of_text = grid.cells.take(candidates).to_pydict().values()
    for index, cells in zip(candidates.tolist(), zip(*columns_of_text, strict=True), strict=True):
        kind = sorter.kind_of(index, cells)
        aside[index] = sorter.set_aside(int(grid.lines[index]), cells, kind)
    not_booked = _not_booked(grid, columns) & ~aside
    if not_booked.any():
        sorter.counts[Aside.NOT_BOOKED] += int(not_booked.sum())
    return Sorted(
        grid=sorter.with_continued_descriptions().keep(~(aside | not_booked), odd),
        controls=tuple(sorted(sorter.controls, key=lambda control: control.line)),
        counts=sorter.counts,
        unknown_states=_unknown_states(grid, columns),
    )


class _Sorter:
    """Looks at rows one by one, and remembers what those it sets aside say."""

    def __init__(self, grid: Grid, columns: Columns) -> None:
        self.grid, self.columns = grid, columns
        self.date = columns.roles[Role.DATE]
        self.description = columns.roles.get(Role.DESCRIPTION)
        self.ids = {columns.roles[role] for role in (Role.TXN_ID, Role.CURRENCY) if role in columns.roles}
        self.names = {columns.roles[role] for role in _NAMES if role in columns.roles} - {self.date, self.description}
        self.telling = {columns.roles[role] for role in _TELLING if role in columns.roles}
        self.counts: Counter[Aside] = Counter({Aside.BLANK: grid.blank_count} if grid.blank_count else {})
        self.controls: list[ControlRow] = []
        self._continued: dict[int, list[str]] = {}
        self._last_whole = -1
        self._previous = -1

    def set_aside(self, line: int, cells: Sequence[str], kind: Aside | None) -> bool:
        if kind is None:
            return False
        self.counts[kind] += 1
        self.controls.extend(_control(line, kind, tuple(cells)))
        return True

    def kind_of(self, index: int, cells: Sequence[str]) -> Aside | None:
        """Why the row at `index` is no transaction; None when it may be one."""
        if index > self._previous + 1:
            self._last_whole = index - 1
        self._previous = index
        filled = [cell.strip() for cell in cells if cell.strip()]
        if not filled:
            return Aside.BLANK
        if self._repeats_header(cells):
            return Aside.REPEATED_HEADER
        is_dated = read_date(_DIGIT.sub("9", cells[self.date])) is not None
        kind = _kind_of_texts(filled)
        if is_dated and kind is Aside.TOTAL and self._names_a_shop(cells, filled):
            kind = None
        if kind is None and not is_dated:
            kind = self._kind_of_undated(cells, filled)
        if kind is not None:
            return kind
        if len(filled) == 1 and self._last_whole >= 0 and self._is_description(filled[0], cells):
            self._continued.setdefault(self._last_whole, []).append(filled[0])
            return Aside.CONTINUATION
        self._last_whole = index
        return None

    def _names_a_shop(self, cells: Sequence[str], filled: Sequence[str]) -> bool:
        is_name = {plain(cell) for cell in filled} & PHRASES.keys() <= ALSO_A_NAME
        return is_name and any(cells[position].strip() for position in self.ids)

    def _kind_of_undated(self, cells: Sequence[str], filled: Sequence[str]) -> Aside | None:
        """A row without a date: it waits for one, is labelled a total or balance, or has nothing of a transaction."""
        if plain(cells[self.date]) in NOT_BOOKED:
            return Aside.NOT_BOOKED
        kind = None
        if not any(cells[position].strip() for position in self.names):
            labels = (kind_of_label(plain(cell)) for cell in filled)
            kind = next((label for label in labels if label is not None), None)
        if kind is None and not cells[self.date].strip():
            return None if any(cells[position].strip() for position in self.telling) else Aside.FOOTER
        return kind

    def _is_description(self, text: str, cells: Sequence[str]) -> bool:
        position = self.description
        return position is not None and position != self.date and cells[position].strip() == text

    def _repeats_header(self, cells: Sequence[str]) -> bool:
        pairs = list(zip(cells, self.columns.names, strict=True))
        same = sum(plain(cell) == plain(name) for cell, name in pairs)
        return plain(cells[self.date]) == plain(self.columns.names[self.date]) and same >= max(2, len(pairs) // 2)

    def with_continued_descriptions(self) -> Grid:
        """The grid, each description with the lines it goes on in below its row."""
        if not self._continued or self.description is None:
            return self.grid
        texts = self.grid.column(self.description).to_pylist()
        for index, more in self._continued.items():
            texts[index] = " ".join((texts[index].strip(), *more))
        cells = self.grid.cells
        column = pa.chunked_array([pa.array(texts, pa.string())])
        return replace(self.grid, cells=cells.set_column(self.description, cells.field(self.description), column))


def _candidates(grid: Grid, columns: Columns) -> Mask:
    """Rows worth a closer look: no digit where the date stands, or a text that is exactly a control phrase."""
    dates = distinct(grid.column(columns.roles[Role.DATE]))
    found = dates.mask(pc.or_(pc.match_substring_regex(dates.values, _NO_DATE), pc.starts_with(dates.values, "#")))
    texts = {columns.roles[role] for role in (Role.DESCRIPTION, Role.KIND, Role.TXN_ID) if role in columns.roles}
    for position in texts:
        found |= _is_phrase(grid.column(position))
    return found


def _is_phrase(text: pa.ChunkedArray) -> Mask:
    """True where a cell is exactly a control phrase. None ends in a digit, as most ids do."""
    masks = [np.zeros(0, bool)]
    for chunk in text.chunks:
        offsets = np.frombuffer(chunk.buffers()[1], np.int32, len(chunk) + 1, chunk.offset * 4)
        content = np.frombuffer(chunk.buffers()[2] or b"\0", np.uint8)
        last = content[np.maximum(offsets[1:] - 1, 0)]
        found = (last < ord("0")) | (last > ord("9"))
        found[found] = _mask(pc.is_in(_folded(chunk.filter(pa.array(found))), value_set=_DATED))
        masks.append(found)
    return np.concatenate(masks)


def _not_booked(grid: Grid, columns: Columns) -> Mask:
    position = columns.roles.get(Role.STATUS)
    if position is None:
        return np.zeros(len(grid.lines), bool)
    return _mask(pc.is_in(_folded(grid.column(position)), value_set=pa.array(sorted(NOT_BOOKED))))


def _unknown_states(grid: Grid, columns: Columns) -> tuple[str, ...]:
    """Words in the status column that we do not know, as long as they are few enough to be states at all."""
    position = columns.roles.get(Role.STATUS)
    words = set() if position is None else {word.strip() for word in pc.unique(grid.column(position)).to_pylist()}
    unknown = sorted(word for word in words if word and plain(word) not in KNOWN_STATES)
    return tuple(word[:_CLIP] for word in unknown) if len(words) <= _STATES else ()


def _folded(text: pa.Array | pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """Lower case, without blanks around it and without accents."""
    lowered = pc.utf8_lower(pc.utf8_trim_whitespace(text))
    if pc.all(pc.string_is_ascii(lowered)).as_py():
        return lowered
    return pc.replace_substring_regex(pc.utf8_normalize(lowered, form="NFKD"), r"\p{Mn}", "")


def _mask(values: pa.Array | pa.ChunkedArray) -> Mask:
    return np.asarray(values, dtype=bool).copy()


def _kind_of_texts(filled: Sequence[str]) -> Aside | None:
    if _COMMENT.match(filled[0]):
        return Aside.COMMENT
    if any(ROW_COUNT.match(cell) for cell in filled) and len(filled) <= 2:
        return Aside.ROW_COUNT
    return next((PHRASES[name] for name in map(plain, filled) if name in PHRASES), None)


def _kind_of_odd(row: OddRow) -> Aside | None:
    """A row of another width is a footer, a total or a comment by its text alone; anything else is a reject."""
    filled = [cell.strip() for cell in row.cells if cell.strip()]
    if row.code != "ROW_COLUMNS" or not filled:
        return None
    if (kind := _kind_of_texts(filled)) is not None:
        return kind
    words = filled[0].split()
    is_prose = len(words) >= _FOOTER_WORDS or (words[-1].endswith(":") and not any(map(str.isdigit, filled[0])))
    return Aside.FOOTER if len(filled) == 1 and is_prose and not filled[0][0].isdigit() else None


def _control(line: int, kind: Aside, cells: tuple[str, ...]) -> list[ControlRow]:
    if kind is Aside.ROW_COUNT:
        found = next(match for cell in cells if (match := ROW_COUNT.match(cell.strip())))
        return [ControlRow(line=line, kind=kind, cells=cells, count=int(found[1] or found[2]))]
    if kind in (Aside.TOTAL, Aside.OPENING_BALANCE, Aside.CLOSING_BALANCE):
        return [ControlRow(line=line, kind=kind, cells=cells)]
    return []
