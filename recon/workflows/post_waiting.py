"""Post what was written off before anybody named the accounts for it."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Engine

from recon.model.people import Action
from recon.store import audit, open_items, write_offs
from recon.workflows.permit import permit
from recon.workflows.post_write_off import book_waiting


def post_waiting(engine: Engine, reconciliation_id: int, currency: str, *, actor: str) -> int | None:
    """One entry of all that stands without one in the currency; None where there is nothing.

    Raises WriteOffRefused as long as no accounts are named, and a `LedgerRefusal`.
    """
    with engine.begin() as conn:
        permit(conn, actor, Action.WRITE_OFF)
        open_items.lock(conn, reconciliation_id)
        waiting = write_offs.unposted(conn, reconciliation_id, currency)
        if not waiting:
            return None
        today = datetime.now(UTC).date()
        entry_id = book_waiting(conn, reconciliation_id, currency, waiting, actor=actor, today=today)
        amount = sum(row.amount for row in waiting)
        detail = {"entry": entry_id, "write_offs": len(waiting), "amount": amount, "currency": currency}
        audit.record(
            conn, actor=actor, action="write_offs_posted", subject=f"reconciliation {reconciliation_id}", detail=detail
        )
    return entry_id
