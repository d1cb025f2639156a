"""What is decided of customers, holdings, flows and the like needs no database: values in, a fact or a refusal out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, get_args
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon.errors import UnknownCurrency
from recon.ledger import check, decide
from recon.ledger.books_refusals import (
    FlowUnknown,
    HoldingShort,
    InTheFuture,
    MomentWithoutZone,
    NotPositive,
    QuantityTooLarge,
    QuantityTooPrecise,
    QuantityUnreadable,
    QuantityZero,
    RemittanceUnknown,
    TooEarly,
)
from recon.ledger.quantities import parse_quantity, plain
from recon.ledger.refusals import AmountTooPrecise, DateOutOfRange, EntryUnknown, TextInvalid
from recon.model.books import (
    AddCustomer,
    Book,
    BooksFact,
    BooksStanding,
    Broker,
    CustomerAdded,
    CustomerState,
    FailFlow,
    FlowFailed,
    FlowKind,
    FlowOpened,
    FlowSettled,
    FlowState,
    HoldingMoved,
    MoveHolding,
    OpenFlow,
    RemittanceReturned,
    RemittanceSent,
    ReturnRemittance,
    SettleFlow,
    SnapshotTaken,
    WalletOpened,
)
from recon.model.ledger import Standing, body_of, fact_from

TODAY = date(2026, 3, 31)
NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
ALICE = CustomerState(id=UUID(int=1), book=Book.UAE)
MOVE = MoveHolding(key="k", customer_id=ALICE.id, broker=Broker.GTN, instrument="AAPL", quantity="1")
FLOW = OpenFlow(key="k", customer_id=ALICE.id, kind=FlowKind.DEPOSIT, amount="5.00", currency="USD", opened_at=NOON)


def held(quantity: str) -> Standing:
    return Standing(books=BooksStanding(customer=ALICE, quantity=Decimal(quantity)))


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("", QuantityUnreadable),
        ("NaN", QuantityUnreadable),
        ("Infinity", QuantityUnreadable),
        ("1e3", QuantityUnreadable),
        ("1,000", QuantityUnreadable),
        ("+1", QuantityUnreadable),
        (".5", QuantityUnreadable),
        ("١", QuantityUnreadable),
        ("0.00000000001", QuantityTooPrecise),
        ("1.00000000000", QuantityTooPrecise),
        ("1000000000000000000", QuantityTooLarge),
    ],
)
def test_a_quantity_is_a_plain_decimal_of_ten_places_at_most(text: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        parse_quantity(text)


@given(st.decimals(min_value=-(10**18) + 1, max_value=10**18 - 1, places=10))
def test_a_quantity_is_exact_and_written_back_as_it_was(quantity: Decimal) -> None:
    read = parse_quantity(f"{quantity:f}")
    assert read == quantity
    assert parse_quantity(plain(read)) == quantity


def test_zeros_at_the_end_say_nothing() -> None:
    assert [plain(parse_quantity(text)) for text in ("12.50", "100", "-0.0", "007.10")] == ["12.5", "100", "0", "7.1"]


@pytest.mark.parametrize(("quantity", "left"), [("-2.4999999999", True), ("-2.5", True), ("-2.5000000001", False)])
def test_units_go_out_down_to_none(quantity: str, left: bool) -> None:
    command = replace(MOVE, quantity=quantity)
    if left:
        assert isinstance(decide(command, held("2.5"), today=TODAY), HoldingMoved)
        return
    with pytest.raises(HoldingShort):
        decide(command, held("2.5"), today=TODAY)
    assert isinstance(decide(replace(command, allows_short=True), held("2.5"), today=TODAY), HoldingMoved)


def test_a_short_holding_takes_units_in_and_a_movement_of_none_is_refused() -> None:
    assert isinstance(decide(MOVE, held("-5"), today=TODAY), HoldingMoved)
    with pytest.raises(QuantityZero):
        decide(replace(MOVE, quantity="0.00"), held("1"), today=TODAY)


@pytest.mark.parametrize(("days", "may"), [(-1, True), (0, True), (1, False)])
def test_what_is_recorded_happened(days: int, may: bool) -> None:
    moved = replace(MOVE, moved_on=TODAY + timedelta(days=days))
    opened = replace(FLOW, opened_at=NOON + timedelta(days=days))
    for command in (moved, opened):
        if may:
            assert decide(command, held("0"), today=TODAY)
            continue
        with pytest.raises(InTheFuture):
            decide(command, held("0"), today=TODAY)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"amount": "0"}, NotPositive),
        ({"amount": "-5.00"}, NotPositive),
        ({"amount": "5.001"}, AmountTooPrecise),
        ({"currency": "XXX"}, UnknownCurrency),
    ],
)
def test_a_flow_has_a_positive_amount_of_a_currency(change: dict[str, Any], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        decide(replace(FLOW, **change), held("0"), today=TODAY)


@pytest.mark.parametrize(("seconds", "may"), [(-1, False), (0, True), (1, True)])
def test_a_flow_ends_when_it_began_at_the_earliest(seconds: int, may: bool) -> None:
    flow = FlowState(id=7, book=Book.UAE, opened_at=NOON, closed_at=None)
    command = SettleFlow(key="k", flow_id=7, settled_at=NOON + timedelta(seconds=seconds))
    standing = Standing(books=BooksStanding(flow=flow))
    if may:
        assert isinstance(decide(command, standing, today=TODAY), FlowSettled)
        return
    with pytest.raises(TooEarly):
        decide(command, standing, today=TODAY)


UNSOUND = {
    "no outside reference": (AddCustomer(key="k", book=Book.UAE, external_ref=" ", name="A"), TextInvalid),
    "a name that is too long": (AddCustomer(key="k", book=Book.UAE, external_ref="A", name="A" * 201), TextInvalid),
    "an instrument with a line break": (replace(MOVE, instrument="AA\nPL"), TextInvalid),
    "a source transaction of blanks": (replace(FLOW, source_txn_id=" "), TextInvalid),
    "no reason": (FailFlow(key="k", flow_id=1, failed_at=NOON, reason=""), TextInvalid),
    "a day before all books": (replace(MOVE, moved_on=date(1899, 12, 31)), DateOutOfRange),
    "a moment without a zone": (replace(FLOW, opened_at=datetime(2026, 3, 31)), MomentWithoutZone),  # noqa: DTZ001
    "a moment before all books": (replace(FLOW, opened_at=datetime(1, 1, 1, tzinfo=UTC)), DateOutOfRange),
    "flow 0": (SettleFlow(key="k", flow_id=0, settled_at=NOON), FlowUnknown),
    "an entry beyond all": (SettleFlow(key="k", flow_id=1, settled_at=NOON, entry_id=2**63), EntryUnknown),
    "remittance -1": (ReturnRemittance(key="k", remittance_id=-1, returned_on=TODAY), RemittanceUnknown),
}


@pytest.mark.parametrize(("command", "refusal"), UNSOUND.values(), ids=UNSOUND)
def test_what_cannot_be_is_refused_before_anything_is_looked_up(command: Any, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        check(command)


def test_every_fact_is_stored_and_told_again_as_it_was() -> None:
    of_alice: dict[str, Any] = {"book": Book.UAE, "metadata": {"why": ["x", 1]}}
    moved = {"source_system": "gtn", "source_txn_id": "T1", "customer_id": ALICE.id} | of_alice
    facts: tuple[BooksFact, ...] = (
        CustomerAdded(customer_id=ALICE.id, external_ref="A", name="Alice", **of_alice),
        WalletOpened(account_id=UUID(int=2), customer_id=ALICE.id, currency="USD", **of_alice),
        HoldingMoved(
            broker=Broker.ZAG,
            instrument="GOLD",
            quantity=Decimal("-0.0000000001"),
            moved_on=TODAY,
            allows_short=True,
            **moved,
        ),
        FlowOpened(kind=FlowKind.TRADE, amount=5, currency="JPY", opened_at=NOON, **moved),
        FlowSettled(flow_id=3, settled_at=NOON, entry_id=None, **of_alice),
        FlowFailed(flow_id=3, failed_at=NOON, reason="No", entry_id=4, **of_alice),
        RemittanceSent(
            customer_id=ALICE.id,
            amount=5,
            currency="USD",
            sent_on=TODAY,
            broker=Broker.VIEWTRADE,
            broker_ref="V1",
            entry_id=4,
            **of_alice,
        ),
        RemittanceReturned(remittance_id=5, returned_on=TODAY, **of_alice),
        SnapshotTaken(account_id=UUID(int=2), currency="USD", as_of=TODAY, balance=-(10**20), **of_alice),
    )
    assert {type(fact) for fact in facts} == set(get_args(BooksFact))
    assert tuple(fact_from(type(fact).__name__, body_of(fact)) for fact in facts) == facts
