"""Resolve, reopen or comment on one or many discrepancies: one decision, one transaction, one effect."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Engine

from recon.model.triage import Command, Seen, Verdict
from recon.store import discrepancies
from recon.triage import check, decide


def resolve_discrepancies(engine: Engine, command: Command, seen: Sequence[Seen], *, actor: str) -> Verdict:
    """Carry out `command` on the discrepancies as `actor` saw them; what others changed meanwhile is left and named.

    Sending the same command (the same `action_key`) again changes nothing and gives the same verdict. Raises a
    TieoutError when the command is not one: an unknown resolution, an empty comment.
    """
    check(command)
    with engine.begin() as connection:
        stands = discrepancies.lock(connection, (row.id for row in seen), command.action_key)
        verdict = decide(command, seen, stands)
        discrepancies.apply(connection, command, verdict, actor=actor)
    return verdict
