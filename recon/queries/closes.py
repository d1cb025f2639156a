"""What a period's sign-off is made of, and the closes there have been. Days are those rows are dated, both included."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, Engine, and_, func, literal, or_, select, tuple_
from sqlalchemy.types import Text

from recon.model.close import Close
from recon.store import closes
from recon.store.close_tables import period_close
from recon.store.people_tables import proposal
from recon.store.settlement_tables import settlement, workbench_row
from recon.store.tables import discrepancy, discrepancy_event, reading, reconciliation_rules, run
from recon.store.workbench_tables import decision, decision_member, open_item, run_carry
from recon.store.write_off_tables import write_off

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
    """An amount written off or adjusted. `approved_by` is empty where no second person was needed.

    `booking` says where it is in the books (`recon.model.correction.Booking`); posted without an entry: no accounts
    were named for it yet.
    """

    at: datetime
    actor: str
    reason: str
    approved_by: str
    amount: int
    currency: str
    entry_id: int | None
    resolution: str
    booking: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DecidedTogether:
    """Decisions by hand that one command took and that stand: how many, and of how many rows."""

    at: datetime
    actor: str
    approved_by: str
    kind: str
    decision_count: int
    row_count: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A proposal that a second person approved; amounts are currency -> minor units."""

    id: int
    subject: str
    amounts: Mapping[str, int]
    reason: str
    proposed_by: str
    approved_by: str
    at: datetime


def closes_of(engine: Engine, reconciliation_id: int | None = None) -> tuple[Close, ...]:
    """Closes and reopenings, of one reconciliation or of all, newest first."""
    query = closes.CLOSES.order_by(period_close.c.id.desc())
    if reconciliation_id is not None:
        query = query.where(period_close.c.reconciliation_id == reconciliation_id)
    with engine.connect() as conn:
        return tuple(closes.close_of(row) for row in conn.execute(query))


def standing_close(engine: Engine, reconciliation_id: int, *, first_on: date, last_on: date) -> Close | None:
    """A close in force that shares a day with the period: until it is opened again, the period cannot be signed."""
    with engine.connect() as conn:
        return next(iter(closes.in_force(conn, reconciliation_id, first_on=first_on, last_on=last_on)), None)


def signed_before(conn: Connection, reconciliation_id: int) -> tuple[Close, ...]:
    """Every close of a reconciliation, those that were opened again among them, oldest first."""
    c = period_close.c
    query = closes.CLOSES.where(c.reconciliation_id == reconciliation_id, c.reopens_id.is_(None)).order_by(c.id)
    return tuple(closes.close_of(row) for row in conn.execute(query))


