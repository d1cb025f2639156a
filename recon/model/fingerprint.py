"""What names a row for longer than its file lasts: the hash of what it says, and which of its equals it is.

The rule kept: a fingerprint depends on content alone. The same rows in another order, on other lines or in a file of
another format have the same fingerprints; two rows of one file that say the same are two.

    form    <sha256 of the content, the first 32 hexadecimal digits>:<n>, as in 3f0c...9a:1
    content each column of `CONTENT`, by name in this order: its length in bytes, a colon, and its text
    text    numbers in decimal digits, dates as days and instants as microseconds since 1970; nothing if there is none
    n       1 for the first of the rows with this content, by fee, then by place in the file
"""

from __future__ import annotations

import hashlib
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

CONTENT: Final = (
    "date",
    "at",
    "amount",
    "currency",
    "txn_id",
    "payment_ref",
    "description",
    "counterparty",
    "group_id",
    "kind",
)
DIGITS: Final = 32
_SPREAD: Final = 100_003  # more than there are days; a sum that overflows is as good a key
BATCH_ROWS: Final = 1 << 17

Flags = np.ndarray[tuple[int], np.dtype[np.bool_]]


def fingerprints(table: pa.Table) -> pa.Array:
    """The fingerprint of every row of a table of TRANSACTION_SCHEMA, as text; all are different."""
    content = contents(table)
    return pc.binary_join_element_wise(content, pa.array(_places(content, table["fee"])).cast(pa.string()), ":")


def fingerprints_where(table: pa.Table, wanted: Flags) -> pa.Array:
    """The fingerprints of some rows, null for others: equal rows must be all wanted, or none of them.

    Naming a whole file takes longer than matching it, and most of its rows are never asked for.
    """
    names = pa.nulls(table.num_rows, pa.string())
    if not wanted.any():
        return names
    mask = pa.array(wanted)
    return pc.replace_with_mask(names, mask, fingerprints(table.filter(mask)))


def row_keys(table: pa.Table) -> pa.Array:
    """A number for every row that equal rows share; others seldom do."""
    day = table["date"].combine_chunks().cast(pa.int32()).to_numpy().astype(np.int64)
    amount = table["amount"].combine_chunks().to_numpy()
    return pa.array(amount * _SPREAD + day)


def alike(table: pa.Table, rows: Flags) -> Flags:
    """These rows, and all that could be equal to one of them: what `fingerprints_where` may be asked for."""
    keys = row_keys(table)
    found: Flags = pc.is_in(keys, keys.filter(pa.array(rows))).to_numpy(zero_copy_only=False)
    return found


def contents(table: pa.Table) -> pa.Array:
    """The hash of what every row says, without its place among its equals."""
    digests: list[str] = []
    for batch in table.select(CONTENT).to_batches(max_chunksize=BATCH_ROWS):
        texts = [_text(column) for column in batch.columns]
        parts = [part for text in texts for part in (pc.binary_length(text).cast(pa.string()), ":", text)]
        said = pc.binary_join_element_wise(*parts, "").cast(pa.binary())
        digests += [hashlib.sha256(one.as_buffer()).hexdigest()[:DIGITS] for one in said]
    return pa.array(digests, pa.string())


def _text(column: pa.Array) -> pa.Array:
    if pa.types.is_date32(column.type):
        column = column.cast(pa.int32())
    elif pa.types.is_timestamp(column.type):
        column = column.cast(pa.int64())
    return pc.fill_null(column.cast(pa.string()), "")


def _places(content: pa.Array, fee: pa.ChunkedArray) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """1, 2, ... within each content."""
    same = content.dictionary_encode().indices.to_numpy()
    costs = pc.fill_null(fee.combine_chunks(), 0).to_numpy()
    order = np.lexsort((costs, fee.is_null().to_numpy(), same))
    begins = np.ones(len(order), np.bool_)
    begins[1:] = same[order][1:] != same[order][:-1]
    counted = np.arange(len(order))
    first = np.maximum.accumulate(np.where(begins, counted, 0)) if len(order) else counted
    places = np.empty(len(order), np.int64)
    places[order] = counted - first + 1
    return places
