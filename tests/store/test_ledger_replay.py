"""What is stored is what the events say; when it is not, a replay names the rows and can put them right."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from recon.model.ledger import AccountType, Replay
from recon.store import ledger_replay
from recon.workflows.replay_ledger import replay_ledger
from tests.ledger.builders import Ledger, contents

TAMPERED = {
    "a balance": ("update account_balance set balance = balance + 1", "account_balance"),
    "a line and its opposite": ("update journal_line set amount = amount * 2", "journal_line"),
    "a day": (
        """with e as (update journal_entry set booked_on = '2020-01-01')
           update journal_line set booked_on = '2020-01-01'""",
        "journal_line",
    ),
    "an entry gone": ("with l as (delete from journal_line) delete from journal_entry", "journal_entry"),
    "an account's rules": ("update account set allows_overdraft = not allows_overdraft", "account"),
    "a balance gone": ("delete from account_balance", "account_balance"),
}


@pytest.fixture
def ledger(engine: Engine) -> Ledger:
    """Two accounts, four entries of every kind."""
    made = Ledger(engine)
    bank, alice, bob = (
        made.open(AccountType.LIABILITY, overdraft=True),
        made.open(),
        made.open(metadata={"name": "Bob"}),
    )
    made.transfer(bank, alice, "500.00", metadata={"why": "funding"})
    paid = made.transfer(alice, bob, "100.00")
    made.post((alice, "-1.00", "USD"), (bob, "0.25", "USD"), (bob, "0.75", "USD"))
    made.reverse(paid.id)
    return made


def test_projections_are_what_the_events_say(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger_replay, "BATCH", 2)
    proved = Replay(event_count=7, account_count=3, entry_count=4, differences=(), is_rebuilt=False)
    assert replay_ledger(ledger.engine) == proved
    before = contents(ledger.engine)
    assert replay_ledger(ledger.engine, rebuild=True) == proved
    assert contents(ledger.engine) == before


def test_an_empty_ledger_replays_to_nothing(engine: Engine) -> None:
    assert replay_ledger(engine) == Replay(
        event_count=0, account_count=0, entry_count=0, differences=(), is_rebuilt=False
    )


@pytest.mark.parametrize(("statement", "table"), TAMPERED.values(), ids=TAMPERED)
def test_tampering_is_found_and_put_right(ledger: Ledger, owner: Engine, statement: str, table: str) -> None:
    before = contents(ledger.engine)
    with owner.begin() as conn:
        conn.execute(text(statement))
    found = replay_ledger(ledger.engine)
    assert table in [difference.table for difference in found.differences]
    assert all(difference.examples for difference in found.differences)
    assert replay_ledger(ledger.engine, rebuild=True).is_rebuilt
    assert contents(ledger.engine) == before
    assert not replay_ledger(ledger.engine).differences


@pytest.mark.parametrize("rebuild", [False, True])
def test_a_replay_while_others_post_sees_one_moment(ledger: Ledger, rebuild: bool) -> None:
    bank, alice = ledger.open(AccountType.ASSET, overdraft=True), ledger.open()
    with ThreadPoolExecutor(4) as pool:
        posting = [pool.submit(ledger.transfer, bank, alice, "1.00") for _ in range(60)]
        replays = [replay_ledger(ledger.engine, rebuild=rebuild) for _ in range(4)]
        for task in posting:
            task.result()
    assert all(not replay.differences for replay in replays)
    assert ledger.balance(alice) == 60_00


def test_a_difference_names_the_rows(ledger: Ledger) -> None:
    account = _account(ledger)
    with ledger.engine.begin() as conn:
        conn.execute(text("update account_balance set balance = balance + 7 where account_id = :id"), {"id": account})
    (difference,) = replay_ledger(ledger.engine).differences
    assert (difference.missing_count, difference.extra_count, difference.examples) == (1, 1, (str(account),))


def _account(ledger: Ledger) -> UUID:
    with ledger.engine.connect() as conn:
        found: UUID = conn.execute(text("select id from account order by event_id desc limit 1")).scalar_one()
        return found
