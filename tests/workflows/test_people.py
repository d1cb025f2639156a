"""People, limits and four eyes on a real database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import Engine, select, text, update
from sqlalchemy.exc import IntegrityError

from recon.errors import TieoutError
from recon.model.outcome import DiscrepancyKind
from recon.model.people import Action, Deed, Person, PersonRole, Proposal, ProposalState
from recon.model.people_refusals import (
    LastAdmin,
    NotAllowed,
    NotYourProposal,
    OwnProposal,
    PersonChanged,
    PersonListed,
    PersonUnknown,
    ProposalDecided,
    ProposalExpired,
    ProposalNotAsShown,
    SecondPersonNeeded,
)
from recon.model.triage import Command, Move, Resolution, Seen
from recon.queries.proposals import Inbox, proposals
from recon.store import people
from recon.store.evidence import Evidence
from recon.store.people_tables import proposal
from recon.store.tables import audit_event, discrepancy
from recon.workflows.manage_people import change_person, list_person, set_limits
from recon.workflows.permit import permit
from recon.workflows.proposals import approve, reject, withdraw
from recon.workflows.propose_resolution import propose_resolution
from recon.workflows.resolve_discrepancies import resolve_discrepancies
from tests.builders import Item, published_run

WRITE_OFF = Command(move=Move.RESOLVE, resolution=Resolution.WRITTEN_OFF, comment="Rounding.", action_key="first")


@pytest.fixture
def team(engine: Engine) -> Engine:
    """An administrator ada, an operator ana with a limit of 5.00, and the approvers ben and bo."""
    list_person(engine, Person(name="ana", role=PersonRole.OPERATOR, limits={"EUR": 500}), actor="ada")
    for name in ("ben", "bo"):
        list_person(engine, Person(name=name, role=PersonRole.APPROVER), actor="ada")
    return engine


@pytest.fixture
def shown(team: Engine) -> list[Seen]:
    """Three discrepancies of 3.00 each."""
    published_run(team, [Item(kind=DiscrepancyKind.DUPLICATE, amount=300) for _ in range(3)])
    with team.connect() as conn:
        rows = conn.execute(select(discrepancy.c.id, discrepancy.c.version).order_by(discrepancy.c.id))
        return [Seen(id=row.id, version=row.version) for row in rows]


def proposed(engine: Engine, proposal_id: int) -> Proposal:
    with engine.connect() as conn:
        return people.proposal_of(conn.execute(select(proposal).where(proposal.c.id == proposal_id)).mappings().one())


def statuses(engine: Engine) -> list[str]:
    with engine.connect() as conn:
        return list(conn.execute(select(discrepancy.c.status).order_by(discrepancy.c.id)).scalars())


def test_as_long_as_nobody_is_listed_everyone_may(engine: Engine) -> None:
    with engine.connect() as conn:
        assert {permit(conn, "anyone", action).role for action in Action} == {PersonRole.ADMIN}


def test_who_lists_the_first_person_is_an_administrator(team: Engine) -> None:
    with team.connect() as conn:
        assert {person.name: person.role.value for person in people.people(conn)} == {
            "ada": "admin",
            "ana": "operator",
            "ben": "approver",
            "bo": "approver",
        }
        with pytest.raises(PersonUnknown):
            permit(conn, "mallory", Action.IMPORT)
        with pytest.raises(NotAllowed):
            permit(conn, "ben", Action.IMPORT)


def test_the_only_administrator_stays_one_and_nobody_is_listed_twice(team: Engine) -> None:
    with pytest.raises(LastAdmin):
        change_person(team, Person(name="ada", role=PersonRole.VIEWER, version=1), actor="ada")
    with pytest.raises(PersonListed):
        list_person(team, Person(name=" ana ", role=PersonRole.ADMIN), actor="ada")
    with pytest.raises(NotAllowed):
        list_person(team, Person(name="eve", role=PersonRole.ADMIN), actor="ana")


def test_a_change_nobody_has_seen_is_not_overwritten(team: Engine) -> None:
    change_person(team, Person(name="ana", role=PersonRole.VIEWER, version=1), actor="ada")
    with pytest.raises(PersonChanged):
        change_person(team, Person(name="ana", role=PersonRole.ADMIN, version=1), actor="ada")
    with team.connect() as conn:
        event = conn.execute(select(audit_event).where(audit_event.c.action == "person_changed")).one()
    assert (event.detail["before"]["role"], event.detail["after"]["role"]) == ("operator", "viewer")


def test_a_write_off_above_the_limit_waits_for_a_second_person(
    team: Engine, evidence: Evidence, shown: list[Seen]
) -> None:
    assert resolve_discrepancies(team, WRITE_OFF, shown[:1], actor="ana").is_complete
    rest = Command(move=Move.RESOLVE, resolution=Resolution.WRITTEN_OFF, comment="Rest.", action_key="second")
    with pytest.raises(SecondPersonNeeded, match=r"6\.00 EUR"):
        resolve_discrepancies(team, rest, shown[1:], actor="ana")
    asked = propose_resolution(team, rest, shown[1:], actor="ana")
    assert propose_resolution(team, rest, shown[1:], actor="ana") == asked
    assert statuses(team) == ["resolved", "open", "open"]
    assert approve(team, evidence, asked, digest=proposed(team, asked).digest, actor="ben") is ProposalState.APPROVED
    assert statuses(team) == ["resolved"] * 3
    with team.connect() as conn:
        assert set(conn.execute(select(discrepancy.c.resolved_by)).scalars()) == {"ana"}


def test_a_policy_of_everyone_holds_beside_the_own_limit(team: Engine, shown: list[Seen]) -> None:
    set_limits(team, Deed.WRITE_OFF, above={"EUR": 100}, actor="ada")
    set_limits(team, Deed.WRITE_OFF, above={"EUR": 200}, actor="ada")
    with pytest.raises(SecondPersonNeeded):
        resolve_discrepancies(team, WRITE_OFF, shown[:1], actor="ana")


def test_nobody_approves_their_own_or_what_they_were_not_shown(
    team: Engine, evidence: Evidence, shown: list[Seen]
) -> None:
    asked = propose_resolution(team, WRITE_OFF, shown, actor="ana")
    digest = proposed(team, asked).digest
    with pytest.raises(NotAllowed):
        approve(team, evidence, asked, digest=digest, actor="ana")
    change_person(team, Person(name="ana", role=PersonRole.APPROVER, version=1), actor="ada")
    with pytest.raises(OwnProposal):
        approve(team, evidence, asked, digest=digest, actor="ana")
    with pytest.raises(ProposalNotAsShown):
        approve(team, evidence, asked, digest="0" * 64, actor="ben")
    with team.connect() as conn, pytest.raises(IntegrityError, match="second_person"):
        conn.execute(update(proposal).values(state="approved", decided_by="ana", decided_at=text("clock_timestamp()")))
    assert statuses(team) == ["open"] * 3


def test_a_proposal_about_rows_that_changed_is_void_and_does_nothing(
    team: Engine, evidence: Evidence, shown: list[Seen]
) -> None:
    asked = propose_resolution(team, WRITE_OFF, shown, actor="ana")
    dismissed = Command(move=Move.RESOLVE, resolution=Resolution.DISMISSED, action_key="other")
    resolve_discrepancies(team, dismissed, shown[:1], actor="ada")
    assert approve(team, evidence, asked, digest=proposed(team, asked).digest, actor="ben") is ProposalState.VOID
    assert statuses(team) == ["resolved", "open", "open"]


def test_a_proposal_is_rejected_withdrawn_or_expires(
    team: Engine, evidence: Evidence, shown: list[Seen], owner: Engine
) -> None:
    numbers = [
        propose_resolution(
            team, Command(move=Move.RESOLVE, resolution=Resolution.WRITTEN_OFF, action_key=key), shown, actor="ana"
        )
        for key in "abc"
    ]
    reject(team, numbers[0], actor="ben", reason="Ask the bank first.")
    withdraw(team, numbers[1], actor="ana")
    with pytest.raises(NotYourProposal):
        withdraw(team, numbers[2], actor="ada")
    for number in numbers[:2]:
        with pytest.raises(ProposalDecided):
            approve(team, evidence, number, digest=proposed(team, number).digest, actor="bo")
    with owner.begin() as conn:
        conn.execute(text("alter table proposal disable trigger proposal_kept"))
        conn.execute(update(proposal).where(proposal.c.id == numbers[2]).values(expires_at=text("clock_timestamp()")))
        conn.execute(text("alter table proposal enable always trigger proposal_kept"))
    listed = {inbox: [one.id for one in proposals(team, inbox, actor="bo", limit=9)] for inbox in Inbox}
    assert (listed[Inbox.WAITING], set(listed[Inbox.DECIDED])) == ([], set(numbers))
    with pytest.raises(ProposalExpired):
        approve(team, evidence, numbers[2], digest=proposed(team, numbers[2]).digest, actor="bo")
    assert statuses(team) == ["open"] * 3


def test_two_approvers_at_once_are_one_approval(team: Engine, evidence: Evidence, shown: list[Seen]) -> None:
    asked = propose_resolution(team, WRITE_OFF, shown, actor="ana")
    digest, together = proposed(team, asked).digest, Barrier(2)

    def decide(actor: str) -> str:
        together.wait()
        try:
            return approve(team, evidence, asked, digest=digest, actor=actor).value
        except TieoutError as problem:
            return problem.code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(decide, ("ben", "bo"))) == ["PROPOSAL_DECIDED", "approved"]
