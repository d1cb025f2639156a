"""Money of a grid: the amount columns read exactly, the currency of each row, and the fee beside it.

The currency of a row comes from its currency column, else from the text of its amount, else from the amount's header,
else as given. What no one says is asked, never taken from where the file seems to come from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from recon.ingest.aliases import Role
from recon.ingest.answers import Answers
from recon.ingest.columns import Columns
from recon.ingest.currencies import currency_in_header, parse_currencies
from recon.ingest.faults import Faults
from recon.ingest.grid import Grid
from recon.ingest.numbers import DecimalMark, NumberFormat, ParsedAmounts, decide_numbers, parse_amounts
from recon.ingest.undecided import Undecided
from recon.model.reading import RAW_VALUE_LIMIT, Choice, Example, Note, Question
from recon.money import exponent, exponents

MONEY_ROLES: Final = (Role.AMOUNT, Role.DEBIT, Role.CREDIT)
_BESIDE: Final = (Role.FEE, Role.BALANCE)
_EXAMPLES: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class RowCurrencies:
    """`codes` (rows, string): null where the row has none that can be told. `exponents`: one for all, or (rows,)."""

    codes: pa.Array
    exponents: int | npt.NDArray[np.int64]


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

    def currencies(self, fmt: NumberFormat, answers: Answers, given: str | None, faults: Faults) -> RowCurrencies:
        """The currency of every row; raises Asked(CURRENCY) when nothing says it."""
        position = self.columns.roles.get(Role.CURRENCY)
        fallback = self._named_in_header() or _usable(given)
        if position is not None:
            parsed = parse_currencies(self.grid.column(position))
            for alias, code, count in parsed.aliases:
                self.notes.append(Note(code="CURRENCY_ALIAS", text=f"{alias} was read as {code}.", count=count))
            codes = parsed.currencies
            is_blank = pc.equal(pc.utf8_trim_whitespace(self.grid.column(position)), "").combine_chunks()
            fallback = fallback or _usable(answers.get("CURRENCY"))
            if fallback and pc.any(is_blank).as_py():
                codes = pc.if_else(is_blank, pa.scalar(answers.use("CURRENCY", fallback)), codes)
            unread = np.asarray(codes.is_null())
            faults.mark_verdicts(parsed.verdicts, position, where=unread)
            return _with_exponents(codes)
        return _with_exponents(self._from_text(fmt, answers, fallback))

    def _from_text(self, fmt: NumberFormat, answers: Answers, fallback: str | None) -> pa.Array:
        """Currencies the amount texts name, and the fallback for the rows that name none."""
        codes = pa.nulls(len(self.grid.lines), pa.string())
        for position in self.positions.values():
            parsed = self.parse(position, fmt, 2)
            if len(parsed.marks) > 1:
                codes = pc.coalesce(codes, parsed.currencies())
        if codes.null_count == 0 and len(codes):
            return codes
        if fallback is None:
            answer = answers.settle(self._currency_question(), accepts=lambda value: _usable(value) is not None)
            fallback = _usable(answer)
        assert fallback is not None
        return pc.fill_null(codes, answers.use("CURRENCY", fallback))

    def _named_in_header(self) -> str | None:
        found = {currency_in_header(self.columns.names[position]) for position in self.positions.values()}
        if len(found) != 1 or (code := found.pop()) is None:
            return None
        self.notes.append(Note(code="CURRENCY_FROM_HEADER", text=f"The currency {code} was taken from the header."))
        return code

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

    def _currency_question(self) -> Question:
        rows = range(min(_EXAMPLES, len(self.grid.lines)))
        return Question(
            code="CURRENCY",
            text="The file does not say which currency its amounts are in. Which one is it?",
            column=next(self.columns.names[position] for position in self.positions.values()),
            choices=tuple(Choice(value=code, label=code) for code in ("EUR", "USD", "GBP", "ZAR", "JPY", "CHF")),
            examples=tuple(
                Example(
                    line=int(self.grid.lines[row]),
                    cells={self.columns.names[at]: self.cell(at, row) for at in self.positions.values()},
                )
                for row in rows
            ),
            free_text=True,
        )


def _usable(given: str | None) -> str | None:
    code = (given or "").strip().upper()
    return code if code in exponents() else None


def _with_exponents(codes: pa.Array) -> RowCurrencies:
    encoded = codes.dictionary_encode()
    names: list[str] = encoded.dictionary.to_pylist()
    places = np.array([exponent(name) for name in names] or [2], np.int64)
    if len(set(places.tolist())) == 1:
        return RowCurrencies(codes=codes, exponents=int(places[0]))
    index = np.asarray(encoded.indices.fill_null(0), dtype=np.int64)
    return RowCurrencies(codes=codes, exponents=places[index])
