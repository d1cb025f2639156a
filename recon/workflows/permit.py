"""May this person do this? The first question of every workflow that changes something."""

from __future__ import annotations

from sqlalchemy import Connection

from recon.errors import NotAllowed, PersonUnknown
from recon.model.people import Action, Person, PersonRole
from recon.store import people
from recon.triage.permissions import may


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


def acting(conn: Connection, actor: str) -> Person | None:
    """The person of that name; an administrator of version 0 while nobody is listed; None for a stranger."""
    found = people.find(conn, actor)
    if found is None and not people.is_anyone_listed(conn):
        return Person(name=actor, role=PersonRole.ADMIN)
    return found
