"""Category C: our books against brokers that agree, that differ, that are on the way, and that fail us."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine

from checks.check import CheckBook, CheckStatus, ReconCheckResult, Subject
from recon.config import Settings
from recon.connectors.brokers import BrokerStatement, Deposit, Wanted
from recon.connectors.brokers.sample import SampleBooks
from recon.connectors.http import Patience
from recon.model.books import Book, Broker, FlowKind
from recon.model.ledger import AccountType
from recon.queries.alerts import alert_lines
from recon.queries.checks import history
from recon.workflows.ask_broker import ask_broker
from tests.checks.conftest import Run
from tests.fakes.broker import TOKEN, FakeBroker, status
from tests.ledger.builders import TODAY, Ledger

IND, UAE = CheckBook.INDIA, CheckBook.UAE
QUICK = Patience(base=0.0, one_call=2, altogether=20, tries=2)
LONG_AGO = TODAY - timedelta(days=30)
CHECKS = {
    "gtn_ledger_recon": UAE,
    "zag_holdings_recon": UAE,
    "viewtrade_ledger_recon": IND,
    "viewtrade_holdings_recon": IND,
    "lrs_viewtrade_tie_out": IND,
}


def deposit(ref: str, amount: int) -> Deposit:
    return Deposit(ref=ref, amount=amount, currency="USD", received_on=TODAY)


AGREED = SampleBooks(
    customers=("ann", "bob"),
    cash={("ann", "USD"): 100_00, ("bob", "USD"): 50_00},
    holdings={("ann", "AAPL"): Decimal("1.25")},
    deposits={"ann": (deposit("R1", 70_00),)},
)


@pytest.fixture
def people(ledger: Ledger) -> dict[tuple[Book, str], UUID]:
    """In both books ann has 100.00 USD and 1.25 AAPL with each broker, bob 50.00 USD; in India ann remitted 70.00."""
    found = {}
    for book, brokers in ((Book.UAE, (Broker.GTN, Broker.ZAG)), (Book.INDIA, (Broker.VIEWTRADE,))):
        house = ledger.open(AccountType.LIABILITY, book=book, overdraft=True)
        for name, amount in (("ann", "100.00"), ("bob", "50.00")):
            found[book, name] = ledger.customer(name, book=book)
            ledger.transfer(house, ledger.wallet(found[book, name], book=book), amount)
        for broker in brokers:
            ledger.hold(found[book, "ann"], "AAPL", "1.25", broker=broker, moved_on=LONG_AGO)
    ledger.remit(found[Book.INDIA, "ann"], "70.00", broker_ref="R1", sent_on=LONG_AGO)
    return found


@pytest.fixture
def broker() -> Iterator[FakeBroker]:
    with FakeBroker(AGREED) as running:
        yield running


@pytest.fixture
def compare(run: Run, engine: Engine, broker: FakeBroker, people: object) -> Run:
    """`compare("gtn_ledger_recon")` runs the check against the fake broker, as its settings name it."""

    def one(name: str, book: CheckBook | None = None, *, as_of: date = TODAY) -> ReconCheckResult:
        names = ("GTN", "ZAG", "VIEWTRADE")
        values: dict[str, Any] = {f"RECON_{n}_URL": broker.url for n in names}
        values |= {f"RECON_{n}_TOKEN": TOKEN for n in names}
        settings = Settings(**values, _env_file=None)
        place = book or CHECKS[name]

        def ask(which: Broker, wanted: Wanted) -> BrokerStatement:
            return ask_broker(engine, settings, which, wanted, book=place.book, as_of=as_of, patience=QUICK)

        return run(name, place, as_of=as_of, ask=ask)

    return one


@pytest.mark.parametrize("name", CHECKS)
def test_books_that_agree_are_ok(compare: Run, name: str) -> None:
    result = compare(name)
    assert (result.status, result.variances) == (CheckStatus.OK, ())
    assert result.metrics["examined_count"] == 2
    assert result.summary.startswith("2 customers compared with")


def test_a_book_and_a_broker_without_customers_say_that_nothing_was_examined(run: Run) -> None:
    nobody = BrokerStatement(broker="ZAG", customers=())
    result = run("zag_holdings_recon", ask=lambda which, wanted: nobody)
    assert (result.status, result.metrics["examined_count"]) == (CheckStatus.OK, 0)
    assert result.summary == "Nothing was examined: neither we nor ZAG have customers."


@pytest.mark.parametrize("name", ["gtn_ledger_recon", "viewtrade_ledger_recon"])
def test_cash_that_differs_fails_with_the_difference(compare: Run, broker: FakeBroker, name: str) -> None:
    broker.books = replace(AGREED, cash={("ann", "USD"): 98_50, ("bob", "USD"): 50_00})
    result = compare(name)
    (variance,) = result.variances
    assert result.status is CheckStatus.FAIL
    assert (variance.subject.customer, variance.subject.currency) == ("ann", "USD")
    assert variance.subject.account_id is not None  # leads to the entries of the wallet
    assert (variance.expected, variance.actual, variance.difference, variance.unit) == (100_00, 98_50, -1_50, "USD")


@pytest.mark.parametrize("name", ["gtn_ledger_recon", "zag_holdings_recon", "viewtrade_holdings_recon"])
def test_units_that_differ_fail_with_the_difference(compare: Run, broker: FakeBroker, name: str) -> None:
    broker.books = replace(AGREED, holdings={("ann", "AAPL"): Decimal("1.2500000001")})
    result = compare(name)
    (variance,) = result.variances
    assert result.status is CheckStatus.FAIL
    assert variance.subject == Subject(customer="ann", instrument="AAPL")
    assert (variance.difference, variance.unit) == (Decimal("0.0000000001"), "units")


def test_what_only_one_side_has_is_compared_with_nothing(compare: Run, broker: FakeBroker) -> None:
    broker.books = SampleBooks(
        customers=("bob", "eve"),
        cash={("bob", "USD"): 50_00, ("bob", "EUR"): 1, ("eve", "USD"): 9},
        holdings={("eve", "GOLD"): Decimal(3)},
    )
    result = compare("gtn_ledger_recon")
    assert {(v.subject.customer, v.unit): (v.expected, v.actual, v.note) for v in result.variances} == {
        ("ann", "USD"): (100_00, 0, "GTN does not list this customer."),
        ("ann", "units"): (Decimal("1.25"), 0, "GTN does not list this customer."),
        ("bob", "EUR"): (0, 1, "Only GTN has this; our books do not."),
        ("eve", "USD"): (0, 9, "Only GTN has this; our books do not."),
        ("eve", "units"): (0, 3, "Only GTN has this; our books do not."),
    }
    assert result.metrics["examined_count"] == 3


def test_money_on_its_way_explains_its_part_and_no_more(
    compare: Run, broker: FakeBroker, ledger: Ledger, people: dict[tuple[Book, str], UUID]
) -> None:
    flow = ledger.flow(people[Book.UAE, "ann"], "20.00")
    broker.books = replace(AGREED, cash={("ann", "USD"): 120_00, ("bob", "USD"): 50_00})
    result = compare("gtn_ledger_recon")
    (variance,) = result.variances
    assert (result.status, variance.explained, variance.unexplained) == (CheckStatus.OK, 20_00, 0)
    assert result.summary == "2 customers compared with GTN: 1 difference is on the way."
    broker.books = replace(AGREED, cash={("ann", "USD"): 118_50, ("bob", "USD"): 50_00})
    result = compare("gtn_ledger_recon")
    (variance,) = result.variances
    assert (result.status, variance.explained, variance.unexplained) == (CheckStatus.FAIL, 20_00, -1_50)
    ledger.fail(flow.id)
    (variance,) = compare("gtn_ledger_recon").variances
    assert (variance.explained, variance.unexplained) == (0, 18_50)


@pytest.mark.parametrize(("days", "expected"), [(0, "ok"), (1, "ok"), (2, "fail")])
def test_a_trade_of_the_last_two_days_may_not_show_yet(
    compare: Run, ledger: Ledger, people: dict[tuple[Book, str], UUID], days: int, expected: str
) -> None:
    ledger.hold(people[Book.UAE, "ann"], "AAPL", "0.50", broker=Broker.ZAG, moved_on=TODAY - timedelta(days=days))
    assert compare("zag_holdings_recon").status == expected


def test_a_remittance_that_came_in_short_or_not_at_all_fails(
    compare: Run, broker: FakeBroker, ledger: Ledger, people: dict[tuple[Book, str], UUID]
) -> None:
    ledger.remit(people[Book.INDIA, "bob"], "10.00", broker_ref="R2", sent_on=LONG_AGO)
    broker.books = replace(AGREED, deposits={"ann": (deposit("R1", 58_00), deposit("R9", 1_00))})
    result = compare("lrs_viewtrade_tie_out")
    assert result.status is CheckStatus.FAIL
    assert {(v.subject.customer, v.subject.source_txn_id): (v.expected, v.actual) for v in result.variances} == {
        ("ann", "R1"): (70_00, 58_00),
        ("ann", "R9"): (0, 1_00),
        ("bob", "R2"): (10_00, 0),
    }
    assert result.metrics["customers_off_count"] == 2


@pytest.mark.parametrize(("days", "expected"), [(0, "ok"), (2, "ok"), (3, "fail")])
def test_a_remittance_of_the_last_three_days_may_be_on_its_way(
    compare: Run, ledger: Ledger, people: dict[tuple[Book, str], UUID], days: int, expected: str
) -> None:
    sent_on = TODAY - timedelta(days=days)
    ledger.remit(people[Book.INDIA, "bob"], "10.00", broker_ref="R2", sent_on=sent_on)
    result = compare("lrs_viewtrade_tie_out")
    assert (result.status, result.variances[0].note) == (expected, f"Sent on {sent_on}.")


def test_an_open_flow_explains_an_older_remittance(
    compare: Run, ledger: Ledger, people: dict[tuple[Book, str], UUID]
) -> None:
    ledger.remit(people[Book.INDIA, "bob"], "10.00", broker_ref="R2", sent_on=LONG_AGO)
    ledger.flow(people[Book.INDIA, "bob"], "10.00", kind=FlowKind.REMITTANCE)
    result = compare("lrs_viewtrade_tie_out")
    assert (result.status, result.variances[0].unexplained) == (CheckStatus.OK, 0)


def test_the_question_of_remittances_does_not_arise_in_the_uae(compare: Run, broker: FakeBroker) -> None:
    result = compare("lrs_viewtrade_tie_out", UAE)
    assert (result.status, result.metrics["not_applicable"]) == (CheckStatus.OK, True)
    assert broker.calls == []


@pytest.mark.parametrize("name", CHECKS)
def test_a_customer_who_cannot_be_read_warns_and_the_others_are_compared(
    compare: Run, broker: FakeBroker, name: str
) -> None:
    broker.faults.append(status(500, at="/bob/"))
    result = compare(name)
    assert (result.status, result.variances) == (CheckStatus.WARN, ())
    assert result.metrics["examined_count"] == 1
    assert "1 customer could not be read from" in result.summary


@pytest.mark.parametrize("name", CHECKS)
@pytest.mark.parametrize("at", ["/v1/customers", "/v1/customers/"])
def test_a_broker_that_fails_is_an_error_and_never_ok(compare: Run, broker: FakeBroker, name: str, at: str) -> None:
    broker.faults.append(status(503, at=at))
    result = compare(name)
    assert (result.status, result.metrics["examined_count"]) == (CheckStatus.ERROR, 0)
    assert "could not be read" in result.summary or "answered with status 503" in result.summary


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({}, "GTN is not set up, so nothing was compared. Set RECON_GTN_URL and RECON_GTN_TOKEN."),
        ({"RECON_GTN_URL": "https://x.test"}, "GTN is not set up"),
        ({"RECON_GTN_URL": "http://example.com", "RECON_GTN_TOKEN": "t"}, "no address our token may go to"),
        ({"RECON_GTN_URL": "file:///etc/passwd", "RECON_GTN_TOKEN": "t"}, "no address our token may go to"),
        ({"RECON_GTN_URL": "https://u:p@x.test", "RECON_GTN_TOKEN": "t"}, "no address our token may go to"),
        ({"RECON_GTN_URL": "https://[", "RECON_GTN_TOKEN": "t"}, "no address our token may go to"),
    ],
)
def test_a_broker_without_a_sound_address_is_an_error_in_words(
    run: Run, engine: Engine, people: object, values: dict[str, Any], sentence: str
) -> None:
    settings = Settings(**values, _env_file=None)
    result = run(
        "gtn_ledger_recon",
        ask=lambda which, wanted: ask_broker(engine, settings, which, wanted, book=Book.UAE, as_of=TODAY),
    )
    assert result.status is CheckStatus.ERROR
    assert sentence in result.summary


def test_a_broker_never_set_up_raises_no_alert_and_one_whose_address_went_missing_does(
    run: Run, compare: Run, engine: Engine
) -> None:
    def ask_nobody(which: Broker, wanted: Wanted) -> BrokerStatement:
        return ask_broker(engine, Settings(_env_file=None), which, wanted, book=Book.UAE, as_of=TODAY)

    run("zag_holdings_recon", ask=ask_nobody)
    assert alert_lines(engine) == ()
    compare("zag_holdings_recon")
    run("zag_holdings_recon", ask=ask_nobody)
    assert alert_lines(engine)[0].new_status == CheckStatus.ERROR
    found = history(engine, check_name="zag_holdings_recon", book=UAE)
    assert [line.is_set_up for line in found] == [False, True, False]
