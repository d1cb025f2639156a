"""What a period's sign-off is made of, and the closes there have been. Days are those rows are dated, both included."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, Engine, and_, func, literal, or_, select, tuple_
from sqlalchemy.types import Text

from recon.model.close import Close
from recon.store import closes
from recon.store.close_tables import period_close
from recon.store.people_tables import proposal
from recon.store.settlement_tables import write_off_entry
from recon.store.tables import discrepancy, discrepancy_event, reading, reconciliation_rules, run
from recon.store.workbench_tables import decision, decision_member, open_item, run_carry

ITEMS: Final = 50_000
"""Open items that a pack lists, the largest first; all of them count in its figures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedRun:
    """A published run in effect: no later one was made of the same files."""

    id: int
    attempt: int
    keys: tuple[str, str]
    is_carrying: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRow:
    """Something still open. `what`: its side, or the kind of its discrepancy; amount in minor units."""

    what: str
    date: date
    reference: str
    description: str
    amount: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteOff:
    """An amount accepted as a loss or gain. `approved_by` is empty where no second person was needed."""

    at: datetime
    actor: str
    reason: str
    approved_by: str
    amount: int
    currency: str
    entry_id: int | None


def closes_of(engine: Engine, reconciliation_id: int | None = None) -> tuple[Close, ...]:
    """Closes and reopenings, of one reconciliation or of all, newest first."""
    query = closes.CLOSES.order_by(period_close.c.id.desc())
    if reconciliation_id is not None:
        query = query.where(period_close.c.reconciliation_id == reconciliation_id)
    with engine.connect() as conn:
        return tuple(closes.close_of(row) for row in conn.execute(query))


def closed_after(engine: Engine, run_id: int, day: date, decided_at: datetime | None) -> Close | None:
    """The close in force that a decision about a row of that day came after, if there is one."""
    if decided_at is None:
        return None
    with engine.connect() as conn:
        reconciliation_id = conn.execute(select(run.c.reconciliation_id).where(run.c.id == run_id)).scalar_one()
        found = closes.in_force(conn, reconciliation_id, first_on=day, last_on=day)
    return next((one for one in found if one.at < decided_at), None)


def decided_after_close(engine: Engine, run_id: int) -> int:
    """How many of a published run's discrepancies were resolved after a close in force that covers their day."""
    d, c, later = discrepancy.c, period_close.c, period_close.alias("later")
    mine = (run.c.id == run_id, d.attempt == run.c.published_attempt)
    with engine.connect() as conn:
        in_force = conn.execute(
            select(c.first_on, c.last_on, c.at)
            .join(run, run.c.reconciliation_id == c.reconciliation_id)
            .outerjoin(later, later.c.reopens_id == c.id)
            .where(run.c.id == run_id, c.reopens_id.is_(None), later.c.id.is_(None))
        ).all()
        if not in_force:
            return 0
        late = or_(*(and_(d.date.between(one[0], one[1]), d.resolved_at > one[2]) for one in in_force))
        query = select(func.count()).join_from(run, discrepancy, d.run_id == run.c.id)
        return conn.execute(query.where(*mine, d.status == "resolved", late)).scalar_one()


def runs_in_effect(conn: Connection, reconciliation_id: int) -> tuple[PublishedRun, ...]:
    """Every published run of which no later one has the same files, oldest first."""
    source, reference = reading.alias(), reading.alias()
    rows = conn.execute(
        select(run.c.id, run.c.published_attempt, source.c.reading_key, reference.c.reading_key, run_carry.c.as_of)
        .join(source, source.c.id == run.c.source_reading_id)
        .join(reference, reference.c.id == run.c.reference_reading_id)
        .outerjoin(run_carry, run_carry.c.run_id == run.c.id)
        .where(run.c.reconciliation_id == reconciliation_id, run.c.published_attempt.is_not(None))
        .order_by(run.c.id)
    )
    newest = {
        (row[2], row[3]): PublishedRun(id=row[0], attempt=row[1], keys=(row[2], row[3]), is_carrying=row[4] is not None)
        for row in rows
    }
    return tuple(sorted(newest.values(), key=lambda one: one.id))


def rule_version(conn: Connection, reconciliation_id: int, rules: Any) -> int | None:
    """The saved version that says just this; None for rules that were never saved."""
    r = reconciliation_rules.c
    query = select(func.max(r.version)).where(r.reconciliation_id == reconciliation_id, r.rules == rules)
    found: int | None = conn.execute(query).scalar_one()
    return found


