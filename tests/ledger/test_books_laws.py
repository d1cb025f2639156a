"""The laws again, with customers, wallets, holdings, flows, remittances and snapshots among the commands.

The model is a handful of dictionaries. After every step a wallet has what its account has, holdings are the sums of
their movements and none is short that may not be, a flow or remittance ended at most once, and a snapshot says what the
account had when it was taken. What the journal's machine holds, this one holds too: refusals leave no trace, repeats
change nothing, and a replay gives what is stored.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import hypothesis
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine, text

from recon.model.books import (
    AddCustomer,
    Broker,
    CustomerAdded,
    FailFlow,
    FlowKind,
    MoveHolding,
    OpenFlow,
    OpenWallet,
    ReturnRemittance,
    SendRemittance,
    SettleFlow,
    TakeSnapshot,
)
from recon.model.ledger import AccountType, Book
from tests.ledger.builders import TODAY
from tests.ledger.test_laws import machine

MOVES = ("5", "1.5", "0.0000000001", "-1", "-1.5", "-5")
QUANTITIES = st.sampled_from([*MOVES, "0", "0.00000000001", "NaN"])
AGO = st.sampled_from([0, 0, 1, 1, 2, -1])
"""Days before the day of the command; -1 is tomorrow."""


def books_machine(engine: Engine) -> type[RuleBasedStateMachine]:
    """The journal's machine, and more commands."""

    class Laws(machine(engine)):  # type: ignore[misc]
        accounts = Bundle("accounts")
        entries = Bundle("entries")
        customers = Bundle("customers")
        flows = Bundle("flows")
        remittances = Bundle("remittances")

        def __init__(self) -> None:
            super().__init__()
            self.books: dict[UUID, Book] = {}
            self.refs: set[tuple[Book, str]] = set()
            self.wallets: dict[UUID, tuple[UUID, str]] = {}
            self.held: dict[tuple[UUID, Broker], Decimal] = defaultdict(Decimal)
            self.open_flows: dict[int, datetime] = {}
            self.ended_flows: set[int] = set()
            self.sent: dict[int, date] = {}
            self.returned: set[int] = set()
            self.snapshots: dict[tuple[UUID, date], int] = {}
            self.by_day: dict[tuple[UUID, date], int] = defaultdict(int)
            self.salt = uuid4().hex

        @property
        def today(self) -> date:
            day: date = self.ledger.today
            return day

        def before(self, days: int) -> date:
            return self.today - timedelta(days=days)

        def posts(self, command: Any, changes: dict[UUID, int], *, may: bool) -> Any:
            posted = super().posts(command, changes, may=may)
            if isinstance(posted, int):
                for account, amount in changes.items():
                    self.by_day[account, self.today] += amount
            return posted

        def wallet_of(self, account: UUID) -> tuple[Book, str]:
            opened = self.opened[account]
            return opened.book, opened.currency

        @initialize(target=customers)
        def one_customer_in_each_book(self) -> Any:
            return multiple(*(self.add_customer(book, "first") for book in Book))

        @initialize(target=accounts)
        def a_wallet_with_money(self) -> UUID:
            bank = self.open_account(Book.UAE, "USD", AccountType.LIABILITY, True)
            wallet = self.open_account(Book.UAE, "USD", AccountType.USER, False)
            self.transfer(bank, wallet, 20)
            self.open_wallet(self.add_customer(Book.UAE, "funded"), wallet)
            return wallet

        @rule()
        def the_next_day_comes(self) -> None:
            self.ledger.today += timedelta(days=1)

        @rule(target=customers, book=st.sampled_from(Book), ref=st.sampled_from(["A", "B", "C", "\x00"]))
        def add_customer(self, book: Book, ref: str) -> Any:
            external = f"{self.salt}{ref}"
            command = AddCustomer(key=uuid4().hex, book=book, external_ref=external, name=ref)
            event = self.send(command, may=(book, external) not in self.refs and ref != "\x00")
            if event is None:
                return multiple()
            assert isinstance(event.fact, CustomerAdded)
            self.refs.add((book, external))
            self.books[event.fact.customer_id] = book
            return event.fact.customer_id

        @rule(customer=customers, account=accounts)
        def open_wallet(self, customer: UUID, account: UUID) -> None:
            book, currency = self.wallet_of(account)
            may = (
                self.books[customer] is book
                and self.opened[account].type is AccountType.USER
                and account not in self.wallets
                and (customer, currency) not in self.wallets.values()
            )
            if self.send(OpenWallet(key=uuid4().hex, customer_id=customer, account_id=account), may=may):
                self.wallets[account] = (customer, currency)

        @rule(customer=customers, broker=st.sampled_from(Broker), quantity=QUANTITIES, short=st.booleans(), ago=AGO)
        def move_holding(self, customer: UUID, broker: Broker, quantity: str, short: bool, ago: int) -> None:
            command = MoveHolding(
                key=uuid4().hex,
                customer_id=customer,
                broker=broker,
                instrument="GOLD",
                quantity=quantity,
                moved_on=self.before(ago),
                allows_short=short,
            )
            may = quantity in MOVES and ago >= 0
            if may:
                left = self.held[customer, broker] + Decimal(quantity)
                may = left >= 0 or Decimal(quantity) > 0 or short
            if self.send(command, may=may):
                self.held[customer, broker] += Decimal(quantity)

        @rule(
            target=flows,
            customer=customers,
            kind=st.sampled_from(FlowKind),
            amount=st.sampled_from(["1.00", "1.00", "1.00", "0", "-1", "0.001"]),
            ago=AGO,
        )
        def open_flow(self, customer: UUID, kind: FlowKind, amount: str, ago: int) -> Any:
            at = datetime.combine(self.before(ago), time(12), UTC)
            command = OpenFlow(
                key=uuid4().hex, customer_id=customer, kind=kind, amount=amount, currency="USD", opened_at=at
            )
            event = self.send(command, may=amount == "1.00" and ago >= 0)
            if event is None:
                return multiple()
            self.open_flows[event.id] = at
            return event.id

        @rule(flow=flows, ago=AGO, fails=st.booleans())
        def end_flow(self, flow: int, ago: int, fails: bool) -> None:
            at = datetime.combine(self.before(ago), time(12), UTC)
            may = flow not in self.ended_flows and ago >= 0 and at >= self.open_flows[flow]
            command: Any = (
                FailFlow(key=uuid4().hex, flow_id=flow, failed_at=at, reason="No")
                if fails
                else SettleFlow(key=uuid4().hex, flow_id=flow, settled_at=at)
            )
            if self.send(command, may=may):
                self.ended_flows.add(flow)

        @rule(target=remittances, customer=customers, ref=st.sampled_from(["1", "2", "3"]), ago=AGO)
        def send_remittance(self, customer: UUID, ref: str, ago: int) -> Any:
            command = SendRemittance(
                key=uuid4().hex,
                customer_id=customer,
                amount="1.00",
                currency="USD",
                sent_on=self.before(ago),
                broker=Broker.VIEWTRADE,
                broker_ref=f"{self.salt}{ref}",
            )
            is_new = (Book.INDIA, command.broker_ref) not in self.refs
            event = self.send(command, may=self.books[customer] is Book.INDIA and ago >= 0 and is_new)
            if event is None:
                return multiple()
            self.refs.add((Book.INDIA, command.broker_ref))
            self.sent[event.id] = command.sent_on
            return event.id

        @rule(remittance=remittances, ago=AGO)
        def return_remittance(self, remittance: int, ago: int) -> None:
            command = ReturnRemittance(key=uuid4().hex, remittance_id=remittance, returned_on=self.before(ago))
            may = remittance not in self.returned and ago >= 0 and command.returned_on >= self.sent[remittance]
            if self.send(command, may=may):
                self.returned.add(remittance)

        @rule(account=accounts, ago=AGO, replaces=st.booleans())
        def take_snapshot(self, account: UUID, ago: int, replaces: bool) -> None:
            day = self.before(ago)
            command = TakeSnapshot(key=uuid4().hex, account_id=account, as_of=day, replaces=replaces)
            if self.send(command, may=ago > 0 and (replaces or (account, day) not in self.snapshots)):
                changes = ((on, amount) for (of, on), amount in self.by_day.items() if of == account)
                self.snapshots[account, day] = sum(amount for on, amount in changes if on <= day)

        @rule(entry=entries, flow=flows)
        def link_what_is_not_there(self, entry: int, flow: int) -> None:
            at = datetime.combine(self.today, time(12), UTC)
            self.send(SettleFlow(key=uuid4().hex, flow_id=entry, settled_at=at), may=False)
            self.send(SettleFlow(key=uuid4().hex, flow_id=flow, settled_at=at, entry_id=flow), may=False)
            self.send(ReturnRemittance(key=uuid4().hex, remittance_id=entry, returned_on=TODAY), may=False)

        @invariant()
        def what_is_kept_is_the_models(self) -> None:
            stored = {account: int(balance) for account, balance in self._rows("account_id, balance from wallet")}
            assert {account: stored[account] for account in self.wallets} == {
                account: self.balances[account] for account in self.wallets
            }
            holdings = {
                (customer, broker): quantity
                for customer, broker, quantity in self._rows("customer_id, broker, quantity from holding")
                if customer in self.books
            }
            assert holdings == {key: quantity for key, quantity in self.held.items() if key in holdings}
            assert all(key in holdings for key, quantity in self.held.items() if quantity)
            ended = self._rows("id from pending_flow where coalesce(settled_at, failed_at) is not null")
            assert {id_ for (id_,) in ended} & self.open_flows.keys() == self.ended_flows
            returned = self._rows("id from lrs_remittance where returned_on is not null")
            assert {id_ for (id_,) in returned} & self.sent.keys() == self.returned
            snapshots = {
                (account, day): int(balance)
                for account, day, balance in self._rows("account_id, as_of, balance from balance_snapshot")
                if account in self.balances
            }
            assert snapshots == self.snapshots

        def _rows(self, query: str) -> list[tuple[Any, ...]]:
            with engine.connect() as conn:
                return [tuple(row) for row in conn.execute(text(f"select {query}"))]

    return Laws


def test_no_order_of_commands_breaks_a_law(engine: Engine) -> None:
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        books_machine(engine),
        settings=hypothesis.settings(
            max_examples=8, stateful_step_count=50, suppress_health_check=list(hypothesis.HealthCheck)
        ),
    )
