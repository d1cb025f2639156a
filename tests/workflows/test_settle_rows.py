"""Settling rows by hand on a real database: it closes or is refused, is done once, posts, and can be undone."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from time import sleep

import pytest
from sqlalchemy import Engine, func, select, text

from recon.errors import (
    DecisionNotStanding,
    RowsChanged,
    SettlementRefused,
    TieoutError,
)
from recon.model.people import Person, PersonRole, ProposalState
from recon.model.people_refusals import SecondPersonNeeded
from recon.model.settlement import SettleMove
from recon.model.transactions import Side
from recon.model.triage import Command, Move, Resolution, Seen
from recon.queries.proposals import find_proposal
from recon.store import discrepancies, settlements
from recon.store.evidence import Evidence
from recon.store.tables import audit_event
from recon.store.workbench_tables import decision, decision_member
from recon.workflows.confirm_suggestions import confirm_suggestions, reject_suggestions
from recon.workflows.manage_people import list_person
from recon.workflows.prepare_workbench import prepare_workbench
from recon.workflows.proposals import approve
from recon.workflows.propose_settlement import propose_settlement
from recon.workflows.resolve_discrepancies import resolve_discrepancies
from recon.workflows.run_in_foreground import finish_run
from recon.workflows.settle_rows import settle_rows
from recon.workflows.submit_run import rerun
from recon.workflows.undo_decision import undo_decision
from recon.workflows.undo_settlement import undo_settlement
from recon.workflows.unmatch_rows import unmatch_rows
from tests.workflows.bench import ask, open_lines, opened, row, statuses

PAYOUT, PARTS = 4, (4, 5, 6)
"""The source's line of 100.00, and the reference's of 40.00, 55.00 and 5.00: one suggestion."""


@pytest.fixture
def run_id(engine: Engine, evidence: Evidence) -> int:
    return opened(engine, evidence)


def resolved(engine: Engine, run_id: int) -> list[str | None]:
    return [resolution for status, resolution in statuses(engine, run_id).values() if status == "resolved"]


def test_every_row_that_does_not_tie_out_is_open_and_no_other(engine: Engine, run_id: int) -> None:
    found = open_lines(engine, run_id)
    assert found["source"] == {3: 2_500, 4: 10_000, 5: 6_000, 6: 777, 7: -778, 8: 333}
    assert found["reference"] == {3: 2_300, 4: 4_000, 5: 5_500, 6: 500}


def test_a_match_of_many_closes_its_rows_and_their_discrepancy(engine: Engine, run_id: int) -> None:
    done = settle_rows(engine, ask(engine, run_id, SettleMove.MATCH, source=[PAYOUT], reference=PARTS), actor="ana")
    assert done.row_count == 4
    assert not {*PARTS} & open_lines(engine, run_id)["reference"].keys()
    assert resolved(engine, run_id) == ["matched"]
    with engine.connect() as conn:
        event = conn.execute(select(audit_event).where(audit_event.c.action == "rows_matched")).one()
    assert event.detail["decision"] == done.decision_id


def test_a_match_that_does_not_close_needs_a_reason_code(engine: Engine, run_id: int) -> None:
    wanted = ask(engine, run_id, SettleMove.MATCH, source=[3], reference=[3])
    with pytest.raises(SettlementRefused, match=r"differ by 2\.00 EUR"):
        settle_rows(engine, wanted, actor="ana")
    done = settle_rows(engine, replace(wanted, reason_code=Resolution.FEE), actor="ana")
    assert done.lacks_accounts
    assert resolved(engine, run_id) == ["written_off"]


def test_above_the_limit_a_second_person_is_needed(engine: Engine, run_id: int) -> None:
    list_person(engine, Person(name="ana", role=PersonRole.OPERATOR, limits={"EUR": 199}), actor="ada")
    wanted = ask(engine, run_id, SettleMove.MATCH, source=[3], reference=[3], reason_code=Resolution.FEE)
    with pytest.raises(SecondPersonNeeded, match=r"2\.00 EUR"):
        settle_rows(engine, wanted, actor="ana")
    assert 3 in open_lines(engine, run_id)["source"]


def test_only_what_comes_to_nothing_is_netted(engine: Engine, run_id: int) -> None:
    with pytest.raises(SettlementRefused, match=r"come to −0\.01 EUR"):
        settle_rows(engine, ask(engine, run_id, SettleMove.NET, source=[6, 7]), actor="ana")
    with pytest.raises(SettlementRefused, match="one side"):
        settle_rows(engine, ask(engine, run_id, SettleMove.NET, source=[6], reference=[6]), actor="ana")


def test_of_a_split_the_rest_stays_open_and_goes_on_from_there(engine: Engine, run_id: int) -> None:
    first = settle_rows(engine, ask(engine, run_id, SettleMove.SPLIT, source=[PAYOUT], reference=[4]), actor="ana")
    assert open_lines(engine, run_id)["source"][PAYOUT] == 6_000
    assert resolved(engine, run_id) == []
    second = settle_rows(engine, ask(engine, run_id, SettleMove.MATCH, source=[PAYOUT], reference=[5, 6]), actor="ana")
    with engine.connect() as conn:
        standing = conn.execute(select(decision.c.id).where(decision.c.revoked_at.is_(None))).scalars().all()
        members = conn.execute(
            select(func.count()).where(decision_member.c.decision_id == second.decision_id)
        ).scalar_one()
    assert (standing, members) == ([second.decision_id], 4)
    undo_settlement(engine, second.decision_id, actor="ana")
    assert open_lines(engine, run_id)["source"][PAYOUT] == 6_000
    assert 4 not in open_lines(engine, run_id)["reference"]
    with pytest.raises(DecisionNotStanding):
        undo_settlement(engine, first.decision_id, actor="ana")


def test_undo_opens_the_rows_and_their_discrepancy_again_once(engine: Engine, run_id: int) -> None:
    before = open_lines(engine, run_id), statuses(engine, run_id)
    wanted = ask(engine, run_id, SettleMove.IGNORE, source=[5, 8], reason="Test payments.")
    done = settle_rows(engine, wanted, actor="ana")
    assert resolved(engine, run_id) == ["dismissed", "dismissed"]
    assert undo_settlement(engine, done.decision_id, actor="ana") == 2
    assert (open_lines(engine, run_id), statuses(engine, run_id)) == before
    with pytest.raises(DecisionNotStanding):
        undo_settlement(engine, done.decision_id, actor="ana")


def test_a_double_click_is_one_decision(engine: Engine, run_id: int) -> None:
    wanted = ask(engine, run_id, SettleMove.IGNORE, source=[5], reason="A test.")
    first, second = (settle_rows(engine, wanted, actor="ana") for _ in range(2))
    assert (second.decision_id, second.was_known) == (first.decision_id, True)


def test_a_suggestion_is_confirmed_whole_or_rejected_for_good(engine: Engine, run_id: int) -> None:
    number = row(engine, run_id, Side.SOURCE, PAYOUT).discrepancy_id
    assert number is not None
    no = reject_suggestions(engine, run_id, [number], actor="ana", action_key="no")
    assert (no.done_count, statuses(engine, run_id)[number]) == (1, ("open", None))
    assert confirm_suggestions(engine, run_id, [number], actor="ana", action_key="late").done_count == 0
    undo_settlement(engine, no.decision_ids[0], actor="ana")
    yes = confirm_suggestions(engine, run_id, [number], actor="ana", action_key="yes")
    assert confirm_suggestions(engine, run_id, [number], actor="ana", action_key="yes") == yes
    assert statuses(engine, run_id)[number] == ("resolved", "matched")


def test_a_booked_match_is_taken_apart_and_its_rows_can_be_matched_anew(
    engine: Engine, evidence: Evidence, run_id: int
) -> None:
    number = unmatch_rows(
        engine, evidence, run_id, source_line=2, reference_line=2, reason="Wrong", actor="ana", action_key="apart"
    )
    assert open_lines(engine, run_id)["source"][2] == 1_000
    with pytest.raises(SettlementRefused, match="already"):
        unmatch_rows(engine, evidence, run_id, source_line=2, reference_line=2, actor="ana", action_key="again")
    done = settle_rows(engine, ask(engine, run_id, SettleMove.MATCH, source=[2], reference=[2]), actor="ana")
    with pytest.raises(TieoutError, match="Undo that one first"):
        undo_settlement(engine, number, actor="ana")
    undo_settlement(engine, done.decision_id, actor="ana")
    undo_settlement(engine, number, actor="ana")
    assert 2 not in open_lines(engine, run_id)["source"]


def test_twenty_people_at_once_never_use_a_row_twice(engine: Engine, run_id: int) -> None:
    """Each wants the payout with another choice of parts: one gets it, and is told; the others are told too."""
    choices = [parts for size in (1, 2, 3) for parts in itertools.combinations(PARTS, size)]
    asks = [
        ask(engine, run_id, SettleMove.MATCH, source=[PAYOUT], reference=choices[n % 7], reason_code=Resolution.FEE)
        for n in range(20)
    ]
    together = Barrier(20)

    def press(number: int) -> str:
        together.wait()
        try:
            settle_rows(engine, asks[number], actor=f"person {number}")
        except RowsChanged as problem:
            return problem.code
        return "done"

    with ThreadPoolExecutor(20) as people:
        answers = list(people.map(press, range(20)))
    assert sorted(answers) == ["ROWS_CHANGED"] * 19 + ["done"]
    with engine.connect() as conn:
        used = conn.execute(select(decision_member.c.side, decision_member.c.fingerprint)).all()
    assert len(used) == len(set(used))


def test_reopening_in_triage_takes_the_decision_back(engine: Engine, run_id: int) -> None:
    before = open_lines(engine, run_id), statuses(engine, run_id)
    settle_rows(engine, ask(engine, run_id, SettleMove.IGNORE, source=[5, 8], reason="Tests."), actor="ana")
    closed = [id_ for id_, (status, _) in statuses(engine, run_id).items() if status == "resolved"]
    command = Command(move=Move.REOPEN, action_key="reopen")
    verdict = resolve_discrepancies(engine, command, [Seen(id=closed[0], version=2)], actor="ana")
    assert verdict.is_complete
    assert (open_lines(engine, run_id), statuses(engine, run_id)) == before


def test_undo_leaves_what_triage_resolved_in_another_run(engine: Engine, evidence: Evidence, run_id: int) -> None:
    number = row(engine, run_id, Side.SOURCE, 8).discrepancy_id
    assert number is not None
    timing = Command(move=Move.RESOLVE, resolution=Resolution.TIMING, action_key="timing")
    resolve_discrepancies(engine, timing, [Seen(id=number, version=1)], actor="ben")
    before = statuses(engine, run_id)
    again = rerun(engine, evidence, run_id, actor="ana").run_id
    finish_run(engine, evidence, again, lease_seconds=60)
    prepare_workbench(engine, evidence, again)
    done = settle_rows(engine, ask(engine, again, SettleMove.IGNORE, source=[8], reason="A test."), actor="ana")
    undo_settlement(engine, done.decision_id, actor="ana")
    assert statuses(engine, run_id) == before


def test_taking_back_in_triage_waits_for_whoever_decides_before_it_holds_a_discrepancy(
    engine: Engine, run_id: int
) -> None:
    """Both lock the reconciliation first, so that neither can hold what the other waits for."""
    ids = list(statuses(engine, run_id))
    dismiss = Command(move=Move.RESOLVE, resolution=Resolution.DISMISSED, action_key="dismiss")
    verdict = resolve_discrepancies(engine, dismiss, [Seen(id=id_, version=1) for id_ in ids], actor="ana")
    with ThreadPoolExecutor(1) as other:
        with engine.begin() as conn:
            conn.execute(text("set local lock_timeout = '5s'"))
            settlements.lock_scope(conn, run_id)
            undone = other.submit(undo_decision, engine, verdict, action_key="back", actor="ana")
            wait_for_a_waiter(engine)
            assert len(discrepancies.lock(conn, ids, "decide")) == len(ids)
        assert undone.result().is_complete
    assert resolved(engine, run_id) == []


def wait_for_a_waiter(engine: Engine) -> None:
    """Return once somebody waits for a lock in this database."""
    here = "database = (select oid from pg_database where datname = current_database())"
    query = f"select count(*) from pg_locks where not granted and pid in (select pid from pg_locks where {here})"  # noqa: S608
    for _ in range(500):
        with engine.connect() as conn:
            if conn.execute(text(query)).scalar_one():
                return
        sleep(0.02)
    pytest.fail("nobody waits for a lock")


def test_what_is_above_the_limit_is_proposed_and_done_once_approved(
    engine: Engine, evidence: Evidence, run_id: int
) -> None:
    list_person(engine, Person(name="ana", role=PersonRole.OPERATOR, limits={"EUR": 0}), actor="ada")
    list_person(engine, Person(name="ben", role=PersonRole.APPROVER), actor="ada")
    wanted = ask(engine, run_id, SettleMove.MATCH, source=[3], reference=[3], reason_code=Resolution.FEE)
    numbers = [propose_settlement(engine, replace(wanted, action_key=key), actor="ana") for key in ("one", "two")]
    asked = [find_proposal(engine, number) for number in numbers]
    states = [approve(engine, evidence, one.id, digest=one.digest, actor="ben") for one in asked if one]
    assert states == [ProposalState.APPROVED, ProposalState.VOID]
    assert resolved(engine, run_id) == ["written_off"]
    with engine.connect() as conn:
        assert conn.execute(select(decision.c.actor, decision.c.proposal_id)).one() == ("ana", numbers[0])
