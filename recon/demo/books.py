"""The sample company's ledger: two books in which clients pay in, invest and withdraw, week after week.

Every command has a key of its own, so that loading it again adds only what is new. Known to be wrong: one flow that
should have ended long ago.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Engine

from recon.demo.clients import ALICE, BOB, CURRENCY, FEE, INVESTORS, Client, Week, week_of
from recon.ledger.refusals import KeyReused
from recon.model.books import (
    AddCustomer,
    Book,
    CustomerAdded,
    FlowKind,
    MoveHolding,
    OpenFlow,
    OpenWallet,
    SendRemittance,
    SettleFlow,
    TakeSnapshot,
)
from recon.model.ledger import AccountOpened, AccountType, LedgerEvent, OpenAccount, PostEntry, Transfer, WantedLine
from recon.money import to_text
from recon.workflows.command_ledger import command_ledger

BANK: Final = "bank"
"""The system deposits, withdrawals and remittances come from; trades come from their broker."""

HOUSE: Final = {
    "Float": AccountType.LIABILITY,
    "Client securities": AccountType.ASSET,
    "Fees receivable": AccountType.ASSET,
    "Fee income": AccountType.INCOME,
}
"""The company's own accounts in each book."""

STILL_WAITING: Final = ("Fatima Rahman", "Priya Sharma")
"""Whose deposit of the week that has begun is on its way."""

FORGOTTEN: Final = "Omar Haddad"
"""Whose withdrawal never ended."""

STALE_AFTER: Final = timedelta(weeks=5)
"""How long before the first week the stale flow was opened."""


def load_books(engine: Engine, *, actor: str, today: date, mondays: Iterable[date]) -> None:
    """Open both books, let Alice pay Bob, and then a week of every investor's doings from each Monday."""
    weeks = tuple(mondays)
    this_monday = today - timedelta(days=today.weekday())
    clerk = _Clerk(engine=engine, actor=actor, today=today)
    houses = {book: {name: clerk.account(book, name, type_) for name, type_ in HOUSE.items()} for book in Book}
    _tell_of_alice_and_bob(clerk, houses[Book.UAE]["Float"])
    people = {client: clerk.client(client) for client in INVESTORS}
    for monday in weeks:
        for client, person in people.items():
            _Week(clerk=clerk, of=week_of(client, monday), person=person, house=houses[client.book]).happen()
    accounts = [id_ for house in houses.values() for id_ in house.values()] + [p.wallet for p in people.values()]
    for monday in weeks:
        clerk.snapshots(accounts, monday + timedelta(days=6), of_weeks=len(weeks))
    for client, person in people.items():
        if client.name in STILL_WAITING:
            _Week(clerk=clerk, of=week_of(client, this_monday), person=person, house=houses[client.book]).set_out()
    forgetful = next(person for client, person in people.items() if client.name == FORGOTTEN)
    _forget_one(clerk, forgetful, min(weeks, default=this_monday))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Person:
    customer_id: UUID
    wallet: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class _Clerk:
    """Sends commands; their keys start with `sample`."""

    engine: Engine
    actor: str
    today: date

    def send(self, command: Any) -> LedgerEvent:
        return command_ledger(self.engine, command, actor=self.actor, today=self.today)

    def account(self, book: Book, name: str, type_: AccountType) -> UUID:
        key = f"sample account {book} {name}"
        fact = self.send(OpenAccount(key=key, book=book, currency=CURRENCY, type=type_, metadata={"name": name})).fact
        assert isinstance(fact, AccountOpened)
        return fact.account_id

    def client(self, client: Client) -> _Person:
        """The customer with a wallet."""
        ref = client.external_ref
        fact = self.send(
            AddCustomer(key=f"sample customer {ref}", book=client.book, external_ref=ref, name=client.name)
        ).fact
        assert isinstance(fact, CustomerAdded)
        wallet = self.account(client.book, client.name, AccountType.USER)
        self.send(OpenWallet(key=f"sample wallet {ref}", customer_id=fact.customer_id, account_id=wallet))
        return _Person(customer_id=fact.customer_id, wallet=wallet)

    def transfer(self, source: UUID, destination: UUID, amount: str, *, key: str, **more: Any) -> LedgerEvent:
        moved: dict[str, Any] = {
            "source_account_id": source,
            "destination_account_id": destination,
            "currency": CURRENCY,
        }
        return self.send(Transfer(key=f"sample {key}", amount=amount, **moved, **more))

    def snapshots(self, accounts: Iterable[UUID], as_of: date, *, of_weeks: int) -> None:
        """Taken anew when more weeks are loaded than before, since those come earlier."""
        for id_ in accounts:
            key = f"sample snapshot {id_} {as_of} {of_weeks}"
            self.send(TakeSnapshot(key=key, account_id=id_, as_of=as_of, replaces=True))


