"""One side's rows as columns, and the building of discrepancy tables from columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recon.discrepancies.sentences import amounts_text, joined
from recon.discrepancies.sums import Ints
from recon.model.outcome import DISCREPANCY_SCHEMA, DiscrepancyKind
from recon.model.transactions import Side

NO_ROW: Final = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class SideRows:
    """One side by row of its table. `currency` counts in the run's currencies, `day` from 1970."""

    table: pa.Table
    line: Ints
    day: Ints
    amount: Ints
    currency: Ints

    def __len__(self) -> int:
        return len(self.line)


def currency_names(source: pa.Table, reference: pa.Table) -> tuple[str, ...]:
    """The currencies of both sides, in alphabetical order."""
    both = {name for table in (source, reference) for name in pc.unique(table["currency"]).to_pylist()}
    return tuple(sorted(both))


def rows_of(table: pa.Table, currencies: tuple[str, ...]) -> SideRows:
    """The columns of a table of TRANSACTION_SCHEMA."""
    code = pc.index_in(table["currency"], value_set=pa.array(currencies, pa.string()))
    return SideRows(
        table=table,
        line=_whole(table["line"]),
        day=_whole(table["date"].cast(pa.int32())),
        amount=_whole(table["amount"]),
        currency=_whole(code),
    )


def _whole(column: pa.ChunkedArray) -> Ints:
    return np.asarray(column.combine_chunks().to_numpy(zero_copy_only=False), np.int64)


def dates_text(day: Ints) -> pa.Array:
    """Days since 1970 as 2026-03-02, each distinct day written once."""
    days, at = np.unique(day, return_inverse=True)
    return pa.array(days.astype(np.int32)).cast(pa.date32()).cast(pa.string()).take(pa.array(at))


def lines_text(line: Ints) -> pa.Array:
    """What to call rows by: the line of their file, or the number of the open item a run carried."""
    return joined(pa.array(np.where(line < 0, "open item ", "line ")), pa.array(np.abs(line)).cast(pa.string()))


def amounts_on_days(rows: SideRows, at: Ints, currencies: tuple[str, ...]) -> pa.Array:
    """The amount and date of rows, as the beginning of a sentence."""
    return joined(amounts_text(rows.amount[at], rows.currency[at], currencies), " on ", dates_text(rows.day[at]))


def about_rows(
    kind: DiscrepancyKind, side: Side, rows: SideRows, at: Ints, currencies: tuple[str, ...], detail: pa.Array
) -> pa.Table:
    """Discrepancies of single rows: a source row adds its amount to the difference, a reference row takes it away."""
    sign = 1 if side is Side.SOURCE else -1
    return discrepancies(
        kind,
        side,
        **one_sided(side, at),
        currency=rows.currency[at],
        currencies=currencies,
        amount=sign * rows.amount[at],
        detail=detail,
    )


def discrepancies(
    kind: DiscrepancyKind,
    side: Side | None,
    *,
    source_row: Ints,
    reference_row: Ints,
    currency: Ints,
    currencies: tuple[str, ...],
    amount: Ints,
    detail: pa.Array,
) -> pa.Table:
    """A table of DISCREPANCY_SCHEMA of one kind; NO_ROW stands for no row."""
    count = len(amount)
    columns = {
        "kind": pa.repeat(str(kind), count),
        "side": pa.nulls(count, pa.string()) if side is None else pa.repeat(str(side), count),
        "source_row": pa.array(source_row, mask=source_row == NO_ROW),
        "reference_row": pa.array(reference_row, mask=reference_row == NO_ROW),
        "currency": pa.array(currencies, pa.string()).take(pa.array(currency)),
        "amount": pa.array(amount),
        "detail": detail,
    }
    return pa.table(columns, schema=DISCREPANCY_SCHEMA)


def one_sided(side: Side, rows: Ints) -> dict[str, Ints]:
    """source_row and reference_row of discrepancies about rows of one side."""
    none = np.full(len(rows), NO_ROW)
    is_source = side is Side.SOURCE
    return {"source_row": rows if is_source else none, "reference_row": none if is_source else rows}
