"""Columns as a report writes them: money as exact decimal text, and text that no spreadsheet takes for a formula.

A report table is an Arrow table in which every column named in `MONEY` holds minor units: of the row's `currency`, or
of the one in the column that `currency_of` names. The text rule: whatever came from a file and begins like a formula
gets a leading `'`, which our own reader takes off again. Text that begins with `'` gets one too, so that the way back
is exact. Numbers are never touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from recon.money import exponent

MONEY: Final = frozenset({"amount", "amount_delta", "source_amount", "reference_amount", "row_amount", "fee"})
"""Names of the columns that hold minor units."""

_OWN_CURRENCY: Final = {"reference_amount": "reference_currency", "row_amount": "row_currency"}
"""Columns of minor units that may be in another currency than their row's, and the column that says in which."""

_LIKE_A_FORMULA: Final = r"^[\s\p{Z}\p{C}]*['=+\-@＝＋－＠]|^[\t\r\n]"


def currency_of(name: str, columns: Sequence[str]) -> str:
    """The column that says which currency a column of money is in, among these of its table."""
    own = _OWN_CURRENCY.get(name, "currency")
    return own if own in columns else "currency"


def decimal_text(amount: pa.ChunkedArray, currency: pa.ChunkedArray) -> pa.Array | pa.ChunkedArray:
    """Minor units -> plain decimal strings (`-1234.50`), by column; null stays null."""
    places = {code: exponent(code) for code in pc.unique(currency).to_pylist()}
    text = amount.cast(pa.string())
    for decimals in sorted(set(places.values()) - {0}):
        codes = pa.array([code for code, value in places.items() if value == decimals])
        text = pc.if_else(pc.is_in(currency, value_set=codes), _placed(amount, decimals), text)
    return text


def _placed(amount: pa.ChunkedArray, decimals: int) -> pa.ChunkedArray:
    digits = pc.utf8_lpad(pc.abs(amount).cast(pa.string()), decimals + 1, "0")
    whole, rest = pc.utf8_slice_codeunits(digits, 0, -decimals), pc.utf8_slice_codeunits(digits, -decimals)
    sign = pc.if_else(pc.less(amount, 0), "-", "")
    return pc.binary_join_element_wise(sign, whole, pa.scalar("."), rest, "").combine_chunks()


def neutral_text(text: pa.ChunkedArray) -> pa.ChunkedArray:
    """The text with a leading `'` wherever a spreadsheet would take it for a formula."""
    risky = pc.match_substring_regex(text, _LIKE_A_FORMULA)
    return pc.if_else(risky, pc.binary_join_element_wise("'", text, ""), text)


def plain_table(table: pa.Table) -> pa.Table:
    """A report table as text and numbers for CSV: money as decimals, text made harmless, all else as it is."""
    for index, field in enumerate(table.schema):
        if field.name in MONEY:
            currency = table[currency_of(field.name, table.column_names)]
            table = table.set_column(index, field.name, decimal_text(table[index], currency))
        elif pa.types.is_string(field.type):
            table = table.set_column(index, field.name, neutral_text(table[index]))
    return table
