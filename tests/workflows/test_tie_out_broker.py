"""Tie-outs on demand: every figure of both sides, live, for the sample company's broker and for a real one."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine

from recon.config import Settings
from recon.connectors.brokers import Deposit
from recon.connectors.brokers.sample import SampleBooks
from recon.model.books import Book, Broker
from recon.model.ledger import AccountType
from recon.workflows.ask_broker import BrokerNotConfigured
from recon.workflows.tie_out_broker import Compared, holdings_tie_out, ledger_tie_out, lrs_tie_out
from tests.fakes.broker import TOKEN, FakeBroker, status
from tests.ledger.builders import TODAY, Ledger, contents

LONG_AGO = TODAY - timedelta(days=30)


@pytest.fixture
def ann(engine: Engine) -> UUID:
    """In India: ann has 100.00 USD, 1.25 AAPL and 2 VOO, and remitted 70.00 and 30.00; bob has nothing."""
    ledger = Ledger(engine)
    ann = ledger.customer("ann", book=Book.INDIA)
    ledger.customer("bob", book=Book.INDIA)
    house = ledger.open(AccountType.LIABILITY, book=Book.INDIA, overdraft=True)
    ledger.transfer(house, ledger.wallet(ann, book=Book.INDIA), "100.00")
    for instrument, quantity in (("AAPL", "1.25"), ("VOO", "2")):
        ledger.hold(ann, instrument, quantity, broker=Broker.VIEWTRADE, moved_on=LONG_AGO)
    for ref, amount in (("R1", "70.00"), ("R2", "30.00")):
        ledger.remit(ann, amount, broker_ref=ref, sent_on=LONG_AGO)
    return ann


def deposit(ref: str, amount: int) -> Deposit:
    return Deposit(ref=ref, amount=amount, currency="USD", received_on=date(2026, 3, 2))


THEIRS = SampleBooks(
    customers=("ann", "bob", "eve"),
    cash={("ann", "USD"): 98_50, ("eve", "EUR"): 7},
    holdings={("ann", "AAPL"): Decimal("1.25"), ("eve", "TSLA"): Decimal(1)},
    deposits={"ann": (deposit("R1", 60_00), deposit("R2", 40_00))},
)


def set_up(broker: FakeBroker) -> Settings:
    values: dict[str, Any] = {"RECON_VIEWTRADE_URL": broker.url, "RECON_VIEWTRADE_TOKEN": TOKEN}
    return Settings(**values, _env_file=None)


def test_cash_and_securities_of_every_customer_stand_side_by_side(engine: Engine, ann: UUID) -> None:
    before = contents(engine)
    with FakeBroker(THEIRS) as broker:
        report = ledger_tie_out(engine, set_up(broker), as_of=TODAY)
    assert [(r.customer, r.compared, r.item, r.ours, r.theirs, r.unexplained) for r in report.rows] == [
        ("ann", "cash", "USD", 100_00, 98_50, -1_50),
        ("ann", "holdings", "AAPL", Decimal("1.25"), Decimal("1.25"), 0),
        ("ann", "holdings", "VOO", 2, 0, -2),
        ("eve", "cash", "EUR", 0, 7, 7),
        ("eve", "holdings", "TSLA", 0, 1, 1),
    ]
    assert [(r.customer, r.name) for r in report.rows[::3]] == [("ann", "Customer ann"), ("eve", None)]
    assert (report.broker, report.customer_count, report.off_count) == ("ViewTrade", 3, 4)
    assert contents(engine) == before


def test_holdings_are_compared_by_customer_and_instrument(engine: Engine, ann: UUID) -> None:
    with FakeBroker(THEIRS) as broker:
        report = holdings_tie_out(engine, set_up(broker), as_of=TODAY)
    assert {row.compared for row in report.rows} == {Compared.HOLDINGS}
    assert [(c.customer, c.of, c.ours, c.theirs, c.off_count) for c in report.by_customer()] == [
        ("ann", "AAPL", Decimal("1.25"), Decimal("1.25"), 0),
        ("ann", "VOO", 2, 0, 1),
        ("eve", "TSLA", 0, 1, 1),
    ]


def test_remittances_that_cancel_out_in_sum_do_not_tie_out(engine: Engine, ann: UUID) -> None:
    with FakeBroker(THEIRS) as broker:
        report = lrs_tie_out(engine, set_up(broker), as_of=TODAY)
    assert [(r.item, r.ours, r.theirs) for r in report.rows] == [("R1", 70_00, 60_00), ("R2", 30_00, 40_00)]
    (customer,) = report.by_customer()
    assert (customer.difference, customer.off_count) == (0, 2)


def test_a_customer_who_cannot_be_read_is_named_and_left_out(engine: Engine, ann: UUID) -> None:
    with FakeBroker(THEIRS) as broker:
        broker.faults.append(status(404, at="/ann/"))
        report = ledger_tie_out(engine, set_up(broker), as_of=TODAY)
    assert report.unread == {"ann": "ViewTrade knows nothing under that name (404)."}
    assert {row.customer for row in report.rows} == {"eve"}


def test_a_broker_that_is_not_set_up_is_said_in_words(engine: Engine, ann: UUID) -> None:
    with pytest.raises(BrokerNotConfigured, match="ViewTrade is not set up"):
        lrs_tie_out(engine, Settings(_env_file=None), as_of=TODAY)


def test_the_sample_companys_broker_answers_until_someone_else_is_a_customer_too(engine: Engine) -> None:
    ledger = Ledger(engine)
    house = ledger.open(AccountType.LIABILITY, book=Book.INDIA, overdraft=True)
    for ref, amount in (("C-1", "10.00"), ("C-2", "20.00")):
        customer = ledger.customer(ref, book=Book.INDIA, key=f"sample customer {ref}")
        ledger.transfer(house, ledger.wallet(customer, book=Book.INDIA), amount)
        ledger.remit(customer, amount, broker_ref=ref, sent_on=LONG_AGO)
    ledger.remit(customer, "5.00", broker_ref="new", sent_on=TODAY)
    unset = Settings(_env_file=None)
    cash = ledger_tie_out(engine, unset, as_of=TODAY)
    assert [(r.customer, r.difference) for r in cash.rows] == [("C-1", 0), ("C-2", -12_00)]
    remitted = lrs_tie_out(engine, unset, as_of=TODAY)
    assert [(r.item, r.difference, r.unexplained) for r in remitted.rows] == [
        ("C-1", 0, 0),
        ("C-2", -12_00, -12_00),
        ("new", -5_00, 0),
    ]
    ledger.customer("C-3", book=Book.INDIA)
    with pytest.raises(BrokerNotConfigured):
        ledger_tie_out(engine, unset, as_of=TODAY)
