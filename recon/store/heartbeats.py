"""Heartbeats: when each background process was last seen, by the database's clock."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection, DateTime, delete, func
from sqlalchemy.dialects.postgresql import insert

from recon.store.tables import heartbeat

FORGET_AFTER = timedelta(days=7)


def beat(conn: Connection, *, process: str, role: str) -> None:
    """Say that `process` (`sidecar:<host>:<pid>`) is alive; forgets processes not seen for a week."""
    now = func.clock_timestamp(type_=DateTime(timezone=True))
    row = insert(heartbeat).values(process=process, role=role, started_at=now, seen_at=now)
    conn.execute(
        row.on_conflict_do_update(index_elements=["process"], set_={"role": role, "seen_at": row.excluded.seen_at})
    )
    conn.execute(delete(heartbeat).where(heartbeat.c.seen_at < now - FORGET_AFTER))


def end(conn: Connection, *, process: str) -> None:
    """Say that `process` stopped as it should."""
    conn.execute(delete(heartbeat).where(heartbeat.c.process == process))