def outcome_counts(conn: Connection, runs: Sequence[PublishedRun]) -> tuple[tuple[int, str, str, str, int, int], ...]:
    """(run, kind, how it ended, currency, count, amount) of the runs' discrepancies, as they stand now."""
    d = discrepancy.c
    ended = func.coalesce(d.resolution, "open")
    rows = conn.execute(
        select(d.run_id, d.kind, ended, d.currency, func.count(), func.sum(d.amount))
        .where(_of(runs))
        .group_by(d.run_id, d.kind, ended, d.currency)
        .order_by(d.run_id, d.kind, ended, d.currency)
    )
    return tuple((row[0], row[1], row[2], row[3], row[4], int(row[5])) for row in rows)


def open_rows(
    conn: Connection, reconciliation_id: int, runs: Sequence[PublishedRun], *, first_on: date, last_on: date
) -> tuple[OpenRow, ...]:
    """What is open of rows dated up to the period's end; where open items are not carried, of the period's own runs."""
    if any(one.is_carrying for one in runs):
        i = open_item.c
        query = select(
            i.side.label("what"), i.date, i.payment_ref, i.txn_id, i.description, i.counterparty, i.amount, i.currency
        ).where(i.reconciliation_id == reconciliation_id, i.state != "cleared", i.date <= last_on)
        order = [func.abs(i.amount).desc(), i.id]
    else:
        d = discrepancy.c
        query = select(
            d.kind.label("what"), d.date, d.payment_ref, d.txn_id, d.description, d.counterparty, d.amount, d.currency
        ).where(_of(runs), d.status == "open", d.date.between(first_on, last_on))
        order = [d.gross.desc(), d.id]
    return tuple(
        OpenRow(
            what=row.what,
            date=row.date,
            reference=row.payment_ref or row.txn_id or "",
            description=row.description or row.counterparty or "",
            amount=row.amount,
            currency=row.currency,
        )
        for row in conn.execute(query.order_by(*order))
    )


def write_offs(conn: Connection, reconciliation_id: int, runs: Sequence[PublishedRun], last_on: date) -> list[WriteOff]:
    """What was written off: in triage of these runs, and on the workbench of rows dated up to the period's end."""
    d, e = discrepancy.c, discrepancy_event.c
    asked = literal("proposal-") + proposal.c.id.cast(Text)
    last = (
        select(e.discrepancy_id, func.max(e.id).label("id"))
        .where(e.resolution == "written_off")
        .group_by(e.discrepancy_id)
        .subquery()
    )
    triaged = conn.execute(
        select(d.resolved_at, d.resolved_by, d.comment, proposal.c.decided_by, d.amount, d.currency)
        .outerjoin(last, last.c.discrepancy_id == d.id)
        .outerjoin(discrepancy_event, e.id == last.c.id)
        .outerjoin(proposal, asked == e.action_key)
        .where(_of(runs), d.resolution == "written_off")
        .order_by(d.resolved_at, d.id)
    )
    found = [_write_off(*row, None) for row in triaged]
    m, w = decision_member.c, write_off_entry.c
    decided = conn.execute(
        select(
            decision.c.at, decision.c.actor, decision.c.reason, proposal.c.decided_by, w.amount, w.currency, w.entry_id
        )
        .join(write_off_entry, w.decision_id == decision.c.id)
        .outerjoin(proposal, proposal.c.id == decision.c.proposal_id)
        .where(
            decision.c.reconciliation_id == reconciliation_id,
            decision.c.revoked_at.is_(None),
            select(m.decision_id)
            .join(open_item, and_(open_item.c.fingerprint == m.fingerprint, open_item.c.side == m.side))
            .where(m.decision_id == decision.c.id, open_item.c.date > last_on)
            .exists()
            .is_(False),
        )
        .order_by(decision.c.id)
    )
    return found + [_write_off(*row) for row in decided]


def _write_off(
    at: datetime, actor: str, reason: str | None, by: str | None, amount: int, currency: str, entry_id: int | None
) -> WriteOff:
    return WriteOff(
        at=at,
        actor=actor,
        reason=reason or "",
        approved_by=by or "",
        amount=amount,
        currency=currency,
        entry_id=entry_id,
    )


def _of(runs: Iterable[PublishedRun]) -> Any:
    return tuple_(discrepancy.c.run_id, discrepancy.c.attempt).in_([(one.id, one.attempt) for one in runs])
