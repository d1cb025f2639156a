"""A row and the rows of the other side nearest to it, read from Parquet by DuckDB without loading either side.

It keeps more of them than anyone will be shown: which are best, and why none was taken, is decided by
`recon.matching.explain` on what is read here. Each query reads the columns it needs and no more: that is its time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from recon.model.candidate import TellingAmounts
from recon.model.transactions import Side
from recon.queries.discrepancy_detail import DiscrepancyDetail, SideOfIt
from recon.queries.parquet import cursor, table
from recon.store.evidence import Evidence, run_name

_KEPT: Final = 400
_FAR_DAYS: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class RowAsked:
    """The row of a discrepancy (the source's, where it has two): number `row` of `side`, as a table of one."""

    row: int
    side: Side
    subject: pa.Table

    @property
    def values(self) -> Mapping[str, Any]:
        """The row by columns of TRANSACTION_SCHEMA."""
        return dict(self.subject.to_pylist()[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsBeside:
    """`others`: rows of the other side with the columns of `explain.COLUMNS`, each with its number in the column `row`;
    their ids only where one is shared. `matches`: rows and status of the pairs any of them is in."""

    others: pa.Table
    matches: pa.Table


def row_asked(evidence: Evidence, detail: DiscrepancyDetail) -> RowAsked | None:
    """The row a discrepancy is about; None where the file has none. Raises EvidenceMissing when it is gone."""
    side = Side.SOURCE if detail.source.line is not None else Side.REFERENCE
    own = detail.source if side is Side.SOURCE else detail.reference
    with cursor() as connection:
        subject = table(connection, _LINES, {"file": _path(evidence, own), "lines": [own.line]})
    if subject.num_rows != 1:
        return None
    return RowAsked(row=subject["row"][0].as_py(), side=side, subject=subject)


def rows_beside(evidence: Evidence, detail: DiscrepancyDetail, asked: RowAsked, telling: TellingAmounts) -> RowsBeside:
    """What there is to hold against the row. Raises EvidenceMissing when a file is gone."""
    other = other_side(detail, asked.side)
    row = asked.values
    nearness = {"file": _path(evidence, other), "kept": _KEPT, "amount": row["amount"], "date": row["date"]}
    kind = {"currency": row["currency"]}
    text = {"description": row["description"], "far_days": _FAR_DAYS}
    ids = sorted({row["payment_ref"], row["txn_id"]} - {None, ""})
    amounts = {"alike": sorted(telling.alike), "other": sorted(telling.other), "days": telling.days}
    matches = str(evidence.local_path(run_name(detail.run_id, detail.attempt, "matches.parquet")))
    with cursor() as connection:
        found = [table(connection, _NAMED, nearness | {"id": ids[0], "other_id": ids[-1]})] if ids else []
        found.append(table(connection, _NEAR, nearness | kind | text))
        if telling.alike:
            del nearness["amount"]
            found.append(table(connection, _TELLING, nearness | kind | amounts))
        others = _once(pa.concat_tables(found))
        tied = {"file": matches, "row": asked.row, "others": others["row"].to_pylist()}
        return RowsBeside(others=others, matches=table(connection, _TIED[asked.side], tied))


def rows_at(evidence: Evidence, side: SideOfIt, lines: Sequence[int]) -> dict[int, Mapping[str, Any]]:
    """Line -> the row there, by columns of TRANSACTION_SCHEMA."""
    with cursor() as connection:
        found = table(connection, _LINES, {"file": _path(evidence, side), "lines": list(lines)})
    return {row["line"]: row for row in found.to_pylist()}


def other_side(detail: DiscrepancyDetail, side: Side) -> SideOfIt:
    """The side across."""
    return detail.reference if side is Side.SOURCE else detail.source


def _once(found: pa.Table) -> pa.Table:
    """Each row the first time it was found, in order of its number."""
    position = pa.array(range(found.num_rows))
    first = found.append_column("position", position).group_by("row").aggregate([("position", "min")])
    order = pc.sort_indices(first, sort_keys=[("row", "ascending")])
    return found.take(first["position_min"].take(order)).combine_chunks()


_LINES: Final = """
select *, file_row_number as row from read_parquet($file, file_row_number = true) where line in (select unnest($lines))
"""

_NEAR: Final = """
select file_row_number as row, line, date, amount, currency, description,
       null::varchar as payment_ref, null::varchar as txn_id
  from read_parquet($file, file_row_number = true)
 where currency = $currency
 order by least(abs(amount::double - $amount) / greatest(abs(amount::double), abs($amount::double), 1), 1)
          + least(abs(date_diff('day', date, $date::date)) / $far_days::double, 1) / 2
          - case when description = $description then 0.4 else 0 end, row
 limit $kept"""

_NAMED: Final = """
select file_row_number as row, line, date, amount, currency, description, payment_ref, txn_id
  from read_parquet($file, file_row_number = true)
 where payment_ref in ($id, $other_id) or txn_id in ($id, $other_id)
 order by abs(amount::double - $amount), abs(date_diff('day', date, $date::date)), row
 limit $kept"""

_TELLING: Final = """
select file_row_number as row, line, date, amount, currency, description,
       null::varchar as payment_ref, null::varchar as txn_id
  from read_parquet($file, file_row_number = true)
 where date between $date::date - $days::int and $date::date + $days::int
   and ((currency = $currency and list_contains($alike, amount))
        or (currency <> $currency and list_contains($other, amount)))
 order by abs(date_diff('day', date, $date::date)), row
 limit $kept"""

_TIED: Final = {
    Side.SOURCE: """
        select source_row, reference_row, status from read_parquet($file)
         where source_row = $row or reference_row in (select unnest($others))""",
    Side.REFERENCE: """
        select source_row, reference_row, status from read_parquet($file)
         where reference_row = $row or source_row in (select unnest($others))""",
}


def _path(evidence: Evidence, side: SideOfIt) -> str:
    return str(evidence.local_path(side.rows_name))
