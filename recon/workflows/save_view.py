"""Keep a view of the triage queue under a name, change or take one's own away, and choose the one to begin with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Engine

from recon.errors import NameMissing, ViewNotFound
from recon.model.people import Action
from recon.model.saved_view import VIEW_NAME_LIMIT
from recon.store import saved_views
from recon.workflows.permit import permit


def save_view(engine: Engine, name: str, query: Mapping[str, Any], *, is_shared: bool, actor: str) -> int:
    """Its number. A view of the same name of the same person is replaced. Raises NameMissing, and as `permit`."""
    name = _checked(name)
    with engine.begin() as conn:
        permit(conn, actor, Action.TRIAGE)
        return saved_views.save(conn, name=name, query=query, is_shared=is_shared, actor=actor)


def change_view(engine: Engine, view_id: int, *, name: str, is_shared: bool, actor: str) -> None:
    """Another name, shared or not. Raises NameMissing, ViewNameTaken, ViewNotFound as `drop_view`, and as `permit`."""
    name = _checked(name)
    with engine.begin() as conn:
        permit(conn, actor, Action.TRIAGE)
        if not saved_views.change(conn, view_id, name=name, is_shared=is_shared, actor=actor):
            raise ViewNotFound(view_id)


def begin_with_view(engine: Engine, view_id: int | None, *, actor: str) -> None:
    """The actor's queue opens with this view; None: with all that is open. Raises ViewNotFound, and as `permit`."""
    with engine.begin() as conn:
        permit(conn, actor, Action.TRIAGE)
        if not saved_views.begin_with(conn, view_id, actor=actor):
            raise ViewNotFound(view_id or 0)


def drop_view(engine: Engine, view_id: int, *, actor: str) -> None:
    """Raises ViewNotFound for one that is gone, or somebody else's; and as `permit`."""
    with engine.begin() as conn:
        permit(conn, actor, Action.TRIAGE)
        if not saved_views.drop(conn, view_id, actor=actor):
            raise ViewNotFound(view_id)


def _checked(name: str) -> str:
    name = " ".join(name.split())
    if not 0 < len(name) <= VIEW_NAME_LIMIT:
        raise NameMissing(VIEW_NAME_LIMIT)
    return name
