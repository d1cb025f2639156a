"""The matched rows of a run, from its Parquet files by DuckDB: filtered, sorted and cut to one page in the engine.

PostgreSQL never sees them: they are nearly all rows of a run and never change once it is published.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

import pyarrow.parquet as pq

from recon.model.outcome import MatchStatus, Pass
from recon.queries.parquet import cursor
from recon.queries.runs import RunDetail
from recon.store.evidence import Evidence, run_name


class MatchSort(StrEnum):
    """What the rows can be ordered by; ties by the source's line."""

    LINE = "line"
    DATE = "date"
    AMOUNT = "amount"
    DELTA = "delta"
    DAYS = "days"
    CONFIDENCE = "confidence"


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchFilter:
    """Which matches to show. `search` is looked for in ids, references, descriptions and parties of both sides."""

    search: str = ""
    passes: tuple[Pass, ...] = ()
    currency: str | None = None
    statuses: tuple[MatchStatus, ...] = (MatchStatus.MATCHED,)
    has_delta: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchedRow:
    """One match with what a person compares. Amounts in minor units; `days` = reference date - source date.

    `currency` is the source's, and the difference is in it; `reference_currency` is another where money was exchanged.
    Of a match of several rows (`group` is its number) the amounts are their sums, and all else is of its first line.
    """

    source_line: int
    reference_line: int
    source_id: str | None
    reference_id: str | None
    source_date: date
    reference_date: date
    currency: str
    source_amount: int
    reference_amount: int
    amount_delta: int
    days: int
    source_text: str | None
    reference_text: str | None
    match_pass: str
    status: str
    confidence: float
    evidence: str
    group: int | None
    source_count: int
    reference_count: int
    reference_currency: str

    @property
    def shape(self) -> str:
        """How many source rows meet how many reference rows: `1:1`, `3:1`."""
        return f"{self.source_count}:{self.reference_count}"


def matched_count(evidence: Evidence, detail: RunDetail, wanted: MatchFilter) -> int:
    """How many of a published run's matches fit. Raises EvidenceMissing when a file is gone."""
    files = _files(evidence, detail)
    has_groups = _has_groups(files["matches"])
    where, values = _where(wanted, has_groups=has_groups)
    if has_groups or wanted.search.strip() or wanted.currency:
        query = f"{_matches(has_groups=has_groups)} select count(*) {_BOTH_ROWS} {where}"
    else:  # what only the matches decide is counted in them alone
        query, files = f"{_PAIRS} {_COUNT_ALONE} {where}", {"matches": files["matches"]}
    with cursor() as connection:
        counted = connection.execute(query, {**files, **values}).fetchone()
    assert counted is not None
    return int(counted[0])


def matched_rows(
    evidence: Evidence,
    detail: RunDetail,
    wanted: MatchFilter,
    *,
    sort: MatchSort = MatchSort.LINE,
    is_descending: bool = False,
    limit: int = 50,
    offset: int = 0,
) -> tuple[MatchedRow, ...]:
    """One page of a published run's matches. Raises EvidenceMissing when a file is gone."""
    files = _files(evidence, detail)
    has_groups = _has_groups(files["matches"])
    where, values = _where(wanted, has_groups=has_groups)
    direction = "desc" if is_descending else "asc"
    order = f"{_ORDERS[sort]} {direction} nulls last, m.source_row {direction}, m.reference_row {direction}"
    query = (
        f"{_matches(has_groups=has_groups)} select {_COLUMNS} {_BOTH_ROWS} {where} "
        f"order by {order} limit $limit offset $offset"
    )
    with cursor() as connection:
        found = connection.execute(query, {**files, **values, "limit": limit, "offset": offset}).fetchall()
    return tuple(MatchedRow(**dict(zip(_NAMES, row, strict=True))) for row in found)


_NAMES: Final = tuple(MatchedRow.__dataclass_fields__)
_COLUMNS: Final = """
    s.line, r.line, coalesce(s.payment_ref, s.txn_id), coalesce(r.payment_ref, r.txn_id), s.date, r.date,
    s.currency, coalesce(m.source_sum, s.amount), coalesce(m.reference_sum, r.amount), m.amount_delta, m.days,
    coalesce(s.counterparty, s.description), coalesce(r.counterparty, r.description),
    m.pass, m.status, m.confidence, m.evidence, m.number, m.source_count, m.reference_count,
    r.currency
"""
_PAIRS: Final = """
with whole as (
    select source_row, reference_row, amount_delta, days, pass, status, confidence, evidence, null::bigint as number,
           1 as source_count, 1 as reference_count, null::hugeint as source_sum, null::hugeint as reference_sum
      from read_parquet($matches))
"""
"""The matches of a run without groups."""

