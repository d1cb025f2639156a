"""One side of a match as plain columns in canonical order: content first, line last, never the row's place in the file.

Canonical order is what makes a result independent of input order: (currency, date, amount, text, ids, fee, line). From
here on a row is named by its *rank*, its place in that order, and every tie is broken by rank. Only the engine's last
step turns ranks back into rows of the table.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recon.matching.arrays import Flags, Ints, Words, at_once, bit_count, order_of
from recon.matching.keys import currency_codes, exact_keys
from recon.matching.normal import NormalForms
from recon.matching.same_names import AS_GIVEN
from recon.matching.strings import Texts
from recon.money import MAX_MINOR

IDS: Final = ("payment_ref", "txn_id")
"""The columns that may name a movement on both sides, the one both systems may know first."""

_NO_NUMBER: Final = -(2**63)


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """One side, indexed by rank; only `text`, `party`, `ids` and `table` stand in table order (`row` leads there).

    Hash 0: no such text. `party` is the counterparty, read only by those who compare it. `key` is the exact key;
    `content` numbers the rows by (key, text), equal for rows that are interchangeable. `table` is what few passes
    read, and then for few rows.
    """

    row: Ints
    currency: Ints
    day: Ints
    amount: Ints
    key: Words
    text_hash: Words
    content: Ints
    text: Texts
    party: pa.ChunkedArray
    ids: dict[str, Texts]
    forms: NormalForms
    table: pa.Table

    def __len__(self) -> int:
        return len(self.row)

    @property
    def has_text(self) -> Flags:
        """Rows with a description."""
        result: Flags = self.text_hash != 0
        return result

    def texts_at(self, ranks: Ints) -> pa.LargeStringArray:
        """The descriptions of these ranks."""
        return self.text.at(self.row[ranks])

    def id_hashes(self, name: str, ranks: Ints) -> Words:
        """The hashes of these ranks' ids of one column; 0 where there is none."""
        return self.ids[name].hashes[self.row[ranks]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """Both sides, with joint currency codes and joint exact keys."""

    source: Columns
    reference: Columns
    currencies: tuple[str, ...]


def read_sides(source: pa.Table, reference: pa.Table, threads: int, tick: Callable[[int], None]) -> Sides:
    """Two tables of TRANSACTION_SCHEMA -> their columns in canonical order. `tick` is told of the rows done."""
    source_codes, reference_codes, currencies = currency_codes(source["currency"], reference["currency"], threads)
    numbers = [_numbers(source, source_codes), _numbers(reference, reference_codes)]
    keys = exact_keys(*numbers)
    one, other = at_once(
        threads,
        lambda: _canonical(source, numbers[0], keys[0], threads),
        lambda: _canonical(reference, numbers[1], keys[1], threads),
    )
    tick(len(one) + len(other))
    return Sides(source=one, reference=other, currencies=currencies)


def _numbers(table: pa.Table, codes: Ints) -> tuple[Ints, Ints, Ints]:
    """(currency code, days since 1970, amount) in table order."""
    day = table["date"].combine_chunks().cast(pa.int32()).to_numpy(zero_copy_only=False).astype(np.int64)
    amount = table["amount"].combine_chunks().to_numpy(zero_copy_only=False)
    assert not len(amount) or -MAX_MINOR <= int(amount.min()) <= int(amount.max()) <= MAX_MINOR
    return codes, day, amount


def _canonical(table: pa.Table, numbers: tuple[Ints, Ints, Ints], key: Words, threads: int) -> Columns:
    text = Texts(table["description"])
    ids = {name: Texts(table[name]) for name in IDS}
    row, new_content = _order(key, text, ids, table)
    currency, day, amount = (column[row] for column in numbers)
    return Columns(
        row=row,
        currency=currency,
        day=day,
        amount=amount,
        key=key[row],
        text_hash=text.hashes[row],
        content=np.cumsum(new_content) - 1,
        text=text,
        party=table["counterparty"],
        ids=ids,
        forms=NormalForms(text, row, threads),
        table=table,
    )


def _order(key: Words, text: Texts, ids: dict[str, Texts], table: pa.Table) -> tuple[Ints, Flags]:
    """Rows of the table by (key, text, payment_ref, txn_id, group_id, text as given, fee, line), and where a new
    (key, text) begins.

    Later keys are read only where earlier ones tie: an id is looked at eight bytes at a time.
    """
    row = order_of(key)
    same = ~_changes(key[row])
    _refine(row, same, lambda rows: text.hashes[rows])
    new_content = ~same
    for name in IDS:
        for key_of in ids[name].sort_keys():
            _refine(row, same, key_of)
    if table["group_id"].null_count < len(row):
        for key_of in Texts(table["group_id"]).sort_keys():
            _refine(row, same, key_of)
    if AS_GIVEN in table.column_names:
        for key_of in Texts(table[AS_GIVEN]).sort_keys():
            _refine(row, same, key_of)
    for name in ("fee", "line"):
        if table[name].null_count < len(row):
            number = pc.fill_null(table[name].combine_chunks(), _NO_NUMBER).to_numpy(zero_copy_only=False)
            _refine(row, same, number.view(np.uint64).__getitem__)
    return row, new_content


def _changes(column: Words) -> Flags:
    """True where a row differs from the one before it; the first row does."""
    changes = np.ones(len(column), np.bool_)
    np.not_equal(column[1:], column[:-1], out=changes[1:])
    return changes


def _refine(order: Ints, same: Flags, key_of: Callable[[Ints], Words]) -> None:
    """Sort runs of tied rows by one more key, in place. `same`: ties with the row before.

    As many leading bits of the key as fit in a word beside the run's number and the row's place are sorted at once;
    what they leave tied goes round with the next bits.
    """
    high = 64
    while high and same.any():
        tied = same.copy()
        tied[:-1] |= same[1:]
        at = np.flatnonzero(tied)
        rows, run = order[at], np.cumsum(~same[at])
        low = max(0, high - 64 + bit_count(int(run[-1])) + bit_count(len(at)))
        key = key_of(rows) >> np.uint64(low) & np.uint64((1 << high - low) - 1)
        inner = order_of(run, key)
        order[at] = rows[inner]
        key = key[inner]
        same[at[1:]] &= key[1:] == key[:-1]
        high = low
