"""Writing down what people decide about discrepancies: the row, its history and the audit log, in one transaction.

Rules it keeps: rows are locked in the order of their ids, so that two people cannot wait for each other; only rows of a
published attempt are touched; a command's `action_key` is stored with each event, so that its second arrival is seen.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, assert_never

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Connection,
    and_,
    any_,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by, distinct_on

from recon.model.correction import Booking, Correction
from recon.model.triage import Command, Current, DiscrepancyStatus, Move, Resolution, Verdict
from recon.store import audit
from recon.store.ledger_tables import journal_line
from recon.store.tables import discrepancy, discrepancy_event, reconciliation, run
from recon.store.write_off_tables import write_off

_ACCOUNTS = (
    select(func.array_agg(aggregate_order_by(journal_line.c.account_id, journal_line.c.line_no)))
    .where(journal_line.c.entry_id == write_off.c.entry_id, journal_line.c.line_no <= 2)
    .correlate(write_off)
    .scalar_subquery()
)
"""The account and the counter account an entry of write-offs was posted to."""


def reconciliations(conn: Connection, ids: Iterable[int]) -> tuple[int, ...]:
    """Whose these discrepancies are, in the one order in which several reconciliations are locked."""
    owner = run.c.reconciliation_id
    query = select(owner).join_from(discrepancy, run, run.c.id == discrepancy.c.run_id).where(_one_of(sorted(set(ids))))
    return tuple(conn.execute(query.distinct().order_by(owner)).scalars())


def lock(conn: Connection, ids: Iterable[int], action_key: str) -> tuple[Current, ...]:
    """How the discrepancies stand, locked until the transaction ends. Those of no published attempt are left out.

    While a period is signed off nothing of its reconciliation is decided: what is signed is all decided before.
    """
    row = discrepancy.c
    wanted = sorted(set(ids))
    owners = select(run.c.reconciliation_id).join_from(discrepancy, run, run.c.id == row.run_id).where(_one_of(wanted))
    whose = select(reconciliation.c.id).where(reconciliation.c.id.in_(owners)).order_by(reconciliation.c.id)
    conn.execute(whose.with_for_update(read=True, key_share=True))
    published = and_(run.c.id == row.run_id, run.c.published_attempt == row.attempt)
    conn.execute(select(row.id).where(_one_of(wanted)).order_by(row.id).with_for_update())
    found = conn.execute(
        select(row.id, row.run_id, row.version, row.status, row.resolution, row.comment, row.assignee)
        .join_from(discrepancy, run, published)
        .where(_one_of(wanted))
        .order_by(row.id)
    ).all()
    done, last = set(done_by(conn, action_key)), _last_changes(conn, wanted)
    booked = _corrections(conn, [r.id for r in found if r.resolution == Resolution.ADJUSTED])
    return tuple(
        Current(
            **{**r._mapping, "status": DiscrepancyStatus(r.status)},
            changed_by=last[r.id].actor if r.id in last else None,
            changed_at=last[r.id].at if r.id in last else None,
            is_done=r.id in done,
            correction=booked.get(r.id),
        )
        for r in found
    )


def _last_changes(conn: Connection, ids: list[int]) -> dict[int, Any]:
    """Who changed them last, and when. One query for all: asked row by row, ten thousand would take a minute where
    PostgreSQL has not yet counted the events of today."""
    event = discrepancy_event.c
    query = (
        select(event.discrepancy_id, event.actor, event.at)
        .where(event.discrepancy_id == any_(literal(ids, ARRAY(BigInteger))), event.action != Move.COMMENT)
        .ext(distinct_on(event.discrepancy_id))
        .order_by(event.discrepancy_id, event.id.desc())
    )
    return {changed.discrepancy_id: changed for changed in conn.execute(query)}


def _corrections(conn: Connection, ids: list[int]) -> dict[int, Correction]:
    """How those that are adjusted were corrected, where that is kept."""
    if not ids:
        return {}
    own = write_off.alias("own")
    root = write_off.c.id == func.coalesce(own.c.follows_id, own.c.id)
    query = (
        select(own.c.discrepancy_id, write_off.c.booking, write_off.c.entry_id, _ACCOUNTS.label("accounts"))
        .join_from(own, write_off, root)
        .where(own.c.discrepancy_id == any_(literal(ids, ARRAY(BigInteger))), own.c.taken_back_at.is_(None))
    )
    return {booked.discrepancy_id: _correction(booked) for booked in conn.execute(query)}


def sizes(conn: Connection, ids: Iterable[int]) -> dict[int, dict[str, int]]:
    """Of each reconciliation the sizes of these discrepancies together: minor units by currency, signs left aside."""
    row = discrepancy.c
    found = conn.execute(
        select(run.c.reconciliation_id, row.currency, func.sum(func.abs(row.amount)).label("amount"))
        .join_from(discrepancy, run)
        .where(_one_of(sorted(set(ids))))
        .group_by(run.c.reconciliation_id, row.currency)
    )
    amounts: dict[int, dict[str, int]] = {}
    for reconciliation_id, currency, amount in found:
        amounts.setdefault(reconciliation_id, {})[currency] = int(amount)
    return amounts


def done_by(conn: Connection, action_key: str) -> tuple[int, ...]:
    """The discrepancies a command was carried out on before."""
    event = discrepancy_event.c
    query = select(event.discrepancy_id).where(event.action_key == action_key).order_by(event.discrepancy_id)
    return tuple(conn.execute(query).scalars())


def apply(conn: Connection, command: Command, verdict: Verdict, *, actor: str) -> None:
    """Carry the command out on the rows the verdict allows; nothing when there are none."""
    ids = list(verdict.applied)
    if not ids:
        return
    changes = _changes(command, actor)
    if changes:
        conn.execute(update(discrepancy).where(_one_of(ids)).values(**changes, version=discrepancy.c.version + 1))
    event = {
        "actor": literal(actor),
        "action": literal(command.move.value),
        "resolution": literal(command.resolution and command.resolution.value),
        "comment": literal(command.comment.strip() or None),
        "assignee": literal(command.assignee),
        "action_key": literal(command.action_key),
    }
    rows = select(discrepancy.c.id, *event.values()).where(_one_of(ids)).order_by(discrepancy.c.id)
    conn.execute(insert(discrepancy_event).from_select(["discrepancy_id", *event], rows))
    _audit(conn, command, verdict, actor)


def _changes(command: Command, actor: str) -> dict[str, Any]:
    """The new values of the row; none for a comment, which only adds to the thread."""
    match command.move:
        case Move.RESOLVE:
            return {
                "status": DiscrepancyStatus.RESOLVED,
                "resolution": command.resolution,
                "comment": command.comment.strip() or None,
                "resolved_at": func.now(),
                "resolved_by": actor,
            }
        case Move.REOPEN:
            nothing = dict.fromkeys(("resolution", "comment", "resolved_at", "resolved_by"))
            return {"status": DiscrepancyStatus.OPEN, **nothing}
        case Move.ASSIGN:
            return {"assignee": command.assignee}
        case Move.COMMENT:
            return {}
    assert_never(command.move)


def _audit(conn: Connection, command: Command, verdict: Verdict, actor: str) -> None:
    ids = list(verdict.applied)
    detail: dict[str, Any] = {
        "ids": ids,
        "reason": command.comment.strip() or None,
        "action_key": command.action_key,
    }
    if command.correction is not None:
        detail["correction"] = command.correction.as_dict()
    if command.move is not Move.COMMENT:
        field = "assignee" if command.move is Move.ASSIGN else "resolution"
        stood: dict[str, list[int]] = {}  # of each value before, the rows that had it
        for row in verdict.stood:
            stood.setdefault(getattr(row, field) or "none", []).append(row.id)
        before = stood if stood.keys() - {"none"} else None
        detail |= {"before": {field: before}, "after": {field: getattr(command, field)}}
    subject = f"discrepancy {ids[0]}" if len(ids) == 1 else f"{len(ids)} discrepancies"
    audit.record(conn, actor=actor, action=f"discrepancies_{command.move}", subject=subject, detail=detail)


def _correction(row: Any) -> Correction:
    """How it was adjusted, as a command would say it again."""
    booking = Booking(row.booking)
    accounts = tuple(row.accounts) if booking is Booking.POSTED and row.accounts else None
    return Correction(booking=booking, accounts=accounts, entry_id=row.entry_id if booking is Booking.NAMED else None)


def _one_of(ids: list[int]) -> ColumnElement[bool]:
    """As one array: a statement takes no more than 65,535 single values."""
    return discrepancy.c.id == any_(literal(ids, ARRAY(BigInteger)))
