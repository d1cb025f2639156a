"""What a transaction table adds up to, per currency: the figures a person checks against the statement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import pyarrow as pa
import pyarrow.compute as pc

from recon.store import reading_files
from recon.store.evidence import Evidence, reading_name


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrencyTotal:
    """One currency of a table. Credits (money in) and debits (money out) in minor units, both zero or more."""

    currency: str
    transactions: int
    credits: int
    debits: int
    first_date: date
    last_date: date


def currency_totals(table: pa.Table) -> tuple[CurrencyTotal, ...]:
    """Totals of a transaction table, by currency code. Exact: sums may pass 64 bits."""
    return tuple(_total(table, currency) for currency in sorted(pc.unique(table["currency"]).to_pylist()))


@lru_cache(maxsize=256)
def reading_totals(evidence: Evidence, key: str) -> tuple[CurrencyTotal, ...]:
    """Totals of all rows of a stored reading, which never changes: summed once. Raises `EvidenceMissing`."""
    name = reading_name(key, reading_files.TRANSACTIONS)
    return currency_totals(evidence.read_table(name, columns=["date", "amount", "currency"]))


def _total(table: pa.Table, currency: str) -> CurrencyTotal:
    rows = table.select(["date", "amount"]).filter(pc.equal(table["currency"], currency))
    wide = rows["amount"].cast(pa.decimal128(38, 0))
    days = pc.min_max(rows["date"]).as_py()
    return CurrencyTotal(
        currency=currency,
        transactions=rows.num_rows,
        credits=_sum(wide.filter(pc.greater(rows["amount"], 0))),
        debits=-_sum(wide.filter(pc.less(rows["amount"], 0))),
        first_date=days["min"],
        last_date=days["max"],
    )


def _sum(amounts: pa.ChunkedArray) -> int:
    return int(pc.sum(amounts).as_py() or 0)
