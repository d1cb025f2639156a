"""Rows of text to transactions: dates, money and texts of whole columns, and a reject for each row that is none.

Everything the file leaves open is asked at once, so that a person answers one form and not a chain of them.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recon.ingest.aliases import Role
from recon.ingest.amounts import MONEY_ROLES, Money
from recon.ingest.answers import Answers
from recon.ingest.cells import clean_column
from recon.ingest.columns import Columns
from recon.ingest.date_cells import turned_back
from recon.ingest.date_order import DateFormat, decide_dates
from recon.ingest.date_text import DateOrder
from recon.ingest.dates import ParsedDates, parse_dates
from recon.ingest.distinct import Distinct, distinct
from recon.ingest.faults import Faults
from recon.ingest.feed_zone import feed_zone
from recon.ingest.fees import fees_as_costs, gross_findings, less_fees
from recon.ingest.findings import Finding
from recon.ingest.grid import Grid, Mask
from recon.ingest.instants import UTC_NAME, instants
from recon.ingest.numbers import DecimalMark, NumberFormat
from recon.ingest.row_currencies import RowCurrencies, find_currencies
from recon.ingest.running_balance import running_balances
from recon.ingest.serials import excel_serial_to_date
from recon.ingest.sign_reader import Minor, SignReader
from recon.ingest.signs import signed_amounts
from recon.ingest.stop import Asked
from recon.ingest.undecided import QuestionCode, Undecided
from recon.model.reading import RAW_VALUE_LIMIT, Account, Example, Note, Question, Reject
from recon.model.transactions import TRANSACTION_SCHEMA

MAX_TEXT_BYTES: Final = 64 * 1024
_TEXT_ROLES: Final = (Role.TXN_ID, Role.PAYMENT_REF, Role.DESCRIPTION, Role.COUNTERPARTY, Role.GROUP_ID, Role.KIND)
_IDS: Final = (Role.TXN_ID, Role.PAYMENT_REF)
_SERIAL: Final = r"^[2-9][0-9]{4}(?:\.[0-9]+)?$"
"""A day count of the years 1954 to 2173 (1958 to 2177 from 1904)."""
_NO_VALUE: Final = (
    "The cell shows an error, or a formula whose result was not saved. Open the file in Excel and save it."
)
_DAMAGED_ID: Final = r"^[0-9](?:[.,][0-9]+)?[eE]\+[0-9]+$"

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Normalised:
    """`table` follows TRANSACTION_SCHEMA; with `rejects` it accounts for every row of the grid.

    `findings`: whether gross, fee and net of the file follow from each other, and balances from the rows. `accounts`:
    what a column of running balances begins and ends with.
    """

    table: pa.Table
    rejects: tuple[Reject, ...]
    notes: tuple[Note, ...]
    findings: tuple[Finding, ...] = ()
    accounts: tuple[Account, ...] = ()


def normalise(grid: Grid, columns: Columns, answers: Answers, currency: str | None, today: date) -> Normalised:
    """The transactions of a grid; raises Asked with every question that is open."""
    faults = Faults(len(grid.lines))
    _mark_valueless(grid, columns, faults)
    position = columns.roles[Role.DATE]
    grid = turned_back(_with_serial_dates(grid, position), position, columns.names[position], answers)
    money = Money(grid, columns)
    with ThreadPoolExecutor(max_workers=1) as beside:
        reading = [beside.submit(_text, grid, columns, role) for role in _TEXT_ROLES]
        values = _read_values(money, answers, currency, today, faults)
        texts = {text.role.value: text for text in (each.result() for each in reading)}
    for text in texts.values():
        text.mark(faults)
    fees = fees_as_costs(money, values.fmt, values.currencies)
    moved = less_fees(values.minor, fees) if columns.fee_is_apart else values.minor
    good = faults.is_good
    table = _table(
        {
            "line": pa.array(grid.lines, pa.int64()),
            "date": values.dates.dates,
            "at": values.at,
            "amount": pa.array(moved, pa.int64()),
            "currency": values.currencies.codes,
            "fee": fees,
            **{name: text.cells for name, text in texts.items()},
        },
        None if good.all() else pa.array(good),
    )
    assert not any(table[name].null_count for name in ("date", "amount", "currency"))
    notes = (*money.notes, *_date_notes(values.dates))
    balances = tuple(running_balances(money, values.fmt, values.currencies, moved, good))
    return Normalised(
        table=table,
        rejects=tuple(faults.rejects(grid, columns.names)),
        notes=notes,
        findings=(
            *gross_findings(money, values.fmt, values.currencies, moved, fees, good),
            *(found.finding for found in balances),
        ),
        accounts=tuple(found.account for found in balances),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Values:
    """What every row must have, and the number format it was read by."""

    dates: ParsedDates
    at: pa.Array
    fmt: NumberFormat
    currencies: RowCurrencies
    minor: Minor


def _read_values(money: Money, answers: Answers, currency: str | None, today: date, faults: Faults) -> _Values:
    """Dates, currencies and amounts of all rows; raises Asked with the questions of all three."""
    questions: list[Question] = []
    dates = _or_ask(questions, lambda: _dates(money.grid, money.columns, answers, today, faults))
    fmt = _or_ask(questions, lambda: money.decide_format(answers))
    seen = fmt or NumberFormat(decimal=DecimalMark.POINT)
    currencies = _or_ask(questions, lambda: find_currencies(money, seen, answers, currency, faults))
    if fmt is None or currencies is None:
        raise Asked(*questions)
    reader = SignReader(money=money, fmt=fmt, currencies=currencies, answers=answers, faults=faults)
    minor = _or_ask(questions, lambda: signed_amounts(reader))
    if dates is None or minor is None:
        raise Asked(*questions)
    return _Values(dates=dates[0], at=dates[1], fmt=fmt, currencies=currencies, minor=minor)


def _or_ask(questions: list[Question], decide: Callable[[], T]) -> T | None:
    try:
        return decide()
    except Asked as asked:
        questions.extend(asked.questions)
        return None


def _mark_valueless(grid: Grid, columns: Columns, faults: Faults) -> None:
    for role in (Role.DATE, *MONEY_ROLES, Role.CURRENCY):
        position = columns.roles.get(role)
        if position is not None and position in grid.valueless:
            faults.mark(grid.valueless[position], position, "CELL_NO_VALUE", _NO_VALUE)


def _with_serial_dates(grid: Grid, position: int) -> Grid:
    """Numbers in a sheet's date column as the days they count, from the day the sheet counts from."""
    typed = grid.typed.get(position)
    if typed is None:
        return grid
    text = grid.column(position)
    serial = typed & np.asarray(pc.match_substring_regex(text, _SERIAL).to_numpy(), dtype=bool)
    if not serial.any():
        return grid
    days = [
        _day_of_serial(cell, is_1904=grid.is_1904) if is_serial else cell
        for cell, is_serial in zip(text.to_pylist(), serial.tolist(), strict=True)
    ]
    cells = grid.cells.set_column(position, grid.cells.field(position), pa.chunked_array([pa.array(days, pa.string())]))
    return replace(grid, cells=cells)


