"""The matched rows of a run, from its Parquet files by DuckDB: filtered, sorted and cut to one page in the engine.

PostgreSQL never sees them: they are nearly all rows of a run and never change once it is published.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final

import duckdb

from recon.model.outcome import MatchStatus, Pass
from recon.queries.runs import RunDetail
from recon.store.evidence import Evidence, reading_name, run_name

_THREADS: Final = 2
_MEMORY: Final = "1GB"


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
    """One match with what a person compares. Amounts in minor units; `days` = reference date - source date."""

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


def matched_count(evidence: Evidence, detail: RunDetail, wanted: MatchFilter) -> int:
    """How many of a published run's matches fit. Raises EvidenceMissing when a file is gone."""
    where, values = _where(wanted)
    files = _files(evidence, detail)
    if wanted.search.strip() or wanted.currency:
        rows = _FROM
    else:  # what only the matches decide is counted in them alone
        rows, files = _FROM_MATCHES, {"matches": files["matches"]}
    with duckdb.connect(config=_CONFIG) as connection:
        counted = connection.execute(f"select count(*) {rows} {where}", {**files, **values}).fetchone()
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
    where, values = _where(wanted)
    direction = "desc" if is_descending else "asc"
    order = f"{_ORDERS[sort]} {direction} nulls last, m.source_row {direction}, m.reference_row {direction}"
    query = f"select {_COLUMNS} {_FROM} {where} order by {order} limit $limit offset $offset"
    parameters = {**_files(evidence, detail), **values, "limit": limit, "offset": offset}
    with duckdb.connect(config=_CONFIG) as connection:
        found = connection.execute(query, parameters).fetchall()
    return tuple(MatchedRow(**dict(zip(_NAMES, row, strict=True))) for row in found)


_CONFIG: Final[dict[str, Any]] = {
    "threads": _THREADS,
    "memory_limit": _MEMORY,
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}
_NAMES: Final = tuple(MatchedRow.__dataclass_fields__)
_COLUMNS: Final = """
    s.line, r.line, coalesce(s.payment_ref, s.txn_id), coalesce(r.payment_ref, r.txn_id), s.date, r.date,
    s.currency, s.amount, r.amount, m.amount_delta, m.days,
    coalesce(s.counterparty, s.description), coalesce(r.counterparty, r.description),
    m.pass, m.status, m.confidence, m.evidence
"""
_FROM_MATCHES: Final = "from read_parquet($matches) m"
_FROM: Final = f"""
    {_FROM_MATCHES}
    join read_parquet($source, file_row_number = true) s on s.file_row_number = m.source_row
    join read_parquet($reference, file_row_number = true) r on r.file_row_number = m.reference_row
"""
_ORDERS: Final = {
    MatchSort.LINE: "s.line",
    MatchSort.DATE: "s.date",
    MatchSort.AMOUNT: "s.amount",
    MatchSort.DELTA: "abs(m.amount_delta)",
    MatchSort.DAYS: "m.days",
    MatchSort.CONFIDENCE: "m.confidence",
}
_SEARCHED: Final = ("txn_id", "payment_ref", "description", "counterparty")


def _files(evidence: Evidence, detail: RunDetail) -> dict[str, str]:
    """Where the run's files are, by the names the statements use."""
    assert detail.published_attempt is not None, "only a published run has matches"
    names = {file.side: reading_name(file.reading_key, "transactions.parquet") for file in detail.files}
    names["matches"] = run_name(detail.run.id, detail.published_attempt, "matches.parquet")
    return {side: str(evidence.local_path(name)) for side, name in names.items()}


def _where(wanted: MatchFilter) -> tuple[str, dict[str, Any]]:
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
        parts.append("s.currency = $currency")
        values["currency"] = wanted.currency
    if wanted.has_delta:
        parts.append("m.amount_delta <> 0")
    if search := wanted.search.strip().lower():
        texts = " or ".join(f"contains(lower({side}.{column}), $search)" for side in ("s", "r") for column in _SEARCHED)
        parts.append(f"({texts})")
        values["search"] = search
    return ("where " + " and ".join(parts) if parts else ""), values
