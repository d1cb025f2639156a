"""The currency of each row: from its currency column, else from its amount's text, else from the header, else as given.

What no one says is asked, never taken from where the file seems to come from. A symbol that several currencies share
(`$`, `kr`) narrows the question and never answers it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from recon.ingest.aliases import Role
from recon.ingest.amounts import Money
from recon.ingest.answers import Answers
from recon.ingest.cells import clean
from recon.ingest.codes import ValueCode, problem
from recon.ingest.currencies import currency_in_header, parse_currencies, read_mark
from recon.ingest.faults import Faults
from recon.ingest.grid import Mask
from recon.ingest.numbers import NumberFormat
from recon.model.reading import Choice, Example, Note, Question
from recon.money import exponent, exponents

_OFFERED: Final = ("EUR", "USD", "GBP", "JPY", "CHF", "ZAR", "CAD", "AUD", "SEK", "NOK", "DKK", "INR", "CNY")
_OFFERED_COUNT: Final = 6
_EXAMPLES: Final = 3
_AMOUNTS_AFTER_ALL: Final = (ValueCode.AMOUNT_PRECISION, ValueCode.AMOUNT_TOO_LARGE, ValueCode.AMOUNT_OTHER_LOCALE)
"""Refused as the cell stands, but an amount: its row needs a currency."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowCurrencies:
    """`codes` (rows, string): null where the row has none that can be told. `exponents`: one for all, or (rows,)."""

    codes: pa.Array
    exponents: int | npt.NDArray[np.int64]


def find_currencies(
    money: Money, fmt: NumberFormat, answers: Answers, given: str | None, faults: Faults
) -> RowCurrencies:
    """The currency of every row, null where marked in `faults`; raises Asked(CURRENCY) when nothing says it."""
    codes, is_open = _from_column(money, faults)
    if is_open.any():
        codes, has_amount = _from_amount_text(money, fmt, codes, is_open)
        is_open &= has_amount & np.asarray(codes.is_null())
    if is_open.any():
        codes = _filled(money, codes, is_open, answers, given)
        is_open &= np.asarray(codes.is_null())
    _mark_without(money, codes, is_open, faults)
    return _with_exponents(codes)


def _mark_without(money: Money, codes: pa.Array, is_open: Mask, faults: Faults) -> None:
    """Marks every row that ended without a currency, at the cell that should have said it."""
    position = money.columns.roles.get(Role.CURRENCY)
    if position is not None and codes.null_count:
        empty = np.asarray(codes.is_null())
        faults.mark_verdicts(parse_currencies(money.grid.column(position)).verdicts, position, where=empty)
    for amounts in money.positions.values():
        faults.mark(is_open, amounts, ValueCode.CURRENCY_EMPTY.value, problem(ValueCode.CURRENCY_EMPTY))


def usable_currency(text: str | None) -> str | None:
    """The ISO 4217 code a person gave, in any case; None when it is none."""
    code = (text or "").strip().upper()
    return code if code in exponents() else None


def _from_column(money: Money, faults: Faults) -> tuple[pa.Array, Mask]:
    """Codes the currency column says, and the rows it leaves open: blank cells and shared symbols."""
    position = money.columns.roles.get(Role.CURRENCY)
    if position is None:
        row_count = len(money.grid.lines)
        return pa.nulls(row_count, pa.string()), np.ones(row_count, bool)
    parsed = parse_currencies(money.grid.column(position))
    for alias, code, count in parsed.aliases:
        money.notes.append(Note(code="CURRENCY_ALIAS", text=f"{alias} was read as {code}.", count=count))
    is_open = parsed.verdicts.holds(ValueCode.CURRENCY_EMPTY) | parsed.verdicts.holds(ValueCode.CURRENCY_SYMBOL_SHARED)
    return parsed.currencies, is_open


def _from_amount_text(money: Money, fmt: NumberFormat, codes: pa.Array, is_open: Mask) -> tuple[pa.Array, Mask]:
    """The codes, with those that amounts name in the open rows; and the rows that hold an amount."""
    has_amount = np.zeros(len(codes), bool)
    for position in money.positions.values():
        parsed = money.parse(position, fmt, 2)
        has_amount |= np.logical_or.reduce([parsed.verdicts.is_valid, *map(parsed.verdicts.holds, _AMOUNTS_AFTER_ALL)])
        if len(parsed.marks) > 1:
            codes = pc.if_else(pa.array(is_open), pc.coalesce(codes, parsed.currencies()), codes)
    return codes, has_amount


