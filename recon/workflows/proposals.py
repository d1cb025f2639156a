"""Ask a second person, and be that person: what was shown is what is approved, and it is carried out at once.

The proposer's name stands on what is done, the approver's on the proposal. A proposal whose subject changed since is
void: nothing is done, and it has to be asked for again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from sqlalchemy import Connection, Engine

from recon.errors import OwnProposal, ProposalDecided, ProposalExpired, ProposalNotAsShown
from recon.model.people import Action, Proposal, ProposalState
from recon.model.triage import Command, Move, Resolution, Seen
from recon.store import discrepancies, people
from recon.triage import check
from recon.workflows.permit import permit
from recon.workflows.propose_settlement import settle_proposed
from recon.workflows.resolve_discrepancies import resolve


def propose_write_off(engine: Engine, command: Command, seen: Sequence[Seen], *, actor: str) -> int:
    """Ask that these discrepancies, as they were seen, are written off; the proposal's number."""
    check(command)
    assert seen, "a proposal is about something"
    with engine.begin() as conn:
        permit(conn, actor, Action.WRITE_OFF)
        body = {
            "discrepancies": sorted([row.id, row.version] for row in seen),
            "resolution": Resolution.WRITTEN_OFF.value,
            "comment": command.comment.strip(),
        }
        amounts: dict[str, int] = {}
        for sizes in discrepancies.sizes(conn, (row.id for row in seen)).values():
            for currency, amount in sizes.items():
                amounts[currency] = amounts.get(currency, 0) + amount
        subject = f"discrepancy {seen[0].id}" if len(seen) == 1 else f"{len(seen)} discrepancies"
        return people.propose(
            conn,
            Action.WRITE_OFF,
            subject=subject,
            body=body,
            amounts=amounts,
            reason=command.comment.strip(),
            actor=actor,
            action_key=command.action_key,
        )


def approve(engine: Engine, proposal_id: int, *, digest: str, actor: str, reason: str = "") -> ProposalState:
    """Approve exactly what was shown, and carry it out. VOID when what it is about changed meanwhile.

    Raises OwnProposal, ProposalDecided, ProposalExpired, ProposalNotAsShown, and what `permit` raises.
    """
    with engine.begin() as conn:
        permit(conn, actor, Action.APPROVE)
        asked = _open(conn, proposal_id)
        if asked.proposed_by == actor:
            raise OwnProposal
        if asked.digest != digest:
            raise ProposalNotAsShown(proposal_id)
        is_done = PROPOSABLE[asked.action](conn, asked)
        state = ProposalState.APPROVED if is_done else ProposalState.VOID
        people.decide(conn, proposal_id, state, actor=actor, reason=reason)
    return state


def reject(engine: Engine, proposal_id: int, *, actor: str, reason: str) -> None:
    """Say no; nothing is done."""
    with engine.begin() as conn:
        permit(conn, actor, Action.APPROVE)
        if _open(conn, proposal_id).proposed_by == actor:
            raise OwnProposal
        people.decide(conn, proposal_id, ProposalState.REJECTED, actor=actor, reason=reason)


def withdraw(engine: Engine, proposal_id: int, *, actor: str) -> None:
    """Take one's own proposal back. Raises ProposalDecided for somebody else's: only its proposer can."""
    with engine.begin() as conn:
        permit(conn, actor, Action.TRIAGE)
        asked, _ = people.lock_proposal(conn, proposal_id)
        if asked.state is not ProposalState.OPEN or asked.proposed_by != actor:
            raise ProposalDecided(proposal_id, f"{asked.proposed_by}'s and {asked.state.value}")
        people.decide(conn, proposal_id, ProposalState.WITHDRAWN, actor=actor, reason="")


def _open(conn: Connection, proposal_id: int) -> Proposal:
    asked, is_over = people.lock_proposal(conn, proposal_id)
    if asked.state is not ProposalState.OPEN:
        raise ProposalDecided(proposal_id, asked.state.value)
    if is_over:
        raise ProposalExpired(proposal_id)
    return asked


def _write_off(conn: Connection, asked: Proposal) -> bool:
    """Resolve the discrepancies as written off, all of them as they were when it was proposed, or none."""
    command = Command(
        move=Move.RESOLVE,
        resolution=Resolution(asked.body["resolution"]),
        comment=asked.body["comment"],
        action_key=f"proposal-{asked.id}",
    )
    seen = [Seen(id=id_, version=version) for id_, version in asked.body["discrepancies"]]
    with conn.begin_nested() as attempt:
        is_whole = resolve(conn, command, seen, actor=asked.proposed_by).is_complete
        if not is_whole:
            attempt.rollback()
    return is_whole


PROPOSABLE: Final[Mapping[Action, Callable[[Connection, Proposal], bool]]] = {
    Action.WRITE_OFF: _write_off,
    Action.MATCH: settle_proposed,
}
"""What can be proposed, and how it is carried out: whether it was, or its subject had changed."""
