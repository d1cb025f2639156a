"""The ledger in the database: commands once and whole, entries that balance, and history that stays."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from recon.ledger.refusals import (
    AccountUnknown,
    AlreadyReversed,
    EntryUnknown,
    KeyReused,
    LedgerRefusal,
    Overdraft,
    SourceTxnTaken,
)
from recon.model.ledger import AccountType, Book, LedgerEvent
from tests.ledger.builders import Ledger, contents


@pytest.fixture
def ledger(engine: Engine) -> Ledger:
    return Ledger(engine)


@pytest.fixture
def float_account(ledger: Ledger) -> UUID:
    return ledger.open(AccountType.LIABILITY, overdraft=True)


@pytest.fixture
def alice(ledger: Ledger, float_account: UUID) -> UUID:
    """A customer who holds 500.00 USD."""
    account = ledger.open()
    ledger.transfer(float_account, account, "500.00")
    return account


def test_funding_a_payment_and_a_refund(ledger: Ledger, float_account: UUID, alice: UUID) -> None:
    bob = ledger.open()
    ledger.transfer(alice, bob, "100")
    ledger.transfer(bob, alice, "50.00")
    assert [ledger.balance(account) for account in (float_account, alice, bob)] == [-500_00, 450_00, 50_00]


def test_the_same_command_again_gives_the_first_answer_whatever_happened_since(ledger: Ledger, alice: UUID) -> None:
    bob = ledger.open()
    first = ledger.transfer(alice, bob, "500", key="rent")
    before = contents(ledger.engine)
    assert ledger.transfer(alice, bob, "500", key="rent") == first
    assert contents(ledger.engine) == before


def test_another_command_with_a_used_key_is_refused(ledger: Ledger, alice: UUID, float_account: UUID) -> None:
    bob = ledger.open()
    ledger.transfer(alice, bob, "5", key="rent")
    with pytest.raises(KeyReused, match="'rent' was used"):
        ledger.transfer(alice, bob, "6", key="rent")
    with pytest.raises(KeyReused, match="'rent' was used"):
        ledger.open(key="rent")


def test_an_account_opened_twice_is_one_account(ledger: Ledger) -> None:
    assert ledger.open(key="alice", metadata={"name": "Alice"}) == ledger.open(key="alice", metadata={"name": "Alice"})


def test_a_source_transaction_is_in_a_book_once(ledger: Ledger, alice: UUID) -> None:
    bob = ledger.open()
    origin = {"source_system": "stripe", "source_txn_id": "ch_1"}
    first = ledger.transfer(alice, bob, "5", **origin)
    before = contents(ledger.engine)
    with pytest.raises(SourceTxnTaken, match=f"ch_1 of stripe is in this book already, as entry {first.id}"):
        ledger.transfer(alice, bob, "5", **origin)
    assert contents(ledger.engine) == before
    one, other = (ledger.open(AccountType.ASSET, book=Book.INDIA, overdraft=True) for _ in range(2))
    assert ledger.transfer(one, other, "5", **origin).id > first.id


def test_an_overdraft_and_an_unknown_account_leave_everything_as_it_was(ledger: Ledger, alice: UUID) -> None:
    bob = ledger.open()
    before = contents(ledger.engine)
    with pytest.raises(Overdraft, match=r"has 500\.00 USD, which is 0\.01 USD too little"):
        ledger.transfer(alice, bob, "500.01")
    with pytest.raises(AccountUnknown, match="There is no account"):
        ledger.transfer(alice, uuid4(), "1")
    assert contents(ledger.engine) == before


def test_an_entry_has_several_lines_and_currencies(ledger: Ledger, alice: UUID) -> None:
    dollars, yen, bank_yen = (
        ledger.open(AccountType.ASSET, currency=currency, overdraft=True) for currency in ("USD", "JPY", "JPY")
    )
    ledger.post(
        (alice, "-10.00", "USD"), (dollars, "9.50", "USD"), (dollars, "0.50", "USD"), (yen, "1500", "JPY"),
        (bank_yen, "-1500", "JPY"),
    )  # fmt: skip
    assert [ledger.balance(a) for a in (alice, dollars, yen, bank_yen)] == [490_00, 10_00, 1500, -1500]


def test_a_reversal_is_the_opposite_once_and_may_be_reversed_itself(ledger: Ledger, alice: UUID) -> None:
    bob = ledger.open()
    paid = ledger.transfer(alice, bob, "20")
    undone = ledger.reverse(paid.id)
    assert (ledger.balance(alice), ledger.balance(bob)) == (500_00, 0)
    with pytest.raises(AlreadyReversed, match=f"by entry {undone.id}"):
        ledger.reverse(paid.id)
    ledger.reverse(undone.id)
    assert ledger.balance(bob) == 20_00


def test_a_reversal_of_nothing_and_of_money_that_is_spent_are_refused(
    ledger: Ledger, alice: UUID, float_account: UUID
) -> None:
    bob = ledger.open()
    paid = ledger.transfer(alice, bob, "20")
    ledger.transfer(bob, float_account, "1")
    with pytest.raises(Overdraft):
        ledger.reverse(paid.id)
    with pytest.raises(EntryUnknown, match="no journal entry 999"):
        ledger.reverse(999)


def test_of_two_reversals_at_once_one_succeeds(ledger: Ledger, alice: UUID) -> None:
    bob = ledger.open()
    for paid in [ledger.transfer(alice, bob, "1") for _ in range(5)]:
        outcomes = _at_once(4, lambda entry=paid.id: ledger.reverse(entry))
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["AlreadyReversed"] * 3 + ["LedgerEvent"]
    assert ledger.balance(bob) == 0


def test_the_same_command_at_once_is_one_event(ledger: Ledger, alice: UUID) -> None:
    bob = ledger.open()
    outcomes = _at_once(6, lambda: ledger.transfer(alice, bob, "500", key="once"))  # there is no money for a second
    assert isinstance(outcomes[0], LedgerEvent)
    assert all(outcome == outcomes[0] for outcome in outcomes)
    assert ledger.balance(bob) == 500_00


def test_an_account_opened_by_many_at_once_is_one_account(ledger: Ledger) -> None:
    assert len(set(_at_once(6, lambda: ledger.open(key="alice")))) == 1


def test_a_source_transaction_sent_by_many_at_once_is_posted_once(ledger: Ledger, alice: UUID) -> None:
    bob = ledger.open()
    origin = {"source_system": "stripe", "source_txn_id": "ch_1"}
    outcomes = _at_once(4, lambda: ledger.transfer(alice, bob, "500", **origin))
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["LedgerEvent"] + ["SourceTxnTaken"] * 3


def test_money_that_is_there_once_is_spent_once(ledger: Ledger, alice: UUID) -> None:
    bob = ledger.open()
    outcomes = _at_once(8, lambda: ledger.transfer(alice, bob, "200"))
    assert [type(outcome) for outcome in outcomes].count(LedgerEvent) == 2
    assert (ledger.balance(alice), ledger.balance(bob)) == (100_00, 400_00)


def test_many_threads_over_few_accounts_lose_and_make_no_money(ledger: Ledger, float_account: UUID) -> None:
    accounts = [ledger.open() for _ in range(20)]
    for account in accounts:
        ledger.transfer(float_account, account, "3.00")

    def move(worker: int) -> int:
        done = 0
        for step in range(20):
            source, destination = (accounts[(worker * 7 + step * k) % 20] for k in (3, 5))
            try:
                ledger.transfer(source, destination, "1.00", key=f"{worker}/{step}")
                done += 1
            except LedgerRefusal:
                continue
        return done

    with ThreadPoolExecutor(32) as pool:
        assert sum(pool.map(move, range(32))) > 0
    balances = [ledger.balance(account) for account in accounts]
    assert min(balances) >= 0
    assert sum(balances) == 60_00 == -ledger.balance(float_account)


BROKEN = {
    "an amount changed": "update journal_line set amount = amount + 1 where line_no = 1",
    "a line gone": "delete from journal_line where line_no = 1",
    "a line on another day": "update journal_line set booked_on = booked_on + 1 where line_no = 1",
    "a line added": """insert into journal_line select entry_id, 9, account_id, book, booked_on, currency, 1
                       from journal_line limit 1""",
    "a line in another currency": "update journal_line set currency = 'EUR' where line_no = 1",
    "a line in another book": "update journal_line set book = 'india' where line_no = 1",
    "a balance overdrawn": "update account_balance set balance = -1 where protected_side = 1",
    "an entry without lines": """insert into journal_entry select e.id, 'uae', '2026-01-01', 's', 't', null, '{}'
                                 from ledger_event e where kind = 'AccountOpened' limit 1""",
}


@pytest.mark.parametrize("statement", BROKEN.values(), ids=BROKEN)
def test_the_database_itself_refuses(ledger: Ledger, alice: UUID, owner: Engine, statement: str) -> None:
    before = contents(ledger.engine)
    with pytest.raises(IntegrityError), owner.begin() as conn:
        conn.execute(text(statement))
    assert contents(ledger.engine) == before


def test_nobody_dates_an_event(owner: Engine) -> None:
    with owner.begin() as conn:
        at = conn.execute(
            text("""insert into ledger_event (at, actor, command_key, fingerprint, kind, book, body)
                    values ('2001-01-01', 'x', 'k', 'f', 'AccountOpened', 'uae', '{}') returning at""")
        ).scalar_one()
    assert at.year > 2001


def _at_once(count: int, act: object) -> list[object]:
    """What `count` threads that start together get: the event, or the refusal."""
    together = Barrier(count)

    def one(_: int) -> object:
        together.wait()
        try:
            return act()  # type: ignore[operator]
        except LedgerRefusal as refusal:
            return refusal

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))
