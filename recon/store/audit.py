"""The audit log: who did what to what, when. Rows are only ever added, in the transaction of what they tell."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, insert

from recon.store.tables import audit_event


def record(
    conn: Connection, *, actor: str, action: str, subject: str, detail: Mapping[str, object] | None = None
) -> None:
    """Add one event. `action` is past tense (`run_requested`), `subject` a noun and its number (`run 12`)."""
    conn.execute(
        insert(audit_event).values(actor=actor, action=action, subject=subject, detail=dict(detail) if detail else {})
    )
