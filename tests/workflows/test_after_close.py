"""What is changed about a signed period is told: where it is looked at, and in the next pack."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import Engine, select

from recon.model.ledger import AccountType
from recon.model.rules import Rules
from recon.model.settlement import Ask, SeenRow, SettleMove
from recon.model.transactions import Side
from recon.model.triage import Resolution
from recon.queries.after_close import changes_after, decisions_after_close, entry_after_close, run_after_close
from recon.queries.closes import closes_of
from recon.queries.ledger import entry
from recon.store.evidence import Evidence
from recon.store.settlement_tables import workbench_row
from recon.workflows.close_period import reopen_period
from recon.workflows.fetch_transactions import fetch_transactions
from recon.workflows.prepare_workbench import prepare_workbench
from recon.workflows.read_for_feed import read_for_feed
from recon.workflows.settle_rows import settle_rows
from recon.workflows.start_run import start_run
from recon.workflows.submit_run import rerun
from recon.workflows.undo_settlement import undo_settlement
from recon.workflows.unmatch_rows import unmatch_rows
from tests.ledger.builders import Ledger
from tests.workflows.sides import submit_both
from tests.workflows.test_close_period import Desk, decide, section
from tests.workflows.test_execute_run import execute


@pytest.fixture
def desk(engine: Engine, evidence: Evidence) -> Desk:
    """One published run of March, with three discrepancies."""
    execute(engine, evidence, submit_both(engine, evidence))
    return Desk(engine=engine, evidence=evidence, id=1, name="Bank vs ledger")


def told(desk: Desk) -> list[tuple[str, str, str]]:
    signed = [one for one in closes_of(desk.engine) if one.reopens_id is None]
    with desk.engine.connect() as conn:
        return [(one.actor, one.what, one.about) for one in changes_after(conn, desk.evidence, signed)]


def ignore(desk: Desk, *, place: int = 1, key: str = "i1") -> int:
    """Ignore one open row on the workbench; the decision's number."""
    prepare_workbench(desk.engine, desk.evidence, 1)
    w = workbench_row.c
    with desk.engine.connect() as conn:
        row = conn.execute(select(w.side, w.line, w.open_amount).where(w.is_open).order_by(w.side, w.line)).all()[place]
    ask = Ask(
        run_id=1,
        move=SettleMove.IGNORE,
        rows=(SeenRow(side=Side(row.side), line=row.line, open_amount=row.open_amount),),
        reason_code=Resolution.TIMING,
        reason="Next month.",
        action_key=key,
    )
    return settle_rows(desk.engine, ask, actor="olga").decision_id


def test_nothing_is_told_of_what_came_before(desk: Desk) -> None:
    ignore(desk)
    decide(desk, Resolution.TIMING)
    desk.close()
    assert told(desk) == []


def test_every_way_to_change_a_signed_period_is_told_once(desk: Desk) -> None:
    early = ignore(desk)
    desk.close()
    decide(desk, Resolution.TIMING)
    late = ignore(desk, place=2, key="i2")
    undo_settlement(desk.engine, early, actor="ben")
    assert told(desk) == [
        ("ana", "resolved as timing", "run 1"),
        ("olga", "ignored", f"decision {late}"),
        ("ben", "ignored, taken back", f"decision {early}"),
    ]
    assert decisions_after_close(desk.engine, 1, [early, late]) == {early: 1, late: 1}


def test_a_match_taken_apart_after_the_close_is_told(desk: Desk) -> None:
    desk.close()
    number = unmatch_rows(
        desk.engine,
        desk.evidence,
        1,
        source_line=2,
        reference_line=2,
        reason="Two customers",
        actor="olga",
        action_key="u1",
    )
    assert told(desk) == [("olga", "said not to match", f"decision {number}")]
    assert decisions_after_close(desk.engine, 1, [number]) == {number: 1}


