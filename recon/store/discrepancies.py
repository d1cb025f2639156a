"""Writing down what people decide about discrepancies: the row, its history and the audit log, in one transaction.

Rules it keeps: rows are locked in the order of their ids, so that two people cannot wait for each other; only rows of a
published attempt are touched; a command's `action_key` is stored with each event, so that its second arrival is seen.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, and_, func, insert, literal, select, true, update

from recon.model.triage import Command, Current, DiscrepancyStatus, Move, Verdict
from recon.store import audit
from recon.store.tables import discrepancy, discrepancy_event, run


def lock(conn: Connection, ids: Iterable[int], action_key: str) -> tuple[Current, ...]:
    """How the discrepancies stand, locked until the transaction ends. Those of no published attempt are left out."""
    row, event = discrepancy.c, discrepancy_event.c
    wanted = sorted(set(ids))
    published = and_(run.c.id == row.run_id, run.c.published_attempt == row.attempt)
    conn.execute(select(row.id).where(row.id.in_(wanted)).order_by(row.id).with_for_update())
    last = (
        select(event.actor, event.at)
        .where(event.discrepancy_id == row.id, event.action != Move.COMMENT)
        .order_by(event.id.desc())
        .limit(1)
        .lateral("last")
    )
    done = select(event.id).where(event.discrepancy_id == row.id, event.action_key == action_key).exists()
    found = conn.execute(
        select(row.id, row.run_id, row.version, row.status, last.c.actor, last.c.at, done.label("is_done"))
        .join_from(discrepancy, run, published)
        .outerjoin(last, true())
        .where(row.id.in_(wanted))
        .order_by(row.id)
    )
    return tuple(
        Current(
            id=r.id,
            run_id=r.run_id,
            version=r.version,
            status=DiscrepancyStatus(r.status),
            changed_by=r.actor,
            changed_at=r.at,
            is_done=r.is_done,
        )
        for r in found
    )


def sizes(conn: Connection, ids: Iterable[int]) -> dict[int, dict[str, int]]:
    """Of each reconciliation the sizes of these discrepancies together: minor units by currency, signs left aside."""
    row = discrepancy.c
    found = conn.execute(
        select(run.c.reconciliation_id, row.currency, func.sum(func.abs(row.amount)).label("amount"))
        .join_from(discrepancy, run)
        .where(row.id.in_(sorted(set(ids))))
        .group_by(run.c.reconciliation_id, row.currency)
    )
    amounts: dict[int, dict[str, int]] = {}
    for reconciliation_id, currency, amount in found:
        amounts.setdefault(reconciliation_id, {})[currency] = int(amount)
    return amounts


def apply(conn: Connection, command: Command, verdict: Verdict, *, actor: str) -> None:
    """Carry the command out on the rows the verdict allows; nothing when there are none."""
    ids = list(verdict.applied)
    if not ids:
        return
    if command.move is not Move.COMMENT:
        is_resolved = command.move is Move.RESOLVE
        conn.execute(
            update(discrepancy)
            .where(discrepancy.c.id.in_(ids))
            .values(
                status=DiscrepancyStatus.RESOLVED if is_resolved else DiscrepancyStatus.OPEN,
                resolution=command.resolution,
                comment=command.comment.strip() or None if is_resolved else None,
                resolved_at=func.now() if is_resolved else None,
                resolved_by=actor if is_resolved else None,
                version=discrepancy.c.version + 1,
            )
        )
    event = {
        "actor": literal(actor),
        "action": literal(command.move.value),
        "resolution": literal(command.resolution and command.resolution.value),
        "comment": literal(command.comment.strip() or None),
        "action_key": literal(command.action_key),
    }
    rows = select(discrepancy.c.id, *event.values()).where(discrepancy.c.id.in_(ids)).order_by(discrepancy.c.id)
    conn.execute(insert(discrepancy_event).from_select(["discrepancy_id", *event], rows))
    audit.record(
        conn,
        actor=actor,
        action=f"discrepancies_{command.move}",
        subject=f"discrepancy {ids[0]}" if len(ids) == 1 else f"{len(ids)} discrepancies",
        detail={
            "ids": ids,
            "resolution": command.resolution,
            "comment": command.comment.strip() or None,
            "action_key": command.action_key,
        },
    )
