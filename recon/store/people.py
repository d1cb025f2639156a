"""Writes of people, policies and proposals, each in its caller's transaction, with its audit event."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, delete, func, literal, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from recon.model.people import DEEDS, Deed, Person, PersonRole, Policy, Proposal, ProposalState, proposal_digest
from recon.model.people_refusals import PersonChanged, PersonNotFound, ProposalNotFound
from recon.store import audit
from recon.store.people_tables import approval_policy, person, proposal

EXPIRY: Final = timedelta(hours=24)


def is_anyone_listed(conn: Connection) -> bool:
    return bool(conn.execute(select(select(person.c.name).exists())).scalar_one())


def find(conn: Connection, name: str) -> Person | None:
    row = conn.execute(select(person).where(person.c.name == name)).one_or_none()
    return None if row is None else _person(row._mapping)


def people(conn: Connection) -> tuple[Person, ...]:
    """Everyone, by name."""
    return tuple(_person(row) for row in conn.execute(select(person).order_by(person.c.name)).mappings())


def add(conn: Connection, new: Person, *, actor: str) -> bool:
    """List a person; False when somebody of that name is listed already."""
    values = {"name": new.name, "role": new.role.value, "is_active": new.is_active, "limits": dict(new.limits)}
    made = conn.execute(upsert(person).values(values).on_conflict_do_nothing().returning(person.c.name)).one_or_none()
    if made is not None:
        audit.record(conn, actor=actor, action="person_listed", subject=f"person {new.name}", detail={"after": values})
    return made is not None


def change(conn: Connection, changed: Person, *, actor: str) -> None:
    """Change a person of this version. Raises PersonNotFound, and PersonChanged when somebody else did meanwhile."""
    before = (
        conn.execute(select(person).where(person.c.name == changed.name).with_for_update()).mappings().one_or_none()
    )
    if before is None:
        raise PersonNotFound(changed.name)
    if before["version"] != changed.version:
        raise PersonChanged(changed.name)
    values = {"role": changed.role.value, "is_active": changed.is_active, "limits": dict(changed.limits)}
    conn.execute(update(person).where(person.c.name == changed.name).values(**values, version=person.c.version + 1))
    detail = {"before": {key: before[key] for key in values}, "after": values}
    audit.record(conn, actor=actor, action="person_changed", subject=f"person {changed.name}", detail=detail)


def policies(conn: Connection) -> tuple[Policy, ...]:
    """Every policy, those of single reconciliations last."""
    order = (approval_policy.c.reconciliation_id.nulls_first(), approval_policy.c.action, approval_policy.c.currency)
    rows = conn.execute(select(approval_policy).order_by(*order)).mappings()
    return tuple(
        Policy(
            action=Deed[row["action"]],
            currency=row["currency"],
            above=row["above"],
            reconciliation_id=row["reconciliation_id"],
        )
        for row in rows
    )


def set_policy(conn: Connection, policy: Policy, *, actor: str) -> None:
    """Add the policy, or put it in the place of the one for the same reconciliation, action and currency."""
    values = {
        "reconciliation_id": policy.reconciliation_id,
        "action": policy.action.name,
        "currency": policy.currency,
        "above": policy.above,
    }
    before = conn.execute(select(approval_policy.c.above).where(*_same(policy))).one_or_none()
    statement = upsert(approval_policy).values(values)
    conn.execute(
        statement.on_conflict_do_update(
            index_elements=[text("coalesce(reconciliation_id, 0)"), "action", text("coalesce(currency, '')")],
            set_={"above": statement.excluded.above},
        )
    )
    detail = {"before": None if before is None else {**values, "above": before.above}, "after": values}
    audit.record(conn, actor=actor, action="policy_set", subject=_policy_subject(policy), detail=detail)


def drop_policy(conn: Connection, policy: Policy, *, actor: str) -> None:
    """Take the policy for that reconciliation, action and currency away, if there is one."""
    dropped = delete(approval_policy).where(*_same(policy)).returning(approval_policy.c.above)
    before = conn.execute(dropped).one_or_none()
    if before is None:
        return
    detail = {"before": {"above": before.above}, "after": None}
    audit.record(conn, actor=actor, action="policy_dropped", subject=_policy_subject(policy), detail=detail)


def propose(
    conn: Connection,
    action: Deed,
    *,
    subject: str,
    body: Mapping[str, Any],
    amounts: Mapping[str, int],
    reason: str,
    actor: str,
    action_key: str,
) -> int:
    """Ask for a second person; the same key gives the proposal that was made with it."""
    digest = proposal_digest(action, subject, body, amounts, reason)
    statement = upsert(proposal).values(
        action=action.name,
        subject=subject,
        body=dict(body),
        amounts=dict(amounts),
        reason=reason,
        digest=digest,
        proposed_by=actor,
        expires_at=func.clock_timestamp() + literal(EXPIRY),
        action_key=action_key,
    )
    made = conn.execute(statement.on_conflict_do_nothing().returning(proposal.c.id)).scalar_one_or_none()
    if made is None:
        return int(conn.execute(select(proposal.c.id).where(proposal.c.action_key == action_key)).scalar_one())
    detail = {"action": action.name, "subject": subject, "amounts": dict(amounts), "reason": reason, "digest": digest}
    audit.record(conn, actor=actor, action="proposed", subject=f"proposal {made}", detail=detail)
    return int(made)


def lock_proposal(conn: Connection, proposal_id: int) -> tuple[Proposal, bool]:
    """The proposal, locked, and whether its time is over by the database's clock. Raises ProposalNotFound."""
    is_over = (proposal.c.expires_at <= func.clock_timestamp()).label("is_over")
    row = conn.execute(select(proposal, is_over).where(proposal.c.id == proposal_id).with_for_update()).one_or_none()
    if row is None:
        raise ProposalNotFound(proposal_id)
    return proposal_of(row._mapping), bool(row.is_over)


def decide(
    conn: Connection, proposal_id: int, state: ProposalState, *, actor: str, reason: str, is_emergency: bool = False
) -> None:
    """Record what became of a locked proposal."""
    conn.execute(
        update(proposal)
        .where(proposal.c.id == proposal_id)
        .values(
            state=state.value,
            decided_by=actor,
            decided_at=func.clock_timestamp(),
            decided_reason=reason or None,
            is_emergency=is_emergency,
        )
    )
    detail = {"reason": reason} | ({"emergency": True} if is_emergency else {})
    action = f"proposal_{state.value}"
    audit.record(conn, actor=actor, action=action, subject=f"proposal {proposal_id}", detail=detail)


def proposal_of(row: Mapping[Any, Any]) -> Proposal:
    """A row of the table as a proposal."""
    fields = {name: row[name] for name in Proposal.__slots__}
    return Proposal(**{**fields, "action": Deed[row["action"]], "state": ProposalState(row["state"])})


def _person(row: Mapping[Any, Any]) -> Person:
    return Person(**{**{name: row[name] for name in Person.__slots__}, "role": PersonRole(row["role"])})


def _same(policy: Policy) -> tuple[ColumnElement[bool], ...]:
    return (
        approval_policy.c.reconciliation_id.is_not_distinct_from(policy.reconciliation_id),
        approval_policy.c.action == policy.action.name,
        approval_policy.c.currency.is_not_distinct_from(policy.currency),
    )


def _policy_subject(policy: Policy) -> str:
    place = "every reconciliation" if policy.reconciliation_id is None else f"reconciliation {policy.reconciliation_id}"
    currency = policy.currency or "any other currency"
    return f"limit of {DEEDS[policy.action].label.lower()} in {currency}, {place}"