def runs_in_effect(conn: Connection, reconciliation_id: int) -> tuple[PublishedRun, ...]:
    """Every published run of which no later one has the same files, or corrected ones, oldest first."""
    source, reference = reading.alias(), reading.alias()
    rows = conn.execute(
        select(run.c.id, run.c.published_attempt, source.c.reading_key, reference.c.reading_key, run_carry.c.as_of)
        .join(source, source.c.id == run.c.source_reading_id)
        .join(reference, reference.c.id == run.c.reference_reading_id)
        .outerjoin(run_carry, run_carry.c.run_id == run.c.id)
        .where(run.c.reconciliation_id == reconciliation_id, run.c.published_attempt.is_not(None))
        .where(run_carry.c.replaced_by_id.is_(None), run_carry.c.looks_back.is_not(True))
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
    """What is written off or adjusted: in triage of these runs, and on the workbench of rows dated up to the period's
    end. What follows a write-off of the same rows in another run is told as that one."""
    w, later = write_off.c, write_off.alias("later")
    of_runs = [one.id for one in runs]
    follows = select(later.c.id).where(later.c.follows_id == w.id, later.c.run_id.in_(of_runs)).exists()
    asked = literal("proposal-") + proposal.c.id.cast(Text)
    columns = (w.at, w.actor, w.reason, w.amount, w.currency, w.entry_id, w.resolution, w.booking)
    rows = conn.execute(
        select(*columns, func.coalesce(proposal.c.decided_by, "").label("approved_by"))
        .select_from(write_off)
        .outerjoin(proposal, asked == w.action_key)
        .where(w.reconciliation_id == reconciliation_id, w.taken_back_at.is_(None), w.follows_id.is_(None))
        .where(
            or_(
                and_(w.discrepancy_id.is_not(None), or_(w.run_id.in_(of_runs), follows)),
                and_(w.decision_id.is_not(None), w.dated_on <= last_on),
            )
        )
        .order_by(w.id)
    )
    return [WriteOff(**row) for row in rows.mappings()]


def decided_together(conn: Connection, reconciliation_id: int, last_on: date) -> tuple[DecidedTogether, ...]:
    """What people decided on the workbench of rows dated up to the period's end, command by command."""
    s, d = settlement.c, decision.c
    query = (
        select(
            func.min(d.at).label("at"),
            d.actor,
            func.coalesce(func.max(proposal.c.decided_by), "").label("approved_by"),
            d.kind,
            func.count().label("decision_count"),
            func.sum(s.row_count).label("row_count"),
            func.min(d.reason).label("reason"),
        )
        .join_from(decision, settlement, s.decision_id == d.id)
        .outerjoin(proposal, proposal.c.id == d.proposal_id)
        .where(d.reconciliation_id == reconciliation_id, d.revoked_at.is_(None), _is_dated_by(last_on))
        .group_by(s.action_key, d.actor, d.kind)
        .order_by(func.min(d.id))
    )
    return tuple(
        DecidedTogether(**{**row, "row_count": int(row["row_count"])}) for row in conn.execute(query).mappings()
    )


def approvals(conn: Connection, reconciliation_id: int, runs: Sequence[PublishedRun]) -> tuple[Approval, ...]:
    """The proposals about these runs, or decisions of the reconciliation, that a second person approved."""
    p, e, d = proposal.c, discrepancy_event.c, discrepancy.c
    asked = literal("proposal-") + p.id.cast(Text)
    of_decision = select(decision.c.id).where(
        decision.c.proposal_id == p.id, decision.c.reconciliation_id == reconciliation_id
    )
    of_triage = select(e.id).join(discrepancy, d.id == e.discrepancy_id).where(e.action_key == asked, _of(runs))
    rows = conn.execute(
        select(proposal).where(p.state == "approved", or_(of_decision.exists(), of_triage.exists())).order_by(p.id)
    )
    return tuple(
        Approval(
            id=row.id,
            subject=row.subject,
            amounts=row.amounts,
            reason=row.reason,
            proposed_by=row.proposed_by,
            approved_by=row.decided_by,
            at=row.decided_at,
        )
        for row in rows
    )


def deciders_of(
    conn: Connection, reconciliation_id: int, runs: Sequence[PublishedRun], last_on: date
) -> tuple[str, ...]:
    """Who resolved discrepancies of these runs or decided on their rows, by name."""
    triaged = select(discrepancy.c.resolved_by).where(_of(runs), discrepancy.c.status == "resolved")
    by_hand = select(decision.c.actor).where(
        decision.c.reconciliation_id == reconciliation_id, decision.c.revoked_at.is_(None), _is_dated_by(last_on)
    )
    return tuple(sorted(conn.execute(triaged.union(by_hand)).scalars()))


def _is_dated_by(last_on: date) -> Any:
    """Whether none of a decision's rows is of a later day."""
    m, w, own = decision_member.c, workbench_row.c, settlement.alias("own")
    of_it = and_(w.run_id == own.c.run_id, w.fingerprint == m.fingerprint, w.side == m.side)
    later = (
        select(m.decision_id)
        .join(own, own.c.decision_id == m.decision_id)
        .join(workbench_row, of_it)
        .where(m.decision_id == decision.c.id, w.date > last_on)
    )
    return later.exists().is_(False)


def _of(runs: Iterable[PublishedRun]) -> Any:
    return tuple_(discrepancy.c.run_id, discrepancy.c.attempt).in_([(one.id, one.attempt) for one in runs])
