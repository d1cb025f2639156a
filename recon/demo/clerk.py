"""Who sends the sample ledger's commands, each with a key of its own that starts with `sample`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Engine

from recon.demo.clients import CURRENCY, Client
from recon.model.books import (
    AddCustomer,
    Book,
    Broker,
    CustomerAdded,
    FlowKind,
    OpenFlow,
    OpenWallet,
    SendRemittance,
    TakeSnapshot,
)
from recon.model.ledger import AccountOpened, AccountType, LedgerEvent, OpenAccount, Transfer
from recon.workflows.command_ledger import command_ledger

BANK: Final = "bank"
"""The system deposits, withdrawals and remittances come from; trades come from their broker."""


FLOW: Final = "FLOW"
"""What the bank's names of flows start with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    customer_id: UUID
    wallet: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Clerk:
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

    def client(self, client: Client) -> Person:
        """The customer with a wallet."""
        ref = client.external_ref
        fact = self.send(
            AddCustomer(key=f"sample customer {ref}", book=client.book, external_ref=ref, name=client.name)
        ).fact
        assert isinstance(fact, CustomerAdded)
        wallet = self.account(client.book, client.name, AccountType.USER)
        self.send(OpenWallet(key=f"sample wallet {ref}", customer_id=fact.customer_id, account_id=wallet))
        return Person(customer_id=fact.customer_id, wallet=wallet)

    def transfer(self, source: UUID, destination: UUID, amount: str, *, key: str, **more: Any) -> LedgerEvent:
        moved: dict[str, Any] = {
            "source_account_id": source,
            "destination_account_id": destination,
            "currency": CURRENCY,
        }
        return self.send(Transfer(key=f"sample {key}", amount=amount, **moved, **more))

    def remit(self, person: Person, amount: str, sent_on: date, *, name: str, entry_id: int | None = None) -> None:
        self.send(
            SendRemittance(
                key=f"sample LRS {name}",
                customer_id=person.customer_id,
                amount=amount,
                currency=CURRENCY,
                sent_on=sent_on,
                broker=Broker.VIEWTRADE,
                broker_ref=f"LRS-{name}",
                entry_id=entry_id,
            )
        )

    def snapshots(self, accounts: Iterable[UUID], as_of: date, *, of_weeks: int) -> None:
        """Taken anew when more weeks are loaded than before, since those come earlier."""
        for id_ in accounts:
            key = f"sample snapshot {id_} {as_of} {of_weeks}"
            self.send(TakeSnapshot(key=key, account_id=id_, as_of=as_of, replaces=True))


def deposit_of(client: Client) -> FlowKind:
    return FlowKind.REMITTANCE if client.book is Book.INDIA else FlowKind.DEPOSIT


def open_flow(clerk: Clerk, person: Person, kind: FlowKind, amount: str, *, name: str, at: datetime) -> LedgerEvent:
    return clerk.send(
        OpenFlow(
            key=f"sample flow {kind} {name}",
            customer_id=person.customer_id,
            kind=kind,
            amount=amount,
            currency=CURRENCY,
            opened_at=at,
            source_system=BANK,
            source_txn_id=f"{FLOW}-{kind.upper()}-{name}",
        )
    )