def _day_of_serial(cell: str, *, is_1904: bool) -> str:
    day = excel_serial_to_date(int(cell.partition(".")[0]), is_1904=is_1904)
    return cell if day is None else day.isoformat()


def _dates(grid: Grid, columns: Columns, answers: Answers, today: date, faults: Faults) -> tuple[ParsedDates, pa.Array]:
    """Dates, and instants where the file has them."""
    position = columns.roles[Role.DATE]
    cells = distinct(grid.column(position))
    fmt = _decide_dates(grid, columns, cells, answers, today)
    zone = feed_zone(answers)
    dates = parse_dates(cells, fmt, today, zone="UTC" if UTC_NAME.search(columns.names[position]) else zone)
    faults.mark_verdicts(dates.verdicts, position)
    return dates, instants(grid, columns, fmt, dates, today, zone=zone)


def _decide_dates(grid: Grid, columns: Columns, cells: Distinct, answers: Answers, today: date) -> DateFormat:
    position = columns.roles[Role.DATE]
    text = grid.column(position)
    order, short = answers.get(QuestionCode.DAY_MONTH_ORDER), answers.get(QuestionCode.TWO_DIGIT_YEAR)
    decided = decide_dates(cells, today, day_month_order=order, two_digit_year=short)
    if isinstance(decided, Undecided):
        question = Question(
            code=decided.code.value,
            text=decided.text,
            column=columns.names[position],
            choices=decided.choices,
            examples=tuple(
                Example(
                    line=int(grid.lines[row]),
                    cells={columns.names[position]: text[row].as_py()[:RAW_VALUE_LIMIT]},
                )
                for row in decided.examples
            ),
        )
        raise Asked(question)
    if decided.two_digit_years:
        answers.use(QuestionCode.TWO_DIGIT_YEAR, decided.order)
    elif decided.order in (order, DateOrder.MDY) or _is_proven(cells, today):
        answers.use(QuestionCode.DAY_MONTH_ORDER, decided.order)
    return decided


