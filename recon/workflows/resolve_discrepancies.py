"""Resolve, reopen, assign or comment on one or many discrepancies: one decision, one transaction, one effect."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, Engine

from recon.errors import SecondPersonNeeded
from recon.model.people import Action, Person
from recon.model.triage import Command, Move, Resolution, Seen, Verdict
from recon.money import to_display
from recon.store import discrepancies, people
from recon.triage import check, decide
from recon.triage.permissions import needs_second_person
from recon.workflows.assignees import check_assignee
from recon.workflows.permit import permit
from recon.workflows.undo_settlement import lock_behind, undo_behind


def resolve_discrepancies(engine: Engine, command: Command, seen: Sequence[Seen], *, actor: str) -> Verdict:
    """Carry out `command` on the discrepancies as `actor` saw them; what others changed meanwhile is left and named.

    Sending the same command (the same `action_key`) again changes nothing and gives the same verdict. Raises a
    TieoutError when the command is not one (an unknown resolution, an empty comment, a stranger to assign to) or the
    actor may not do it, and SecondPersonNeeded for a write-off above what they may decide alone: it can be proposed.
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
    """Raise unless the actor may do this, alone, to these."""
    person = permit(connection, actor, Action.TRIAGE)
    if command.resolution is Resolution.WRITTEN_OFF:
        permit(connection, actor, Action.WRITE_OFF)
        _stay_within_limits(connection, person, seen)
    if command.assignee is not None:
        check_assignee(connection, command.assignee)


def resolve(connection: Connection, command: Command, seen: Sequence[Seen], *, actor: str) -> Verdict:
    """The same in the caller's transaction, by somebody who may."""
    stands = discrepancies.lock(connection, (row.id for row in seen), command.action_key)
    verdict = decide(command, seen, stands)
    discrepancies.apply(connection, command, verdict, actor=actor)
    return verdict


def _stay_within_limits(connection: Connection, person: Person, seen: Iterable[Seen]) -> None:
    """Each reconciliation's rows are held against its own policy."""
    policies = people.policies(connection)
    for reconciliation_id, amounts in discrepancies.sizes(connection, (row.id for row in seen)).items():
        if needs_second_person(person, Action.WRITE_OFF, amounts, policies, reconciliation_id=reconciliation_id):
            raise SecondPersonNeeded(_told(amounts))


def _told(amounts: Mapping[str, int]) -> str:
    return " and ".join(to_display(amount, currency) for currency, amount in sorted(amounts.items()))
