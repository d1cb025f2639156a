"""What the books keep beside the journal: each change an event, once and whole, and what must not be is refused."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from recon.ledger.books_refusals import (
    CustomerTaken,
    CustomerUnknown,
    DayNotOver,
    FlowEnded,
    FlowTaken,
    FlowUnknown,
    HoldingShort,
    InTheFuture,
    MovementTaken,
    NotAUserAccount,
    OtherBook,
    RemittanceBack,
    RemittanceElsewhere,
    RemittanceTaken,
    RemittanceUnknown,
    SnapshotExists,
    TooEarly,
    WalletExists,
    WalletTaken,
)
from recon.ledger.refusals import AccountUnknown, EntryUnknown, LedgerRefusal
from recon.model.books import FlowKind, OpenWallet, ReturnRemittance
from recon.model.ledger import AccountType, Book, LedgerEvent
from recon.workflows.replay_ledger import replay_ledger
from tests.ledger.builders import OPENED, SETTLED, TODAY, YESTERDAY, Ledger, contents


@pytest.fixture
def ledger(engine: Engine) -> Ledger:
    return Ledger(engine)


@pytest.fixture
def alice(ledger: Ledger) -> UUID:
    return ledger.customer("ALICE")


@pytest.fixture
def asha(ledger: Ledger) -> UUID:
    """A customer of the other book."""
    return ledger.customer("ASHA", book=Book.INDIA)


def rows(ledger: Ledger, query: str) -> list[tuple[Any, ...]]:
    with ledger.engine.connect() as conn:
        return [tuple(row) for row in conn.execute(text(query))]


def test_a_customer_is_known_once_in_a_book(ledger: Ledger, alice: UUID) -> None:
    with pytest.raises(CustomerTaken, match="Book uae has a customer ALICE already"):
        ledger.customer("ALICE")
    assert ledger.customer("ALICE", book=Book.INDIA) != alice


def test_a_wallet_keeps_a_balance_of_its_own_from_the_day_it_is_one(ledger: Ledger, alice: UUID) -> None:
    bank, account = ledger.open(AccountType.LIABILITY, overdraft=True), ledger.open()
    ledger.transfer(bank, account, "500.00")
    ledger.send(OpenWallet(key="w", customer_id=alice, account_id=account))
    paid = ledger.transfer(account, bank, "20.00")
    ledger.transfer(account, bank, "0.01")
    ledger.reverse(paid.id)
    assert rows(ledger, "select balance, currency from wallet") == [(499_99, "USD")]


def test_a_wallet_is_a_user_account_of_its_customers_book_and_one_per_currency(
    ledger: Ledger, alice: UUID, asha: UUID
) -> None:
    account = ledger.wallet(alice)
    other = ledger.customer("BOB")

    def refused(refusal: type[LedgerRefusal], customer: UUID, account: UUID) -> None:
        before = contents(ledger.engine)
        with pytest.raises(refusal):
            ledger.send(OpenWallet(key=uuid4().hex, customer_id=customer, account_id=account))
        assert contents(ledger.engine) == before

    refused(WalletTaken, other, account)
    refused(WalletExists, alice, ledger.open())
    refused(OtherBook, asha, ledger.open())
    refused(NotAUserAccount, other, ledger.open(AccountType.ASSET))
    refused(CustomerUnknown, uuid4(), ledger.open())
    refused(AccountUnknown, other, uuid4())
    ledger.wallet(alice, currency="AED")


def test_a_holding_is_the_exact_sum_of_its_movements(ledger: Ledger, alice: UUID) -> None:
    for quantity in ("10", "0.0000000001", "-9.5", "123456789012345678.1234567891"):
        ledger.hold(alice, "AAPL", quantity)
    assert rows(ledger, "select quantity from holding") == [(Decimal("123456789012345678.6234567892"),)]
    assert rows(ledger, "select count(*), sum(quantity) from holding_movement")[0][0] == 4


def test_more_than_is_held_goes_out_only_where_short_is_allowed(ledger: Ledger, alice: UUID) -> None:
    ledger.hold(alice, "AAPL", "2.50")
    before = contents(ledger.engine)
    with pytest.raises(HoldingShort, match=r"2\.5 of AAPL are held, too few to take 3 out"):
        ledger.hold(alice, "AAPL", "-3")
    assert contents(ledger.engine) == before
    ledger.hold(alice, "AAPL", "-3", allows_short=True)
    ledger.hold(alice, "AAPL", "0.2")  # less short than before
    assert rows(ledger, "select quantity from holding") == [(Decimal("-0.3"),)]


def test_a_movement_and_a_flow_come_from_a_source_transaction_once(ledger: Ledger, alice: UUID) -> None:
    origin = {"source_system": "gtn", "source_txn_id": "T1"}
    moved, flow = ledger.hold(alice, "AAPL", "1", **origin), ledger.flow(alice, **origin)
    with pytest.raises(MovementTaken, match=f"as movement {moved.id}"):
        ledger.hold(alice, "MSFT", "1", **origin)
    with pytest.raises(FlowTaken, match=f"as flow {flow.id}"):
        ledger.flow(alice, **origin)


def test_a_flow_ends_once_after_it_began(ledger: Ledger, alice: UUID) -> None:
    bank, account = ledger.open(AccountType.LIABILITY, overdraft=True), ledger.wallet(alice)
    entry = ledger.transfer(bank, account, "10.00")
    settled, failed = ledger.flow(alice), ledger.flow(alice, kind=FlowKind.WITHDRAWAL)
    with pytest.raises(TooEarly):
        ledger.settle(settled.id, settled_at=OPENED - timedelta(seconds=1))
    with pytest.raises(EntryUnknown):
        ledger.settle(settled.id, entry_id=999)
    with pytest.raises(InTheFuture):
        ledger.settle(settled.id, settled_at=SETTLED + timedelta(days=1))
    ledger.settle(settled.id, entry_id=entry.id)
    ledger.fail(failed.id)
    for ended in (settled, failed):
        for end in (ledger.settle, ledger.fail):
            with pytest.raises(FlowEnded, match="on 2026-03-31 already"):
                end(ended.id)
    with pytest.raises(FlowUnknown):
        ledger.settle(entry.id)
    assert rows(ledger, "select settled_at, failed_at, reason, entry_id from pending_flow order by id") == [
        (SETTLED, None, None, entry.id),
        (None, SETTLED, "Refused by the bank", None),
    ]


def test_a_remittance_is_indias_and_known_once_to_its_broker(ledger: Ledger, alice: UUID, asha: UUID) -> None:
    sent = ledger.remit(asha, broker_ref="VT-1")
    with pytest.raises(RemittanceTaken, match=f"VT-1 to viewtrade is recorded already, as number {sent.id}"):
        ledger.remit(asha, broker_ref="VT-1")
    with pytest.raises(RemittanceElsewhere, match="belongs to book uae"):
        ledger.remit(alice)
    with pytest.raises(InTheFuture):
        ledger.remit(asha, sent_on=TODAY + timedelta(days=1))


def test_a_remittance_comes_back_once(ledger: Ledger, asha: UUID) -> None:
    sent = ledger.remit(asha)
    with pytest.raises(TooEarly):
        ledger.send(ReturnRemittance(key="early", remittance_id=sent.id, returned_on=YESTERDAY))
    ledger.send(ReturnRemittance(key="back", remittance_id=sent.id, returned_on=TODAY))
    with pytest.raises(RemittanceBack):
        ledger.send(ReturnRemittance(key="again", remittance_id=sent.id, returned_on=TODAY))
    with pytest.raises(RemittanceUnknown):
        ledger.send(ReturnRemittance(key="none", remittance_id=999, returned_on=TODAY))


def test_a_link_to_an_entry_of_another_book_is_refused(ledger: Ledger, asha: UUID) -> None:
    bank, account = ledger.open(AccountType.LIABILITY, overdraft=True), ledger.open()
    entry = ledger.transfer(bank, account, "10.00")
    with pytest.raises(OtherBook, match=f"Entry {entry.id} belongs to book uae, not india"):
        ledger.remit(asha, entry_id=entry.id)


def test_a_snapshot_is_the_balance_at_the_end_of_a_day_that_is_over(ledger: Ledger) -> None:
    bank, account = ledger.open(AccountType.LIABILITY, overdraft=True), ledger.open()
    ledger.transfer(bank, account, "7.00", booked_on=YESTERDAY)
    ledger.transfer(bank, account, "1.00")
    first = ledger.snapshot(account)
    with pytest.raises(SnapshotExists, match="has a snapshot of 2026-03-30 already"):
        ledger.snapshot(account)
    for day in (TODAY, TODAY + timedelta(days=1)):
        with pytest.raises(DayNotOver):
            ledger.snapshot(account, as_of=day)
    with pytest.raises(AccountUnknown):
        ledger.snapshot(uuid4())
    stored = "select balance, event_id from balance_snapshot"
    assert rows(ledger, stored) == [(7_00, first.id)]
    ledger.transfer(bank, account, "2.00", booked_on=YESTERDAY)
    assert rows(ledger, stored) == [(7_00, first.id)]
    again = ledger.snapshot(account, replaces=True)
    assert rows(ledger, stored) == [(9_00, again.id)]


def test_the_same_command_again_gives_the_first_answer(ledger: Ledger, alice: UUID, asha: UUID) -> None:
    account = ledger.wallet(alice)

    def all_of_them() -> list[LedgerEvent]:
        flow = ledger.flow(alice, key="flow")
        return [
            ledger.hold(alice, "AAPL", "1", key="hold"),
            flow,
            ledger.settle(flow.id, key="settle"),
            ledger.remit(asha, key="remit", broker_ref="VT-1"),
            ledger.snapshot(account, key="snapshot"),
        ]

    first, before = all_of_them(), contents(ledger.engine)
    assert all_of_them() == first
    assert contents(ledger.engine) == before


def test_of_many_at_once_one_adds_the_customer_and_one_takes_the_last_units(ledger: Ledger, alice: UUID) -> None:
    def attempt(act: Any) -> bool:
        try:
            act()
        except LedgerRefusal:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(lambda _: attempt(lambda: ledger.customer("BOB")), range(6))) == 1
        assert sum(pool.map(lambda _: attempt(lambda: ledger.hold(alice, "AAPL", "2")), range(6))) == 6
        assert sum(pool.map(lambda _: attempt(lambda: ledger.hold(alice, "AAPL", "-5")), range(6))) == 2
        flow = ledger.flow(alice)
        assert sum(pool.map(lambda _: attempt(lambda: ledger.settle(flow.id)), range(6))) == 1
    assert rows(ledger, "select quantity from holding") == [(Decimal(2),)]


def test_wallets_follow_their_accounts_whoever_posts_at_once(ledger: Ledger) -> None:
    bank = ledger.open(AccountType.LIABILITY, overdraft=True)
    accounts = [ledger.wallet(ledger.customer(f"C-{number}")) for number in range(4)]
    late = ledger.open()
    for account in (*accounts, late):
        ledger.transfer(bank, account, "2.00")

    def move(worker: int) -> None:
        for step in range(8):
            source, destination = ((*accounts, late)[(worker + step * k) % 5] for k in (1, 2))
            with suppress(LedgerRefusal):
                ledger.transfer(source, destination, "1.00")

    with ThreadPoolExecutor(8) as pool:
        moved = [pool.submit(move, worker) for worker in range(7)]
        opening = pool.submit(ledger.send, OpenWallet(key="w", customer_id=ledger.customer("LATE"), account_id=late))
        for task in (*moved, opening):
            task.result()
    differing = "select count(*) from wallet w join account_balance b using (account_id) where w.balance <> b.balance"
    assert rows(ledger, differing) == [(0,)]
    assert rows(ledger, "select count(*), sum(balance) from wallet") == [(5, 10_00)]


TAMPERED = {
    "a wallet's balance": ("update wallet set balance = balance + 1", "wallet"),
    "a customer's name": ("update customer set name = 'Mallory'", "customer"),
    "a holding": ("update holding set quantity = quantity + 1", "holding"),
    "a movement gone": ("delete from holding_movement", "holding_movement"),
    "a flow settled": ("update pending_flow set settled_at = null, entry_id = null", "pending_flow"),
    "a remittance": ("update lrs_remittance set amount = amount + 1", "lrs_remittance"),
    "a snapshot": ("update balance_snapshot set balance = balance + 1", "balance_snapshot"),
}


@pytest.fixture
def all_kept(ledger: Ledger, alice: UUID, asha: UUID) -> Ledger:
    """Some of everything, changed since it came."""
    account, bank = ledger.wallet(alice), ledger.open(AccountType.LIABILITY, overdraft=True)
    paid = ledger.transfer(bank, account, "12.00")
    ledger.hold(alice, "AAPL", "2.5")
    ledger.hold(alice, "AAPL", "-3", allows_short=True)
    ledger.settle(ledger.flow(alice).id, entry_id=paid.id)
    ledger.fail(ledger.flow(alice).id)
    ledger.send(ReturnRemittance(key="back", remittance_id=ledger.remit(asha).id, returned_on=TODAY))
    ledger.snapshot(account)
    ledger.transfer(bank, account, "1.00", booked_on=YESTERDAY)
    ledger.snapshot(account, replaces=True)
    return ledger


def test_what_is_kept_is_what_the_events_say(all_kept: Ledger) -> None:
    assert not replay_ledger(all_kept.engine).differences


@pytest.mark.parametrize(("statement", "table"), TAMPERED.values(), ids=TAMPERED)
def test_tampering_is_found_and_put_right(all_kept: Ledger, owner: Engine, statement: str, table: str) -> None:
    before = contents(all_kept.engine)
    with owner.begin() as conn:
        conn.execute(text(statement))
    assert table in [difference.table for difference in replay_ledger(all_kept.engine).differences]
    assert replay_ledger(all_kept.engine, rebuild=True).is_rebuilt
    assert contents(all_kept.engine) == before


BROKEN = {
    "a holding below zero": "update holding set allows_short = false",
    "a quantity that is no number": "update holding_movement set quantity = 'NaN'",
    "a flow that failed and settled": "update pending_flow set failed_at = now(), reason = 'both', settled_at = now()",
    "a remittance elsewhere": "update lrs_remittance set book = 'uae'",
    "a customer of two books": "update customer set book = 'india' where book = 'uae'",
}


@pytest.mark.parametrize("statement", BROKEN.values(), ids=BROKEN)
def test_the_database_itself_refuses(all_kept: Ledger, owner: Engine, statement: str) -> None:
    with pytest.raises(DBAPIError), owner.begin() as conn:
        conn.execute(text(statement))


def test_a_rebuild_while_others_change_loses_nothing(ledger: Ledger, alice: UUID) -> None:
    with ThreadPoolExecutor(4) as pool:
        moving = [pool.submit(ledger.hold, alice, "AAPL", "1") for _ in range(30)]
        flowing = [pool.submit(ledger.flow, alice) for _ in range(30)]
        replays = [replay_ledger(ledger.engine, rebuild=True) for _ in range(3)]
        for task in (*moving, *flowing):
            task.result()
    assert all(not replay.differences for replay in replays)
    assert rows(ledger, "select quantity from holding") == [(Decimal(30),)]
