"""The sample company's ledger: two books in which clients pay in, invest and withdraw, week after week.

Every command has a key of its own, so that loading it again adds only what is new. Known to be wrong: one flow that
should have ended long ago.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Engine

from recon.demo.clerk import BANK, Clerk, Person, deposit_of, open_flow
from recon.demo.clients import ALICE, BOB, CURRENCY, FEE, INVESTORS, Week, week_of
from recon.demo.on_its_way import FORGOTTEN, STILL_WAITING, Waiting, forget_one
from recon.model.books import Book, FlowKind, MoveHolding, SettleFlow
from recon.model.ledger import AccountType, LedgerEvent, PostEntry, WantedLine
from recon.money import to_text

HOUSE: Final = {
    "Float": AccountType.LIABILITY,
    "Client securities": AccountType.ASSET,
    "Fees receivable": AccountType.ASSET,
    "Fee income": AccountType.INCOME,
}
"""The company's own accounts in each book."""


def load_books(engine: Engine, *, actor: str, today: date, mondays: Iterable[date]) -> None:
    """Open both books, let Alice pay Bob, and then a week of every investor's doings from each Monday."""
    weeks = tuple(mondays)
    clerk = Clerk(engine=engine, actor=actor, today=today)
    houses = {book: {name: clerk.account(book, name, type_) for name, type_ in HOUSE.items()} for book in Book}
    _tell_of_alice_and_bob(clerk, houses[Book.UAE]["Float"])
    people = {client: clerk.client(client) for client in INVESTORS}
    waiting = [Waiting(clerk=clerk, client=c, person=people[c], house=houses[c.book]) for c in STILL_WAITING]
    for one in waiting:
        one.let_earlier_arrive()
    for monday in weeks:
        for client, person in people.items():
            _Week(clerk=clerk, of=week_of(client, monday), person=person, house=houses[client.book]).happen()
    accounts = [id_ for house in houses.values() for id_ in house.values()] + [p.wallet for p in people.values()]
    for monday in weeks:
        clerk.snapshots(accounts, monday + timedelta(days=6), of_weeks=len(weeks))
    for one in waiting:
        one.set_out()
    forget_one(clerk, people[FORGOTTEN], min(weeks, default=today))


def _tell_of_alice_and_bob(clerk: Clerk, float_account: UUID) -> None:
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

    clerk: Clerk
    of: Week
    person: Person
    house: Mapping[str, UUID]

    def happen(self) -> None:
        self._pay_in()
        self._trade("buy", sign=1, days=2)
        if self.of.sold:
            self._trade("sell", sign=-1, days=3)
        if self.of.withdrawal:
            self._withdraw()

    def _pay_in(self) -> None:
        """It left on Monday and is there on Tuesday; out of India it is a remittance."""
        amount, kind = to_text(self.of.deposit, CURRENCY), deposit_of(self.of.client)
        flow = self._flow(kind, amount, days=0)
        entry = self._booked(self.house["Float"], self.person.wallet, amount, kind, days=1)
        if kind is FlowKind.REMITTANCE:
            self.clerk.remit(self.person, amount, self._day(0), name=self.of.name, entry_id=entry.id)
        self._settled(flow, entry, kind, days=1)

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
        return open_flow(self.clerk, self.person, kind, amount, name=self.of.name, at=at)

    def _settled(self, flow: LedgerEvent, entry: LedgerEvent, kind: FlowKind, *, days: int) -> None:
        at = datetime.combine(self._day(days), time(14, 30), UTC)
        key = f"sample settled {kind} {self.of.name}"
        self.clerk.send(SettleFlow(key=key, flow_id=flow.id, settled_at=at, entry_id=entry.id))

    def _day(self, days: int) -> date:
        return self.of.monday + timedelta(days=days)
