"""Resolve, reopen, assign or comment on one or many discrepancies: one decision, one transaction, one effect."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import Connection, Engine

from recon.model.people import Action
from recon.model.triage import Command, Move, Resolution, Seen, Verdict
from recon.store import discrepancies
from recon.triage import check, decide
from recon.triage.deeds import deed_of
from recon.workflows.assignees import check_assignee
from recon.workflows.permit import is_limited, permit, permit_alone
from recon.workflows.undo_settlement import lock_behind, undo_behind

POSTED: Final = (Resolution.WRITTEN_OFF, Resolution.ADJUSTED)
"""Resolutions that move money in the books."""


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
    """The same in the caller's transaction. What is reopened is settled by no decision any more."""
    permit_command(connection, command, seen, actor=actor)
    if command.move is not Move.REOPEN:
        return resolve(connection, command, seen, actor=actor)
    lock_behind(connection, [row.id for row in seen])
    verdict = resolve(connection, command, seen, actor=actor)
    undo_behind(connection, verdict.applied, actor=actor)
    return verdict


def permit_command(connection: Connection, command: Command, seen: Iterable[Seen], *, actor: str) -> None:
    """Raise unless the actor may do this, alone, to these. Each reconciliation's rows have their own limits."""
    person = permit(connection, actor, Action.TRIAGE)
    if command.resolution in POSTED:
        permit(connection, actor, Action.WRITE_OFF)
    if command.resolution is not None and is_limited(connection, person, deed_of(command.resolution)):
        deed = deed_of(command.resolution)
        for reconciliation_id, amounts in discrepancies.sizes(connection, (row.id for row in seen)).items():
            permit_alone(connection, person, {deed: amounts}, reconciliation_id=reconciliation_id)
    if command.assignee is not None:
        check_assignee(connection, command.assignee)


def resolve(connection: Connection, command: Command, seen: Sequence[Seen], *, actor: str) -> Verdict:
    """The same in the caller's transaction, by somebody who may."""
    stands = discrepancies.lock(connection, (row.id for row in seen), command.action_key)
    verdict = decide(command, seen, stands)
    discrepancies.apply(connection, command, verdict, actor=actor)
    return verdict
