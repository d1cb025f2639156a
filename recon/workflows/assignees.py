"""Whom work can be given to: the people who may do it; as long as nobody is listed, any name."""

from __future__ import annotations

from sqlalchemy import Connection, Engine

from recon.errors import AssigneeUnknown
from recon.model.people import Action
from recon.queries.triage_desk import named
from recon.store import people
from recon.triage.permissions import may


def assignees(engine: Engine, run_id: int, *, actor: str) -> tuple[str, ...]:
    """Names to choose from, in order; as long as nobody is listed, the actor's and those used before in this run."""
    listed = people_to_assign(engine)
    return tuple(sorted({actor, *named(engine, run_id)})) if listed is None else listed


def people_to_assign(engine: Engine) -> tuple[str, ...] | None:
    """Everyone who may do the work, by name; None as long as nobody is listed."""
    with engine.connect() as connection:
        if not people.is_anyone_listed(connection):
            return None
        return tuple(person.name for person in people.people(connection) if may(person, Action.TRIAGE))


def check_assignee(connection: Connection, name: str) -> None:
    """Raises AssigneeUnknown for somebody who may not do the work."""
    found = people.find(connection, name)
    if not (may(found, Action.TRIAGE) if found else not people.is_anyone_listed(connection)):
        raise AssigneeUnknown(name)
