"""The brokers' API over real HTTP: read strictly and in pages, asked again with patience, one customer at a time."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime
from typing import Any

import pytest

from recon.connectors import http
from recon.connectors.brokers import BrokerStatement, BrokerUnreadable, Deposit, HttpBroker, Wanted, pull
from recon.connectors.brokers import sample as sample_module
from recon.connectors.brokers.sample import SampleBooks
from recon.connectors.http import JsonApi, Patience
from tests.fakes.broker import TOKEN, FakeBroker, Fault, Reply, replies, says, slow, status

ALL = Wanted.CASH | Wanted.HOLDINGS | Wanted.DEPOSITS
QUICK = Patience(base=0.0, one_call=2, altogether=20)
LRS_7 = Deposit(ref="LRS-7", amount=100_00, currency="USD", received_on=date(2026, 3, 31))
BOOKS = SampleBooks(
    customers=("ann", "bob", "zoë /1"),
    cash={("ann", "USD"): 12_50, ("ann", "JPY"): 900, ("bob", "KWD"): -1_234, ("zoë /1", "USD"): 5},
    holdings={("ann", "AAPL"): Decimal("1.25"), ("bob", "GOLD"): Decimal("-3")},
    deposits={"ann": (LRS_7,)},
)


@pytest.fixture
def broker() -> Iterator[FakeBroker]:
    with FakeBroker(BOOKS) as running:
        yield running


def ask(broker: FakeBroker, wanted: Wanted = ALL, *, token: str = TOKEN, patience: Patience = QUICK) -> BrokerStatement:
    return pull("GTN", HttpBroker(JsonApi(broker.url, token=token, patience=patience)), wanted)


@pytest.mark.parametrize("page_size", [1, 2, 3, 100])
def test_everything_a_broker_has_is_read_whatever_its_pages(broker: FakeBroker, page_size: int) -> None:
    broker.page_size = page_size
    said = ask(broker)
    assert said.customers == BOOKS.customers
    assert (said.cash, said.holdings, said.deposits, said.unread) == (BOOKS.cash, BOOKS.holdings, BOOKS.deposits, {})


def test_only_what_is_wanted_is_asked_for(broker: FakeBroker) -> None:
    said = ask(broker, Wanted.HOLDINGS)
    assert (said.cash, said.holdings) == ({}, BOOKS.holdings)
    assert {call.path.rpartition("/")[2] for call in broker.calls} == {"customers", "holdings"}


def test_no_more_customers_than_allowed_are_asked_at_once(broker: FakeBroker) -> None:
    broker.books = SampleBooks(customers=tuple(f"C-{n}" for n in range(12)))
    broker.faults.append(slow(0.01))
    assert len(ask(broker, patience=Patience(base=0, at_once=3)).customers) == 12
    assert 1 < broker.most_at_once <= 3


@pytest.mark.parametrize("code", [408, 425, 429, 500, 502, 503, 504])
def test_what_may_pass_is_asked_again(broker: FakeBroker, code: int) -> None:
    broker.faults.append(status(code, times=4))
    assert ask(broker).cash == BOOKS.cash


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (401, "GTN refused our token (401)."),
        (403, "GTN refused our token (403)."),
        (404, "GTN knows nothing under that name (404)."),
        (409, "GTN answered with status 409."),
        (302, "GTN answered with status 302."),
    ],
)
def test_what_will_not_pass_is_asked_once(broker: FakeBroker, code: int, sentence: str) -> None:
    broker.faults.append(status(code, at="/bob/cash", headers={"location": broker.url}))
    assert ask(broker).unread == {"bob": sentence}
    assert sum(call.path.endswith("/bob/cash") for call in broker.calls) == 1


def test_one_customers_failure_is_that_customers_alone(broker: FakeBroker) -> None:
    broker.faults.append(status(500, at="/bob/"))
    said = ask(broker)
    assert said.unread == {"bob": "GTN answered with status 500, 5 times."}
    assert said.cash == {key: amount for key, amount in BOOKS.cash.items() if key[0] != "bob"}


def test_a_wrong_token_makes_the_broker_unreadable_and_is_not_told(broker: FakeBroker) -> None:
    with pytest.raises(BrokerUnreadable) as raised:
        ask(broker, token="wr0ng")  # noqa: S106
    assert str(raised.value) == ("GTN refused our token (401). Nothing was compared. Try again later, or ask GTN.")


@pytest.mark.parametrize(
    "wish",
    ["0", "0.4", format_datetime(datetime.now(UTC) - timedelta(seconds=3), usegmt=True), "soon"],
    ids=["nothing", "a moment", "a time that is over", "words"],
)
def test_a_wish_to_wait_that_is_short_or_none_is_met(broker: FakeBroker, wish: str) -> None:
    broker.faults.append(status(429, times=1, headers={"retry-after": wish}))
    assert ask(broker).cash == BOOKS.cash


def test_a_wish_to_wait_longer_than_there_is_time_ends_the_call(broker: FakeBroker) -> None:
    broker.faults.append(status(429, at="/bob/", headers={"retry-after": "3600"}))
    assert ask(broker).unread["bob"].startswith("GTN asked us to slow down (429), and there is no time")
    assert sum("/bob/" in call.path for call in broker.calls) == 1


def test_a_wish_to_wait_is_waited_for(broker: FakeBroker) -> None:
    broker.faults.append(status(503, times=1, at="/v1/customers", headers={"retry-after": "1"}))
    broker.books = SampleBooks(customers=())
    begun = time.monotonic()
    ask(broker)
    assert time.monotonic() - begun >= 1


def test_a_broker_that_hangs_is_given_up_in_time(broker: FakeBroker) -> None:
    broker.faults.append(slow(3, at="/bob/"))
    said = ask(broker, patience=Patience(base=0, one_call=0.2, tries=2))
    assert said.unread == {"bob": "GTN did not answer in time, 2 times."}


def test_when_the_time_is_over_the_rest_is_not_asked(broker: FakeBroker) -> None:
    broker.books = SampleBooks(customers=tuple(f"C-{n:02}" for n in range(20)))
    times = itertools.chain([0] * 12, itertools.repeat(1_000))  # one look at the clock to begin with, and one a call
    api = JsonApi(broker.url, token=TOKEN, patience=QUICK, clock=lambda: next(times))
    said = pull("GTN", HttpBroker(api), Wanted.CASH)
    assert len(said.unread) == 10
    assert set(said.unread.values()) == {"GTN took too long altogether; the rest was not asked for."}


def test_a_broker_that_is_not_there_is_unreadable() -> None:
    with FakeBroker(BOOKS) as gone:
        pass
    with pytest.raises(BrokerUnreadable, match="GTN could not be reached, or broke off its answer, 5 times"):
        ask(gone)


def page(named: str, items: list[Any], *, total: object = None, after: object = None) -> dict[str, Any]:
    return {named: items, "total_count": len(items) if total is None else total, "next_cursor": after}


def balances(*given: object) -> Fault:
    return says(page("balances", list(given)), at="/bob/cash")


def cash(amount: object, currency: object = "USD") -> Fault:
    return balances({"currency": currency, "amount": amount})


GARBAGE: dict[str, tuple[Fault, str]] = {
    "cut JSON": (says(b'{"balances": [', at="/bob/cash"), "JSON that is cut off"),
    "no UTF-8": (says(b'{"balances": "\xff"}', at="/bob/cash"), "JSON that is cut off"),
    "deep JSON": (says(b"[" * 100_000, at="/bob/cash"), "JSON that is cut off"),
    "NaN": (says(b'{"balances": NaN}', at="/bob/cash"), "JSON that is cut off"),
    "a number of ten thousand digits": (says(b"9" * 10_000, at="/bob/cash"), "JSON that is cut off"),
    "HTML": (replies(Reply(headers={"content-type": "text/html"}), at="/bob/cash"), "not JSON"),
    "no content type": (replies(Reply(headers={}), at="/bob/cash"), "not JSON"),
    "packed": (
        replies(Reply(headers={"content-type": "application/json", "content-encoding": "gzip"}), at="/bob/cash"),
        "not JSON",
    ),
    "a list": (says([], at="/bob/cash"), "without balances"),
    "no list": (says(page("balances", []) | {"balances": {}}, at="/bob/cash"), "not as agreed"),
    "no total": (says({"balances": [], "next_cursor": None}, at="/bob/cash"), "without total_count"),
    "a total that is none": (says(page("balances", [], total=True), at="/bob/cash"), "not as agreed"),
    "no cursor": (says({"balances": [], "total_count": 0}, at="/bob/cash"), "without next_cursor"),
    "a missing page": (says(page("balances", [], total=3), at="/bob/cash"), "has 3 entries and sent 0"),
    "a currency twice": (
        balances({"currency": "USD", "amount": "1"}, {"currency": "USD", "amount": "1"}),
        "repeated part of its list",
    ),
    "an unknown currency": (cash("1", "QQQ"), "no currency we know"),
    "a currency that is none": (cash("1", 7), "a name that is empty"),
    "no amount": (balances({"currency": "USD"}), "without amount"),
    "too precise": (cash("1.005"), "more decimals than USD has"),
    "yen with decimals": (cash("1.5", "JPY"), "more decimals than JPY has"),
    "words": (cash("12,50"), "no plain decimal"),
    "infinite": (cash("Infinity"), "no plain decimal"),
    "nothing": (cash(None), "no plain decimal"),
    "true": (cash(True), "no plain decimal"),
    "huge": (cash("1" * 30), "too large"),
    "a float with an exponent beyond reason": (
        says(
            b'{"balances":[{"currency":"USD","amount":1e999999999}],"total_count":1,"next_cursor":null}', at="/bob/cash"
        ),
        "no plain decimal",
    ),
    "half a character": (
        says(page("holdings", [{"instrument": "\ud800", "quantity": "1"}]), at="/bob/holdings"),
        "a name that is empty",
    ),
    "a NUL": (says(page("holdings", [{"instrument": "A\0", "quantity": "1"}]), at="/bob/holdings"), "a name that"),
    "too fine a quantity": (
        says(page("holdings", [{"instrument": "A", "quantity": "0." + "1" * 11}]), at="/bob/holdings"),
        "too large or too precise",
    ),
    "a date that is none": (
        says(
            page("deposits", [{"ref": "r", "amount": "1", "currency": "USD", "received_on": "2026-02-30"}]),
            at="/bob/deposits",
        ),
        "a date that is none",
    ),
}


@pytest.mark.parametrize(("fault", "sentence"), GARBAGE.values(), ids=GARBAGE)
def test_garbage_is_a_sentence_about_that_customer(broker: FakeBroker, fault: Fault, sentence: str) -> None:
    broker.faults.append(fault)
    said = ask(broker)
    assert list(said.unread) == ["bob"]
    assert sentence in said.unread["bob"]
    assert ("ann", "USD") in said.cash


@pytest.mark.parametrize(
    ("written", "minor"),
    [("12.5", 12_50), ('"12.500"', 12_50), ("1.25e1", 12_50), ("7", 7_00), ("-0.01", -1), ('"007.10"', 7_10)],
)
def test_numbers_keep_their_digits(broker: FakeBroker, written: str, minor: int) -> None:
    body = f'{{"balances":[{{"currency":"USD","amount":{written}}}],"total_count":1,"next_cursor":null}}'
    broker.faults.append(says(body.encode(), at="/bob/cash"))
    assert ask(broker).cash["bob", "USD"] == minor


def test_a_list_that_leads_round_in_a_circle_is_noticed(broker: FakeBroker) -> None:
    names = iter(f"C-{n}" for n in range(10**6))
    broker.faults.append(
        lambda call: Reply(body=json.dumps(page("customers", [next(names)], total=10**6, after="again")).encode())
    )
    with pytest.raises(BrokerUnreadable, match="leads its list round in a circle"):
        ask(broker)


def test_a_page_sent_twice_and_a_list_that_changes_are_noticed(broker: FakeBroker) -> None:
    broker.page_size = 1
    again = says(page("customers", ["ann"], total=3, after="2"), at="/customers", cursor="1")
    broker.faults.append(again)
    with pytest.raises(BrokerUnreadable, match="repeated part of its list"):
        ask(broker)
    broker.faults[:] = [says(page("customers", ["bob"], total=4, after="2"), at="/customers", cursor="1")]
    with pytest.raises(BrokerUnreadable, match="changed its list while we read it"):
        ask(broker)


@pytest.mark.parametrize("name", [".", "..", "", "a\nb", "x" * 201, 7, None])
def test_a_customer_without_a_name_to_ask_by_makes_the_list_unreadable(broker: FakeBroker, name: object) -> None:
    broker.faults.append(says(page("customers", ["ann", name]), at="/customers"))
    with pytest.raises(BrokerUnreadable, match="sent a name that is"):
        ask(broker)


def test_an_answer_cut_off_on_its_way_is_asked_for_again(broker: FakeBroker) -> None:
    cut = Reply(body=b'{"balances": []}', cut_at=5)
    broker.faults.append(lambda call: cut if call.path.endswith("/bob/cash") and call.before < 2 else None)
    assert ask(broker).unread == {}


def test_an_answer_without_end_is_not_read_to_its_end(broker: FakeBroker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "BODY_LIMIT", 1000)
    broker.faults.append(says(b'"' + b"x" * 5_000_000 + b'"', at="/bob/cash"))
    assert "at once" in ask(broker).unread["bob"]


def test_the_sample_broker_speaks_the_same_language() -> None:
    api = JsonApi("https://broker.sample", token="", patience=QUICK, transport=sample_module.transport(BOOKS))
    assert pull("GTN", HttpBroker(api), ALL).cash == BOOKS.cash
