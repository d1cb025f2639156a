"""Write-offs and adjustments as a list: what stands, what waits for an entry, what was taken back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Engine, Select, and_, func, or_, select

from recon.model.open_items import ClearedBy
from recon.queries.write_offs import Booked, booked_from, columns
from recon.store import write_offs
from recon.store.tables import discrepancy, reconciliation
from recon.store.workbench_tables import open_item
from recon.store.write_off_tables import write_off, write_off_account


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A line of the list; `text` is what the discrepancy says, `reason` what the person said."""

    booked: Booked
    reconciliation: str
    text: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What stands without an entry in a reconciliation and currency; `has_accounts`: it can be posted now."""

    reconciliation_id: int
    reconciliation: str
    run_id: int
    currency: str
    count: int
    amount: int
    has_accounts: bool


class Shown(StrEnum):
    """Which of them a list shows; the value is its name."""

    STANDING = "Standing"
    UNPOSTED = "Without an entry"
    MATCHED = "Matched since"
    TAKEN_BACK = "Taken back"


def write_off_count(engine: Engine, shown: Shown, reconciliation_id: int | None = None) -> int:
    query = select(func.count()).select_from(write_off).where(*_conditions(shown, reconciliation_id))
    with engine.connect() as conn:
        return conn.execute(query).scalar_one()


def write_off_page(
    engine: Engine, shown: Shown, reconciliation_id: int | None = None, *, limit: int, offset: int = 0
) -> tuple[Listed, ...]:
    """Some of them, the newest first."""
    query = _listed().where(*_conditions(shown, reconciliation_id)).order_by(write_off.c.id.desc())
    with engine.connect() as conn:
        return tuple(_line(row) for row in conn.execute(query.limit(limit).offset(offset)))


def write_off_listed(engine: Engine, write_off_id: int) -> Listed | None:
    """One of them; None when there is none with this number."""
    with engine.connect() as conn:
        row = conn.execute(_listed().where(write_off.c.id == write_off_id)).one_or_none()
    return None if row is None else _line(row)


def matched_in(engine: Engine, write_off_id: int) -> int | None:
    """The run that matched a row after it was written off, if one did: then it is no loss any more."""
    query = select(_matched_run()).where(write_off.c.id == write_off_id)
    with engine.connect() as conn:
        found: int | None = conn.execute(query).scalar_one_or_none()
    return found


def waiting(engine: Engine) -> tuple[Waiting, ...]:
    """What stands without an entry, by reconciliation and currency."""
    w, a = write_off.c, write_off_account.c
    query = (
        select(
            w.reconciliation_id,
            reconciliation.c.name.label("reconciliation"),
            func.max(w.run_id).label("run_id"),
            w.currency,
            func.count().label("count"),
            func.sum(w.amount).label("amount"),
            func.bool_or(a.account_id.is_not(None)).label("has_accounts"),
        )
        .join_from(write_off, reconciliation, reconciliation.c.id == w.reconciliation_id)
        .outerjoin(write_off_account, (a.reconciliation_id == w.reconciliation_id) & (a.currency == w.currency))
        .where(*write_offs.UNPOSTED, w.amount != 0)
        .group_by(w.reconciliation_id, reconciliation.c.name, w.currency)
        .order_by(reconciliation.c.name, w.currency)
    )
    with engine.connect() as conn:
        return tuple(Waiting(**{**row, "amount": int(row["amount"])}) for row in conn.execute(query).mappings())


def _conditions(shown: Shown, reconciliation_id: int | None) -> list[ColumnElement[bool]]:
    w = write_off.c
    conditions: list[ColumnElement[bool]] = [w.follows_id.is_(None)]
    match shown:
        case Shown.STANDING:
            conditions += [w.taken_back_at.is_(None)]
        case Shown.UNPOSTED:
            conditions += [*write_offs.UNPOSTED, w.amount != 0]
        case Shown.MATCHED:
            conditions += [w.taken_back_at.is_(None), _matched_run().is_not(None)]
        case Shown.TAKEN_BACK:
            conditions += [w.taken_back_at.is_not(None)]
    if reconciliation_id is not None:
        conditions.append(w.reconciliation_id == reconciliation_id)
    return conditions


def _listed() -> Select[Any]:
    d = discrepancy.c
    said = func.coalesce(d.counterparty, d.description, d.payment_ref, d.txn_id, "").label("text")
    query = select(*columns(), reconciliation.c.name.label("reconciliation"), said, write_off.c.reason)
    query = query.join_from(write_off, reconciliation, reconciliation.c.id == write_off.c.reconciliation_id)
    return query.outerjoin(discrepancy, d.id == write_off.c.discrepancy_id)


def _line(row: Any) -> Listed:
    return Listed(booked=booked_from(row), reconciliation=row.reconciliation, text=row.text, reason=row.reason)


def _matched_run() -> ColumnElement[int | None]:
    """Of a row that stood alone and was written off: the run its counterpart came with."""
    i, d = open_item.c, discrepancy.c
    line = func.coalesce(d.source_line, d.reference_line)
    is_item = or_(i.id == -line, and_(i.first_run_id == d.run_id, i.side == d.side, i.first_line == line))
    query = (
        select(i.cleared_run_id)
        .join_from(discrepancy, open_item, is_item)
        .where(d.id == write_off.c.discrepancy_id, d.side.is_not(None), i.cleared_by == ClearedBy.MATCH.value)
        .where(write_off.c.resolution == "written_off")
        .limit(1)
    )
    return query.correlate(write_off).scalar_subquery()
