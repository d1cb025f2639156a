"""What the books keep beside the journal, as commands over many of them need it."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import Engine, select

from recon.model.books import Book
from recon.store.books_tables import balance_snapshot
from recon.store.ledger_tables import account


def accounts_without_snapshot(engine: Engine, *, book: Book, as_of: date) -> tuple[UUID, ...]:
    """The accounts of a book that have none of this day, in the order they were opened."""
    taken = select(balance_snapshot.c.account_id).where(balance_snapshot.c.as_of == as_of)
    query = select(account.c.id).where(account.c.book == book, account.c.id.not_in(taken)).order_by(account.c.event_id)
    with engine.connect() as conn:
        return tuple(conn.execute(query).scalars())
