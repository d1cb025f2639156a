"""The views of the triage queue a person can choose from."""

from __future__ import annotations

from sqlalchemy import Engine, or_, select

from recon.model.saved_view import SavedView
from recon.store.triage_tables import saved_view


def saved_views(engine: Engine, actor: str) -> tuple[SavedView, ...]:
    """The person's own by name, then what others share."""
    columns = [saved_view.c[name] for name in SavedView.__dataclass_fields__]
    visible = or_(saved_view.c.owner == actor, saved_view.c.is_shared)
    order = (saved_view.c.owner != actor, saved_view.c.name, saved_view.c.id)
    with engine.connect() as connection:
        return tuple(
            SavedView(**row) for row in connection.execute(select(*columns).where(visible).order_by(*order)).mappings()
        )
