"""Resolve, reopen, assign or comment on one or many discrepancies: one decision, one transaction, one effect."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, Engine

from recon.model.people import Action
from recon.model.triage import Command, Move, Seen, Verdict
from recon.store import discrepancies
from recon.triage import check, decide
from recon.triage.deeds import deed_of
from recon.workflows.assignees import check_assignee
from recon.workflows.permit import is_limited, permit, permit_alone
from recon.workflows.post_write_off import BOOKED, book
from recon.workflows.reopen_discrepancies import reopen
from recon.workflows.undo_settlement import lock_behind


def resolve_discrepancies(engine: Engine, command: Command, seen: Sequence[Seen], *, actor: str) -> Verdict:
    """Carry out `command` on the discrepancies as `actor` saw them; what others changed meanwhile is left and named.

    Sending the same command (the same `action_key`) again changes nothing and gives the same verdict. Raises a
    TieoutError when the command is not one (an unknown resolution, an empty comment, a stranger to assign to) or the
    actor may not do it, and SecondPersonNeeded for what is more than they may decide alone: it can be proposed.
    """
    check(command)
    with engine.begin() as connection:
        return carry_out(connection, command, seen, actor=actor)


def carry_out(connection: Connection, command: Command, seen: Sequence[Seen], *, actor: str) -> Verdict:
    """The same in the caller's transaction."""
    permit_command(connection, command, seen, actor=actor)
    return resolve(connection, command, seen, actor=actor)


def permit_command(connection: Connection, command: Command, seen: Iterable[Seen], *, actor: str) -> None:
    """Raise unless the actor may do this, alone, to these. Each reconciliation's rows have their own limits."""
    person = permit(connection, actor, Action.TRIAGE)
    if command.resolution in BOOKED:
        permit(connection, actor, Action.WRITE_OFF)
    if command.resolution is not None and is_limited(connection, person, deed_of(command.resolution)):
        deed = deed_of(command.resolution)
        for reconciliation_id, amounts in discrepancies.sizes(connection, (row.id for row in seen)).items():
            permit_alone(connection, person, {deed: amounts}, reconciliation_id=reconciliation_id)
    if command.assignee is not None:
        check_assignee(connection, command.assignee)


def resolve(connection: Connection, command: Command, seen: Sequence[Seen], *, actor: str) -> Verdict:
    """The same in the caller's transaction, by somebody who may.

    What is written off or adjusted is booked; what is reopened is booked and settled by no decision any more.
    """
    if command.move is Move.REOPEN:
        return reopen(connection, command, seen, actor=actor)
    ids = [row.id for row in seen]
    is_booked = command.resolution in BOOKED
    if is_booked:
        lock_behind(connection, ids)
    verdict = decide(command, seen, discrepancies.lock(connection, ids, command.action_key))
    discrepancies.apply(connection, command, verdict, actor=actor)
    return book(connection, command, verdict, actor=actor) if is_booked else verdict
