"""Reopen discrepancies, with all that followed from how they were resolved: entries, decisions, other runs' rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import Connection

from recon.model.triage import Command, Current, Move, Seen, Verdict
from recon.store import discrepancies, write_off_rows, write_offs
from recon.store.write_offs import WriteOff
from recon.triage import decide
from recon.workflows.reverse_write_off import reverse
from recon.workflows.undo_settlement import lock_behind, undo_behind


def reopen(connection: Connection, command: Command, seen: Sequence[Seen], *, actor: str) -> Verdict:
    """In the caller's transaction, by somebody who may.

    What was written off is taken back in every run that shows the same rows: they were written off once.
    """
    ids = [row.id for row in seen]
    lock_behind(connection, ids)
    beside = {row.discrepancy_id for row in _standing(connection, ids) if row.discrepancy_id is not None}
    stands = discrepancies.lock(connection, {*ids, *beside}, command.action_key)
    verdict = decide(command, seen, stands)
    standing = _standing(connection, verdict.applied) if beside else ()
    discrepancies.apply(connection, command, verdict, actor=actor)
    reversals = reverse(connection, standing, actor=actor, today=datetime.now(UTC).date())
    tied = {row.discrepancy_id for row in standing} - {*verdict.applied}
    _reopen_tied(connection, command, [row for row in stands if row.id in tied], actor=actor)
    undo_behind(connection, verdict.applied, actor=actor)
    return replace(verdict, entry_ids=reversals)


def _standing(connection: Connection, discrepancy_ids: Sequence[int]) -> tuple[WriteOff, ...]:
    """What stands of these, and of the same rows in other runs."""
    return write_offs.standing(connection, write_off_rows.behind(connection, discrepancy_ids))


def _reopen_tied(connection: Connection, command: Command, rows: Iterable[Current], *, actor: str) -> None:
    """The same rows in other runs."""
    stands = tuple(rows)
    if stands:
        said = Command(
            move=Move.REOPEN,
            comment="Its rows were reopened in another run.",
            action_key=command.action_key,
        )
        verdict = decide(said, [row.seen for row in stands], stands)
        discrepancies.apply(connection, said, verdict, actor=actor)
