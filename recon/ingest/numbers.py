"""Amount text -> exact integers of the currency's smallest unit, by the decimal mark the whole column proves.

`1,234` is a thousand and more or one and a bit: a single value cannot say, its column usually can. A value that fits
one mark only (`1,234.50`, `12,5`, `1.234.567`, `0.500`) proves it for all. Decimals are no proof: `1.234` may be a
thousand dollars, or a float somebody exported. A column that proves nothing and reads differently is asked about.

Never a float: digits are read as integers. Excess decimals that are zeros are dropped, others are refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from recon.ingest.amount_text import AmountText, decimals, read_amount
from recon.ingest.codes import ValueCode, Verdicts, code_number
from recon.ingest.currencies import CurrencyMark
from recon.ingest.shapes import MAX_READ_DIGITS, Shapes, shapes_of
from recon.ingest.undecided import EXAMPLE_LIMIT, Evidence, QuestionCode, Undecided, weigh
from recon.model.reading import Choice
from recon.money import MAX_MINOR


class DecimalMark(StrEnum):
    """The mark before the decimals. The other one, blanks and apostrophes may then group digits."""

    POINT = "."
    COMMA = ","

    @property
    def other(self) -> DecimalMark:
        return DecimalMark.COMMA if self is DecimalMark.POINT else DecimalMark.POINT


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberFormat:
    """How the numbers of a column are written."""

    decimal: DecimalMark


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedAmounts:
    """A column of amounts: `minor` (rows, int64) in the currency's smallest unit, 0 where `verdicts` says why not.

    `indicators` (rows, int8) is +1 where the text says CR and -1 where it says DR or DB; `minor` has that sign already.
    `has_plus` (rows, bool) where the text writes a plus out. A column where some rows carry one of these and others
    nothing at all leaves the sign of those others open.
    `marks[mark_index[row]]` is the currency written beside the amount, `marks[0]` is always None: none is written.
    """

    minor: npt.NDArray[np.int64]
    verdicts: Verdicts
    indicators: npt.NDArray[np.int8]
    has_plus: npt.NDArray[np.bool_]
    marks: tuple[CurrencyMark | None, ...]
    mark_index: npt.NDArray[np.int32]

    def currencies(self) -> pa.Array:
        """The currency each text decides (rows, string): null where it names none, or only a shared symbol."""
        named = pa.array([mark.decides if mark else None for mark in self.marks], pa.string())
        return named.take(pa.array(self.mark_index))

    def disagrees(self, currencies: pa.Array | pa.ChunkedArray) -> npt.NDArray[np.bool_]:
        """True where the text names a currency that the row's currency (rows, string) cannot be."""
        if isinstance(currencies, pa.ChunkedArray):
            currencies = currencies.combine_chunks()
        encoded = currencies.fill_null("").dictionary_encode()
        fits = np.array([[not m or c in m.may_mean for c in encoded.dictionary.to_pylist()] for m in self.marks], bool)
        fitting: npt.NDArray[np.bool_] = fits[self.mark_index, np.asarray(encoded.indices)]
        return ~fitting


def decide_numbers(text: pa.Array | pa.ChunkedArray, answer: str | None = None) -> NumberFormat | Undecided:
    """The number format a whole column proves; `answer` (`.` or `,`) settles what it leaves open.

    An answer that is no choice is as none. Columns written by one hand (debit and credit, amount and balance) prove it
    together: pass their chunks as one ChunkedArray. Cells that are no numbers prove nothing.
    """
    shapes = shapes_of(text, keep_leading_zero=True)
    fits = np.array([_fits(name) for name in shapes.names], np.uint8).reshape(-1)
    counts = shapes.counts()
    evidence = Evidence(
        only_first=int(counts[fits == _POINT].sum()),
        only_second=int(counts[fits == _COMMA].sum()),
        either=int(counts[fits == _EITHER].sum()),
    )
    answered = next((mark for mark in DecimalMark if mark == answer), None)
    if evidence.is_silent:
        return NumberFormat(decimal=answered or DecimalMark.POINT)
    mark = weigh(evidence, DecimalMark.POINT, DecimalMark.COMMA, answered)
    return NumberFormat(decimal=mark) if mark else _ask(shapes, fits, evidence)


def parse_amounts(
    text: pa.Array | pa.ChunkedArray, fmt: NumberFormat, exponents: int | npt.NDArray[np.integer]
) -> ParsedAmounts:
    """The amounts of a column, exactly. `exponents`: decimals of the currency, for all rows or (rows,) each its own.

    A row of unknown currency may be given any exponent; use `currencies()` of a first reading where the currency is
    only in the text.
    """
    shapes = shapes_of(text)
    plans = [_plan(name, fmt.decimal) for name in shapes.names]
    numbers = np.array([code_number(plan if isinstance(plan, ValueCode) else None) for plan in plans], np.uint8)
    minor = np.zeros(len(shapes), np.int64)
    verdicts = numbers[shapes.index] if len(shapes) else np.zeros(0, np.uint8)
    per_row = np.broadcast_to(np.asarray(exponents, np.int64), (len(shapes),))
    for shape, rows in shapes.groups(numbers == 0):
        plan = plans[shape]
        assert isinstance(plan, _Plan)
        minor[rows], verdicts[rows] = _read(shapes, rows, plan, per_row[rows])
    return _parsed(shapes, plans, minor, verdicts)


