"""Who works here, what needs a second person, and what waits for one. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Engine, func, select

from recon.model.outcome import DiscrepancyKind
from recon.model.people import Person, PersonRole, Policy, Proposal, ProposalState
from recon.store import people as store
from recon.store.people_tables import proposal
from recon.store.tables import discrepancy, reconciliation, run


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


def people(engine: Engine) -> tuple[Person, ...]:
    """Everyone listed, by name."""
    with engine.connect() as conn:
        return store.people(conn)


def may_approve(engine: Engine, name: str) -> bool:
    """Whether that person may decide on what others propose; everyone may while nobody is listed."""
    with engine.connect() as conn:
        person = store.find(conn, name)
        if person is None:
            return not store.is_anyone_listed(conn)
        return person.is_active and person.role is PersonRole.APPROVER


def policies(engine: Engine) -> tuple[Policy, ...]:
    with engine.connect() as conn:
        return store.policies(conn)


def reconciliations(engine: Engine) -> dict[int, str]:
    """Id -> name of every reconciliation, by name."""
    with engine.connect() as conn:
        rows = conn.execute(select(reconciliation.c.id, reconciliation.c.name).order_by(reconciliation.c.name))
        return {row.id: row.name for row in rows}


def open_proposal_count(engine: Engine) -> int:
    """Proposals that wait for somebody and have not expired."""
    waits = (proposal.c.state == ProposalState.OPEN.value) & (proposal.c.expires_at > func.clock_timestamp())
    with engine.connect() as conn:
        return int(conn.execute(select(func.count()).select_from(proposal).where(waits)).scalar_one())


def proposals(engine: Engine, *, is_open: bool, limit: int, offset: int = 0) -> tuple[Proposal, ...]:
    """A page of proposals: those still open with the one that expires next first, the others with the newest first."""
    state = proposal.c.state == ProposalState.OPEN.value
    order = (proposal.c.expires_at, proposal.c.id) if is_open else (proposal.c.decided_at.desc(), proposal.c.id.desc())
    wanted = select(proposal).where(state if is_open else ~state).order_by(*order).limit(limit).offset(offset)
    with engine.connect() as conn:
        return tuple(store.proposal_of(row) for row in conn.execute(wanted).mappings())


def find_proposal(engine: Engine, proposal_id: int) -> Proposal | None:
    with engine.connect() as conn:
        row = conn.execute(select(proposal).where(proposal.c.id == proposal_id)).mappings().one_or_none()
    return None if row is None else store.proposal_of(row)


def proposed_rows(engine: Engine, asked: Proposal, *, limit: int) -> tuple[ProposedRow, ...]:
    """The first discrepancies a proposal is about, the largest first."""
    versions = _versions(asked.body.get("discrepancies", ()))
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


def _versions(pairs: Sequence[Sequence[int]]) -> dict[int, int]:
    return {int(id_): int(version) for id_, version in pairs}
