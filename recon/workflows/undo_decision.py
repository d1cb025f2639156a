"""Take the last decision back: the opposite one, on the versions it made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection, Engine

from recon.model.triage import Step, Verdict
from recon.store import discrepancies
from recon.triage import check
from recon.workflows.resolve_discrepancies import permit_command, resolve


def undo_decision(engine: Engine, steps: Sequence[Step], *, actor: str) -> Verdict:
    """Carry out the steps of `recon.triage.inverse`, all in one transaction; one verdict over all of them.

    What others changed since is left and named. Raises what `resolve_discrepancies` raises.
    """
    with engine.begin() as connection:
        first, *others = (_step(connection, step, actor) for step in _locked(connection, steps))
    for verdict in others:
        first = replace(
            first,
            applied=first.applied + verdict.applied,
            repeated=first.repeated + verdict.repeated,
            conflicts=first.conflicts + verdict.conflicts,
            not_allowed=first.not_allowed + verdict.not_allowed,
            gone=first.gone + verdict.gone,
            stood=first.stood + verdict.stood,
        )
    return first


def _locked(connection: Connection, steps: Sequence[Step]) -> Sequence[Step]:
    """The rows of all steps at once: locked step by step, two people could wait for each other."""
    discrepancies.lock(connection, (row.id for step in steps for row in step.seen), steps[0].command.action_key)
    return steps


def _step(connection: Connection, step: Step, actor: str) -> Verdict:
    check(step.command)
    permit_command(connection, step.command, step.seen, actor=actor)
    return resolve(connection, step.command, step.seen, actor=actor)
