"""Writes of saved views, each in its caller's transaction, with its audit event."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from recon.errors import ViewNameTaken
from recon.store import audit
from recon.store.triage_tables import default_view, saved_view


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


def change(conn: Connection, view_id: int, *, name: str, is_shared: bool, actor: str) -> bool:
    """Give a view of the actor's own another name, or share it; False when it is not there, or somebody else's.

    Raises ViewNameTaken when the actor has another one of that name.
    """
    v = saved_view.c
    mine = and_(v.id == view_id, v.owner == actor)
    before = conn.execute(select(v.name, v.is_shared).where(mine).with_for_update()).one_or_none()
    if before is None:
        return False
    other = and_(v.owner == actor, v.name == name, v.id != view_id)
    if conn.execute(select(v.id).where(other)).first():
        raise ViewNameTaken(name)
    conn.execute(update(saved_view).where(mine).values(name=name, is_shared=is_shared))
    detail = {"before": dict(before._mapping), "after": {"name": name, "is_shared": is_shared}}
    audit.record(conn, actor=actor, action="view_changed", subject=f"view {view_id}", detail=detail)
    return True


def begin_with(conn: Connection, view_id: int | None, *, actor: str) -> bool:
    """Make a view the one the actor begins with, or none; False when they do not see it."""
    conn.execute(delete(default_view).where(default_view.c.actor == actor))
    if view_id is not None:
        v = saved_view.c
        seen = select(literal(actor), v.id).where(v.id == view_id, or_(v.owner == actor, v.is_shared))
        made = insert(default_view).from_select(["actor", "view_id"], seen).returning(default_view.c.view_id)
        if conn.execute(made).first() is None:
            return False
    detail = {"view": view_id}
    audit.record(conn, actor=actor, action="view_made_default", subject=f"person {actor}", detail=detail)
    return True


def drop(conn: Connection, view_id: int, *, actor: str) -> bool:
    """Take a view of the actor's own away; False when it is not there, or somebody else's."""
    mine = (saved_view.c.id == view_id, saved_view.c.owner == actor)
    name = conn.execute(delete(saved_view).where(*mine).returning(saved_view.c.name)).scalar_one_or_none()
    if name is None:
        return False
    audit.record(conn, actor=actor, action="view_dropped", subject=f"view {view_id}", detail={"name": name})
    return True
