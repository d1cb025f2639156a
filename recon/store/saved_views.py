"""Writes of saved views, each in its caller's transaction, with its audit event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, delete, func
from sqlalchemy.dialects.postgresql import insert as upsert

from recon.store import audit
from recon.store.triage_tables import saved_view


def save(conn: Connection, *, name: str, query: Mapping[str, Any], is_shared: bool, actor: str) -> int:
    """Keep the view under that name of the actor's, in the place of an earlier one; its number."""
    statement = upsert(saved_view).values(owner=actor, name=name, is_shared=is_shared, query=dict(query))
    values = {"is_shared": statement.excluded.is_shared, "query": statement.excluded.query}
    saved_id = conn.execute(
        statement.on_conflict_do_update(
            index_elements=["owner", "name"], set_={**values, "saved_at": func.clock_timestamp()}
        ).returning(saved_view.c.id)
    ).scalar_one()
    detail = {"name": name, "is_shared": is_shared, "query": dict(query)}
    audit.record(conn, actor=actor, action="view_saved", subject=f"view {saved_id}", detail=detail)
    return int(saved_id)


def drop(conn: Connection, view_id: int, *, actor: str) -> bool:
    """Take a view of the actor's own away; False when it is not there, or somebody else's."""
    mine = (saved_view.c.id == view_id, saved_view.c.owner == actor)
    name = conn.execute(delete(saved_view).where(*mine).returning(saved_view.c.name)).scalar_one_or_none()
    if name is None:
        return False
    audit.record(conn, actor=actor, action="view_dropped", subject=f"view {view_id}", detail={"name": name})
    return True
