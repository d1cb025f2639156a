"""What waits for a second person, what was decided, and the rows it is about. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Engine, func, or_, select

from recon.model.outcome import DiscrepancyKind
from recon.model.people import Proposal, ProposalState
from recon.model.settlement import OpenRow
from recon.store import people as store
from recon.store import workbench_rows
from recon.store.people_tables import proposal
from recon.store.tables import discrepancy, reconciliation, run


class Inbox(StrEnum):
    """Which proposals are looked at."""

    WAITING = "Waiting"  # of others, open and in time
    MINE = "Mine"  # proposed by the person, whatever became of them
    DECIDED = "Decided"  # or expired


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxCounts:
    """How many proposals of others wait, how many of them expire within three hours, how many of one's own wait."""

    waiting: int
    soon: int
    own: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedRow:
    """One discrepancy a proposal is about; `has_changed` since it was proposed. Amount in minor units."""

    id: int
    run_id: int
    reconciliation: str
    kind: DiscrepancyKind
    date: date
    description: str | None
    amount: int
    currency: str
    has_changed: bool


def inbox_counts(engine: Engine, *, actor: str) -> InboxCounts:
    """Of proposals that are open and have not expired."""
    others, soon = proposal.c.proposed_by != actor, proposal.c.expires_at <= func.clock_timestamp() + _SOON
    figures = select(func.count().filter(others), func.count().filter(others & soon), func.count().filter(~others))
    with engine.connect() as conn:
        waiting, expiring, own = conn.execute(figures.select_from(proposal).where(_waits())).one()
    return InboxCounts(waiting=waiting, soon=expiring, own=own)


def proposals(engine: Engine, inbox: Inbox, *, actor: str, limit: int) -> tuple[Proposal, ...]:
    """Proposals: those that wait with the one that expires next first, the others with the newest first."""
    latest = (func.coalesce(proposal.c.decided_at, proposal.c.expires_at).desc(), proposal.c.id.desc())
    which: dict[Inbox, tuple[ColumnElement[bool], Sequence[Any]]] = {
        Inbox.WAITING: (_waits() & (proposal.c.proposed_by != actor), (proposal.c.expires_at, proposal.c.id)),
        Inbox.MINE: (proposal.c.proposed_by == actor, (proposal.c.id.desc(),)),
        Inbox.DECIDED: (or_(proposal.c.state != ProposalState.OPEN.value, ~_waits()), latest),
    }
    where, order = which[inbox]
    with engine.connect() as conn:
        found = conn.execute(select(proposal).where(where).order_by(*order).limit(limit)).mappings()
        return tuple(store.proposal_of(row) for row in found)


def find_proposal(engine: Engine, proposal_id: int) -> Proposal | None:
    with engine.connect() as conn:
        row = conn.execute(select(proposal).where(proposal.c.id == proposal_id)).mappings().one_or_none()
    return None if row is None else store.proposal_of(row)


def proposed_rows(engine: Engine, asked: Proposal, *, limit: int) -> tuple[ProposedRow, ...]:
    """The first discrepancies a proposal is about, the largest first."""
    versions = {int(id_): int(version) for id_, version in asked.body.get("discrepancies", ())}
    row = discrepancy.c
    wanted = (
        select(
            row.id,
            row.run_id,
            reconciliation.c.name.label("reconciliation"),
            row.kind,
            row.date,
            func.coalesce(row.description, row.counterparty, row.payment_ref, row.txn_id).label("description"),
            row.amount,
            row.currency,
            row.version,
        )
        .select_from(discrepancy.join(run).join(reconciliation))
        .where(row.id.in_(versions))
        .order_by(func.abs(row.amount).desc(), row.id)
        .limit(limit)
    )
    with engine.connect() as conn:
        found = conn.execute(wanted).mappings().all()
    return tuple(
        ProposedRow(
            **{name: each[name] for name in ProposedRow.__slots__ if name not in ("kind", "has_changed")},
            kind=DiscrepancyKind(each["kind"]),
            has_changed=each["version"] != versions[each["id"]],
        )
        for each in found
    )


def open_rows_of(engine: Engine, asked: Proposal) -> tuple[OpenRow, ...]:
    """The rows on the workbench a proposal to settle them is about, as they stand now."""
    sides, lines = zip(*((side, line) for side, line, _ in asked.body["rows"]), strict=True)
    with engine.connect() as conn:
        return workbench_rows.rows_at(conn, asked.body["run_id"], sides, lines)


def _waits() -> ColumnElement[bool]:
    return (proposal.c.state == ProposalState.OPEN.value) & (proposal.c.expires_at > func.clock_timestamp())


_SOON = func.make_interval(0, 0, 0, 0, 3)
