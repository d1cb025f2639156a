"""Reading the ledger: balances as of a day, the journal by pages and filters, events of an account."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import Engine

from recon.model.ledger import AccountOpened, AccountType, Book, LedgerEvent
from recon.queries.ledger import JournalFilter, account_balances, entry, events, journal
from recon.workflows.trial_balance import trial_balance_as_of
from tests.ledger.builders import Ledger

MARCH = [date(2026, 3, day) for day in range(1, 32)]


@pytest.fixture
def ledger(engine: Engine) -> Ledger:
    return Ledger(engine)


@pytest.fixture
def bank(ledger: Ledger) -> UUID:
    return ledger.open(AccountType.LIABILITY, overdraft=True)


@pytest.fixture
def alice(ledger: Ledger) -> UUID:
    return ledger.open(metadata={"name": "Alice"})


@pytest.fixture
def entries(ledger: Ledger, bank: UUID, alice: UUID) -> list[LedgerEvent]:
    """10.00 on 1 March, 20.00 on 3 March (recorded later), and the first one reversed on 5 March."""
    first = ledger.transfer(bank, alice, "10", booked_on=MARCH[0], source_system="stripe", source_txn_id="ch_1")
    second = ledger.transfer(bank, alice, "20", booked_on=MARCH[2], metadata={"why": "salary"})
    return [first, second, ledger.reverse(first.id, booked_on=MARCH[4])]


@pytest.mark.usefixtures("entries")
@pytest.mark.parametrize(
    ("as_of", "balance"), [(date(2026, 2, 28), 0), (MARCH[0], 1000), (MARCH[1], 1000), (MARCH[2], 3000), (None, 2000)]
)
def test_a_balance_is_of_the_end_of_its_day(engine: Engine, alice: UUID, as_of: date | None, balance: int) -> None:
    (found,) = account_balances(engine, account_id=alice, as_of=as_of)
    assert (found.id, found.balance, found.metadata) == (alice, balance, {"name": "Alice"})


@pytest.mark.usefixtures("entries")
def test_the_trial_balance_is_of_each_book_and_currency(engine: Engine, ledger: Ledger) -> None:
    ledger.open(AccountType.ASSET, book=Book.INDIA, currency="INR")
    found = trial_balance_as_of(engine)
    assert [(x.book, x.currency, x.account_count, x.debit, x.credit) for x in found] == [
        ("india", "INR", 1, 0, 0),
        ("uae", "USD", 2, 2000, 2000),
    ]
    (earlier,) = trial_balance_as_of(engine, book=Book.UAE, as_of=MARCH[0])
    assert (earlier.debit, earlier.difference) == (1000, 0)


def test_the_journal_goes_back_in_time_page_by_page(engine: Engine, entries: list[LedgerEvent]) -> None:
    seen: list[int] = []
    after = None
    while page := journal(engine, JournalFilter(), limit=2, after=after):
        seen += [found.id for found in page]
        after = page[-1].booked_on, page[-1].id
    assert seen == [entries[2].id, entries[1].id, entries[0].id]


def test_the_journal_is_filtered(engine: Engine, ledger: Ledger, entries: list[LedgerEvent], alice: UUID) -> None:
    carol, dan = ledger.open(AccountType.ASSET, overdraft=True), ledger.open()
    other = ledger.transfer(carol, dan, "1")
    first, second, reversal = (event.id for event in entries)

    def ids(**wanted: object) -> list[int]:
        return [found.id for found in journal(engine, JournalFilter(**wanted), limit=10)]  # type: ignore[arg-type]

    assert ids(account_id=alice) == [reversal, second, first]
    assert ids(account_id=dan) == [other.id]
    assert ids(source_system="stripe", source_txn_id="ch_1") == [first]
    assert ids(booked_from=MARCH[2], booked_to=MARCH[4]) == [reversal, second]
    assert ids(book=Book.INDIA) == []


def test_an_entry_tells_where_it_comes_from_and_what_reversed_it(
    engine: Engine, entries: list[LedgerEvent], bank: UUID, alice: UUID
) -> None:
    first, _, reversal = entries
    found = entry(engine, first.id)
    assert found is not None
    assert (found.kind, found.recorded_by, found.recorded_at) == ("TransferPosted", "ana", first.at)
    assert (found.source_system, found.source_txn_id, found.reversed_by) == ("stripe", "ch_1", reversal.id)
    assert [(line.account_id, line.amount) for line in found.lines] == [(bank, -1000), (alice, 1000)]
    opposite = entry(engine, reversal.id)
    assert opposite is not None
    assert (opposite.reverses_id, [line.amount for line in opposite.lines]) == (first.id, [1000, -1000])
    assert entry(engine, 999) is None


def test_events_of_an_account_are_its_opening_and_what_moved_it(
    engine: Engine, ledger: Ledger, entries: list[LedgerEvent], alice: UUID
) -> None:
    ledger.open()
    found = events(engine, account_id=alice, limit=10)
    assert list(found[:3]) == entries[::-1]
    assert isinstance(found[3].fact, AccountOpened)
    assert found[3].fact.account_id == alice
    assert events(engine, account_id=alice, limit=2, before=found[1].id) == found[2:4]
    assert events(engine, book=Book.INDIA, limit=10) == ()