_WITH_GROUPS: Final = """
with line as (select * from read_parquet($matches)),
source_side as (
    select number, count(*) as rows, sum(amount) as amount
      from (select distinct "group" as number, source_row as row from line where "group" is not null) member
      join read_parquet($source, file_row_number = true) on file_row_number = member.row
     group by number),
reference_side as (
    select number, count(*) as rows, sum(amount) as amount
      from (select distinct "group" as number, reference_row as row from line where "group" is not null) member
      join read_parquet($reference, file_row_number = true) on file_row_number = member.row
     group by number),
head as (
    select *, sum(amount_delta) over member as delta, row_number() over member_in_order as place
      from line where "group" is not null
    window member as (partition by "group"),
           member_in_order as (partition by "group" order by source_row, reference_row)),
whole as (
    select source_row, reference_row, amount_delta, days, pass, status, confidence, evidence, null as number,
           1 as source_count, 1 as reference_count, null as source_sum, null as reference_sum
      from line where "group" is null
    union all
    select source_row, reference_row, delta, days, pass, status, confidence, evidence, "group",
           ours.rows, theirs.rows, ours.amount, theirs.amount
      from head
      join source_side ours on ours.number = head."group"
      join reference_side theirs on theirs.number = head."group"
     where place = 1)
"""
"""Every match once: the lines of a group as its first one, with the sums and the whole difference."""

_COUNT_ALONE: Final = "select count(*) from whole m"
_BOTH_ROWS: Final = """
    from whole m
    join read_parquet($source, file_row_number = true) s on s.file_row_number = m.source_row
    join read_parquet($reference, file_row_number = true) r on r.file_row_number = m.reference_row
"""
_ORDERS: Final = {
    MatchSort.LINE: "s.line",
    MatchSort.DATE: "s.date",
    MatchSort.AMOUNT: "coalesce(m.source_sum, s.amount)",
    MatchSort.DELTA: "abs(m.amount_delta)",
    MatchSort.DAYS: "m.days",
    MatchSort.CONFIDENCE: "m.confidence",
}
_SEARCHED: Final = ("txn_id", "payment_ref", "description", "counterparty")


def _files(evidence: Evidence, detail: RunDetail) -> dict[str, str]:
    """Where the run's files are, by the names the statements use."""
    assert detail.published_attempt is not None, "only a published run has matches"
    names = {file.side: file.rows_name for file in detail.files}
    names["matches"] = run_name(detail.run.id, detail.published_attempt, "matches.parquet")
    return {side: str(evidence.local_path(name)) for side, name in names.items()}


def _has_groups(matches: str) -> bool:
    """Whether any match has several rows; runs made before there were groups have no such column."""
    table = pq.read_metadata(matches)
    place = table.schema.to_arrow_schema().get_field_index("group")
    pieces = [table.row_group(number).column(place) for number in range(table.num_row_groups if place >= 0 else 0)]
    return any(piece.statistics is None or piece.statistics.num_values for piece in pieces)


def _matches(*, has_groups: bool) -> str:
    return _WITH_GROUPS if has_groups else _PAIRS


def _where(wanted: MatchFilter, *, has_groups: bool) -> tuple[str, dict[str, Any]]:
    """The filter as SQL over m, s and r, with its values as parameters."""
    parts: list[str] = []
    values: dict[str, Any] = {}
    if wanted.statuses:
        parts.append("list_contains($statuses, m.status)")
        values["statuses"] = [status.value for status in wanted.statuses]
    if wanted.passes:
        parts.append("list_contains($passes, m.pass)")
        values["passes"] = [name.value for name in wanted.passes]
    if wanted.currency:
        parts.append("(s.currency = $currency or r.currency = $currency)")
        values["currency"] = wanted.currency
    if wanted.has_delta:
        parts.append("m.amount_delta <> 0")
    if search := wanted.search.strip().lower():
        texts = " or ".join(f"contains(lower({side}.{column}), $search)" for side in ("s", "r") for column in _SEARCHED)
        if has_groups:  # any row of a match of several may be the one that is looked for
            texts += f' or m.number in (select m."group" {_BOTH_ROWS.replace("whole", "line")} where {texts})'
        parts.append(f"({texts})")
        values["search"] = search
    return ("where " + " and ".join(parts) if parts else ""), values
