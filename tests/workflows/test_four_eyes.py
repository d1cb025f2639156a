"""Whatever moves the books can be put into the hands of two: refused to one, proposed, approved and done as shown.

Once its subject changed it is not done at all; and the table itself refuses what would get round that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import Engine, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from recon.model.ledger import AccountType, Book, OpenAccount, PostEntry, ReverseEntry, WantedLine
from recon.model.people import Deed, Person, PersonRole, Proposal, ProposalState
from recon.model.people_refusals import (
    EmergencyNeedsReason,
    NotAllowed,
    OwnProposal,
    SecondPersonNeeded,
)
from recon.model.rules import Rules
from recon.model.settlement import SettleMove
from recon.model.triage import Command, Move, Resolution, Seen
from recon.queries.alerts import alert_lines
from recon.queries.proposals import Inbox, find_proposal, inbox_counts, proposals
from recon.store import rules as saved
from recon.store.evidence import Evidence
from recon.store.ledger_tables import journal_entry
from recon.store.people_tables import person, proposal
from recon.store.tables import audit_event, discrepancy
from recon.store.workbench_tables import decision
from recon.workflows.command_ledger import command_ledger
from recon.workflows.confirm_suggestions import confirm_suggestions
from recon.workflows.manage_people import change_person, list_person, set_limits
from recon.workflows.name_write_off_accounts import name_write_off_accounts
from recon.workflows.proposals import approve, reject, withdraw
from recon.workflows.propose_confirmation import propose_confirmation
from recon.workflows.propose_posting import propose_posting
from recon.workflows.propose_resolution import propose_resolution
from recon.workflows.propose_rules import propose_rules
from recon.workflows.propose_settlement import propose_settlement
from recon.workflows.propose_unmatch import propose_unmatch
from recon.workflows.resolve_discrepancies import resolve_discrepancies
from recon.workflows.save_rules import save_rules
from recon.workflows.settle_rows import settle_rows
from recon.workflows.unmatch_rows import unmatch_rows
from tests.workflows.bench import ask, open_lines, opened

DAY = date(2026, 3, 2)
NAME = "Bank vs ledger"


@dataclass(frozen=True, kw_only=True)
class Office:
    """A run on the workbench; ada who administers, ana who works, ben and bo who approve."""

    engine: Engine
    evidence: Evidence
    run_id: int

    def asked(self, number: int) -> Proposal:
        found = find_proposal(self.engine, number)
        assert found is not None
        return found

    def approve(
        self, number: int, actor: str = "ben", *, reason: str = "", is_emergency: bool = False
    ) -> ProposalState:
        return approve(
            self.engine,
            self.evidence,
            number,
            digest=self.asked(number).digest,
            actor=actor,
            reason=reason,
            is_emergency=is_emergency,
        )

    def seen(self) -> list[Seen]:
        with self.engine.connect() as conn:
            rows = conn.execute(select(discrepancy.c.id, discrepancy.c.version).order_by(discrepancy.c.id))
            return [Seen(id=row.id, version=row.version) for row in rows]

    def decisions(self) -> list[tuple[str, str, int | None]]:
        with self.engine.connect() as conn:
            rows = conn.execute(
                select(decision.c.kind, decision.c.actor, decision.c.proposal_id).order_by(decision.c.id)
            )
            return [(row.kind, row.actor, row.proposal_id) for row in rows]


@pytest.fixture
def office(engine: Engine, evidence: Evidence) -> Office:
    run_id = opened(engine, evidence)
    for name, role in (("ana", PersonRole.OPERATOR), ("ben", PersonRole.APPROVER), ("bo", PersonRole.APPROVER)):
        list_person(engine, Person(name=name, role=role), actor="ada")
    return Office(engine=engine, evidence=evidence, run_id=run_id)


Move_ = tuple[Deed, Callable[[Office], object], Callable[[Office], int]]


def settled(move: SettleMove, deed: Deed, **rows: object) -> Move_:
    def alone(office: Office) -> object:
        return settle_rows(office.engine, ask(office.engine, office.run_id, move, **rows), actor="ana")  # type: ignore[arg-type]

    def propose(office: Office) -> int:
        wanted = ask(office.engine, office.run_id, move, **rows)  # type: ignore[arg-type]
        return propose_settlement(office.engine, wanted, actor="ana")

    return deed, alone, propose


def resolved(resolution: Resolution, deed: Deed) -> Move_:
    def command(office: Office, key: str) -> tuple[Command, list[Seen]]:
        return Command(move=Move.RESOLVE, resolution=resolution, comment="So.", action_key=key), office.seen()[:1]

    return (
        deed,
        lambda office: resolve_discrepancies(office.engine, *command(office, "alone"), actor="ana"),
        lambda office: propose_resolution(office.engine, *command(office, "proposed"), actor="ana"),
    )


PAIR = {"source_line": 2, "reference_line": 2}

ON_ROWS: dict[str, Move_] = {
    "match": settled(SettleMove.MATCH, Deed.MATCH, source=[4], reference=[4, 5, 6]),
    "split": settled(SettleMove.SPLIT, Deed.MATCH, source=[4], reference=[4]),
    "ignore": settled(SettleMove.IGNORE, Deed.SET_ASIDE, source=[5], reason="A test."),
    "write off": settled(SettleMove.WRITE_OFF, Deed.WRITE_OFF, source=[5], reason_code=Resolution.FEE),
    "the rest of a match": settled(
        SettleMove.MATCH, Deed.WRITE_OFF, source=[3], reference=[3], reason_code=Resolution.FEE
    ),
    "triage writes off": resolved(Resolution.WRITTEN_OFF, Deed.WRITE_OFF),
    "triage dismisses": resolved(Resolution.DISMISSED, Deed.SET_ASIDE),
    "triage says it is rounding": resolved(Resolution.ROUNDING, Deed.SET_ASIDE),
    "take apart": (
        Deed.UNMATCH,
        lambda o: unmatch_rows(o.engine, o.evidence, o.run_id, **PAIR, actor="ana", action_key="alone"),
        lambda o: propose_unmatch(o.engine, o.evidence, o.run_id, **PAIR, actor="ana", action_key="proposed"),
    ),
    "confirm": (
        Deed.CONFIRM,
        lambda o: confirm_suggestions(o.engine, o.run_id, suggested(o), actor="ana", action_key="alone"),
        lambda o: propose_confirmation(o.engine, o.run_id, suggested(o), actor="ana", action_key="proposed"),
    ),
}


def suggested(office: Office) -> list[int]:
    with office.engine.connect() as conn:
        kind = discrepancy.c.kind == "suggestion"
        return list(conn.execute(select(discrepancy.c.id).where(kind)).scalars())


@pytest.mark.parametrize("name", ON_ROWS)
def test_what_is_above_the_limit_is_proposed_and_then_done_as_shown_in_the_proposers_name(
    office: Office, name: str
) -> None:
    deed, alone, propose = ON_ROWS[name]
    set_limits(office.engine, deed, above={"EUR": 1}, actor="ada")
    before = open_lines(office.engine, office.run_id), office.decisions()
    with pytest.raises(SecondPersonNeeded, match="EUR is more than you may"):
        alone(office)
    number = propose(office)
    assert (office.asked(number).action, list(office.asked(number).amounts)) == (deed, ["EUR"])
    assert (open_lines(office.engine, office.run_id), office.decisions()) == before
    assert office.approve(number) is ProposalState.APPROVED
    assert (open_lines(office.engine, office.run_id), office.seen()) != (before[0], [])
    new = [one for one in office.decisions() if one not in before[1]]
    assert all((actor, proposal_id) == ("ana", number) for _, actor, proposal_id in new)


@pytest.mark.parametrize("name", ["match", "triage writes off", "confirm"])
def test_what_somebody_else_settled_meanwhile_voids_the_proposal(office: Office, name: str) -> None:
    number = ON_ROWS[name][2](office)
    dismissed = Command(move=Move.RESOLVE, resolution=Resolution.TIMING, action_key="other")
    lines = open_lines(office.engine, office.run_id)
    for side, found in lines.items():
        rows = {side: list(found)}
        settle_rows(
            office.engine,
            ask(office.engine, office.run_id, SettleMove.IGNORE, reason="Gone.", **rows),
            actor="ada",  # type: ignore[arg-type]
        )
    resolve_discrepancies(office.engine, dismissed, office.seen(), actor="ada")
    before = office.decisions(), office.seen()
    assert office.approve(number) is ProposalState.VOID
    assert (office.decisions(), office.seen()) == before


def test_a_match_taken_apart_meanwhile_voids_the_proposal(office: Office) -> None:
    number = ON_ROWS["take apart"][2](office)
    assert 2 not in open_lines(office.engine, office.run_id)["source"], "nothing is open before it was approved"
    ON_ROWS["take apart"][1](office)
    assert office.approve(number) is ProposalState.VOID


def accounts(engine: Engine) -> tuple[UUID, UUID]:
    made = [
        command_ledger(
            engine,
            OpenAccount(key=key, book=Book.UAE, currency="EUR", type=AccountType.EQUITY, allows_overdraft=True),
            actor="ada",
            today=DAY,
        )
        for key in ("one", "two")
    ]
    return made[0].fact.account_id, made[1].fact.account_id  # type: ignore[union-attr]


def entry_count(engine: Engine) -> int:
    with engine.connect() as conn:
        return int(conn.execute(select(func.count()).select_from(journal_entry)).scalar_one())


def test_entries_and_reversals_by_hand_are_posted_as_they_were_shown(office: Office) -> None:
    one, two = accounts(office.engine)
    lines = tuple(
        WantedLine(account_id=id_, amount=amount, currency="EUR") for id_, amount in ((one, "9.00"), (two, "-9.00"))
    )
    entry = PostEntry(key="e", book=Book.UAE, lines=lines, booked_on=DAY, metadata={"description": "Rent"})
    set_limits(office.engine, Deed.POST, above={"EUR": 899}, actor="ada")
    with pytest.raises(SecondPersonNeeded, match=r"9\.00 EUR is more than you may post alone"):
        command_ledger(office.engine, entry, actor="ana", today=DAY)
    number = propose_posting(office.engine, entry, actor="ana", today=DAY)
    assert entry_count(office.engine) == 0
    assert office.approve(number) is ProposalState.APPROVED
    with office.engine.connect() as conn:
        posted = conn.execute(select(journal_entry)).one()
    assert (posted.booked_on, entry_count(office.engine)) == (DAY, 1)
    set_limits(office.engine, Deed.REVERSE, is_always=True, actor="ada")
    back = ReverseEntry(key="r", entry_id=posted.id, booked_on=DAY, metadata={"reason": "Twice."})
    with pytest.raises(SecondPersonNeeded):
        command_ledger(office.engine, back, actor="ana", today=DAY)
    both = [propose_posting(office.engine, replace(back, key=key), actor="ana", today=DAY) for key in ("r1", "r2")]
    assert [office.approve(each) for each in both] == [ProposalState.APPROVED, ProposalState.VOID]
    assert entry_count(office.engine) == 2


def test_a_write_off_to_other_accounts_than_were_shown_is_void(office: Office) -> None:
    number = ON_ROWS["write off"][2](office)
    name_write_off_accounts(
        office.engine, office.run_id, currency="EUR", book=Book.UAE, accounts=accounts(office.engine), actor="ada"
    )
    assert office.approve(number) is ProposalState.VOID
    assert entry_count(office.engine) == 0


def test_who_wrote_rules_is_not_who_approves_them(office: Office) -> None:
    set_limits(office.engine, Deed.RULES, is_always=True, actor="ada")
    wanted = replace(Rules(), days_after=3)
    with office.engine.connect() as conn:
        name = conn.execute(text("select name from reconciliation")).scalar_one()
    with pytest.raises(SecondPersonNeeded, match="may not save rules alone"):
        save_rules(office.engine, reconciliation=name, rules=wanted, after=0, note="Late.", actor="ada")
    numbers = [
        propose_rules(
            office.engine, reconciliation=name, wanted=wanted, after=0, note="Late.", actor="ada", action_key=key
        )
        for key in ("one", "two")
    ]
    with pytest.raises(OwnProposal):
        office.approve(numbers[0], "ada", reason="Now.", is_emergency=True)
    assert office.approve(numbers[0]) is ProposalState.APPROVED
    with office.engine.connect() as conn:
        newest = saved.newest(conn, name)
    assert newest is not None
    assert (newest.rules, newest.created_by, newest.version) == (wanted, "ada", 1)


def test_who_may_not_do_it_any_more_has_proposed_in_vain(office: Office) -> None:
    number = ON_ROWS["match"][2](office)
    change_person(office.engine, Person(name="ana", role=PersonRole.VIEWER, version=1), actor="ada")
    assert office.approve(number) is ProposalState.VOID


def test_ones_own_is_withdrawn_whatever_one_may_do_by_now(office: Office) -> None:
    number = ON_ROWS["match"][2](office)
    change_person(office.engine, Person(name="ana", role=PersonRole.VIEWER, version=1), actor="ada")
    withdraw(office.engine, number, actor="ana")
    assert office.asked(number).state is ProposalState.WITHDRAWN


def test_in_an_emergency_an_administrator_decides_and_everybody_is_told(office: Office) -> None:
    number = ON_ROWS["match"][2](office)
    with pytest.raises(NotAllowed):
        office.approve(number, "ada")
    with pytest.raises(EmergencyNeedsReason):
        office.approve(number, "ada", is_emergency=True)
    assert office.approve(number, "ada", reason="Month end.", is_emergency=True) is ProposalState.APPROVED
    assert office.asked(number).is_emergency
    (line,) = alert_lines(office.engine)
    assert (line.check_name, line.book, line.new_status) == ("emergency", f"proposal {number}", "approved")
    with office.engine.connect() as conn:
        event = conn.execute(select(audit_event).where(audit_event.c.action == "proposal_approved")).one()
    assert (event.actor, event.detail) == ("ada", {"reason": "Month end.", "emergency": True})


def test_the_inbox_holds_what_waits_ones_own_and_what_was_decided(office: Office) -> None:
    first, second = ON_ROWS["match"][2](office), ON_ROWS["ignore"][2](office)
    reject(office.engine, second, actor="bo", reason="Ask first.")
    listed = {inbox: [one.id for one in proposals(office.engine, inbox, actor="ben", limit=9)] for inbox in Inbox}
    assert listed == {Inbox.WAITING: [first], Inbox.MINE: [], Inbox.DECIDED: [second]}
    counts = inbox_counts(office.engine, actor="ana")
    assert (counts.waiting, counts.own, counts.soon) == (0, 1, 0)


DECIDED = {"decided_by": "ben", "decided_at": text("clock_timestamp()")}

ROUND_ABOUT: dict[str, dict[str, object]] = {
    "the proposer approves": DECIDED | {"state": "approved", "decided_by": "ana"},
    "the proposer becomes another": {"proposed_by": "eve"},
    "another amount": {"amounts": {"EUR": 1}},
    "other rows": {"body": {"does": "settle"}},
    "more time": {"expires_at": text("clock_timestamp() + interval '9 days'")},
    "nobody decided": {"state": "approved"},
    "an emergency without a reason": DECIDED | {"state": "approved", "is_emergency": True},
}


def test_the_table_refuses_what_would_get_round_two_people(office: Office, owner: Engine) -> None:
    number = ON_ROWS["match"][2](office)
    for what, values in ROUND_ABOUT.items():
        for engine in (office.engine, owner):  # the application, and who owns the tables
            with engine.connect() as conn, pytest.raises(DBAPIError):
                conn.execute(update(proposal).where(proposal.c.id == number).values(**values))
        assert office.asked(number).state is ProposalState.OPEN, what


def test_what_was_decided_stays_and_nothing_is_taken_away(office: Office, owner: Engine) -> None:
    number = ON_ROWS["match"][2](office)
    reject(office.engine, number, actor="ben", reason="No.")
    for engine in (office.engine, owner):
        for statement in (
            "update proposal set state = 'open', decided_by = null, decided_at = null",
            "update proposal set state = 'approved'",
            "delete from proposal",
            "truncate proposal cascade",
        ):
            with engine.connect() as conn, pytest.raises(DBAPIError):
                conn.execute(text(statement))
    assert office.asked(number).state is ProposalState.REJECTED


def test_nobody_is_two_people_by_a_capital_letter(office: Office) -> None:
    with office.engine.connect() as conn, pytest.raises(IntegrityError, match="person_once"):
        conn.execute(insert(person).values(name="Ana", role="approver"))
