"""List people and change what they may do; say what needs a second person."""

from __future__ import annotations

from sqlalchemy import Connection, Engine, text

from recon.errors import LastAdmin, NameMissing, PersonListed
from recon.model.people import Action, Person, PersonRole, Policy
from recon.store import people
from recon.workflows.permit import permit

NAME_LIMIT = 80
_LOCK = 7_305_801_402_131
"""Advisory lock of changes to who is an administrator: two may not each take away the other's."""


def list_person(engine: Engine, new: Person, *, actor: str) -> None:
    """Add a person. With the first, whoever lists them becomes an administrator, so that somebody stays one.

    Raises NameMissing, PersonListed, and what `permit` raises.
    """
    name = " ".join(new.name.split())
    if not 0 < len(name) <= NAME_LIMIT:
        raise NameMissing(NAME_LIMIT)
    with engine.begin() as conn:
        _lock(conn)
        permit(conn, actor, Action.PEOPLE)
        if not people.is_anyone_listed(conn) and name != actor:
            people.add(conn, Person(name=actor, role=PersonRole.ADMIN), actor=actor)
        is_first = not people.is_anyone_listed(conn)
        role = PersonRole.ADMIN if is_first else new.role
        if not people.add(conn, Person(name=name, role=role, limits=new.limits), actor=actor):
            raise PersonListed(name)


def change_person(engine: Engine, changed: Person, *, actor: str) -> None:
    """Change a person's role, limits, or whether they are active. Raises LastAdmin, PersonChanged, and as `permit`."""
    with engine.begin() as conn:
        _lock(conn)
        permit(conn, actor, Action.PEOPLE)
        people.change(conn, changed, actor=actor)
        if not any(each.role is PersonRole.ADMIN and each.is_active for each in people.people(conn)):
            raise LastAdmin(changed.name)


def set_policy(engine: Engine, policy: Policy, *, actor: str) -> None:
    """From this amount on, the action needs a second person."""
    with engine.begin() as conn:
        permit(conn, actor, Action.PEOPLE)
        people.set_policy(conn, policy, actor=actor)


def drop_policy(engine: Engine, policy: Policy, *, actor: str) -> None:
    """The action needs no second person any more, whatever the amount."""
    with engine.begin() as conn:
        permit(conn, actor, Action.PEOPLE)
        people.drop_policy(conn, policy, actor=actor)


def _lock(conn: Connection) -> None:
    conn.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK})
