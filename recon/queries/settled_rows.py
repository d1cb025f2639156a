"""What people decided on the workbench since a run was published: each decision, and what all of them come to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, func, select, text

from recon.model.transactions import Side
from recon.store.settlement_tables import settlement, workbench_row
from recon.store.workbench_tables import decision


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedLine:
    """One decision. `is_unposted`: something of it is written off without an entry, until accounts are named."""

    decision_id: int
    move: str
    kind: str
    resolution: str
    row_count: int
    reason_code: str | None
    reason: str
    actor: str
    at: datetime
    revoked_at: datetime | None
    revoked_by: str | None
    proposal_id: int | None
    entry_ids: tuple[int, ...]
    is_unposted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedSum:
    """What decisions that stand settled since a run was published: rows, and source less reference (minor units)."""

    kind: str
    currency: str
    row_count: int
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenApart:
    """Who took a booked match apart, when, and by which decision."""

    decision_id: int
    actor: str
    at: datetime


def taken_apart(engine: Engine, run_id: int, *, source_line: int, reference_line: int) -> TakenApart | None:
    """The decision that these two rows do not belong together, if one stands that opened both."""
    d, ours, theirs = decision.c, workbench_row.alias("ours"), workbench_row.alias("theirs")
    query = (
        select(d.id.label("decision_id"), d.actor, d.at)
        .join_from(ours, theirs, (theirs.c.run_id == ours.c.run_id) & (theirs.c.opened_by == ours.c.opened_by))
        .join(decision, d.id == ours.c.opened_by)
        .where(ours.c.run_id == run_id, ours.c.side == Side.SOURCE.value, ours.c.line == source_line)
        .where(theirs.c.side == Side.REFERENCE.value, theirs.c.line == reference_line, d.revoked_at.is_(None))
    )
    with engine.connect() as conn:
        found = conn.execute(query).one_or_none()
    return None if found is None else TakenApart(**found._mapping)


def decided_count(engine: Engine, run_id: int) -> int:
    with engine.connect() as conn:
        query = select(func.count()).select_from(settlement).where(settlement.c.run_id == run_id)
        return int(conn.execute(query).scalar_one())


def decided_lines(engine: Engine, run_id: int, *, limit: int = 50, offset: int = 0) -> tuple[DecidedLine, ...]:
    """The decisions taken in a run, the newest first."""
    with engine.connect() as conn:
        rows = conn.execute(_LINES, {"run_id": run_id, "limit": limit, "offset": offset}).mappings()
        return tuple(DecidedLine(**{**row, "entry_ids": tuple(row["entry_ids"] or ())}) for row in rows)


def decided_since(engine: Engine, run_id: int) -> tuple[DecidedSum, ...]:
    """What people settled since the run was published, by kind of decision and currency."""
    w, d = workbench_row.c, decision.c
    sign = text("case when workbench_row.side = 'source' then 1 else -1 end")
    amount = func.sum((w.amount - w.open_amount) * sign)
    query = (
        select(d.kind, w.currency, func.count(), amount)
        .join_from(workbench_row, decision, d.id == w.decision_id)
        .where(w.run_id == run_id)
        .group_by(d.kind, w.currency)
        .order_by(d.kind, w.currency)
    )
    with engine.connect() as conn:
        return tuple(
            DecidedSum(kind=kind, currency=currency, row_count=int(count), amount=int(total))
            for kind, currency, count, total in conn.execute(query)
        )


_LINES = text("""
select s.decision_id, s.move, d.kind, s.resolution, s.row_count, d.reason_code, d.reason, d.actor, d.at, d.revoked_at,
       d.revoked_by, d.proposal_id,
       (select array_agg(distinct w.entry_id order by w.entry_id) from write_off w
         where w.decision_id = s.decision_id and w.entry_id is not null) as entry_ids,
       exists (select from write_off w where w.decision_id = s.decision_id and w.taken_back_at is null
                  and w.booking = 'posted' and w.entry_id is null) as is_unposted
  from settlement s join decision d on d.id = s.decision_id
 where s.run_id = :run_id order by s.decision_id desc limit :limit offset :offset""")
