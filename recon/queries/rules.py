"""Saved rules as pages show them, and what a try-out of others found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from sqlalchemy import Engine

from recon.model.rulings import Stand
from recon.model.saved_rules import SavedRules
from recon.model.tryout import PairChange
from recon.store import rules


def newest_rules(engine: Engine, reconciliation: str) -> SavedRules | None:
    """The version the next run of a reconciliation starts from; None when none was saved."""
    with engine.connect() as connection:
        return rules.newest(connection, reconciliation)


def rule_versions(
    engine: Engine, reconciliation: str, *, limit: int, before: int | None = None
) -> tuple[SavedRules, ...]:
    """Some versions of a reconciliation's rules, newest first."""
    with engine.connect() as connection:
        return rules.versions(connection, reconciliation, limit=limit, before=before)


class ChangeSort(StrEnum):
    """What changed pairs can be ordered by; ties by the source's line."""

    LINE = "source_line"
    DATE = "source_date"
    AMOUNT = "source_amount"
    DELTA = "amount_delta"
    DAYS = "days"
    CONFIDENCE = "confidence"
    PEOPLE = "people"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedPair:
    """A line of CHANGE_SCHEMA: a source row, the partner it has now, else had, and what it was and is."""

    change: PairChange
    currency: str
    source_line: int
    source_date: date
    source_amount: int
    source_text: str | None
    before_status: str | None
    before_pass: str | None
    before_line: int | None
    after_status: str | None
    after_pass: str | None
    after_line: int | None
    reference_line: int
    reference_date: date
    reference_amount: int
    reference_text: str | None
    amount_delta: int
    days: int
    confidence: float
    reference_currency: str
    people: Stand | None


def changed_pairs_page(
    path: Path,
    change: PairChange,
    *,
    sort: ChangeSort = ChangeSort.LINE,
    is_descending: bool = False,
    limit: int = 50,
    offset: int = 0,
) -> tuple[ChangedPair, ...]:
    """One page of a try-out's changed pairs of one kind, from its Parquet file."""
    found = pq.read_table(path, filters=[("change", "=", change.value)])
    direction = "descending" if is_descending else "ascending"
    ordered = found.sort_by([(sort.value, direction), (ChangeSort.LINE.value, direction)])
    rows = ordered.slice(offset, limit).to_pylist()
    return tuple(_changed_pair(row) for row in rows)


def _changed_pair(row: dict[str, Any]) -> ChangedPair:
    people = None if row["people"] is None else Stand(row["people"])
    return ChangedPair(**{**row, "change": PairChange(row["change"]), "people": people})
