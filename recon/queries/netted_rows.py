"""The rows of a run that cancel each other on their own side, read from Parquet by DuckDB."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from recon.model.transactions import Side
from recon.queries.parquet import cursor
from recon.queries.runs import RunDetail
from recon.store.evidence import Evidence, run_name


@dataclass(frozen=True, slots=True, kw_only=True)
class NettedRow:
    """A row of money in, and the row of its side that takes the same amount out. `amount` in minor units."""

    side: Side
    line: int
    other_line: int
    other_date: date
    date: date
    currency: str
    amount: int
    text: str | None


def netted_rows(evidence: Evidence, detail: RunDetail, *, limit: int = 500) -> tuple[NettedRow, ...]:
    """The first `limit` pairs of either side of a published run, the source's first, by line.

    Raises EvidenceMissing when a file is gone; a run made before rows could be netted has none.
    """
    assert detail.published_attempt is not None, "only a published run has netted rows"
    netted = run_name(detail.run.id, detail.published_attempt, "netted.parquet")
    if not evidence.exists(netted):
        return ()
    found: list[NettedRow] = []
    with cursor() as connection:
        for file in detail.files:
            values = {
                "netted": str(evidence.local_path(netted)),
                "rows": str(evidence.local_path(file.rows_name)),
                "side": file.side,
                "limit": limit,
            }
            lines = connection.execute(_PAIRS, values).fetchall()
            found += [NettedRow(side=Side(file.side), **dict(zip(_NAMES, line, strict=True))) for line in lines]
    return tuple(found)


_NAMES: Final = tuple(name for name in NettedRow.__dataclass_fields__ if name != "side")
_PAIRS: Final = """
    with transaction as (select *, file_row_number as row from read_parquet($rows, file_row_number = true))
    select one.line, other.line, other.date, one.date, one.currency, one.amount,
           coalesce(one.counterparty, one.description)
      from read_parquet($netted) netted
      join transaction one on one.row = netted.row
      join transaction other on other.row = netted.other_row
     where netted.side = $side
     order by one.line limit $limit
"""
