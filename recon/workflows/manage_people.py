"""List people and change what they may do; say what needs a second person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Engine, text

from recon.errors import NameMissing
from recon.model.people import Action, Deed, Person, PersonRole, Policy
from recon.model.people_refusals import LastAdmin, PersonListed
from recon.store import people
from recon.workflows.permit import forget, permit

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
    forget()


def change_person(engine: Engine, changed: Person, *, actor: str) -> None:
    """Change a person's role, limits, or whether they are active. Raises LastAdmin, PersonChanged, and as `permit`."""
    with engine.begin() as conn:
        _lock(conn)
        permit(conn, actor, Action.PEOPLE)
        people.change(conn, changed, actor=actor)
        if not any(each.role is PersonRole.ADMIN and each.is_active for each in people.people(conn)):
            raise LastAdmin(changed.name)
    forget()


def set_limits(
    engine: Engine,
    deed: Deed,
    *,
    above: Mapping[str, int] | None = None,
    is_always: bool = False,
    reconciliation_id: int | None = None,
    actor: str,
) -> None:
    """Say all that holds for a deed in a place: it needs a second person above these amounts (minor units by currency).

    `is_always`: in every other currency too, whatever the amount, and where the deed has no amount. What was said
    before is replaced; saying nothing takes it away. Raises what `permit` raises.
    """
    place: dict[str, Any] = {"action": deed, "reconciliation_id": reconciliation_id}
    wanted = [Policy(**place, currency=currency, above=limit) for currency, limit in sorted((above or {}).items())]
    wanted += [Policy(**place)] if is_always else []
    with engine.begin() as conn:
        permit(conn, actor, Action.PEOPLE)
        _lock(conn)
        standing = [
            policy
            for policy in people.policies(conn)
            if (policy.action, policy.reconciliation_id) == (deed, reconciliation_id)
        ]
        kept = {policy.currency for policy in wanted}
        for policy in standing:
            if policy.currency not in kept:
                people.drop_policy(conn, policy, actor=actor)
        for policy in wanted:
            if policy not in standing:
                people.set_policy(conn, policy, actor=actor)
    forget()


def _lock(conn: Connection) -> None:
    conn.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK})
