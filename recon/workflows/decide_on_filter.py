"""One decision on everything a filter holds: the database looks again, and what it finds must be what was shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy import Connection, Engine

from recon.errors import QueueChanged, TooManyAtOnce
from recon.model.triage import Command, Seen, Verdict
from recon.queries.discrepancies import CurrencySum, DiscrepancyFilter, found_by, sums
from recon.store import discrepancies
from recon.triage import ALLOWED_FROM, check
from recon.workflows.resolve_discrepancies import carry_out, permit_command

AT_ONCE: Final = 50_000
"""Discrepancies one command may change: their rows stay locked until all of it is done."""


def can_change(command: Command, wanted: DiscrepancyFilter) -> DiscrepancyFilter:
    """The part of a filter the command can change anything in; what it holds is shown before it is done."""
    statuses = tuple(status for status in wanted.statuses if status in ALLOWED_FROM[command.move])
    return replace(wanted, statuses=statuses or tuple(sorted(ALLOWED_FROM[command.move])))


def decide_on_filter(
    engine: Engine, command: Command, wanted: DiscrepancyFilter, shown: Sequence[CurrencySum], *, actor: str
) -> Verdict:
    """Carry out `command` on all that `wanted` holds. `shown` is what the person saw it come to, by currency.

    Sent again, the same command gives the same verdict. Raises QueueChanged when it holds something else by now,
    TooManyAtOnce, and what `resolve_discrepancies` raises; then nothing is done.
    """
    check(command)
    with engine.begin() as connection:
        permit_command(connection, command, (), actor=actor)
        repeated = discrepancies.done_by(connection, command.action_key)
        if repeated:
            return Verdict(move=command.move, repeated=repeated)
        seen = _as_shown(connection, wanted, shown)
        return carry_out(connection, command, seen, actor=actor)


def seen_of(engine: Engine, wanted: DiscrepancyFilter, shown: Sequence[CurrencySum]) -> tuple[Seen, ...]:
    """The discrepancies a filter holds, to be proposed. Raises QueueChanged and TooManyAtOnce."""
    with engine.connect() as connection:
        return _as_shown(connection, wanted, shown)


def _as_shown(connection: Connection, wanted: DiscrepancyFilter, shown: Sequence[CurrencySum]) -> tuple[Seen, ...]:
    rows = found_by(connection, wanted, limit=AT_ONCE + 1)
    if len(rows) > AT_ONCE:
        raise TooManyAtOnce(limit=AT_ONCE)
    if {part.currency: part for part in sums(rows)} != {part.currency: part for part in shown}:
        raise QueueChanged(before=sum(part.count for part in shown), now=len(rows))
    return tuple(row.seen for row in rows)
