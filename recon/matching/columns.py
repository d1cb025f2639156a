"""One side of a match as plain columns in canonical order: content first, line last, never the row's place in the file.

Canonical order is what makes a result independent of input order: (currency, date, amount, text, ids, line). From
here on a row is named by its *rank*, its place in that order, and every tie is broken by rank. Only the engine's last
step turns ranks back into rows of the table.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recon.matching.arrays import Flags, Ints, Words
from recon.matching.keys import currency_codes, exact_keys
from recon.matching.strings import NormalForms, hashes, texts
from recon.money import MAX_MINOR

IDS: Final = ("payment_ref", "txn_id")
"""The columns that may name a movement on both sides, the one both systems may know first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """One side, indexed by rank; only `ids` stand in table order (`row` leads there). Hash 0: no such text.

    `key` is the exact key; `content` numbers the rows by (key, text), equal for rows that are interchangeable;
    `place` counts rows of one content from 0.
    """

    row: Ints
    currency: Ints
    day: Ints
    amount: Ints
    key: Words
    text_hash: Words
    content: Ints
    place: Ints
    id_hashes: dict[str, Words]
    ids: dict[str, pa.LargeStringArray]
    text: pa.LargeStringArray
    forms: NormalForms

    def __len__(self) -> int:
        return len(self.row)

    @property
    def has_text(self) -> Flags:
        """Rows with a description."""
        result: Flags = self.text_hash != 0
        return result


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """Both sides, with joint currency codes and joint exact keys."""

    source: Columns
    reference: Columns
    currencies: tuple[str, ...]


def read_sides(source: pa.Table, reference: pa.Table, threads: int, tick: Callable[[int], None]) -> Sides:
    """Two tables of TRANSACTION_SCHEMA -> their columns in canonical order. `tick` is told of the rows done."""
    source_codes, reference_codes, currencies = currency_codes(source["currency"], reference["currency"])
    numbers = [_numbers(source, source_codes), _numbers(reference, reference_codes)]
    keys = exact_keys(*numbers)
    one = _canonical(source, numbers[0], keys[0], threads)
    tick(len(one))
    other = _canonical(reference, numbers[1], keys[1], threads)
    tick(len(one) + len(other))
    return Sides(source=one, reference=other, currencies=currencies)


def _numbers(table: pa.Table, codes: Ints) -> tuple[Ints, Ints, Ints]:
    """(currency code, days since 1970, amount) in table order."""
    day = table["date"].combine_chunks().cast(pa.int32()).to_numpy(zero_copy_only=False).astype(np.int64)
    amount = table["amount"].combine_chunks().to_numpy(zero_copy_only=False)
    assert not len(amount) or -MAX_MINOR <= int(amount.min()) <= int(amount.max()) <= MAX_MINOR
    return codes, day, amount


def _canonical(table: pa.Table, numbers: tuple[Ints, Ints, Ints], key: Words, threads: int) -> Columns:
    text = texts(table["description"])
    text_hash = hashes(text, threads)
    order = _order(table, key, text_hash)
    currency, day, amount = (column[order] for column in numbers)
    key, text_hash = key[order], text_hash[order]
    starts = _changes(key, text_hash)
    content = np.cumsum(starts) - 1
    first = np.flatnonzero(starts)
    text = text.take(pa.array(order))
    ids = {name: texts(table[name]) for name in IDS}
    return Columns(
        row=order,
        currency=currency,
        day=day,
        amount=amount,
        key=key,
        text_hash=text_hash,
        content=content,
        place=np.arange(len(order)) - first[content] if len(order) else order,
        id_hashes={name: hashes(column, threads)[order] for name, column in ids.items()},
        ids=ids,
        text=text,
        forms=NormalForms(text),
    )


def _order(table: pa.Table, key: Words, text_hash: Words) -> Ints:
    """Rows of the table by (key, text, payment_ref, txn_id, line). Later keys are read only where earlier ones tie."""
    order = np.argsort(key)
    same = ~_changes(key[order])
    _refine(order, same, lambda rows: text_hash[rows])
    for name in IDS:
        _refine(order, same, partial(_ranks, table[name]))
    line = table["line"].combine_chunks().to_numpy(zero_copy_only=False)
    _refine(order, same, lambda rows: line[rows])
    return order


def _changes(*columns: Words) -> Flags:
    """True where a row differs from the one before it; the first row does."""
    changes = np.zeros(len(columns[0]), np.bool_)
    changes[:1] = True
    for column in columns:
        changes[1:] |= column[1:] != column[:-1]
    return changes


def _refine(order: Ints, same: Flags, key_of: Callable[[Ints], Words | Ints]) -> None:
    """Sort runs of tied rows by one more key, in place. `same`: ties with the row before."""
    tied = same.copy()
    tied[:-1] |= same[1:]
    at = np.flatnonzero(tied)
    if not len(at):
        return
    rows, group = order[at], np.cumsum(~same[at])
    key = key_of(rows)
    inner = np.lexsort((key, group))
    order[at] = rows[inner]
    key = key[inner]
    same[at[1:]] &= key[1:] == key[:-1]


def _ranks(column: pa.ChunkedArray, rows: Ints) -> Ints:
    """Dense ranks of the texts at these rows, in byte order, no text first."""
    values = texts(column.take(pa.array(rows)))
    result: Ints = pc.rank(values, "ascending", tiebreaker="dense").to_numpy(zero_copy_only=False).astype(np.int64)
    return result
