"""Be the second person: what was shown is what is approved, and it is carried out at once.

The proposer's name stands on what is done, the approver's on the proposal. A proposal whose subject changed since, or
whose proposer may not do it any more, is void: nothing is done, and it has to be asked for again. In an emergency an
administrator decides, with a reason; an alert goes out, and log and inbox say so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from recon.alerts.message import Kind, emergency_payload
from recon.errors import TieoutError
from recon.ledger.refusals import LedgerBusy
from recon.model.people import Action, Proposal, ProposalState
from recon.model.people_refusals import (
    EmergencyNeedsReason,
    NotYourProposal,
    OwnProposal,
    ProposalDecided,
    ProposalExpired,
    ProposalNotAsShown,
    RejectionNeedsReason,
)
from recon.store import ledger, outbox, people
from recon.store.evidence import Evidence
from recon.workflows import (
    propose_confirmation,
    propose_posting,
    propose_reopening,
    propose_resolution,
    propose_rules,
    propose_settlement,
    propose_unmatch,
)
from recon.workflows.command_ledger import TRIES
from recon.workflows.permit import permit, permit_present


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How a proposal is carried out, and what its proposer must still be allowed to do.

    `carry_out` says whether it was done: False, and nothing is, where the subject is not what it was.
    """

    needs: Action
    carry_out: Callable[[Connection, Evidence, Proposal], bool]


COURSES: Final[Mapping[str, Course]] = {
    propose_resolution.DOES: Course(needs=Action.TRIAGE, carry_out=propose_resolution.resolve_proposed),
    propose_settlement.DOES: Course(needs=Action.MATCH, carry_out=propose_settlement.settle_proposed),
    propose_confirmation.DOES: Course(needs=Action.MATCH, carry_out=propose_confirmation.confirm_proposed),
    propose_unmatch.DOES: Course(needs=Action.MATCH, carry_out=propose_unmatch.unmatch_proposed),
    propose_posting.DOES: Course(needs=Action.LEDGER, carry_out=propose_posting.post_proposed),
    propose_reopening.DOES: Course(needs=Action.CLOSE, carry_out=propose_reopening.reopen_proposed),
    propose_rules.DOES: Course(needs=Action.RULES, carry_out=propose_rules.save_proposed),
}
"""What can be proposed, by what its body says it does."""


def approve(
    engine: Engine,
    evidence: Evidence,
    proposal_id: int,
    *,
    digest: str,
    actor: str,
    reason: str = "",
    is_emergency: bool = False,
) -> ProposalState:
    """Approve exactly what was shown, and carry it out. VOID when what it is about changed meanwhile.

    Raises OwnProposal, ProposalDecided, ProposalExpired, ProposalNotAsShown, EmergencyNeedsReason, and what `permit`
    raises.
    """
    for _ in range(TRIES):
        try:
            with engine.begin() as conn:
                asked = _to_decide(conn, proposal_id, actor=actor, reason=reason, is_emergency=is_emergency)
                if asked.digest != digest:
                    raise ProposalNotAsShown(proposal_id)
                state = _carry_out(conn, evidence, asked)
                _decide(conn, asked, state, actor=actor, reason=reason, is_emergency=is_emergency)
            return state
        except DBAPIError as error:
            if not ledger.lost_a_race(error):
                raise
    raise LedgerBusy


def reject(engine: Engine, proposal_id: int, *, actor: str, reason: str, is_emergency: bool = False) -> None:
    """Say no, and why; nothing is done. Raises RejectionNeedsReason, and as `approve`."""
    if not reason.strip():
        raise RejectionNeedsReason
    with engine.begin() as conn:
        asked = _to_decide(conn, proposal_id, actor=actor, reason=reason, is_emergency=is_emergency)
        _decide(conn, asked, ProposalState.REJECTED, actor=actor, reason=reason, is_emergency=is_emergency)


def withdraw(engine: Engine, proposal_id: int, *, actor: str) -> None:
    """Take one's own proposal back, whatever one may do by now. Raises NotYourProposal and ProposalDecided."""
    with engine.begin() as conn:
        permit_present(conn, actor)
        asked, _ = people.lock_proposal(conn, proposal_id)
        if asked.proposed_by != actor:
            raise NotYourProposal(proposal_id, asked.proposed_by)
        if asked.state is not ProposalState.OPEN:
            raise ProposalDecided(proposal_id, asked.state.value)
        people.decide(conn, proposal_id, ProposalState.WITHDRAWN, actor=actor, reason="")


def _to_decide(conn: Connection, proposal_id: int, *, actor: str, reason: str, is_emergency: bool) -> Proposal:
    """The proposal, locked, when the actor may decide on it."""
    permit(conn, actor, Action.EMERGENCY if is_emergency else Action.APPROVE)
    if is_emergency and not reason.strip():
        raise EmergencyNeedsReason
    asked, is_over = people.lock_proposal(conn, proposal_id)
    if asked.state is not ProposalState.OPEN:
        raise ProposalDecided(proposal_id, asked.state.value)
    if asked.proposed_by == actor:
        raise OwnProposal
    if is_over:
        raise ProposalExpired(proposal_id)
    return asked


def _carry_out(conn: Connection, evidence: Evidence, asked: Proposal) -> ProposalState:
    course = COURSES[asked.body["does"]]
    try:
        permit(conn, asked.proposed_by, course.needs)
    except TieoutError:
        return ProposalState.VOID
    return ProposalState.APPROVED if course.carry_out(conn, evidence, asked) else ProposalState.VOID


def _decide(
    conn: Connection, asked: Proposal, state: ProposalState, *, actor: str, reason: str, is_emergency: bool
) -> None:
    people.decide(conn, asked.id, state, actor=actor, reason=reason.strip(), is_emergency=is_emergency)
    if is_emergency:
        outbox.add(conn, kind=Kind.EMERGENCY, payload=emergency_payload(asked.id, state=state.value))
