"""Accounts by pages: filters, orders and sums agree with each other, now and at the end of a day."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import Engine

from recon.model.ledger import AccountType, Book
from recon.queries.ledger import JournalFilter, entry_count, entry_page, source_systems
from recon.queries.ledger_accounts import (
    AccountFilter,
    AccountSort,
    account_page,
    account_row,
    account_sums,
    balance_history,
    currencies,
    names_of,
)
from recon.queries.ledger_events import EventFilter, event_count, event_page, events_of_entry
from tests.ledger.builders import Ledger

FIRST, SECOND, THIRD = date(2026, 3, 1), date(2026, 3, 3), date(2026, 3, 5)


@pytest.fixture
def ledger(engine: Engine) -> Ledger:
    return Ledger(engine)


@pytest.fixture
def accounts(ledger: Ledger) -> dict[str, UUID]:
    """A float, two customers and an Indian account; 10.00 and 20.00 to Alice, 5.00 of it on to Bob."""
    found = {
        "Float": ledger.open(AccountType.LIABILITY, overdraft=True, metadata={"name": "Float"}),
        "Alice": ledger.open(metadata={"name": "Alice", "tier": "gold"}),
        "Bob": ledger.open(metadata={"name": "Bob"}),
        "Rupees": ledger.open(AccountType.ASSET, book=Book.INDIA, currency="INR", metadata={"name": "Rupees"}),
    }
    ledger.transfer(found["Float"], found["Alice"], "10", booked_on=FIRST, source_system="bank", source_txn_id="T-1")
    ledger.transfer(found["Float"], found["Alice"], "20", booked_on=THIRD, source_system="gtn", source_txn_id="T-2")
    ledger.transfer(found["Alice"], found["Bob"], "5", booked_on=SECOND, metadata={"why": "100% lunch"})
    return found


def names(engine: Engine, wanted: AccountFilter, **order: object) -> list[str]:
    return [row.name for row in account_page(engine, wanted, limit=9, **order)]  # type: ignore[arg-type]


@pytest.mark.usefixtures("accounts")
@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (AccountFilter(), ["Float", "Alice", "Bob", "Rupees"]),
        (AccountFilter(book=Book.INDIA), ["Rupees"]),
        (AccountFilter(types=(AccountType.USER, AccountType.ASSET)), ["Alice", "Bob", "Rupees"]),
        (AccountFilter(currency="INR"), ["Rupees"]),
        (AccountFilter(search="GOLD"), ["Alice"]),
        (AccountFilter(search="%"), []),
    ],
)
def test_accounts_are_filtered_and_counted_alike(engine: Engine, wanted: AccountFilter, expected: list[str]) -> None:
    assert names(engine, wanted) == expected
    counts = [line.account_count for line in account_sums(engine, wanted) if line.type is None]
    assert sum(counts) == len(expected)


@pytest.mark.usefixtures("accounts")
@pytest.mark.parametrize("as_of", [None, SECOND])
def test_every_order_has_every_account_once(engine: Engine, as_of: date | None) -> None:
    for sort in AccountSort:
        rising = names(engine, AccountFilter(as_of=as_of), sort=sort)
        falling = names(engine, AccountFilter(as_of=as_of), sort=sort, is_descending=True)
        assert rising == falling[::-1]
        assert sorted(rising) == ["Alice", "Bob", "Float", "Rupees"]


@pytest.mark.usefixtures("accounts")
@pytest.mark.parametrize(
    ("as_of", "balances"),
    [(None, [-3000, 2500, 500, 0]), (SECOND, [-1000, 500, 500, 0]), (date(2026, 2, 1), [0, 0, 0, 0])],
)
def test_balances_of_a_page_are_those_the_order_and_the_sums_go_by(
    engine: Engine, as_of: date | None, balances: list[int]
) -> None:
    wanted = AccountFilter(as_of=as_of)
    assert [row.balance for row in account_page(engine, wanted, limit=9)] == balances
    by_balance = account_page(engine, wanted, sort=AccountSort.BALANCE, limit=9)
    assert [row.balance for row in by_balance] == sorted(balances)
    (total,) = [line for line in account_sums(engine, wanted) if line.type is None and line.currency == "USD"]
    assert (total.debit, total.credit, total.net) == (sum(b for b in balances if b > 0), -min(balances), 0)


@pytest.mark.usefixtures("accounts")
def test_sums_are_by_type_with_the_total_last(engine: Engine) -> None:
    lines = account_sums(engine, AccountFilter(book=Book.UAE))
    assert [(line.type, line.account_count, line.debit, line.credit) for line in lines] == [
        (AccountType.LIABILITY, 1, 0, 3000),
        (AccountType.USER, 2, 3000, 0),
        (None, 3, 3000, 3000),
    ]


def test_a_history_has_the_end_of_each_day_that_changed_the_balance(engine: Engine, accounts: dict[str, UUID]) -> None:
    found = balance_history(engine, accounts["Alice"], since=FIRST, until=date(2026, 3, 31))
    assert found == ((FIRST, 1000), (SECOND, 500), (THIRD, 2500))
    assert balance_history(engine, accounts["Alice"], since=SECOND, until=SECOND) == ((SECOND, 500),)


def test_a_wallet_without_a_name_has_its_customers(engine: Engine, ledger: Ledger) -> None:
    customer = ledger.customer("C-7")
    wallet, nameless = ledger.wallet(customer), ledger.open()
    assert names_of(engine, [wallet, customer, nameless]) == {
        wallet: "Customer C-7",
        customer: "Customer C-7",
        nameless: str(nameless)[:8],
    }
    row = account_row(engine, wallet)
    assert row is not None
    assert row.customer_id == customer
    assert account_row(engine, UUID(int=1)) is None


@pytest.mark.usefixtures("accounts")
def test_currencies_and_source_systems_are_those_in_use(engine: Engine, ledger: Ledger) -> None:
    assert currencies(engine) == ("INR", "USD")
    assert source_systems(engine) == ("bank", "gtn", "tieout")


@pytest.mark.parametrize(
    ("more", "amounts"),
    [
        ({}, [2000, 500, 1000]),
        ({"source_system": "gtn"}, [2000]),
        ({"search": "t-1"}, [1000]),
        ({"search": "100% l"}, [500]),
        ({"search": "100_ l"}, []),
        ({"booked_from": SECOND, "booked_to": THIRD}, [2000, 500]),
        ({"book": Book.INDIA}, []),
    ],
)
@pytest.mark.parametrize("of_account", [False, True])
def test_entries_come_by_pages_and_are_counted_alike(
    engine: Engine, accounts: dict[str, UUID], more: dict[str, object], amounts: list[int], of_account: bool
) -> None:
    wanted = JournalFilter(account_id=accounts["Alice"] if of_account else None, **more)  # type: ignore[arg-type]
    assert entry_count(engine, wanted) == len(amounts)
    pages = [entry_page(engine, wanted, limit=1, offset=place) for place in range(len(amounts))]
    assert [max(line.amount for line in page[0].lines) for page in pages] == amounts


def test_events_come_by_pages_and_are_counted_alike(engine: Engine, accounts: dict[str, UUID]) -> None:
    wanted = EventFilter(kinds=("TransferPosted",), book=Book.UAE)
    assert event_count(engine, wanted) == 3
    (newest,) = event_page(engine, wanted, limit=1, offset=0)
    (oldest,) = event_page(engine, wanted, limit=1, offset=2)
    assert newest.id > oldest.id
    assert event_count(engine, EventFilter(account_id=accounts["Bob"])) == 2  # its opening and one transfer


def test_the_events_of_an_entry_are_all_that_tells_of_it(engine: Engine, ledger: Ledger) -> None:
    bank, customer = ledger.open(AccountType.LIABILITY, overdraft=True), ledger.customer("C-7")
    flow = ledger.flow(customer, "70")
    entry = ledger.transfer(bank, ledger.wallet(customer), "70")
    ledger.settle(flow.id, entry_id=entry.id)
    reversal = ledger.reverse(entry.id)
    assert events_of_entry(engine, entry.id) == (flow, entry, reversal)
    assert events_of_entry(engine, 999) == ()
