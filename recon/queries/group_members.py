"""The rows of one match of several, read from Parquet by DuckDB without loading a file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from recon.model.transactions import Side
from recon.queries.matched_pair import PairAsked
from recon.queries.parquet import cursor
from recon.store.evidence import Evidence, run_name


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRow:
    """One row of a match of several. `amount` and `fee` in minor units of `currency`."""

    line: int
    id: str | None
    date: date
    amount: int
    fee: int | None
    currency: str
    text: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSide:
    """One side of a match of several rows: how many, what they come to (minor units), and the first of them by line."""

    side: Side
    count: int
    amount: int
    rows: tuple[MemberRow, ...]


def group_sides(evidence: Evidence, asked: PairAsked, group: int, *, limit: int = 500) -> tuple[GroupSide, ...]:
    """Both sides of a match, of each the first `limit` rows. `asked` is any pair of its run.

    Raises EvidenceMissing when a file of the run is gone.
    """
    matches = str(evidence.local_path(run_name(asked.run_id, asked.attempt, "matches.parquet")))
    found = []
    with cursor() as connection:
        for side, name in ((Side.SOURCE, asked.source_rows), (Side.REFERENCE, asked.reference_rows)):
            rows = str(evidence.local_path(name))
            values = {"matches": matches, "rows": rows, "number": group}
            lines = connection.execute(_ROWS.format(side=side.value), {**values, "limit": limit}).fetchall()
            count, amount = connection.execute(_SUM.format(side=side.value), values).fetchall()[0]
            members = tuple(MemberRow(**dict(zip(_NAMES, line, strict=True))) for line in lines)
            found.append(GroupSide(side=side, count=count, amount=int(amount or 0), rows=members))
    return tuple(found)


_NAMES: Final = tuple(MemberRow.__dataclass_fields__)
_MEMBERS: Final = """
    from (select distinct {side}_row as row from read_parquet($matches) where "group" = $number) member
    join read_parquet($rows, file_row_number = true) on file_row_number = member.row
"""
_SUM: Final = f"select count(*), sum(amount) {_MEMBERS}"
_ROWS: Final = f"""
    select line, coalesce(payment_ref, txn_id), date, amount, fee, currency, coalesce(counterparty, description)
    {_MEMBERS} order by line limit $limit
"""
