"""The amount columns of a grid: how their numbers are written, decided once for all of them, and the amounts.

A sheet's own numbers are exact and written one way; only its text cells say how a person wrote numbers there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from recon.ingest.aliases import Role
from recon.ingest.answers import Answers
from recon.ingest.columns import Columns
from recon.ingest.grid import Grid
from recon.ingest.numbers import DecimalMark, NumberFormat, ParsedAmounts, decide_numbers, parse_amounts
from recon.ingest.undecided import Undecided
from recon.model.reading import RAW_VALUE_LIMIT, Example, Note, Question

MONEY_ROLES: Final = (Role.AMOUNT, Role.DEBIT, Role.CREDIT)
_BESIDE: Final = (Role.FEE, Role.BALANCE)
_EXAMPLES: Final = 3


class Money:
    """The money columns of one grid, decided once: the number format, then the currencies, then the amounts."""

    def __init__(self, grid: Grid, columns: Columns) -> None:
        self.grid, self.columns = grid, columns
        self.positions = {role: columns.roles[role] for role in MONEY_ROLES if role in columns.roles}
        self.notes: list[Note] = []

    def decide_format(self, answers: Answers) -> NumberFormat:
        """How the numbers are written; raises Asked(DECIMAL_MARK) when the columns leave it open."""
        answer = answers.get("DECIMAL_MARK")
        known = answer if answer in tuple(DecimalMark) else None
        positions = list(self.positions.values())
        decided = decide_numbers(self._texts(positions), known)
        if isinstance(decided, Undecided):
            beside = [self.columns.roles[role] for role in _BESIDE if role in self.columns.roles]
            wider = decide_numbers(self._texts([*positions, *beside]), known)
            if isinstance(wider, Undecided):
                answers.settle(self._question(decided, positions), accepts=lambda _: False)
            else:
                decided = wider
        assert isinstance(decided, NumberFormat)
        if self._uses_mark(positions):
            answers.use("DECIMAL_MARK", decided.decimal.value)
        return decided

    def parse(self, position: int, fmt: NumberFormat, places: int | npt.NDArray[np.int64]) -> ParsedAmounts:
        """One column's amounts; cells a sheet held as numbers are read whatever the text cells look like."""
        text = self.grid.column(position)
        typed = self.grid.typed.get(position)
        if typed is not None and fmt.decimal is DecimalMark.COMMA:
            text = pc.if_else(pa.array(typed), pc.replace_substring(text, ".", ","), text)
        return parse_amounts(text, fmt, places)

    def _texts(self, positions: Sequence[int]) -> pa.ChunkedArray:
        chunks = [chunk for position in positions for chunk in self._untyped(position).chunks]
        return pa.chunked_array(chunks, pa.string())

    def _untyped(self, position: int) -> pa.ChunkedArray:
        typed = self.grid.typed.get(position)
        text = self.grid.column(position)
        return text if typed is None else text.filter(pa.array(~typed))

    def _uses_mark(self, positions: Sequence[int]) -> bool:
        texts = self._texts(positions)
        return any(pc.any(pc.match_substring(texts, mark)).as_py() for mark in DecimalMark)

    def _question(self, undecided: Undecided, positions: Sequence[int]) -> Question:
        """The grammar's question about rows of the joined columns, as one about lines of the file."""
        places = [self._place(index, positions) for index in undecided.examples]
        examples = tuple(
            Example(line=int(self.grid.lines[row]), cells={self.columns.names[at]: self.cell(at, row)})
            for at, row in places
        )
        return Question(
            code=undecided.code.value,
            text=undecided.text,
            column=self.columns.names[positions[0]],
            choices=undecided.choices,
            examples=examples,
        )

    def _place(self, index: int, positions: Sequence[int]) -> tuple[int, int]:
        """(position, row) of a cell of the joined columns."""
        for position in positions:
            typed = self.grid.typed.get(position)
            rows = np.arange(len(self.grid.lines)) if typed is None else np.flatnonzero(~typed)
            if index < len(rows):
                return position, int(rows[index])
            index -= len(rows)
        raise AssertionError(f"no cell {index} beyond the columns {positions}")

    def cell(self, position: int, row: int) -> str:
        """A raw cell, clipped."""
        return str(self.grid.column(position)[row].as_py())[:RAW_VALUE_LIMIT]
