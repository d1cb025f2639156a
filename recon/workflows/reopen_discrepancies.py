"""Reopen discrepancies, with all that followed from how they were resolved: entries, decisions, other runs' rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection

from recon.model.triage import Command, Seen, Verdict
from recon.store import discrepancies, write_off_rows, write_offs
from recon.triage import decide
from recon.workflows.reverse_write_off import unbook
from recon.workflows.undo_settlement import lock_behind, undo_behind


def reopen(connection: Connection, command: Command, seen: Sequence[Seen], *, actor: str) -> Verdict:
    """In the caller's transaction, by somebody who may.

    What was written off is taken back in every run that shows the same rows: they were written off once.
    """
    ids = [row.id for row in seen]
    lock_behind(connection, ids)
    verdict = decide(command, seen, discrepancies.lock(connection, [*ids, *_tied(connection, ids)], command.action_key))
    reversals, _ = unbook(connection, verdict.applied, action_key=command.action_key, actor=actor)
    discrepancies.apply(connection, command, verdict, actor=actor)
    undo_behind(connection, verdict.applied, actor=actor)
    return replace(verdict, entry_ids=reversals)


def _tied(connection: Connection, ids: Sequence[int]) -> list[int]:
    """Those of other runs that are reopened with them: all are locked at once, so that nobody waits in a circle."""
    standing = write_offs.standing(connection, write_off_rows.behind(connection, ids))
    return [row.discrepancy_id for row in standing if row.discrepancy_id is not None]