def _filled(money: Money, codes: pa.Array, is_open: Mask, answers: Answers, given: str | None) -> pa.Array:
    """The open rows with what the header says, or what was given or answered, where their symbol allows it."""
    fallback = _named_in_header(money)
    if fallback is None:
        fallback = usable_currency(given)
        has_column = Role.CURRENCY in money.columns.roles
        if fallback is None and (codes.null_count == len(codes) or not has_column):
            question = _question(money, codes, np.flatnonzero(is_open))
            fallback = usable_currency(answers.settle(question, accepts=lambda text: usable_currency(text) is not None))
        fallback = fallback or usable_currency(answers.get("CURRENCY"))
        if fallback is None:
            return codes
        answers.use("CURRENCY", fallback)
    fits = is_open & _allows(money, fallback)
    return pc.if_else(pa.array(fits), pa.scalar(fallback), codes)


def _allows(money: Money, currency: str) -> Mask:
    """Rows whose currency cell does not speak against `currency`."""
    position = money.columns.roles.get(Role.CURRENCY)
    if position is None:
        return np.ones(len(money.grid.lines), bool)
    encoded = money.grid.column(position).combine_chunks().dictionary_encode()
    marks = [read_mark(clean(cell)) for cell in encoded.dictionary.to_pylist()]
    allowed = np.array([mark is None or currency in mark.may_mean for mark in marks], bool)
    rows: Mask = allowed[np.asarray(encoded.indices)]
    return rows


def _named_in_header(money: Money) -> str | None:
    found = {currency_in_header(money.columns.names[position]) for position in money.positions.values()}
    if len(found) != 1 or (code := found.pop()) is None:
        return None
    money.notes.append(Note(code="CURRENCY_FROM_HEADER", text=f"The currency {code} was taken from the header."))
    return code


def _question(money: Money, codes: pa.Array, rows: npt.NDArray[np.int64]) -> Question:
    columns = [
        *money.positions.values(),
        *(money.columns.roles[r] for r in (Role.CURRENCY,) if r in money.columns.roles),
    ]
    shown = rows[:_EXAMPLES].tolist()
    cells = [money.cell(position, row) for row in shown for position in columns]
    named = sorted(pc.unique(codes.drop_null()).to_pylist())
    offered = list(dict.fromkeys([*named, *_likely(cells)]))[: max(_OFFERED_COUNT, len(named))]
    what = "Some amounts name no currency" if named else "The file does not say which currency its amounts are in"
    return Question(
        code="CURRENCY",
        text=f"{what}. Which one is it?",
        column=money.columns.names[columns[-1]],
        choices=tuple(Choice(value=code, label=code) for code in offered),
        examples=tuple(
            Example(
                line=int(money.grid.lines[row]),
                cells={money.columns.names[position]: money.cell(position, row) for position in columns},
            )
            for row in shown
        ),
        free_text=True,
    )


def _likely(cells: Iterable[str]) -> list[str]:
    """Currencies to offer: those the symbols among the cells may mean, the usual ones first."""
    marks = [
        mark for cell in cells if (mark := read_mark("".join(c for c in cell if not c.isdigit()).strip(" .,'()-+")))
    ]
    possible = frozenset.intersection(*(mark.may_mean for mark in marks)) if marks else frozenset(_OFFERED)
    usual = [code for code in _OFFERED if code in possible]
    return [*usual, *sorted(possible - set(usual))][:_OFFERED_COUNT] or list(_OFFERED[:_OFFERED_COUNT])


def _with_exponents(codes: pa.Array) -> RowCurrencies:
    encoded = codes.dictionary_encode()
    names: list[str] = encoded.dictionary.to_pylist()
    places = np.array([exponent(name) for name in names] or [2], np.int64)
    if len(set(places.tolist())) == 1:
        return RowCurrencies(codes=codes, exponents=int(places[0]))
    index = np.asarray(encoded.indices.fill_null(0), dtype=np.int64)
    return RowCurrencies(codes=codes, exponents=places[index])