# --- deciding ---------------------------------------------------------------------------------------------------

_NEITHER, _POINT, _COMMA, _EITHER = range(4)


def _fits(shape: str) -> int:
    """Which marks a number of this shape proves: one, `_EITHER` with different values, `_NEITHER` with the same."""
    amount = read_amount(shape)
    if isinstance(amount, ValueCode) or not {".", ","} & set(amount.number):
        return _NEITHER
    point, comma = (decimals(amount.number, mark) is not None for mark in DecimalMark)
    return (point and _POINT) | (comma and _COMMA)


def _ask(shapes: Shapes, fits: npt.NDArray[np.uint8], evidence: Evidence) -> Undecided:
    wanted = (_POINT, _COMMA) if evidence.only_first and evidence.only_second else (_EITHER,)
    examples = tuple(row for kind in wanted for row in _first_rows(shapes, fits == kind, EXAMPLE_LIMIT // len(wanted)))
    if len(wanted) == 2:
        text = "The column holds amounts with a decimal point and amounts with a decimal comma. Which one is right?"
    else:
        text = "The amounts can be read with a decimal point or with a decimal comma. Which one is it?"
    return Undecided(
        code=QuestionCode.DECIMAL_MARK,
        text=text,
        choices=(
            Choice(value=DecimalMark.POINT.value, label="Decimal point: 1,234.56 (and 1,234 is over a thousand)"),
            Choice(value=DecimalMark.COMMA.value, label="Decimal comma: 1.234,56 (and 1,234 is between 1 and 2)"),
        ),
        examples=examples,
    )


def _first_rows(shapes: Shapes, wanted: npt.NDArray[np.bool_], limit: int) -> list[int]:
    return [int(row) for row in np.flatnonzero(wanted[shapes.index])[: max(1, limit)]]


# --- reading ----------------------------------------------------------------------------------------------------

_POWERS: Final = 10 ** np.arange(MAX_READ_DIGITS + 1, dtype=np.int64)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """How to read every amount of one shape: where its digits stand, and how many of them are decimals."""

    amount: AmountText
    decimals: int
    positions: tuple[int, ...]


def _plan(shape: str, mark: DecimalMark) -> _Plan | ValueCode:
    amount = read_amount(shape)
    if isinstance(amount, ValueCode):
        return amount
    places = decimals(amount.number, mark)
    if places is None:
        return ValueCode.AMOUNT_OTHER_LOCALE
    positions = tuple(i for i, byte in enumerate(shape.encode()) if 48 <= byte <= 57)
    return _Plan(amount=amount, decimals=places, positions=positions)


def _read(
    shapes: Shapes, rows: npt.NDArray[np.int64], plan: _Plan, exponents: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    """Minor units and verdicts of rows of one shape."""
    if len(plan.positions) > MAX_READ_DIGITS:
        return _read_long(shapes, rows, plan, exponents)
    value = shapes.read(rows, plan.positions)
    places = exponents - plan.decimals
    excess = _POWERS[np.maximum(-places, 0)]
    whole, rest = np.divmod(value, excess)
    scale = _POWERS[np.maximum(places, 0)]
    too_large = whole > MAX_MINOR // scale
    verdicts = np.zeros(len(rows), np.uint8)
    verdicts[too_large] = code_number(ValueCode.AMOUNT_TOO_LARGE)
    verdicts[rest != 0] = code_number(ValueCode.AMOUNT_PRECISION)
    return np.where(verdicts == 0, whole * scale * plan.amount.sign, 0), verdicts


def _read_long(
    shapes: Shapes, rows: npt.NDArray[np.int64], plan: _Plan, exponents: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    """The same for amounts with more digits than an int64 is sure to hold: one by one, in Python's own integers."""
    minor = np.zeros(len(rows), np.int64)
    verdicts = np.zeros(len(rows), np.uint8)
    for i, (row, exponent) in enumerate(zip(rows.tolist(), exponents.tolist(), strict=True)):
        value = shapes.read_long(row, plan.positions)
        whole, rest = divmod(value * 10**exponent, 10**plan.decimals)
        if rest:
            verdicts[i] = code_number(ValueCode.AMOUNT_PRECISION)
        elif whole > MAX_MINOR:
            verdicts[i] = code_number(ValueCode.AMOUNT_TOO_LARGE)
        else:
            minor[i] = whole * plan.amount.sign
    return minor, verdicts


def _parsed(
    shapes: Shapes, plans: list[_Plan | ValueCode], minor: npt.NDArray[np.int64], verdicts: npt.NDArray[np.uint8]
) -> ParsedAmounts:
    amounts = [None if isinstance(plan, ValueCode) else plan.amount for plan in plans]
    marks: dict[CurrencyMark | None, int] = {None: 0}
    mark_of = [marks.setdefault(amount.currency if amount else None, len(marks)) for amount in amounts]
    indicator_of = [amount.indicator if amount else 0 for amount in amounts]
    return ParsedAmounts(
        minor=minor,
        verdicts=Verdicts(numbers=verdicts),
        indicators=np.array(indicator_of, np.int8)[shapes.index],
        has_plus=np.array([bool(amount and amount.has_plus) for amount in amounts], bool)[shapes.index],
        marks=tuple(marks),
        mark_index=np.array(mark_of, np.int32)[shapes.index],
    )