def test_a_run_published_later_for_the_closed_days_says_so(desk: Desk) -> None:
    number = desk.close()
    assert run_after_close(desk.engine, desk.evidence, 1) is None
    again = rerun(desk.engine, desk.evidence, 1, actor="olga").run_id
    execute(desk.engine, desk.evidence, again)
    found = run_after_close(desk.engine, desk.evidence, again)
    assert found is not None
    assert found.id == number
    assert told(desk) == [("olga", "Run published", f"run {again}")]


def test_what_is_about_other_days_is_not_told(desk: Desk) -> None:
    desk.close(first_on=date(2026, 3, 1), last_on=date(2026, 3, 2))
    reopen_period(desk.engine, 1, reason="Too short", action_key="r", actor="ben")
    assert told(desk) == [("ben", "opened again: Too short", "close 1")]
    assert decisions_after_close(desk.engine, 1, [ignore(desk)]) == {}  # nothing is closed any more


def test_the_next_pack_takes_in_what_was_changed_since_and_the_one_after_it_does_not_again(desk: Desk) -> None:
    assert section(desk.gather().pack, "After an earlier close").note == "No period was signed off before."
    desk.close()
    decide(desk, Resolution.TIMING)
    reopen_period(desk.engine, 1, reason="Late file", action_key="r", actor="ben")
    gathered = desk.gather()
    lines = section(gathered.pack, "After an earlier close").rows
    assert gathered.change_count == 2
    assert [line[1:5] for line in lines] == [
        ("ana", "Resolved as timing", "run 1", "close 1"),
        ("ben", "Opened again: Late file", "close 1", "close 1"),
    ]
    desk.close(key="k2")
    after = section(desk.gather().pack, "After an earlier close")
    assert (after.rows, after.note) == ((), "Nothing of a closed period was changed since.")


def entries_after_a_close(engine: Engine, evidence: Evidence) -> tuple[Desk, dict[str, int]]:
    """A signed March of the account Cash, reconciled with itself; and three entries posted since, by what they are."""
    ledger = Ledger(engine, today=date(2026, 3, 20))
    cash, sales, other = (
        ledger.open(kind, overdraft=True, key=name, metadata={"name": name})
        for name, kind in (("Cash", AccountType.ASSET), ("Sales", AccountType.INCOME), ("Other", AccountType.EXPENSE))
    )
    ledger.post((cash, "10.00", "USD"), (sales, "-10.00", "USD"))
    addresses = {Side.SOURCE: "ledger:uae/Cash", Side.REFERENCE: "ledger:uae?account=Cash&from=2026-03-01"}
    sides = {}
    for side, address in addresses.items():
        upload = fetch_transactions(engine, evidence, address, actor="ana")
        sides[side] = read_for_feed(engine, evidence, upload.id, feed=None, actor="ana").stored
    started = start_run(engine, evidence, reconciliation="Cash", sides=sides, rules=Rules(), actor="ana")
    execute(engine, evidence, started.run_id)
    desk = Desk(engine=engine, evidence=evidence, id=1, name="Cash")
    desk.close()
    posted = {
        "into March": ledger.post((cash, "5.00", "USD"), (sales, "-5.00", "USD")).id,
        "of other accounts": ledger.post((other, "5.00", "USD"), (sales, "-5.00", "USD")).id,
    }
    ledger.today = date(2026, 4, 2)
    return desk, {**posted, "into April": ledger.post((cash, "7.00", "USD"), (sales, "-7.00", "USD")).id}


def test_an_entry_booked_into_the_closed_days_of_an_account_that_was_reconciled_says_so(
    engine: Engine, evidence: Evidence
) -> None:
    desk, posted = entries_after_a_close(engine, evidence)
    found = {what: entry_after_close(engine, one) for what, number in posted.items() if (one := entry(engine, number))}
    assert {what: close and close.id for what, close in found.items()} == {
        "into March": 1,
        "of other accounts": None,
        "into April": None,
    }
    assert [what for _, what, _ in told(desk)] == ["entry posted, booked 2026-03-20"]
