"""Saved rules as pages show them, and what a try-out of others found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from sqlalchemy import Engine, func, select

from recon.model.rules import Rules
from recon.model.rulings import Stand
from recon.model.saved_rules import SavedRules
from recon.model.tryout import PairChange
from recon.store import rules, tables
from recon.store.runs import rules_from
from recon.store.tables import run


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


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesUse:
    """How many published runs were made with the same rules, and the newest of them."""

    rules: Rules
    run_count: int
    newest_run_id: int


def rules_in_use(engine: Engine, reconciliation: str) -> tuple[RulesUse, ...]:
    """The rules the reconciliation's published runs were made with; those that say the same are one."""
    used: dict[Rules, RulesUse] = {}
    with engine.connect() as connection:
        rows = connection.execute(
            select(run.c.rules, func.count().label("run_count"), func.max(run.c.id).label("newest_run_id"))
            .join_from(run, tables.reconciliation)
            .where(tables.reconciliation.c.name == reconciliation, run.c.published_attempt.is_not(None))
            .group_by(run.c.rules)
        ).all()
    for row in rows:
        said = rules_from(row.rules)
        known = used.get(said, RulesUse(rules=said, run_count=0, newest_run_id=0))
        used[said] = RulesUse(
            rules=said,
            run_count=known.run_count + row.run_count,
            newest_run_id=max(known.newest_run_id, row.newest_run_id),
        )
    return tuple(sorted(used.values(), key=lambda one: -one.newest_run_id))


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
