"""What the cells of a column say about what it can be: a name alone never makes an amount of a column of dates.

Content only rules out, and names decide among what is left. An amount column may stand beside a debit and a credit
column; where they agree on every row there is nothing to ask.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import Enum, auto
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recon.ingest.aliases import Role
from recon.ingest.amount_text import read_amount
from recon.ingest.cells import BLANKS, clean
from recon.ingest.codes import ValueCode
from recon.ingest.date_text import read_date
from recon.ingest.grid import Grid
from recon.ingest.numbers import DecimalMark, NumberFormat, ParsedAmounts, decide_numbers, parse_amounts
from recon.ingest.shapes import shapes_of
from recon.money import exponents

_COMMON_EXPONENT: Final = 8
"""More decimals than any currency has, so that amounts compare before their currency is known."""
_HEAD: Final = 1000
"""Rows that mostly show what the whole column would."""


class Agreement(Enum):
    """What an amount column says beside a debit and a credit column."""

    AMOUNT_IS_SIGNED = auto()  # the same sizes, and a minus where the debit is filled
    AMOUNT_IS_UNSIGNED = auto()  # the same sizes, never a minus: the direction is in the pair
    NONE = auto()


class ColumnContent:
    """Looks into the columns of one grid, each at most once."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self._amounts: dict[int, bool] = {}
        self._dates: dict[int, bool] = {}

    def possible(self, role: Role, positions: Sequence[int]) -> list[int]:
        """The columns whose cells do not rule the role out; if that leaves none, those that are nothing else either."""
        if role is Role.DATE:
            kept = [i for i in positions if self.holds_dates(i)]
        elif role is Role.AMOUNT:
            positions = [i for i in positions if self.holds_amounts(i) or not self.holds_dates(i)]
            kept = [i for i in positions if self.holds_amounts(i)]
        elif role in (Role.DEBIT, Role.CREDIT):
            kept = [i for i in positions if self.holds_amounts(i) or self._is_blank(i)]
        else:
            return list(positions)
        return kept or list(positions)

    def holds_amounts(self, position: int) -> bool:
        """Whether some cell is an amount; a column of dates such as 20260105 holds none."""
        if position not in self._amounts:
            found = self._some(position, lambda shape: not isinstance(read_amount(shape), ValueCode))
            self._amounts[position] = found and not self._all_eight_digits(position)
        return self._amounts[position]

    def holds_dates(self, position: int) -> bool:
        """Whether some cell is a date, or a number of a sheet that may count days."""
        if position not in self._dates:
            is_typed = position in self.grid.typed
            self._dates[position] = is_typed or self._some(position, lambda shape: read_date(shape) is not None)
        return self._dates[position]

    def currencies(self, position: int) -> frozenset[str]:
        """The codes in a column that holds currency codes and nothing else; empty for any other column."""
        for row_count in (_HEAD, None):
            cells = pc.unique(self.grid.column(position).slice(0, row_count)).to_pylist()
            codes = {text.upper() for text in map(clean, cells) if text}
            if not codes <= exponents().keys():
                return frozenset()
        return frozenset(codes)

    def pairs(self, positions: Sequence[int]) -> list[tuple[int, int]]:
        """Columns of which each row fills at most one and every amount row exactly one, in either order."""
        filled = {i: self._filled(i) for i in positions}
        return [
            (i, k)
            for i in positions
            for k in positions
            if i != k and filled[i].any() and filled[k].any() and not (filled[i] & filled[k]).any()
        ]

    def agreement(self, amount: int, debit: int, credit: int) -> Agreement:
        """Whether an amount column says what a debit and a credit column say, on every row."""
        cells = [self.grid.column(i) for i in (amount, debit, credit)]
        decided = decide_numbers(pa.chunked_array([chunk for column in cells for chunk in column.chunks], pa.string()))
        fmt = decided if isinstance(decided, NumberFormat) else NumberFormat(decimal=DecimalMark.POINT)
        single, out, into = (parse_amounts(column, fmt, _COMMON_EXPONENT) for column in cells)
        if not all(_is_readable(parsed) for parsed in (single, out, into)):
            return Agreement.NONE
        sizes, both = np.abs(single.minor), (out.minor != 0) & (into.minor != 0)
        if both.any() or not (sizes == np.abs(out.minor) + np.abs(into.minor)).all():
            return Agreement.NONE
        directions = np.sign(np.abs(into.minor)) - np.sign(np.abs(out.minor))
        if not (single.minor < 0).any():
            return Agreement.AMOUNT_IS_UNSIGNED
        return Agreement.AMOUNT_IS_SIGNED if (np.sign(single.minor) == directions).all() else Agreement.NONE

    def _some(self, position: int, is_one: Callable[[str], bool]) -> bool:
        return any(is_one(shape) for shape in self._shapes(position, _HEAD)) or any(
            is_one(shape) for shape in self._shapes(position)
        )

    def _all_eight_digits(self, position: int) -> bool:
        if position in self.grid.typed or self._shapes(position, _HEAD) - {"9" * 8, ""}:
            return False
        return not self._shapes(position) - {"9" * 8, ""} and self._are_days(position)

    def _shapes(self, position: int, row_count: int | None = None) -> set[str]:
        return {shape.strip(BLANKS) for shape in shapes_of(self.grid.column(position).slice(0, row_count)).names}

    def _are_days(self, position: int) -> bool:
        years = pc.utf8_slice_codeunits(pc.utf8_trim(self.grid.column(position), characters=BLANKS), 0, 4)
        return set(pc.unique(years).to_pylist()) - {""} <= {str(year) for year in range(1990, 2100)}

    def _filled(self, position: int) -> np.typing.NDArray[np.bool_]:
        trimmed = pc.utf8_trim(self.grid.column(position), characters=BLANKS)
        return np.asarray(pc.not_equal(trimmed, "").to_numpy(), dtype=bool)

    def _is_blank(self, position: int) -> bool:
        return not self._filled(position).any()


def _is_readable(parsed: ParsedAmounts) -> bool:
    """Every cell is an amount, or nothing."""
    empty = parsed.verdicts.holds(ValueCode.AMOUNT_EMPTY) | parsed.verdicts.holds(ValueCode.AMOUNT_PLACEHOLDER)
    return bool((parsed.verdicts.is_valid | empty).all())
