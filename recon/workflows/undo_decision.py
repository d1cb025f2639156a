"""Take the last decision back: the opposite one, on the versions it made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection, Engine

from recon.model.triage import Move, Step, Verdict
from recon.store import discrepancies
from recon.triage import check, inverse
from recon.workflows.resolve_discrepancies import carry_out
from recon.workflows.undo_settlement import lock_behind


def undo_decision(engine: Engine, decided: Verdict, *, action_key: str, actor: str) -> Verdict:
    """Put back how the rows stood before `decided`, all in one transaction; one verdict over all of them.

    What others changed since is left and named. Raises what `resolve_discrepancies` raises.
    """
    steps = inverse(decided, action_key=action_key)
    with engine.begin() as connection:
        # reconciliations first, as whoever decides takes them; then all rows at once: locked step by step, two people
        # could wait for each other
        lock_behind(connection, [row.id for step in steps if step.command.move is not Move.ASSIGN for row in step.seen])
        discrepancies.lock(connection, decided.applied, action_key)
        verdicts = [_step(connection, step, actor) for step in steps]
    return _together(verdicts)


def _together(verdicts: Sequence[Verdict]) -> Verdict:
    first, *others = verdicts
    for verdict in others:
        first = replace(
            first,
            applied=first.applied + verdict.applied,
            repeated=first.repeated + verdict.repeated,
            conflicts=first.conflicts + verdict.conflicts,
            not_allowed=first.not_allowed + verdict.not_allowed,
            gone=first.gone + verdict.gone,
            stood=first.stood + verdict.stood,
            entry_ids=first.entry_ids + verdict.entry_ids,
            unposted=tuple(sorted({*first.unposted, *verdict.unposted})),
        )
    return first


def _step(connection: Connection, step: Step, actor: str) -> Verdict:
    check(step.command)
    return carry_out(connection, step.command, step.seen, actor=actor)
