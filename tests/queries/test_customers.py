"""Customers by pages with what they have, and one in full."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import Engine

from recon.model.books import Broker, FlowKind
from recon.model.ledger import AccountType, Book
from recon.queries.customers import CustomerFilter, customer_count, customer_detail, customer_of, customer_page
from tests.ledger.builders import OPENED, Ledger


@pytest.fixture
def ledger(engine: Engine) -> Ledger:
    return Ledger(engine)


def test_customers_are_filtered_and_counted_alike(engine: Engine, ledger: Ledger) -> None:
    first, second = ledger.customer("B-1"), ledger.customer("A-2", book=Book.INDIA, metadata={"tier": "gold"})
    ledger.flow(first)

    def ids(**wanted: object) -> list[UUID]:
        found = CustomerFilter(**wanted)  # type: ignore[arg-type]
        rows = customer_page(engine, found, limit=9, offset=0)
        assert customer_count(engine, found) == len(rows)
        return [row.id for row in rows]

    assert ids() == [second, first]  # by name
    assert ids(book=Book.UAE) == [first]
    assert ids(search="GOLD") == [second]
    assert ids(search="b-1") == [first]
    assert ids(has_open_flow=True) == [first]
    assert customer_page(engine, CustomerFilter(), limit=1, offset=1)[0].id == first


def test_a_customer_has_cash_of_each_currency_holdings_and_open_flows(engine: Engine, ledger: Ledger) -> None:
    customer = ledger.customer()
    bank, wallet = ledger.open(AccountType.LIABILITY, overdraft=True), ledger.wallet(customer)
    ledger.wallet(customer, currency="KWD")
    ledger.transfer(bank, wallet, "70.50")
    ledger.hold(customer, "GOLD", "3")
    ledger.hold(customer, "GOLD", "-3")
    ledger.hold(customer, "SILVER", "0.125")
    settled, _, failed = ledger.flow(customer, "1"), ledger.flow(customer, "2"), ledger.flow(customer, "3")
    ledger.settle(settled.id)
    ledger.fail(failed.id)
    (row,) = customer_page(engine, CustomerFilter(), limit=9, offset=0)
    assert (dict(row.cash), row.holding_count, row.open_flow_count) == ({"USD": 7050, "KWD": 0}, 1, 1)
    assert row.oldest_flow_at == OPENED
    found = customer_detail(engine, customer)
    assert found is not None
    assert [(w.currency, w.balance) for w in found.wallets] == [("KWD", 0), ("USD", 7050)]
    assert [(h.instrument, h.broker, h.quantity) for h in found.holdings] == [("SILVER", Broker.GTN, Decimal("0.125"))]
    assert [(f.kind, f.amount, f.settled_at is None, f.reason) for f in found.flows] == [
        (FlowKind.DEPOSIT, 300, True, "Refused by the bank"),
        (FlowKind.DEPOSIT, 200, True, None),
        (FlowKind.DEPOSIT, 100, False, None),
    ]


def test_remittances_say_where_they_went(engine: Engine, ledger: Ledger) -> None:
    customer = ledger.customer(book=Book.INDIA)
    ledger.remit(customer, "100.00", broker_ref="LRS-1")
    found = customer_detail(engine, customer)
    assert found is not None
    assert [(r.amount, r.broker, r.broker_ref, r.returned_on) for r in found.remittances] == [
        (10_000, Broker.VIEWTRADE, "LRS-1", None)
    ]
    assert customer_detail(engine, UUID(int=1)) is None


def test_a_customer_is_found_by_what_other_systems_call_them_in_that_book_alone(engine: Engine, ledger: Ledger) -> None:
    customer = ledger.customer("C-7")
    assert customer_of(engine, book="uae", external_ref="C-7") == customer
    assert customer_of(engine, book="india", external_ref="C-7") is None
