"""The one shape every file becomes: a `pyarrow.Table` of transactions, one row a movement of money.

Sign: plus is money into the account the file is about, minus is money out. `amount` is what moved the balance, in
minor units of `currency`; `fee` is kept beside it (plus = cost) and is never added to it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import pyarrow as pa

TRANSACTION_SCHEMA: Final = pa.schema(
    [
        pa.field(
            "line", pa.int64(), nullable=False
        ),  # physical line of a text file, row of a sheet, 1-based in Parquet
        pa.field("txn_id", pa.string()),  # the sending system's own id of this row
        pa.field("payment_ref", pa.string()),  # an id both systems may know: invoice, order, end-to-end id
        pa.field("date", pa.date32(), nullable=False),  # booking date
        pa.field("at", pa.timestamp("us", tz="UTC")),  # instant, where the file has one
        pa.field("amount", pa.int64(), nullable=False),
        pa.field("currency", pa.string(), nullable=False),
        pa.field("description", pa.string()),
        pa.field("counterparty", pa.string()),
        pa.field("group_id", pa.string()),  # payout, batch, deposit
        pa.field("fee", pa.int64()),
        pa.field("kind", pa.string()),  # the sender's word for it: charge, refund, fee, payout
    ]
)
"""Columns of a transaction table, in this order. Empty text is null. No two rows of one file share a `line`."""


class Side(StrEnum):
    """The two sides of a reconciliation: the export under question, and what it is held against."""

    SOURCE = "source"
    REFERENCE = "reference"


def empty_transactions() -> pa.Table:
    """A transaction table of no rows."""
    return TRANSACTION_SCHEMA.empty_table()
