"""Raising an alert: in the transaction that stores what it tells of, so that neither is there without the other."""

from __future__ import annotations

from sqlalchemy import Connection

from recon.alerts.message import kind_of, payload_of
from recon.model.checks import StatusChange
from recon.store import outbox


def add(conn: Connection, change: StatusChange) -> int | None:
    """Put an alert about the change into the outbox, if it is news; returns its number. The sidecar delivers it."""
    kind = kind_of(change)
    return None if kind is None else outbox.add(conn, kind=kind, payload=payload_of(change))
