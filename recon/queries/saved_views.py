"""The views of the triage queue a person can choose from."""

from __future__ import annotations

from sqlalchemy import Engine, and_, or_, select

from recon.model.saved_view import SavedView
from recon.store.triage_tables import default_view, saved_view


def saved_views(engine: Engine, actor: str) -> tuple[SavedView, ...]:
    """The person's own by name, then what others share."""
    v, d = saved_view.c, default_view.c
    mine = and_(d.view_id == v.id, d.actor == actor)
    query = (
        select(v.id, v.owner, v.name, v.is_shared, v.query, d.actor.is_not(None).label("is_default"))
        .outerjoin_from(saved_view, default_view, mine)
        .where(or_(v.owner == actor, v.is_shared))
        .order_by(v.owner != actor, v.name, v.id)
    )
    with engine.connect() as connection:
        return tuple(SavedView(**row) for row in connection.execute(query).mappings())
