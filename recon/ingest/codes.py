"""Why a cell could not be read: one code for each reason, with the sentence a person reads.

A code says what is wrong with one cell of text. It is data, not an exception: a column is always read whole, and
`Verdicts` carries the code of every row beside the values.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt

FLOAT_ARTEFACT_DECIMALS: Final = 10
"""From this many decimals on, excess precision is the mark of a binary float that was printed whole."""


class ValueCode(StrEnum):
    """What is wrong with an amount, date or currency cell. Stable: scripts and saved rejects hold them."""

    AMOUNT_EMPTY = "AMOUNT_EMPTY"
    AMOUNT_PLACEHOLDER = "AMOUNT_PLACEHOLDER"
    AMOUNT_NOT_A_NUMBER = "AMOUNT_NOT_A_NUMBER"
    AMOUNT_EXPONENT_FORM = "AMOUNT_EXPONENT_FORM"
    AMOUNT_DOUBLE_SIGN = "AMOUNT_DOUBLE_SIGN"
    AMOUNT_OTHER_LOCALE = "AMOUNT_OTHER_LOCALE"
    AMOUNT_PRECISION = "AMOUNT_PRECISION"
    AMOUNT_TOO_LARGE = "AMOUNT_TOO_LARGE"
    AMOUNT_TOO_LONG = "AMOUNT_TOO_LONG"
    DATE_EMPTY = "DATE_EMPTY"
    DATE_NOT_A_DATE = "DATE_NOT_A_DATE"
    DATE_IMPOSSIBLE = "DATE_IMPOSSIBLE"
    DATE_OTHER_ORDER = "DATE_OTHER_ORDER"
    DATE_OUT_OF_RANGE = "DATE_OUT_OF_RANGE"
    DATE_TWO_DIGIT_YEAR = "DATE_TWO_DIGIT_YEAR"
    TIME_IMPOSSIBLE = "TIME_IMPOSSIBLE"
    TIME_SKIPPED = "TIME_SKIPPED"
    CURRENCY_EMPTY = "CURRENCY_EMPTY"
    CURRENCY_UNKNOWN = "CURRENCY_UNKNOWN"
    CURRENCY_SYMBOL_SHARED = "CURRENCY_SYMBOL_SHARED"
    CURRENCY_DISAGREES = "CURRENCY_DISAGREES"


_PROBLEMS: Final[dict[ValueCode, str]] = {
    ValueCode.AMOUNT_EMPTY: "There is no amount.",
    ValueCode.AMOUNT_PLACEHOLDER: "A dash stands where an amount should be.",
    ValueCode.AMOUNT_NOT_A_NUMBER: "This is not an amount. Digits 0-9, one sign, one currency and marks are expected.",
    ValueCode.AMOUNT_EXPONENT_FORM: "The amount is in exponent form; a spreadsheet may have cut its digits.",
    ValueCode.AMOUNT_DOUBLE_SIGN: "The amount carries more than one sign (minus, brackets, CR or DR).",
    ValueCode.AMOUNT_OTHER_LOCALE: "The rest of the column uses the other decimal mark; this amount does not fit it.",
    ValueCode.AMOUNT_PRECISION: "The amount has more decimals than its currency.",
    ValueCode.AMOUNT_TOO_LARGE: "The amount is too large to be money (over 4.6e18 of the smallest unit).",
    ValueCode.AMOUNT_TOO_LONG: "The text is too long to be an amount (over 40 characters).",
    ValueCode.DATE_EMPTY: "There is no date.",
    ValueCode.DATE_NOT_A_DATE: "This is not a date in a form we know. Day, month and a four-digit year are expected.",
    ValueCode.DATE_IMPOSSIBLE: "There is no such day in the calendar.",
    ValueCode.DATE_OTHER_ORDER: "The rest of the column has day and month the other way round.",
    ValueCode.DATE_OUT_OF_RANGE: "The year is outside the range we accept (1990 to two years from now).",
    ValueCode.DATE_TWO_DIGIT_YEAR: "The year has two digits; the rest of the column has four.",
    ValueCode.TIME_IMPOSSIBLE: "There is no such time of day.",
    ValueCode.TIME_SKIPPED: "The clocks were put forward over this local time; it never happened.",
    ValueCode.CURRENCY_EMPTY: "There is no currency.",
    ValueCode.CURRENCY_UNKNOWN: "This is not an ISO 4217 currency with a smallest unit.",
    ValueCode.CURRENCY_SYMBOL_SHARED: "Several currencies share this symbol. A three-letter code is expected.",
    ValueCode.CURRENCY_DISAGREES: "The currency beside the amount is not the currency of the row.",
}

_ORDER: Final = tuple(ValueCode)
_NUMBERS: Final = {code: number for number, code in enumerate(_ORDER, 1)}

NOTHING_WRONG: Final = 0


def code_number(code: ValueCode | None) -> int:
    """The number that stands for `code` in `Verdicts.numbers`; 0 is nothing wrong."""
    return NOTHING_WRONG if code is None else _NUMBERS[code]


def problem(code: ValueCode, value: str | None = None) -> str:
    """What is wrong, in one or two plain sentences; `value` lets it be more exact where that helps."""
    sentence = _PROBLEMS[code]
    if code is ValueCode.AMOUNT_PRECISION and _decimals(value) >= FLOAT_ARTEFACT_DECIMALS:
        return f"{sentence} It looks like a float in the export; ask the sender for exact amounts."
    return sentence


def _decimals(value: str | None) -> int:
    """Length of the last run of digits and letters after a mark: a rough count, for a hint only."""
    return len((value or "").replace(",", ".").rpartition(".")[2].strip())


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """What is wrong with each row of a column: `numbers` (rows, uint8) holds 0 or a code's number."""

    numbers: npt.NDArray[np.uint8]

    @property
    def is_valid(self) -> npt.NDArray[np.bool_]:
        """True where the cell was read."""
        return np.equal(self.numbers, NOTHING_WRONG)

    def holds(self, code: ValueCode) -> npt.NDArray[np.bool_]:
        """True where the cell was refused with `code`."""
        return np.equal(self.numbers, code_number(code))

    def at(self, row: int) -> ValueCode | None:
        """The code of one row, None where it was read."""
        number = int(self.numbers[row])
        return _ORDER[number - 1] if number else None

    def rejects(self) -> list[tuple[int, ValueCode]]:
        """Every row that was not read, by position, with its code."""
        rows = np.flatnonzero(self.numbers)
        return [
            (row, _ORDER[number - 1]) for row, number in zip(rows.tolist(), self.numbers[rows].tolist(), strict=True)
        ]
