"""What people decided about rows: kept by fingerprint, taken back by revoking, never changed.

A decision that settles its rows clears their open items at once, so the next run does not carry them. The caller's
transaction holds the lock of the reconciliation (`open_items.lock`), and audits.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, and_, func, insert, or_, select, tuple_, update

from recon.errors import DecisionRefused
from recon.model.decisions import SETTLING, Decision, DecisionKind, Member
from recon.model.transactions import Side
from recon.store.settlement_tables import settlement
from recon.store.workbench_tables import decision, decision_member, open_item

NO_DECISIONS: Final = hashlib.sha256(b"").hexdigest()
"""What `decisions_hash` gives where no decision stands."""


def add(
    conn: Connection,
    *,
    reconciliation_id: int,
    kind: DecisionKind,
    members: Sequence[Member],
    reason: str,
    actor: str,
    action_key: str,
    reason_code: str | None = None,
    proposal_id: int | None = None,
) -> int:
    """Take a decision and clear the items it settles; returns its number, of the first time if the key was seen before.

    Raises `DecisionRefused` without members, or where another decision that stands has settled one of them.
    """
    d = decision.c
    known = conn.execute(select(d.id).where(d.action_key == action_key)).scalar_one_or_none()
    if known is not None:
        return int(known)
    _check(conn, reconciliation_id, kind, members)
    number: int = conn.execute(
        insert(decision)
        .values(
            reconciliation_id=reconciliation_id,
            kind=kind.value,
            reason_code=reason_code,
            reason=reason,
            actor=actor,
            action_key=action_key,
            proposal_id=proposal_id,
        )
        .returning(d.id)
    ).scalar_one()
    conn.execute(
        insert(decision_member),
        [
            {
                "decision_id": number,
                "side": member.side.value,
                "fingerprint": member.fingerprint,
                "amount": member.amount,
                "currency": member.currency,
            }
            for member in members
        ],
    )
    if kind in SETTLING:
        _clear(conn, reconciliation_id, number, members)
    return number


def revoke(conn: Connection, decision_id: int, *, actor: str) -> bool:
    """Take a decision back: the items it cleared are open again. False when it was taken back before, or never taken.

    They are open, not in transit: the next run says which.
    """
    standing = decision.c.id == decision_id, decision.c.revoked_at.is_(None)
    done = conn.execute(update(decision).where(*standing).values(revoked_at=func.clock_timestamp(), revoked_by=actor))
    if done.rowcount != 1:
        return False
    conn.execute(
        update(open_item)
        .where(open_item.c.decision_id == decision_id, open_item.c.cleared_by == "decision")
        .values(state="open", cleared_by=None, cleared_at=None, decision_id=None)
    )
    return True


def standing(conn: Connection, reconciliation_id: int) -> tuple[Decision, ...]:
    """The decisions that hold, in the order they were taken."""
    d, m = decision.c, decision_member.c
    rows = conn.execute(
        select(
            *(d.id, d.kind, d.actor, d.at, m.side, m.fingerprint, m.amount, m.currency),
            settlement.c.residual_side.is_not(None).label("leaves_rest"),
        )
        .join_from(decision, decision_member, m.decision_id == d.id)
        .outerjoin(settlement, settlement.c.decision_id == d.id)
        .where(d.reconciliation_id == reconciliation_id, d.revoked_at.is_(None))
        .order_by(d.id, m.side, m.fingerprint)
    ).all()
    members: dict[int, list[Member]] = defaultdict(list)
    heads = {}
    for row in rows:
        heads[row.id] = row
        members[row.id].append(
            Member(side=Side(row.side), fingerprint=row.fingerprint, amount=row.amount, currency=row.currency)
        )
    return tuple(
        Decision(
            id=row.id,
            kind=DecisionKind(row.kind),
            actor=row.actor,
            at=row.at,
            members=tuple(members[row.id]),
            leaves_rest=row.leaves_rest,
        )
        for row in heads.values()
    )


def decisions_hash(conn: Connection, reconciliation_id: int) -> str:
    """The hash of the decisions that stand: part of what decides a run's result."""
    keys = conn.execute(
        select(decision.c.action_key)
        .where(decision.c.reconciliation_id == reconciliation_id, decision.c.revoked_at.is_(None))
        .order_by(decision.c.id)
    ).scalars()
    return hashlib.sha256("\n".join(keys).encode()).hexdigest()


def _check(conn: Connection, reconciliation_id: int, kind: DecisionKind, members: Sequence[Member]) -> None:
    sides = {member.side for member in members}
    if not members:
        raise DecisionRefused("No row is chosen. Choose the rows this is about.")
    if kind in (DecisionKind.MANUAL_MATCH, DecisionKind.NEVER_PAIR) and len(sides) != len(Side):
        raise DecisionRefused("Rows of one side alone are no pair. Choose rows of both sides.")
    if kind is DecisionKind.NET and len(sides) != 1:
        raise DecisionRefused("Only rows of one side cancel each other. To tie both sides together, match them.")
    if kind not in SETTLING:
        return
    named = tuple_(decision_member.c.side, decision_member.c.fingerprint).in_(
        [(member.side.value, member.fingerprint) for member in members]
    )
    settled = conn.execute(
        select(decision.c.id, decision.c.actor)
        .join_from(decision, decision_member, decision_member.c.decision_id == decision.c.id)
        .where(
            decision.c.reconciliation_id == reconciliation_id,
            decision.c.revoked_at.is_(None),
            decision.c.kind.in_([one.value for one in SETTLING]),
            named,
        )
        .limit(1)
    ).first()
    if settled is not None:
        raise DecisionRefused(
            f"{settled.actor} has settled one of these rows already (decision {settled.id}). "
            "Take that back first, or choose other rows."
        )


def _clear(conn: Connection, reconciliation_id: int, number: int, members: Sequence[Member]) -> None:
    own = or_(
        *(
            and_(
                open_item.c.side == side.value,
                open_item.c.fingerprint.in_([member.fingerprint for member in members if member.side is side]),
            )
            for side in Side
        )
    )
    conn.execute(
        update(open_item)
        .where(open_item.c.reconciliation_id == reconciliation_id, open_item.c.state != "cleared", own)
        .values(state="cleared", cleared_by="decision", cleared_at=func.clock_timestamp(), decision_id=number)
    )
