"""May this person do this? The first question of every workflow that changes something."""

from __future__ import annotations

import time
from typing import Final

from sqlalchemy import Connection, Engine

from recon.errors import NotAllowed, PersonUnknown
from recon.model.people import Action, Person, PersonRole
from recon.store import people
from recon.triage.permissions import may

FRESH_SECONDS: Final = 1.0
_PERMITTED: Final[dict[tuple[str, str, Action], float]] = {}
"""When somebody was last found to be allowed something, by the monotonic clock."""


def permit(conn: Connection, actor: str, action: Action) -> Person:
    """The person, when they may do it. Raises PersonUnknown for one who is not listed, and NotAllowed.

    As long as nobody is listed at all, everyone is an administrator, and may approve what another proposed.
    """
    found = acting(conn, actor)
    if found is None:
        raise PersonUnknown(actor)
    is_open = found.version == 0
    if not may(found, action) and not is_open:
        raise NotAllowed(actor, found.role.value, action.value)
    return found


def permit_often(engine: Engine, actor: str, action: Action) -> None:
    """The same for what is done a thousand times a second: asked again after a second, not every time."""
    key = (str(engine.url), actor, action)
    now = time.monotonic()
    if now - _PERMITTED.get(key, -FRESH_SECONDS) < FRESH_SECONDS:
        return
    with engine.connect() as conn:
        permit(conn, actor, action)
    _PERMITTED[key] = now


def acting(conn: Connection, actor: str) -> Person | None:
    """The person of that name; an administrator of version 0 while nobody is listed; None for a stranger."""
    found = people.find(conn, actor)
    if found is None and not people.is_anyone_listed(conn):
        return Person(name=actor, role=PersonRole.ADMIN)
    return found
