"""Store the balance of every account of a book at the end of a day that is over; again, it stores what is missing."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Engine

from recon.model.books import Book, TakeSnapshot
from recon.model.people import Action
from recon.queries.books import accounts_without_snapshot
from recon.workflows.command_ledger import command_ledger
from recon.workflows.permit import permit_often


def take_snapshots(engine: Engine, *, book: Book, as_of: date, actor: str, today: date) -> int:
    """How many accounts had no snapshot of this day, and have one now. Raises `DayNotOver`, and as `permit`."""
    permit_often(engine, actor, Action.LEDGER)
    missing = accounts_without_snapshot(engine, book=book, as_of=as_of)
    for account_id in missing:
        command = TakeSnapshot(key=f"snapshot {account_id} {as_of}", account_id=account_id, as_of=as_of)
        command_ledger(engine, command, actor=actor, today=today)
    return len(missing)
