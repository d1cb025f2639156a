"""The ledger's log as a page reads it: every event, the newest first, by pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, Select, func, or_, select, union

from recon.model.ledger import Book, LedgerEvent
from recon.store import ledger as store
from recon.store.books_tables import lrs_remittance, pending_flow
from recon.store.ledger_tables import account, journal_entry, journal_line, ledger_event


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilter:
    """Which events; what is None or empty does not matter. Of an account: its opening and all that moved it."""

    book: Book | None = None
    kinds: tuple[str, ...] = ()
    account_id: UUID | None = None


def event_count(engine: Engine, wanted: EventFilter) -> int:
    """How many events fit."""
    with engine.connect() as conn:
        return conn.execute(select(func.count()).select_from(_numbers(wanted).subquery())).scalar_one()


def event_page(engine: Engine, wanted: EventFilter, *, limit: int, offset: int) -> tuple[LedgerEvent, ...]:
    """Some of the events that fit, the newest first."""
    place = _numbers(wanted).order_by(ledger_event.c.id.desc()).limit(limit).offset(offset).cte("place")
    query = select(ledger_event).join(place, place.c.id == ledger_event.c.id).order_by(ledger_event.c.id.desc())
    with engine.connect() as conn:
        return tuple(store.event_from(row) for row in conn.execute(query).mappings())


def event(engine: Engine, event_id: int) -> LedgerEvent | None:
    """One event; None when there is none with this number."""
    with engine.connect() as conn:
        found = conn.execute(select(ledger_event).where(ledger_event.c.id == event_id)).mappings().one_or_none()
    return None if found is None else store.event_from(found)


def events_of_entry(engine: Engine, entry_id: int) -> tuple[LedgerEvent, ...]:
    """What is recorded about an entry: what posted it, what reversed it, the flows and remittances it books."""
    about = union(
        select(journal_entry.c.id).where(or_(journal_entry.c.id == entry_id, journal_entry.c.reverses_id == entry_id)),
        select(pending_flow.c.id).where(pending_flow.c.entry_id == entry_id),
        select(lrs_remittance.c.id).where(lrs_remittance.c.entry_id == entry_id),
    )
    query = select(ledger_event).where(ledger_event.c.id.in_(about)).order_by(ledger_event.c.id)
    with engine.connect() as conn:
        return tuple(store.event_from(row) for row in conn.execute(query).mappings())


def _numbers(wanted: EventFilter) -> Select[Any]:
    query = select(ledger_event.c.id)
    if wanted.book is not None:
        query = query.where(ledger_event.c.book == wanted.book)
    if wanted.kinds:
        query = query.where(ledger_event.c.kind.in_(wanted.kinds))
    if wanted.account_id is not None:
        opened = select(account.c.event_id).where(account.c.id == wanted.account_id)
        moved = select(journal_line.c.entry_id).where(journal_line.c.account_id == wanted.account_id)
        query = query.where(ledger_event.c.id.in_(opened.union(moved)))
    return query