def _tell_of_alice_and_bob(clerk: _Clerk, float_account: UUID) -> None:
    alice, bob = (clerk.client(client).wallet for client in (ALICE, BOB))
    for source, destination, amount, why in (
        (float_account, alice, "500.00", "Funding"),
        (alice, bob, "100.00", "Payment"),
        (bob, alice, "50.00", "Refund"),
    ):
        clerk.transfer(source, destination, amount, key=why, metadata={"description": why})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Week:
    """One client's week, as commands."""

    clerk: _Clerk
    of: Week
    person: _Person
    house: Mapping[str, UUID]

    def happen(self) -> None:
        self._pay_in()
        self._trade("buy", sign=1, days=2)
        if self.of.sold:
            self._trade("sell", sign=-1, days=3)
        if self.of.withdrawal:
            self._withdraw()

    def set_out(self) -> LedgerEvent:
        """On Monday the deposit leaves the client's bank; out of India by remittance."""
        kind, amount = self._deposit()
        if kind is FlowKind.REMITTANCE:
            self.clerk.send(
                SendRemittance(
                    key=f"sample LRS {self.of.name}",
                    customer_id=self.person.customer_id,
                    amount=amount,
                    currency=CURRENCY,
                    sent_on=self.of.monday,
                    broker=self.of.client.broker,
                    broker_ref=f"LRS-{self.of.name}",
                )
            )
        return self._flow(kind, amount, days=0)

    def _pay_in(self) -> None:
        """On Tuesday it is there."""
        kind, amount = self._deposit()
        flow = self.set_out()
        entry = self._booked(self.house["Float"], self.person.wallet, amount, kind, days=1)
        self._settled(flow, entry, kind, days=1)

    def _deposit(self) -> tuple[FlowKind, str]:
        kind = FlowKind.REMITTANCE if self.of.client.book is Book.INDIA else FlowKind.DEPOSIT
        return kind, to_text(self.of.deposit, CURRENCY)

    def _withdraw(self) -> None:
        amount = to_text(self.of.withdrawal, CURRENCY)
        flow = self._flow(FlowKind.WITHDRAWAL, amount, days=4)
        entry = self._booked(self.person.wallet, self.house["Float"], amount, FlowKind.WITHDRAWAL, days=4)
        self._settled(flow, entry, FlowKind.WITHDRAWAL, days=4)

    def _trade(self, side: str, *, sign: int, days: int) -> None:
        """Units against money, and the broker's fee, which the company keeps."""
        quantity = self.of.bought if sign > 0 else self.of.sold
        what = f"{side.capitalize()} {quantity} {self.of.instrument}"
        origin: dict[str, Any] = {
            "source_system": self.of.client.broker.value,
            "source_txn_id": f"{side.upper()}-{self.of.name}",
            "metadata": {"description": what, "counterparty": self.of.client.broker.value},
        }
        moved_on = self._day(days)
        cost, fee = self.of.cost(quantity), to_text(FEE, CURRENCY)
        into, out = (cost, f"-{cost}") if sign > 0 else (f"-{cost}", cost)
        lines = (
            (self.person.wallet, out),
            (self.house["Client securities"], into),
            (self.person.wallet, f"-{fee}"),
            (self.house["Float"], fee),
            (self.house["Fees receivable"], fee),
            (self.house["Fee income"], f"-{fee}"),
        )
        wanted = tuple(WantedLine(account_id=id_, amount=amount, currency=CURRENCY) for id_, amount in lines)
        key, book = f"sample {side} {self.of.name}", self.of.client.book
        self.clerk.send(PostEntry(key=key, book=book, lines=wanted, booked_on=moved_on, **origin))
        self.clerk.send(
            MoveHolding(
                key=f"{key} units",
                customer_id=self.person.customer_id,
                broker=self.of.client.broker,
                instrument=self.of.instrument,
                quantity=str(sign * quantity),
                moved_on=moved_on,
                **origin,
            )
        )

    def _booked(self, source: UUID, destination: UUID, amount: str, kind: FlowKind, *, days: int) -> LedgerEvent:
        said = {"description": kind.value.capitalize(), "counterparty": self.of.client.name}
        return self.clerk.transfer(
            source,
            destination,
            amount,
            key=f"{kind} {self.of.name}",
            booked_on=self._day(days),
            source_system=BANK,
            source_txn_id=f"{kind.upper()}-{self.of.name}",
            metadata=said,
        )

    def _flow(self, kind: FlowKind, amount: str, *, days: int) -> LedgerEvent:
        at = datetime.combine(self._day(days), time(9, 15), UTC)
        return _open(self.clerk, self.person, kind, amount, name=self.of.name, at=at)

    def _settled(self, flow: LedgerEvent, entry: LedgerEvent, kind: FlowKind, *, days: int) -> None:
        at = datetime.combine(self._day(days), time(14, 30), UTC)
        key = f"sample settled {kind} {self.of.name}"
        self.clerk.send(SettleFlow(key=key, flow_id=flow.id, settled_at=at, entry_id=entry.id))

    def _day(self, days: int) -> date:
        return self.of.monday + timedelta(days=days)


def _forget_one(clerk: _Clerk, person: _Person, first_on: date) -> None:
    at = datetime.combine(first_on - STALE_AFTER, time(16, 40), UTC)
    with suppress(KeyReused):  # it is there since an earlier load, on another day
        _open(clerk, person, FlowKind.WITHDRAWAL, "750.00", name="stale", at=at)


def _open(clerk: _Clerk, person: _Person, kind: FlowKind, amount: str, *, name: str, at: datetime) -> LedgerEvent:
    return clerk.send(
        OpenFlow(
            key=f"sample flow {kind} {name}",
            customer_id=person.customer_id,
            kind=kind,
            amount=amount,
            currency=CURRENCY,
            opened_at=at,
            source_system=BANK,
            source_txn_id=f"FLOW-{kind.upper()}-{name}",
        )
    )
