"""Periods signed off and opened again: rows are only added, each with its audit event."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection, insert, select

from recon.model.close import Close
from recon.store import audit
from recon.store.close_tables import period_close
from recon.store.tables import reconciliation

_later = period_close.alias("later")
CLOSES = (
    select(period_close, reconciliation.c.name.label("reconciliation"), _later.c.id.label("reopened_by_id"))
    .join(reconciliation, reconciliation.c.id == period_close.c.reconciliation_id)
    .outerjoin(_later, _later.c.reopens_id == period_close.c.id)
)


def lock(conn: Connection, reconciliation_id: int) -> None:
    """Until the transaction ends nobody else signs a period of it off, and nobody decides anything about its rows."""
    conn.execute(select(reconciliation.c.id).where(reconciliation.c.id == reconciliation_id).with_for_update())


def of_key(conn: Connection, action_key: str) -> Close | None:
    """What was done with that key before."""
    row = conn.execute(CLOSES.where(period_close.c.action_key == action_key)).one_or_none()
    return None if row is None else close_of(row)


def find(conn: Connection, close_id: int) -> Close | None:
    row = conn.execute(CLOSES.where(period_close.c.id == close_id)).one_or_none()
    return None if row is None else close_of(row)


def in_force(
    conn: Connection, reconciliation_id: int | None = None, *, first_on: date | None = None, last_on: date | None = None
) -> tuple[Close, ...]:
    """The closes nobody took back, of one reconciliation or of all; only those that share a day with the period."""
    c = period_close.c
    query = CLOSES.where(c.reopens_id.is_(None), _later.c.id.is_(None))
    if reconciliation_id is not None:
        query = query.where(c.reconciliation_id == reconciliation_id)
    if last_on is not None:
        query = query.where(c.first_on <= last_on)
    if first_on is not None:
        query = query.where(c.last_on >= first_on)
    return tuple(close_of(row) for row in conn.execute(query.order_by(c.id)))


def add(conn: Connection, *, subject: str, actor: str, **values: Any) -> int:
    """Add a close or a reopening; its columns are given by name."""
    made = insert(period_close).values(signed_by=actor, **values).returning(period_close.c.id)
    close_id: int = conn.execute(made).scalar_one()
    is_close = values.get("reopens_id") is None
    detail = {
        "close": close_id,
        "reason": values["reason"],
        "before": "open" if is_close else "closed",
        "after": "closed" if is_close else "open",
        **{name: str(values[name]) for name in ("first_on", "last_on")},
        **{name: values[name] for name in ("digest", "workbook_sha256", "document_sha256") if values.get(name)},
    }
    action = "period_closed" if is_close else "period_reopened"
    audit.record(conn, actor=actor, action=action, subject=subject, detail=detail)
    return close_id


def close_of(row: Any) -> Close:
    """A row of CLOSES."""
    return Close(**{name: getattr(row, name) for name in Close.__slots__})
