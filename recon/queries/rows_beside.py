"""A row and the rows of the other side nearest to it, read from Parquet by DuckDB without loading either side.

It keeps more of them than anyone will be shown: which are best, and why none was taken, is decided by
`recon.matching.explain` on what is read here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import duckdb
import pyarrow as pa

from recon.model.transactions import Side
from recon.queries.discrepancy_detail import DiscrepancyDetail
from recon.store.evidence import Evidence, reading_name, run_name

_KEPT: Final = 400
_FAR_DAYS: Final = 60
CONFIG: Final[dict[str, Any]] = {
    "threads": 2,
    "memory_limit": "1GB",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}
"""How DuckDB may read files of the evidence store: with little, and without fetching anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsBeside:
    """`subject`: the row asked about, number `row` of `side`. `others`: rows of the other side, each with its number in
    the column `row`. `matches`: the pairs any of them is in."""

    row: int
    side: Side
    subject: pa.Table
    others: pa.Table
    matches: pa.Table


def rows_beside(evidence: Evidence, detail: DiscrepancyDetail) -> RowsBeside | None:
    """What there is to hold against the row of a discrepancy (the source's, where it has two); None without a row.

    Raises EvidenceMissing when a file is gone.
    """
    side = Side.SOURCE if detail.source.line is not None else Side.REFERENCE
    own, other = (detail.source, detail.reference) if side is Side.SOURCE else (detail.reference, detail.source)
    files = {
        "own": _path(evidence, reading_name(own.reading_key, "transactions.parquet")),
        "other": _path(evidence, reading_name(other.reading_key, "transactions.parquet")),
        "matches": _path(evidence, run_name(detail.run_id, detail.attempt, "matches.parquet")),
    }
    with duckdb.connect(config=CONFIG) as connection:
        subject = _table(connection, _SUBJECT, {"own": files["own"], "line": own.line})
        if subject.num_rows != 1:
            return None
        asked = subject.to_pylist()[0]
        values = {name: asked[name] for name in ("amount", "date", "currency", "payment_ref", "txn_id", "description")}
        others = _table(connection, _OTHERS, {"other": files["other"], "kept": _KEPT, "far_days": _FAR_DAYS, **values})
        tied = {"row": asked["row"], "others": others["row"].to_pylist(), "matches": files["matches"]}
        matches = _table(connection, _TIED[side], tied)
    return RowsBeside(row=asked["row"], side=side, subject=subject, others=others, matches=matches)


_SUBJECT: Final = "select *, file_row_number as row from read_parquet($own, file_row_number = true) where line = $line"

_OTHERS: Final = """
with other as (select *, file_row_number as row from read_parquet($other, file_row_number = true)),
ranked as (
    select row, currency = $currency as is_alike,
           payment_ref in ($payment_ref, $txn_id) or txn_id in ($payment_ref, $txn_id)
           or (currency = $currency and description = $description) as is_named,
           least(abs(amount::double - $amount) / greatest(abs(amount::double), abs($amount::double), 1), 1)
           + least(abs(date_diff('day', date, $date::date)) / $far_days::double, 1) / 2 as distance
      from other),
near as (
    (select row from ranked where is_alike order by distance, row limit $kept)
    union
    (select row from ranked where is_named order by distance, row limit $kept))
select other.* from other where row in (select row from near) order by row
"""

_TIED: Final = {
    Side.SOURCE: """
        select * from read_parquet($matches) where source_row = $row or list_contains($others, reference_row)""",
    Side.REFERENCE: """
        select * from read_parquet($matches) where reference_row = $row or list_contains($others, source_row)""",
}


def _path(evidence: Evidence, name: str) -> str:
    return str(evidence.local_path(name))


def _table(connection: duckdb.DuckDBPyConnection, query: str, values: dict[str, Any]) -> pa.Table:
    return connection.sql(query, params=values).to_arrow_table()