def _is_proven(cells: Distinct, today: date) -> bool:
    """Whether the column says something about its order, so that month first would not do as well."""
    return decide_dates(cells, today, day_month_order=DateOrder.MDY) != DateFormat(order=DateOrder.MDY)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Text:
    """A text column (rows, string), empty is null; the rows that are too long, and those whose id is damaged."""

    role: Role
    cells: pa.Array
    position: int = -1
    too_long: Mask | None = None
    damaged: Mask | None = None

    def mark(self, faults: Faults) -> None:
        if self.too_long is not None:
            problem = f"The text is longer than {MAX_TEXT_BYTES >> 10} KB."
            faults.mark(self.too_long, self.position, "TEXT_TOO_LONG", problem)
        if self.damaged is not None:
            problem = "A spreadsheet cut this id to a rounded number. The id as the sender wrote it is expected."
            faults.mark(self.damaged, self.position, "ID_DAMAGED", problem)


def _text(grid: Grid, columns: Columns, role: Role) -> _Text:
    """A text column without blanks around it. Ids a spreadsheet cut to a float are damaged."""
    position = columns.roles.get(role)
    if position is None:
        return _Text(role=role, cells=pa.nulls(len(grid.lines), pa.string()))
    text = clean_column(grid.column(position))
    lengths = pc.binary_length(text)
    is_long = len(text) and pc.max(lengths).as_py() > MAX_TEXT_BYTES
    has_exponent = role in _IDS and pc.any(pc.match_substring(text, "+")).as_py()
    cells = pc.if_else(pc.equal(lengths, 0), pa.scalar(None, pa.string()), text)
    return _Text(
        role=role,
        cells=cells if isinstance(cells, pa.Array) else cells.combine_chunks(),
        position=position,
        too_long=_mask(pc.greater(lengths, MAX_TEXT_BYTES)) if is_long else None,
        damaged=_mask(pc.match_substring_regex(text, _DAMAGED_ID)) if has_exponent else None,
    )


def _mask(values: pa.Array | pa.ChunkedArray) -> Mask:
    return np.asarray(values.to_numpy(), dtype=bool)


def _date_notes(dates: ParsedDates) -> list[Note]:
    notes = []
    if count := int(dates.next_day.sum()):
        notes.append(Note(code="TIME_24", text="24:00 was read as 0:00 of the next day.", count=count))
    if count := int(dates.folded.sum()):
        text = "The clocks showed this local time twice; the first was taken."
        notes.append(Note(code="TIME_FOLDED", text=text, count=count))
    return notes


def _table(columns: dict[str, pa.Array | pa.ChunkedArray], good: pa.Array | None) -> pa.Table:
    arrays = []
    for field in TRANSACTION_SCHEMA:
        column = columns.pop(field.name)
        arrays.append((column if good is None else column.filter(good)).cast(field.type))
    return pa.table(arrays, schema=TRANSACTION_SCHEMA).combine_chunks()
